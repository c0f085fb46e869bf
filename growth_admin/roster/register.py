"""The roster by what identifies people: account number, then login, then e-mail address."""

from __future__ import annotations

from collections.abc import Iterable

from growth_admin.roster.book import Listed
from growth_admin.roster.models import Entry


class Register:
    """Finds people of the roster. Who has left is in it too: a number is never forgotten."""

    def __init__(self, people: Iterable[Listed]) -> None:
        self._people: dict[str, Listed] = {}
        self._ids: dict[int, str] = {}
        self._logins: dict[str, str] = {}
        self._former: dict[str, str] = {}
        self._emails: dict[str, dict[str, None]] = {}
        for person in people:
            self.put(person)

    @property
    def people(self) -> dict[str, Listed]:
        """Everybody, by key."""
        return self._people

    def put(self, person: Listed) -> None:
        """Add an entry, or replace the one with its key."""
        self._people[person.key] = person
        if person.github_id is not None:
            self._ids[person.github_id] = person.key
        if person.login:
            self._logins.setdefault(person.login.casefold(), person.key)
        for former in person.former_logins:
            self._former.setdefault(former.casefold(), person.key)
        if person.email:
            self._emails.setdefault(person.email.casefold(), {})[person.key] = None

    def by_key(self, key: str) -> Listed | None:
        """Return the entry with this key."""
        return self._people.get(key)

    def by_id(self, number: int | None) -> Listed | None:
        """Return the entry with this account number."""
        key = None if number is None else self._ids.get(number)
        return self._people[key] if key else None

    def by_login(self, login: str) -> Listed | None:
        """Return the entry that has this login, else the one that had it."""
        name = login.casefold()
        key = self._logins.get(name) or self._former.get(name) if name else None
        return self._people[key] if key else None

    def by_email(self, email: str) -> tuple[Listed, ...]:
        """Return the entries with this address, those with an account first."""
        address = email.casefold()
        keys = self._emails.get(address, {}) if address else {}
        found = [self._people[key] for key in keys]
        current = [person for person in found if person.email.casefold() == address]
        return tuple(sorted(current, key=lambda one: (one.github_id is None, not one.login)))

    def find(self, entry: Entry) -> Listed | None:
        """Return whom an entry of a list means; nothing for somebody new.

        By address only if that does not contradict number and login: one person with two
        accounts is two entries.
        """
        if entry.github_id is not None:
            found = self.by_id(entry.github_id) or self._without_number(entry.login)
            return found or self._by_free_address(entry)
        if entry.login:
            return self.by_login(entry.login) or self._by_free_address(entry)
        return next(iter(self.by_email(entry.email)), None)

    def _without_number(self, login: str) -> Listed | None:
        found = self.by_login(login)
        return found if found and found.github_id is None else None

    def _by_free_address(self, entry: Entry) -> Listed | None:
        """Return the entry with this address that waits for an account."""
        return next(
            (one for one in self.by_email(entry.email) if one.github_id is None and not one.login),
            None,
        )
