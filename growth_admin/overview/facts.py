"""What the rooms hand to the overview: plain facts, in words that belong to no room.

Whoever wires the rooms makes a callable for each; it may block, and may raise ``GrowthError``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Lack:
    """A part or permission that is not there, what that means, and how to get it."""

    area: str
    what: str
    hint: str = ""


@dataclass(frozen=True)
class Parts:
    """Which parts of the console there are, and what is missing."""

    areas: tuple[str, ...]
    missing: tuple[Lack, ...] = ()


@dataclass(frozen=True)
class HubFacts:
    """The hub's users, and how many servers are ready or on their way."""

    users: int
    ready: int
    pending: int = 0


@dataclass(frozen=True, slots=True)
class LastStart:
    """The last start of one server; ``is_running`` is None where the hub cannot be asked."""

    user: str
    state: str
    started: datetime | None
    error: str = ""
    image: str = ""
    image_digest: str = ""
    is_old_revision: bool = False
    is_candidate: bool = False
    is_running: bool | None = None


@dataclass(frozen=True)
class LiveScript:
    """A script that the next start will run."""

    name: str
    revision: int | None
    problem: str = ""


@dataclass(frozen=True)
class DatasetFacts:
    """How many students have what of one dataset."""

    name: str
    current: int = 0
    behind: int = 0
    partial: int = 0
    missing: int = 0
    edited: int = 0

    @property
    def not_current(self) -> int:
        """How many have another version than the current one, a part of it, or none."""
        return self.behind + self.partial + self.missing


@dataclass(frozen=True)
class DiskFacts:
    """A disk, in bytes."""

    name: str
    total_bytes: int
    free_bytes: int

    @property
    def used_percent(self) -> float:
        """How much of it is used; 0 for a disk that tells no size."""
        return 100 * (1 - self.free_bytes / self.total_bytes) if self.total_bytes else 0.0


@dataclass(frozen=True)
class PeopleFacts:
    """People by how they stand, and what could not be asked."""

    counts: Mapping[str, int]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class JobFacts:
    """One job, as far as this page needs it."""

    kind: str
    title: str
    state: str
    by: str
    created: datetime
    ended: datetime | None = None
    is_paused: bool = False
    problem: str = ""
    is_passed: bool | None = None
    """For a trial: whether what was tried is good."""


@dataclass(frozen=True)
class BotRunFacts:
    """One run of the bot student; ``state`` is passed, failed or cancelled."""

    state: str
    ended: datetime
    clock: str
    """When it began, as the school's clock shows it."""
    sentence: str
    hint: str = ""
    steps: tuple[str, ...] = ()
    left_behind: str = ""


@dataclass(frozen=True)
class BotFacts:
    """The bot student: whether there is one and can run, and its last run."""

    is_there: bool
    times: tuple[str, ...] = ()
    problem: str = ""
    hint: str = ""
    running_job: str = ""
    """The job of the run that is under way, empty when there is none."""
    doing: str = ""
    """What that run does, such as ``step 3 of 7, open Lab``."""
    last: BotRunFacts | None = None


@dataclass(frozen=True)
class ShareFacts:
    """Shares of organisers' servers: whose, and with whom."""

    admins: int
    shares: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ChangeFacts:
    """One change of the audit trail."""

    time: datetime
    user: str
    action: str
    target: str = ""
    result: str = "done"


@dataclass(frozen=True)
class Changes:
    """The newest changes."""

    entries: tuple[ChangeFacts, ...] = field(default=())
    unreadable: int = 0
