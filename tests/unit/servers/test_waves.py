"""Many servers at once: canaries, in flight, failures, pause, and what the progress says."""

from __future__ import annotations

import dataclasses
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from growth_admin.core.errors import InvalidInput
from growth_admin.core.schema import now
from growth_admin.jobs.models import Job
from growth_admin.jobs.store import JobStore, StoredJob
from growth_admin.servers.manager import KIND
from growth_admin.servers.models import Action, Pace, Target
from growth_admin.servers.waves import choose_canaries, lay_out, reason_to_stop
from tests.unit.servers.conftest import QUICK, Desk, MakeDesk, target_of
from tests.unit.servers.stand_in_hub import StandInHub
from tests.unit.servers.waiting import wait_until

OWN = Target(user="ada")


def fill(hub: StandInHub, count: int, *servers: str) -> list[str]:
    """Add so many users with these servers running, and return their names."""
    names = [f"s{number:03}" for number in range(count)]
    for name in names:
        hub.add(name, *servers)
    return names


def results(job: Job) -> dict[str, str]:
    """Return how each target ended."""
    assert job.receipt is not None, job
    return {item["target"]: item["result"] for item in job.receipt["items"]}


def counts(job: Job) -> dict[str, int]:
    """Return the numbers of the job's last progress."""
    return job.progress.counts if job.progress else {}


# ---- laid out


@pytest.mark.parametrize(
    ("count", "pace", "waves"),
    [
        (1, {}, [1]),
        (2, {}, [1, 2]),
        (5, {"max_in_flight": 2}, [1, 2, 2, 3, 3]),
        (5, {"max_in_flight": 2, "canary_count": 0}, [1, 1, 2, 2, 3]),
        (5, {"max_in_flight": 2, "canary_count": 3}, [1, 1, 1, 2, 2]),
        (3, {"canary_count": 9}, [1, 1, 1]),
        (12, {"canary_count": 0}, [1] * 10 + [2, 2]),
    ],
)
def test_waves_when_laid_out_then_canaries_are_the_first_and_none_is_larger_than_the_limit(
    count: int, pace: dict[str, int], waves: list[int]
) -> None:
    targets = [Target(user=f"s{number}") for number in range(count)]
    chosen = Pace(**pace)  # type: ignore[arg-type]  # integers only
    canaries = choose_canaries("restart", targets, chosen, OWN)
    assert list(lay_out(targets, canaries, chosen, OWN)) == waves


def test_waves_when_the_own_server_is_among_them_then_it_is_last_and_no_canary() -> None:
    targets = [OWN, Target(user="ada", server_name="canary"), Target(user="a"), Target(user="b")]
    canaries = choose_canaries("restart", targets, Pace(), OWN)
    assert canaries == {2}
    assert lay_out(targets, canaries, Pace(), OWN) == (3, 2, 1, 2)


@pytest.mark.parametrize("name", ["ada", "ghost", "ada/canary"])
def test_canaries_when_named_but_not_fit_then_refused_with_a_hint(name: str) -> None:
    targets = [OWN, Target(user="ada", server_name="canary"), Target(user="a")]
    with pytest.raises(InvalidInput) as caught:
        choose_canaries("restart", targets, Pace(canaries=(target_of(name),)), OWN)
    assert caught.value.hint


def test_canaries_when_it_is_a_stop_then_there_are_none() -> None:
    assert choose_canaries("stop", [Target(user="a"), Target(user="b")], Pace(), OWN) == set()


@pytest.mark.parametrize(
    ("failed", "tried", "ratio", "stops"),
    [
        (0, 100, 0.1, False),
        (1, 1, 0.1, False),
        (1, 3, 0.1, False),
        (2, 3, 0.1, True),
        (2, 19, 0.1, True),
        (2, 20, 0.1, False),
        (10, 100, 0.1, False),
        (11, 100, 0.1, True),
        (1, 100, 0.0, True),
        (100, 100, 1.0, False),
        (3, 6, 0.5, False),
        (4, 6, 0.5, True),
    ],
)
def test_failures_when_counted_then_the_ratio_and_the_floor_decide(
    failed: int, tried: int, ratio: float, stops: bool
) -> None:
    pace = Pace(stop_at_failures=ratio)
    reason = reason_to_stop(canaries_failed=0, failed=failed, tried=tried, pace=pace)
    assert bool(reason) is stops


# ---- in flight


