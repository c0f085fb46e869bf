"""Asks GitHub for what one plan needs, and for no more.

A team that already is as the list says costs its pages of members and one of invitations. All else
is asked only for people who are neither, and what few people need is asked one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from growth_admin.core.errors import GitHubRefused, GitHubUnavailable, NotFound
from growth_admin.roster.book import Book
from growth_admin.roster.facts import Account, School, Team
from growth_admin.roster.identity import Person, identify, unread
from growth_admin.roster.models import PlanRequest
from growth_admin.roster.queue import Waiting
from growth_admin.roster.recent import RecentAccounts
from growth_admin.roster.register import Register
from growth_admin.roster.removing import find_leaver, leavers_unnamed
from growth_admin.roster.seen import TeamLook, World

T = TypeVar("T")
THREADS: Final = 6
FEW: Final = 10
"""Up to so many people are asked about one by one; for more, the list of all is quicker."""
SUGGESTED: Final = 10
"""For so many unknown logins others are suggested: GitHub's search allows 30 requests a minute."""


def look(
    school: School,
    book: Book,
    request: PlanRequest,
    *,
    teams: Sequence[str] = (),
    waiting: Sequence[Waiting] = (),
    user: str = "",
    recent: RecentAccounts | None = None,
) -> World:
    """Return what GitHub says about the people of a request.

    ``teams`` are the school's teams, the most powerful first; ``user`` is whose hub account asks;
    ``recent`` answers for accounts that were asked for a moment ago.
    Raises ``NotFound`` when the team of the request is not there, ``GitHubUnavailable``,
    ``GitHubRefused``, ``NotConfigured``.
    """
    accounts = recent or RecentAccounts(school)
    return _Look(school, Register(book.people), request, teams, waiting, user, accounts).run()


