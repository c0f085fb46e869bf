"""Makes the plan out of the request, what GitHub said, the roster and the ledger. Pure.

The id covers what will be done to whom, and nothing that passes by itself: neither the age of an
invitation nor how many may be sent today.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from growth_admin.core.errors import InvalidInput
from growth_admin.core.plan import digest_of
from growth_admin.roster.book import Book
from growth_admin.roster.deciding import Question, decide
from growth_admin.roster.distinct import distinct, newcomers_of
from growth_admin.roster.identity import Person, identify
from growth_admin.roster.ledger_lines import INVITING, View, names_of
from growth_admin.roster.models import (
    CHANGES,
    Budget,
    PlanRequest,
    RosterPlan,
    Step,
    item_of,
)
from growth_admin.roster.queue import Waiting
from growth_admin.roster.register import Register
from growth_admin.roster.removing import (
    Leaver,
    confirmation,
    find_leaver,
    leavers_unnamed,
    step_of_leaver,
)
from growth_admin.roster.seen import World
from growth_admin.roster.telling import counts_of, title_of, warnings_of
from growth_admin.roster.wording import clock

ID_LENGTH: Final = 16


@dataclass(frozen=True)
class Sending:
    """What the ledger and the queue say: what was sent, what may be, who waits."""

    ledger: View
    budget: Budget
    waiting: tuple[Waiting, ...] = ()

    @property
    def free(self) -> int:
        """How many invitations may be sent now."""
        return 0 if self.budget.free_at else max(self.budget.limit - self.budget.used, 0)


def make_roster_plan(
    request: PlanRequest,
    world: World,
    book: Book,
    sending: Sending,
    *,
    is_by_hand: bool = False,
) -> RosterPlan:
    """Return the plan, person by person, in the order of the list.

    ``is_by_hand``: these people are brought back even if they have left by themselves; so is one
    person who is named alone and not as the row of a list. Raises ``InvalidInput`` when somebody is
    to be in the team and to be removed from it.
    """
    register = Register(book.people)
    people, doubled = distinct([identify(entry, world, register) for entry in request.entries])
    newcomers = newcomers_of(world, register, people)
    is_by_hand = is_by_hand or _is_by_hand(request)
    steps = [
        decide(Question(person, world, sending.ledger, is_by_hand, bool(newcomers)))
        for person in people
    ]
    steps += _removals(request, world, register, people, newcomers, sending)
    steps, queued = _within_budget(steps, world, sending)
    number, warnings = confirmation(steps, world)
    warnings += warnings_of(steps, people, doubled, newcomers, world)
    return RosterPlan(
        id=_id_of(request, world, steps, number),
        action="change",
        title=title_of(steps, queued, world),
        warnings=tuple(warnings),
        items=tuple(item_of(step) for step in steps if step.action in CHANGES),
        confirm_number=number,
        team=world.team.team.slug,
        steps=tuple(steps),
        counts=counts_of(steps),
        budget=sending.budget,
        queued=queued,
    )


def _is_by_hand(request: PlanRequest) -> bool:
    """Return whether one person was named by hand, who may then be brought back."""
    return len(request.entries) == 1 and request.entries[0].row == 0


# -- removals


def _removals(
    request: PlanRequest,
    world: World,
    register: Register,
    people: Sequence[Person],
    newcomers: frozenset[int],
    sending: Sending,
) -> list[Step]:
    named = [find_leaver(one, world, register, sending.waiting) for one in request.removals]
    _require_no_contradiction(named, people)
    steps = [step_of_leaver(leaver, world, "Removed by name") for leaver in named]
    if request.is_whole_team:
        unnamed = [
            leaver
            for leaver in leavers_unnamed(world, register, people)
            if not (leaver.account and leaver.account.id in newcomers)
        ]
        steps += [step_of_leaver(one, world, "No entry of the list names them") for one in unnamed]
        steps += _dropped(world, people, sending)
    return _once(steps)


def _dropped(world: World, people: Sequence[Person], sending: Sending) -> list[Step]:
    """Return who waits for an invitation and is not in the list of the whole team."""
    named = {name for person in people for name in _all_names(person)}
    return [
        step_of_leaver(Leaver(waiting=one), world, "No entry of the list names them")
        for one in sending.waiting
        if one.step.team == world.team.team.slug and named.isdisjoint(names_of(one.step))
    ]


def _all_names(person: Person) -> tuple[str, ...]:
    number = person.number
    return (
        *((f"id:{number}",) if number is not None else ()),
        *(f"login:{login.casefold()}" for login in (*person.logins, person.entry.login) if login),
        *(f"email:{email.casefold()}" for email in person.emails),
    )


def _once(steps: Sequence[Step]) -> list[Step]:
    kept: dict[tuple[str, ...], Step] = {}
    for step in steps:
        kept.setdefault(names_of(step)[:1] or (step.reason,), step)
    return list(kept.values())


def _require_no_contradiction(named: Sequence[Leaver], people: Sequence[Person]) -> None:
    wanted = {name for person in people for name in _all_names(person)}
    for leaver in named:
        account = leaver.account
        names = {f"login:{leaver.login.casefold()}", f"email:{leaver.email.casefold()}"}
        names = {f"id:{account.id}"} if account else names
        if leaver.is_there and wanted & names:
            raise InvalidInput(
                f"{leaver.login or leaver.email} is in the list and among the removals.",
                hint="Take them out of one of the two.",
            )


# -- the budget


def _within_budget(steps: list[Step], world: World, sending: Sending) -> tuple[list[Step], int]:
    """Return the steps with a word at those that have to wait, and how many these are."""
    inviting = [i for i, step in enumerate(steps) if needs_invitation(step)]
    inviting.sort(key=lambda i: (world.rank(steps[i].team), i))
    late = inviting[sending.free :]
    when = sending.budget.free_at
    until = f", not before {clock(when)}" if when else ""
    for i in late:
        reason = f"{steps[i].reason}. Waits for another day's invitations{until}".lstrip(". ")
        steps[i] = steps[i].model_copy(update={"reason": reason})
    return steps, len(late)


def needs_invitation(step: Step) -> bool:
    """Return whether a step sends an invitation: also a move of one that names no account."""
    is_mail_moved = step.action == "move" and step.invitation_id is not None and not step.login
    return step.action in INVITING or is_mail_moved


# -- the plan as a whole


def _id_of(request: PlanRequest, world: World, steps: Sequence[Step], number: int | None) -> str:
    fields = ("action", "login", "email", "team", "github_id", "from_team", "invitation_id", "row")
    what = [[getattr(step, name) for name in fields] for step in steps]
    asked = [entry.as_json() for entry in request.entries]
    team = world.team.team
    return digest_of(
        "roster", team.id, team.slug, asked, request.removals, request.is_whole_team, what, number
    )[:ID_LENGTH]
