"""A school small enough for one start: folders, scripts, a chain, and what a start left behind.

As root, each start happens in a mount and pid namespace of its own. In `root` mode it is the chain
of a container (real useradd, real sudo drop); in `rerooted` mode the demo's: a plain user, folders
moved by environment. A plain user gets the namespaces through a user namespace, and on a machine
without namespaces runs re-rooted directly; a fault that needs a mount then fails and says so.
"""

from __future__ import annotations

import functools
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
CHAIN = REPOSITORY / "growth_admin" / "deploy" / "chain"
STARTUP = REPOSITORY / "startup"
HERE = Path(__file__).resolve().parent

LIMIT_S = 2
MOUNT_LIMIT_S = 2
PATIENCE_S = 40
ADMIN_ID, ADMIN_GID = 999, 995
STUDENT_ID, STUDENT_GID = 5001, 100
NOBODY = 65534
GOOD_SCRIPT = "#!/bin/bash\necho fine\n"
PARTS = ("shell", "uid", "groups", "process", "descriptors", "arguments", "environment")


@functools.cache
def has_namespaces() -> bool:
    """Whether this user can have a mount and pid namespace."""
    if platform.system() != "Linux" or shutil.which("unshare") is None:
        return False
    return subprocess.run([*_unshare(), "true"], capture_output=True).returncode == 0


