"""GitHub's clock, told from the ``Date`` of its replies."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from growth_admin.core.schema import now as machine_now

TOLERANCE_S: Final = 0.5


class GitHubClock:
    """Tells the time at GitHub: the last date that it sent, and what has passed since.

    A ``Date`` is cut to whole seconds (RFC 9110, 5.6.7), so one that agrees with what is known
    changes nothing, and the time does not jump back and forth.
    """

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._anchor: tuple[datetime, float] | None = None

    def now(self) -> datetime:
        """Return GitHub's time; before its first reply the machine's."""
        with self._lock:
            return self._now() or machine_now()

    def note(self, date: str) -> None:
        """Take in the ``Date`` of a reply; one that is none is passed over."""
        try:
            seen = parsedate_to_datetime(date)
        except (TypeError, ValueError):
            return
        seen = seen.replace(tzinfo=UTC) if seen.tzinfo is None else seen.astimezone(UTC)
        with self._lock:
            known = self._now()
            if known is not None:
                ahead_s = (known - seen).total_seconds()
                if -TOLERANCE_S <= ahead_s <= 1 + TOLERANCE_S:
                    return
            self._anchor = (seen, self._monotonic())

    def _now(self) -> datetime | None:
        if self._anchor is None:
            return None
        seen, at = self._anchor
        return seen + timedelta(seconds=self._monotonic() - at)
