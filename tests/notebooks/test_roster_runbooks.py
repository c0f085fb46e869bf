"""The roster's runbooks, executed against a real school with its stand-in for GitHub."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbclient.exceptions import CellExecutionError

from growth_admin.client import GrowthClient
from growth_admin.roster.models import PersonRow
from tests.hub.school import School
from tests.notebooks.running import FROM_SERVER, run

ADMIN, TA = "ada-okafor", "priya-n"
SETUP = "O00-first-time-setup.ipynb"
STUDENTS = "O03-add-students.ipynb"
TAS = "O04-add-tas.ipynb"
REMOVE = "O05-remove-somebody.ipynb"
WAITING = "T03-who-has-not-accepted.ipynb"
RUNBOOKS = (SETUP, STUDENTS, TAS, REMOVE, WAITING)
LIST = """Timestamp,Your full name,E-mail,What is your GitHub username?
2026/11/01 9:00,Nadia Karim,nadia@example.org,https://github.com/nadia-karim
2026/11/01 9:05,Oskar Berg,oskar@example.org, @OSKAR-berg
"""


def environment_of(school: School, login: str) -> dict[str, str]:
    """The environment that a kernel on this person's server has."""
    school.login(login)
    if not school.server(login.lower()):
        school.start(login.lower())
    of_server = school.server_environment(login.lower())
    return {**os.environ, **{name: of_server[name] for name in FROM_SERVER}}


@pytest.fixture(scope="module")
def environment(school: School) -> Iterator[dict[str, str]]:
    """An organiser's; two people who are to come have accounts at GitHub."""
    for login, name in (("nadia-karim", "Nadia Karim"), ("oskar-berg", "Oskar Berg")):
        school.github.control("POST", "people", login=login, name=name)
    yield environment_of(school, "Ada-Okafor")


@pytest.fixture
def client(school: School, environment: dict[str, str]) -> GrowthClient:
    return GrowthClient(school.server_url(ADMIN), environment["JUPYTERHUB_API_TOKEN"])


def row_of(client: GrowthClient, login: str) -> PersonRow:
    """How somebody stands now."""
    people = client.roster.list_people(is_fresh=True).people
    return next(row for row in people if row.login.lower() == login)


def test_setup_when_run_in_the_demo_then_every_step_is_tried_and_nothing_is_missing(
    environment: dict[str, str],
) -> None:
    printed = run(SETUP, environment, require_all=True)
    assert "organization: growth-school" in printed
    assert "Nothing is missing." in printed


def test_add_students_when_a_form_is_given_then_they_are_invited_and_t03_names_them(
    environment: dict[str, str], client: GrowthClient, tmp_path: Path
) -> None:
    form = tmp_path / "form.csv"
    form.write_text(LIST)
    printed = run(STUDENTS, environment, list_file=str(form))
    assert "2 of 2 rows can go ahead" in printed
    rows = [row_of(client, login) for login in ("nadia-karim", "oskar-berg")]
    assert {(row.state, row.team) for row in rows} == {("invited", "students")}

    waiting = run(WAITING, environment)
    assert "nadia@example.org, oskar@example.org" in waiting
    again = run(STUDENTS, environment, list_file=str(form))
    assert "Nothing to do" in again


def test_add_students_when_undone_then_the_invitations_are_taken_back(
    environment: dict[str, str], client: GrowthClient, school: School
) -> None:
    school.github.control("POST", "people", login="late-lena", name="Lena Late")
    run(STUDENTS, environment, pasted="late-lena", undo=True)
    assert row_of(client, "late-lena").state == "removed"


def test_add_students_when_a_row_is_wrong_then_it_stops_and_names_row_and_column(
    environment: dict[str, str], tmp_path: Path
) -> None:
    form = tmp_path / "form.csv"
    form.write_text(LIST + "2026/11/01 9:06,Pia Holm,,not a login!\n")
    with pytest.raises(CellExecutionError, match="good_rows_only"):
        run(STUDENTS, environment, list_file=str(form))


def test_add_tas_when_a_student_is_named_then_they_are_moved(
    environment: dict[str, str], client: GrowthClient
) -> None:
    printed = run(TAS, environment, pasted="kofi-mensah", team="TAs")  # the slug is tas
    assert "move" in printed
    assert re.search(r"^ +\d+ active$", printed, re.MULTILINE), printed
    assert row_of(client, "kofi-mensah").team == "tas"


def test_remove_somebody_when_run_then_the_hub_does_not_know_them_any_more(
    environment: dict[str, str], client: GrowthClient, school: School
) -> None:
    school.login("Yuki-Tanaka")
    school.start("yuki-tanaka")
    assert row_of(client, "yuki-tanaka").hub is not None
    printed = run(REMOVE, environment, who="yuki-tanaka")
    assert "succeeded" in printed
    row = row_of(client, "yuki-tanaka")
    assert (row.state, row.hub) == ("removed", None)


def test_runbook_when_a_ta_tries_then_it_says_what_is_missing(school: School) -> None:
    environment = environment_of(school, "Priya-N")
    for name in RUNBOOKS:
        with pytest.raises(CellExecutionError, match="custom:growth:roster"):
            run(name, environment)
