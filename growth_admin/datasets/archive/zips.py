"""Zip archives: every entry is judged before the first is written, then decoded block by block."""

from __future__ import annotations

import bz2
import lzma
import stat
import struct
import zlib
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

from growth_admin.datasets.archive.jail import Jail
from growth_admin.datasets.archive.limits import ArchiveFacts, Budget, UnpackLimits
from growth_admin.datasets.archive.links import Link, Links
from growth_admin.datasets.archive.naming import PATH_BYTES, shown, unsafe
from growth_admin.datasets.archive.notes import Notes
from growth_admin.datasets.archive.streams import (
    Decoder,
    ZlibDecoder,
    damaged,
    run_decoder,
    too_much_memory,
)
from growth_admin.datasets.archive.zip_directory import (
    ZIP64_EXTRA,
    Entry,
    find_directory,
    parse_extra,
    read_entries,
    zip64_values,
)
from growth_admin.datasets.archive.zip_window import Window
from growth_admin.datasets.facts import SourceProblem

_LOCAL: Final = struct.Struct("<4s5H3L2H")
_DESCRIPTOR_FLAG: Final = 0x8
_ENCRYPTED_FLAGS: Final = 0x1 | 0x40 | 0x2000
_STORED, _DEFLATED, _BZIP2, _LZMA = 0, 8, 12, 14
_OTHER_METHODS: Final = {
    1: "Shrink",
    6: "Implode",
    9: "Deflate64",
    93: "Zstandard",
    95: "XZ",
    98: "PPMd",
    99: "AES",
}
_DESCRIPTOR_MAGIC: Final = b"PK\7\x08"
_KINDS: Final = (0, stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK)
_SET_ID: Final = stat.S_ISUID | stat.S_ISGID


