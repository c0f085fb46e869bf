"""XLSX workbooks to rows: values as they were last calculated, nothing else is looked at."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from growth_admin.roster.lists.separated import COLUMNS_LIMIT, Rows
from growth_admin.roster.lists.signatures import refused

SHEETS_LIMIT: Final = 30
ROWS_LIMIT: Final = 1_048_576
"""Rows of a sheet, by Excel's own limit; a file that names later rows is made to do harm."""
CELLS_LIMIT: Final = 3_000_000
"""Cells of a sheet that are looked at, empty ones between others included."""
_DAMAGE: Final = (
    *(AssertionError, AttributeError, ArithmeticError, LookupError, NotImplementedError),
    *(OSError, EOFError, RuntimeError, SyntaxError, TypeError, ValueError),
    *(ParseError, InvalidFileException, zipfile.BadZipFile, zlib.error),
)
"""What openpyxl raises for workbooks that are not as they should be; it has no base of its own."""


@dataclass(frozen=True)
class Sheet:
    """One visible sheet; rows are numbered from 1 as Excel does, empty ones included."""

    title: str
    rows: Rows


def read_workbook(data: bytes) -> tuple[Sheet, ...]:
    """Return the visible sheets that hold anything. Raises ``InvalidInput`` for a damaged file."""
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        try:
            return tuple(_sheets(book))
        finally:
            book.close()
    except _DAMAGE as e:
        raise refused(
            "The workbook is damaged, or is no workbook.",
            "Open it in Excel or LibreOffice, save it again as XLSX or CSV, and import that.",
        ) from e


def _sheets(book: Any) -> Iterator[Sheet]:
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    for sheet in visible[:SHEETS_LIMIT]:
        # what the file says of its own size is often wrong, and cuts rows off
        sheet.reset_dimensions()
        rows = list(_rows(sheet.iter_rows(values_only=True), str(sheet.title)))
        if any(map(any, rows)):
            yield Sheet(str(sheet.title), rows)


def _rows(rows: Iterable[tuple[object, ...]], title: str) -> Iterator[list[str]]:
    empty: list[str] = []
    cells_left = CELLS_LIMIT
    for number, row in enumerate(rows, 1):
        cells_left -= len(row)
        if cells_left < 0 or number > ROWS_LIMIT:
            raise refused(
                f"The sheet {title} has too many cells.",
                "Copy the columns with the people into a new workbook, or save the sheet as CSV.",
            )
        cells = [as_text(value) for value in row[:COLUMNS_LIMIT]]
        while cells and not cells[-1]:
            cells.pop()
        yield cells or empty


def as_text(value: object) -> str:
    """Return a cell's value as it would stand in a CSV file."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
