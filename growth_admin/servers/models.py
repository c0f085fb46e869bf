"""Users' servers, as this room shows and takes them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from growth_admin.core.schema import Model, Moment

Action = Literal["start", "stop", "restart"]
State = Literal["ready", "spawning", "stopping", "stopped"]
TARGET_LIMIT = 10_000


class Server(Model):
    """One server, or the place of the default one that a user has not started."""

    user: str
    server_name: str = Field(description="empty for the default server")
    state: State
    started: Moment | None = Field(default=None, description="when it was started, if it runs")
    last_activity: Moment | None = Field(
        default=None, description="as last reported; servers report every few minutes"
    )
    url: str | None = Field(default=None, description="path on the hub's own address")
    image: str | None = Field(default=None, description="the image asked for, where the hub says")
    groups: tuple[str, ...] = Field(default=(), description="hub groups of the user")
    is_own: bool = Field(default=False, description="whether this very server shows the list")


class ServerList(Model):
    """Servers by user's name."""

    servers: tuple[Server, ...]
    total: int = Field(description="how many there are without the filter")
    as_of: Moment = Field(description="when the hub was asked")


class Target(Model):
    """A server that something is to be done with."""

    user: str = Field(min_length=1, max_length=255)
    server_name: str = Field(default="", max_length=255, description="empty for the default one")


class PlanRequest(Model):
    """What to do with which servers."""

    action: Action
    servers: tuple[Target, ...] = Field(min_length=1, max_length=TARGET_LIMIT)


class ApplyRequest(Model):
    """A plan that was shown and is to be done."""

    plan_id: str = Field(min_length=1, max_length=64)
    action: Action
    servers: tuple[Target, ...] = Field(min_length=1, max_length=TARGET_LIMIT)
