"""The room of the roster: its parts, made from the settings and wired."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from traitlets.config import Config

from growth_admin.core.github.settings import GitHub
from growth_admin.core.paths import Paths
from growth_admin.jobs.engine import JobEngine
from growth_admin.roster.book import RosterBook
from growth_admin.roster.editing import Editor
from growth_admin.roster.facts import HubAccounts
from growth_admin.roster.github.school import build_school
from growth_admin.roster.github.setup import check_setup
from growth_admin.roster.homes import Homes
from growth_admin.roster.ledger import Ledger
from growth_admin.roster.manager import Parts, RosterManager
from growth_admin.roster.offboarding import Leavings
from growth_admin.roster.patience import wait_briefly
from growth_admin.roster.people import PeopleTable
from growth_admin.roster.queue import InvitationQueue
from growth_admin.roster.reader import SchoolReader
from growth_admin.roster.taking_leave import Doors
from growth_admin.roster.work import RosterWork

CONFIGURABLES = (RosterManager, GitHub)
"""Classes of this room whose traits are settings."""


def build_room(
    paths: Paths,
    engine: JobEngine,
    hub: HubAccounts | None,
    *,
    user: str,
    writer: str,
    config: Config,
) -> RosterManager:
    """Return the room of one school for one admin's server. Nothing is asked or written yet.

    ``writer`` names this server in the ledger of invitations.
    """
    manager = RosterManager(config=config)
    folder = paths.admin_state / "roster"
    school = build_school(
        config, folder / "replies", wait=lambda seconds: wait_briefly(seconds, school.now)
    )
    book, queue = RosterBook(folder / "book"), InvitationQueue(folder / "queue")
    ledger = Ledger(folder / "ledger", writer=writer, limit=manager.invitation_limit)
    work = RosterWork(
        school, book, ledger, queue, engine, teams=lambda: tuple(manager.groups), user=user
    )
    people = PeopleTable(
        book,
        school,
        SchoolReader(school, hub, lambda: _teams(manager, book)),
        work,
        groups=lambda: manager.groups,
        reserved=lambda: manager.reserved,
        accept_url=lambda name: school.settings.page("orgs", name, "invitation"),
        user=user,
    )
    doors = Doors(book, school, hub, partial(_homes, manager, paths), queue, people)
    manager.connect(
        Parts(
            people=people,
            editor=Editor(book, school, people.get_row),
            check_setup=lambda: check_setup(
                school, tuple(manager.groups), count_hub_users=people.count_hub_users
            ),
            require_credential=school.require_credential,
            work=work,
            leaving=Leavings(doors, engine, user=user),
        )
    )
    return manager


def _teams(manager: RosterManager, book: RosterBook) -> tuple[str, ...]:
    """Return the school's teams, and others that people were brought into all the same."""
    others = {person.team for person in book.load().people if person.team}
    return (*manager.groups, *sorted(others - set(manager.groups)))


def _homes(manager: RosterManager, paths: Paths) -> Homes:
    root = Path(manager.homes_root) if manager.homes_root else None
    return Homes(root, paths.admin_root / "archive")
