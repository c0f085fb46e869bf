"""How a build that does not succeed is written down; the builder is a program of the test's own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from traitlets.config import Config

from growth_admin.core.audit import AuditTrail
from growth_admin.core.errors import Conflict, StorageUnavailable
from growth_admin.core.paths import Paths
from growth_admin.core.schema import now
from growth_admin.images.builds.context import copied
from growth_admin.images.builds.models import BuildEnd, BuildRequest, BuildTurn
from growth_admin.images.builds.store import BuildStore
from growth_admin.images.builds.turn import TURN_LIMIT, BuildTurns
from growth_admin.images.registry.credential import Login
from growth_admin.images.room import ImageRoom, build_room
from growth_admin.jobs.engine import JobEngine
from growth_admin.jobs.models import ENDED, Job
from growth_admin.jobs.store import JobStore
from tests.images.registry import running_registry

NOWHERE = "127.0.0.1:9/school/lab"
BUILDER = """#!/bin/sh
case "$1" in
build) echo "STEP 1/1: begins"; {build} ;;
run) {run} ;;
push) {push} ;;
esac
"""


@dataclass
class Yard:
    """One admin's server with a builder."""

    folder: Path
    jobs: JobEngine

    def start(self, **settings: str) -> Job:
        room = self.room(**settings)
        return room.builds.start_build(BuildRequest(reason="for Tuesday"), user="ada")

    def room(
        self,
        *,
        build: str = "true",
        run: str = "true",
        push: str = "true",
        image: str = NOWHERE,
        login: str = "",
    ) -> ImageRoom:
        """Return the room with a builder that does this, and a registry that wants a login."""
        source = self.folder / "admin" / "image"
        source.mkdir(parents=True)
        (source / "Dockerfile").write_text("FROM debian:12\n")
        program = self.folder / "buildah"
        program.write_text(BUILDER.format(build=build, run=run, push=push))
        program.chmod(0o755)
        config = Config()
        config.ImageBuilder.program = str(program)
        config.ImageRegistry.image = image
        config.ImageRegistry.credential_file = login
        paths = Paths(self.folder / "admin", self.folder / "nfs")
        return build_room(paths, user="ada", running=None, config=config, jobs=self.jobs)

    def until(self, job: Job, words: str = "") -> Job:
        """Wait until a job's log has these words, or without any until it has ended."""
        end_s = time.monotonic() + 20
        while time.monotonic() < end_s:
            found = self.jobs.get_job(job.id, {"images"})
            log = self.jobs.read_log(job.id, {"images"}, 0).text
            if words in log if words else found.state in ENDED:
                return found
            time.sleep(0.05)
        raise AssertionError(f"it is {found.state}: {log}")

    def end(self) -> BuildEnd | None:
        return BuildStore(self.folder / "admin" / ".growth-admin" / "images" / "builds").get_end(1)


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    audit = AuditTrail(tmp_path / "audit", writer="ada")
    jobs = JobEngine(JobStore(tmp_path / "jobs"), user="ada", server="ada/", audit=audit)
    jobs.open()
    yield Yard(tmp_path, jobs)
    jobs.close()


def test_build_when_cancelled_in_the_middle_then_that_outlives_its_job(yard: Yard) -> None:
    job = yard.start(build="sleep 60")
    yard.until(job, "begins")
    yard.jobs.cancel_job(job.id, {"images"}, "bob")
    assert yard.until(job).state == "cancelled"
    end = yard.end()
    assert end is not None and end.state == "cancelled"


LOST = (
    "echo 'Error: checking if cached image exists from a previous build: getting top layer info: "
    "layer not known' >&2; exit 125"
)


def test_build_when_another_image_goes_away_meanwhile_then_it_is_built_again(yard: Yard) -> None:
    here = yard.folder / "been-here"
    job = yard.until(yard.start(build=f"test -e {here} || {{ touch {here}; {LOST}; }}"))
    log = yard.jobs.read_log(job.id, {"images"}, 0).text
    assert log.count("STEP 1/1") == 2 and log.count("built again") == 1
    assert job.problem is not None and "layer" not in job.problem.detail, "it went on to the list"


def test_build_when_a_layer_stays_away_then_the_job_says_what_to_do(yard: Yard) -> None:
    job = yard.until(yard.start(build=LOST))
    assert yard.jobs.read_log(job.id, {"images"}, 0).text.count("STEP 1/1") == 3
    assert job.problem is not None and job.problem.hint is not None
    assert "layer not known" in job.problem.detail and "prune --all" in job.problem.hint


def test_builder_when_it_runs_then_it_has_no_secret_of_this_server(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "planted-1")
    monkeypatch.setenv("SCHOOL_PASSWORD", "planted-2")
    monkeypatch.setenv("STORAGE_DRIVER", "kept")
    job = yard.until(yard.start(build="env", run="env; env >&2; exit 1"))
    assert job.problem is not None
    log = yard.jobs.read_log(job.id, {"images"}, 0).text
    assert "STORAGE_DRIVER=kept" in log
    assert "planted" not in log + job.problem.detail


