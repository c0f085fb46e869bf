"""Runs jobs in threads of this server, and takes over those whose server died."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from growth_admin.core.audit import AuditTrail
from growth_admin.core.errors import Conflict, GrowthError, InvalidInput, LeaseLost, NotFound
from growth_admin.core.schema import now
from growth_admin.jobs.models import ENDED, Job, JobList, JobProblem, LogPart, Progress, StoredJob
from growth_admin.jobs.store import JobStore, Lease

log = logging.getLogger(__name__)


class JobCancelled(Exception):
    """Raised inside a runner when the job is to end; carries nothing."""


@dataclass(frozen=True)
class Runner:
    """The code for one kind of job. ``run`` returns the receipt.

    ``is_resumable``: the runner goes on from its checkpoint when its server died; otherwise the
    job is marked failed. ``is_personal``: only a server of the same user may run it.
    """

    kind: str
    permission: str
    run: Callable[[JobContext], dict[str, Any]]
    is_resumable: bool = False
    is_personal: bool = False


class JobContext:
    """What a runner may do: report, keep a checkpoint, ask whether to go on."""

    def __init__(self, engine: JobEngine, stored: StoredJob, lease: Lease) -> None:
        self._engine = engine
        self._stored = stored
        self._lease = lease
        self._started_s = time.monotonic()
        self._saved_s = 0.0
        self._lock = threading.Lock()
        self.is_lost = False

    @property
    def job(self) -> Job:
        """The job as last reported."""
        return self._stored.job

    @property
    def params(self) -> dict[str, Any]:
        """What was asked for."""
        return self._stored.params

    @property
    def checkpoint(self) -> dict[str, Any]:
        """What an earlier run of this job left, empty at first."""
        return self._stored.checkpoint

    def check(self) -> None:
        """Raise ``JobCancelled`` or ``LeaseLost`` when the runner should stop."""
        if self.is_lost:
            raise LeaseLost(f"Job {self.job.id} is run by another server by now.")
        if self._engine.is_closing or self._engine.store.is_cancel_asked(self.job.id):
            raise JobCancelled

    def is_cancelled(self) -> bool:
        """Return whether the runner should stop, for loops that rather ask than catch."""
        return (
            self.is_lost
            or self._engine.is_closing
            or self._engine.store.is_cancel_asked(self.job.id)
        )

    def progress(
        self, done: float, total: float | None = None, *, unit: str = "", message: str = ""
    ) -> None:
        """Report how far the work is. Written at most once a second, the last one at the end."""
        elapsed_s = time.monotonic() - self._started_s
        rate = done / elapsed_s if elapsed_s > 1 and done else None
        left = (total - done) / rate if rate and total is not None else None
        self._update(
            progress=Progress(
                done=done, total=total, unit=unit, message=message, rate_per_s=rate, eta_s=left
            )
        )

    def log(self, line: str) -> None:
        """Add a line to the job's log."""
        self._engine.store.append_log(self._lease, line.rstrip("\n"))

    def save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Keep how far the work came, before going on. Raises ``LeaseLost``."""
        with self._lock:
            self._stored = self._stored.model_copy(update={"checkpoint": checkpoint})
        self._update(force=True)

    def renew(self) -> None:
        """Show that this server is alive."""
        try:
            self._engine.store.renew(self._lease)
        except LeaseLost:
            self.is_lost = True

    def _update(self, *, force: bool = False, **fields: Any) -> None:
        with self._lock:
            self._stored = self._stored.model_copy(
                update={"job": self._stored.job.model_copy(update=fields)}
            )
            if not force and time.monotonic() - self._saved_s < 1:
                return
            self._saved_s = time.monotonic()
            self._engine.store.save(self._stored, self._lease)

    def finish(self, **fields: Any) -> None:
        """Write the end."""
        self._update(force=True, ended=now(), owner="", **fields)


class JobEngine:
    """Starts, lists, cancels and resumes jobs for one server of one user."""

    def __init__(
        self,
        store: JobStore,
        *,
        user: str,
        server: str,
        audit: AuditTrail,
        on_activity: Callable[[], None] = lambda: None,
        lease_s: float = 30,
        workers: int = 4,
    ) -> None:
        self.store = store
        self.is_closing = False
        self._user = user
        self._server = server
        self._audit = audit
        self._on_activity = on_activity
        self._lease_s = lease_s
        self._runners: dict[str, Runner] = {}
        self._running: dict[str, JobContext] = {}
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="growth-job")
        self._watch = threading.Thread(target=self._watch_loop, name="growth-jobs", daemon=True)
        self._wake = threading.Event()

    def register(self, runner: Runner) -> None:
        """Make a kind of job known."""
        self._runners[runner.kind] = runner

    def open(self) -> None:
        """Begin to renew leases and to look for jobs whose server died."""
        self._watch.start()

    def close(self) -> None:
        """Stop working; resumable jobs are left for the next server to take over."""
        self.is_closing = True
        self._wake.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
        if self._watch.is_alive():
            self._watch.join(timeout=5)

    def start_job(
        self, kind: str, *, title: str, params: dict[str, Any], user: str, cancellable: bool = True
    ) -> Job:
        """Write a job and begin to run it here; return it as pending."""
        runner = self._runners[kind]
        job = Job(
            id=self.store.new_id(),
            kind=kind,
            area=kind.partition(".")[0],
            title=title,
            state="pending",
            created=now(),
            created_by=user,
            is_cancellable=cancellable,
        )
        stored = StoredJob(job=job, params=params)
        self.store.create(stored)
        self._try_run(stored, runner, after=0)
        return job

    def list_jobs(self, areas: Collection[str], *, state: str = "", limit: int = 200) -> JobList:
        """Return the newest jobs of these areas, in one state if it is named."""
        found: list[Job] = []
        for stored in self.store.list_stored():
            if stored.job.area in areas and (not state or stored.job.state == state):
                found.append(stored.job)
            if len(found) == limit:
                break
        return JobList(jobs=tuple(found))

    def get_job(self, job_id: str, areas: Collection[str]) -> Job:
        """Return one job. Raises ``NotFound``, also when it belongs to another area."""
        job = self.store.load(job_id).job
        if job.area not in areas:
            raise NotFound(f"There is no job {job_id}.", hint="List the jobs.")
        return job

    def read_log(self, job_id: str, areas: Collection[str], offset: int) -> LogPart:
        """Return a part of a job's log."""
        self.get_job(job_id, areas)
        return self.store.read_log(job_id, offset)

    def cancel_job(self, job_id: str, areas: Collection[str], user: str) -> Job:
        """Ask a job to end. Raises ``InvalidInput`` if it has ended or cannot be cancelled."""
        job = self.get_job(job_id, areas)
        if job.state in ENDED:
            raise InvalidInput(f"The job has ended already ({job.state}).", hint="Dismiss it.")
        if not job.is_cancellable:
            raise InvalidInput("This job cannot be cancelled.", hint="Wait for its end.")
        self.store.ask_cancel(job_id, user)
        self._wake.set()
        return self.get_job(job_id, areas)

    def dismiss_job(self, job_id: str, areas: Collection[str]) -> None:
        """Put an ended job away. Raises ``Conflict`` while it runs."""
        job = self.get_job(job_id, areas)
        if job.state not in ENDED:
            raise Conflict("The job has not ended.", hint="Cancel it first, then dismiss it.")
        self.store.dismiss(job_id)

    # -- running

    def _try_run(self, stored: StoredJob, runner: Runner, *, after: int) -> None:
        lease = self.store.take(stored.job.id, self._server, after=after)
        if lease is None:
            return
        context = JobContext(self, self.store.load(stored.job.id), lease)
        self._running[stored.job.id] = context
        self._pool.submit(self._run, context, runner, lease)

    def _run(self, context: JobContext, runner: Runner, lease: Lease) -> None:
        try:
            if self.is_closing:
                return
            if lease.number > 1 and not runner.is_resumable:
                self._fail(context, "The server that ran this died.", "Start it again.")
                return
            context._update(
                force=True,
                state="running",
                started=context.job.started or now(),
                owner=self._server,
                times_taken_over=lease.number - 1,
            )
            self._conclude(context, runner)
        except LeaseLost:
            log.warning("job %s was taken over by another server", context.job.id)
        except Exception:
            log.exception("job %s could not be recorded", context.job.id)
        finally:
            self._running.pop(context.job.id, None)

    def _conclude(self, context: JobContext, runner: Runner) -> None:
        try:
            context.check()
            receipt = runner.run(context)
        except JobCancelled:
            if self.is_closing and not self.store.is_cancel_asked(context.job.id):
                if runner.is_resumable:
                    return
                self._fail(context, "The server that ran this was stopped.", "Start it again.")
                return
            context.finish(state="cancelled")
            self._record(context, runner, "failed", "cancelled")
        except LeaseLost:
            raise
        except GrowthError as e:
            context.finish(
                state="failed", problem=JobProblem(title=e.title, detail=e.detail, hint=e.hint)
            )
            self._record(context, runner, "failed", e.detail)
        except Exception as e:
            log.exception("job %s failed", context.job.id)
            self._fail(
                context,
                f"An unexpected error: {type(e).__name__}.",
                f"The server's log has the details under job {context.job.id}.",
            )
            self._record(context, runner, "failed", type(e).__name__)
        else:
            context.finish(state="succeeded", receipt=receipt)
            self._record(context, runner, "done", "")

    def _fail(self, context: JobContext, detail: str, hint: str) -> None:
        problem = JobProblem(title="The job failed", detail=detail, hint=hint)
        context.finish(state="failed", problem=problem)

    def _record(self, context: JobContext, runner: Runner, result: str, detail: str) -> None:
        job = context.job
        receipt = job.receipt or {}
        self._audit.record(
            user=job.created_by,
            permission=runner.permission,
            area=job.area,
            action=job.title,
            target=f"job {job.id}",
            plan_id=str(receipt.get("plan_id", "")),
            result=result,
            detail=detail,
            undo=receipt.get("undo"),
        )

    # -- watching

    def _watch_loop(self) -> None:
        while not self.is_closing:
            self._wake.wait(self._lease_s / 6)
            self._wake.clear()
            for context in list(self._running.values()):
                with suppress(GrowthError):
                    context.renew()
                self._on_activity()
            with suppress(GrowthError):
                self._take_over_orphans()

    def _take_over_orphans(self) -> None:
        for stored in self.store.list_stored():
            job, runner = stored.job, self._runners.get(stored.job.kind)
            if self.is_closing or job.state in ENDED or job.id in self._running or runner is None:
                continue
            if runner.is_personal and job.created_by != self._user:
                continue
            after = self.store.top_if_stale(job.id, self._lease_s)
            if after is not None:
                self._try_run(stored, runner, after=after)
