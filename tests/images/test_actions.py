"""Builds by the repository's workflow: from a change by name to a tag at a registry; faults."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from growth_admin.core.audit import AuditTrail
from growth_admin.core.errors import Conflict, GrowthError, NotConfigured
from growth_admin.core.paths import Paths
from growth_admin.images.builds.actions import LeftHere
from growth_admin.images.builds.actions_report import read_report
from growth_admin.images.builds.leftovers import Leftovers
from growth_admin.images.builds.models import BuildRequest
from growth_admin.images.builds.settings import ImageBuilder
from growth_admin.images.builds.store import BuildStore
from growth_admin.images.builds.tool import ContainerTool
from growth_admin.images.room import ImageRoom, build_room
from growth_admin.jobs.engine import JobEngine
from growth_admin.jobs.models import ENDED, Job
from growth_admin.jobs.store import JobStore
from tests import github
from tests.conftest import wait_until
from tests.contract.conftest import published as published
from tests.contract.github_description import Description
from tests.images.package_index import Index, running_index
from tests.images.registry import RealRegistry, running_registry
from tests.images.schools import DOCKERFILE, PIP, GitHubSchool, change, planned, saved

REPOSITORY = Path(__file__).parents[2]
HOOK = [sys.executable, "-m", "tests.images.action_hook"]
AREA = {"images"}
LIMIT_S = 120


@pytest.fixture(scope="module")
def index() -> Iterator[Index]:
    with running_index() as started:
        started.add("stars", "1.0", needs=["maths>=1"])
        started.add("maths", "2.1")
        yield started


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[github.StandIn]:
    with github.running(tmp_path_factory.mktemp("github"), keeps=False) as started:
        yield started


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRegistry]:
    with running_registry(tmp_path_factory.mktemp("registry")) as started:
        yield started


@dataclass
class Server:
    """One admin's server."""

    room: ImageRoom
    jobs: JobEngine

    def start(self, user: str = "ada") -> Job:
        return self.room.builds.start_build(BuildRequest(reason="for Tuesday"), user=user)

    def ended(self, job: Job) -> Job:
        """Wait for the end of a job, whoever runs it."""
        wait_until(lambda: self.jobs.get_job(job.id, AREA).state in ENDED, timeout_s=LIMIT_S)
        return self.jobs.get_job(job.id, AREA)

    def log(self, job: Job) -> str:
        return self.jobs.read_log(job.id, AREA, 0).text

    def build(self, user: str = "ada") -> Job:
        return self.ended(self.start(user))


@dataclass
class Yard:
    """A school at GitHub whose runs push to a real registry."""

    school: GitHubSchool
    registry: RealRegistry
    engines: list[JobEngine]

    def server(self, user: str = "ada", **settings: Any) -> Server:
        config = self.school.config()
        config.ImageRegistry.image = self.registry.image
        config.ImageActions.poll_s = 0.1
        for name, value in settings.items():
            config.ImageActions[name] = value
        paths = Paths(self.school.folder / "admin", self.school.folder / "nfs")
        jobs = JobEngine(
            JobStore(paths.admin_state / "jobs"), user=user, server=f"{user}/{len(self.engines)}",
            audit=AuditTrail(paths.admin_state / "audit", writer=user), lease_s=2,
        )  # fmt: skip
        room = build_room(paths, user=user, running=None, config=config, jobs=jobs)
        jobs.open()
        self.engines.append(jobs)
        return Server(room, jobs)

    def hook(self, how: str = "") -> Path:
        """Let runs do their work, in some way; the file lets a slow one go on."""
        go = self.school.folder / "go"
        known = {"PYTHONPATH": str(REPOSITORY), "HOW": how, "GO": str(go)}
        self.school.rules(hook=[*HOOK, str(self.registry.port)], environment=known)
        return go

    def runs(self) -> list[dict[str, Any]]:
        place = f"runs/{self.school.full_name}"
        found: list[dict[str, Any]] = self.school.hub.control("GET", place)
        return found

    def move(self, **how: Any) -> None:
        """Move the last run on."""
        number = self.runs()[-1]["id"]
        self.school.hub.control("PATCH", f"runs/{self.school.full_name}/{number}", **how)


