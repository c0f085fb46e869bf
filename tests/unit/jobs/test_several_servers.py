"""Several servers over one folder: killed, stopped, racing. Every server is a real process."""

from __future__ import annotations

import os
import re
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from growth_admin.core.errors import LeaseLost, StorageFull
from growth_admin.core.permissions import AREAS
from growth_admin.jobs.engine import JobContext
from growth_admin.jobs.models import Job, Progress, StoredJob
from growth_admin.jobs.store import JobStore, Lease
from tests.conftest import Child, fill, wait_until
from tests.unit.jobs.engines import (
    KIND,
    Work,
    entries_of,
    look,
    make_engine,
    start,
    step_through,
    steps_in,
    wait_for_state,
)

Spawn = Callable[[Callable[[], object]], Child]


def serve(folder: Path, run: Work, **options: Any) -> Callable[[], None]:
    """Return the life of a server that takes over what it finds."""

    def live() -> None:
        make_engine(folder, run, **options)
        time.sleep(60)

    return live


def start_and_serve(folder: Path, run: Work, **options: Any) -> Callable[[], None]:
    """Return the life of a server that starts a job of its own."""

    def live() -> None:
        start(make_engine(folder, run, **options))
        time.sleep(60)

    return live


def the_job(folder: Path) -> str:
    """Return the id of the only job, once it is there."""
    wait_until(lambda: list((folder / "jobs").glob("*/lease.1")), what="the job")
    (path,) = (folder / "jobs").iterdir()
    return path.name


def test_job_when_its_server_is_killed_then_another_goes_on_and_no_step_is_done_twice(
    tmp_path: Path, spawn: Spawn
) -> None:
    steps = tmp_path / "steps"
    first = spawn(start_and_serve(tmp_path, step_through(steps, 25, step_s=0.08)))
    job_id = the_job(tmp_path)
    wait_until(lambda: len(steps_in(steps)) >= 5, what="some steps")
    spawn(serve(tmp_path, step_through(steps, 25, step_s=0.02), user="tom"))
    time.sleep(1)
    assert look(tmp_path, job_id).times_taken_over == 0  # the first lives: nobody takes over
    first.signal(signal.SIGKILL)
    first.join()
    done = len(steps_in(steps))
    assert done < 25
    ended = wait_for_state(tmp_path, job_id)
    assert (ended.state, ended.times_taken_over, ended.created_by) == ("succeeded", 1, "jane")
    found = steps_in(steps)
    # only the step between its effect and its checkpoint may come again
    assert [step for step in found if step != done - 1] == [n for n in range(25) if n != done - 1]
    assert found.count(done - 1) in (1, 2)
    wait_until(lambda: entries_of(tmp_path, job_id), what="the entry")
    assert entries_of(tmp_path, job_id) == [("done", "")]


def test_job_when_its_server_is_killed_and_it_cannot_be_resumed_then_it_fails_and_says_so(
    tmp_path: Path, spawn: Spawn
) -> None:
    def run(context: JobContext) -> dict[str, Any]:
        (tmp_path / f"ran-{os.getpid()}").touch()
        time.sleep(60)
        return {}

    first = spawn(start_and_serve(tmp_path, run, is_resumable=False))
    job_id = the_job(tmp_path)
    wait_until(lambda: list(tmp_path.glob("ran-*")), what="the run")
    first.kill()
    spawn(serve(tmp_path, run, user="tom", is_resumable=False))
    ended = wait_for_state(tmp_path, job_id)
    assert ended.state == "failed"
    assert ended.problem and ended.problem.detail == "The server that ran this died."
    assert len(list(tmp_path.glob("ran-*"))) == 1
    wait_until(lambda: entries_of(tmp_path, job_id), what="the entry")


def test_jobs_when_several_servers_scan_the_same_folder_then_each_runs_exactly_once(
    tmp_path: Path, spawn: Spawn
) -> None:
    def run(context: JobContext) -> dict[str, Any]:
        (runs / f"{context.job.id}--{os.getpid()}").touch()
        context.log(f"run by {os.getpid()}")
        time.sleep(0.05)
        return {"title": "once"}

    runs = tmp_path / "runs"
    runs.mkdir()
    store = JobStore(tmp_path / "jobs")
    jobs = [lone_job(store) for _ in range(20)]
    for user in ("ada", "bob", "cleo", "dan"):
        spawn(serve(tmp_path, run, user=user, lease_s=5, workers=2))
    for job in jobs:
        assert wait_for_state(tmp_path, job.id, timeout_s=40).state == "succeeded"
    assert sorted(path.name.partition("--")[0] for path in runs.iterdir()) == sorted(
        job.id for job in jobs
    )
    for job in jobs:
        assert len(store.read_log(job.id, 0).text.splitlines()) == 1


def lone_job(store: JobStore, **fields: Any) -> Job:
    """Write a job that nobody runs yet."""
    known = {
        "id": store.new_id(),
        "kind": KIND,
        "area": "startup",
        "title": "x",
        "state": "pending",
        "created": "2026-11-23T08:00:00Z",
        "created_by": "jane",
    }
    job = Job.model_validate({**known, **fields})
    store.create(StoredJob(job=job, params={}))
    return job


