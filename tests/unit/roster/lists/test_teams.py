"""Cells of a team column."""

from __future__ import annotations

import pytest

from growth_admin.roster.lists.teams import match_team, read_team

TEAMS = ("participants", "tas", "admins")


@pytest.mark.parametrize(
    ("cell", "slug"),
    [
        ("participants", "participants"),
        ("Participant", "participants"),
        ("student", "participants"),
        ("Student ticket (early)", "participants"),
        ("Teilnehmerin", "participants"),
        ("étudiante", "participants"),
        ("TA", "tas"),
        ("T.A.", "tas"),
        ("Teaching Assistant", "tas"),
        ("teaching-assistants", "tas"),
        ("Tutor", "tas"),
        ("Organiser", "admins"),
        ("ADMINS", "admins"),
        ("Student / TA", ""),
        ("Visitor", ""),
        ("", ""),
    ],
)
def test_team_when_called_by_another_word_then_the_one_team_is_meant_or_none(
    cell: str, slug: str
) -> None:
    assert match_team(cell, TEAMS) == slug


def test_team_when_two_teams_would_fit_then_none_is_chosen() -> None:
    assert match_team("student", ("students-a", "students-b")) == ""
    assert match_team("Students A", ("students-a", "students-b")) == "students-a"


def test_team_when_unknown_then_the_problem_names_the_teams() -> None:
    assert "participants, tas, admins" in read_team("Visitors", TEAMS).problem


def test_team_when_the_school_names_none_then_the_cell_stays() -> None:
    assert read_team(" Group  B ", ()).name == "Group B"
