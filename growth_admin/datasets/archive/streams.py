"""Reading files block by block, compressed or not, with bounded memory and no silent ends.

Every stream is read to its last byte, so that each checksum inside is checked; what follows the
compressed data may be zeros (tapes pad with them) and nothing else.
"""

from __future__ import annotations

import bz2
import lzma
import re
import zlib
from collections.abc import Callable
from io import FileIO
from typing import Final, Protocol

from growth_admin.datasets.archive.limits import BLOCK_BYTES
from growth_admin.datasets.facts import SourceProblem

_INPUT_BYTES: Final = 256 << 10
_FIRST_STEP_BYTES: Final = 512
"""What a new member is fed first: a file of a million tiny members must not cost a million
times the input buffer."""
MAGIC: Final = {
    "gz": b"\x1f\x8b\x08",
    "bz2": b"BZh",
    "xz": b"\xfd7zXZ\0",
    "zst": b"\x28\xb5\x2f\xfd",
}
_ZEROS: Final = re.compile(rb"\0*")
HALF_HINT: Final = "Fetch it again, or ask its owner whether the original opens."
Beat = Callable[[int], None]
"""Called with how many bytes of the archive are read; may raise to end the work."""


def damaged(reason: str) -> SourceProblem:
    """Return the refusal of an archive that is not whole."""
    return SourceProblem("archive_damaged", f"The archive {reason}.", hint=HALF_HINT)


def too_much_memory(needs_bytes: int | None, limit_bytes: int) -> SourceProblem:
    """Return the refusal of data whose decoder would need more memory than it may have."""
    needs = f"{needs_bytes / (1 << 20):,.0f} MiB" if needs_bytes else "more"
    return SourceProblem(
        "archive_unsafe",
        f"The archive needs {needs} of memory to unpack; {limit_bytes >> 20:,} MiB are allowed.",
        hint="Pack it again with a smaller dictionary (at most xz -9 or zstd --long=27).",
    )


class Stream:
    """Bytes that come in blocks. ``position`` is how many bytes of the archive were read."""

    def __init__(self, file: FileIO, beat: Beat) -> None:
        self._file = file
        self._beat = beat
        self._ready = memoryview(b"")
        self.position = 0

    def _more(self) -> bytes | memoryview:
        """Return the next block of any size, empty at the end. Raises ``SourceProblem``."""
        raise NotImplementedError

    def read(self, size: int) -> memoryview:
        """Return at most ``size`` bytes, none at the end; good until the next read."""
        if not self._ready:
            self._ready = memoryview(self._more())
        part, self._ready = self._ready[:size], self._ready[size:]
        return part

    def read_exactly(self, size: int) -> bytes:
        """Return ``size`` bytes. Raises ``SourceProblem`` if the stream ends before."""
        data = bytes(self.read(size))
        while len(data) < size:
            part = self.read(size - len(data))
            if not part:
                raise damaged("ends too early")
            data += part
        return data

    def skip(self, size: int) -> None:
        """Pass over ``size`` bytes. Raises ``SourceProblem`` if the stream ends before."""
        while size > 0:
            part = self.read(min(size, BLOCK_BYTES))
            if not part:
                raise damaged("ends too early")
            size -= len(part)


class PlainStream(Stream):
    """A file as it is. Its one buffer is used again and again."""

    def __init__(self, file: FileIO, beat: Beat) -> None:
        super().__init__(file, beat)
        self._buffer = memoryview(bytearray(BLOCK_BYTES))

    def _more(self) -> memoryview:
        count = self._file.readinto(self._buffer) or 0
        self.position += count
        self._beat(self.position)
        return self._buffer[:count]


class SeekingStream(PlainStream):
    """A file of which only small parts are looked at: what is skipped is not read."""

    def __init__(self, file: FileIO, beat: Beat) -> None:
        super().__init__(file, beat)
        self._buffer = self._buffer[: 16 << 10]
        self._size = file.seek(0, 2)
        file.seek(0)

    def skip(self, size: int) -> None:
        """Pass over bytes; past the end of the file it is damaged."""
        ready = min(size, len(self._ready))
        self._ready = self._ready[ready:]
        if size > ready:
            self.position += size - ready
            if self.position > self._size:
                raise damaged("ends too early")
            self._file.seek(self.position)


