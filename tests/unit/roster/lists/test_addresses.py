"""Cells of an e-mail column."""

from __future__ import annotations

import pytest

from growth_admin.roster.lists.addresses import read_email

MONA = "mona@uni.example"


@pytest.mark.parametrize(
    "cell",
    [
        "Mona Lisa <mona@uni.example>",
        '"Lisa, Mona" <mona@uni.example>',
        "<mona@uni.example>",
        "mailto:mona@uni.example?subject=Hello",
        "mona@uni.example.",
        " mona@uni.example ",
        "mona @ uni.example",
        "mona(at)uni.example",
        "mona [at] uni [dot] example",
        "mona at uni dot example",
        "mona＠uni.example",
        "\u200bmona@uni.example",
        "mona@uni.example (private)",
        "mona@uni.example mona@UNI.example",
    ],
)
def test_email_when_decorated_then_the_address_is_read_and_told(cell: str) -> None:
    meaning = read_email(cell)
    assert (meaning.email, meaning.problem) == (MONA, "")
    assert meaning.reading


@pytest.mark.parametrize(
    "cell", [MONA, "M.O'Neil+x@a-b.co.uk", "mona@bücher.example", "MONA@GMAIL.COM", "a@b.museum"]
)
def test_email_when_it_is_sane_then_it_stays_as_written(cell: str) -> None:
    meaning = read_email(cell)
    assert (meaning.email, meaning.reading, meaning.problem) == (cell, "", "")


@pytest.mark.parametrize(
    ("cell", "suggestion"),
    [
        ("mona@gmail.con", "mona@gmail.com"),
        ("mona@gmial.com", "mona@gmail.com"),
        ("mona@gmail.co", "mona@gmail.com"),
        ("mona@gmail", "mona@gmail.com"),
        ("mona@gmail,com", "mona@gmail.com"),
        ("mona@@uni.example", "mona@uni.example"),
        ("mona@uni..example", "mona@uni.example"),
        ("mona.gmail.com", "mona@gmail.com"),
        ("möna@uni.example", "mona@uni.example"),
        ("mona@uni.example; bob@uni.example", "mona@uni.example"),
        ("mona", ""),
        ("Lisa,mona@uni.example,octocat", ""),
        ("mona@localhost", ""),
        ("mona@uni.e", ""),
        ("jo doe@uni.example", "jodoe@uni.example"),
        ("a" * 65 + "@uni.example", ""),
    ],
)
def test_email_when_it_is_none_then_the_problem_suggests_what_was_meant(
    cell: str, suggestion: str
) -> None:
    meaning = read_email(cell)
    assert meaning.problem
    assert (meaning.email, meaning.suggestion) == ("", suggestion)


def test_email_when_an_admin_confirms_an_odd_provider_then_it_is_believed() -> None:
    assert read_email("mona@gmail.co").problem
    assert read_email("mona@gmail.co", is_confirmed=True).email == "mona@gmail.co"
    assert read_email("mona@gmail", is_confirmed=True).problem
