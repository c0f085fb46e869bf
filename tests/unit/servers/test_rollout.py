"""Jobs that start, stop and restart, through everything the hub may answer meanwhile."""

from __future__ import annotations

import dataclasses
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from growth_admin.jobs.models import Job
from growth_admin.servers.models import Pace
from tests.unit.servers.conftest import QUICK, Desk, MakeDesk, target_of
from tests.unit.servers.stand_in_hub import TOKEN, StandInHub
from tests.unit.servers.waiting import wait_until


def items(job: Job) -> list[tuple[str, str]]:
    """Return target and result of each line of the receipt."""
    assert job.receipt is not None
    return [(item["target"], item["result"]) for item in job.receipt["items"]]


def detail(job: Job, index: int = 0) -> str:
    """Return what the receipt says about one target."""
    assert job.receipt is not None
    said: str = job.receipt["items"][index]["detail"]
    return said


def test_restart_when_quick_then_one_stop_one_start_and_four_calls(
    hub: StandInHub, desk: Desk
) -> None:
    hub.add("jane-doe", "")
    before = hub.people["jane-doe"].servers[""].started
    job = desk.begin("restart", "jane-doe")
    hub.calls.clear()
    job = desk.ended(job)
    assert (job.state, items(job)) == ("succeeded", [("jane-doe", "done")])
    assert job.receipt is not None
    assert job.receipt["title"] == "Restarted jane-doe's server"
    assert job.receipt["plan_id"]
    assert (hub.stops, hub.starts) == (["jane-doe"], ["jane-doe"])
    assert hub.people["jane-doe"].servers[""].started != before
    assert len(hub.calls) <= 4


def test_restart_when_stop_and_start_are_slow_then_waits_for_both(
    hub: StandInHub, desk: Desk
) -> None:
    hub.add("jane-doe", "")
    hub.stop_s, hub.slow_stop_s, hub.spawn_s, hub.slow_spawn_s = 0.6, 0.05, 0.6, 0.05
    job = desk.run("restart", "jane-doe")
    assert (job.state, items(job)) == ("succeeded", [("jane-doe", "done")])
    assert hub.state("jane-doe") == "ready"
    assert (len(hub.stops), len(hub.starts)) == (1, 1)


def test_restart_when_some_do_not_run_then_those_stay_stopped(hub: StandInHub, desk: Desk) -> None:
    hub.add("jane-doe", "")
    hub.add("kim")
    job = desk.run("restart", "kim", "jane-doe")
    assert job.state == "succeeded"
    assert items(job) == [("kim", "skipped"), ("jane-doe", "done")]
    assert hub.state("kim") == "stopped"
    assert hub.starts == ["jane-doe"]


def test_restart_when_own_server_is_among_them_then_it_is_last(hub: StandInHub, desk: Desk) -> None:
    for name in ("ada", "jane-doe", "liam"):
        hub.add(name, "")
    job = desk.run("restart", "ada", "jane-doe", "liam")
    assert hub.stops == ["jane-doe", "liam", "ada"]
    assert [name for name, _ in items(job)] == ["jane-doe", "liam", "ada"]


def test_start_and_stop_when_named_then_that_server_only(hub: StandInHub, desk: Desk) -> None:
    hub.add("ada", "")
    job = desk.run("start", "ada/canary")
    assert (job.state, hub.state("ada", "canary")) == ("succeeded", "ready")
    assert hub.bodies == []
    job = desk.run("stop", "ada/canary")
    assert (job.state, hub.state("ada", "canary")) == ("succeeded", "stopped")
    assert hub.state("ada") == "ready"


def test_stop_when_a_start_hangs_then_it_is_interrupted(hub: StandInHub, desk: Desk) -> None:
    hub.add("jane-doe")
    hub.spawn_s, hub.slow_spawn_s = 60, 0
    desk.manager._hub.start_server("jane-doe")
    job = desk.run("stop", "jane-doe")
    assert (job.state, items(job)) == ("succeeded", [("jane-doe", "done")])


@pytest.mark.parametrize("slow_spawn_s", [5.0, 0.05])
def test_restart_when_the_spawn_fails_then_says_why_and_that_it_is_stopped(
    hub: StandInHub, desk: Desk, slow_spawn_s: float
) -> None:
    hub.add("jane-doe", "")
    hub.failing.add("jane-doe")
    hub.spawn_s, hub.slow_spawn_s = 0.3, slow_spawn_s
    job = desk.run("restart", "jane-doe")
    assert (job.state, items(job)) == ("failed", [("jane-doe", "failed")])
    assert "could not be pulled" in detail(job)
    assert "does not run now" in detail(job)
    assert job.problem is not None
    assert job.problem.detail.startswith("jane-doe: the start failed")
    assert hub.starts == ["jane-doe"]


