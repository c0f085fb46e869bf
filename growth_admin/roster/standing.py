"""How somebody stands, out of what was read. Nothing here asks or changes anything.

What GitHub shows now goes before what the roster remembers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from growth_admin.roster.book import Listed
from growth_admin.roster.facts import Account, FailedInvitation, Invitation
from growth_admin.roster.matching import Index
from growth_admin.roster.models import State

INVITATION_DAYS: Final = 7
"""GitHub: an invitation that is not accepted within seven days expires."""


@dataclass(frozen=True)
class Stand:
    """The state of one person, and where it was seen."""

    state: State
    detail: str = ""
    since: datetime | None = None
    days_left: float | None = None
    team: str = ""


def stand_of(
    person: Listed, account: Account | None, targets: tuple[str, ...], index: Index
) -> Stand:
    """Return how somebody on the roster stands; what GitHub shows goes before what we remember."""
    if index.sides.github is None:
        said = "GitHub was not asked"
        if person.removed:
            return Stand("removed", f"removed {person.removed:%Y-%m-%d}; {said}", person.removed)
        return Stand("active" if person.was_active else "absent", f"{said}: as last seen")
    stand = _seen_now(person, account, targets, index)
    if person.removed:
        return _removed(person, stand)
    return stand or _not_seen(person, targets, index)


def _seen_now(
    person: Listed, account: Account | None, targets: tuple[str, ...], index: Index
) -> Stand | None:
    """Return the stand of a member or of somebody who is invited; nothing for anybody else."""
    teams = index.member_ids.get(account.id, []) if account else []
    if teams:
        team = person.team if person.team in teams else teams[0]
        said = "" if team == person.team else f"in {in_words(teams)}, not in {person.team}"
        return Stand("active", said, team=team)
    found = [pair for target in targets for pair in index.invited.get(target, ())]
    if not found:
        return None
    slug, invitation = next((pair for pair in found if pair[0] == person.team), found[0])
    return stand_of_invitation(invitation, slug, index.sides.now)


def stand_of_invitation(invitation: Invitation, slug: str, now: datetime) -> Stand:
    left = invitation.created + timedelta(days=INVITATION_DAYS) - now
    days = max(left.total_seconds() / 86_400, 0.0)
    how = "by e-mail" if invitation.email and not invitation.login else "by login"
    return Stand("invited", f"invited {how}", invitation.created, round(days, 2), slug)


def _removed(person: Listed, stand: Stand | None) -> Stand:
    assert person.removed is not None  # the caller has looked
    on = f"removed {person.removed:%Y-%m-%d}"
    if stand is None:
        return Stand("removed", on, person.removed)
    if stand.state == "invited":
        said = f"{on}, but an invitation is open"
        return Stand("invited", said, stand.since, stand.days_left, stand.team)
    return Stand("unlisted", f"{on}, but in {stand.team} again", person.removed, team=stand.team)


def _not_seen(person: Listed, targets: tuple[str, ...], index: Index) -> Stand:
    """Return how somebody stands who is neither a member nor invited."""
    github = index.sides.github
    assert github is not None  # the caller has looked
    if person.github_id is not None and person.github_id in github.blocked:
        return Stand("blocked", "the organization blocks this account")
    waiting = index.waiting.get(person.key)
    if waiting:
        return Stand("queued", "the invitation waits for the next free place", waiting.asked)
    account = github.accounts.get(person.login.casefold()) if person.login else None
    if person.login and person.login.casefold() in github.accounts and person.github_id is None:
        if account is None:
            return Stand("unknown", "GitHub knows no such user")
        if account.type != "User":
            return Stand("unknown", f"this is {_kind(account)}, not a person")
    if person.was_active:
        return Stand("left", "was in the team, and left without us")
    failure = next((index.failed[target] for target in targets if target in index.failed), None)
    if failure:
        return stand_of_failure(failure)
    if person.email and not person.login and person.invited:
        said = (
            f"invited by e-mail on {person.invited:%Y-%m-%d}, and that is not open any more: if it "
            "was accepted, one of the unlisted is this person"
        )
        return Stand("absent", said, person.invited)
    return Stand("absent", "not invited yet")


def stand_of_failure(failure: FailedInvitation) -> Stand:
    since = failure.failed or failure.created
    if failure.is_expired:
        return Stand("expired", "not accepted within seven days", since)
    return Stand("failed", failure.reason or "GitHub does not say why", since)


def _kind(account: Account) -> str:
    return "an organization" if account.type == "Organization" else "a bot"


def in_words(teams: Iterable[str]) -> str:
    return " and ".join(teams)