@pytest.mark.parametrize("limit", [1, 3, 8])
@pytest.mark.parametrize("action", ["restart", "start", "stop"])
def test_rollout_when_there_are_many_then_never_more_in_flight_and_each_exactly_once(
    hub: StandInHub, desk: Desk, action: Action, limit: int
) -> None:
    names = fill(hub, 24, *([] if action == "start" else [""]))
    hub.stop_s, hub.slow_stop_s, hub.spawn_s, hub.slow_spawn_s = 0.15, 5, 0.2, 5
    job = desk.run(action, *names, pace=Pace(max_in_flight=limit))
    assert set(results(job).values()) == {"done"}
    most = hub.most_stopping if action == "stop" else hub.most_in_flight
    assert most == limit
    assert sorted(hub.stops) == (names if action != "start" else [])
    assert sorted(hub.starts) == (names if action != "stop" else [])


def test_restart_when_starts_are_slow_then_still_never_more_in_flight(
    hub: StandInHub, desk: Desk
) -> None:
    names = fill(hub, 20, "")
    hub.stop_s, hub.slow_stop_s, hub.spawn_s, hub.slow_spawn_s = 0.2, 0.01, 0.3, 0.01
    job = desk.run("restart", *names, pace=Pace(max_in_flight=6))
    assert set(results(job).values()) == {"done"}
    assert hub.most_in_flight == 6
    assert (sorted(hub.stops), sorted(hub.starts)) == (names, names)


def test_restart_when_all_is_quick_then_at_most_four_calls_for_each(
    hub: StandInHub, desk: Desk
) -> None:
    names = fill(hub, 30, "")
    hub.spawn_s = 0.02
    job = desk.begin("restart", *names)
    hub.calls.clear()
    job = desk.ended(job)
    assert set(results(job).values()) == {"done"}
    assert len(hub.calls) <= 4 * len(names)


def test_restart_when_many_are_slow_then_they_are_looked_at_with_lists(
    hub: StandInHub, desk: Desk
) -> None:
    names = fill(hub, 30, "")
    hub.stop_s, hub.slow_stop_s, hub.spawn_s, hub.slow_spawn_s = 0.5, 0, 0.8, 0
    job = desk.begin("restart", *names, pace=Pace(max_in_flight=15))
    hub.calls.clear()
    job = desk.ended(job)
    assert set(results(job).values()) == {"done"}
    lists = [path for method, path in hub.calls if path.startswith("users?")]
    assert lists
    assert all("state=active" in path for path in lists)
    single = [path for method, path in hub.calls if method == "GET" and path not in lists]
    assert len(single) <= 3 * len(names)


# ---- the hub's own limit


@pytest.mark.parametrize("hub_limit", [1, 2, 5])
def test_restart_when_the_hub_starts_fewer_then_learns_it_and_all_come_up(
    hub: StandInHub, make_desk: MakeDesk, hub_limit: int
) -> None:
    desk = make_desk(limits=dataclasses.replace(QUICK, busy_s=60))
    names = fill(hub, 16, "")
    hub.concurrent_spawn_limit, hub.spawn_s, hub.stop_s = hub_limit, 0.15, 0.02
    hub.retry_after_s = 2  # nobody tries for more within ten seconds
    job = desk.ended(desk.begin("restart", *names, pace=Pace(max_in_flight=8)), 60)
    assert set(results(job).values()) == {"done"}
    assert hub.most_spawning <= hub_limit
    assert counts(job)["max_in_flight"] <= max(hub_limit, 1)
    assert hub.refusals <= 12  # those on their way when the limit was met: 7 + 3 + 1 of 8
    assert (sorted(hub.stops), sorted(hub.starts)) == (names, names)


def test_restart_when_the_hub_said_too_many_then_nobody_new_is_stopped_before_the_time_is_up(
    hub: StandInHub, desk: Desk
) -> None:
    names = fill(hub, 12, "")
    hub.fault("POST", "users/s001", status=429, headers={"Retry-After": "5"})
    hub.spawn_s = 0.05
    job = desk.begin("restart", *names, pace=Pace(max_in_flight=3, canary_count=1))
    wait_until(lambda: "next try" in desk.log(job))
    time.sleep(0.4)
    stopped = len(hub.stops)
    time.sleep(1.0)
    assert len(hub.stops) == stopped < len(names)
    assert set(results(desk.ended(job)).values()) == {"done"}


