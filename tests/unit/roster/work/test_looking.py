"""How many calls a plan costs, and which."""

from __future__ import annotations

import time
from collections import Counter

from tests.unit.roster.work.fake_school import FakeSchool
from tests.unit.roster.work.plans import TEAM, entry, listed, plan


def kinds(school: FakeSchool) -> Counter[str]:
    """Return how often each question was asked."""
    return Counter(call.partition(" ")[0] for call in school.calls)


def test_look_when_the_team_is_as_listed_then_three_lists_are_asked_for() -> None:
    school = FakeSchool()
    people = school.crowd(1000, "s", TEAM)
    begun = time.process_time()
    made = plan(school, [account.login for account in people], is_whole_team=True)
    assert time.process_time() - begun < 1
    assert made.counts == {"none": 1000}
    assert kinds(school) == {"find_team": 1, "list_members": 1, "list_team_invitations": 1}


def test_look_when_people_are_invited_then_nobody_is_asked_for_one_by_one() -> None:
    school = FakeSchool()
    known = []
    for number, account in enumerate(school.crowd(40)):
        school.invite(account.login, TEAM)
        known.append(listed(f"k{number}", github_id=account.id, login=account.login))
    made = plan(school, [f"s{n}" for n in range(40)], people=known)
    assert made.counts == {"pending": 40}
    assert sum(kinds(school).values()) == 3


def test_look_when_few_are_new_then_each_costs_two_reads() -> None:
    school = FakeSchool()
    school.crowd(3)
    plan(school, ["s0", "s1", "s2"])
    asked = kinds(school)
    assert (asked["get_account"], asked["get_organization_state"]) == (3, 3)
    assert "list_organization_members" not in asked


def test_look_when_many_are_new_then_all_members_are_asked_for_once() -> None:
    school = FakeSchool()
    school.crowd(60)
    plan(school, [f"s{n}" for n in range(60)])
    asked = kinds(school)
    assert (asked["get_organization_state"], asked["list_organization_members"]) == (0, 1)


def test_look_when_an_address_is_new_then_no_account_is_asked_for() -> None:
    school = FakeSchool()
    plan(school, [entry(email="a@x.org")])
    assert kinds(school)["get_account"] == 0


def test_look_when_a_list_is_unknown_then_suggestions_are_few() -> None:
    school = FakeSchool()
    plan(school, [f"nobody{n}" for n in range(30)])
    assert kinds(school)["suggest_logins"] == 10


def test_look_when_teams_are_named_as_settings_or_slugs_then_each_is_asked_for_once() -> None:
    school = FakeSchool()
    school.account("ann", 1)
    plan(school, [entry("ann", team="TAs")], team="participants")
    lists = [call for call in school.calls if call.startswith("list_members")]
    assert sorted(lists) == ["list_members admins", "list_members participants", "list_members tas"]
