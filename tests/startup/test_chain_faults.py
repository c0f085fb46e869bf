"""Whatever is wrong, the server starts, in time, untouched, and the record says what happened."""

from __future__ import annotations

import stat
from typing import Any

import pytest
from chain_faults import ANYTHING, FINE, Case, Expected, list_cases
from chain_world import Started, find_differences, modes
from conftest import Run, Runs

# Six starts share two cores here, with whatever else runs. What has no limit would never end, so
# this may be generous.
SLACK_S = 6.0
LOG_LIMIT_BYTES = 300_000

CASES = list_cases(modes())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_start_when_something_is_wrong_then_server_is_up_and_record_is_right(
    case: Case, runs: Runs, record_property: Any
) -> None:
    run = runs.get(case)
    record_property("fault", _row(case, run.started))
    assert find_differences(run.started, run.bare, case.fault.allowed_s + SLACK_S) == []
    if case.fault.log_says:
        assert case.fault.log_says in run.started.log
    if case.fault.has_record:
        _check_record(case, run.started)
        _check_logs(case, run)


def _row(case: Case, started: Started) -> str:
    """One cell of the fault table: fault, script, era, mode, up, seconds late, record."""
    up = "up" if started.is_up else "DEAD"
    state = started.records[-1]["state"] if started.records else "none"
    script = case.script if case.fault.both_scripts else "-"
    cells = (case.fault.name, script, case.mode, case.era, up, f"{started.late_s:.1f}", state)
    return " ".join(cells)


def _check_record(case: Case, started: Started) -> None:
    record = started.record
    expected = case.fault.says[case.mode]
    _check_script(record, case.script, expected)
    for other in {"as-root.sh", "as-user.sh"} - {case.script}:
        _check_script(record, other, FINE if case.fault.both_scripts else expected)
    if case.fault.start:
        assert record["state"] == case.fault.start
    assert record["rerooted"] == (case.mode == "rerooted")
    if case.fault.notes_say:
        assert case.fault.notes_say in " ".join(record["notes"])
    else:
        assert record["notes"] == [] or case.fault.name.endswith("candidate-id")


def _check_script(record: dict[str, Any], name: str, expected: Expected) -> None:
    told = next(one for one in record["scripts"] if one["name"] == name)
    assert told["state"] == expected.state, told
    if expected.exit_code is not ANYTHING:
        assert (told["exit_code"], told["signal"]) == (expected.exit_code, expected.signal)
    assert expected.problems <= set(told["problems"])
    assert expected.error in told["error"]
    assert len(told["error"]) <= 300


def _check_logs(case: Case, run: Run) -> None:
    """Logs are whole, bounded, plain files that others cannot read; a planted link is harmless."""
    for told in run.started.record["scripts"]:
        path = run.world.logs / told["log"]
        if case.fault.notes_say == "not written" and told["name"] == case.script:
            continue
        found = path.lstat()
        assert stat.S_ISREG(found.st_mode)
        assert found.st_mode & 0o007 == 0
        assert found.st_size <= LOG_LIMIT_BYTES
        assert found.st_uid == run.world.logs.stat().st_uid
        assert told["stdout_bytes"] + told["stderr_bytes"] >= told["dropped_bytes"]
    precious = run.world.root / "precious"
    assert not precious.exists() or precious.read_text() == "precious"
