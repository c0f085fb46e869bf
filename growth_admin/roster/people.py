"""The people's table: asks everybody, lets the pure part say how each stands, keeps what it saw.

What is seen once and cannot be asked later is noted in the roster: that somebody was in the team,
the number of the account, the name at the hub.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Protocol

from growth_admin.core.errors import GrowthError, NotConfigured, NotFound
from growth_admin.core.schema import now
from growth_admin.roster.book import Book, Listed, People, RosterBook
from growth_admin.roster.facts import School
from growth_admin.roster.flags import OUT
from growth_admin.roster.matching import target_of
from growth_admin.roster.models import Budget, PeopleList, PersonRow
from growth_admin.roster.queue import Waiting
from growth_admin.roster.reader import SchoolReader, to_look_up
from growth_admin.roster.rows import rows_of
from growth_admin.roster.sides import GitHubFacts, HubFacts, Sides

log = logging.getLogger(__name__)
NOTICED: Final = "noticed at GitHub and the hub"


class Queue(Protocol):
    """Invitations that wait, and how many may be sent."""

    def queued(self) -> tuple[Waiting, ...]:
        """Return whose invitation waits for another day."""
        ...

    def budget(self) -> Budget:
        """Return how many invitations may be sent."""
        ...


@dataclass(frozen=True)
class Found:
    """A person, the slugs of the teams they are in, and the invitations to teams."""

    row: PersonRow
    teams: tuple[str, ...]
    invitations: tuple[tuple[str, int], ...]


class PeopleTable:
    """Everybody the school knows of. Safe to use from several threads."""

    def __init__(
        self,
        book: RosterBook,
        school: School,
        reader: SchoolReader,
        queue: Queue,
        *,
        groups: Callable[[], Mapping[str, str]],
        reserved: Callable[[], frozenset[str]],
        accept_url: Callable[[str], str],
        user: str,
    ) -> None:
        self._book = book
        self._school = school
        self._reader = reader
        self._queue = queue
        self._groups = groups
        self._reserved = reserved
        self._accept_url = accept_url
        self._seen_number = 0
        self._user = user

    def list_people(self, *, is_fresh: bool = False) -> PeopleList:
        """Return everybody; what could not be asked is named in ``problems``."""
        problems: list[str] = []
        sides = self._look(problems, is_fresh=is_fresh)
        rows = rows_of(sides)
        self._notice(rows, sides, problems)
        return self._list_of(rows, sides, problems)

    def _list_of(
        self, rows: tuple[PersonRow, ...], sides: Sides, problems: list[str]
    ) -> PeopleList:
        slugs = sides.github.slugs if sides.github else {}
        try:
            organization = self._school.organization
        except NotConfigured:
            organization = ""  # the problems say so already
        return PeopleList(
            people=rows,
            counts=dict(Counter(row.state for row in rows)),
            teams=tuple(slugs.get(name, name) for name in self._groups()),
            accept_url=self._accept_url(organization) if organization else "",
            organization=organization,
            budget=self._budget(problems),
            as_of=sides.github.as_of if sides.github else now(),
            problems=tuple(problems),
        )

    def get_row(self, key: str) -> PersonRow:
        """Return one person's row. Raises ``NotFound``."""
        for row in self.list_people().people:
            if row.key == key:
                return row
        raise NotFound(f"There is nobody {key} here.", hint="List the people again.")

    def look_closely(self, key: str) -> Found:
        """Return one person with all places where they are, asked now.

        Raises ``NotFound``, and what GitHub or the hub raise when they are away.
        """
        said = self._reader.read_github(is_fresh=True)
        hub = self._reader.read_hub(is_fresh=True)
        for error in (said.error, hub.error):
            if error is not None:
                raise error
        row = self.get_row(key)
        assert said.value is not None  # there was no error
        targets = {text.casefold() for text in (row.login, row.email) if text}
        return Found(
            row=row,
            teams=tuple(
                slug
                for slug, team in said.value.teams.items()
                if any(account.id == row.github_id for account in team.members)
            ),
            invitations=tuple(
                (slug, invitation.id)
                for slug, team in said.value.teams.items()
                for invitation in team.invitations
                if target_of(invitation) in targets
            ),
        )

    def count_hub_users(self) -> int | None:
        """Return how many users of the hub are in a group of the school; None if not known."""
        hub = self._reader.read_hub().value
        if hub is None:
            return None
        groups = set(self._groups().values())
        return sum(1 for known in hub.accounts.values() if groups.intersection(known.groups))

    def forget(self) -> None:
        """Ask everybody again next time: something was changed."""
        self._reader.forget()

    # -- looking

    def _look(self, problems: list[str], *, is_fresh: bool) -> Sides:
        book = self._load(problems)
        is_changed = book.number != self._seen_number
        github = self._reader.read_github(is_fresh=is_fresh, is_changed=is_changed)
        if github.error is None:
            self._seen_number = book.number
        hub = self._reader.read_hub(is_fresh=is_fresh)
        problems += [*github.problems, *hub.problems]
        slugs = github.value.slugs if github.value else {}
        return Sides(
            people=book.people,
            now=self._school.now(),
            github=self._with_accounts(github.value, book, problems),
            hub=self._with_tokens(hub.value, book),
            waiting=self._waiting(problems),
            groups={slugs.get(name, name): group for name, group in self._groups().items()},
            reserved=self._reserved(),
        )

    def _load(self, problems: list[str]) -> Book:
        try:
            return self._book.load()
        except GrowthError as e:
            problems.append(f"The roster cannot be read: {e.detail}")
            return Book()

    def _budget(self, problems: list[str]) -> Budget:
        try:
            return self._queue.budget()
        except GrowthError as e:
            problems.append(f"The record of invitations cannot be read: {e.detail}")
            return Budget(limit=0, used=0)

    def _waiting(self, problems: list[str]) -> tuple[Waiting, ...]:
        try:
            return self._queue.queued()
        except GrowthError as e:
            problems.append(f"The queue of invitations cannot be read: {e.detail}")
            return ()

    def _with_accounts(
        self, github: GitHubFacts | None, book: Book, problems: list[str]
    ) -> GitHubFacts | None:
        if github is None:
            return None
        accounts, left = self._reader.look_up(to_look_up(book.people, github))
        if left:
            problems.append(f"{left} logins are not looked up yet; look again in a moment.")
        return replace(github, accounts=accounts)

    def _with_tokens(self, hub: HubFacts | None, book: Book) -> HubFacts | None:
        """Return the hub's facts with the tokens of those who were removed and are still there."""
        if hub is None:
            return None
        names = {
            (person.hub_name or person.login).lower() for person in book.people if person.removed
        }
        return replace(hub, tokens=self._reader.count_tokens(sorted(names & set(hub.accounts))))

    # -- noticing

    def _notice(self, rows: tuple[PersonRow, ...], sides: Sides, problems: list[str]) -> None:
        seen = {row.key: row for row in rows}

        def change(people: People) -> People:
            return {
                key: _noticed(person, seen[key]) if key in seen else person
                for key, person in people.items()
            }

        if all(_noticed(person, seen[person.key]) == person for person in sides.people):
            return
        try:
            kept = self._book.update(change, user=self._user, reason=NOTICED)
            self._seen_number = kept.number
        except GrowthError as e:
            log.warning("what was noticed is not kept: %s", e.detail)
            problems.append(f"What was seen now could not be kept in the roster: {e.detail}")


def _noticed(person: Listed, row: PersonRow) -> Listed:
    """Return the entry with what its row shows for the first time."""
    found: dict[str, object] = {}
    if row.state == "active" and not person.was_active:
        found["was_active"] = True
    if row.github_id is not None and person.github_id is None:
        found["github_id"] = row.github_id
    if row.hub is not None and not person.hub_name and row.state not in OUT:
        found["hub_name"] = row.names.hub
    return person.model_copy(update=found) if found else person
