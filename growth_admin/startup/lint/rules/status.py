"""Failures that nobody hears of: exit codes swallowed by pipes and by a last ``exit 0``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from growth_admin.startup.lint.findings import Finding, words
from growth_admin.startup.lint.model import Call, Script
from growth_admin.startup.lint.rules.found import finding
from growth_admin.startup.lint.rules.network import network_program

_TRIVIAL = words(
    "echo printf cat date ls id env true yes : find grep egrep fgrep sed awk head tail sort "
    "uniq cut tr wc tee pwd whoami hostname uname df du ps [ set shopt export cd read seq test "
    "> tac xargs basename dirname local return break continue mkdir sleep stat readlink column "
    "jq getent printenv type which command pgrep sha256sum md5sum cmp diff"
)
_SINKS = frozenset(["tee", "cat", "logger", "ts", "systemd-cat", "bash", "sh", "dash", "multilog"])
_FILTERS = words("sed awk gawk grep egrep fgrep head tail while tr sort cut read jq tac")
_WORK = words("cp rsync tar unzip install make gitpuller conda mamba apt apt-get npm")

_READING = words(
    "list info env search config status log rev-parse branch diff show freeze --version remote "
    "describe ls-files init activate"
)
"""Subcommands that only look."""


def check(script: Script) -> Iterator[Finding]:
    """Yield pipes without pipefail whose left side may fail unnoticed, and a blind ``exit 0``."""
    pipes: dict[int, list[Call]] = {}
    for call in script.calls:
        if call.pipe is not None:
            pipes.setdefault(call.pipe.number, []).append(call)
    for calls in pipes.values():
        yield from _swallowed(calls, script)
    yield from _always_well(script)


def _swallowed(calls: list[Call], script: Script) -> Iterator[Finding]:
    last = [c for c in calls if c.pipe is not None and c.pipe.is_last]
    first = [c for c in calls if c.pipe is not None and not c.pipe.is_last]
    if not last or not first or first[0].pipe is None or first[0].pipe.has_pipefail:
        return
    if any("PIPESTATUS" in line for line in script.lines[first[0].line - 1 :]):
        return
    if all(call.is_background for call in calls):
        return
    for call in first:
        if call.is_handled and call.line != last[0].line and call.function:
            continue
        is_hidden = last[0].name in _SINKS and not _is_trivial(call, script)
        is_hidden = is_hidden and not (last[0].name == "cat" and call.is_substitution)
        is_lost = last[0].name in _FILTERS and _does_work(call, script)
        if is_hidden or (is_lost and not call.is_substitution):
            yield finding(
                call,
                "warning",
                "pipe-hides-exit",
                f"'{call.name} ... | {last[0].name}' reports how {last[0].name} ended, never how"
                f" {call.name} did: a failure passes for success.",
                "Put 'set -o pipefail' near the top (bash), or write to a file first:"
                f" {call.name} ... > FILE 2>&1",
            )
            return


def _is_trivial(call: Call, script: Script) -> bool:
    if call.function and call.name == "":
        return True
    return call.name in _TRIVIAL and not _does_work(call, script)


def _does_work(call: Call, script: Script) -> bool:
    """Return whether a failure of the call leaves a student without something."""
    if call.values and call.values[0] in _READING:
        return False
    if network_program(call, script) is not None or call.name in _WORK:
        return True
    if call.name in {"curl", "wget", "git", "pip", "pip3"}:
        return True
    if re.match(r"^(python[0-9.]*|bash|sh)$", call.name):
        return any(re.search(r"\.(py|sh)$", value) for value in call.values)
    return "/" in call.program.value and call.program.value.endswith((".py", ".sh"))


def _always_well(script: Script) -> Iterator[Finding]:
    if not script.calls or script.is_sourced:
        return
    last = max(script.calls, key=lambda call: call.line)
    says_well = (last.name == "exit" and last.values == ("0",)) or (
        last.name in {"true", ":"} and not last.is_condition and not last.guards
    )
    if not says_well or last.function or last.is_subshell:
        return
    if any(guard.kind != "early-exit" for guard in last.guards):
        return
    lost = [
        call
        for call in script.calls
        if _does_work(call, script)
        and not call.is_condition
        and not call.has_errexit
        and not call.is_substitution
        and not call.is_background
    ]
    if any("$?" in line for line in script.lines) or not lost:
        return
    yield finding(
        last,
        "warning",
        "failure-hidden",
        f"Always reports success, also when {lost[0].name} in line {lost[0].line} failed: the"
        " table of starts stays green while students sit without their material.",
        "Start with 'set -euo pipefail', or keep the result: cmd || status=1 ... exit $status",
    )
