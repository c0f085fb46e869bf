"""A rolling restart of 40 servers on a real hub, both versions. The bench does it with 300."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from growth_admin.jobs.models import ENDED, Job
from growth_admin.servers.flight import Limits
from growth_admin.servers.models import Pace, Selector
from tests.conftest import Child
from tests.hub.interruptions import running
from tests.hub.plain_hub import Console, plain_hub
from tests.hub.school import eventually, hub55_python

USERS, RUNNING, LIMIT = 60, 40, 8
CLASS = [f"s{number:05}" for number in range(RUNNING)]


@pytest.fixture(scope="module", params=["hub-6.1", "hub-5.5"])
def console(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Console]:
    """A hub that starts no more than eight at a time, with 40 of 60 servers running."""
    root = tmp_path_factory.mktemp("plain")
    python = sys.executable if request.param == "hub-6.1" else hub55_python()
    with plain_hub(
        root / "hub",
        users=USERS,
        start_s=0.5,
        stop_s=0.2,
        python=python,
        PLAIN_SPAWN_LIMIT=str(LIMIT),
    ) as hub:
        console = Console(hub, root)
        job = console.run("start", Pace(max_in_flight=LIMIT), names=CLASS)
        assert results(job) == {"done"}, job
        yield console
        console.engine.close()


def results_by_name(job: Job) -> dict[str, str]:
    """Return how each target ended."""
    assert job.receipt is not None, job
    return {item["target"]: item["result"] for item in job.receipt["items"]}


def results(job: Job) -> set[str]:
    """Return the different ends."""
    return set(results_by_name(job).values())


def test_restart_when_a_class_runs_then_each_once_and_never_more_than_the_limit_in_flight(
    console: Console,
) -> None:
    before = running(console.hub)
    assert sorted(before) == CLASS
    begun = len(console.hub.noted("start"))
    job = console.run("restart", Pace(max_in_flight=LIMIT), selector=Selector(groups=("students",)))
    assert results(job) == {"done"}, job
    started = console.hub.noted("start")[begun:]
    assert sorted(name for name, _ in started) == CLASS
    assert max(down for _, down in started) <= LIMIT
    after = running(console.hub)
    assert sorted(after) == CLASS
    assert all(after[name] > before[name] for name in CLASS)
    single = sum(n for kind, n in console.counts.items() if kind != "lists")
    assert single <= 4 * RUNNING, console.counts


def test_restart_when_the_hub_takes_fewer_starts_then_429_is_heeded_and_all_come_up(
    console: Console, tmp_path: Path
) -> None:
    begun = len(console.hub.noted("start"))
    at_once = Console(console.hub, tmp_path, owner="bea", limits=Limits(spacing_s=0))
    job = at_once.run("restart", Pace(max_in_flight=3 * LIMIT), selector=Selector())
    at_once.engine.close()
    assert results(job) == {"done"}, job
    assert job.progress is not None
    assert job.progress.counts["max_in_flight"] <= LIMIT
    started = console.hub.noted("start")[begun:]
    assert sorted(name for name, _ in started) == CLASS
    assert sorted(running(console.hub)) == CLASS


def test_restart_when_the_admins_server_is_killed_twice_then_each_once_and_all_run(
    console: Console, tmp_path: Path, spawn: Callable[[Callable[[], object]], Child]
) -> None:
    before, begun = running(console.hub), len(console.hub.noted("start"))
    pace = Pace(max_in_flight=LIMIT)

    def begins() -> None:
        Console(console.hub, tmp_path).run("restart", pace, selector=Selector())

    def goes_on() -> None:
        Console(console.hub, tmp_path, owner="bea")
        time.sleep(60)

    for life, restarted in ((begins, 5), (goes_on, 20)):
        child = spawn(life)
        eventually(lambda goal=restarted: len(console.hub.noted("start")) - begun >= goal, 60)
        child.signal(signal.SIGKILL)
        child.join()
    last = Console(console.hub, tmp_path, owner="marek")
    (folder,) = (tmp_path / "jobs").iterdir()
    eventually(lambda: last.engine.get_job(folder.name, ["servers"]).state in ENDED, 120)
    job = last.engine.get_job(folder.name, ["servers"])
    last.engine.close()
    assert (job.state, job.times_taken_over, results(job)) == ("succeeded", 2, {"done"}), job
    started = console.hub.noted("start")[begun:]
    assert sorted(name for name, _ in started) == CLASS
    assert max(down for _, down in started) <= LIMIT
    after = running(console.hub)
    assert sorted(after) == CLASS
    assert all(after[name] > before[name] for name in CLASS)


def test_restart_when_the_canary_does_not_come_up_then_the_class_is_not_touched(
    console: Console,
) -> None:
    console.hub.fail(CLASS[0])
    before = running(console.hub)
    job = console.run("restart", Pace(), selector=Selector())
    assert results_by_name(job) == {
        CLASS[0]: "failed",
        **dict.fromkeys(CLASS[1:], "skipped"),
    }
    assert job.problem is not None
    assert "does not run now" in job.problem.detail
    after = running(console.hub)
    assert after == {name: at for name, at in before.items() if name != CLASS[0]}
    (console.hub.root / "failing" / CLASS[0]).unlink()
    assert results(console.run("start", Pace(), names=CLASS[:1])) == {"done"}
