"""The words in which the rules see a script: calls, their words, redirects and guards.

A *call* is one command as it would run: wrappers such as ``sudo`` or ``timeout 30`` taken off and
noted, variables put in where the text gives their value, functions entered at each call. A *guard*
is a condition that decides whether the call runs at all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal


@dataclass(frozen=True)
class Word:
    """One word of a command: as written, and every value that the text lets it have."""

    raw: str
    values: tuple[str, ...]
    line: int
    column: int = 1

    @property
    def value(self) -> str:
        """Return the first possible value (``""`` if there is none)."""
        return self.values[0] if self.values else ""


@dataclass(frozen=True)
class Redirect:
    """One redirection; a here-document has ``op`` ``<<`` and its body in ``text``."""

    op: str
    fd: int | None
    target: Word | None = None
    text: str | None = None
    line: int = 0

    @property
    def is_write(self) -> bool:
        """Return whether the target is opened for writing (``>&1`` opens nothing)."""
        return self.op in {">", ">>", ">|", "&>", "&>>"}

    @property
    def is_append(self) -> bool:
        """Return whether the target is appended to."""
        return self.op in {">>", "&>>"}

    @property
    def frees_stdout(self) -> bool:
        """Return whether standard output goes elsewhere."""
        return self.op.startswith("&>") or (
            self.op in {">", ">>", ">|", ">&", ">&-"} and self.fd in {None, 1}
        )

    @property
    def frees_stderr(self) -> bool:
        """Return whether standard error goes elsewhere (or where standard output goes)."""
        return self.op.startswith("&>") or (
            self.op in {">", ">>", ">|", ">&", ">&-"} and self.fd == 2
        )


@dataclass(frozen=True)
class Guard:
    """A condition over a call. ``is_negated``: the call runs when the condition fails."""

    calls: tuple[Call, ...]
    text: str
    is_negated: bool
    kind: Literal["if", "list", "case", "loop", "early-exit"] = "if"


@dataclass(frozen=True)
class Loop:
    """A loop around a call, with what matters to the question whether it ends."""

    kind: Literal["for", "while", "until"]
    line: int
    condition: str
    condition_calls: tuple[Call, ...]
    is_endless: bool
    has_way_out: bool
    has_sleep: bool
    counts: bool
    is_background: bool


@dataclass(frozen=True)
class Pipe:
    """The pipeline a call stands in."""

    index: int
    stages: int
    has_pipefail: bool
    number: int

    @property
    def is_last(self) -> bool:
        """Return whether the call ends the pipeline."""
        return self.index == self.stages - 1


@dataclass(frozen=True)
class Call:
    """One command as it would run. ``name`` is the program's own name, without its folder."""

    name: str
    program: Word
    args: tuple[Word, ...]
    line: int
    column: int
    cwd: str
    wrappers: tuple[str, ...] = ()
    wrapper_words: tuple[str, ...] = ()
    assignments: tuple[str, ...] = ()
    redirects: tuple[Redirect, ...] = ()
    outer_redirects: tuple[Redirect, ...] = ()
    guards: tuple[Guard, ...] = ()
    loops: tuple[Loop, ...] = ()
    pipe: Pipe | None = None
    feed: tuple[str, ...] = ()
    background_line: int = 0
    is_condition: bool = False
    is_handled: bool = False
    is_subshell: bool = False
    is_substitution: bool = False
    has_errexit: bool = False
    function: str = ""
    order: int = 0

    @property
    def is_background(self) -> bool:
        """Return whether the script does not wait for it."""
        return self.background_line > 0

    @cached_property
    def values(self) -> tuple[str, ...]:
        """Return the first value of each argument."""
        return tuple(word.value for word in self.args)

    @cached_property
    def flags(self) -> frozenset[str]:
        """Return the options given: ``-rf`` as ``r`` and ``f``, ``--force=x`` as ``--force``."""
        found: set[str] = set()
        for value in self.values:
            if value == "--":
                break
            if value.startswith("--"):
                found.add(value.split("=", 1)[0])
            elif len(value) > 1 and value[0] == "-" and not value[1:].isdigit():
                found.update(value[1:].split("=", 1)[0])
                found.add(value)
        return frozenset(found)

    @cached_property
    def operands(self) -> tuple[Word, ...]:
        """Return the arguments that are no options (values of options are not told apart)."""
        rest: list[Word] = []
        is_over = False
        for word in self.args:
            if not is_over and word.value == "--":
                is_over = True
            elif is_over or not word.value.startswith("-") or word.value == "-":
                rest.append(word)
        return tuple(rest)

    def has(self, *flags: str) -> bool:
        """Return whether one of the options is given."""
        return any(flag in self.flags for flag in flags)

    def option(self, *names: str) -> str | None:
        """Return the value of an option (``-o X``, ``-oX`` or ``--out=X``), or None."""
        for index, value in enumerate(self.values):
            for name in names:
                if value == name:
                    return self.values[index + 1] if index + 1 < len(self.values) else ""
                if name.startswith("--") and value.startswith(name + "="):
                    return value[len(name) + 1 :]
                if len(name) == 2 and value.startswith(name) and not value.startswith("--"):
                    return value[2:]
        return None

    @property
    def all_redirects(self) -> tuple[Redirect, ...]:
        """Return its own redirections and those of the groups around it."""
        return self.redirects + self.outer_redirects

    @property
    def stdin_text(self) -> Redirect | None:
        """Return the here-document that feeds it, if there is one."""
        return next((r for r in self.redirects if r.op == "<<"), None)


@dataclass(frozen=True)
class Assignment:
    """A variable set in the script."""

    name: str
    raw: str
    values: tuple[str, ...]
    line: int
    is_exported: bool = False
    is_literal: bool = False


@dataclass(frozen=True)
class Code:
    """Text of another language inside the script (``python - <<EOF``, ``python -c``)."""

    language: str
    text: str
    line: int
    call: Call


@dataclass
class Script:
    """A whole script as the rules see it."""

    text: str
    name: str
    lines: list[str]
    interpreter: str
    is_sourced: bool
    is_root: bool
    shared_root: str
    home_size_bytes: int | None = None
    calls: list[Call] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    loops: list[Loop] = field(default_factory=list)
    codes: list[Code] = field(default_factory=list)
    heredocs: list[Redirect] = field(default_factory=list)
    comments: list[tuple[int, str]] = field(default_factory=list)
    strings: list[tuple[int, str]] = field(default_factory=list)
