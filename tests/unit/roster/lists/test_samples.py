"""Exports of real tools: the right columns are found, and nobody is lost or made up."""

from __future__ import annotations

import pytest

from growth_admin.roster.lists import read_list
from growth_admin.roster.models import ImportPreview
from tests.roster_lists import asked
from tests.unit.roster.lists import samples

TEAMS = ("participants", "tas", "admins")


def read(text: str | bytes) -> ImportPreview:
    """Return how a list is understood in a school with three teams."""
    return read_list(asked(text), teams=TEAMS)


def people(preview: ImportPreview) -> list[tuple[str, str, str]]:
    """Return name, e-mail and login of everybody."""
    return [(one.name, one.email, one.login) for one in preview.entries]


ADA = ("Ada Lovelace", "ada@uni.example", "adalove")
BOB = ("Bob Ray", "bob@uni.example", "bobby-r")
CY = ("Cy Twombly", "cy@uni.example", "cytwo")


def test_google_form_when_read_then_the_question_is_found_and_the_yes_is_no_login() -> None:
    preview = read(samples.GOOGLE_FORM)
    assert people(preview) == [ADA, BOB, ("Cy Twombly", "cy@uni.example", "")]
    assert preview.problems == ()
    assert preview.entries[0].note == "Vegetarian,\nwindow seat"
    assert [column.field for column in preview.columns] == [
        "",
        "email",
        "name",
        "login",
        "",
        "note",
    ]
    assert [(one.row, one.suggestion) for one in preview.readings] == [
        (2, "adalove"),
        (3, "bobby-r"),
        (4, ""),
    ]


def test_indico_when_read_then_who_withdrew_is_left_out_and_told() -> None:
    preview = read(samples.INDICO)
    assert people(preview) == [ADA, CY]
    (problem,) = preview.problems
    assert (problem.row, problem.column, problem.value) == (3, "Registration state", "Withdrawn")


def test_pretix_when_read_then_attendees_and_their_teams_are_found_and_no_supervisor() -> None:
    preview = read(samples.PRETIX)
    assert people(preview) == [ADA, BOB]
    assert [one.team for one in preview.entries] == ["participants", "tas"]
    assert [one.row for one in preview.problems] == [4]
    assert preview.format == "csv"


def test_eventbrite_when_read_then_names_are_joined_and_regular_is_no_team() -> None:
    preview = read(samples.EVENTBRITE)
    assert people(preview) == [ADA]
    assert preview.entries[0].team == ""
    assert [one.row for one in preview.problems] == [3]


def test_moodle_when_read_then_its_own_usernames_are_no_logins_and_tutorials_no_teams() -> None:
    preview = read(samples.MOODLE)
    assert people(preview) == [(*ADA[:2], ""), (*BOB[:2], "")]
    assert [one.team for one in preview.entries] == ["", ""]
    assert preview.problems == ()


def test_canvas_when_read_then_sis_logins_are_left_alone_and_its_own_rows_are_passed_over() -> None:
    preview = read(samples.CANVAS)
    assert [one.login for one in preview.entries] == ["adalove", "bobby-r"]
    assert [one.name for one in preview.entries] == ["Lovelace, Ada", "Ray, Bob"]
    assert preview.problems == ()
    assert [one.row for one in preview.readings] == [2, 5]
    assert preview.rows == 2


def test_canvas_when_it_has_no_github_column_then_nothing_is_made_up() -> None:
    text = "\n".join(line.rpartition(",")[0] for line in samples.CANVAS.splitlines())
    preview = read(text)
    assert preview.entries == ()
    assert {one.message for one in preview.problems} == {
        "No column is known to hold logins or e-mail addresses: choose the columns."
    }


def test_classroom_roster_when_read_then_numbers_come_along_and_the_unlinked_go_by_email() -> None:
    preview = read(samples.CLASSROOM)
    assert people(preview) == [ADA, ("", "bob@uni.example", "")]
    assert [one.github_id for one in preview.entries] == [583231, None]


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8-sig", "utf-16", "utf-8"])
def test_german_excel_when_saved_in_any_encoding_then_the_same_people_come_out(
    encoding: str,
) -> None:
    preview = read(samples.EXCEL_GERMAN.encode(encoding))
    assert people(preview) == [ADA, ("Jörg Müller", "joerg@uni.example", "joerg-m")]
    assert [one.team for one in preview.entries] == ["participants", "tas"]
    assert preview.entries[1].note == "„Anreise“ später – 5 €"
    assert any("Windows-1252" in one.message for one in preview.readings) == (encoding == "cp1252")


@pytest.mark.parametrize("text", [samples.FRENCH, samples.SPANISH])
def test_other_languages_when_read_then_given_and_family_names_are_told_apart(text: str) -> None:
    assert people(read(text)) == [ADA, BOB]


def test_japanese_form_when_read_then_full_width_logins_are_understood() -> None:
    preview = read(samples.JAPANESE)
    assert [one.login for one in preview.entries] == ["adalove", "bobby-r"]
    assert preview.entries[0].name == "ラブレス エイダ"


def test_titles_above_and_headings_between_when_read_then_they_are_told_and_rows_keep_numbers() -> (
    None
):
    preview = read(samples.TITLES_ABOVE)
    assert people(preview) == [ADA, BOB, CY]
    assert [one.row for one in preview.entries] == [5, 6, 9]
    assert [one.row for one in preview.readings] == [1, 2, 8]
    assert preview.rows == 3


def test_microsoft_form_when_everybody_is_anonymous_then_each_row_says_so() -> None:
    preview = read(samples.MICROSOFT_FORM)
    fields = {column.title: column.field for column in preview.columns}
    assert fields["GitHub profile link"] == "login"
    assert {one.row for one in preview.problems} | {one.row for one in preview.entries} == {2, 3}
    assert all(one.login in ("adalove", "bobby-r") for one in preview.entries)


def test_list_when_read_twice_then_the_previews_are_the_same() -> None:
    for text in (samples.GOOGLE_FORM, samples.PRETIX, samples.TITLES_ABOVE):
        assert read(text) == read(text)
