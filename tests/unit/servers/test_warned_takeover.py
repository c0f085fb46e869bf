"""Restarts that users are told of, whose server is killed in each phase: one notice, each once."""

from __future__ import annotations

import dataclasses
import json
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from growth_admin.jobs.models import Job
from growth_admin.jobs.store import JobStore
from growth_admin.servers.models import Courtesy, Pace
from growth_admin.servers.notices.board import NoticeBoard
from tests.conftest import Child
from tests.unit.servers.conftest import RHYTHM, Desk, MakeDesk
from tests.unit.servers.stand_in_hub import StandInHub
from tests.unit.servers.students import Student
from tests.unit.servers.test_takeover import goes_on
from tests.unit.servers.test_waves import fill, results
from tests.unit.servers.waiting import wait_until

Spawn = Callable[[Callable[[], object]], Child]
SIZE, LIMIT = 12, 4
WARNED = Courtesy(warn_min=10, may_postpone_min=10, wait_for_busy_min=5)
"""Ten minutes are two seconds here."""


@pytest.fixture
def class_of(hub: StandInHub, tmp_path: Path) -> list[Student]:
    """A class, and a hub that takes a moment for each server."""
    hub.stop_s, hub.slow_stop_s, hub.spawn_s = 0.08, 5, 0.2
    return [Student(tmp_path, name) for name in fill(hub, SIZE, "")]


def begins(hub: StandInHub, folder: Path) -> Callable[[], None]:
    """Return the life of a server that begins a restart that users are told of."""

    def live() -> None:
        desk = Desk(hub, folder, owner="ada")
        names = sorted(hub.people)
        desk.begin("restart", *names, pace=Pace(max_in_flight=LIMIT), courtesy=WARNED)
        time.sleep(120)

    return live


def posted(student: Student) -> list[str]:
    """Return the ids of all notices that the school ever had."""
    return [notice.id for notice in NoticeBoard(student.paths).load()]


def ended(desk: Desk, folder: Path) -> Job:
    """Return the one job once it has ended."""
    (job,) = (folder / "jobs").iterdir()
    return desk.ended(JobStore(folder / "jobs").load(job.name).job, 60)


def kill(child: Child) -> None:
    """End a server as the kernel does when memory is short."""
    child.signal(signal.SIGKILL)
    child.join()


@pytest.mark.parametrize("phase", ["announced", "waiting", "restarting", "saving"])
def test_restart_when_its_server_is_killed_in_a_phase_then_one_notice_and_each_exactly_once(
    hub: StandInHub,
    make_desk: MakeDesk,
    tmp_path: Path,
    spawn: Spawn,
    class_of: list[Student],
    phase: str,
) -> None:
    asks, goes = class_of[3], class_of[5]
    child = spawn(begins(hub, tmp_path))
    wait_until(lambda: class_of[0].notices() != [])
    at_s = given_s = asks.at_s
    if phase != "announced":
        asks.see()
        asks.ask(10)
        goes.go()
        wait_until(lambda: asks.at_s > at_s)
        given_s = asks.at_s
    if phase == "saving":
        class_of[0].see()  # an open page that says nothing: the canary is waited for
        time.sleep(max(at_s - time.time(), 0) + 0.3)
    if phase == "restarting":
        wait_until(lambda: len(hub.stops) > 3)
    kill(child)
    job = ended(make_desk("marek"), tmp_path)
    assert job.times_taken_over == 1
    assert set(results(job).values()) == {"done"}
    assert (sorted(hub.stops), sorted(hub.starts)) == (sorted(hub.people), sorted(hub.people))
    assert len(posted(class_of[0])) == 1
    assert all(student.notices() == [] for student in class_of)
    assert hub.stopped_s["s003"] >= given_s
    if phase != "announced":
        assert given_s >= at_s + 2.0


@pytest.mark.parametrize("seed", range(4))
def test_restart_when_its_servers_are_killed_at_random_then_one_notice_and_each_exactly_once(
    hub: StandInHub,
    make_desk: MakeDesk,
    tmp_path: Path,
    spawn: Spawn,
    class_of: list[Student],
    seed: int,
) -> None:
    chance = random.Random(seed)
    child = spawn(begins(hub, tmp_path))
    for number in range(4):
        time.sleep(chance.uniform(0.1, 1.2))
        kill(child)
        child = spawn(goes_on(hub, tmp_path, f"admin{number}"))
    time.sleep(0.3)
    kill(child)
    if not (tmp_path / "jobs").exists():
        pytest.fail("the first server was killed before it began")
    job = ended(make_desk("marek"), tmp_path)
    assert set(results(job).values()) == {"done"}
    assert (sorted(hub.stops), sorted(hub.starts)) == (sorted(hub.people), sorted(hub.people))
    assert len(posted(class_of[0])) == 1


