"""Starting, stopping and restarting one server, as a sequence of looks and decisions.

Before each request to the hub the mark of the target is kept, and after each break (a dropped
connection, a restarted hub, another admin's server that took the job over) the server is looked at
again. The moment a server was started tells its lives apart, so that nobody is restarted twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from growth_admin.core.schema import Model, Moment
from growth_admin.servers.courtesy import Heard
from growth_admin.servers.hub_models import HubServer, ServerState
from growth_admin.servers.models import Action, Target

Phase = Literal["new", "stopping", "starting", "ended"]
RUNNING: Final = ("ready", "checking", "spawning")
ASKS_LIMIT: Final = 3
"""How often one request is repeated when nobody knows whether it arrived."""


class Mark(Model):
    """How far one target came; what a later run needs to go on."""

    target: Target
    started: Moment | None = None
    wave: int = 1
    is_canary: bool = False
    phase: Phase = "new"
    stops_asked: int = 0
    starts_asked: int = 0
    is_uncertain: bool = False
    """Whether the last request may have been lost."""
    result: str = ""
    detail: str = ""
    is_spawn_failure: bool = False
    is_gone: bool = False
    """Whether it failed because the user is not there any more: no sign of anything wrong."""
    heard: Heard = Heard()


@dataclass(frozen=True)
class Step:
    """What comes next for a target."""

    kind: Literal["ask-stop", "ask-start", "wait", "end"]
    result: Literal["", "done", "skipped", "failed"] = ""
    detail: str = ""
    is_spawn_failure: bool = False
    is_gone: bool = False


WAIT: Final = Step("wait")


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


def decide(action: Action, mark: Mark, server: HubServer | None) -> Step:
    """Return the next step for a server as it is seen now; ``None`` when its user is gone."""
    if server is None:
        result: Literal["skipped", "failed"] = "skipped" if mark.phase == "new" else "failed"
        return Step("end", result, "the user is not known to the hub any more", is_gone=True)
    if server.state == "checking":
        return WAIT
    if mark.phase == "new":
        return _begin(action, mark, server)
    if mark.phase == "stopping":
        return _after_stop(action, mark, server)
    return _after_start(mark, server)


def believed_state(action: Action, mark: Mark) -> ServerState | None:
    """Return how a server is after the hub said "done", or nothing where a look must tell.

    The hub answers 201 only for a server that it has just made ready. It also says "stopped" when
    that failed: a start is then refused, but a stop must look.
    """
    if mark.phase == "starting":
        return "ready" if mark.started or not mark.stops_asked else None
    return "stopped" if action == "restart" else None


def _begin(action: Action, mark: Mark, server: HubServer) -> Step:
    if action == "start" and server.state == "stopping":
        return WAIT
    skipped = reason_to_skip(action, server.state)
    if skipped:
        return Step("end", "skipped", skipped)
    if action == "start":
        return Step("ask-start")
    is_there = action == "restart" or (mark.started and server.started)
    if is_there and _is_other_life(mark, server):
        return Step("end", "skipped", "was restarted meanwhile")
    return Step("ask-stop")


def _after_stop(action: Action, mark: Mark, server: HubServer) -> Step:
    if server.state == "stopping":
        return WAIT
    if server.state == "stopped":
        return Step("ask-start") if action == "restart" else Step("end", "done")
    if _is_other_life(mark, server):
        # somebody was quicker than we: the owner, or the admin whose own server this is
        if action == "stop":
            return Step("end", "done", "was started again since")
        return WAIT if server.state == "spawning" else Step("end", "done")
    if mark.stops_asked >= ASKS_LIMIT:
        return Step("end", "failed", "the hub did not stop it")
    return Step("ask-stop")


def _after_start(mark: Mark, server: HubServer) -> Step:
    if server.state in ("spawning", "stopping"):
        return WAIT
    if server.state == "ready":
        if mark.stops_asked and not _is_other_life(mark, server):
            # the hub said stopped, but the old server is still there
            is_over = mark.stops_asked >= ASKS_LIMIT
            return Step("end", "failed", "the hub did not stop it") if is_over else Step("ask-stop")
        return Step("end", "done")
    if mark.is_uncertain and mark.starts_asked < ASKS_LIMIT:
        return Step("ask-start")
    return Step("end", "failed", "the start failed", is_spawn_failure=True)


def _is_other_life(mark: Mark, server: HubServer) -> bool:
    """Return whether this is not the server that ran when the plan was made.

    A server that is being started has no moment of its start yet.
    """
    return server.started != mark.started
