"""Applying a plan: in which order, what came of each person, and what stays on the roster."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from growth_admin.core.errors import (
    ConfirmationNeeded,
    GitHubRefused,
    GitHubUnavailable,
    RateLimited,
    StalePlan,
    Uncertain,
)
from growth_admin.jobs.models import Job
from growth_admin.roster.book import People
from growth_admin.roster.models import Application, Entry, PlanRequest
from tests.conftest import wait_until
from tests.roster.desk import Desk, results
from tests.unit.roster.work.conftest import NO_WAIT, MakeDesk
from tests.unit.roster.work.fake_school import FakeSchool
from tests.unit.roster.work.plans import TEAM, entry

TEAM_NAME = "Participants"


def apply(desk: Desk, *logins: str, **more: object) -> Job:
    """Apply a list of logins."""
    entries = [entry(login, row) for row, login in enumerate(logins, 2)]
    return desk.apply(entries, team=TEAM_NAME, **more)  # type: ignore[arg-type]  # a request's fields


def items(job: Job) -> dict[str, tuple[str, str]]:
    """Return action and result by person."""
    found = (job.receipt or {})["items"]
    return {item["target"]: (item["action"], item["result"]) for item in found}


def test_apply_when_people_come_and_go_then_ins_come_first_and_outs_last(
    school: FakeSchool, desk: Desk
) -> None:
    school.account("new", 1)
    school.account("tara", 2)
    school.account("known", 3)
    school.members.add(3)
    school.account("moved", 4, "tas")
    for number in range(10, 20):
        school.account(f"s{number}", number, TEAM)
    entries = [entry("new"), entry("tara", team="TAs"), entry("moved"), entry("known")]
    job = desk.apply(entries, team=TEAM_NAME, removals=("s10",))
    assert school.writes == [
        "put_membership known",
        "put_membership moved",
        "remove_membership moved",
        "put_membership tara",
        "put_membership new",
        "remove_membership s10",
    ]
    assert job.state == "succeeded"
    assert job.receipt
    assert job.receipt["title"] == "2 invited, 1 added, 1 moved, 1 removed in Participants"
    assert results(job) == {"done": 5}


def test_apply_when_one_person_is_refused_then_the_others_go_on(
    school: FakeSchool, desk: Desk
) -> None:
    school.crowd(4)
    school.gone_by_themselves.add(1001)

    def refuse(method: str, target: str) -> None:
        if (method, target) == ("put_membership", "s2"):
            raise GitHubRefused("Not this one.", context={"status": 422, "reason": "refused"})

    school.before = refuse
    job = apply(desk, "s0", "s1", "s2", "s3")
    assert job.state == "succeeded"
    assert items(job) == {
        "s0": ("invite", "done"),
        "s1": ("invite", "blocked"),
        "s2": ("invite", "failed"),
        "s3": ("invite", "done"),
    }
    assert job.receipt and job.receipt["title"] == "2 invited in Participants; 1 blocked; 1 failed"


def test_apply_when_everybody_is_refused_then_the_job_failed_and_keeps_its_receipt(
    school: FakeSchool, desk: Desk
) -> None:
    school.crowd(1)

    def refuse(method: str, target: str) -> None:
        if method == "put_membership":
            raise GitHubRefused("Not this one.", context={"status": 422, "reason": "refused"})

    school.before = refuse
    job = apply(desk, "s0")
    assert job.state == "failed"
    assert results(job) == {"failed": 1}


def test_apply_when_the_limit_is_reached_then_the_rest_is_queued_and_removals_still_happen(
    school: FakeSchool, desk: Desk
) -> None:
    school.crowd(8)
    school.account("out", 50, TEAM)
    school.limit = 3
    entries = [entry(f"s{n}", n) for n in range(8)]
    job = desk.apply(entries, team=TEAM_NAME, removals=("out",))
    assert job.state == "succeeded"
    assert results(job) == {"done": 4, "queued": 5}
    assert school.sent == ["s0", "s1", "s2"]
    assert [one.step.login for one in desk.work.queued()] == ["s3", "s4", "s5", "s6", "s7"]
    assert "out" not in {account.login for account in school.list_members(TEAM)}
    budget = desk.work.budget()
    assert (budget.limit, budget.used) == (50, 50)
    assert budget.free_at and budget.free_at > school.now() + timedelta(hours=23)
    assert job.receipt and "3 invited, 1 removed in Participants, 5 queued until" in str(
        job.receipt["title"]
    )
    keys = {person.key: person for person in desk.book.load().people}
    assert {keys[one.key].login for one in desk.work.queued()} == {f"s{n}" for n in range(3, 8)}


def test_apply_when_the_limit_is_known_then_github_is_not_asked_beyond_it(
    school: FakeSchool, make_desk: MakeDesk
) -> None:
    school.crowd(8)
    desk = make_desk(limit=3)
    job = apply(desk, *(f"s{n}" for n in range(8)))
    assert results(job) == {"done": 3, "queued": 5}
    assert len(school.writes) == 3


# -- nobody knows whether it was made


@pytest.mark.parametrize("error", [Uncertain, GitHubUnavailable])
@pytest.mark.parametrize("is_made", [True, False])
@pytest.mark.parametrize("who", ["login", "mail", "add", "move", "remove", "take back"])
def test_change_when_no_answer_comes_then_github_is_asked_before_it_is_sent_again(
    school: FakeSchool, desk: Desk, error: type[Exception], is_made: bool, who: str
) -> None:
    school.account("ann", 1)
    for number in range(10, 20):
        school.account(f"s{number}", number, TEAM)
    request = PlanRequest(team=TEAM_NAME, entries=(entry("ann"),))
    if who == "mail":
        request = PlanRequest(team=TEAM_NAME, entries=(entry(email="ann@x.org"),))
    elif who == "add":
        school.members.add(1)
    elif who == "move":
        school.account("ann", 1, "tas")
    elif who == "remove":
        request = PlanRequest(team=TEAM_NAME, removals=("s10",))
    elif who == "take back":
        school.invite("ann", TEAM)
        request = PlanRequest(team=TEAM_NAME, removals=("ann",))
    lost: list[str] = []

    def lose(method: str, target: str) -> None:
        if method.startswith(("put_", "create_", "cancel_", "remove_")) and not lost:
            lost.append(method)
            raise error("No answer came.")

    if is_made:
        school.after = lose
    else:
        school.before = lose
    job = desk.apply(request.entries, team=TEAM_NAME, removals=request.removals)
    assert lost
    assert (job.state, results(job)) == ("succeeded", {"done": 1})
    assert len(school.sent) == len(set(school.sent))
    writes = len(school.writes) - (who == "move")
    assert writes == (2 if not is_made or who == "move" else 1)


def test_change_when_github_is_away_for_long_then_the_job_pauses_and_goes_on_later(
    school: FakeSchool, desk: Desk
) -> None:
    school.crowd(3)
    is_away = True

    def away(method: str, target: str) -> None:
        if method == "put_membership" and target == "s1" and is_away:
            raise GitHubUnavailable("GitHub has a fault of its own.")

    school.before = away
    job = apply(desk, "s0", "s1", "s2")
    assert (job.state, job.is_paused) == ("pending", True)
    assert job.problem and "fault of its own" in job.problem.detail
    assert school.sent == ["s0"]
    is_away = False
    desk.work._keeper.wake()
    job = ended(desk, job)
    assert (job.state, results(job)) == ("succeeded", {"done": 3})
    assert school.sent == ["s0", "s1", "s2"]


def ended(desk: Desk, job: Job) -> Job:
    """Return a resumed job once it has ended."""
    wait_until(lambda: desk.job(job.id).state in ("succeeded", "failed"), what="the end")
    return desk.job(job.id)


def test_change_when_github_asks_to_wait_then_it_waits_and_says_until_when(
    school: FakeSchool, make_desk: MakeDesk
) -> None:
    school.crowd(2)
    waits: list[float] = []
    desk = make_desk(limits=replace(NO_WAIT, sleep=waits.append))
    asked: list[str] = []

    def busy(method: str, target: str) -> None:
        if method == "put_membership" and len(asked) < 2:
            asked.append(target)
            raise RateLimited("Slowly.", until=school.now() + timedelta(seconds=60))

    school.before = busy
    job = apply(desk, "s0", "s1")
    assert results(job) == {"done": 2}
    assert sum(waits) == pytest.approx(120, abs=2)
    assert desk.ledger.view().resting_until(school.now())


def test_change_when_github_asks_to_wait_for_long_then_the_job_pauses_itself(
    school: FakeSchool, desk: Desk
) -> None:
    school.crowd(1)
    is_busy = True

    def busy(method: str, target: str) -> None:
        if method == "put_membership" and is_busy:
            raise RateLimited("Slowly.", until=school.now() + timedelta(minutes=50))

    school.before = busy
    job = apply(desk, "s0")
    assert job.is_paused and job.problem and job.problem.title == RateLimited.title
    desk.work._keeper.wake()
    assert desk.job(job.id).is_paused  # not yet
    is_busy = False
    school.clock += timedelta(minutes=51)
    desk.work._keeper.wake()
    assert ended(desk, job).state == "succeeded"


@pytest.mark.parametrize(
    ("status", "reason"), [(401, "credential"), (403, "sso"), (403, "permission"), (422, "no-seat")]
)
def test_change_when_all_would_be_refused_then_the_job_pauses_and_nobody_is_lost(
    school: FakeSchool, desk: Desk, status: int, reason: str
) -> None:
    school.crowd(3)
    is_refused = True

    def refuse(method: str, target: str) -> None:
        if method == "put_membership" and target != "s0" and is_refused:
            raise GitHubRefused("No.", context={"status": status, "reason": reason})

    school.before = refuse
    job = apply(desk, "s0", "s1", "s2")
    assert (job.state, job.is_paused) == ("pending", True)
    assert len(school.writes) == 2
    is_refused = False
    desk.engine.resume_job(job.id, ("roster",))
    job = ended(desk, job)
    assert results(job) == {"done": 3}
    assert school.sent == ["s0", "s1", "s2"]


def test_change_when_five_in_a_row_are_not_found_then_the_job_pauses(
    school: FakeSchool, desk: Desk
) -> None:
    school.crowd(9)

    def refuse(method: str, target: str) -> None:
        if method == "put_membership":
            raise GitHubRefused("Not there.", context={"status": 404, "reason": "not-found"})

    school.before = refuse
    job = apply(desk, *(f"s{n}" for n in range(9)))
    assert job.is_paused
    assert len(school.writes) == 5


# -- the plan that was shown


def test_apply_when_github_has_changed_then_the_plan_is_stale(
    school: FakeSchool, desk: Desk
) -> None:
    school.crowd(1)
    request = PlanRequest(team=TEAM_NAME, entries=(entry("s0"),))
    plan = desk.work.plan(request)
    school.members.add(1000)
    with pytest.raises(StalePlan):
        desk.work.apply(Application(**dict(request), plan_id=plan.id), user="olga")
    assert school.writes == []


def test_apply_when_a_number_is_asked_for_then_nothing_begins_without_it(
    school: FakeSchool, desk: Desk
) -> None:
    school.crowd(3, "s", TEAM)
    request = PlanRequest(team=TEAM_NAME, removals=("s0", "s1"))
    plan = desk.work.plan(request)
    for number in (None, 1, 3):
        asked = Application(**dict(request), plan_id=plan.id, confirm_number=number)
        with pytest.raises(ConfirmationNeeded) as refused:
            desk.work.apply(asked, user="olga")
        assert refused.value.context == {"confirm_number": 2}
    asked = Application(**dict(request), plan_id=plan.id, confirm_number=2)
    assert desk.wait(desk.work.apply(asked, user="olga").id).state == "succeeded"


def test_apply_when_a_plan_is_applied_twice_at_once_then_nothing_happens_twice(
    school: FakeSchool, make_desk: MakeDesk
) -> None:
    school.crowd(12)
    desks = [make_desk("olga"), make_desk("omar")]
    entries = [entry(f"s{n}", n) for n in range(12)]
    accepted = threading.Event()

    def hold(method: str, target: str) -> None:
        assert method != "put_membership" or accepted.wait(30)

    school.before = hold  # or the first job might change what the second plan was made for
    jobs = [desk.start(entries, team=TEAM_NAME) for desk in desks]
    accepted.set()
    done = [desk.wait(job.id) for desk, job in zip(desks, jobs, strict=True)]
    assert [job.state for job in done] == ["succeeded"] * 2
    assert [results(job) for job in done] == [{"done": 12}] * 2
    assert sorted(school.sent) == sorted(f"s{n}" for n in range(12))
    assert len(school.writes) == 12


def test_apply_when_cancelled_then_the_receipt_says_who_was_not_touched(
    school: FakeSchool, desk: Desk
) -> None:
    school.crowd(30)

    def slow(method: str, target: str) -> None:
        if method == "put_membership":
            time.sleep(0.05)

    school.before = slow
    job = desk.start([entry(f"s{n}", n) for n in range(30)], team=TEAM_NAME)
    wait_until(lambda: school.sent, what="the first invitation")
    desk.engine.cancel_job(job.id, ("roster",), "olga")
    ended_job = desk.wait(job.id)
    assert ended_job.state == "cancelled"
    counts = results(ended_job)
    assert counts["done"] == len(school.sent) < 30
    assert counts["done"] + counts["skipped"] == 30


# -- the roster


def people(desk: Desk) -> dict[str, dict[str, object]]:
    """Return the roster by login or address."""
    return {one.login or one.email: one.as_json() for one in desk.book.load().people}


def test_roster_when_a_list_is_applied_then_it_knows_accounts_names_and_teams(
    school: FakeSchool, desk: Desk
) -> None:
    school.account("Ann", 1)
    school.account("Bob", 2, TEAM)
    entries = [
        Entry(row=2, name="Ann A", login="ann", email="ann@x.org", note="vegan"),
        Entry(row=3, name="Bob B", login="bob"),
        Entry(row=4, name="Cid C", email="cid@x.org"),
        Entry(row=5, name="Dan D", login="nobody"),
    ]
    job = desk.apply(entries, team=TEAM_NAME, source="form.csv")
    assert items(job)["nobody"] == ("unknown", "skipped")
    known = people(desk)
    assert set(known) == {"Ann", "Bob", "cid@x.org", "nobody"}
    ann = known["Ann"]
    assert (ann["github_id"], ann["name"], ann["note"]) == (1, "Ann A", "vegan")
    assert (ann["team"], ann["source"], ann["added_by"]) == (TEAM, "form.csv", "olga")
    assert (ann["was_active"], known["Bob"]["was_active"]) == (False, True)
    assert ann["invited"] and not known["Bob"]["invited"]


def test_roster_when_the_same_list_comes_again_then_nothing_changes(
    school: FakeSchool, desk: Desk
) -> None:
    school.account("Ann", 1)
    school.account("Bob", 2, TEAM)
    entries = [
        Entry(row=2, name="Ann", login="ann"),
        Entry(row=3, login="bob"),
        Entry(row=4, email="c@x.org"),
    ]
    desk.apply(entries, team=TEAM_NAME)
    before, writes = desk.book.load(), len(school.writes)
    job = desk.apply(entries, team=TEAM_NAME)
    assert job.title.startswith("Nothing to change in Participants")
    assert desk.book.load().number == before.number
    assert len(school.writes) == writes


def test_roster_when_somebody_was_renamed_then_old_and_new_lists_find_them(
    school: FakeSchool, desk: Desk
) -> None:
    school.account("ann", 1, TEAM)
    apply(desk, "ann")
    school.rename(1, "ann-smith")
    apply(desk, "ann")
    (only,) = desk.book.load().people
    assert (only.login, only.former_logins, only.github_id) == ("ann-smith", ("ann",), 1)
    apply(desk, "ann")
    apply(desk, "ann-smith")
    assert len(desk.book.load().people) == 1


def test_roster_when_somebody_is_removed_and_comes_back_then_it_follows(
    school: FakeSchool, desk: Desk
) -> None:
    for number in range(1, 9):
        school.account(f"s{number}", number, TEAM)
    apply(desk, *(f"s{n}" for n in range(1, 9)))
    desk.apply([], team=TEAM_NAME, removals=("s1",))
    gone = people(desk)["s1"]
    assert gone["removed"] and gone["team"] == ""
    apply(desk, "s1")
    back = people(desk)["s1"]
    assert (back["removed"], back["team"]) == (None, TEAM)


def test_left_when_brought_back_by_hand_then_an_invitation_by_number_is_sent(
    school: FakeSchool, desk: Desk
) -> None:
    school.account("ann", 1, TEAM)
    school.account("bob", 2, TEAM)
    apply(desk, "ann", "bob")
    school.teams[TEAM].members.discard(1)
    school.members.discard(1)
    school.gone_by_themselves.add(1)
    assert items(apply(desk, "ann", "bob"))["ann"] == ("left", "skipped")
    job = desk.apply([Entry(login="ann")], team=TEAM_NAME)
    assert items(job)["ann"] == ("invite", "done")
    assert school.writes == ["put_membership ann", "create_invitation ann"]
    school.open.clear()
    school.fail("ann")
    assert desk.plan([entry("ann"), entry("bob")], team=TEAM_NAME).counts == {
        "expired": 1,
        "none": 1,
    }


def test_roster_when_a_paused_job_goes_on_then_what_others_changed_meanwhile_stays(
    school: FakeSchool, make_desk: MakeDesk
) -> None:
    for number in range(10, 20):
        school.account(f"s{number}", number, TEAM)
    school.account("ann", 1)
    school.account("bob", 2)
    school.members |= {1, 2}
    is_away = True

    def away(method: str, target: str) -> None:
        if method == "put_membership" and target == "bob" and is_away:
            raise GitHubUnavailable("GitHub has a fault of its own.")

    school.before = away
    desk, other = make_desk("olga"), make_desk("omar")
    job = apply(desk, "s10", "ann", "bob")
    assert job.is_paused
    school.clock += timedelta(minutes=5)
    other.apply([], team=TEAM_NAME, removals=("ann", "s10"))
    school.clock += timedelta(minutes=5)
    is_away = False
    desk.engine.resume_job(job.id, ("roster",))
    assert ended(desk, job).state == "succeeded"
    known = people(desk)
    assert known["ann"]["removed"] and known["s10"]["removed"]
    assert known["bob"]["removed"] is None
    assert {account.login for account in school.list_members(TEAM)} >= {"bob"}


def change_person(desk: Desk, key: str, **fields: object) -> None:
    """Change an entry of the roster, as an offboarding or an edit does: no line in the ledger."""

    def change(people: People) -> People:
        return {**people, key: people[key].model_copy(update=fields)}

    desk.book.update(change, user="omar", reason="meanwhile")


def keys(desk: Desk) -> dict[str, str]:
    """Return the keys of the roster's entries by login."""
    return {one.login: one.key for one in desk.book.load().people}


