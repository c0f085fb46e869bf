"""What starts, the roster and the disk tell of one user, in the words of the help desk.

Joins rooms that do not know each other.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from growth_admin.core.errors import GrowthError, NotConfigured, NotFound, StorageUnavailable
from growth_admin.core.fsops import storage_errors
from growth_admin.core.paths import safe_name
from growth_admin.core.schema import now
from growth_admin.servers.help.facts import Standing, StartsOfUser
from growth_admin.servers.help.models import HomeUse, LogTail, PastScript, PastStart
from growth_admin.startup.starts.manager import StartTable
from growth_admin.startup.starts.models import SCRIPTS, LogText, Start

if TYPE_CHECKING:
    from growth_admin.roster.manager import RosterManager

log = logging.getLogger(__name__)
T = TypeVar("T")
STARTS_SHOWN: Final = 10
TAIL_CHARS: Final = 8 * 1024
HOME_LIMIT_S: Final = 2.0
COUNT_LIMIT_S: Final = 1.0
"""Counting a home's files: after so long the sum so far is told."""
ROSTER_LIMIT_S: Final = 6.0
BLOCK_BYTES: Final = 512
"""The unit of ``st_blocks`` (POSIX leaves it open; Linux and macOS use 512)."""


class SchoolHelp:
    """See ``servers.help.facts.HelpSource``. ``roster`` is None where it is closed."""

    def __init__(self, starts: StartTable, roster: RosterManager | None) -> None:
        self._starts = starts
        self._roster = roster
        self._lock = threading.Lock()
        self._asked: dict[str, Future[Any]] = {}

    def read_starts(self, user: str, server_name: str) -> StartsOfUser:
        """Return what the starts of a server left. Raises ``StorageUnavailable``."""
        try:
            history = self._starts.get_history(user, server_name)
        except NotFound:
            return StartsOfUser()
        home = next(
            (
                HomeUse(
                    disk_used_bytes=start.home.used_bytes,
                    disk_size_bytes=start.home.size_bytes,
                    as_of=start.started,
                    source="start",
                )
                for start in history.starts
                if start.home and start.started
            ),
            None,
        )
        return StartsOfUser(
            starts=tuple(_past(s) for s in history.starts[:STARTS_SHOWN] if s.source != "none"),
            logs=tuple(self._tails(user, server_name)),
            home=home,
            notes=history.notes,
        )

    def _tails(self, user: str, server_name: str) -> Iterator[LogTail]:
        for script in SCRIPTS:
            try:
                log = self._starts.get_log(user, script, server_name)
            except NotFound:
                continue
            yield _tail(log)

    def measure_home(self, user: str) -> HomeUse:
        """Look at the home. Raises ``NotConfigured``, ``NotFound``, ``StorageUnavailable``."""
        root = self._roster.homes_root if self._roster else ""
        if not root or self._roster is None:
            raise NotConfigured(
                "Homes cannot be reached from this server, and no start has told it yet.",
                hint="Where they are mounted on organisers' servers, set "
                "c.RosterManager.homes_root; else it comes with the next start.",
            )
        # here and not above: a TA's server knows no roster
        from growth_admin.roster.names import container_name

        account = safe_name(container_name(user, self._roster.reserved), "account")
        home = Path(root) / account
        return self._within(
            HOME_LIMIT_S,
            f"home {user}",
            lambda: measure(home),
            StorageUnavailable(f"{home} has not answered within {HOME_LIMIT_S:.0f} s."),
        )

    def find_standing(self, user: str) -> Standing | None:
        """Return how the user stands in the roster. Raises ``NotConfigured`` and as the roster."""
        roster = self._roster
        if roster is None:
            raise NotConfigured("The roster is not open on this server.")
        roster.require_credential()
        rows = self._within(
            ROSTER_LIMIT_S,
            f"roster {user}",
            lambda: roster.find_people(user),
            StorageUnavailable(f"GitHub has not answered within {ROSTER_LIMIT_S:.0f} s."),
        )
        wanted = user.casefold()
        for row in rows:
            if wanted in (row.names.hub.casefold(), row.login.casefold()):
                left = f"{row.days_left:.0f} days left" if row.days_left is not None else ""
                return Standing(row.state, left or row.detail)
        return None

    def _within(self, limit_s: float, key: str, work: Callable[[], T], late: Exception) -> T:
        """Return what ``work`` returns, or raise ``late``; one that hangs is not asked twice."""
        with self._lock:
            answer = self._asked.get(key)
            if answer is None or answer.done():
                answer = self._asked[key] = Future()
                run = threading.Thread(
                    target=_answer, args=(answer, work), name="growth-help", daemon=True
                )
                run.start()
        try:
            found: T = answer.result(limit_s)
        except Late:
            raise late from None
        return found


