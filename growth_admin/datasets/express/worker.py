"""The program that fetches small files for another process, one after the other.

A small file is a dozen short system calls, and threads of one interpreter hand it over at each of
them: four threads spent more time on that than on the files. Here one thread has it for itself.

Standard input says how (``Setup``) on its first line, and what (``Task``) on each other line, a
list of files; each has its folder already. Standard output gets a line when some of them lie at
their places, and one when a list is over: ``{"done": [[size, sha256], ..], "is_over": ..}``, in the
list's order. A list is over, too, before a file that does not come in the plainest way: the other
process finds out why. Nothing else is imported, kept or decided here, and no secret comes by
another way than standard input.
"""

from __future__ import annotations

import ctypes
import hashlib
import http.client
import json
import os
import signal
import ssl
import sys
import time
from collections import deque
from collections.abc import Iterable
from typing import Final, NamedTuple

from growth_admin.datasets.express.plain import PlainRequest, PlainWay
from growth_admin.datasets.facts import SourceProblem
from growth_admin.datasets.fetch.direct import make_buffer
from growth_admin.datasets.fetch.disk import write_whole
from growth_admin.datasets.sources.addresses import AddressGuard
from growth_admin.datasets.sources.names import is_attachment
from growth_admin.datasets.sources.wire import Asked, WireReply, Wires, plain_address

PATIENCE_S: Final = 10.0
"""How long a server may take to begin its reply, and to end it; who is slower gets more patience
from the other process."""
REPORT_S: Final = 0.1
REPORT_SHARE: Final = 8
"""What is fetched and not reported is fetched again when this process dies: not more than this part
of ``most_bytes``, for so long, and what is under way."""
_DIE_WITH_PARENT: Final = 1
"""``PR_SET_PDEATHSIG`` of prctl(2)."""


class Setup(NamedTuple):
    """What holds for all files: those of more than ``most_bytes`` are not for this process, and it
    asks for so many at once."""

    way: PlainWay
    most_bytes: int
    connections: int


class Task(NamedTuple):
    """A file: what is asked for it, where it goes to, and what is known of it."""

    request: PlainRequest
    place: str
    size_bytes: int | None
    algorithm: str
    hexdigest: str


class _Odd(Exception):
    """Something else came than the file, or came in another way."""


class Worker:
    """Fetches what it is told to."""

    def __init__(self, setup: Setup) -> None:
        way = setup.way
        guard = AddressGuard(allow_private=way.allow_private, trusted=way.trusted)
        self._connections = setup.connections
        self._report_bytes = setup.most_bytes // REPORT_SHARE
        self._wires = Wires(guard, most_kept=setup.connections)
        self._timeout_s = min(way.timeout_s, PATIENCE_S)
        self._ca_file = way.ca_file
        self._tls: ssl.SSLContext | None = None
        self._buffer = memoryview(make_buffer(setup.most_bytes))

    def fetch(self, tasks: Iterable[Task]) -> None:
        """Fetch files up to the first that is out of the ordinary, and report."""
        done: list[tuple[int, str]] = []
        unsaid_bytes, said_s = 0, time.monotonic()
        asked: deque[tuple[Task, Asked]] = deque()
        try:
            for task in [*tasks, *[None] * (self._connections - 1)]:
                if task is not None:  # while the next is on its way, the last is written
                    asked.append((task, self._ask(task.request)))
                    if len(asked) < self._connections:
                        continue
                elif not asked:
                    break
                done.append(self._take(*asked.popleft()))
                unsaid_bytes += done[-1][0]
                if unsaid_bytes >= self._report_bytes or time.monotonic() - said_s >= REPORT_S:
                    _say(done, is_over=False)
                    done, unsaid_bytes, said_s = [], 0, time.monotonic()
        except (_Odd, SourceProblem, OSError, http.client.HTTPException, ValueError):
            pass
        for _, unread in asked:
            unread.cut()
        _say(done, is_over=True)

    def _ask(self, request: PlainRequest) -> Asked:
        place = plain_address(request.url)
        if place is None:
            raise _Odd
        if place.scheme == "https" and self._tls is None:
            self._tls = ssl.create_default_context(cafile=self._ca_file)
            self._tls.set_alpn_protocols(["http/1.1"])
        return self._wires.send(
            place,
            "GET",
            request.headers,
            timeout_s=self._timeout_s,
            connect_s=self._timeout_s,
            tls=self._tls if place.scheme == "https" else None,
        )

    def _take(self, task: Task, asked: Asked) -> tuple[int, str]:
        """Return size and SHA-256 of a file that is at its place now."""
        reply = asked.reply()
        try:
            content = self._content(reply, task)
        except BaseException:
            reply.cut()
            raise
        reply.give_back()
        sha256 = hashlib.sha256(content).hexdigest()
        if task.algorithm:
            digest = hashlib.new(task.algorithm, content, usedforsecurity=False)
            if digest.hexdigest() != task.hexdigest:
                raise _Odd
        write_whole(task.place, content)
        return len(content), sha256

    def _content(self, reply: WireReply, task: Task) -> memoryview:
        """Return the body, if the head says that it is the file, whole and as it is."""
        headers, reader = reply.headers, reply.reader
        is_file = not task.request.is_attachment or is_attachment(
            headers.get("Content-Disposition", "")
        )
        size = -1 if reader.chunked or reader.length is None else reader.length
        is_plain = reply.status == 200 and "Content-Encoding" not in headers
        if not (is_file and is_plain and 0 <= size <= len(self._buffer)):
            raise _Odd
        if task.size_bytes not in (None, size):
            raise _Odd
        content, end_s = self._buffer[:size], time.monotonic() + PATIENCE_S
        filled = 0
        while filled < size:
            count = reader.fp.readinto1(content[filled:])
            filled += count
            if not count or time.monotonic() > end_s:
                raise _Odd
        return content


def _say(done: list[tuple[int, str]], *, is_over: bool) -> None:
    line = memoryview(json.dumps({"done": done, "is_over": is_over}).encode() + b"\n")
    while line:
        line = line[os.write(1, line) :]


def _die_with(parent: int) -> None:
    """Let the kernel end this process with its parent, come what may; Linux only.

    Elsewhere the end of standard input says it, at the next list.
    """
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we asked
        os._exit(1)


def main() -> None:
    """Fetch for the process whose number is the last argument, until standard input ends."""
    _die_with(int(sys.argv[-1]))
    lines = sys.stdin.buffer
    way, *numbers = json.loads(lines.readline())
    worker = Worker(Setup(PlainWay(*way), *numbers))
    for line in lines:
        worker.fetch(Task(PlainRequest(*task[0]), *task[1:]) for task in json.loads(line))
