"""What the rules share: making a finding, and asking which guard protects a path."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from growth_admin.startup.lint.findings import Finding, Severity
from growth_admin.startup.lint.model import Call, Guard, Script, Word
from growth_admin.startup.lint.places import UNKNOWN, is_under, normal

_EXISTENCE = frozenset(("-e", "-f", "-d", "-s", "-r", "-L", "-h", "-a"))


def finding(
    at: Call | Word | int,
    severity: Severity,
    rule: str,
    message: str,
    hint: str,
) -> Finding:
    """Return a finding at a call, a word or a line."""
    line = at if isinstance(at, int) else at.line
    column = None if isinstance(at, int) else at.column
    return Finding(
        line=line, column=column, severity=severity, rule=rule, message=message, hint=hint
    )


def paths_of(word: Word, call: Call) -> list[str]:
    """Return every path that a word may name, made normal against the call's folder."""
    return [normal(value, call.cwd) for value in word.values if value]


def paths_in(words: Iterable[Word], call: Call) -> list[str]:
    """Return every path that the words may name."""
    return [path for word in words for path in paths_of(word, call)]


def is_same_place(first: str, second: str) -> bool:
    """Return whether one of two paths is, or contains, the other."""
    if UNKNOWN in {first, second}:
        return False
    return is_under(first, second) or is_under(second, first)


def tested_absent(call: Call) -> Iterator[str]:
    """Yield the paths that must *not* exist for the call to run."""
    yield from _tested(call, is_wanted_absent=True)


def tested_links(call: Call) -> Iterator[str]:
    """Yield the paths that must be symbolic links for the call to run."""
    for guard in call.guards:
        for test in guard.calls:
            if test.name != "[" or guard.is_negated:
                continue
            pairs = zip(test.args, test.args[1:], strict=False)
            for operator, word in pairs:
                if operator.value in {"-L", "-h"}:
                    yield from paths_of(word, test)


def _tested(call: Call, *, is_wanted_absent: bool) -> Iterator[str]:
    for guard in call.guards:
        for test in guard.calls:
            if test.name in {"ls", "stat"} and guard.is_negated == is_wanted_absent:
                yield from paths_in(test.operands, test)
            if test.name != "[":
                continue
            is_negated = guard.is_negated
            for index, word in enumerate(test.args[:-1]):
                if word.value == "!":
                    is_negated = not guard.is_negated
                elif word.value in _EXISTENCE:
                    if is_negated == is_wanted_absent:
                        yield from paths_of(test.args[index + 1], test)
                    is_negated = guard.is_negated


def is_only_if_absent(call: Call, targets: Iterable[str]) -> bool:
    """Return whether the call runs only while one of its targets does not exist."""
    wanted = list(targets)
    return any(is_same_place(path, target) for path in tested_absent(call) for target in wanted)


def looks_into(guard: Guard, path: str, script: Script) -> bool:
    """Return whether a guard reads the file at ``path`` (not only whether it exists)."""
    for call in guard.calls:
        if call.name == "[":
            continue
        if call.name == "git" and "config" in call.values and path.endswith("/.gitconfig"):
            return True
        words = [*call.args, *(r.target for r in call.redirects if r.target and r.op == "<")]
        if path in paths_in(words, call):
            return True
    tail = path.rsplit("/", 1)[-1]
    for assignment in script.assignments:
        is_used = re.search(rf"\$\{{?{re.escape(assignment.name)}\b", guard.text)
        if is_used and tail in assignment.raw and "$(" in assignment.raw:
            return True
    return False


def makes(call: Call, script: Script) -> Iterator[str]:
    """Yield the files that a call makes anew and that so are the script's own."""
    for redirect in call.redirects:
        if redirect.is_write and redirect.target is not None:
            yield from paths_of(redirect.target, call)
    if call.name in {"touch", "mkdir", "mktemp", "tee"}:
        yield from paths_in(call.operands, call)
    if call.name in {"curl", "wget"}:
        output = call.option("-o", "-O", "--output", "--output-document")
        if output:
            yield normal(output, call.cwd)
    if call.name == "mktemp":
        yield normal("/tmp/mktemp", call.cwd)


def made_before(call: Call, script: Script) -> set[str]:
    """Return the files that the script itself made before this call."""
    earlier = (other for other in script.calls if other.order < call.order)
    return {path for other in earlier for path in makes(other, script)}
