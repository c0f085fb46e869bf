"""Which of the first rows is the heading, if there is one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from growth_admin.roster.lists.addresses import looks_like_address
from growth_admin.roster.lists.cells import plain
from growth_admin.roster.lists.evidence import SAMPLE, Cells, is_data
from growth_admin.roster.lists.headings import (
    EXACT,
    OWN,
    guess,
    is_kind_of_people,
    is_of_course_system,
    role_of,
)
from growth_admin.roster.lists.lines import Line

HEADING_WITHIN: Final = 20
"""Rows that are searched for the heading; exports put titles above it."""


def find_heading(lines: Sequence[Line]) -> int | None:
    """Return which of the first lines is the heading, if there is one."""
    best, best_score = None, 0
    for at, line in enumerate(lines[:HEADING_WITHIN]):
        if any(is_data(cell) for cell in line.cells):
            break
        score = _heading_score(line, lines[at + 1 : at + 1 + SAMPLE])
        if score > best_score:
            best, best_score = at, score
    return best if best is not None else _by_contrast(lines)


def _heading_score(line: Line, below: Sequence[Line]) -> int:
    """Return how surely a line is the heading; a phrase counts only if the cells below agree."""
    score = sum(20 for cell in line.cells if _known(cell))
    kinds = 0
    for index, cell in enumerate(line.cells):
        if any(other.cell(index) == cell and other.cells != line.cells for other in below[:50]):
            continue
        for one in guess(cell)[:1]:
            if is_kind_of_people(cell):
                kinds += one.score
            elif one.score >= EXACT - 5 or one.score == OWN:
                score += one.score
            elif not one.is_weak and one.field in ("login", "email") and len(cell) < 400:
                score += one.score if Cells(below, index).agree(one.field) else 0
    score += kinds if score else 0
    filled = sum(1 for cell in line.cells if cell.strip())
    wide = max((sum(1 for cell in other.cells if cell.strip()) for other in below[:5]), default=1)
    return score if filled > 1 or wide == 1 else score // 4 if score >= EXACT else 0


def _known(cell: str) -> bool:
    """Return whether a cell is a heading that no person's row has."""
    return bool(role_of(cell)) or is_of_course_system((cell,))


def _by_contrast(lines: Sequence[Line]) -> int | None:
    """Return 0 when the first line has words where all others have addresses: a foreign heading."""
    if len(lines) < 2:
        return None
    first, others = lines[0], lines[1 : 1 + SAMPLE]
    for index, cell in enumerate(first.cells):
        below = [plain(line.cell(index)) for line in others]
        if (
            cell.strip()
            and not looks_like_address(cell)
            and not is_data(cell)
            and all(map(is_data, below))
        ):
            return 0
    return None
