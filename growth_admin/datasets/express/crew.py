"""The processes that fetch small files for one fetch: started, asked, never left behind.

Each belongs to one thread, which waits while its process works. A process holds nothing that is
worth an orderly end: what it did not report is fetched again, so it is ended by a kill. One that
hangs in the kernel, at a disk that does not answer, outlives that until the disk is back; nobody
waits for it so long.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
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
_END_S: Final = 5.0
"""How long a killed process may take to be gone; it takes milliseconds."""
_WORDS_BYTES: Final = 4096
_WORDS_CHARS: Final = 200


class WorkerLost(Exception):
    """The process ended or hangs; what it did not report is to be fetched by somebody else.

    Its text says so, with the last line that the process wrote on standard error.
    """


def wait_for_end(processes: Iterable[subprocess.Popen[bytes]], within_s: float) -> list[int]:
    """Return the numbers of those that are not gone when the time is up."""
    end_s, left = time.monotonic() + within_s, []
    for process in processes:
        try:
            process.wait(max(end_s - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            left.append(process.pid)
    return left


def left_sentence(left: Sequence[int]) -> str:
    """Return what to say of processes that are not gone."""
    numbers = ", ".join(str(number) for number in left)
    return (
        f"Killed and not gone yet: the processes {numbers} that fetched small files. They hang in "
        "the kernel, usually at a disk that does not answer, and end when it does."
    )


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
            stderr=subprocess.PIPE,
            bufsize=0,
            cwd="/",
            env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
            start_new_session=True,  # Ctrl-C in a terminal is for its parent
        )
        self._heard = b""
        self._words = b""
        self._patience_s = _END_S
        self._setup = setup
        self._poll = select.poll()
        for pipe in (self._process.stdout, self._process.stderr):
            self._poll.register(self._pipe(pipe), select.POLLIN)
        os.set_blocking(self._pipe(self._process.stderr), False)

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

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The process itself."""
        return self._process

    def end(self) -> bool:
        """End it; return whether it is gone, after some seconds at most, waited for once.

        Its own thread calls this, more than once if it likes.
        """
        self._process.kill()
        patience_s, self._patience_s = self._patience_s, 0
        return not wait_for_end([self._process], patience_s)

    def close(self) -> None:
        """End it and let go of its pipes; its own thread calls this, once."""
        self.end()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
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
            raise self._lost() from e
        finally:
            self._halt.back()

    def _hear(self) -> dict[str, Any]:
        """Return the next report."""
        while b"\n" not in self._heard:
            self._halt.leave()
            try:
                part = self._part()
            finally:
                self._halt.back()
            if not part:
                raise self._lost()
            self._heard += part
        line, _, self._heard = self._heard.partition(b"\n")
        report: dict[str, Any] = json.loads(line)
        return report

    def _part(self) -> bytes:
        """Return what comes next on standard output; nothing at its end, or after long silence."""
        out, error = self._pipe(self._process.stdout), self._pipe(self._process.stderr)
        end_s = time.monotonic() + self._silence_s
        while (left_s := end_s - time.monotonic()) > 0:
            ready = [pipe for pipe, _ in self._poll.poll(left_s * 1000)]
            if out in ready:
                return os.read(out, _PIPE_BYTES)
            if ready and not self._listen():
                self._poll.unregister(error)
        return b""

    def _listen(self) -> bool:
        """Keep the end of standard error; return whether there was more."""
        part = b""
        with suppress(BlockingIOError):
            part = os.read(self._pipe(self._process.stderr), _PIPE_BYTES)
        self._words = (self._words + part)[-_WORDS_BYTES:]
        return bool(part)

    def _lost(self) -> WorkerLost:
        """End it and return what is to be said of it."""
        is_gone = self.end()
        self._listen()
        said = (
            "has ended"
            if is_gone
            else f"does not end (process {self._process.pid}: it may hang at the disk)"
        )
        lines = self._words.decode(errors="replace").strip().splitlines()
        last = "".join(c for c in lines[-1] if c.isprintable())[:_WORDS_CHARS] if lines else ""
        return WorkerLost(f"{said}, and its last words were: {last}" if last else said)

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

    def end(self) -> list[int]:
        """End all processes and start no more; threads that wait for one are woken.

        Return the numbers of those that are not gone after some seconds: they end when what they
        wait for in the kernel answers, and do nothing more.
        """
        with self._lock:
            self._is_over = True
            processes = [worker.process for worker in self._workers]
        for process in processes:
            process.kill()
        return wait_for_end(processes, _END_S)
