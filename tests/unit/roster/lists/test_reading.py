"""Rows: what stands in the wrong column, what the admin puts right, who stands there twice."""

from __future__ import annotations

import pytest

from growth_admin.core.errors import InvalidInput
from growth_admin.roster.lists import read_list
from growth_admin.roster.models import Correction, ImportPreview
from tests.roster_lists import asked


def read(text: str, **fields: object) -> ImportPreview:
    """Return how pasted CSV is understood."""
    return read_list(asked(text, **fields))


def people(preview: ImportPreview) -> list[tuple[str, str, str]]:
    """Return name, e-mail and login of everybody."""
    return [(one.name, one.email, one.login) for one in preview.entries]


# -- wrong columns


def test_address_when_in_the_login_column_then_it_goes_where_it_belongs() -> None:
    preview = read(
        "name,email,login\nAda,,ada@x.example\nBob,bob@x.example,bob@x.example\n"
        "Cy,cy@x.example,cy2@x.example\n"
    )
    assert people(preview) == [
        ("Ada", "ada@x.example", ""),
        ("Bob", "bob@x.example", ""),
        ("Cy", "cy@x.example", ""),
    ]
    assert [(one.row, one.column) for one in preview.readings] == [
        (2, "login"),
        (3, "login"),
        (4, "login"),
    ]


def test_login_when_in_the_email_column_then_it_is_taken_if_no_other_is_there() -> None:
    preview = read(
        "name,email,GitHub\nAda,@adalove,\nBob,bobby-r,bob@x.example\nCy,cytwo,cytwo\n"
        "Dee,other-one,deedee\n"
    )
    assert people(preview) == [
        ("Ada", "", "adalove"),
        ("Bob", "bob@x.example", "bobby-r"),
        ("Cy", "", "cytwo"),
    ]
    (problem,) = preview.problems
    assert (problem.row, problem.column, problem.value) == (5, "email", "other-one")


def test_word_when_in_the_email_column_of_a_list_without_logins_then_it_is_a_problem() -> None:
    preview = read("name,email\nAda,ada@x.example\nBob,bobby\n")
    assert people(preview) == [("Ada", "ada@x.example", "")]
    assert [one.value for one in preview.problems] == ["bobby"]


def test_row_when_it_has_neither_then_it_is_a_problem_and_not_an_entry() -> None:
    preview = read("name,email,login\nAda,,adalove\nBob,,n/a\n,,\n")
    assert people(preview) == [("Ada", "", "adalove")]
    (problem,) = preview.problems
    assert (problem.row, problem.column) == (3, "login")
    assert preview.rows == 2


def test_number_when_it_is_no_account_number_then_it_is_a_problem() -> None:
    preview = read("login,github_id\na-1,583231\na-2,#42\na-3,1.2E+05\na-4,0\na-5,\n")
    assert [one.github_id for one in preview.entries] == [583231, 42, None]
    assert [(one.row, one.column) for one in preview.problems] == [
        (4, "github_id"),
        (5, "github_id"),
    ]


# -- columns


def test_headings_when_one_is_of_another_service_then_it_is_no_login() -> None:
    preview = read(
        "Name,Slack handle,LinkedIn,GitLab username,GitHub\nAda,adas,adal,adag,adalove\n"
    )
    assert people(preview) == [("Ada", "", "adalove")]


@pytest.mark.parametrize(
    "question",
    [
        "Do you have a GitHub account?",
        "How often do you use GitHub?",
        "Link to a project on GitHub",
        "GitHub organization",
        "Username",
        "City",
    ],
)
def test_question_when_no_login_answers_it_then_its_answers_are_not_invited(question: str) -> None:
    answers = ("Yes", "No", "Yes", "No", "Yes", "Yes")
    rows = "".join(f"p{i}@x.example,{answer}\n" for i, answer in enumerate(answers))
    preview = read(f"E-mail,{question}\n{rows}")
    if question == "Username":
        assert [one.login for one in preview.entries if one.login] == []
    else:
        assert [one.login for one in preview.entries] == [""] * 6


def test_name_when_a_question_asks_for_it_then_single_words_count_and_yes_does_not() -> None:
    preview = read("What is your name?,Are you a student?,GitHub\nAda,Yes,a-1\nBob,Yes,b-2\n")
    assert people(preview) == [("Ada", "", "a-1"), ("Bob", "", "b-2")]


def test_supervisor_when_theirs_is_the_only_address_then_they_are_not_invited() -> None:
    preview = read("Name,Supervisor email,GitHub\nAda,boss@x.example,adalove\n")
    assert people(preview) == [("Ada", "", "adalove")]


