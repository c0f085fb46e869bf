"""Tables as every format becomes one: numbered lines of cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Format = Literal["csv", "tsv", "xlsx", "text"]


@dataclass(frozen=True)
class Line:
    """One row that holds anything; ``number`` is the row in the spreadsheet, from 1."""

    number: int
    cells: tuple[str, ...]

    def cell(self, index: int) -> str:
        """Return a cell; rows may be shorter than others."""
        return self.cells[index] if index < len(self.cells) else ""


@dataclass(frozen=True)
class Table:
    """The rows of a list. ``remarks`` tell what was not certain about the file as a whole."""

    format: Format
    lines: tuple[Line, ...]
    title: str = ""
    is_pasted: bool = False
    remarks: tuple[str, ...] = ()
