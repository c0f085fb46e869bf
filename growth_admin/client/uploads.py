"""Files from this computer, piece by piece; a file that was cut off goes on where it stopped."""

from __future__ import annotations

import base64
import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from growth_admin.client.transport import ServerUnreachable, Transport
from growth_admin.core.errors import Conflict, GrowthError, StorageUnavailable
from growth_admin.datasets.models import Upload, UploadList
from growth_admin.datasets.uploads.faults import ChunkDamaged
from growth_admin.datasets.uploads.tus import BODY_TYPE, VERSION

PIECE_BYTES: Final = 16 * 1024 * 1024
RETRY_LIMIT_S: Final = 120.0
PASSING: Final = (ServerUnreachable, Conflict, ChunkDamaged, StorageUnavailable)
_TUS: Final = {"Tus-Resumable": VERSION}


class UploadsClient:
    """Uploads. ``upload_file`` is what most want; the rest are the steps that it takes."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def upload_file(
        self,
        path: str | os.PathLike[str],
        on_progress: Callable[[int, int], None] | None = None,
        *,
        retry_limit_s: float = RETRY_LIMIT_S,
    ) -> Upload:
        """Send a file and return its upload; ``upload:<id>`` is the link to publish.

        Each piece is checked with SHA-256. If the same file was begun before, only what is missing
        is sent. ``on_progress`` hears the bytes that the server has, and all of them. A lost
        connection is tried again for ``retry_limit_s``. Raises ``OSError`` for a file that cannot
        be read, ``UploadTooLarge``, ``StorageFull``.
        """
        file = Path(path)
        seen = file.stat()
        batch = _batch(file.name, seen)
        upload = self._begun(batch) or self.create_upload(file.name, seen.st_size, batch=batch)
        offset_bytes, last_good_s = upload.offset_bytes, time.monotonic()
        with file.open("rb") as content:
            while offset_bytes < seen.st_size:
                content.seek(offset_bytes)
                piece = content.read(PIECE_BYTES)
                if not piece:
                    raise OSError(f"{file} has become shorter while it was sent")
                try:
                    offset_bytes = self.append_upload(upload.id, offset_bytes, piece)
                    last_good_s = time.monotonic()
                except PASSING as e:
                    offset_bytes = self._offset_after(e, upload.id, last_good_s + retry_limit_s)
                if on_progress:
                    on_progress(offset_bytes, seen.st_size)
        return self.get_upload(upload.id)

    def list_uploads(self, batch: str = "") -> tuple[Upload, ...]:
        """Return files that are on their way or wait to be published, newest first."""
        found = self._transport.get(UploadList, "datasets", "uploads", batch=batch)
        return found.uploads

    def create_upload(self, file_name: str, size_bytes: int, *, batch: str = "") -> Upload:
        """Begin a file. Raises ``UploadTooLarge`` or ``StorageFull``."""
        given = {"filename": file_name} | ({"batch": batch} if batch else {})
        metadata = (f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in given.items())
        headers = {"Upload-Length": str(size_bytes), "Upload-Metadata": ",".join(metadata)}
        reply = self._transport.exchange("POST", "datasets", "uploads", headers=_TUS | headers)
        return Upload.model_validate(reply.json())

    def get_upload(self, upload_id: str) -> Upload:
        """Return one upload. Raises ``NotFound``."""
        return self._transport.get(Upload, "datasets", "uploads", upload_id)

    def get_upload_offset(self, upload_id: str) -> int:
        """Return how many bytes the server has. Raises ``NotFound``."""
        reply = self._transport.exchange("HEAD", "datasets", "uploads", upload_id, headers=_TUS)
        return int(reply.headers["Upload-Offset"])

    def append_upload(self, upload_id: str, offset_bytes: int, piece: bytes) -> int:
        """Send what comes at an offset; return the new one.

        Raises ``Conflict`` when the server is at another offset or busy with the same upload,
        ``ChunkDamaged``, ``StorageFull``.
        """
        digest = base64.b64encode(hashlib.sha256(piece).digest()).decode()
        headers = {
            "Content-Type": BODY_TYPE,
            "Upload-Offset": str(offset_bytes),
            "Upload-Checksum": f"sha256 {digest}",
        }
        reply = self._transport.exchange(
            "PATCH", "datasets", "uploads", upload_id, data=piece, headers=_TUS | headers
        )
        return int(reply.headers["Upload-Offset"])

    def delete_upload(self, upload_id: str) -> None:
        """Delete one's own upload, or as an admin anybody's.

        Raises ``NotFound``, ``Forbidden``, and ``Conflict`` while a job publishes it.
        """
        self._transport.delete("datasets", "uploads", upload_id)

    def get_upload_rules(self) -> dict[str, str]:
        """Return what the server's side of the tus protocol allows, by header."""
        reply = self._transport.exchange("OPTIONS", "datasets", "uploads")
        return {name: value for name, value in reply.headers.items() if name.startswith("Tus-")}

    def _begun(self, batch: str) -> Upload | None:
        """Return the upload of the same file that came furthest, if there is one of our own."""
        login = self._transport.send("GET", "me")["login"]
        found = [u for u in self.list_uploads(batch) if u.created_by == login]
        return max(found, key=lambda upload: upload.offset_bytes, default=None)

    def _offset_after(self, error: GrowthError, upload_id: str, until_s: float) -> int:
        """Return where to go on after a failure; raises it when the time is up."""
        wait_s = 0.2
        while time.monotonic() + wait_s < until_s:
            time.sleep(wait_s)
            wait_s = min(2 * wait_s, 10)
            try:
                return self.get_upload_offset(upload_id)
            except PASSING as e:
                error = e
        raise error


def _batch(name: str, seen: os.stat_result) -> str:
    """Return a name that is the same for the same file: the panel's batches have such names."""
    known = f"{name}\n{seen.st_size}\n{seen.st_mtime_ns}"
    return f"{hashlib.sha256(known.encode()).hexdigest()[:32]}-1-{seen.st_size}"
