"""Runs candidate start scripts twice in a throw-away root and tells what they did."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from growth_admin.startup.rehearsal import rerooted
from growth_admin.startup.rehearsal.concluding import conclude
from growth_admin.startup.rehearsal.isolation import Sandbox, chain_library, find_sandbox
from growth_admin.startup.rehearsal.report import (
    Conclusion,
    FileChange,
    RehearsalReport,
    ScriptRun,
)
from growth_admin.startup.rehearsal.running import Ended, run_watched
from growth_admin.startup.rehearsal.sample import STUDENT, STUDENT_ID
from growth_admin.startup.rehearsal.snapshot import Snapshot, take_snapshot
from growth_admin.startup.rehearsal.stage import Stage, make_etc, make_stage, throw_away

_ORDER = ("as-root.sh", "as-user.sh")
_CHANGES_LIMIT = 200
_PATH = "/opt/conda/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass
class _Rehearsal:
    """One rehearsal under way."""

    sandbox: Sandbox
    stage: Stage
    scripts: Mapping[str, bytes]
    limit_s: float
    has_network: bool
    on_line: Callable[[str], None] | None
    is_cancelled: Callable[[], bool] | None
    runs: list[ScriptRun] = field(default_factory=list)
    was_cancelled: bool = False
    grown_first: set[str] = field(default_factory=set)


def rehearse(
    scripts: Mapping[str, bytes],
    *,
    shared_root: Path,
    admin_root: Path,
    limit_s: float = 60,
    on_line: Callable[[str], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
    network: bool = False,
    sandbox: Sandbox | None = None,
) -> RehearsalReport:
    """Run as-root.sh, then as-user.sh (those given), twice, and return what they did.

    The home is made up and thrown away; ``shared_root`` and ``admin_root`` are shown read-only
    (a small sample where they do not exist). ``on_line`` gets each line of output. Raises
    ``OSError`` when there is no room for the throw-away root.
    """
    sandbox = sandbox or find_sandbox()
    work = Path(tempfile.mkdtemp(prefix="growth-rehearsal-"))
    try:
        stage = make_stage(
            work,
            scripts,
            shared_root,
            admin_root,
            is_rerooted=sandbox.kind == "re-rooted",
            is_direct=sandbox.is_direct,
        )
        rehearsal = _Rehearsal(sandbox, stage, scripts, limit_s, network, on_line, is_cancelled)
        refusal = ""
        if sandbox.kind == "re-rooted":
            refusal = rerooted.why_not(scripts, is_root=os.geteuid() == 0)
        if not refusal:
            _run_twice(rehearsal)
        lines = conclude(
            rehearsal.runs,
            limit_s=limit_s,
            has_network=network or sandbox.kind == "re-rooted",
            shared_root=str(shared_root),
        )
        if refusal:
            lines = (Conclusion(severity="error", text=f"was not run: {refusal}"),)
        return RehearsalReport(
            isolation=sandbox.kind,
            isolation_note=sandbox.note,
            has_network=network or sandbox.kind == "re-rooted",
            is_cancelled=rehearsal.was_cancelled,
            student=STUDENT,
            runs=tuple(rehearsal.runs),
            conclusions=lines,
        )
    finally:
        throw_away(work)


# -- the runs -----------------------------------------------------------------------------------


def _run_twice(rehearsal: _Rehearsal) -> None:
    both: tuple[Literal[1, 2], ...] = (1, 2)
    for number in both:
        if rehearsal.sandbox.kind != "re-rooted":
            make_etc(rehearsal.stage.etc)
        for name in (name for name in _ORDER if name in rehearsal.scripts):
            if rehearsal.is_cancelled is not None and rehearsal.is_cancelled():
                rehearsal.was_cancelled = True
            if rehearsal.was_cancelled:
                return
            _run_once(rehearsal, name, number)


def _run_once(rehearsal: _Rehearsal, name: str, number: Literal[1, 2]) -> None:
    stage, sandbox = rehearsal.stage, rehearsal.sandbox
    before = _look(rehearsal)
    as_root = name == "as-root.sh"
    command = sandbox.command(stage, name, as_root=as_root, network=rehearsal.has_network)
    if sandbox.kind == "re-rooted":
        command = rerooted.confined_command(command, stage)
    ended = run_watched(
        command,
        env=_environment(rehearsal, as_root=as_root),
        cwd=stage.home if sandbox.kind == "re-rooted" and stage.home.is_dir() else stage.work,
        watched=stage.work,
        limit_s=rehearsal.limit_s,
        on_line=rehearsal.on_line,
        is_cancelled=rehearsal.is_cancelled,
    )
    rehearsal.was_cancelled = rehearsal.was_cancelled or ended.is_cancelled
    stage.home.mkdir(parents=True, exist_ok=True)
    changes = _changes(before, _look(rehearsal))
    longer = {change.path for change in changes if _is_longer(change, before)}
    grown = tuple(sorted(longer & rehearsal.grown_first)) if number == 2 else ()
    if number == 1:
        rehearsal.grown_first |= longer | {c.path for c in changes if c.kind == "created"}
    rehearsal.runs.append(_told(name, number, ended, changes, grown))


def _look(rehearsal: _Rehearsal) -> Snapshot:
    """Return what the home holds, and (where it is a copy) /etc."""
    found = take_snapshot(rehearsal.stage.home, "~/")
    if rehearsal.sandbox.kind != "re-rooted":
        found |= take_snapshot(rehearsal.stage.etc, "/etc/")
    return found


def _environment(rehearsal: _Rehearsal, *, as_root: bool) -> dict[str, str]:
    """Return the environment of a start, without any token of ours."""
    stage, is_inside = rehearsal.stage, rehearsal.sandbox.kind != "re-rooted"
    home = f"/home/{STUDENT}" if is_inside else str(stage.home)
    library = chain_library()
    return {
        **({"GROWTH_CHAIN_LIB": library} if library else {}),
        "PATH": _PATH + ":" + str(Path(sys.prefix) / "bin"),
        "HOME": "/root" if as_root and is_inside else home,
        "USER": "root" if as_root else STUDENT,
        "LOGNAME": "root" if as_root else STUDENT,
        "SHELL": "/bin/bash",
        "LANG": "C.UTF-8",
        "TMPDIR": "/tmp" if is_inside else str(stage.work / "tmp"),
        "NB_USER": STUDENT,
        "NB_UID": str(STUDENT_ID),
        "NB_GID": str(STUDENT_ID),
        "JUPYTERHUB_USER": STUDENT,
        "JUPYTERHUB_SERVER_NAME": "",
        "GROWTH_AREAS": "",
        "GROWTH_GITHUB_ID": str(STUDENT_ID),
        "GROWTH_ADMIN_ROOT": str(stage.admin_root if is_inside else stage.admin),
        "GROWTH_SHARED_ROOT": str(stage.shared_root if is_inside else stage.shared),
        "GROWTH_START_LIMIT_S": f"{rehearsal.limit_s:g}",
        "GROWTH_REHEARSAL": "1",
    }


def _changes(before: Snapshot, after: Snapshot) -> list[FileChange]:
    """Return each path that is different, in the order of the paths."""
    found: list[FileChange] = []
    for path in sorted({*before, *after}):
        old, new = before.get(path), after.get(path)
        is_same = old is not None and new is not None and old == new
        if is_same or "/.git/" in path:
            continue
        kind: Literal["created", "changed", "deleted"] = "changed"
        if old is None or new is None:
            kind = "created" if old is None else "deleted"
        found.append(
            FileChange(
                path=path,
                kind=kind,
                size_before_bytes=None if old is None else old.size_bytes,
                size_after_bytes=None if new is None else new.size_bytes,
                is_work=old is not None and path.startswith("~/") and not path.startswith("~/."),
            )
        )
    return found


def _is_longer(change: FileChange, before: Snapshot) -> bool:
    """Return whether something was added to a file that had something in it."""
    if change.kind != "changed" or not change.path.startswith("~/"):
        return False
    return (change.size_after_bytes or 0) > (change.size_before_bytes or 0)


def _told(
    name: str,
    number: Literal[1, 2],
    ended: Ended,
    changes: list[FileChange],
    grown: tuple[str, ...],
) -> ScriptRun:
    kept = len(ended.stdout.data) + len(ended.stderr.data)
    total = ended.stdout.total_bytes + ended.stderr.total_bytes
    # deletions and growth are what the report is for: they come first when the list is cut
    weight = {"deleted": 0, "changed": 1, "created": 2}
    listed = sorted(changes, key=lambda change: (weight[change.kind], change.path))
    written = sum(c.size_after_bytes or 0 for c in changes if c.path.startswith("~/"))
    return ScriptRun(
        run=number,
        script=name,
        exit_code=ended.exit_code,
        signal=ended.signal,
        is_timed_out=ended.is_timed_out,
        duration_s=round(ended.duration_s, 3),
        stdout=ended.stdout.data.decode("utf-8", "replace"),
        stderr=ended.stderr.data.decode("utf-8", "replace"),
        stdout_bytes=ended.stdout.total_bytes,
        stderr_bytes=ended.stderr.total_bytes,
        dropped_bytes=total - kept,
        stopped_because=ended.stopped_because,
        left_processes=ended.left_processes,
        changes=tuple(listed[:_CHANGES_LIMIT]),
        dropped_changes=max(0, len(listed) - _CHANGES_LIMIT),
        grown=grown,
        written_bytes=written,
    )
