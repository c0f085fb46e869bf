"""Files on their way from somebody's computer, and those that wait to be published.

One folder per upload: ``data`` (its size is the offset), ``info.json`` (written once), and small
marks, see ``writer``. The folder is shared by those who may write it; each upload belongs to the
user who began it.
"""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from growth_admin.core.errors import Conflict, Forbidden, NotFound, StorageFull
from growth_admin.core.fsops import list_names, make_folder, storage_errors
from growth_admin.core.schema import now
from growth_admin.datasets.facts import Checksum, Control
from growth_admin.datasets.models import Upload, UploadList
from growth_admin.datasets.uploads.faults import UploadBusy, UploadTooLarge
from growth_admin.datasets.uploads.files import UploadFiles, new_file
from growth_admin.datasets.uploads.hashing import Digest, digest_of
from growth_admin.datasets.uploads.lock import UploadLock
from growth_admin.datasets.uploads.record import (
    ID_LENGTH,
    NewUpload,
    UploadRecord,
)
from growth_admin.datasets.uploads.shelf import UploadShelf
from growth_admin.datasets.uploads.writer import UploadWriter

KEEP_S: Final = 7 * 86400.0
TAKE_OVER_S: Final = 5.0
"""A request that has sent nothing for so long gives way: its connection has probably dropped."""
REHASH_BYTES: Final = 1024**3
"""How much is read again before the first write after a restart; more waits until it is used."""
SILENT_S: Final = 600.0
"""A request that has sent nothing for so long is ended, though its connection looks alive."""
UNBORN_S: Final = 3600.0
"""After this a folder without ``info.json`` is what a killed server left."""


