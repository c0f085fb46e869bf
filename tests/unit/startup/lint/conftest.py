"""The sets of scripts: a fault is marked in its line, ``# expect: RULE``, or as ``RULE@LINE``."""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from growth_admin.startup.lint import LintReport, lint_text

SETS = Path(__file__).parent
_MARK = re.compile(r"# expect: (.+)$")


@dataclass(frozen=True)
class Sample:
    """One script of a set with the faults that must be found in it."""

    path: Path
    expected: frozenset[tuple[int, str]]

    @cached_property
    def report(self) -> LintReport:
        """Return what the lint says of it, under the name it would have in the start folder."""
        name = "as-root.sh" if "root" in self.path.name else self.path.name
        mode = stat.S_IMODE(self.path.stat().st_mode)
        if "not-executable" not in self.path.name:
            mode |= 0o111  # archives and some checkouts lose the bit: not what is tested here
        return lint_text(self.path.read_bytes(), name=name, mode=mode)


def read_set(folder: str, pattern: str = "*.sh") -> list[Sample]:
    """Return the samples of a folder."""
    return [Sample(path, _expected(path)) for path in sorted((SETS / folder).glob(pattern))]


def _expected(path: Path) -> frozenset[tuple[int, str]]:
    found: set[tuple[int, str]] = set()
    for number, line in enumerate(path.read_bytes().decode("utf-8-sig").splitlines(), 1):
        match = _MARK.search(line)
        for word in match.group(1).split() if match else ():
            rule, _, at = word.partition("@")
            found.add((int(at or number), rule))
    return frozenset(found)


@pytest.fixture(scope="session")
def bad_set() -> list[Sample]:
    """Return the scripts with faults, those held out included."""
    return read_set("bad") + read_set("heldout", "bad*.sh")


@pytest.fixture(scope="session")
def good_set() -> list[Sample]:
    """Return the sound scripts, those held out included."""
    return read_set("good") + read_set("heldout", "good*.sh")
