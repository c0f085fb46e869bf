"""What students' servers left in the drop box, and whose word it is.

Everybody may drop files there, so nothing in one is believed but for what its owner proves: the
file system says which uid wrote it. The hub gives each GitHub account a uid of its own
(``container_uid`` in ``deploy/hub_config.py``).
"""

from __future__ import annotations

import os
import stat
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pydantic import Field, ValidationError

from growth_admin.core.schema import Model
from growth_admin.core.words import count
from growth_admin.servers.notices.models import NoticeReceipt

LIMIT_BYTES: Final = 8 * 1024
FILES_LIMIT: Final = 20_000
PER_UID_LIMIT: Final = 4
"""A student has a server, and perhaps one that was replaced; more is somebody filling the box."""
STALE_S: Final = 14 * 86_400.0
LATEST_S: Final = 4_102_444_800.0
"""The year 2100: later times are nonsense."""


class Said(Model):
    """What one server said to one notice; times in seconds since 1970, by its clock."""

    seen_s: float | None = Field(default=None, ge=0, le=LATEST_S)
    saved_s: float | None = Field(default=None, ge=0, le=LATEST_S)
    documents: int = Field(default=0, ge=0, le=10_000)
    unsaved: int = Field(default=0, ge=0, le=10_000)
    ready_s: float | None = Field(default=None, ge=0, le=LATEST_S)
    wants_time_s: float | None = Field(default=None, ge=0, le=LATEST_S)
    wants_min: int = Field(default=0, ge=0, le=240)
    busy_kernels: int | None = Field(default=None, ge=0, le=10_000)
    told_s: float | None = Field(default=None, ge=0, le=LATEST_S)


class ReplyFile(Model):
    """One server's file."""

    user: str = Field(min_length=1, max_length=255)
    server: str = Field(default="", max_length=255)
    written_s: float
    replies: dict[str, Said] = Field(max_length=50)


@dataclass(frozen=True)
class Dropped:
    """A file, and who wrote it."""

    uid: int
    file: ReplyFile
    is_proven: bool = False

    def receipt(self, said: Said) -> NoticeReceipt:
        """Return what was said, as organisers read it."""
        return NoticeReceipt(
            user=self.file.user,
            server_name=self.file.server,
            is_proven=self.is_proven,
            seen=_moment(said.seen_s),
            saved=_moment(said.saved_s),
            documents=said.documents,
            unsaved=said.unsaved,
            ready=_moment(said.ready_s),
            wants_time=_moment(said.wants_time_s),
            wants_min=said.wants_min,
            busy_kernels=said.busy_kernels,
            told=_moment(said.told_s),
        )


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


@dataclass(frozen=True)
class Replies:
    """All that is believed, and what is wrong with the rest."""

    files: tuple[Dropped, ...] = ()
    problems: tuple[str, ...] = ()

    def to(self, notice: str) -> tuple[NoticeReceipt, ...]:
        """Return the receipts of a notice, by user's name; of one server its newest word."""
        newest = {
            (dropped.file.user, dropped.file.server): dropped.receipt(dropped.file.replies[notice])
            for dropped in sorted(self.files, key=lambda dropped: dropped.file.written_s)
            if notice in dropped.file.replies
        }
        return tuple(newest[key] for key in sorted(newest))


class DropBox:
    """The drop box, as organisers read it. A file that has not changed is not read again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, tuple[tuple[int, ...], Dropped | None]] = {}

    def read(self, known: Mapping[str, int]) -> Replies:
        """Return what is in the box; ``known`` are the uids of users, by their hub names.

        A box that is not there or cannot be read is empty, with a problem in the second case.
        """
        try:
            marks = self._marks()
        except FileNotFoundError:
            return Replies()
        except OSError as e:
            return Replies(problems=(f"Receipts in {self._folder} cannot be read: {e.strerror}.",))
        too_many = len(marks) > FILES_LIMIT
        kept = dict(sorted(marks.items(), key=lambda item: item[1], reverse=True)[:FILES_LIMIT])
        self._read = {name: self._dropped(name, mark) for name, mark in kept.items()}
        found = [dropped for _, dropped in self._read.values() if dropped]
        believed, refused = attribute(found, known, own_uid=os.geteuid())
        bad = len(self._read) - len(found)
        said = (
            (too_many, f"{self._folder} holds more than {FILES_LIMIT} files."),
            (bad, f"{count(bad, 'receipt')} could not be read."),
            (
                refused,
                f"{count(refused, 'receipt')} left out: written by an account that is not the "
                "user's.",
            ),
        )
        return Replies(believed, tuple(text for is_so, text in said if is_so))

    def sweep(self, now_s: float) -> None:
        """Remove what nobody wrote to for two weeks, where this server may: the box is sticky."""
        with suppress(OSError):
            for path in self._folder.iterdir():
                with suppress(OSError):
                    if now_s - path.lstat().st_mtime > STALE_S:
                        path.unlink()

    def _marks(self) -> dict[str, tuple[int, ...]]:
        marks: dict[str, tuple[int, ...]] = {}
        with os.scandir(self._folder) as entries:
            for entry in entries:
                if entry.name.endswith(".json"):
                    with suppress(OSError):
                        found = entry.stat(follow_symlinks=False)
                        marks[entry.name] = (found.st_mtime_ns, found.st_ino, found.st_size)
        return marks

    def _dropped(self, name: str, mark: tuple[int, ...]) -> tuple[tuple[int, ...], Dropped | None]:
        before = self._read.get(name)
        if before and before[0] == mark:
            return before
        with suppress(OSError, ValidationError):
            return mark, _read_file(self._folder / name)
        return mark, None


def _read_file(path: Path) -> Dropped | None:
    """Return one file with the uid that wrote it; nothing for a link, a pipe, or one too long."""
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(fd, "rb") as file:
        found = os.fstat(fd)
        if not stat.S_ISREG(found.st_mode) or found.st_size > LIMIT_BYTES or found.st_nlink != 1:
            return None
        content = file.read(LIMIT_BYTES + 1)
    return Dropped(found.st_uid, ReplyFile.from_record_json(content))


def attribute(
    found: Iterable[Dropped], known: Mapping[str, int], *, own_uid: int
) -> tuple[tuple[Dropped, ...], int]:
    """Return the files that are believed, and how many are not.

    Where the user's uid is known, the file must belong to it. Where it is not, one uid may speak
    for one user only, and for one user only one uid. What belongs to our own account could be
    written by nobody else: in a school without accounts (the demo) that is all files.
    """
    files = sorted(found, key=lambda dropped: dropped.file.written_s, reverse=True)
    by_uid, uids = defaultdict(set), defaultdict(set)
    for dropped in files:
        if dropped.uid != own_uid:
            by_uid[dropped.uid].add(dropped.file.user)
            uids[dropped.file.user].add(dropped.uid)
    owners = {uid: user for user, uid in known.items()}
    taken: dict[int, int] = defaultdict(int)
    believed: list[Dropped] = []
    for dropped in files:
        user, uid = dropped.file.user, dropped.uid
        expected = known.get(user)
        if uid == own_uid:
            is_theirs = True
        elif expected is not None:
            is_theirs = uid == expected
        else:
            is_theirs = uid not in owners and len(by_uid[uid]) == 1 and len(uids[user]) == 1
        taken[uid] += 1
        if is_theirs and (uid == own_uid or taken[uid] <= PER_UID_LIMIT):
            believed.append(Dropped(uid, dropped.file, is_proven=uid == expected))
    return tuple(believed), len(files) - len(believed)
