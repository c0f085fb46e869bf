"""A long command whose output is read while it runs, and that never outlives us.

The command and all that it starts are one process group. A guard beside it waits for the end of a
pipe that only this process holds: when this server is killed, the guard ends the group.
"""

from __future__ import annotations

import os
import re
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from growth_admin.core.errors import NotConfigured

GUARD: Final = """
exec 3<&0 </dev/null
"$@" 3<&- &
child=$!
( trap '' TERM; cat <&3 >/dev/null; kill -TERM 0; sleep 5; kill -KILL 0 ) >/dev/null 2>&1 &
exec 3<&-
wait "$child"
"""
GRACE_S: Final = 5.0
LOOK_EVERY_S: Final = 0.3
KEPT_CHARS: Final = 8_000
LINE_CHARS: Final = 10_000
LONGEST_LINE_BYTES: Final = 1024 * 1024
"""What has no end of a line so far counts as one: it is held in memory."""
COLOURS: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True)
class Followed:
    """How it ended. ``exit_code`` is above 128 for a signal, as a shell says it."""

    exit_code: int
    tail: str
    is_timed_out: bool
    is_cancelled: bool


def follow(
    command: Sequence[str],
    *,
    on_lines: Callable[[list[str]], None],
    is_cancelled: Callable[[], bool],
    timeout_s: float,
    env: Mapping[str, str],
    cwd: Path | None = None,
) -> Followed:
    """Run a command and hand its lines on, several at a time, both streams as one.

    When the time is up, or it is cancelled, its group is asked to end and then made to. Raises
    ``NotConfigured`` when there is no shell to run it with.
    """
    try:
        child = subprocess.Popen(
            ["/bin/sh", "-c", GUARD, "guard", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
        )
    except OSError as e:
        raise NotConfigured(f"{command[0]} cannot be run: {e.strerror}.") from e
    assert child.stdin and child.stdout  # asked for above
    reader = _Lines(child.stdout.fileno(), on_lines)
    end_s = time.monotonic() + timeout_s
    is_late = is_stopped = False
    try:
        while reader.read(LOOK_EVERY_S) and not (is_late or is_stopped):
            is_stopped = is_cancelled()
            is_late = time.monotonic() > end_s
        if is_late or is_stopped:
            _end(child)
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        child.stdin.close()
        child.stdout.close()
    code = child.returncode if child.returncode >= 0 else 128 - child.returncode
    return Followed(code, reader.tail, is_late, is_stopped)


def _end(child: subprocess.Popen[bytes]) -> None:
    """Ask the group to end, and wait a little: builders put their half-made layers away."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        child.wait(GRACE_S)


class _Lines:
    """Reads a pipe as lines; keeps the end of what was read."""

    def __init__(self, fd: int, on_lines: Callable[[list[str]], None]) -> None:
        self.tail = ""
        self._fd = fd
        self._on_lines = on_lines
        self._rest = b""
        self._selector = selectors.DefaultSelector()
        self._selector.register(fd, selectors.EVENT_READ)

    def read(self, wait_s: float) -> bool:
        """Hand on what comes within this time; return whether there may be more."""
        end_s = time.monotonic() + wait_s
        lines: list[str] = []
        is_open = True
        while is_open and (left_s := end_s - time.monotonic()) > 0:
            if not self._selector.select(left_s):
                break
            part = os.read(self._fd, 1 << 16)
            is_open = bool(part)
            *whole, self._rest = (self._rest + part).split(b"\n")
            if self._rest and (not part or len(self._rest) > LONGEST_LINE_BYTES):
                whole, self._rest = [*whole, self._rest], b""
            lines += [_readable(line) for line in whole]
        if lines:
            self.tail = (self.tail + "\n".join(lines) + "\n")[-KEPT_CHARS:]
            self._on_lines(lines)
        return is_open


def _readable(line: bytes) -> str:
    text = COLOURS.sub("", line.decode(errors="replace")).rstrip()
    # a progress bar draws over its own line: what it showed last is what counts
    return text.rpartition("\r")[2][:LINE_CHARS]
