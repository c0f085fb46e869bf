"""Makes one person's change at GitHub, and looks whether it was made: one write per change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from growth_admin.core.errors import GitHubRefused, NotFound
from growth_admin.roster.facts import Invitation, School
from growth_admin.roster.models import Step
from growth_admin.roster.refusing import is_blocked

OLDER: Final = timedelta(minutes=5)
"""An invitation so much older than our request was there before it: GitHub answers a request for
somebody who is invited by e-mail with that one, and leaves its teams as they are."""


@dataclass(frozen=True)
class Made:
    """What came of a change. ``is_invitation``: GitHub sent an invitation for it."""

    detail: str
    is_invitation: bool = False
    is_active: bool = False
    invitation_id: int | None = None


class Hand:
    """Changes at GitHub. Methods raise what ``School`` raises.

    ``team_ids`` are the numbers of the steps' teams. ``more_teams`` returns numbers of further
    teams that an earlier invitation of the person named; ``is_leaver`` whether somebody was in the
    team and left, whom GitHub lets in by an invitation only.
    """

    def __init__(
        self,
        school: School,
        team_ids: Mapping[str, int],
        *,
        more_teams: Callable[[Step], tuple[int, ...]] = lambda step: (),
        is_leaver: Callable[[Step], bool] = lambda step: False,
    ) -> None:
        self._school = school
        self._team_ids = team_ids
        self._more_teams = more_teams
        self._is_leaver = is_leaver

    # -- looking

    def find_made(self, step: Step) -> Made | None:
        """Return what came of a change that may have been made; nothing if it was not."""
        if step.action == "remove":
            return self._find_removed(step)
        if not step.login:
            return self._find_mail(step)
        state = self._state(step.team, step.login)
        if step.action == "move" and self._state(step.from_team, step.login):
            return None  # only half of it
        if state == "active":
            return Made("in the team", is_active=True)
        is_sent = step.action != "move"
        return Made("invited", is_invitation=is_sent) if state == "pending" else None

    def _find_mail(self, step: Step) -> Made | None:
        found = self._mail_invitation(step)
        return Made("invited", is_invitation=True, invitation_id=found.id) if found else None

    def _mail_invitation(self, step: Step) -> Invitation | None:
        address = step.email.casefold()
        open_ones = self._school.list_team_invitations(step.team)
        return next((one for one in open_ones if one.email.casefold() == address), None)

    def _find_removed(self, step: Step) -> Made | None:
        if step.invitation_id is not None:
            open_ones = self._school.list_team_invitations(step.team)
            is_open = any(one.id == step.invitation_id for one in open_ones)
            return None if is_open else Made("the invitation is taken back")
        if not step.login:
            return Made("was in the queue only")
        return None if self._state(step.team, step.login) else Made("out of the team")

    def _state(self, slug: str, login: str) -> str:
        with suppress(NotFound):
            return self._school.get_team_state(slug, login)
        return ""

    # -- changing

    def make(self, step: Step) -> Made:
        """Make the change and return what came of it. What is so already is not an error."""
        if step.action == "remove":
            return self._remove(step)
        if step.action == "move":
            return self._move(step)
        return self._bring_in(step)

    def _bring_in(self, step: Step) -> Made:
        more = self._more_teams(step) if step.action == "expired" else ()
        if not step.login:
            return self._invite_address(step, more)
        if more and step.github_id is not None:
            return self._invite_account(step, more)
        try:
            state = self._school.put_membership(step.team, step.login)
        except GitHubRefused as e:
            if step.github_id is None or not (is_blocked(e) and self._is_leaver(step)):
                raise
            return self._invite_account(step, more)
        if state == "active":
            return Made("in the team", is_active=True)
        return Made("invited", is_invitation=True)

    def _invite_account(self, step: Step, more: tuple[int, ...]) -> Made:
        teams = (self._team_ids[step.team], *more)
        sent = self._school.create_invitation(teams, invitee_id=step.github_id)
        return Made("invited", is_invitation=True, invitation_id=sent.id)

    def _invite_address(self, step: Step, more: tuple[int, ...] = ()) -> Made:
        teams = (self._team_ids[step.team], *more)
        begun = self._school.now()
        sent = self._school.create_invitation(teams, email=step.email)
        if sent.created < begun - OLDER:
            sent = self._with_teams(sent, teams, step)
        return Made("invited by e-mail", is_invitation=True, invitation_id=sent.id)

    def _with_teams(self, open_one: Invitation, teams: tuple[int, ...], step: Step) -> Invitation:
        """Return an invitation for these teams in the place of one that does not name them."""
        named = tuple(team.id for team in self._school.list_invitation_teams(open_one.id))
        if set(teams) <= set(named):
            return open_one
        self._school.cancel_invitation(open_one.id)
        wanted = tuple(dict.fromkeys((*named, *teams)))
        return self._school.create_invitation(wanted, email=step.email)

    def _move(self, step: Step) -> Made:
        """Into the new team first: who is moved is never in none."""
        if not step.login:
            return self._move_mail(step)
        state = self._school.put_membership(step.team, step.login)
        self._school.remove_membership(step.from_team, step.login)
        if state == "active":
            return Made(f"in {step.team}, out of {step.from_team}", is_active=True)
        return Made(f"the invitation is for {step.team} now, not for {step.from_team}")

    def _move_mail(self, step: Step) -> Made:
        """An invitation by e-mail cannot be changed: it is taken back, and a new one is sent."""
        more: tuple[int, ...] = ()
        if step.invitation_id is not None:
            others = self._other_teams(step.invitation_id, step.from_team)
            more = tuple(number for number in others if number != self._team_ids[step.team])
            self._school.cancel_invitation(step.invitation_id)
        return self._invite_address(step, more)

    def _remove(self, step: Step) -> Made:
        if step.invitation_id is not None:
            return self._take_back(step, step.invitation_id)
        if not step.login:
            return self._drop_mail(step)
        self._school.remove_membership(step.team, step.login)
        return Made("out of the team")

    def _drop_mail(self, step: Step) -> Made:
        """Who waited in the queue was perhaps invited meanwhile."""
        sent = self._mail_invitation(step)
        return self._take_back(step, sent.id) if sent else Made("dropped from the queue")

    def _take_back(self, step: Step, invitation_id: int) -> Made:
        """Cancel an invitation; one that names other teams too goes on for those."""
        others = self._other_teams(invitation_id, step.team)
        if others and step.login:
            self._school.remove_membership(step.team, step.login)
            return Made("the invitation does not name this team any more")
        self._school.cancel_invitation(invitation_id)
        if not others:
            return Made("the invitation is taken back")
        sent = self._school.create_invitation(others, email=step.email)
        return Made(
            "the invitation is taken back, and a new one sent for the other teams that it named",
            is_invitation=True,
            invitation_id=sent.id,
        )

    def _other_teams(self, invitation_id: int, slug: str) -> tuple[int, ...]:
        try:
            teams = self._school.list_invitation_teams(invitation_id)
        except NotFound:
            return ()
        except GitHubRefused as e:
            if e.context.get("status") == 404:  # not open any more
                return ()
            raise
        return tuple(team.id for team in teams if team.slug != slug)
