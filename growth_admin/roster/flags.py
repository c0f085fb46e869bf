"""What needs an eye although the state alone looks right. Nothing here asks or changes anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from growth_admin.roster.book import Listed
from growth_admin.roster.facts import Account
from growth_admin.roster.matching import Index
from growth_admin.roster.models import Flag, PersonRow, State

OUT: Final[tuple[State, ...]] = ("removed", "left", "blocked")
"""States of people who were in the school and are not any more."""
ADMINS_GROUP: Final = "admins"


def flags_of(
    row: PersonRow, person: Listed, account: Account | None, index: Index
) -> tuple[Flag, ...]:
    """Return the flags of a row that is otherwise complete."""
    return (
        *_at_github(row, person, account, index),
        *_at_hub(row, index),
    )


def _at_github(
    row: PersonRow, person: Listed, account: Account | None, index: Index
) -> Iterator[Flag]:
    github = index.sides.github
    if account and person.login and account.login.casefold() != person.login.casefold():
        yield "renamed"
    if github and _is_taken_over(person, index):
        yield "name_taken_over"
    if person.email and not person.removed and index.emails[person.email.casefold()] > 1:
        yield "two_logins"
    teams = index.member_ids.get(account.id, []) if account else []
    if teams and not person.removed and person.team and person.team not in teams:
        yield "wrong_team"


def _is_taken_over(person: Listed, index: Index) -> bool:
    """Return whether the login on the roster belongs to another account by now."""
    if person.github_id is None or not person.login or index.sides.github is None:
        return False
    login = person.login.casefold()
    found = index.member_logins.get(login) or index.sides.github.accounts.get(login)
    return found is not None and found.id != person.github_id


def _at_hub(row: PersonRow, index: Index) -> Iterator[Flag]:
    if index.sides.hub is None:
        return
    hub = row.hub
    is_member = row.github_id is not None and bool(index.member_ids.get(row.github_id))
    is_known_active = row.state == "active" and index.sides.github is not None
    if is_known_active and (hub is None or hub.last_activity is None):
        yield "never_logged_in"
    if hub is None:
        return
    if index.sides.github is not None:
        if not is_member:
            yield "no_team"
        if (hub.is_admin or ADMINS_GROUP in hub.groups) and not _is_admin(row, index):
            yield "no_admins_team"
    elif not hub.groups:
        yield "no_team"
    if row.state in OUT:
        yield "still_at_hub"
        if hub.servers:
            yield "still_running"
        if hub.tokens:
            yield "still_has_tokens"


def _is_admin(row: PersonRow, index: Index) -> bool:
    teams = index.member_ids.get(row.github_id, []) if row.github_id is not None else []
    return any(index.sides.groups.get(team) == ADMINS_GROUP for team in teams)
