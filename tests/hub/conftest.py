"""The schools that tests on a hub share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hub.school import School, hub55_python


@pytest.fixture(scope="session")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """A school with the JupyterHub of this environment; shared, so leave it as it was."""
    with School.open(tmp_path_factory.mktemp("school")) as running:
        yield running


@pytest.fixture(scope="session")
def school55(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """The same with JupyterHub 5.5; people's servers still run this environment's version."""
    root = tmp_path_factory.mktemp("school55")
    with School.open(root, hub_python=hub55_python()) as running:
        yield running


@pytest.fixture(scope="session", params=["hub-6.1", "hub-5.5"])
def either_school(request: pytest.FixtureRequest) -> School:
    """Each of the two: a test with it runs on both hub versions."""
    name = "school" if request.param == "hub-6.1" else "school55"
    found: School = request.getfixturevalue(name)
    return found
