"""Files of the start chain and of the old hook: found in one pass, read with an end.

``<logs>/<name>-as-root.log`` and ``-as-user.log`` (``.1``: the start before), and
``<logs>/records/<name>.jsonl``; ``<name>`` is ``<user>`` or ``<user>--<server>``. Links are
never followed, pipes never waited for, and no path is made from what a file says.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from pydantic import ValidationError

from growth_admin.core.errors import NotFound, StorageUnavailable
from growth_admin.core.fsops import storage_errors
from growth_admin.startup.starts.models import ERROR_LIMIT_CHARS, SCRIPTS, StoredStart

RECORDS_LIMIT_BYTES: Final = 4 * 1024 * 1024
SIGNATURE_LIMIT_BYTES: Final = 64 * 1024
_RECORDS_END: Final = ".jsonl"
_LOG_ENDS: Final = {
    f"-{script.removesuffix('.sh')}.log{'.1' if which else ''}": (script, which)
    for script in SCRIPTS
    for which in (0, 1)
}
_ENDS: Final = (_RECORDS_END, *_LOG_ENDS)
_PIECE_BYTES: Final = 1 << 20
_SIGNATURE: Final = re.compile(
    r"command not found|: not found$|permission denied|no such file or directory"
    r"|no space left on device|disk quota exceeded|read-only file system"
    r"|traceback \(most recent call last\)|^[\w.]*(?:error|exception)\b|\bfatal: "
    r"|syntax error|could not resolve|cannot (?:create|open|access|stat|remove)",
    re.IGNORECASE,
)


class Seen(NamedTuple):
    """A file as it was seen: while these stay the same, so does its content."""

    mtime_ns: int
    size_bytes: int
    inode: int

    @property
    def mtime_s(self) -> float:
        """When it was last written, in seconds since the epoch."""
        return self.mtime_ns / 1e9


def seen_of(status: os.stat_result) -> Seen:
    """Return what identifies this content of a file."""
    return Seen(status.st_mtime_ns, status.st_size, status.st_ino)


@dataclass(slots=True)
class ServerFiles:
    """The files of one server: the logs of the last start, and which of the one before exist."""

    stem: str
    records: Seen | None = None
    logs: dict[str, Seen] = field(default_factory=dict)
    previous: set[str] = field(default_factory=set)

    def log_name(self, script: str, which: int) -> str:
        """Return the file name of a log."""
        return f"{self.stem}-{script.removesuffix('.sh')}.log{'.1' if which else ''}"

    @property
    def newest_log(self) -> Seen | None:
        """The log of the last start that was written last."""
        return max(self.logs.values(), default=None)


@dataclass
class Folder:
    """What lies in the logs folder."""

    servers: dict[str, ServerFiles] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    """Names that look like ours but are links, pipes, folders or devices."""
    notes: list[str] = field(default_factory=list)

    def of(self, stem: str) -> ServerFiles:
        """Return the files of one name, none as yet if it is new."""
        files = self.servers.get(stem)
        if files is None:
            files = self.servers[stem] = ServerFiles(stem)
        return files


def shown(name: str) -> str:
    """Return a file name as text that can travel: bytes that are not UTF-8 become ``\\xNN``."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def scan_logs(logs: Path, records: Path) -> Folder:
    """Return the files of every server. A folder that does not exist is a note, not an error.

    Raises ``StorageUnavailable`` when the logs folder is there but cannot be listed.
    """
    found = Folder()
    try:
        for entry in _files(logs, found):
            end = next((end for end in _LOG_ENDS if entry.name.endswith(end)), "")
            if stem := entry.name[: -len(end)] if end else "":
                script, which = _LOG_ENDS[end]
                if which:
                    found.of(stem).previous.add(script)
                elif seen := _seen(entry):
                    found.of(stem).logs[script] = seen
    except NotFound:
        found.notes.append(
            f"{logs} does not exist: nothing has started yet, or the folder is not mounted here."
        )
        return found
    try:
        for entry in _files(records, found):
            if entry.name.endswith(_RECORDS_END) and (seen := _seen(entry)):
                found.of(entry.name.removesuffix(_RECORDS_END)).records = seen
    except NotFound:
        if found.servers:
            found.notes.append("There are no records, only plain logs: the old hook is in use.")
    except StorageUnavailable as error:
        found.notes.append(f"Records are left out. {error.detail}")
    return found


