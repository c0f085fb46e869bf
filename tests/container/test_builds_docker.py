"""Images built with Docker's own client, over the Docker API that Podman serves here."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from traitlets.config import Config

from growth_admin.core.errors import NotConfigured
from growth_admin.images.builds.engine import ContainerEngine, steps_of
from growth_admin.images.builds.models import BuildRequest
from growth_admin.images.builds.pushing import registry_command
from growth_admin.images.builds.settings import ImageBuilder
from growth_admin.images.builds.tool import ContainerTool
from growth_admin.images.registry.credential import Login
from growth_admin.jobs.models import ENDED
from tests.container import images
from tests.container.engine import Engine
from tests.container.machine import docker_api
from tests.container.sessions import containers
from tests.container.test_builds import PATIENCE_S, Yard
from tests.images.package_index import running_index
from tests.images.registry import RealRegistry, running_registry
from tests.images.test_login import BCRYPT, LOGIN

WORDS = f"sleep 5{os.getpid()}"


@dataclass
class DockerYard(Yard):
    """A yard whose registry wants a login."""

    def config(self) -> Config:
        config = super().config()
        config.ImageRegistry.credential_file = str(self.folder / "login")
        return config


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRegistry]:
    """A registry that wants a login from whoever pushes."""
    folder = tmp_path_factory.mktemp("registry")
    (folder / "users").write_text(f"{LOGIN[0]}:{BCRYPT}\n")
    auth = f"auth:\n  htpasswd:\n    realm: school\n    path: {folder / 'users'}\n"
    with running_registry(folder, auth=auth, login=LOGIN) as started:
        yield started


@pytest.fixture
def yard(
    engine: Engine, registry: RealRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Yard]:
    assert shutil.which("docker"), "of Debian's docker.io: see .ci/system-packages"
    images.debian(engine)
    for name, value in engine.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("BUILDAH_ISOLATION", "chroot")  # of the service
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    (tmp_path / "docker").mkdir()
    login = tmp_path / "login"
    login.write_text(":".join(LOGIN))
    login.chmod(0o600)
    node = replace(engine, folder=tmp_path / "node")
    with (
        running_index() as index,
        tempfile.TemporaryDirectory(prefix="growth-admin-api-", dir="/run") as place,
        docker_api(node, registry, Path(place)) as socket,
    ):
        index.add("stars", "1.0")
        monkeypatch.setenv("DOCKER_HOST", f"unix://{socket}")
        made = DockerYard(tmp_path, engine, registry, index, program="docker")
        made.settings |= {
            "options": [], "build_options": ["--network=host"], "run_options": [],
        }  # fmt: skip
        made.write("stars==1.0\n")
        yield made
        for jobs in made.engines:
            jobs.close()
        for number in (1, 2):
            engine.call("podman", "rmi", "--force", f"{made.image}:r1-b{number}", check=False)


def test_source_when_built_with_docker_then_it_is_checked_and_pushed_with_the_login(
    yard: Yard, registry: RealRegistry, tmp_path: Path
) -> None:
    room, jobs = yard.server()
    assert "docker" in room.builds.list_builds().builder
    job, details = yard.build(room, jobs)
    assert job.state == "succeeded", (job.problem, yard.log(jobs, job))
    assert details.build.is_smoke_passed and details.packages
    assert registry.session.head(
        f"http://{registry.host}/v2/{yard.name}/manifests/{details.build.digest}",
        headers={"Accept": "*/*"}, auth=LOGIN, timeout=30,
    ).ok  # fmt: skip
    log = yard.log(jobs, job)
    assert "1/" in log and LOGIN[1] not in log
    assert [path.name for path in (tmp_path / "docker").iterdir()] == [], "the login is not kept"


def test_build_when_cancelled_with_docker_then_nothing_of_it_is_left(yard: Yard) -> None:
    (yard.source / "smoke" / "checks" / "slow.sh").write_text(f"{WORDS}\n")
    room, jobs = yard.server()
    job = room.builds.start_build(BuildRequest(reason="x"), user="ada")
    end_s = time.monotonic() + PATIENCE_S
    while subprocess.run(["pgrep", "-f", WORDS], capture_output=True).returncode:
        is_running = jobs.get_job(job.id, {"images"}).state not in ENDED
        assert is_running and time.monotonic() < end_s, yard.log(jobs, job)
        time.sleep(0.2)
    jobs.cancel_job(job.id, {"images"}, "bob")
    assert yard.wait(room, jobs, job)[0].state == "cancelled"
    left = [row for row in containers(yard.engine, "{{.Names}} {{.Image}}") if yard.image in row]
    assert left == []
    assert subprocess.run(["pgrep", "-f", WORDS], capture_output=True).returncode == 1


def test_pull_when_dockers_configuration_says_where_its_service_is_then_it_is_asked_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own, ours = tmp_path / "own", tmp_path / "ours"
    (own / "contexts").mkdir(parents=True)
    ours.mkdir()
    facts = {"currentContext": "far", "auths": {"elsewhere.org": {"auth": "x"}}}
    (own / "config.json").write_text(json.dumps(facts))
    monkeypatch.setenv("DOCKER_CONFIG", str(own))
    tool = ContainerTool(ImageBuilder(program="docker"))
    words = registry_command(
        tool, "pull", "school.org/nb:1", ours, login=Login(*LOGIN), is_plain=False
    )
    assert words[1:] == ["--config", str(ours), "pull", "school.org/nb:1"]
    told = json.loads((ours / "config.json").read_text())
    assert told["currentContext"] == "far" and list(told["auths"]) == ["school.org"]
    assert (ours / "contexts").is_dir()


def test_docker_when_no_service_answers_then_that_is_said_before_anything_is_begun(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nothing.sock")
    with pytest.raises(NotConfigured, match="reaches no Docker") as refused:
        ContainerEngine(ImageBuilder(program="docker")).version()
    assert "DOCKER_HOST" in refused.value.hint


def test_steps_when_dockers_builders_count_them_then_they_are_told() -> None:
    assert steps_of(["Step 2/9 : RUN x", " ---> Using cache"]) == (2, 9)
    assert steps_of(["#7 [school 3/5] RUN y", "#7 0.3 hello"]) == (3, 5)
    assert steps_of(["#8 [4/5] COPY z"]) == (4, 5)
