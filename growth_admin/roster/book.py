"""The roster itself: who belongs to the school, kept through renames and removals.

Immutable snapshots, numbered by who creates the file first (as revisions of start scripts are):
roster/book/<number>.json. Nobody is ever dropped from it, so that a login that is given up and
taken by somebody else is noticed; who has left carries the time.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic import Field

from growth_admin.core.schema import Model, Moment, now
from growth_admin.core.snapshots import Numbered, Snapshots


class Listed(Model):
    """One person of the roster."""

    key: str = Field(description="ours; stays the same through renames")
    name: str = ""
    email: str = ""
    login: str = Field(default="", description="as last seen at GitHub, else as written")
    former_logins: tuple[str, ...] = Field(
        default=(), description="what old lists may still call the account"
    )
    github_id: int | None = None
    team: str = Field(default="", description="slug; empty when removed from every team")
    note: str = ""
    source: str = ""
    added: Moment
    added_by: str = ""
    was_active: bool = Field(default=False, description="was seen as a member of the team")
    invited: Moment | None = Field(
        default=None, description="when we last sent an invitation, by GitHub's clock"
    )
    removed: Moment | None = Field(default=None, description="when we removed them, if we did")
    hub_name: str = Field(default="", description="at the hub, once seen there")


class Book(Numbered):
    """The roster at one moment."""

    written: Moment | None = None
    written_by: str = ""
    reason: str = ""
    people: tuple[Listed, ...] = ()

    def by_key(self) -> dict[str, Listed]:
        """Return the people by key."""
        return {person.key: person for person in self.people}


People = Mapping[str, Listed]


def new_key() -> str:
    """Return a key for somebody new."""
    return secrets.token_hex(6)


class RosterBook:
    """The snapshots on the disk. Several servers may write at once; nobody's change is lost."""

    def __init__(self, folder: Path) -> None:
        self._snapshots = Snapshots(folder, Book, what="The roster")

    def load(self) -> Book:
        """Return the newest snapshot, an empty book before the first.

        Raises ``StorageUnavailable`` when it cannot be read.
        """
        return self._snapshots.load()

    def update(self, change: Callable[[People], People], *, user: str, reason: str) -> Book:
        """Write what ``change`` makes of the newest people, and return the snapshot.

        Nothing is written when it changes nothing. Raises as ``Snapshots.update``.
        """

        def rewritten(book: Book) -> Book:
            people = tuple(change(book.by_key()).values())
            if people == book.people:
                return book
            said = {"written": now(), "written_by": user, "reason": reason}
            return book.model_copy(update={**said, "people": people})

        return self._snapshots.update(rewritten)