def test_github_id_when_it_holds_digits_or_words_then_the_cells_decide() -> None:
    assert read("Name,GitHub ID\nAda,583231\n").entries[0].github_id == 583231
    assert read("Name,GitHub ID\nAda,adalove\n").entries[0].login == "adalove"


def test_username_when_the_heading_does_not_name_github_then_that_is_told() -> None:
    preview = read("Name,Username\nAda,adalove\n")
    assert people(preview) == [("Ada", "", "adalove")]
    assert [one.column for one in preview.readings] == ["Username"]


def test_heading_when_in_an_unknown_language_then_the_cells_below_give_it_away() -> None:
    preview = read("Név,Levélcím,Fiók\nAda Lovelace,ada@x.example,https://github.com/adalove\n")
    assert [(one.email, one.login) for one in preview.entries] == [("ada@x.example", "adalove")]
    assert preview.rows == 1


def test_role_column_when_there_is_no_heading_then_no_row_is_taken_for_one() -> None:
    preview = read("Ada Lovelace,ada-1,student\nBob Ray,bob-2,participant\n")
    assert [one.row for one in preview.entries] == [1, 2]


def test_mapping_when_given_then_it_wins_and_takes_the_field_from_the_other_column() -> None:
    text = "Name,Nick,GitHub\nAda,adalove,wrong-1\nBob,bobby-r,wrong-2\n"
    preview = read(text, mapping={1: "login"})
    assert people(preview) == [("Ada", "", "adalove"), ("Bob", "", "bobby-r")]
    assert [column.field for column in preview.columns] == ["name", "login", ""]


def test_mapping_when_two_columns_share_a_field_then_names_and_notes_are_joined() -> None:
    text = "First name,Last name,GitHub,Note,More\nAda,Lovelace,ada-1,one,two\n"
    preview = read(text, mapping={0: "name", 1: "name", 2: "login", 3: "note", 4: "note"})
    assert (preview.entries[0].name, preview.entries[0].note) == ("Ada Lovelace", "one\ntwo")


def test_mapping_when_a_column_is_not_there_then_it_is_refused() -> None:
    with pytest.raises(InvalidInput, match="index 7"):
        read("login\nada\n", mapping={7: "login"})


# -- corrections


def test_problem_when_corrected_then_the_row_goes_ahead() -> None:
    text = "name,email,login\nAda,ada@gmail.con,adalove\nBob,,Bob Ray\nCy,,583231\n"
    assert [one.row for one in read(text).problems] == [2, 3, 4]
    preview = read(
        text,
        corrections=(
            Correction(row=2, field="email", value="ada@gmail.com"),
            Correction(row=3, field="login", value="https://github.com/bobby-r"),
            Correction(row=4, field="login", value="583231"),
        ),
    )
    assert preview.problems == ()
    assert people(preview) == [
        ("Ada", "ada@gmail.com", "adalove"),
        ("Bob", "", "bobby-r"),
        ("Cy", "", "583231"),
    ]


def test_correction_when_still_wrong_then_the_problem_shows_the_new_value() -> None:
    preview = read("login\nx y\n", corrections=(Correction(row=2, field="login", value="x--y"),))
    assert [one.value for one in preview.problems] == ["x--y"]


def test_correction_when_the_list_has_no_such_column_then_it_counts_all_the_same() -> None:
    preview = read(
        "name,GitHub\nAda,n/a\n", corrections=(Correction(row=2, field="email", value="a@x.org"),)
    )
    assert people(preview) == [("Ada", "a@x.org", "")]


@pytest.mark.parametrize("row", [1, 9])
def test_correction_when_the_row_is_no_person_then_it_is_refused(row: int) -> None:
    with pytest.raises(InvalidInput, match=f"no row {row}"):
        read("login\nada\n", corrections=(Correction(row=row, field="login", value="x"),))


def test_skip_when_rows_are_named_then_they_and_their_problems_are_gone() -> None:
    preview = read("login\nada-1\nx y\nbob-2\n", skip=(3, 4, 99))
    assert [one.login for one in preview.entries] == ["ada-1"]
    assert preview.problems == ()
    assert preview.rows == 3


# -- the same person twice


def test_duplicate_when_nothing_contradicts_then_it_is_taken_once_and_told() -> None:
    preview = read(
        "name,email,login,note\nAda Lovelace,,adalove,\nLovelace Ada,ADA@x.example,AdaLove,hi\n"
    )
    (entry,) = preview.entries
    assert (entry.row, entry.email, entry.login, entry.note) == (
        2,
        "ADA@x.example",
        "adalove",
        "hi",
    )
    (reading,) = preview.readings
    assert (reading.row, "row 2" in reading.message) == (3, True)


