"""GitHub's description and a stand-in that the contract tests share."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from tests import github
from tests.contract.github_api import Api
from tests.contract.github_description import Description


@pytest.fixture(scope="session")
def published() -> Description:
    """What GitHub says about its REST API."""
    return Description()


@pytest.fixture(scope="session")
def shared_github(tmp_path_factory: pytest.TempPathFactory) -> Iterator[github.StandIn]:
    """A stand-in that all these tests share."""
    with github.running(tmp_path_factory.mktemp("github")) as hub:
        yield hub


@pytest.fixture
def hub(shared_github: github.StandIn) -> Iterator[github.StandIn]:
    """The stand-in with an organization of the test's own; fair weather afterwards."""
    shared_github.open_school(f"school-{secrets.token_hex(3)}")
    shared_github.forget_requests()
    yield shared_github
    shared_github.clear()
    shared_github.session.cookies.clear()


@pytest.fixture
def api(hub: github.StandIn, published: Description) -> Api:
    """Checked calls of it."""
    return Api(hub, published)
