"""Fetches the files of a listing into a staging folder: resumable, verified, never half."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from growth_admin.core.errors import GrowthError, InvalidInput, StorageFull
from growth_admin.core.fsops import make_folder
from growth_admin.datasets.express.crew import Crew, left_sentence
from growth_admin.datasets.facts import Control, FetchedFile, RemoteFile, Source, SourceProblem
from growth_admin.datasets.fetch.digest import Buffers
from growth_admin.datasets.fetch.disk import check_room, disk_errors
from growth_admin.datasets.fetch.finish import find_done, put_in_place, remove_unknown
from growth_admin.datasets.fetch.halt import Stopped
from growth_admin.datasets.fetch.journal import NAME, key_of
from growth_admin.datasets.fetch.lane import Lane, crew_for
from growth_admin.datasets.fetch.options import FetchOptions, Settings
from growth_admin.datasets.fetch.ranges import fetch_ranges
from growth_admin.datasets.fetch.run import Run
from growth_admin.datasets.fetch.stream import fetch_stream
from growth_admin.datasets.fetch.todo import Todo

CHECK_EVERY_S: Final = 0.25
REPORT_EVERY_S: Final = 0.5
MOST_REFUSED: Final = 3


class Fetcher:
    """Fetches files. The keywords are the fields of ``Settings``; one fetcher serves many jobs."""

    def __init__(self, **settings: Any) -> None:
        self.settings = Settings(**settings)

    def fetch_all(
        self,
        source: Source,
        files: Sequence[RemoteFile],
        stage: Path,
        *,
        control: Control,
        options: FetchOptions | None = None,
    ) -> tuple[FetchedFile, ...]:
        """Fetch all files to ``stage/files`` and return them in the same order.

        Called again with the same stage, also after a kill, it goes on where it was. What
        ``control.check`` raises comes out when all threads have stopped; so does a
        ``SourceProblem`` that trying again did not cure (one with ``is_waiting`` after the files
        under way are finished), ``StorageFull`` and ``StorageUnavailable``. The stage keeps what
        was fetched.
        """
        options = options or FetchOptions()
        _refuse_bad_paths(files)
        if options.expected is not None and len(files) != 1:
            raise InvalidInput(
                f"A checksum was given for one file, but the link stands for {len(files)}.",
                hint="Leave the checksum out, or give the link of the file itself.",
            )
        control.check()
        make_folder(stage / "fetch")
        make_folder(stage / "files")
        return _Fetch(Run(source, stage, options, self.settings), files, control).work()


def _refuse_bad_paths(files: Sequence[RemoteFile]) -> None:
    """Raise ``name_unsafe`` for a path that leaves the folder or is there twice."""
    seen: set[str] = set()
    for file in files:
        parts = file.path.split("/")
        if "\0" in file.path or any(part in ("", ".", "..") for part in parts):
            raise SourceProblem("name_unsafe", f"{file.path!r} cannot be a file of a dataset.")
        if file.path in seen:
            raise SourceProblem("name_unsafe", f"{file.path!r} is listed twice.")
        seen.add(file.path)


class _Fetch:
    """One run: workers that take file after file, and the caller's thread that watches them."""

    def __init__(self, run: Run, files: Sequence[RemoteFile], control: Control) -> None:
        self._run = run
        self._files = files
        self._control = control
        self._results: list[FetchedFile | None] = [None] * len(files)
        self._done_files = 0
        self._refusals_in_row = 0
        self._refusal: SourceProblem | None = None
        self._lock = threading.Lock()
        self._todo = Todo(len(files))
        self._crew: Crew | None = None
        sizes = [file.size_bytes for file in files]
        self._total = None if None in sizes else sum(size or 0 for size in sizes)
        self._reported_s = 0.0

    def work(self) -> tuple[FetchedFile, ...]:
        """Fetch; see ``Fetcher.fetch_all``."""
        halt = self._run.halt
        try:
            self._tidy()
            self._run.keeper.start()
            self._start()
            self._watch()
        except BaseException as e:  # noqa: BLE001  # raised below, when all threads have ended
            halt.fail(e)
        self._end()
        if failure := halt.failure or self._refusal:
            raise failure
        self._report(is_last=True)
        return tuple(result for result in self._results if result is not None)

    # -- the caller's thread

    def _tidy(self) -> None:
        """Remove what belongs to another listing; see that the rest will find room."""
        run = self._run
        keys = set() if run.journal.is_new else {key_of(file) for file in self._files}
        known = {path for path, done in run.journal.done.items() if done.key in keys}
        with disk_errors(run.folder):
            for path in run.folder.iterdir():
                if path.name != NAME and (path.suffix != ".part" or path.stem not in keys):
                    path.unlink()
            remove_unknown(run.files_folder, known)
            if run.journal.is_new and self._total is not None:
                check_room(run.folder, self._total)

    def _start(self) -> None:
        """Start the threads: some with a process of their own, if that is worth it."""
        slots = min(self._run.settings.parallel_files, len(self._files))
        self._crew = crew_for(self._run, self._files)
        if self._crew is None:
            self._spawn(slots)
            return
        lanes = min(self._run.settings.processes, slots)
        for number in range(lanes):
            self._spawn(1, self._crew, slots // lanes + (number < slots % lanes))

    def _spawn(self, count: int, crew: Crew | None = None, connections: int = 1) -> None:
        for _ in range(count):
            work = partial(self._work_guarded, crew, connections)
            self._run.halt.spawn(work, "growth-fetch")

    def _watch(self) -> None:
        """Return when all workers have ended, or the fetch is stopped."""
        self._report()
        while not self._run.halt.wait(CHECK_EVERY_S) and not self._run.halt.is_stopped:
            self._control.check()
            self._report()

    def _end(self) -> None:
        """Let the threads end, and keep what they fetched."""
        halt = self._run.halt
        left = self._crew.end() if self._crew is not None else []
        halt.wait_quiet()
        try:
            self._run.keeper.close()
            self._run.close_parts(is_full=isinstance(halt.failure, StorageFull))
            self._run.journal.close()
            if left:
                self._control.log(left_sentence(left))
        except GrowthError as e:
            halt.fail(e)

    def _report(self, *, is_last: bool = False) -> None:
        now_s = time.monotonic()
        if is_last or now_s - self._reported_s >= REPORT_EVERY_S:
            self._reported_s = now_s
            count = len(self._files)
            message = f"{self._done_files:,} of {count:,} files" if count > 1 else ""
            self._control.progress(self._run.done_bytes, self._total, unit="bytes", message=message)

    # -- the workers

    def _work_guarded(self, crew: Crew | None, connections: int) -> None:
        try:
            with Lane(
                self._run,
                self._files,
                self._control,
                keep=self._keep,
                give_back=self._todo.give_back,
                replace=self._spawn,
            ) as lane:
                if crew is not None:
                    lane.open(crew, connections)
                self._work(lane)
        except Stopped:
            pass
        except BaseException as e:  # noqa: BLE001  # the caller's thread raises it
            self._run.halt.fail(e)

    def _work(self, lane: Lane) -> None:
        buffers = Buffers()
        while not self._run.halt.is_draining and (numbers := self._todo.take(lane.most)):
            for number in lane.fetch(numbers):
                self._fetch_alone(number, buffers)

    def _fetch_alone(self, number: int, buffers: Buffers) -> None:
        try:
            result = self._fetch_one(self._files[number], buffers)
        except SourceProblem as problem:
            self._refused(problem)
        else:
            self._keep([(number, result)])

    def _keep(self, found: Sequence[tuple[int, FetchedFile]]) -> None:
        with self._lock:
            for number, result in found:
                self._results[number] = result
            self._done_files += len(found)
            self._refusals_in_row = 0

    def _fetch_one(self, file: RemoteFile, buffers: Buffers) -> FetchedFile:
        run = self._run
        run.halt.check()
        if done := find_done(run, file, buffers[0]):
            return done
        part = run.part(file)
        while True:
            if run.options.connections > 1:
                fetch_ranges(run, part, buffers)
            else:
                fetch_stream(run, part, buffers)
            try:
                return put_in_place(run, part)
            except SourceProblem:
                # joined from several connections without a word that they fit: once more, whole
                is_worth_it = part.is_mixed and part.restarts == 0
                run.drop(part)
                if not is_worth_it:
                    part.remove()
                    raise

    def _refused(self, problem: SourceProblem) -> None:
        """Go on with other files when only this one is refused for now; else end the fetch.

        Several refusals in a row mean that this client is refused, whatever the page says.
        """
        with self._lock:
            self._refusals_in_row += 1
            is_of_file = problem.code == "quota_file" and self._refusals_in_row < MOST_REFUSED
            self._refusal = self._refusal or problem
        if not is_of_file:
            self._run.halt.fail(problem, is_drained=problem.is_waiting or problem.is_retryable)
