"""Builds the image once for all tests of this folder; missing tools are an error, not a skip.

Containers are run by root of a Linux machine. On a developer's machine where this is not so, the
folder is left out as a whole and the head of the report says so; for root, and where CI is set, it
never is, and a part that is missing fails the tests.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.container import images
from tests.container.engine import Engine, require_tools
from tests.container.school import Folders
from tests.container.sessions import session

BUILD_S = 1200  # a cold cache: debootstrap, the base, the image


def _lack() -> str:
    """What keeps these tests from running here; empty where they run, or have to."""
    if os.environ.get("CI") or (sys.platform == "linux" and os.geteuid() == 0):
        return ""
    return "it takes root of a Linux machine that may be thrown away"


collect_ignore_glob = ["test_*.py"] if _lack() else []


def pytest_report_header() -> str:
    """Say when this folder is left out."""
    lack = _lack()
    return f"tests/container is left out: {lack}" if lack else ""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whichever test comes first waits for the builds."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.timeout(BUILD_S))


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Podman and buildah on the tests' own storage; fails when tests leave something there."""
    require_tools()
    made = Engine(tmp_path_factory.mktemp("engine"))
    with session(made):
        yield made


@pytest.fixture(scope="session")
def base(engine: Engine) -> str:
    """The plain base."""
    return images.base(engine)


@pytest.fixture(scope="session")
def image(engine: Engine) -> str:
    """The school's image."""
    return images.image(engine)


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    """A school's shared folders and homes, as the README says to make them."""
    return Folders.make(tmp_path / "disk")


@pytest.fixture
def scratch(engine: Engine) -> Iterator[Callable[[str], str]]:
    """Names for images that are gone after the test."""
    tags: list[str] = []

    def name(what: str) -> str:
        tags.append(f"localhost/growth-test-scratch-{os.getpid()}-{what}")
        return tags[-1]

    yield name
    for tag in tags:
        engine.forget(tag)
