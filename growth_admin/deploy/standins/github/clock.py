"""The stand-in's clock: the machine's, moved from outside.

Everything that GitHub dates or counts by time follows it. Credentials do not (JWTs, installation
tokens, OAuth codes): whoever holds one compares it with the machine's own clock.
"""

import time
from calendar import timegm

HOUR_S, DAY_S = 3600, 86400
FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def iso(moment_s: float) -> str:
    """A moment as GitHub writes it."""
    return time.strftime(FORMAT, time.gmtime(moment_s))


def seconds(text: str) -> float:
    """The moment that GitHub's text names."""
    return float(timegm(time.strptime(text, FORMAT)))


class Clock:
    """Tells the time of the stand-in."""

    def __init__(self) -> None:
        self.offset_s = 0.0

    def now_s(self) -> float:
        """Now, in seconds since 1970."""
        return time.time() + self.offset_s

    def timestamp(self) -> str:
        """Now, as GitHub writes it."""
        return iso(self.now_s())

    def move(
        self, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0
    ) -> None:
        """Move it on (or back, with negative numbers)."""
        self.offset_s += days * DAY_S + hours * HOUR_S + minutes * 60 + seconds
