"""How big an archive at a source will be once unpacked: from a few of its bytes.

A zip file keeps its directory at its end (APPNOTE 4.3.6), gzip the size of its last member modulo
2^32 (RFC 1952, 2.3.1), a zstd frame often its size in the header (RFC 8878, 3.1.1.1.4). What these
say is an estimate for the free space; unpacking trusts none of it.
"""

from __future__ import annotations

import io
import struct
import zipfile
from typing import Final

import zstandard

from growth_admin.datasets.archive.formats import format_of_name
from growth_admin.datasets.facts import Opened, RemoteFile, Source

MOST_DIRECTORY_BYTES: Final = 16 * 1024 * 1024
BLOCK_BYTES: Final = 256 * 1024
_ODD_ZIP: Final = (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, struct.error)
"""What ``zipfile`` raises for a directory that it cannot read: names in another encoding (a
``ValueError``), a version of the format to come, numbers that do not fit."""


def unpacked_bytes(source: Source, file: RemoteFile) -> int | None:
    """Return how many bytes the archive says it holds; nothing where it does not say so.

    Asks the source for a few ranges. Raises ``SourceProblem``.
    """
    kind, size_bytes = format_of_name(file.path), file.size_bytes
    if size_bytes is None or not kind:
        return None
    if kind == "tar":
        return size_bytes
    if kind == "zip":
        return _zip_bytes(_Window(source, file, size_bytes))
    if kind in ("gz", "tar.gz"):
        tail = _read(source, file, size_bytes - 4, size_bytes)
        stored = int.from_bytes(tail, "little")
        return stored if len(tail) == 4 and stored >= size_bytes else None
    if kind in ("zst", "tar.zst"):
        return _zstd_bytes(_read(source, file, 0, min(18, size_bytes)))
    return None


def _zip_bytes(window: _Window) -> int | None:
    try:
        with zipfile.ZipFile(window) as archive:
            return sum(member.file_size for member in archive.infolist())
    except _ODD_ZIP:
        return None


def _zstd_bytes(head: bytes) -> int | None:
    try:
        known = zstandard.frame_content_size(head)
    except zstandard.ZstdError:
        return None
    return known if known > 0 else None


def _read(source: Source, file: RemoteFile, start: int, end: int) -> bytes:
    """Return the bytes from ``start`` to ``end``; none where the source knows no ranges."""
    opened = source.open(file, start=max(0, start), end=end)
    try:
        if opened.start != max(0, start):
            return b""
        return _fill(opened, end - opened.start)
    finally:
        opened.close()


def _fill(opened: Opened, size_bytes: int) -> bytes:
    data = bytearray(size_bytes)
    view, filled = memoryview(data), 0
    while filled < size_bytes and (count := opened.readinto(view[filled:])):
        filled += count
    return bytes(data[:filled])


class _Window(io.RawIOBase):
    """A file at a source, readable at any place: as much as ``zipfile`` needs for a directory."""

    def __init__(self, source: Source, file: RemoteFile, size_bytes: int) -> None:
        self._source, self._file, self._size_bytes = source, file, size_bytes
        self._at = 0
        self._left_bytes = MOST_DIRECTORY_BYTES
        self._block = (0, b"")

    def seekable(self) -> bool:
        """Say yes."""
        return True

    def readable(self) -> bool:
        """Say yes."""
        return True

    def tell(self) -> int:
        """Return the place."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place and return it. Raises ``OSError`` for one before the beginning."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size_bytes}[whence]
        if base + offset < 0:
            raise OSError("before the beginning")
        self._at = base + offset
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        """Return up to ``size`` bytes from the place on; none past the limit of a look."""
        wanted = self._size_bytes - self._at if size is None or size < 0 else size
        end = min(self._at + wanted, self._size_bytes)
        data = self._between(self._at, end)
        self._at += len(data)
        return data

    def _between(self, start: int, end: int) -> bytes:
        first, block = self._block
        if not first <= start <= end <= first + len(block):
            if end - start > self._left_bytes or end <= start:
                return b""
            # what comes next is near: a zip directory is read from its end backwards
            first = max(0, min(start, end - BLOCK_BYTES))
            block = _read(self._source, self._file, first, end)
            self._left_bytes -= len(block)
            self._block = (first, block)
        return block[start - first : end - first]
