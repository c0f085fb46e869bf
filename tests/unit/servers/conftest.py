"""A stand-in hub, and the room on top of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from growth_admin.core.audit import AuditTrail
from growth_admin.core.paths import Paths
from growth_admin.jobs.engine import JobEngine
from growth_admin.jobs.models import ENDED, Job
from growth_admin.jobs.store import JobStore
from growth_admin.servers.courtesy import Rhythm
from growth_admin.servers.crier import Crier
from growth_admin.servers.hub import HubClient
from growth_admin.servers.manager import ServerManager
from growth_admin.servers.models import Action, Courtesy, Pace, Target
from growth_admin.servers.notices.board import NoticeBoard
from growth_admin.servers.notices.manager import NoticeManager
from growth_admin.servers.notices.replies import DropBox
from growth_admin.servers.planning import UNTOLD
from growth_admin.servers.rollout import Limits
from tests.unit.servers.stand_in_hub import TOKEN, StandInHub, running_hub
from tests.unit.servers.waiting import wait_until

PACE = Pace()
RHYTHM = Rhythm(
    minute_s=0.2, read_s=0.05, lead_s=0.1, step_s=0.4, save_s=4.0, late_s=0.3, took_s=0.1
)
"""Five minutes are a second."""
QUICK = Limits(stop_s=4, start_s=4, busy_s=8, hub_out_s=6, poll_s=0.05, spacing_s=0.0)


@pytest.fixture
def hub() -> Iterator[StandInHub]:
    """A hub that listens, with no users."""
    with running_hub() as running:
        yield running


@pytest.fixture
def client(hub: StandInHub) -> HubClient:
    """A client with a token that the hub knows."""
    return HubClient(hub.url, TOKEN)


class Desk:
    """One admin's server: its engine and its manager."""

    def __init__(
        self,
        hub: StandInHub,
        folder: Path,
        *,
        owner: str,
        limits: Limits = QUICK,
        rhythm: Rhythm = RHYTHM,
        told_jobs: JobStore | None = None,
    ):
        self.engine = JobEngine(
            JobStore(folder / "jobs"),
            user=owner,
            server=f"{owner}/",
            audit=AuditTrail(folder / "audit", writer=owner),
            lease_s=0.6,
        )
        self.audit = AuditTrail(folder / "audit", writer="reader")
        self.paths = Paths(folder / "admin", folder / "nfs")
        for root in (self.paths.admin_root, self.paths.shared_root):
            root.mkdir(exist_ok=True)
        self.notices = NoticeManager(NoticeBoard(self.paths), DropBox(self.paths.replies))
        self.manager = ServerManager(
            HubClient(hub.url, TOKEN),
            self.engine,
            owner=owner,
            limits=limits,
            crier=Crier(self.notices, rhythm=rhythm),
            told_jobs=told_jobs,
        )
        self.engine.open()

    def begin(
        self,
        action: Action,
        *users: str,
        by: str = "ada",
        pace: Pace = PACE,
        courtesy: Courtesy = UNTOLD,
    ) -> Job:
        """Plan and apply; a name is a user, or user/server."""
        targets = [target_of(user) for user in users]
        plan = self.manager.plan(action, targets, pace=pace, courtesy=courtesy)
        return self.manager.apply(plan.id, action, plan.servers, by, pace=pace, courtesy=courtesy)

    def get(self, job: Job) -> Job:
        """Return the job as it is now."""
        return self.engine.get_job(job.id, ["servers"])

    def ended(self, job: Job, timeout_s: float = 20) -> Job:
        """Return the job once it has ended."""
        wait_until(lambda: self.get(job).state in ENDED, timeout_s)
        return self.get(job)

    def run(self, action: Action, *users: str, pace: Pace = PACE) -> Job:
        """Plan, apply and wait for the end."""
        return self.ended(self.begin(action, *users, pace=pace))

    def log(self, job: Job) -> str:
        """Return the job's log."""
        return self.engine.read_log(job.id, ["servers"], 0).text


def target_of(user: str) -> Target:
    """Return the target that people write as user, or user/server."""
    name, _, server = user.partition("/")
    return Target(user=name, server_name=server)


MakeDesk = Callable[..., Desk]


@pytest.fixture
def make_desk(hub: StandInHub, tmp_path: Path) -> Iterator[MakeDesk]:
    """Makes admins' servers that share one disk; they are closed at the end."""
    made: list[Desk] = []

    def make(owner: str = "ada", **fields: Any) -> Desk:
        desk = Desk(hub, tmp_path, owner=owner, **fields)
        made.append(desk)
        return desk

    yield make
    for desk in made:
        desk.engine.close()


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    """The server of the admin ada."""
    return make_desk()
