"""What was done with servers, in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from growth_admin.core.errors import HubRefused
from growth_admin.core.plan import Receipt, ReceiptItem
from growth_admin.core.schema import now
from growth_admin.servers.control import Mark
from growth_admin.servers.courtesy import story
from growth_admin.servers.hub import label
from growth_admin.servers.models import Action

PAST: Final[dict[Action, str]] = {"start": "Started", "stop": "Stopped", "restart": "Restarted"}
AFTER_WARNING: Final = re.compile(r" after \d+ min of warning$")


def receipt_of(action: Action, *, plan_id: str, title: str, marks: Sequence[Mark]) -> Receipt:
    """Return the receipt; ``title`` is the plan's, and becomes its past if all went well."""
    return Receipt(
        plan_id=plan_id,
        title=_said(action, title, marks),
        finished=now(),
        items=tuple(
            ReceiptItem(
                target=name_of(mark),
                action=action,
                result=mark.result,
                detail="; ".join(filter(None, (mark.detail, story(mark.heard)))),
            )
            for mark in marks
        ),
    )


def _said(action: Action, title: str, marks: Sequence[Mark]) -> str:
    """Return what happened, in one sentence: who went early had no warning of so many minutes."""
    done = sum(mark.result == "done" for mark in marks)
    tried = sum(mark.result != "skipped" for mark in marks)
    early = sum(mark.result == "done" and mark.heard.went_early for mark in marks)
    if tried and done == tried:
        said = title.partition(", about ")[0].replace(action.capitalize(), PAST[action], 1)
    else:
        said = f"{PAST[action]} {done} of {len(marks)} servers"
    if not early:
        return said
    if early == done:
        return f"{AFTER_WARNING.sub('', said)} early, at their own wish"
    return f"{said}, {early} of them early, at their own wish"


def error_of(marks: Sequence[Mark]) -> HubRefused | None:
    """Return why the job as a whole has failed, if any server did."""
    failed = [mark for mark in marks if mark.result == "failed"]
    if not failed:
        return None
    others = len(failed) - 1
    more = f" {others} more failed." if others else ""
    return HubRefused(
        f"{name_of(failed[0])}: {failed[0].detail}.{more}",
        hint="Read the receipt, mend the cause, and make a new plan for those that failed.",
    )


def name_of(mark: Mark) -> str:
    """Return the mark's server as people write it."""
    return label(mark.target.user, mark.target.server_name)
