"""The roster itself: who belongs to the school, kept through renames and removals.

Immutable snapshots, numbered by who creates the file first (as revisions of start scripts are):
roster/book/<number>.json. Nobody is ever dropped from it, so that a login that is given up and
taken by somebody else is noticed; who has left carries the time.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from pydantic import Field, ValidationError

from growth_admin.core.errors import Conflict, NotFound, StorageUnavailable
from growth_admin.core.fsops import create_exclusive, list_names, read_bytes
from growth_admin.core.schema import Model, Moment, now

KEPT: Final = 50
TRIES: Final = 20
LIMIT_BYTES: Final = 64 * 1024**2


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


class Book(Model):
    """The roster at one moment."""

    number: int = 0
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
        self._folder = folder

    def load(self) -> Book:
        """Return the newest snapshot, an empty book before the first.

        Raises ``StorageUnavailable`` when it cannot be read.
        """
        numbers = self._numbers()
        return self._read(numbers[-1]) if numbers else Book()

    def load_before(self, number: int) -> Book:
        """Return an older snapshot. Raises ``NotFound`` once it is no longer kept."""
        return self._read(number)

    def update(self, change: Callable[[People], People], *, user: str, reason: str) -> Book:
        """Write what ``change`` makes of the newest people, and return the snapshot.

        ``change`` is called again when another server was first. Nothing is written when it
        changes nothing. Raises ``StorageFull``, ``StorageUnavailable`` or, when others write all
        the time, ``Conflict``.
        """
        for _ in range(TRIES):
            book = self.load()
            people = tuple(change(book.by_key()).values())
            if people == book.people:
                return book
            fresh = Book(
                number=book.number + 1,
                written=now(),
                written_by=user,
                reason=reason,
                people=people,
            )
            with suppress(Conflict):
                create_exclusive(self._path(fresh.number), fresh.model_dump_json().encode())
                self._prune()
                return fresh
        raise Conflict("The roster is being changed by others.", hint="Try again in a moment.")

    def _read(self, number: int) -> Book:
        path = self._path(number)
        try:
            return Book.model_validate_json(read_bytes(path, limit_bytes=LIMIT_BYTES))
        except ValidationError as e:
            raise StorageUnavailable(
                f"The roster {path} is damaged.",
                hint="Move the file away: the snapshot before it is used then.",
            ) from e

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:06d}.json"

    def _numbers(self) -> list[int]:
        names = (name.removesuffix(".json") for name in list_names(self._folder))
        return sorted(int(name) for name in names if name.isdigit())

    def _prune(self) -> None:
        for number in self._numbers()[:-KEPT]:
            with suppress(OSError, NotFound):
                self._path(number).unlink()
