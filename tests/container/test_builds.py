"""Images built on this machine by the console: real buildah, Podman, registry and package index."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from traitlets.config import Config

from growth_admin.cli import main
from growth_admin.core.audit import AuditTrail
from growth_admin.core.errors import Conflict, NotConfigured, NotFound
from growth_admin.core.paths import Paths
from growth_admin.images.builds.models import BuildDetails, BuildRequest
from growth_admin.images.builds.store import BuildStore
from growth_admin.images.packages.models import (
    PackageChange,
    PackagePlanRequest,
    PackageSaveRequest,
)
from growth_admin.images.room import ImageRoom, build_room
from growth_admin.jobs.engine import JobEngine
from growth_admin.jobs.models import ENDED, Job
from growth_admin.jobs.store import JobStore
from tests.console import running_console
from tests.container import images
from tests.container.engine import REPOSITORY, Engine
from tests.images.package_index import Index, running_index
from tests.images.registry import RealRegistry, free_port, running_registry
from tests.notebooks.running import beside, run

DOCKERFILE = """\
ARG BASE
FROM ${BASE}
RUN python3 -m venv /opt/school
ARG INDEX
COPY packages/pip.txt /usr/local/share/pip.txt
RUN /opt/school/bin/pip install --quiet --disable-pip-version-check --no-cache-dir \\
    --index-url "${INDEX}" --requirement /usr/local/share/pip.txt
ENV PATH=/opt/school/bin:/usr/local/bin:/usr/bin:/bin
COPY smoke/ /usr/local/share/smoke/
RUN ln -s /usr/local/share/smoke/run.py /usr/local/bin/growth-smoke
"""
SLOW = "RUN echo the slow step begins && sleep 300\n"
PATIENCE_S = 240
DOCKER_IMAGE = "application/vnd.docker.distribution.manifest.v2+json"


@dataclass
class Yard:
    """An admin folder with a source, a registry, an index, and what builds."""

    folder: Path
    engine: Engine
    registry: RealRegistry
    index: Index
    program: str = "buildah"
    settings: dict[str, Any] = field(default_factory=dict)
    name: str = field(default_factory=lambda: f"school/{secrets.token_hex(4)}")
    engines: list[JobEngine] = field(default_factory=list)

    @property
    def source(self) -> Path:
        return self.folder / "admin" / "image"

    @property
    def image(self) -> str:
        return f"{self.registry.host}/{self.name}"

    def digest(self, tag: str) -> str:
        """Ask the registry what a tag names; empty if there is no such tag."""
        url = f"http://{self.registry.host}/v2/{self.name}/manifests/{tag}"
        reply = requests.head(url, headers={"Accept": DOCKER_IMAGE}, timeout=30)
        return reply.headers.get("Docker-Content-Digest", "") if reply.ok else ""

    @property
    def paths(self) -> Paths:
        return Paths(self.folder / "admin", self.folder / "nfs")

    def write(self, pip: str, *, dockerfile: str = DOCKERFILE, imports: str = "stars\n") -> None:
        for name in ("packages", "smoke/checks"):
            (self.source / name).mkdir(parents=True, exist_ok=True)
        (self.source / "packages" / "pip.txt").write_text(pip)
        (self.source / "Dockerfile").write_text(dockerfile)
        (self.source / "smoke" / "imports.txt").write_text(imports)
        runner = self.source / "smoke" / "run.py"
        runner.write_text((REPOSITORY / "image" / "smoke" / "run.py").read_text())
        runner.chmod(0o755)

    def config(self) -> Config:
        config = Config()
        config.ImageRegistry.image = self.image
        config.ImageSource.index_url = self.index.simple
        config.ImageBuilder.program = self.program
        config.ImageBuilder.options = self.engine.options
        config.ImageBuilder.build_options = [
            "--isolation=chroot", "--network=host", "--pull-never",
        ]  # fmt: skip
        is_buildah = self.program == "buildah"
        config.ImageBuilder.run_options = ["--isolation=chroot"] if is_buildah else []
        config.ImageBuilder.build_arguments = {"BASE": images.DEBIAN, "INDEX": self.index.simple}
        for name, value in self.settings.items():
            config.ImageBuilder[name] = value
        return config

    def write_config(self) -> None:
        """Leave the settings where a real console over this folder reads them."""
        place = self.folder / "home" / ".jupyter" / "jupyter_server_config.py"
        place.parent.mkdir(parents=True)
        sections = self.config().items()
        place.write_text("".join(f"c.{name}.update({dict(row)!r})\n" for name, row in sections))

    def server(self, user: str = "ada", lease_s: float = 30) -> tuple[ImageRoom, JobEngine]:
        """Return the room and the jobs of one admin's server."""
        jobs = JobEngine(
            JobStore(self.paths.jobs),
            user=user,
            server=f"{user}/",
            audit=AuditTrail(self.paths.audit, writer=user),
            lease_s=lease_s,
        )
        room = build_room(self.paths, user=user, running=None, config=self.config(), jobs=jobs)
        jobs.open()
        self.engines.append(jobs)
        return room, jobs

    def build(self, room: ImageRoom, jobs: JobEngine) -> tuple[Job, BuildDetails]:
        """Build to the end."""
        job = room.builds.start_build(BuildRequest(reason="for Tuesday"), user="ada")
        return self.wait(room, jobs, job)

    def wait(self, room: ImageRoom, jobs: JobEngine, job: Job) -> tuple[Job, BuildDetails]:
        end_s = time.monotonic() + PATIENCE_S
        while job.state not in ENDED and time.monotonic() < end_s:
            time.sleep(0.1)
            job = jobs.get_job(job.id, {"images"})
        return job, room.builds.get_build(int(job.subject.rpartition("/")[2]))

    def log(self, jobs: JobEngine, job: Job) -> str:
        """Read the log to its end as a browser does: by offset, in parts."""
        text, offset = "", 0
        while True:
            part = jobs.read_log(job.id, {"images"}, offset)
            text, offset = text + part.text, part.next_offset
            if not part.text:
                return text

    def wait_for(self, jobs: JobEngine, job: Job, words: str) -> None:
        """Wait until the log says something."""
        end_s = time.monotonic() + PATIENCE_S
        while words not in self.log(jobs, job):
            state = jobs.get_job(job.id, {"images"}).state
            assert state not in ENDED and time.monotonic() < end_s, self.log(jobs, job)
            time.sleep(0.1)


