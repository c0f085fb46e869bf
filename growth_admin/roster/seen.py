"""What GitHub said for one plan: teams, accounts, memberships; filled in by ``looking``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from growth_admin.roster.facts import Account, FailedInvitation, Invitation, Team


@dataclass(frozen=True)
class TeamLook:
    """A team as it is: accepted members (those of child teams too), open invitations."""

    team: Team
    members: tuple[Account, ...] = ()
    invitations: tuple[Invitation, ...] = ()

    @cached_property
    def by_id(self) -> Mapping[int, Account]:
        """Members by account number."""
        return {account.id: account for account in self.members}

    @cached_property
    def by_login(self) -> Mapping[str, Account]:
        """Members by login, in lower case."""
        return {account.login.casefold(): account for account in self.members}

    def invitation_for(self, logins: Iterable[str], emails: Iterable[str]) -> Invitation | None:
        """Return the open invitation to one of these logins, else to one of these addresses."""
        for login in logins:
            if login.casefold() in self._by_login:
                return self._by_login[login.casefold()]
        for email in emails:
            if email.casefold() in self._by_email:
                return self._by_email[email.casefold()]
        return None

    @cached_property
    def _by_login(self) -> Mapping[str, Invitation]:
        return {one.login.casefold(): one for one in self.invitations if one.login}

    @cached_property
    def _by_email(self) -> Mapping[str, Invitation]:
        return {one.email.casefold(): one for one in self.invitations if one.email}


@dataclass
class World:
    """All that a plan needs to know. Logins are keys in lower case.

    ``accounts`` and ``numbers`` hold who was asked for one by one: nothing for those that GitHub
    does not know. ``members`` are numbers of organization members among those who matter.
    """

    now: datetime
    team: TeamLook
    teams: dict[str, TeamLook] = field(default_factory=dict)
    slugs: dict[str, str] = field(default_factory=dict)
    missing_teams: dict[str, str] = field(default_factory=dict)
    managed: tuple[str, ...] = ()
    accounts: dict[str, Account | None] = field(default_factory=dict)
    numbers: dict[int, Account | None] = field(default_factory=dict)
    members: set[int] = field(default_factory=set)
    failed: tuple[FailedInvitation, ...] = ()
    owners: frozenset[int] = frozenset()
    own_ids: frozenset[int] = frozenset()
    children: frozenset[int] = frozenset()
    blocked: frozenset[int] = frozenset()
    suggestions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def slug_of(self, name: str) -> str:
        """Return the slug of a team that was asked for by name or slug; empty if there is none."""
        return self.slugs.get(name.casefold(), "") if name else self.team.team.slug

    def rank(self, slug: str) -> int:
        """Return the place of a team among the school's, the most powerful first."""
        return self.managed.index(slug) if slug in self.managed else len(self.managed)

    def account_of(self, login: str) -> Account | None:
        """Return the account that has this login now, as far as it was seen or asked for."""
        key = login.casefold()
        for look in self.teams.values():
            if key in look.by_login:
                return look.by_login[key]
        return self.accounts.get(key)

    def account_by_id(self, number: int) -> Account | None:
        """Return the account with this number, as far as it was seen or asked for."""
        for look in self.teams.values():
            if number in look.by_id:
                return look.by_id[number]
        return self.numbers.get(number)

    def has_login(self, login: str) -> bool:
        """Return whether it is known what this login is."""
        return login.casefold() in self.accounts or self.account_of(login) is not None

    def has_number(self, number: int) -> bool:
        """Return whether it is known what this number is."""
        return number in self.numbers or self.account_by_id(number) is not None

    def failed_for(self, logins: Iterable[str], emails: Iterable[str]) -> FailedInvitation | None:
        """Return the newest failed invitation to one of these."""
        names = {login.casefold() for login in logins if login}
        addresses = {email.casefold() for email in emails if email}
        found = [
            one
            for one in self.failed
            if (one.login and one.login.casefold() in names)
            or (one.email and one.email.casefold() in addresses)
        ]
        return max(found, key=lambda one: one.failed or one.created, default=None)
