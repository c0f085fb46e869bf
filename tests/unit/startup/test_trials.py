"""Rehearsals for real, and canaries on a small honest double of the hub."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from growth_admin.core.audit import AuditTrail
from growth_admin.core.errors import HubRefused, NotConfigured, NotFound
from growth_admin.core.paths import Paths
from growth_admin.core.permissions import AREAS
from growth_admin.jobs.engine import JobEngine
from growth_admin.jobs.models import ENDED, Job
from growth_admin.jobs.store import JobStore
from growth_admin.startup.trials import TrialManager
from tests.conftest import Child, wait_until
from tests.unit.startup.school import FIRST, ROOT, USER, School, sound

Spawn = Callable[[Callable[[], object]], Child]


@dataclass(frozen=True)
class Event:
    """A line of a spawn's progress."""

    progress: int
    message: str
    is_ready: bool = False
    is_failed: bool = False


class FolderHub:
    """A hub with one canary. What it knows lies in a folder, so that every process sees the same.

    The start of a canary does what the chain does: it reads the candidate scripts and leaves a
    record of a made-up result.
    """

    def __init__(self, folder: Path, paths: Paths) -> None:
        self._folder = folder
        self._paths = paths
        self.state = "ok"
        self.leaves_record = True
        self.refusal = ""
        self.failure = ""
        self.pace_s = 0.0
        folder.mkdir(exist_ok=True)

    @property
    def is_running(self) -> bool:
        return (self._folder / "running").exists()

    @property
    def calls(self) -> list[str]:
        path = self._folder / "calls"
        return path.read_text().splitlines() if path.exists() else []

    def note(self, call: str) -> None:
        with (self._folder / "calls").open("a") as file:
            file.write(f"{call}\n")

    def start(self, options: Mapping[str, str]) -> None:
        if self.is_running:
            raise HubRefused("The canary runs already.")
        self.note("start")
        if self.refusal:
            raise HubRefused(self.refusal)
        (self._folder / "running").touch()
        bundle = options["scripts_revision"]
        self.scripts = {
            path.name: path.read_text() for path in (self._paths.candidates / bundle).iterdir()
        }
        if self.leaves_record:
            self.leave_record(bundle)

    def leave_record(self, bundle: str, *, user: str = "jane", started: str = "") -> None:
        self._paths.records.mkdir(parents=True, exist_ok=True)
        number = len(self.calls)
        record = {
            "id": f"{user}-{number}-{time.monotonic_ns()}",
            "hub_user": user,
            "started": started or f"2026-11-23T08:00:{number:02d}Z",
            "scripts_revision": bundle,
            "state": self.state,
            "duration_s": 1.5,
            "scripts": [{"name": USER, "state": self.state, "exit_code": 3, "error": "cp: no"}],
        }
        with (self._paths.records / f"{user}--canary.jsonl").open("a") as file:
            file.write(json.dumps(record) + "\n")

    def progress(self) -> Iterable[Event]:
        if not self.is_running:
            yield Event(100, "there is no canary", is_failed=True)
            return
        for percent in range(0, 100, 10):
            yield Event(percent, f"at {percent}")
            time.sleep(self.pace_s)
        if self.failure:
            yield Event(100, self.failure, is_failed=True)
        else:
            yield Event(100, "ready", is_ready=True)

    def stop(self) -> None:
        self.note("stop")
        (self._folder / "running").unlink(missing_ok=True)