def test_personal_job_when_its_server_died_then_only_the_same_user_goes_on(
    tmp_path: Path, spawn: Spawn
) -> None:
    def run(context: JobContext) -> dict[str, Any]:
        return {"title": "done"}

    job = lone_job(JobStore(tmp_path / "jobs"))
    spawn(serve(tmp_path, run, user="tom", is_personal=True))
    time.sleep(1.2)
    assert look(tmp_path, job.id).state == "pending"
    spawn(serve(tmp_path, run, user="jane", is_personal=True))
    assert wait_for_state(tmp_path, job.id).state == "succeeded"


def test_personal_job_when_its_user_is_gone_then_another_admin_can_cancel_and_dismiss_it(
    tmp_path: Path, spawn: Spawn
) -> None:
    def run(context: JobContext) -> dict[str, Any]:
        (tmp_path / f"ran-{os.getpid()}").touch()
        time.sleep(60)
        return {}

    first = spawn(start_and_serve(tmp_path, run, is_personal=True))
    job_id = the_job(tmp_path)
    wait_until(lambda: list(tmp_path.glob("ran-*")), what="the run")
    first.kill()
    tom = make_engine(tmp_path, run, user="tom", is_personal=True)
    tom.cancel_job(job_id, AREAS, "tom")
    assert wait_for_state(tmp_path, job_id).state == "cancelled"
    tom.dismiss_job(job_id, AREAS)
    tom.close()
    assert len(list(tmp_path.glob("ran-*"))) == 1


def test_job_when_its_server_sleeps_and_wakes_late_then_it_is_fenced(
    tmp_path: Path, spawn: Spawn
) -> None:
    steps = tmp_path / "steps"

    def work(name: str, count: int) -> Work:
        inner = step_through(steps, count, step_s=0.05)

        def run(context: JobContext) -> dict[str, Any]:
            try:
                return inner(context)
            except LeaseLost:
                (tmp_path / f"{name}-lost").touch()
                raise

        return run

    first = spawn(start_and_serve(tmp_path, work("first", 60)))
    job_id = the_job(tmp_path)
    wait_until(lambda: len(steps_in(steps)) >= 5, what="some steps")
    first.signal(signal.SIGSTOP)
    spawn(serve(tmp_path, work("second", 60), user="tom"))
    wait_until(lambda: look(tmp_path, job_id).times_taken_over == 1, what="the takeover")
    first.signal(signal.SIGCONT)
    wait_until(lambda: (tmp_path / "first-lost").exists(), what="the fencing")
    ended = wait_for_state(tmp_path, job_id)
    assert (ended.state, ended.times_taken_over) == ("succeeded", 1)
    time.sleep(1)
    assert look(tmp_path, job_id).state == "succeeded"  # the late one wrote nothing over it
    found = steps_in(steps)
    assert sorted(set(found)) == list(range(60))
    # at most the step in hand when it fell asleep, and the one that was not yet checkpointed
    assert len(found) <= 62
    assert not (tmp_path / "second-lost").exists()
    wait_until(lambda: entries_of(tmp_path, job_id), what="the entry")
    assert entries_of(tmp_path, job_id) == [("done", "")]


def test_save_when_the_holder_was_overtaken_between_check_and_write_then_nobody_reads_it(
    tmp_path: Path,
) -> None:
    store = JobStore(tmp_path)
    job = lone_job(store)
    late = store.take(job.id, "late", after=0)
    assert late
    store.save(StoredJob(job=job.model_copy(update={"state": "running"}), params={}), late)
    files = {path.name: path.read_bytes() for path in store.path(job.id).iterdir()}
    new = store.take(job.id, "new", after=1)
    assert new
    ended = job.model_copy(update={"state": "succeeded"})
    store.save(StoredJob(job=ended, params={}), new)
    # what a write looks like that was checked before the takeover and arrives after the end
    (store.path(job.id) / "job.1.json").write_bytes(files["job.1.json"])
    assert store.load(job.id).job.state == "succeeded"
    assert [stored.job.state for stored in store.list_stored()] == ["succeeded"]


def test_take_when_the_holder_finished_in_the_last_moment_then_the_job_does_not_run_again(
    tmp_path: Path,
) -> None:
    def run(context: JobContext) -> dict[str, Any]:
        runs.append(1)
        return {}

    runs: list[int] = []
    store = JobStore(tmp_path / "jobs")
    job = lone_job(store)
    lease = store.take(job.id, "other", after=0)
    assert lease
    engine = make_engine(tmp_path, run, lease_s=0.5)
    ended = StoredJob(job=job.model_copy(update={"state": "succeeded"}), params={})
    store.save(ended, lease)
    engine._try_run(job.id, engine._runners[KIND], after=1)
    engine.close()
    assert runs == []
    assert look(tmp_path, job.id).state == "succeeded"


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    filler = fill(disk)
    try:
        yield
    finally:
        filler.unlink()


