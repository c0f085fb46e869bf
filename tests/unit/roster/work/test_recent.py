"""Accounts that were just asked for are not asked for again."""

from __future__ import annotations

from growth_admin.roster.recent import RecentAccounts
from tests.unit.roster.work.fake_school import FakeSchool


def asked(school: FakeSchool) -> int:
    """How many accounts GitHub was asked for."""
    return sum(call.startswith("get_account ") for call in school.calls)


def test_account_when_asked_for_twice_then_github_is_asked_once_in_any_case_of_the_login() -> None:
    school = FakeSchool()
    school.crowd(1)
    recent = RecentAccounts(school)
    first, again = recent.get_account("s0"), recent.get_account("S0")
    assert first is not None
    assert first == again
    assert asked(school) == 1


def test_account_when_unknown_then_it_is_asked_for_each_time() -> None:
    school = FakeSchool()
    recent = RecentAccounts(school)
    assert recent.get_account("s0") is None
    (made,) = school.crowd(1)
    assert recent.get_account("s0") == made


def test_account_when_known_for_long_then_it_is_asked_for_again() -> None:
    school = FakeSchool()
    school.crowd(1)
    recent = RecentAccounts(school, recent_s=0.0)
    recent.get_account("s0")
    recent.get_account("s0")
    assert asked(school) == 2
