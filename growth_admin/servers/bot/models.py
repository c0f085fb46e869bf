"""What a run of the bot student is, on disk and on the wire."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from growth_admin.core.paths import DATASET_NAME
from growth_admin.core.schema import Model, Moment
from growth_admin.core.snapshots import Numbered

StepName = Literal["login", "start", "lab", "notebook", "cell", "dataset", "stop"]
StepState = Literal["ok", "failed", "skipped", "not-reached"]
RunState = Literal["passed", "failed", "cancelled"]
TITLES: Final[dict[StepName, str]] = {
    "login": "Log in",
    "start": "Start the server",
    "lab": "Open Lab",
    "notebook": "Open a notebook",
    "cell": "Run a cell",
    "dataset": "Read a dataset",
    "stop": "Stop and clean up",
}
"""The steps in their order, in words."""
DATASET_PATTERN: Final = rf"^({DATASET_NAME})?$"
"""A dataset's name or nothing; no path, which could lead out of the datasets' folder."""


def lower_first(title: str) -> str:
    """Return a title as it stands within a sentence."""
    return title[:1].lower() + title[1:]


class BotStep(Model):
    """One step of a run, and how long it took."""

    name: StepName
    title: str
    state: StepState
    took_s: float | None = Field(default=None, description="seconds; null for what was not reached")
    detail: str = Field(default="", description="what was seen, or what happened")
    hint: str = Field(default="", description="what to do next, after a failure")


class BotRun(Model):
    """One run, once it has ended."""

    job_id: str
    state: RunState
    started: Moment
    ended: Moment
    by: str = Field(description="hub user who asked, or whose server kept the schedule")
    slot: str = Field(default="", description="the scheduled time, if the schedule asked for it")
    took_s: float = Field(description="seconds of all steps together")
    steps: tuple[BotStep, ...]
    sentence: str = Field(description="how it went, in a sentence")
    hint: str = ""
    left_behind: str = Field(
        default="", description="what could not be cleaned up; it is tried again"
    )


class BotRunList(Model):
    """The last runs, newest first, and how the bot stands."""

    bot: str = Field(description="the bot's hub user; empty: there is no bot")
    problem: str = Field(default="", description="why it cannot run, if it cannot")
    hint: str = ""
    times: tuple[str, ...] = Field(default=(), description="when it runs every day, as HH:MM")
    timezone: str = Field(default="", description="the zone of these times")
    next_run: Moment | None = None
    running_job: str = Field(default="", description="the job of the run that is under way")
    doing: str = Field(default="", description="which step that run is at, in words")
    runs: tuple[BotRun, ...] = ()


class BotRunRequest(Model):
    """How the bot is to run."""

    dataset: str = Field(
        default="",
        pattern=DATASET_PATTERN,
        description="which dataset it reads; empty: the one of the settings, or the first",
    )
    keeps_server: bool = Field(
        default=False, description="leave the bot's server running, to look at it"
    )


class Turn(Model):
    """Who runs the bot now: there is one bot, so one run at a time."""

    mark: str = Field(description="tells this turn from every other")
    by: str
    taken: Moment
    slot: str = ""
    job_id: str = ""


class BotRecord(Numbered):
    """What all organisers' servers share about the bot."""

    turn: Turn | None = None
    slots: tuple[str, ...] = Field(default=(), description="scheduled times that have been served")
    runs: tuple[BotRun, ...] = Field(default=(), description="newest first")
