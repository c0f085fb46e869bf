"""A school's disk with the owners and modes of the README, and servers that mount it."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.container.engine import REPOSITORY, Engine, Ran

DATA_GID, ADMIN_GID, USERS_GID = 3000, 3001, 100
SECRET = "planted-github-credential-5b1f"
"""Stands in the credential's file; whoever can find this text has got through."""
DATASET = "light-curves"


@dataclass(frozen=True)
class Person:
    """One who has a server: the account in the container, and the groups that the hub hands on."""

    name: str
    uid: int
    groups: tuple[str, ...] = ()

    @property
    def environ(self) -> dict[str, str]:
        """What the hub's configuration tells the server."""
        environ = {
            "NB_USER": self.name,
            "NB_UID": str(self.uid),
            "NB_GID": str(USERS_GID),
            "JUPYTERHUB_USER": self.name.lower(),
            "GROWTH_IMAGE": "school/notebook:git-1",
        }
        if {"tas", "admins"} & set(self.groups):
            environ["GROWTH_DATA_GID"] = str(DATA_GID)
        if "admins" in self.groups:
            environ["GROWTH_ADMIN_GID"] = str(ADMIN_GID)
        return environ


STUDENT = Person("jane-doe", 583_231, ("students",))
TA = Person("tess", 20_001, ("tas",))
ADMIN = Person("ada", 30_001, ("admins",))
OTHER = Person("omar", 40_001, ("students",))


@dataclass
class Folders:
    """/home/admin, /nfs and the homes, as they lie on the server of the disk."""

    root: Path

    @classmethod
    def make(cls, root: Path) -> Folders:
        """Lay the disk out: start scripts as shipped, a dataset, a credential, another's log."""
        folders = cls(root)
        admin, shared = folders.admin, folders.shared
        for path in (admin, admin / "start", admin / "logs", admin / "secrets"):
            _folder(path, 0, ADMIN_GID, 0o2770)
        for name in ("as-root.sh", "as-user.sh"):
            shutil.copy(REPOSITORY / "startup" / name, admin / "start")
            os.chown(admin / "start" / name, 0, ADMIN_GID)
            (admin / "start" / name).chmod(0o775)
        _file(admin / "secrets" / "github-app.pem", SECRET, 0, ADMIN_GID, 0o640)
        _folder(shared, 0, 0, 0o755)
        for path in (shared / "data", shared / ".growth-admin"):
            _folder(path, 0, DATA_GID, 0o2775)
        _folder(shared / ".growth-admin" / "receipts", 0, DATA_GID, 0o2770)
        _folder(shared / "bin", 0, 0, 0o755)
        _file(shared / "bin" / "hello-school", "#!/bin/sh\necho hello\n", 0, 0, 0o755)
        _folder(shared / "data" / DATASET, 0, DATA_GID, 0o2755)
        _file(shared / "data" / DATASET / "a.csv", "t,mag\n1,17\n", 0, DATA_GID, 0o644)
        return folders

    @property
    def admin(self) -> Path:
        """What is mounted at /home/admin."""
        return self.root / "admin"

    @property
    def shared(self) -> Path:
        """What is mounted at /nfs."""
        return self.root / "nfs"

    def home(self, person: Person) -> Path:
        """A person's home, made when first asked for."""
        path = self.root / "homes" / person.name
        if not path.exists():
            _folder(path, person.uid, USERS_GID, 0o755)
        return path

    def script(self, name: str, text: str) -> None:
        """Replace a start script."""
        _file(self.admin / "start" / name, text, 0, ADMIN_GID, 0o775)

    def log(self, person: Person, script: str) -> str:
        """What a script printed at a person's last start."""
        return (self.admin / "logs" / f"{person.name}-{Path(script).stem}.log").read_text()

    def record(self, person: Person) -> dict[str, Any]:
        """A person's last start."""
        lines = (self.admin / "logs" / "records" / f"{person.name}.jsonl").read_text().splitlines()
        last: dict[str, Any] = json.loads(lines[-1])
        return last

    def options(self, person: Person, *more: str) -> list[str]:
        """How the hub's spawner would call the container engine for a person's server."""
        words = ["--user=root"]
        words += [f"--env={name}={value}" for name, value in person.environ.items()]
        words += [
            f"--volume={self.admin}:/home/admin",
            f"--volume={self.shared}:/nfs",
            f"--volume={self.home(person)}:/home/{person.name}",
        ]
        return [*words, *more]


def run_as(
    engine: Engine,
    image: str,
    folders: Folders,
    person: Person,
    *command: str,
    options: Sequence[str] = (),
) -> Ran:
    """Start a person's server with `command` in place of the server, and wait for its end."""
    return engine.run(image, *command, options=folders.options(person, *options))


def wait_for_text(engine: Engine, container: str, text: str, timeout_s: float = 60) -> None:
    """Wait until a container's log says something."""
    end_s = time.monotonic() + timeout_s
    while text not in (said := engine.logs(container)):
        assert time.monotonic() < end_s, f"{text!r} was not said within {timeout_s} s:\n{said}"
        time.sleep(0.1)


def _folder(path: Path, uid: int, gid: int, mode: int) -> None:
    path.mkdir(parents=True)
    os.chown(path, uid, gid)
    path.chmod(mode)


def _file(path: Path, text: str, uid: int, gid: int, mode: int) -> None:
    path.write_text(text)
    os.chown(path, uid, gid)
    path.chmod(mode)
