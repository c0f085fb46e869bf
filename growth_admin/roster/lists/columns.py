"""How a table is to be read: its heading, what its columns hold, who stands below."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from growth_admin.core.errors import InvalidInput
from growth_admin.roster.lists.assigning import assign
from growth_admin.roster.lists.cells import plain, prose
from growth_admin.roster.lists.evidence import SAMPLE, Cells
from growth_admin.roster.lists.finding import find_heading
from growth_admin.roster.lists.headings import role_of
from growth_admin.roster.lists.lines import Line, Table
from growth_admin.roster.models import Column, FieldName

SHOWN: Final = 3
PASTED: Final[tuple[FieldName, ...]] = ("name", "email", "login")
"""Columns of pasted lines, which have been taken apart already."""


@dataclass(frozen=True)
class Layout:
    """How a table is to be read. ``fields`` has one entry per column, empty for one not used."""

    titles: tuple[str, ...]
    fields: tuple[FieldName, ...]
    lines: tuple[Line, ...]
    passed_over: tuple[Line, ...]
    heading: Line | None
    moment: int | None = None
    status: int | None = None

    @property
    def holds_people(self) -> bool:
        """Whether a column says whom to invite."""
        return bool({"login", "email", "github_id"} & set(self.fields))

    def title_of(self, field: FieldName, fields: Sequence[FieldName]) -> str:
        """Return the title of the first column with this field, its letter, or else its name."""
        for index, name in enumerate(fields):
            if name == field:
                return self.titles[index] or letter(index)
        return field

    def columns(self) -> tuple[Column, ...]:
        """Return the columns that hold anything, as the admin sees them."""
        found = []
        for index, field in enumerate(self.fields):
            cells = (prose(line.cell(index))[:80] for line in self.lines)
            samples = tuple(_first(cells, SHOWN))
            if samples or self.titles[index]:
                title = self.titles[index][:200]
                found.append(Column(index=index, title=title, field=field, samples=samples))
        return tuple(found)


def lay_out(table: Table, teams: Sequence[str]) -> Layout:
    """Return how a table is to be read."""
    lines = table.lines
    at = None if table.is_pasted else find_heading(lines)
    heading = None if at is None else lines[at]
    below = lines[at + 1 :] if at is not None else lines
    width = max((len(line.cells) for line in lines), default=0)
    titles = tuple(
        prose(heading.cell(i)).replace("\n", " ") if heading else "" for i in range(width)
    )
    if table.is_pasted:
        return Layout(PASTED, PASTED, lines, (), None)
    columns = [Cells(below[:SAMPLE], index) for index in range(width)]
    fields = assign(titles, columns, teams)
    roles = [role_of(title) for title in titles]
    return Layout(
        titles=titles,
        fields=fields,
        lines=tuple(line for line in below if not _is_repeated(line, heading)),
        passed_over=(
            *lines[: at or 0],
            *(line for line in below if _is_repeated(line, heading)),
        ),
        heading=heading,
        moment=roles.index("moment") if "moment" in roles else None,
        status=roles.index("status") if "status" in roles else None,
    )


def _is_repeated(line: Line, heading: Line | None) -> bool:
    """Return whether a line is the heading again, or one that Canvas puts among the people."""
    if heading is not None and line.cells == heading.cells:
        return True
    first = next((plain(cell).lower() for cell in line.cells if cell.strip()), "")
    return first in ("points possible", "student, test", "test student")


def mapped(layout: Layout, mapping: Mapping[int, FieldName] | None) -> tuple[FieldName, ...]:
    """Return the fields of the columns with the admin's choice over what was recognised.

    A field that the admin gives to a column is taken from the one that had it. Raises
    ``InvalidInput`` for a column that is not there.
    """
    if mapping is None:
        return layout.fields
    for index in mapping:
        if not 0 <= index < len(layout.fields):
            detail = f"The list has {len(layout.fields)} columns; there is none with index {index}."
            raise InvalidInput(
                detail, hint="Choose the columns again.", fields=[("mapping", detail)]
            )
    chosen = set(mapping.values())
    kept = (field if field not in chosen else "" for field in layout.fields)
    return tuple(mapping.get(index, field) for index, field in enumerate(kept))


def letter(index: int) -> str:
    """Return a column's letter as spreadsheets write it."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(65 + rest) + text
    return text


def _first(cells: Iterable[str], number: int) -> list[str]:
    found: list[str] = []
    for cell in cells:
        if cell and cell not in found:
            found.append(cell)
            if len(found) == number:
                break
    return found
