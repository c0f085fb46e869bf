"""A rolling restart whose server is killed, and killed again: every server is a real process."""

from __future__ import annotations

import concurrent.futures.thread
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from growth_admin.jobs.store import JobStore
from growth_admin.servers.models import Pace
from tests.conftest import Child
from tests.unit.servers.conftest import Desk, MakeDesk
from tests.unit.servers.stand_in_hub import StandInHub
from tests.unit.servers.test_waves import fill, results
from tests.unit.servers.waiting import wait_until

Spawn = Callable[[Callable[[], object]], Child]
SIZE = 24
LIMIT = 5


def begins(hub: StandInHub, folder: Path, names: list[str]) -> Callable[[], None]:
    """Return the life of a server that begins a rolling restart."""

    def live() -> None:
        desk = Desk(hub, folder, owner="ada")
        desk.begin("restart", *names, pace=Pace(max_in_flight=LIMIT))
        time.sleep(120)

    return live


def goes_on(hub: StandInHub, folder: Path, owner: str) -> Callable[[], None]:
    """Return the life of a server that takes over what it finds."""

    def live() -> None:
        Desk(hub, folder, owner=owner)
        time.sleep(120)

    return live


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("is_slow", [False, True])
def test_restart_when_its_server_is_killed_at_random_then_each_exactly_once_and_none_stopped(
    hub: StandInHub,
    make_desk: MakeDesk,
    tmp_path: Path,
    spawn: Spawn,
    seed: int,
    is_slow: bool,
) -> None:
    chance = random.Random(1000 * seed + is_slow)
    names = fill(hub, SIZE, "")
    hub.stop_s, hub.spawn_s = 0.08, 0.2
    hub.slow_stop_s = hub.slow_spawn_s = 0.02 if is_slow else 5.0
    child = spawn(begins(hub, tmp_path, names))
    wait_until(lambda: len(hub.stops) > 0)
    for number in range(3):
        time.sleep(chance.uniform(0.0, 0.5))
        child.signal(signal.SIGKILL)
        child.join()
        child = spawn(goes_on(hub, tmp_path, f"admin{number}"))
    (folder,) = (tmp_path / "jobs").iterdir()
    wait_until(lambda: JobStore(tmp_path / "jobs").load(folder.name).job.times_taken_over >= 1)
    child.signal(signal.SIGKILL)
    child.join()
    desk = make_desk("marek")
    job = desk.ended(JobStore(tmp_path / "jobs").load(folder.name).job, 60)
    assert job.state == "succeeded", (job, desk.log(job))
    assert set(results(job).values()) == {"done"}
    assert {hub.state(name) for name in names} == {"ready"}
    assert (sorted(hub.stops), sorted(hub.starts)) == (names, names)
    assert hub.most_in_flight <= LIMIT


@pytest.mark.parametrize("seed", range(3))
def test_restart_when_the_hub_is_away_in_the_middle_then_each_exactly_once(
    hub: StandInHub, make_desk: MakeDesk, seed: int
) -> None:
    chance = random.Random(seed)
    desk = make_desk("ada")
    names = fill(hub, SIZE, "")
    hub.stop_s, hub.spawn_s = 0.1, 0.3
    job = desk.begin("restart", *names, pace=Pace(max_in_flight=LIMIT))
    wait_until(lambda: len(hub.stops) > 3)
    time.sleep(chance.uniform(0.0, 0.6))
    timer = hub.restart_after(1.5)
    job = desk.ended(job, 40)
    timer.join()
    assert (job.state, set(results(job).values())) == ("succeeded", {"done"}), desk.log(job)
    assert (sorted(hub.stops), sorted(hub.starts)) == (names, names)
    assert hub.most_in_flight <= LIMIT


def test_restart_when_server_and_hub_die_at_once_then_the_next_server_ends_it(
    hub: StandInHub, make_desk: MakeDesk, tmp_path: Path, spawn: Spawn
) -> None:
    names = fill(hub, SIZE, "")
    hub.stop_s, hub.spawn_s = 0.1, 0.3
    child = spawn(begins(hub, tmp_path, names))
    wait_until(lambda: len(hub.stops) > 4)
    timer = hub.restart_after(1.5)
    child.signal(signal.SIGKILL)
    child.join()
    desk = make_desk("marek")
    (folder,) = (tmp_path / "jobs").iterdir()
    job = desk.ended(JobStore(tmp_path / "jobs").load(folder.name).job, 60)
    timer.join()
    assert set(results(job).values()) == {"done"}, desk.log(job)
    assert (sorted(hub.stops), sorted(hub.starts)) == (names, names)