def test_restart_when_the_hub_was_busy_for_a_moment_then_as_many_as_before_go_again(
    hub: StandInHub, make_desk: MakeDesk
) -> None:
    desk = make_desk(limits=dataclasses.replace(QUICK, quiet_times=1.0))
    names = fill(hub, 30)
    hub.fault("POST", "users/s0", status=429, headers={"Retry-After": "2"}, times=8)
    hub.spawn_s = 0.15
    job = desk.begin("start", *names, pace=Pace(max_in_flight=8, canary_count=0))
    wait_until(lambda: "next try" in desk.log(job))
    assert counts(desk.get(job))["max_in_flight"] == 4  # one step, however many were refused
    job = desk.ended(job)
    assert set(results(job).values()) == {"done"}
    assert counts(job)["max_in_flight"] == 8
    assert hub.most_spawning <= 8
    assert sorted(hub.starts) == names


# ---- failures


def test_restart_when_the_canary_fails_then_one_student_pays_and_the_class_does_not(
    hub: StandInHub, desk: Desk
) -> None:
    names = fill(hub, 20, "")
    hub.failing.update(names)
    job = desk.run("restart", *names)
    assert job.state == "failed"
    assert hub.stops == ["s000"]
    assert results(job) == {"s000": "failed", **dict.fromkeys(names[1:], "skipped")}
    assert job.receipt is not None
    assert "a canary failed" in job.receipt["items"][5]["detail"]


def test_restart_when_a_named_canary_fails_then_it_was_the_first(
    hub: StandInHub, desk: Desk
) -> None:
    names = fill(hub, 9, "")
    hub.failing.add("s007")
    pace = Pace(canaries=(target_of("s007"), target_of("s003")))
    job = desk.run("restart", *names, pace=pace)
    assert sorted(hub.stops) == ["s003", "s007"]
    assert [name for name, said in results(job).items() if said == "done"] == ["s003"]


def test_restart_when_canaries_are_out_then_nobody_else_is(hub: StandInHub, desk: Desk) -> None:
    names = fill(hub, 8, "")
    hub.spawn_s = 0.6
    job = desk.begin("restart", *names, pace=Pace(canary_count=2))
    wait_until(lambda: len(hub.starts) == 2)
    time.sleep(0.3)
    assert sorted(hub.stops) == ["s000", "s001"]
    assert set(results(desk.ended(job)).values()) == {"done"}


def test_restart_when_the_canaries_are_left_alone_then_the_next_goes_alone(
    hub: StandInHub, desk: Desk
) -> None:
    names = fill(hub, 8, "")
    hub.failing.update(names)
    plan = desk.manager.plan("restart", [target_of(name) for name in names])
    hub.people["s000"].servers[""].started = hub.tick()  # restarted by its owner
    job = desk.manager.apply(plan.id, "restart", plan.servers, "ada")
    job = desk.ended(job)
    said = list(results(job).values())
    assert said == ["skipped", "failed", "failed"] + ["skipped"] * 5
    assert hub.most_in_flight == 1


def test_restart_when_too_many_fail_then_the_rest_is_left_alone(
    hub: StandInHub, desk: Desk
) -> None:
    names = fill(hub, 60, "")
    hub.failing.update(names[8:])
    hub.spawn_s = 0.03
    job = desk.run("restart", *names, pace=Pace(max_in_flight=4))
    said = list(results(job).values())
    assert said[:8] == ["done"] * 8
    assert 2 <= said.count("failed") <= 2 + 4
    assert said.count("skipped") >= 46
    assert job.receipt is not None
    assert "before it failed, and more than 10% may" in job.receipt["items"][-1]["detail"]


def test_restart_when_a_few_fail_then_the_others_go_on(hub: StandInHub, desk: Desk) -> None:
    names = fill(hub, 40, "")
    hub.failing.update({"s025", "s038"})
    job = desk.run("restart", *names)
    said = results(job)
    assert [name for name, result in said.items() if result != "done"] == ["s025", "s038"]
    assert job.problem is not None
    assert "1 more failed" in job.problem.detail


# ---- pause, resume, cancel


