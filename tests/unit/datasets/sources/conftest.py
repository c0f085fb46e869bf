"""Servers for the sources to ask."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from growth_admin.datasets.sources.http import HttpSource
from growth_admin.deploy.standins.drive.standin import DriveStandin

from .plain_server import PlainServer, serving


@pytest.fixture
def server() -> Iterator[PlainServer]:
    """A web server without any page yet."""
    with serving() as running:
        yield running


@pytest.fixture
def source() -> HttpSource:
    """A source that may reach the test's servers."""
    return HttpSource(allow_private_addresses=True, timeout_s=5.0)


@pytest.fixture
def drive() -> Iterator[DriveStandin]:
    """Google Drive's stand-in, empty."""
    with DriveStandin() as running:
        yield running
