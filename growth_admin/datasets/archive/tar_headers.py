"""Headers of tar archives: v7, ustar and pax (POSIX.1-2017, pax), GNU (tar manual, "Tar
Internals"), and the four ways that sparse files are written in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from growth_admin.datasets.archive.streams import Stream, damaged
from growth_admin.datasets.facts import SourceProblem

BLOCK: Final = 512
PAX_BYTES: Final = 1 << 20
"""The longest extended header that is read; real ones are a few kilobytes."""
_MAP_ENTRIES: Final = 100_000
_LARGEST: Final = 1 << 62
_GNU_SPARSE_ENTRY: Final = 24

Pax = list[tuple[bytes, bytes]]
SparseMap = list[tuple[int, int]]
"""Where data lie in a sparse file: offset and size in bytes of each piece."""


@dataclass
class Header:
    """One header block, and what extended headers before it changed.

    ``size_bytes`` is how much data follow in the archive, ``real_bytes`` how large the file is.
    """

    name: bytes
    kind: bytes
    mode: int
    size_bytes: int
    target: bytes
    block: bytes
    pieces: SparseMap | None = None
    real_bytes: int = 0
    is_utf8: bool = False
    pax: dict[bytes, bytes] = field(default_factory=dict)


def is_header(block: bytes) -> bool:
    """Return whether a block is a header: its checksum, of signed or unsigned bytes, is right."""
    try:
        stored = parse_number(block[148:156])
    except SourceProblem:
        return False
    unsigned = sum(block) - sum(block[148:156]) + 8 * ord(" ")
    if stored == unsigned:
        return True
    # old Sun and HP-UX programs added bytes up as signed numbers
    high = sum(byte > 127 for byte in block) - sum(byte > 127 for byte in block[148:156])
    return stored == unsigned - 256 * high


def parse_header(block: bytes) -> Header:
    """Return what a header block says. Raises ``SourceProblem``."""
    name = _text(block[:100])
    prefix = _text(block[345:500]) if block[257:263] == b"ustar\0" else b""
    size = parse_number(block[124:136])
    return Header(
        name=prefix + b"/" + name if prefix else name,
        kind=block[156:157],
        mode=parse_number(block[100:108]),
        size_bytes=size,
        target=_text(block[157:257]),
        block=block,
        real_bytes=size,
    )


def _text(data: bytes) -> bytes:
    return data.partition(b"\0")[0]


def parse_number(data: bytes) -> int:
    """Return a number of a header: octal, or GNU's base 256. Raises ``SourceProblem``."""
    if data[0] & 0x80:
        if data[0] & 0x40:
            raise damaged("has a header with a negative number")
        number = int.from_bytes(bytes([data[0] & 0x3F]) + data[1:], "big")
    else:
        digits = data.strip(b" \0")
        if digits.strip(b"01234567"):
            raise damaged("has a header with a number that is none")
        number = int(digits or b"0", 8)
    return _bounded(number)


def parse_decimal(data: bytes) -> int:
    """Return a decimal number of an extended header. Raises ``SourceProblem``."""
    if not data.isdigit() or len(data) > 20:
        raise damaged("has an extended header with a number that is none")
    return _bounded(int(data))


def _bounded(number: int) -> int:
    if number > _LARGEST:
        raise damaged("has a header with an impossible size")
    return number


def parse_pax(data: bytes) -> Pax:
    """Return the records of an extended header, in order. Raises ``SourceProblem``.

    A record is its own length, a space, ``key=value`` and a newline.
    """
    records: Pax = []
    at = 0
    while at < len(data):
        digits, space, _ = data[at : at + 20].partition(b" ")
        length = parse_decimal(digits) if space else 0
        record = data[at + len(digits) + 1 : at + length]
        key, equals, value = record.partition(b"=")
        is_whole = len(digits) + 1 < length <= len(data) - at and record[-1:] == b"\n"
        if not is_whole or not equals or not key:
            raise damaged("has an extended header that is not valid")
        records.append((key, value[:-1]))
        at += length
    return records


