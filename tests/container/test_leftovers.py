"""What builds leave when they are killed, in whatever way, and who takes it away."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from growth_admin.cli import main
from growth_admin.core.errors import Conflict
from growth_admin.images.builds.models import BuildRequest
from tests.container import images
from tests.container.engine import REPOSITORY, Engine
from tests.container.sessions import containers
from tests.container.test_builds import DOCKERFILE, PATIENCE_S, Yard, _running
from tests.images.package_index import Index, running_index
from tests.images.registry import RealRegistry, running_registry

FOREVER = "import time\nprint('the slow check begins', flush=True)\ntime.sleep(300)\n"


@pytest.fixture(scope="module")
def index() -> Iterator[Index]:
    with running_index() as started:
        started.add("stars", "1.0")
        yield started


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRegistry]:
    with running_registry(tmp_path_factory.mktemp("registry")) as started:
        yield started


@pytest.fixture
def open_yard(
    engine: Engine,
    index: Index,
    registry: RealRegistry,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[[str], Yard]]:
    images.debian(engine)
    for name, value in engine.environ.items():
        monkeypatch.setenv(name, value)
    yards: list[Yard] = []

    def opened(name: str) -> Yard:
        (tmp_path / name).mkdir()
        yard = Yard(tmp_path / name, engine, registry, index)
        yard.settings["build_arguments"] = {
            "BASE": images.DEBIAN, "INDEX": index.simple, "YARD": yard.name,
        }  # fmt: skip
        yard.settings["work_folder"] = str(yard.folder)
        yard.write("stars==1.0\n")
        yards.append(yard)
        return yard

    yield opened
    for yard in yards:
        for jobs in yard.engines:
            jobs.close()
        for reference in local_images(yard):
            engine.call("podman", "rmi", "--force", reference)


@pytest.fixture
def yard(open_yard: Callable[[str], Yard]) -> Yard:
    return open_yard("school")


def working_containers(yard: Yard) -> list[str]:
    """The working containers of this yard's builds, as buildah keeps them on its disk."""
    place = yard.engine.storage / "overlay-containers"
    found = []
    for path in place.glob("*/userdata/buildah.json"):
        try:
            arguments = json.loads(path.read_bytes()).get("Args") or {}
        except (OSError, ValueError):
            continue  # it is going away
        if arguments.get("YARD") == yard.name:
            found.append(path.parts[-3])
    return found


def check_containers(yard: Yard) -> list[str]:
    """The containers of this yard's checks; the image that they are of has its name."""
    rows = containers(yard.engine, "{{.Names}} {{.Image}}")
    return [row for row in rows if yard.image in row and row.startswith("growth-check-")]


def local_images(yard: Yard) -> list[str]:
    rows = yard.engine.rows("images", "--format", "{{.Repository}}:{{.Tag}}")
    return [row for row in rows if row.startswith(f"{yard.image}:")]


def left(yard: Yard) -> list[str]:
    """All that builds of this yard left, but images."""
    folders = [str(path) for path in yard.folder.glob("growth-*")]
    return [*working_containers(yard), *check_containers(yard), *folders]


def slow(yard: Yard) -> str:
    """Let the next build hang in a step; return the words of that."""
    words = f"sleep 3{os.getpid()}"
    yard.write("stars==1.0\n", dockerfile=f"{DOCKERFILE}RUN {words}\n")
    return words


def wait_until(is_so: Callable[[], object], what: str) -> None:
    end_s = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end_s, what
        time.sleep(0.1)


def test_build_when_cancelled_then_it_leaves_nothing(yard: Yard) -> None:
    words = slow(yard)
    room, jobs = yard.server()
    job = room.builds.start_build(BuildRequest(reason="x"), user="ada")
    wait_until(lambda: _running(words), "the step begins")
    assert left(yard), "it shows what is looked for"
    jobs.cancel_job(job.id, {"images"}, "bob")
    assert yard.wait(room, jobs, job)[0].state == "cancelled"
    assert left(yard) == []


def test_build_when_its_program_is_killed_then_it_leaves_nothing(yard: Yard) -> None:
    words = slow(yard)
    room, jobs = yard.server()
    job = room.builds.start_build(BuildRequest(reason="x"), user="ada")
    wait_until(lambda: _running(words), "the step begins")
    for pid in _running("buildah", yard.name):
        os.kill(pid, signal.SIGKILL)
    assert yard.wait(room, jobs, job)[0].state == "failed"
    assert left(yard) == []


