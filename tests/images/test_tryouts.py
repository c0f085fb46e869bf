"""Packages tried in an organiser's own server: a kernel that has them, and no trace later."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from traitlets.config import Config

from growth_admin.core.audit import AuditTrail
from growth_admin.core.errors import (
    Conflict,
    GrowthError,
    InvalidInput,
    NotFound,
    StorageUnavailable,
)
from growth_admin.core.paths import Paths
from growth_admin.images.room import build_room
from growth_admin.images.tryouts.models import TryRequest
from growth_admin.images.tryouts.place import TryPlace
from growth_admin.jobs.engine import JobEngine, Runner
from growth_admin.jobs.models import ENDED
from growth_admin.jobs.store import JobStore
from tests.console import Console, running_console
from tests.images.package_index import Index, running_index
from tests.images.trying import LIMIT_S, ended, kernels, run, settings_for, tried


@pytest.fixture(scope="module")
def index() -> Iterator[Index]:
    with running_index() as started:
        started.add("stars", "1.0", module="MAGNITUDE = 17.2\n")
        started.add("stars", "1.1", module="MAGNITUDE = 17.3\n")
        started.add("tqdm", "99.0", module="NEW = True\n")
        started.add("packaging", "99.0", module="NEW = True\n")
        started.add("needy", "1.0", needs=["nowhere>=2"])
        yield started


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory, index: Index) -> Iterator[Console]:
    root = tmp_path_factory.mktemp("console")
    with running_console(root, *settings_for(root, index)) as started:
        yield started


def test_packages_when_tried_then_one_kernel_has_them_the_others_not_and_the_home_nothing(
    console: Console,
) -> None:
    one = tried(console, "stars==1.0", "tqdm==99.0")
    assert one.kernel == "Try: stars==1.0, tqdm==99.0 (not lasting)"
    assert kernels(console)[one.id] == one.kernel
    found = {package.name: package for package in one.installed}
    assert set(found) == {"stars", "tqdm"} and found["stars"].instead_of == ""
    assert found["tqdm"].instead_of  # what this server has all the same
    assert one.size_bytes and one.size_bytes > 0
    look = "import stars, tqdm, requests; print(stars.MAGNITUDE, tqdm.NEW)"
    assert run(console, one.id, look).strip() == "17.2 True"
    look = "import shutil, sys; print(shutil.which('python') == sys.executable)"
    assert run(console, one.id, look).strip() == "True"
    for code in ("import stars", "import tqdm; tqdm.NEW"):
        with pytest.raises(GrowthError, match=r"ModuleNotFoundError|AttributeError"):
            run(console, "python3", code)
    kept = [path.name for path in (console.root / "home").rglob("*")]
    assert not {"kernel.json", "stars", "stars.py", "pyvenv.cfg"} & set(kept)
    console.client.images.tryouts.delete_tryout(one.id)
    assert one.id not in kernels(console)
    assert not list((console.root / "disk").rglob("stars*"))
    with pytest.raises(NotFound):
        console.client.images.tryouts.delete_tryout(one.id)


def test_try_when_the_index_has_none_then_it_failed_with_a_reason_and_no_kernel(
    console: Console,
) -> None:
    started = console.client.images.tryouts.start_tryout("stars==3.0")
    job = ended(console, started)
    assert job.state == "failed" and job.problem is not None
    assert "has no stars==3.0 that fits" in job.problem.detail
    job = ended(console, console.client.images.tryouts.start_tryout("needy"))
    assert job.state == "failed" and job.problem is not None
    assert "nowhere" in job.problem.detail
    job = ended(console, console.client.images.tryouts.start_tryout("packaging==99.0"))
    assert job.state == "failed" and job.problem is not None
    assert "kernel cannot start" in job.problem.detail  # it needs another version of that
    shown = console.client.images.tryouts.list_tryouts().tryouts
    assert [one.state for one in shown] == ["failed"] * 3
    assert "has no stars==3.0" in shown[2].problem
    assert not any(name.startswith("try-") for name in kernels(console))
    for one in shown:
        console.client.images.tryouts.delete_tryout(one.id)


@pytest.mark.parametrize(
    "asked",
    ["-r /etc/passwd", "--index-url=http://x/", "git+https://x/y", "./here", "a @ https://x/a.whl"],
)
def test_try_when_it_is_no_name_then_refused(console: Console, asked: str) -> None:
    with pytest.raises(InvalidInput):
        console.client.images.tryouts.start_tryout(asked)
    assert console.client.images.tryouts.list_tryouts().tryouts == ()


def test_try_when_of_conda_then_it_is_said_why_not(console: Console) -> None:
    listed = console.client.images.tryouts.list_tryouts()
    assert "conda_channel is not set" in listed.conda_problem
    refused = console.ask("POST", "images/tryouts", json={"list": "conda", "packages": ["gsl"]})
    assert refused.status_code == 501, refused.text
    assert "conda_channel is not set" in refused.json()["detail"]


def test_try_when_it_is_under_way_then_it_can_be_cancelled_and_leaves_nothing(
    tmp_path: Path, index: Index
) -> None:
    with running_console(tmp_path, *settings_for(tmp_path, index)) as console:
        tryouts = console.client.images.tryouts
        job = tryouts.start_tryout("stars")
        with pytest.raises(Conflict):
            tryouts.delete_tryout(tryouts.list_tryouts().tryouts[0].id)
        console.client.jobs.cancel_job(job.id)
        assert ended(console, job).state == "cancelled"
        assert not any(name.startswith("try-") for name in kernels(console))
        assert not list((tmp_path / "disk").rglob("pyvenv.cfg"))


def test_try_when_it_waits_for_its_turn_then_it_is_pending_and_can_be_cancelled(
    tmp_path: Path,
) -> None:
    paths, go = Paths(tmp_path / "admin", tmp_path / "nfs"), threading.Event()
    audit = AuditTrail(paths.audit, writer="ada")
    jobs = JobEngine(JobStore(paths.jobs), user="ada", server="ada/", audit=audit, workers=1)
    jobs.register(
        Runner("images.wait", "images.builds:start", lambda _: {"waited": go.wait(LIMIT_S)})
    )
    config = Config()
    config.TryOuts.folder = str(tmp_path)
    tryouts = build_room(paths, user="ada", running=None, config=config, jobs=jobs).tryouts
    jobs.open()
    try:
        jobs.start_job("images.wait", title="Wait", params={}, user="ada")
        job = tryouts.start_tryout(TryRequest(packages=("stars",)), user="ada")
        (one,) = tryouts.list_tryouts().tryouts
        assert (one.state, one.job_id) == ("pending", job.id)
        with pytest.raises(Conflict):
            tryouts.delete_tryout(one.id)
        jobs.cancel_job(job.id, {"images"}, "ada")
        go.set()
        end_s = time.monotonic() + LIMIT_S
        while tryouts.list_tryouts().tryouts[0].state not in ENDED:
            assert time.monotonic() < end_s
            time.sleep(0.1)
        assert tryouts.delete_tryout(one.id).state == "cancelled"
    finally:
        go.set()
        jobs.close()


def test_tries_when_the_server_ends_or_is_killed_then_the_next_one_has_none(
    tmp_path: Path, index: Index
) -> None:
    settings = settings_for(tmp_path, index)
    with running_console(tmp_path, *settings) as console:
        one = tried(console, "stars")
        (place,) = (tmp_path / "disk").iterdir()
        assert (place / "kernels" / one.id / "kernel.json").exists()
        assert place.stat().st_mode & 0o777 == 0o700
        os.kill(console.process.pid, signal.SIGKILL)
        console.process.wait()
    assert (place / "kernels" / one.id).exists()  # nobody was left to remove it
    with running_console(tmp_path, *settings) as console:
        assert one.id not in kernels(console) and not list(place.rglob("stars*"))
        assert console.client.images.tryouts.list_tryouts().tryouts == ()
        tried(console, "stars")
    assert not place.exists()  # this one ended by itself


def test_place_when_somebody_else_made_it_or_opened_it_then_nothing_is_put_there(
    tmp_path: Path,
) -> None:
    """What lies there runs with the organiser's rights; /tmp is everybody's."""
    place = TryPlace("ada", tmp_path / "school", str(tmp_path))
    (tmp_path / "theirs").mkdir(mode=0o700)
    place.root.symlink_to(tmp_path / "theirs")
    with pytest.raises(StorageUnavailable):
        place.prepare()
    place.clear()
    assert (tmp_path / "theirs").exists()
    place.root.unlink()
    place.root.mkdir(mode=0o777)
    place.root.chmod(0o777)
    with pytest.raises(StorageUnavailable, match="open to others"):
        place.prepare()
    os.chown(place.root, 65534, 65534)
    place.root.chmod(0o700)
    with pytest.raises(StorageUnavailable, match="not made by this server"):
        place.prepare()
