"""One server's engine: a job's life from its start to its dismissal."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from growth_admin.core.errors import Conflict, InvalidInput, NotFound
from growth_admin.core.errors import NotConfigured as Missing
from growth_admin.core.permissions import AREAS
from growth_admin.jobs.engine import JobContext, JobEngine
from growth_admin.jobs.models import StoredJob
from growth_admin.jobs.store import JobStore, Lease
from tests.conftest import wait_until
from tests.unit.jobs.engines import (
    Work,
    entries_of,
    look,
    make_engine,
    start,
    step_through,
    steps_in,
    wait_for_state,
)


class Bench:
    """Engines that are closed when the test ends."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.gate = threading.Event()
        self._engines: list[JobEngine] = []

    def engine(self, run: Work, **options: Any) -> JobEngine:
        self._engines.append(make_engine(self.folder, run, **options))
        return self._engines[-1]

    def wait_at_gate(self, context: JobContext) -> dict[str, Any]:
        """Work until the test opens the gate, or somebody asks for an end."""
        while not self.gate.is_set():
            context.check()
            time.sleep(0.01)
        return {"title": "passed"}

    def close(self) -> None:
        self.gate.set()
        for engine in self._engines:
            engine.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


def test_job_when_it_runs_to_its_end_then_it_has_a_receipt_times_and_an_audit_entry(
    bench: Bench,
) -> None:
    def run(context: JobContext) -> dict[str, Any]:
        return {"title": f"saw {context.params['n']}", "plan_id": "p7"}

    job = start(bench.engine(run), n=3)
    assert (job.state, job.area, job.created_by) == ("pending", "startup", "jane")
    ended = wait_for_state(bench.folder, job.id)
    assert (ended.state, ended.receipt) == ("succeeded", {"title": "saw 3", "plan_id": "p7"})
    assert ended.started and ended.ended and job.created <= ended.started <= ended.ended
    assert (ended.owner, ended.times_taken_over, ended.problem) == ("", 0, None)
    wait_until(lambda: entries_of(bench.folder, job.id) == [("done", "")], what="the entry")


def test_progress_when_reported_once_and_then_silence_then_it_is_on_the_disk_soon(
    bench: Bench,
) -> None:
    def run(context: JobContext) -> dict[str, Any]:
        context.progress(0, message="running the script twice")
        return bench.wait_at_gate(context)

    job = start(bench.engine(run, lease_s=30))
    wait_until(lambda: look(bench.folder, job.id).progress, timeout_s=5, what="the message")
    progress = look(bench.folder, job.id).progress
    assert progress and progress.message == "running the script twice"
    assert (progress.rate_per_s, progress.eta_s) == (None, None)


def test_progress_when_reported_often_then_it_is_written_about_once_a_second(bench: Bench) -> None:
    def run(context: JobContext) -> dict[str, Any]:
        for number in range(20_000):
            context.progress(number + 1, 40_000, unit="B")
        writes.append(context._saved_s)
        return bench.wait_at_gate(context)

    writes: list[float] = []
    began_s = time.monotonic()
    job = start(bench.engine(run))
    wait_until(lambda: writes, what="the loop")
    assert time.monotonic() - began_s < 5  # 20,000 synced writes would take longer
    wait_until(
        lambda: (p := look(bench.folder, job.id).progress) and p.done == 20_000,
        timeout_s=5,
        what="the last report",
    )


def test_progress_when_a_job_was_resumed_then_the_rate_counts_this_run_only(
    bench: Bench,
) -> None:
    def run(context: JobContext) -> dict[str, Any]:
        context.progress(1_000_000, 2_000_000, unit="B")
        time.sleep(1.3)
        context.progress(1_000_100, 2_000_000, unit="B")
        return {}

    job = start(bench.engine(run))
    progress = wait_for_state(bench.folder, job.id).progress
    assert progress and progress.rate_per_s and progress.rate_per_s < 100
    assert progress.eta_s and progress.eta_s > 9_000


