"""People as CSV, for a spreadsheet or for the next import: what is exported reads back the same."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from typing import Final

from growth_admin.core.schema import to_rfc3339
from growth_admin.roster.models import PersonRow

COLUMNS: Final = (
    *("name", "email", "login", "github_id", "team", "state", "note", "since", "days_left"),
)
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r\n]")
"""How a cell begins that a spreadsheet takes for a formula (OWASP, CSV injection)."""


def export_csv(people: Iterable[PersonRow]) -> str:
    """Return people as CSV with a heading, CRLF at line ends (RFC 4180), in the order given.

    A cell that a spreadsheet would take for a formula gets a quote before it, which the import
    takes off again.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for person in people:
        writer.writerow([_guarded(cell) for cell in _cells(person)])
    return text.getvalue()


def _cells(person: PersonRow) -> tuple[str, ...]:
    return (
        person.name,
        person.email,
        person.login,
        "" if person.github_id is None else str(person.github_id),
        person.team,
        person.state,
        person.note,
        "" if person.since is None else to_rfc3339(person.since),
        "" if person.days_left is None else f"{person.days_left:.1f}",
    )


def _guarded(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell
