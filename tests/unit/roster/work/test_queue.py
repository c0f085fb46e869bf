"""Invitations that wait: who sends them, when, and who is left out by then."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import timedelta

from growth_admin.core.errors import StalePlan
from growth_admin.jobs.models import Job
from growth_admin.roster.models import Entry
from tests.conftest import wait_until
from tests.roster.desk import Desk, results
from tests.unit.roster.work.conftest import MakeDesk
from tests.unit.roster.work.fake_school import FakeSchool
from tests.unit.roster.work.plans import TEAM, entry

TEAM_NAME = "Participants"
A_DAY = timedelta(hours=24, minutes=2)


def queue_up(school: FakeSchool, desk: Desk, *, count: int = 8) -> None:
    """Apply a list of which three can be invited today."""
    school.crowd(count)
    desk.apply([entry(f"s{n}", n) for n in range(count)], team=TEAM_NAME)


def go_on(desk: Desk) -> Job:
    """Send what may be sent, and return the job."""
    job = desk.work.continue_queue("olga")
    assert job
    return desk.wait(job.id)


def test_queue_when_empty_or_not_yet_due_then_nothing_is_asked(
    school: FakeSchool, make_desk: MakeDesk
) -> None:
    desk = make_desk(limit=3)
    assert desk.work.continue_queue("olga") is None
    assert school.calls == []
    queue_up(school, desk)
    school.calls.clear()
    assert desk.work.continue_queue("olga") is None
    school.clock += timedelta(hours=20)
    assert desk.work.continue_queue("olga") is None
    assert school.calls == []


def test_queue_when_days_pass_then_all_are_sent_in_turn(
    school: FakeSchool, make_desk: MakeDesk
) -> None:
    desk = make_desk(limit=3)
    queue_up(school, desk)
    for sent in (6, 8):
        school.clock += A_DAY
        job = go_on(desk)
        assert (job.state, len(school.sent)) == ("succeeded", sent)
    assert school.sent == [f"s{n}" for n in range(8)]
    assert desk.work.queued() == ()
    school.clock += A_DAY
    assert desk.work.continue_queue("olga") is None


def test_queue_when_part_of_the_day_is_over_then_what_is_free_is_sent(
    school: FakeSchool, make_desk: MakeDesk
) -> None:
    desk = make_desk(limit=3)
    school.account("early", 99)
    desk.apply([entry("early")], team=TEAM_NAME)
    school.clock += timedelta(hours=10)
    queue_up(school, desk)
    assert len(school.sent) == 3
    school.clock += timedelta(hours=14, minutes=2)
    assert results(go_on(desk)) == {"done": 1}
    assert school.sent[-1] == "s2"


def test_queue_when_people_changed_meanwhile_then_each_is_looked_at_again(
    school: FakeSchool, make_desk: MakeDesk
) -> None:
    desk = make_desk(limit=3)
    queue_up(school, desk)
    school.members.add(1003)
    school.teams[TEAM].members.add(1003)
    school.invite("s4", TEAM)
    school.blocked.add(1005)
    for number in range(50, 70):
        school.account(f"old{number}", number, TEAM)
    desk.apply([], team=TEAM_NAME, removals=("s6",))
    assert [one.step.login for one in desk.work.queued()] == ["s3", "s4", "s5", "s7"]
    school.clock += A_DAY
    job = go_on(desk)
    assert {item["target"]: item["result"] for item in (job.receipt or {})["items"]} == {
        "s3": "skipped",
        "s4": "skipped",
        "s5": "skipped",
    }
    assert go_on(desk).state == "succeeded"
    assert school.sent[3:] == ["s7"]
    assert desk.work.queued() == ()


def test_queue_when_many_servers_ask_at_once_then_one_begins(
    school: FakeSchool, make_desk: MakeDesk
) -> None:
    desk = make_desk(limit=3)
    queue_up(school, desk)
    school.clock += A_DAY
    desks = [make_desk(f"admin{number}", limit=3) for number in range(4)]
    started: list[Job] = []
    gate = threading.Barrier(len(desks))

    def ask(one: Desk) -> None:
        gate.wait()
        if job := one.work.continue_queue(one.user):
            started.append(job)

    threads = [threading.Thread(target=ask, args=(one,)) for one in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(started) == 1
    desk.wait(started[0].id)
    assert len(school.sent) == len(set(school.sent)) == 6


def test_queue_when_tas_wait_too_then_they_go_first(
    school: FakeSchool, make_desk: MakeDesk
) -> None:
    desk = make_desk(limit=3)
    queue_up(school, desk)
    school.account("tara", 90)
    desk.apply([entry("tara", team="TAs")], team=TEAM_NAME)
    assert desk.work.queued()[0].step.login == "tara"
    school.clock += A_DAY
    go_on(desk)
    assert school.sent[3:] == ["tara", "s3", "s4"]


def test_queue_when_the_same_list_comes_again_then_nobody_waits_twice(
    school: FakeSchool, make_desk: MakeDesk
) -> None:
    desk = make_desk(limit=3)
    queue_up(school, desk)
    before = desk.work.queued()
    plan = desk.plan([entry(f"s{n}", n) for n in range(8)], team=TEAM_NAME)
    assert (plan.counts, plan.queued) == ({"pending": 3, "invite": 5}, 5)
    desk.apply([entry(f"s{n}", n) for n in range(8)], team=TEAM_NAME)
    assert desk.work.queued() == before


def test_queue_when_somebody_brought_back_by_hand_waits_then_they_are_invited_later(
    school: FakeSchool, make_desk: MakeDesk
) -> None:
    desk = make_desk(limit=3)
    school.account("ann", 90, TEAM)
    desk.apply([entry("ann")], team=TEAM_NAME)
    school.teams[TEAM].members.clear()
    school.members.clear()
    queue_up(school, desk, count=3)
    desk.apply([Entry(login="ann")], team=TEAM_NAME)
    assert [one.step.login for one in desk.work.queued()] == ["ann"]
    school.clock += A_DAY
    assert results(go_on(desk)) == {"done": 1}
    assert school.sent[-1] == "ann"


def test_queue_when_it_is_looked_after_then_it_goes_on_by_itself(
    school: FakeSchool, make_desk: MakeDesk
) -> None:
    desk = make_desk(limit=3)
    queue_up(school, desk)
    desk.work.open(every_s=0.05)
    school.clock += A_DAY
    wait_until(lambda: len(school.sent) == 6, what="the second day")
    school.clock += A_DAY
    wait_until(lambda: len(school.sent) == 8, what="the third day")
    desk.work.close()


def test_queue_when_two_lists_overlap_then_only_who_is_not_invited_waits(
    school: FakeSchool, make_desk: MakeDesk
) -> None:
    school.crowd(8)
    desk, other = make_desk("olga", limit=4), make_desk("omar", limit=4)
    job = desk.start([entry(f"s{n}", n) for n in range(8)], team=TEAM_NAME)
    job_of_other = None
    while job_of_other is None:  # the first list's invitations make a plan stale: plan again
        with suppress(StalePlan):
            job_of_other = other.start([entry(f"s{n}", n) for n in range(2, 8)], team=TEAM_NAME)
    desk.wait(job.id)
    other.wait(job_of_other.id)
    assert len(school.sent) == len(set(school.sent)) == 4
    waiting = {one.step.login for one in desk.work.queued()}
    assert waiting == {f"s{n}" for n in range(8)} - set(school.sent)