def apply_pax(header: Header, records: Pax) -> None:
    """Change a header as the extended headers before it say. Raises ``SourceProblem``."""
    values = header.pax = dict(records)
    is_binary = values.get(b"hdrcharset") == b"BINARY"
    for key in (b"path", b"GNU.sparse.name"):
        if key in values:
            header.name, header.is_utf8 = values[key], not is_binary
    if b"linkpath" in values:
        header.target = values[b"linkpath"]
    if b"size" in values:
        header.size_bytes = header.real_bytes = parse_decimal(values[b"size"])
    for key in (b"GNU.sparse.size", b"GNU.sparse.realsize"):
        if key in values:
            header.real_bytes = parse_decimal(values[key])
    header.pieces = _pax_pieces(values, records)


def _pax_pieces(values: dict[bytes, bytes], records: Pax) -> SparseMap | None:
    """Return the map of a sparse file of pax format 0.0 or 0.1, nothing for other files."""
    if b"GNU.sparse.map" in values:
        numbers = values[b"GNU.sparse.map"].split(b",")
    else:
        keys = (b"GNU.sparse.offset", b"GNU.sparse.numbytes")
        numbers = [value for key, value in records if key in keys]
        if not numbers:
            return None
    return _pairs([parse_decimal(number) for number in numbers])


def _pairs(numbers: list[int]) -> SparseMap:
    if len(numbers) % 2 or len(numbers) > 2 * _MAP_ENTRIES:
        raise damaged("has a sparse file with a map that is not valid")
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def read_sparse(stream: Stream, header: Header) -> None:
    """Read what follows a header about a sparse file, if it is one. Raises ``SourceProblem``."""
    if header.kind == b"S":
        _read_gnu_sparse(stream, header)
    elif header.pax.get(b"GNU.sparse.major") == b"1":
        _read_pax_1_0(stream, header)
    if header.pieces is not None:
        _check_pieces(header)


def _read_gnu_sparse(stream: Stream, header: Header) -> None:
    """Read a map of the old GNU format: four pieces in the header, 21 in each block after it."""
    header.real_bytes = parse_number(header.block[483:495])
    header.pieces = _gnu_pieces(header.block[386:482])
    is_extended = header.block[482] != 0
    while is_extended:
        block = stream.read_exactly(BLOCK)
        header.pieces += _gnu_pieces(block[:504])
        is_extended = block[504] != 0
        if len(header.pieces) > _MAP_ENTRIES:
            raise damaged("has a sparse file with a map that is not valid")


def _gnu_pieces(data: bytes) -> SparseMap:
    pieces = []
    for at in range(0, len(data), _GNU_SPARSE_ENTRY):
        if data[at] == 0:
            break
        middle = at + _GNU_SPARSE_ENTRY // 2
        size = parse_number(data[middle : at + _GNU_SPARSE_ENTRY])
        pieces.append((parse_number(data[at:middle]), size))
    return pieces


def _read_pax_1_0(stream: Stream, header: Header) -> None:
    """Read a map of pax format 1.0: decimal lines before the data, padded to a block."""
    buffer = b""
    numbers: list[int] = []
    wanted = 1
    while len(numbers) < wanted:
        if b"\n" not in buffer:
            if header.size_bytes < BLOCK or len(buffer) > BLOCK:
                raise damaged("has a sparse file with a map that is not valid")
            buffer += stream.read_exactly(BLOCK)
            header.size_bytes -= BLOCK
            continue
        line, _, buffer = buffer.partition(b"\n")
        numbers.append(parse_decimal(line))
        if len(numbers) == 1:
            wanted = 1 + 2 * min(numbers[0], _MAP_ENTRIES + 1)
    header.pieces = _pairs(numbers[1:])


def _check_pieces(header: Header) -> None:
    """Raise unless the pieces are in order, inside the file, and as long as the data."""
    end = 0
    for offset, size in header.pieces or ():
        if offset < end:
            raise damaged("has a sparse file with a map that is not valid")
        end = offset + size
    total = sum(size for _, size in header.pieces or ())
    if end > header.real_bytes or total != header.size_bytes:
        raise damaged("has a sparse file with a map that is not valid")
