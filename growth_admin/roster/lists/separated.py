"""Text to rows: comma, semicolon, tab or bar between cells, quotes as spreadsheets write them."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Final, Literal

from growth_admin.roster.lists.signatures import refused

SEPARATORS: Final = "\t;,|"
SAMPLE_ROWS: Final = 80
COLUMNS_LIMIT: Final = 400
_SEPARATOR_LINE: Final = re.compile(r"\ufeff?\"?sep=(.)\"?\r?\n", re.IGNORECASE)
"""What Excel writes first to name the separator; it is no row."""
_RULE: Final = re.compile(r":?-{2,}:?")
_LINES_IN_A_CELL: Final = 12

Rows = list[list[str]]


@dataclass(frozen=True)
class Separated:
    """Rows of a text, empty ones included; ``separator`` is empty when there is one column."""

    rows: Rows
    separator: str
    is_quoting_broken: bool = False


def split_text(text: str) -> Separated:
    """Return the rows of a text. Raises ``InvalidInput`` for more columns than a list has."""
    named = _SEPARATOR_LINE.match(text)
    if named:
        text = text[named.end() :]
    separator = named[1] if named else find_separator(text)
    rows, is_broken = _rows(text, separator or "\t")
    if separator == "|":
        rows = [[] if _is_rule(row) else _without_frame(row) for row in rows]
    width = max(map(len, rows), default=0)
    if width > COLUMNS_LIMIT:
        raise refused(
            f"A row has {width:,} cells; lists of people have at most {COLUMNS_LIMIT}.",
            "Check the file: line ends or quotes are probably missing.",
        )
    return Separated(rows, separator, is_broken)


def find_separator(text: str) -> str:
    """Return the character that splits most rows into the same number of cells, or nothing."""
    best, best_score = "", (0.0, 0)
    for separator in SEPARATORS:
        sample = _sample(text, separator)
        widths = Counter(len(row) for row in sample if len(row) > 1)
        if not widths:
            continue
        width, times = widths.most_common(1)[0]
        split, all_rows = sum(widths.values()), len(sample)
        score = (round(split / all_rows * (1 + times / all_rows), 2), width)
        if split / all_rows > 0.4 and score > best_score:
            best, best_score = separator, score
    return best


def _sample(text: str, separator: str) -> Rows:
    """Return the first rows that hold anything."""
    sample: Rows = []
    with suppress(csv.Error):
        for row in islice(_reader(text, separator), SAMPLE_ROWS):
            if any(row):
                sample.append(row)
    return sample


def _rows(text: str, separator: str) -> tuple[Rows, bool]:
    """Return rows, and whether a quote never ends and quotes were therefore taken as they are."""
    try:
        rows = list(_reader(text, separator))
        longest = max((_line_ends(cell) for row in rows for cell in row), default=0)
        if longest <= _LINES_IN_A_CELL or text.count('"') % 2 == 0:
            return rows, False
    except csv.Error:
        # the cell that never ends has grown beyond csv's own limit
        pass
    try:
        plain = list(_reader(text, separator, quoting=csv.QUOTE_NONE))
    except csv.Error as e:
        raise refused(
            f"The list cannot be split into cells: {e}.", "Check its quotes, or save it as XLSX."
        ) from e
    return [[_unquoted(cell) for cell in row] for row in plain], True


def _reader(
    text: str, separator: str, quoting: Literal[0, 3] = csv.QUOTE_MINIMAL
) -> Iterator[list[str]]:
    start = text[:5000]
    is_padded = start.count(f"{separator} ") > 0.8 * start.count(separator) > 0
    return csv.reader(
        io.StringIO(text, newline=""),
        delimiter=separator,
        quoting=quoting,
        skipinitialspace=is_padded and separator != "\t",
    )


def _line_ends(cell: str) -> int:
    return cell.count("\n") + cell.count("\r")


def _unquoted(cell: str) -> str:
    cell = cell.strip()
    if len(cell) > 1 and cell[0] == cell[-1] == '"':
        cell = cell[1:-1]
    return cell.strip('"').replace('""', '"')


def _is_rule(row: list[str]) -> bool:
    """Return whether a row only draws a line, as under the heading of a Markdown table."""
    filled = [cell.strip() for cell in row if cell.strip()]
    return bool(filled) and all(_RULE.fullmatch(cell) for cell in filled)


def _without_frame(row: list[str]) -> list[str]:
    """Return the row without the empty cells outside the outer bars."""
    if len(row) > 2 and not row[0].strip():
        row = row[1:]
    if len(row) > 1 and not row[-1].strip():
        row = row[:-1]
    return row
