"""A school whose NFS server treats root as nobody (exports(5), ``root_squash``).

The start chain is root in the container, and nobody in /home/admin and /nfs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import open_way
from tests.container.engine import Engine, Ran
from tests.container.school import (
    ADMIN,
    ADMIN_GID,
    DATA_GID,
    OTHER,
    STUDENT,
    TA,
    USERS_GID,
    Folders,
    Person,
)
from tests.container.squashed import NOBODY
from tests.container.test_chain import WHO, answer
from tests.container.test_walls import MAY, WALLS

HERE = Path(__file__).resolve().parent
ACCOUNT = 999
"""Whose files are in both folders, as in the origin: `admin`, which is nobody's login."""
Squash = Callable[[Path], Path]


@pytest.fixture
def squash(tmp_path: Path) -> Iterator[Squash]:
    """Show folders as such a server gives them."""
    running: list[tuple[Path, subprocess.Popen[bytes]]] = []

    def shown(source: Path) -> Path:
        target = tmp_path / "mounts" / source.name
        target.mkdir(parents=True)
        log = (tmp_path / f"{source.name}.log").open("wb")
        command = [sys.executable, str(HERE / "squashed.py"), str(source), str(target)]
        process = subprocess.Popen(command, stdout=log, stderr=log)
        running.append((target, process))
        end_s = time.monotonic() + 30
        while not os.path.ismount(target):
            assert process.poll() is None and time.monotonic() < end_s, Path(log.name).read_text()
            time.sleep(0.05)
        return target

    yield shown
    for target, process in running:
        subprocess.run(["umount", "--lazy", str(target)], check=False)
        process.terminate()
        process.wait(timeout=20)


def owned_by_account(folders: Folders) -> None:
    """Give both folders to the account, as chown does on the server itself."""
    for place in (folders.admin, folders.shared):
        for path in (place, *place.rglob("*")):
            found = path.lstat()
            os.chown(path, ACCOUNT, found.st_gid)
            path.chmod(found.st_mode & 0o7777)  # chown took the setgid bits


def started(
    engine: Engine, image: str, folders: Folders, squash: Squash, person: Person, *command: str,
    options: tuple[str, ...] = (),
) -> Ran:  # fmt: skip
    mounted = {folders.admin: "/home/admin", folders.shared: "/nfs"}
    places = {str(source): str(squash(source)) for source in mounted if not _shown(source, folders)}
    words = folders.options(person, *options)
    for source in map(str, mounted):
        target = places.get(source) or str(folders.root.parent / "mounts" / Path(source).name)
        words = [word.replace(f"--volume={source}:", f"--volume={target}:") for word in words]
    return engine.run(image, *command, options=words)


def _shown(source: Path, folders: Folders) -> bool:
    return os.path.ismount(folders.root.parent / "mounts" / source.name)


def test_squashed_root_when_it_asks_then_it_is_nobody_and_others_are_themselves(
    folders: Folders, squash: Squash
) -> None:
    """The folder of these tests does what an NFS server does."""
    owned_by_account(folders)
    open_way(folders.root.parent)
    admin = squash(folders.admin)
    with pytest.raises(PermissionError):
        os.listdir(admin)
    with pytest.raises(PermissionError):
        (admin / "x").touch()
    as_account = ["setpriv", f"--reuid={ACCOUNT}", f"--regid={ADMIN_GID}", "--clear-groups"]
    in_group = ["setpriv", "--reuid=30001", "--regid=100", f"--groups={ADMIN_GID}"]
    for who in (as_account, in_group):
        done = subprocess.run([*who, "ls", str(admin)], capture_output=True, text=True)
        assert done.stdout.split() == ["logs", "secrets", "start"], done.stderr
    shared = squash(folders.shared)
    assert (shared / "bin" / "hello-school").read_text().startswith("#!")
    with pytest.raises(PermissionError):
        os.chown(shared / "data", 0, 0)


