"""How people stand at GitHub: every state, and what is told of each."""

from __future__ import annotations

import time
from typing import Any

import pytest

from growth_admin.roster.book import Listed
from growth_admin.roster.models import State, Step
from growth_admin.roster.queue import Waiting
from growth_admin.roster.sides import GitHubFacts
from tests.unit.roster.school import (
    NOW,
    account,
    ago,
    expired,
    github,
    hub,
    invitation,
    listed,
    rows,
    user,
)

JANE = account("Jane-Doe", 7)
ORGANIZATION = account("acme", 99, type="Organization")

STATES: list[Any] = [
    pytest.param(listed("jane-doe"), github([JANE]), "active", id="member by login, other case"),
    pytest.param(listed("old", github_id=7), github([JANE]), "active", id="member by number"),
    pytest.param(
        listed("jane-doe"), github(invited=[invitation("Jane-Doe")]), "invited", id="by login"
    ),
    pytest.param(
        listed(email="j@x.org"), github(invited=[invitation(email="J@x.org")]), "invited", id="e"
    ),
    pytest.param(
        listed("jane-doe"), github(failed=(expired("Jane-Doe"),)), "expired", id="expired"
    ),
    pytest.param(
        listed("jane-doe"),
        github(failed=(expired("Jane-Doe", reason="No more seats"),)),
        "failed",
        id="failed",
    ),
    pytest.param(listed("jane-doe"), github(), "absent", id="never invited"),
    pytest.param(
        listed("jane-doe", github_id=7, was_active=True), github(), "left", id="left by themselves"
    ),
    pytest.param(
        listed("jane-doe", was_active=True, removed=ago(days=2), team=""),
        github(),
        "removed",
        id="removed by us",
    ),
    pytest.param(
        listed("jane-doe"), github(accounts={"jane-doe": None}), "unknown", id="no such login"
    ),
    pytest.param(
        listed("acme"), github(accounts={"acme": ORGANIZATION}), "unknown", id="organization"
    ),
    pytest.param(
        listed("jane-doe", github_id=7), github(blocked=frozenset({7})), "blocked", id="blocked"
    ),
]


@pytest.mark.parametrize(("person", "facts", "state"), STATES)
def test_person_when_github_was_asked_then_the_state_is_the_right_one(
    person: Listed, facts: GitHubFacts, state: State
) -> None:
    found = rows([person], facts)
    assert [row.state for row in found.values()] == [state]


def test_invited_person_when_two_days_passed_then_five_are_left() -> None:
    row = rows([listed("jane-doe")], github(invited=[invitation("jane-doe", days=2)]))["jane-doe"]
    assert row.days_left == 5
    assert row.since == ago(days=2)


def test_invitation_when_github_is_late_to_expire_it_then_no_negative_days_are_left() -> None:
    row = rows([listed("jane-doe")], github(invited=[invitation("jane-doe", days=9)]))["jane-doe"]
    assert row.days_left == 0


def test_person_when_the_invitation_waits_then_queued_goes_before_expired() -> None:
    person = listed("jane-doe")
    step = Step(action="expired", login="jane-doe", team="students")
    waiting = (Waiting(key="jane-doe", step=step, asked=NOW),)
    found = rows([person], github(failed=(expired("jane-doe"),)), waiting=waiting)
    assert found["jane-doe"].state == "queued"


def test_member_when_not_on_the_roster_then_the_row_is_unlisted() -> None:
    row = rows([], github([JANE]))["github:7"]
    assert (row.state, row.login, row.github_id, row.team) == (
        "unlisted",
        "Jane-Doe",
        7,
        "students",
    )


def test_invitation_when_not_on_the_roster_then_it_is_shown_once_for_all_its_teams() -> None:
    facts = github(invited=[invitation("jane-doe"), invitation("jane-doe")])
    found = rows([], facts)
    assert list(found) == ["invitation:1"]
    assert "not on the roster" in found["invitation:1"].detail


def test_failed_invitation_when_the_person_is_a_member_by_now_then_it_is_not_shown() -> None:
    assert list(rows([], github([JANE], failed=(expired("jane-doe"),)))) == ["github:7"]


def test_failed_invitations_when_there_are_several_then_the_newest_counts() -> None:
    old = expired("jane-doe", number=1, reason="No more seats", failed=ago(days=20))
    found = rows([listed("jane-doe")], github(failed=(expired("jane-doe"), old)))
    assert [row.state for row in found.values()] == ["expired"]


