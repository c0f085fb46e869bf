"""Uploads as a source: what somebody has sent becomes a dataset like what was fetched."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Final

from growth_admin.core.errors import InvalidInput, NotFound, StorageUnavailable
from growth_admin.core.fsops import make_folder, storage_errors
from growth_admin.datasets.facts import Checksum, Control, FetchedFile, Listing, RemoteFile
from growth_admin.datasets.models import Upload
from growth_admin.datasets.sources.names import distinct_names, safe_name, safe_path, safe_top_name
from growth_admin.datasets.uploads.record import (
    BATCH_LINK,
    LINK,
    checked_batch,
    files_of_batch,
)
from growth_admin.datasets.uploads.store import UploadStore

_CANNOT_LINK: Final = (errno.EPERM, errno.EXDEV, errno.EMLINK, errno.EOPNOTSUPP, errno.EACCES)


class StoredUpload:
    """The bytes of a complete upload (``facts.Opened``)."""

    is_ranged = True

    def __init__(self, path: Path, upload: Upload, start: int, end: int | None) -> None:
        self.start = start
        self.total_bytes: int | None = upload.size_bytes
        self.validator = upload.id
        self._left_bytes = (upload.size_bytes if end is None else end) - start
        self._file = path.open("rb", buffering=0)
        self._file.seek(start)

    def readinto(self, buffer: memoryview) -> int:
        """Fill the buffer and return how many bytes, 0 at the end."""
        count = self._file.readinto(buffer[: max(0, self._left_bytes)]) or 0
        self._left_bytes -= count
        return count

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class UploadSource:
    """Links ``upload:<id>`` and ``upload:batch:<batch>``."""

    kind = "upload"

    def __init__(self, store: UploadStore) -> None:
        self._store = store

    def recognises(self, link: str) -> bool:
        """Return whether the link names an upload."""
        return link.startswith(LINK)

    def list_files(self, link: str, *, limit_s: float, control: Control) -> Listing:
        """Return the uploads that a link stands for.

        Raises ``NotFound``, and ``InvalidInput`` when a file has not arrived yet.
        """
        if not link.startswith(BATCH_LINK):
            upload = self._store.get_upload(link.removeprefix(LINK))
            _check_complete([upload])
            path = safe_top_name(upload.file_name)
            return self._listing(link, [upload], [path], title=upload.file_name)
        batch = checked_batch(link.removeprefix(BATCH_LINK))
        uploads = _furthest(self._store.list_uploads(batch))
        _check_all_begun(batch, len(uploads))
        _check_complete(uploads)
        top, paths = _places(uploads)
        title = top or f"{len(uploads)} files"
        return self._listing(link, uploads, paths, title=title, is_folder=True)

    def open(
        self, file: RemoteFile, *, start: int = 0, end: int | None = None, validator: str = ""
    ) -> StoredUpload:
        """Open a complete upload. Raises ``NotFound`` or ``InvalidInput``."""
        upload = self._store.get_upload(file.locator["upload"])
        _check_complete([upload])
        path = self._store.get_files(upload.id).data
        with storage_errors(path):
            return StoredUpload(path, upload, start, end)

    def take(self, file: RemoteFile, into: Path, *, control: Control | None = None) -> FetchedFile:
        """Put the upload at ``into/<file.path>`` without copying its bytes, where that is possible.

        It stays an upload too, so that a job that fails loses nothing; ``release`` ends that.
        Safe to repeat. Raises ``NotFound``, ``InvalidInput`` when bytes are missing,
        ``StorageFull`` and ``StorageUnavailable``.
        """
        upload = self._store.get_upload(file.locator["upload"])
        _check_complete([upload])
        sha256 = self._store.settle_sha256(upload.id, control)
        files = self._store.get_files(upload.id)
        target = into / safe_path(file.path)
        with storage_errors(target):
            make_folder(target.parent)
            target.unlink(missing_ok=True)
            self._link_or_copy(files.data, target)
        if target.stat().st_size != upload.size_bytes:
            raise StorageUnavailable(f"{target} is not {upload.size_bytes} bytes long.")
        verified_with = "" if files.unchecked.exists() else "sha256"
        return FetchedFile(file.path, upload.size_bytes, sha256, verified_with, dict(file.locator))

    def release(self, link: str) -> None:
        """Delete the published uploads that a link stands for, as far as they are still there."""
        upload_ids = [link.removeprefix(LINK)]
        if link.startswith(BATCH_LINK):
            batch = checked_batch(link.removeprefix(BATCH_LINK))
            upload_ids = [upload.id for upload in self._store.list_uploads(batch)]
        for upload_id in upload_ids:
            with suppress(NotFound):
                self._store.release_upload(upload_id)

    def _link_or_copy(self, data: Path, target: Path) -> None:
        """Somebody else's file is copied: its owner would keep the right to write it."""
        if data.stat().st_uid == os.geteuid():
            try:
                os.link(data, target)
                return
            except OSError as e:
                if e.errno not in _CANNOT_LINK:
                    raise
        shutil.copyfile(data, target)
        with target.open("rb+") as file:
            os.fsync(file.fileno())

    def _listing(
        self,
        link: str,
        uploads: list[Upload],
        paths: list[str],
        *,
        title: str,
        is_folder: bool = False,
    ) -> Listing:
        found = tuple(
            RemoteFile(
                path=path,
                locator={"upload": upload.id},
                size_bytes=upload.size_bytes,
                checksum=Checksum("sha256", upload.sha256) if upload.sha256 else None,
                validator=upload.id,
            )
            for upload, path in zip(uploads, paths, strict=True)
        )
        name = safe_name(title).partition(".")[0]
        newest = max(upload.created for upload in uploads)
        return Listing(self.kind, title, name, link, found, is_folder, modified=newest.isoformat())


