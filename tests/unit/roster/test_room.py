"""Which teams the people's table looks at."""

from __future__ import annotations

from pathlib import Path

from traitlets.config import Config

from growth_admin.roster.book import RosterBook
from growth_admin.roster.manager import RosterManager
from growth_admin.roster.room import _teams
from tests.unit.roster.school import listed


def test_teams_when_people_were_brought_into_another_one_then_it_is_looked_at_too(
    tmp_path: Path,
) -> None:
    book = RosterBook(tmp_path)
    people = {"jane": listed("jane", team="participants"), "liam": listed("liam", team="students")}
    book.update(lambda _: people, user="ada", reason="test")
    manager = RosterManager(config=Config())
    assert _teams(manager, book) == ("admins", "tas", "students", "participants")
