"""Runs jobs in threads of this server, and takes over those whose server died."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from pydantic import TypeAdapter

from growth_admin.core.audit import Audit
from growth_admin.core.errors import (
    Conflict,
    GrowthError,
    InvalidInput,
    LeaseLost,
    NotFound,
    StorageFull,
    StorageUnavailable,
)
from growth_admin.core.schema import now
from growth_admin.jobs.context import (
    SAVE_EVERY_S,
    JobCancelled,
    JobContext,
    JobInterrupted,
    JobPaused,
    Runner,
)
from growth_admin.jobs.models import ENDED, Job, JobList, JobProblem, LogPart, StoredJob
from growth_admin.jobs.store import JobStore, Lease

__all__ = [
    "JobCancelled",
    "JobContext",
    "JobEngine",
    "JobInterrupted",
    "JobPaused",
    "Runner",
]

log = logging.getLogger(__name__)
RECEIPT: Final = TypeAdapter(dict[str, Any])


class JobEngine:
    """Starts, lists, cancels and resumes jobs for one server of one user."""

    def __init__(
        self,
        store: JobStore,
        *,
        user: str,
        server: str,
        audit: Audit,
        on_activity: Callable[[], None] = lambda: None,
        lease_s: float = 30,
        workers: int = 4,
    ) -> None:
        self.store = store
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
        self._closing = threading.Event()
        self._closed = threading.Event()
        self._takes_over = True

    @property
    def is_closing(self) -> bool:
        """Whether this server stops."""
        return self._closing.is_set()

    def has_job(self, job_id: str) -> bool:
        """Return whether the job's folder is in this engine's store."""
        return self.store.path(job_id).is_dir()

    def register(self, runner: Runner) -> None:
        """Make a kind of job known."""
        self._runners[runner.kind] = runner

    def open(self, *, takes_over: bool = True) -> None:
        """Begin to renew leases and, if it ``takes_over``, to look for jobs whose server died."""
        self._takes_over = takes_over
        self._watch.start()

    def close(self) -> None:
        """Stop working; resumable jobs are left for the next server to take over.

        Returns when every runner has stopped; until then their leases are renewed.
        """
        self._closing.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._closed.set()
        self._wake.set()
        if self._watch.is_alive():
            self._watch.join(timeout=5)

    def start_job(
        self,
        kind: str,
        *,
        title: str,
        params: dict[str, Any],
        user: str,
        subject: str = "",
        cancellable: bool = True,
    ) -> Job:
        """Write a job and begin to run it here; return it as pending."""
        runner = self._runners[kind]
        job = Job(
            id=self.store.new_id(),
            kind=kind,
            area=kind.partition(".")[0],
            title=title,
            subject=subject,
            state="pending",
            created=now(),
            created_by=user,
            is_cancellable=cancellable,
            is_pausable=runner.is_pausable,
        )
        self.store.create(StoredJob(job=job, params=params))
        self._try_run(job.id, runner, after=0)
        return job

    def adopt(self, job_id: str) -> bool:
        """Run a job here if it has not ended and nobody runs it; return whether it runs here."""
        if job_id in self._running:
            return True
        stored = self.store.load(job_id)
        runner = self._runners.get(stored.job.kind)
        if stored.job.state in ENDED or runner is None:
            return False
        if self._is_foreign(stored, runner):
            return False
        after = self.store.top_if_stale(job_id, self._lease_s)
        if after is not None:
            self._try_run(job_id, runner, after=after)
        return job_id in self._running

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

    def pause_job(self, job_id: str, areas: Collection[str], user: str) -> Job:
        """Ask a job to stop until it is resumed. Raises ``InvalidInput`` if it cannot."""
        job = self.get_job(job_id, areas)
        if job.state in ENDED:
            raise InvalidInput(f"The job has ended already ({job.state}).", hint="Dismiss it.")
        if not job.is_pausable:
            raise InvalidInput("This job cannot be paused.", hint="Wait for its end, or cancel it.")
        self.store.ask_pause(job_id, user)
        self._wake.set()
        return self.get_job(job_id, areas)

    def resume_job(self, job_id: str, areas: Collection[str]) -> Job:
        """Let a paused job go on. Raises ``InvalidInput`` if it is not paused."""
        job = self.get_job(job_id, areas)
        if job.state in ENDED or not job.is_paused:
            raise InvalidInput("The job is not paused.", hint="Look at its state.")
        self.store.lift_pause(job_id)
        self._wake.set()
        return self.get_job(job_id, areas)

    def dismiss_job(self, job_id: str, areas: Collection[str]) -> Job:
        """Put an ended job away and return it. Raises ``Conflict`` while it runs."""
        job = self.get_job(job_id, areas)
        if job.state not in ENDED:
            raise Conflict("The job has not ended.", hint="Cancel it first, then dismiss it.")
        self.store.dismiss(job_id)
        return job

    # -- running

    def _try_run(self, job_id: str, runner: Runner, *, after: int) -> None:
        lease = self.store.take(job_id, self._server, after=after)
        if lease is None:
            return
        stored = self.store.load(job_id)
        if stored.job.state in ENDED:  # its holder woke up and finished before we took it
            return
        context = JobContext(
            self.store,
            stored,
            lease,
            lease_s=self._lease_s,
            is_closing=self._closing.is_set,
        )
        self._running[job_id] = context
        ends_only = self._is_foreign(stored, runner)
        self._pool.submit(self._run, context, runner, lease, ends_only=ends_only)

    def _run(self, context: JobContext, runner: Runner, lease: Lease, *, ends_only: bool) -> None:
        try:
            ending = {"state": "cancelled"} if ends_only else self._work(context, runner, lease)
            context.end_log()
            if ending is not None:
                self._persist(lambda: context.finish(**ending))
                self._persist(lambda: self._record(context.job, runner))
            context.release()
        except LeaseLost:
            log.warning("job %s was taken over by another server", context.job.id)
        except Exception:
            log.exception("the end of job %s could not be recorded", context.job.id)
        finally:
            self._running.pop(context.job.id, None)
            self._wake.set()  # it may have been resumed already

    def _work(self, context: JobContext, runner: Runner, lease: Lease) -> dict[str, Any] | None:
        """Run a job and return how it ended; nothing when it is left for another server."""
        if self.is_closing:
            return None
        if context.job.state != "pending" and not runner.is_resumable:
            if self.store.is_cancel_asked(context.job.id):
                return {"state": "cancelled"}
            return _failed("The server that ran this died.", "Start it again.")
        try:
            context.write(
                state="running",
                started=context.job.started or now(),
                owner=self._server,
                problem=None,
                times_taken_over=lease.number - 1,
            )
            if not context.checkpoint:  # what an earlier run began, the runner may have to finish
                context.check()
            receipt = RECEIPT.dump_python(runner.run(context), mode="json")
        except (JobCancelled, JobInterrupted) as e:
            is_ending = self.is_closing or isinstance(e, JobInterrupted)
            return self._stopped(context, runner, is_ending=is_ending)
        except JobPaused as e:
            self._pause(context, e.problem)
            return None
        except LeaseLost:
            raise
        except GrowthError as e:
            return _failed(e.detail, e.hint, title=e.title)
        except Exception as e:
            log.exception("job %s failed", context.job.id)
            return _failed(
                f"An unexpected error: {type(e).__name__}.",
                f"The server's log has the details under job {context.job.id}.",
            )
        return {"state": "succeeded", "receipt": receipt}

    def _pause(self, context: JobContext, problem: JobProblem | None) -> None:
        if problem:
            self._persist(lambda: self.store.ask_pause(context.job.id, self._server))
            context.log(f"paused: {problem.detail}")
        self._persist(lambda: context.write(state="pending", owner="", problem=problem))

    def _stopped(
        self, context: JobContext, runner: Runner, *, is_ending: bool
    ) -> dict[str, Any] | None:
        """Return how a job ended whose runner stopped early, on whichever of its questions.

        ``is_ending``: this server stops, or this process ends, which a runner may notice first.
        """
        if context.is_lost:
            raise LeaseLost(f"Job {context.job.id} is run by another server by now.")
        is_cancelled = self.store.is_cancel_asked(context.job.id)
        if not is_ending or (is_cancelled and not context.checkpoint):
            return {"state": "cancelled"}
        if runner.is_resumable:
            return None
        if is_cancelled:
            return {"state": "cancelled"}
        return _failed("The server that ran this was stopped.", "Start it again.")

    def _persist(self, write: Callable[[], None]) -> None:
        """Write the end of a job, again and again while the disk is full or away."""
        while True:
            try:
                write()
                return
            except (StorageFull, StorageUnavailable) as e:
                log.warning("the end of a job cannot be written yet: %s", e.detail)
                if self._closing.wait(SAVE_EVERY_S):
                    raise

    def _record(self, job: Job, runner: Runner) -> None:
        receipt, is_done = job.receipt or {}, job.state == "succeeded"
        self._audit.record(
            user=job.created_by,
            permission=runner.permission,
            area=job.area,
            action=job.title,
            target=f"job {job.id}",
            plan_id=str(receipt.get("plan_id", "")),
            result="done" if is_done else "failed",
            detail=job.problem.detail if job.problem else "" if is_done else job.state,
            undo=receipt.get("undo"),
        )

    def _is_foreign(self, stored: StoredJob, runner: Runner) -> bool:
        """Return whether only another user's server may run this job."""
        is_ours = stored.is_ours and stored.job.created_by == self._user
        return (runner.is_personal or self.store.is_shared) and not is_ours

    # -- watching

    def _watch_loop(self) -> None:
        every_s = self._lease_s / 6
        beat_s = 0.0
        while not self._closed.is_set():
            is_woken = self._wake.wait(min(SAVE_EVERY_S, every_s))
            self._wake.clear()
            is_beat = is_woken or time.monotonic() - beat_s >= every_s
            if is_beat:
                beat_s = time.monotonic()
            try:
                self._look_after_ours(is_beat=is_beat)
                if is_beat and self._takes_over and not self.is_closing:
                    self._take_over_orphans()
            except GrowthError as e:
                log.warning("the jobs cannot be looked after: %s", e.detail)
            except Exception:
                log.exception("the jobs could not be looked after")

    def _look_after_ours(self, *, is_beat: bool) -> None:
        contexts = list(self._running.values())
        if is_beat:
            for context in contexts:
                context.renew()
        for context in contexts:
            if not context.is_lost:
                self._flush(context)
        if contexts and is_beat:
            self._on_activity()

    def _flush(self, context: JobContext) -> None:
        try:
            context.flush()
        except GrowthError as e:
            log.warning("job %s cannot be looked after: %s", context.job.id, e.detail)
        except Exception:  # one job whose record cannot be written must not harm the others
            log.exception("job %s could not be written", context.job.id)

    def _take_over_orphans(self) -> None:
        for stored in self.store.list_stored():
            job, runner = stored.job, self._runners.get(stored.job.kind)
            if job.state in ENDED or job.id in self._running or runner is None:
                continue
            is_asleep = job.is_paused and job.state == "pending"
            is_foreign = self._is_foreign(stored, runner)
            if (is_asleep or is_foreign) and not job.is_cancel_asked:
                continue  # an end may be written by anybody
            try:
                after = self.store.top_if_stale(job.id, self._lease_s)
                if after is not None:
                    self._try_run(job.id, runner, after=after)
            except GrowthError as e:  # one sick job must not keep the others waiting
                log.warning("job %s cannot be looked after: %s", job.id, e.detail)


def _failed(detail: str, hint: str, *, title: str = "The job failed") -> dict[str, Any]:
    return {"state": "failed", "problem": JobProblem(title=title, detail=detail, hint=hint)}
