"""The jobs of a school as one list, wherever they are kept.

What only organisers do lies in the admin folder; what TAs do too lies on the shared disk, where
they may write. Each store has its engine, and an engine believes only in jobs of its own areas: a
job of another area that somebody planted on the shared disk is neither shown nor run.

Some areas a school may grant to TAs, whose jobs then lie on the shared disk too. Organisers see
these as *told*: with a mark, since any TA may write there in anybody's name, without an undo, and
never to be run. They may be asked to pause or end; the TA's server does it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

from growth_admin.core.audit import TOLD
from growth_admin.core.errors import NotFound
from growth_admin.jobs.engine import JobEngine
from growth_admin.jobs.models import Job, JobList, LogPart

T = TypeVar("T")


class JobBoard:
    """Engines with the areas that each serves, and those whose jobs it only tells of."""

    def __init__(
        self,
        engines: Mapping[JobEngine, Collection[str]],
        *,
        told: Mapping[JobEngine, Collection[str]] | None = None,
    ) -> None:
        self._engines = {engine: frozenset(areas) for engine, areas in engines.items()}
        self._told = {engine: frozenset((told or {}).get(engine, ())) for engine in engines}

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
        found: dict[str, Job] = {}
        for engine in self._engines:
            mine = self._shown_areas(engine, areas)
            for job in engine.list_jobs(mine, state=state, limit=limit).jobs:
                found.setdefault(job.id, self._shown(engine, job))
        jobs = sorted(found.values(), key=lambda job: job.id, reverse=True)
        return JobList(jobs=tuple(jobs[:limit]))

    def get_job(self, job_id: str, areas: Collection[str]) -> Job:
        """Return one job. Raises ``NotFound``, also when it belongs to another area."""
        return self._ask_job(job_id, areas, lambda engine, mine: engine.get_job(job_id, mine))

    def read_log(self, job_id: str, areas: Collection[str], offset: int) -> LogPart:
        """Return a part of a job's log."""
        return self._ask(job_id, areas, lambda engine, mine: engine.read_log(job_id, mine, offset))

    def cancel_job(self, job_id: str, areas: Collection[str], user: str) -> Job:
        """Ask a job to end. Raises ``InvalidInput`` if it has ended or cannot be cancelled."""
        return self._ask_job(
            job_id, areas, lambda engine, mine: engine.cancel_job(job_id, mine, user)
        )

    def pause_job(self, job_id: str, areas: Collection[str], user: str) -> Job:
        """Ask a job to stop until it is resumed. Raises ``InvalidInput`` if it cannot."""
        return self._ask_job(
            job_id, areas, lambda engine, mine: engine.pause_job(job_id, mine, user)
        )

    def resume_job(self, job_id: str, areas: Collection[str]) -> Job:
        """Let a paused job go on. Raises ``InvalidInput`` if it is not paused."""
        return self._ask_job(job_id, areas, lambda engine, mine: engine.resume_job(job_id, mine))

    def adopt(self, job_id: str) -> bool:
        """Run a job here if nobody runs it; return whether it runs here. Raises ``NotFound``."""
        return self._ask(job_id, (), lambda engine, _: engine.adopt(job_id))

    def dismiss_job(self, job_id: str, areas: Collection[str]) -> Job:
        """Put an ended job away and return it. Raises ``Conflict`` while it runs."""
        return self._ask_job(job_id, areas, lambda engine, mine: engine.dismiss_job(job_id, mine))

    def _ask_job(
        self, job_id: str, areas: Collection[str], ask: Callable[[JobEngine, Collection[str]], Job]
    ) -> Job:
        return self._ask(job_id, areas, lambda engine, mine: self._shown(engine, ask(engine, mine)))

    def _ask(
        self, job_id: str, areas: Collection[str], ask: Callable[[JobEngine, Collection[str]], T]
    ) -> T:
        for engine in self._engines:
            if engine.has_job(job_id):
                return ask(engine, self._shown_areas(engine, areas))
        raise NotFound(
            f"There is no job {job_id}.", hint="It may have been dismissed. List the jobs."
        )

    def _shown_areas(self, engine: JobEngine, areas: Collection[str]) -> frozenset[str]:
        return (self._engines[engine] | self._told[engine]) & frozenset(areas)

    def _shown(self, engine: JobEngine, job: Job) -> Job:
        if job.area not in self._told[engine]:
            return job
        receipt = {**job.receipt, "undo": None} if job.receipt else None
        return job.model_copy(
            update={"title": f"{job.title} {TOLD}", "subject": "", "receipt": receipt}
        )
