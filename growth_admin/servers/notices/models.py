"""Notices, what is asked for with them, and what came back."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from growth_admin.core.schema import Model, Moment, now
from growth_admin.core.snapshots import Numbered

TEXT_LIMIT: Final = 1000
POSTPONE_LIMIT_MIN: Final = 240
NAMES_LIMIT: Final = 20_000
TOAST_LIMIT: Final = 140
"""JupyterLab cuts the text of a toast there."""
LASTS: Final = timedelta(hours=12)
"""How long a notice is shown that does not say until when."""
AFTER_RESTART: Final = timedelta(minutes=30)

Level = Literal["info", "warning"]
Kind = Literal["bar", "toast"]
State = Literal["planned", "shown", "ended", "withdrawn"]


def _https(link: str) -> str:
    if link and (urlsplit(link).scheme != "https" or not urlsplit(link).hostname):
        raise ValueError("only links that begin with https:// are shown to students")
    return link


Link = Annotated[str, Field(max_length=500), AfterValidator(_https)]
Text = Annotated[str, Field(min_length=1, max_length=TEXT_LIMIT, pattern=r"\S")]
Names = Annotated[tuple[str, ...], Field(max_length=NAMES_LIMIT)]


class Audience(Model):
    """Who is meant: any of these; without a name, everybody."""

    groups: Names = Field(default=(), description="hub groups, for example students")
    users: Names = Field(default=(), description="hub users, on each of their servers")
    servers: Names = Field(
        default=(), description="single servers: `user`, or `user/server` for a named one"
    )

    def in_words(self) -> str:
        """Return who is meant, in a few words."""
        names = (*self.groups, *self.users, *self.servers)
        if not names:
            return "everybody"
        shown = ", ".join(names[:3])
        return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"


class Restart(Model):
    """That the server of whoever reads the notice is restarted."""

    at: Moment = Field(description="when, at the earliest")
    may_postpone_min: int = Field(
        default=0,
        ge=0,
        le=POSTPONE_LIMIT_MIN,
        description="how many minutes more somebody may ask for; 0: none",
    )
    may_go_now: bool = Field(
        default=False, description="whether somebody who is ready may ask to be restarted at once"
    )
    asks_busy: bool = Field(
        default=False, description="whether servers are asked how many of their kernels are busy"
    )
    is_stop: bool = Field(default=False, description="whether it is stopped and stays so")
    moved: dict[str, Moment] = Field(
        default={}, description="servers that were given another time, by `user[/server]`"
    )
    done: Names = Field(
        default=(), description="servers that it no longer concerns: `user` or `user/server`"
    )
    job_id: str = Field(default="", max_length=80, description="the job that restarts them")


class NoticeDraft(Model):
    """A notice as somebody writes it."""

    text: Text = Field(description="plain text; markup is shown as it is")
    level: Level = "info"
    kind: Kind = Field(default="bar", description="a bar on top, or a toast in the corner")
    audience: Audience = Audience()
    since: Moment | None = Field(default=None, description="shown from then on; empty: at once")
    until: Moment | None = Field(
        default=None, description="shown until then; empty: for 12 hours, or past the restart"
    )
    link: Link = Field(default="", description="where to read more, https only")
    restart: Restart | None = None

    @model_validator(mode="after")
    def _fits(self) -> NoticeDraft:
        if self.kind == "toast" and self.restart:
            raise ValueError("a restart is announced in a bar: a toast goes away unseen")
        if self.kind == "toast" and len(self.text) > TOAST_LIMIT:
            raise ValueError(f"a toast has at most {TOAST_LIMIT} characters; use a bar")
        if self.until and self.until <= max(filter(None, (self.since, now()))):
            raise ValueError("until is not after the notice begins, or has passed")
        return self


class NoticeChange(Model):
    """What is to be different; what is not given stays."""

    text: Text | None = None
    level: Level | None = None
    link: Link | None = None
    until: Moment | None = None
    restart_at: Moment | None = Field(
        default=None, description="another time for the restart, for all who had the old one"
    )


class Notice(NoticeDraft):
    """A notice as it is kept."""

    id: str
    since: Moment
    until: Moment
    written: Moment
    written_by: str
    changed: Moment | None = None
    changed_by: str = ""
    withdrawn: Moment | None = None
    withdrawn_by: str = ""

    @model_validator(mode="after")
    def _fits(self) -> Notice:
        return self  # what was good when it was written is kept

    @property
    def state(self) -> State:
        """How it stands now."""
        moment = now()
        if self.withdrawn:
            return "withdrawn"
        if moment < self.since:
            return "planned"
        return "shown" if moment < self.until else "ended"


class Book(Numbered):
    """All notices that are kept, oldest first."""

    notices: tuple[Notice, ...] = ()


class NoticeReceipt(Model):
    """What one server said to a notice, all times by that server's clock."""

    user: str
    server_name: str = ""
    is_proven: bool = Field(description="the file belongs to the account that is known as theirs")
    seen: Moment | None = None
    saved: Moment | None = None
    documents: int = Field(default=0, description="how many were saved")
    unsaved: int = Field(default=0, description="how many could not be saved")
    ready: Moment | None = Field(default=None, description="when they asked to be restarted now")
    wants_time: Moment | None = Field(default=None, description="when they asked for more time")
    wants_min: int = Field(default=0, description="minutes that they asked for")
    busy_kernels: int | None = Field(default=None, description="as last told, where asked")
    told: Moment | None = Field(default=None, description="when that was")


class Counts(Model):
    """How many servers said what."""

    seen: int = 0
    saved: int = 0
    unsaved: int = 0
    ready: int = 0
    wants_time: int = 0
    busy: int = 0


class NoticeRow(Model):
    """A notice in the list."""

    notice: Notice
    state: State
    audience: str = Field(description="who is meant, in words")
    counts: Counts


class NoticeList(Model):
    """Notices, newest first."""

    notices: tuple[NoticeRow, ...]
    problems: tuple[str, ...] = Field(default=(), description="what is not as it should be")


class NoticeDetails(NoticeRow):
    """A notice with each receipt."""

    receipts: tuple[NoticeReceipt, ...]
