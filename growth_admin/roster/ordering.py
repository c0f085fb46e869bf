"""Makes the order of a plan: its steps, and the people of the list, told apart. Pure."""

from __future__ import annotations

from growth_admin.roster.book import Book
from growth_admin.roster.identity import TAKEN_OVER, Person, identify
from growth_admin.roster.models import CHANGES, Entry, PlanRequest, RosterPlan, Step, StepAction
from growth_admin.roster.orders import Order
from growth_admin.roster.register import Register
from growth_admin.roster.seen import World

TOLD = (*CHANGES, "unknown", "left", "blocked")
"""Steps that a receipt tells of; that somebody is there or invited already is not worth a line."""


def order_of(
    plan: RosterPlan, request: PlanRequest, world: World, book: Book, *, user: str
) -> Order:
    """Return the order for a job."""
    register = Register(book.people)
    people = [identify(entry, world, register) for entry in request.entries]
    actions = _Actions(plan.steps)
    steps = tuple(step for step in plan.steps if step.action in TOLD)
    return Order(
        plan_id=plan.id,
        title=plan.title,
        team=plan.team,
        team_name=world.team.team.name,
        team_ids={slug: seen.team.id for slug, seen in world.teams.items()},
        ranks={slug: rank for rank, slug in enumerate(world.managed)},
        steps=steps,
        people=tuple(
            (_resolved(person, plan.team), actions.of(person))
            for person in people
            if person.problem != TAKEN_OVER
        ),
        source=request.source,
        asked_by=user,
        looked=world.now,
    )


class _Actions:
    """What the plan says of each account, login and address."""

    def __init__(self, steps: tuple[Step, ...]) -> None:
        self._numbers = {s.github_id: s.action for s in steps if s.github_id is not None}
        self._names = {
            name.casefold(): step.action
            for step in steps
            for name in (step.login, step.email)
            if name
        }

    def of(self, person: Person) -> StepAction:
        if person.problem:
            return "unknown"
        if person.number is not None and person.number in self._numbers:
            return self._numbers[person.number]
        names = (*person.logins, *person.emails)
        return next(
            (self._names[name.casefold()] for name in names if name.casefold() in self._names),
            "unknown",
        )


def _resolved(person: Person, team: str) -> Entry:
    """Return an entry with the account as GitHub has it, and the slug of the team."""
    return person.entry.model_copy(
        update={
            "login": person.login,
            "github_id": person.account.id if person.account else person.entry.github_id,
            "team": person.slug or team,
        }
    )
