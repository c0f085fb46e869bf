"""What a ``$(...)`` or the left side of a pipe prints, as far as the paths in it matter."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from growth_admin.startup.lint.findings import words
from growth_admin.startup.lint.model import Call, Word
from growth_admin.startup.lint.places import HOME, UNKNOWN, USER, normal

_FILTERS = words(
    "grep egrep fgrep sed awk gawk sort uniq head tail tr cut tac tee cat xargs shuf column"
)


def find_roots(call: Call) -> tuple[Word, ...]:
    """Return the folders that a ``find`` walks."""
    roots: list[Word] = []
    for word in call.args:
        if word.value in {"-H", "-L", "-P"}:
            continue
        if word.value.startswith(("-", "(", "!")):
            break
        roots.append(word)
    return tuple(roots) or (Word(".", (".",), call.line),)


def find_patterns(call: Call) -> tuple[str, ...]:
    """Return the ``-name`` and ``-path`` patterns that a ``find`` asks for (negated ones apart)."""
    patterns: list[str] = []
    values = call.values
    for index, value in enumerate(values[:-1]):
        if value in {"-name", "-iname", "-path", "-ipath", "-wholename"}:
            is_negated = index > 0 and values[index - 1] in {"!", "-not"}
            if not is_negated:
                patterns.append(values[index + 1])
    return tuple(patterns)


def finds_nothing_dear(call: Call) -> bool:
    """Return whether a ``find`` picks only links or what is empty."""
    pairs = set(zip(call.values, call.values[1:], strict=False))
    is_link = ("-type", "l") in pairs or any(first == "-xtype" for first, _ in pairs)
    return is_link or "-empty" in call.values


def found_by(call: Call) -> tuple[str, ...]:
    """Return paths that stand for what a ``find`` prints."""
    if finds_nothing_dear(call):
        return (UNKNOWN,)
    patterns = find_patterns(call) or ("*",)
    roots = [value for word in find_roots(call) for value in word.values]
    return tuple(f"{root}/{pattern.lstrip('/')}" for root in roots for pattern in patterns)


def printed_by(calls: Sequence[Call]) -> tuple[str, ...]:
    """Return what the last of the calls (stages of a pipeline) prints, ``UNKNOWN`` if untold."""
    flowing: tuple[str, ...] = (UNKNOWN,)
    for call in calls:
        if call.name in _FILTERS and calls[0] is not call:
            continue
        flowing = _printed(call)
    return flowing


def _printed(call: Call) -> tuple[str, ...]:
    operands = [value for word in call.operands for value in word.values]
    match call.name:
        case "mktemp":
            folder = call.option("-p", "--tmpdir")
            if folder:
                return (f"{folder}/mktemp",)
            has_template = bool(operands) and not call.has("t", "-t") and "/" in operands[-1]
            return (operands[-1],) if has_template else ("/tmp/mktemp",)
        case "pwd":
            return (call.cwd,)
        case "dirname":
            return tuple(posixpath.dirname(value) or "." for value in operands) or (UNKNOWN,)
        case "basename":
            return tuple(value.rsplit("/", 1)[-1] for value in operands[:1]) or (UNKNOWN,)
        case "realpath" | "readlink":
            return tuple(operands) or (UNKNOWN,)
        case "echo" | "printf":
            return (" ".join(value for value in operands),) if operands else (UNKNOWN,)
        case "find":
            return found_by(call)
        case "ls":
            return tuple(v if "*" in v else f"{v}/*" for v in operands) or (f"{call.cwd}/*",)
        case "whoami" | "logname":
            return (USER,)
        case "id":
            return (USER,) if call.has("n") else (UNKNOWN,)
        case "tar" | "bsdtar":
            return (normal(call.option("-C", "--directory") or "", call.cwd) + "/*", *operands)
        case "getent":
            return (HOME,) if "passwd" in operands else (UNKNOWN,)
    return (UNKNOWN,)
