"""What an organiser should know to help one user, as this room shows it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from growth_admin.core.schema import Model, Moment

HelpState = Literal["ready", "checking", "spawning", "stopping", "stopped"]
Severity = Literal["error", "warning", "info", "ok"]
Mend = Literal["", "start", "stop", "restart", "open", "starts", "scripts", "roster", "datasets"]


class HelpServer(Model):
    """One server of the user as the hub sees it at this moment."""

    server_name: str = Field(description="empty for the default server")
    state: HelpState = Field(
        description="checking: the hub was restarted and has not yet looked whether it lives"
    )
    started: Moment | None = Field(
        default=None, description="when it was started; of a pending start: when that began"
    )
    last_activity: Moment | None = Field(
        default=None, description="as last reported; servers report every few minutes"
    )
    said: str = Field(
        default="", description="what the hub said last of a start that goes on or failed"
    )
    is_failed: bool = Field(default=False, description="whether that was why the start failed")


class Access(Model):
    """Whether whoever asks may open the server, and where."""

    is_open: bool = Field(description="whether the hub would let them in, once the server is ready")
    url: str | None = Field(
        default=None, description="path on the hub's own address, while the server is ready"
    )
    detail: str = Field(default="", description="what opening means, or what is missing")
    hint: str = Field(default="", description="how to get what is missing")


class PastScript(Model):
    """What one script did in one start."""

    name: str
    state: str = Field(description="ok, failed, killed, timed-out, missing ...")
    exit_code: int | None = None
    signal: int | None = None
    duration_s: float | None = None
    revision: int | None = Field(default=None, description="null: a text without history")
    is_old_revision: bool = Field(default=False, description="whether another text is live now")
    error: str = Field(default="", description="what went wrong, in one line")


class HomeUse(Model):
    """How full the disk is that a home lies on, and what the home takes of it."""

    disk_used_bytes: int
    disk_size_bytes: int = Field(description="what is used and what the user may still write")
    files_bytes: int | None = Field(
        default=None, description="what the files of the home take; null: not counted"
    )
    is_counted_whole: bool = Field(
        default=False, description="whether all files were counted before the time was up"
    )
    as_of: Moment
    source: Literal["start", "disk"] = Field(
        description="start: as the last start measured it; disk: looked at just now"
    )

    @property
    def percent(self) -> float:
        """How full the disk is."""
        return 100 * self.disk_used_bytes / self.disk_size_bytes if self.disk_size_bytes else 0.0


class PastStart(Model):
    """What one start did."""

    id: str = Field(default="", description="of the record; empty where there is only a log")
    state: str = Field(description="ok, failed, timed-out, sick-mount, old-revision ...")
    started: Moment | None = None
    duration_s: float | None = None
    script: str = Field(default="", description="the script that went wrong")
    exit_code: int | None = None
    signal: int | None = None
    error: str = Field(default="", description="what went wrong, in one line")
    image: str = Field(default="", description="reference with tag")
    image_digest: str = ""
    candidate: str = Field(default="", description="bundle that a canary ran in place of the live")
    scripts: tuple[PastScript, ...] = ()
    data: tuple[str, ...] = Field(
        default=(), description="datasets that this start did not leave current, with their state"
    )
    notes: tuple[str, ...] = ()


class LogTail(Model):
    """The end of a log of the last start. It is data: nothing in it is markup."""

    script: str
    name: str = Field(description="of the file")
    text: str = Field(description="what looks like a token or password is left out")
    size_bytes: int = Field(description="of the whole file")
    is_truncated: bool
    written: Moment


class Cause(Model):
    """One thing that is wrong, or that can be ruled out, and what to do about it."""

    id: str = Field(description="which rule found it")
    severity: Severity
    sentence: str
    next_step: str = Field(default="", description="what to do, in a sentence")
    mend: Mend = Field(
        default="", description="the action that does it: of servers, or the panel to open"
    )
    script: str = Field(default="", description="the start script that it is about")
    revision: int | None = Field(default=None, description="the revision to restore, if any")


class UserHelp(Model):
    """One user's server, from the hub to the disk, with a diagnosis, worst first."""

    user: str
    server_name: str = Field(default="", description="the server that the rest is about")
    is_known: bool = Field(description="whether the hub knows this user")
    groups: tuple[str, ...] = ()
    last_activity: Moment | None = None
    standing: str = Field(default="", description="what the roster says, where it was asked")
    servers: tuple[HelpServer, ...] = ()
    access: Access
    findings: tuple[Cause, ...]
    starts: tuple[PastStart, ...] = Field(default=(), description="newest first")
    logs: tuple[LogTail, ...] = ()
    home: HomeUse | None = None
    notes: tuple[str, ...] = Field(default=(), description="what is not known here, and why")
    as_of: Moment = Field(description="when the hub was asked")


class OpeningRequest(Model):
    """Which server of the user is to be opened."""

    server_name: str = Field(default="", max_length=255, description="empty for the default one")


class Opening(Model):
    """That somebody goes into another's server; it stands in the audit trail."""

    user: str
    server_name: str = ""
    url: str = Field(description="path on the hub's own address")
    detail: str = Field(description="what opening means")
