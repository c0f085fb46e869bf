"""A rollout whose records lie on a slow disk: as many are in flight as may be, all the same."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from growth_admin.core.audit import AuditTrail
from growth_admin.jobs.engine import JobEngine
from growth_admin.jobs.models import ENDED
from growth_admin.jobs.store import JobStore, Lease
from growth_admin.servers.hub import HubClient
from growth_admin.servers.manager import ServerManager
from growth_admin.servers.models import Pace
from growth_admin.servers.rollout import Limits
from tests.unit.servers.conftest import target_of
from tests.unit.servers.stand_in_hub import TOKEN, StandInHub
from tests.unit.servers.waiting import wait_until

WRITE_S = 0.5
SPACING_S = 0.1
IN_FLIGHT = 12


class SlowStore(JobStore):
    """Keeps lines on a file server that takes half a second for each write."""

    def append_journal(self, lease: Lease, lines: Sequence[str]) -> None:
        """Keep them, slowly."""
        time.sleep(WRITE_S)
        super().append_journal(lease, lines)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[JobEngine]:
    """An admin's engine with its records on that disk."""
    audit = AuditTrail(tmp_path / "audit", writer="ada")
    store = SlowStore(tmp_path / "jobs")
    engine = JobEngine(store, user="ada", server="ada/", audit=audit)
    yield engine
    engine.close()


def test_restart_when_each_write_is_slow_then_the_limit_in_flight_is_reached_all_the_same(
    hub: StandInHub, engine: JobEngine
) -> None:
    names = [f"s{number:02}" for number in range(3 * IN_FLIGHT)]
    for name in names:
        hub.add(name, "")
    hub.slow_stop_s = hub.slow_spawn_s = 0.0
    hub.stop_s, hub.spawn_s = 1.0, 2.0
    manager = ServerManager(
        HubClient(hub.url, TOKEN),
        engine,
        owner="ada",
        limits=Limits(poll_s=0.2, spacing_s=SPACING_S),
    )
    engine.open()
    pace = Pace(max_in_flight=IN_FLIGHT, canary_count=0)
    plan = manager.plan("restart", [target_of(name) for name in names], pace=pace)
    job = manager.apply(plan.id, "restart", plan.servers, "ada", pace=pace)
    wait_until(lambda: engine.get_job(job.id, ["servers"]).state in ENDED, 120)
    assert engine.get_job(job.id, ["servers"]).state == "succeeded"
    assert hub.most_in_flight == IN_FLIGHT
