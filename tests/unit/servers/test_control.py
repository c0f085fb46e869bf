"""What comes next for one target: each action, each phase, each state."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from growth_admin.servers.control import ASKS_LIMIT, Mark, decide
from growth_admin.servers.hub_models import HubServer, ServerState
from growth_admin.servers.models import Action, Target

OLD = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
NEW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
JANE = Target(user="jane-doe")


def mark(phase: str, **fields: object) -> Mark:
    return Mark.model_validate({"target": JANE, "started": OLD, "phase": phase, **fields})


def seen(state: ServerState, started: datetime | None = None) -> HubServer:
    return HubServer("", state, started)


@pytest.mark.parametrize(
    ("action", "state", "started", "kind", "result"),
    [
        ("start", "stopped", None, "ask-start", ""),
        ("start", "stopping", OLD, "wait", ""),
        ("start", "spawning", None, "end", "skipped"),
        ("start", "ready", OLD, "end", "skipped"),
        ("stop", "stopped", None, "end", "skipped"),
        ("stop", "stopping", OLD, "end", "skipped"),
        ("stop", "spawning", None, "ask-stop", ""),
        ("stop", "ready", OLD, "ask-stop", ""),
        ("restart", "stopped", None, "end", "skipped"),
        ("restart", "stopping", OLD, "end", "skipped"),
        ("restart", "spawning", None, "end", "skipped"),
        ("restart", "ready", OLD, "ask-stop", ""),
        ("restart", "ready", NEW, "end", "skipped"),
        ("start", "checking", OLD, "wait", ""),
        ("restart", "checking", OLD, "wait", ""),
    ],
)
def test_decide_when_nothing_was_done_then_only_a_running_server_is_restarted(
    action: Action, state: ServerState, started: datetime | None, kind: str, result: str
) -> None:
    step = decide(action, mark("new"), seen(state, started))
    assert (step.kind, step.result) == (kind, result)


@pytest.mark.parametrize(
    ("action", "state", "started", "kind", "result"),
    [
        ("restart", "stopping", OLD, "wait", ""),
        ("restart", "stopped", None, "ask-start", ""),
        ("restart", "ready", OLD, "ask-stop", ""),
        ("restart", "ready", NEW, "end", "done"),
        ("restart", "spawning", None, "wait", ""),
        ("stop", "stopped", None, "end", "done"),
        ("stop", "ready", OLD, "ask-stop", ""),
        ("stop", "ready", NEW, "end", "done"),
        ("stop", "spawning", None, "end", "done"),
    ],
)
def test_decide_when_a_stop_was_asked_then_the_next_life_is_never_stopped(
    action: Action, state: ServerState, started: datetime | None, kind: str, result: str
) -> None:
    step = decide(action, mark("stopping", stops_asked=1), seen(state, started))
    assert (step.kind, step.result) == (kind, result)


@pytest.mark.parametrize(
    ("state", "started", "is_uncertain", "asked", "kind", "result"),
    [
        ("spawning", None, False, 1, "wait", ""),
        ("ready", NEW, False, 1, "end", "done"),
        ("ready", OLD, False, 1, "ask-stop", ""),
        ("stopped", None, False, 1, "end", "failed"),
        ("stopped", None, True, 1, "ask-start", ""),
        ("stopped", None, True, ASKS_LIMIT, "end", "failed"),
    ],
)
def test_decide_when_a_start_was_asked_then_it_is_repeated_only_if_it_may_be_lost(
    state: ServerState,
    started: datetime | None,
    is_uncertain: bool,
    asked: int,
    kind: str,
    result: str,
) -> None:
    given = mark("starting", stops_asked=1, starts_asked=asked, is_uncertain=is_uncertain)
    step = decide("restart", given, seen(state, started))
    assert (step.kind, step.result) == (kind, result)


def test_decide_when_the_hub_never_stops_it_then_fails_in_the_end() -> None:
    given = mark("stopping", stops_asked=ASKS_LIMIT)
    assert decide("restart", given, seen("ready", OLD)).result == "failed"
    given = mark("starting", stops_asked=ASKS_LIMIT, starts_asked=1)
    assert decide("restart", given, seen("ready", OLD)).result == "failed"


@pytest.mark.parametrize(
    ("phase", "result"), [("new", "skipped"), ("stopping", "failed"), ("starting", "failed")]
)
def test_decide_when_the_user_is_gone_then_ends(phase: str, result: str) -> None:
    step = decide("restart", mark(phase), None)
    assert (step.kind, step.result) == ("end", result)