class ZipReader:
    """An open zip archive."""

    def __init__(self, fd: int, file_bytes: int, memory_bytes: int) -> None:
        self._window = Window(fd)
        self._fd = fd
        self._memory_bytes = memory_bytes
        self._directory = find_directory(fd, file_bytes)
        self._offsets = array("Q")

    def entries(self) -> Iterator[Entry]:
        """Yield the entries in the order of the directory. Raises ``SourceProblem``."""
        return read_entries(self._fd, self._directory)

    def judge(self, budget: Budget) -> None:
        """Look at every entry before any is written. Raises ``SourceProblem``.

        Entries that overlap are one small piece of data under many names (D. Fifield, "A better
        zip bomb", 2019).
        """
        ends: list[tuple[int, int]] = []
        for entry in self.entries():
            _refuse_entry(entry)
            budget.add_member(
                entry.name, size_bytes=entry.size_bytes, packed_bytes=entry.packed_bytes
            )
            budget.add_bytes(entry.size_bytes)
            least = _LOCAL.size + len(entry.raw_name) + entry.packed_bytes
            ends.append((entry.offset, entry.offset + least))
        ends.sort()
        self._offsets = array("Q", (offset for offset, _ in ends))
        self._offsets.append(self._directory.offset)
        for (_, end), following in zip(ends, self._offsets[1:], strict=True):
            if end > following:
                raise _overlap()

    def blocks(self, entry: Entry) -> Iterator[bytes | memoryview]:
        """Yield what an entry decodes to; its size and CRC are right at the end, or it raises."""
        data_at, has_descriptor = self._find_data(entry)
        end = data_at + entry.packed_bytes
        if end > self._offsets[bisect_right(self._offsets, entry.offset)]:
            raise _overlap()
        size = crc = 0
        for block in self._decoded(entry, data_at, end):
            size += len(block)
            crc = zlib.crc32(block, crc)
            if size > entry.size_bytes:
                raise unsafe(entry.name, "unpacks to more than the archive says")
            yield block
        if size != entry.size_bytes or crc != entry.crc:
            raise damaged(f"is damaged: {shown(entry.name)} has another checksum than it should")
        if has_descriptor:
            self._check_descriptor(entry, end)

    def _find_data(self, entry: Entry) -> tuple[int, bool]:
        """Return where an entry's data begin, and whether a descriptor follows them.

        Raises ``SourceProblem`` unless the header beside the data agrees with the directory.
        """
        head = bytes(self._window.read(entry.offset, _LOCAL.size))
        if len(head) < _LOCAL.size or head[:4] != b"PK\3\4":
            raise damaged("has a directory that points elsewhere than to its entries")
        _, _, flags, method, _, _, crc, packed, size, name_size, extra_size = _LOCAL.unpack(head)
        names_at = entry.offset + _LOCAL.size
        raw_name = bytes(self._window.read(names_at, name_size))
        agree = raw_name == entry.raw_name and method == entry.method
        agree = agree and not (flags ^ entry.flags) & _ENCRYPTED_FLAGS
        has_descriptor = bool(flags & _DESCRIPTOR_FLAG)
        if not has_descriptor:
            extra = parse_extra(bytes(self._window.read(names_at + name_size, extra_size)))
            size, packed, _ = zip64_values(extra.get(ZIP64_EXTRA, b""), size, packed, 0)
            found = (crc, packed, size)
            agree = agree and found == (entry.crc, entry.packed_bytes, entry.size_bytes)
        if not agree:
            raise _disagreement(entry)
        return names_at + name_size + extra_size, has_descriptor

    def _check_descriptor(self, entry: Entry, at: int) -> None:
        """Raise unless the data descriptor (section 4.3.9) says what the directory says."""
        data = bytes(self._window.read(at, len(_DESCRIPTOR_MAGIC) + 20))
        said = [struct.pack("<L2Q", entry.crc, entry.packed_bytes, entry.size_bytes)]
        if max(entry.packed_bytes, entry.size_bytes) < 1 << 32:
            said.append(struct.pack("<3L", entry.crc, entry.packed_bytes, entry.size_bytes))
        if not any(data.startswith((text, _DESCRIPTOR_MAGIC + text)) for text in said):
            raise _disagreement(entry)

    def _decoded(self, entry: Entry, at: int, end: int) -> Iterator[bytes | memoryview]:
        if entry.method == _STORED:
            yield from self._window.blocks(at, end)
            return
        decoder, head_size = self._decoder(entry, at)
        has_end = entry.method != _LZMA or bool(entry.flags & 2)
        size = 0
        at += head_size
        while not decoder.eof and size < entry.size_bytes + has_end:
            data = self._window.part(at, end) if decoder.needs_input else memoryview(b"")
            block = run_decoder(decoder, data, self._memory_bytes)
            at += len(data) - len(decoder.unused_data)
            size += len(block)
            if not block and not data and not decoder.eof:
                raise damaged(f"is damaged: {shown(entry.name)} ends too early")
            yield block
        if at != end:
            raise damaged(f"is damaged: {shown(entry.name)} is shorter than its place")

    def _decoder(self, entry: Entry, at: int) -> tuple[Decoder, int]:
        """Return the decoder for an entry and how many bytes of its data are for the decoder."""
        if entry.method == _DEFLATED:
            return ZlibDecoder(-zlib.MAX_WBITS), 0
        if entry.method == _BZIP2:
            return bz2.BZ2Decompressor(), 0
        head = bytes(self._window.read(at, 9))
        if len(head) < 9 or head[2:4] != b"\5\0" or entry.packed_bytes < 9:
            raise damaged(f"is damaged: {shown(entry.name)} has no valid LZMA header")
        return _lzma_decoder(head[4:], self._memory_bytes), 9


