"""R03 and R04 on a real school: a student who cannot start, a hub that was killed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from growth_admin.client import GrowthClient
from tests.hub.school import School, eventually
from tests.hub.test_servers_hub_restart import kill_hub, kill_server, start_hub
from tests.notebooks.running import FROM_SERVER, run

ADMIN = "ada-okafor"
R03, R04 = "R03-a-student-cannot-start.ipynb", "R04-the-hub-was-restarted.ipynb"


def admins_environment(school: School) -> dict[str, str]:
    """Return the environment that a kernel on the admin's server has."""
    school.login("Ada-Okafor")
    if not school.server(ADMIN):
        school.start(ADMIN)
    of_server = school.server_environment(ADMIN)
    return {**os.environ, **{name: of_server[name] for name in FROM_SERVER}}


def client_of(school: School, environment: dict[str, str]) -> GrowthClient:
    """Return the admin's client."""
    return GrowthClient(school.server_url(ADMIN), environment["JUPYTERHUB_API_TOKEN"])


def test_cannot_start_when_the_script_was_mended_then_named_restarted_and_well(
    school: School,
) -> None:
    environment = admins_environment(school)
    client = client_of(school, environment)
    script = school.folder.admin / "start" / "as-user.sh"
    before = script.read_text()
    script.write_text('echo "no moon today" >&2\nexit 7\n')
    school.login("Liam-O-Connor")
    school.start("liam-o-connor")
    script.write_text(before)
    started = str((school.server("liam-o-connor") or {})["started"])

    printed = run(R03, environment, user="liam-o-connor")
    assert "as-user.sh failed in the last start: no moon today." in printed
    assert "Another revision is live since" in printed
    assert "-- liam-o-connor-as-user.log" in printed
    assert "Restart liam-o-connor" in printed and "-> succeeded" in printed
    assert "Ask liam-o-connor to reload the page." in printed
    assert str((school.server("liam-o-connor") or {})["started"]) > started
    assert "bad-start" not in {f.id for f in client.servers.get_help("liam-o-connor").findings}
    school.stop("liam-o-connor")


def test_cannot_start_when_the_server_is_stopped_then_started_and_undone(school: School) -> None:
    environment = admins_environment(school)
    school.login("Liam-O-Connor")
    printed = run(R03, environment, user="liam-o-connor", undo=True)
    assert "Start liam-o-connor" in printed and "-> succeeded" in printed
    assert school.server("liam-o-connor") is None, "the last cell has stopped it again"


def test_cannot_start_when_the_hub_knows_nobody_then_says_so_and_changes_nothing(
    school: School,
) -> None:
    environment = admins_environment(school)
    person = school.new_person("students").lower()
    printed = run(R03, environment, user=person)
    assert f"The hub knows no user {person}" in printed
    assert "there is no server to mend" in printed and "nothing was done" in printed


@pytest.mark.timeout(900)
def test_hub_restarted_when_a_server_died_meanwhile_then_it_is_found_and_started_again(
    tmp_path: Path,
) -> None:
    with School.open(tmp_path / "own") as school:
        environment = admins_environment(school)
        for login in ("Jane-Doe", "Chen-Wei"):
            school.login(login)
            school.start(login.lower())
        client_of(school, environment).notices.post("Lunch")
        kept = str((school.server("chen-wei") or {})["started"])
        kill_hub(school)
        kill_server(school, "jane-doe")
        start_hub(school)
        eventually(lambda: school.server("chen-wei"), 60)
        eventually(lambda: not school.server("jane-doe"), 60)

        looked = run(R04, environment, may_start=False)
        assert "1 lost: jane-doe" in looked and "nothing was started" in looked
        assert school.server("jane-doe") is None
        printed = run(R04, environment)
        assert "Start jane-doe" in printed and "all that were lost are back" in printed
        assert "1 notices are shown: Lunch" in printed
        assert school.server("jane-doe") is not None
        assert str((school.server("chen-wei") or {})["started"]) == kept, "it was left alone"