SERVER = """
import json, sys, time
from pathlib import Path
from tests.container.engine import Engine
from tests.container.sessions import containers
from tests.container.test_builds import Yard
from tests.images.package_index import Index
from tests.images.registry import RealRegistry
from growth_admin.images.builds.models import BuildRequest
folder, place, program, port, url, name, settings = sys.argv[1:]
registry = RealRegistry(Path(folder) / "registry", int(port))
yard = Yard(Path(folder), Engine(Path(place)), registry, Index(url), program=program, name=name)
yard.settings = json.loads(settings)
room, jobs = yard.server(lease_s=3)
print(room.builds.start_build(BuildRequest(reason="x"), user="ada").id, flush=True)
time.sleep(600)
"""


def killed_server(yard: Yard, until: Callable[[], object]) -> str:
    """Let a server of its own begin a build, and kill it when that has got somewhere."""
    server = subprocess.Popen(
        [
            *(sys.executable, "-c", SERVER, str(yard.folder), str(yard.engine.folder)),
            *(
                yard.program,
                str(yard.registry.port),
                yard.index.url,
                yard.name,
                json.dumps(yard.settings),
            ),
        ],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        job_id = server.stdout.readline().strip()
        wait_until(until, "the build gets there")
    finally:
        server.kill()
        server.wait()
    return job_id


@pytest.mark.parametrize("program", ["buildah", "podman"])
def test_server_when_killed_while_it_builds_then_the_next_one_takes_it_all_away(
    yard: Yard, program: str
) -> None:
    yard.program = program
    words = slow(yard)
    job_id = killed_server(yard, lambda: _running(words))
    wait_until(lambda: not _running(words), "the build does not outlive its server")
    before = left(yard)
    assert before, "a killed server cannot take anything away"
    room, jobs = yard.server(user="bob", lease_s=3)
    wait_until(lambda: _running(words), "the next server goes on with it")
    assert not {*before} & {*left(yard)}, "what the first one left is gone"
    jobs.cancel_job(job_id, {"images"}, "bob")
    yard.wait(room, jobs, jobs.get_job(job_id, {"images"}))
    assert left(yard) == []


@pytest.mark.parametrize("program", ["buildah", "podman"])
def test_server_when_killed_while_it_checks_then_another_takes_it_away_when_asked(
    yard: Yard, program: str
) -> None:
    yard.program = program
    (yard.source / "smoke" / "checks" / "slow.py").write_text(FOREVER)
    job_id = killed_server(yard, lambda: check_containers(yard) and _running("growth-smoke"))
    assert check_containers(yard)
    (yard.source / "smoke" / "checks" / "slow.py").unlink()
    room, jobs = yard.server(user="bob", lease_s=3)
    jobs.cancel_job(job_id, {"images"}, "bob")
    wait_until(lambda: jobs.get_job(job_id, {"images"}).state == "cancelled", "it is given up")
    room.builds.sweep(user="bob")
    assert left(yard) == []
    assert not room.builds.sweep(user="bob").items, "and then there is nothing more"


def test_sweep_when_another_school_builds_on_the_same_storage_then_its_build_goes_on(
    open_yard: Callable[[str], Yard],
) -> None:
    ours, theirs = open_yard("ours"), open_yard("theirs")
    words = slow(theirs)
    their_room, their_jobs = theirs.server()
    job = their_room.builds.start_build(BuildRequest(reason="x"), user="eve")
    wait_until(lambda: _running(words), "their build begins")
    there = working_containers(theirs)
    room, jobs = ours.server()
    assert ours.build(room, jobs)[0].state == "succeeded"
    room.builds.sweep(user="ada")
    assert working_containers(theirs) == there and _running(words)
    with pytest.raises(Conflict, match="eve is building"):
        their_room.builds.sweep(user="eve")
    their_jobs.cancel_job(job.id, {"images"}, "eve")
    theirs.wait(their_room, their_jobs, job)
    assert left(theirs) == []


def test_images_when_there_are_more_than_are_kept_then_the_oldest_go_here_and_stay_at_the_registry(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    yard.settings["kept_images"] = 2
    room, jobs = yard.server()
    for _ in range(4):
        assert yard.build(room, jobs)[0].state == "succeeded"
    assert sorted(local_images(yard)) == [f"{yard.image}:r1-b3", f"{yard.image}:r1-b4"]
    assert all(yard.digest(f"r1-b{number}") for number in range(1, 5))
    monkeypatch.setenv("GROWTH_ADMIN_ROOT", str(yard.paths.admin_root))
    monkeypatch.setenv("GROWTH_SHARED_ROOT", str(yard.paths.shared_root))
    yard.settings["kept_images"] = 1
    settings = yard.folder / "settings.py"
    rows = yard.config().items()
    settings.write_text("".join(f"c.{name}.update({dict(row)!r})\n" for name, row in rows))
    assert main(["images", "sweep", "--config", str(settings)]) == 0
    assert "r1-b3" in capfd.readouterr().out
    assert local_images(yard) == [f"{yard.image}:r1-b4"]