def test_cancel_job_when_it_runs_then_it_ends_cancelled(bench: Bench) -> None:
    engine = bench.engine(bench.wait_at_gate, lease_s=30)
    job = start(engine)
    wait_for_state(bench.folder, job.id, "running")
    asked = engine.cancel_job(job.id, AREAS, "tom")
    assert asked.is_cancel_asked
    engine_s = time.monotonic()
    assert wait_for_state(bench.folder, job.id).state == "cancelled"
    assert time.monotonic() - engine_s < 3
    wait_until(lambda: entries_of(bench.folder, job.id), what="the entry")
    assert entries_of(bench.folder, job.id) == [("failed", "cancelled")]
    with pytest.raises(InvalidInput, match="ended already"):
        engine.cancel_job(job.id, AREAS, "tom")


def test_cancel_job_when_it_cannot_be_cancelled_then_it_is_refused(bench: Bench) -> None:
    engine = bench.engine(bench.wait_at_gate)
    job = engine.start_job(
        "startup.rehearsal", title="x", params={}, user="jane", cancellable=False
    )
    with pytest.raises(InvalidInput, match="cannot be cancelled"):
        engine.cancel_job(job.id, AREAS, "tom")


def test_cancel_job_when_asked_before_it_runs_then_it_never_runs(bench: Bench) -> None:
    def run(context: JobContext) -> dict[str, Any]:
        ran.append(context.job.id)
        return bench.wait_at_gate(context)

    ran: list[str] = []
    engine = bench.engine(run, workers=1)
    first, second = start(engine), start(engine)
    wait_for_state(bench.folder, first.id, "running")
    assert look(bench.folder, second.id).state == "pending"
    engine.cancel_job(second.id, AREAS, "tom")
    bench.gate.set()
    assert wait_for_state(bench.folder, second.id).state == "cancelled"
    assert wait_for_state(bench.folder, first.id).state == "succeeded"
    assert ran == [first.id]


def test_job_when_the_runner_raises_our_error_then_title_detail_and_hint_are_kept(
    bench: Bench,
) -> None:
    def run(context: JobContext) -> dict[str, Any]:
        raise Missing("No registry.", hint="Give one.")

    job = start(bench.engine(run))
    ended = wait_for_state(bench.folder, job.id)
    assert ended.state == "failed"
    assert ended.problem
    assert ended.problem.as_json() == {
        "title": "A part is missing",
        "detail": "No registry.",
        "hint": "Give one.",
    }
    wait_until(lambda: entries_of(bench.folder, job.id), what="the entry")
    assert entries_of(bench.folder, job.id) == [("failed", "No registry.")]


