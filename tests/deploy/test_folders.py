"""The shared folders on a real disk, as root; and what people of each group then can do there."""

from __future__ import annotations

import os
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from growth_admin.deploy.kubernetes.folders import Shares, check_folders, prepare

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
    assert any("--prepare" in check.hint for check in found if not check.is_good)
    prepare(shares)
    is_same_disk = shares.admin_root.stat().st_dev == Path("/").stat().st_dev
    disks = [check for check in check_folders(shares) if check.name.startswith("disk of")]
    assert len(disks) == 2
    if is_same_disk:
        assert all("no mount" in check.finding and not check.is_good for check in disks)
