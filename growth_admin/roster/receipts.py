"""The receipt of an applied plan, person by person, and how to take it back. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from growth_admin.core.plan import Receipt, ReceiptItem, Undo
from growth_admin.core.schema import now
from growth_admin.roster.ledger_lines import Line
from growth_admin.roster.merging import find_of_step
from growth_admin.roster.models import CHANGES, PEOPLE_LIMIT, Entry, PlanRequest, Step, StepAction
from growth_admin.roster.orders import Order
from growth_admin.roster.register import Register
from growth_admin.roster.wording import clock

PAST: Final[tuple[tuple[StepAction, str], ...]] = (
    ("invite", "invited"),
    ("expired", "invited again"),
    ("add", "added"),
    ("move", "moved"),
    ("remove", "removed"),
)
OTHER: Final = (("blocked", "blocked"), ("failed", "failed"), ("skipped", "left alone"))


def receipt_of(
    order: Order,
    results: Mapping[int, Line],
    register: Register,
    *,
    until: datetime | None,
    rest: str = "",
) -> Receipt:
    """Return the receipt. ``until``: when more invitations may be sent; ``rest``: why not all."""
    items = tuple(
        ReceiptItem(
            target=step.target or step.name,
            action=step.action,
            result=results[index].result if index in results else "skipped",
            detail=results[index].detail if index in results else rest,
        )
        for index, step in enumerate(order.steps)
        if index in results or rest
    )
    return Receipt(
        plan_id=order.plan_id,
        title=_title(order, items, until),
        finished=now(),
        items=items,
        undo=_undo(order, results, register),
    )


def _title(order: Order, items: tuple[ReceiptItem, ...], until: datetime | None) -> str:
    done = Counter(item.action for item in items if item.result == "done")
    others = Counter(item.result for item in items)
    parts = [f"{done[action]:,} {word}" for action, word in PAST if done[action]]
    sentence = f"{', '.join(parts)} in {order.team_name}" if parts else ""
    if others["queued"]:
        when = f" until {clock(until)}" if until else ""
        sentence += f"{', ' if sentence else ''}{others['queued']:,} queued{when}"
    for result, word in OTHER:
        if others[result]:
            sentence += f"{'; ' if sentence else ''}{others[result]:,} {word}"
    return sentence or f"The roster knows this list; nothing was to change in {order.team_name}"


# -- undo


def _undo(order: Order, results: Mapping[int, Line], register: Register) -> Undo | None:
    """Return the request for the plan that takes back what was done and what was queued."""
    changed = [
        order.steps[index]
        for index, line in sorted(results.items())
        if line.result in ("done", "queued") and order.steps[index].action in CHANGES
    ]
    came = [step for step in changed if step.action not in ("remove", "move")]
    back = [step for step in changed if step.action in ("remove", "move")]
    elsewhere = {step.team for step in came} - {order.team}
    if not changed or elsewhere:  # a plan removes from one team only
        return None
    request = PlanRequest(
        team=order.team,
        entries=tuple(_entry(step) for step in back)[:PEOPLE_LIMIT],
        removals=tuple(filter(None, (_name(step, register) for step in came)))[:PEOPLE_LIMIT],
        source=f"undo of plan {order.plan_id}",
    )
    return Undo(
        title=f"Plan to take it back: {len(came)} out, {len(back)} back in",
        method="POST",
        path="roster/plans",
        body=request.as_json(),
    )


def _entry(step: Step) -> Entry:
    return Entry(
        name=step.name,
        email=step.email,
        login=step.login,
        github_id=step.github_id,
        team=step.from_team or step.team,
    )


def _name(step: Step, register: Register) -> str:
    """Return what names somebody in the removals of a plan."""
    if step.github_id is not None:
        return f"github:{step.github_id}"
    known = find_of_step(register, step)
    return known.key if known else ""