class UploadStore(UploadShelf):
    """The uploads below one folder, as one user's server sees and changes them."""

    def __init__(
        self,
        folder: Path,
        *,
        user: str,
        limit_bytes: int,
        keep_s: float = KEEP_S,
        publishing: Callable[[], dict[str, str]] = dict,
    ) -> None:
        super().__init__(folder, keep_s=keep_s)
        self.limit_bytes = limit_bytes
        self.list_publishing = publishing
        """Returns the links that jobs publish which have not ended, with the job's id."""
        self._user = user
        self._writers: dict[str, UploadWriter] = {}
        self._digests: dict[str, Digest] = {}
        self._told: set[tuple[str, str]] = set()

    def list_with_jobs(self, batch: str = "") -> UploadList:
        """Return all uploads, or those of one batch, and which links jobs publish."""
        return UploadList(uploads=self.list_uploads(batch), publishing=self.list_publishing())

    # -- change

    def create_upload(self, wanted: NewUpload) -> Upload:
        """Begin an upload. Raises ``UploadTooLarge`` or ``StorageFull`` before a byte is sent."""
        self._check_room(wanted.size_bytes)
        upload_id = secrets.token_hex(ID_LENGTH // 2)
        record = UploadRecord(**dict(wanted), id=upload_id, created=now(), created_by=self._user)
        files = self._files(upload_id)
        with storage_errors(files.folder):
            make_folder(files.folder, is_private=True)
            new_file(files.data)
            digest = digest_of(files.data, 0)
            if not wanted.size_bytes:
                files.sha256.write_text(digest.state.hexdigest())
            new_file(files.info, record.model_dump_json().encode())
        with self._guard:
            self._records[upload_id] = record
            self._digests[upload_id] = digest
        return self._as_upload(record)

    def is_news(self, upload: Upload, what: str) -> bool:
        """Return whether ``what`` happens to the upload's batch for the first time.

        A folder of 10,000 files is one thing that somebody sends, not 10,000. Always true for an
        upload without a batch, and again after the batch was deleted.
        """
        others = ("begun", "arrived") if what == "deleted" else ("deleted",)
        mark = (upload.batch, what)
        with self._guard:
            if not upload.batch or mark in self._told:
                return not upload.batch
            self._told -= {(upload.batch, other) for other in others}
            self._told.add(mark)
            return True

    def write(
        self, upload_id: str, offset_bytes: int, checksum: Checksum | None = None
    ) -> UploadWriter:
        """Return what writes the bytes from ``offset_bytes`` on; end it with finish or keep.

        Raises ``NotFound``, ``Forbidden`` for somebody else's upload, ``UploadBusy``, and
        ``Conflict`` (``context`` has ``offset_bytes``) when the upload is at another offset.
        """
        record, files = self._record(upload_id), self._files(upload_id)
        self._check_owner(record)
        self._stop_silent_writer(upload_id)
        lock = UploadLock(files.lock)
        with storage_errors(files.folder):
            lock.acquire()
            try:
                there_bytes = files.recover()
                if there_bytes != offset_bytes:
                    raise Conflict(
                        f"The upload has {there_bytes} bytes, not {offset_bytes}.",
                        hint="Go on from the offset that the upload has.",
                        context={"offset_bytes": there_bytes},
                    )
                digest = self._digest(files, there_bytes)
                writer = UploadWriter(
                    files, record, lock, digest=digest, checksum=checksum, on_end=self._ended
                )
            except BaseException:
                lock.release()
                raise
        with self._guard:
            self._writers[upload_id] = writer
        return writer

    def delete_upload(self, upload_id: str, *, is_admin: bool = False) -> Upload:
        """Delete one's own upload, or as an admin anybody's; return what it was.

        Raises ``NotFound``, ``Forbidden``, ``UploadBusy`` while another server writes it, and
        ``Conflict`` while a job publishes it or its batch.
        """
        record = self._record(upload_id)
        if not is_admin:
            self._check_owner(record)
        publishing = self.list_publishing()
        for link in record.links:
            if link in publishing:
                raise Conflict(
                    f"{record.file_name} is being published.",
                    hint="Cancel that job first; it has to have ended. Or let it end: what was "
                    "published is taken off the server by itself.",
                    context={"job": publishing[link]},
                )
        return self.release_upload(upload_id)

    def release_upload(self, upload_id: str) -> Upload:
        """Delete an upload whoever sent it, published by a job or not; return what it was.

        Raises ``NotFound``, and ``UploadBusy`` while another server writes it.
        """
        record, files = self._record(upload_id), self._files(upload_id)
        deleted = self._as_upload(record)
        with self._guard:
            writer = self._writers.get(upload_id)
        if writer:
            writer.keep()
        with storage_errors(files.folder):
            UploadLock(files.lock).acquire()
            self._remove(upload_id)
        return deleted

    def purge_expired(self, now_s: float | None = None) -> int:
        """Delete what nobody has gone on with; return how many bytes that freed.

        What a job publishes stays until that has ended: it may rest for weeks.
        """
        now_s = time.time() if now_s is None else now_s
        with self._guard:
            silent = [writer for writer in self._writers.values() if writer.silent_s > SILENT_S]
        for writer in silent:
            writer.keep()
        publishing, freed_bytes = self.list_publishing(), 0
        for name in list_names(self._folder):
            files = UploadFiles(self._folder / name)
            is_born = files.info.exists()
            seen = files.data if is_born else files.folder
            with suppress(OSError):  # another server may purge at the same time
                last_s = seen.stat().st_mtime
                is_old = now_s - last_s > (self._keep_s if is_born else UNBORN_S)
                if is_old and not self._is_among(name, publishing):
                    freed_bytes += files.data.stat().st_size if files.data.exists() else 0
                    self._remove(name)
        return freed_bytes

    def _is_among(self, name: str, links: dict[str, str]) -> bool:
        """Return whether one of the links stands for the upload, or for more with it."""
        with suppress(NotFound):
            return any(link in links for link in self._record(name).links)
        return False

    def settle_sha256(self, upload_id: str, control: Control | None = None) -> str:
        """Return the SHA-256 of a complete upload; reads it if that is not known yet.

        Raises ``NotFound``, ``Conflict`` when bytes are missing.
        """
        record, files = self._record(upload_id), self._files(upload_id)
        upload = self._as_upload(record)
        if not upload.is_complete:
            raise Conflict(
                f"{upload.file_name} has not arrived: {upload.offset_bytes} of "
                f"{upload.size_bytes} bytes are here.",
                hint="Choose the file again and wait until it has been sent.",
            )
        if upload.sha256:
            return upload.sha256
        with storage_errors(files.data):
            found = digest_of(files.data, record.size_bytes, control).state.hexdigest()
            files.sha256.write_text(found)
        return found

    # -- inside

    def _check_room(self, size_bytes: int) -> None:
        """Raise when a user has too much under way, or the disk could never take it."""
        own = (record for record in self._recent_records() if record.created_by == self._user)
        waiting = sum(record.size_bytes for record in own)
        if waiting + size_bytes > self.limit_bytes:
            raise UploadTooLarge(
                f"{size_bytes} bytes are more than the {self.limit_bytes - waiting} of "
                f"{self.limit_bytes} that {self._user} may still send.",
                hint="Publish or delete what you have sent, or ask an admin for a higher limit. "
                "Larger data come by a link, or from a folder on the hub.",
            )
        with storage_errors(self._folder):
            make_folder(self._folder, is_private=True)
            free_bytes = shutil.disk_usage(self._folder).free
        if size_bytes > free_bytes:
            raise StorageFull(
                f"The file has {size_bytes} bytes, and {free_bytes} are free on the shared disk.",
                hint="Delete old versions or datasets, then send it again.",
            )

    def _check_owner(self, record: UploadRecord) -> None:
        if record.created_by != self._user:
            raise Forbidden(
                f"{record.file_name} is being sent by {record.created_by}.",
                hint="Send a file of your own. An admin can delete this one.",
            )

    def _stop_silent_writer(self, upload_id: str) -> None:
        """Let a new request take the place of one whose connection has probably dropped."""
        with self._guard:
            writer = self._writers.get(upload_id)
        if writer is None:
            return
        if writer.silent_s < TAKE_OVER_S:
            raise UploadBusy("Another request is sending bytes of this upload.")
        writer.keep()

    def _digest(self, files: UploadFiles, offset_bytes: int) -> Digest | None:
        """Return the digest of what is there, or nothing if that takes too long for a request."""
        with self._guard:
            known = self._digests.pop(files.folder.name, None)
        if known and known.offset_bytes == offset_bytes:
            return known
        return digest_of(files.data, offset_bytes) if offset_bytes <= REHASH_BYTES else None

    def _ended(self, writer: UploadWriter, digest: Digest | None) -> None:
        """Keep the digest for the next request of an upload that is not whole yet."""
        upload_id = writer.record.id
        with self._guard:
            if self._writers.get(upload_id) is writer:
                del self._writers[upload_id]
            if digest and digest.offset_bytes < writer.record.size_bytes:
                self._digests[upload_id] = digest

    def _remove(self, name: str) -> None:
        """Delete a folder so that an upload is never half there: ``info.json`` goes first."""
        files = UploadFiles(self._folder / name)
        files.info.unlink(missing_ok=True)
        shutil.rmtree(files.folder)
        with self._guard:
            self._records.pop(name, None)
            self._digests.pop(name, None)
