"""The room of the roster: its parts, made from the settings and wired."""

from __future__ import annotations

from traitlets.config import Config

from growth_admin.core.paths import Paths
from growth_admin.jobs.engine import JobEngine
from growth_admin.roster.book import RosterBook
from growth_admin.roster.editing import Editor
from growth_admin.roster.facts import HubAccounts
from growth_admin.roster.github.settings import GitHub
from growth_admin.roster.manager import Parts, RosterManager
from growth_admin.roster.missing import (
    MissingSchool,
    MissingWork,
    missing,
    missing_lists,
    missing_setup,
)
from growth_admin.roster.people import PeopleTable
from growth_admin.roster.reader import SchoolReader

CONFIGURABLES = (RosterManager, GitHub)
"""Classes of this room whose traits are settings."""


def build_room(
    paths: Paths, engine: JobEngine, hub: HubAccounts | None, *, user: str, config: Config
) -> RosterManager:
    """Return the room of one school for one admin's server. Nothing is asked or written yet."""
    manager = RosterManager(config=config)
    settings = GitHub(config=config)
    folder = paths.admin_state / "roster"
    school = MissingSchool(settings.organization)
    work = MissingWork()
    book = RosterBook(folder / "book")
    people = PeopleTable(
        book,
        school,
        SchoolReader(school, hub, lambda: manager.groups),
        work,
        groups=lambda: manager.groups,
        reserved=lambda: manager.reserved,
        user=user,
    )
    editor = Editor(book, school, people.get_row)
    manager.connect(
        Parts(
            people=people,
            editor=editor,
            read_list=missing_lists,
            check_setup=missing_setup,
            require_credential=missing,
            work=work,
            leaving=work,
        )
    )
    return manager
