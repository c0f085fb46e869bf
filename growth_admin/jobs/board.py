"""The jobs of a school as one list, wherever they are kept.

What only organisers do lies in the admin folder; what TAs do too lies on the shared disk, where
they may write. Each store has its engine, and an engine believes only in jobs of its own areas: a
job of another area that somebody planted on the shared disk is neither shown nor run.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

from growth_admin.core.errors import NotFound
from growth_admin.jobs.engine import JobEngine
from growth_admin.jobs.models import Job, JobList, LogPart

T = TypeVar("T")


class JobBoard:
    """Engines with the areas that each serves."""

    def __init__(self, engines: Mapping[JobEngine, Collection[str]]) -> None:
        self._engines = {engine: frozenset(areas) for engine, areas in engines.items()}

    def open(self, *, takes_over: bool = True) -> None:
        """Begin to renew leases and, if it ``takes_over``, to look for jobs whose server died."""
        for engine in self._engines:
            engine.open(takes_over=takes_over)

    def close(self) -> None:
        """Stop working; resumable jobs are left for the next server."""
        for engine in self._engines:
            engine.close()

    def list_jobs(self, areas: Collection[str], *, state: str = "", limit: int = 200) -> JobList:
        """Return the newest jobs of these areas, in one state if it is named."""
        found = [
            job
            for engine, served in self._engines.items()
            for job in engine.list_jobs(served & set(areas), state=state, limit=limit).jobs
        ]
        found.sort(key=lambda job: job.id, reverse=True)
        return JobList(jobs=tuple(found[:limit]))

    def get_job(self, job_id: str, areas: Collection[str]) -> Job:
        """Return one job. Raises ``NotFound``, also when it belongs to another area."""
        return self._ask(job_id, areas, lambda engine, mine: engine.get_job(job_id, mine))

    def read_log(self, job_id: str, areas: Collection[str], offset: int) -> LogPart:
        """Return a part of a job's log."""
        return self._ask(job_id, areas, lambda engine, mine: engine.read_log(job_id, mine, offset))

    def cancel_job(self, job_id: str, areas: Collection[str], user: str) -> Job:
        """Ask a job to end. Raises ``InvalidInput`` if it has ended or cannot be cancelled."""
        return self._ask(job_id, areas, lambda engine, mine: engine.cancel_job(job_id, mine, user))

    def pause_job(self, job_id: str, areas: Collection[str], user: str) -> Job:
        """Ask a job to stop until it is resumed. Raises ``InvalidInput`` if it cannot."""
        return self._ask(job_id, areas, lambda engine, mine: engine.pause_job(job_id, mine, user))

    def resume_job(self, job_id: str, areas: Collection[str]) -> Job:
        """Let a paused job go on. Raises ``InvalidInput`` if it is not paused."""
        return self._ask(job_id, areas, lambda engine, mine: engine.resume_job(job_id, mine))

    def adopt(self, job_id: str) -> bool:
        """Run a job here if nobody runs it; return whether it runs here. Raises ``NotFound``."""
        return self._ask(job_id, (), lambda engine, _: engine.adopt(job_id))

    def dismiss_job(self, job_id: str, areas: Collection[str]) -> Job:
        """Put an ended job away and return it. Raises ``Conflict`` while it runs."""
        return self._ask(job_id, areas, lambda engine, mine: engine.dismiss_job(job_id, mine))

    def _ask(
        self, job_id: str, areas: Collection[str], ask: Callable[[JobEngine, Collection[str]], T]
    ) -> T:
        for engine, served in self._engines.items():
            if engine.has_job(job_id):
                return ask(engine, served & set(areas))
        raise NotFound(
            f"There is no job {job_id}.", hint="It may have been dismissed. List the jobs."
        )