def test_person_when_in_another_team_then_active_there_with_a_flag() -> None:
    row = rows([listed("jane-doe")], github(tas=[JANE]))["jane-doe"]
    assert (row.state, row.team) == ("active", "tas")
    assert "wrong_team" in row.flags
    assert row.detail == "in tas, not in students"


def test_person_when_in_both_teams_then_nothing_is_wrong() -> None:
    row = rows([listed("jane-doe")], github([JANE], tas=[JANE]))["jane-doe"]
    assert (row.state, row.team, row.flags) == ("active", "students", ())


def test_removed_person_when_in_a_team_again_then_it_shows() -> None:
    gone = listed("jane-doe", github_id=7, removed=ago(days=3), team="")
    row = rows([gone], github([JANE]))["jane-doe"]
    assert row.state == "unlisted"
    assert row.detail == "removed 2026-11-25, but in students again"


def test_removed_person_when_an_invitation_is_open_still_then_it_shows() -> None:
    gone = listed("jane-doe", github_id=7, removed=ago(days=3), team="")
    row = rows([gone], github(invited=[invitation("jane-doe")]))["jane-doe"]
    assert (row.state, row.days_left) == ("invited", 6)
    assert "removed 2026-11-25" in row.detail


def test_renamed_person_when_known_by_number_then_the_new_login_is_shown_with_a_flag() -> None:
    row = rows([listed("jane-doe", github_id=7)], github([account("Jane-Smith", 7)]))["jane-doe"]
    assert (row.state, row.login, row.flags) == ("active", "Jane-Smith", ("renamed",))


def test_login_when_taken_by_somebody_else_then_the_newcomer_is_another_row() -> None:
    old = listed("jane-doe", github_id=7, was_active=True)
    found = rows([old], github([account("Jane-Doe", 8)]))
    assert found["jane-doe"].state == "left"
    assert found["jane-doe"].flags == ("name_taken_over",)
    assert (found["github:8"].state, found["github:8"].github_id) == ("unlisted", 8)


def test_login_when_somebody_outside_took_it_then_the_look_up_tells() -> None:
    old = listed("jane-doe", github_id=7, was_active=True)
    found = rows([old], github(accounts={"jane-doe": account("jane-doe", 8)}))
    assert found["jane-doe"].flags == ("name_taken_over",)


def test_person_when_two_entries_have_one_address_then_both_are_flagged() -> None:
    people = [listed("jane-a", email="J@x.org"), listed("jane-b", email="j@x.org")]
    assert all(row.flags == ("two_logins",) for row in rows(people, github()).values())


def test_person_when_the_other_account_was_removed_then_nothing_is_flagged() -> None:
    people = [
        listed("jane-a", email="j@x.org"),
        listed("jane-b", email="j@x.org", removed=ago(days=1), team=""),
    ]
    assert rows(people, github())["jane-a"].flags == ()


def test_invited_by_mail_when_nothing_is_open_any_more_then_it_says_where_to_look() -> None:
    person = listed(email="j@x.org", key="j", invited=ago(days=4))
    row = rows([person], github([JANE]))["j"]
    assert row.state == "absent"
    assert "one of the unlisted" in row.detail


def test_person_who_left_when_an_old_invitation_failed_once_then_left_is_what_counts() -> None:
    person = listed("jane-doe", github_id=7, was_active=True)
    assert rows([person], github(failed=(expired("jane-doe"),)))["jane-doe"].state == "left"


def test_owner_and_self_when_seen_then_the_row_says_so() -> None:
    facts = github([JANE], owners=frozenset({7}), own_id=7)
    row = rows([listed("jane-doe")], facts)["jane-doe"]
    assert row.is_owner
    assert row.is_self


def test_people_when_github_was_never_reached_then_what_was_seen_last_is_shown() -> None:
    people = [listed("a", was_active=True), listed("b"), listed("c", removed=NOW, team="")]
    found = rows(people)
    assert [row.state for row in found.values()] == ["active", "absent", "removed"]
    assert all("GitHub was not asked" in row.detail for row in found.values())


def test_two_thousand_people_when_the_table_is_made_then_it_takes_a_moment() -> None:
    people = [listed(f"person-{n}", github_id=n) for n in range(2000)]
    members = [account(f"Person-{n}", n) for n in range(1500)]
    invited = [invitation(f"person-{n}", number=n) for n in range(1500, 1900)]
    users = hub(*(user(f"person-{n}", "students", github_id=n) for n in range(1000)))
    began_s = time.process_time()
    found = rows(people, github(members, invited=invited), users)
    assert time.process_time() - began_s < 1.0
    assert len(found) == 2000
