"""Who has which version: the receipts that the start chain leaves, held against what is current.

The chain writes ``<folder>/<user>.json`` at each start, field by field from what ``growth-data``
left in the student's home. A receipt is believed for its own student's row only. Links are never
followed, pipes never waited for, and what cannot be read is counted.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal, NamedTuple

from pydantic import AwareDatetime, Field, ValidationError

from growth_admin.core.errors import NotFound
from growth_admin.core.fsops import storage_errors
from growth_admin.core.schema import Model
from growth_admin.datasets.models import (
    Dataset,
    Delivery,
    ReceiptCounts,
    ReceiptRow,
    ReceiptState,
    ReceiptTable,
)

LIMIT_BYTES: Final = 256 * 1024
"""The chain takes 64 KiB from a home; letters outside ASCII take more room as it writes them."""
_END: Final = ".json"


class Holding(Model):
    """What one student had of one dataset when the receipt was written."""

    name: str = Field(max_length=64)
    delivery: Delivery
    version: str = Field(default="", max_length=16)
    state: ReceiptState
    edited_files: int = Field(default=0, ge=0)
    detail: str = Field(default="", max_length=300)


class StoredReceipt(Model):
    """One file, schema 1."""

    format: Literal[1] = Field(alias="schema")
    time: AwareDatetime
    datasets: tuple[Holding, ...] = Field(max_length=1000)


class _Seen(NamedTuple):
    """A file as it was seen: while these stay the same, so does its content."""

    mtime_ns: int
    size_bytes: int
    inode: int


@dataclass(frozen=True)
class StudentReceipt:
    """What one student had, by dataset."""

    user: str
    time: datetime
    holdings: dict[str, Holding]


@dataclass(frozen=True)
class Receipts:
    """All receipts, by user, and how many could not be read."""

    of_students: tuple[StudentReceipt, ...]
    unreadable: int


@dataclass(frozen=True)
class _Look:
    """One look at the folder: each file as it was seen, and what was counted since."""

    files: dict[str, tuple[_Seen, StudentReceipt | None]]
    receipts: Receipts
    counted: dict[tuple[str, str, bool], ReceiptCounts]


class ReceiptReader:
    """Reads the folder, and each file again only when it has changed. Threads may share it.

    The receipt of the user ``without`` is not counted: the school's bot is no student.
    """

    def __init__(self, folder: Path, *, without: str = "") -> None:
        self._folder = folder
        self._without = f"{without}{_END}" if without else ""
        self._last = _Look({}, Receipts((), 0), {})

    def rows(self) -> Receipts:
        """Return all receipts; none if the folder is not there.

        Raises ``StorageUnavailable`` when the folder cannot be listed.
        """
        return self._look().receipts

    def _look(self) -> _Look:
        before = self._last
        files: dict[str, tuple[_Seen, StudentReceipt | None]] = {}
        unreadable = 0
        for name, seen in _receipt_files(self._folder):
            if name == self._without:
                continue
            if seen is None:
                unreadable += 1
                continue
            known = before.files.get(name)
            files[name] = known if known and known[0] == seen else (seen, self._read(name))
            unreadable += files[name][1] is None
        if files != before.files or unreadable != before.receipts.unreadable:
            found = [receipt for _, receipt in files.values() if receipt is not None]
            of_students = tuple(sorted(found, key=lambda one: one.user))
            self._last = before = _Look(files, Receipts(of_students, unreadable), {})
        return before

    def table(self, dataset: Dataset) -> ReceiptTable:
        """Return who has which version of a dataset, by user. Raises as ``rows``."""
        receipts = self.rows()
        rows = tuple(_row(dataset, student) for student in receipts.of_students)
        return ReceiptTable(
            name=dataset.name,
            current=dataset.current,
            rows=rows,
            counts=_count(row.state for row in rows),
            unreadable=receipts.unreadable,
        )

    def counts(self, datasets: Iterable[Dataset]) -> dict[str, ReceiptCounts]:
        """Return how many students are in each state, by dataset. Raises as ``rows``."""
        look = self._look()
        counts = {}
        for dataset in datasets:
            key = (dataset.name, dataset.current, dataset.is_managed)
            if key not in look.counted:
                look.counted[key] = _count(
                    state_of(dataset, student) for student in look.receipts.of_students
                )
            counts[dataset.name] = look.counted[key]
        return counts

    def _read(self, name: str) -> StudentReceipt | None:
        """Return a receipt; nothing if it cannot be read or is none."""
        try:
            stored = StoredReceipt.from_record_json(_content(self._folder / name))
        except (OSError, ValidationError):
            return None
        holdings = {holding.name: holding for holding in stored.datasets}
        return StudentReceipt(name.removesuffix(_END), stored.time, holdings)


def state_of(dataset: Dataset, student: StudentReceipt) -> ReceiptState:
    """Return where a student is now, by what the last start left.

    A link shows every new version at once; a copy stays what it was until the next start. What was
    published after the last start is not missing: the next one brings it.
    """
    state = _state_at_start(dataset, student.holdings.get(dataset.name))
    if state == "missing":
        published = (v.published for v in dataset.versions if v.version == dataset.current)
        if student.time < next(published, student.time):
            return "behind"
    return state


def _state_at_start(dataset: Dataset, holding: Holding | None) -> ReceiptState:
    if holding is None:
        return "missing"
    if holding.state in ("edited", "partial", "missing"):
        return holding.state
    if holding.delivery == "link":
        return "current" if dataset.current or not dataset.is_managed else "missing"
    return "current" if holding.version == dataset.current else "behind"


def _row(dataset: Dataset, student: StudentReceipt) -> ReceiptRow:
    holding = student.holdings.get(dataset.name)
    state = state_of(dataset, student)
    if holding is None:
        return ReceiptRow(
            user=student.user, state=state, delivery=dataset.delivery, time=student.time
        )
    is_live_link = holding.delivery == "link" and state == "current"
    return ReceiptRow(
        user=student.user,
        state=state,
        version=dataset.current if is_live_link else holding.version,
        delivery=holding.delivery,
        time=student.time,
        edited_files=holding.edited_files,
        detail=holding.detail,
    )


def _count(states: Iterable[ReceiptState]) -> ReceiptCounts:
    counts: dict[ReceiptState, int] = {}
    for state in states:
        counts[state] = counts.get(state, 0) + 1
    return ReceiptCounts(**counts)


def _receipt_files(folder: Path) -> Iterator[tuple[str, _Seen | None]]:
    """Yield the name of each receipt and how it looks; nothing for what is no plain file."""
    try:
        with storage_errors(folder), os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith(".") or not entry.name.endswith(_END):
                    continue
                try:
                    yield entry.name, _seen(entry.stat(follow_symlinks=False))
                except FileNotFoundError:
                    continue  # replaced at this moment: the next look sees it
    except NotFound:
        return


def _seen(status: os.stat_result) -> _Seen | None:
    is_readable = stat.S_ISREG(status.st_mode) and status.st_size <= LIMIT_BYTES
    return _Seen(status.st_mtime_ns, status.st_size, status.st_ino) if is_readable else None


def _content(path: Path) -> bytes:
    """Return what is in a plain file. Raises ``OSError``."""
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(fd, "rb") as file:
        return file.read(LIMIT_BYTES)