@pytest.fixture
def yard(
    tmp_path: Path, index: Index, hub: github.StandIn, registry: RealRegistry
) -> Iterator[Yard]:
    hub.open_school(f"school-{abs(hash(tmp_path)) % 10**8}")
    school = GitHubSchool(tmp_path, index, hub)
    school.write(pip=PIP, conda="", apt="", dockerfile=DOCKERFILE)
    hub.forget_requests()
    made = Yard(school, registry, [])
    yield made
    for engine in made.engines:
        engine.close()
    hub.clear()


# -- the whole way


def test_package_when_added_merged_and_built_then_its_tag_is_at_the_registry(
    yard: Yard, published: Description
) -> None:
    yard.hook()
    server = yard.server()
    packages = server.room.packages
    done = saved(packages, planned(packages, change("add", "maths")))
    plan = server.room.builds.plan_build()
    assert plan.tag == f"git-{done.revision.commit[:12]}" and plan.builder.startswith("GitHub Act")
    job = server.build()
    assert job.state == "succeeded", job.problem
    digest = yard.registry.digest(plan.tag)
    assert digest and job.receipt and job.receipt["digest"] == digest
    log = server.log(job)
    assert "[image] Build and push: success" in log and "STEP 1/2: FROM debian:12 maths==2.1" in log
    assert "T1" not in log.split("STEP 1/2")[0][-40:], "GitHub's own times are left out"
    build = server.room.builds.get_build(1)
    assert (build.build.digest, build.build.is_smoke_passed) == (digest, True)
    assert [one.name for one in build.packages] == ["stars"] and build.checks[0].state == "passed"
    [run] = yard.runs()
    assert build.build.link.endswith(f"/actions/runs/{run['id']}")
    assert run["inputs"]["reason"] == "for Tuesday (ada)" and job.id in run["title"]
    assert server.room.builds.get_sbom(1).document["components"]
    details = server.room.tags.get_image(digest)
    assert [(one.check, one.is_passed) for one in details.results] == [("smoke", True)]
    assert published.sent_problems(yard.school.hub.requests()) == []


def test_build_when_the_revision_is_built_again_then_the_tag_stays(yard: Yard) -> None:
    yard.hook()
    server = yard.server()
    first, second = server.build(), server.build()
    assert first.receipt and second.receipt
    assert first.receipt["tag"] == second.receipt["tag"]
    assert first.receipt["digest"] == second.receipt["digest"]


def test_build_when_the_branch_was_set_back_then_what_it_names_now_is_planned_and_built(
    yard: Yard,
) -> None:
    yard.hook()
    server, school = yard.server(), yard.school
    first = server.room.builds.plan_build()
    school.push({"packages/pip.txt": PIP + "maths\n"})
    assert server.room.builds.plan_build().revision == 2
    [*_, start] = server.room.packages.revisions.get_history().revisions
    token, ref = school.token_file.read_text().strip(), "git/refs/heads/main"
    moved = {"sha": start.commit, "force": True}
    path = f"/repos/{school.full_name}/{ref}"
    assert school.hub.call("PATCH", path, token, json=moved).status_code == 200
    plan = server.room.builds.plan_build()
    assert (plan.revision, plan.tag, plan.id) == (1, first.tag, first.id)
    assert [item.target for item in plan.items] == ["r1"]
    asked = BuildRequest(reason="set back", expected_revision=plan.revision)
    job = server.ended(server.room.builds.start_build(asked, user="ada"))
    assert job.receipt and job.receipt["tag"] == plan.tag


def test_run_when_its_smoke_checks_fail_then_the_image_is_there_and_may_not_be_promoted(
    yard: Yard,
) -> None:
    yard.hook("smokes")
    server = yard.server()
    job = server.build()
    assert job.state == "succeeded" and job.receipt and "FAILED" in job.receipt["title"]
    build = server.room.builds.get_build(1)
    assert build.build.is_smoke_passed is False and build.checks[0].state == "failed"
    assert server.room.tags.plan(job.receipt["digest"]).needs_force


