"""O06 on a real school: a class is told and restarted, or left alone after all."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from nbclient.exceptions import CellExecutionError

from growth_admin.client import GrowthClient
from growth_admin.core.audit import TOLD
from growth_admin.jobs.models import ENDED
from tests.hub.school import School, eventually
from tests.hub.warned_class import Pupil, SchoolClass
from tests.notebooks.running import FROM_SERVER, run

ADMIN, READY, SILENT, TA = "Ada-Okafor", "Jane-Doe", "chen-wei", "Priya-N"
O06 = "O06-restart-the-class.ipynb"


@pytest.fixture(scope="module")
def course(school: School) -> Iterator[SchoolClass]:
    """A class of two with their servers, and nobody else's."""
    course = SchoolClass(school)
    course.prepare(ADMIN, READY, SILENT)
    ours = {login.lower() for login in (ADMIN, READY, SILENT)}
    for user in school.hub_api("GET", "users", params={"state": "active"}).json():
        if user["name"] not in ours:
            school.stop(user["name"])
    yield course
    for login in (READY, SILENT):
        school.stop(login.lower())


@pytest.fixture
def environment(school: School, course: SchoolClass) -> dict[str, str]:
    """The environment that a kernel on the admin's server has."""
    return environment_of(school, ADMIN)


def environment_of(school: School, login: str) -> dict[str, str]:
    """The environment that a kernel on this person's server has."""
    of_server = school.server_environment(login.lower())
    return {**os.environ, **{name: of_server[name] for name in FROM_SERVER}}


@pytest.mark.timeout(400)
def test_restart_the_class_when_run_then_all_are_told_one_goes_early_and_each_is_back(
    course: SchoolClass, environment: dict[str, str]
) -> None:
    ready, silent = Pupil(course.school, READY), Pupil(course.school, SILENT)
    ready.open()
    before = course.starts()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run, O06, environment, warn_min=1, text="New software at noon")
        eventually(lambda: running.done() or ready.notices(), 120, step_s=0.5)
        assert not running.done(), running.result()
        (shown,) = ready.notices()
        assert shown["text"] == "New software at noon"
        ready.say("seen")
        ready.say("saved", documents=1, unsaved=0)
        ready.say("ready")
        printed = running.result()
    assert "The target is students, told 1 min before." in printed
    assert "no other restart is under way" in printed
    assert "Restart 2 servers after 1 min of warning" in printed
    assert '2 users read now: "New software at noon"' in printed
    assert "2 restart: chen-wei, jane-doe" in printed
    assert "2 told" in printed and "1 saw it" in printed
    assert "-> succeeded" in printed
    assert "done     jane-doe saw the notice, saved 1 document" in printed
    assert "done     chen-wei did not see the notice" in printed
    assert "not running: nobody of those restarted" in printed
    assert "nothing undone" in printed
    assert course.starts() - before == {ready.name: 1, silent.name: 1}
    silent.open()
    assert silent.notices() == []


def test_restart_the_class_when_undone_in_the_warning_then_nobody_is_touched_nor_told_any_more(
    course: SchoolClass, environment: dict[str, str]
) -> None:
    pupil = Pupil(course.school, SILENT)
    pupil.open()
    before = course.starts()
    printed = run(O06, environment, warn_min=5, follow=False, undo=True)
    assert "It is not over yet" in printed
    assert "-> cancelled; left alone: chen-wei, jane-doe" in printed
    assert pupil.notices() == []
    time.sleep(3)
    assert course.starts() == before
    assert course.school.server(SILENT.lower())


def test_restart_the_class_when_another_is_under_way_then_stops_unless_a_second_is_meant(
    course: SchoolClass, environment: dict[str, str]
) -> None:
    client, before = course.client(ADMIN), course.starts()
    plan = client.servers.plan_control("restart", SILENT.lower(), courtesy={"warn_min": 5})
    first = client.servers.apply_control(plan)
    try:
        with pytest.raises(CellExecutionError, match="of ada-okafor is under way, and nothing was"):
            run(O06, environment, follow=False)
        printed = run(O06, environment, groups=["tas"], is_second_too=True)
        assert "! under way: " in printed
        assert "There is no plan: No server that you may restart is like that." in printed
        (job,) = [j for j in client.jobs.list_jobs(area="servers").jobs if j.state not in ENDED]
        assert job.id == first.id
    finally:
        client.jobs.cancel_job(first.id)
        assert course.ended(client, first).state == "cancelled"
    assert course.starts() == before


def test_restart_the_class_when_nobody_has_a_server_then_says_so_and_starts_none(
    course: SchoolClass, environment: dict[str, str]
) -> None:
    course.school.login("Emma-Nilsen")
    printed = run(O06, environment, users=["emma-nilsen"])
    assert "emma-nilsen: is not running, and a restart does not start it" in printed
    assert "nothing to restart, nothing was done" in printed
    printed = run(O06, environment, groups=["tas"])
    assert "There is no plan: No server that you may restart is like that." in printed
    assert "nothing to restart, nothing was done" in printed
    assert course.school.server("emma-nilsen") is None


@pytest.mark.timeout(400)
def test_restart_the_class_when_a_ta_may_and_does_then_organisers_see_it(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with School.open(tmp_path_factory.mktemp("granted"), GROWTH_TA_RESTARTS="1") as school:
        for login in (ADMIN, READY, TA):
            school.login(login)
            school.start(login.lower())
        printed = run(O06, environment_of(school, TA), users=[READY.lower()], warn_min=0)
        assert "is not shown to TAs" in printed
        assert "-> succeeded" in printed
        client = GrowthClient(
            school.server_url(ADMIN.lower()),
            environment_of(school, ADMIN)["JUPYTERHUB_API_TOKEN"],
        )
        (job,) = client.jobs.list_jobs(area="servers").jobs
        assert job.created_by == TA.lower()
        assert job.title.endswith(TOLD)
        entries = client.audit.list_entries(area="servers", user=TA.lower()).entries
        assert entries and all(entry.detail.endswith(TOLD) for entry in entries)
