"""The datasets' runbooks, executed against a real school by a TA, who holds no other scope."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbclient.exceptions import CellExecutionError

from growth_admin.client import GrowthClient
from tests.hub.school import School
from tests.notebooks.running import FROM_SERVER, run

TA, STUDENT = "priya-n", "emma-nilsen"
PUBLISH = "O02-publish-data-from-drive.ipynb"
RESTORE = "R02-restore-an-earlier-version.ipynb"
WHO = "T02-who-has-which-version.ipynb"
FOLDER = "Variable stars"


def environment_of(school: School, login: str) -> dict[str, str]:
    """The environment that a kernel on this person's server has."""
    school.login(login)
    if not school.server(login.lower()):
        school.start(login.lower())
    of_server = school.server_environment(login.lower())
    return {**os.environ, **{name: of_server[name] for name in FROM_SERVER}}


@pytest.fixture(scope="module")
def environment(school: School) -> Iterator[dict[str, str]]:
    """The TA's."""
    yield environment_of(school, "Priya-N")


@pytest.fixture
def client(school: School, environment: dict[str, str]) -> GrowthClient:
    return GrowthClient(school.server_url(TA), environment["JUPYTERHUB_API_TOKEN"])


@pytest.fixture
def home(school: School) -> Path:
    """What the student finds below ~/data."""
    return school.folder.homes / STUDENT / "data"


def start_student(school: School) -> None:
    """One start of the student's server."""
    school.login("Emma-Nilsen")
    school.start(STUDENT)
    school.stop(STUDENT)


def test_publish_when_run_by_a_ta_then_the_students_next_start_has_the_data(
    school: School, environment: dict[str, str], client: GrowthClient, home: Path
) -> None:
    link = school.running.drive_link(FOLDER)
    printed = run(PUBLISH, environment, link=link, name="stars", delivery="copy", note="class 1")
    dataset = client.datasets.get_dataset("stars")
    assert (dataset.current, dataset.delivery) == ("v1", "copy")
    assert "stars is v1" in printed
    assert "succeeded" in printed

    start_student(school)
    (version,) = dataset.versions
    copied = [path for path in (home / "stars").rglob("*") if path.is_file()]
    assert len(copied) == version.files
    (row,) = (row for row in client.datasets.list_receipts("stars").rows if row.user == STUDENT)
    assert (row.state, row.version, row.delivery) == ("current", "v1", "copy")
    starts = school.folder.admin / "logs" / "records" / f"{STUDENT}.jsonl"
    assert '{"name": "stars", "version": "v1", "state": "current"}' in starts.read_text()


def test_publish_when_undone_then_the_version_before_is_current(
    school: School, environment: dict[str, str], client: GrowthClient
) -> None:
    link = school.running.drive_link(FOLDER)
    printed = run(PUBLISH, environment, link=link, name="stars", delivery="copy", undo=True)
    dataset = client.datasets.get_dataset("stars")
    assert dataset.current == "v1"
    assert [version.version for version in dataset.versions] == ["v2", "v1"]
    assert "nothing undone" not in printed


def test_who_has_which_when_a_student_edited_then_the_ta_sees_it(
    school: School, environment: dict[str, str], client: GrowthClient, home: Path
) -> None:
    start_student(school)
    edited = next(path for path in sorted((home / "stars").rglob("*")) if path.is_file())
    edited.write_text("my own numbers")
    start_student(school)
    printed = run(WHO, environment, name="stars")
    (line,) = (line for line in printed.splitlines() if line.strip().startswith(STUDENT))
    assert "edited" in line and "1 edited" in line
    assert edited.read_text() == "my own numbers"


def test_restore_when_run_then_the_version_is_current_and_can_be_undone(
    environment: dict[str, str], client: GrowthClient
) -> None:
    printed = run(RESTORE, environment, name="stars", version="v2")
    assert client.datasets.get_dataset("stars").current == "v2"
    assert "stars is v2" in printed
    run(RESTORE, environment, name="stars", undo=True)  # the newest of the others: v1
    assert client.datasets.get_dataset("stars").current == "v2"


def test_restore_when_no_name_is_set_then_it_stops_and_lists_the_names(
    environment: dict[str, str],
) -> None:
    with pytest.raises(CellExecutionError, match="Set name above to one of: stars"):
        run(RESTORE, environment)


def test_runbook_when_a_student_tries_then_it_says_what_is_missing(school: School) -> None:
    environment = environment_of(school, "Jane-Doe")
    for name in (PUBLISH, RESTORE, WHO):
        with pytest.raises(CellExecutionError, match=r"[Nn]ot|lack"):
            run(name, environment)
    school.stop("jane-doe")
