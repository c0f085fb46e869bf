"""``growth-admin datasets`` as a user types it."""

from __future__ import annotations

import hashlib
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
from growth_admin.deploy.standins.drive.standin import DriveStandin
from tests.conftest import wait_until

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shared root; nothing else of this machine is read."""
    for name in [name for name in os.environ if name.startswith(("JUPYTER", "GROWTH_"))]:
        monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("JUPYTERHUB_USER", "tess")
    monkeypatch.setenv("GROWTH_AREAS", "datasets")
    (tmp_path / "nfs").mkdir()
    return tmp_path / "nfs"


@pytest.fixture
def run(shared: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the entry point in this process and return exit code, stdout and stderr."""

    def start(*arguments: str | Path) -> tuple[int, str, str]:
        capsys.readouterr()
        words = [str(word) for word in arguments]
        code = main(["datasets", *words, f"--GrowthAdmin.shared_root={shared}"])
        told = capsys.readouterr()
        return code, told.out, told.err

    return start


@pytest.fixture
def drive() -> Iterator[DriveStandin]:
    with DriveStandin() as standin:
        yield standin


def options(drive: DriveStandin) -> list[str]:
    """Return the options that put the stand-in in Google's place."""
    return [
        f"--DriveSource.web_url={drive.web_url}",
        f"--DriveSource.docs_url={drive.docs_url}",
        f"--DriveSource.download_url={drive.download_url}",
        f"--DriveSource.api_url={drive.api_url}",
    ]


def home_file(name: str, content: bytes = b"data\n") -> Path:
    path = Path.home() / name
    path.write_bytes(content)
    return path


def test_add_when_a_drive_file_is_given_then_it_is_published_and_the_receipt_printed(
    run: Run, shared: Path, drive: DriveStandin
) -> None:
    file = drive.add_file("catalogue.csv", b"a,b\n" * 1000)
    code, out, err = run("add", drive.link(file), "--name", "stars", *options(drive))
    assert (code, out) == (0, "Published stars v1: 1 file, 4.0 kB\n"), err
    assert (shared / "data" / "stars" / "catalogue.csv").read_bytes() == b"a,b\n" * 1000


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("sign_in", "shared"), ("abusive", "Google"), ("gone", "resource"), ("quota", "quota")],
)
def test_add_when_drive_refuses_then_exit_1_and_the_reason(
    run: Run, shared: Path, drive: DriveStandin, fault: str, reason: str
) -> None:
    file = drive.add_file("catalogue.csv", b"a,b\n" * 1000)
    drive.faults.add(fault)
    code, out, err = run("add", drive.link(file), "--name", "stars", *options(drive))
    assert (code, out) == (1, "")
    assert reason.lower() in err.lower()
    assert err.rstrip().count("growth-admin: ") == 1
    assert not (shared / "data" / "stars").exists()


def test_add_when_given_again_after_a_quota_then_it_goes_on(
    run: Run, shared: Path, drive: DriveStandin
) -> None:
    folder = drive.add_folder("Light curves")
    for number in range(8):
        drive.add_file(f"{number}.csv", f"{number}\n".encode(), folder)
    drive.faults.add("quota", where="download", after=4)
    words = ("add", drive.link(folder), "--name", "curves", *options(drive))
    code, _, err = run(*words)
    assert code == 1
    assert "Run the same command again" in err
    before = len(drive.requests("download"))
    drive.faults.clear()
    code, out, err = run(*words)
    assert code == 0, err
    assert out.startswith("Published curves v1: 8 files")
    assert "going on with job" in err
    assert len(drive.requests("download")) - before <= 4


def test_add_when_the_checksum_is_wrong_then_exit_1_and_nothing_is_there(
    run: Run, shared: Path
) -> None:
    path = home_file("a.csv")
    code, _, err = run("add", path, "--name", "stars", "--sha256", "0" * 64)
    assert code == 1
    assert hashlib.sha256(b"data\n").hexdigest() in err
    assert not (shared / "data" / "stars").exists()
    code, out, _ = run(
        "add", path, "--name", "stars", "--sha256", hashlib.sha256(b"data\n").hexdigest()
    )
    assert (code, out) == (0, "Published stars v1: 1 file, 5 B\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("add", "nonsense", "--name", "stars"), "no link"),
        (("add", "https://example.org/x", "--name", "../etc"), "name"),
        (("add", "http://127.0.0.1:9/x", "--name", "stars"), "private"),
        (("versions", "nothing"), "nothing"),
        (("restore", "nothing", "v1"), "nothing"),
        (("probe", "ftp://example.org/x"), "link"),
    ],
)
def test_verbs_when_the_input_is_bad_then_exit_1_and_what_to_do(
    run: Run, arguments: tuple[str, ...], told: str
) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (1, "")
    assert told in err.lower()