def test_restart_when_paused_then_what_is_begun_ends_and_goes_on_when_resumed(
    hub: StandInHub, desk: Desk
) -> None:
    names = fill(hub, 20, "")
    hub.stop_s, hub.spawn_s = 0.1, 0.2
    job = desk.begin("restart", *names, pace=Pace(max_in_flight=4))
    wait_until(lambda: len(hub.starts) >= 6)
    desk.engine.pause_job(job.id, ["servers"], "ada")
    wait_until(lambda: desk.get(job).state == "pending")
    begun = sorted(hub.stops)
    time.sleep(0.8)
    assert sorted(hub.stops) == sorted(hub.starts) == begun
    assert {hub.state(name) for name in names} == {"ready"}
    assert len(begun) < len(names)
    desk.engine.resume_job(job.id, ["servers"])
    job = desk.ended(job)
    assert set(results(job).values()) == {"done"}
    assert (sorted(hub.stops), sorted(hub.starts)) == (names, names)


def test_restart_when_cancelled_in_a_wave_then_all_that_is_begun_comes_up(
    hub: StandInHub, desk: Desk
) -> None:
    names = fill(hub, 20, "")
    hub.stop_s, hub.spawn_s = 0.1, 0.2
    job = desk.begin("restart", *names, pace=Pace(max_in_flight=4))
    wait_until(lambda: len(hub.starts) >= 6)
    desk.engine.cancel_job(job.id, ["servers"], "ada")
    job = desk.ended(job)
    assert job.state == "cancelled"
    assert {hub.state(name) for name in names} == {"ready"}
    said = list(results(job).values())
    assert said.count("done") == len(hub.starts) == len(hub.stops) < 20
    assert said.count("done") + said.count("skipped") == 20


def test_plan_when_another_restart_of_the_same_is_under_way_then_it_says_whose(
    hub: StandInHub, make_desk: MakeDesk
) -> None:
    ada, marek = make_desk("ada"), make_desk("marek")
    names = fill(hub, 6, "")
    hub.spawn_s = 1.5
    job = ada.begin("restart", *names[:4])
    plan = marek.manager.plan("restart", [target_of(name) for name in names[2:]])
    (warning,) = [said for said in plan.warnings if "under way" in said]
    assert warning.startswith('ada\'s "Restart 4 servers" is under way with 2 of these.')
    other = marek.manager.plan("restart", [target_of(names[5])])
    assert not any("under way" in said for said in other.warnings)
    ada.ended(job)
    over = marek.manager.plan("restart", [target_of(name) for name in names[2:]])
    assert not any("under way" in said for said in over.warnings)


def test_plan_when_a_ta_restarts_the_same_then_it_says_so_as_told(
    hub: StandInHub, make_desk: MakeDesk, tmp_path: Path
) -> None:
    names = fill(hub, 3, "")
    hub.spawn_s = 1.5
    (tmp_path / "tas").mkdir()
    tess = Desk(hub, tmp_path / "tas", owner="tess")
    ada = make_desk("ada", told_jobs=JobStore(tmp_path / "tas" / "jobs"))
    job = tess.begin("restart", *names, by="tess")
    plan = ada.manager.plan("restart", [target_of(name) for name in names[1:]])
    tess.ended(job)
    tess.engine.close()
    (warning,) = [said for said in plan.warnings if "under way" in said]
    assert warning.startswith(
        "tess's \"Restart 3 servers\" (as a TA's server tells it) is under way with 2 of these."
    )


@pytest.mark.parametrize("targets", [[3], [{"target": 4}], [{"target": {"user": []}}], 7, {}])
def test_plan_when_a_ta_planted_a_job_that_makes_no_sense_then_it_is_made_all_the_same(
    hub: StandInHub, make_desk: MakeDesk, tmp_path: Path, targets: Any
) -> None:
    (name,) = fill(hub, 1, "")
    planted = JobStore(tmp_path / "tas")
    job = Job(
        id="x",
        kind=KIND,
        area="servers",
        title="x",
        state="running",
        created=now(),
        created_by="ada",
    )
    planted.create(StoredJob(job=job, params={"targets": targets}))
    plan = make_desk("ada", told_jobs=planted).manager.plan("restart", [target_of(name)])
    assert plan.items


# ---- what is said


