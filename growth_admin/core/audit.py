"""Who changed what: an append-only trail, one file per writer and month.

One writer per file, because ``O_APPEND`` is not atomic between NFS clients. Readers merge the
files by time. A line that cannot be read is counted, never hidden.
"""

from __future__ import annotations

import os
import re
import secrets
import threading
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal, Protocol

from pydantic import Field, ValidationError

from growth_admin.core.fsops import append_line, list_names, read_bytes
from growth_admin.core.plan import Undo, is_undo_of
from growth_admin.core.schema import Model, Moment, now

TOLD: Final = "(as a TA's server tells it)"
"""Marks what lies where any TA may write, in anybody's name."""


class Entry(Model):
    """One change, or one attempt at it."""

    id: str
    time: Moment
    user: str = Field(description="hub user who asked for it")
    permission: str = Field(description="row of the permission table that allowed it")
    area: str
    action: str = Field(description="what was asked for, as HTTP method and path, or a sentence")
    target: str = Field(default="", description="what was changed")
    plan_id: str = ""
    before: str = Field(default="", description="revision or state before")
    after: str = Field(default="", description="revision or state after")
    result: Literal["done", "accepted", "refused", "failed"]
    detail: str = Field(default="", description="reason given by the user, or why it failed")
    undo: Undo | None = None


class EntryList(Model):
    """Entries, newest first."""

    entries: tuple[Entry, ...]
    is_truncated: bool = Field(description="whether older entries were left out by the limit")
    unreadable: int = Field(default=0, description="lines that could not be read")


class Audit(Protocol):
    """Where changes are recorded and read."""

    def record(self, **fields: Any) -> Entry:
        """Write one entry and return it."""
        ...

    def list_entries(
        self,
        *,
        areas: Collection[str],
        user: str = "",
        permission: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 200,
    ) -> EntryList:
        """Return the newest entries that match, newest first."""
        ...


class AuditTrail:
    """The trail of one school, written by this process under its own name."""

    def __init__(self, folder: Path, *, writer: str) -> None:
        self._folder = folder
        self._writer = re.sub(r"[^A-Za-z0-9_.-]", "_", writer)[:60] or "unknown"
        self._token = f"{os.getpid()}-{secrets.token_hex(3)}"
        self._lock = threading.Lock()

    def record(self, **fields: Any) -> Entry:
        """Write one entry and return it. ``fields`` are those of ``Entry`` but id and time.

        Raises ``StorageFull`` or ``StorageUnavailable`` when it cannot be written.
        """
        moment = now()
        entry = Entry(id=f"{moment:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}", time=moment, **fields)
        path = self._folder / f"{moment:%Y-%m}" / f"{self._writer}-{self._token}.jsonl"
        with self._lock:
            append_line(path, entry.as_json_bytes())
        return entry

    def list_entries(
        self,
        *,
        areas: Collection[str],
        user: str = "",
        permission: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 200,
    ) -> EntryList:
        """Return the newest ``limit`` entries of these areas that match, newest first.

        ``user`` and ``permission`` match as parts of the name, without regard to case.
        """
        found: list[Entry] = []
        unreadable = 0
        for month in sorted(self._months(since, until), reverse=True):
            for path in (self._folder / month).glob("*.jsonl"):
                entries, bad = _read(path)
                unreadable += bad
                found.extend(
                    entry
                    for entry in entries
                    if entry.area in areas
                    and user.casefold() in entry.user.casefold()
                    and permission.casefold() in entry.permission.casefold()
                    and (since is None or entry.time >= since)
                    and (until is None or entry.time < until)
                )
            if len(found) > limit:
                break
        found.sort(key=lambda entry: (entry.time, entry.id), reverse=True)
        return EntryList(
            entries=tuple(found[:limit]), is_truncated=len(found) > limit, unreadable=unreadable
        )

    def _months(self, since: datetime | None, until: datetime | None) -> list[str]:
        first = f"{since.astimezone(UTC):%Y-%m}" if since else ""
        last = f"{until.astimezone(UTC):%Y-%m}" if until else "9999-12"
        return [name for name in list_names(self._folder) if first <= name <= last]


class SchoolAudit:
    """The trails of a school as one: an area's entries go where those who hold it may write.

    Of the trail on the shared disk only ``shared_areas`` are believed: whoever may write there
    could claim anything of the others. What it holds of ``told_areas``, which a school may grant
    to TAs, is shown with a mark and without an undo; that of all others is not shown.
    """

    def __init__(
        self,
        own: AuditTrail,
        shared: AuditTrail,
        shared_areas: Collection[str],
        *,
        told_areas: Collection[str] = (),
    ) -> None:
        self._own = own
        self._shared = shared
        self._shared_areas = frozenset(shared_areas)
        self._told_areas = frozenset(told_areas)

    def record(self, **fields: Any) -> Entry:
        """Write one entry and return it, as ``AuditTrail.record``."""
        trail = self._shared if fields["area"] in self._shared_areas else self._own
        return trail.record(**fields)

    def list_entries(
        self,
        *,
        areas: Collection[str],
        user: str = "",
        permission: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 200,
    ) -> EntryList:
        """Return the newest entries of these areas that match, as ``AuditTrail.list_entries``."""
        own, shared = (
            trail.list_entries(
                areas=believed,
                user=user,
                permission=permission,
                since=since,
                until=until,
                limit=limit,
            )
            for trail, believed in (
                (self._own, set(areas) - self._shared_areas),
                (self._shared, (self._shared_areas | self._told_areas) & set(areas)),
            )
        )
        found = sorted(
            (*own.entries, *map(self._shown, shared.entries)),
            key=lambda entry: (entry.time, entry.id),
            reverse=True,
        )
        return EntryList(
            entries=tuple(found[:limit]),
            is_truncated=own.is_truncated or shared.is_truncated or len(found) > limit,
            unreadable=own.unreadable + shared.unreadable,
        )

    def _shown(self, entry: Entry) -> Entry:
        """Return an entry of the shared disk with no more than may be believed of it."""
        if entry.area in self._told_areas:
            detail = f"{entry.detail} {TOLD}".strip()
            return entry.model_copy(update={"detail": detail, "undo": None})
        if entry.undo is None or is_undo_of(entry.undo, entry.area):
            return entry
        return entry.model_copy(update={"undo": None})


def _read(path: Path) -> tuple[list[Entry], int]:
    entries: list[Entry] = []
    unreadable = 0
    for line in read_bytes(path, limit_bytes=64 * 1024 * 1024).splitlines():
        if not line.strip():
            continue
        try:
            entries.append(Entry.from_record_json(line))
        except ValidationError:
            unreadable += 1
    return entries, unreadable
