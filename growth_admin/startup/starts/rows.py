"""The last start of one server as a row of the table, remembered while nothing of it changes."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from growth_admin.startup.starts.accounts import Texts, start_of_logs, start_of_record
from growth_admin.startup.starts.files import StartFiles
from growth_admin.startup.starts.models import HubUserHint, Start, StartRow, StoredStart
from growth_admin.startup.starts.names import Names
from growth_admin.startup.starts.reader import LastRecord, ServerFiles, shown

_SLACK: Final = timedelta(minutes=2)
"""Clocks of the hub, the servers and the file server may differ by this much."""
_LATER_S: Final = 60.0
"""A log this much younger than the newest record belongs to a start without a record."""


@dataclass(frozen=True, slots=True)
class Known:
    """Everything beside the files that a row is made of."""

    names: Names
    texts: Texts
    now_s: float


class Rows:
    """Makes rows, and hands the same one out again as long as it is true."""

    def __init__(self, files: StartFiles) -> None:
        self._files = files
        self._made: dict[str, tuple[Hashable, StartRow]] = {}
        self._without: dict[str, tuple[HubUserHint, StartRow]] = {}

    def row_of(self, files: ServerFiles, known: Known) -> StartRow:
        """Return what is known of the last start of one server."""
        last = self._files.last_record(files)
        record = last.start if isinstance(last, LastRecord) else None
        owner = known.names.owner_of(files.stem, record)
        why_not = _why_not(files, last)
        if record is None or why_not:  # an empty log looks different as time goes by
            notes = (why_not,) if why_not else ()
            start = start_of_logs(files, self._files.complaints(files), known.now_s, notes)
            return _row(files, last, owner, known, start)
        key = _key(files, record, owner, known)
        made = self._made.get(files.stem)
        if made is None or made[0] != key:
            start = start_of_record(record, known.texts, files)
            made = (key, _row(files, last, owner, known, start))
            self._made[files.stem] = made
        return made[1]

    def row_without_files(self, user: str, hint: HubUserHint) -> StartRow:
        """Return the row of a hub user who left no trace."""
        made = self._without.get(user)
        if made is None or made[0] != hint:
            start = Start(state="never-started", source="none")
            if hint.ready_since:
                start = _start_without_trace(hint.ready_since, start)
            row = _extend(start, user=user, nb_user=hint.nb_user or user, is_hub_user=True)
            self._without[user] = made = (hint, row)
        return made[1]


def started_of(row: StartRow) -> datetime:
    """Return when a row's start was; the beginning of time for none."""
    return row.started or datetime.min.replace(tzinfo=UTC)


def _key(files: ServerFiles, record: StoredStart, owner: tuple[str, str], known: Known) -> Hashable:
    """Return all that a row of a record depends on."""
    numbers = tuple(known.texts.number(one.name, one.sha256) for one in record.scripts)
    live = tuple(known.texts.live.get(one.name) for one in record.scripts)
    hub = (known.names.is_hub_user(owner[0]), known.names.hint(owner[0]))
    existing = (frozenset(files.logs), frozenset(files.previous))
    return files.records, existing, owner, hub, numbers, live


def _row(
    files: ServerFiles,
    last: LastRecord | str,
    owner: tuple[str, str],
    known: Known,
    start: Start,
) -> StartRow:
    user, server_name = owner
    ready_since = None if server_name else known.names.hint(user).ready_since
    if ready_since and (start.started is None or start.started < ready_since - _SLACK):
        start = _start_without_trace(ready_since, start)
    known_last = last if isinstance(last, LastRecord) else None
    return _extend(
        start,
        user=user,
        server_name=server_name,
        nb_user=known_last.start.user if known_last and known_last.start else shown(files.stem),
        is_hub_user=known.names.is_hub_user(user),
        starts_known=known_last.known if known_last else int(bool(files.logs)),
        unreadable_records=known_last.unreadable if known_last else 0,
    )


def _extend(start: Start, **fields: object) -> StartRow:
    return StartRow.model_validate(
        {**{name: getattr(start, name) for name in Start.model_fields}, **fields}
    )


def _why_not(files: ServerFiles, last: LastRecord | str) -> str:
    """Return why the newest record does not tell of the last start; empty if it does."""
    if isinstance(last, str):
        return last
    if not last.known:
        return "The file of records is empty."
    if not last.is_newest:
        return "The record of the last start is cut or garbled, so its outcome is not known."
    newest = files.newest_log
    if newest and files.records and newest.mtime_s > files.records.mtime_s + _LATER_S:
        return "The log is younger than the newest record: this start left no record."
    return ""


def _start_without_trace(ready_since: datetime, before: Start) -> Start:
    """Return a start that only the hub knows of."""
    note = "The server runs, but its start left neither record nor log: is the chain in the image?"
    if before.started is not None:
        note += f" The start before, {before.started:%Y-%m-%d %H:%M} UTC, was {before.state}."
    return Start(state="unknown", source="none", started=ready_since, notes=(note,))
