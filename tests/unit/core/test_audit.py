"""The audit trail: many writers, filters, garbage, speed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from growth_admin.core.audit import AuditTrail, Entry, SchoolAudit
from growth_admin.core.errors import StorageFull, StorageUnavailable
from growth_admin.core.permissions import AREAS
from growth_admin.core.plan import Undo
from tests.conftest import Child, fill

FIELDS: dict[str, Any] = {
    "user": "jane",
    "permission": "startup.scripts:save",
    "area": "startup",
    "action": "save",
    "result": "done",
}


def write_entry(folder: Path, moment: datetime, **fields: Any) -> None:
    """Put an entry of another time where another writer would have put it."""
    entry = Entry(id=f"{moment:%Y%m%dT%H%M%S}-x", time=moment, **{**FIELDS, **fields})
    month = folder / f"{moment.astimezone(UTC):%Y-%m}"
    month.mkdir(parents=True, exist_ok=True)
    with (month / "other-1.jsonl").open("a") as file:
        file.write(entry.model_dump_json() + "\n")


def test_record_when_many_processes_write_then_every_entry_is_there_once(
    tmp_path: Path, spawn: Callable[[Callable[[], object]], Child]
) -> None:
    def writer(number: int) -> Callable[[], None]:
        def run() -> None:
            trail = AuditTrail(tmp_path, writer="jane")
            for index in range(25):
                trail.record(**{**FIELDS, "target": f"{number}-{index}"})

        return run

    children = [spawn(writer(number)) for number in range(4)]
    assert [child.join() for child in children] == [0] * 4
    found = AuditTrail(tmp_path, writer="reader").list_entries(areas=AREAS)
    targets = [entry.target for entry in found.entries]
    assert sorted(targets) == sorted(f"{n}-{i}" for n in range(4) for i in range(25))
    assert found.unreadable == 0
    times = [entry.time for entry in found.entries]
    assert times == sorted(times, reverse=True)


def test_record_when_all_fields_are_given_then_they_come_back(tmp_path: Path) -> None:
    trail = AuditTrail(tmp_path, writer="jane")
    undo = Undo(title="back", method="POST", path="startup/x", body={"revision": 3})
    written = trail.record(**FIELDS, plan_id="p1", before="r1", after="r2", detail="why", undo=undo)
    assert trail.list_entries(areas=["startup"]).entries == (written,)


def test_record_when_the_text_is_markup_or_lines_then_it_stays_data(tmp_path: Path) -> None:
    nasty = '<script>alert("1")</script>\n{"id": "forged"}\r\u2028\x00 é \N{PILE OF POO}'
    trail = AuditTrail(tmp_path, writer="../../etc/passwd")
    trail.record(**{**FIELDS, "detail": nasty, "user": nasty})
    found = trail.list_entries(areas=AREAS)
    assert [entry.detail for entry in found.entries] == [nasty]
    assert found.unreadable == 0
    (path,) = tmp_path.glob("*/*.jsonl")
    assert len(path.read_bytes().splitlines()) == 1


def test_record_when_the_disk_is_full_then_it_says_so_and_the_trail_is_readable(
    small_disk: Path,
) -> None:
    trail = AuditTrail(small_disk / "audit", writer="jane")
    trail.record(**FIELDS)
    filler = fill(small_disk)
    with pytest.raises(StorageFull):
        for _ in range(20):
            trail.record(**{**FIELDS, "detail": "x" * 2000})
    found = trail.list_entries(areas=AREAS)
    assert found.unreadable == 0
    filler.unlink()
    trail.record(**FIELDS)
    assert len(trail.list_entries(areas=AREAS).entries) == len(found.entries) + 1


def test_list_entries_when_filters_are_given_then_only_matches_come(tmp_path: Path) -> None:
    trail = AuditTrail(tmp_path, writer="jane")
    trail.record(**FIELDS)
    trail.record(**{**FIELDS, "user": "Tom-Smith", "permission": "servers.servers:control"})
    trail.record(**{**FIELDS, "area": "servers", "user": "tom-smith"})

    def users(**asked: Any) -> list[str]:
        return [entry.user for entry in trail.list_entries(**{"areas": AREAS, **asked}).entries]

    assert users(user="SMITH") == ["tom-smith", "Tom-Smith"]
    assert users(user="smith", permission="control") == ["Tom-Smith"]
    assert users(areas=["servers"]) == ["tom-smith"]
    assert users(areas=[]) == []
    assert users(limit=2) == ["tom-smith", "Tom-Smith"]
    assert trail.list_entries(areas=AREAS, limit=2).is_truncated
    assert not trail.list_entries(areas=AREAS, limit=3).is_truncated


def test_list_entries_when_a_span_crosses_months_and_zones_then_the_moment_decides(
    tmp_path: Path,
) -> None:
    last_of_november = datetime(2026, 11, 30, 15, 45, tzinfo=UTC)
    for moment in (
        last_of_november - timedelta(hours=1),
        last_of_november,
        last_of_november + timedelta(days=1),
    ):
        write_entry(tmp_path, moment)
    trail = AuditTrail(tmp_path, writer="jane")
    tokyo = timezone(timedelta(hours=9))
    since = datetime(2026, 12, 1, 0, 30, tzinfo=tokyo)  # 15:30 UTC on 30 November
    found = trail.list_entries(areas=AREAS, since=since)
    assert [entry.time.day for entry in found.entries] == [1, 30]
    until = trail.list_entries(areas=AREAS, until=last_of_november.astimezone(tokyo))
    assert [entry.time for entry in until.entries] == [last_of_november - timedelta(hours=1)]


def test_list_entries_when_older_months_are_not_needed_then_newest_still_come_first(
    tmp_path: Path,
) -> None:
    for month in range(1, 12):
        for day in (1, 15):
            write_entry(tmp_path, datetime(2026, month, day, tzinfo=UTC), target=f"{month}-{day}")
    found = AuditTrail(tmp_path, writer="jane").list_entries(areas=AREAS, limit=3)
    assert [entry.target for entry in found.entries] == ["11-15", "11-1", "10-15"]
    assert found.is_truncated


def test_list_entries_when_there_is_garbage_then_it_is_counted_and_the_rest_comes(
    tmp_path: Path,
) -> None:
    trail = AuditTrail(tmp_path, writer="jane")
    entry = trail.record(**FIELDS)
    (path,) = tmp_path.glob("*/*.jsonl")
    no_result = json.dumps({**entry.as_json(), "result": None})
    with path.open("ab") as file:
        file.write(b'\xff\xfe\n{"id": 1}\nnot json\n\n[]\n' + no_result.encode() + b'\n{"id":')
    (tmp_path / "stray-file").write_text("x")
    found = trail.list_entries(areas=AREAS)
    assert found.entries == (entry,)
    assert found.unreadable == 6


def test_list_entries_when_nothing_was_ever_written_then_it_is_empty(tmp_path: Path) -> None:
    found = AuditTrail(tmp_path / "none", writer="jane").list_entries(areas=AREAS)
    assert (found.entries, found.is_truncated, found.unreadable) == ((), False, 0)


def test_list_entries_when_a_file_is_a_folder_then_storage_is_unavailable(
    tmp_path: Path,
) -> None:
    (tmp_path / "audit").mkdir()
    (tmp_path / "audit" / "2026-11").mkdir()
    (tmp_path / "audit" / "2026-11" / "x.jsonl").mkdir()
    with pytest.raises(StorageUnavailable):
        AuditTrail(tmp_path / "audit", writer="jane").list_entries(areas=AREAS)


def test_list_entries_when_there_are_5000_then_it_takes_less_than_a_second(tmp_path: Path) -> None:
    start = datetime(2026, 9, 1, tzinfo=UTC)
    lines: dict[str, list[str]] = {}
    for number in range(5000):
        moment = start + timedelta(minutes=25 * number)
        entry = Entry(id=f"{number}", time=moment, **{**FIELDS, "target": "x" * 80})
        lines.setdefault(f"{moment:%Y-%m}", []).append(entry.model_dump_json())
    for month, rows in lines.items():
        (tmp_path / month).mkdir()
        for writer in range(10):
            text = "\n".join(rows[writer::10]) + "\n"
            (tmp_path / month / f"w{writer}-1.jsonl").write_text(text)
    trail = AuditTrail(tmp_path, writer="jane")
    began_s = time.process_time()
    found = trail.list_entries(areas=AREAS, limit=5000)
    assert time.process_time() - began_s < 1
    assert len(found.entries) == 5000
    assert found.entries[0].id == "4999"


def test_school_audit_when_areas_have_their_own_place_then_both_are_read_and_neither_is_forged(
    tmp_path: Path,
) -> None:
    own = AuditTrail(tmp_path / "admin", writer="ada")
    shared = AuditTrail(tmp_path / "shared", writer="ada")
    trail = SchoolAudit(own, shared, {"datasets"})
    trail.record(**FIELDS)
    trail.record(**{**FIELDS, "area": "datasets", "user": "tess"})
    shared.record(**{**FIELDS, "user": "forger"})
    own.record(**{**FIELDS, "area": "datasets", "user": "misplaced"})
    found = trail.list_entries(areas=AREAS)
    assert [(entry.area, entry.user) for entry in found.entries] == [
        ("datasets", "tess"),
        ("startup", "jane"),
    ]
    assert [e.user for e in shared.list_entries(areas={"datasets"}).entries] == ["tess"]
    assert trail.list_entries(areas={"startup"}, user="tess").entries == ()
