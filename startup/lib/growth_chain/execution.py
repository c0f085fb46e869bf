"""Run one script: its own session, a keeper between it and us, a time limit, bounded output.

supervisor -- keeper -- script. The keeper waits for the script and reports through a pipe that the
script does not hold. So `kill 0` in a script reaches the script only, `kill -9 $PPID` only the
keeper, and we wait with poll, never with wait(): a script stuck in the kernel costs its limit.
"""

from __future__ import annotations

import errno
import os
import select
import time

from .keeper import Command, keep
from .output import ERR, OUT, Output

SIGTERM, SIGKILL = 15, 9
_TERM_GRACE_S = 1.0
_DRAIN_S = 0.2
_STUCK_S = 0.5
_ORPHAN_TICK_S = 0.05
_CHUNK_BYTES = 65536


class Outcome:
    """How a run ended. `state` is a word of the record: ok, failed, timed-out or killed."""

    def __init__(self) -> None:
        self.state = "ok"
        self.reason = ""
        self.exit_code: int | None = None
        self.signal: int | None = None
        self.duration_s = 0.0
        self.problems: list[str] = []


def run(command: Command, limit_s: float, output: Output) -> Outcome:
    """Run the command for at most `limit_s` seconds; what it prints goes to `output`."""
    begun = time.monotonic()
    watched = _Watched(command, output)
    outcome = watched.wait(begun + limit_s)
    if outcome.state == "timed-out":
        outcome.reason = f"ran longer than {limit_s:g} s and was stopped"
    outcome.duration_s = time.monotonic() - begun
    return outcome


class _Watched:
    """A running script, seen by its supervisor."""

    def __init__(self, command: Command, output: Output) -> None:
        self._output = output
        self._script_pid = 0
        self._status: int | None = None
        self._report = b""
        self._is_keeper_gone = False
        out, err, report = os.pipe(), os.pipe(), os.pipe()
        self._keeper_pid = os.fork()
        if self._keeper_pid == 0:
            keep(command, out[1], err[1], report[1])
        for write_end in (out[1], err[1], report[1]):
            os.close(write_end)
        self._streams = {out[0]: OUT, err[0]: ERR}
        self._report_end = report[0]
        self._poller = select.poll()
        for read_end in (out[0], err[0], report[0]):
            self._poller.register(read_end, select.POLLIN)

    def wait(self, deadline: float) -> Outcome:
        """Until the script has ended, or was stopped at `deadline` (monotonic seconds)."""
        outcome = Outcome()
        if not self._listen(deadline):
            outcome.state = "timed-out"
            self._stop()
        if not self._drain():
            # After a KILL of the group, what still holds a pipe is stuck in the kernel, or has
            # left the group.
            is_stopped = outcome.state == "timed-out"
            outcome.problems.append("survived-kill" if is_stopped else "background-output")
        for descriptor in [*self._streams, self._report_end]:
            os.close(descriptor)
        try:
            os.waitpid(self._keeper_pid, os.WNOHANG)
        except ChildProcessError:
            pass
        self._judge(outcome)
        return outcome

    def _judge(self, outcome: Outcome) -> None:
        """Turn the wait status into the record's words; a stopped script stays timed-out."""
        if self._status is None:
            if outcome.state != "timed-out":
                outcome.state = "killed"
                outcome.reason = "the script killed the process that kept it"
                outcome.problems.append("keeper-killed")
            return
        if os.WIFSIGNALED(self._status):
            outcome.signal = os.WTERMSIG(self._status)
        else:
            outcome.exit_code = os.WEXITSTATUS(self._status)
        if outcome.state == "timed-out":
            return
        if outcome.signal is not None:
            outcome.state = "killed"
            outcome.reason = f"ended by signal {outcome.signal}"
        elif outcome.exit_code:
            outcome.state = "failed"

    def _listen(self, deadline: float) -> bool:
        """Read until the script has ended (True) or the deadline has passed (False)."""
        while self._status is None:
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                return False
            if self._is_keeper_gone:
                if self._is_group_gone():
                    return True
                left_s = min(left_s, _ORPHAN_TICK_S)
            self._read_ready(left_s)
        return True

    def _read_ready(self, wait_s: float) -> bool:
        """Read what is there within `wait_s`; False if nothing came. stdout goes before stderr."""
        events = sorted(self._poller.poll(wait_s * 1000 + 0.5))
        for descriptor, _event in events:
            data = os.read(descriptor, _CHUNK_BYTES)
            if descriptor in self._streams:
                self._output.add(self._streams[descriptor], data)
            else:
                self._hear_keeper(data)
            if not data:
                self._poller.unregister(descriptor)
                self._forget(descriptor)
        return bool(events)

    def _forget(self, descriptor: int) -> None:
        if descriptor in self._streams:
            del self._streams[descriptor]
            os.close(descriptor)
        else:
            self._is_keeper_gone = True

    def _hear_keeper(self, data: bytes) -> None:
        """`P<pid>` when the script begins, `S<status>` when it has ended; nothing if killed."""
        self._report += data
        for line in self._report.split(b"\n")[:-1]:
            if line[:1] == b"P":
                self._script_pid = int(line[1:])
            elif line[:1] == b"S":
                self._status = int(line[1:])

    def _stop(self) -> None:
        """TERM, a moment to tidy up, KILL; and KILL for what is left of its process group."""
        self._signal_group(SIGTERM)
        if not self._listen(time.monotonic() + _TERM_GRACE_S):
            self._signal_group(SIGKILL)
            self._listen(time.monotonic() + _STUCK_S)
        self._signal_group(SIGKILL)

    def _signal_group(self, number: int) -> None:
        """Signal the script's group. Its leader may be gone: pids are not reused within seconds."""
        if self._script_pid:
            try:
                os.killpg(self._script_pid, number)
            except OSError:
                return

    def _is_group_gone(self) -> bool:
        """Whether a script without its keeper has ended, as far as anybody can tell.

        Where the container's first process reaps nobody it stays a zombie and so does its group;
        then the end of its output must do.
        """
        try:
            os.killpg(self._script_pid, 0)
        except OSError as failed:
            return failed.errno == errno.ESRCH
        return not self._streams

    def _drain(self) -> bool:
        """Read what is left in the pipes; False if a left-behind process still holds one."""
        deadline = time.monotonic() + _DRAIN_S
        while self._streams:
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                return False
            self._read_ready(left_s)
        return True