def test_progress_when_it_runs_then_tells_waves_and_numbers(hub: StandInHub, desk: Desk) -> None:
    names = fill(hub, 13, "")
    hub.add("kim")
    hub.stop_s, hub.spawn_s = 0.1, 1.5
    job = desk.begin("restart", *names, "kim", pace=Pace(max_in_flight=4))
    assert job.title == "Restart 13 servers in 4 waves"
    wait_until(lambda: counts(desk.get(job)).get("in_flight") == 4, 10)
    said = counts(desk.get(job))
    assert said["waves"] == 4
    assert said["wave"] >= 2
    assert said["skipped"] == 1
    numbers = ("done", "failed", "skipped", "in_flight", "left")
    assert sum(said[name] for name in numbers) == 14
    progress = desk.get(job).progress
    assert progress is not None
    assert progress.message.startswith(f"wave {said['wave']} of 4, 4 in flight")
    assert counts(desk.ended(job))["done"] == 13


def test_plan_when_a_restart_was_measured_then_the_title_says_how_long(
    hub: StandInHub, desk: Desk
) -> None:
    names = fill(hub, 23, "")
    hub.spawn_s = 0.05
    targets = [target_of(name) for name in names]
    assert desk.manager.plan("restart", targets).about_s is None
    desk.run("restart", *names)
    plan = desk.manager.plan("restart", targets)
    assert plan.waves == 4
    assert plan.title == "Restart 23 servers in 4 waves, about 10 s"
    assert plan.about_s
    assert desk.manager.plan("stop", targets).about_s is None
    job = desk.ended(desk.manager.apply(plan.id, "restart", plan.servers, "ada"))
    assert job.receipt is not None
    assert job.receipt["title"] == "Restarted 23 servers in 4 waves"


def test_plan_when_there_are_canaries_then_the_items_say_so(hub: StandInHub, desk: Desk) -> None:
    names = fill(hub, 4, "")
    plan = desk.manager.plan("restart", [target_of(name) for name in names])
    assert [item.detail for item in plan.items] == ["first, as a canary", "", "", ""]


# ---- the book


def test_journal_when_ten_thousand_are_marked_then_each_line_is_short(
    hub: StandInHub, desk: Desk, tmp_path: Path
) -> None:
    names = fill(hub, 40, "")
    job = desk.run("restart", *names)
    folder = tmp_path / "jobs" / job.id
    journal = (folder / "journal.1.jsonl").read_text().splitlines()
    assert len(journal) == 3 * len(names)
    assert max(map(len, journal)) < 120
    assert "targets" not in (folder / "job.1.json").read_text()


def test_journal_when_a_line_is_cut_or_odd_then_the_others_count(
    hub: StandInHub, make_desk: MakeDesk, tmp_path: Path
) -> None:
    names = fill(hub, 6, "")
    first = make_desk("ada")
    hub.spawn_s = 0.3
    job = first.begin("restart", *names, pace=Pace(max_in_flight=1))
    wait_until(lambda: len(hub.starts) == 3)
    first.engine.close()
    journal = tmp_path / "jobs" / job.id / "journal.1.jsonl"
    odd: list[Any] = ['{"i":99,"phase":"ended"}', '{"i":4,"phase":"nonsense"}', "[]", '{"i":5,"ph']
    odd.insert(0, '{"i":3,"target":{"user":"ada"},"phase":"new"}')
    with journal.open("a") as file:
        file.write("\n".join(odd))
    second = make_desk("marek")
    job = second.ended(job)
    assert set(results(job).values()) == {"done"}
    assert (sorted(hub.stops), sorted(hub.starts)) == (names, names)


def test_store_when_a_job_is_saved_then_what_was_asked_for_is_still_known(
    hub: StandInHub, desk: Desk, tmp_path: Path
) -> None:
    names = fill(hub, 3, "")
    job = desk.run("restart", *names)
    stored = JobStore(tmp_path / "jobs").load(job.id)
    assert [given["target"]["user"] for given in stored.params["targets"]] == names


def test_restart_when_many_may_begin_then_they_do_not_all_ask_at_one_moment(
    hub: StandInHub, make_desk: MakeDesk
) -> None:
    hub.spawn_s = 5.0
    names = fill(hub, 4, "")
    desk = make_desk(limits=dataclasses.replace(QUICK, spacing_s=0.15))
    job = desk.run("restart", *names, pace=Pace(canary_count=0))
    assert set(results(job).values()) == {"done"}
    moments = sorted(hub.stopped_s[name] for name in names)
    apart_s = [later - earlier for earlier, later in pairwise(moments)]
    assert min(apart_s) > 0.1, apart_s
    assert max(apart_s) < hub.spawn_s, "each waits for the one before to be begun, not for its end"
