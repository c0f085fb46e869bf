"""The door: a list of people as it is understood, and what is wrong with it. Changes nothing.

The same request gives the same answer, whenever and wherever it is asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePath
from typing import Final, get_args

from growth_admin.core.errors import InvalidInput
from growth_admin.roster.lists.cells import folded, plain, prose
from growth_admin.roster.lists.columns import Layout, lay_out, mapped
from growth_admin.roster.lists.duplicates import merge
from growth_admin.roster.lists.headings import names_github
from growth_admin.roster.lists.lines import Line, Table
from growth_admin.roster.lists.people import Person, RowReader
from growth_admin.roster.lists.signatures import refused
from growth_admin.roster.lists.tables import load_tables
from growth_admin.roster.lists.vocabulary import CANCELLED
from growth_admin.roster.models import (
    PEOPLE_LIMIT,
    CellProblem,
    Column,
    Correction,
    FieldName,
    ImportPreview,
    ImportRequest,
)

_FIELDS: Final[tuple[FieldName, ...]] = get_args(FieldName)
_JOINTS: Final[dict[str, str]] = {"name": " ", "given_name": " ", "family_name": " ", "note": "\n"}
"""Fields that several columns may share, and what stands between; of others the first counts."""


def read_list(request: ImportRequest, *, teams: Sequence[str] = ()) -> ImportPreview:
    """Return a list of people as it was understood. ``teams``: slugs that its team column means.

    Raises ``InvalidInput`` for what cannot be read as a list at all, and for a mapping or a
    correction that does not fit it.
    """
    tables = load_tables(request)
    layouts = [lay_out(table, teams) for table in tables]
    at = next((i for i, layout in enumerate(layouts) if layout.holds_people), 0)
    table, layout = tables[at], layouts[at]
    if not layout.lines:
        raise refused("The list has a heading and nobody below it.", "Check the file.")
    if len(layout.lines) > PEOPLE_LIMIT:
        raise refused(
            f"The list has {len(layout.lines):,} people; at most {PEOPLE_LIMIT:,} are read.",
            "Split it, and import the parts one after the other.",
        )
    reader, people = _people(request, layout, teams)
    kept = merge(people, reader, is_form=layout.moment is not None)
    readings = (
        *_about_file(table, layout, tables, layouts),
        *(one for person in kept for one in person.readings),
    )
    return ImportPreview(
        filename=PurePath(request.filename.replace("\\", "/")).name,
        format=table.format,
        columns=_columns(request, layout),
        entries=tuple(person.as_entry() for person in kept if not person.problems),
        problems=tuple(_in_order(one for person in kept for one in person.problems)),
        readings=tuple(_in_order(readings)),
        rows=len(layout.lines),
    )


def _people(
    request: ImportRequest, layout: Layout, teams: Sequence[str]
) -> tuple[RowReader, list[Person]]:
    """Return every row that is not skipped, as its cells say, and what read it."""
    fields = mapped(layout, request.mapping)
    titles = {field: layout.title_of(field, fields) for field in _FIELDS}
    reader = RowReader(titles, teams, set(fields))
    corrections = _corrections(request.corrections, layout)
    skipped = set(request.skip)
    people = []
    for line in layout.lines:
        if line.number in skipped:
            continue
        corrected = corrections.get(line.number, {})
        cells = {**_cells(line, fields), **corrected}
        person = reader.read(line.number, cells, frozenset(corrected))
        person.moment = line.cell(layout.moment) if layout.moment is not None else ""
        _check_status(person, line, layout)
        people.append(person)
    return reader, people


def _cells(line: Line, fields: Sequence[FieldName]) -> dict[FieldName, str]:
    """Return the cells of a row by field."""
    found: dict[FieldName, list[str]] = defaultdict(list)
    for index, field in enumerate(fields):
        if field and line.cell(index).strip():
            found[field].append(line.cell(index))
    return {
        field: _JOINTS[field].join(cells) if field in _JOINTS else cells[0]
        for field, cells in found.items()
    }


def _corrections(
    corrections: Iterable[Correction], layout: Layout
) -> dict[int, dict[FieldName, str]]:
    """Return the corrected cells by row. Raises ``InvalidInput`` for a row that is not there."""
    numbers = {line.number for line in layout.lines}
    found: dict[int, dict[FieldName, str]] = defaultdict(dict)
    for one in corrections:
        if one.row not in numbers or not one.field:
            detail = f"There is no row {one.row} with a person, or no such field to correct in it."
            raise InvalidInput(
                detail,
                hint="The corrections belong to another list: read the list again without them.",
                fields=[("corrections", detail)],
            )
        found[one.row][one.field] = one.value
    return found


def _check_status(person: Person, line: Line, layout: Layout) -> None:
    """Mark somebody who has cancelled, as registration systems list them too."""
    if layout.status is None or person.is_confirmed:
        return
    value = plain(line.cell(layout.status))
    if folded(value) in CANCELLED:
        person.problems.append(
            CellProblem(
                row=line.number,
                column=layout.titles[layout.status],
                value=value[:200],
                message="Has cancelled or was turned down, and is left out.",
            )
        )


def _columns(request: ImportRequest, layout: Layout) -> tuple[Column, ...]:
    fields = mapped(layout, request.mapping)
    return tuple(
        column.model_copy(update={"field": fields[column.index]}) for column in layout.columns()
    )


def _about_file(
    table: Table, layout: Layout, tables: Sequence[Table], layouts: Sequence[Layout]
) -> Iterator[CellProblem]:
    """Yield what was decided about the list as a whole; it is told of its first row."""
    for remark in table.remarks:
        yield CellProblem(row=1, column="", value="", message=remark)
    for other, its in zip(tables, layouts, strict=True):
        if other is not table and its.holds_people:
            message = "This sheet holds people too and was not read. Import it by itself."
            yield CellProblem(row=1, column=f"sheet {other.title}", value="", message=message)
    for line in layout.passed_over:
        value = " ".join(prose(cell) for cell in line.cells if cell.strip())[:200]
        message = "Read as a title or a repeated heading, not as a person."
        yield CellProblem(row=line.number, column="", value=value, message=message)
    yield from _about_logins(table, layout)


def _about_logins(table: Table, layout: Layout) -> Iterator[CellProblem]:
    """Tell of a column of logins that does not say itself that it is one."""
    if table.is_pasted or "login" not in layout.fields or len(layout.fields) == 1:
        return
    title = layout.title_of("login", layout.fields)
    if layout.heading is None:
        message = "Taken for GitHub logins by their look: the list has no heading."
        yield CellProblem(row=layout.lines[0].number, column=title, value="", message=message)
    elif title.lower() != "login" and not names_github(title):
        message = "Taken for GitHub logins, although the heading does not say so."
        yield CellProblem(row=layout.heading.number, column=title, value=title, message=message)


def _in_order(lines: Iterable[CellProblem]) -> list[CellProblem]:
    return sorted(lines, key=lambda one: one.row)
