"""What is known of a start, as the JSON that the table of starts reads (schema 1)."""

from __future__ import annotations

import os
import time

from .execution import Outcome
from .output import ERR, ERROR_LIMIT, OUT, Log, Output
from .scripts import Script
from .settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# A start is as bad as its worst script: later in this list is worse.
_SEVERITY = ("ok", "missing", "empty-log", "unreadable", "failed", "timed-out", "sick-mount")
_STATE_OF_START = {
    "empty": "empty-log",
    "not-executable": "empty-log",
    "killed": "failed",
    "skipped": "failed",
}


class Moment:
    """A point in time: `text` is ISO-8601 in UTC, `tick` a monotonic clock in seconds."""

    def __init__(self) -> None:
        now_ns = time.time_ns()
        self.tick = time.monotonic()
        whole = time.gmtime(now_ns // 10**9)
        self._micros = f"{now_ns // 1000 % 10**6:06d}"
        self.text = f"{time.strftime('%Y-%m-%dT%H:%M:%S', whole)}.{self._micros}Z"
        self.compact = f"{time.strftime('%Y%m%dT%H%M%S', whole)}.{self._micros}Z"


class ScriptReport:
    """One script's part of the record, and the log that belongs to it."""

    def __init__(
        self, script: Script, run_as: str, log_name: str, outcome: Outcome | None, output: Output
    ) -> None:
        self.log_name = log_name
        self.log: Log = output.render()
        ran = outcome or Outcome()
        state = outcome.state if outcome else script.state
        reason = outcome.reason if outcome else script.reason
        self.fields: dict[str, Any] = {
            "name": script.name,
            "run_as": run_as,
            "state": state,
            "exit_code": ran.exit_code,
            "signal": ran.signal,
            "duration_s": round(ran.duration_s, 3),
            "sha256": _sha256(script.text) if script.text else "",
            "size_bytes": len(script.text),
            "problems": script.problems + ran.problems,
            "stdout_bytes": output.sizes[OUT],
            "stderr_bytes": output.sizes[ERR],
            "dropped_bytes": output.dropped_bytes,
            "stderr_lines": self.log.stderr_spans,
            "error": self.log.last_error() or reason[:ERROR_LIMIT],
            "log": log_name,
        }

    @property
    def summary(self) -> str:
        """For the container's log: `as-root.sh ok (0.1 s)`. Nothing that a script has printed."""
        code = self.fields["exit_code"]
        ended = f", exit code {code}" if code else ""
        return (
            f"{self.fields['name']} {self.fields['state']} ({self.fields['duration_s']} s{ended})"
        )


class Record:
    """One start."""

    def __init__(self, settings: Settings, started: Moment) -> None:
        self._settings = settings
        self._started = started
        self.id = f"{started.compact}-{os.urandom(3).hex()}"
        self.reports: list[ScriptReport] = []
        self.data: list[dict[str, str]] = []
        self.home: dict[str, int] | None = None
        self.notes = settings.notes

    @property
    def state(self) -> str:
        """The worst state of the scripts."""
        states = [str(report.fields["state"]) for report in self.reports]
        worst = max((_SEVERITY.index(_STATE_OF_START.get(one, one)) for one in states), default=0)
        return _SEVERITY[worst]

    def to_line(self, ended: Moment) -> str:
        """The record as one line of JSON. Lines sort by time: `id` comes right after `schema`."""
        settings = self._settings
        return to_json(
            {
                "schema": 1,
                "id": self.id,
                "user": settings.user,
                "server_name": settings.server_name,
                "hub_user": settings.hub_user,
                "github_id": settings.github_id,
                "started": self._started.text,
                "ended": ended.text,
                "duration_s": round(ended.tick - self._started.tick, 3),
                "state": self.state,
                "image": {"reference": settings.image, "digest": settings.image_digest},
                "scripts_revision": settings.revision,
                "limit_s": settings.script_limit_s,
                "rerooted": not settings.is_root,
                "scripts": [report.fields for report in self.reports],
                "data": self.data,
                "home": self.home,
                "notes": [note[:ERROR_LIMIT] for note in self.notes[:20]],
            }
        )


def to_json(value: Any) -> str:
    """JSON text of plain values. Importing `json` would cost every start 12 ms."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_quoted(k)}: {to_json(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(to_json(one) for one in value) + "]"
    return repr(value)


def _quoted(text: str) -> str:
    """A JSON string in ASCII; what was not UTF-8 in the environment becomes U+FFFD."""
    parts = []
    for letter in text:
        number = ord(letter)
        if letter in '"\\':
            parts.append("\\" + letter)
        elif 0x20 <= number < 0x7F:
            parts.append(letter)
        elif number >= 0x10000:
            number -= 0x10000
            parts.append(f"\\u{0xD800 + (number >> 10):04x}\\u{0xDC00 + (number & 0x3FF):04x}")
        else:
            parts.append(f"\\u{0xFFFD if 0xD800 <= number < 0xE000 else number:04x}")
    return '"' + "".join(parts) + '"'


def _sha256(text: bytes) -> str:
    """The hash in hex. The bare C modules load in a tenth of hashlib's time."""
    try:
        from _sha2 import sha256  # type: ignore[import-not-found]  # Python 3.12 and later
    except ImportError:
        try:
            from _sha256 import sha256  # type: ignore[import-not-found]  # 3.11
        except ImportError:
            from hashlib import sha256
    return str(sha256(text).hexdigest())
