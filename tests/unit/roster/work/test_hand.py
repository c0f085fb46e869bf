"""One person's change: which call it is, and for which teams."""

from __future__ import annotations

import pytest

from growth_admin.core.errors import GitHubRefused
from growth_admin.roster.hand import Hand
from growth_admin.roster.models import Step
from tests.unit.roster.work.fake_school import FakeSchool
from tests.unit.roster.work.plans import TEAM

IDS = {"participants": 102, "tas": 101}


@pytest.fixture
def school() -> FakeSchool:
    """A school with somebody outside and a team that is not the school's."""
    made = FakeSchool("Admins", "TAs", "Participants", "Choir")
    made.account("ann", 1)
    return made


def again(**fields: object) -> Step:
    return Step.model_validate({"action": "expired", "team": TEAM, **fields})


@pytest.mark.parametrize("who", [{"login": "ann", "github_id": 1}, {"email": "ann@x.org"}])
def test_again_when_the_old_invitation_named_more_teams_then_the_new_one_does_too(
    school: FakeSchool, who: dict[str, object]
) -> None:
    hand = Hand(school, IDS, more_teams=lambda step: (103,))
    assert hand.make(again(**who)).is_invitation
    (open_one,) = school.open.values()
    assert open_one.teams == {102, 103}


def test_again_when_it_named_this_team_only_then_it_is_one_call(school: FakeSchool) -> None:
    Hand(school, IDS).make(again(login="ann", github_id=1))
    assert school.writes == ["put_membership ann"]


def test_invite_when_an_address_is_invited_to_another_team_then_both_are_named(
    school: FakeSchool,
) -> None:
    school.invite("ann@x.org", "choir")
    Hand(school, IDS).make(Step(action="invite", email="ann@x.org", team=TEAM))
    (open_one,) = school.open.values()
    assert open_one.teams == {102, 103}


def test_invite_when_blocked_then_only_who_has_left_is_invited_by_number(
    school: FakeSchool,
) -> None:
    school.gone_by_themselves.add(1)
    step = Step(action="invite", login="ann", github_id=1, team=TEAM)
    with pytest.raises(GitHubRefused, match="Blocked"):
        Hand(school, IDS).make(step)
    assert Hand(school, IDS, is_leaver=lambda step: True).make(step).is_invitation


def test_find_when_a_move_is_half_made_then_it_is_not_made(school: FakeSchool) -> None:
    school.account("bob", 2, "tas", TEAM)
    step = Step(action="move", login="bob", github_id=2, team=TEAM, from_team="tas")
    hand = Hand(school, IDS)
    assert hand.find_made(step) is None
    hand.make(step)
    assert hand.find_made(step)
    assert school.teams["tas"].members == set()
