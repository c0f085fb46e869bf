"""What a start was: as the chain writes it down, and as the table shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

from pydantic import AwareDatetime, Field, FiniteFloat

from growth_admin.core.schema import Model, Moment

SCRIPTS: Final = ("as-root.sh", "as-user.sh")
ERROR_LIMIT_CHARS: Final = 300

ChainState = Literal[
    "ok", "failed", "timed-out", "empty-log", "missing", "unreadable", "sick-mount"
]
StartState = Literal[
    "ok",
    "failed",
    "timed-out",
    "empty-log",
    "missing",
    "unreadable",
    "sick-mount",
    "old-revision",
    "unknown",
    "never-started",
]
ScriptState = Literal[
    "ok",
    "failed",
    "killed",
    "timed-out",
    "empty",
    "not-executable",
    "missing",
    "unreadable",
    "sick-mount",
    "skipped",
    "empty-log",
    "unknown",
]
DataState = Literal["current", "behind", "edited", "partial", "missing"]
START_STATES: Final[tuple[StartState, ...]] = get_args(StartState)

START_STATE_OF: Final[Mapping[ScriptState, StartState]] = {
    "ok": "ok",
    "failed": "failed",
    "killed": "failed",
    "timed-out": "timed-out",
    "empty": "empty-log",
    "not-executable": "empty-log",
    "missing": "missing",
    "unreadable": "unreadable",
    "sick-mount": "sick-mount",
    "skipped": "failed",
    "empty-log": "empty-log",
    "unknown": "unknown",
}
"""What a script's state makes of the whole start."""


@dataclass(frozen=True, slots=True)
class HubUserHint:
    """What the hub knows about a user that the files do not say.

    ``nb_user`` is the name in the container (and of the files), where it is not the hub name;
    ``ready_since`` is when the hub started the user's default server, if that is ready now.
    """

    nb_user: str = ""
    ready_since: datetime | None = None


# -- on disk: the start record, schema 1


class StoredImage(Model):
    """The image that the hub started."""

    reference: str = ""
    digest: str = ""


class StoredScript(Model):
    """One script of one start."""

    name: str
    run_as: str = ""
    state: ScriptState
    exit_code: int | None = None
    signal: int | None = None
    duration_s: FiniteFloat | None = None
    sha256: str = ""
    problems: tuple[str, ...] = ()
    stdout_bytes: int = 0
    stderr_bytes: int = 0
    dropped_bytes: int = 0
    stderr_lines: tuple[tuple[int, int], ...] = ()
    error: str = ""


class StoredDataset(Model):
    """What the start left of one dataset in the home."""

    name: str
    version: str = ""
    state: DataState


class StoredHome(Model):
    """How full the disk of the home was, in bytes; the size is what the user may have of it."""

    used_bytes: int = Field(ge=0)
    size_bytes: int = Field(gt=0)


class StoredStart(Model):
    """One start; one line of ``records/<user>.jsonl``."""

    format: Literal[1] = Field(alias="schema")
    id: str
    user: str
    server_name: str = ""
    hub_user: str = ""
    github_id: str = ""
    started: AwareDatetime
    ended: AwareDatetime | None = None
    duration_s: FiniteFloat | None = None
    state: ChainState
    image: StoredImage = StoredImage()
    scripts_revision: str = ""
    limit_s: FiniteFloat | None = None
    rerooted: bool = False
    scripts: tuple[StoredScript, ...] = ()
    data: tuple[StoredDataset, ...] = ()
    home: StoredHome | None = None
    notes: tuple[str, ...] = ()


# -- on the wire


class StartDataset(Model):
    """What a start left of one dataset in the student's home."""

    name: str
    version: str = Field(default="", description="empty for a plain folder")
    state: DataState


class StartHome(Model):
    """How full the disk of the student's home was."""

    used_bytes: int
    size_bytes: int = Field(description="what was used, and what the student could still write")


