"""Packages of conda tried in an organiser's own server, from a channel that has real archives."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from growth_admin.cli import main
from growth_admin.core.errors import IndexUnavailable, InvalidInput, StorageFull
from growth_admin.core.schema import now
from growth_admin.images.packages.settings import ImageSource
from growth_admin.images.tryouts.conda_environment import PROGRAM, CondaEnvironment
from growth_admin.images.tryouts.models import TryOutRecord
from growth_admin.images.tryouts.place import TryPlace
from growth_admin.jobs.models import Job
from tests.conftest import wait_until
from tests.console import Console, running_console
from tests.images.conda_packages import PYTHON, publish
from tests.images.package_index import Index, running_index
from tests.images.trying import ended, kernels, run, settings_for, tried

LOGIN = "robot:pass-phrase"


@pytest.fixture(scope="module")
def channel() -> Iterator[Index]:
    with running_index() as started:
        publish(started)
        yield started


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory, channel: Index) -> Iterator[Console]:
    root = tmp_path_factory.mktemp("console")
    with running_console(root, *conda_settings(root, channel)) as started:
        yield started


def conda_settings(root: Path, channel: Index, address: str = "") -> tuple[str, ...]:
    address = address or channel.channel
    return (*settings_for(root, channel), f"--ImageSource.conda_channel={address}")


def begin(console: Console, *packages: str) -> Job:
    return console.client.images.tryouts.start_tryout(*packages, which="conda")


def log_of(console: Console, job: Job) -> str:
    return "".join(console.client.jobs.follow_log(job))


def left_in(folder: Path) -> list[str]:
    """What lies in a folder, without the records of tries and the folders of all of them."""
    names = [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]
    return [name for name in names if not name.endswith(".json") or "/envs/" in name]


def processes() -> list[int]:
    """The processes that install packages of conda, without the shell that guards each."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
            if words[-2:-1] == [PROGRAM.encode()] and words[0] != b"/bin/sh":
                found.append(int(path.parent.name))
        except OSError:
            pass
    return found


def test_conda_when_tried_then_its_kernel_has_modules_programs_and_what_they_set(
    console: Console,
) -> None:
    assert console.client.images.tryouts.list_tryouts().conda_problem == ""
    one = tried(console, "stars=1.0", "tqdm", which="conda")
    assert kernels(console)[one.id] == one.kernel == "Try: stars=1.0, tqdm (not lasting)"
    found = {package.name: package for package in one.installed}
    assert {name: package.version for name, package in found.items()} == {
        "python": f"{PYTHON}.9", "source-extractor": "2.28", "stars": "1.0", "tqdm": "99.0",
    }  # fmt: skip
    assert [name for name, package in found.items() if package.instead_of] == ["tqdm"]
    assert one.warnings == () and one.size_bytes
    code = """
import os, shutil, subprocess, sys, requests, stars, tqdm
print(stars.MAGNITUDE, tqdm.NEW, sys.version_info[:2], os.environ["SEX_DATA"])
print(subprocess.run(["sex", "a.fits"], capture_output=True, text=True).stdout)
print(shutil.which("python"), sys.executable, shutil.which("sh"))
"""
    said, sex, programs, *_ = filter(None, run(console, one.id, code).splitlines())
    (place,) = (console.root / "disk").iterdir()
    prefix = place / "envs" / one.id / "conda"
    assert said == f"17.2 True {tuple(map(int, PYTHON.split('.')))} {prefix}/share/$sex"
    assert sex == f"sex of {prefix}, a.fits"
    own, executable, shell = programs.split()
    assert own == executable == str(prefix.parent / "bin" / "python") and shell != "None"
    assert (prefix / "linked").exists(), "its script was run, as conda does"
    assert not (prefix.parent / "conda-cache").exists()
    look = "import shutil, importlib.util as u; print(shutil.which('sex'), u.find_spec('stars'))"
    assert run(console, "python3", look).strip() == "None None"
    console.client.images.tryouts.delete_tryout(one.id)
    assert one.id not in kernels(console)
    assert not list((console.root / "disk").rglob("*sex*"))
    kept = [path.name for path in (console.root / "home").rglob("*")]
    assert not {"rattler", "conda-meta", "kernel.json", "stars"} & set(kept)


