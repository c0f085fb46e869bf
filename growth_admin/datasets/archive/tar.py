"""Tar archives, read in one pass from a stream that may be compressed."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from typing import Final

from growth_admin.datasets.archive.jail import Jail, OutFile
from growth_admin.datasets.archive.limits import BLOCK_BYTES, ArchiveFacts, Budget
from growth_admin.datasets.archive.links import Link, Links
from growth_admin.datasets.archive.naming import PATH_BYTES, unsafe
from growth_admin.datasets.archive.notes import Notes
from growth_admin.datasets.archive.streams import Stream, damaged
from growth_admin.datasets.archive.tar_headers import (
    BLOCK,
    PAX_BYTES,
    Header,
    Pax,
    apply_pax,
    is_header,
    parse_header,
    parse_pax,
    read_sparse,
)
from growth_admin.datasets.facts import SourceProblem

_FILES: Final = frozenset({b"0", b"\0", b"7", b"S"})
_HARD, _SYMBOLIC, _LABEL = b"1", b"2", b"V"
_KINDS: Final = {
    b"D": "is the list of a folder for an incremental backup",
    b"3": "is a character device",
    b"4": "is a block device",
    b"6": "is a pipe",
    b"M": "is the rest of a file in another volume",
}
_EXTENDED_IN_A_ROW: Final = 8
_PADDING_BYTES: Final = 64 << 20
"""Zeros after the end: tapes pad to their block, and nothing pads to gigabytes."""
_SET_ID: Final = stat.S_ISUID | stat.S_ISGID


class TarReader:
    """The members of a tar stream, in order; read each one's data before the next."""

    def __init__(self, stream: Stream, budget: Budget) -> None:
        self._stream = stream
        self._budget = budget
        self._global: Pax = []

    def members(self) -> Iterator[Header]:
        """Yield each member. Raises ``SourceProblem``; ``not_an_archive`` at the first block."""
        is_first = True
        while (block := self._block(is_first)) is not None:
            header = self._member(block)
            is_first = False
            if header is not None:
                yield header
        self._check_end()

    def copy(self, header: Header, out: OutFile) -> None:
        """Write the data of the member that was yielded last."""
        if header.pieces is None:
            self._copy(header.size_bytes, out)
        else:
            at = 0
            for offset, size in header.pieces:
                out.write_zeros(offset - at)
                self._copy(size, out)
                at = offset + size
            out.write_zeros(header.real_bytes - at)
        self._stream.skip(-header.size_bytes % BLOCK)

    def skip(self, header: Header) -> None:
        """Pass over the data of the member that was yielded last."""
        self._stream.skip(header.size_bytes + -header.size_bytes % BLOCK)

    def _copy(self, size: int, out: OutFile) -> None:
        while size > 0:
            part = self._stream.read(min(size, BLOCK_BYTES))
            if not part:
                raise damaged("ends too early")
            out.write(part)
            size -= len(part)

    def _block(self, is_first: bool) -> bytes | None:
        """Return the next header block, nothing at the mark of the end."""
        block = self._stream.read_exactly(BLOCK)
        if not any(block):
            return None
        if not is_header(block):
            if is_first:
                raise SourceProblem(
                    "not_an_archive",
                    "The file is not a tar archive.",
                    hint="Publish it without unpacking, or look at what it really is.",
                )
            raise damaged("is damaged: a header's checksum is wrong")
        return block

    def _member(self, block: bytes) -> Header | None:
        """Return the member that a block begins, nothing for what only changes the members after.

        Raises ``SourceProblem``.
        """
        header = parse_header(block)
        if header.kind == b"g":
            self._budget.add_member("pax_global_header")
            self._global = parse_pax(self._extended(header, PAX_BYTES))
            return None
        records: Pax = []
        long_name = long_target = b""
        for _ in range(_EXTENDED_IN_A_ROW):
            if header.kind == b"L":
                long_name = self._extended(header, PATH_BYTES * 2).rstrip(b"\0")
            elif header.kind == b"K":
                long_target = self._extended(header, PATH_BYTES * 2).rstrip(b"\0")
            elif header.kind in (b"x", b"X"):
                records += parse_pax(self._extended(header, PAX_BYTES))
            else:
                header.name, header.target = long_name or header.name, long_target or header.target
                apply_pax(header, self._global + records)
                read_sparse(self._stream, header)
                return header
            block = self._stream.read_exactly(BLOCK)
            if not is_header(block):
                raise damaged("is damaged: a header's checksum is wrong")
            header = parse_header(block)
        raise damaged("has more extended headers for one file than any tool writes")

    def _extended(self, header: Header, limit: int) -> bytes:
        """Return the data of an extended header; more than ``limit`` bytes are refused."""
        if header.size_bytes > limit:
            raise unsafe(
                header.name, f"has an extended header of {header.size_bytes:,} bytes, as bombs do"
            )
        data = self._stream.read_exactly(header.size_bytes)
        self._stream.skip(-header.size_bytes % BLOCK)
        return data

    def _check_end(self) -> None:
        """Read the rest of the stream: padding, and the checksums behind it."""
        padding = 0
        while rest := self._stream.read(BLOCK_BYTES):
            padding += len(rest)
            if padding > _PADDING_BYTES:
                raise damaged("goes on with zeros after its end, as bombs do")
            if any(rest):
                raise damaged("is followed by other data after its end")


def unpack_tar(stream: Stream, jail: Jail) -> Notes:
    """Write the members of a tar archive. Raises ``SourceProblem``."""
    reader = TarReader(stream, jail.budget)
    links, notes = Links(jail), Notes()
    for header in reader.members():
        name, is_guessed = _text(header.name)
        notes.see(name, has_set_id=bool(header.mode & _SET_ID), is_guessed=is_guessed)
        if header.kind == _LABEL:
            reader.skip(header)
        elif header.kind in (_HARD, _SYMBOLIC):
            _refuse_data(header, name, "link")
            links.add(Link(name, _text(header.target)[0], header.kind == _HARD))
        elif _is_folder(header):
            _refuse_data(header, name, "folder")
            jail.add_folder(name)
        elif header.kind in _FILES:
            with jail.new_file(name, size_bytes=header.real_bytes) as out:
                reader.copy(header, out)
        else:
            reason = _KINDS.get(header.kind, f"is of a kind nobody knows: {header.kind!r}")
            raise unsafe(name, reason)
    links.settle()
    return notes


def measure_tar(stream: Stream, budget: Budget) -> ArchiveFacts:
    """Return how many files a tar archive has and how large they are together."""
    reader = TarReader(stream, budget)
    files = size_bytes = 0
    for header in reader.members():
        if header.kind in _FILES and not _is_folder(header):
            files += 1
            size_bytes += header.real_bytes
        elif header.kind in (_HARD, _SYMBOLIC):
            files += 1
        reader.skip(header)
    return ArchiveFacts("tar", files, size_bytes)


def _is_folder(header: Header) -> bool:
    """Return whether it is a folder; before ustar these were files named with a slash."""
    return header.kind == b"5" or (header.kind in _FILES and header.name.endswith(b"/"))


def _text(data: bytes) -> tuple[str, bool]:
    """Return a name, and whether its encoding was guessed: Latin-1 if it is no UTF-8."""
    try:
        return data.decode(), False
    except UnicodeDecodeError:
        return data.decode("latin-1"), True


def _refuse_data(header: Header, name: str, kind: str) -> None:
    """Raise for a link or a folder that says it has data: tools disagree whether they follow."""
    if header.size_bytes:
        raise unsafe(name, f"is a {kind} that carries {header.size_bytes:,} bytes of data")
