"""The processes that fetch small files for one fetch: started, asked, never left behind.

Each belongs to one thread, which waits while its process works. A process holds nothing that is
worth an orderly end: what it did not report is fetched again, so it is ended by a kill.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from growth_admin.datasets.express.plain import PlainWay
from growth_admin.datasets.fetch.halt import Halt, Stopped

_FLAGS: Final = ("-I", "-S", "-X", "utf8", "-c")
"""Without site-packages: it needs none, and starts twice as fast."""
_PROGRAM: Final = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from growth_admin.datasets.express.worker import main; main()"
)
_ROOT: Final = str(Path(__file__).parents[3])
_PASSED_ON: Final = ("LANG", "LC_ALL", "LD_LIBRARY_PATH", "LOCALDOMAIN", "PATH", "RES_OPTIONS")
"""What of the environment a process gets: how to find libraries and names; no token of the hub."""
_PIPE_BYTES: Final = 65536


class WorkerLost(Exception):
    """The process ended or hangs; what it did not report is to be fetched by somebody else."""


class Worker:
    """One process, for one thread; one that reports nothing for ``silence_s`` is given up.

    Raises ``OSError`` if it cannot be started.
    """

    def __init__(self, setup: str, halt: Halt, silence_s: float) -> None:
        self._halt = halt
        self._silence_s = silence_s
        self._process = subprocess.Popen(
            [sys.executable or "", *_FLAGS, _PROGRAM, _ROOT, str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd="/",
            env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
            start_new_session=True,  # Ctrl-C in a terminal is for its parent
        )
        self._heard = b""
        self._setup = setup
        self._poll = select.poll()
        self._poll.register(self._pipe(self._process.stdout), select.POLLIN)

    def fetch(self, tasks: Sequence[str]) -> Iterator[list[tuple[int, str]]]:
        """Yield size and SHA-256 of files as they come, in the order of the tasks (as JSON).

        It ends before the first that is out of the ordinary. Raises ``WorkerLost``, ``Stopped``.
        """
        self._say(f"[{','.join(tasks)}]")
        is_over = False
        while not is_over:
            report = self._hear()
            is_over = report["is_over"]
            yield [(size, sha256) for size, sha256 in report["done"]]

    def end(self) -> None:
        """End it; return when it is gone. Any thread may call this, and more than once."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """End it and let go of its pipes; its own thread calls this, once."""
        self.end()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with suppress(OSError):
                pipe.close()

    def _say(self, line: str) -> None:
        text, self._setup = f"{self._setup}\n{line}\n" if self._setup else f"{line}\n", ""
        rest = memoryview(text.encode())
        self._halt.leave()
        try:
            while rest:
                rest = rest[os.write(self._pipe(self._process.stdin), rest) :]
        except OSError as e:
            raise WorkerLost from e
        finally:
            self._halt.back()

    def _hear(self) -> dict[str, Any]:
        """Return the next report."""
        while b"\n" not in self._heard:
            self._halt.leave()
            try:
                is_heard = self._poll.poll(self._silence_s * 1000)
                part = os.read(self._pipe(self._process.stdout), _PIPE_BYTES) if is_heard else b""
            finally:
                self._halt.back()
            if not part:
                self.end()
                raise WorkerLost
            self._heard += part
        line, _, self._heard = self._heard.partition(b"\n")
        report: dict[str, Any] = json.loads(line)
        return report

    @staticmethod
    def _pipe(pipe: Any) -> int:
        return int(pipe.fileno())


class Crew:
    """All processes of one fetch, so that its end finds them."""

    def __init__(self, way: PlainWay, most_bytes: int, halt: Halt, silence_s: float) -> None:
        self._silence_s = silence_s
        self._way = way
        self._most_bytes = most_bytes
        self._halt = halt
        self._lock = threading.Lock()
        self._workers: list[Worker] = []
        self._is_over = False

    def hire(self, connections: int) -> Worker:
        """Start a process for this thread. Raises ``OSError``, ``Stopped``."""
        setup = json.dumps([self._way, self._most_bytes, connections])
        with self._lock:
            if self._is_over:
                raise Stopped
            worker = Worker(setup, self._halt, self._silence_s)
            self._workers.append(worker)
            return worker

    def end(self) -> None:
        """End all processes and start no more; threads that wait for one are woken."""
        with self._lock:
            self._is_over = True
            workers = list(self._workers)
        for worker in workers:
            worker.end()