class _Look:
    def __init__(
        self,
        school: School,
        register: Register,
        request: PlanRequest,
        teams: Sequence[str],
        waiting: Sequence[Waiting],
        user: str,
        recent: RecentAccounts,
    ) -> None:
        self._school = school
        self._recent = recent
        self._register = register
        self._request = request
        self._teams = teams
        self._waiting = waiting
        self._user = user
        self._found: dict[str, Team] = {}

    def run(self) -> World:
        with ThreadPoolExecutor(THREADS, thread_name_prefix="roster-look") as self._pool:
            team = self._look_at(self._find(self._request.team))
            self._world = world = World(
                now=self._school.now(), team=team, teams={team.team.slug: team}
            )
            world.slugs[self._request.team.casefold()] = team.team.slug
            self._named_teams()
            self._accounts()
            people = self._identified()
            absent = [person for person in people if self._is_absent(person)]
            world.managed = tuple(self._known_slugs())
            self._about_absent([person for person in absent if not person.problem])
            self._suggest([person for person in absent if person.problem])
            self._about_leavers(people)
            world.now = self._school.now()
            return world

    # -- teams

    def _find(self, name: str) -> Team:
        key = name.casefold()
        if key not in self._found:
            self._found[key] = self._school.find_team(name)
            self._found[self._found[key].slug] = self._found[key]
        return self._found[key]

    def _look_at(self, team: Team) -> TeamLook:
        members = self._pool.submit(self._school.list_members, team.slug)
        invitations = self._pool.submit(self._school.list_team_invitations, team.slug)
        return TeamLook(team, members.result(), invitations.result())

    def _named_teams(self) -> None:
        """Look at the teams that entries name beside the plan's."""
        for name in sorted({entry.team for entry in self._request.entries if entry.team}):
            self._take_team(name, missing=self._world.missing_teams)

    def _other_teams(self) -> None:
        """Look at all teams of the school: whoever is in another one is moved, not invited."""
        missing: dict[str, str] = {}
        slugs = [self._take_team(name, missing=missing) for name in self._teams]
        self._world.managed = tuple(dict.fromkeys(slug for slug in slugs if slug))
        self._world.notes += [f"Not looked at: {detail}" for detail in missing.values()]

    def _take_team(self, name: str, *, missing: dict[str, str]) -> str:
        world = self._world
        try:
            team = self._find(name)
        except NotFound as e:
            missing[name.casefold()] = e.detail
            return ""
        if team.slug not in world.teams:
            world.teams[team.slug] = self._look_at(team)
        world.slugs[name.casefold()] = team.slug
        return team.slug

    def _known_slugs(self) -> Iterable[str]:
        """Return the school's teams as slugs, as far as they were asked for anyway."""
        for name in self._teams:
            team = self._found.get(name.casefold())
            yield team.slug if team else name.casefold()

    # -- people

    def _accounts(self) -> None:
        """Ask for accounts until every entry can be told; twice for those renamed."""
        world, entries = self._world, self._request.entries
        for _ in range(3):
            wanted = {unread(entry, world, self._register) for entry in entries} - {None}
            logins = sorted(one for one in wanted if isinstance(one, str))
            numbers = sorted(one for one in wanted if isinstance(one, int))
            if not wanted:
                return
            found = self._each(self._recent.get_account, logins)
            world.accounts |= {login.casefold(): account for login, account in found}
            world.numbers |= dict(self._each(self._school.get_account_by_id, numbers))

    def _identified(self) -> list[Person]:
        return [identify(entry, self._world, self._register) for entry in self._request.entries]

    def _is_absent(self, person: Person) -> bool:
        """Return whether somebody is neither in the team that wants them nor invited to it."""
        if person.problem:
            return True
        seen = self._world.teams[person.slug]
        is_member = person.account is not None and person.account.id in seen.by_id
        return not is_member and seen.invitation_for(person.logins, person.emails) is None

    def _about_absent(self, absent: Sequence[Person]) -> None:
        """Ask what decides between adding, inviting and leaving alone."""
        if not absent:
            return
        world = self._world
        self._other_teams()
        inside = {number for seen in world.teams.values() for number in seen.by_id}
        world.members |= inside
        accounts = {p.account.id: p.account for p in absent if p.account}
        outside = [account for number, account in accounts.items() if number not in inside]
        world.members |= self._organization_members(outside)
        world.failed = self._school.list_failed_invitations()
        world.blocked = frozenset(account.id for account in self._blocked())

    def _organization_members(self, accounts: Sequence[Account]) -> set[int]:
        pages = len(self._world.team.members) // 100
        if len(accounts) <= FEW + pages:
            states = self._each(self._school.get_organization_state, [a.login for a in accounts])
            active = {login for login, state in states if state == "active"}
            return {account.id for account in accounts if account.login in active}
        return {account.id for account in self._school.list_organization_members()}

    def _blocked(self) -> tuple[Account, ...]:
        try:
            return self._school.list_blocked()
        except GitHubRefused as e:
            self._world.notes.append(
                f"Whom the organization blocks may not be asked: {e.detail.rstrip('.')}. Who is "
                "blocked is told when GitHub refuses."
            )
            return ()

    def _suggest(self, absent: Sequence[Person]) -> None:
        """Ask for logins that were perhaps meant, for those that GitHub does not know."""
        world = self._world
        logins = [person.entry.login for person in absent]
        unknown = [one for one in logins if one and world.accounts.get(one.casefold(), one) is None]
        try:
            found = self._each(self._school.suggest_logins, unknown[:SUGGESTED])
        except (GitHubRefused, GitHubUnavailable) as e:
            world.notes.append(f"Similar logins were not looked for: {e.detail}")
            return
        world.suggestions = {login.casefold(): logins for login, logins in found}

    # -- removals

    def _about_leavers(self, people: Sequence[Person]) -> None:
        """Ask whom the guard protects, if anybody leaves a team."""
        world, request = self._world, self._request
        leavers = [
            find_leaver(one, world, self._register, self._waiting) for one in request.removals
        ]
        if request.is_whole_team:
            leavers += leavers_unnamed(world, self._register, people)
        leaves = any(leaver.account for leaver in leavers)
        if leaves:
            world.children = self._school.list_child_members(world.team.team.slug)
        if leaves or self._is_moving(people):
            world.owners = frozenset(account.id for account in self._school.list_owners())
            world.own_ids = self._own_ids()

    def _is_moving(self, people: Sequence[Person]) -> bool:
        others = [look for slug, look in self._world.teams.items()]
        return any(
            person.account and person.account.id in look.by_id and look.team.slug != person.slug
            for person in people
            if not person.problem and self._is_absent(person)
            for look in others
        )

    def _own_ids(self) -> frozenset[int]:
        """Return the numbers of the token's owner and of the admin at the hub."""
        own = self._school.get_self()
        numbers = {own.id} if own else set()
        by_hub = next((p for p in self._register.people.values() if p.hub_name == self._user), None)
        if self._user and by_hub and by_hub.github_id is not None:
            numbers.add(by_hub.github_id)
        for seen in self._world.teams.values() if self._user else ():
            account = seen.by_login.get(self._user.casefold())
            if account:
                numbers.add(account.id)
        return frozenset(numbers)

    # -- many at a time

    def _each(self, ask: Callable[[Any], T], wanted: Sequence[Any]) -> list[tuple[Any, T]]:
        """Return what each is answered with, in order; the first error is raised."""
        return list(zip(wanted, self._pool.map(ask, wanted), strict=True))
