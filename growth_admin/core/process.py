"""Child processes with an end: a deadline, a bound on what is kept, nothing left running."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from growth_admin.core.errors import NotConfigured

DRAIN_S: Final = 1.0
"""Seconds to wait for the rest of the output after the session was killed."""


@dataclass(frozen=True)
class Finished:
    """How a child ended. ``exit_code`` is negative for a signal, as in ``subprocess``."""

    exit_code: int
    stdout: bytes
    stderr: bytes
    is_timed_out: bool


def run_bounded(
    command: Sequence[str],
    *,
    timeout_s: float,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    limit_bytes: int = 4 * 1024 * 1024,
) -> Finished:
    """Run a child in its own session and return how it ended.

    In the end, and when the time is up, the whole session is killed: nothing that the child left
    in the background goes on or is waited for. Output beyond ``limit_bytes`` is read and dropped.
    Raises ``NotConfigured`` when the program cannot be run.
    """
    try:
        child = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=None if env is None else dict(env),
            cwd=cwd,
            start_new_session=True,
        )
    except (FileNotFoundError, PermissionError, NotADirectoryError) as e:
        raise NotConfigured(
            f"The program {command[0]} cannot be run: {e.strerror} ({e.filename}).",
            hint="Install it in the notebook image.",
        ) from e
    assert child.stdin and child.stdout and child.stderr  # asked for above
    stdout, stderr = _Drain(child.stdout, limit_bytes), _Drain(child.stderr, limit_bytes)
    threading.Thread(target=_feed, args=(child.stdin, stdin), daemon=True).start()
    is_timed_out = False
    try:
        child.wait(timeout_s)
    except subprocess.TimeoutExpired:
        is_timed_out = True
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    return Finished(child.returncode, stdout.result(), stderr.result(), is_timed_out)


class _Drain(threading.Thread):
    """Reads a pipe to its end and keeps the beginning."""

    def __init__(self, pipe: IO[bytes], limit_bytes: int) -> None:
        super().__init__(daemon=True)
        self._pipe = pipe
        self._limit_bytes = limit_bytes
        self._kept = bytearray()
        self.start()

    def run(self) -> None:
        with self._pipe:
            while part := os.read(self._pipe.fileno(), 1 << 16):
                self._kept += part[: self._limit_bytes - len(self._kept)]

    def result(self) -> bytes:
        """Return what was kept; a process that left the session may hold the pipe, but not us."""
        self.join(timeout=DRAIN_S)
        return bytes(self._kept)


def _feed(pipe: IO[bytes], data: bytes) -> None:
    with suppress(BrokenPipeError), pipe:
        pipe.write(data)


def this_process() -> str:
    """Return a name for this process that no other has: machine boot, namespace, pid and start.

    Empty where that cannot be told (no ``/proc``).
    """
    return _name_of(os.getpid())


def is_dead(name: str) -> bool:
    """Return whether the process of that name is known to be gone.

    False for one of another machine or container, and where it cannot be told.
    """
    parts = name.split(":")
    if len(parts) != 4 or not parts[2].isdecimal():
        return False
    here = this_process().split(":")
    return parts[:2] == here[:2] and _name_of(int(parts[2])) != name


def _name_of(pid: int) -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        namespace = str(Path("/proc/self/ns/pid").readlink()).strip("pid:[]")
    except OSError:
        return ""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return f"{boot}:{namespace}:{pid}:gone"
    # proc(5): the name in parentheses may hold blanks; state is field 3, start time field 22
    fields = stat.rpartition(")")[2].split()
    return f"{boot}:{namespace}:{pid}:{'gone' if fields[0] in 'ZX' else fields[19]}"
