"""Trying again while somebody waits for a listing: briefly, with growing pauses."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Final, TypeVar

from growth_admin.datasets.facts import Control, SourceProblem

Found = TypeVar("Found")
TRIES: Final = 5
FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 16.0
_STEP_S: Final = 0.2


def patiently(call: Callable[[], Found], *, limit_s: float, control: Control) -> Found:
    """Return what ``call`` returns, trying again after problems that a moment may cure.

    Pauses double, with jitter, and honour what the source asks for. Raises the last problem when
    the tries or the time are used up.
    """
    until = time.monotonic() + limit_s
    for attempt in range(TRIES):
        control.check()
        try:
            return call()
        except SourceProblem as problem:
            usual_s = min(FIRST_PAUSE_S * 2**attempt, LONGEST_PAUSE_S) * random.uniform(0.5, 1.0)
            pause_s = max(usual_s, problem.retry_after_s or 0.0)
            is_last = attempt == TRIES - 1 or time.monotonic() + pause_s > until
            if not problem.is_retryable or is_last:
                raise
            control.log(f"{problem.detail} Trying again in {pause_s:.1f} s.")
        _wait(pause_s, control)
    raise AssertionError("the last try returns or raises")


def _wait(pause_s: float, control: Control) -> None:
    end = time.monotonic() + pause_s
    while (left_s := end - time.monotonic()) > 0:
        control.check()
        time.sleep(min(left_s, _STEP_S))