def test_restart_when_the_hub_is_busy_then_waits_as_long_as_it_asks(
    hub: StandInHub, desk: Desk
) -> None:
    hub.add("jane-doe", "")
    hub.fault("POST", "jane", status=429, headers={"Retry-After": "1"}, times=3)
    began_s = time.monotonic()
    job = desk.run("restart", "jane-doe")
    assert (job.state, items(job)) == ("succeeded", [("jane-doe", "done")])
    assert time.monotonic() - began_s >= 3
    assert "next try in 1 s" in desk.log(job)


def test_restart_when_the_hub_stays_busy_then_gives_up_and_says_what_is_left(
    hub: StandInHub, desk: Desk
) -> None:
    hub.add("jane-doe", "")
    hub.fault("POST", "jane", status=429, headers={"Retry-After": "90"}, times=9)
    job = desk.run("restart", "jane-doe")
    assert "too busy" in detail(job)
    assert "does not run now" in detail(job)


def test_start_when_the_hub_fails_a_request_but_the_server_comes_up_then_done(
    hub: StandInHub, desk: Desk
) -> None:
    hub.add("jane-doe")
    hub.spawn_s, hub.slow_spawn_s = 0.4, 0.0
    hub.fault("POST", "jane", status=500, message="jane-doe pending spawn", is_done=True)
    job = desk.run("start", "jane-doe")
    assert (job.state, items(job)) == ("succeeded", [("jane-doe", "done")])


@pytest.mark.parametrize("is_done", [False, True])
@pytest.mark.parametrize("method", ["DELETE", "POST"])
def test_restart_when_the_connection_drops_then_still_one_stop_and_one_start(
    hub: StandInHub, desk: Desk, method: str, is_done: bool
) -> None:
    hub.add("jane-doe", "")
    hub.fault(method, "jane-doe", is_done=is_done)
    job = desk.run("restart", "jane-doe")
    assert (job.state, items(job)) == ("succeeded", [("jane-doe", "done")])
    assert (hub.stops, hub.starts) == (["jane-doe"], ["jane-doe"])


@pytest.mark.parametrize("wait_for", ["stopping", "spawning"])
def test_restart_when_the_hub_restarts_in_the_middle_then_goes_on(
    hub: StandInHub, desk: Desk, wait_for: str
) -> None:
    hub.add("jane-doe", "")
    hub.stop_s, hub.slow_stop_s, hub.spawn_s, hub.slow_spawn_s = 0.8, 0.05, 0.8, 0.05
    job = desk.begin("restart", "jane-doe")
    wait_until(lambda: hub.state("jane-doe") == wait_for)
    timer = hub.restart_after(1.5)
    job = desk.ended(job)
    timer.join()
    assert (job.state, items(job)) == ("succeeded", [("jane-doe", "done")])
    assert (len(hub.stops), len(hub.starts)) == (1, 1)
    assert "Waiting for it" in desk.log(job)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"is_of_hub": False}, id="its own"),
        pytest.param({"headers": {"Content-Type": "text/html"}}, id="the hub's page of errors"),
    ],
)
def test_restart_when_only_the_proxy_answers_then_nobody_is_taken_for_deleted(
    hub: StandInHub, desk: Desk, answer: dict[str, Any]
) -> None:
    hub.add("jane-doe", "")
    job = desk.begin("restart", "jane-doe")
    hub.fault("GET", "users/jane-doe", status=404, times=4, **answer)
    hub.fault("POST", "users/jane-doe", status=404, times=2, **answer)
    job = desk.ended(job)
    assert (job.state, items(job)) == ("succeeded", [("jane-doe", "done")])


def test_restart_when_the_restarted_hub_lost_the_spawn_then_it_is_asked_again(
    hub: StandInHub, desk: Desk
) -> None:
    hub.add("jane-doe", "")
    hub.spawn_s, hub.slow_spawn_s = 60, 0.05
    job = desk.begin("restart", "jane-doe")
    wait_until(lambda: hub.state("jane-doe") == "spawning")
    timer = hub.restart_after(1.0)
    hub.people["jane-doe"].servers[""].pending = ""
    hub.spawn_s = 0.0
    job = desk.ended(job)
    timer.join()
    assert (job.state, hub.state("jane-doe")) == ("succeeded", "ready")