def test_job_when_the_runner_raises_anything_else_then_it_fails_without_spilling_it(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    def run(context: JobContext) -> dict[str, Any]:
        raise ValueError("secret-token-4711")

    job = start(bench.engine(run))
    ended = wait_for_state(bench.folder, job.id)
    assert ended.state == "failed"
    assert ended.problem and "ValueError" in ended.problem.detail
    assert "secret" not in ended.model_dump_json()
    assert job.id in ended.problem.hint
    assert "secret-token-4711" in caplog.text  # in the server's log, where the hint points


def test_job_when_the_receipt_cannot_be_written_as_json_then_it_fails_once_and_ends(
    bench: Bench,
) -> None:
    def run(context: JobContext) -> dict[str, Any]:
        runs.append(1)
        return {"title": object()}

    runs: list[int] = []
    job = start(bench.engine(run, lease_s=0.3))
    assert wait_for_state(bench.folder, job.id).state == "failed"
    time.sleep(1)
    assert runs == [1]


def test_job_when_its_checkpoint_cannot_be_written_as_json_then_it_fails_once_and_ends(
    bench: Bench,
) -> None:
    def run(context: JobContext) -> dict[str, Any]:
        runs.append(1)
        context.save_checkpoint({"next": object()})
        return {}

    runs: list[int] = []
    job = start(bench.engine(run, lease_s=0.3))
    assert wait_for_state(bench.folder, job.id).state == "failed"
    time.sleep(1)
    assert runs == [1]


def test_job_when_names_of_files_are_no_text_then_it_is_written_and_ends(bench: Bench) -> None:
    def run(context: JobContext) -> dict[str, Any]:
        runs.append(1)
        context.progress(1, message=odd)
        context.log(odd)
        context.save_checkpoint({"last": odd})
        raise Missing(f"{odd} is missing.")

    runs: list[int] = []
    odd = os.fsdecode(b"caf\xe9.txt")
    job = start(bench.engine(run, lease_s=0.3))
    ended = wait_for_state(bench.folder, job.id)
    assert ended.problem and ended.problem.detail == "caf?.txt is missing."
    assert ended.progress and ended.progress.message == "caf?.txt"
    wait_until(lambda: entries_of(bench.folder, job.id), what="the entry")
    assert entries_of(bench.folder, job.id) == [("failed", "caf?.txt is missing.")]
    time.sleep(1)
    assert runs == [1]


def test_receipt_when_it_names_files_that_are_no_text_then_it_is_kept(bench: Bench) -> None:
    odd = os.fsdecode(b"\xff")
    job = start(bench.engine(lambda context: {"title": odd, "items": [odd]}))
    ended = wait_for_state(bench.folder, job.id)
    assert (ended.state, ended.receipt) == ("succeeded", {"title": "?", "items": ["?"]})


def test_job_when_the_runner_kept_a_receipt_and_failed_then_both_are_there(bench: Bench) -> None:
    def run(context: JobContext) -> dict[str, Any]:
        context.finish(state="failed", receipt={"title": "2 of 3 done"})
        raise Missing("The third is missing.")

    job = start(bench.engine(run))
    wait_until(lambda: look(bench.folder, job.id).problem, what="the problem")
    ended = look(bench.folder, job.id)
    assert (ended.state, ended.receipt) == ("failed", {"title": "2 of 3 done"})


def test_log_when_read_in_parts_then_offsets_join_without_cutting_characters(
    bench: Bench,
) -> None:
    def run(context: JobContext) -> dict[str, Any]:
        for number in range(40):
            context.log(f"{number} — Grüße, 世界 {'x' * number}\n")
        return bench.wait_at_gate(context)

    engine = bench.engine(run)
    job = start(engine)
    expected = "".join(f"{n} — Grüße, 世界 {'x' * n}\n" for n in range(40))
    wait_until(
        lambda: engine.read_log(job.id, AREAS, 0).next_offset == len(expected.encode()),
        what="the log",
    )
    for limit in (7, 100):
        text, offset = "", 0
        while (part := engine.store.read_log(job.id, offset, limit)).text:
            assert not part.is_complete
            text, offset = text + part.text, part.next_offset
        assert text == expected
    bench.gate.set()
    wait_for_state(bench.folder, job.id)
    last = engine.read_log(job.id, AREAS, len(expected.encode()))
    assert (last.text, last.is_complete) == ("", True)
    assert engine.read_log(job.id, AREAS, 0).is_complete
    assert engine.read_log(job.id, AREAS, 10**9).text == ""


def test_log_when_it_has_no_end_then_it_is_cut_and_its_last_lines_are_there(
    bench: Bench,
) -> None:
    def run(context: JobContext) -> dict[str, Any]:
        for number in range(60):
            context.log("\n".join([f"{number} {'x' * 1000}"] * 1000))
        context.log("the last line")
        return {"title": "done"}

    engine = bench.engine(run)
    job = start(engine)
    assert wait_for_state(bench.folder, job.id).state == "succeeded"
    log = (bench.folder / "jobs" / job.id / "log.txt").read_text()
    assert 50 * 1024**2 < len(log) < 53 * 1024**2
    *_, last, end = log.splitlines()
    assert last.startswith("59 ") and end == "the last line"
    [missing] = re.findall(r"\[lines missing here: (\d+); the log is too long\]", log)
    assert log.count(f" {'x' * 1000}\n") + int(missing) == 60_000


def test_read_log_when_a_line_was_cut_in_a_character_then_the_end_still_comes(
    bench: Bench,
) -> None:
    job = start(bench.engine(lambda context: {}))
    wait_for_state(bench.folder, job.id)
    (bench.folder / "jobs" / job.id / "log.txt").write_bytes("abc—".encode()[:-1])
    part = bench.engine(lambda context: {}).read_log(job.id, AREAS, 0)
    assert (part.text, part.next_offset, part.is_complete) == ("abc\ufffd", 5, True)


def test_jobs_when_of_another_area_then_they_are_neither_listed_nor_found(bench: Bench) -> None:
    engine = bench.engine(lambda context: {})
    job = start(engine)
    wait_for_state(bench.folder, job.id)
    assert [found.id for found in engine.list_jobs(["startup"]).jobs] == [job.id]
    assert engine.list_jobs(["datasets"]).jobs == ()
    for ask in (
        lambda: engine.get_job(job.id, ["datasets"]),
        lambda: engine.read_log(job.id, ["datasets"], 0),
        lambda: engine.dismiss_job(job.id, ["datasets"]),
        lambda: engine.cancel_job(job.id, ["datasets"], "tom"),
    ):
        with pytest.raises(NotFound):
            ask()


def test_list_jobs_when_filtered_by_state_then_newest_come_first(bench: Bench) -> None:
    engine = bench.engine(bench.wait_at_gate)
    jobs = [start(engine)]
    wait_for_state(bench.folder, jobs[0].id, "running")
    jobs.append(start(engine))
    wait_for_state(bench.folder, jobs[1].id, "running")
    assert [job.id for job in engine.list_jobs(AREAS).jobs] == [jobs[1].id, jobs[0].id]
    assert [job.id for job in engine.list_jobs(AREAS, limit=1).jobs] == [jobs[1].id]
    assert len(engine.list_jobs(AREAS, state="running").jobs) == 2
    assert engine.list_jobs(AREAS, state="failed").jobs == ()


def test_dismiss_job_when_it_runs_then_it_is_refused_and_when_ended_it_is_gone(
    bench: Bench,
) -> None:
    engine = bench.engine(bench.wait_at_gate)
    job = start(engine)
    with pytest.raises(Conflict):
        engine.dismiss_job(job.id, AREAS)
    bench.gate.set()
    wait_for_state(bench.folder, job.id)
    assert engine.list_jobs(AREAS).jobs
    engine.dismiss_job(job.id, AREAS)
    assert engine.list_jobs(AREAS).jobs == ()
    with pytest.raises(NotFound):
        engine.get_job(job.id, AREAS)
    assert list((bench.folder / "jobs").iterdir()) == []


@pytest.mark.parametrize("job_id", ["../../etc", "..", "", "a/b", "nothing-here", "x" * 300])
def test_get_job_when_the_id_is_none_then_it_is_refused(bench: Bench, job_id: str) -> None:
    with pytest.raises((NotFound, InvalidInput)):
        bench.engine(lambda context: {}).get_job(job_id, AREAS)


def test_list_jobs_when_a_folder_is_damaged_then_the_others_come(bench: Bench) -> None:
    engine = bench.engine(lambda context: {})
    job = start(engine)
    wait_for_state(bench.folder, job.id)
    broken = bench.folder / "jobs" / "20990101T000000-broken"
    broken.mkdir()
    (broken / "job.0.json").write_text("{")
    (bench.folder / "jobs" / ".DS_Store").write_text("")
    assert [found.id for found in engine.list_jobs(AREAS).jobs] == [job.id]


def test_activity_when_a_job_runs_then_it_is_noted_and_when_idle_not(bench: Bench) -> None:
    noted: list[float] = []
    engine = bench.engine(
        bench.wait_at_gate, lease_s=0.3, on_activity=lambda: noted.append(time.monotonic())
    )
    time.sleep(0.4)
    assert noted == []
    job = start(engine)
    wait_until(lambda: len(noted) >= 3, timeout_s=5, what="activity")
    bench.gate.set()
    wait_for_state(bench.folder, job.id)
    time.sleep(0.2)
    count = len(noted)
    time.sleep(0.5)
    assert len(noted) == count


def test_watching_when_the_activity_callback_fails_then_leases_are_still_renewed(
    bench: Bench,
) -> None:
    def fail() -> None:
        raise RuntimeError("a broken callback")

    job = start(bench.engine(bench.wait_at_gate, lease_s=0.5, on_activity=fail))
    wait_for_state(bench.folder, job.id, "running")
    other = bench.engine(bench.wait_at_gate, user="tom", lease_s=0.5)
    time.sleep(2)
    assert look(bench.folder, job.id).times_taken_over == 0
    assert not other._running


class SickStore(JobStore):
    """Cannot write jobs that report anything."""

    def save(self, stored: StoredJob, lease: Lease) -> None:
        if stored.job.progress:
            raise ValueError("cannot be written")
        super().save(stored, lease)


def test_watching_when_one_job_cannot_be_written_then_the_leases_of_others_are_renewed(
    bench: Bench,
) -> None:
    def run(context: JobContext) -> dict[str, Any]:
        while context.params["is_sick"] and not bench.gate.is_set():
            with suppress(ValueError):
                context.progress(1)
            time.sleep(0.01)
        bench.gate.wait()  # without a question: those renew the lease too
        return {}

    engine = bench.engine(run, lease_s=0.5, store=SickStore)
    sick, well = start(engine, is_sick=True), start(engine, is_sick=False)
    wait_for_state(bench.folder, well.id, "running")
    bench.engine(run, user="tom", lease_s=0.5)
    time.sleep(2)
    assert look(bench.folder, well.id).times_taken_over == 0
    assert look(bench.folder, sick.id).times_taken_over == 0


def test_close_when_a_resumable_job_runs_then_the_next_server_goes_on_where_it_was(
    bench: Bench, tmp_path: Path
) -> None:
    steps = tmp_path / "steps"
    first = bench.engine(step_through(steps, 30))
    job = start(first)
    wait_until(lambda: len(steps_in(steps)) >= 5, what="some steps")
    first.close()
    left = look(bench.folder, job.id)
    assert (left.state, left.ended) == ("running", None)
    count = len(steps_in(steps))
    assert 5 <= count < 30
    bench.engine(step_through(steps, 30), user="tom")
    ended = wait_for_state(bench.folder, job.id)
    assert (ended.state, ended.times_taken_over) == ("succeeded", 1)
    assert steps_in(steps) == list(range(30))


def test_close_when_a_job_cannot_be_resumed_then_it_fails_and_says_why(bench: Bench) -> None:
    engine = bench.engine(bench.wait_at_gate, is_resumable=False)
    job = start(engine)
    wait_for_state(bench.folder, job.id, "running")
    engine.close()
    ended = look(bench.folder, job.id)
    assert ended.state == "failed"
    assert ended.problem and "stopped" in ended.problem.detail
    assert entries_of(bench.folder, job.id) == [("failed", ended.problem.detail)]


def test_close_when_a_job_had_not_begun_then_it_is_run_elsewhere_even_if_not_resumable(
    bench: Bench,
) -> None:
    engine = bench.engine(bench.wait_at_gate, is_resumable=False, workers=1)
    first, second = start(engine), start(engine)
    wait_for_state(bench.folder, first.id, "running")
    engine.close()
    assert look(bench.folder, second.id).state == "pending"
    bench.engine(lambda context: {"title": "done"}, user="tom", is_resumable=False)
    assert wait_for_state(bench.folder, second.id).state == "succeeded"


def test_close_when_a_runner_takes_long_to_stop_then_its_lease_is_kept_until_it_has(
    bench: Bench,
) -> None:
    def stubborn(context: JobContext) -> dict[str, Any]:
        runs.append(context.job.id)
        time.sleep(2)
        return {"title": "done"}

    runs: list[str] = []
    engine = bench.engine(stubborn, lease_s=0.5)
    bench.engine(stubborn, user="tom", lease_s=0.5)
    job = start(engine)
    wait_for_state(bench.folder, job.id, "running")
    engine.close()
    ended = look(bench.folder, job.id)
    assert (ended.state, ended.times_taken_over, runs) == ("succeeded", 0, [job.id])
