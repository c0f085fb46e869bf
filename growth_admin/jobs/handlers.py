"""Jobs over HTTP."""

from __future__ import annotations

from pydantic import Field

from growth_admin.api.handler import GrowthHandler
from growth_admin.api.operation import Route, operation
from growth_admin.core.errors import Conflict, InvalidInput, NotFound
from growth_admin.core.schema import Model
from growth_admin.jobs.board import JobBoard
from growth_admin.jobs.models import Job, JobList, LogPart


class JobQuery(Model):
    """Which jobs."""

    area: str = Field(default="", description="only this area")
    state: str = Field(default="", description="only this state")


class LogQuery(Model):
    """Which part of a log."""

    offset: int = Field(default=0, ge=0, le=2**53, description="byte offset to read from")


class _JobHandler(GrowthHandler):
    manager: JobBoard

    async def accept(self, job: Job) -> None:
        """Reply with the job as it is now; what was asked for follows in a moment."""
        await self.audit(area=job.area, target=f"job {job.id}", detail=job.title, result="accepted")
        self.reply(job, location=f"jobs/{job.id}")


class JobsHandler(_JobHandler):
    """All jobs."""

    @operation(
        "jobs:read",
        summary="List the jobs of one's own areas",
        client="jobs.list_jobs",
        returns=JobList,
        query=JobQuery,
    )
    async def get(self) -> None:
        """Reply with the newest jobs."""
        asked = self.query(JobQuery)
        areas = {a for a in self.visitor.areas if asked.area in ("", a)}
        self.reply(await self.call(self.manager.list_jobs, areas, state=asked.state))


class JobHandler(_JobHandler):
    """One job."""

    @operation(
        "jobs:read", summary="Get one job", client="jobs.get_job", returns=Job, errors=(NotFound,)
    )
    async def get(self, job_id: str) -> None:
        """Reply with the job."""
        self.reply(await self.call(self.manager.get_job, job_id, self.visitor.areas))

    @operation(
        "jobs:dismiss",
        summary="Put an ended job away",
        client="jobs.delete_job",
        status=204,
        errors=(NotFound, Conflict),
    )
    async def delete(self, job_id: str) -> None:
        """Dismiss the job."""
        job = await self.call(self.manager.dismiss_job, job_id, self.visitor.areas)
        await self.audit(area=job.area, target=f"job {job_id}", detail=job.title)
        self.reply()


class JobLogHandler(_JobHandler):
    """A job's log."""

    @operation(
        "jobs:read",
        summary="Read a part of a job's log",
        client="jobs.get_log",
        returns=LogPart,
        query=LogQuery,
        errors=(NotFound,),
    )
    async def get(self, job_id: str) -> None:
        """Reply with the text from the offset on."""
        offset = self.query(LogQuery).offset
        self.reply(await self.call(self.manager.read_log, job_id, self.visitor.areas, offset))


class JobCancellationsHandler(_JobHandler):
    """Wishes that a job ends."""

    @operation(
        "jobs:cancel",
        summary="Ask a job to end",
        client="jobs.cancel_job",
        returns=Job,
        status=202,
        errors=(NotFound, InvalidInput),
    )
    async def post(self, job_id: str) -> None:
        """Reply with the job, which may go on for a moment."""
        visitor = self.visitor
        job = await self.call(self.manager.cancel_job, job_id, visitor.areas, visitor.name)
        await self.accept(job)


class JobPausesHandler(_JobHandler):
    """Wishes that a job stops for a while."""

    @operation(
        "jobs:pause",
        summary="Ask a job to stop until it is resumed",
        client="jobs.pause_job",
        returns=Job,
        status=202,
        errors=(NotFound, InvalidInput),
    )
    async def post(self, job_id: str) -> None:
        """Reply with the job, which may go on for a moment."""
        visitor = self.visitor
        job = await self.call(self.manager.pause_job, job_id, visitor.areas, visitor.name)
        await self.accept(job)


class JobResumptionsHandler(_JobHandler):
    """Wishes that a paused job goes on."""

    @operation(
        "jobs:pause",
        summary="Let a paused job go on",
        client="jobs.resume_job",
        returns=Job,
        status=202,
        errors=(NotFound, InvalidInput),
    )
    async def post(self, job_id: str) -> None:
        """Reply with the job."""
        job = await self.call(self.manager.resume_job, job_id, self.visitor.areas)
        await self.accept(job)


ROUTES = (
    Route("jobs", JobsHandler),
    Route("jobs/{job_id}", JobHandler),
    Route("jobs/{job_id}/log", JobLogHandler),
    Route("jobs/{job_id}/cancellations", JobCancellationsHandler),
    Route("jobs/{job_id}/pauses", JobPausesHandler),
    Route("jobs/{job_id}/resumptions", JobResumptionsHandler),
)
