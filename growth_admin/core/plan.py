"""Plan, apply, receipt: every change is first something that can be shown and hashed.

A plan is a pure function of the request and of the world. Its id is a hash of both, so nothing
has to be stored: applying makes the plan again and refuses when the id differs.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from pydantic import Field

from growth_admin.core.errors import StalePlan
from growth_admin.core.schema import Model, Moment


class PlanItem(Model):
    """What happens to one thing."""

    target: str = Field(description="what is changed, for example a user or user/server")
    action: str = Field(description="what is done to it, one word")
    detail: str = Field(default="", description="what a reader should know before it is done")


class Plan(Model):
    """A change that has not happened yet."""

    id: str = Field(description="hash of the request and of the world it was made for")
    action: str = Field(description="the verb of the whole plan")
    title: str = Field(description="the plan in one sentence")
    warnings: tuple[str, ...] = Field(default=(), description="what may hurt, worst first")
    items: tuple[PlanItem, ...] = Field(description="one row per thing that changes")
    confirm_number: int | None = Field(
        default=None, description="the number that must be typed before applying, if any"
    )


class Undo(Model):
    """How to take a change back: a request of this same API."""

    title: str = Field(description="the undo in one sentence")
    method: str = Field(description="HTTP method")
    path: str = Field(description="path below the API's root")
    body: dict[str, Any] = Field(description="JSON body to send")


def is_undo_of(undo: Undo, area: str) -> bool:
    """Return whether an undo only makes versions of this area current, or takes them back.

    For what was read from where others may write: a click must not send just any request.
    """
    path = rf"{re.escape(area)}/[A-Za-z0-9][A-Za-z0-9._-]*/(restorations|undeletions)"
    return undo.method == "POST" and re.fullmatch(path, undo.path) is not None


class ReceiptItem(Model):
    """What happened to one thing."""

    target: str
    action: str
    result: str = Field(description="done, skipped or failed")
    detail: str = ""


class Receipt(Model):
    """What a change did, item by item, and how to undo it."""

    plan_id: str = Field(default="", description="the plan that was applied, if there was one")
    title: str = Field(description="what happened in one sentence")
    finished: Moment
    items: tuple[ReceiptItem, ...] = ()
    undo: Undo | None = None


def digest_of(*parts: Any) -> str:
    """Return the SHA-256 (hex) of JSON values, independent of the order of keys and of sets."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    # the order of a set differs from process to process, and so would the hash
    return sorted(map(str, value)) if isinstance(value, set | frozenset) else str(value)


def make_plan(
    *,
    action: str,
    title: str,
    items: tuple[PlanItem, ...],
    world: Any,
    warnings: tuple[str, ...] = (),
    confirm_number: int | None = None,
) -> Plan:
    """Return a plan whose id covers what will be done and the state of ``world`` it is for."""
    rows = [item.as_json() for item in items]
    return Plan(
        id=digest_of(action, rows, world)[:16],
        action=action,
        title=title,
        warnings=warnings,
        items=items,
        confirm_number=confirm_number,
    )


def require_same(shown_id: str, fresh: Plan) -> None:
    """Raise ``StalePlan`` unless the plan made now is the one that was shown."""
    if shown_id != fresh.id:
        raise StalePlan(
            f"Since this plan was shown, what it was made for has changed ({fresh.title}).",
            context={"plan": fresh.as_json()},
        )