def _lzma_decoder(properties: bytes, memory_bytes: int) -> Decoder:
    """Return a decoder of raw LZMA (section 5.8.8; properties as in the LZMA SDK)."""
    rest, lc = divmod(properties[0], 9)
    pb, lp = divmod(rest, 5)
    dictionary = int.from_bytes(properties[1:], "little")
    if dictionary > memory_bytes:
        raise too_much_memory(dictionary, memory_bytes)
    filters = {"id": lzma.FILTER_LZMA1, "dict_size": max(dictionary, 4096)}
    try:
        return lzma.LZMADecompressor(
            lzma.FORMAT_RAW, filters=[filters | {"lc": lc, "lp": lp, "pb": pb}]
        )
    except (lzma.LZMAError, ValueError) as e:
        raise damaged("is damaged: LZMA properties that are not valid") from e


def _overlap() -> SourceProblem:
    return SourceProblem(
        "archive_unsafe",
        "The archive is refused: entries of it share the same bytes, as zip bombs do.",
        hint="Ask whoever made the archive to pack it again.",
    )


def _disagreement(entry: Entry) -> SourceProblem:
    return unsafe(
        entry.name,
        "is something else in the archive's directory than beside its data",
        hint="Pack it again; programs would unpack different things from it.",
    )


def _refuse_entry(entry: Entry) -> None:
    """Raise if an entry is of a kind that is not unpacked."""
    if entry.flags & _ENCRYPTED_FLAGS:
        raise unsafe(entry.name, "is encrypted", hint="Pack it again without a password.")
    if entry.method not in (_STORED, _DEFLATED, _BZIP2, _LZMA):
        method = _OTHER_METHODS.get(entry.method, f"number {entry.method}")
        raise unsafe(
            entry.name,
            f"is packed with a method that is not supported ({method})",
            hint="Pack it again with Deflate, which every program writes.",
        )
    kind = stat.S_IFMT(entry.mode)
    if kind not in _KINDS:
        raise unsafe(entry.name, "is a device, a pipe or a socket")
    if entry.is_folder and kind == stat.S_IFLNK:
        raise unsafe(entry.name, "is a folder and a link at once")
    if _is_folder(entry) and entry.size_bytes:
        raise unsafe(entry.name, f"is a folder that carries {entry.size_bytes:,} bytes of data")


def _is_folder(entry: Entry) -> bool:
    return entry.is_folder or stat.S_ISDIR(entry.mode)


def unpack_zip(reader: ZipReader, jail: Jail, limits: UnpackLimits, packed_bytes: int) -> Notes:
    """Write the entries of a zip archive. Raises ``SourceProblem``."""
    reader.judge(Budget(limits, packed_bytes))
    links, notes = Links(jail), Notes()
    for entry in reader.entries():
        jail.pulse.beat(entry.offset)
        notes.see(entry.name, has_set_id=bool(entry.mode & _SET_ID), is_guessed=entry.is_guessed)
        if _is_folder(entry):
            jail.add_folder(entry.name)
        elif stat.S_ISLNK(entry.mode):
            links.add(Link(entry.name, _read_target(reader, entry), is_hard=False))
        else:
            with jail.new_file(
                entry.name, size_bytes=entry.size_bytes, packed_bytes=entry.packed_bytes
            ) as out:
                for block in reader.blocks(entry):
                    out.write(block)
                    jail.pulse.beat(entry.offset)
    links.settle()
    return notes


def _read_target(reader: ZipReader, entry: Entry) -> str:
    """Return what a symbolic link points to. Raises ``SourceProblem``."""
    if entry.size_bytes > PATH_BYTES:
        raise unsafe(entry.name, "is a link with a target longer than any path")
    target = b"".join(reader.blocks(entry))
    try:
        return target.decode()
    except UnicodeDecodeError:
        return target.decode("cp437")


def measure_zip(reader: ZipReader) -> ArchiveFacts:
    """Return how many files an archive has and how large they are together."""
    sizes = [entry.size_bytes for entry in reader.entries() if not _is_folder(entry)]
    return ArchiveFacts("zip", len(sizes), sum(sizes))
