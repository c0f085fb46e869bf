"""The runbooks, executed against a real school, as an admin would from the own server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from growth_admin.client import GrowthClient
from tests.hub.school import School
from tests.notebooks.running import FROM_SERVER, RUNBOOKS, run

ADMIN = "ada-okafor"
SKELETON = ("The target", "Check before", "Plan", "Apply", "Check after", "Undo")


@pytest.fixture(scope="module")
def environment(school: School) -> Iterator[dict[str, str]]:
    """The environment that a kernel on the admin's server has."""
    school.login("Ada-Okafor")
    if not school.server(ADMIN):
        school.start(ADMIN)
    of_server = school.server_environment(ADMIN)
    yield {**os.environ, **{name: of_server[name] for name in FROM_SERVER}}


@pytest.fixture
def client(school: School, environment: dict[str, str]) -> GrowthClient:
    return GrowthClient(school.server_url(ADMIN), environment["JUPYTERHUB_API_TOKEN"])


@pytest.mark.parametrize("path", sorted(RUNBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_runbook_when_shipped_then_has_the_skeleton_and_no_outputs(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert "What this is for" in text
    positions = [text.index(f"## {heading}") for heading in SKELETON]
    assert positions == sorted(positions)
    assert not any(cell.get("outputs") for cell in notebook.cells)
    assert path.name in (RUNBOOKS / "README.md").read_text()


def test_change_a_start_script_when_run_then_the_next_start_does_it(
    school: School, environment: dict[str, str], client: GrowthClient
) -> None:
    printed = run("O01-change-a-start-script.ipynb", environment)
    live = client.startup.get_script("as-user.sh")
    assert "hello from the organisers" in live.live_text
    assert f"live: r{live.script.live_revision}" in printed
    assert {e.step for e in live.head.evidence if e.is_passed} == {"rehearsal", "canary"}  # type: ignore[union-attr]

    school.login("Emma-Nilsen")
    school.start("emma-nilsen")
    log = client.startup.get_start_log("emma-nilsen", "as-user.sh")
    assert "hello from the organisers" in log.text
    school.stop("emma-nilsen")


def test_restore_a_start_script_when_run_then_the_text_before_is_live(
    environment: dict[str, str], client: GrowthClient
) -> None:
    before = client.startup.get_script("as-user.sh")
    broken = client.startup.save_revision(
        "as-user.sh", before.live_text + "exit 3\n", reason="a mistake"
    )
    client.startup.publish_revision(
        "as-user.sh", broken.revision.number, reason="a mistake", skip_reason="in a hurry"
    )
    printed = run("R01-restore-a-start-script.ipynb", environment)
    after = client.startup.get_script("as-user.sh")
    assert after.live_text == before.live_text
    assert "is live since" in printed
    entries = client.audit.list_entries(area="startup").entries
    assert entries[0].after.startswith(f"r{after.script.live_revision} ")
    assert entries[0].undo is not None


def test_what_did_every_start_do_when_run_then_names_the_failed_one_and_its_log(
    school: School, environment: dict[str, str], client: GrowthClient
) -> None:
    before = client.startup.get_script("as-user.sh")
    broken = client.startup.save_revision(
        "as-user.sh",
        before.live_text + 'echo "the disk of the moon is full" >&2\nexit 7\n',
        reason="fails on purpose",
    )
    client.startup.publish_revision(
        "as-user.sh", broken.revision.number, reason="fails on purpose", skip_reason="a test"
    )
    school.login("Zoe-L")
    school.start("zoe-l")
    printed = run("T01-what-did-every-start-do.ipynb", environment, user="zoe-l")
    school.stop("zoe-l")
    back = client.startup.publish_revision(
        "as-user.sh", before.script.live_revision or 0, reason="back to what worked"
    )
    assert back.script.live_sha256 == before.script.live_sha256
    assert "1 failed" in printed
    assert "the disk of the moon is full" in printed