def test_restart_when_killed_between_journal_and_notice_then_the_next_posts_it(
    hub: StandInHub, make_desk: MakeDesk, tmp_path: Path, class_of: list[Student]
) -> None:
    """What was kept says a time long ago, and no notice of that id is there."""
    first = make_desk("ada")
    job = first.begin("restart", "s000", "s001", courtesy=WARNED)
    wait_until(lambda: class_of[0].notices() != [])
    first.engine.close()
    journal = tmp_path / "jobs" / job.id / "journal.1.jsonl"
    noted = {"number": 1, "at": "2026-01-01T00:00:00Z", "told": 2}
    journal.write_text(json.dumps({"notice": noted}) + "\n")
    for file in (class_of[0].paths.notices / "book").iterdir():
        file.unlink()
    began_s = time.time()
    done = ended(make_desk("marek"), tmp_path)
    assert set(results(done).values()) == {"done"}
    assert sorted(hub.stops) == ["s000", "s001"]
    assert time.time() - began_s >= 2.0
    assert posted(class_of[0]) == [f"n{job.id}-2"]


def test_restart_when_nobody_runs_it_past_the_time_then_the_next_server_restarts_at_once(
    hub: StandInHub, make_desk: MakeDesk, tmp_path: Path, class_of: list[Student]
) -> None:
    """They were told the time, and their pages have saved by themselves."""
    first = make_desk("ada")
    first.begin("restart", "s000", "s001", courtesy=WARNED)
    wait_until(lambda: class_of[0].notices() != [])
    first.engine.close()
    time.sleep(2.2)
    assert hub.stops == []
    began_s = time.time()
    done = ended(make_desk("marek"), tmp_path)
    assert set(results(done).values()) == {"done"}
    assert time.time() - began_s < 6.0
    assert len(posted(class_of[0])) == 1


def test_restart_when_nobody_ran_it_for_long_past_all_times_then_users_are_told_anew(
    hub: StandInHub, make_desk: MakeDesk, tmp_path: Path, class_of: list[Student]
) -> None:
    """Who asked for more time had it long ago, too; nobody is restarted without a countdown."""
    first = make_desk("ada")
    job = first.begin("restart", "s000", "s001", courtesy=WARNED)
    wait_until(lambda: class_of[0].notices() != [])
    at_s = class_of[1].at_s
    class_of[1].ask(5)
    wait_until(lambda: class_of[1].at_s > at_s)
    late_s = class_of[1].at_s
    first.engine.close()
    time.sleep(max(late_s - time.time(), 0) + 1.1)
    second = make_desk("marek", rhythm=dataclasses.replace(RHYTHM, bygone_s=1.0))
    wait_until(lambda: class_of[1].at_s > late_s)
    anew_s = class_of[1].at_s
    assert anew_s > time.time() + 1.0
    assert hub.stops == []
    done = second.ended(job)
    assert set(results(done).values()) == {"done"}
    assert posted(class_of[0]) == [f"n{job.id}-1", f"n{job.id}-2"]
    assert min(hub.stopped_s.values()) >= anew_s - 0.2  # the first wave's time


def test_restart_when_nobody_ran_it_for_long_past_some_times_then_those_get_another(
    hub: StandInHub, make_desk: MakeDesk, tmp_path: Path, class_of: list[Student]
) -> None:
    first = make_desk("ada")
    job = first.begin("restart", "s000", "s001", courtesy=WARNED)
    wait_until(lambda: class_of[0].notices() != [])
    at_s = class_of[1].at_s
    class_of[1].ask(10)
    wait_until(lambda: class_of[1].at_s > at_s)
    given_s = class_of[1].at_s
    first.engine.close()
    time.sleep(max(at_s - time.time(), 0) + 0.6)
    second = make_desk("marek", rhythm=dataclasses.replace(RHYTHM, bygone_s=0.3))
    wait_until(lambda: class_of[0].at_s > time.time() + 0.1)
    again_s = class_of[0].at_s
    done = second.ended(job)
    assert set(results(done).values()) == {"done"}
    assert posted(class_of[0]) == [f"n{job.id}-1"]
    assert hub.stopped_s["s000"] >= again_s
    assert hub.stopped_s["s001"] >= given_s


def test_restart_when_its_notice_was_withdrawn_while_nobody_ran_it_then_it_pauses(
    hub: StandInHub, make_desk: MakeDesk, class_of: list[Student]
) -> None:
    first = make_desk("ada")
    job = first.begin("restart", "s000", "s001", courtesy=WARNED)
    wait_until(lambda: class_of[0].notices() != [])
    first.engine.close()
    first.notices.withdraw(f"n{job.id}-1", user="bea")
    time.sleep(2.2)
    second = make_desk("marek", rhythm=dataclasses.replace(RHYTHM, save_s=0.1))
    wait_until(lambda: second.get(job).problem is not None)
    assert second.get(job).is_paused
    problem = second.get(job).problem
    assert problem is not None
    assert "bea took the notice" in problem.detail
    assert hub.stops == []
