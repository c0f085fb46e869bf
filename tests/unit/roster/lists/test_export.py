"""The export: safe in a spreadsheet, and read back as the same people."""

from __future__ import annotations

import csv
import io
import random
from datetime import UTC, datetime

import pytest

from growth_admin.roster.lists import export_csv, read_list
from growth_admin.roster.models import PersonRow
from tests.roster_lists import asked, somebody

COLUMNS = "name,email,login,github_id,team,state,note,since,days_left"


def rows_of(text: str) -> list[list[str]]:
    """Return the cells of exported CSV."""
    return list(csv.reader(io.StringIO(text, newline="")))


def test_export_when_empty_then_it_has_the_heading() -> None:
    assert export_csv([]) == f"{COLUMNS}\r\n"


def test_export_when_written_then_every_column_is_there() -> None:
    since = datetime(2026, 1, 5, 10, 11, 12, tzinfo=UTC)
    person = PersonRow(
        key="k",
        name="Ada Lovelace",
        email="ada@x.example",
        login="adalove",
        github_id=583231,
        team="tas",
        note="two\nlines",
        state="invited",
        since=since,
        days_left=3.25,
    )
    assert rows_of(export_csv([person]))[1] == [
        *("Ada Lovelace", "ada@x.example", "adalove", "583231", "tas", "invited", "two\nlines"),
        *("2026-01-05T10:11:12Z", "3.2"),
    ]


@pytest.mark.parametrize(
    "note", ["=1+1", "+1", "-1", "@x", "\tx", "'=1", "''+1", "=cmd|' /C calc'!A0"]
)
def test_export_when_a_cell_would_be_a_formula_then_it_is_defused_and_read_back(note: str) -> None:
    text = export_csv([PersonRow(key="k", login="adalove", name=note, note=note, state="active")])
    cell = rows_of(text)[1][6]
    assert cell.startswith("'")
    (entry,) = read_list(asked(text)).entries
    assert (entry.name, entry.note) == (note.strip(), note.strip())


def test_export_when_imported_again_then_the_people_are_the_same() -> None:
    dice = random.Random(7)
    notes = ("", "vegan", "-", "= bad", "'quoted'", 'say "hi"', "a,b;c\td", "line\nline", "Zoë’s")
    people = []
    for number in range(400):
        who = somebody(number)
        has_login = number % 9 != 0
        people.append(
            PersonRow(
                key=str(number),
                name=who.name,
                email="" if has_login and number % 5 == 0 else who.email,
                login=who.login if has_login else "",
                github_id=number + 1 if has_login else None,
                team=dice.choice(("participants", "tas")),
                note=dice.choice(notes),
                state=dice.choice(("active", "invited", "removed", "blocked", "failed")),
            )
        )
    preview = read_list(asked(export_csv(people).encode()), teams=("participants", "tas"))
    assert preview.problems == ()
    assert [
        (one.name, one.email, one.login, one.github_id, one.team, one.note.split())
        for one in preview.entries
    ] == [
        (one.name, one.email, one.login, one.github_id, one.team, one.note.split())
        for one in people
    ]


def test_export_when_nobody_has_a_login_yet_then_it_is_imported_by_email() -> None:
    people = [PersonRow(key="k", email="ada@x.example", state="invited")]
    assert [one.email for one in read_list(asked(export_csv(people))).entries] == ["ada@x.example"]