def _unshare() -> list[str]:
    as_user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    return ["unshare", *as_user, "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]


def modes() -> list[str]:
    """What can be run here: as root the real chain and the demo's, else the demo's."""
    return ["root", "rerooted"] if os.geteuid() == 0 else ["rerooted"]


@dataclass
class Started:
    """What one start left behind. `late_s`: from the chain's start to the server's."""

    is_up: bool
    late_s: float
    code: int
    log: str
    snapshot: dict[str, str]
    records: list[dict[str, Any]]
    leftovers: list[str]

    @property
    def record(self) -> dict[str, Any]:
        """The last start's record; AssertionError with the container's log if there is none."""
        assert self.records, f"no record; the container said:\n{self.log}"
        return self.records[-1]

    def script(self, name: str) -> dict[str, Any]:
        """The record's part on one script."""
        return next(one for one in self.record["scripts"] if one["name"] == name)


def find_differences(started: Started, bare: Started, allowed_s: float) -> list[str]:
    """What the hook did to the server, compared with a start without it; [] if nothing."""
    if not started.is_up:
        return [f"the server did not start (exit code {started.code})"]
    found = [part for part in PARTS if started.snapshot.get(part) != bare.snapshot.get(part)]
    late_s = started.late_s - bare.late_s
    if late_s > allowed_s:
        found.append(f"late by {late_s:.1f} s, allowed are {allowed_s:.1f} s")
    if started.leftovers:
        found.append(f"left behind: {started.leftovers}")
    return found


@dataclass
class World:
    """Folders of one test; arrange them, then `start`."""

    root: Path
    mode: str = "root"
    user: str = "jane-doe"
    mounts: list[dict[str, str]] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    environ: dict[str, str] = field(default_factory=dict)
    library: Path = STARTUP / "lib"
    hooks: Path = STARTUP / "before-notebook.d"
    times: int = 1
    patience_s: float = PATIENCE_S

    def __post_init__(self) -> None:
        for name in ("admin/start", "admin/logs", "nfs", "home", "result"):
            (self.root / name).mkdir(parents=True)
        for name in ("as-root.sh", "as-user.sh"):
            self.write(name, GOOD_SCRIPT)

    @property
    def admin(self) -> Path:
        """The admins' folder, seen from the test."""
        return self.root / "admin"

    @property
    def logs(self) -> Path:
        """The logs' folder, seen from the test."""
        return self.admin / "logs"

    @property
    def inner(self) -> str:
        """The world's path as the chain sees it (re-rooted mode)."""
        return "/mnt/world" if has_namespaces() else str(self.root)

    @property
    def inner_admin(self) -> str:
        """The admins' folder as the chain sees it."""
        return "/home/admin" if self.mode == "root" else f"{self.inner}/admin"

    def write(self, name: str, text: str | bytes, mode: int = 0o755) -> Path:
        """Write a start script; returns its path."""
        path = self.admin / "start" / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        path.chmod(mode)
        return path

    def mount(self, kind: str, path: str) -> None:
        """Ask for a special mount at a path below the admins' folder, or an absolute path."""
        target = path if path.startswith("/") else f"{self.inner_admin}/{path}"
        self.mounts.append({"kind": kind, "path": target})

    def log_text(self, script: str) -> str:
        """The published log of a script."""
        return (self.logs / f"{self.user}-{script}.log").read_text()

    def start(self, era: str = "new") -> Started:
        """Start the server once (or `times` at once) and see what came of it."""
        for old in (self.root / "result").iterdir():
            old.unlink()
        report = self._start_in_namespace(era) if has_namespaces() else self._start_directly(era)
        return self._collect(report)

    def _environ(self, era: str) -> dict[str, str]:
        place = "/mnt" if self.mode == "root" else self.inner
        inside = has_namespaces()
        python = "/mnt/python/bin" if inside else str(Path(sys.executable).parent)
        environ = {
            "PATH": f"{python}:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": "C.UTF-8",
            "HOME": "/home/jovyan" if self.mode == "root" else f"{self.inner}/home",
            "NB_USER": self.user,
            "JUPYTERHUB_USER": self.user.lower(),
            "JUPYTERHUB_SERVER_NAME": "",
            "JUPYTERHUB_API_TOKEN": "not-a-real-token",
            "GROWTH_GITHUB_ID": "583231",
            "GROWTH_IMAGE": "growth-school/notebook:2026.11",
            "GROWTH_START_LIMIT_S": str(LIMIT_S),
            "GROWTH_MOUNT_LIMIT_S": str(MOUNT_LIMIT_S),
            "GROWTH_SHARED_ROOT": f"{place}/nfs",
            "GROWTH_CHAIN_LIB": "/mnt/lib" if inside else str(self.library),
            "GROWTH_HOOKS_DIR": "/mnt/hooks" if inside else str(self.hooks),
            "GROWTH_CHAIN_ERA": era,
            "GROWTH_TEST_RESULT": f"{place}/result",
        }
        if self.mode == "root":
            environ.update(NB_UID=str(STUDENT_ID), NB_GID=str(STUDENT_GID))
        else:
            environ["GROWTH_ADMIN_ROOT"] = f"{self.inner}/admin"
        return environ | self.environ

    def _start_in_namespace(self, era: str) -> dict[str, Any]:
        if os.geteuid() == 0:
            self._give_away()
        orders = {
            "world": str(self.root),
            "is_root": self.mode == "root",
            "binds": {
                sys.base_prefix: "/mnt/python",
                str(self.library): "/mnt/lib",
                str(self.hooks): "/mnt/hooks",
                str(CHAIN): "/mnt/chain",
                str(HERE): "/mnt/tests",
            },
            "commands": self.commands,
            "mounts": self.mounts,
            "environ": self._environ(era),
            "cwd": "/home/jovyan" if self.mode == "root" else f"{self.inner}/home",
            "drop": self._drop(),
            "command": [
                "/mnt/chain/start-singleuser.sh",
                "/mnt/tests/stand_in_server.sh",
                "--port=8888",
            ],
            "log": str(self.root / "container.log"),
            "times": self.times,
            "patience_s": self.patience_s,
        }
        command = [*_unshare(), sys.executable, "-S", str(HERE / "inside.py"), json.dumps(orders)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S * 2)
        assert done.returncode == 0, f"the throw-away machine failed: {done.stderr}"
        report: dict[str, Any] = json.loads((self.root / "report.json").read_text())
        return report

    def _give_away(self) -> None:
        """The admins' folder to admin (root mode), or all of the world to nobody."""
        (self.root / "result").chmod(0o777)
        whole = self.mode != "root"
        uid, gid = (NOBODY, NOBODY) if whole else (ADMIN_ID, ADMIN_GID)
        subprocess.run(
            ["chown", "-hR", f"{uid}:{gid}", str(self.root if whole else self.admin)], check=True
        )

    def _drop(self) -> list[str]:
        """How the re-rooted chain becomes a plain user inside the namespace."""
        if self.mode == "root":
            return []
        if os.geteuid() == 0:
            return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        return ["unshare", "--user", f"--map-user={os.getuid()}", f"--map-group={os.getgid()}"]

    def _start_directly(self, era: str) -> dict[str, Any]:
        """Without namespaces: the demo's chain on this machine."""
        assert not self.mounts and not self.commands, (
            "this fault needs a mount of its own: run it on Linux, as root or where unprivileged "
            "user namespaces are allowed"
        )
        begun = time.time()
        with (self.root / "container.log").open("wb") as log:
            chains = [
                subprocess.Popen(
                    [
                        str(CHAIN / "start-singleuser.sh"),
                        str(HERE / "stand_in_server.sh"),
                        "--port=8888",
                    ],
                    env=self._environ(era),
                    cwd=self.root / "home",
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
                for _ in range(self.times)
            ]
            code = max(self._wait(chain) for chain in chains)
        return {"begun": begun, "code": code, "leftovers": []}

    def _wait(self, chain: subprocess.Popen[bytes]) -> int:
        """The chain's exit code; 124 if it had to be ended."""
        try:
            return abs(chain.wait(timeout=self.patience_s))
        except subprocess.TimeoutExpired:
            os.killpg(chain.pid, signal.SIGKILL)
            chain.wait()
            return 124

    def _without_paths(self, text: str) -> str:
        """Without namespaces each world has paths of its own, which are no difference."""
        for path, name in ((self.hooks, "HOOKS"), (self.library, "LIBRARY"), (self.root, "WORLD")):
            text = text.replace(str(path), name)
        return text

    def _collect(self, report: dict[str, Any]) -> Started:
        result = self.root / "result"
        marker = result / "started"
        is_up = marker.exists()
        snapshot = {
            name: self._without_paths((result / name).read_text())
            for name in PARTS
            if (result / name).exists()
        }
        file = self.logs / "records" / f"{self.user}.jsonl"
        lines = file.read_text().splitlines() if self._can_read(file) else []
        return Started(
            is_up=is_up,
            late_s=marker.stat().st_mtime - report["begun"] if is_up else float("inf"),
            code=report["code"],
            log=(self.root / "container.log").read_text(errors="replace"),
            snapshot=snapshot,
            records=[json.loads(line) for line in lines if line.startswith('{"schema"')],
            leftovers=report["leftovers"],
        )

    @staticmethod
    def _can_read(path: Path) -> bool:
        try:
            return path.is_file()
        except OSError:
            return False
