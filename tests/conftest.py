"""What several folders of tests need: a disk that fills up, and processes that are real."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.console import Console

CLOSING_TABLE = "closing table"
SUDO = [] if os.geteuid() == 0 else ["sudo", "-n"]


def pytest_configure() -> None:
    """Let Ctrl-C reach what tests start, also where these run in a shell's background.

    There SIGINT is ignored, and whoever ignores it hands that on to all programs it starts.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def say_at_the_end(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Print a table when all tests are done, whichever process ran this one."""
    return lambda text: record_property(CLOSING_TABLE, text)


def properties(reporter: pytest.TerminalReporter, name: str) -> list[tuple[Any, bool]]:
    """Return what tests recorded under a name, in order, and whether each of them passed."""
    return [
        (value, report.outcome == "passed")
        for reports in reporter.stats.values()
        for report in reports
        if getattr(report, "when", "") == "call"
        for key, value in report.user_properties
        if key == name
    ]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the tables that tests left."""
    for text, _ in properties(terminalreporter, CLOSING_TABLE):
        terminalreporter.write_line("")
        terminalreporter.write_line(str(text))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB of its own; mounting it takes root or a sudo without password."""
    disk = tmp_path / "small-disk"
    disk.mkdir()
    options = f"size=256k,mode=0700,uid={os.geteuid()},gid={os.getegid()}"
    subprocess.run(
        [*SUDO, "mount", "-t", "tmpfs", "-o", options, "growth-test", str(disk)], check=True
    )
    try:
        yield disk
    finally:
        subprocess.run([*SUDO, "umount", "--lazy", str(disk)], check=True)


def fill(disk: Path) -> Path:
    """Leave no room on a disk; return the file that takes it."""
    filler = disk / "filler"
    with filler.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x" * 4096)
    return filler


def open_way(folder: Path) -> None:
    """Let other users pass to a temporary folder, which pytest keeps for its own user."""
    for above in (folder, *folder.parents):
        mode = above.stat().st_mode
        if not mode & 0o001:
            above.chmod(mode | 0o011)


class Child:
    """A real process that runs a function of the test; forked, so that it starts at once."""

    def __init__(self, work: Callable[[], object]) -> None:
        self.pid = os.fork()
        if self.pid == 0:
            code = 1
            try:
                work()
                code = 0
            except BaseException:  # noqa: BLE001  # the parent sees the exit code
                traceback.print_exc()
            finally:
                os._exit(code)
        self._status: int | None = None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        os.kill(self.pid, number)

    def is_alive(self) -> bool:
        """Return whether it still runs."""
        if self._status is None and os.waitpid(self.pid, os.WNOHANG) != (0, 0):
            self._status = -1
        return self._status is None

    def join(self, *, timeout_s: float = 30) -> int:
        """Return the exit code, negative for a signal; fail when it does not end."""
        end_s = time.monotonic() + timeout_s
        while self._status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._status = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > end_s:
                raise AssertionError(f"process {self.pid} has not ended within {timeout_s} s")
            else:
                time.sleep(0.005)
        return self._status

    def kill(self) -> None:
        """End it, come what may."""
        if self._status is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            self.join()


@pytest.fixture
def spawn() -> Iterator[Callable[[Callable[[], object]], Child]]:
    """Start functions as processes of their own; none is left when the test ends."""
    children: list[Child] = []

    def start(work: Callable[[], object]) -> Child:
        children.append(Child(work))
        return children[-1]

    yield start
    for child in children:
        child.kill()


def wait_until(is_so: Callable[[], object], *, timeout_s: float = 20, what: str = "it") -> None:
    """Wait until something is so; fail when the time is up."""
    end_s = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < end_s, f"{what} did not happen within {timeout_s} s"
        time.sleep(0.02)


@pytest.fixture(scope="session")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A server in standalone mode that all tests share; what they leave there stays."""
    from tests.console import running_console

    root = tmp_path_factory.mktemp("console")
    with running_console(root) as started:
        yield started
