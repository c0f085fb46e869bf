"""What a job is, on disk and on the wire."""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import Field

from growth_admin.core.schema import Model, Moment

State = Literal["pending", "running", "succeeded", "failed", "cancelled"]
ENDED: Final = ("succeeded", "failed", "cancelled")


class Progress(Model):
    """How far a job is. ``rate_per_s`` and ``eta_s`` are there once they can be told."""

    done: float
    total: float | None = None
    unit: str = ""
    message: str = ""
    rate_per_s: float | None = None
    eta_s: float | None = None
    counts: dict[str, int] = Field(
        default_factory=dict, description="further numbers of this kind of work, by their names"
    )


class JobProblem(Model):
    """Why a job failed, and what to do next."""

    title: str
    detail: str
    hint: str = ""


class Job(Model):
    """A piece of long work."""

    id: str
    kind: str = Field(description="<area>.<noun>, names the code that runs it")
    area: str
    title: str = Field(description="the work in one sentence")
    subject: str = Field(
        default="", description="what it is about, as a path below the API's root, if it has one"
    )
    state: State
    created: Moment
    created_by: str = Field(description="hub user who asked for it")
    started: Moment | None = None
    ended: Moment | None = None
    progress: Progress | None = None
    problem: JobProblem | None = None
    receipt: dict[str, Any] | None = Field(default=None, description="what it did, once ended")
    is_cancellable: bool = True
    is_cancel_asked: bool = False
    is_pausable: bool = False
    is_paused: bool = Field(
        default=False,
        description="somebody paused it, or it paused by itself and the problem says why; while "
        "it still runs, it is about to stop",
    )
    owner: str = Field(default="", description="the server that runs it now")
    times_taken_over: int = 0


class JobList(Model):
    """Jobs, newest first."""

    jobs: tuple[Job, ...]


class LogPart(Model):
    """A part of a job's log."""

    text: str
    next_offset: int = Field(description="byte offset to ask for next")
    is_complete: bool = Field(description="whether the job has ended and no more will come")


class StoredJob(Model):
    """What lies on the disk: the job, what it was asked to do, and how far it came."""

    job: Job
    params: dict[str, Any]
    checkpoint: dict[str, Any] = Field(default_factory=dict)
    seal: str = Field(default="", description="proof of who asked, where others may write")
    is_ours: bool = Field(default=False, exclude=True, description="whether our user asked for it")
