"""What a plan says of each person: a table of people in every state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from growth_admin.core.errors import InvalidInput, NotFound
from growth_admin.roster.ledger_lines import Line, View
from growth_admin.roster.models import Budget, Entry, Step
from tests.unit.roster.work.fake_school import NOW, FakeSchool
from tests.unit.roster.work.plans import TEAM, actions, entry, listed, only, plan, waiting

Setup = Callable[[FakeSchool], None]


def member(school: FakeSchool) -> None:
    school.account("Octo", 7, TEAM)


def in_organization(school: FakeSchool) -> None:
    school.account("Octo", 7)
    school.members.add(7)


def stranger(school: FakeSchool) -> None:
    school.account("Octo", 7)


def invited(school: FakeSchool) -> None:
    school.account("Octo", 7)
    school.invite("Octo", TEAM, days_ago=3)


def invited_by_mail(school: FakeSchool) -> None:
    school.invite("octo@x.org", TEAM, days_ago=3)


def invited_elsewhere(school: FakeSchool) -> None:
    school.account("Octo", 7)
    school.invite("Octo", "tas")


def ran_out(school: FakeSchool) -> None:
    school.account("Octo", 7)
    school.fail("octo")


def failed_mail(school: FakeSchool) -> None:
    school.fail("Octo@x.org", reason="No seats available")


def other_team(school: FakeSchool) -> None:
    school.account("Octo", 7, "tas")


def organization(school: FakeSchool) -> None:
    school.account("Octo", 7, type="Organization")


def bot(school: FakeSchool) -> None:
    school.account("Octo", 7, type="Bot")


def blocked(school: FakeSchool) -> None:
    school.account("Octo", 7)
    school.blocked.add(7)


def nobody(school: FakeSchool) -> None:
    school.account("octocat", 8)


BY_LOGIN = entry("octo")
BY_MAIL = entry(email="octo@x.org")
BY_NUMBER = entry(github_id=7)
BOTH = entry("octo", email="octo@x.org")


@pytest.mark.parametrize(
    ("setup", "who", "action", "reason"),
    [
        (member, BY_LOGIN, "none", ""),
        (member, BY_NUMBER, "none", ""),
        (member, entry("@Octo".lstrip("@")), "none", ""),
        (in_organization, BY_LOGIN, "add", "in the organization already"),
        (in_organization, BY_NUMBER, "add", "in the organization already"),
        (stranger, BY_LOGIN, "invite", ""),
        (stranger, BY_NUMBER, "invite", ""),
        (stranger, BY_MAIL, "invite", "e-mail"),
        (stranger, BOTH, "invite", ""),
        (invited, BY_LOGIN, "pending", "3 days ago, 4 days left"),
        (invited_by_mail, BY_MAIL, "pending", "to octo@x.org 3 days ago"),
        (invited_by_mail, BOTH, "pending", "to octo@x.org"),
        (invited_elsewhere, BY_LOGIN, "move", "invited to TAs"),
        (ran_out, BY_LOGIN, "expired", "ran out on 25 November"),
        (failed_mail, BY_MAIL, "expired", "No seats available"),
        (other_team, BY_LOGIN, "move", "in TAs now"),
        (organization, BY_LOGIN, "unknown", "an organization"),
        (bot, BY_LOGIN, "unknown", "a bot"),
        (blocked, BY_LOGIN, "blocked", "blocks"),
        (nobody, BY_LOGIN, "unknown", "GitHub knows no user octo"),
        (nobody, BY_NUMBER, "unknown", "no account with the number 7"),
        (nobody, entry(name="Jane"), "unknown", "Neither"),
        (nobody, entry("octocat", team="Choir"), "unknown", "no team 'Choir'"),
    ],
)
def test_plan_when_nothing_is_known_before_then_github_decides(
    setup: Setup, who: Entry, action: str, reason: str
) -> None:
    school = FakeSchool()
    setup(school)
    step = only(plan(school, [who]))
    assert (step.action, step.team) == (action, TEAM)
    assert reason in step.reason


ACTIVE = {"github_id": 7, "login": "octo", "was_active": True, "email": "octo@x.org"}


@pytest.mark.parametrize(
    ("setup", "known", "who", "action", "reason"),
    [
        (stranger, ACTIVE, BY_LOGIN, "left", "left or was removed"),
        (in_organization, ACTIVE, BY_LOGIN, "left", "left or was removed"),
        (stranger, ACTIVE, entry("octo", row=0), "invite", "here before"),
        (in_organization, ACTIVE, entry("octo", row=0), "add", ""),
        (stranger, {**ACTIVE, "removed": NOW}, BY_LOGIN, "invite", "here before"),
        (stranger, {**ACTIVE, "team": "tas"}, BY_LOGIN, "invite", ""),
        (stranger, ACTIVE, BY_MAIL, "left", ""),
        (member, ACTIVE, BY_MAIL, "none", ""),
        (invited, {**ACTIVE, "was_active": False}, BY_MAIL, "pending", ""),
        (ran_out, {**ACTIVE, "was_active": False}, BY_LOGIN, "expired", ""),
        (stranger, {"login": "octo", "email": "octo@x.org"}, BY_MAIL, "invite", ""),
        (nobody, {"login": "octo", "email": "octo@x.org"}, BY_MAIL, "invite", "octo of the roster"),
        (nobody, {"github_id": 7, "login": "octo"}, BY_LOGIN, "unknown", "no user octo"),
        (member, {"email": "octo@x.org"}, BOTH, "none", ""),
    ],
)
def test_plan_when_the_roster_knows_somebody_then_that_counts_too(
    setup: Setup, known: dict[str, object], who: Entry, action: str, reason: str
) -> None:
    school = FakeSchool()
    setup(school)
    step = only(plan(school, [who], people=[listed(**known)]))
    assert step.action == action
    assert reason in step.reason


def test_plan_when_an_account_was_renamed_then_it_is_followed_by_its_number() -> None:
    for place in ((TEAM,), ()):
        school = FakeSchool()
        school.account("octo-new", 7, *place)
        made = plan(school, ["octo"], people=[listed(github_id=7, login="octo")])
        step = only(made)
        assert (step.login, step.github_id) == ("octo-new", 7)
        assert step.action == ("none" if place else "invite")
        assert "account octo is called octo-new now" in step.reason
        assert "octo is called octo-new now" in " ".join(made.warnings)


def test_plan_when_an_old_list_has_a_former_login_then_it_is_followed() -> None:
    school = FakeSchool()
    school.account("octo-new", 7, TEAM)
    known = listed(github_id=7, login="octo-new", former_logins=("octo",))
    assert only(plan(school, ["octo"], people=[known])).action == "none"


def test_plan_when_a_login_was_taken_over_then_the_new_owner_gets_nothing() -> None:
    for team in ((), (TEAM,)):
        school = FakeSchool()
        school.account("octo", 9, *team)
        school.account("octo-new", 7)
        step = only(plan(school, ["octo"], people=[listed(github_id=7, login="octo")]))
        assert (step.action, step.suggestions) == ("unknown", ("octo-new",))
        assert "this login now belongs to somebody else" in step.reason.lower()


def test_plan_when_the_list_gives_the_number_then_a_new_login_is_followed() -> None:
    school = FakeSchool()
    school.account("octo", 9)
    school.account("octo-new", 7, TEAM)
    step = only(plan(school, [entry("octo", github_id=7)]))
    assert (step.action, step.login) == ("none", "octo-new")


def test_plan_when_a_login_is_misspelt_then_others_are_suggested() -> None:
    school = FakeSchool()
    school.account("octocat", 7)
    step = only(plan(school, ["octokat"]))
    assert (step.action, step.suggestions) == ("unknown", ("octocat",))


def test_plan_when_two_entries_are_one_account_then_there_is_one_step_and_it_is_told() -> None:
    school = FakeSchool()
    school.account("octo", 7, TEAM)
    made = plan(school, [entry("octo", 3), entry("Octo", 9, name="Octo Cat")])
    step = only(made)
    assert (step.row, step.name) == (3, "Octo Cat")
    assert "Rows 3 and 9 are one account, octo." in made.warnings


def test_plan_when_two_rows_meet_through_a_rename_then_there_is_one_step() -> None:
    school = FakeSchool()
    school.account("octo-new", 7, TEAM)
    made = plan(school, ["octo", "octo-new"], people=[listed(github_id=7, login="octo")])
    assert len(made.steps) == 1


@pytest.mark.parametrize("first", [0, 1])
def test_plan_when_one_row_has_the_login_and_one_the_address_only_then_one_is_invited(
    first: int,
) -> None:
    school = FakeSchool()
    school.account("octo", 7)
    rows = [entry("octo", 2, email="o@x.org"), entry(row=3, email="O@x.org", name="Octo")]
    step = only(plan(school, [rows[first], rows[1 - first]]))
    assert (step.action, step.login, step.name) == ("invite", "octo", "Octo")


def test_plan_when_two_people_share_an_address_then_both_are_invited() -> None:
    school = FakeSchool()
    school.account("ann", 1)
    school.account("bob", 2)
    rows = [entry("ann", 2, email="family@x.org"), entry("bob", 3, email="family@x.org")]
    assert actions(plan(school, rows)) == {"ann": "invite", "bob": "invite"}


def test_plan_when_a_person_comes_with_a_second_login_then_it_is_told_and_the_old_is_left() -> None:
    school = FakeSchool()
    school.account("octo", 7, TEAM)
    school.account("octo2", 8)
    known = listed(github_id=7, login="octo", email="o@x.org", was_active=True)
    made = plan(school, [entry("octo2", email="O@x.org")], people=[known])
    assert actions(made) == {"octo2": "invite"}
    assert any("two accounts: octo2 in the list, octo in the roster" in w for w in made.warnings)


def test_plan_when_entries_name_other_teams_then_each_is_brought_into_its_own() -> None:
    school = FakeSchool()
    school.account("tara", 7)
    school.account("sam", 8, "tas")
    made = plan(school, [entry("tara", team="TAs"), entry("sam", team="participants")])
    assert [(s.action, s.team, s.from_team) for s in made.steps] == [
        ("invite", "tas", ""),
        ("move", "participants", "tas"),
    ]
    assert made.title == "Invite 1, move 1 in Participants and tas"
    assert any("Moved out of tas: sam" in warning for warning in made.warnings)


def test_plan_when_invitations_do_not_suffice_then_tas_go_first_and_the_rest_is_queued() -> None:
    school = FakeSchool()
    for number, login in enumerate(("ann", "bob", "cid", "tara"), 1):
        school.account(login, number)
    entries = [entry("ann"), entry("bob"), entry("cid"), entry("tara", team="TAs")]
    until = NOW + timedelta(hours=5)
    made = plan(school, entries, budget=Budget(limit=50, used=48))
    late = [step.login for step in made.steps if "another day" in step.reason]
    assert (late, made.queued) == (["bob", "cid"], 2)
    assert made.title.endswith("; 2 wait for another day")
    full = plan(school, entries, budget=Budget(limit=50, used=50, free_at=until))
    assert full.queued == 4
    assert "not before 2026-11-28 14:00 UTC" in full.steps[0].reason
    assert made.id == full.id


def test_plan_when_time_passes_then_it_stays_the_same() -> None:
    school = FakeSchool()
    school.account("ann", 1)
    school.invite("bob", TEAM, days_ago=1)
    school.account("bob", 2)
    before = plan(school, ["ann", "bob"])
    school.clock += timedelta(hours=30)
    after = plan(school, ["ann", "bob"])
    assert before.id == after.id
    assert before.steps[1].days_left == 6.0
    assert after.steps[1].days_left == 4.75


def test_plan_when_somebody_accepts_then_it_is_another_plan() -> None:
    school = FakeSchool()
    school.account("ann", 1)
    before = plan(school, ["ann"])
    school.members.add(1)
    school.teams[TEAM].members.add(1)
    assert before.id != plan(school, ["ann"]).id


def test_plan_when_an_invitation_was_just_sent_and_is_not_shown_yet_then_it_is_pending() -> None:
    school = FakeSchool()
    school.account("ann", 1)
    line = Line(
        kind="outcome",
        id="j/0",
        at=NOW - timedelta(seconds=30),
        team=TEAM,
        github_id=1,
        result="done",
        is_invitation=True,
    )
    view = View()
    view.take([line])
    assert only(plan(school, ["ann"], ledger=view)).action == "pending"
    school.clock += timedelta(minutes=5)
    assert only(plan(school, ["ann"], ledger=view)).action == "invite"


def test_plan_when_an_invitation_by_mail_is_gone_and_there_is_a_newcomer_then_none_is_sent() -> (
    None
):
    school = FakeSchool()
    school.account("mystery", 5, TEAM)
    known = listed(email="octo@x.org", invited=NOW - timedelta(days=4))
    made = plan(school, [BY_MAIL], people=[known], is_whole_team=True)
    step = only(made)
    assert step.action == "none"
    assert "put the login into the roster" in step.reason
    assert any("not removed until they are named: mystery" in w for w in made.warnings)
    by_hand = plan(school, [entry(email="octo@x.org", row=0)], people=[known])
    assert only(by_hand).action == "invite"


def test_plan_when_blocked_users_may_not_be_seen_then_that_is_told_and_nothing_stops() -> None:
    school = FakeSchool()
    school.account("ann", 1)
    school.hides_blocked = True
    made = plan(school, ["ann"])
    assert only(made).action == "invite"
    assert any("may not be asked" in warning for warning in made.warnings)


def test_plan_when_the_team_is_not_there_then_it_says_so() -> None:
    with pytest.raises(NotFound, match="no team 'Choir'"):
        plan(FakeSchool(), ["ann"], team="Choir")


def test_plan_when_a_team_of_the_school_is_missing_then_that_is_told() -> None:
    school = FakeSchool("Participants", "Admins")
    school.account("ann", 1)
    made = plan(school, ["ann"])
    assert any("no team 'TAs'" in warning for warning in made.warnings)


def test_plan_when_somebody_is_wanted_and_unwanted_then_it_is_refused() -> None:
    school = FakeSchool()
    school.account("ann", 1, TEAM)
    with pytest.raises(InvalidInput, match="in the list and among the removals"):
        plan(school, ["ann"], removals=("Ann",))


def test_plan_when_somebody_waits_in_the_queue_and_is_removed_then_the_place_is_dropped() -> None:
    school = FakeSchool()
    school.account("ann", 1)
    step = Step(action="invite", login="ann", github_id=1, team=TEAM)
    for name in ("ann", "k1"):
        made = plan(school, removals=(name,), queue=[waiting(step)], people=[listed(login="ann")])
        found = only(made)
        assert (found.action, found.login) == ("remove", "ann")
        assert "dropped" in found.reason
        assert made.confirm_number is None
