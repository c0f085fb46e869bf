"""Takes wrappers off a command: ``sudo -n timeout 30 git pull`` is a ``git pull`` with a deadline.

Options that take a value are listed per wrapper, after the manual pages of sudo, coreutils,
util-linux and findutils.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

from growth_admin.startup.lint.findings import words
from growth_admin.startup.lint.model import Word

_VALUE_OPTIONS: dict[str, frozenset[str]] = {
    "sudo": words("-u -g -h -p -C -r -t -T -U -D -R --user --group --prompt --chdir"),
    "doas": frozenset(("-u", "-C")),
    "timeout": frozenset(("-k", "-s", "--kill-after", "--signal")),
    "gtimeout": frozenset(("-k", "-s", "--kill-after", "--signal")),
    "env": frozenset(("-u", "-C", "-S", "--unset", "--chdir")),
    "nice": frozenset(("-n", "--adjustment")),
    "ionice": frozenset(("-c", "-n", "-p", "--class", "--classdata")),
    "nohup": frozenset(),
    "setsid": frozenset(),
    "exec": frozenset(("-a",)),
    "command": frozenset(),
    "builtin": frozenset(),
    "time": frozenset(("-f", "-o")),
    "stdbuf": frozenset(("-i", "-o", "-e")),
    "unbuffer": frozenset(),
    "chronic": frozenset(),
    "xargs": frozenset(
        ["-I", "-n", "-P", "-L", "-d", "-a", "-E", "-s", "--max-args", "--max-procs", "--delimiter"]
    ),
    "parallel": frozenset(("-j", "--jobs", "--timeout")),
    "runuser": frozenset(("-u", "-g", "-G", "--user")),
    "setpriv": frozenset(("--reuid", "--regid", "--groups", "--inh-caps")),
    "flock": frozenset(("-w", "-E", "--timeout", "--wait")),
    "chroot": frozenset(),
    "busybox": frozenset(),
    "taskset": frozenset(),
    "gosu": frozenset(),
    "su-exec": frozenset(),
    "catchsegv": frozenset(),
    "conda-run": frozenset(("-n", "-p", "--name", "--prefix")),
    "coproc": frozenset(),
    "retry": frozenset(("-t", "-d", "-n")),
}
_OPERANDS = {
    "timeout": 1,
    "gtimeout": 1,
    "flock": 1,
    "chroot": 1,
    "taskset": 1,
    "gosu": 1,
    "su-exec": 1,
}
"""Operands that a wrapper takes before the command."""

_ASSIGNMENT = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*=")


@dataclass(frozen=True)
class Bare:
    """A command without its wrappers."""

    words: tuple[Word, ...]
    wrappers: tuple[str, ...]
    wrapper_words: tuple[str, ...]
    assignments: tuple[str, ...]


def basename(word: Word) -> str:
    """Return the program's own name: ``/usr/bin/git`` and ``\\git`` are ``git``."""
    return posixpath.basename(word.value.rstrip("/")) or word.value


def _skip(name: str, words: tuple[Word, ...]) -> int:
    """Return how many words belong to the wrapper itself, its name included."""
    index, wants_value = 1, _VALUE_OPTIONS[name]
    while index < len(words):
        value = words[index].value
        if value == "--":
            index += 1
            break
        if not value.startswith("-") or value == "-":
            break
        index += 2 if value in wants_value else 1
    return index + _OPERANDS.get(name, 0)


def unwrap(words: tuple[Word, ...], functions: frozenset[str]) -> Bare:
    """Return the command that really runs; a function's name is never a wrapper."""
    wrappers: list[str] = []
    taken: list[str] = []
    assignments: list[str] = []
    while words:
        while words and _ASSIGNMENT.match(words[0].value) and wrappers:
            assignments.append(words[0].value)
            words = words[1:]
        if not words:
            break
        name = basename(words[0])
        if name in functions:
            break
        if name in {"conda", "mamba", "micromamba"} and len(words) > 1 and words[1].value == "run":
            name, words = "conda-run", words[1:]
        if name not in _VALUE_OPTIONS:
            break
        if name == "command" and len(words) > 1 and words[1].value in {"-v", "-V"}:
            break
        count = _skip(name, words)
        if count >= len(words) and name not in {"env"}:
            break
        wrappers.append(name)
        taken.extend(word.value for word in words[1:count])
        words = words[count:]
    return Bare(words, tuple(wrappers), tuple(taken), tuple(assignments))