def test_start_when_root_is_squashed_and_an_account_owns_the_folders_then_nothing_is_lost(
    engine: Engine, image: str, folders: Folders, squash: Squash
) -> None:
    owned_by_account(folders)
    for _ in range(2):
        ran = started(engine, image, folders, squash, STUDENT, "python", "-c", WHO)
        assert ran.code == 0, ran.text
        found = answer(ran.out)
        assert (found["uid"], found["gids"]) == (STUDENT.uid, [USERS_GID])
        assert found["data"] == "t,mag\n1,17\n"
    record = folders.record(STUDENT)
    assert [one["state"] for one in record["scripts"]] == ["ok", "ok"], record
    assert record["notes"] == [], record
    logs = folders.admin / "logs"
    for name in (f"{STUDENT.name}-as-root.log", f"{STUDENT.name}-as-user.log.1"):
        kept = (logs / name).stat()
        assert (kept.st_uid, kept.st_gid, kept.st_mode & 0o777) == (ACCOUNT, ADMIN_GID, 0o640)
    assert len((logs / "records" / f"{STUDENT.name}.jsonl").read_text().splitlines()) == 2
    receipt = next((folders.shared / ".growth-admin" / "receipts").iterdir())
    assert (receipt.stat().st_uid, receipt.stat().st_gid) == (ACCOUNT, DATA_GID)


def test_start_when_root_is_squashed_and_owns_the_folders_then_their_group_lets_it_write(
    engine: Engine, image: str, folders: Folders, squash: Squash
) -> None:
    """As the README lays the disk out: root's, with groups that may write and are handed down."""
    for _ in range(2):
        ran = started(engine, image, folders, squash, STUDENT, "id", "-un")
        assert (ran.code, ran.out.strip()) == (0, STUDENT.name), ran.text
    record = folders.record(STUDENT)
    assert [one["state"] for one in record["scripts"]] == ["ok", "ok"], record
    assert record["notes"] == [], record
    logs = folders.admin / "logs"
    for name in (f"{STUDENT.name}-as-root.log", f"records/{STUDENT.name}.jsonl"):
        kept = (logs / name).stat()
        assert (kept.st_uid, kept.st_gid, kept.st_mode & 0o777) == (NOBODY, ADMIN_GID, 0o640)
    assert len((logs / "records" / f"{STUDENT.name}.jsonl").read_text().splitlines()) == 2
    receipt = next((folders.shared / ".growth-admin" / "receipts").iterdir())
    assert receipt.stat().st_gid == DATA_GID


def test_start_when_root_is_squashed_and_may_not_enter_then_the_student_works_and_it_is_said(
    engine: Engine, image: str, folders: Folders, squash: Squash
) -> None:
    folders.admin.chmod(0o700)
    ran = started(engine, image, folders, squash, STUDENT, "id", "-un")
    assert (ran.code, ran.out.strip()) == (0, STUDENT.name), ran.text
    (said,) = [line for line in ran.errors.splitlines() if "growth-admin: " in line]
    for words in ("as-root.sh", "as-user.sh", "no record in /home/admin/logs", "root_squash"):
        assert words in said, said
    assert list((folders.admin / "logs").iterdir()) == []


@pytest.mark.parametrize("person", [STUDENT, TA, ADMIN], ids=lambda person: person.groups[0])
def test_walls_when_root_is_squashed_then_they_are_the_same(
    engine: Engine, image: str, folders: Folders, squash: Squash, person: Person
) -> None:
    owned_by_account(folders)
    started(engine, image, folders, squash, OTHER, "true")
    for orders, may in ((WALLS[person], False), (MAY[person], True)):
        options = (f"--volume={HERE / 'attempts.py'}:/opt/attempts.py:ro",)
        command = ("python", "/opt/attempts.py", json.dumps(orders))
        ran = started(engine, image, folders, squash, person, *command, options=options)
        lines = [json.loads(line) for line in ran.out.splitlines() if line.startswith("{")]
        assert [line["attempt"] for line in lines] == list(orders), ran.text
        wrong = {line["attempt"]: line["said"] for line in lines if (line["code"] == 0) is not may}
        assert wrong == {}
