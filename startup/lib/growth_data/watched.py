"""The work is done by a child that tells how it goes; nobody waits for one that is silent.

A process that touches a sick mount may sit in the kernel for ever, deaf even to SIGKILL. So this
process touches none: its child does, and says `beat` now and then. When it has been silent for
longer than a folder may take, it is killed and left behind. It holds none of our streams.
"""

from __future__ import annotations

import os
import select
import sys
import time

_SIGKILL = 9
_BEAT_EVERY_S = 0.2
_HIGHEST_DESCRIPTOR = 1024

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .settings import Settings


class OutOfTime(Exception):
    """The time limit of this run has passed."""


class Watch:
    """The child's side: what it tells."""

    def __init__(self, write_end: int, deadline: float | None) -> None:
        self._write_end = write_end
        self._deadline = deadline
        self._last_beat = 0.0
        self._last_progress = 0.0

    def beat(self) -> None:
        """Say that something is going on. Raises OutOfTime when the run's limit has passed."""
        now = time.monotonic()
        if now - self._last_beat > _BEAT_EVERY_S:
            self._last_beat = now
            self._tell("beat", "")
        if self._deadline is not None and now > self._deadline:
            raise OutOfTime

    def expect_silence(self, limit_s: int) -> None:
        """Say that the next step may take this long, and that is no reason to worry."""
        self._last_beat = 0.0
        self._tell("silence", str(limit_s))

    def doing(self, what: str) -> None:
        """Say what is being done, for the message if we fall silent."""
        self._tell("doing", what)

    def say(self, line: str) -> None:
        """A line for the student."""
        self._tell("say", line)

    def fail(self, line: str) -> None:
        """A line on what could not be done; the command will end with 1."""
        self._tell("fail", line)

    def progress(self, line: str) -> None:
        """How far it is; shown in a terminal only, and now and then."""
        now = time.monotonic()
        if now - self._last_progress > _BEAT_EVERY_S:
            self._last_progress = now
            self._tell("progress", line)

    def _tell(self, kind: str, text: str) -> None:
        line = f"{kind} {text}".replace("\n", " ").encode("utf-8", "backslashreplace") + b"\n"
        view = memoryview(line)
        while view:
            view = view[os.write(self._write_end, view) :]


def run(settings: Settings, work: Callable[[Watch], None]) -> int:
    """Do the work in a child and return the exit code: 0, or 1 if something could not be done."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        _work(settings, work, write_end)
    os.close(write_end)
    listener = _Listener(settings)
    is_ended = listener.listen(read_end)
    if not is_ended:
        os.kill(pid, _SIGKILL)  # it may be stuck below the reach of this; we go on either way
    os.waitpid(pid, os.WNOHANG)
    return 0 if is_ended and listener.is_good else 1


def _work(settings: Settings, work: Callable[[Watch], None], write_end: int) -> None:
    """The child. Never returns."""
    watch = Watch(write_end, settings.deadline)
    try:
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nothing, stream)
        os.closerange(3, write_end)
        os.closerange(write_end + 1, _HIGHEST_DESCRIPTOR)
        work(watch)
        watch._tell("done", "")
    except BrokenPipeError:
        pass  # whoever asked for this is gone
    except Exception as broken:  # the last line of defence: it must be told, not lost
        watch.fail(f"growth-data itself failed: {type(broken).__name__}: {broken}")
        watch._tell("done", "")
    finally:
        os._exit(0)


class _Listener:
    """The parent's side: prints what is told."""

    def __init__(self, settings: Settings) -> None:
        self._stall_s = float(settings.stall_s)
        self._patience_s = self._stall_s
        self._doing = ""
        self._is_terminal = sys.stderr.isatty()
        self.is_good = True

    def listen(self, read_end: int) -> bool:
        """Until the work is done (True), or has been silent for too long or died (False)."""
        poller = select.poll()
        poller.register(read_end, select.POLLIN)
        rest = b""
        while poller.poll(self._patience_s * 1000):
            chunk = os.read(read_end, 65536)
            if not chunk:
                self._complain(f"was ended{self._doing}; what is whole stays, the rest is to come")
                return False
            self._patience_s = self._stall_s
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                kind, _, text = line.decode("utf-8", "replace").partition(" ")
                if kind == "done":
                    return True
                self._hear(kind, text)
        self._complain(f"gave up{self._doing}: no answer for {self._patience_s:g} s; sick mount?")
        return False

    def _hear(self, kind: str, text: str) -> None:
        if kind == "silence":
            self._patience_s = max(self._stall_s, float(text))
        elif kind == "doing":
            self._doing = f" ({text})" if text else ""
        elif kind == "progress":
            if self._is_terminal:
                sys.stderr.write(f"\r\x1b[K{text}")
                sys.stderr.flush()
        elif kind == "say":
            print(text, flush=True)
        elif kind == "fail":
            self._complain(text)

    def _complain(self, text: str) -> None:
        self.is_good = False
        print(f"growth-data: {text}", file=sys.stderr, flush=True)
