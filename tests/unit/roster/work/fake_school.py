"""A school in memory, for the pure parts and for the order of things: what GitHub says and does.

How GitHub itself behaves is the stand-in's to show (``tests/roster``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from growth_admin.core.errors import GitHubRefused, InvitationLimit, NotFound
from growth_admin.roster.facts import Account, FailedInvitation, Invitation, Team

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
MemberState = Literal["active", "pending", ""]


@dataclass
class FakeTeam:
    """A team: numbers of members, and of those who are in it through a child team."""

    team: Team
    members: set[int] = field(default_factory=set)
    children: set[int] = field(default_factory=set)


@dataclass
class Open:
    """An open invitation and the teams that it names."""

    invitation: Invitation
    teams: set[int]


class FakeSchool:
    """Implements ``facts.School``. ``calls`` are the names of what was asked, in order.

    ``before``: called with the name of the method and its first argument; may raise, instead of
    the change. ``after`` likewise, once the change is made.
    """

    organization = "school"

    def __init__(self, *teams: str) -> None:
        self.clock = NOW
        self.calls: list[str] = []
        self.sent: list[str] = []
        self.accounts: dict[int, Account] = {}
        self.teams: dict[str, FakeTeam] = {}
        self.members: set[int] = set()
        self.owners: set[int] = set()
        self.blocked: set[int] = set()
        self.gone_by_themselves: set[int] = set()
        self.open: dict[int, Open] = {}
        self.failed: list[FailedInvitation] = []
        self.me: Account | None = None
        self.limit = 10_000
        self.hides_blocked = False
        self.before: Callable[[str, str], None] = lambda method, target: None
        self.after: Callable[[str, str], None] = lambda method, target: None
        for name in teams or ("Admins", "TAs", "Participants"):
            slug = name.lower()
            self.teams[slug] = FakeTeam(Team(100 + len(self.teams), slug, name))

    # -- setting up

    def account(self, login: str, number: int = 0, *teams: str, **more: str) -> Account:
        """Add an account, a member of these teams."""
        kind: Literal["User", "Organization", "Bot"] = more.get("type", "User")  # type: ignore[assignment]  # a literal
        made = Account(number or 1000 + len(self.accounts), login, kind)
        self.accounts[made.id] = made
        for slug in teams:
            self.teams[slug].members.add(made.id)
            self.members.add(made.id)
        return made

    def crowd(self, count: int, prefix: str = "s", *teams: str) -> list[Account]:
        """Add accounts."""
        return [self.account(f"{prefix}{number}", 0, *teams) for number in range(count)]

    def rename(self, number: int, login: str) -> None:
        """Give an account another login."""
        self.accounts[number] = Account(number, login)

    def invite(self, who: str, *teams: str, days_ago: float = 1) -> Invitation:
        """Open an invitation to a login or an address."""
        is_mail = "@" in who
        made = Invitation(
            7000 + len(self.open) + len(self.failed),
            "" if is_mail else who,
            who if is_mail else "",
            self.clock - timedelta(days=days_ago),
        )
        self.open[made.id] = Open(made, {self.teams[slug].team.id for slug in teams})
        return made

    def fail(self, who: str, *, days_ago: float = 3, reason: str = "Invitation expired") -> None:
        """Add an invitation that failed."""
        is_mail = "@" in who
        failed = self.clock - timedelta(days=days_ago)
        self.failed.append(
            FailedInvitation(
                8000 + len(self.failed),
                "" if is_mail else who,
                who if is_mail else "",
                failed - timedelta(days=7),
                failed,
                reason,
            )
        )

    # -- facts.School: asking

    def now(self) -> datetime:
        return self.clock

    def find_team(self, name: str) -> Team:
        self._asked("find_team", name)
        for one in self.teams.values():
            if name.casefold() in (one.team.slug, one.team.name.casefold()):
                return one.team
        raise NotFound(f"There is no team {name!r}.")

    def list_members(self, slug: str) -> tuple[Account, ...]:
        self._asked("list_members", slug)
        team = self.teams[slug]
        return tuple(self.accounts[number] for number in sorted(team.members | team.children))

    def list_child_members(self, slug: str) -> frozenset[int]:
        self._asked("list_child_members", slug)
        return frozenset(self.teams[slug].children)

    def list_team_invitations(self, slug: str) -> tuple[Invitation, ...]:
        self._asked("list_team_invitations", slug)
        number = self.teams[slug].team.id
        return tuple(one.invitation for one in self.open.values() if number in one.teams)

    def list_failed_invitations(self) -> tuple[FailedInvitation, ...]:
        self._asked("list_failed_invitations", "")
        return tuple(self.failed)

    def list_owners(self) -> tuple[Account, ...]:
        self._asked("list_owners", "")
        return tuple(self.accounts[number] for number in sorted(self.owners))

    def list_organization_members(self) -> tuple[Account, ...]:
        self._asked("list_organization_members", "")
        return tuple(self.accounts[number] for number in sorted(self.members))

    def list_blocked(self) -> tuple[Account, ...]:
        self._asked("list_blocked", "")
        if self.hides_blocked:
            raise GitHubRefused("The token may not see whom the organization blocks.")
        return tuple(self.accounts[number] for number in sorted(self.blocked))

    def get_account(self, login: str) -> Account | None:
        self._asked("get_account", login)
        return self._by_login(login)

    def get_account_by_id(self, number: int) -> Account | None:
        self._asked("get_account_by_id", str(number))
        return self.accounts.get(number)

    def suggest_logins(self, login: str) -> tuple[str, ...]:
        self._asked("suggest_logins", login)
        start = login[:4].casefold()
        known = (account.login for account in self.accounts.values())
        return tuple(name for name in known if name.casefold().startswith(start))[:3]

    def get_organization_state(self, login: str) -> MemberState:
        self._asked("get_organization_state", login)
        account = self._by_login(login)
        if account and account.id in self.members:
            return "active"
        return "pending" if self._open_for(login) else ""

    def get_team_state(self, slug: str, login: str) -> MemberState:
        self._asked("get_team_state", login)
        account, team = self._by_login(login), self.teams[slug]
        if account and account.id in team.members | team.children:
            return "active"
        found = self._open_for(login)
        return "pending" if found and team.team.id in found.teams else ""

    def get_self(self) -> Account | None:
        self._asked("get_self", "")
        return self.me

    def list_invitation_teams(self, invitation_id: int) -> tuple[Team, ...]:
        self._asked("list_invitation_teams", str(invitation_id))
        if invitation_id not in self.open:
            raise GitHubRefused("It is not open.", context={"status": 404, "reason": "not-found"})
        named = self.open[invitation_id].teams
        return tuple(one.team for one in self.teams.values() if one.team.id in named)

    # -- facts.School: changing

    def put_membership(self, slug: str, login: str) -> Literal["active", "pending"]:
        self._changing("put_membership", login)
        account, team = self._by_login(login), self.teams[slug]
        if account is None:
            raise GitHubRefused(
                f"{login} is not there.", context={"status": 404, "reason": "not-found"}
            )
        state: Literal["active", "pending"] = "pending"
        if account.id in self.members:
            team.members.add(account.id)
            state = "active"
        elif account.id in self.blocked | self.gone_by_themselves:
            raise GitHubRefused("Blocked", context={"status": 403, "reason": "blocked"})
        elif found := self._open_for(login):
            found.teams.add(team.team.id)
        else:
            self._send(login, {team.team.id})
        self.after("put_membership", login)
        return state

    def create_invitation(
        self, team_ids: tuple[int, ...], *, email: str = "", invitee_id: int | None = None
    ) -> Invitation:
        target = email or self.accounts[invitee_id or 0].login
        self._changing("create_invitation", target)
        known = self._open_for(target)
        if known:
            self.sent.append(target)  # GitHub may send another mail for it
            made = known.invitation
        else:
            made = self._send(target, set(team_ids))
        self.after("create_invitation", target)
        return made

    def cancel_invitation(self, invitation_id: int) -> None:
        self._changing("cancel_invitation", str(invitation_id))
        self.open.pop(invitation_id, None)
        self.after("cancel_invitation", str(invitation_id))

    def remove_membership(self, slug: str, login: str) -> None:
        self._changing("remove_membership", login)
        account, team = self._by_login(login), self.teams[slug]
        if account:
            team.members.discard(account.id)
        if found := self._open_for(login):
            found.teams.discard(team.team.id)
        self.after("remove_membership", login)

    def remove_from_organization(self, login: str) -> None:
        self._changing("remove_from_organization", login)
        account = self._by_login(login)
        self.members.discard(account.id if account else 0)

    # -- inside

    @property
    def writes(self) -> list[str]:
        """The changes that were asked for, without the questions."""
        return [
            call
            for call in self.calls
            if call.startswith(("put_", "create_", "cancel_", "remove_"))
        ]

    def _asked(self, method: str, target: str) -> None:
        self.calls.append(f"{method} {target}".strip())
        self.before(method, target)

    def _changing(self, method: str, target: str) -> None:
        self._asked(method, target)

    def _by_login(self, login: str) -> Account | None:
        named = (one for one in self.accounts.values() if one.login.casefold() == login.casefold())
        return next(named, None)

    def _open_for(self, who: str) -> Open | None:
        wanted = who.casefold()
        return next(
            (
                one
                for one in self.open.values()
                if wanted in (one.invitation.login.casefold(), one.invitation.email.casefold())
            ),
            None,
        )

    def _send(self, who: str, teams: set[int]) -> Invitation:
        if len(self.sent) >= self.limit:
            raise InvitationLimit("No more today.", context={"status": 422})
        self.sent.append(who)
        is_mail = "@" in who
        number = 9000 + len(self.sent)
        made = Invitation(number, "" if is_mail else who, who if is_mail else "", self.clock)
        self.open[number] = Open(made, teams)
        return made
