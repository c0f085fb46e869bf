"""Reading a file at many places that mostly follow each other."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

from growth_admin.datasets.archive.limits import BLOCK_BYTES
from growth_admin.datasets.archive.streams import damaged

_AHEAD_BYTES: Final = 256 << 10


class Window:
    """The part of a file that was read last: small neighbours cost no further call."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._at = 0
        self._data = memoryview(b"")

    def read(self, at: int, size: int) -> memoryview:
        """Return ``size`` bytes from ``at``, fewer only at the end of the file."""
        start = at - self._at
        if start < 0 or start + size > len(self._data):
            self._data = memoryview(os.pread(self._fd, max(size, _AHEAD_BYTES), at))
            self._at, start = at, 0
        return self._data[start : start + size]

    def part(self, at: int, end: int) -> memoryview:
        """Return some bytes from ``at``, at most up to ``end``; none only if there are none."""
        start = at - self._at
        if not 0 <= start < len(self._data):
            return self.read(at, min(end - at, _AHEAD_BYTES))
        return self._data[start : start + min(end - at, _AHEAD_BYTES)]

    def blocks(self, at: int, end: int) -> Iterator[memoryview]:
        """Yield the bytes from ``at`` to ``end`` in blocks. Raises ``SourceProblem`` at the end."""
        while at < end:
            if end - at <= _AHEAD_BYTES:
                block = self.part(at, end)
            else:
                block = memoryview(os.pread(self._fd, min(BLOCK_BYTES, end - at), at))
            if not block:
                raise damaged("ends too early")
            yield block
            at += len(block)
