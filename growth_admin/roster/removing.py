"""Who leaves the team, and when a number has to be typed for it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from growth_admin.roster.facts import Account, Invitation
from growth_admin.roster.identity import Person
from growth_admin.roster.models import Step
from growth_admin.roster.queue import Waiting
from growth_admin.roster.register import Register
from growth_admin.roster.seen import World
from growth_admin.roster.wording import ago, days_left, listed, people

LARGEST_PART: Final = 0.25
"""As peribolos' ``--maximum-removal-delta``."""
FEW_MOVES: Final = 10
"""Fewer people than this may be moved out of a small team without a number."""


@dataclass(frozen=True)
class Leaver:
    """Somebody who is to leave the team: a member, an invitation, or a place in the queue."""

    account: Account | None = None
    invitation: Invitation | None = None
    waiting: Waiting | None = None
    name: str = ""
    email: str = ""
    login: str = ""

    @property
    def is_there(self) -> bool:
        """Whether there is anything to remove."""
        return bool(self.account or self.invitation or self.waiting)


def find_leaver(
    wanted: str, world: World, register: Register, waiting: Sequence[Waiting]
) -> Leaver:
    """Return whom a removal names: key of the roster, ``github:<number>``, ``invitation:<number>``,
    login or e-mail address.
    """
    look, kind, _, number = world.team, *wanted.partition(":")
    if kind == "invitation" and number.isdecimal():
        found = next((one for one in look.invitations if one.id == int(number)), None)
        return _of_invitation(found) if found else Leaver(login=wanted)
    if kind == "github" and number.isdecimal():
        account = look.by_id.get(int(number))
        listed_one = register.by_id(int(number))
    else:
        account = look.by_login.get(wanted.casefold())
        listed_one = register.by_key(wanted) or (
            next(iter(register.by_email(wanted)), None)
            if "@" in wanted
            else register.by_id(account.id)
            if account
            else register.by_login(wanted)
        )
    if account is None and listed_one is not None:
        account = look.by_id.get(listed_one.github_id or -1) or (
            look.by_login.get(listed_one.login.casefold()) if listed_one.login else None
        )
    logins = [name for name in (listed_one.login if listed_one else "", wanted) if name]
    emails = [listed_one.email] if listed_one and listed_one.email else [wanted]
    return Leaver(
        account=account,
        invitation=None if account else look.invitation_for(logins, emails),
        waiting=_waiting_for(
            {*logins, *emails}, listed_one.key if listed_one else "", waiting, world
        ),
        name=listed_one.name if listed_one else "",
        email=listed_one.email if listed_one else (wanted if "@" in wanted else ""),
        login=listed_one.login if listed_one else ("" if "@" in wanted else wanted),
    )


def _waiting_for(
    names: set[str], key: str, waiting: Sequence[Waiting], world: World
) -> Waiting | None:
    folded = {name.casefold() for name in names if name}
    for one in waiting:
        if one.step.team != world.team.team.slug:
            continue
        own = {one.step.login.casefold(), one.step.email.casefold()} - {""}
        if one.key == key or own & folded:
            return one
    return None


def _of_invitation(found: Invitation) -> Leaver:
    return Leaver(invitation=found, login=found.login, email=found.email)


def leavers_unnamed(world: World, register: Register, persons: Iterable[Person]) -> list[Leaver]:
    """Return members and invitations that no entry names."""
    numbers: set[int] = set()
    names: set[str] = set()
    for person in persons:
        known = (person.number, person.listed.github_id if person.listed else None)
        numbers |= {number for number in known if number is not None}
        names |= {name.casefold() for name in (*person.logins, person.entry.login, *person.emails)}
    names.discard("")
    gone = [account for account in world.team.members if account.id not in numbers]
    open_ones = [
        one
        for one in world.team.invitations
        if one.login.casefold() not in names and one.email.casefold() not in names
    ]
    return [
        _of_member(account, register) for account in gone if account.login.casefold() not in names
    ] + [_of_invitation(one) for one in open_ones]


def _of_member(account: Account, register: Register) -> Leaver:
    known = register.by_id(account.id)
    return Leaver(
        account=account,
        login=account.login,
        name=known.name if known else "",
        email=known.email if known else "",
    )


def step_of_leaver(leaver: Leaver, world: World, why: str) -> Step:
    """Return the step that takes somebody out, or says why that cannot be done here."""
    slug, title = world.team.team.slug, world.team.team.name
    account, invitation = leaver.account, leaver.invitation
    about = {"name": leaver.name, "team": slug, "email": leaver.email}
    if account and account.id in world.children:
        reason = f"In {title} through a team below it: remove {account.login} there"
        return Step(
            action="none", login=account.login, github_id=account.id, reason=reason, **about
        )
    if account:
        return Step(action="remove", login=account.login, github_id=account.id, reason=why, **about)
    if invitation:
        asked = ago(invitation.created, world.now)
        return Step(
            action="remove",
            login=invitation.login,
            reason=f"{why}. The invitation sent {asked} is taken back",
            invitation_id=invitation.id,
            days_left=days_left(invitation.created, world.now),
            **{**about, "email": invitation.email or leaver.email},
        )
    if leaver.waiting:
        step = leaver.waiting.step
        reason = f"{why}. The invitation waits to be sent, and is dropped"
        return step.model_copy(update={"action": "remove", "reason": reason, "row": 0})
    reason = f"Neither in {title} nor invited"
    return Step(action="none", login=leaver.login, reason=reason, **about)


# -- the guard


def confirmation(steps: Sequence[Step], world: World) -> tuple[int | None, list[str]]:
    """Return the number that has to be typed, if any, and the warnings, worst first.

    A number is needed when more than a quarter of the team, an owner, or the admin themselves
    leave. Being moved out of a team is leaving it.
    """
    removed = [step for step in steps if step.action == "remove"]
    moved = [step for step in steps if step.action == "move"]
    precious = [step for step in (*removed, *moved) if _is_precious(step, world)]
    warnings = [_who(step, world) for step in precious]
    leaving = list(removed)
    leaving += [step for step in moved if step in precious or _is_exodus(step, moved, world)]
    team, size = world.team.team.name, len(world.team.members) + len(world.team.invitations)
    if removed:
        names = listed([step.target for step in removed])
        part = f" of {size}" if size else ""
        warnings.append(f"{people(len(removed))}{part} removed from {team}: {names}.")
    here = sum(_is_here(step, world) for step in removed)
    is_many = here > LARGEST_PART * size or any(_is_exodus(s, moved, world) for s in moved)
    needed = bool(precious) or (is_many and bool(leaving))
    return (len(leaving) if needed else None), warnings


def _is_precious(step: Step, world: World) -> bool:
    return step.github_id is not None and (
        step.github_id in world.owners or step.github_id in world.own_ids
    )


def _is_here(step: Step, world: World) -> bool:
    """Return whether a removal takes something away at GitHub, not only from the queue."""
    return step.invitation_id is not None or step.github_id in world.team.by_id


def _is_exodus(step: Step, moved: Sequence[Step], world: World) -> bool:
    look = world.teams.get(step.from_team)
    count = sum(one.from_team == step.from_team for one in moved)
    return look is not None and count >= FEW_MOVES and count > LARGEST_PART * len(look.members)


def _who(step: Step, world: World) -> str:
    team = step.from_team or step.team
    if step.github_id in world.own_ids:
        return f"{step.login} is yourself: you leave {team}."
    return f"{step.login} is an owner of the organization, and leaves {team}."