class Decoder(Protocol):
    """What the decompressors of ``bz2`` and ``lzma`` have in common, and ours for ``zlib``."""

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: memoryview, max_length: int = -1, /) -> bytes: ...


class ZlibDecoder:
    """One gzip member (RFC 1952), or raw deflate with ``wbits`` -15. ``zlib`` checks CRCs.

    Input that was not used because the output was full is ``unused_data`` too: feed it again.
    """

    needs_input = True

    def __init__(self, wbits: int = 31) -> None:
        self._zlib = zlib.decompressobj(wbits)

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data or self._zlib.unconsumed_tail

    def decompress(self, data: memoryview, max_length: int = -1, /) -> bytes:
        return self._zlib.decompress(data, max_length)


def run_decoder(decoder: Decoder, data: memoryview, memory_bytes: int) -> bytes:
    """Return at most a block of decoded bytes. Raises ``SourceProblem``."""
    try:
        return decoder.decompress(data, BLOCK_BYTES)
    except lzma.LZMAError as e:
        if "memory" in str(e).lower():
            raise too_much_memory(None, memory_bytes) from e
        raise damaged(f"is damaged: {e}") from e
    except (zlib.error, OSError, ValueError, EOFError) as e:
        raise damaged(f"is damaged: {e}") from e


def new_decoder(compression: str, memory_bytes: int) -> Decoder:
    """Return the decoder for one member of a gz, bz2 or xz file."""
    if compression == "gz":
        return ZlibDecoder()
    if compression == "bz2":
        return bz2.BZ2Decompressor()
    return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=memory_bytes)


class DecodedStream(Stream):
    """What gz, bz2 or xz data decode to; members that follow each other are one stream."""

    def __init__(self, file: FileIO, beat: Beat, compression: str, memory_bytes: int) -> None:
        super().__init__(file, beat)
        self._compression = compression
        self._memory_bytes = memory_bytes
        self._buffer = b""
        self._at = 0
        self._step = _FIRST_STEP_BYTES
        self._decoder: Decoder | None = new_decoder(compression, memory_bytes)

    def _more(self) -> bytes:
        while self._decoder is not None:
            block = self._decode(self._decoder)
            if self._decoder.eof:
                self._decoder = self._next_decoder()
            if block:
                return block
        return b""

    def _decode(self, decoder: Decoder) -> bytes:
        """Feed the decoder what it has room for and return what comes out."""
        data = memoryview(b"")
        if decoder.needs_input:
            if self._at == len(self._buffer):
                self._fill()
            data = memoryview(self._buffer)[self._at : self._at + self._step]
        block = run_decoder(decoder, data, self._memory_bytes)
        if decoder.needs_input and not data and not block and not decoder.eof:
            raise damaged("ends too early")
        self._at += len(data) - len(decoder.unused_data)
        self._step = min(self._step * 2, _INPUT_BYTES)
        return block

    def _fill(self) -> bool:
        """Read more of the file behind what is not decoded yet; return whether there was more."""
        data = self._file.read(_INPUT_BYTES)
        self.position += len(data)
        self._beat(self.position)
        self._buffer, self._at = self._buffer[self._at :] + data, 0
        return bool(data)

    def _next_decoder(self) -> Decoder | None:
        """Return the decoder for the member that follows, nothing at the end of the file."""
        magic = MAGIC[self._compression]
        while True:
            padding = _ZEROS.match(self._buffer, self._at)
            self._at = padding.end() if padding else self._at
            if self._buffer.startswith(magic, self._at):
                self._step = _FIRST_STEP_BYTES
                return new_decoder(self._compression, self._memory_bytes)
            left = len(self._buffer) - self._at
            if left >= len(magic) or not self._fill():
                break
        if self._at < len(self._buffer):
            raise damaged("is followed by other data after its end")
        return None


def open_stream(file: FileIO, beat: Beat, compression: str, memory_bytes: int) -> Stream:
    """Return what an open file holds, decompressed (``compression`` of ``MAGIC``, or empty)."""
    if not compression:
        return PlainStream(file, beat)
    if compression == "zst":
        from growth_admin.datasets.archive.zstd import ZstdStream

        return ZstdStream(file, beat, memory_bytes)
    return DecodedStream(file, beat, compression, memory_bytes)
