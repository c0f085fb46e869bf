"""THE table of permissions: one row for each thing that a visitor may do.

Words: an *area* is a part of the console (``startup``, ``servers`` ...). A *scope* is what the
hub grants (``custom:growth:<area>``, a JupyterHub custom scope; ``custom:growth:admin`` contains
all of them). A *permission* is one row of the table below: a name, the scope that it needs, and
what it allows. Routes, the API description and the documentation are made from this table;
whatever is not in it is refused.

Source: JupyterHub, "Defining custom scopes".
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

AREAS: Final = ("startup", "datasets", "roster", "servers", "images", "overview")
ADMIN_SCOPE: Final = "custom:growth:admin"
ANY_AREA: Final = "any"
"""In place of an area: whoever holds at least one area."""


@dataclass(frozen=True)
class Permission:
    """One row: ``name`` is ``<area>.<noun>:<verb>``; ``is_mutation`` means that it is audited.

    ``is_for_admins``: its area is not enough. A school may grant an area to TAs, with hub scopes
    for a group's servers only; what reaches everybody all the same is not theirs.
    """

    name: str
    area: str
    description: str
    is_mutation: bool = False
    is_for_admins: bool = False

    def is_held_by(self, scopes: Collection[str]) -> bool:
        """Return whether these hub scopes contain what the row needs."""
        if self.is_for_admins:
            return ADMIN_SCOPE in scopes
        held = areas_of(scopes)
        return bool(held) if self.area == ANY_AREA else self.area in held

    @property
    def needs(self) -> str:
        """Return the scope in words, for messages and documentation."""
        if self.is_for_admins:
            return ADMIN_SCOPE
        return "any custom:growth scope" if self.area == ANY_AREA else scope_of(self.area)


def scope_of(area: str) -> str:
    """Return the hub's custom scope for an area."""
    return f"custom:growth:{area}"


def areas_of(scopes: Collection[str]) -> tuple[str, ...]:
    """Return the areas that these hub scopes open, in the order of the table.

    Custom scopes are compared whole: a filtered one (``custom:growth:startup!group=x``) opens
    nothing, because no route of ours knows how to honour the filter.
    """
    if ADMIN_SCOPE in scopes:
        return AREAS
    return tuple(area for area in AREAS if scope_of(area) in scopes)


def _read(name: str, area: str, description: str, *, is_for_admins: bool = False) -> Permission:
    return Permission(name, area, description, is_for_admins=is_for_admins)


def _change(name: str, area: str, description: str, *, is_for_admins: bool = False) -> Permission:
    return Permission(name, area, description, is_mutation=True, is_for_admins=is_for_admins)


def _rows() -> tuple[Permission, ...]:
    read, change = _read, _change
    return (
        read("me:read", ANY_AREA, "See who one is and which areas are open"),
        read("description:read", ANY_AREA, "Read the description of this API"),
        read("jobs:read", ANY_AREA, "See the jobs of one's own areas, and their logs"),
        change("jobs:cancel", ANY_AREA, "Cancel a job of one's own areas"),
        change("jobs:pause", ANY_AREA, "Pause a job of one's own areas, or let it go on"),
        change("jobs:dismiss", ANY_AREA, "Put an ended job of one's own areas away"),
        read("audit:read", ANY_AREA, "See who changed what in one's own areas"),
        read("startup.scripts:read", "startup", "Read start scripts, revisions and differences"),
        read("startup.scripts:lint", "startup", "Check the text of a start script"),
        change("startup.scripts:save", "startup", "Save a revision of a start script"),
        change("startup.scripts:rehearse", "startup", "Run a revision in a throw-away root"),
        change("startup.scripts:canary", "startup", "Start one's own canary with a revision"),
        change("startup.scripts:publish", "startup", "Make a revision live for everybody"),
        read("startup.starts:read", "startup", "See what every start did, with its logs"),
        read("datasets.datasets:read", "datasets", "See datasets, versions, space and uploads"),
        read("datasets.receipts:read", "datasets", "See which student has which version"),
        read("datasets.sources:probe", "datasets", "Look at a link before anything is fetched"),
        change("datasets.uploads:write", "datasets", "Upload files from one's own computer"),
        change("datasets.datasets:publish", "datasets", "Fetch data and publish it as a version"),
        change("datasets.versions:restore", "datasets", "Make an earlier version current again"),
        change("datasets.versions:delete", "datasets", "Delete versions, or take that back"),
        change("datasets.versions:verify", "datasets", "Hash a published version again"),
        read("roster.people:read", "roster", "See people, their teams and invitations"),
        read("roster.lists:read", "roster", "Have a list of people read; nothing is changed"),
        read("roster.setup:read", "roster", "Try each step of the first-time setup"),
        change("roster.people:update", "roster", "Put entries of the roster right"),
        change("roster.teams:change", "roster", "Invite, add, move and remove people at GitHub"),
        change("roster.people:offboard", "roster", "End somebody's access at GitHub and the hub"),
        *_server_rows(),
        *_image_rows(),
        read("overview.overview:read", "overview", "See how the school is, line by line"),
    )


def _server_rows() -> tuple[Permission, ...]:
    read, change = _read, _change
    return (
        read("servers.servers:read", "servers", "See users and their servers"),
        change("servers.servers:control", "servers", "Start, stop and restart servers"),
        change("servers.servers:open", "servers", "Open a user's server, and act there as them"),
        read(
            "servers.bot:read",
            "servers",
            "See how the runs of the bot student went",
            is_for_admins=True,
        ),
        change(
            "servers.bot:run",
            "servers",
            "Let the bot student try what a student does",
            is_for_admins=True,
        ),
        read(
            "servers.notices:read",
            "servers",
            "See notices, and who has seen them",
            is_for_admins=True,
        ),
        change(
            "servers.notices:write",
            "servers",
            "Post, change and withdraw notices",
            is_for_admins=True,
        ),
    )


def _image_rows() -> tuple[Permission, ...]:
    read, change = _read, _change
    return (
        read("images.images:read", "images", "See the school's image, its tags and their past"),
        change("images.results:write", "images", "Keep the result of a check of an image"),
        change("images.checks:start", "images", "Check an image: its own checks, then a canary"),
        change("images.prepulls:start", "images", "Let every node fetch an image before a class"),
        read("images.packages:read", "images", "See the image's lists of packages, and check them"),
        change("images.packages:write", "images", "Change the image's lists of packages"),
        change("images.builds:start", "images", "Build the image from its source"),
        change("images.tryouts:write", "images", "Try packages in one's own running server"),
        change("images.tags:move", "images", "Promote an image, or roll back to an earlier one"),
    )


PERMISSIONS: Final[dict[str, Permission]] = {row.name: row for row in _rows()}