def test_roster_when_somebody_is_offboarded_while_a_list_is_applied_then_stays_removed(
    school: FakeSchool, make_desk: MakeDesk
) -> None:
    school.crowd(60)
    desk, other = make_desk("olga"), make_desk("omar")

    def meanwhile(method: str, target: str) -> None:
        if (method, target) == ("put_membership", "s40"):
            school.clock += timedelta(seconds=2)
            known = keys(other)
            for login in ("s3", "s30", "s50"):  # in the roster, not yet in it, not yet its turn
                change_person(other, known[login], team="", removed=school.clock)
            change_person(other, known["s4"], login="right", github_id=900)
            school.clock += timedelta(seconds=2)

    school.before = meanwhile
    job = apply(desk, *(f"s{n}" for n in range(60)))
    assert job.state == "succeeded"
    known = people(desk)
    for login in ("s3", "s30", "s50"):
        assert (known[login]["team"], bool(known[login]["removed"])) == ("", True), login
    assert known["right"]["github_id"] == 900 and "s4" not in known
    assert items(job)["s50"] == ("invite", "skipped") and "s50" not in school.sent
    assert known["s59"]["team"] == TEAM and known["s59"]["invited"]


def test_roster_when_somebody_is_offboarded_while_a_job_is_paused_then_stays_removed(
    school: FakeSchool, make_desk: MakeDesk
) -> None:
    school.crowd(5)
    is_away = True

    def away(method: str, target: str) -> None:
        if method == "put_membership" and target == "s4" and is_away:
            raise GitHubUnavailable("GitHub has a fault of its own.")

    school.before = away
    desk = make_desk()
    job = apply(desk, *(f"s{n}" for n in range(5)))
    assert job.is_paused
    school.clock += timedelta(hours=9)
    change_person(desk, keys(desk)["s1"], team="", removed=school.clock)
    change_person(desk, keys(desk)["s2"], team="tas")
    school.clock += timedelta(hours=1)
    is_away = False
    desk.engine.resume_job(job.id, ("roster",))
    assert ended(desk, job).state == "succeeded"
    known = people(desk)
    assert (known["s1"]["team"], bool(known["s1"]["removed"])) == ("", True)
    assert known["s2"]["team"] == "tas", "an outcome was applied again"
    assert known["s4"]["invited"]


