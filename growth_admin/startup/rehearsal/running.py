"""Runs one command with a deadline, a bound on its output and a bound on the disk it fills."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from growth_admin.startup.rehearsal.snapshot import used_bytes

OUTPUT_LIMIT_BYTES = 128 * 1024
DISK_LIMIT_BYTES = 512 * 1024 * 1024
FILE_LIMIT_BYTES = 256 * 1024 * 1024
FILES_LIMIT = 50_000
LINES_LIMIT = 2_000
_TICK_S = 0.1
_DISK_EVERY_S = 0.3
_DRAIN_S = 0.5


@dataclass
class Kept:
    """The beginning of a stream, and how much came in all."""

    data: bytearray = field(default_factory=bytearray)
    total_bytes: int = 0

    def add(self, chunk: bytes) -> None:
        """Keep what still fits."""
        self.total_bytes += len(chunk)
        self.data += chunk[: OUTPUT_LIMIT_BYTES - len(self.data)]


@dataclass
class Ended:
    """How a command ended."""

    exit_code: int | None
    signal: int | None
    is_timed_out: bool
    is_cancelled: bool
    stopped_because: str
    duration_s: float
    stdout: Kept
    stderr: Kept
    left_processes: int


def run_watched(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    watched: Path,
    limit_s: float,
    on_line: Callable[[str], None] | None,
    is_cancelled: Callable[[], bool] | None,
) -> Ended:
    """Run the command and return how it ended; nothing of its session is left running.

    ``watched`` is the folder that must not grow beyond ``DISK_LIMIT_BYTES``. The command may write
    the number of processes that it leaves behind to descriptor 3.
    """
    limited = ["/bin/sh", "-c", f'ulimit -c 0; ulimit -f {FILE_LIMIT_BYTES // 512}; exec "$@"']
    read_fd, write_fd = os.pipe()
    started = time.monotonic()
    child = subprocess.Popen(
        ["/bin/sh", "-c", f'exec 3>/dev/fd/{write_fd}; exec "$@"', "sh", *limited, "sh", *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(env),
        cwd=cwd,
        pass_fds=(write_fd,),
        start_new_session=True,
    )
    os.close(write_fd)
    watch = _Watch(child, watched, started + limit_s, on_line, is_cancelled)
    try:
        watch.follow()
    finally:
        _end_session(child)
    left = _read_count(read_fd)
    code = child.returncode
    number = -code if code is not None and code < 0 else None
    if code is not None and 128 < code <= 192:
        number = code - 128
    has_code = code is not None and code >= 0 and not watch.reason
    return Ended(
        exit_code=code if has_code else None,
        signal=None if watch.reason else number,
        is_timed_out=watch.reason == "time",
        is_cancelled=watch.reason == "cancelled",
        stopped_because=_REASONS.get(watch.reason, ""),
        duration_s=time.monotonic() - started,
        stdout=watch.streams["stdout"],
        stderr=watch.streams["stderr"],
        left_processes=left,
    )


_REASONS = {
    "time": "It did not end within the time limit.",
    "cancelled": "It was cancelled.",
    "disk": "It wrote more than a rehearsal may (512 MB or 50,000 files).",
}


class _Watch:
    """Reads a child's output and stops it when time, disk or patience runs out."""

    def __init__(
        self,
        child: subprocess.Popen[bytes],
        watched: Path,
        deadline_s: float,
        on_line: Callable[[str], None] | None,
        is_cancelled: Callable[[], bool] | None,
    ) -> None:
        self.reason = ""
        self.streams = {"stdout": Kept(), "stderr": Kept()}
        self._child, self._watched, self._deadline_s = child, watched, deadline_s
        self._on_line, self._is_cancelled = on_line, is_cancelled
        self._partial = {"stdout": b"", "stderr": b""}
        self._lines = 0
        self._next_disk_s = 0.0
        self._ended_s: float | None = None

    def follow(self) -> None:
        """Read until the child has ended and its pipes are empty, or it must be stopped."""
        with selectors.DefaultSelector() as selector:
            for name in ("stdout", "stderr"):
                pipe = getattr(self._child, name)
                os.set_blocking(pipe.fileno(), False)
                selector.register(pipe, selectors.EVENT_READ, name)
            while not self._is_over(selector):
                for key, _ in selector.select(_TICK_S):
                    self._read(selector, key)
        for name in self._partial:
            self._say(name, b"\n" if self._partial[name] else b"")

    def _is_over(self, selector: selectors.BaseSelector) -> bool:
        now_s = time.monotonic()
        if self._child.poll() is not None:
            self._ended_s = self._ended_s or now_s
            return not selector.get_map() or now_s > self._ended_s + _DRAIN_S
        if now_s > self._deadline_s:
            self.reason = "time"
        elif self._is_cancelled is not None and self._is_cancelled():
            self.reason = "cancelled"
        elif now_s > self._next_disk_s:
            size_bytes, files = used_bytes(self._watched)
            self._next_disk_s = time.monotonic() + _DISK_EVERY_S
            if size_bytes > DISK_LIMIT_BYTES or files > FILES_LIMIT:
                self.reason = "disk"
        return bool(self.reason)

    def _read(self, selector: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
        try:
            chunk = os.read(key.fd, 64 * 1024)
        except BlockingIOError:
            return
        if not chunk:
            selector.unregister(key.fileobj)
            return
        self.streams[key.data].add(chunk)
        self._say(key.data, chunk)

    def _say(self, name: str, chunk: bytes) -> None:
        """Hand whole lines on, as many as anybody would read."""
        if self._on_line is None or self._lines >= LINES_LIMIT:
            return
        *lines, rest = (self._partial[name] + chunk).split(b"\n")
        self._partial[name] = rest[-4096:]
        for line in lines[: LINES_LIMIT - self._lines]:
            self._on_line(line[:4096].decode("utf-8", "replace"))
        self._lines += len(lines)


def _end_session(child: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the child's session; give up on what the kernel cannot kill."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        child.wait(timeout=5)
    for pipe in (child.stdout, child.stderr):
        if pipe is not None:
            pipe.close()


def _read_count(fd: int) -> int:
    """Return the number that the sandbox wrote, 0 if it wrote none."""
    os.set_blocking(fd, False)
    try:
        text = os.read(fd, 64)
    except BlockingIOError:
        text = b""
    finally:
        os.close(fd)
    return max(0, int(text)) if text.strip().isdigit() else 0
