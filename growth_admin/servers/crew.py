"""Requests to the hub in threads of their own, so that a slow answer holds nobody up."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from typing import Any, Final

from growth_admin.core.errors import LeaseLost
from growth_admin.jobs.engine import JobCancelled, JobContext, JobInterrupted, JobPaused
from growth_admin.servers.models import IN_FLIGHT_LIMIT

SLOW_CHECK_S: Final = 2.0


class Crew:
    """Carries requests for one run of a job, as long as the job is this run's."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self._pool = ThreadPoolExecutor(IN_FLIGHT_LIMIT + 1, thread_name_prefix="growth-servers")

    def send(
        self,
        work: Callable[..., Any],
        *args: Any,
        undo: Callable[[], Any] | None = None,
        **options: Any,
    ) -> Future[Any]:
        """Begin to do ``work`` and return where its result will be.

        The result is ``LeaseLost`` or ``JobInterrupted`` instead when another server has the job
        by then, or this one ends: a server that woke up late must ask nothing any more. If it fell
        asleep just between this look and the request, ``undo`` is done too. Raises
        ``JobInterrupted`` when this process ends.
        """
        try:
            return self._pool.submit(self._guarded, work, args, options, undo)
        except RuntimeError:  # Python takes no more work while it shuts down
            raise JobInterrupted from None

    def _guarded(
        self,
        work: Callable[..., Any],
        args: tuple[Any, ...],
        options: dict[str, Any],
        undo: Callable[[], Any] | None,
    ) -> Any:
        self._require_ours()
        try:
            return work(*args, **options)
        finally:
            if undo is not None:
                try:
                    self._require_ours()
                except LeaseLost:
                    undo()
                    raise
                except JobInterrupted:
                    pass  # the next run goes on from here

    def _require_ours(self) -> None:
        """Return if the job is this run's, and that was found out quickly (the disk may hang)."""
        took_s = float("inf")
        while took_s > SLOW_CHECK_S:
            began_s = time.monotonic()
            with suppress(JobCancelled, JobPaused):  # what is begun is ended all the same
                self._context.check()
            took_s = time.monotonic() - began_s

    def await_any(self, pending: Sequence[Future[Any]], longest_s: float) -> None:
        """Return when one of these is done, or the time is up."""
        if pending:
            wait(pending, timeout=longest_s, return_when=FIRST_COMPLETED)
        else:
            time.sleep(longest_s)

    def close(self) -> None:
        """Let go; requests that are under way are not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)