def test_roster_when_offboarded_before_the_limit_is_reached_then_no_invitation_waits(
    school: FakeSchool, desk: Desk
) -> None:
    school.crowd(8)
    school.limit = 3

    def meanwhile(method: str, target: str) -> None:
        if (method, target) == ("put_membership", "s3"):
            school.clock += timedelta(seconds=2)
            change_person(desk, keys(desk)["s6"], team="", removed=school.clock)
            school.clock += timedelta(seconds=2)

    school.before = meanwhile
    job = apply(desk, *(f"s{n}" for n in range(8)))
    assert [one.step.login for one in desk.work.queued()] == ["s3", "s4", "s5", "s7"]
    assert items(job)["s6"] == ("invite", "skipped")


# -- invitations that are open


def test_move_when_an_address_is_invited_elsewhere_then_a_new_one_takes_its_place(
    school: FakeSchool, desk: Desk
) -> None:
    school.invite("ann@x.org", "tas")
    job = desk.apply([entry(email="ann@x.org")], team=TEAM_NAME)
    assert items(job)["ann@x.org"] == ("move", "done")
    assert [one.email for one in school.list_team_invitations(TEAM)] == ["ann@x.org"]
    assert school.list_team_invitations("tas") == ()


def test_move_when_a_login_is_invited_elsewhere_then_no_mail_is_sent(
    school: FakeSchool, desk: Desk
) -> None:
    school.account("ann", 1)
    school.invite("ann", "tas")
    apply(desk, "ann")
    assert [one.login for one in school.list_team_invitations(TEAM)] == ["ann"]
    assert school.list_team_invitations("tas") == ()
    assert school.sent == []


