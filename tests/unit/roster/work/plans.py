"""Plans in one line each, for tables of cases."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from growth_admin.roster.book import Book, Listed
from growth_admin.roster.ledger_lines import View
from growth_admin.roster.looking import look
from growth_admin.roster.models import Budget, Entry, PlanRequest, RosterPlan, Step
from growth_admin.roster.planning import Sending, make_roster_plan
from growth_admin.roster.queue import Waiting
from tests.unit.roster.work.fake_school import NOW, FakeSchool

TEAMS = ("Admins", "TAs", "Participants")
TEAM = "participants"


def listed(key: str = "k1", **fields: Any) -> Listed:
    """Return an entry of the roster."""
    return Listed(**{"key": key, "team": TEAM, "added": NOW - timedelta(days=30), **fields})


def book(*people: Listed) -> Book:
    """Return a roster."""
    return Book(number=1, people=people)


def entry(login: str = "", row: int = 2, **fields: Any) -> Entry:
    """Return a row of a list."""
    return Entry(login=login, row=row, **fields)


def waiting(step: Step, key: str = "k1", **fields: Any) -> Waiting:
    """Return somebody in the queue."""
    return Waiting(**{"key": key, "step": step, "asked": NOW, **fields})


def plan(
    school: FakeSchool,
    entries: Iterable[Entry | str] = (),
    *,
    people: Iterable[Listed] = (),
    budget: Budget | None = None,
    ledger: View | None = None,
    queue: Iterable[Waiting] = (),
    user: str = "",
    team: str = "Participants",
    **request: Any,
) -> RosterPlan:
    """Look, and return the plan."""
    rows = tuple(
        entry(one, row) if isinstance(one, str) else one for row, one in enumerate(entries, 2)
    )
    asked = PlanRequest(team=team, entries=rows, **request)
    known = book(*people)
    world = look(school, known, asked, teams=TEAMS, waiting=tuple(queue), user=user)
    sending = Sending(ledger or View(), budget or Budget(limit=500, used=0), tuple(queue))
    return make_roster_plan(asked, world, known, sending)


def actions(made: RosterPlan) -> dict[str, str]:
    """Return what the plan says of each person."""
    return {step.target or step.name: step.action for step in made.steps}


def only(made: RosterPlan) -> Step:
    """Return the one step of a plan."""
    (step,) = made.steps
    return step
