"""Reads GitHub, the hub and the roster for the people's table, and says what could not be read.

An answer is kept for some seconds, because every admin's panel asks. When GitHub or the hub is
away, what they said last is shown, with a line that says since when.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic, TypeVar

from growth_admin.core.errors import GitHubRefused, GrowthError, NotConfigured, NotFound
from growth_admin.core.schema import now
from growth_admin.roster.book import Listed
from growth_admin.roster.facts import Account, HubAccounts, School, Team
from growth_admin.roster.sides import GitHubFacts, HubFacts, TeamFacts

log = logging.getLogger(__name__)
T = TypeVar("T")
FRESH_S: Final = 15.0
CHANGED_S: Final = 5.0
LOOKUPS: Final = 40
"""Logins that are looked up one by one for one answer; the next answer goes on."""
LOOKUP_KEPT_S: Final = 3600.0
TOKEN_COUNTS: Final = 50
"""Users whose tokens are counted for one answer: those who were removed only."""


@dataclass(frozen=True)
class Said(Generic[T]):
    """What somebody said, and what is wrong with it."""

    value: T | None
    problems: tuple[str, ...] = ()
    error: GrowthError | None = None


class Kept(Generic[T]):
    """The last good answer, asked again after ``FRESH_S`` or when that is wished."""

    def __init__(self, who: str, ask: Callable[[bool], T]) -> None:
        self._who = who
        self._ask = ask
        self._lock = threading.Lock()
        self._value: T | None = None
        self._read: datetime | None = None
        self._tried_s = float("-inf")
        self._problem = ""
        self._error: GrowthError | None = None

    def get(self, *, is_fresh: bool, fresh_s: float) -> Said[T]:
        """Return the answer; of several who ask at once, one does and the others wait for it."""
        wished_s = time.monotonic()
        with self._lock:
            since_s = time.monotonic() - self._tried_s
            if since_s > fresh_s or (is_fresh and self._tried_s < wished_s):
                self._try(is_fresh)
            return Said(self._value, (self._problem,) if self._problem else (), self._error)

    def expire(self) -> None:
        """Ask again at the next chance; until there is an answer, the last one stays."""
        self._tried_s = float("-inf")

    def _try(self, is_fresh: bool) -> None:
        try:
            self._value, self._problem, self._error = self._ask(is_fresh), "", None
            self._read = now()
        except NotConfigured as e:
            self._error = e
            self._problem = f"{self._who} was not asked: {e.detail} {e.hint}".rstrip()
        except GrowthError as e:
            self._error = e
            shown = f" Shown is what it said {self._read:%Y-%m-%d %H:%M} UTC." if self._read else ""
            self._problem = f"{self._who}: {e.detail}{shown}"
            log.info("%s could not be read: %s", self._who, e.detail)
        self._tried_s = time.monotonic()


class SchoolReader:
    """GitHub's and the hub's side of the school. Safe to use from several threads."""

    def __init__(
        self,
        school: School,
        hub: HubAccounts | None,
        teams: Callable[[], Iterable[str]],
        *,
        fresh_s: float = FRESH_S,
    ) -> None:
        self._school = school
        self._hub = hub
        self._team_names = teams
        self._fresh_s = fresh_s
        self._notes: tuple[str, ...] = ()
        self._github = Kept[GitHubFacts]("GitHub", self._ask_github)
        self._hub_users = Kept[HubFacts]("The hub", self._ask_hub)
        self._looked_up: dict[str, tuple[float, Account | None]] = {}
        self._looking_up = threading.Lock()

    def read_github(self, *, is_fresh: bool = False, is_changed: bool = False) -> Said[GitHubFacts]:
        """Return what GitHub says of the teams, and what is wrong.

        An answer is good for less time if something ``is_changed``, but for some seconds even
        then: while invitations go out, something changes all the time.
        """
        fresh_s = CHANGED_S if is_changed else self._fresh_s
        said = self._github.get(is_fresh=is_fresh, fresh_s=fresh_s)
        notes = self._notes if said.value else ()
        return Said(said.value, (*said.problems, *notes), said.error)

    def read_hub(self, *, is_fresh: bool = False) -> Said[HubFacts]:
        """Return what the hub says of its users, and what is wrong; nothing without a hub."""
        if self._hub is None:
            return Said(None)
        return self._hub_users.get(is_fresh=is_fresh, fresh_s=self._fresh_s)

    def look_up(self, logins: Iterable[str]) -> tuple[Mapping[str, Account | None], int]:
        """Return accounts by login (lower case), and how many were left for another time.

        Logins that GitHub does not know are in it with nothing. Stops when GitHub is away.
        """
        with self._looking_up:
            left = self._look_up_some(logins)
            return {login: account for login, (_, account) in self._looked_up.items()}, left

    def _look_up_some(self, logins: Iterable[str]) -> int:
        left = 0
        asked = 0
        for login in {login.casefold() for login in logins if login}:
            read_s, _ = self._looked_up.get(login, (float("-inf"), None))
            if time.monotonic() - read_s < LOOKUP_KEPT_S:
                continue
            if asked >= LOOKUPS:
                left += 1
                continue
            asked += 1
            try:
                self._looked_up[login] = (time.monotonic(), self._school.get_account(login))
            except GrowthError as e:
                log.info("logins could not be looked up: %s", e.detail)
                asked, left = LOOKUPS, left + 1
        return left

    def count_tokens(self, names: Iterable[str]) -> Mapping[str, int | None]:
        """Return how many live tokens these hub users have, where that may be asked."""
        if self._hub is None:
            return {}
        found: dict[str, int | None] = {}
        for name in list(names)[:TOKEN_COUNTS]:
            try:
                found[name] = self._hub.count_tokens(name)
            except GrowthError as e:
                log.info("the tokens of %s could not be counted: %s", name, e.detail)
                break
        return found

    def forget(self) -> None:
        """Ask again next time: something was changed."""
        self._github.expire()
        self._hub_users.expire()

    # -- asking

    def _ask_github(self, is_fresh: bool) -> GitHubFacts:
        notes: list[str] = []
        teams: dict[str, TeamFacts] = {}
        slugs: dict[str, str] = {}
        for name in self._team_names():
            try:
                team: Team = self._school.find_team(name)
            except NotFound as e:
                notes.append(e.detail)
                continue
            slugs[name] = team.slug
            if team.slug in teams:
                continue
            teams[team.slug] = TeamFacts(
                self._school.list_members(team.slug),
                self._school.list_team_invitations(team.slug),
            )
        own = self._school.get_self()
        facts = GitHubFacts(
            as_of=self._school.now(),
            teams=teams,
            failed=self._school.list_failed_invitations(),
            owners=frozenset(owner.id for owner in self._school.list_owners()),
            own_id=own.id if own else None,
            blocked=self._blocked(notes),
            slugs=slugs,
        )
        self._notes = tuple(notes)
        return facts

    def _blocked(self, notes: list[str]) -> frozenset[int]:
        try:
            return frozenset(account.id for account in self._school.list_blocked())
        except GitHubRefused as e:
            notes.append(f"Whom the organization blocks is not known: {e.detail}")
            return frozenset()

    def _ask_hub(self, is_fresh: bool) -> HubFacts:
        assert self._hub is not None  # asked only where there is one
        return HubFacts(self._hub.list_accounts(is_fresh=is_fresh))


def to_look_up(people: Iterable[Listed], github: GitHubFacts) -> set[str]:
    """Return the logins of people who are in no team and not invited: do they exist at all?"""
    members = {account.id for team in github.teams.values() for account in team.members}
    logins = {
        account.login.casefold() for team in github.teams.values() for account in team.members
    }
    invited = {
        invitation.login.casefold()
        for team in github.teams.values()
        for invitation in team.invitations
    }
    return {
        person.login.casefold()
        for person in people
        if person.login
        and person.github_id not in members
        and not (person.github_id is None and person.login.casefold() in logins)
        and person.login.casefold() not in invited
    }