def test_restart_when_a_silent_server_wakes_up_after_another_took_over_then_none_is_left_stopped(
    hub: StandInHub, make_desk: MakeDesk, tmp_path: Path, spawn: Spawn
) -> None:
    """A server that fell asleep between its last look and a request cannot be kept from sending it.

    Then it starts that server again.
    """
    names = fill(hub, SIZE, "")
    hub.stop_s, hub.spawn_s = 0.1, 0.3
    child = spawn(begins(hub, tmp_path, names))
    wait_until(lambda: len(hub.stops) > 4)
    child.signal(signal.SIGSTOP)
    desk = make_desk("marek")
    (folder,) = (tmp_path / "jobs").iterdir()
    job = JobStore(tmp_path / "jobs").load(folder.name).job
    wait_until(lambda: len(hub.stops) > 12, 20)
    child.signal(signal.SIGCONT)
    job = desk.ended(job, 40)
    assert set(results(job).values()) == {"done"}
    wait_until(lambda: {hub.state(name) for name in names} == {"ready"})
    time.sleep(0.5)
    assert {hub.state(name) for name in names} == {"ready"}
    assert len(hub.stops) <= SIZE + LIMIT


def test_stop_for_a_restart_when_the_job_is_lost_meanwhile_then_the_server_is_started_again(
    hub: StandInHub, make_desk: MakeDesk
) -> None:
    names = fill(hub, 2, "")
    first = make_desk("ada")
    hub.stop_s = 1.5
    job = first.begin("restart", *names)
    wait_until(lambda: len(hub.stops) == 1)
    first.engine.store.take(job.id, "nobody/", after=1)  # as if another server had taken over
    wait_until(lambda: hub.starts == ["s000"])
    wait_until(lambda: hub.state("s000") == "ready")
    assert hub.stops == ["s000"]


def test_restart_when_as_many_starts_as_may_be_were_kept_but_not_asked_then_all_are_asked(
    hub: StandInHub, make_desk: MakeDesk, tmp_path: Path
) -> None:
    """The server died between its book and the hub, with every place taken."""
    names = fill(hub, 8, "")
    first = make_desk("ada")
    hub.stop_s = 60
    job = first.begin("restart", *names, pace=Pace(max_in_flight=3, canary_count=0))
    wait_until(lambda: len(hub.stops) == 3)
    first.engine.close()
    with hub.lock:
        for name in hub.stops:
            hub.people[name].servers[""].until_s = 0.0
    hub.stop_s = 0.0
    journal = tmp_path / "jobs" / job.id / "journal.1.jsonl"
    with journal.open("a") as file:
        for index in range(3):
            mark = '"phase":"starting","stops_asked":1,"starts_asked":1'
            file.write(f'{{"i":{index},{mark}}}\n')
    job = make_desk("marek").ended(job)
    assert set(results(job).values()) == {"done"}
    assert (sorted(hub.stops), sorted(hub.starts)) == (names, names)


def test_restart_when_the_process_ends_before_anybody_closes_the_jobs_then_the_next_goes_on(
    hub: StandInHub, tmp_path: Path, make_desk: MakeDesk, spawn: Spawn
) -> None:
    """Python shuts its pools of threads down before a server that ends so has closed anything."""
    names = fill(hub, 6, "")
    hub.stop_s, hub.slow_stop_s, hub.spawn_s = 0.5, 0.05, 0.1

    def live() -> None:
        Desk(hub, tmp_path, owner="ada").begin("restart", *names, pace=Pace(max_in_flight=2))
        wait_until(lambda: len(list(tmp_path.glob("jobs/*/journal.1.jsonl"))) == 1)
        time.sleep(0.3)
        concurrent.futures.thread._python_exit()

    child = spawn(live)
    assert child.join() == 0
    (folder,) = (tmp_path / "jobs").iterdir()
    job = JobStore(tmp_path / "jobs").load(folder.name).job
    assert (job.state, job.problem) == ("running", None)
    job = make_desk("marek").ended(job)
    assert set(results(job).values()) == {"done"}
    assert (sorted(hub.stops), sorted(hub.starts)) == (names, names)
