"""Zstandard, block by block (RFC 8878).

The frames are walked here and the blocks handed to libzstd one at a time: a block decodes to at
most 128 KiB, so no input makes the memory grow, and a frame that ends early is noticed, which the
stream reader of ``zstandard`` does not tell.
"""

from __future__ import annotations

import struct
from io import BufferedReader, FileIO
from typing import Final

import zstandard

from growth_admin.datasets.archive.limits import BLOCK_BYTES
from growth_admin.datasets.archive.streams import (
    MAGIC,
    Beat,
    Stream,
    damaged,
    too_much_memory,
)
from growth_admin.datasets.facts import SourceProblem

_SKIPPABLE: Final = range(0x184D2A50, 0x184D2A60)
_BLOCK_BYTES: Final = 128 << 10
"""Block_Maximum_Size, section 3.1.1.2.4."""
_RLE: Final = 1
_RESERVED: Final = 3


class ZstdStream(Stream):
    """What a zst file decodes to; its frames are one stream, skippable ones are passed over."""

    def __init__(self, file: FileIO, beat: Beat, memory_bytes: int) -> None:
        super().__init__(file, beat)
        self._input = BufferedReader(file, BLOCK_BYTES)
        self._memory_bytes = memory_bytes
        # the window that a decoder keeps is rounded up and has two blocks beside it
        self._context = zstandard.ZstdDecompressor(max_window_size=memory_bytes)
        self._frame: zstandard.ZstdDecompressionObj | None = None
        self._has_checksum = False

    def _more(self) -> bytes:
        while self._frame is not None or self._begin_frame():
            block = self._next_block()
            if block:
                return block
        return b""

    def _take(self, size: int) -> bytes:
        data = self._input.read(size)
        if len(data) < size:
            raise damaged("ends too early")
        self.position += size
        self._beat(self.position)
        return data

    def _begin_frame(self) -> bool:
        """Open the next frame; return False at the end of the file."""
        while head := self._input.read(4):
            self.position += len(head)
            if head == MAGIC["zst"]:
                self._open_frame()
                return True
            if len(head) == 4 and struct.unpack("<I", head)[0] in _SKIPPABLE:
                self._skip(struct.unpack("<I", self._take(4))[0])
            elif head.count(0) == len(head):
                self._skip_zeros()
            else:
                raise damaged("is followed by other data after its end")
        return False

    def _skip(self, size: int) -> None:
        while size > 0:
            size -= len(self._take(min(size, BLOCK_BYTES)))

    def _skip_zeros(self) -> None:
        while rest := self._input.read(BLOCK_BYTES):
            self.position += len(rest)
            self._beat(self.position)
            if rest.count(0) != len(rest):
                raise damaged("is followed by other data after its end")

    def _open_frame(self) -> None:
        """Read a frame header (section 3.1.1.1) and hand it to a new decoder."""
        descriptor = self._take(1)
        bits = descriptor[0]
        is_single, self._has_checksum = bool(bits & 0x20), bool(bits & 0x04)
        id_size = (0, 1, 2, 4)[bits & 3]
        size_size = (1 if is_single else 0, 2, 4, 8)[bits >> 6]
        header = self._take((0 if is_single else 1) + id_size + size_size)
        self._refuse_window(header, is_single, size_size)
        if id_size and any(header[-id_size - size_size :][:id_size]):
            raise SourceProblem(
                "archive_unsafe",
                "The archive was packed with a dictionary that is not in it.",
                hint="Pack it again without a dictionary.",
            )
        self._frame = self._context.decompressobj()
        self._decode(MAGIC["zst"] + descriptor + header)

    def _refuse_window(self, header: bytes, is_single: bool, size_size: int) -> None:
        """Raise if the decoder would have to keep more than it may."""
        if is_single:
            size = int.from_bytes(header[-size_size:], "little") + (256 if size_size == 2 else 0)
        else:
            base = 1 << (10 + (header[0] >> 3))
            size = base + base // 8 * (header[0] & 7)
        if size > self._memory_bytes:
            raise too_much_memory(size, self._memory_bytes)

    def _next_block(self) -> bytes:
        """Return what the next block decodes to (section 3.1.1.2)."""
        head = self._take(3)
        bits = int.from_bytes(head, "little")
        is_last, kind, size = bits & 1, bits >> 1 & 3, bits >> 3
        if kind == _RESERVED or size > _BLOCK_BYTES:
            raise damaged("is damaged: a zstd block is not valid")
        data = head + self._take(1 if kind == _RLE else size)
        if is_last and self._has_checksum:
            data += self._take(4)
        block = self._decode(data)
        if is_last:
            if self._frame is not None and not self._frame.eof:
                raise damaged("is damaged: a zstd frame does not end where it says")
            self._frame = None
        return block

    def _decode(self, data: bytes) -> bytes:
        assert self._frame is not None
        try:
            return self._frame.decompress(data)
        except zstandard.ZstdError as e:
            raise damaged(f"is damaged: {e}") from e
