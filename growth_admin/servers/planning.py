"""What is about to happen to servers, in words. Nothing here asks or changes anything."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from growth_admin.core.plan import PlanItem, make_plan
from growth_admin.servers.control import Mark, reason_to_skip
from growth_admin.servers.courtesy import announcement_of
from growth_admin.servers.hub import label
from growth_admin.servers.hub_models import HubServer, ServerState
from growth_admin.servers.models import (
    Action,
    Courtesy,
    Pace,
    PlannedTarget,
    ServerPlan,
    State,
    Target,
)
from growth_admin.servers.waves import choose_canaries, lay_out

ACTIVE: Final = timedelta(minutes=10)
"""Servers report what they do about every five minutes, so a shorter time would see nothing."""
CONFIRM_ABOVE: Final = 10
NAMES_SHOWN: Final = 5
SKIPPED: Final = "skip"
UNTOLD: Final = Courtesy()


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


@dataclass(frozen=True)
class Layout:
    """Which of the looks are changed, in which wave, and which of them are canaries."""

    done: tuple[int, ...]
    waves: tuple[int, ...]
    canaries: frozenset[int]

    @property
    def count(self) -> int:
        """How many waves there are."""
        return max(self.waves, default=1)


def lay_out_looks(action: Action, looks: Sequence[Look], pace: Pace, own: Target) -> Layout:
    """Return how the plan is laid out; indexes are those of ``looks``.

    Raises ``InvalidInput`` for canaries that are not among those that are changed.
    """
    done = [i for i, look in enumerate(looks) if not reason_to_skip(action, look.server.state)]
    targets = [as_target(looks[i].target) for i in done]
    canaries = choose_canaries(action, targets, pace, own)
    waves = lay_out(targets, canaries, pace, own)
    return Layout(tuple(done), waves, frozenset(done[i] for i in canaries))


def plan_control(
    action: Action,
    looks: Sequence[Look],
    at: datetime,
    *,
    pace: Pace,
    layout: Layout,
    courtesy: Courtesy = UNTOLD,
    took_s: float | None = None,
    notes: Sequence[str] = (),
) -> ServerPlan:
    """Return the plan; its id covers the state and the start of every target, not the warnings.

    ``took_s`` is how long one server took lately, if that was measured.
    """
    done = [looks[i] for i in layout.done]
    told = [look for look in done if not look.is_own] if courtesy.warn_min else []
    warn_s = courtesy.warn_min * 60 if told else 0
    about_s = warn_s + layout.count * took_s if took_s and done else None
    is_spread = len(done) > pace.max_in_flight
    plan = make_plan(
        action=action,
        title=title_of(
            action,
            done or looks,
            waves=layout.count if is_spread else 1,
            warn_min=courtesy.warn_min if told else 0,
            about_s=about_s,
        ),
        items=tuple(_item(action, look, i in layout.canaries) for i, look in enumerate(looks)),
        world=[[_world(look) for look in looks], pace.as_json(), courtesy.as_json()],
        warnings=(*_warnings(action, looks, done, at, is_told=bool(told)), *notes),
        confirm_number=len(done) if len(done) > CONFIRM_ABOVE else None,
    )
    return ServerPlan(
        **dict(plan),
        servers=tuple(planned(look) for look in looks),
        pace=pace,
        courtesy=courtesy,
        waves=layout.count,
        about_s=about_s,
        announcement=announcement_of(action, len(told), courtesy) if told else "",
    )


def planned(look: Look) -> PlannedTarget:
    """Return the target as it is seen now."""
    return PlannedTarget(
        user=look.target.user,
        server_name=look.target.server_name,
        state=_plain(look.server.state),
        started=look.server.started,
    )


def as_shown(looks: Sequence[Look], targets: Sequence[Target]) -> list[Look]:
    """Return the looks as the plan saw them, if every target says so; otherwise as they are."""
    seen = {as_target(t): t for t in targets if isinstance(t, PlannedTarget) and t.state}
    if len(seen) < len(looks):
        return list(looks)
    return [
        Look(
            look.target,
            HubServer(look.target.server_name, state, seen[look.target].started),
            look.is_own,
        )
        for look in looks
        if (state := seen[look.target].state)
    ]


def marks_of(action: Action, looks: Sequence[Look], layout: Layout) -> list[Mark]:
    """Return the marks that a job begins with; what the plan skips has ended already."""
    wave_of = dict(zip(layout.done, layout.waves, strict=True))
    return [
        Mark(
            target=look.target,
            started=look.server.started,
            wave=wave_of[i],
            is_canary=i in layout.canaries,
        )
        if i in wave_of
        else Mark(
            target=look.target,
            phase="ended",
            result="skipped",
            detail=reason_to_skip(action, look.server.state),
        )
        for i, look in enumerate(looks)
    ]


def as_target(target: Target) -> Target:
    """Return only what names the server."""
    return Target(user=target.user, server_name=target.server_name)


def title_of(
    action: str,
    looks: Sequence[Look],
    *,
    waves: int = 1,
    warn_min: int = 0,
    about_s: float | None = None,
) -> str:
    """Return the plan in one sentence, without its full stop."""
    verb = action.capitalize()
    after = f" after {warn_min} min of warning" if warn_min else ""
    if len(looks) > 1:
        in_waves = f" in {waves} waves" if waves > 1 else ""
        about = f", about {_duration(about_s)}" if about_s and len(looks) > CONFIRM_ABOVE else ""
        return f"{verb} {len(looks)} servers{in_waves}{after}{about}"
    only = looks[0]
    if only.is_own:
        return f"{verb} your own server"
    if only.target.server_name:
        return f"{verb} {only.label}{after}"
    return f"{verb} {only.label}'s server{after}"


def _duration(seconds: float) -> str:
    return f"{max(round(seconds, -1), 10):.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def _plain(state: ServerState) -> State:
    return "ready" if state == "checking" else state


def _item(action: Action, look: Look, is_canary: bool) -> PlanItem:
    skipped = reason_to_skip(action, look.server.state)
    if skipped:
        return PlanItem(target=look.label, action=SKIPPED, detail=skipped)
    detail = "your own server, last" if look.is_own else "first, as a canary" if is_canary else ""
    return PlanItem(target=look.label, action=action, detail=detail)


def _world(look: Look) -> list[str]:
    started = look.server.started
    named = [look.target.user, look.target.server_name, _plain(look.server.state)]
    return [*named, started.isoformat() if started else ""]


def _warnings(
    action: Action,
    looks: Sequence[Look],
    done: Collection[Look],
    at: datetime,
    *,
    is_told: bool,
) -> list[str]:
    said: list[str] = []
    if action != "start":
        if any(look.is_own for look in done):
            said.append(_own_warning(action))
        active = [look for look in done if not look.is_own and _idle(look, at) < ACTIVE]
        if active and not is_told:
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