def test_restart_when_the_hub_stays_out_then_fails_and_leaves_the_rest(
    hub: StandInHub, make_desk: MakeDesk
) -> None:
    desk = make_desk(limits=dataclasses.replace(QUICK, hub_out_s=0.5))
    hub.add("jane-doe", "")
    hub.add("liam", "")
    hub.stop_s, hub.slow_stop_s = 0.3, 0.05
    job = desk.begin("restart", "jane-doe", "liam")
    wait_until(lambda: hub.state("jane-doe") == "stopping")
    hub.close()
    job = desk.ended(job)
    assert (job.state, items(job)) == ("failed", [("jane-doe", "failed"), ("liam", "skipped")])
    assert "no answer" in detail(job)


def test_restart_when_the_user_is_deleted_meanwhile_then_the_others_go_on(
    hub: StandInHub, desk: Desk
) -> None:
    for name in ("a", "b", "c"):
        hub.add(name, "")
    hub.stop_s, hub.slow_stop_s = 0.5, 0.05
    job = desk.begin("restart", "a", "b", "c")
    wait_until(lambda: hub.state("a") == "stopping")
    with hub.lock:
        del hub.people["a"], hub.people["b"]
    job = desk.ended(job)
    assert items(job) == [("a", "failed"), ("b", "skipped"), ("c", "done")]


def test_restart_when_somebody_else_restarted_it_meanwhile_then_skipped(
    hub: StandInHub, desk: Desk
) -> None:
    hub.add("a", "")
    hub.add("b", "")
    hub.stop_s, hub.slow_stop_s = 0.5, 0.05
    job = desk.begin("restart", "a", "b")
    wait_until(lambda: hub.state("a") == "stopping")
    hub.people["b"].servers[""].started = hub.tick()
    job = desk.ended(job)
    assert items(job) == [("a", "done"), ("b", "skipped")]
    assert detail(job, 1) == "was restarted meanwhile"


def test_restart_when_the_hub_says_stopped_but_is_not_then_asks_again(
    hub: StandInHub, desk: Desk
) -> None:
    hub.add("jane-doe", "")
    hub.fault("DELETE", "jane-doe", status=204)
    job = desk.run("restart", "jane-doe")
    assert (job.state, hub.stops, hub.starts) == ("succeeded", ["jane-doe"], ["jane-doe"])


def test_restart_when_the_hub_never_stops_it_then_failed(hub: StandInHub, desk: Desk) -> None:
    hub.add("jane-doe", "")
    hub.fault("DELETE", "jane-doe", status=500, message="stop failed", times=9)
    job = desk.run("restart", "jane-doe")
    assert detail(job) == "the hub did not stop it"
    assert (hub.state("jane-doe"), hub.starts) == ("ready", [])


def test_restart_when_the_login_has_expired_then_says_so_and_the_others_go_on(
    hub: StandInHub, desk: Desk
) -> None:
    for name in ("a", "b", "c", "d"):
        hub.add(name, "")
    for name in ("a", "b", "c"):
        hub.fault("POST", f"users/{name}", status=403, message="auth has expired, login again")
    pace = Pace(canary_count=0, stop_at_failures=1)
    job = desk.run("restart", "a", "b", "c", "d", pace=pace)
    assert [result for _, result in items(job)] == ["failed", "failed", "failed", "done"]
    assert "login again" in detail(job)


def test_restart_when_cancelled_then_what_was_begun_is_ended_and_the_rest_stays(
    hub: StandInHub, desk: Desk
) -> None:
    for name in ("a", "b"):
        hub.add(name, "")
    hub.stop_s, hub.slow_stop_s = 0.8, 0.05
    job = desk.begin("restart", "a", "b")
    wait_until(lambda: hub.state("a") == "stopping")
    desk.engine.cancel_job(job.id, ["servers"], "ada")
    job = desk.ended(job)
    assert (job.state, items(job)) == ("cancelled", [("a", "done"), ("b", "skipped")])
    assert (hub.state("a"), hub.starts) == ("ready", ["a"])


@pytest.mark.parametrize("wait_for", ["stopping", "spawning"])
def test_restart_when_the_admins_server_dies_then_another_ends_it_once(
    hub: StandInHub, make_desk: MakeDesk, wait_for: str
) -> None:
    for name in ("a", "b", "c"):
        hub.add(name, "")
    hub.stop_s, hub.slow_stop_s, hub.spawn_s, hub.slow_spawn_s = 0.5, 0.05, 0.5, 0.05
    first = make_desk("ada")
    job = first.begin("restart", "a", "b", "c")
    wait_until(lambda: hub.state("b") == wait_for)
    first.engine.close()
    assert first.get(job).state == "running"
    second = make_desk("marek")
    job = second.ended(job)
    assert (job.state, job.times_taken_over) == ("succeeded", 1)
    assert [result for _, result in items(job)] == ["done", "done", "done"]
    assert (sorted(hub.stops), sorted(hub.starts)) == (["a", "b", "c"], ["a", "b", "c"])