def _answer(answer: Future[T], work: Callable[[], T]) -> None:
    try:
        answer.set_result(work())
    except GrowthError as e:
        answer.set_exception(e)
    except Exception as e:  # a fault in one fact must not cost the others
        log.exception("a fact for the help desk failed")
        answer.set_exception(StorageUnavailable(f"An unexpected {type(e).__name__} happened."))


def measure(home: Path) -> HomeUse:
    """Return how full a home's disk is, and what its files take as far as a second reaches.

    Links are not followed. Raises ``NotFound`` without such a home, and ``StorageUnavailable``.
    """
    with storage_errors(home):
        if home.is_symlink():
            raise StorageUnavailable(f"{home} is a link, so it is not looked at.")
        disk = os.statvfs(home)
    files_bytes, is_whole = count_files(home, time.monotonic() + COUNT_LIMIT_S)
    used_bytes = (disk.f_blocks - disk.f_bfree) * disk.f_frsize
    return HomeUse(
        disk_used_bytes=used_bytes,
        disk_size_bytes=used_bytes + disk.f_bavail * disk.f_frsize,
        files_bytes=files_bytes,
        is_counted_whole=is_whole,
        as_of=now(),
        source="disk",
    )


def count_files(home: Path, end_s: float) -> tuple[int | None, bool]:
    """Return what the files below a folder take on disk, and whether all were counted.

    Nothing when not even the folder itself may be listed. ``end_s`` is of the monotonic clock.
    """
    total, is_whole, is_listed = 0, True, False
    folders = [str(home)]
    while folders:
        if time.monotonic() > end_s:
            return total, False
        try:
            with os.scandir(folders.pop()) as entries:
                is_listed = True
                for entry in entries:
                    total += entry.stat(follow_symlinks=False).st_blocks * BLOCK_BYTES
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
        except OSError:
            is_whole = False  # closed to us, or gone meanwhile
    return (total, is_whole) if is_listed else (None, False)


def _past(start: Start) -> PastStart:
    return PastStart(
        id=start.id,
        state=start.state,
        started=start.started,
        duration_s=start.duration_s,
        script=start.script,
        exit_code=start.exit_code,
        signal=start.signal,
        error=start.error,
        image=start.image,
        image_digest=start.image_digest,
        candidate=start.candidate,
        scripts=tuple(
            PastScript(
                name=script.name,
                state=script.state,
                exit_code=script.exit_code,
                signal=script.signal,
                duration_s=script.duration_s,
                revision=script.revision,
                is_old_revision=script.is_old_revision,
                error=script.error,
            )
            for script in start.scripts
        ),
        data=tuple(f"{one.name} ({one.state})" for one in start.data if one.state != "current"),
        notes=start.notes,
    )


def _tail(log: LogText) -> LogTail:
    """Return the end of a log, from the beginning of a line where one is near enough."""
    text = log.text[-TAIL_CHARS:]
    is_cut = len(log.text) > TAIL_CHARS
    if is_cut and "\n" in text[:-1]:
        text = text.partition("\n")[2]
    return LogTail(
        script=log.script,
        name=log.name,
        text=text,
        size_bytes=log.size_bytes,
        is_truncated=is_cut or log.is_truncated,
        written=log.written,
    )
