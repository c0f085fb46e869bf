"""One file over several connections: ranges arrive in any order, and are hashed in order."""

from __future__ import annotations

import mmap
import threading
from collections.abc import Callable
from typing import Final

from growth_admin.datasets.facts import Opened, SourceProblem
from growth_admin.datasets.fetch.digest import Buffers
from growth_admin.datasets.fetch.direct import ALIGNMENT, make_buffer, until_page
from growth_admin.datasets.fetch.disk import disk_errors
from growth_admin.datasets.fetch.halt import Stopped
from growth_admin.datasets.fetch.options import BUFFER_BYTES
from growth_admin.datasets.fetch.pace import Patience
from growth_admin.datasets.fetch.part import Part, Spans, gaps
from growth_admin.datasets.fetch.run import Run
from growth_admin.datasets.fetch.stream import fetch_stream, part_is_useless

LEAST_RANGE_BYTES: Final = 2 << 20


class _Changed(Exception):
    """A range came from another content than those before."""


class _NoRanges(Exception):
    """The source says that it has ranges, and gives others than those asked for."""


class _Ended(Exception):
    """Another thread of this file has failed."""


def fetch_ranges(run: Run, part: Part, buffers: Buffers) -> None:
    """Fetch the rest of a part over several connections, over one if the source has no ranges.

    Raises ``SourceProblem``, ``Stopped``, ``StorageFull``.
    """
    while True:
        opened = None if part.spans else _open_first(run, part)
        if not part.spans and not _is_worth_it(run, part, opened):
            fetch_stream(run, part, buffers, opened)
            return
        part.open()
        try:
            _Ranges(run, part).fetch(buffers, opened)
            return
        except _Changed:
            run.start_over(part)
        except _NoRanges:
            run.drop(part)
            fetch_stream(run, part, buffers)
            return


def _range_bytes(run: Run, total: int | None) -> int:
    """Return the size of a range, in whole pages: small enough that all connections have work to
    the end."""
    most = run.settings.range_bytes
    if total is None:
        return most
    share = total // (run.options.connections * 8)
    size = max(min(most, share), min(most, LEAST_RANGE_BYTES))
    return max(size - size % ALIGNMENT, ALIGNMENT)


def _open_first(run: Run, part: Part) -> Opened:
    """Open the first range, or the whole file when the source has no ranges."""
    patience = Patience(run.settings)
    while True:
        try:
            end = _range_bytes(run, part.file.size_bytes)
            opened = run.open(part.file, start=0, end=end)
            try:
                if opened.start:
                    raise SourceProblem(
                        "wrong_range",
                        f"The source answered from byte {opened.start}; the first was asked for.",
                        is_retryable=True,
                    )
                run.learn(part, opened)
            except BaseException:
                opened.close()
                raise
            return opened
        except SourceProblem as problem:
            run.wait_retry(patience, problem)


def _is_worth_it(run: Run, part: Part, opened: Opened | None) -> bool:
    """Return whether ranges can be joined safely, and there are several."""
    if opened is None or not opened.is_ranged or part.total is None:
        return False
    return bool(part.validator) and part.total > _range_bytes(run, part.file.size_bytes)