class Stage:
    """A school with an open engine and its trials."""

    def __init__(self, root: Path, *, user: str = "jane", has_hub: bool = True) -> None:
        self.school = School(Paths(root / "admin", root / "nfs"))
        if not self.school.paths.scripts.is_dir():
            self.school = School.make(root)
            self.school.save(sound(2))
        self.hub = FolderHub(root / "hub", self.school.paths)
        self.engine = JobEngine(
            JobStore(self.school.paths.jobs),
            user=user,
            server=f"{user}/",
            audit=AuditTrail(self.school.paths.audit, writer=user),
            lease_s=1.0,
        )
        self.trials = TrialManager(
            self.school.paths,
            self.school.manager,
            self.engine,
            self.hub if has_hub else None,
            limit_s=20,
        )
        self.engine.open()

    def end_of(self, job: Job, *, timeout_s: float = 60) -> Job:
        wait_until(
            lambda: self.engine.get_job(job.id, AREAS).state in ENDED,
            timeout_s=timeout_s,
            what="the end",
        )
        return self.engine.get_job(job.id, AREAS)

    def canary(self, number: int = 2) -> Job:
        return self.end_of(self.trials.start_canary(USER, number, user="jane"))

    def evidence(self, number: int = 2) -> list[tuple[str, bool]]:
        found = self.school.manager.get_revision(USER, number).evidence
        return [(e.step, e.is_passed) for e in found]


@pytest.fixture
def stage(tmp_path: Path) -> Iterable[Stage]:
    made = Stage(tmp_path)
    yield made
    made.engine.close()


def receipt_of(job: Job) -> dict[str, Any]:
    assert job.receipt is not None, job
    return job.receipt


# -- rehearsal


def test_rehearsal_when_the_script_is_sound_then_it_passes_and_leaves_evidence(
    stage: Stage,
) -> None:
    job = stage.end_of(stage.trials.start_rehearsal(USER, 2, user="jane"))
    assert (job.state, receipt_of(job)["is_passed"]) == ("succeeded", True), job
    assert stage.evidence() == [("rehearsal", True)]
    assert receipt_of(job)["report"]
    assert stage.school.live.read_text() == FIRST


def test_rehearsal_when_the_script_fails_then_it_succeeds_as_a_job_and_not_as_evidence(
    stage: Stage,
) -> None:
    stage.school.save("#!/bin/bash\necho bad >&2\nexit 7\n", override_reason="to see it")
    job = stage.end_of(stage.trials.start_rehearsal(USER, 3, user="jane"))
    assert (job.state, receipt_of(job)["is_passed"]) == ("succeeded", False), job
    assert stage.evidence(3) == [("rehearsal", False)]
    assert "7" in receipt_of(job)["title"]


def test_rehearsal_when_the_revision_does_not_exist_then_no_job_is_made(stage: Stage) -> None:
    for start in (stage.trials.start_rehearsal, stage.trials.start_canary):
        with pytest.raises(NotFound):
            start(USER, 9, user="jane")
        with pytest.raises(NotFound):
            start("other.sh", 1, user="jane")
    assert stage.engine.list_jobs(AREAS).jobs == ()


# -- canary


def test_canary_when_it_starts_and_the_chain_is_content_then_it_passes_and_is_stopped(
    stage: Stage,
) -> None:
    root = stage.school.paths.scripts / ROOT
    root.write_text("#!/bin/bash\necho root\n")
    job = stage.canary()
    assert (job.state, receipt_of(job)["is_passed"]) == ("succeeded", True), job
    assert stage.evidence() == [("canary", True)]
    assert stage.hub.calls == ["stop", "start", "stop"]
    assert stage.hub.scripts == {USER: sound(2), ROOT: "#!/bin/bash\necho root\n"}
    assert stage.school.live.read_text() == FIRST
    log = stage.engine.read_log(job.id, AREAS, 0).text
    assert "at 50" in log and "both scripts ended well" not in log.splitlines()[0]


@pytest.mark.parametrize("state", ["failed", "timed-out", "missing"])
def test_canary_when_the_chain_reports_a_fault_then_it_does_not_pass(
    stage: Stage, state: str
) -> None:
    stage.hub.state = state
    job = stage.canary()
    assert (job.state, receipt_of(job)["is_passed"]) == ("succeeded", False)
    assert f"{USER} {state} with exit code 3: cp: no" in receipt_of(job)["title"]
    assert stage.evidence() == [("canary", False)]
    assert not stage.hub.is_running


