"""Ages, dates and lists of people in words. No id of a plan depends on them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

LIFE: Final = timedelta(days=7)
"""GitHub: an invitation that is not accepted within seven days expires."""
SHOWN: Final = 5


def ago(then: datetime, now: datetime) -> str:
    """Return ``just now``, ``3 hours ago``, ``2 days ago``."""
    hours = (now - then).total_seconds() / 3600
    if hours < 1:
        return "just now"
    if hours < 48:
        return f"{int(hours)} hour{'' if int(hours) == 1 else 's'} ago"
    return f"{int(hours / 24)} days ago"


def days_left(created: datetime, now: datetime) -> float:
    """Return the days until an invitation of that time expires, 0 when it has."""
    return round(max((created + LIFE - now).total_seconds() / 86_400, 0.0), 2)


def left(days: float) -> str:
    """Return ``3 days left``, ``5 hours left``."""
    if days >= 2:
        return f"{int(days)} days left"
    hours = int(days * 24)
    return f"{hours} hour{'' if hours == 1 else 's'} left"


def day(moment: datetime) -> str:
    """Return the day as people write it: ``3 November``."""
    return f"{moment.day} {moment:%B}"


def clock(moment: datetime) -> str:
    """Return ``2026-11-29 14:05 UTC``."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def listed(names: Sequence[str], *, shown: int = SHOWN) -> str:
    """Return ``a, b and 3 more``."""
    if len(names) <= shown + 1:
        return ", ".join(names)
    return f"{', '.join(names[:shown])} and {len(names) - shown} more"


def people(count: int) -> str:
    """Return ``1 person``, ``1,000 people``."""
    return "1 person" if count == 1 else f"{count:,} people"
