"""The central directory of zip archives (APPNOTE.TXT 6.3.10), read entry by entry.

It is read here and not by ``zipfile`` because an archive from anywhere may list a hundred million
entries, or the same bytes under many names, or one thing in the directory and another beside the
data; each of these is refused before anything is written.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple

from growth_admin.datasets.archive.streams import damaged
from growth_admin.datasets.facts import SourceProblem

_END: Final = struct.Struct("<4s4H2LH")
_END64: Final = struct.Struct("<4sQ2H2L4Q")
_LOCATOR: Final = struct.Struct("<4sLQL")
_ENTRY: Final = struct.Struct("<4s6H3L5H2L")
_END_MAGIC: Final = b"PK\5\6"
_COMMENT_BYTES: Final = 0xFFFF
_UNSET: Final = 0xFFFFFFFF
ZIP64_EXTRA: Final = 0x0001
_UNICODE_PATH_EXTRA: Final = 0x7075
_UTF8_FLAG: Final = 0x800
_FAT_HOSTS: Final = (0, 10, 14)
_WRAP_BYTES: Final = 1 << 32
_WINDOW_BYTES: Final = 1 << 20


class Directory(NamedTuple):
    """Where the central directory is: its offset and size in bytes, and how many entries."""

    offset: int
    size_bytes: int
    entries: int


class Entry(NamedTuple):
    """One entry of the central directory. ``mode`` is 0 if the archive says none."""

    name: str
    raw_name: bytes
    is_guessed: bool
    flags: int
    method: int
    crc: int
    packed_bytes: int
    size_bytes: int
    offset: int
    mode: int
    is_folder: bool


def find_directory(fd: int, file_bytes: int) -> Directory:
    """Return where the central directory is. Raises ``SourceProblem``."""
    tail_at = max(0, file_bytes - _COMMENT_BYTES - _END.size)
    tail = os.pread(fd, file_bytes - tail_at, tail_at)
    at = tail.rfind(_END_MAGIC)
    while at >= 0:
        if len(tail) - at >= _END.size:
            fields = _END.unpack_from(tail, at)
            end = at + _END.size + fields[7]
            # programs that write to a pipe fill up their last block (bsdtar)
            if end <= len(tail) and not any(tail[end:]):
                return _located(fd, tail_at + at, fields)
        at = tail.rfind(_END_MAGIC, 0, at)
    raise damaged("has no directory at its end: it was cut, or something was added to it")


def _located(fd: int, end_at: int, fields: tuple[int, ...]) -> Directory:
    """Return the directory that the end record at ``end_at`` names, or its zip64 companion."""
    _, disk, start_disk, count_here, count, size, offset, _ = fields
    directory, end_of_directory = Directory(offset, size, count), end_at
    locator = os.pread(fd, _LOCATOR.size, max(0, end_at - _LOCATOR.size))
    if len(locator) == _LOCATOR.size and locator.startswith(b"PK\6\7"):
        _, disk, end64_at, disks = _LOCATOR.unpack(locator)
        record = os.pread(fd, _END64.size, end64_at)
        if len(record) < _END64.size or not record.startswith(b"PK\6\6") or disks > 1:
            raise damaged("has a zip64 directory that is not valid")
        _, _, _, _, disk, start_disk, count_here, count, size, offset = _END64.unpack(record)
        directory, end_of_directory = Directory(offset, size, count), end64_at
    if disk or start_disk or count_here != count:
        raise SourceProblem(
            "archive_unsafe",
            "The archive is one of several volumes.",
            hint="Join the volumes first, for example with 7-Zip.",
        )
    missed = end_of_directory - directory.offset - directory.size_bytes
    if missed > 0 and missed % _WRAP_BYTES == 0:
        raise SourceProblem(
            "archive_damaged",
            "The archive is larger than 4 GiB, and its program wrote sizes that end there.",
            hint="macOS Finder does that: pack it with `tar` or `zip -r` in its Terminal.",
        )
    if missed:
        raise damaged("has its directory elsewhere than it says")
    return directory


def read_entries(fd: int, directory: Directory) -> Iterator[Entry]:
    """Yield the entries of the directory. Raises ``SourceProblem``."""
    at, end, count = directory.offset, directory.offset + directory.size_bytes, 0
    window, window_at = b"", at
    while at < end:
        if at + _ENTRY.size + 3 * _COMMENT_BYTES > window_at + len(window) < end:
            window, window_at = os.pread(fd, min(_WINDOW_BYTES, end - at), at), at
        entry, size = _parse_entry(window, at - window_at)
        at += size
        count += 1
        yield entry
    # the 16-bit count of tools without zip64 wraps round
    if at != end or count & 0xFFFF != directory.entries & 0xFFFF or count < directory.entries:
        raise damaged("has a directory with another number of entries than it says")


def _parse_entry(window: bytes, at: int) -> tuple[Entry, int]:
    """Return the entry at a place of the window, and its size in bytes."""
    if at + _ENTRY.size > len(window) or not window.startswith(b"PK\1\2", at):
        raise damaged("has a directory that is not valid")
    fields = _ENTRY.unpack_from(window, at)
    made_by, flags, method = fields[1], fields[3], fields[4]
    crc, packed, size, name_size, extra_size, comment_size, disk = fields[7:14]
    attributes, offset = fields[15], fields[16]
    name_at = at + _ENTRY.size
    raw_name = window[name_at : name_at + name_size]
    extra = parse_extra(window[name_at + name_size : name_at + name_size + extra_size])
    total = _ENTRY.size + name_size + extra_size + comment_size
    if at + total > len(window) or disk not in (0, 0xFFFF):
        raise damaged("has a directory that is not valid")
    size, packed, offset = zip64_values(extra.get(ZIP64_EXTRA, b""), size, packed, offset)
    host = made_by >> 8
    name, is_guessed = decode_name(raw_name, flags, extra.get(_UNICODE_PATH_EXTRA, b""))
    name = _with_slashes(name, host)
    mode = attributes >> 16 if host in (3, 19) else 0
    is_folder = name.endswith("/") or bool(attributes & 0x10 and not size and host in _FAT_HOSTS)
    entry = Entry(
        name, raw_name, is_guessed, flags, method, crc, packed, size, offset, mode, is_folder
    )
    return entry, total


def parse_extra(data: bytes) -> dict[int, bytes]:
    """Return the extra fields by their numbers (section 4.5). Raises ``SourceProblem``."""
    fields: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(data):
        number, size = struct.unpack_from("<HH", data, at)
        if at + 4 + size > len(data):
            raise damaged("has an extra field that is not valid")
        fields.setdefault(number, data[at + 4 : at + 4 + size])
        at += 4 + size
    return fields


def zip64_values(extra: bytes, *values: int) -> tuple[int, int, int]:
    """Return size, packed size and offset with those that are in the zip64 field taken from it."""
    at, found = 0, []
    for value in values:
        is_elsewhere = value == _UNSET and bool(extra)
        if is_elsewhere and at + 8 > len(extra):
            raise damaged("has a zip64 field that is not valid")
        found.append(struct.unpack_from("<Q", extra, at)[0] if is_elsewhere else value)
        at += 8 * is_elsewhere
    return found[0], found[1], found[2]


def decode_name(raw: bytes, flags: int, unicode_extra: bytes) -> tuple[str, bool]:
    """Return an entry's name, and whether its encoding had to be guessed.

    UTF-8 if the entry says so or if it happens to be (macOS does not say so), the Info-ZIP
    Unicode path if there is one for this very name, else CP437 as the specification has it
    (appendix D). Raises ``SourceProblem``.
    """
    if len(unicode_extra) > 5 and unicode_extra[0] == 1:
        (crc,) = struct.unpack_from("<L", unicode_extra, 1)
        if crc == zlib.crc32(raw):
            raw, flags = unicode_extra[5:], _UTF8_FLAG
    try:
        return raw.decode(), False
    except UnicodeDecodeError:
        if flags & _UTF8_FLAG:
            raise damaged("has a name that is said to be UTF-8 and is not") from None
        return raw.decode("cp437"), True


def _with_slashes(name: str, host: int) -> str:
    """Return the name with slashes, if Windows wrote backslashes between folders.

    .NET before 4.6.1 does (PowerShell 5 too). A name that mixes both is left to be refused.
    """
    return name.replace("\\", "/") if host in _FAT_HOSTS and "/" not in name else name
