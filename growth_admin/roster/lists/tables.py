"""What was handed in, as tables: bytes or pasted text to numbered lines of cells."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from typing import Final

from growth_admin.core.words import in_words
from growth_admin.roster.lists.cells import LONGEST
from growth_admin.roster.lists.encodings import decode
from growth_admin.roster.lists.headings import guess
from growth_admin.roster.lists.lines import Format, Line, Table
from growth_admin.roster.lists.links import read_links
from growth_admin.roster.lists.pasted import Pasted, take_apart
from growth_admin.roster.lists.separated import Rows, split_text
from growth_admin.roster.lists.signatures import check_text, kind_of, refused
from growth_admin.roster.lists.workbooks import read_workbook
from growth_admin.roster.models import FILE_LIMIT_BYTES, PEOPLE_LIMIT, ImportRequest

_DATA_URL: Final = re.compile(r"data:[^,]{0,200};base64,")
_ROWS_BESIDES: Final = 50
"""Titles, headings and empty answers that a list may have beside its people."""


def load_tables(request: ImportRequest) -> tuple[Table, ...]:
    """Return the tables of a request: one, or the sheets of a workbook.

    Raises ``InvalidInput`` for what is no list of people, is too big or is empty.
    """
    if request.text.strip() and request.content:
        raise refused("A file and pasted text came together.", "Send one of the two.")
    if request.text or not request.content:
        return (_text_table(request.text),)
    data = _bytes(request.content)
    if kind_of(data) == "xlsx":
        return _workbook_tables(data)
    decoded = decode(data)
    guess_remark = (
        f"The file does not say its encoding; {decoded.guess} was assumed. If accents look wrong, "
        "save it as UTF-8 and import it again."
    )
    return (_text_table(decoded.text, (guess_remark,) if decoded.guess else ()),)


def _bytes(content: str) -> bytes:
    prefix = _DATA_URL.match(content)
    text = re.sub(r"\s+", "", content[prefix.end() :] if prefix else content)
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as e:
        raise refused("The file did not arrive whole: it is not base64.", "Choose it again.") from e
    if len(data) > FILE_LIMIT_BYTES:
        raise refused(
            f"The file has {in_words(len(data))}; at most {in_words(FILE_LIMIT_BYTES)} are read.",
            "Leave out the columns that are not about people, or import it in parts.",
        )
    if not data.strip():
        raise refused("The list is empty.", "Choose a file that holds people, or paste them.")
    return data


def _text_table(text: str, remarks: tuple[str, ...] = ()) -> Table:
    text = text.replace("\x00", "").removeprefix("\ufeff")
    check_text(text)
    pasted = take_apart(text, is_heading=_is_heading)
    if pasted:
        return Table("text", _people(pasted), is_pasted=True, remarks=remarks)
    separated = split_text(text)
    if separated.is_quoting_broken:
        remarks = (*remarks, "A quotation mark is never closed; all of them were taken as text.")
    kind: Format = "tsv" if separated.separator == "\t" else "csv"
    return Table(kind, _lines(separated.rows), remarks=remarks)


def _workbook_tables(data: bytes) -> tuple[Table, ...]:
    tables = tuple(
        Table("xlsx", _lines(sheet.rows), title=sheet.title) for sheet in read_workbook(data)
    )
    if not tables:
        raise refused("The workbook has no visible sheet that holds anything.", "Check the file.")
    return tables


def _is_heading(line: str) -> bool:
    """Return whether a line may be the heading of the column below it, and nobody's own."""
    links = read_links(line[:LONGEST])
    is_somebodys = "@" in line or (links is not None and bool(links.login))
    return bool(guess(line)) and not is_somebodys


def _lines(rows: Rows) -> tuple[Line, ...]:
    lines = tuple(
        Line(number, tuple(row)) for number, row in enumerate(rows, 1) if any(map(str.strip, row))
    )
    _check_count(lines)
    return lines


def _people(pasted: Iterable[Pasted]) -> tuple[Line, ...]:
    lines = tuple(Line(one.number, (one.name, one.email, one.login)) for one in pasted)
    _check_count(lines)
    return lines


def _check_count(lines: tuple[Line, ...]) -> None:
    if len(lines) > PEOPLE_LIMIT + _ROWS_BESIDES:
        raise refused(
            f"The list has {len(lines):,} rows; at most {PEOPLE_LIMIT:,} people are read at once.",
            "Split it, and import the parts one after the other.",
        )
