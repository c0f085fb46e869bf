"""Puts the bytes of one request where they belong, and takes them back if they are damaged.

What an upload has is the size of its file, so a server that is killed leaves an offset that is
true. Bytes that still have to match a checksum are the exception: as long as the mark
``unverified`` lies beside the file, only those up to the offset in the mark count (tus 1.0.0,
"Checksum": a chunk that does not match must be thrown away).
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable
from typing import Final

from growth_admin.core.errors import InvalidInput
from growth_admin.core.fsops import storage_errors
from growth_admin.datasets.facts import Checksum
from growth_admin.datasets.uploads.faults import ChunkDamaged, UploadBusy
from growth_admin.datasets.uploads.files import UploadFiles
from growth_admin.datasets.uploads.hashing import Digest
from growth_admin.datasets.uploads.lock import UploadLock
from growth_admin.datasets.uploads.record import UploadRecord

SYNC_BYTES: Final = 64 * 1024 * 1024
"""How much may wait in memory of the machine before the disk must have it."""
ALGORITHMS: Final = ("sha256", "sha1", "md5")
"""For the checksum of a chunk, best first; sha1 is what every tus server must know."""


class UploadWriter:
    """One request's right to write one upload; ends with ``finish`` or ``keep``.

    Its methods block, and may be called from different threads.
    """

    def __init__(
        self,
        files: UploadFiles,
        record: UploadRecord,
        lock: UploadLock,
        *,
        digest: Digest | None,
        checksum: Checksum | None,
        on_end: Callable[[UploadWriter, Digest | None], None],
    ) -> None:
        self.record = record
        self._files = files
        self._lock = lock
        self._checksum = checksum
        self._on_end = on_end
        self._guard = threading.Lock()
        self._is_over = False
        self._unsynced_bytes = 0
        self._moved_s = time.monotonic()
        if checksum is None or checksum.algorithm != "sha256":
            files.unchecked.touch()
        self._fd = os.open(files.data, os.O_WRONLY | os.O_NOFOLLOW)
        self._start = self._offset = os.fstat(self._fd).st_size
        self._before = digest
        self._whole = digest.state.copy() if digest else None
        self._chunk = hashlib.new(checksum.algorithm) if checksum else None
        try:
            if checksum:
                files.unverified.write_text(str(self._start))
        except OSError:  # the disk is full
            os.close(self._fd)
            raise

    @property
    def offset_bytes(self) -> int:
        """How many bytes the upload has, those of this request included."""
        return self._offset

    @property
    def silent_s(self) -> float:
        """How long nothing has arrived."""
        return time.monotonic() - self._moved_s

    def append(self, data: bytes | bytearray) -> None:
        """Write what comes next. When the disk is full, as much as fits is kept.

        Raises ``StorageFull``, ``StorageUnavailable``, ``UploadBusy`` when another request has
        taken over, ``InvalidInput`` for more bytes than were announced.
        """
        with self._guard, storage_errors(self._files.data):
            if self._is_over:
                raise UploadBusy("Another request has gone on with this upload.")
            if self._offset + len(data) > self.record.size_bytes:
                raise InvalidInput(
                    f"More than the {self.record.size_bytes} bytes that were announced arrived."
                )
            self._lock.beat()
            self._moved_s = time.monotonic()
            view = memoryview(data)
            while view:
                count = os.pwrite(self._fd, view, self._offset)
                self._hash(view[:count])
                self._offset += count
                self._unsynced_bytes += count
                view = view[count:]
            if self._unsynced_bytes >= SYNC_BYTES:
                self._sync()

    def finish(self) -> int:
        """Make what arrived last, and return how many bytes the upload has now.

        Raises ``ChunkDamaged`` when the bytes of this request do not match their checksum; they
        are thrown away. Raises ``StorageFull`` or ``StorageUnavailable``.
        """
        with self._guard, storage_errors(self._files.data):
            if self._is_over:
                raise UploadBusy("Another request has gone on with this upload.")
            try:
                self._verify()
                self._sync()
                self._files.unverified.unlink(missing_ok=True)
                self._note_sha256()
            finally:
                self._end()
            return self._offset

    def keep(self) -> None:
        """End early: what arrived stays, unless it would have had to match a checksum."""
        with self._guard, storage_errors(self._files.data):
            if self._is_over:
                return
            try:
                if self._checksum:
                    self._roll_back()
                self._sync()
                self._note_sha256()
            finally:
                self._end()

    def _hash(self, data: memoryview) -> None:
        if self._whole:
            self._whole.update(data)
        if self._chunk:
            self._chunk.update(data)

    def _sync(self) -> None:
        os.fdatasync(self._fd)
        self._unsynced_bytes = 0

    def _verify(self) -> None:
        if self._checksum is None or self._chunk is None:
            return
        found = self._chunk.hexdigest()
        if found == self._checksum.hexdigest:
            return
        size_bytes = self._offset - self._start
        self._roll_back()
        raise ChunkDamaged(
            f"{size_bytes} bytes from offset {self._start} on arrived with "
            f"{self._checksum.algorithm} {found}, not {self._checksum.hexdigest}.",
            context={"offset_bytes": self._start},
        )

    def _roll_back(self) -> None:
        os.ftruncate(self._fd, self._start)
        self._offset = self._start
        self._whole = self._before.state.copy() if self._before else None
        self._files.unverified.unlink(missing_ok=True)

    def _note_sha256(self) -> None:
        if self._whole and self._offset == self.record.size_bytes:
            self._files.sha256.write_text(self._whole.hexdigest())

    def _end(self) -> None:
        """Give everything back; what was not verified stays marked as such."""
        self._is_over = True
        os.close(self._fd)
        self._on_end(self, Digest(self._whole, self._offset) if self._whole else None)
        self._lock.release()