# -- how it ends otherwise


def test_run_when_it_fails_then_the_step_and_its_page_are_told(yard: Yard) -> None:
    yard.hook("broken")
    server = yard.server()
    job = server.build()
    assert job.problem and "failed at the step Build and push" in job.problem.detail
    assert yard.runs()[0]["conclusion"] == "failure" and "/actions/runs/" in job.problem.hint
    assert "ERROR: no such package" in server.log(job)
    [build] = server.room.builds.list_builds().builds
    assert (build.state, build.stage) == ("failed", "building")


def test_run_when_its_checkout_fails_then_that_is_no_check_of_the_image(yard: Yard) -> None:
    server = yard.server()
    job = server.start()
    wait_until(lambda: bool(yard.runs()), timeout_s=LIMIT_S)
    yard.move(step="Run actions/checkout@v6.0.2", conclusion="failure")
    ended = server.ended(job)
    assert ended.problem and "failed at the step Run actions/checkout" in ended.problem.detail
    [build] = server.room.builds.list_builds().builds
    assert (build.state, build.stage) == ("failed", None)


def test_run_when_it_pushes_elsewhere_then_what_to_set_is_said(yard: Yard) -> None:
    yard.school.push({"README.md": "another"})
    yard.hook("elsewhere")
    job = yard.server().build()
    assert job.problem and "the registry has no git-" in job.problem.detail
    assert "IMAGE" in job.problem.hint


def test_job_when_cancelled_then_the_run_is_cancelled_at_github(yard: Yard) -> None:
    yard.hook("slow")
    server = yard.server()
    job = server.start()
    wait_until(lambda: bool(yard.runs() and yard.runs()[0]["steps"][1:]), timeout_s=LIMIT_S)
    server.jobs.cancel_job(job.id, AREA, "ada")
    assert server.ended(job).state == "cancelled"
    wait_until(lambda: yard.runs()[0]["conclusion"] == "cancelled", timeout_s=LIMIT_S)


def test_run_when_cancelled_at_github_then_that_is_said(yard: Yard) -> None:
    server = yard.server()
    job = server.start()
    wait_until(lambda: bool(yard.runs()), timeout_s=LIMIT_S)
    yard.move(step="Build and push", conclusion="cancelled")
    ended = server.ended(job)
    assert ended.problem and "cancelled at GitHub" in ended.problem.detail


def test_run_when_removed_at_github_then_that_is_said(yard: Yard) -> None:
    server = yard.server()
    job = server.start()
    wait_until(lambda: "run " in server.log(job), timeout_s=LIMIT_S)
    number = yard.runs()[0]["id"]
    yard.school.hub.control("DELETE", f"runs/{yard.school.full_name}/{number}")
    ended = server.ended(job)
    assert ended.problem and "no run" in ended.problem.detail


def test_run_when_it_takes_too_long_then_it_is_cancelled(yard: Yard) -> None:
    server = yard.server(build_timeout_s=1.0)
    ended = server.build()
    assert ended.problem and "took longer than 1 s" in ended.problem.detail
    assert yard.runs()[0]["conclusion"] == "cancelled"


def test_run_when_it_takes_too_long_and_cannot_be_cancelled_then_both_are_said(yard: Yard) -> None:
    server = yard.server(build_timeout_s=1.0)
    yard.school.hub.fault(method="POST", path="/cancel$", status=403, body={
        "message": "Resource not accessible by personal access token",
    })  # fmt: skip
    ended = server.build()
    assert ended.problem and "took longer than 1 s" in ended.problem.detail
    assert "could not be cancelled" in ended.problem.detail


# -- what can go wrong on the way


