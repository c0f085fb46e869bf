"""Archives written byte by byte, so that they can say anything."""

from __future__ import annotations

import io
import struct
import tarfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

UNIX = 3
FAT = 0


@dataclass
class Entry:
    """A zip entry. What is None is told truly; ``local_*`` is what stands beside the data."""

    name: bytes
    data: bytes = b""
    method: int = 0
    flags: int = 0
    mode: int = 0
    attributes: int = 0
    host: int = UNIX
    crc: int | None = None
    size: int | None = None
    packed: bytes | None = None
    extra: bytes = b""
    local_name: bytes | None = None
    local_method: int | None = None
    local_size: int | None = None
    descriptor: bytes = b""
    offset: int | None = None
    disk: int = 0

    def body(self) -> bytes:
        """Return the data as they are stored."""
        if self.packed is not None:
            return self.packed
        return deflate(self.data) if self.method == 8 else self.data


def deflate(data: bytes) -> bytes:
    """Return raw deflate data."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def zip_bytes(
    entries: Sequence[Entry], *, count: int | None = None, offset: int = 0, disk: int = 0
) -> bytes:
    """Return a zip archive."""
    body, directory = bytearray(), bytearray()
    for entry in entries:
        packed = entry.body()
        crc = zlib.crc32(entry.data) if entry.crc is None else entry.crc
        size = len(entry.data) if entry.size is None else entry.size
        at = len(body) if entry.offset is None else entry.offset
        sizes = (crc, len(packed), size)
        local_name = entry.name if entry.local_name is None else entry.local_name
        local_method = entry.method if entry.local_method is None else entry.local_method
        local = (crc, len(packed), size if entry.local_size is None else entry.local_size)
        if entry.flags & 8:
            local = (0, 0, 0)
        if entry.offset is None:
            head = struct.pack(
                "<4s5H3L2H",
                b"PK\3\4",
                20,
                entry.flags,
                local_method,
                0,
                0,
                *local,
                len(local_name),
                0,
            )
            body += head + local_name + packed + entry.descriptor
        attributes = entry.mode << 16 | entry.attributes
        names = (len(entry.name), len(entry.extra), 0, entry.disk, 0, attributes, at)
        made = entry.host << 8 | 20
        directory += struct.pack(
            "<4s6H3L5H2L", b"PK\1\2", made, 20, entry.flags, entry.method, 0, 0, *sizes, *names
        )
        directory += entry.name + entry.extra
    # tools without zip64 let the number wrap round
    number = len(entries) & 0xFFFF if count is None else count
    end = struct.pack(
        "<4s4H2LH", b"PK\5\6", disk, disk, number, number, len(directory), len(body) + offset, 0
    )
    return bytes(body + directory + end)


def tar_bytes(*members: tuple[tarfile.TarInfo, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    """Return a tar archive as Python writes it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for info, data in members:
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def member(name: str, data: bytes = b"", **fields: object) -> tuple[tarfile.TarInfo, bytes]:
    """Return a member for ``tar_bytes``; fields are those of ``TarInfo``."""
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, data


def header(
    name: bytes,
    *,
    size: bytes = b"00000000000\0",
    kind: bytes = b"0",
    target: bytes = b"",
    change: Callable[[bytearray], None] | None = None,
    magic: bytes = b"ustar\x0000",
) -> bytes:
    """Return one tar header block with a right checksum."""
    block = bytearray(512)
    block[: len(name)] = name
    block[100:108] = b"0000644\0"
    block[108:116] = block[116:124] = b"0000000\0"
    block[124:136] = size
    block[136:148] = b"00000000000\0"
    block[156:157] = kind
    block[157 : 157 + len(target)] = target
    block[257:265] = magic
    if change is not None:
        change(block)
    block[148:156] = b"        "
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def octal(size: int) -> bytes:
    """Return a size as a header has it."""
    return b"%011o\0" % size


def padded(data: bytes) -> bytes:
    """Return data filled up to whole blocks."""
    return data + bytes(-len(data) % 512)


def pax_header(records: bytes, *, kind: bytes = b"x") -> bytes:
    """Return an extended header with these records."""
    return header(b"pax", size=octal(len(records)), kind=kind) + padded(records)


def record(key: str, value: str) -> bytes:
    """Return one pax record with its own length in front."""
    rest = f" {key}={value}\n".encode()
    length = len(rest)
    while len(str(length)) + len(rest) != length:
        length = len(str(length)) + len(rest)
    return str(length).encode() + rest


END = bytes(1024)
"""The mark at the end of a tar archive."""


@dataclass
class SevenFile:
    """A member of a 7z archive; without data and with ``is_folder`` it is a folder."""

    name: str
    data: bytes = b""
    is_folder: bool = False
    mode: int = 0o100644
    attributes: int | None = None


def number(value: int) -> bytes:
    """Return a 7z number (7zFormat.txt, section 1.3), in its short or its longest form."""
    return bytes([value]) if value < 0x80 else b"\xff" + value.to_bytes(8, "little")


def bits(values: Sequence[bool]) -> bytes:
    """Return a 7z bit vector."""
    data = bytearray(-(-len(values) // 8))
    for at, value in enumerate(values):
        data[at // 8] |= value << (7 - at % 8)
    return bytes(data)


def seven_bytes(
    files: Sequence[SevenFile],
    *,
    coder: bytes = b"\x01\x00",
    packed: bytes | None = None,
    sizes: Sequence[int] | None = None,
    anti: bool = False,
    crcs: Sequence[int] | None = None,
) -> bytes:
    """Return a 7z archive: one folder of stored data, unless ``coder`` and ``packed`` differ."""
    full = [file for file in files if file.data]
    empty = [file for file in files if not file.data]
    body = b"".join(file.data for file in full) if packed is None else packed
    sizes = [len(file.data) for file in full] if sizes is None else sizes
    crcs = [zlib.crc32(file.data) for file in full] if crcs is None else crcs
    streams = b""
    if full:
        streams = b"\x04\x06\x00\x01\x09" + number(len(body)) + b"\x00"
        streams += b"\x07\x0b\x01\x00\x01" + coder + b"\x0c" + number(sum(sizes)) + b"\x00"
        streams += b"\x08\x0d" + number(len(full))
        streams += b"\x09" + b"".join(number(size) for size in sizes[:-1]) if len(full) > 1 else b""
        streams += b"\x0a\x01" + b"".join(crc.to_bytes(4, "little") for crc in crcs) + b"\x00\x00"
    listing = b"\x05" + number(len(files))
    if empty:
        listing += _property(0x0E, bits([not file.data for file in files]))
        listing += _property(0x0F, bits([not file.is_folder for file in empty]))
    if anti:
        listing += _property(0x10, bits([True for _ in empty]))
    names = b"".join(file.name.encode("utf-16-le", "surrogatepass") + b"\0\0" for file in files)
    listing += _property(0x11, b"\0" + names)
    attributes = b"".join(struct.pack("<L", _attributes(file)) for file in files)
    listing += _property(0x15, b"\x01\0" + attributes) + b"\x00"
    head = b"\x01" + streams + listing + b"\x00"
    start = struct.pack("<QQL", len(body), len(head), zlib.crc32(head))
    return b"7z\xbc\xaf'\x1c\0\x04" + struct.pack("<L", zlib.crc32(start)) + start + body + head


def _property(kind: int, data: bytes) -> bytes:
    return bytes([kind]) + number(len(data)) + data


def _attributes(file: SevenFile) -> int:
    if file.attributes is not None:
        return file.attributes
    return (0x10 if file.is_folder else 0) | 0x8000 | file.mode << 16