def test_removal_when_an_invitation_names_other_teams_too_then_it_goes_on_for_those(
    school: FakeSchool, desk: Desk
) -> None:
    for number in range(10, 20):
        school.account(f"s{number}", number, TEAM)
    school.account("ann", 1)
    school.invite("ann", TEAM, "tas")
    desk.apply([], team=TEAM_NAME, removals=("ann",))
    assert school.list_team_invitations(TEAM) == ()
    assert [one.login for one in school.list_team_invitations("tas")] == ["ann"]


# -- taking it back


def test_undo_when_sent_as_a_plan_then_it_is_the_inverse(school: FakeSchool, desk: Desk) -> None:
    school.account("new", 1)
    school.account("moved", 4, "tas")
    for number in range(10, 30):
        school.account(f"s{number}", number, TEAM)
    entries = [entry("new"), entry("moved"), entry(email="mail@x.org")]
    job = desk.apply(entries, team=TEAM_NAME, removals=("s10",))
    assert job.receipt
    undo = job.receipt["undo"]
    assert (undo["method"], undo["path"]) == ("POST", "roster/plans")
    plan = desk.work.plan(PlanRequest.model_validate(undo["body"]))
    assert {step.target: (step.action, step.team) for step in plan.steps} == {
        "moved": ("move", "tas"),
        "s10": ("add", TEAM),
        "new": ("remove", TEAM),
        "mail@x.org": ("remove", TEAM),
    }
