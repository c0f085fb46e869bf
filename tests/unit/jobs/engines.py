"""Engines over a shared folder, as the servers of several admins have them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from growth_admin.core.audit import AuditTrail
from growth_admin.core.permissions import AREAS
from growth_admin.jobs.engine import JobContext, JobEngine, Runner
from growth_admin.jobs.models import ENDED, Job
from growth_admin.jobs.seal import Seal
from growth_admin.jobs.store import JobStore
from tests.conftest import wait_until

Work = Callable[[JobContext], dict[str, Any]]
KIND = "startup.rehearsal"


def make_engine(
    folder: Path,
    run: Work,
    *,
    user: str = "jane",
    lease_s: float = 1.0,
    workers: int = 4,
    is_resumable: bool = True,
    is_personal: bool = False,
    is_pausable: bool = False,
    seal: Seal | None = None,
    store: type[JobStore] = JobStore,
    on_activity: Callable[[], None] = lambda: None,
) -> JobEngine:
    """Return an open engine that knows one kind of job."""
    engine = JobEngine(
        store(folder / "jobs", seal=seal),
        user=user,
        server=f"{user}/",
        audit=AuditTrail(folder / "audit", writer=user),
        lease_s=lease_s,
        workers=workers,
        on_activity=on_activity,
    )
    engine.register(
        Runner(KIND, "startup.scripts:rehearse", run, is_resumable, is_personal, is_pausable)
    )
    engine.open()
    return engine


def start(engine: JobEngine, user: str = "jane", **params: Any) -> Job:
    """Start a job and return it as pending."""
    return engine.start_job(KIND, title="Rehearse r1", params=params, user=user)


def look(folder: Path, job_id: str) -> Job:
    """Return a job as a server that never saw it before reads it."""
    return JobStore(folder / "jobs").load(job_id).job


def wait_for_state(folder: Path, job_id: str, *states: str, timeout_s: float = 20) -> Job:
    """Return the job once it is in one of these states, or has ended if none is named."""
    asked = states or ENDED
    wait_until(
        lambda: look(folder, job_id).state in asked, timeout_s=timeout_s, what=f"state {asked}"
    )
    return look(folder, job_id)


def entries_of(folder: Path, job_id: str) -> list[tuple[str, str]]:
    """Return result and detail of what the audit trail says about a job, oldest first."""
    trail = AuditTrail(folder / "audit", writer="reader")
    found = trail.list_entries(areas=AREAS).entries
    return [(e.result, e.detail) for e in reversed(found) if e.target == f"job {job_id}"]


def step_through(steps: Path, count: int, *, step_s: float = 0.05) -> Work:
    """Return work of ``count`` steps; each leaves a line, and a checkpoint after it."""

    def run(context: JobContext) -> dict[str, Any]:
        for number in range(context.checkpoint.get("next", 0), count):
            context.check()
            with steps.open("a") as file:
                file.write(f"{number}\n")
            context.save_checkpoint({"next": number + 1})
            context.progress(number + 1, count, unit="steps")
            time.sleep(step_s)
        return {"title": f"{count} steps"}

    return run


def steps_in(path: Path) -> list[int]:
    """Return the steps that were done, in order."""
    return [int(line) for line in path.read_text().split()] if path.exists() else []
