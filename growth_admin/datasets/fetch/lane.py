"""The express lane of a fetch: small files go through processes, many at a time.

Only what is nothing special takes it: files of a source that can say what brings each of them, that
are not larger than a thread would keep in memory, and of which nothing is there yet. Whatever does
not come in the plainest way is fetched by the thread itself, with all its patience; so is the rest
when a process is lost.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Final, Self

from growth_admin.core.errors import GrowthError
from growth_admin.datasets.express.crew import Crew, Worker, WorkerLost
from growth_admin.datasets.express.plain import PlainRequest, PlainSource
from growth_admin.datasets.facts import Control, FetchedFile, RemoteFile
from growth_admin.datasets.fetch.disk import disk_errors
from growth_admin.datasets.fetch.finish import fetched
from growth_admin.datasets.fetch.journal import DoneFile, key_of
from growth_admin.datasets.fetch.run import Run

LEAST_FILES: Final = 500
"""Processes take a tenth of a second to start; fewer files are not worth that."""
FIRST_FILES: Final = 4
MOST_FILES: Final = 64
QUICK_S: Final = 0.05
SLOW_S: Final = 0.2
MOST_LINE: Final = 32 << 10
"""How much is said to a process at once, about: it fits into a pipe, so nobody waits to say it."""
MOST_ODD_FIRST: Final = 3
MOST_ODD_SHARE: Final = 0.1


class Lane:
    """One thread's way to its process; ``with`` it, in that thread.

    ``most`` is how many files to bring at once: as many as come in a moment, so that no thread sits
    on files that another could fetch. The process asks for ``connections`` files at a time; when
    the lane is shut, ``replace`` is called, for so many threads to do its work. Files that it does
    not fetch go to ``give_back`` before that, or these threads would find nothing and end.
    """

    def __init__(
        self,
        run: Run,
        files: Sequence[RemoteFile],
        control: Control,
        *,
        keep: Callable[[list[tuple[int, FetchedFile]]], None],
        give_back: Callable[[Sequence[int]], None],
        replace: Callable[[int], None],
    ) -> None:
        self.most = 1
        self._run = run
        self._files = files
        self._control = control
        self._keep = keep
        self._give_back = give_back
        self._replace = replace
        self._worker: Worker | None = None
        self._connections = 1
        self._done = 0
        self._odd = 0

    def open(self, crew: Crew, connections: int) -> None:
        """Start the process. Raises ``Stopped``."""
        self._connections = connections
        try:
            self._worker = crew.hire(connections)
            self.most = FIRST_FILES
        except OSError as e:
            self._shut(f"No process could be started to fetch small files: {e.strerror}.")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def fetch(self, numbers: Sequence[int]) -> Sequence[int]:
        """Fetch files; return the number of the one that is not for here, if there is one.

        What comes after that one was given back, before others begin who look for something to do.
        """
        worker = self._worker
        requests = self._requests(numbers) if worker else []
        if worker is None or not requests:
            self._give_back(numbers[1:])
            if worker and self._files[numbers[0]].path not in self._run.journal.done:
                self._count_odd(True)
            return numbers[:1]
        self._run.hold.wait()
        tasks = self._tasks(numbers, requests)
        count, began_s, lost = 0, time.monotonic(), ""
        try:
            for reported in worker.fetch(tasks):
                self._note(numbers[count : count + len(reported)], reported)
                count += len(reported)
        except WorkerLost as e:
            lost = f"A process that fetched small files {e}; threads go on for it."
        self._give_back(numbers[count + 1 :])
        if lost:
            self._shut(lost)
        else:
            self._pace(len(tasks), count, time.monotonic() - began_s)
        return numbers[count : count + 1]

    def _pace(self, asked: int, count: int, took_s: float) -> None:
        if count == asked and took_s < QUICK_S:
            self.most = min(self.most * 2, MOST_FILES)
        elif took_s > SLOW_S:
            self.most = max(self.most // 2, self._connections)
        self._done += count
        self._count_odd(count < asked)

    def _count_odd(self, is_odd: bool) -> None:
        self._odd += is_odd
        if self._odd >= MOST_ODD_FIRST + MOST_ODD_SHARE * self._done:
            self._shut("Many files are large, or need more than one request: threads fetch all.")

    def _shut(self, why: str) -> None:
        self._control.log(why)
        self._close()
        self._replace(self._connections - 1)

    def _close(self) -> None:
        worker, self._worker, self.most = self._worker, None, 1
        if worker is not None:
            worker.close()

    # -- there

    def _requests(self, numbers: Sequence[int]) -> list[PlainRequest]:
        """Return what to ask for these files, up to the first that is not for here."""
        found: list[PlainRequest] = []
        self._run.halt.leave()  # a token may have to be asked for
        try:
            for number in numbers:
                request = self._request(self._files[number])
                if request is None:
                    break
                found.append(request)
        finally:
            self._run.halt.back()
        return found

    def _request(self, file: RemoteFile) -> PlainRequest | None:
        run = self._run
        if not is_small(run, file) or (run.journal.parts and key_of(file) in run.journal.parts):
            return None
        assert isinstance(run.source, PlainSource)
        try:
            return run.source.plain_request(file)
        except GrowthError:  # it comes again where it is dealt with
            return None

    def _tasks(self, numbers: Sequence[int], requests: Sequence[PlainRequest]) -> list[str]:
        """Return what to say of the files with these requests, or of the first of them."""
        tasks: list[str] = []
        size = 0
        for number, request in zip(numbers, requests, strict=False):
            file = self._files[number]
            with disk_errors(self._run.place(file.path)):
                place = self._run.make_place(file.path)
            tasks.append(
                json.dumps([request, place, file.size_bytes, *(file.checksum or ("", ""))])
            )
            size += len(tasks[-1])
            if size > MOST_LINE:
                break
        return tasks

    # -- and back

    def _note(self, numbers: Sequence[int], reported: Sequence[tuple[int, str]]) -> None:
        """Keep that these files are there."""
        done, found = [], []
        for number, (size, sha256) in zip(numbers, reported, strict=True):
            file = self._files[number]
            algorithm = file.checksum.algorithm if file.checksum else ""
            known = DoneFile(key_of(file), size, sha256, algorithm, is_synced=False)
            done.append((file.path, known))
            found.append((number, fetched(file, known)))
        self._run.keeper.placed(*done)
        self._run.count(sum(size for size, _ in reported))
        self._keep(found)


def crew_for(run: Run, files: Sequence[RemoteFile]) -> Crew | None:
    """Return what starts processes for a fetch, nothing if they would not help it.

    A limit to the bandwidth is kept byte by byte, by the threads of one process; with one, it is
    not the processor that takes the time.
    """
    if run.options.limit_bytes_per_s is not None or not run.settings.processes:
        return None
    if not isinstance(run.source, PlainSource):
        return None
    if sum(is_small(run, file) for file in files) < LEAST_FILES:
        return None
    way = run.source.plain_way()
    return Crew(way, run.portion_bytes, run.halt, run.settings.silence_s) if way else None


def is_small(run: Run, file: RemoteFile) -> bool:
    """Return whether a file may be small, and nothing is known to be there of it."""
    is_known = file.path in run.journal.done
    return not is_known and (file.size_bytes is None or file.size_bytes <= run.portion_bytes)