class _Ranges:
    """The threads that fetch one file."""

    def __init__(self, run: Run, part: Part) -> None:
        self._run = run
        self._part = part
        self._changed = threading.Condition()
        self._todo = self._claims()
        self._failure: BaseException | None = None
        self._is_fetched = False

    def _claims(self) -> Spans:
        """Return the missing ranges in order."""
        step = _range_bytes(self._run, self._part.total)
        return [
            (start, min(start + step, end))
            for begin, end in gaps(self._part.spans, self._part.total or 0)
            for start in range(begin, end, step)
        ]

    def fetch(self, buffers: Buffers, first: Opened | None) -> None:
        """Fetch what is missing; the caller's thread is one of the connections."""
        self._part.is_mixed = True
        count = min(self._run.options.connections, len(self._todo)) - 1
        begun = self._next()  # before the others: it is the one that ``first`` belongs to
        follower = self._spawn(self._follow)
        others = [self._spawn(self._work_alone) for _ in range(count)]
        self._guard(lambda: self._work(buffers[0], begun, first))
        for thread in others:
            self._join(thread)
        with self._changed:
            self._is_fetched = True
            self._changed.notify_all()
        self._join(follower)
        if self._failure is not None:
            raise self._failure

    def _join(self, thread: threading.Thread) -> None:
        """Wait for a thread that may wait for the network itself. Raises ``Stopped``."""
        while thread.is_alive():
            self._run.halt.leave()
            try:
                thread.join(0.2)
            finally:
                self._run.halt.back()

    def _spawn(self, work: Callable[[], None]) -> threading.Thread:
        return self._run.halt.spawn(lambda: self._guard(work), "growth-range")

    def _guard(self, work: Callable[[], None]) -> None:
        """Run a thread's work; its failure ends the others' too."""
        try:
            work()
        except _Ended:
            pass
        except BaseException as e:  # noqa: BLE001  # fetch raises it in the caller's thread
            with self._changed:
                if self._failure is None or isinstance(self._failure, Stopped):
                    self._failure = e
                self._changed.notify_all()

    def _check(self) -> None:
        if self._failure is not None:
            raise _Ended
        self._run.halt.check()

    # -- a connection

    def _work_alone(self) -> None:
        self._work(make_buffer(BUFFER_BYTES), self._next(), None)

    def _work(
        self, buffer: mmap.mmap, claim: tuple[int, int] | None, opened: Opened | None
    ) -> None:
        patience = Patience(self._run.settings)
        taken = 0
        while claim is not None:
            at, end = claim
            while at < end:
                try:
                    at = self._take(at, end, buffer, opened)
                except SourceProblem as problem:
                    if part_is_useless(self._part, problem):
                        raise _NoRanges from problem
                    at = self._came(at)
                    patience.reached(taken + at - claim[0])
                    self._run.wait_retry(patience, problem)
                finally:
                    opened = None
                self._check()
            taken += end - claim[0]
            claim = self._next()

    def _next(self) -> tuple[int, int] | None:
        with self._changed:
            return self._todo.pop(0) if self._todo and self._failure is None else None

    def _came(self, at: int) -> int:
        """Return how far a range that was cut came."""
        return next((stop for start, stop in self._part.spans if start <= at < stop), at)

    def _take(self, at: int, end: int, buffer: mmap.mmap, opened: Opened | None) -> int:
        """Fetch one range; return its end."""
        run, part = self._run, self._part
        if opened is None:
            opened = run.open(part.file, start=at, end=end, validator=part.validator)
        try:
            if not run.is_same(part, opened):
                raise _Changed
            if opened.start != at:
                raise _NoRanges
            intake, most = run.intake(opened), run.portion_bytes
            while at < end:
                self._check()
                size = intake.fill(memoryview(buffer)[: min(until_page(most, at), end - at)])
                if not size:
                    raise SourceProblem(
                        "short_body",
                        f"{part.file.path}: a range ended at byte {at}, not at {end}.",
                        is_retryable=True,
                    )
                part.write(memoryview(buffer)[:size], at)
                run.count(size)
                run.keeper.wrote(part, at, at + size)
                at += size
                with self._changed:
                    self._changed.notify_all()
        finally:
            opened.close()
        return at

    # -- the hash

    def _follow(self) -> None:
        """Hash what is there from the beginning, while later ranges arrive."""
        part, buffer = self._part, make_buffer(BUFFER_BYTES)
        while part.digester.hashed < (part.total or 0):
            with self._changed:
                self._changed.wait_for(
                    lambda: (
                        part.frontier > part.digester.hashed
                        or self._is_fetched
                        or self._failure is not None
                    ),
                    0.5,
                )
                is_over = self._is_fetched and part.frontier <= part.digester.hashed
            self._check()
            if is_over:
                return
            with disk_errors(part.path):
                part.digester.catch_up(part.fd, part.frontier, self._check, buffer)