@pytest.fixture(scope="module")
def index() -> Iterator[Index]:
    with running_index() as started:
        started.add("stars", "1.0", needs=["maths"])
        started.add("stars", "1.1", needs=["maths"])
        started.add("dark", "6.6", module="raise ImportError('no stars today')\n")
        started.add("maths", "2.1")
        started.add("moon", "0.3")
        yield started


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRegistry]:
    """One for all: the layers of the base are pushed once."""
    with running_registry(tmp_path_factory.mktemp("registry")) as started:
        yield started


@pytest.fixture
def yard(
    engine: Engine,
    index: Index,
    registry: RealRegistry,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Yard]:
    images.debian(engine)
    for name, value in engine.environ.items():
        monkeypatch.setenv(name, value)
    made = Yard(tmp_path, engine, registry, index)
    made.write("stars==1.0\n")
    yield made
    for jobs in made.engines:
        jobs.close()
    store = BuildStore(made.paths.admin_state / "images" / "builds")
    for number in store.list_numbers():
        tag = store.get_claim(number).tag
        engine.call("podman", "rmi", "--force", f"{made.image}:{tag}", check=False)


def test_source_when_built_twice_then_tag_digest_checks_and_difference_are_kept(
    yard: Yard,
) -> None:
    room, jobs = yard.server()
    job, first = yard.build(room, jobs)
    assert job.state == "succeeded", (job.problem, yard.log(jobs, job))
    build = first.build
    assert (build.tag, build.revision, build.is_smoke_passed) == ("r1-b1", 1, True)
    assert yard.digest("r1-b1") == build.digest
    image = room.tags.get_image("r1-b1")
    assert image.image.revision.startswith("r1+") and image.image.version == "r1-b1"
    assert image.image.labels["org.opencontainers.image.created"].endswith("Z")
    assert image.image.size_bytes == build.size_bytes
    assert image.gate.missing == ("canary",)  # smoke was run here, and is kept for the digest
    assert [(c.check, c.state) for c in first.checks] == [("import stars", "passed")]
    kinds = {package.kind for package in first.packages}
    assert kinds == {"pip", "apt"}

    plan = room.packages.lists.plan(
        PackagePlanRequest(changes=(PackageChange(verb="pin", name="stars", version="1.1"),))
    )
    room.packages.lists.save(
        PackageSaveRequest(plan_id=plan.id, texts=plan.texts, reason="newer"), author="ada"
    )
    job, second = yard.build(room, jobs)
    assert job.state == "succeeded", (job.problem, yard.log(jobs, job))
    assert (second.build.tag, second.compared_with) == ("r2-b2", 1)
    assert [(c.name, c.before, c.after) for c in second.changes] == [("stars", "1.0", "1.1")]
    assert second.size_change_bytes is not None and abs(second.size_change_bytes) < 100_000
    assert yard.digest("r1-b1") == build.digest  # a tag of a build never moves
    assert [one.tag for one in room.builds.list_builds().builds] == ["r2-b2", "r1-b1"]
    assert (
        second.build.python_version
        == room.packages.lists.get_lists().python_version
        + "."
        + (second.build.python_version.rpartition(".")[2])
    )


