"""Puts entries of the roster right: names, addresses, logins, notes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from growth_admin.core.errors import Conflict, InvalidInput, NotConfigured, NotFound
from growth_admin.core.schema import now
from growth_admin.roster.book import Listed, People, RosterBook, new_key
from growth_admin.roster.facts import Account, School
from growth_admin.roster.models import PersonChange, PersonRow

EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
FOUND: Final = ("github:", "invitation:", "hub:")
"""Keys of people whom only GitHub or the hub knows."""


class Editor:
    """Changes entries of the roster, one at a time."""

    def __init__(
        self, book: RosterBook, school: School, find_row: Callable[[str], PersonRow]
    ) -> None:
        self._book = book
        self._school = school
        self._find_row = find_row

    def update(self, key: str, change: PersonChange, *, user: str) -> Listed:
        """Change an entry and return it; somebody who is not on the roster is taken into it.

        Raises ``NotFound``, ``InvalidInput`` for an address or login that cannot be, ``Conflict``
        for a login that another entry has.
        """
        fields = {name: value.strip() for name, value in change if value is not None}
        if fields.get("email") and not EMAIL.fullmatch(fields["email"]):
            raise InvalidInput(
                f"{fields['email']} is no e-mail address.",
                hint="Write it as name@example.org.",
                fields=[("email", "is no e-mail address")],
            )
        entry = self._entry(key, user)
        known = self._with_account(fields, entry)

        def apply(people: People) -> People:
            current = people.get(entry.key, entry)
            _require_free(people, current.key, known)
            return {**people, current.key: current.model_copy(update=known)}

        book = self._book.update(apply, user=user, reason=f"{entry.login or entry.email}: edited")
        return book.by_key()[entry.key]

    def _entry(self, key: str, user: str) -> Listed:
        """Return the entry, or a new one for somebody whom only GitHub or the hub knows."""
        found = self._book.load().by_key().get(key)
        if found is not None:
            return found
        if not key.startswith(FOUND):
            raise NotFound(f"There is nobody {key} on the roster.", hint="List the people again.")
        row = self._find_row(key)
        return Listed(
            key=new_key(),
            login=row.login,
            email=row.email,
            github_id=row.github_id,
            team=row.team,
            hub_name=row.names.hub if row.hub else "",
            was_active=key.startswith("github:"),
            source="seen at GitHub" if not key.startswith("hub:") else "seen at the hub",
            added=now(),
            added_by=user,
        )

    def _with_account(self, fields: dict[str, str], entry: Listed) -> dict[str, Any]:
        """Return the fields with what GitHub says of a new login."""
        if "login" not in fields:
            return dict(fields)
        login = fields["login"].removeprefix("@")
        if not login:
            return {**fields, "login": "", "github_id": None}
        try:
            account = self._school.get_account(login)
        except NotConfigured:
            is_same = login.casefold() == entry.login.casefold()
            return {**fields, "login": login, "github_id": entry.github_id if is_same else None}
        return {**fields, **_identity(self._require_person(login, account), entry)}

    def _require_person(self, login: str, account: Account | None) -> Account:
        if account is None:
            similar = ", ".join(self._school.suggest_logins(login))
            raise InvalidInput(
                f"GitHub knows no user {login}.",
                hint=f"Perhaps: {similar}." if similar else "Ask the person for the exact login.",
                fields=[("login", "GitHub knows no such user")],
            )
        if account.type != "User":
            raise InvalidInput(
                f"{account.login} is no person at GitHub, but an {account.type.lower()}.",
                hint="Ask the person for the own login.",
                fields=[("login", "is no person")],
            )
        return account


def _identity(account: Account, entry: Listed) -> dict[str, Any]:
    """Return what the entry says of its account; another account brings no history with it."""
    found = {"login": account.login, "github_id": account.id}
    if entry.github_id in (None, account.id):
        return found
    return {**found, "hub_name": "", "was_active": False}


def _require_free(people: People, key: str, fields: dict[str, Any]) -> None:
    """Raise ``Conflict`` if another entry has this account."""
    login, number = str(fields.get("login", "")).casefold(), fields.get("github_id")
    for other in people.values():
        is_same = number is not None and other.github_id == number
        if other.github_id is None and login and other.login.casefold() == login:
            is_same = True
        if other.key != key and is_same:
            raise Conflict(
                f"{other.login} is on the roster already, as {other.name or other.email or key}.",
                hint="Change that entry, or choose another login.",
            )