def _furthest(uploads: Sequence[Upload]) -> list[Upload]:
    """Return one upload per place: a request that was cut off may have left a second one."""
    best: dict[str, Upload] = {}
    for upload in uploads:
        place = upload.relative_path or upload.file_name
        if place not in best or upload.offset_bytes > best[place].offset_bytes:
            best[place] = upload
    return list(best.values())


def _check_all_begun(batch: str, count: int) -> None:
    expected = files_of_batch(batch)
    if count < expected:
        raise InvalidInput(
            f"{count} of {expected} files of this drop are here.",
            hint="Choose the same files again in the upload panel: what is here is not sent again.",
        )


def _check_complete(uploads: list[Upload]) -> None:
    missing = [upload for upload in uploads if not upload.is_complete]
    if missing:
        first = missing[0]
        raise InvalidInput(
            f"{len(missing)} of {len(uploads)} files have not arrived; of {first.file_name} "
            f"{first.offset_bytes} of {first.size_bytes} bytes are here.",
            hint="Choose the same file again in the upload panel: it goes on where it stopped.",
        )


def _places(uploads: list[Upload]) -> tuple[str, list[str]]:
    """Return the name of the one folder that was dropped, if it was one, and each file's place."""
    given = [PurePosixPath(u.relative_path or u.file_name).parts or ("unnamed",) for u in uploads]
    tops = {parts[0] for parts in given}
    top = tops.pop() if len(tops) == 1 and all(len(parts) > 1 for parts in given) else ""
    inner = [parts[1:] if top else parts for parts in given]
    by_folder: dict[tuple[str, ...], list[int]] = {}
    for index, parts in enumerate(inner):
        by_folder.setdefault(_safe_folder(parts[:-1]), []).append(index)
    paths = [""] * len(uploads)
    for folder, indexes in by_folder.items():
        leaves = [(inner[i][-1], uploads[i].id) for i in indexes]
        for i, name in zip(indexes, distinct_names(leaves, is_top=not folder), strict=True):
            paths[i] = "/".join((*folder, name))
    return top, paths


def _safe_folder(parts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        safe_name(part) if depth else safe_top_name(part) for depth, part in enumerate(parts)
    )
