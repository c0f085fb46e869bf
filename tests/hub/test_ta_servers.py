"""What a TA may do with servers, on both hub versions: see students', or restart them too."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from growth_admin.core.audit import AuditTrail
from growth_admin.core.errors import GrowthError, HubRefused, NotFound
from growth_admin.jobs.engine import JobEngine
from growth_admin.jobs.models import ENDED, Job
from growth_admin.jobs.store import JobStore
from growth_admin.servers.hub import HubClient
from growth_admin.servers.manager import ServerManager
from growth_admin.servers.models import Selector, Target
from tests.hub.school import School, eventually, hub55_python

TA, STUDENT, ADMIN = "priya-n", "jane-doe", "ada-okafor"
VERSIONS = {"hub-6.1": lambda: sys.executable, "hub-5.5": hub55_python}


class TaRoom:
    """The servers room on a TA's own server's token."""

    def __init__(self, school: School, folder: Path) -> None:
        self.school = school
        for login in ("Priya-N", "Jane-Doe", "Ada-Okafor"):
            school.login(login)
        for name in (TA, STUDENT):
            school.start(name)
        self.environment = school.server_environment(TA)
        self.hub = HubClient(f"{school.url}/hub/api", self.environment["JUPYTERHUB_API_TOKEN"])
        audit = AuditTrail(folder / "audit", writer=TA)
        self.engine = JobEngine(JobStore(folder / "jobs"), user=TA, server=f"{TA}/", audit=audit)
        self.manager = ServerManager(self.hub, self.engine, owner=TA)
        self.engine.open()

    def run(self, action: Any, name: str) -> Job:
        """Plan, apply and wait for the end."""
        plan = self.manager.plan(action, [Target(user=name)])
        job = self.manager.apply(plan.id, action, plan.servers, TA)

        def ended() -> bool:
            return self.engine.get_job(job.id, ["servers"]).state in ENDED

        eventually(ended, 120)
        return self.engine.get_job(job.id, ["servers"])


@pytest.fixture(scope="module", params=VERSIONS)
def granted(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TaRoom]:
    """A school that lets its TAs restart students' servers."""
    root = tmp_path_factory.mktemp("granted")
    python = VERSIONS[request.param]()
    with School.open(root, hub_python=python, GROWTH_TA_RESTARTS="1") as school:
        room = TaRoom(school, root)
        yield room
        room.engine.close()


@pytest.fixture(scope="module", params=VERSIONS)
def seeing(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TaRoom]:
    """A school that lets its TAs see how students' servers are."""
    root = tmp_path_factory.mktemp("seeing")
    python = VERSIONS[request.param]()
    with School.open(root, hub_python=python, GROWTH_TA_AREAS="datasets,servers") as school:
        room = TaRoom(school, root)
        yield room
        room.engine.close()


def test_ta_when_granted_then_the_area_is_open_and_the_list_holds_students_only(
    granted: TaRoom,
) -> None:
    assert granted.environment["GROWTH_AREAS"] == "datasets,servers"
    listed = {s.user: s for s in granted.manager.list_servers().servers}
    assert STUDENT in listed
    assert not {TA, ADMIN} & set(listed)
    assert listed[STUDENT].groups == ("students",)
    assert listed[STUDENT].state == "ready"
    assert listed[STUDENT].ready_since is not None


def test_ta_when_granted_then_a_students_server_is_restarted_and_stopped_and_started(
    granted: TaRoom,
) -> None:
    before = granted.school.server(STUDENT)
    assert granted.run("restart", STUDENT).state == "succeeded"
    after = granted.school.server(STUDENT)
    assert before is not None
    assert after is not None
    assert after["started"] > before["started"]
    assert granted.run("stop", STUDENT).state == "succeeded"
    assert granted.school.server(STUDENT) is None
    assert granted.run("start", STUDENT).state == "succeeded"


def test_ta_when_everybody_is_selected_then_students_only(granted: TaRoom) -> None:
    plan = granted.manager.plan("restart", selector=Selector())
    assert [target.user for target in plan.servers] == [STUDENT]
    plan = granted.manager.plan("restart", selector=Selector(groups=("students",)))
    assert [target.user for target in plan.servers] == [STUDENT]


@pytest.mark.parametrize("name", [ADMIN, "nobody-here"])
def test_ta_when_granted_then_other_servers_are_refused_by_the_hub(
    granted: TaRoom, name: str
) -> None:
    with pytest.raises(NotFound):
        granted.manager.plan("restart", [Target(user=name)])
    for attempt in (granted.hub.stop_server, granted.hub.start_server, granted.hub.get_user):
        with pytest.raises((NotFound, HubRefused)):
            attempt(name)


def test_ta_when_only_seeing_then_the_list_is_there_and_every_change_is_refused(
    seeing: TaRoom,
) -> None:
    assert seeing.environment["GROWTH_AREAS"] == "datasets,servers"
    listed = {s.user: s.state for s in seeing.manager.list_servers().servers}
    assert listed[STUDENT] == "ready"
    assert not {TA, ADMIN} & set(listed)
    before = seeing.school.server(STUDENT)
    for attempt in (seeing.hub.stop_server, seeing.hub.start_server):
        with pytest.raises((NotFound, HubRefused)):
            attempt(STUDENT)
    job = seeing.run("restart", STUDENT)
    assert job.state == "failed"
    assert seeing.school.server(STUDENT) == before


def test_ta_when_nothing_is_granted_then_the_hub_lists_nobody(
    either_school: School,
) -> None:
    either_school.login("Priya-N")
    either_school.start(TA)
    hub = HubClient(f"{either_school.url}/hub/api", either_school.server_token(TA))
    with pytest.raises(GrowthError):
        hub.list_users()
    either_school.stop(TA)