class ScriptStart(Model):
    """What one script did in one start."""

    name: str
    state: ScriptState
    exit_code: int | None = None
    signal: int | None = None
    duration_s: float | None = None
    sha256: str = Field(default="", description="of the text that ran")
    revision: int | None = Field(default=None, description="number of that text in our history")
    is_old_revision: bool = Field(default=False, description="whether the live text is another")
    problems: tuple[str, ...] = ()
    stdout_bytes: int = 0
    stderr_bytes: int = 0
    dropped_bytes: int = Field(default=0, description="output beyond what a log keeps")
    error: str = Field(default="", description="what went wrong, in one line; empty if nothing")
    log: str = Field(default="", description="name of the last log, if there is one")
    has_previous_log: bool = False


class Start(Model):
    """What one start did."""

    id: str = Field(default="", description="of the record; empty without one")
    state: StartState
    source: Literal["record", "log", "none"] = Field(description="where this is known from")
    started: Moment | None = Field(
        default=None, description="for a plain log: when it was last written"
    )
    duration_s: float | None = None
    script: str = Field(default="", description="the script that went wrong")
    exit_code: int | None = Field(default=None, description="of that script")
    signal: int | None = Field(default=None, description="that ended that script")
    error: str = Field(default="", description="what went wrong, in one line")
    image: str = Field(default="", description="reference with tag")
    image_digest: str = ""
    candidate: str = Field(default="", description="bundle that a canary ran in place of the live")
    is_old_revision: bool = False
    is_rerooted: bool = Field(default=False, description="ran without root, as in the demo")
    scripts: tuple[ScriptStart, ...] = ()
    data: tuple[StartDataset, ...] = Field(
        default=(), description="the student's datasets, as that start left them"
    )
    home: StartHome | None = Field(default=None, description="null: that start did not tell")
    notes: tuple[str, ...] = ()


class StartRow(Start):
    """The last start of one server."""

    user: str = Field(description="hub user, as far as known; otherwise the name of the files")
    server_name: str = Field(default="", description="empty for the default server")
    nb_user: str = Field(default="", description="name in the container")
    is_hub_user: bool | None = Field(default=None, description="null: the hub was not asked")
    starts_known: int = 0
    unreadable_records: int = 0


class StartGroup(Model):
    """Servers whose last start went wrong in the same way."""

    id: str
    title: str = Field(description="the fault in one sentence")
    state: StartState
    script: str
    users: tuple[str, ...] = Field(description="whose default server it is")
    named_servers: tuple[str, ...] = Field(default=(), description="others, as <user>/<server>")


class LiveScript(Model):
    """The text that the next start will run."""

    name: str
    sha256: str
    revision: int | None = None


class StartList(Model):
    """The last start of every server, by name."""

    rows: tuple[StartRow, ...]
    counts: dict[str, int] = Field(description="rows by state; every state is there")
    groups: tuple[StartGroup, ...] = Field(description="largest first")
    live: tuple[LiveScript, ...] = ()
    unreadable_records: int = Field(default=0, description="cut or garbled lines, all files")
    notes: tuple[str, ...] = Field(default=(), description="what this table cannot know, and why")


class StartHistory(Model):
    """What is known about the starts of one server, newest first."""

    user: str
    server_name: str = ""
    starts: tuple[Start, ...]
    unreadable_records: int = 0
    notes: tuple[str, ...] = ()


class LogText(Model):
    """The end of one log. It is data: nothing in it is markup."""

    user: str
    server_name: str = ""
    script: str
    name: str = Field(description="of the file")
    text: str
    first_line: int | None = Field(description="number of the first line shown; null: not counted")
    stderr_lines: tuple[tuple[int, int], ...] = Field(
        default=(), description="spans of lines of text that came from stderr; 1 is its first"
    )
    is_truncated: bool = Field(description="whether the beginning was left out")
    size_bytes: int = Field(description="of the whole file")
    written: Moment
    notes: tuple[str, ...] = ()