def test_restart_of_own_when_it_kills_the_job_then_the_next_server_ends_it(
    hub: StandInHub, make_desk: MakeDesk
) -> None:
    hub.add("ada", "")
    hub.stop_s, hub.slow_stop_s = 1.0, 30
    first = make_desk("ada")
    job = first.begin("restart", "ada")
    wait_until(lambda: hub.state("ada") == "stopping")
    first.engine.close()
    wait_until(lambda: hub.state("ada") == "stopped")
    first.manager._hub.start_server("ada")
    second = make_desk("ada")
    job = second.ended(job)
    assert (job.state, items(job)) == ("succeeded", [("ada", "done")])
    assert (hub.stops, hub.starts) == (["ada"], ["ada"])


def test_restart_when_the_disk_fails_in_the_middle_then_nobody_is_left_stopped(
    hub: StandInHub, desk: Desk, tmp_path: Path
) -> None:
    hub.add("a", "")
    hub.add("b", "")
    hub.stop_s, hub.slow_stop_s = 0.8, 0.05
    job = desk.begin("restart", "a", "b")
    wait_until(lambda: hub.state("a") == "stopping")
    file = tmp_path / "jobs" / job.id / "journal.1.jsonl"
    wait_until(lambda: is_blocked(file))
    wait_until(lambda: hub.starts == ["a"])
    time.sleep(0.5)
    assert (hub.state("a"), hub.state("b"), hub.stops) == ("ready", "ready", ["a"])
    unblock(file)
    job = desk.ended(job)
    assert (job.state, items(job)) == ("failed", [("a", "done"), ("b", "failed")])


def is_blocked(file: Path) -> bool:
    """Put a folder in the place of the file, so that it cannot be replaced; a write may race."""
    file.rename(file.with_name("aside"))
    try:
        file.mkdir()
    except FileExistsError:
        return False
    (file / "in-the-way").touch()
    return True


def unblock(file: Path) -> None:
    """Put it back."""
    (file / "in-the-way").unlink()
    file.rmdir()
    file.with_name("aside").rename(file)


def test_control_when_it_ends_then_the_audit_names_plan_and_person(
    hub: StandInHub, desk: Desk
) -> None:
    hub.add("jane-doe", "")
    job = desk.run("restart", "jane-doe")
    wait_until(lambda: bool(desk.audit.list_entries(areas=["servers"]).entries))
    [entry] = desk.audit.list_entries(areas=["servers"]).entries
    assert job.receipt is not None
    assert (entry.user, entry.result) == ("ada", "done")
    assert entry.plan_id == job.receipt["plan_id"]
    assert entry.permission == "servers.servers:control"


def test_control_when_it_fails_then_no_file_holds_the_token(
    hub: StandInHub, desk: Desk, tmp_path: Path
) -> None:
    hub.add("jane-doe", "")
    hub.fault("DELETE", "jane-doe")
    hub.fault("POST", "jane-doe", status=403, message="no")
    desk.run("restart", "jane-doe")
    desk.engine.close()
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert TOKEN.encode() not in path.read_bytes(), path


def test_list_servers_when_a_job_has_ended_then_shows_the_new_state_at_once(
    hub: StandInHub, desk: Desk
) -> None:
    hub.add("jane-doe")
    assert desk.manager.list_servers().servers[0].state == "stopped"
    desk.run("start", "jane-doe")
    assert desk.manager.list_servers().servers[0].state == "ready"


def test_restart_when_two_admins_do_it_at_once_then_it_is_never_left_stopped(
    hub: StandInHub, make_desk: MakeDesk
) -> None:
    hub.add("jane-doe", "")
    hub.stop_s, hub.slow_stop_s, hub.spawn_s, hub.slow_spawn_s = 0.2, 0.05, 0.2, 0.05
    ada, marek = make_desk("ada"), make_desk("marek")
    begun: list[Job] = []
    barrier = threading.Barrier(2)

    def begin(desk: Desk, by: str) -> None:
        plan = desk.manager.plan("restart", [target_of("jane-doe")])
        barrier.wait()
        begun.append(desk.manager.apply(plan.id, "restart", [target_of("jane-doe")], by))

    threads = [
        threading.Thread(target=begin, args=args) for args in ((ada, "ada"), (marek, "marek"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for job in begun:
        ada.ended(job)
    assert hub.state("jane-doe") == "ready"
    assert (len(hub.stops), len(hub.starts)) == (1, 1)
