"""O09, R05 and T04, executed against a real school over a real registry, one after the other."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from nbclient.exceptions import CellExecutionError

from growth_admin.client import GrowthClient
from tests.hub.school import School
from tests.images.registry import RealRegistry, running_registry
from tests.notebooks.running import FROM_SERVER, run

ADMIN, STUDENT = "ada-okafor", "jane-doe"
PROMOTE = "O09-promote-an-image.ipynb"
ROLL_BACK = "R05-roll-back-an-image.ipynb"
WHO = "T04-who-runs-which-image.ipynb"


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRegistry]:
    with running_registry(tmp_path_factory.mktemp("registry")) as started:
        yield started


@pytest.fixture(scope="module")
def imaged(tmp_path_factory: pytest.TempPathFactory, registry: RealRegistry) -> Iterator[School]:
    """A school whose servers start with the registry's image."""
    image = {"GROWTH_IMAGE_NAME": registry.image, "GROWTH_IMAGE_TAG": "deploy"}
    with School.open(tmp_path_factory.mktemp("imaged"), **image) as running:
        yield running


@pytest.fixture(scope="module")
def environment(imaged: School) -> dict[str, str]:
    """The environment that a kernel on the organiser's server has."""
    imaged.login("Ada-Okafor")
    imaged.start(ADMIN)
    of_server = imaged.server_environment(ADMIN)
    return {**os.environ, **{name: of_server[name] for name in FROM_SERVER}}


@pytest.fixture
def client(imaged: School, environment: dict[str, str]) -> GrowthClient:
    return GrowthClient(imaged.server_url(ADMIN), environment["JUPYTERHUB_API_TOKEN"])


@pytest.mark.timeout(900)
def test_image_runbooks_when_run_in_turn_then_promoted_shown_and_taken_back(
    imaged: School, registry: RealRegistry, environment: dict[str, str], client: GrowthClient
) -> None:
    old, new = registry.push("git-40"), registry.push("git-41")
    registry.tag("deploy", old)
    assert client.images.get_timeline().digest == old
    imaged.login("Jane-Doe")
    imaged.start(STUDENT)

    with pytest.raises(CellExecutionError, match="Run its checks and record them"):
        run(PROMOTE, environment, target="git-41", reason="week 4")
    assert registry.digest("deploy") == old, "refused without a passing record"
    for check in ("smoke", "canary"):
        client.images.add_result(new, check, is_passed=True, detail="by the test")
    undone = run(PROMOTE, environment, target="git-41", reason="week 4", undo=True)
    assert "canary passed ada-okafor: by the test" in undone
    assert registry.digest("deploy") == old
    printed = run(PROMOTE, environment, target=new[:19], reason="week 4")
    assert registry.digest("deploy") == new
    assert f"deploy names {new}" in printed
    assert "Servers are processes here: there is nothing to fetch" in printed
    assert "1 keep another image" in printed

    shown = run(WHO, environment)
    assert f"1 run {old[:19]}, 1 inferred" in shown
    (line,) = [line for line in shown.splitlines() if line.startswith(STUDENT)]
    assert old[:19] in line and line.endswith("another image")

    back = run(ROLL_BACK, environment, reason="notebook 3 fails")
    assert registry.digest("deploy") == old
    assert "roll-back" not in back.partition("names")[0] and "0 servers keep another" in back
    assert client.images.get_timeline().moves[0].reason == "notebook 3 fails"
    with pytest.raises(CellExecutionError, match=f"ada-okafor rolled back from {new[:19]}"):
        run(ROLL_BACK, environment, reason="notebook 3 fails, says another admin")
    assert registry.digest("deploy") == old, "of two who do it at once the second changes nothing"
    imaged.stop(STUDENT)


def test_promotion_when_the_target_is_not_there_then_nothing_is_changed(
    registry: RealRegistry, environment: dict[str, str]
) -> None:
    before = registry.digest("deploy")
    with pytest.raises(CellExecutionError, match="Set target above"):
        run(PROMOTE, environment)
    with pytest.raises(CellExecutionError, match="NotFound"):
        run(PROMOTE, environment, target="git-7", reason="week 4")
    assert registry.digest("deploy") == before
