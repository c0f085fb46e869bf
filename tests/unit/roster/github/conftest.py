"""Schools against the stand-in, and against a server that behaves oddly."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from growth_admin.core.github.settings import GitHub
from growth_admin.roster.github.school import GitHubSchool
from tests import github
from tests.unit.roster.github import odd_server

TOKEN = "ghp_PlantedSecretOfTheTest0123456789abcd"
SCHOOLS = itertools.count(1)


@pytest.fixture(scope="session")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[github.StandIn]:
    with github.running(tmp_path_factory.mktemp("standin")) as running:
        yield running


@pytest.fixture
def hub(standin: github.StandIn) -> Iterator[github.StandIn]:
    """The stand-in with an organization of this test's own, without faults."""
    standin.open_school(f"school{next(SCHOOLS)}")
    standin.forget_requests()
    yield standin
    standin.clear()


@pytest.fixture
def odd() -> Iterator[odd_server.OddServer]:
    with odd_server.running() as server:
        yield server


def secret_file(path: Path, text: str) -> Path:
    """A file that only its owner may read."""
    path.touch(mode=0o600)
    path.write_text(text)
    return path


Make = Callable[..., GitHubSchool]


@pytest.fixture
def make(hub: github.StandIn, tmp_path: Path) -> Make:
    """A school with a token of the owner; settings and ``wait`` can be given."""

    def made(token: str = "", *, wait: Any = lambda _: None, **settings: Any) -> GitHubSchool:
        path = secret_file(tmp_path / "token", token or hub.token())
        known = {"api_url": hub.api_url, "organization": hub.organization}
        wanted = GitHub(**{**known, "token_file": str(path), **settings})
        return GitHubSchool(wanted, tmp_path / "cache", wait=wait)

    return made


@pytest.fixture
def school(make: Make) -> GitHubSchool:
    return make()


@pytest.fixture
def odd_school(odd: odd_server.OddServer, tmp_path: Path) -> GitHubSchool:
    """A school at the odd server; nothing waits."""
    path = secret_file(tmp_path / "token", TOKEN)
    settings = GitHub(
        api_url=odd.url, organization="school", token_file=str(path), write_interval_s=0.0
    )
    return GitHubSchool(settings, tmp_path / "cache", wait=lambda _: None)
