"""Restarts that users are told of: who goes when, what is waited for, and what the receipt says.

A minute of the plan takes 0.2 s here: five minutes are a second.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from growth_admin.core.errors import StorageUnavailable
from growth_admin.jobs.models import Job
from growth_admin.servers.models import ApplyRequest, Courtesy, Pace, PlanRequest
from tests.unit.servers.conftest import Desk, target_of
from tests.unit.servers.stand_in_hub import StandInHub
from tests.unit.servers.students import Student
from tests.unit.servers.test_rollout import is_blocked, unblock
from tests.unit.servers.test_waves import counts, fill, results
from tests.unit.servers.waiting import wait_until

WARNED = Courtesy(warn_min=5, may_postpone_min=10, wait_for_busy_min=5)
ALL_AT_ONCE = Pace(canary_count=0, max_in_flight=20)


def details(job: Job) -> dict[str, str]:
    """Return what the receipt says of each."""
    assert job.receipt is not None, job
    return {item["target"]: item["detail"] for item in job.receipt["items"]}


def title(job: Job) -> str:
    """Return what the receipt says of all."""
    assert job.receipt is not None, job
    return str(job.receipt["title"])


def announced(desk: Desk) -> list[str]:
    """Return the ids of all notices that were ever posted."""
    return [row.notice.id for row in desk.notices.list_notices().notices]


def began(
    desk: Desk, *names: str, courtesy: Courtesy = WARNED, pace: Pace = ALL_AT_ONCE, **fields: Any
) -> Job:
    """Begin a restart and return once users are told."""
    job = desk.begin("restart", *names, courtesy=courtesy, pace=pace, **fields)
    wait_until(lambda: bool(announced(desk)))
    return job


@pytest.fixture
def four(hub: StandInHub, tmp_path: Path) -> list[Student]:
    """Four students with their servers."""
    return [Student(tmp_path, name) for name in fill(hub, 4, "")]


def test_restart_when_users_are_told_then_nobody_before_the_time_and_the_receipt_says_who_saw(
    hub: StandInHub, desk: Desk, four: list[Student]
) -> None:
    job = began(desk, "s000", "s001", "s002", "s003")
    at_s = four[0].at_s
    assert 0.3 < at_s - time.time() <= 1.1
    four[0].see()
    four[1].see()
    four[1].save(documents=2)
    four[2].see()
    four[2].save(documents=1, unsaved=1)
    while time.time() < at_s - 0.05:
        assert hub.stops == []
        time.sleep(0.02)
    job = desk.ended(job)
    assert set(results(job).values()) == {"done"}
    assert sorted(hub.stops) == ["s000", "s001", "s002", "s003"]
    assert details(job) == {
        "s000": "saw the notice, the page did not say that it saved",
        "s001": "saw the notice, saved 2 documents",
        "s002": "saw the notice, 1 document could not be saved",
        "s003": "did not see the notice",
    }
    said = counts(job)
    assert (said["warned"], said["saw"], said["saved"], said["unsaved"]) == (4, 3, 1, 1)
    assert title(job) == "Restarted 4 servers after 5 min of warning"
    assert len(announced(desk)) == 1
    assert four[3].notices() == []


def test_restart_when_a_page_is_open_then_it_is_waited_for_until_it_says_that_it_saved(
    hub: StandInHub, desk: Desk, four: list[Student]
) -> None:
    job = began(desk, "s000", "s001")
    four[0].see()
    at_s = four[0].at_s
    wait_until(lambda: hub.stops == ["s001"])
    assert time.time() < at_s + 3
    assert hub.stops == ["s001"]
    four[0].save()
    job = desk.ended(job)
    assert hub.stops == ["s001", "s000"]
    assert details(job)["s000"] == "saw the notice, saved 1 document"


def test_restart_when_somebody_is_ready_then_before_the_others(
    hub: StandInHub, desk: Desk, four: list[Student]
) -> None:
    job = began(desk, "s000", "s001")
    four[1].go()
    wait_until(lambda: hub.stops == ["s001"])
    assert time.time() < four[0].at_s
    job = desk.ended(job)
    assert hub.stops == ["s001", "s000"]
    assert "went early" in details(job)["s001"]
    assert "went early" not in details(job)["s000"]
    assert title(job) == (
        "Restarted 2 servers after 5 min of warning, 1 of them early, at their own wish"
    )


def test_restart_when_all_are_ready_then_the_receipt_says_that_they_went_early(
    hub: StandInHub, desk: Desk, four: list[Student]
) -> None:
    job = began(desk, "s000", "s001")
    four[0].go()
    four[1].go()
    assert title(desk.ended(job)) == "Restarted 2 servers early, at their own wish"
    job = began(desk, "s002", courtesy=Courtesy(warn_min=50))
    wait_until(lambda: bool(four[2].notices()))
    four[2].go()
    assert title(desk.ended(job)) == "Restarted s002's server early, at their own wish"


def test_restart_when_ready_may_not_go_now_then_at_its_time(
    hub: StandInHub, desk: Desk, four: list[Student]
) -> None:
    job = began(desk, "s000", courtesy=Courtesy(warn_min=5, may_go_now=False))
    four[0].go()
    at_s = four[0].at_s
    desk.ended(job)
    assert hub.stops == ["s000"]
    assert time.time() >= at_s


def test_restart_when_somebody_asks_for_time_then_gets_it_once_and_the_countdown_says_so(
    hub: StandInHub, desk: Desk, four: list[Student]
) -> None:
    job = began(desk, "s000", "s001")
    at_s = four[0].at_s
    four[0].ask(10)
    wait_until(lambda: four[0].at_s == pytest.approx(at_s + 2.0, abs=0.01))
    assert four[1].at_s == at_s
    four[0].ask(10)  # no more than the plan allows
    job = desk.ended(job)
    assert time.time() >= at_s + 2.0
    assert hub.stops == ["s001", "s000"]
    assert details(job)["s000"] == "did not see the notice, was given 10 more minutes"


def test_restart_when_kernels_are_busy_then_waits_until_they_are_not(
    hub: StandInHub, desk: Desk, four: list[Student]
) -> None:
    job = began(desk, "s000", "s001")
    at_s = four[0].at_s
    four[0].work(1)
    wait_until(lambda: hub.stops == ["s001"])
    wait_until(lambda: four[0].at_s > at_s)
    assert counts(desk.get(job)).get("busy") == 1
    four[0].work(0)
    job = desk.ended(job)
    assert at_s + 0.35 <= time.time() < at_s + 10
    assert "kernels were busy" in details(job)["s000"]


def test_restart_when_kernels_stay_busy_then_goes_at_the_limit(
    hub: StandInHub, desk: Desk, four: list[Student]
) -> None:
    job = began(desk, "s000")
    at_s = four[0].at_s
    four[0].work(3)
    job = desk.ended(job)
    assert at_s + 1.0 <= time.time() < at_s + 4
    assert hub.stops == ["s000"]


def test_restart_when_some_are_ready_before_the_canarys_time_then_one_goes_first_alone(
    hub: StandInHub, desk: Desk, four: list[Student]
) -> None:
    hub.stop_s, hub.slow_stop_s, hub.spawn_s = 0.1, 5, 0.2
    job = began(desk, *hub.people, pace=Pace(), courtesy=Courtesy(warn_min=20))
    at_s = four[0].at_s
    four[2].go()
    four[3].go()
    wait_until(lambda: len(hub.starts) == 1)
    assert len(hub.stops) == 1
    wait_until(lambda: len(hub.starts) == 2)
    assert (hub.stops, time.time() < at_s) == (["s002", "s003"], True)
    job = desk.ended(job)
    assert hub.stops == ["s002", "s003", "s000", "s001"]
    assert set(results(job).values()) == {"done"}


def test_restart_when_who_goes_first_fails_then_the_canary_is_next_and_the_class_is_spared(
    hub: StandInHub, desk: Desk, four: list[Student]
) -> None:
    hub.failing.update(hub.people)
    job = began(desk, *hub.people, pace=Pace())
    four[2].go()
    job = desk.ended(job)
    assert hub.stops == ["s002", "s000"]
    assert list(results(job).values()) == ["failed", "skipped", "failed", "skipped"]


def test_restart_when_the_canarys_time_comes_while_another_is_out_then_it_waits_for_that(
    hub: StandInHub, desk: Desk, four: list[Student]
) -> None:
    hub.stop_s, hub.slow_stop_s, hub.spawn_s, hub.slow_spawn_s = 0.1, 5, 1.5, 5
    job = began(desk, *hub.people, pace=Pace())
    at_s = four[0].at_s
    four[2].go()
    wait_until(lambda: hub.stops == ["s002"])
    time.sleep(max(at_s - time.time(), 0) + 0.3)
    assert (hub.stops, hub.state("s002")) == (["s002"], "spawning")
    job = desk.ended(job)
    assert hub.stops[:2] == ["s002", "s000"]
    assert set(results(job).values()) == {"done"}


def test_restart_when_one_is_ready_and_a_named_canary_is_not_then_the_canary_is_first(
    hub: StandInHub, desk: Desk, four: list[Student]
) -> None:
    job = began(desk, "s000", "s001", "s002", pace=Pace(canaries=(target_of("s000"),)))
    four[2].go()
    job = desk.ended(job)
    assert hub.stops[0] == "s000"
    assert set(results(job).values()) == {"done"}


def test_restart_when_the_canary_has_more_time_then_another_goes_first_alone(
    hub: StandInHub, desk: Desk, four: list[Student]
) -> None:
    hub.stop_s, hub.slow_stop_s, hub.spawn_s = 0.1, 5, 0.2
    job = began(desk, "s000", "s001", "s002", pace=Pace())
    four[0].ask(10)
    wait_until(lambda: len(hub.starts) == 1)
    assert hub.stops == ["s001"]
    job = desk.ended(job)
    assert hub.stops == ["s001", "s002", "s000"]
    assert set(results(job).values()) == {"done"}


def test_restart_when_the_named_canary_has_more_time_then_all_wait_for_it(
    hub: StandInHub, desk: Desk, four: list[Student]
) -> None:
    job = began(desk, "s000", "s001", pace=Pace(canaries=(target_of("s000"),)))
    at_s = four[0].at_s
    four[0].ask(5)
    desk.ended(job)
    assert hub.stops == ["s000", "s001"]
    assert time.time() > at_s + 1.0


def test_restart_when_there_is_no_room_then_those_later_are_told_another_time(
    hub: StandInHub, desk: Desk, tmp_path: Path
) -> None:
    names = fill(hub, 6, "")
    hub.stop_s, hub.slow_stop_s, hub.spawn_s = 0.5, 5, 0.3
    last = Student(tmp_path, names[-1])
    job = began(desk, *names, pace=Pace(canary_count=0, max_in_flight=1))
    first_s = last.at_s
    wait_until(lambda: last.at_s > first_s + 0.2)
    job = desk.ended(job, 40)
    assert set(results(job).values()) == {"done"}
    assert hub.most_in_flight == 1


def test_restart_when_the_own_server_is_among_them_then_it_is_not_told_and_last(
    hub: StandInHub, desk: Desk, tmp_path: Path, four: list[Student]
) -> None:
    hub.add("ada", "")
    own = Student(tmp_path, "ada")
    job = began(desk, "ada", "s000", "s001")
    assert own.notices() == []
    assert four[0].notices() != []
    four[1].ask(5)
    job = desk.ended(job)
    assert hub.stops == ["s000", "s001", "ada"]
    assert details(job)["ada"] == ""


def test_stop_when_users_are_told_then_the_notice_says_that_it_is_a_stop(
    hub: StandInHub, desk: Desk, four: list[Student]
) -> None:
    job = desk.begin("stop", "s000", courtesy=Courtesy(warn_min=5))
    wait_until(lambda: bool(announced(desk)))
    (shown,) = four[0].notices()
    assert shown["restart"]["is_stop"]
    assert shown["text"].startswith("Your server will be stopped.")
    job = desk.ended(job)
    assert (hub.stops, hub.starts) == (["s000"], [])
    assert set(results(job).values()) == {"done"}


# ---- cancel, pause, withdrawn


def test_job_when_cancelled_then_nobody_is_restarted_and_no_countdown_runs(
    hub: StandInHub, desk: Desk, four: list[Student]
) -> None:
    job = began(desk, "s000", "s001")
    four[0].see()
    wait_until(lambda: counts(desk.get(job)).get("saw") == 1)
    desk.engine.cancel_job(job.id, ["servers"], "ada")
    job = desk.ended(job)
    assert (job.state, hub.stops) == ("cancelled", [])
    assert four[0].notices() == []
    assert "saw the notice" in details(job)["s000"]


def test_job_when_paused_then_no_countdown_runs_and_those_left_are_told_anew(
    hub: StandInHub, desk: Desk, four: list[Student]
) -> None:
    job = began(desk, "s000", "s001")
    four[1].go()
    wait_until(lambda: hub.state("s001") == "ready" and hub.starts == ["s001"])
    desk.engine.pause_job(job.id, ["servers"], "ada")
    wait_until(lambda: desk.get(job).state == "pending")
    assert four[0].notices() == []
    time.sleep(1.2)
    assert hub.stops == ["s001"]
    desk.engine.resume_job(job.id, ["servers"])
    wait_until(lambda: four[0].notices() != [])
    at_s = four[0].at_s
    assert at_s > time.time() + 0.3
    job = desk.ended(job)
    assert hub.stops == ["s001", "s000"]
    assert time.time() >= at_s
    assert len(announced(desk)) == 2


def test_notice_when_somebody_withdraws_it_then_the_job_pauses_and_says_who(
    hub: StandInHub, desk: Desk, four: list[Student]
) -> None:
    job = began(desk, "s000")
    desk.notices.withdraw(announced(desk)[0], user="bea")
    wait_until(lambda: desk.get(job).state == "pending" and desk.get(job).is_paused)
    problem = desk.get(job).problem
    assert problem is not None
    assert "bea took the notice" in problem.detail
    time.sleep(1.2)
    assert hub.stops == []
    desk.engine.cancel_job(job.id, ["servers"], "ada")
    assert desk.ended(job).state == "cancelled"


# ---- disks


def test_restart_when_nobody_can_be_told_then_nothing_happens(
    hub: StandInHub, desk: Desk, four: list[Student]
) -> None:
    desk.paths.shared_root.rmdir()
    plan = desk.manager.plan("restart", [target_of("s000")], courtesy=WARNED)
    assert any("cannot be told" in warning for warning in plan.warnings)
    with pytest.raises(StorageUnavailable):
        desk.begin("restart", "s000", courtesy=WARNED)
    assert hub.stops == []


def test_restart_when_the_disk_goes_before_the_notice_is_written_then_the_job_fails_untouched(
    hub: StandInHub, desk: Desk, four: list[Student]
) -> None:
    book = desk.paths.notices / "book"
    book.parent.mkdir(parents=True)
    book.write_text("a file in the place of the folder")
    job = desk.ended(desk.begin("restart", "s000", courtesy=WARNED))
    assert job.state == "failed"
    assert job.problem is not None
    assert "nothing was restarted" in job.problem.detail
    assert hub.stops == []


def test_restart_when_the_notices_disk_goes_meanwhile_then_goes_on_at_the_time_that_was_told(
    hub: StandInHub, desk: Desk, four: list[Student]
) -> None:
    job = began(desk, "s000")
    wait_until(lambda: "restart_at_s" in counts(desk.get(job)))  # it knows that they are told
    at_s = four[0].at_s
    desk.paths.shared_root.rename(desk.paths.shared_root.with_name("gone"))  # at one moment
    job = desk.ended(job)
    assert job.state == "succeeded", job.problem
    assert (hub.stops, set(results(job).values())) == (["s000"], {"done"})
    assert time.time() >= at_s


def test_restart_when_the_notice_is_written_but_not_shown_then_it_never_is(
    hub: StandInHub, desk: Desk, four: list[Student]
) -> None:
    in_the_way = desk.paths.notices / "current.json" / "in-the-way"
    in_the_way.mkdir(parents=True)
    job = desk.ended(desk.begin("restart", "s000", courtesy=WARNED))
    assert (job.state, hub.stops) == ("failed", [])
    in_the_way.rmdir()
    in_the_way.parent.rmdir()
    (row,) = desk.notices.list_notices().notices  # looking makes the public file good
    assert row.state == "withdrawn"
    assert four[0].notices() == []


def test_job_when_paused_while_its_disk_is_full_then_who_is_in_flight_comes_up(
    hub: StandInHub, desk: Desk, tmp_path: Path, four: list[Student]
) -> None:
    hub.stop_s, hub.slow_stop_s = 0.8, 0.05
    job = began(desk, "s000", "s001")
    four[0].go()
    wait_until(lambda: hub.state("s000") == "stopping")
    file = tmp_path / "jobs" / job.id / "journal.1.jsonl"
    wait_until(lambda: is_blocked(file))
    desk.engine.pause_job(job.id, ["servers"], "ada")
    wait_until(lambda: four[1].notices() == [])
    assert hub.state("s000") != "ready"
    unblock(file)
    wait_until(lambda: desk.get(job).is_paused and desk.get(job).state == "pending")
    assert (hub.state("s000"), hub.stops) == ("ready", ["s000"])
    desk.engine.resume_job(job.id, ["servers"])
    job = desk.ended(job)
    assert set(results(job).values()) == {"done"}
    assert announced(desk) == [f"n{job.id}-2", f"n{job.id}-1"]


# ---- plans


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"may_postpone_min": 10}, "needs a warning"),
        ({"wait_for_busy_min": 5}, "needs a warning"),
        ({"text": "Hello"}, "needs a warning"),
        ({"link": "https://school.org"}, "needs a warning"),
        ({"warn_min": 5, "link": "http://school.org"}, "https"),
        ({"warn_min": 5, "text": "  "}, "says nothing"),
        ({"warn_min": -1}, "greater than or equal"),
        ({"warn_min": 2000}, "less than or equal"),
    ],
)
def test_courtesy_when_it_makes_no_sense_then_refused_with_the_reason(
    given: dict[str, Any], words: str
) -> None:
    body = {"action": "restart", "servers": [{"user": "jane"}], "courtesy": given}
    with pytest.raises(ValidationError, match=words):
        PlanRequest.model_validate(body)


def test_plan_when_a_start_shall_be_told_then_refused() -> None:
    body = {"action": "start", "servers": [{"user": "jane"}], "courtesy": {"warn_min": 5}}
    with pytest.raises(ValidationError, match="a start needs no warning"):
        ApplyRequest.model_validate({**body, "plan_id": "x"})


def test_plan_when_users_are_told_then_it_says_what_and_when(
    hub: StandInHub, desk: Desk, four: list[Student]
) -> None:
    plan = desk.manager.plan("restart", [target_of("s000"), target_of("s001")], courtesy=WARNED)
    assert plan.title == "Restart 2 servers after 5 min of warning"
    assert plan.announcement == (
        '2 users read now: "Your server will be restarted. Save your work; it takes about a '
        'minute." The first is restarted 5 min later. They may ask for 10 more minutes or go at '
        "once when they are ready. Busy kernels are waited for, 5 min at most. What is open is "
        "saved before. If the notice cannot be written, nothing is restarted."
    )
    other = desk.manager.plan("restart", [target_of("s000"), target_of("s001")])
    assert (other.announcement, other.id == plan.id) == ("", False)
    assert hub.stops == []
    assert announced(desk) == []


def test_restart_when_users_are_told_then_no_more_calls_to_the_hub(
    hub: StandInHub, desk: Desk, four: list[Student]
) -> None:
    job = began(desk, "s000", "s001", "s002", "s003")
    hub.calls.clear()
    job = desk.ended(job)
    assert len(hub.calls) <= 4 * 4
