"""Cells of a login column."""

from __future__ import annotations

import pytest

from growth_admin.roster.lists.logins import read_login

READ_AS_OCTOCAT = [
    "@octocat",
    "octocat   ",
    "\u00a0octocat\u200b",
    "ｏｃｔｏｃａｔ",
    "“octocat”",
    "'octocat'",
    "'@octocat",
    "<octocat>",
    "octocat.",
    "octocat\n",
    "- octocat",
    "octocat (my github)",
    "octocat (work)",
    "GitHub: octocat",
    "my github username is octocat",
    "https://github.com/octocat",
    "http://www.github.com/octocat/",
    "github.com/octocat",
    "github.com/octocat/hello-world",
    "https://github.com/octocat?tab=repositories",
    "https://github.com/octocat#readme",
    "htps://github.con/octocat",
    "github.com\\octocat",
    "git@github.com:octocat/hello.git",
    "https://gist.github.com/octocat/0123456789abcdef0123",
    "https://api.github.com/users/octocat",
    "https://github.com/users/octocat/projects/1",
    "https://octocat.github.io/blog",
    "[octocat](https://github.com/octocat)",
    "my profile is https://github.com/octocat thanks",
    "octocat@users.noreply.github.com",
]
NOTHING = [
    *("n/a", "N/A", "-", "—", "none", "none yet", "No", "TBD", "?", "keine", "aucun"),
    *("I don't have one", "I don’t have one yet", "will create one", "not yet!", "#N/A"),
]
PROBLEMS = [
    ("https://github.com/orgs/school/people", "organization"),
    ("https://github.com/settings/profile", "their own settings"),
    ("https://github.com/login", "page of GitHub"),
    ("https://github.com/", "without a login"),
    ("https://gist.github.com/0123456789abcdef0123", "gist"),
    ("https://docs.github.com/en", "docs.github.com"),
    ("https://github.com/a and https://github.com/b", "several accounts"),
    ("https://gitlab.com/octocat", "not one of a person at github.com"),
    ("https://github.uni.example/octocat", "not one of a person at github.com"),
    ("notgithub.com/octocat", "not one of a person at github.com"),
    ("octocat, hubot", "one word"),
    ("Mona Lisa", "one word"),
    ("Mona (octocat)", "one word"),
    ("583231", "Digits only"),
    ("-octocat", "hyphens"),
    ("octo--cat", "hyphens"),
    ("octo_the_cat", "underscore"),
    ("octo.cat", "A to Z"),
    ("jörg", "A to Z"),
    ("a" * 40, "40 characters"),
    ("yes", "answer"),
    ("#NAME?", "formula"),
    ("2026-03-05 00:00:00", "date"),
    ("@", "no login"),
    ("octocat@github.com", "neither"),
    ("x" * 1000, "more than"),
]


@pytest.mark.parametrize("cell", READ_AS_OCTOCAT)
def test_login_when_written_in_any_of_these_ways_then_it_is_read_and_told(cell: str) -> None:
    meaning = read_login(cell)
    assert (meaning.login, meaning.problem) == ("octocat", "")
    assert meaning.reading


@pytest.mark.parametrize(
    "cell", ["octocat", "OctoCat", "a", "octo-cat-", "octo-cat_acme", "a" * 39]
)
def test_login_when_it_keeps_the_rules_then_it_stays_as_written(cell: str) -> None:
    meaning = read_login(cell)
    assert (meaning.login, meaning.reading, meaning.problem) == (cell, "", "")


@pytest.mark.parametrize("cell", NOTHING)
def test_login_when_the_cell_says_that_there_is_none_then_it_is_read_as_empty(cell: str) -> None:
    meaning = read_login(cell)
    assert (meaning.login, meaning.email, meaning.problem) == ("", "", "")
    assert meaning.reading == "Read as empty."


@pytest.mark.parametrize(("cell", "reason"), PROBLEMS)
def test_login_when_it_cannot_be_meant_then_the_problem_says_why(cell: str, reason: str) -> None:
    meaning = read_login(cell)
    assert reason in meaning.problem
    assert (meaning.login, meaning.email) == ("", "")


@pytest.mark.parametrize(
    ("cell", "suggestion"),
    [
        ("octo cat", "octocat"),
        ("octo--cat", "octo-cat"),
        ("octo.cat", "octo-cat"),
        ("jörg", "jorg"),
        ("octocat@github.com", "octocat"),
        ("Mona Lisa", ""),
        ("octocat, hubot", ""),
    ],
)
def test_login_when_misspelt_then_a_suggestion_comes_only_where_there_is_one(
    cell: str, suggestion: str
) -> None:
    assert read_login(cell).suggestion == suggestion


@pytest.mark.parametrize(
    "cell",
    ["id:583231", "#583231", "ID 583231", "https://avatars.githubusercontent.com/u/583231?v=4"],
)
def test_login_when_it_is_an_account_number_then_it_is_read_as_one(cell: str) -> None:
    assert (read_login(cell).github_id, read_login(cell).login) == (583231, "")


def test_login_when_digits_only_then_the_admin_or_an_address_can_confirm_it() -> None:
    assert read_login("583231", is_confirmed=True).login == "583231"
    assert read_login("https://github.com/583231").login == "583231"


def test_login_when_it_is_an_email_address_then_it_comes_back_as_one() -> None:
    assert read_login("mailto:mona@school.example").email == "mona@school.example"
    assert read_login("mona@gmail.con").suggestion == "mona@gmail.com"


def test_login_when_it_is_a_no_reply_address_then_login_and_number_are_in_it() -> None:
    meaning = read_login("583231+octocat@users.noreply.github.com")
    assert (meaning.login, meaning.github_id, meaning.email) == ("octocat", 583231, "")
