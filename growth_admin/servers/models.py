"""Users' servers, as this room shows and takes them."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field, model_validator

from growth_admin.core.plan import Plan
from growth_admin.core.schema import Model, Moment
from growth_admin.servers.notices.models import POSTPONE_LIMIT_MIN, TEXT_LIMIT, Link

Action = Literal["start", "stop", "restart"]
State = Literal["ready", "spawning", "stopping", "stopped"]
TARGET_LIMIT: Final = 10_000
IN_FLIGHT_LIMIT: Final = 100
WARN_LIMIT_MIN: Final = 24 * 60
PAGE_LIMIT: Final = 10_000


class ServerDataset(Model):
    """What the last start left of one dataset in the student's home."""

    name: str
    state: str = Field(description="current, behind, edited, partial or missing")


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
    image: str | None = Field(
        default=None, description="the image asked for, or that of the last start, where known"
    )
    groups: tuple[str, ...] = Field(default=(), description="hub groups of the user")
    is_own: bool = Field(default=False, description="whether this very server shows the list")
    ready_since: Moment | None = Field(default=None, description="when it was started, if ready")
    idle_since: Moment | None = Field(
        default=None, description="last activity of a ready server that was idle for 10 minutes"
    )
    busy_kernels: int | None = Field(default=None, description="where known; the hub does not")
    image_digest: str | None = Field(default=None, description="of the last start, where known")
    is_digest_inferred: bool = Field(
        default=False, description="whether it is told by what the tag named at that start"
    )
    scripts: dict[str, int | None] | None = Field(
        default=None,
        description="revision of each start script in the last start; null: a text that our "
        "history does not hold",
    )
    is_old_revision: bool | None = Field(
        default=None, description="whether a script that is live now is another than that which ran"
    )
    start_result: str | None = Field(default=None, description="how the last start went")
    data: tuple[ServerDataset, ...] | None = Field(
        default=None, description="the student's datasets, as the last start left them"
    )


class ServerList(Model):
    """Servers by user's name."""

    servers: tuple[Server, ...]
    total: int = Field(description="how many there are without the filter, as far as known")
    ready: int = Field(default=0, description="how many of them are ready, as far as known")
    as_of: Moment = Field(description="when the hub was asked")
    next_offset: int | None = Field(
        default=None, description="where the next page begins, if there may be one"
    )
    notes: tuple[str, ...] = Field(default=(), description="what this list cannot know, and why")


class Target(Model):
    """A server that something is to be done with."""

    user: str = Field(min_length=1, max_length=255)
    server_name: str = Field(default="", max_length=255, description="empty for the default one")


class PlannedTarget(Target):
    """A target as a plan saw it.

    Where ``state`` is given, a server that has changed since then is left alone, and the plan
    stays good for the others; without it, any change makes the plan stale.
    """

    state: State | None = None
    started: Moment | None = None


class Selector(Model):
    """Servers by what they are; all conditions hold. Without any: everybody's default server."""

    groups: tuple[str, ...] = Field(default=(), description="users in any of these hub groups")
    states: tuple[State, ...] = Field(default=(), description="servers in any of these states")
    name: str = Field(default="", max_length=255, description="a part of the user's name")
    image_not: str = Field(
        default="",
        max_length=255,
        description="servers whose last start was with another image: a reference, or a digest",
    )
    is_old_revision: bool = Field(
        default=False, description="servers that ran another script revision than the live one"
    )
    idle_min: int | None = Field(
        default=None, ge=1, le=525_600, description="minutes since the last activity, at least"
    )
    start_results: tuple[str, ...] = Field(
        default=(), description="servers whose last start went so, for example failed"
    )
    has_named: bool = Field(
        default=False, description="named servers too, not the default ones only"
    )


class Pace(Model):
    """How carefully many servers are started or restarted."""

    max_in_flight: int = Field(
        default=10,
        ge=1,
        le=IN_FLIGHT_LIMIT,
        description="how many are between stop and ready at once, at most; fewer by itself while "
        "the hub says that it starts too many (concurrent_spawn_limit)",
    )
    canary_count: int = Field(
        default=1,
        ge=0,
        le=TARGET_LIMIT,
        description="how many go first, alone; if one of them fails, the others are left alone",
    )
    canaries: tuple[Target, ...] = Field(
        default=(), max_length=TARGET_LIMIT, description="which ones go first, instead of a number"
    )
    stop_at_failures: float = Field(
        default=0.1,
        ge=0,
        le=1,
        description="the rest is left alone once more than this part of those tried has failed, "
        "but not for a single failure; 0: for the first one, 1: never",
    )


class Courtesy(Model):
    """How users are told before their servers are restarted or stopped, and what they may ask.

    The own server is never among those that are told: it comes last, when its owner asked for it.
    """

    warn_min: int = Field(
        default=0,
        ge=0,
        le=WARN_LIMIT_MIN,
        description="minutes between the notice and the first restart; 0: nobody is told",
    )
    text: str = Field(
        default="",
        max_length=TEXT_LIMIT,
        description="what the notice says, as plain text; empty: a sentence that fits",
    )
    may_postpone_min: int = Field(
        default=0,
        ge=0,
        le=POSTPONE_LIMIT_MIN,
        description="how many minutes more a user may ask for, in steps of ten; 0: none",
    )
    may_go_now: bool = Field(
        default=True, description="whether a user who is ready may be restarted before the time"
    )
    wait_for_busy_min: int = Field(
        default=0,
        ge=0,
        le=POSTPONE_LIMIT_MIN,
        description="how many minutes a server with busy kernels is waited for, at most",
    )
    link: Link = Field(default="", description="where users can read more, https only")

    @model_validator(mode="after")
    def _is_told_first(self) -> Courtesy:
        asked = {
            "a text": bool(self.text),
            "a link": bool(self.link),
            "more time": self.may_postpone_min > 0,
            "waiting for busy kernels": self.wait_for_busy_min > 0,
        }
        for what, is_asked in asked.items():
            if is_asked and not self.warn_min:
                raise ValueError(f"{what} needs a warning of at least a minute before")
        if self.text and not self.text.strip():
            raise ValueError("the text says nothing")
        return self


class PlanRequest(Model):
    """What to do with which servers: those named, or those that a selector finds."""

    action: Action
    servers: tuple[PlannedTarget, ...] = Field(default=(), max_length=TARGET_LIMIT)
    selector: Selector | None = None
    pace: Pace = Pace()
    courtesy: Courtesy = Courtesy()

    @model_validator(mode="after")
    def _names_or_finds(self) -> PlanRequest:
        if bool(self.servers) == (self.selector is not None):
            raise ValueError("give either servers or a selector")
        if self.action == "start" and self.courtesy.warn_min:
            raise ValueError("a start needs no warning: leave warn_min out")
        return self


class ApplyRequest(PlanRequest):
    """A plan that was shown and is to be done.

    Best with the ``servers`` of the plan: a selector is asked again, and if it finds others than
    those that were shown, the plan is stale.
    """

    plan_id: str = Field(min_length=1, max_length=64)


class ServerPlan(Plan):
    """A plan with the servers that it is for, as they were when it was made."""

    servers: tuple[PlannedTarget, ...] = ()
    pace: Pace = Pace()
    courtesy: Courtesy = Courtesy()
    waves: int = Field(default=1, description="how many waves, that of the canaries included")
    about_s: float | None = Field(
        default=None,
        description="how long it may take with the warning, where earlier starts were measured",
    )
    announcement: str = Field(
        default="", description="what users are told, when, and what they may ask for"
    )
