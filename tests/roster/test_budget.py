"""Three hundred people, fifty invitations a day: the rest waits, all are invited in six days."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from growth_admin.jobs.models import Job
from tests import github
from tests.contract.github_description import Description
from tests.github import StandIn
from tests.roster.desk import Desk, addresses, client, logins, results

PEOPLE = 300
DAYS = 6


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[StandIn]:
    """A stand-in with the school's three teams."""
    with github.running(tmp_path) as started:
        for team in ("admins", "tas", "students"):
            started.team(team)
        yield started


def next_day(hub: StandIn, desk: Desk) -> Job | None:
    """Let a day pass, and let what waits go on."""
    hub.move_clock(hours=24, minutes=2)
    desk.school.list_owners()  # GitHub's clock is told by its answers
    job = desk.work.continue_queue("olga")
    return desk.wait(job.id, timeout_s=300) if job else None


@pytest.mark.parametrize("limit", [0, 50])
def test_apply_when_300_are_to_be_invited_at_50_a_day_then_50_are_sent_and_all_in_six_days(
    hub: StandIn, tmp_path: Path, limit: int, say_at_the_end: Callable[[str], None]
) -> None:
    hub.settings(invitation_limit=50)
    people = hub.people(PEOPLE)
    entries = logins(people[:200]) + addresses(people[200:], first_row=202)
    desk = Desk(tmp_path, client(hub, tmp_path / "client"), limit=limit).open()
    hub.forget_requests()
    try:
        job = desk.apply(entries)
        counts = [results(job)]
        assert job.state == "succeeded"
        assert counts[0] == {"done": 50, "queued": PEOPLE - 50}
        assert len(hub.mails()) == 50
        assert len(desk.work.queued()) == PEOPLE - 50
        assert desk.work.continue_queue("olga") is None
        for _ in range(DAYS - 1):
            ended = next_day(hub, desk)
            assert ended and ended.state == "succeeded", ended
            counts.append(results(ended))
        assert len(hub.mails()) == PEOPLE
        assert hub.sent_twice() == []
        assert desk.work.queued() == ()
        assert all("failed" not in count for count in counts)
        assert hub.count(status=422) == (1 if limit == 0 else 0)
        assert Description().sent_problems(hub.requests()) == []
        assert next_day(hub, desk) is None
    finally:
        desk.close()
    said = ", ".join(str(count) for count in counts)
    say_at_the_end(f"invitations, limit {limit or 'learnt'}: {said}")


def test_story_when_invitations_run_out_then_they_are_seen_and_sent_again_for_the_team(
    hub: StandIn, tmp_path: Path
) -> None:
    people = hub.people(6)
    desk = Desk(tmp_path, client(hub, tmp_path / "client")).open()
    try:
        desk.apply(logins(people[:3]) + addresses(people[3:]))
        hub.accept("student-0001")
        hub.accept("student-0006")
        hub.move_clock(days=8)
        hub.forget_mails()
        entries = logins(people[:3]) + addresses(people[3:])
        plan = desk.plan(entries)
        # whose account accepted an invitation by e-mail GitHub does not tell: not sent again
        assert plan.counts == {"none": 2, "expired": 4}
        job = desk.apply(entries)
        assert job.state == "succeeded"
        assert hub.sent_twice() == []
        team = {one.login or one.email for one in desk.school.list_team_invitations("students")}
        assert team == {
            "student-0002",
            "student-0003",
            "student-0004@example.org",
            "student-0005@example.org",
        }
    finally:
        desk.close()


def test_story_when_a_member_leaves_by_themselves_then_they_are_left_until_named_by_hand(
    hub: StandIn, tmp_path: Path
) -> None:
    people = hub.people(5, teams=["students"])
    desk = Desk(tmp_path, client(hub, tmp_path / "client")).open()
    try:
        desk.apply(logins(people))
        hub.leave("student-0002")
        plan = desk.plan(logins(people))
        assert plan.counts == {"none": 4, "left": 1}
        (entry,) = logins(people[1:2])
        job = desk.apply([entry.model_copy(update={"row": 0})])
        assert results(job) == {"done": 1}
        assert [mail["login"] for mail in hub.mails()] == ["student-0002"]
    finally:
        desk.close()


def test_story_when_people_move_and_are_renamed_then_the_number_counts(
    hub: StandIn, tmp_path: Path
) -> None:
    people = hub.people(5, teams=["students"])
    desk = Desk(tmp_path, client(hub, tmp_path / "client")).open()
    try:
        desk.apply(logins(people))
        hub.rename("student-0003", "sam-smith")
        hub.person("student-0003")
        plan = desk.plan(logins(people))
        by_row = {step.row: step for step in plan.steps}
        assert by_row[4].action == "unknown"  # the login is somebody else's now
        assert by_row[4].suggestions == ("sam-smith",)
        (taken,) = logins(people[3:4])
        job = desk.apply([taken.model_copy(update={"team": "TAs"})], team="tas")
        assert results(job) == {"done": 1}
        assert {one.login for one in desk.school.list_members("tas")} == {"student-0004"}
        assert "student-0004" not in {one.login for one in desk.school.list_members("students")}
    finally:
        desk.close()