def test_conda_when_a_module_cannot_be_imported_then_the_try_says_so(console: Console) -> None:
    one = tried(console, "broken", which="conda")
    (warning,) = one.warnings
    assert warning.startswith("broken cannot be imported: ImportError: libgsl.so.27: not found.")
    assert run(console, one.id, "print(1)").strip() == "1"
    receipt = console.client.jobs.get_job(one.job_id).receipt
    assert receipt and receipt["items"][-1]["target"] == warning
    console.client.images.tryouts.delete_tryout(one.id)


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (["nosuch"], "of 127.0.0.1 has no package nosuch"),
        (["stars=3"], "has no stars 3.*; the newest stars is 1.0"),
        (["of-next"], f"has no of-next that fits this server's Python {PYTHON}"),
        (["needy"], "lacks something that needy needs"),
        (["old", "new"], "cannot be installed together"),
        (["lost"], "failed to fetch lost-1.0-0.conda"),
        (["stars=1.0=="], "not how conda names a package"),
    ],
)
def test_conda_when_it_cannot_be_installed_then_it_is_said_why_and_nothing_stays(
    console: Console, wanted: list[str], why: str
) -> None:
    job = ended(console, begin(console, *wanted))
    assert job.state == "failed" and job.problem is not None
    assert why in job.problem.detail and job.problem.hint
    (one,) = console.client.images.tryouts.list_tryouts().tryouts
    assert one.state == "failed" and why in one.problem and one.id not in kernels(console)
    assert left_in(console.root / "disk") == []
    console.client.images.tryouts.delete_tryout(one.id)


@pytest.mark.parametrize(
    ("fault", "why"), [(503, "503 Service Unavailable"), (404, "could not find subdir")]
)
def test_conda_when_the_channel_is_away_then_it_is_said_which(
    console: Console, channel: Index, fault: int, why: str
) -> None:
    channel.faults["*"] = fault
    try:
        job = ended(console, begin(console, "stars"))
    finally:
        channel.faults.clear()
    assert job.state == "failed" and job.problem is not None
    assert job.problem.title == IndexUnavailable.title
    assert "127.0.0.1 gave no usable answer" in job.problem.detail
    assert why in job.problem.detail
    console.client.images.tryouts.delete_tryout(
        console.client.images.tryouts.list_tryouts().tryouts[0].id
    )


