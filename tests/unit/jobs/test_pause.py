"""Jobs that stop for a while, and what is believed of a job in a folder that others may write."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from growth_admin.core.audit import AuditTrail
from growth_admin.core.errors import InvalidInput, NotFound
from growth_admin.core.permissions import AREAS
from growth_admin.core.schema import now
from growth_admin.jobs.board import JobBoard
from growth_admin.jobs.engine import JobContext, JobEngine, JobPaused, Runner
from growth_admin.jobs.models import Job, JobProblem, StoredJob
from growth_admin.jobs.store import JobStore
from tests.conftest import fill, wait_until
from tests.unit.jobs.engines import (
    KIND,
    look,
    make_engine,
    start,
    step_through,
    steps_in,
    wait_for_state,
)


def wait_for_pause(folder: Path, job_id: str) -> None:
    """Return once the job is paused and nobody runs it."""
    wait_until(
        lambda: look(folder, job_id).is_paused and look(folder, job_id).state == "pending",
        what="the pause",
    )


def asked_job(folder: Path, **params: Any) -> Job:
    """Return a job that was asked for, and that nobody runs yet."""
    store = JobStore(folder / "jobs")
    job = Job(
        id=store.new_id(),
        kind=KIND,
        area="startup",
        title="Rehearse r1",
        state="pending",
        created=now(),
        created_by="jane",
    )
    store.create(StoredJob(job=job, params=params))
    return job


def test_job_when_paused_and_resumed_then_it_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    steps = tmp_path / "steps"
    engine = make_engine(tmp_path, step_through(steps, 30, step_s=0.02), is_pausable=True)
    job = start(engine)
    wait_until(lambda: len(steps_in(steps)) >= 3, what="some steps")
    engine.pause_job(job.id, AREAS, "jane")
    wait_for_pause(tmp_path, job.id)
    done = steps_in(steps)
    time.sleep(0.6)
    assert steps_in(steps) == done, "it went on although it was paused"
    engine.resume_job(job.id, AREAS)
    ended = wait_for_state(tmp_path, job.id)
    engine.close()
    assert (ended.state, ended.is_paused) == ("succeeded", False)
    assert steps_in(steps) == list(range(30)), "a step was lost or done twice"


def test_job_when_it_pauses_itself_then_it_says_why_until_it_is_resumed(tmp_path: Path) -> None:
    quota = JobProblem(title="The source gave no data", detail="Quota.", hint="Wait a day.")

    def run(context: JobContext) -> dict[str, Any]:
        if not (tmp_path / "tomorrow").exists():
            raise JobPaused(quota)
        return {"title": "done"}

    engine = make_engine(tmp_path, run, is_pausable=True)
    job = start(engine)
    wait_for_pause(tmp_path, job.id)
    assert look(tmp_path, job.id).problem == quota
    (tmp_path / "tomorrow").touch()
    engine.resume_job(job.id, AREAS)
    ended = wait_for_state(tmp_path, job.id)
    engine.close()
    assert (ended.state, ended.problem) == ("succeeded", None)


def test_job_when_it_pauses_for_a_full_disk_then_the_pause_is_written_once_there_is_room(
    small_disk: Path,
) -> None:
    full = JobProblem(title="The disk is full", detail="No room.", hint="Make room.")
    runs: list[int] = []

    def run(context: JobContext) -> dict[str, Any]:
        runs.append(1)
        wait_until(lambda: (small_disk / "filler").exists(), what="the full disk")
        raise JobPaused(full)

    engine = make_engine(small_disk, run, is_pausable=True, lease_s=0.6)
    job = start(engine)
    wait_for_state(small_disk, job.id, "running")
    filler = fill(small_disk)
    time.sleep(2)  # long enough for whoever takes over what seems to be left alone
    filler.unlink()
    wait_for_pause(small_disk, job.id)
    assert look(small_disk, job.id).problem == full
    assert runs == [1], "it ran again while there was no room"
    engine.close()


def test_paused_job_when_cancelled_then_it_ends(tmp_path: Path) -> None:
    engine = make_engine(tmp_path, step_through(tmp_path / "steps", 500), is_pausable=True)
    job = start(engine)
    wait_until(lambda: steps_in(tmp_path / "steps"), what="a step")
    engine.pause_job(job.id, AREAS, "jane")
    wait_for_pause(tmp_path, job.id)
    engine.cancel_job(job.id, AREAS, "jane")
    assert wait_for_state(tmp_path, job.id).state == "cancelled"
    engine.close()


def test_paused_job_when_its_server_is_restarted_then_it_stays_paused(tmp_path: Path) -> None:
    work = step_through(tmp_path / "steps", 100, step_s=0.02)
    first = make_engine(tmp_path, work, is_pausable=True)
    job = start(first)
    wait_until(lambda: steps_in(tmp_path / "steps"), what="a step")
    first.pause_job(job.id, AREAS, "jane")
    first.close()
    second = make_engine(tmp_path, work, is_pausable=True)
    wait_for_pause(tmp_path, job.id)
    time.sleep(0.5)
    assert look(tmp_path, job.id).state == "pending"
    second.close()


def test_pause_when_the_kind_cannot_or_the_job_has_ended_then_it_is_refused(tmp_path: Path) -> None:
    engine = make_engine(tmp_path, step_through(tmp_path / "steps", 1))
    job = start(engine)
    with pytest.raises(InvalidInput, match=r"cannot be paused|has ended"):
        engine.pause_job(job.id, AREAS, "jane")
    wait_for_state(tmp_path, job.id)
    with pytest.raises(InvalidInput, match="has ended"):
        engine.pause_job(job.id, AREAS, "jane")
    with pytest.raises(InvalidInput, match="not paused"):
        engine.resume_job(job.id, AREAS)
    engine.close()


def test_job_when_its_engine_closes_then_the_next_need_not_wait_for_its_lease(
    tmp_path: Path,
) -> None:
    work = step_through(tmp_path / "steps", 40, step_s=0.02)
    first = make_engine(tmp_path, work, lease_s=600)
    job = start(first)
    wait_until(lambda: steps_in(tmp_path / "steps"), what="a step")
    first.close()
    second = make_engine(tmp_path, work, lease_s=600)
    assert second.adopt(job.id)
    assert wait_for_state(tmp_path, job.id).state == "succeeded"
    second.close()


def test_personal_job_when_others_rewrote_its_state_then_what_was_asked_for_still_counts(
    tmp_path: Path,
) -> None:
    seen: list[Any] = []

    def run(context: JobContext) -> dict[str, Any]:
        seen.append(context.params)
        return {"title": "done"}

    job = asked_job(tmp_path, link="https://example.org/data")
    forged = json.loads((tmp_path / "jobs" / job.id / "job.0.json").read_bytes())
    forged["params"] = {"link": "/home/admin/secret"}
    (tmp_path / "jobs" / job.id / "job.7.json").write_text(json.dumps(forged))
    engine = make_engine(tmp_path, run, is_personal=True)
    assert wait_for_state(tmp_path, job.id).state == "succeeded"
    engine.close()
    assert seen == [{"link": "https://example.org/data"}]


def test_personal_job_when_another_account_or_anybody_may_write_it_then_it_is_not_ours(
    tmp_path: Path,
) -> None:
    job = asked_job(tmp_path)
    store = JobStore(tmp_path / "jobs")
    asked = store.path(job.id) / "job.0.json"
    assert store.load(job.id).is_ours
    asked.chmod(0o660)
    assert not store.load(job.id).is_ours
    asked.chmod(0o440)
    os.chown(asked, 54321, -1)
    assert not store.load(job.id).is_ours


def test_board_when_a_job_of_another_area_lies_in_a_store_then_it_is_neither_shown_nor_found(
    tmp_path: Path,
) -> None:
    mine = make_engine(tmp_path / "admin", lambda context: {})
    shared = make_engine(tmp_path / "shared", lambda context: {})
    board = JobBoard({mine: {"startup"}, shared: {"datasets"}})
    own, planted = start(mine), start(shared)
    assert [job.id for job in board.list_jobs(AREAS).jobs] == [own.id]
    assert board.get_job(own.id, AREAS).id == own.id
    with pytest.raises(NotFound):
        board.get_job(planted.id, AREAS)
    with pytest.raises(NotFound):
        board.get_job("20260101T000000-abcdef", AREAS)
    board.close()


def test_progress_when_the_unit_changes_then_the_rate_begins_anew(tmp_path: Path) -> None:
    def run(context: JobContext) -> dict[str, Any]:
        context.progress(100, 200, unit="files")
        time.sleep(0.2)
        context.progress(30e9, 100e9, unit="B")
        time.sleep(1.2)
        context.progress(30e9 + 12e6, 100e9, unit="B")
        return {"title": "done"}

    engine = make_engine(tmp_path, run)
    ended = wait_for_state(tmp_path, start(engine).id)
    engine.close()
    assert ended.progress is not None
    assert ended.progress.rate_per_s is not None
    assert 2e6 < ended.progress.rate_per_s < 12e6, "what was there before counts as speed"


def test_job_when_its_holder_dies_while_somebody_waits_then_asking_again_takes_it_over(
    tmp_path: Path,
) -> None:
    job = asked_job(tmp_path)
    store = JobStore(tmp_path / "jobs")
    assert store.take(job.id, "another/machine", after=0) is not None
    (store.path(job.id) / "lease.1").write_bytes(b"another/machine elsewhere:1:2:3 beat\n")
    waiting = JobEngine(  # not opened: like a terminal's, it takes over only what it is told to
        store,
        user="jane",
        server="jane/",
        audit=AuditTrail(tmp_path / "audit", writer="jane"),
        lease_s=0.5,
    )

    def run(context: JobContext) -> dict[str, Any]:
        time.sleep(0.5)
        return {"title": "done"}

    waiting.register(Runner(KIND, "startup.scripts:rehearse", run, is_resumable=True))
    assert not waiting.adopt(job.id), "its holder may still live"
    time.sleep(0.6)
    assert waiting.adopt(job.id)
    assert wait_for_state(tmp_path, job.id).state == "succeeded"
    waiting.close()
