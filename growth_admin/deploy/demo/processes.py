"""The demo's processes: start, wait until ready, end; nothing may outlive the demo.

Each process of a demo, down to the kernels of its students, has the demo's mark in its environment.
Whoever has it when the demo ends is ended too. If the demo itself is killed, the leash does that.
"""

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, build_opener

import psutil

from growth_admin.deploy.demo.problems import CannotStart

MARK = "GROWTH_DEMO_MARK"
STEP_S = 0.05
LAST_LINES = 15
KILL_ROUNDS = 3
LEASH_LOCK = "leash"


def marked(mark: str) -> list[psutil.Process]:
    """Every process of the demo with this mark, and their children, except this one."""
    found: dict[int, psutil.Process] = {}
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark:
                found |= {p.pid: p for p in (process, *process.children(recursive=True))}
        except (psutil.Error, OSError):
            continue  # somebody else's, or gone meanwhile
    found.pop(os.getpid(), None)
    return list(found.values())


def end_marked(mark: str, grace_s: float = 4.0) -> int:
    """End every process with the mark, kindly and then for good; how many there were."""
    ended = marked(mark)
    for process in ended:
        _try(process.terminate)
    psutil.wait_procs(ended, timeout=grace_s)
    for _ in range(KILL_ROUNDS):  # a process may have started another one meanwhile
        rest = marked(mark)
        for process in rest:
            _try(process.kill)
        psutil.wait_procs(rest, timeout=1)
    return len(ended)


def _try(action: Callable[[], None]) -> None:
    try:
        action()
    except psutil.NoSuchProcess:
        return


class Child:
    """A process of the demo in a session of its own, so that Ctrl-C reaches only the demo."""

    def __init__(
        self, name: str, command: Sequence[str], env: Mapping[str, str], cwd: Path, log: Path
    ) -> None:
        self.name, self.log = name, log
        with open(log, "ab") as file:
            self.process = subprocess.Popen(
                list(command),
                env=dict(env),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def is_running(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def wait_ready(self, url: str, timeout_s: float, pause: Callable[[float], None]) -> None:
        """Wait until `url` answers. Raises CannotStart with the end of the log."""
        opener = build_opener(ProxyHandler({}))
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if not self.is_running:
                raise CannotStart(f"{self.name} ended while starting.\n{self.last_lines()}")
            try:
                with opener.open(url, timeout=2):
                    return
            except (URLError, HTTPError, OSError):
                pause(STEP_S)
        raise CannotStart(f"{self.name} was not ready in {timeout_s:.0f} s.\n{self.last_lines()}")

    def last_lines(self) -> str:
        """The end of the log, for messages."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join([*(f"  | {line}" for line in lines[-LAST_LINES:]), f"  see {self.log}"])

    def stop(self, timeout_s: float) -> None:
        """Ask it to end and wait; kill it when the time is up."""
        self.process.terminate()
        try:
            self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Leash:
    """A small process that ends the demo's others as soon as this one is gone, however it went.

    While it lives it holds a lock in the demo's folder, so that a new start waits for the leash of
    the one before instead of being ended by it.
    """

    def __init__(self, mark: str, root: Path) -> None:
        lock = root / LEASH_LOCK
        self._process = subprocess.Popen(
            [sys.executable, "-m", "growth_admin.deploy.demo.leash", mark, str(lock)],
            stdin=subprocess.PIPE,
            cwd="/",
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
            start_new_session=True,
        )

    def stop(self) -> None:
        """Let go: it ends what is left and itself."""
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait()


def end_leftovers(mark: str, root: Path, pause: Callable[[float], None]) -> None:
    """Wait until the leash of the last demo is done; end what is left if it was killed as well."""
    with open(root / LEASH_LOCK, "w", encoding="ascii") as file:
        while not _locks(file):
            pause(STEP_S)
        end_marked(mark)


def _locks(file: IO[str]) -> bool:
    """Take the lock of an open file, if nobody holds it; whether that worked."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