@pytest.mark.parametrize("hours", [-2, 2])
def test_clock_when_github_s_is_another_than_the_machine_s_then_the_run_is_found(
    yard: Yard, hours: int
) -> None:
    yard.hook()
    yard.school.hub.move_clock(hours=hours)
    yard.school.hub.fault("cut_after", method="POST", path="/dispatches$")
    server = yard.server()
    job = server.build()
    assert job.state == "succeeded", job.problem
    assert len(yard.runs()) == 1


@pytest.mark.parametrize("hours", [-2, 2])
def test_clock_when_github_asks_to_wait_by_its_own_then_no_longer_is_waited(
    yard: Yard, hours: int
) -> None:
    go = yard.hook("slow")
    yard.school.hub.move_clock(hours=hours)
    server = yard.server()
    job = server.start()
    wait_until(lambda: "Build and push: begins" in server.log(job), timeout_s=LIMIT_S)
    yard.school.hub.fault("secondary", path="/actions/runs/", headers={"Retry-After": "2"})
    wait_until(lambda: "GitHub asks to wait" in server.log(job), timeout_s=LIMIT_S)
    asked_s = time.monotonic()
    go.touch()
    assert server.ended(job).state == "succeeded", server.log(job)
    assert time.monotonic() - asked_s < 60


@pytest.mark.parametrize("fault", ["lost_answer", "cut_after"])
def test_dispatch_when_its_answer_is_lost_then_the_run_is_found_and_not_begun_twice(
    yard: Yard, fault: str
) -> None:
    yard.hook()
    yard.school.hub.fault(fault, method="POST", path="/dispatches$")
    job = yard.server().build()
    assert job.state == "succeeded", job.problem
    assert len(yard.runs()) == 1


def test_dispatch_when_github_tells_no_run_then_it_is_found_by_its_name(yard: Yard) -> None:
    yard.hook()
    yard.school.hub.fault(method="POST", path="/dispatches$", after_change=True, status=202, body={
        "message": "an older GitHub tells nothing",
    })  # fmt: skip
    job = yard.server().build()
    assert job.state == "succeeded", job.problem
    assert len(yard.runs()) == 1


@pytest.mark.parametrize("fault", ["outage", "secondary", "cut_before", "bad_gateway"])
def test_github_when_it_fails_while_a_run_is_followed_then_it_is_followed_on(
    yard: Yard, fault: str
) -> None:
    go = yard.hook("slow")
    server = yard.server()
    job = server.start()
    wait_until(lambda: "Build and push: begins" in server.log(job), timeout_s=LIMIT_S)
    headers = {"headers": {"Retry-After": "1"}} if fault == "secondary" else {}
    yard.school.hub.fault(fault, path="/actions/runs/", times=4, **headers)
    go.touch()
    assert server.ended(job).state == "succeeded", server.log(job)
    assert len(yard.runs()) == 1


def test_log_when_its_stream_is_cut_then_it_is_fetched_anew_or_said(yard: Yard) -> None:
    yard.hook()
    server = yard.server()
    yard.school.hub.fault("cut_before", path="/_actions/", times=1)
    first = server.build()
    assert server.log(first).count("STEP 1/2") == 1
    yard.school.hub.fault("cut_before", path="/_actions/", times=2)
    second = server.build()
    assert second.state == "succeeded"
    assert "all of it is at http" in server.log(second)


def test_report_when_it_is_not_there_then_the_build_stands_and_its_checks_are_known(
    yard: Yard,
) -> None:
    yard.hook()
    yard.school.hub.fault("error", path="/artifacts", times=0)
    server = yard.server(outage_limit_s=1.0)
    job = server.build()
    assert job.state == "succeeded", job.problem
    assert "report of the run is not read" in server.log(job)
    assert server.room.builds.get_build(1).build.is_smoke_passed is True


def test_report_when_its_bytes_are_damaged_then_that_is_said() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("contents.json", "{}" * 500)
    begin = packed.getvalue().index(b"contents.json") + len("contents.json")
    damaged = packed.getvalue()[:begin] + b"\xff" * 8 + packed.getvalue()[begin + 8 :]
    with pytest.raises(GrowthError, match="damaged"):
        read_report(damaged, is_passed=True)


