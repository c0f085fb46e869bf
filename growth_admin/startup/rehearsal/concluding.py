"""From what the two runs left behind to sentences that an organiser can act on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from growth_admin.startup.rehearsal.report import Conclusion, FileChange, ScriptRun

_NETWORK = re.compile(
    r"could not resolve|name resolution|network is unreachable|failed to connect|unable to access"
    r"|no route to host|nameresolutionerror|newconnectionerror|connection refused"
    r"|couldn't connect|resolving .* failed|temporary failure",
    re.IGNORECASE,
)
_READ_ONLY = re.compile(r"read-only file system|permission denied", re.IGNORECASE)
_MISSING = re.compile(r"(?:^|[\s:])([\w.+-]+): (?:command )?not found$", re.MULTILINE)
_SETTINGS = re.compile(r"^~/\.(bashrc|profile|bash_profile|gitconfig|jupyter/)")
_LOG = re.compile(r"(\.log|history|\.jsonl|\.csv)$")
_NAMED = 6
_BIG_BYTES = 20_000_000


def conclude(
    runs: Sequence[ScriptRun], *, limit_s: float, has_network: bool, shared_root: str
) -> tuple[Conclusion, ...]:
    """Return the sentences, the worst first."""
    found: dict[str, Conclusion] = {}
    for line in _all(runs, limit_s=limit_s, has_network=has_network, shared_root=shared_root):
        found.setdefault(line.text, line)
    order = {"error": 0, "warning": 1, "info": 2}
    return tuple(sorted(found.values(), key=lambda line: order[line.severity]))


def _all(
    runs: Sequence[ScriptRun], *, limit_s: float, has_network: bool, shared_root: str
) -> Iterator[Conclusion]:
    first_codes = {run.script: run.is_well for run in runs if run.run == 1}
    for run in runs:
        yield from _ending(run, first_codes, limit_s=limit_s, has_network=has_network)
        yield from _losses(run)
        yield from _attempts(run, shared_root)
    grown = [(name, run) for run in runs for name in run.grown]
    for name, run in grown:
        yield _growth(name, run)
    names_grown = {name for name, _ in grown}
    yield from _additions(runs, names_grown)
    second = [run for run in runs if run.run == 2]
    if second and all(not run.changes and run.is_well for run in second):
        yield Conclusion(severity="info", text="changes nothing on the second run")


def _ending(
    run: ScriptRun, first_is_well: dict[str, bool], *, limit_s: float, has_network: bool
) -> Iterator[Conclusion]:
    which = f"{run.script} on the {'first' if run.run == 1 else 'second'} run"
    lacks_network = not has_network and _NETWORK.search(run.stderr + run.stdout) is not None
    if run.is_timed_out:
        yield Conclusion(severity="error", text=f"{which} does not end within {limit_s:g} s")
    elif run.stopped_because:
        yield Conclusion(severity="error", text=f"{which} was stopped: {run.stopped_because}")
    elif run.exit_code != 0:
        how = f"is killed by signal {run.signal}" if run.signal else f"fails ({run.exit_code})"
        only_then = run.run == 2 and first_is_well.get(run.script, False)
        text = f"{which} {how}" + (", though the first went well" if only_then else "")
        text += f": {_last_line(run.stderr)}" if _last_line(run.stderr) else ""
        if lacks_network:
            text += " (a rehearsal has no network unless it is asked for)"
        yield Conclusion(severity="warning" if lacks_network else "error", text=text)
    elif lacks_network:
        yield Conclusion(
            severity="info",
            text=f"{run.script} asks the network, which a rehearsal does not have; it went on",
        )
    for program in sorted(set(_MISSING.findall(run.stderr)))[:_NAMED]:
        yield Conclusion(
            severity="warning", text=f"{run.script} calls {program}, which is not installed here"
        )
    if run.left_processes:
        yield Conclusion(
            severity="warning",
            text=f"{run.script} leaves {run.left_processes} process"
            f"{'es' if run.left_processes > 1 else ''} running in the background",
        )
    if run.dropped_bytes:
        yield Conclusion(
            severity="warning",
            text=f"{run.script} prints {run.stdout_bytes + run.stderr_bytes:,} bytes;"
            " a log keeps only the beginning",
        )


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:200] if lines else ""


def _losses(run: ScriptRun) -> Iterator[Conclusion]:
    deleted = [c for c in run.changes if c.kind == "deleted" and c.path.startswith("~/")]
    changed = [c for c in run.changes if c.kind == "changed" and c.is_work]
    for change in deleted[:_NAMED]:
        yield Conclusion(severity=_weight(change), text=f"deletes {_what(change)}")
    for change in changed[:_NAMED]:
        yield Conclusion(severity="error", text=f"overwrites {_what(change)}")
    more = max(0, len(deleted) - _NAMED) + max(0, len(changed) - _NAMED)
    if more:
        yield Conclusion(severity="error", text=f"deletes or overwrites {more} more files")
    for change in run.changes:
        if change.kind == "changed" and _SETTINGS.match(change.path):
            before, after = change.size_before_bytes or 0, change.size_after_bytes or 0
            if after < before:
                yield Conclusion(
                    severity="warning",
                    text=f"shortens the student's {_short(change)} by {before - after} bytes",
                )


def _weight(change: FileChange) -> Literal["error", "warning"]:
    return "error" if change.is_work or _SETTINGS.match(change.path) else "warning"


def _short(change: FileChange) -> str:
    return change.path.removeprefix("~/")


def _what(change: FileChange) -> str:
    if change.path.endswith(".ipynb"):
        return f"a student's notebook: {_short(change)}"
    return f"a student's {'settings' if _SETTINGS.match(change.path) else 'file'}: {_short(change)}"


def _attempts(run: ScriptRun, shared_root: str) -> Iterator[Conclusion]:
    for line in (run.stderr + "\n" + run.stdout).splitlines():
        if not _READ_ONLY.search(line):
            continue
        for root, name in (
            (shared_root, "the shared folder"),
            ("/nfs", "the shared folder"),
            ("/home/admin", "the organisers' folder"),
        ):
            if f"{root}/" in line or f"{root}'" in line or f"{root}:" in line:
                yield Conclusion(
                    severity="error",
                    text=f"{run.script} tries to change {name} {root}, which all servers share",
                )
                return


def _growth(name: str, run: ScriptRun) -> Conclusion:
    change = next(c for c in run.changes if c.path == name)
    more = (change.size_after_bytes or 0) - (change.size_before_bytes or 0)
    is_log = _LOG.search(name) is not None
    text = f"{name.removeprefix('~/')} grows on each start (+{more} bytes on the second run)"
    return Conclusion(severity="info" if is_log else "error", text=text)


def _additions(runs: Sequence[ScriptRun], grown: set[str]) -> Iterator[Conclusion]:
    first = [run for run in runs if run.run == 1]
    written = sum(run.written_bytes for run in first)
    if written > _BIG_BYTES:
        yield Conclusion(
            severity="warning",
            text=f"writes {written / 1e6:.0f} MB into each home:"
            f" {written * 100 / 1e9:.1f} GB for 100 students",
        )
    created = [c for run in first for c in run.changes if c.kind == "created"]
    if created:
        names = ", ".join(_short(change) for change in created[:_NAMED])
        more = f" and {len(created) - _NAMED} more" if len(created) > _NAMED else ""
        yield Conclusion(severity="info", text=f"creates {names}{more}")
    for change in (c for run in first for c in run.changes if c.kind == "changed"):
        if not change.is_work and change.path not in grown:
            yield Conclusion(severity="info", text=f"changes {_short(change)} once")
