"""The shared folders on a real disk, as root; and what people of each group then can do there."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from growth_admin.cli import main
from growth_admin.deploy.install import chain_source
from growth_admin.deploy.kubernetes.canaries import check_canary
from growth_admin.deploy.kubernetes.chart import shipped_chart
from growth_admin.deploy.kubernetes.cluster import build_manifests
from growth_admin.deploy.kubernetes.folders import Shares, check_folders, prepare
from tests.deploy.schools import answers_of

STUDENT, TA, ADMIN = (50_001, ()), (50_002, (3000,)), (50_003, (3000, 3001))
PROBE = 'for path; do if (set -C; : > "$path") 2> /dev/null; then echo yes; else echo no; fi; done'


@pytest.fixture
def shares() -> Iterator[Shares]:
    """Two new exports: empty, root's, as a file server has them, where everybody may pass."""
    with tempfile.TemporaryDirectory(prefix="growth-shares-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        found = Shares(folder / "admin", folder / "nfs")
        for root in (found.admin_root, found.shared_root):
            root.mkdir(mode=0o755)
        yield found


def bad(shares: Shares) -> dict[str, Any]:
    """Failed checks by name, but for the one that a test's folder cannot pass."""
    return {
        check.name: check
        for check in check_folders(shares)
        if not check.is_good and not check.name.startswith("disk of")
    }


def may_create(who: tuple[int, tuple[int, ...]], *folders: Path) -> list[str]:
    """Whether somebody may create a file in each folder."""
    uid, groups = who
    paths = [str(folder / f".try-{uid}") for folder in folders]
    command = ["/bin/sh", "-c", PROBE, "sh", *paths]
    done = subprocess.run(
        command, user=uid, group=100, extra_groups=groups, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_folders_when_prepared_then_every_check_passes_and_a_second_time_changes_nothing(
    shares: Shares,
) -> None:
    assert os.geteuid() == 0, "these checks are root's"
    assert all(check.is_good for check in prepare(shares))
    assert bad(shares) == {}
    before = {path: path.stat() for path in shares.shared_root.rglob("*")}
    assert {check.finding for check in prepare(shares)} == {"is there"}
    assert {path: path.stat().st_ctime_ns for path in before} == {
        path: was.st_ctime_ns for path, was in before.items()
    }
    left = list(shares.admin_root.rglob(".growth-check*"))
    assert left == []


def test_folders_when_prepared_then_each_group_writes_its_own_and_nothing_else(
    shares: Shares,
) -> None:
    prepare(shares)
    admin, shared = shares.admin_root, shares.shared_root
    state = shared / ".growth-admin"
    folders = (
        *(admin, admin / "start", admin / "logs", admin / ".growth-admin"),
        *(shared, shared / "bin", shared / "data", state),
        *(state / "notices", state / "receipts", state / "replies"),
    )
    n, y = "no", "yes"
    assert may_create(STUDENT, *folders) == [n, n, n, n, n, n, n, n, n, n, y]
    assert may_create(TA, *folders) == [n, n, n, n, n, n, y, y, n, y, y]
    assert may_create(ADMIN, *folders) == [y, y, y, y, n, y, y, y, y, y, y]


def test_folders_when_there_are_no_start_scripts_then_the_shipped_ones_are_put(
    shares: Shares,
) -> None:
    prepare(shares)
    start = shares.admin_root / "start"
    for name in ("as-root.sh", "as-user.sh"):
        found = (start / name).stat()
        assert (found.st_gid, stat.S_IMODE(found.st_mode)) == (3001, 0o770)
        assert (start / name).read_bytes() == (chain_source() / name).read_bytes()
    (start / "as-root.sh").unlink()  # a school that wants none of it
    (start / "as-user.sh").write_text("ours")
    assert {check.finding for check in prepare(shares)} == {"is there"}
    assert os.listdir(start) == ["as-user.sh"] and (start / "as-user.sh").read_text() == "ours"


def test_folders_when_a_school_was_there_before_then_nothing_of_it_is_changed(
    shares: Shares,
) -> None:
    start = shares.admin_root / "start"
    start.mkdir(mode=0o777)
    start.chmod(0o777)
    os.chown(start, 999, 996)
    (start / "as-user.sh").write_text("old")
    before = start.stat()
    prepare(shares)
    after = start.stat()
    assert (after.st_uid, after.st_gid, after.st_mode) == (999, 996, before.st_mode)
    found = bad(shares)[f"mode of {start}"]
    assert "its group is 996" in found.finding and "others may do too much" in found.finding
    assert found.hint == f"As root: chgrp 3001 {start} && chmod 2770 {start}"
    subprocess.run(found.hint.removeprefix("As root: "), shell=True, check=True)
    assert f"mode of {start}" not in bad(shares)


@pytest.mark.parametrize(
    ("folder", "mode", "said"),
    [
        ("nfs/data", 0o2777, "too much"),
        ("nfs/data", 0o2770, "too little"),
        ("nfs/.growth-admin", 0o2775, "sticky"),
        ("nfs/.growth-admin/replies", 0o3770, "too little"),
        ("admin/logs", 0o2775, "too much"),
        ("admin/logs", 0o2700, "its group may do too little"),
    ],
)
def test_folder_when_its_mode_is_wrong_then_told_with_the_command(
    shares: Shares, folder: str, mode: int, said: str
) -> None:
    prepare(shares)
    path = shares.admin_root.parent / folder
    path.chmod(mode)
    (found,) = bad(shares).values()
    assert said in found.finding
    subprocess.run(found.hint.removeprefix("As root: "), shell=True, check=True)
    assert bad(shares) == {} and stat.S_IMODE(path.stat().st_mode) != mode


def test_folders_when_they_are_missing_or_no_mount_then_told(shares: Shares) -> None:
    found = check_folders(shares)
    absent = [check for check in found if "No such file" in check.finding]
    assert absent and all("--prepare" in check.hint for check in absent)
    prepare(shares)
    is_same_disk = shares.admin_root.stat().st_dev == Path("/").stat().st_dev
    disks = [check for check in check_folders(shares) if check.name.startswith("disk of")]
    assert len(disks) == 2
    if is_same_disk:
        assert all("no mount" in check.finding and not check.is_good for check in disks)


def test_folders_when_staging_is_another_mount_then_told_and_nothing_left(shares: Shares) -> None:
    prepare(shares)
    staging = shares.shared_root / "data" / ".staging"
    staging.mkdir()
    assert bad(shares) == {}
    roots = {"admin_root": shares.admin_root, "shared_root": shares.shared_root}
    options = [f"--GrowthAdmin.{name}={path}" for name, path in roots.items()]
    code = "import sys; from growth_admin.cli import main; sys.exit(main(sys.argv[1:]))"
    words = [sys.executable, "-c", code, "deploy", "folders", "--json", *options]
    mounted = ["sh", "-c", 'mount -t tmpfs none "$0" && exec "$@"', str(staging), *words]
    done = subprocess.run(["unshare", "--mount", *mounted], capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    found = {row["name"]: row for row in json.loads(done.stdout)}
    assert "two file systems" in found["staging and publishing"]["finding"]
    assert "Unmount" in found["staging and publishing"]["hint"]
    assert os.listdir(shares.shared_root / "data") == [".staging"]


def test_folders_when_the_job_runs_in_the_image_then_its_jupyterhub_is_compared(
    shares: Shares, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (job,) = [one for one in build_manifests(answers_of("small")) if one["kind"] == "Job"]
    (container,) = job["spec"]["template"]["spec"]["containers"]
    roots = {"admin_root": shares.admin_root, "shared_root": shares.shared_root}
    words = [f"--GrowthAdmin.{name}={path}" for name, path in roots.items()]
    words = [*container["command"][1:], "--json", *words]
    for variable in container["env"]:
        monkeypatch.setenv(variable["name"], variable["value"])
    main(words)
    found = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    finding = found["JupyterHub"]["finding"]
    assert shipped_chart().jupyterhub in finding and version("jupyterhub") in finding


def canary(shares: Shares, text: str, user: str = "ada") -> Path:
    """The records of a canary, as its chain leaves them."""
    file = shares.admin_root / "logs" / "records" / f"{user}--canary.jsonl"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    return file


def record(**changes: Any) -> str:
    started = {"schema": 1, "user": "ada", "started": "2026-11-29T08:00:00Z", "notes": []}
    return json.dumps({**started, "rerooted": False, **changes}) + "\n"


def test_canary_when_none_has_started_then_that_is_said_with_what_to_do(shares: Shares) -> None:
    prepare(shares)
    assert check_canary(shares).state == "unknown"
    assert "Start yours" in check_canary(shares).hint
    for text in ("", "no json\n", "[]\n"):
        canary(shares, text)
        assert check_canary(shares).state == "unknown"


def test_canary_when_it_left_a_record_then_the_newest_counts(shares: Shares) -> None:
    prepare(shares)
    old = canary(shares, record(rerooted=True), "old")
    os.utime(old, (1, 1))
    canary(shares, record(rerooted=True) + record())
    found = check_canary(shares)
    assert found.is_good and "root wrote its logs" in found.finding


@pytest.mark.parametrize(
    ("changes", "owner", "said"),
    [
        ({"rerooted": True}, 0, "did not begin as root"),
        ({"notes": ["log ada-as-root.log not written: Permission denied"]}, 0, "not written"),
        ({}, 65534, "its record is 65534's, the folder 0's"),
    ],
)
def test_canary_when_its_root_could_not_write_then_told(
    shares: Shares, changes: dict[str, Any], owner: int, said: str
) -> None:
    prepare(shares)
    os.chown(canary(shares, record(**changes)), owner, -1)
    found = check_canary(shares)
    assert not found.is_good and said in found.finding and "no_root_squash" in found.hint
