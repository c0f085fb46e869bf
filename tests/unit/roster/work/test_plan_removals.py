"""Who leaves a team, and when a number has to be typed for it."""

from __future__ import annotations

import pytest

from tests.unit.roster.work.fake_school import FakeSchool
from tests.unit.roster.work.plans import TEAM, actions, entry, listed, only, plan


def full_school(count: int = 8) -> FakeSchool:
    """Return a school with s0, s1 ... in the team."""
    school = FakeSchool()
    school.crowd(count, "s", TEAM)
    return school


@pytest.mark.parametrize("name", ["s3", "S3", "s3@x.org", "k3", "github:1003"])
def test_removal_when_named_by_login_address_key_or_number_then_the_account_leaves(
    name: str,
) -> None:
    school = full_school()
    known = listed("k3", github_id=1003, login="s3", email="s3@x.org", name="Sam")
    step = only(plan(school, removals=(name,), people=[known]))
    assert (step.action, step.login, step.github_id) == ("remove", "s3", 1003)


def test_removal_when_somebody_was_renamed_then_the_number_finds_them() -> None:
    school = full_school()
    school.rename(1003, "new")
    known = listed("k3", github_id=1003, login="s3")
    assert only(plan(school, removals=("s3",), people=[known])).login == "new"


@pytest.mark.parametrize("name", ["ann@x.org", "invitation:7000", "k1"])
def test_removal_when_somebody_is_only_invited_then_the_invitation_is_taken_back(
    name: str,
) -> None:
    school = full_school()
    sent = school.invite("ann@x.org", TEAM)
    known = listed("k1", email="ann@x.org")
    step = only(plan(school, removals=(name,), people=[known]))
    assert (step.action, step.invitation_id, step.email) == ("remove", sent.id, "ann@x.org")
    assert "taken back" in step.reason


def test_removal_when_nobody_is_meant_then_nothing_happens_and_it_is_told() -> None:
    step = only(plan(full_school(), removals=("nobody",)))
    assert (step.action, step.login) == ("none", "nobody")
    assert "Neither in Participants nor invited" in step.reason


def test_removal_when_in_a_child_team_then_it_is_told_where() -> None:
    school = full_school()
    child = school.account("kim", 50)
    school.teams[TEAM].children.add(child.id)
    made = plan(school, removals=("kim",))
    assert only(made).action == "none"
    assert any("In a team below this one" in warning for warning in made.warnings)


def test_whole_team_when_people_are_unnamed_then_they_leave_and_are_named_in_a_warning() -> None:
    school = full_school()
    school.invite("late@x.org", TEAM)
    made = plan(school, [f"s{n}" for n in range(7)], is_whole_team=True)
    assert made.counts == {"none": 7, "remove": 2}
    assert made.warnings[0] == "2 people of 9 removed from Participants: s7, late@x.org."
    assert made.confirm_number is None


def test_whole_team_when_somebody_is_named_by_an_unusable_row_then_they_stay() -> None:
    school = full_school(4)
    school.rename(1003, "new")
    school.account("s3", 99)
    known = listed("k3", github_id=1003, login="s3")
    made = plan(school, ["s0", "s1", "s2", "s3"], people=[known], is_whole_team=True)
    assert "remove" not in actions(made).values()


def test_whole_team_when_somebody_moves_to_another_team_then_they_are_moved_not_removed() -> None:
    school = full_school(4)
    entries = [entry(f"s{n}") for n in range(3)] + [entry("s3", team="TAs")]
    made = plan(school, entries, is_whole_team=True)
    assert actions(made)["s3"] == "move"
    assert made.counts == {"none": 3, "move": 1}


@pytest.mark.parametrize(("leave", "number"), [(1, None), (2, None), (3, 3), (8, 8)])
def test_guard_when_more_than_a_quarter_leaves_then_the_number_is_asked_for(
    leave: int, number: int | None
) -> None:
    made = plan(full_school(), removals=tuple(f"s{n}" for n in range(leave)))
    assert made.confirm_number == number


def test_guard_when_an_owner_leaves_then_the_number_is_asked_for_and_the_owner_named() -> None:
    school = full_school(30)
    school.owners.add(1002)
    made = plan(school, removals=("s1", "s2"))
    assert made.confirm_number == 2
    assert made.warnings[0] == "s2 is an owner of the organization, and leaves Participants." or (
        "s2 is an owner" in made.warnings[0]
    )


@pytest.mark.parametrize("how", ["token", "hub name", "login"])
def test_guard_when_one_leaves_oneself_then_the_number_is_asked_for(how: str) -> None:
    school = full_school(30)
    people = []
    if how == "token":
        school.me = school.accounts[1002]
    if how == "hub name":
        people = [listed("k2", github_id=1002, login="s2", hub_name="olga")]
    user = {"token": "", "hub name": "olga", "login": "s2"}[how]
    made = plan(school, removals=("s2",), people=people, user=user)
    assert made.confirm_number == 1
    assert "yourself" in made.warnings[0]


def test_guard_when_one_moves_oneself_out_of_the_admins_then_the_number_is_asked_for() -> None:
    school = full_school()
    school.me = school.account("olga", 60, "admins")
    made = plan(school, ["olga"])
    assert (only(made).action, made.confirm_number) == ("move", 1)


def test_guard_when_a_whole_class_is_moved_by_mistake_then_the_number_is_asked_for() -> None:
    school = full_school(20)
    made = plan(school, [f"s{n}" for n in range(12)], team="TAs")
    assert (made.counts, made.confirm_number) == ({"move": 12}, 12)


def test_guard_when_nobody_leaves_then_owners_are_not_even_asked_for() -> None:
    school = full_school()
    plan(school, ["s1"])
    assert "list_owners" not in school.calls
