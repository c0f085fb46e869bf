"""Numbers as people write them."""

from __future__ import annotations


def in_words(size_bytes: int | None) -> str:
    """Return a size as people write it, in decimal units; ``size unknown`` for nothing."""
    if size_bytes is None:
        return "size unknown"
    size, unit = float(size_bytes), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if size < 999.5 or unit == "TB":
            break
        size /= 1000
    return f"{size:.0f} {unit}" if unit == "B" or size >= 99.5 else f"{size:.1f} {unit}"


def count(number: int, noun: str) -> str:
    """Return ``1 file``, ``12,000 files``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
