"""All that is known when one user is helped, and how a finding is put into words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from growth_admin.core.words import count
from growth_admin.servers.help.facts import Standing
from growth_admin.servers.help.models import (
    Cause,
    HelpServer,
    HomeUse,
    Mend,
    PastStart,
    Severity,
)

BAD_STARTS: Final = ("failed", "timed-out", "sick-mount", "unreadable", "missing", "empty-log")
"""Starts in which a start script did not do its work. They keep nobody out."""


@dataclass(frozen=True)
class Case:
    """All that is known. ``starts`` is None where they may not be read or could not be."""

    user: str
    server: HelpServer
    at: datetime
    is_known: bool = True
    groups: tuple[str, ...] = ("students",)
    starts: tuple[PastStart, ...] | None = ()
    home: HomeUse | None = None
    standing: Standing | None = None
    failures: tuple[int, int] | None = None
    """Of how many servers the last start failed, and of how many it is known."""

    @property
    def newest(self) -> PastStart | None:
        """The last start."""
        return self.starts[0] if self.starts else None


def found(
    rule: str, severity: Severity, sentence: str, next_step: str = "", *, mend: Mend = ""
) -> Cause:
    return Cause(id=rule, severity=severity, sentence=sentence, next_step=next_step, mend=mend)


def sentence_of(text: str) -> str:
    """Return a text with an end, so that another sentence may follow."""
    plain = " ".join(text.split())
    return plain if plain.endswith((".", "!", "?")) else f"{plain}."


def span(time: timedelta) -> str:
    """Return a time as people say it: ``40 s``, ``6 minutes``, ``3 h``, ``2 days``."""
    seconds = max(time.total_seconds(), 0)
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return count(round(seconds / 60), "minute")
    return f"{seconds / 3600:.0f} h" if seconds < 172_800 else count(int(seconds // 86_400), "day")
