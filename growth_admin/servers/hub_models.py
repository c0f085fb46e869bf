"""What the hub says about users and servers, as far as this room needs it.

Source: JupyterHub REST API, schemas User and Server. Fields that the token may not see are missing
from the hub's answer and empty here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from growth_admin.core.errors import HubUnavailable

ServerState = Literal["ready", "checking", "spawning", "stopping", "stopped"]
"""``checking``: the hub was restarted and has not yet looked whether this server lives."""


@dataclass(frozen=True)
class HubServer:
    """One server; the default one has the empty name."""

    name: str
    state: ServerState
    started: datetime | None = None
    last_activity: datetime | None = None
    url: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class HubUser:
    """One user with the servers that the hub listed."""

    name: str
    groups: tuple[str, ...] = ()
    last_activity: datetime | None = None
    is_admin: bool = False
    servers: Mapping[str, HubServer] = field(default_factory=dict)

    def server(self, name: str) -> HubServer:
        """Return the server of this name; one that the hub did not list is stopped."""
        return self.servers.get(name) or HubServer(name, "stopped")


@dataclass(frozen=True)
class Answer:
    """How the hub answered a request to start or stop.

    ``done``: it is ready, or stopped. ``pending``: under way. ``conflict``: the server is in no
    state for this, look again. ``busy``: ask again in ``retry_after_s``. ``failed``: it was tried
    and did not work, ``detail`` says why.
    """

    outcome: Literal["done", "pending", "conflict", "busy", "failed"]
    detail: str = ""
    retry_after_s: float = 0.0


@dataclass(frozen=True)
class ProgressEvent:
    """A line of a start's progress; ``progress`` is 0 to 100."""

    progress: int
    message: str
    is_ready: bool = False
    is_failed: bool = False


def parse_user(given: Any) -> HubUser:
    """Return the hub's user model as ours. Raises ``HubUnavailable`` for anything else."""
    try:
        servers = given.get("servers") or {}
        return HubUser(
            name=str(given["name"]),
            groups=tuple(str(group) for group in given.get("groups") or ()),
            last_activity=_moment(given.get("last_activity")),
            is_admin=bool(given.get("admin")),
            servers={str(name): _server(str(name), model) for name, model in servers.items()},
        )
    except (AttributeError, KeyError, TypeError, ValueError) as e:
        raise HubUnavailable("The hub's answer about a user makes no sense.") from e


def parse_guests(given: Any, known: tuple[str, str] = ("", "")) -> tuple[str, ...]:
    """Return with whom the hub's list of shares says it is shared: users, and ``group NAME``.

    ``known`` is a server's name and a user whose share of that one is left out. Raises
    ``HubUnavailable`` for anything else.
    """
    try:
        shares = given["items"] if isinstance(given, Mapping) else given
        return tuple(
            str(share["user"]["name"]) if share.get("user") else f"group {share['group']['name']}"
            for share in shares
            if not share.get("user") or (_server_of(share), share["user"]["name"]) != known
        )
    except (AttributeError, KeyError, TypeError) as e:
        raise HubUnavailable("The hub's list of shares makes no sense.") from e


def _server_of(share: Mapping[str, Any]) -> str:
    return str(share["server"].get("name", "")) if share.get("server") else ""


def parse_progress(given: Any) -> ProgressEvent:
    """Return one event of the hub's progress stream as ours."""
    return ProgressEvent(
        progress=int(given.get("progress") or 0),
        message=str(given.get("message") or ""),
        is_ready=bool(given.get("ready")),
        is_failed=bool(given.get("failed")),
    )


def _server(name: str, given: Mapping[str, Any]) -> HubServer:
    return HubServer(
        name=name,
        state=_state(given),
        started=_moment(given.get("started")),
        last_activity=_moment(given.get("last_activity")),
        url=str(given.get("url") or ""),
        options=dict(given.get("user_options") or {}),
    )


def _state(given: Mapping[str, Any]) -> ServerState:
    known: dict[str, ServerState] = {"spawn": "spawning", "stop": "stopping", "check": "checking"}
    pending = given.get("pending")
    if pending in known:
        return known[str(pending)]
    return "ready" if given.get("ready") else "stopped"


def _moment(given: Any) -> datetime | None:
    return datetime.fromisoformat(str(given)) if given else None
