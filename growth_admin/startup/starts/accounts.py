"""One start in words and fields: from its record, or from the little that a plain log says."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from growth_admin.startup.starts.models import (
    SCRIPTS,
    START_STATE_OF,
    ScriptStart,
    ScriptState,
    Start,
    StartDataset,
    StartHome,
    StoredScript,
    StoredStart,
)
from growth_admin.startup.starts.reader import ServerFiles, shown

SETTLED_S: Final = 60.0
"""A log that is empty and younger than this may belong to a start that has only begun."""
_WHERE: Final = re.compile(r"^(?:\S*/)?as-(?:root|user)\.sh: (?:line )?(\d+): ")
_EMPTY_LOG: Final = (
    "left an empty log: it was not executable, has Windows line ends, or said nothing"
)


@dataclass
class Texts:
    """What is known about the texts that may have run: the live ones, and our revisions."""

    live: Mapping[str, str] = field(default_factory=dict)
    find_number: Callable[[str, str], int | None] = lambda script, sha256: None
    _numbers: dict[tuple[str, str], int | None] = field(default_factory=dict)

    def number(self, script: str, sha256: str) -> int | None:
        """Return the revision number of a text, asking once for each text."""
        if script not in SCRIPTS or not sha256:
            return None
        key = (script, sha256)
        if key not in self._numbers:
            self._numbers[key] = self.find_number(script, sha256)
        return self._numbers[key]

    def is_old(self, script: str, sha256: str) -> bool:
        """Return whether the live text is there and is another one."""
        return bool(sha256) and self.live.get(script, sha256) != sha256


def start_of_record(record: StoredStart, texts: Texts, files: ServerFiles | None) -> Start:
    """Return the start that a record tells of; ``files`` only for the last start.

    Neither a candidate that a canary ran nor an earlier start, whose text was live at its time,
    is an old revision.
    """
    is_never_old = bool(record.scripts_revision) or files is None
    scripts = tuple(_script(one, record, texts, files, is_never_old) for one in record.scripts)
    is_old = any(one.is_old_revision for one in scripts)
    guilty = _guilty(scripts, record.state) if record.state != "ok" else None
    return Start(
        id=record.id,
        state="old-revision" if is_old and record.state == "ok" else record.state,
        source="record",
        started=record.started,
        duration_s=record.duration_s,
        image=record.image.reference,
        image_digest=record.image.digest,
        candidate=record.scripts_revision,
        is_old_revision=is_old,
        is_rerooted=record.rerooted,
        scripts=scripts,
        data=tuple(
            StartDataset(name=one.name, version=one.version, state=one.state) for one in record.data
        ),
        home=StartHome(used_bytes=record.home.used_bytes, size_bytes=record.home.size_bytes)
        if record.home
        else None,
        notes=record.notes,
        **_blame(guilty),
    )


def _script(
    stored: StoredScript,
    record: StoredStart,
    texts: Texts,
    files: ServerFiles | None,
    is_never_old: bool,
) -> ScriptStart:
    return ScriptStart(
        name=stored.name,
        state=stored.state,
        exit_code=stored.exit_code,
        signal=stored.signal,
        duration_s=stored.duration_s,
        sha256=stored.sha256,
        revision=texts.number(stored.name, stored.sha256),
        is_old_revision=not is_never_old and texts.is_old(stored.name, stored.sha256),
        problems=stored.problems,
        stdout_bytes=stored.stdout_bytes,
        stderr_bytes=stored.stderr_bytes,
        dropped_bytes=stored.dropped_bytes,
        error="" if stored.state == "ok" else say_fault(stored, record.limit_s),
        **_logs(files, stored.name),
    )


def _logs(files: ServerFiles | None, script: str) -> dict[str, Any]:
    if files is None:
        return {}
    return {
        "log": shown(files.log_name(script, 0)) if script in files.logs else "",
        "has_previous_log": script in files.previous,
    }


def _guilty(scripts: tuple[ScriptStart, ...], state: str) -> ScriptStart | None:
    """Return the script that made the start what it is."""
    bad = [one for one in scripts if one.state != "ok"]
    exact = [one for one in bad if START_STATE_OF[one.state] == state]
    return next(iter(exact or bad), None)


def _blame(guilty: ScriptStart | None) -> dict[str, Any]:
    if guilty is None:
        return {}
    return {
        "script": guilty.name,
        "exit_code": guilty.exit_code,
        "signal": guilty.signal,
        "error": guilty.error,
    }


def say_fault(script: StoredScript, limit_s: float | None) -> str:
    """Return what went wrong with a script in one line, without the script's name."""
    said = tidy(script.error)
    if script.state == "failed":
        line = said or f"ended with exit code {script.exit_code} and no error output"
        ends = "crlf" in script.problems
        return f"{line} (the script has Windows line ends)" if ends else line
    if script.state == "timed-out":
        limit = "its time limit" if limit_s is None else f"{limit_s:g} s"
        own = "" if not said or "longer than" in said else f"; last error output: {said}"
        return f"was stopped after {limit}{own}"
    if script.state == "killed" and script.signal is not None:
        own = "" if not said or "by signal" in said else f"; last error output: {said}"
        return f"was ended by {_signal_name(script.signal)}{own}"
    plain: dict[ScriptState, str] = {
        "empty": "is an empty file",
        "not-executable": "is not executable, so it did not run",
        "missing": "is not there",
        "unreadable": "could not be read",
        "sick-mount": "could not be fetched: the folder did not answer",
        "skipped": "was skipped",
    }
    return said or plain.get(script.state, script.state)


def tidy(error: str) -> str:
    """Return an error line without the folder of the copy that ran: ``line 20: ...``."""
    return _WHERE.sub(r"line \1: ", error.strip())


def _signal_name(number: int) -> str:
    try:
        return f"{signal.Signals(number).name} ({number})"
    except ValueError:
        return f"signal {number}"


# -- without a record


def start_of_logs(
    files: ServerFiles, complaints: Mapping[str, str], now_s: float, notes: tuple[str, ...]
) -> Start:
    """Return what plain logs tell: little. ``complaints`` has the line of a log that looks bad.

    The time is when the logs were last written. An exit code is never known.
    """
    scripts = tuple(_script_of_log(files, name, complaints, now_s) for name in SCRIPTS)
    bad = [one for one in scripts if one.error]
    guilty = next((one for one in bad if one.state == "empty-log"), bad[-1] if bad else None)
    newest = files.newest_log
    return Start(
        state="empty-log" if guilty and guilty.state == "empty-log" else "unknown",
        source="log" if newest else "none",
        started=datetime.fromtimestamp(newest.mtime_s, UTC) if newest else None,
        scripts=scripts if newest else (),
        notes=notes,
        **_blame(guilty),
    )


def _script_of_log(
    files: ServerFiles, name: str, complaints: Mapping[str, str], now_s: float
) -> ScriptStart:
    seen = files.logs.get(name)
    is_empty = seen is not None and not seen.size_bytes and now_s - seen.mtime_s > SETTLED_S
    return ScriptStart(
        name=name,
        state="empty-log" if is_empty else "unknown",
        stdout_bytes=seen.size_bytes if seen else 0,
        error=_EMPTY_LOG if is_empty else tidy(complaints.get(name, "")),
        **_logs(files, name),
    )
