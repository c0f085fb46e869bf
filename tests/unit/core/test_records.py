"""Records that a newer growth-admin wrote, read after the image was rolled back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from growth_admin.core.audit import AuditTrail
from growth_admin.core.permissions import AREAS
from growth_admin.core.plan import Undo
from growth_admin.core.schema import Model, now
from growth_admin.core.snapshots import Numbered, Snapshots
from growth_admin.jobs.models import Job, JobProblem, StoredJob
from growth_admin.jobs.store import JobStore


class Row(Model):
    name: str


class Rows(Numbered):
    rows: tuple[Row, ...] = ()


def make_newer(value: Any) -> Any:
    """Return the value with a field more in each of its records, at every depth."""
    if isinstance(value, list):
        return [make_newer(item) for item in value]
    if isinstance(value, dict):
        return {name: make_newer(item) for name, item in value.items()} | {"mood": "sunny"}
    return value


def make_newer_below(folder: Path, pattern: str) -> None:
    """Change every line of every file below a folder to what a newer version might write."""
    (path,) = folder.rglob(pattern)
    lines = [json.dumps(make_newer(json.loads(line))) for line in path.read_text().splitlines()]
    assert lines
    path.chmod(0o600)
    path.write_text("\n".join(lines) + "\n")


def test_record_when_newer_than_its_reader_then_only_what_was_asked_for_is_refused() -> None:
    text = '{"number": 3, "rows": [{"name": "ada", "mood": "sunny"}], "mood": "sunny"}'
    wanted = Rows(number=3, rows=(Row(name="ada"),))
    assert Rows.from_record_json(text) == Rows.from_record(json.loads(text)) == wanted
    with pytest.raises(ValidationError):
        Rows.model_validate_json(text)


def test_snapshot_when_a_newer_version_wrote_it_then_it_is_read_and_can_be_changed(
    tmp_path: Path,
) -> None:
    snapshots = Snapshots(tmp_path, Rows, what="The list")
    written = snapshots.update(lambda rows: rows.model_copy(update={"rows": (Row(name="ada"),)}))
    make_newer_below(tmp_path, "000001.json")
    assert snapshots.load() == written
    assert snapshots.update(lambda rows: rows.model_copy(update={"rows": ()})).number == 2


def test_audit_when_a_newer_version_wrote_it_then_its_entries_are_listed(tmp_path: Path) -> None:
    undo = Undo(
        title="Take it back",
        method="POST",
        path="startup/scripts/10-a.sh/restorations",
        body={"revision": 1},
    )
    entry = AuditTrail(tmp_path, writer="ada").record(
        user="ada", permission="x", area="startup", action="save", result="done", undo=undo
    )
    make_newer_below(tmp_path, "*.jsonl")
    found = AuditTrail(tmp_path, writer="tom").list_entries(areas=AREAS)
    assert ([one.id for one in found.entries], found.unreadable) == ([entry.id], 0)


def test_job_when_a_newer_version_wrote_it_then_it_is_listed(tmp_path: Path) -> None:
    job = Job(
        id="20261129T100000-aaaaaa",
        kind="datasets.publication",
        area="datasets",
        title="Publish stars",
        state="failed",
        created=now(),
        created_by="ada",
        problem=JobProblem(title="x", detail="y"),
    )
    JobStore(tmp_path).create(StoredJob(job=job, params={}))
    make_newer_below(tmp_path, "job.0.json")
    assert JobStore(tmp_path).load(job.id).job == job
    assert [stored.job for stored in JobStore(tmp_path).list_stored()] == [job]
