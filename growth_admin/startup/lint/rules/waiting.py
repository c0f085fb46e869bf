"""What makes a start wait: the network, a question that nobody answers, a loop without an end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from growth_admin.startup.lint.findings import Finding
from growth_admin.startup.lint.model import Call, Loop, Script
from growth_admin.startup.lint.rules.found import finding
from growth_admin.startup.lint.rules.network import is_local, network_program

_LONG_SLEEP_S = 60


def check(script: Script) -> Iterator[Finding]:
    """Yield fetches without a time limit, endless loops, and output that is held open."""
    for call in script.calls:
        yield from _fetch(call, script)
        yield from _never_ends(call)
    yield from _loops(script)
    yield from _held_open(script)


def has_deadline(call: Call) -> bool:
    """Return whether a wrapper ends the call after a time."""
    return bool({"timeout", "gtimeout"} & set(call.wrappers))


def _fetch(call: Call, script: Script) -> Iterator[Finding]:
    program = network_program(call, script)
    if program is None or has_deadline(call) or call.is_background or is_local(call):
        return
    yield finding(
        call,
        "warning",
        "no-timeout",
        f"{program} has no time limit: when the other side is slow, or the room's network is,"
        " every server waits here and nobody gets in.",
        _LIMITS.get(program, f"Put a limit before it: timeout 60 {program} ..."),
    )


_LIMITS = {
    "curl": "Add --max-time 60 (--connect-timeout alone does not end a slow transfer),"
    " or put timeout 60 before it.",
    "wget": "Add --timeout=20 --tries=2, or put timeout 60 before it.",
    "rsync": "Add --timeout=30 --contimeout=10, or put timeout 60 before it.",
    "ssh": "Add -o ConnectTimeout=10 -o BatchMode=yes, or put timeout 60 before it.",
}


def _never_ends(call: Call) -> Iterator[Finding]:
    if call.is_background or has_deadline(call):
        return
    values, name = call.values, call.name
    is_endless = (
        (name == "tail" and call.has("f", "F", "--follow"))
        or (name == "sleep" and "infinity" in values)
        or (name == "ping" and not call.has("c", "w"))
        or name == "watch"
        or (name == "inotifywait" and call.has("m", "--monitor"))
        or (name == "journalctl" and call.has("f"))
        or (name == "yes" and call.pipe is None)
        or (
            name == "jupyter"
            and values[:1] in {("lab",), ("notebook",), ("server",)}
            and not set(values)
            & {
                "list",
                "stop",
                "build",
                "clean",
                "--version",
                "path",
                "workspaces",
                "extension",
                "password",
                "--generate-config",
            }
        )
        or (name.startswith("python") and "http.server" in values)
    )
    if is_endless:
        yield finding(
            call,
            "error",
            "endless",
            f"{name} does not end by itself, so the start stands here until its time limit.",
            "Run it in the background with its output in a file: ... >~/.x.log 2>&1 &",
        )
    elif name == "sleep" and not call.loops and _seconds(values) >= _LONG_SLEEP_S:
        yield finding(
            call,
            "warning",
            "endless",
            f"Sleeps {_seconds(values):.0f} s, and every student waits that long.",
            "Take it out, or wait for the thing itself with a limit.",
        )


def _seconds(values: tuple[str, ...]) -> float:
    total = 0.0
    for value in values:
        match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd]?)", value)
        if match:
            unit = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}[match.group(2)]
            total += float(match.group(1)) * unit
    return total


def _loops(script: Script) -> Iterator[Finding]:
    for loop in script.loops:
        if loop.is_endless and not loop.has_way_out:
            if not loop.is_background:
                yield finding(
                    loop.line,
                    "error",
                    "endless",
                    "This loop has no way out, so the start stands here until its time limit.",
                    "Count the rounds (for i in 1 2 3 4 5) and leave with break,"
                    " or run it in the background with a sleep.",
                )
            elif not loop.has_sleep:
                yield finding(
                    loop.line,
                    "warning",
                    "endless",
                    "This loop runs without a pause and takes a whole processor per student.",
                    "Put a sleep into it.",
                )
        elif loop.is_endless and not loop.has_sleep and not loop.counts and not _reads(loop):
            yield finding(
                loop.line,
                "info",
                "endless",
                "This loop ends only by break and does not pause between rounds.",
                "Put a sleep into it, and count the rounds.",
            )
        elif _waits_for_ever(loop):
            yield finding(
                loop.line,
                "warning",
                "endless",
                f"Waits until '{loop.condition[:60]}' changes, however long that takes; if it"
                " never does, no server starts.",
                "Count the rounds: for i in $(seq 30); do CONDITION && break; sleep 1; done",
            )


def _reads(loop: Loop) -> bool:
    return any(call.name in {"read", "shift"} for call in loop.condition_calls)


def _waits_for_ever(loop: Loop) -> bool:
    """Return whether the loop polls something outside the script without counting."""
    if loop.kind == "for" or loop.is_endless or loop.is_background or not loop.has_sleep:
        return False
    if loop.has_way_out or loop.counts or _reads(loop):
        return False
    return bool(loop.condition_calls) and not any(has_deadline(c) for c in loop.condition_calls)


def _held_open(script: Script) -> Iterator[Finding]:
    """Yield background commands that keep the start's output open."""
    if any(call.name == "wait" for call in script.calls):
        return
    told: set[int] = set()
    for call in script.calls:
        if not call.is_background or call.is_substitution or call.background_line in told:
            continue
        if call.pipe is not None and not call.pipe.is_last:
            continue
        redirects = call.all_redirects
        is_out = any(r.frees_stdout for r in redirects)
        is_err = any(r.frees_stderr for r in redirects) or (any(r.op == "&>" for r in redirects))
        if is_out and is_err:
            continue
        told.add(call.background_line)
        stream = "error output" if is_out else "output"
        yield finding(
            call.background_line,
            "warning",
            "background-output",
            f"{call.name} stays behind in the background with the start's {stream} still open:"
            " the log can wait for it as long as it runs.",
            "Send its output elsewhere: ... >~/.NAME.log 2>&1 </dev/null &",
        )
