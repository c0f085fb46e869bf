"""Digests of bytes that come in order, in a thread of their own when there are many."""

from __future__ import annotations

import hashlib
import mmap
import os
import queue
import threading
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Final

from growth_admin.datasets.fetch.direct import make_buffer
from growth_admin.datasets.fetch.options import BUFFER_BYTES

DEPTH: Final = 4


class Digester:
    """SHA-256, and the digests that somebody published, of the first ``hashed`` bytes."""

    def __init__(self, algorithms: Iterable[str]) -> None:
        self.hashed = 0
        self._hashes = {"sha256": hashlib.sha256()}
        for name in algorithms:
            if name not in self._hashes:
                self._hashes[name] = hashlib.new(name, usedforsecurity=False)

    def update(self, data: memoryview) -> None:
        """Take the next bytes."""
        for digest in self._hashes.values():
            digest.update(data)
        self.hashed += len(data)

    def catch_up(self, fd: int, end: int, check: Callable[[], None], buffer: mmap.mmap) -> None:
        """Take what the file holds up to byte ``end``. Raises ``OSError``, or as ``check``."""
        view = memoryview(buffer)
        while self.hashed < end:
            check()
            size = os.preadv(fd, [view[: end - self.hashed]], self.hashed)
            if not size:
                raise OSError(5, f"the file ends at {self.hashed}, not at {end}")
            self.update(view[:size])

    def hexdigest(self, algorithm: str) -> str:
        """Return one digest in hexadecimal."""
        return self._hashes[algorithm].hexdigest()


class Buffers:
    """The buffers of one thread, made when they are first needed."""

    def __init__(self) -> None:
        self._made: list[mmap.mmap] = []

    def __getitem__(self, number: int) -> mmap.mmap:
        while len(self._made) <= number:
            self._made.append(make_buffer(BUFFER_BYTES))
        return self._made[number]


class HashThread:
    """Hashes buffers while others are filled; leaving the block waits for the last one."""

    def __init__(self, digester: Digester, buffers: Buffers) -> None:
        self._digester = digester
        self._full: queue.SimpleQueue[tuple[mmap.mmap, int] | None] = queue.SimpleQueue()
        self._free: queue.SimpleQueue[mmap.mmap] = queue.SimpleQueue()
        for number in range(1, DEPTH):  # number 0 is in the caller's hand
            self._free.put(buffers[number])
        self._thread = threading.Thread(target=self._work, name="growth-hash", daemon=True)

    def __enter__(self) -> HashThread:
        self._thread.start()
        return self

    def swap(self, buffer: mmap.mmap, size: int) -> mmap.mmap:
        """Hand over a buffer with ``size`` bytes, return one to fill; may wait for the hash."""
        self._full.put((buffer, size))
        return self._free.get()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._full.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (task := self._full.get()) is not None:
            buffer, size = task
            self._digester.update(memoryview(buffer)[:size])
            self._free.put(buffer)