@pytest.mark.parametrize(
    ("rows", "column"),
    [
        ("Ada,ada@x.example,a-1\nAda,ada@x.example,a-2\n", "login"),
        ("Ada,a1@x.example,a-1\nAda,a2@x.example,A-1\n", "email"),
        ("Ada Lovelace,,a-1\nada lovelace,,a-2\n", "login"),
        ("Ada Lovelace,ada@x.example,a-1\nBob Ray,ada@x.example,\n", "name"),
    ],
)
def test_duplicate_when_rows_contradict_each_other_then_both_are_problems(
    rows: str, column: str
) -> None:
    preview = read(f"name,email,login\n{rows}Cy,cy@x.example,c-1\n")
    assert [one.login for one in preview.entries] == ["c-1"]
    first, second = preview.problems
    assert (first.row, first.column, second.row, second.column) == (2, column, 3, column)
    assert "Row 3" in first.message
    assert "Row 2" in second.message


def test_duplicate_when_one_of_two_is_skipped_or_corrected_then_the_other_goes_ahead() -> None:
    text = "email,login\nada@x.example,a-1\nada@x.example,a-2\n"
    assert [one.login for one in read(text, skip=(2,)).entries] == ["a-2"]
    preview = read(text, corrections=(Correction(row=3, field="login", value="a-1"),))
    assert [one.login for one in preview.entries] == ["a-1"]


def test_namesakes_when_addresses_or_numbers_differ_then_both_stay_and_it_is_told() -> None:
    preview = read("name,email,login\nAnna Roy,a1@x.example,a-1\nAnna Roy,a2@x.example,a-2\n")
    assert [one.login for one in preview.entries] == ["a-1", "a-2"]
    assert [(one.row, one.column) for one in preview.readings] == [(3, "name")]


def test_team_when_two_rows_name_different_ones_then_both_are_problems() -> None:
    preview = read_list(
        asked("login,team\nada,tas\nada,participants\n"), teams=("tas", "participants")
    )
    assert [one.column for one in preview.problems] == ["team", "team"]


FORM = "Timestamp,Email Address,Name,GitHub username,Comments\n"


def test_form_when_answered_twice_then_the_later_answer_counts_and_blanks_are_kept() -> None:
    preview = read(
        FORM + "2026/01/05 9:00:00 AM GMT+1,ada@x.example,Ada,not-me,vegan\n"
        "2026/01/05 9:01:00 AM GMT+1,bob@x.example,Bob,bobby-r,\n"
        "2026/01/06 9:00:00 AM GMT+1,ADA@x.example,Ada,adalove,\n"
    )
    assert [(one.row, one.login, one.note) for one in preview.entries] == [
        (3, "bobby-r", ""),
        (4, "adalove", "vegan"),
    ]
    (reading,) = preview.readings
    assert (reading.row, reading.value, reading.suggestion) == (2, "not-me", "adalove")


def test_form_when_sorted_newest_first_then_the_clock_decides_which_answer_is_later() -> None:
    preview = read(
        FORM + "2026/01/06 1:00:00 PM GMT+1,ada@x.example,Ada,adalove,\n"
        "2026/01/06 9:00:00 AM GMT+1,ada@x.example,Ada,not-me,\n"
    )
    assert [(one.row, one.login) for one in preview.entries] == [(2, "adalove")]


def test_form_when_the_first_answer_was_broken_then_its_problem_goes_with_it() -> None:
    preview = read(
        FORM + "2026/01/05 9:00:00 AM GMT+1,ada@x.example,Ada,a b c,\n"
        "2026/01/06 9:00:00 AM GMT+1,ada@x.example,Ada,adalove,\n"
    )
    assert [one.login for one in preview.entries] == ["adalove"]
    assert preview.problems == ()


def test_form_when_two_people_give_one_login_then_neither_answer_wins() -> None:
    preview = read(
        FORM + "2026/01/05 9:00:00 AM GMT+1,ada@x.example,Ada Lovelace,adalove,\n"
        "2026/01/06 9:00:00 AM GMT+1,bob@x.example,Bob Ray,adalove,\n"
    )
    assert preview.entries == ()
    assert [one.row for one in preview.problems] == [2, 3]


def test_list_when_one_account_fills_it_then_it_ends_soon() -> None:
    rows = "".join(f"ada@x.example,a-{i}\n" for i in range(3_000))
    preview = read(f"email,login\n{rows}")
    assert preview.entries == ()
    assert len(preview.problems) == 3_000
