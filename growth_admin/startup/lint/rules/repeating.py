"""What is done again at every start although once was meant."""

from __future__ import annotations

import re
from collections.abc import Iterator

from growth_admin.startup.lint.findings import Finding
from growth_admin.startup.lint.model import Call, Script
from growth_admin.startup.lint.places import (
    is_hidden,
    is_home,
    is_regenerated,
    is_work,
    normal,
    spoken,
)
from growth_admin.startup.lint.rules.deleting import git_command
from growth_admin.startup.lint.rules.found import (
    finding,
    is_only_if_absent,
    is_same_place,
    looks_into,
    makes,
    paths_in,
    paths_of,
    tested_absent,
)

_LOGS = re.compile(r"(log|history|journal|audit|\.csv|\.tsv|\.jsonl|\.out|\.err|trace)$", re.I)


def check(script: Script) -> Iterator[Finding]:
    """Yield appends without a guard that looks in the file, and steps that work only once."""
    for call in script.calls:
        for path, line in _appended(call):
            if is_home(path) and not _is_fine(call, path, script):
                yield finding(
                    line,
                    "warning",
                    "grows-each-start",
                    f"Appends to {spoken(path)} at every start: after a week it holds the same"
                    " line dozens of times, and logging in gets slower and stranger.",
                    f"Look in the file first: grep -qxF 'LINE' {spoken(path)} ||"
                    f" echo 'LINE' >> {spoken(path)}",
                )
                break
        yield from _works_once(call, script)


def _appended(call: Call) -> Iterator[tuple[str, int]]:
    """Yield each file that the call appends to, with the line."""
    for redirect in call.redirects:
        if redirect.is_append and redirect.target is not None:
            for path in paths_of(redirect.target, call):
                yield path, redirect.line or call.line
    if call.name == "tee" and call.has("a", "--append"):
        for path in paths_in(call.operands, call):
            yield path, call.line
    if call.name in {"sed", "gsed"} and any(
        re.match(r"^(-\w*i|--in-place)", v) for v in call.values
    ):
        program = call.option("-e") or (call.operands[0].value if call.operands else "")
        if re.match(r"^\s*(\$|\d+)\s*[aic]\b|^\s*(\$|\d+)\s*[ai]\s*\\?", program):
            for path in paths_in(call.operands[-1:], call):
                yield path, call.line
    if call.name == "git" and {"config", "--add", "--global"} <= set(call.values):
        yield normal("/home/x/.gitconfig", call.cwd), call.line


def _is_fine(call: Call, path: str, script: Script) -> bool:
    if is_regenerated(path) or _LOGS.search(path):
        return True
    if any(looks_into(guard, path, script) for guard in call.guards):
        return True
    absent = list(tested_absent(call))
    if any(is_same_place(gone, path) for gone in absent):
        return True
    made = {p for other in script.calls for p in makes(other, script)}
    if any(gone in made for gone in absent):
        return True
    return any(_renews(other, path) for other in script.calls if other.order < call.order)


def _renews(call: Call, path: str) -> bool:
    """Return whether an earlier call puts the file back to a known state."""
    if any(
        r.is_write and not r.is_append and r.target is not None and path in paths_of(r.target, call)
        for r in call.redirects
    ):
        return True
    if call.name in {"rm", "cp", "mv", "install", "truncate"}:
        return path in paths_in(call.operands, call)
    if call.name in {"sed", "gsed", "perl"} and path in paths_in(call.operands, call):
        return any(re.match(r"^(-\w*i|--in-place)", value) for value in call.values)
    return False


def _works_once(call: Call, script: Script) -> Iterator[Finding]:
    """Yield steps that succeed at the first start and fail at each later one."""
    is_guarded = call.is_handled or bool(call.guards and list(_protecting(call)))
    if call.name == "git" and not is_guarded and not call.is_condition:
        subcommand, rest, folder = git_command(call)
        operands = [value for value in rest if not value.startswith("-")]
        target = normal(operands[-1], folder) if operands else folder
        is_fresh = any(_renews(o, target) for o in script.calls if o.order < call.order)
        if (
            subcommand == "clone"
            and not is_fresh
            and (is_home(target) or (len(operands) == 1 and is_home(folder)))
        ):
            yield finding(
                call,
                "warning",
                "not-repeatable",
                "git clone works at the first start only: at the second the folder exists and"
                " git stops with exit code 128.",
                "Use gitpuller, or: if [ -d DIR/.git ]; then timeout 60 git -C DIR pull --ff-only;"
                " else timeout 60 git clone URL DIR; fi",
            )
    if call.name == "ln" and not is_guarded and not call.has("f", "--force", "n", "b"):
        links = paths_in(call.operands[-1:], call)
        is_ours = len(call.operands) > 1 and any(is_work(p) or is_hidden(p) for p in links)
        earlier = [other for other in script.calls if other.order < call.order]
        if is_ours and not any(_renews(other, links[0]) for other in earlier):
            yield finding(
                call,
                "warning",
                "not-repeatable",
                "ln -s works at the first start only: at the second the link exists, and ln"
                " fails or puts a link inside the linked folder.",
                "Use ln -sfn SOURCE LINK: it gives the same result each time.",
            )
    is_fatal = call.has_errexit and not is_guarded and not call.is_condition
    is_ours = any(is_home(path) for path in paths_in(call.operands, call))
    if call.name == "mkdir" and is_fatal and is_ours and not call.has("p", "--parents"):
        yield finding(
            call,
            "warning",
            "not-repeatable",
            "mkdir fails at the second start because the folder exists, and set -e then"
            " ends the script here.",
            "Use mkdir -p.",
        )


def _protecting(call: Call) -> Iterator[str]:
    """Yield what shows that somebody thought of the second start."""
    yield from tested_absent(call)
    for guard in call.guards:
        if guard.kind == "case" or any(c.name not in {"[", "true", "cd"} for c in guard.calls):
            yield guard.text
        if is_only_if_absent(call, paths_in(call.operands, call)):
            yield guard.text
