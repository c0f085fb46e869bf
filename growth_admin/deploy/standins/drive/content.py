"""The bytes of files: given, on disk, or made up while they are read (gigabytes cost nothing)."""

import hashlib
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Protocol

PIECE_BYTES = 1 << 20
HEADER_BYTES = 32
MADE_SEED = 20261123
ALGORITHMS = ("md5", "sha1", "sha256")


class Content(Protocol):
    """Bytes of a known size. ``path`` is the file that holds them, if one does."""

    size: int
    path: Path | None

    def read(self, start: int, stop: int) -> bytes:
        """The bytes from `start` up to `stop`."""
        ...


class GivenContent:
    """Bytes in memory."""

    path: Path | None = None

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.size = len(data)

    def read(self, start: int, stop: int) -> bytes:
        """The bytes from `start` up to `stop`."""
        return self.data[start:stop]


class FileContent:
    """A file on disk. Its size is the one it had when it was added."""

    def __init__(self, path: Path) -> None:
        self.path: Path | None = path
        self.size = path.stat().st_size

    def read(self, start: int, stop: int) -> bytes:
        """The bytes from `start` up to `stop`. Raises OSError when the file is gone."""
        assert self.path
        with open(self.path, "rb", buffering=0) as file:
            file.seek(start)
            return file.read(stop - start)


class MadeContent:
    """Random-looking bytes of any size, made from a name: the same name, the same bytes.

    Each MiB begins with a digest of name and position; the rest is one random MiB for all. So
    every file and every MiB differs, and reading is copying.
    """

    path: Path | None = None

    def __init__(self, size: int, name: str) -> None:
        self.size = size
        self.name = name.encode()

    def read(self, start: int, stop: int) -> bytes:
        """The bytes from `start` up to `stop`."""
        stop = min(stop, self.size)
        first = start // PIECE_BYTES
        if stop <= (first + 1) * PIECE_BYTES:
            return self._piece(first, start - first * PIECE_BYTES, stop - first * PIECE_BYTES)
        return b"".join(self._pieces(start, stop))

    def _pieces(self, start: int, stop: int) -> Iterator[bytes]:
        while start < stop:
            index = start // PIECE_BYTES
            begin = index * PIECE_BYTES
            end = min(stop - begin, PIECE_BYTES)
            yield self._piece(index, start - begin, end)
            start = begin + end

    def _piece(self, index: int, start: int, stop: int) -> bytes:
        if start >= HEADER_BYTES:
            return _random_piece()[start:stop]
        header = hashlib.sha256(b"%d %b" % (index, self.name)).digest()
        return (header + _random_piece()[HEADER_BYTES:stop])[start:stop]


@cache
def _random_piece() -> bytes:
    return random.Random(MADE_SEED).randbytes(PIECE_BYTES)


def digest(content: Content, algorithm: str) -> str:
    """The digest of all of it, in hexadecimal."""
    hasher = hashlib.new(algorithm, usedforsecurity=False)
    for start in range(0, content.size, PIECE_BYTES):
        hasher.update(content.read(start, min(start + PIECE_BYTES, content.size)))
    return hasher.hexdigest()