def test_token_when_it_may_not_start_workflows_then_the_permission_is_named(yard: Yard) -> None:
    rights = {"contents": "write", "pull_requests": "write", "actions": "read"}
    yard.school.token_file.write_text(yard.school.hub.fine_grained(rights))
    job = yard.server().build()
    assert job.problem and "repository permission Actions: read and write" in job.problem.hint
    assert not yard.runs()


def test_workflow_when_it_is_missing_or_another_then_what_to_do_is_said(yard: Yard) -> None:
    job = yard.server(workflow="other.yml").build()
    assert job.problem and "has no workflow other.yml" in job.problem.detail
    text = "name: Image\non:\n  workflow_dispatch:\njobs: {}\n"
    yard.school.push({".github/workflows/image.yml": text})
    job = yard.server().build()
    assert job.problem and "Unexpected inputs" in job.problem.detail
    assert "reason, revision and request" in job.problem.hint


def test_credential_when_it_is_missing_then_nothing_can_be_built(yard: Yard) -> None:
    server = yard.server()
    server.room.packages.lists.get_lists()
    yard.school.token_file.unlink()
    found = server.room.builds.list_builds()
    assert "github-token" in found.problem and not found.builder
    with pytest.raises(NotConfigured):
        server.start()


# -- more than one server


def test_sweep_when_no_tool_is_here_then_nothing_is_left_here(tmp_path: Path) -> None:
    none = ImageBuilder(program="none")
    leftovers = Leftovers(BuildStore(tmp_path), ContainerTool(none), none, lambda: "host/name")
    assert LeftHere(leftovers).sweep().sentence == "Nothing was left by builds."


def test_two_admins_when_they_build_at_once_then_one_run_begins(yard: Yard) -> None:
    go = yard.hook("slow")
    one, two = yard.server("ada"), yard.server("bob")
    job = one.start()
    with pytest.raises(Conflict, match="ada is building already"):
        two.start("bob")
    go.touch()
    assert two.ended(job).state == "succeeded"
    assert len(yard.runs()) == 1


KILLED = """
import os, signal, sys, time
sys.path.insert(0, sys.argv[1])
from growth_admin.core.github import sender
from growth_admin.images.builds import actions
from tests.images.test_actions import *

class There:
    api_url, organization = sys.argv[3], sys.argv[4]

when = sys.argv[6]
if when == "dispatched":
    send = sender.Sender.send
    def dying(self, auth, method, path, *more, **how):
        reply = send(self, auth, method, path, *more, **how)
        if path.endswith("/dispatches"):
            os.kill(os.getpid(), signal.SIGKILL)
        return reply
    sender.Sender.send = dying
school = GitHubSchool(Path(sys.argv[2]), Index(url="http://127.0.0.1:9"), There())
server = Yard(school, RealRegistry(Path(), int(sys.argv[5])), []).server("eve")
job = server.start("eve")
while "begins" not in str(server.jobs.store.load(job.id).checkpoint.get("steps")):
    time.sleep(0.02)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("when", ["dispatched", "following"])
def test_server_when_killed_then_another_admin_s_follows_the_same_run(
    yard: Yard, when: str
) -> None:
    go = yard.hook("slow")
    assert yard.school.token_file.exists()
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(REPOSITORY), str(yard.school.folder),
         yard.school.hub.api_url, yard.school.hub.organization, str(yard.registry.port), when],
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr
    server = yard.server("bob")
    [job] = server.jobs.list_jobs(AREA).jobs
    wait_until(lambda: server.jobs.get_job(job.id, AREA).times_taken_over > 0, timeout_s=LIMIT_S)
    go.touch()
    ended = server.ended(job)
    assert ended.state == "succeeded", (ended.problem, server.log(job))
    assert len(yard.runs()) == 1
    assert "Build and push: success" in server.log(job)  # its begin may have passed unseen