def test_software_when_added_with_the_runbooks_then_built_checked_and_promoted_as_it_was_tested(
    yard: Yard,
) -> None:
    yard.write_config()
    add, promote = "O08-add-software.ipynb", "O09-promote-an-image.ipynb"
    with running_console(yard.folder, "--GrowthAdmin.standalone=True", env=yard.engine.environ) as (
        console
    ):
        kernel, client = beside(console), console.client
        printed = run(add, kernel, name="stars", verb="pin", reason="lesson 4")
        assert "STEP 1/" in printed and "r2-b1" in printed, "the log is shown"
        assert "import stars: passed" in printed
        assert 'Now O09 with target = "r2-b1"' in printed and "still to pass: canary" in printed
        undone = run(add, kernel, name="moon", reason="lesson 5", undo=True)
        assert "pip moon new -> 0.3" in undone and "Against build 1: " in undone
        assert (yard.source / "packages" / "pip.txt").read_text() == "stars==1.1\n"

        build = client.images.builds.get_build(2).build
        client.images.add_result(build.digest, "canary", is_passed=True, detail="by the test")
        run(promote, kernel, target=build.tag, reason="lesson 5")
        assert yard.digest("deploy") == build.digest == yard.digest("r3-b2")


def test_source_when_built_with_podman_then_its_parts_are_a_valid_cyclonedx_document(
    yard: Yard,
) -> None:
    yard.program = "podman"
    room, jobs = yard.server()
    with pytest.raises(NotFound):
        room.builds.get_sbom(1)
    job, details = yard.build(room, jobs)
    assert job.state == "succeeded", (job.problem, yard.log(jobs, job))
    assert details.build.is_smoke_passed
    assert yard.digest("r1-b1") == details.build.digest
    document = room.builds.get_sbom(1).document
    problem = JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(document))
    assert problem is None
    named = {part["purl"]: part for part in document["components"]}
    (license_,) = named["pkg:pypi/stars@1.0"]["licenses"]
    assert license_["license"]["id"] == "BSD-3-Clause"
    assert any(purl.startswith("pkg:deb/debian/") for purl in named)
    assert len(named) == len(details.packages)
    counted = {row.license: row.packages for row in details.licenses}
    assert counted["BSD-3-Clause"] == 2


