"""Every route there is, and which of them a server serves, with whoever answers there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from growth_admin.api import console
from growth_admin.api.models import Missing
from growth_admin.api.openapi import describe
from growth_admin.api.operation import Route
from growth_admin.datasets import handlers as datasets
from growth_admin.datasets.uploads import handlers as uploads
from growth_admin.images import handlers as images
from growth_admin.images.builds import handlers as builds
from growth_admin.images.checks import handlers as checks
from growth_admin.images.packages import handlers as packages
from growth_admin.images.prepulls import handlers as prepulls
from growth_admin.images.tryouts import handlers as tryouts
from growth_admin.jobs import handlers as jobs
from growth_admin.overview import handlers as overview
from growth_admin.rooms import Rooms
from growth_admin.roster import handlers as roster
from growth_admin.servers import handlers as servers
from growth_admin.servers.bot import handlers as bot
from growth_admin.servers.help import handlers as help_desk
from growth_admin.servers.notices import handlers as notices
from growth_admin.startup import handlers as startup


@dataclass(frozen=True)
class Console:
    """Answers the routes that belong to no room."""

    rooms: Rooms

    @property
    def server_name(self) -> str:
        """The name of this server, empty for a default one."""
        return self.rooms.settings.server_name

    def list_missing(self) -> tuple[Missing, ...]:
        """Return what is not there, what it disables, and how to get it."""
        return self.rooms.list_missing()

    def describe(self) -> dict[str, Any]:
        """Return the OpenAPI description of all routes."""
        return _description()


def _if_open(area: str, who: Callable[[Rooms], Any]) -> Callable[[Rooms], Any]:
    return lambda rooms: who(rooms) if area in rooms.settings.areas else None


ANSWERS: Final[tuple[tuple[tuple[Route, ...], Callable[[Rooms], Any]], ...]] = (
    (console.ROUTES, Console),
    (jobs.ROUTES, lambda rooms: rooms.jobs),
    (startup.ROUTES, _if_open("startup", lambda rooms: rooms.startup)),
    (datasets.ROUTES, _if_open("datasets", lambda rooms: rooms.datasets.manager)),
    (uploads.ROUTES, _if_open("datasets", lambda rooms: rooms.datasets.uploads)),
    (datasets.NAMED_ROUTES, _if_open("datasets", lambda rooms: rooms.datasets.manager)),
    (roster.ROUTES, lambda rooms: rooms.roster),
    (servers.ROUTES, _if_open("servers", lambda rooms: rooms.servers)),
    (help_desk.ROUTES, _if_open("servers", lambda rooms: rooms.help_desk)),
    (bot.ROUTES, lambda rooms: rooms.bot),
    (notices.ROUTES, _if_open("servers", lambda rooms: rooms.notices)),
    (images.ROUTES, lambda rooms: rooms.images),
    (packages.ROUTES, lambda rooms: rooms.images),
    (builds.ROUTES, lambda rooms: rooms.images),
    (checks.ROUTES, lambda rooms: rooms.images),
    (prepulls.ROUTES, lambda rooms: rooms.images),
    (tryouts.ROUTES, lambda rooms: rooms.images),
    (overview.ROUTES, _if_open("overview", lambda rooms: rooms.overview)),
)
"""Who answers on which routes; nothing where that part is not there. The first that fits a path is
taken, so those with an open name come last in their area."""


def routes_of(rooms: Rooms) -> list[tuple[Route, Any]]:
    """Return each route that a server with these rooms serves, with whoever answers there."""
    return [
        (route, who)
        for routes, answer in ANSWERS
        if (who := answer(rooms)) is not None
        for route in routes
    ]


def all_routes() -> tuple[Route, ...]:
    """Return every route there is."""
    return tuple(route for routes, _ in ANSWERS for route in routes)


@cache
def _description() -> dict[str, Any]:
    return describe(all_routes())
