"""What is about to happen to servers, in words. Nothing here asks or changes anything."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from growth_admin.core.plan import Plan, PlanItem, make_plan
from growth_admin.servers.hub import label
from growth_admin.servers.hub_models import HubServer, ServerState
from growth_admin.servers.models import Action, Target

ACTIVE: Final = timedelta(minutes=10)
"""Servers report what they do about every five minutes, so a shorter time would see nothing."""
CONFIRM_ABOVE: Final = 10
NAMES_SHOWN: Final = 5
SKIPPED: Final = "skip"
RUNNING: Final = ("ready", "checking", "spawning")


@dataclass(frozen=True)
class Look:
    """A target, and how it was when the hub was asked."""

    target: Target
    server: HubServer
    is_own: bool = False

    @property
    def label(self) -> str:
        """The server as people write it."""
        return label(self.target.user, self.target.server_name)


def reason_to_skip(action: Action, state: ServerState) -> str:
    """Return why a server in this state is left alone, or nothing."""
    if action == "start" and state in RUNNING:
        return "is starting already" if state == "spawning" else "runs already"
    if action == "stop" and state not in RUNNING:
        return "is stopping already" if state == "stopping" else "is not running"
    if action == "restart" and state == "spawning":
        return "is starting already; to interrupt a start, stop it"
    if action == "restart" and state == "stopping":
        return "is being stopped, and a restart does not start it again"
    if action == "restart" and state == "stopped":
        return "is not running, and a restart does not start it"
    return ""


def plan_control(action: Action, looks: Sequence[Look], at: datetime) -> Plan:
    """Return the plan; its id covers the state and the start of every target, not the warnings."""
    done = [look for look in looks if not reason_to_skip(action, look.server.state)]
    return make_plan(
        action=action,
        title=title_of(action, done or looks),
        items=tuple(_item(action, look) for look in looks),
        world=[_world(look) for look in looks],
        warnings=tuple(_warnings(action, looks, done, at)),
        confirm_number=len(done) if len(done) > CONFIRM_ABOVE else None,
    )


def title_of(action: str, looks: Sequence[Look]) -> str:
    """Return the plan in one sentence, without its full stop."""
    verb = action.capitalize()
    if len(looks) > 1:
        return f"{verb} {len(looks)} servers"
    only = looks[0]
    if only.is_own:
        return f"{verb} your own server"
    if only.target.server_name:
        return f"{verb} {only.label}"
    return f"{verb} {only.label}'s server"


def _item(action: Action, look: Look) -> PlanItem:
    skipped = reason_to_skip(action, look.server.state)
    if skipped:
        return PlanItem(target=look.label, action=SKIPPED, detail=skipped)
    detail = "your own server, last" if look.is_own else ""
    return PlanItem(target=look.label, action=action, detail=detail)


def _world(look: Look) -> list[str]:
    state = "ready" if look.server.state == "checking" else look.server.state
    started = look.server.started
    return [look.target.user, look.target.server_name, state, str(started or "")]


def _warnings(
    action: Action, looks: Sequence[Look], done: Collection[Look], at: datetime
) -> list[str]:
    said: list[str] = []
    if action != "start":
        if any(look.is_own for look in done):
            said.append(_own_warning(action))
        active = [look for look in done if not look.is_own and _idle(look, at) < ACTIVE]
        if active:
            said.append(_active_warning(active, at))
    skipped = [look for look in looks if look not in done]
    if skipped and not done:
        said.append("There is nothing to do.")
    by_reason: dict[str, list[str]] = {}
    for look in skipped:
        reason = reason_to_skip(action, look.server.state)
        by_reason.setdefault(reason, []).append(look.label)
    for reason, names in by_reason.items():
        said.append(f"{names_in_words(names)}: {reason}.")
    return said


def _own_warning(action: Action) -> str:
    after = "" if action == "stop" else ", which finishes the restart"
    return (
        "One of these is the server you are using: this page loses it, and what is not saved may "
        f"be lost. JupyterLab then offers to start it again{after}."
    )


def _active_warning(active: Sequence[Look], at: datetime) -> str:
    if len(active) == 1:
        minutes = int(_idle(active[0], at).total_seconds() // 60)
        ago = f"{minutes} min ago" if minutes else "less than a minute ago"
        return f"{active[0].label} was active {ago}: what is not saved may be lost."
    minutes = int(ACTIVE.total_seconds() // 60)
    names = names_in_words([look.label for look in active])
    return (
        f"{len(active)} were active in the last {minutes} minutes ({names}): "
        "what is not saved may be lost."
    )


def _idle(look: Look, at: datetime) -> timedelta:
    last = look.server.last_activity
    return timedelta.max if last is None else at - last


def names_in_words(names: Sequence[str]) -> str:
    """Return the first few names, and how many more there are."""
    shown = ", ".join(names[:NAMES_SHOWN])
    more = len(names) - NAMES_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown
