"""A check runs what an image brings with it, by digest, with a real buildah and Podman.

The canary of these checks is always well: on a hub, tests/hub/test_image_check.py; with containers,
tests/container/test_docker_spawner.py.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir

import pytest
from traitlets.config import Config

from growth_admin.core.audit import AuditTrail
from growth_admin.core.paths import Paths
from growth_admin.images.checks.models import CheckStart
from growth_admin.images.checks.trial import TrialResult, TrialWatch
from growth_admin.images.room import ImageRoom, build_room
from growth_admin.jobs.engine import JobEngine
from growth_admin.jobs.models import ENDED, Job
from growth_admin.jobs.store import JobStore
from tests.conftest import wait_until
from tests.container import images
from tests.container.engine import REPOSITORY, Engine
from tests.container.sessions import containers
from tests.images.registry import RealRegistry, running_registry

SMOKE = """#!/bin/sh
sleep %d
echo '{"check": "import stars", "state": "%s", "seconds": 0.1, "detail": "%s"}'
exit %d
"""
PATIENCE_S = 240


@dataclass
class GoodCanary:
    """A canary on which all is well; it keeps what it was started with."""

    started: str = ""
    owner: str = "ada"

    def require_ready(self) -> None:
        """It always is."""

    def run(self, image: str, digests: Collection[str], watch: TrialWatch) -> TrialResult:
        self.started = image
        return TrialResult(is_passed=True, sentence="7 of 7 steps.")

    def end(self, owner: str) -> str:
        return ""


@dataclass
class Bench:
    """One admin's server with a container tool and a registry."""

    engine: Engine
    registry: RealRegistry
    folder: Path
    program: str

    def __post_init__(self) -> None:
        config = Config()
        config.ImageRegistry.image = self.registry.image
        config.ImageBuilder.program = self.program
        config.ImageBuilder.options = self.engine.options
        config.ImageBuilder.run_options = (
            ["--isolation=chroot"] if self.program == "buildah" else []
        )
        paths = Paths(self.folder / "admin", self.folder / "nfs")
        trail = AuditTrail(paths.audit, writer="ada")
        self.jobs = JobEngine(JobStore(paths.jobs), user="ada", server="ada/", audit=trail)
        self.canary = GoodCanary()
        self.room: ImageRoom = build_room(
            paths, user="ada", running=None, config=config, jobs=self.jobs, trial=self.canary
        )
        self.jobs.open()

    def push(self, tag: str, *, is_good: bool, takes_s: int = 0) -> str:
        """Push an image with checks of its own, of which this machine keeps nothing."""
        context = self.folder / tag
        context.mkdir()
        words = ("ok", "", 0) if is_good else ("failed", "No module named stars", 1)
        (context / "growth-smoke").write_text(SMOKE % (takes_s, *words))
        (context / "growth-smoke").chmod(0o755)
        recipe = f"FROM {images.DEBIAN}\nCOPY growth-smoke /usr/local/bin/\n"
        (context / "Dockerfile").write_text(recipe)
        local = f"localhost/growth-test-scratch-{os.getpid()}-{tag}"
        self.engine.build(context, local)
        there = f"docker://{self.registry.image}:{tag}"
        self.engine.call("podman", "push", "--quiet", "--tls-verify=false", local, there)
        self.engine.call("podman", "rmi", "--force", local)
        return self.registry.digest(tag)

    def check(self, tag: str) -> Job:
        """Check an image to the end."""
        return self.ended(self.room.checks.start_check(tag, CheckStart(), user="ada"))

    def ended(self, job: Job) -> Job:
        """Wait for the end of a job."""
        end_s = time.monotonic() + PATIENCE_S
        while job.state not in ENDED and time.monotonic() < end_s:
            time.sleep(0.1)
            job = self.jobs.get_job(job.id, {"images"})
        return job

    def containers(self) -> list[str]:
        """The containers of checks, with their image."""
        rows = containers(self.engine, "{{.Names}} {{.Image}}")
        ours = (row for row in rows if self.registry.image in row)
        return [row for row in ours if row.startswith("growth-check-")]

    def kept(self) -> str:
        """The local images, as the tool lists them."""
        return "\n".join(self.engine.rows("images", "--digests"))


@pytest.fixture(params=["buildah", "podman"])
def bench(
    request: pytest.FixtureRequest,
    engine: Engine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Bench]:
    images.debian(engine)
    for name, value in engine.environ.items():
        monkeypatch.setenv(name, value)
    with running_registry(tmp_path / "registry") as registry:
        made = Bench(engine, registry, tmp_path, request.param)
        yield made
        made.jobs.close()


def test_check_when_the_images_own_checks_pass_then_both_are_kept_and_what_was_fetched_is_gone(
    bench: Bench,
) -> None:
    digest = bench.push("good", is_good=True)
    job = bench.check("good")
    assert job.state == "succeeded" and job.receipt is not None, job.problem
    assert job.receipt["is_passed"] is True, job.receipt
    assert bench.canary.started == f"{bench.registry.image}@{digest}"
    details = bench.room.tags.get_image("good")
    assert details.gate.state == "passed"
    found = {result.check: result for result in details.results}
    assert found["smoke"].detail == f"1 check passed in {digest[:19]}"
    assert found["smoke"].job_id == found["canary"].job_id == job.id
    assert bench.registry.image not in bench.kept()
    job = bench.check("good")  # what has passed is not fetched and run once more
    assert job.receipt is not None and "already" in job.receipt["items"][0]["detail"]


def test_check_when_the_images_own_checks_fail_then_no_canary_starts_and_it_may_not_be_promoted(
    bench: Bench,
) -> None:
    bench.push("bad", is_good=False)
    job = bench.check("bad")
    assert job.receipt is not None and job.receipt["is_passed"] is False, job.problem
    assert "import stars: No module named stars" in job.receipt["title"]
    assert bench.canary.started == ""
    gate = bench.room.tags.get_image("bad").gate
    assert (gate.state, gate.failed, gate.missing) == ("failed", ("smoke",), ("canary",))
    assert bench.registry.image not in bench.kept()


SERVER = """
import sys, time
from pathlib import Path
from growth_admin.images.checks.models import CheckStart
from tests.container.engine import Engine
from tests.container.test_check_smoke import Bench
from tests.images.registry import RealRegistry
folder, place, program, port = sys.argv[1:]
registry = RealRegistry(Path(folder, "registry"), int(port))
bench = Bench(Engine(Path(place)), registry, Path(folder), program)
print(bench.room.checks.start_check("slow", CheckStart(), user="ada").id, flush=True)
time.sleep(600)
"""


def killed_server(bench: Bench) -> str:
    """Let a server of its own check an image, and kill it in the middle; return the job's id."""
    bench.jobs.close()
    words = (bench.folder, bench.engine.folder, bench.program, bench.registry.port)
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, *map(str, words)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": gettempdir()},  # they are on one machine
    ) as server:
        assert server.stdout is not None
        job_id = server.stdout.readline().strip()
        wait_until(bench.containers, what="the check's container", timeout_s=PATIENCE_S)
        server.kill()
    return job_id


@contextmanager
def again(bench: Bench, program: str = "") -> Iterator[Bench]:
    """The next server; on another machine it may have another program."""
    made = Bench(bench.engine, bench.registry, bench.folder, program or bench.program)
    yield made
    made.jobs.close()


def test_server_when_killed_while_it_checks_then_who_goes_on_takes_away_what_it_left(
    bench: Bench,
) -> None:
    bench.push("slow", is_good=True, takes_s=20)
    job_id = killed_server(bench)
    [left] = bench.containers()
    assert bench.registry.image in bench.kept()
    with again(bench) as after:
        wait_until(lambda: left not in bench.containers(), what="the clean-up", timeout_s=60)
        job = after.ended(after.jobs.get_job(job_id, {"images"}))
        assert job.state == "succeeded" and job.times_taken_over == 1, job.problem
    assert bench.containers() == [] and bench.registry.image not in bench.kept()


def test_server_when_killed_while_it_checks_then_a_sweep_takes_away_what_nobody_goes_on_with(
    bench: Bench,
) -> None:
    bench.push("slow", is_good=True, takes_s=300)
    job_id = killed_server(bench)
    bench.jobs.store.ask_cancel(job_id, "ada")
    with again(bench, "none") as elsewhere:
        assert elsewhere.ended(elsewhere.jobs.get_job(job_id, {"images"})).state == "cancelled"
    assert bench.registry.image in bench.kept()
    with again(bench) as after:
        receipt = after.room.builds.sweep(user="ada")
        assert f"{bench.registry.image}@" in str(receipt.items)
        assert bench.containers() == [] and bench.registry.image not in bench.kept()
        assert not after.room.builds.sweep(user="ada").items, "and then there is nothing more"
