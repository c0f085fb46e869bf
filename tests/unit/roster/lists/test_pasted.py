"""Pasted text: one person per line, or a list of addresses."""

from __future__ import annotations

import pytest

from growth_admin.roster.lists import read_list
from growth_admin.roster.models import ImportPreview
from tests.roster_lists import asked


def people(preview: ImportPreview) -> list[tuple[int, str, str, str]]:
    """Return row, name, e-mail and login of everybody."""
    return [(one.row, one.name, one.email, one.login) for one in preview.entries]


def test_lines_when_each_is_a_login_then_rows_are_line_numbers() -> None:
    preview = read_list(asked("octocat\n\n@hubot\nhttps://github.com/mona-l\n"))
    assert preview.format == "text"
    assert people(preview) == [(1, "", "", "octocat"), (3, "", "", "hubot"), (4, "", "", "mona-l")]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Ada Lovelace <ada@uni.example>", ("Ada Lovelace", "ada@uni.example", "")),
        ('"Lovelace, Ada" <ada@uni.example>', ("Lovelace, Ada", "ada@uni.example", "")),
        ("Ada Lovelace ada@uni.example", ("Ada Lovelace", "ada@uni.example", "")),
        ("Ada Lovelace (ada@uni.example)", ("Ada Lovelace", "ada@uni.example", "")),
        ("Ada Lovelace @adalove", ("Ada Lovelace", "", "adalove")),
        ("Ada Lovelace: @adalove", ("Ada Lovelace", "", "adalove")),
        ("Ada Lovelace - https://github.com/adalove", ("Ada Lovelace", "", "adalove")),
        ("@adalove ada@uni.example Ada", ("Ada", "ada@uni.example", "adalove")),
        ("1. adalove", ("", "", "adalove")),
        ("• adalove", ("", "", "adalove")),
        ("adalove (Ada Lovelace)", ("", "", "adalove")),
    ],
)
def test_line_when_written_in_any_of_these_ways_then_the_person_is_read(
    line: str, expected: tuple[str, str, str]
) -> None:
    assert people(read_list(asked(line))) == [(1, *expected)]


@pytest.mark.parametrize(
    "line", ["Ada Lovelace", "Ada Lovelace (student)", "Ada Lovelace (adalove)", "please add Ada"]
)
def test_line_when_it_is_only_a_name_then_no_word_of_it_becomes_a_login(line: str) -> None:
    preview = read_list(asked(f"{line}\noctocat"))
    assert [one.login for one in preview.entries] == ["octocat"]
    assert [one.row for one in preview.problems] == [1]


@pytest.mark.parametrize(
    "text",
    [
        "ada@uni.example, bob@uni.example; cy@uni.example",
        "ada@uni.example\nbob@uni.example\ncy@uni.example\n",
        "Ada <ada@uni.example>, Bob <bob@uni.example>,\nCy <cy@uni.example>",
        "Lovelace, Ada <ada@uni.example>; Ray, Bob <bob@uni.example>; Cy <cy@uni.example>;",
    ],
)
def test_addresses_when_pasted_from_a_mail_then_each_is_a_row(text: str) -> None:
    preview = read_list(asked(text))
    assert [one.email for one in preview.entries] == [
        "ada@uni.example",
        "bob@uni.example",
        "cy@uni.example",
    ]
    assert [one.row for one in preview.entries] == [1, 2, 3]


def test_outlook_names_when_pasted_then_their_commas_stay() -> None:
    preview = read_list(asked("Lovelace, Ada <ada@uni.example>; Ray, Bob <bob@uni.example>"))
    assert [one.name for one in preview.entries] == ["Lovelace, Ada", "Ray, Bob"]


def test_logins_when_on_one_line_then_each_is_a_row() -> None:
    preview = read_list(asked("octocat, hubot;\nhttps://github.com/mona-l"))
    assert [one.login for one in preview.entries] == ["octocat", "hubot", "mona-l"]


def test_cells_when_copied_from_a_spreadsheet_then_they_are_a_table() -> None:
    preview = read_list(
        asked("Ada Lovelace\tada@uni.example\tada-1\nBob Ray\tbob@uni.example\tbob2\n")
    )
    assert preview.format == "tsv"
    assert people(preview) == [
        (1, "Ada Lovelace", "ada@uni.example", "ada-1"),
        (2, "Bob Ray", "bob@uni.example", "bob2"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Ada Lovelace\tLondon\nBob Ray\tParis\n",
        "anna,anna@uni.example\nben,ben@uni.example\n",
        "octocat, hubot\nmona, lisa\n",
        "Ada Lovelace,student\nBob Ray,student\nCy Twombly,student\n",
    ],
)
def test_cells_when_without_a_heading_and_in_doubt_then_no_login_is_made_up(text: str) -> None:
    assert all(one.login == "" for one in read_list(asked(text)).entries)


def test_single_column_when_it_has_a_heading_then_the_heading_is_no_person() -> None:
    for heading in ("login", "GitHub", "What is your GitHub username?", "username"):
        preview = read_list(asked(f"{heading}\nadalove\n@bobby-r\n"))
        assert [one.login for one in preview.entries] == ["adalove", "bobby-r"], heading


def test_lines_when_hopelessly_long_then_they_are_a_problem_at_once() -> None:
    preview = read_list(
        asked("octocat\n" + "a-" * 50_000 + "\n" + "<" * 50_000 + "\n" + 'x"' * 9_999)
    )
    assert [one.login for one in preview.entries] == ["octocat"]
    assert [one.row for one in preview.problems] == [2, 3, 4]
