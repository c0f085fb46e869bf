"""How long to wait for GitHub: while it asks to, while it is away, and before looking again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from growth_admin.core.errors import GrowthError, RateLimited
from growth_admin.jobs.context import JobContext, JobPaused
from growth_admin.jobs.models import JobProblem
from growth_admin.roster.wording import clock

STEP_S: Final = 1.0
RETRY_S: Final = 5.0
LONGEST_S: Final = 60.0


@dataclass(frozen=True)
class Limits:
    """Seconds.

    ``settle_s``: GitHub ends a request after 10 s ("Troubleshooting the REST API", timeouts); only
    then can an answer that never came be looked for. ``rest_s``: the longest pause that a job waits
    through; for a longer one it pauses itself. ``outage_s``: so long GitHub may be away.
    """

    settle_s: float = 12.0
    rest_s: float = 600.0
    outage_s: float = 600.0
    retry_s: float = RETRY_S
    sleep: Callable[[float], None] = time.sleep


class Patience:
    """The waiting of one job. Every wait can be cancelled, and is said beside the progress."""

    def __init__(
        self,
        context: JobContext,
        limits: Limits,
        now: Callable[[], datetime],
        say: Callable[[str], None],
    ) -> None:
        self._context = context
        self._limits = limits
        self._now = now
        self._say = say
        self._out_s = 0.0

    def rest(self, error: RateLimited) -> None:
        """Wait as long as GitHub asks. Raises ``JobPaused`` when that is too long."""
        seconds = max((error.until - self._now()).total_seconds(), 1.0)
        if seconds > self._limits.rest_s:
            raise paused(error)
        self._say(f"GitHub asks to wait until {clock(error.until)}")
        self._sleep(seconds)

    def outlast(self, error: GrowthError) -> None:
        """Wait for GitHub or the disk to come back. Raises ``JobPaused`` when it takes too long."""
        if self._out_s >= self._limits.outage_s:
            raise paused(error)
        self._say(f"{error.detail} Trying again")
        self._out_s += self._limits.retry_s
        self._sleep(self._limits.retry_s)

    def is_back(self) -> None:
        """Note that GitHub makes changes again; that it answers questions is not enough."""
        self._out_s = 0.0

    def settle(self, sent: datetime) -> None:
        """Wait until a request of that time has surely been done, or never will be."""
        left_s = self._limits.settle_s - (self._now() - sent).total_seconds()
        self._sleep(min(left_s, self._limits.settle_s))

    def wait_a_moment(self, what: str) -> None:
        """Wait for somebody else."""
        self._say(what)
        self._sleep(STEP_S)

    def _sleep(self, seconds: float) -> None:
        while seconds > 0:
            self._context.check()
            self._limits.sleep(min(seconds, STEP_S))
            seconds -= STEP_S


def wait_briefly(seconds: float, now: Callable[[], datetime]) -> None:
    """Wait between requests; instead of a wait that nobody could end, raise ``RateLimited``.

    The client's own pace may have used up the hour (GitHub takes 500 changes): jobs can be
    cancelled, and their servers stopped, while they wait for that.
    """
    if seconds > LONGEST_S:
        until = now() + timedelta(seconds=seconds)
        raise RateLimited(
            f"So many changes were made within the hour that GitHub takes more at {clock(until)}.",
            until=until,
            hint="It goes on by itself then.",
        )
    time.sleep(seconds)


def paused(error: GrowthError) -> JobPaused:
    """Return what stops a job until somebody, or the end of GitHub's pause, lets it go on."""
    hint = error.hint or "Put it right, then let the job go on."
    return JobPaused(JobProblem(title=error.title, detail=error.detail, hint=hint))
