"""Rolling restarts in whose middle the hub is killed, and later the admin's server too.

The bench does it with 300.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from growth_admin.servers.models import Pace
from tests.hub.interruptions import restart_interrupted, running, running_again
from tests.hub.plain_hub import Console, PlainHub, plain_hub
from tests.hub.school import hub55_python

LIMIT = 10
RUNNING = {"hub-6.1": 60, "hub-5.5": 20}


@pytest.fixture(params=list(RUNNING))
def hub(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PlainHub]:
    """A hub where all but ten people's servers run."""
    count = RUNNING[request.param]
    python = sys.executable if request.param == "hub-6.1" else hub55_python()
    with plain_hub(
        tmp_path / "hub", users=count + 10, start_s=0.5, stop_s=0.2, python=python
    ) as hub:
        console = Console(hub, tmp_path / "before")
        names = [f"s{number:05}" for number in range(count)]
        console.run("start", Pace(max_in_flight=2 * LIMIT), names=names)
        console.engine.close()
        assert sorted(running(hub)) == names
        yield hub


@pytest.mark.timeout(300)
def test_restart_when_the_hub_and_the_admins_server_are_killed_then_each_once_and_all_run(
    hub: PlainHub, tmp_path: Path
) -> None:
    before = running(hub)
    done = restart_interrupted(
        hub,
        tmp_path / "restart",
        list(before),
        Pace(max_in_flight=LIMIT),
        hub_dies_at=len(before) // 4,
        admin_dies_at=[len(before) * 2 // 3],
    )
    assert done.job
    assert (done.job.state, done.job.times_taken_over) == ("succeeded", 1), done.job
    assert (done.twice, done.untouched, done.foreign, done.left_stopped) == ([], [], [], [])
    assert done.most_in_flight <= LIMIT
    after = running_again(hub)
    assert after.keys() == before.keys()
    assert all(after[name] != before[name] for name in before)
