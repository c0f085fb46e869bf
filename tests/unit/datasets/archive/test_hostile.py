"""Hostile archives: each is refused with its reason, and nothing lands outside."""

from __future__ import annotations

from pathlib import Path

import pytest

from growth_admin.datasets.archive.unpack import UnpackLimits, measure, unpack
from growth_admin.datasets.facts import SourceProblem
from tests.unit.datasets.archive.hostile import Hostile, all_hostile
from tests.unit.datasets.archive.told import Told, harm, snapshot

TABLE = all_hostile()
ROOM_BYTES = 1 << 30


def refuse(case: Hostile, folder: Path) -> SourceProblem:
    """Unpack a hostile archive; return the refusal, after a look that nothing happened."""
    around = folder / "around"
    (around / "into").mkdir(parents=True)
    (around / "evil").write_text("as it was")
    archive = folder / case.name
    archive.write_bytes(case.data)
    before = snapshot(around)
    limits = UnpackLimits(**{"total_bytes": ROOM_BYTES, **case.limits})  # type: ignore[arg-type]
    with pytest.raises(SourceProblem) as caught:
        unpack(archive, around / "into", limits=limits, control=Told())
    after = {
        name: found for name, found in snapshot(around).items() if not name.startswith("into/")
    }
    assert after == before
    assert harm(around / "into") == []
    return caught.value


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case.title)
def test_archive_when_hostile_then_refused_with_its_reason(case: Hostile, tmp_path: Path) -> None:
    problem = refuse(case, tmp_path)
    print(f"{case.title:60} {problem.code:16} {problem.detail}")
    assert (problem.code, case.reason in problem.detail) == (case.code, True), problem.detail
    assert problem.detail.isprintable()
    assert len(problem.detail) < 600
    assert problem.hint or problem.code == "too_large"


def test_table_when_counted_then_it_has_enough_archives_of_each_kind() -> None:
    assert len({case.title for case in TABLE}) == len(TABLE) >= 150
    for kind, least in (("zip:", 70), ("tar", 60), ("7z:", 20)):
        assert len([case for case in TABLE if case.title.startswith(kind)]) >= least


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case.title)
def test_look_when_archive_is_hostile_then_facts_or_a_problem(
    case: Hostile, tmp_path: Path
) -> None:
    archive = tmp_path / case.name
    archive.write_bytes(case.data)
    try:
        assert measure(archive).files >= 0
    except SourceProblem as problem:
        assert problem.code in ("archive_damaged", "archive_unsafe", "not_an_archive")
