"""A school in memory and servers that work on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from growth_admin.roster.patience import Limits
from tests.roster.desk import Desk
from tests.unit.roster.work.fake_school import FakeSchool

NO_WAIT = Limits(settle_s=0, rest_s=300, outage_s=3, retry_s=1, sleep=lambda seconds: None)
MakeDesk = Callable[..., Desk]


@pytest.fixture
def school() -> FakeSchool:
    """A school with three teams and nobody in them."""
    return FakeSchool()


@pytest.fixture
def make_desk(tmp_path: Path, school: FakeSchool) -> Iterator[MakeDesk]:
    """Make servers that share a folder and the school; they are closed in the end."""
    made: list[Desk] = []

    def make(user: str = "olga", *, limits: Limits = NO_WAIT, limit: int = 0) -> Desk:
        teams = ("Admins", "TAs", "Participants")
        desk = Desk(tmp_path, school, user=user, limits=limits, limit=limit, teams=teams)
        made.append(desk)
        return desk.open()

    yield make
    for desk in made:
        desk.close()


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    """One server."""
    return make_desk()


def waiting_for_real(limits: Limits = NO_WAIT) -> Limits:
    """Return limits of which the pauses take their time."""
    import time

    return replace(limits, sleep=time.sleep)
