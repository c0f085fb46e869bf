"""One log, with the lines that came from stderr marked where a record tells them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from growth_admin.startup.starts.models import LogText, StoredScript, StoredStart
from growth_admin.startup.starts.reader import Tail, count_lines, read_tail, shown

LOG_LIMIT_BYTES: Final = 256 * 1024
_COUNTED_BYTES: Final = 16 * 1024 * 1024
_SLACK: Final = timedelta(minutes=2)
Spans = tuple[tuple[int, int], ...]


def read_log(
    path: Path, user: str, server_name: str, script: str, record: StoredStart | None
) -> LogText:
    """Return the last 256 KiB of a log, from the beginning of a line.

    ``record`` is the one of the same start, if there is one. Raises ``NotFound`` or
    ``StorageUnavailable``.
    """
    tail = read_tail(path, LOG_LIMIT_BYTES)
    data, skipped_bytes = _from_line_start(tail)
    is_countable = skipped_bytes <= _COUNTED_BYTES
    lines_before = count_lines(path, skipped_bytes) if is_countable else None
    written = datetime.fromtimestamp(tail.seen.mtime_s, UTC)
    stored, notes = _matching(record, script, written)
    spans: Spans = ()
    if stored and lines_before is not None:
        spans, doubt = _spans_in(stored.stderr_lines, lines_before, data.count(b"\n") + 1)
        notes += doubt
    if stored and stored.dropped_bytes:
        notes += (f"{stored.dropped_bytes} bytes from the middle were not kept.",)
    return LogText(
        user=user,
        server_name=server_name,
        script=script,
        name=shown(path.name),
        text=data.decode("utf-8", "replace"),
        first_line=None if lines_before is None else lines_before + 1,
        stderr_lines=spans,
        is_truncated=skipped_bytes > 0,
        size_bytes=tail.seen.size_bytes,
        written=written,
        notes=notes,
    )


def _from_line_start(tail: Tail) -> tuple[bytes, int]:
    """Return what to show of a tail and how many bytes lie before it; a line too long is cut."""
    if not tail.skipped_bytes:
        return tail.data, 0
    begin = tail.data.find(b"\n") + 1
    return tail.data[begin:], tail.skipped_bytes + begin


def _matching(
    record: StoredStart | None, script: str, written: datetime
) -> tuple[StoredScript | None, tuple[str, ...]]:
    """Return the record's part on this script, if it can be the one that wrote this log."""
    if record is None:
        note = "There is no record of this start: stderr is not marked, or not there at all."
        return None, (note,)
    ended = record.ended or record.started
    if not record.started - _SLACK <= written <= ended + _SLACK:
        note = f"This log was not written by the start of {record.started:%Y-%m-%d %H:%M} UTC."
        return None, (note,)
    return next((one for one in record.scripts if one.name == script), None), ()


def _spans_in(spans: Spans, lines_before: int, lines: int) -> tuple[Spans, tuple[str, ...]]:
    """Return the spans counted from the first line shown; none if they do not fit this log."""
    moved = [(max(1, a - lines_before), b - lines_before) for a, b in spans if b > lines_before]
    if any(a > b or b > lines for a, b in moved):
        return (), ("The record does not fit this log, so stderr is not marked.",)
    return tuple(moved), ()
