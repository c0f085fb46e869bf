"""What a plan says of one person who is wanted in a team. Pure: the same world, the same step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from growth_admin.roster.facts import FailedInvitation, Invitation
from growth_admin.roster.identity import Person
from growth_admin.roster.ledger_lines import View
from growth_admin.roster.models import Step, StepAction
from growth_admin.roster.seen import TeamLook, World
from growth_admin.roster.wording import ago, day, days_left, left

UNSEEN: Final = timedelta(minutes=2)
"""So long GitHub's lists may lag behind what was just sent."""


@dataclass(frozen=True)
class Question:
    """A person, the team that wants them, and whether somebody named them by hand."""

    person: Person
    world: World
    ledger: View
    is_by_hand: bool = False
    has_newcomers: bool = False

    @property
    def look(self) -> TeamLook:
        """The team as it is."""
        return self.world.teams[self.person.slug]


def decide(asked: Question) -> Step:
    """Return the step for one person."""
    if asked.person.problem:
        return step_of(asked, "unknown", asked.person.problem)
    return _as_they_stand(asked) or _as_remembered(asked) or _to_be_brought_in(asked)


def step_of(asked: Question, action: StepAction, reason: str, **more: Any) -> Step:
    """Return a step for the person, with what else is to be said of them."""
    person = asked.person
    said = ". ".join(part for part in (reason, *person.notes) if part)
    return Step(
        action=action,
        login=person.login,
        email=next(iter(person.emails), ""),
        team=person.slug or asked.world.team.team.slug,
        reason=said[:1].upper() + said[1:],
        name=person.entry.name or (person.listed.name if person.listed else ""),
        github_id=person.number,
        row=person.entry.row,
        suggestions=person.suggestions,
        **more,
    )


# -- what GitHub shows


def _as_they_stand(asked: Question) -> Step | None:
    """Return the step for members, invited and blocked people, and those of other teams."""
    person, world = asked.person, asked.world
    account = person.account
    if account and account.id in asked.look.by_id:
        return step_of(asked, "none", "")
    invitation = asked.look.invitation_for(person.logins, person.emails)
    if invitation:
        return _pending(asked, invitation)
    if account and account.id in world.blocked:
        return step_of(asked, "blocked", "the organization blocks this account")
    return _in_other_team(asked)


def _pending(asked: Question, invitation: Invitation) -> Step:
    now = asked.world.now
    days = days_left(invitation.created, now)
    how = f" by e-mail to {invitation.email}" if not invitation.login else ""
    reason = f"invited{how} {ago(invitation.created, now)}, {left(days)}"
    return step_of(asked, "pending", reason, invitation_id=invitation.id, days_left=days)


def _in_other_team(asked: Question) -> Step | None:
    """Return the move out of another team of the school, the most powerful one first."""
    person, world = asked.person, asked.world
    for slug in world.managed:
        look = world.teams.get(slug)
        if look is None or slug == person.slug:
            continue
        if person.account and person.account.id in look.by_id:
            return step_of(asked, "move", f"is in {look.team.name} now", from_team=slug)
        invitation = look.invitation_for(person.logins, person.emails)
        if invitation:
            reason = f"is invited to {look.team.name} now"
            return step_of(asked, "move", reason, from_team=slug, invitation_id=invitation.id)
    return None


# -- what we remember


def _as_remembered(asked: Question) -> Step | None:
    person = asked.person
    listed = person.listed
    was_here = listed and listed.was_active and not listed.removed and listed.team == person.slug
    if was_here and not asked.is_by_hand:
        reason = (
            "was in the team, and left or was removed at GitHub. Left alone; to bring them back, "
            "make a plan with this person only"
        )
        return step_of(asked, "left", reason)
    return _just_sent(asked) or _accepted_unseen(asked)


def _just_sent(asked: Question) -> Step | None:
    """Return that an invitation went out which GitHub's lists do not show yet."""
    probe = step_of(asked, "invite", "")
    last = asked.ledger.last_of(probe, team=probe.team)
    if last is None or not last.is_invitation or last.at + UNSEEN < asked.world.now:
        return None
    reason = "invited just now; GitHub does not show it yet"
    days = days_left(last.at, asked.world.now)
    return step_of(asked, "pending", reason, invitation_id=last.invitation_id, days_left=days)


def _accepted_unseen(asked: Question) -> Step | None:
    """Return that an invitation by e-mail is gone, and was perhaps accepted.

    GitHub never says which account accepted it. While there are members whom nobody knows, one of
    them may be this person, and another invitation would be the wrong answer.
    """
    person = asked.person
    invited = person.listed.invited if person.listed else None
    if person.login or invited is None or not asked.has_newcomers or asked.is_by_hand:
        return None
    if asked.world.failed_for((), person.emails):
        return None
    reason = (
        f"invited by e-mail on {day(invited)}; that invitation is not open any more. If it was "
        "accepted, one of the members whom no entry names is this person: put the login into the "
        "roster. To invite again, make a plan with this person only"
    )
    return step_of(asked, "none", reason)


# -- what is to be done


def _to_be_brought_in(asked: Question) -> Step:
    person, world = asked.person, asked.world
    if person.account and person.account.id in world.members:
        return step_of(asked, "add", "is in the organization already")
    failure = world.failed_for(person.logins, person.emails)
    if failure:
        return step_of(asked, "expired", _why(failure))
    listed = person.listed
    again = listed is not None and (listed.was_active or listed.removed is not None)
    how = "" if person.login else "by e-mail"
    return step_of(
        asked, "invite", ", ".join(filter(None, (how, "was here before" if again else "")))
    )


def _why(failure: FailedInvitation) -> str:
    when = day(failure.failed or failure.created)
    if failure.is_expired:
        return f"the invitation of {day(failure.created)} ran out on {when}; a new one is sent"
    return f"the invitation of {day(failure.created)} failed on {when}: {failure.reason}"
