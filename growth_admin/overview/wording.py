"""Numbers and moments as the lines say them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

SHOWN: Final = 5
"""So many of what is counted are named."""


def join(words: Sequence[str]) -> str:
    """Return ``a``, ``a and b``, ``a, b and c``."""
    return " and ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else "".join(words)


def some(names: Sequence[str], most: int = SHOWN) -> str:
    """Return the names, or the first of them and how many more there are."""
    more = len(names) - most
    return join([*names[:most], f"{more:,} more"] if more > 0 else list(names))


def first(lines: Sequence[str], most: int = SHOWN) -> tuple[str, ...]:
    """Return the first lines, and how many more there are."""
    more = len(lines) - most
    return (*lines[:most], f"and {more:,} more") if more > 0 else tuple(lines)


def ago(moment: datetime, at: datetime) -> str:
    """Return how long before ``at`` a moment was: ``just now``, ``5 min ago``, ``2 days ago``."""
    minutes = int((at - moment).total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 120:
        return f"{minutes} min ago"
    hours = minutes // 60
    return f"{hours} h ago" if hours < 48 else f"{hours // 24} days ago"