def test_add_when_the_shared_folder_is_not_there_then_nothing_is_made_in_its_place(
    run: Run, shared: Path
) -> None:
    path = home_file("a.csv")
    shared.rmdir()
    code, _, err = run("add", path, "--name", "stars")
    assert code == 1
    assert "mounted" in err
    assert not shared.exists()


def test_delete_when_the_space_is_freed_at_once_then_it_must_be_confirmed(
    run: Run, shared: Path
) -> None:
    for name in ("a.csv", "b.csv"):
        assert run("add", home_file(name, name.encode()), "--name", "stars")[0] == 0
    for words in (("delete", "stars", "v1", "--free-now"), ("delete", "stars", "--free-now")):
        code, _, err = run(*words)
        assert (code, "no undo" in err, "--yes" in err) == (1, True, True)
    assert (shared / "data" / "stars" / "b.csv").exists()
    assert run("delete", "stars", "v1", "--free-now", "--yes")[0] == 0
    assert run("delete", "stars", "--free-now")[0] == 1, "one version is as lost as two"
    assert run("delete", "stars", "--free-now", "--yes")[0] == 0
    assert not list((shared / "data").rglob("*.csv"))


def test_versions_when_restored_deleted_taken_back_and_verified_then_each_says_so(
    run: Run, shared: Path
) -> None:
    path = home_file("a.csv", b"one")
    run("add", path, "--name", "stars")
    path.write_bytes(b"two")
    run("add", path, "--name", "stars", "--note", "better")
    assert run("restore", "stars", "v1")[0] == 0
    assert (shared / "data" / "stars" / "a.csv").read_bytes() == b"one"
    code, out, _ = run("versions", "stars")
    assert code == 0
    assert out.splitlines()[1].startswith("* v1") or out.splitlines()[0].startswith("* v1")
    code, _, err = run("delete", "stars")
    assert code == 1
    assert "--yes" in err
    assert run("delete", "stars", "--yes")[0] == 0
    assert not (shared / "data" / "stars").exists()
    assert run("undelete", "stars")[0] == 0
    assert run("verify", "stars")[0] == 0
    file = shared / "data" / "stars" / "a.csv"
    file.chmod(0o644)
    file.write_bytes(b"bad")
    code, _, err = run("verify", "stars")
    assert code == 1
    assert "a.csv" in err
    code, out, _ = run("list", "--json")
    assert [row["name"] for row in json.loads(out)["datasets"]] == ["stars"]


def test_probe_and_plan_when_asked_then_nothing_is_fetched(
    run: Run, shared: Path, drive: DriveStandin
) -> None:
    file = drive.add_file("catalogue.csv", b"a,b\n" * 1000)
    code, out, _ = run("probe", drive.link(file), *options(drive))
    assert code == 0
    assert "1 file" in out
    code, out, _ = run("add", drive.link(file), "--name", "stars", "--plan", *options(drive))
    assert code == 0
    assert out.startswith("Publish stars")
    assert not (shared / "data" / "stars").exists()


def test_add_when_interrupted_by_the_keyboard_then_the_job_is_paused_and_can_be_resumed(
    run: Run, shared: Path, drive: DriveStandin
) -> None:
    file = drive.add_file("big.dat", b"x" * 3_000_000)
    slow = drive.faults.add("drip", item=file.id, bytes_per_s=300_000)
    words = ["add", drive.link(file), "--name", "big", *options(drive)]
    command = [sys.executable, "-m", "growth_admin.cli", "datasets", *words]
    child = subprocess.Popen(
        [*command, f"--GrowthAdmin.shared_root={shared}"], stderr=subprocess.PIPE, text=True
    )
    wait_until(lambda: list((shared / ".growth-admin" / "jobs").glob("*/lease.1")), what="the job")
    time.sleep(1.5)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=30)
    assert child.returncode == 1
    assert "datasets resume" in err
    assert slow is not None
    drive.faults.clear()
    code, out, _ = run(*words)
    assert (code, out) == (0, "Published big v1: 1 file, 3.0 MB\n")
