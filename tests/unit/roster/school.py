"""A school for tests of the people's table: entries, accounts and hub users in one line each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from growth_admin.roster.book import Listed
from growth_admin.roster.facts import Account, FailedInvitation, HubAccount, Invitation
from growth_admin.roster.models import PersonRow
from growth_admin.roster.rows import rows_of
from growth_admin.roster.sides import GitHubFacts, HubFacts, Sides, TeamFacts

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
GROUPS = {"admins": "admins", "tas": "tas", "students": "students"}


def ago(**by: float) -> datetime:
    """Return a moment before now."""
    return NOW - timedelta(**by)


def listed(login: str = "", **more: Any) -> Listed:
    """Return an entry of the roster; its key is the login, or what is said."""
    kept = {"key": login or more.get("email", "x"), "login": login, "team": "students"}
    return Listed(**{**kept, "added": ago(days=30), **more})


def account(login: str, number: int, **more: Any) -> Account:
    """Return an account."""
    return Account(number, login, **more)


def invitation(login: str = "", *, email: str = "", number: int = 1, days: float = 1) -> Invitation:
    """Return an invitation that was sent so many days ago."""
    return Invitation(number, login, email, ago(days=days))


def expired(login: str = "", *, email: str = "", number: int = 9, **more: Any) -> FailedInvitation:
    """Return an invitation that ran out yesterday, or failed with a reason."""
    kept = {"failed": ago(days=1), "reason": "Invitation expired. User did not accept", **more}
    return FailedInvitation(number, login, email, ago(days=8), **kept)


def github(
    students: Iterable[Account] = (),
    *,
    tas: Iterable[Account] = (),
    admins: Iterable[Account] = (),
    invited: Iterable[Invitation] = (),
    **more: Any,
) -> GitHubFacts:
    """Return what GitHub says; invitations are for the students' team."""
    teams = {
        "admins": TeamFacts(tuple(admins)),
        "tas": TeamFacts(tuple(tas)),
        "students": TeamFacts(tuple(students), tuple(invited)),
    }
    return GitHubFacts(as_of=NOW, teams=teams, slugs={name: name for name in teams}, **more)


def hub(*users: HubAccount, tokens: dict[str, int | None] | None = None) -> HubFacts:
    """Return what the hub says."""
    return HubFacts({user.name: user for user in users}, tokens or {})


def user(name: str, *groups: str, **more: Any) -> HubAccount:
    """Return a hub user who was there an hour ago."""
    kept: dict[str, Any] = {"servers": (), "last_activity": ago(hours=1), **more}
    return HubAccount(name=name, groups=groups, **kept)


def rows(
    people: Iterable[Listed] = (),
    facts: GitHubFacts | None = None,
    users: HubFacts | None = None,
    **more: Any,
) -> dict[str, PersonRow]:
    """Return the table by key."""
    sides = Sides(tuple(people), NOW, facts, users, groups=GROUPS, **more)
    made = rows_of(sides)
    assert len({row.key for row in made}) == len(made), "two rows of one key"
    return {row.key: row for row in made}