def test_image_when_its_checks_fail_then_it_is_there_and_may_not_be_promoted(yard: Yard) -> None:
    yard.write("dark==6.6\n", imports="dark\n")
    room, jobs = yard.server()
    job, details = yard.build(room, jobs)
    assert job.state == "succeeded"
    assert details.build.is_smoke_passed is False
    assert "no stars today" in details.checks[0].detail
    plan = room.tags.plan("r1-b1")
    assert plan.gate.state == "failed" and plan.needs_force


def test_build_when_a_step_fails_then_the_job_says_which_and_nothing_is_pushed(yard: Yard) -> None:
    yard.write("ghost==1\n")
    room, jobs = yard.server()
    job, details = yard.build(room, jobs)
    assert job.state == "failed" and job.problem is not None
    assert "ghost" in yard.log(jobs, job)
    assert details.build.state == "failed" and details.build.problem == job.problem.detail
    assert yard.digest("r1-b1") == ""


def test_build_when_cancelled_then_it_ends_with_all_that_it_started(yard: Yard) -> None:
    yard.write("stars==1.0\n", dockerfile=DOCKERFILE + SLOW)
    room, jobs = yard.server()
    job = room.builds.start_build(BuildRequest(reason="x"), user="ada")
    yard.wait_for(jobs, job, "the slow step begins")
    with pytest.raises(Conflict, match="building already"):
        room.builds.start_build(BuildRequest(reason="y"), user="bob")
    jobs.cancel_job(job.id, {"images"}, "bob")
    job, details = yard.wait(room, jobs, job)
    assert (job.state, details.build.state) == ("cancelled", "cancelled")
    assert not _running("sleep 300")


def test_build_when_its_program_is_killed_then_that_is_said(yard: Yard) -> None:
    yard.write("stars==1.0\n", dockerfile=DOCKERFILE + SLOW)
    room, jobs = yard.server()
    job = room.builds.start_build(BuildRequest(reason="x"), user="ada")
    yard.wait_for(jobs, job, "the slow step begins")
    for pid in _running("buildah", yard.name):
        os.kill(pid, signal.SIGKILL)
    job, _ = yard.wait(room, jobs, job)
    assert job.state == "failed" and job.problem is not None
    assert "killed" in job.problem.detail
    yard.write("stars==1.0\n")
    assert yard.build(room, jobs)[0].state == "succeeded"


SERVER = """
import sys, time
from tests.container.test_builds import Yard
from tests.container.engine import Engine
from tests.images.package_index import Index
from tests.images.registry import RealRegistry
from growth_admin.images.builds.models import BuildRequest
from pathlib import Path
folder, port, (url, name) = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
engine, registry = Engine(folder / "engine"), RealRegistry(folder / "registry", port)
yard = Yard(folder, engine, registry, Index(url), name=name)
room, jobs = yard.server(lease_s=3)
print(room.builds.start_build(BuildRequest(reason="x"), user="ada").id, flush=True)
time.sleep(600)
"""


