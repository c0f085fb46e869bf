"""7z archives, decoded by a confined process (``seven_child``) and written here."""

from __future__ import annotations

import json
import os
import select
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from growth_admin.datasets.archive import seven_child
from growth_admin.datasets.archive.jail import Jail
from growth_admin.datasets.archive.limits import ArchiveFacts, Budget, UnpackLimits
from growth_admin.datasets.archive.links import Link, Links
from growth_admin.datasets.archive.naming import PATH_BYTES, unsafe
from growth_admin.datasets.archive.notes import Notes
from growth_admin.datasets.archive.streams import damaged, too_much_memory
from growth_admin.datasets.facts import SourceProblem

_SILENCE_S: Final = 120.0
"""A decoder that says nothing for so long hangs; the slowest codec gives megabytes a second."""
_POLL_S: Final = 0.5
_FRAME_BYTES: Final = 2 << 20
_PIPE_BYTES: Final = 1 << 20
_KINDS: Final = (0, stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK)
_SET_ID: Final = stat.S_ISUID | stat.S_ISGID


class Member(NamedTuple):
    """What a 7z archive says of one member."""

    name: str
    size_bytes: int
    has_data: bool
    is_folder: bool
    mode: int
    is_reparse_point: bool


class Frames:
    """What the decoding process sends."""

    def __init__(self, fd: int, memory_bytes: int, beat: Callable[[], None]) -> None:
        self._fd = fd
        self._memory_bytes = memory_bytes
        self._beat = beat
        self._poll = select.poll()
        self._poll.register(fd, select.POLLIN)

    def read(self) -> tuple[bytes, bytes]:
        """Return the next frame's kind and data. Raises ``SourceProblem``."""
        kind, size = seven_child.FRAME.unpack(self._exactly(seven_child.FRAME.size))
        if size > _FRAME_BYTES:
            raise damaged("is damaged: its decoder says nonsense")
        data = self._exactly(size)
        if kind == seven_child.PROBLEM:
            code, text = json.loads(data)
            raise _problem(code, text, self._memory_bytes)
        return kind, data

    def _exactly(self, size: int) -> bytes:
        parts = []
        silent_at_s = time.monotonic() + _SILENCE_S
        while size:
            self._beat()
            if self._poll.poll(_POLL_S * 1000):
                part = os.read(self._fd, min(size, _PIPE_BYTES))
                if not part:
                    raise damaged("is damaged: its decoder ended before the archive did")
                parts.append(part)
                size -= len(part)
                silent_at_s = time.monotonic() + _SILENCE_S
            elif time.monotonic() > silent_at_s:
                raise damaged("is damaged: its decoder hangs")
        return parts[0] if len(parts) == 1 else b"".join(parts)


def _problem(code: str, text: str, memory_bytes: int) -> SourceProblem:
    """Return the refusal that the decoding process asks for."""
    if code == "encrypted":
        detail, hint = "The archive is encrypted.", "Pack it again without a password."
        return SourceProblem("archive_unsafe", detail, hint=hint)
    if code == "method":
        detail = f"The archive is packed with a method that is not supported: {text[:60]}"
        return SourceProblem("archive_unsafe", detail, hint="Pack it again with LZMA2, or as zip.")
    if code == "memory":
        return too_much_memory(int(text or 0), memory_bytes)
    if "invalid type b'\\x10'" in text:
        detail = "The archive is refused: it deletes files (7z anti-items)."
        return SourceProblem("archive_unsafe", detail, hint="Pack the files themselves.")
    return damaged(f"is damaged: {text}")


@contextmanager
def _decoder(
    archive: Path, limits: UnpackLimits, beat: Callable[[], None], *arguments: str
) -> Iterator[Frames]:
    """Yield what a decoding process sends; the process is gone afterwards, come what may."""
    command = [sys.executable, "-I", "-m", seven_child.__name__, str(limits.memory_bytes)]
    with archive.open("rb") as source:
        process = subprocess.Popen(
            [*command, *arguments],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
        )
    try:
        with process:
            try:
                assert process.stdout is not None
                yield Frames(process.stdout.fileno(), limits.memory_bytes, beat)
            finally:
                process.kill()
    finally:
        process.wait()


def _members(frames: Frames, budget: Budget) -> list[Member]:
    """Return the list of members, judged. Raises ``SourceProblem``."""
    members = []
    while (frame := frames.read())[0] == seven_child.MEMBER:
        member = Member(**json.loads(frame[1]))
        if member.is_reparse_point or stat.S_IFMT(member.mode) not in _KINDS:
            raise unsafe(member.name, "is a device, a pipe, a socket or a Windows junction")
        if member.is_folder and (member.has_data or stat.S_ISLNK(member.mode)):
            raise unsafe(member.name, "is a folder that carries data")
        budget.add_member(member.name, size_bytes=member.size_bytes)
        budget.add_bytes(member.size_bytes)
        members.append(member)
    return members


def _data(frames: Frames, index: int, member: Member) -> Iterator[bytes]:
    """Yield the data of a member, as many bytes as it says. Raises ``SourceProblem``."""
    if not member.has_data:
        return
    if frames.read() != (seven_child.BEGIN, str(index).encode()):
        raise damaged("is damaged: its decoder says nonsense")
    missing = member.size_bytes
    while missing > 0:
        kind, data = frames.read()
        missing -= len(data)
        if kind != seven_child.DATA or missing < 0:
            raise damaged("is damaged: its decoder says nonsense")
        yield data


def unpack_7z(archive: Path, jail: Jail) -> Notes:
    """Write the members of a 7z archive. Raises ``SourceProblem``."""
    limits, packed_bytes = jail.budget.limits, archive.stat().st_size
    links, notes = Links(jail), Notes()
    total_bytes = 1

    def beat() -> None:
        # the decoder alone knows how far it has read: what is written stands for it
        jail.pulse.beat(packed_bytes * jail.budget.total_bytes // total_bytes)

    with _decoder(archive, limits, beat) as frames:
        members = _members(frames, Budget(limits, packed_bytes))
        total_bytes += sum(member.size_bytes for member in members)
        for index, member in enumerate(members):
            notes.see(member.name, has_set_id=bool(member.mode & _SET_ID), is_guessed=False)
            _write(jail, links, member, _data(frames, index, member))
        if frames.read()[0] != seven_child.DONE:  # the last checksum is told before this
            raise damaged("is damaged: its decoder says nonsense")
    links.settle()
    return notes


def _write(jail: Jail, links: Links, member: Member, data: Iterator[bytes]) -> None:
    """Write one member. Raises ``SourceProblem``."""
    if member.is_folder:
        jail.add_folder(member.name)
    elif stat.S_ISLNK(member.mode):
        if member.size_bytes > PATH_BYTES:
            raise unsafe(member.name, "is a link with a target longer than any path")
        target = b"".join(data).decode("utf-8", "replace")
        links.add(Link(member.name, target, is_hard=False))
    else:
        with jail.new_file(member.name, size_bytes=member.size_bytes) as out:
            for block in data:
                out.write(block)


def measure_7z(archive: Path, limits: UnpackLimits) -> ArchiveFacts:
    """Return how many files a 7z archive has and how large they are together."""
    with _decoder(archive, limits, lambda: None, "--list") as frames:
        members = _members(frames, Budget(limits, 1))
    files = [member for member in members if not member.is_folder]
    return ArchiveFacts("7z", len(files), sum(member.size_bytes for member in files))
