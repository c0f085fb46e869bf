"""GitHub's stand-in for the tests of the people's table and of offboarding."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import github as standin


@pytest.fixture
def github(tmp_path: Path) -> Iterator[standin.StandIn]:
    """An organization with the three teams of a school, all empty; a process of this test's own."""
    with standin.running(tmp_path / "github") as running:
        for team in ("admins", "tas", "students"):
            running.team(team)
        yield running