def test_login_when_the_tool_prints_it_while_pushing_then_the_log_does_not_have_it(
    yard: Yard,
) -> None:
    # the tool's own file with the login, and its password, as a registry could echo them
    said = "grep -o auth.* $6; echo 'pushing as robot:pass-phrase'; exit 1"
    login = yard.folder / "login"
    login.write_text("robot:pass-phrase\n")
    login.chmod(0o640)
    packages = """echo '{"packages": []}'"""
    job = yard.until(yard.start(run=packages, push=said, login=str(login)))
    log = yard.jobs.read_log(job.id, {"images"}, 0).text
    assert job.problem is not None and "pushed" in job.problem.detail
    assert "pushing as robot:[removed]" in log and "auth" in log
    header = Login("robot", "pass-phrase").header().removeprefix("Basic ")
    for secret in ("pass-phrase", header):
        assert secret not in log + job.problem.detail


def test_registry_when_it_is_away_after_the_push_then_the_build_has_succeeded(yard: Yard) -> None:
    digest, packages = f"sha256:{'0' * 64}", """echo '{"packages": []}'"""
    job = yard.until(yard.start(run=packages, push=f"echo {digest} > $3"))
    end = yard.end()
    assert job.state == "succeeded" and job.receipt and job.receipt["digest"] == digest
    assert end is not None and (end.state, end.digest, end.size_bytes) == (
        "succeeded",
        digest,
        None,
    )
    assert "size unknown" in job.receipt["title"]


def test_image_when_its_packages_make_no_sense_then_the_build_fails_with_a_sentence(
    yard: Yard,
) -> None:
    odd = '{"packages": [{"kind": "pip", "name": "a", "version": null}]}'
    job = yard.until(yard.start(run=f"echo '{odd}'"))
    end = yard.end()
    assert job.state == "failed" and end is not None
    assert end.state == "failed" and "makes no sense" in end.problem


def test_tag_when_the_registry_has_it_already_then_nothing_is_built_over_it(yard: Yard) -> None:
    with running_registry(yard.folder / "registry") as registry:
        digest = registry.push("r1-b1", "of another school")
        job = yard.until(yard.start(image=registry.image))
        assert job.state == "failed" and job.problem is not None
        assert "r1-b1" in job.problem.detail
        assert "STEP" not in yard.jobs.read_log(job.id, {"images"}, 0).text
        assert registry.digest("r1-b1") == digest


def test_build_when_two_ask_at_the_same_moment_then_one_builds_and_the_other_hears_whose(
    yard: Yard,
) -> None:
    room = yard.room(build="sleep 60")
    gate, jobs, told = Barrier(2), list[Job](), list[Conflict]()

    def ask(user: str) -> None:
        gate.wait()
        try:
            jobs.append(room.builds.start_build(BuildRequest(reason="for Tuesday"), user=user))
        except Conflict as e:
            told.append(e)

    threads = [Thread(target=ask, args=(user,)) for user in ("ada", "bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(jobs), len(told)) == (1, 1)
    assert f"{jobs[0].created_by} is building already" in told[0].detail
    assert len(room.builds.list_builds().builds) == 1, "who was refused leaves no build behind"
    yard.jobs.cancel_job(jobs[0].id, {"images"}, "bob")
    yard.until(jobs[0])
    after = room.builds.start_build(BuildRequest(reason="again"), user="bob")
    yard.jobs.cancel_job(after.id, {"images"}, "bob")
    yard.until(after)


def test_turn_when_its_taker_died_then_it_lapses_and_its_late_job_is_not_let_in(
    tmp_path: Path,
) -> None:
    turns = BuildTurns(tmp_path, is_over=lambda job_id: job_id == "job-over")
    mark = turns.take(by="ada")
    with pytest.raises(Conflict, match="ada is building"):
        turns.take(by="bob")
    record = tmp_path / "000001.json"  # as it is once the time is up
    turn = BuildTurn.model_validate_json(record.read_text())
    old = turn.model_copy(update={"taken": now() - TURN_LIMIT - timedelta(seconds=1)})
    record.write_text(old.model_dump_json())
    later = turns.take(by="bob")
    assert not turns.enter(mark, "job-late")
    assert turns.enter(later, "job-over") and turns.enter(later, "job-over")
    assert not turns.enter(later, "job-other")
    turns.give_back(turns.take(by="cat"))
    assert turns.take(by="dan")


def test_source_when_there_is_no_place_for_a_copy_then_that_is_said(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing")
    with (
        pytest.raises(StorageUnavailable, match="cannot be copied"),
        copied(tmp_path, missing, "x"),
    ):
        pass