def test_canary_when_the_spawn_fails_then_the_hubs_words_are_kept(stage: Stage) -> None:
    stage.hub.failure = "no node has room"
    stage.hub.leaves_record = False
    job = stage.canary()
    assert receipt_of(job)["title"] == "The canary did not start: no node has room"
    assert stage.evidence() == [("canary", False)]
    assert not stage.hub.is_running


def test_canary_when_the_hub_refuses_then_the_job_fails_with_its_words(stage: Stage) -> None:
    stage.hub.refusal = "Too many named servers."
    job = stage.canary()
    assert job.state == "failed"
    assert job.problem and job.problem.detail == "Too many named servers."
    assert stage.evidence() == []
    assert stage.hub.calls[-1] == "stop"


def test_canary_when_the_same_text_was_tried_before_then_the_old_record_does_not_count(
    stage: Stage,
) -> None:
    stage.hub.state = "failed"
    assert not receipt_of(stage.canary())["is_passed"]
    stage.hub.state = "ok"
    assert receipt_of(stage.canary())["is_passed"]
    assert stage.evidence() == [("canary", True), ("canary", False)]


def test_canary_when_another_admin_tries_the_same_text_then_only_ones_own_record_counts(
    stage: Stage,
) -> None:
    def follow_and_disturb() -> Iterable[Event]:
        bundle = next(stage.school.paths.candidates.iterdir()).name
        stage.hub.state = "failed"
        stage.hub.leave_record(bundle, user="tom", started="2026-11-23T23:59:59Z")
        yield Event(100, "ready", is_ready=True)

    stage.hub.progress = follow_and_disturb  # type: ignore[method-assign]  # our own double
    assert receipt_of(stage.canary())["is_passed"]


def test_canary_when_cancelled_then_it_is_stopped_and_leaves_no_evidence(stage: Stage) -> None:
    stage.hub.pace_s = 0.3
    job = stage.trials.start_canary(USER, 2, user="jane")
    wait_until(lambda: stage.hub.is_running, what="the canary")
    stage.engine.cancel_job(job.id, AREAS, "tom")
    assert stage.end_of(job).state == "cancelled"
    assert not stage.hub.is_running
    assert stage.evidence() == []


def test_canary_when_there_is_no_hub_then_it_is_not_configured(tmp_path: Path) -> None:
    stage = Stage(tmp_path, has_hub=False)
    with pytest.raises(NotConfigured) as raised:
        stage.trials.start_canary(USER, 2, user="jane")
    assert raised.value.hint
    stage.engine.close()


def test_canary_when_the_server_stops_then_the_canary_is_left_and_the_next_server_ends_it(
    tmp_path: Path,
) -> None:
    first = Stage(tmp_path)
    first.hub.pace_s = 0.3
    job = first.trials.start_canary(USER, 2, user="jane")
    wait_until(lambda: first.hub.is_running, what="the canary")
    wait_until(
        lambda: first.engine.store.load(job.id).checkpoint.get("step"), what="the checkpoint"
    )
    first.engine.close()
    assert first.hub.is_running
    second = Stage(tmp_path)
    ended = second.end_of(job)
    assert receipt_of(ended)["is_passed"], ended
    assert second.hub.calls == ["stop", "start", "stop"]
    second.engine.close()


def test_canary_when_its_server_is_killed_then_ones_next_server_ends_it(
    tmp_path: Path, spawn: Spawn
) -> None:
    Stage(tmp_path).engine.close()

    def serve() -> None:
        stage = Stage(tmp_path)
        stage.hub.pace_s = 0.3
        stage.trials.start_canary(USER, 2, user="jane")
        time.sleep(60)

    first = spawn(serve)
    wait_until(lambda: (tmp_path / "hub" / "running").exists(), what="the canary")
    time.sleep(0.4)
    first.signal(signal.SIGKILL)
    first.join()
    second = Stage(tmp_path)
    (job,) = second.engine.list_jobs(AREAS).jobs
    ended = second.end_of(job)
    assert receipt_of(ended)["is_passed"], ended
    assert not second.hub.is_running
    assert second.evidence() == [("canary", True)]
    second.engine.close()