def test_job_when_the_disk_fills_up_then_the_work_goes_on_and_its_end_is_written_later(
    small_disk: Path,
) -> None:
    def run(context: JobContext) -> dict[str, Any]:
        wait_until(lambda: (small_disk / "filler").exists(), what="the full disk")
        big = "x" * 6000
        for number in range(5):
            context.check()
            context.progress(number, 5, message=big)
            context.log(big)
            time.sleep(0.3)
        worked.append(1)
        return {"title": "done"}

    worked: list[int] = []
    engine = make_engine(small_disk, run, lease_s=0.6)
    job = start(engine)
    wait_for_state(small_disk, job.id, "running")
    with filled(small_disk):
        wait_until(lambda: worked, what="the work")
        other = JobStore(small_disk / "jobs")
        end_s = time.monotonic() + 1.5
        while time.monotonic() < end_s:  # its lease is renewed, full disk or not
            assert other.top_if_stale(job.id, 0.6) is None
            time.sleep(0.1)
        assert look(small_disk, job.id).state == "running"
    ended = wait_for_state(small_disk, job.id)
    assert (ended.state, ended.receipt) == ("succeeded", {"title": "done"})
    wait_until(lambda: entries_of(small_disk, job.id), what="the entry")
    engine.close()


def test_save_checkpoint_when_the_disk_is_full_then_the_runner_hears_of_it(
    small_disk: Path,
) -> None:
    def run(context: JobContext) -> dict[str, Any]:
        wait_until(lambda: (small_disk / "filler").exists(), what="the full disk")
        try:
            context.save_checkpoint({"x": "x" * 9000})
        except StorageFull:
            heard.append(1)
            raise
        return {}

    heard: list[int] = []
    engine = make_engine(small_disk, run)
    job = start(engine)
    wait_for_state(small_disk, job.id, "running")
    with filled(small_disk):
        wait_until(lambda: heard, what="the error")
    ended = wait_for_state(small_disk, job.id)
    assert ended.problem and ended.problem.title == "The disk is full"
    engine.close()


def test_log_when_lines_were_lost_to_a_full_disk_then_the_log_counts_them(
    small_disk: Path,
) -> None:
    def run(context: JobContext) -> dict[str, Any]:
        context.log("one")
        with filled(small_disk):
            for _ in range(3):
                context.log("x" * 9000)
        context.log("five")
        return {}

    engine = make_engine(small_disk, run)
    job = start(engine)
    wait_for_state(small_disk, job.id)
    lines = engine.read_log(job.id, AREAS, 0).text.splitlines()
    assert (lines[0], lines[-1]) == ("one", "five")
    # a note may still fit where a line did not
    assert sum(int(re.findall(r"missing here: (\d+)", line)[0]) for line in lines[1:-1]) == 3
    engine.close()


def test_job_when_its_folder_disappears_then_the_runner_is_told_to_stop(tmp_path: Path) -> None:
    def run(context: JobContext) -> dict[str, Any]:
        while True:
            time.sleep(0.02)
            context.check()

    engine = make_engine(tmp_path, run, lease_s=0.4)
    job = start(engine)
    wait_for_state(tmp_path, job.id, "running")
    shutil.rmtree(tmp_path / "jobs" / job.id)
    wait_until(lambda: not engine._running, what="the end")
    engine.close()


def test_list_stored_when_there_are_200_ended_jobs_then_a_second_scan_is_quick(
    tmp_path: Path,
) -> None:
    store = JobStore(tmp_path)
    progress = Progress(done=1)
    for number in range(200):
        folder = tmp_path / f"20261123T080000-{number:08x}"
        folder.mkdir()
        fields = {"state": "succeeded", "progress": progress, "id": folder.name}
        job = lone_job_model(**fields)
        (folder / "job.0.json").write_text(StoredJob(job=job, params={}).model_dump_json())
    assert len(list(store.list_stored())) == 200
    began_s = time.process_time()
    assert len(list(store.list_stored())) == 200
    assert time.process_time() - began_s < 0.05


def lone_job_model(**fields: Any) -> Job:
    """Return a job that is written nowhere."""
    known = {
        "kind": KIND,
        "area": "startup",
        "title": "x",
        "created": "2026-11-23T08:00:00Z",
        "created_by": "jane",
    }
    return Job.model_validate({**known, **fields})


def test_renew_when_a_lease_is_higher_then_it_is_lost(tmp_path: Path) -> None:
    store = JobStore(tmp_path)
    job = lone_job(store)
    assert store.take(job.id, "a", after=0) == Lease(job.id, 1, "a")
    assert store.take(job.id, "b", after=0) is None
    assert store.take(job.id, "b", after=1)
    for late in (Lease(job.id, 1, "a"), Lease(job.id, 0, "a")):
        try:
            store.renew(late)
        except LeaseLost:
            continue
        raise AssertionError("a late holder renewed its lease")
