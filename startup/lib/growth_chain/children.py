"""Questions to folders that may hang, asked by a child that nobody waits for.

A process that touches a sick mount may sit in the kernel for ever, deaf even to SIGKILL. So the
supervisor never touches one: a short child does, with a deadline, after which it is killed and
forgotten. It is never waited for; its pipe is read with poll, so a pipe held open costs nothing.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # the C module: `signal` itself costs 9 ms
import os
import select
import time

SIGKILL = 9
_CHUNK_BYTES = 65536
_HIGHEST_DESCRIPTOR = 1024

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Job = Callable[[Callable[..., None]], None]


class Answer:
    """What a child said. `is_complete` is False when it died or its deadline passed."""

    def __init__(self, messages: list[list[bytes]], *, is_complete: bool) -> None:
        self.messages = messages
        self.is_complete = is_complete


def ask(job: Job, limit_s: float, linger_s: int = 0) -> Answer:
    """Run `job(say)` in a child; each `say(*fields)` in it becomes one message of the answer.

    After `limit_s` the child is killed; or, with `linger_s`, goes on alone for at most so long.
    """
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        _run_job(job, write_end, linger_s)
    os.close(write_end)
    received = _read_until(read_end, time.monotonic() + limit_s)
    os.close(read_end)
    messages = list(_unpack(bytes(received)))
    is_complete = bool(messages) and messages[-1] == [b"done"]
    if not is_complete and not linger_s:
        os.kill(pid, SIGKILL)  # it may be stuck below the reach of this; we go on either way
    os.waitpid(pid, os.WNOHANG)
    return Answer(messages[:-1] if is_complete else messages, is_complete=is_complete)


def _run_job(job: Job, write_end: int, linger_s: int) -> None:
    """The child: runs the job, says `done` unless it raised, and never returns."""
    try:
        # None of the supervisor's pipes: a child that never ends must not hold one open.
        os.closerange(3, write_end)
        os.closerange(write_end + 1, _HIGHEST_DESCRIPTOR)
        os.setsid()
        _signal.alarm(linger_s)

        def say(*fields: bytes) -> None:
            _write_all(write_end, _pack(fields))

        job(say)
        say(b"done")
    finally:
        os._exit(0)


def _read_until(descriptor: int, deadline: float) -> bytearray:
    """Everything that arrives before end of file or the deadline (monotonic seconds)."""
    received = bytearray()
    poller = select.poll()
    poller.register(descriptor, select.POLLIN)
    while (left_s := deadline - time.monotonic()) > 0:
        if poller.poll(left_s * 1000 + 1):
            chunk = os.read(descriptor, _CHUNK_BYTES)
            if not chunk:
                break
            received += chunk
    return received


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _pack(fields: Iterable[bytes]) -> bytes:
    """A message: the number of fields, then each field with its length before it."""
    listed = list(fields)
    return b"%d\n" % len(listed) + b"".join(b"%d\n%s" % (len(one), one) for one in listed)


def _unpack(data: bytes) -> Iterable[list[bytes]]:
    """The complete messages in `data`; a message cut short is left out."""
    position = 0

    def number() -> int:
        nonlocal position
        end = data.index(b"\n", position)
        value = int(data[position:end])
        position = end + 1
        return value

    while position < len(data):
        try:
            fields = []
            for _ in range(number()):
                size = number()
                if position + size > len(data):
                    return
                fields.append(data[position : position + size])
                position += size
        except ValueError:
            return
        yield fields