def test_terminal_when_conda_is_tried_then_it_says_what_came_and_takes_it_away_again(
    tmp_path: Path,
    channel: Index,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("GROWTH_ADMIN_ROOT", str(tmp_path / "admin"))
    monkeypatch.setenv("GROWTH_SHARED_ROOT", str(tmp_path / "nfs"))
    (tmp_path / "admin").mkdir()
    _, *settings = conda_settings(tmp_path, channel)

    def said(*words: str, code: int = 0) -> str:
        assert main(["images", *words, *settings]) == code
        told = capsys.readouterr()
        return told.out + told.err

    told = said("try", "--conda", "source-extractor=2.28", "broken")
    assert "install  source-extractor 2.28" in told and "(not lasting)" in told
    assert "failed   import   broken cannot be imported" in told
    assert "has no package nosuch" in said("try", "--conda", "nosuch", code=1)
    listed = said("tries")
    assert "  ! broken cannot be imported" in listed
    for line in listed.splitlines():
        if line.startswith("try-"):
            said("untry", line.split()[0])
    assert "Nothing is being tried" in said("tries")
    assert not list((tmp_path / "disk").rglob("*sex*"))


def test_conda_when_the_channel_never_answers_then_it_is_not_waited_for_long(
    tmp_path: Path,
) -> None:
    place = TryPlace("ada", tmp_path / "school", str(tmp_path))
    place.prepare()
    record = TryOutRecord(id="try-00000001", list="conda", packages=("gsl",), created=now())
    environment = CondaEnvironment(
        place, record, on_lines=lambda lines: None, is_cancelled=lambda: False, timeout_s=60
    )
    environment.make()
    with socket.create_server(("127.0.0.1", 0), backlog=100) as mute:
        address = f"http://127.0.0.1:{mute.getsockname()[1]}/channel"
        source = ImageSource(conda_channel=address, resolve_timeout_s=1.0)
        begun_s = time.monotonic()
        with pytest.raises(IndexUnavailable, match="did not answer in 1 s"):
            environment.install(source)
    assert time.monotonic() - begun_s < 10


@pytest.mark.parametrize(
    "asked",
    [
        "https://x/y.conda", "./here", "other::gsl", "gsl[url=https://x/y]", "y-1-0.tar.bz2",
        "gsl-2.7-0.conda", "--help", "gsl @ https://x/a", " ",
    ],
)  # fmt: skip
def test_conda_when_it_is_no_name_then_refused(console: Console, asked: str) -> None:
    with pytest.raises(InvalidInput):
        begin(console, asked)
    assert console.client.images.tryouts.list_tryouts().tryouts == ()


@contextmanager
def holding(channel: Index, filename: str) -> Iterator[Callable[[], None]]:
    """Let nobody have a file of the channel for now; yields what waits until it is asked for."""
    channel.asked.clear()
    channel.held[filename] = go = threading.Event()

    def wait() -> None:
        is_asked = lambda: any(path.endswith(filename) for path in channel.asked)  # noqa: E731
        wait_until(is_asked, timeout_s=60, what=f"the wish for {filename}")

    try:
        yield wait
    finally:
        go.set()
        channel.held.clear()


def test_conda_when_cancelled_while_it_fetches_then_it_ends_at_once_and_leaves_nothing(
    console: Console, channel: Index
) -> None:
    with holding(channel, "source-extractor-2.28-0.conda") as wait:
        job = begin(console, "stars")
        wait()
        assert processes()
        begun_s = time.monotonic()
        console.client.jobs.cancel_job(job.id)
        assert ended(console, job).state == "cancelled"
        assert time.monotonic() - begun_s < 3
    assert processes() == [] and left_in(console.root / "disk") == []
    (one,) = console.client.images.tryouts.list_tryouts().tryouts
    console.client.images.tryouts.delete_tryout(one.id)


def test_conda_when_the_server_is_killed_while_it_fetches_then_the_next_one_has_nothing_of_it(
    tmp_path: Path, channel: Index
) -> None:
    settings = conda_settings(tmp_path, channel)
    with holding(channel, "source-extractor-2.28-0.conda") as wait:
        with running_console(tmp_path, *settings) as console:
            begin(console, "stars")
            wait()
            os.kill(console.process.pid, signal.SIGKILL)
            console.process.wait()
        wait_until(lambda: processes() == [], what="the end of what installs")
    assert left_in(tmp_path / "disk"), "nobody was left to remove it"
    with running_console(tmp_path, *settings) as console:
        assert left_in(tmp_path / "disk") == []
        assert console.client.images.tryouts.list_tryouts().tryouts == ()


def test_conda_when_the_disk_is_full_then_it_is_said_and_the_room_is_given_back(
    tmp_path: Path, channel: Index, small_disk: Path
) -> None:
    settings = (
        *conda_settings(tmp_path, channel)[:-2],
        f"--ImageSource.conda_channel={channel.channel}",
        f"--TryOuts.folder={small_disk}",
        "--TryOuts.min_free_bytes=0",
    )
    with running_console(tmp_path, *settings) as console:
        job = ended(console, begin(console, "gsl=2.7"))
        assert job.state == "failed" and job.problem is not None
        assert job.problem.title == StorageFull.title, job.problem
        assert "Fetching gsl" in log_of(console, job)
        assert left_in(small_disk) == []


def test_channel_when_it_takes_a_login_then_nothing_shows_the_login(
    tmp_path: Path, channel: Index
) -> None:
    address = channel.channel.replace("http://", f"http://{LOGIN}@")
    channel.login = LOGIN
    try:
        with running_console(tmp_path, *conda_settings(tmp_path, channel, address)) as console:
            one = tried(console, "stars", which="conda")
            job = console.client.jobs.get_job(one.job_id)
            told = [log_of(console, job), job.model_dump_json(), one.model_dump_json()]
            job = ended(console, begin(console, "nosuch"))
            told += [log_of(console, job), job.model_dump_json()]
            channel.login = "robot:another"
            job = ended(console, begin(console, "stars"))
            assert job.problem is not None and "401" in job.problem.detail
            told += [log_of(console, job), job.model_dump_json(), console.log()]
            kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    finally:
        channel.login = ""
    assert not any("pass-phrase" in text for text in told)
    assert not any(b"pass-phrase" in text for text in kept)


def test_conda_when_py_rattler_is_missing_then_it_is_said_what_to_install(
    tmp_path: Path, channel: Index
) -> None:
    (tmp_path / "python").mkdir()
    (tmp_path / "python" / "sitecustomize.py").write_text(
        "import sys\nsys.modules['rattler'] = None  # as if it were not installed\n"
    )
    settings = conda_settings(tmp_path, channel)
    with running_console(tmp_path, *settings, python_path=[tmp_path / "python"]) as console:
        assert "growth-admin[images]" in console.client.images.tryouts.list_tryouts().conda_problem
        refused = console.ask("POST", "images/tryouts", json={"list": "conda", "packages": ["gsl"]})
        assert refused.status_code == 501, refused.text
        assert "growth-admin[images]" in refused.json()["detail"]
