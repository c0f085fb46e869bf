"""What the parts of this room hand each other: accounts, teams, invitations, and two doors.

``School`` is GitHub's side as the room needs it, ``HubAccounts`` the hub's. The rooms' builder
connects them, so that this room imports no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol


@dataclass(frozen=True)
class Account:
    """A GitHub account. ``id`` outlives renames."""

    id: int
    login: str
    type: Literal["User", "Organization", "Bot"] = "User"


@dataclass(frozen=True)
class Team:
    """A team; ``id`` is what invitations name, ``slug`` what addresses have."""

    id: int
    slug: str
    name: str


@dataclass(frozen=True)
class Invitation:
    """A pending invitation; ``login`` is empty for one by e-mail, and the other way round."""

    id: int
    login: str
    email: str
    created: datetime


@dataclass(frozen=True)
class FailedInvitation:
    """An invitation that ran out or failed. GitHub no longer says for which teams it was."""

    id: int
    login: str
    email: str
    created: datetime
    failed: datetime | None
    reason: str

    @property
    def is_expired(self) -> bool:
        """Whether seven days passed without an answer."""
        return "expired" in self.reason.lower()


class School(Protocol):
    """The school's organization at GitHub. Lists are whole, whatever their pages.

    Reads are conditional (ETag), changes are paced. Every method raises ``GitHubUnavailable``
    (``RateLimited``; for changes ``Uncertain``) when there is no usable answer, ``GitHubRefused``
    (``InvitationLimit``) when GitHub says no, ``NotConfigured`` without a credential.
    """

    @property
    def organization(self) -> str:
        """Login of the organization."""
        ...

    def now(self) -> datetime:
        """Return the time by GitHub's own clock (its ``Date`` header), else ours."""
        ...

    def find_team(self, name: str) -> Team:
        """Return the team by slug or name. Raises ``NotFound`` with the names there are."""
        ...

    def list_members(self, slug: str) -> tuple[Account, ...]:
        """Return accepted members, those of child teams included."""
        ...

    def list_child_members(self, slug: str) -> frozenset[int]:
        """Return numbers of those who are in the team through a child team (too)."""
        ...

    def list_team_invitations(self, slug: str) -> tuple[Invitation, ...]:
        """Return pending invitations that name this team."""
        ...

    def list_failed_invitations(self) -> tuple[FailedInvitation, ...]:
        """Return invitations of the whole organization that ran out or failed."""
        ...

    def list_owners(self) -> tuple[Account, ...]:
        """Return owners of the organization."""
        ...

    def list_organization_members(self) -> tuple[Account, ...]:
        """Return all members of the organization."""
        ...

    def list_blocked(self) -> tuple[Account, ...]:
        """Return users whom the organization blocks. Raises ``GitHubRefused`` without the right."""
        ...

    def get_account(self, login: str) -> Account | None:
        """Return the account that has this login now."""
        ...

    def get_account_by_id(self, number: int) -> Account | None:
        """Return the account whatever it is called now."""
        ...

    def suggest_logins(self, login: str) -> tuple[str, ...]:
        """Return existing logins that look like this one, best first; may be empty."""
        ...

    def get_organization_state(self, login: str) -> Literal["active", "pending", ""]:
        """Return the state of the organization membership; empty without one."""
        ...

    def get_team_state(self, slug: str, login: str) -> Literal["active", "pending", ""]:
        """Return the state of the team membership; empty without one."""
        ...

    def get_self(self) -> Account | None:
        """Return whose token it is; None for an app."""
        ...

    def put_membership(self, slug: str, login: str) -> Literal["active", "pending"]:
        """Add to the team; who is not in the organization is invited."""
        ...

    def create_invitation(
        self, team_ids: tuple[int, ...], *, email: str = "", invitee_id: int | None = None
    ) -> Invitation:
        """Invite by e-mail or account number, for these teams."""
        ...

    def cancel_invitation(self, invitation_id: int) -> None:
        """Take an invitation back; nothing happens if it is gone."""
        ...

    def list_invitation_teams(self, invitation_id: int) -> tuple[Team, ...]:
        """Return the teams that a pending invitation names."""
        ...

    def remove_membership(self, slug: str, login: str) -> None:
        """Remove from the team; nothing happens to who is not in it."""
        ...

    def remove_from_organization(self, login: str) -> None:
        """Remove from the organization; private forks are lost. Nothing if not in it."""
        ...


@dataclass(frozen=True)
class HubAccount:
    """What the hub knows of a user.

    The hub shows names only; ``github_id`` is what the record of the user's last start says.
    """

    name: str
    groups: tuple[str, ...]
    servers: tuple[str, ...]
    last_activity: datetime | None
    is_admin: bool = False
    github_id: int | None = None


class HubAccounts(Protocol):
    """The hub's users, as the roster may see and end them.

    Methods raise ``HubUnavailable`` or ``HubRefused``.
    """

    def list_accounts(self, *, is_fresh: bool = False) -> Mapping[str, HubAccount]:
        """Return all users by hub name, some seconds old or asked now."""
        ...

    def find_account(self, name: str) -> HubAccount | None:
        """Return one user, asked now; nothing if the hub knows none."""
        ...

    def count_tokens(self, name: str) -> int | None:
        """Return how many live tokens the user has; None when that may not be asked."""
        ...

    def stop_servers(self, name: str) -> tuple[str, ...]:
        """Stop and remove every server of the user, wait, and return their names."""
        ...

    def delete_account(self, name: str) -> bool:
        """Delete the user with all tokens; return whether there was one."""
        ...