def test_build_when_its_server_is_killed_then_another_builds_it_and_nothing_is_left_running(
    yard: Yard,
) -> None:
    slow = f"sleep 3{os.getpid()}"
    yard.write("stars==1.0\n", dockerfile=f"{DOCKERFILE}RUN {slow}\n")
    server = subprocess.Popen(
        [
            *(sys.executable, "-c", SERVER, str(yard.folder), str(yard.registry.port)),
            *(yard.index.url, yard.name),
        ],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    job_id = server.stdout.readline().strip()
    end_s = time.monotonic() + PATIENCE_S
    while not _running(slow):
        assert time.monotonic() < end_s
        time.sleep(0.1)
    server.kill()
    server.wait()
    while _running(slow):
        assert time.monotonic() < end_s, "the build outlives its server"
        time.sleep(0.1)
    room, jobs = yard.server(user="bob", lease_s=3)
    while not _running(slow):
        assert time.monotonic() < end_s, jobs.get_job(job_id, {"images"})
        time.sleep(0.1)
    found = jobs.get_job(job_id, {"images"})
    assert (found.times_taken_over, found.state) == (1, "running")
    jobs.cancel_job(job_id, {"images"}, "bob")
    assert yard.wait(room, jobs, found)[0].state == "cancelled"


def test_build_when_the_disk_is_full_then_that_is_said_and_nothing_is_left(
    yard: Yard, small_disk: Path
) -> None:
    yard.settings["work_folder"] = str(small_disk)
    (yard.source / "large").write_bytes(b"x" * 600_000)
    room, jobs = yard.server()
    job, _ = yard.build(room, jobs)
    assert job.state == "failed" and job.problem is not None
    assert job.problem.title == "The disk is full" and "copy" in job.problem.detail
    assert not list(small_disk.glob("growth-build-*"))


def test_build_when_the_builders_disk_is_full_then_that_is_said(yard: Yard) -> None:
    fills = "RUN head -c 1000000000000 /dev/zero >/dev/full\n"
    yard.write("stars==1.0\n", dockerfile=DOCKERFILE + fills)
    room, jobs = yard.server()
    job, _ = yard.build(room, jobs)
    assert job.problem is not None and job.problem.title == "The disk is full"
    assert "builder" in job.problem.detail


def test_build_when_the_registry_is_down_then_it_is_said_and_building_again_is_enough(
    yard: Yard,
) -> None:
    port = free_port()
    yard.registry = RealRegistry(yard.folder / "late", port)
    room, jobs = yard.server()
    job, details = yard.build(room, jobs)
    assert job.state == "failed" and job.problem is not None
    assert "registry" in job.problem.title.lower(), job.problem
    assert details.packages  # it was built, and looked at
    with running_registry(yard.folder / "late", port=port):
        assert yard.build(room, jobs)[0].state == "succeeded"


def test_build_when_no_tool_is_there_then_what_to_do_is_said(yard: Yard) -> None:
    for program in ("none", "no-such-builder", "/bin/true"):
        yard.program = program
        room, _ = yard.server()
        with pytest.raises(NotConfigured) as refused:
            room.builds.start_build(BuildRequest(reason="x"), user="ada")
        assert "promote" in refused.value.hint
        assert room.builds.list_builds().problem


def test_build_when_somebody_saved_meanwhile_then_it_is_refused(yard: Yard) -> None:
    room, _ = yard.server()
    room.packages.lists.get_lists()
    yard.write("stars==1.1\n")
    with pytest.raises(Conflict, match="r2"):
        room.builds.start_build(BuildRequest(reason="x", expected_revision=1), user="ada")


def _running(*words: str) -> list[int]:
    """Return the processes whose command has all these words, but ours."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            command = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if all(word in command for word in words) and int(path.name) != os.getpid():
            found.append(int(path.name))
    return found


def test_terminal_when_asked_to_build_then_the_log_is_shown_and_the_build_is_listed(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GROWTH_ADMIN_ROOT", str(yard.paths.admin_root))
    monkeypatch.setenv("GROWTH_SHARED_ROOT", str(yard.paths.shared_root))
    settings = yard.folder / "settings.py"
    lines = [
        f"c.{section}.{name} = {value!r}\n"
        for section, traits in yard.config().items()
        for name, value in traits.items()
    ]
    settings.write_text("".join(lines))

    def run(*words: str) -> str:
        code = main(["images", *words, "--config", str(settings)])
        said = capfd.readouterr()
        assert code == 0, said.err
        return said.out + said.err

    said = run("build", "--reason", "for Tuesday")
    assert "STEP 1/" in said and "r1-b1 is sha256:" in said
    assert "r1-b1" in run("builds") and "checks passed" in run("builds")
    assert "import stars: passed" in run("built", "1")
    assert json.loads(run("sbom", "1"))["bomFormat"] == "CycloneDX"