def _files(folder: Path, found: Folder) -> Iterator[os.DirEntry[str]]:
    """Yield the regular files of ``folder``; what poses as one goes to ``found.refused``."""
    with storage_errors(folder), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name[0] == "." or not entry.name.endswith(_ENDS):
                continue
            if entry.is_file(follow_symlinks=False):
                yield entry
            else:
                found.refused.append(shown(entry.name))


def _seen(entry: os.DirEntry[str]) -> Seen | None:
    """Return a file as it is seen; nothing if it was replaced at this moment."""
    try:
        return seen_of(entry.stat(follow_symlinks=False))
    except FileNotFoundError:
        return None


def look(path: Path) -> Seen | None:
    """Return a file as it is seen, or nothing if there is no regular file that can be looked at."""
    try:
        status = path.lstat()
    except (OSError, UnicodeError):
        return None
    return seen_of(status) if stat.S_ISREG(status.st_mode) else None


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of a file."""

    data: bytes
    skipped_bytes: int
    seen: Seen


def read_tail(path: Path, limit_bytes: int) -> Tail:
    """Return the last ``limit_bytes`` of a regular file.

    Raises ``NotFound``, or ``StorageUnavailable`` for a link, a pipe, or a file that cannot be
    read.
    """
    with storage_errors(path):
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            status = os.fstat(fd)
            if not stat.S_ISREG(status.st_mode):
                raise StorageUnavailable(
                    f"{shown(path.name)} is not a regular file.", hint="Move it away."
                )
            skipped = max(0, status.st_size - limit_bytes)
            data = _read(fd, skipped, status.st_size - skipped)
            return Tail(data, skipped, seen_of(status))
        finally:
            os.close(fd)


def count_lines(path: Path, end: int) -> int:
    """Return how many line ends lie before byte ``end`` of a regular file."""
    with storage_errors(path):
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            return sum(
                _read(fd, start, min(_PIECE_BYTES, end - start)).count(b"\n")
                for start in range(0, end, _PIECE_BYTES)
            )
        finally:
            os.close(fd)


def _read(fd: int, start: int, size: int) -> bytes:
    parts: list[bytes] = []
    while size > 0 and (part := os.pread(fd, min(size, _PIECE_BYTES), start)):
        parts.append(part)
        start += len(part)
        size -= len(part)
    return b"".join(parts)


# -- records


@dataclass(frozen=True, slots=True)
class LastRecord:
    """What the end of a records file says.

    ``start`` is the newest record that can be read; ``is_newest`` whether it is the last line.
    """

    start: StoredStart | None
    is_newest: bool
    known: int
    unreadable: int


def record_lines(tail: Tail) -> list[bytes]:
    """Return the lines that should be records; of a file too long to read, the whole ones."""
    data = tail.data
    if tail.skipped_bytes:
        data = data[data.find(b"\n") + 1 :]
    return [line for line in data.split(b"\n") if line.strip()]


def last_record(lines: list[bytes]) -> LastRecord:
    """Return the newest record, parsing no more than it must.

    A line in the middle counts as unreadable if it is not even a whole JSON object; only
    ``parse_records`` knows for sure.
    """
    start = None
    index = len(lines) - 1
    while index >= 0 and (start := parse_record(lines[index])) is None:
        index -= 1
    cut = sum(1 for line in lines[: max(index, 0)] if line[:1] != b"{" or line[-1:] != b"}")
    unreadable = len(lines) - 1 - index + cut
    return LastRecord(start, index == len(lines) - 1, len(lines), unreadable)


def parse_record(line: bytes) -> StoredStart | None:
    """Return the record of one line, or nothing if it is cut, garbled or of another schema."""
    try:
        return StoredStart.from_record_json(line)
    except ValidationError:
        pass
    try:  # half of a surrogate pair, which is what Python makes of a byte that is not UTF-8
        text = json.dumps(json.loads(line), ensure_ascii=False)
        return StoredStart.from_record_json(text.encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None


# -- plain logs


def last_complaint(log: bytes) -> str:
    """Return the last line of a log that looks like an error, at most 300 characters of it."""
    for line in reversed(log.decode("utf-8", "replace").splitlines()):
        if _SIGNATURE.search(line.strip()):
            return line.strip()[:ERROR_LIMIT_CHARS]
    return ""
