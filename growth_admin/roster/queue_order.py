"""Looks at those who waited once more: still wanted, in by now, removed meanwhile?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from growth_admin.core.words import count
from growth_admin.roster.book import Book
from growth_admin.roster.facts import School
from growth_admin.roster.ledger_lines import View
from growth_admin.roster.looking import look
from growth_admin.roster.models import Entry, PlanRequest, Step
from growth_admin.roster.orders import Order
from growth_admin.roster.planning import Sending, make_roster_plan
from growth_admin.roster.queue import Waiting
from growth_admin.roster.register import Register
from growth_admin.roster.seen import World


def queue_order(
    school: School,
    book: Book,
    batch: Sequence[Waiting],
    *,
    teams: tuple[str, ...],
    view: View,
    user: str,
) -> Order:
    """Return the order that sends these. Who needs no invitation any more is told, and dropped.

    Raises what ``School`` raises, ``NotFound`` for a team that is gone.
    """
    register = Register(book.people)
    steps = [_skipped(one, "removed meanwhile") for one in batch if _is_removed(one, register)]
    wanted = [one for one in batch if not _is_removed(one, register)]
    worlds: list[World] = []
    for slug, group in groupby(sorted(wanted, key=_team), key=_team):
        steps += _steps_of(school, book, slug, list(group), teams, view, worlds)
    ids = {s: seen.team.id for world in worlds for s, seen in world.teams.items()}
    names = [world.team.team.name for world in worlds]
    managed = worlds[0].managed if worlds else ()
    return Order(
        plan_id="",
        title=f"Send {count(len(wanted), 'invitation')} that waited",
        team=batch[0].step.team if batch else "",
        team_name=" and ".join(names) or "the school",
        team_ids=ids,
        ranks={slug: rank for rank, slug in enumerate(managed)},
        steps=tuple(steps),
        asked_by=user,
        looked=school.now(),
    )


def _team(one: Waiting) -> str:
    return one.step.team


def _is_removed(one: Waiting, register: Register) -> bool:
    known = register.by_key(one.key)
    return known is not None and known.removed is not None and known.removed >= one.asked


def _skipped(one: Waiting, reason: str) -> Step:
    return one.step.model_copy(update={"action": "none", "reason": reason})


def _steps_of(
    school: School,
    book: Book,
    slug: str,
    waiting: Sequence[Waiting],
    teams: tuple[str, ...],
    view: View,
    worlds: list[World],
) -> list[Step]:
    entries = tuple(_entry(one) for one in waiting)
    request = PlanRequest(team=slug, entries=entries, source="queue")
    world = look(school, book, request, teams=teams)
    worlds.append(world)
    sending = Sending(view, view.budget(world.now))
    plan = make_roster_plan(request, world, book, sending, is_by_hand=True)
    return [
        step
        if step.reason or step.action != "none"
        else step.model_copy(update={"reason": "in the team"})
        for step in plan.steps
    ]


def _entry(one: Waiting) -> Entry:
    step = one.step
    return Entry(
        row=step.row,
        name=step.name,
        email=step.email,
        login=step.login,
        github_id=step.github_id,
    )
