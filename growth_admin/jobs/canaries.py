"""Whose canary is in use: each organiser has one, and two kinds of jobs start it."""

from __future__ import annotations

from typing import Final

from growth_admin.core.errors import Conflict
from growth_admin.jobs.engine import JobEngine
from growth_admin.jobs.models import ENDED, Job

KINDS: Final = frozenset({"startup.canary", "images.check"})
AREAS: Final = frozenset({"startup", "images"})
JOBS_SEEN: Final = 500


def require_free_canary(engine: JobEngine, user: str, *, job: Job | None = None) -> None:
    """Raise ``Conflict`` while a job uses the canary of ``user``.

    A job that has begun asks with itself: of two that began at one moment the earlier goes on. Both
    are written down before either asks, so neither is overlooked.
    """
    for other in engine.list_jobs(AREAS, limit=JOBS_SEEN).jobs:
        is_later = job is not None and (other.created, other.id) >= (job.created, job.id)
        if other.kind not in KINDS or other.state in ENDED or is_later:
            continue
        if _whose(other) == user:
            raise Conflict(
                f"{user}/canary is in use: {other.title}.",
                hint="Wait for that job, or cancel it first.",
                context={"job": other.id},
            )


def _whose(job: Job) -> str:
    """Return whose canary a job uses: that of the server that runs it, once one does."""
    return job.owner.partition("/")[0] or job.created_by
