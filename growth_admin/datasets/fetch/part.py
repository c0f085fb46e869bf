"""A file while it is fetched: where its bytes are, which are there, which will stay."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from growth_admin.datasets.facts import RemoteFile
from growth_admin.datasets.fetch.digest import Digester
from growth_admin.datasets.fetch.direct import REFUSALS, open_direct, whole_pages
from growth_admin.datasets.fetch.disk import PART_MODE, disk_errors, settle_mode
from growth_admin.datasets.fetch.journal import KnownPart, key_of

Spans = list[tuple[int, int]]


def merged(spans: Iterable[tuple[int, int]]) -> Spans:
    """Return the same bytes in as few ranges as possible, in order."""
    result: Spans = []
    for start, end in sorted(spans):
        if end <= start:
            continue
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def gaps(spans: Spans, total: int) -> Spans:
    """Return the ranges below ``total`` that are missing in ``spans`` (merged ones)."""
    result: Spans = []
    at = 0
    for start, end in spans:
        if start > at:
            result.append((at, min(start, total)))
        at = max(at, end)
    return [*result, (at, total)] if at < total else result


class Part:
    """One file under way. ``spans`` are the bytes written, in memory: guarded by the keeper.

    ``validator`` and ``total`` are what the source said when the first byte came. ``is_mixed``:
    bytes of several connections were joined, so a wrong digest may be cured by starting over.
    """

    def __init__(self, folder: Path, file: RemoteFile, algorithms: Iterable[str]) -> None:
        self.file = file
        self.key = key_of(file)
        self._folder = folder
        self.fd = -1
        self.syncing = threading.Lock()  # so that it is closed by nobody meanwhile, and synced once
        self._direct_fd = -1
        self._is_direct = False
        self.validator = ""
        self.total: int | None = file.size_bytes
        self.spans: Spans = []
        self.pending_bytes = 0
        self.restarts = 0
        self.wrong_ranges = 0
        self.is_mixed = False
        self.content: memoryview | None = None
        self._algorithms = tuple(algorithms)
        self.digester = Digester(self._algorithms)

    @cached_property
    def path(self) -> Path:
        """Where its bytes lie, unless they stay in memory."""
        return self._folder / f"{self.key}.part"

    @property
    def frontier(self) -> int:
        """The byte up to which nothing is missing."""
        return self.spans[0][1] if self.spans and self.spans[0][0] == 0 else 0

    @property
    def written_bytes(self) -> int:
        """How many bytes are there."""
        in_memory = 0 if self.content is None else len(self.content)
        return in_memory + sum(end - start for start, end in self.spans)

    @property
    def can_resume(self) -> bool:
        """Whether a wrong continuation would be noticed: by the source, or by the digest."""
        return bool(self.validator or self.file.checksum)

    def recall(self, known: KnownPart) -> None:
        """Go on from what an earlier process left, if it is all there."""
        with disk_errors(self.path):
            try:
                size = self.path.stat(follow_symlinks=False).st_size
            except FileNotFoundError:
                return
            spans = merged(known.spans)
            if not spans or size < spans[-1][1]:
                return
            self.validator, self.total, self.spans = known.validator, known.total, spans
            if not self.can_resume:
                self.spans = []
                return
            self.is_mixed = True
            self.open()

    def open(self) -> None:
        """Open the file. Raises ``StorageFull``.

        Its room is not reserved: writing into unwritten extents costs more than it saves (a third
        of the time on ext4), and room was looked for when the fetch began.
        """
        if self.fd >= 0:
            return
        missing = None if self.total is None else self.total - self.written_bytes
        with disk_errors(self.path, missing):
            self._make_ours()
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            self.fd = os.open(self.path, flags, PART_MODE)
            settle_mode(self.fd, PART_MODE)
            if not self.spans:
                os.ftruncate(self.fd, 0)
            self._direct_fd = open_direct(self.path)
            self._is_direct = self._direct_fd >= 0

    def _make_ours(self) -> None:
        """Copy a part that another user began: only its owner can give a file its last mode."""
        try:
            owner = self.path.stat(follow_symlinks=False).st_uid
        except FileNotFoundError:
            return
        if owner != os.geteuid():
            copy = self.path.with_suffix(".copy")
            shutil.copyfile(self.path, copy, follow_symlinks=False)
            copy.replace(self.path)

    def write(self, data: memoryview, offset: int) -> None:
        """Write bytes at ``offset``. Raises ``StorageFull`` or ``StorageUnavailable``."""
        missing = None if self.total is None else self.total - offset
        with disk_errors(self.path, missing):
            while data:
                size = self._write_directly(data, offset) or os.pwrite(self.fd, data, offset)
                data, offset = data[size:], offset + size

    def _write_directly(self, data: memoryview, offset: int) -> int:
        """Write whole pages past the page cache; return how many bytes, 0 where that is refused.

        The rest, an end that fills no page, goes the usual way; the kernel keeps both in step.
        """
        pages = whole_pages(data, offset)
        if not (self._is_direct and pages):
            return 0
        try:
            return os.pwrite(self._direct_fd, pages, offset)
        except OSError as e:
            if e.errno not in REFUSALS:
                raise
            self._is_direct = False  # not closed: another thread may be writing with it
            return 0

    def forget(self) -> None:
        """Start over: nothing is there, nothing is known of the source. The keeper calls it."""
        self.restarts += 1
        self.wrong_ranges = 0
        self.spans = []
        self.pending_bytes = 0
        self.validator = ""
        self.total = self.file.size_bytes
        self.content = None
        self.is_mixed = False
        self.digester = Digester(self._algorithms)
        if self.fd >= 0:
            with disk_errors(self.path):
                os.ftruncate(self.fd, 0)

    def known(self) -> KnownPart:
        """Return what the journal should say once all that was written is on the disk."""
        return KnownPart(self.validator, self.total, tuple(self.spans))

    def shrink(self) -> None:
        """Give back room: what cannot be gone on from."""
        if self.fd >= 0:
            is_kept = self.can_resume and self.file.size_bytes is not None
            with disk_errors(self.path):
                os.ftruncate(self.fd, self.spans[-1][1] if is_kept and self.spans else 0)

    def remove(self) -> None:
        """Close the file and remove it."""
        self.close()
        with disk_errors(self.path):
            self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the file; it stays where it is."""
        with self.syncing:
            self._is_direct = False
            for fd in (self.fd, self._direct_fd):
                if fd >= 0:
                    os.close(fd)
            self.fd = self._direct_fd = -1
