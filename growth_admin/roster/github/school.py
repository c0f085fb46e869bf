"""The school's organization at GitHub: the protocol ``School`` over GitHub's REST API.

Source: GitHub's REST API, "Organization members", "Teams", "Team members", "Blocking users",
"Users", "Search"; the calls are those of facts.py, none of them deprecated
(tests/contract/test_roster_requests.py).
"""

from __future__ import annotations

import re
import threading
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from traitlets.config import Config

from growth_admin.core.errors import GitHubRefused, NotFound
from growth_admin.core.github.answers import CallCount
from growth_admin.core.github.cache import ReplyCache
from growth_admin.core.github.exchange import path_of
from growth_admin.core.github.lists import read_list
from growth_admin.core.github.pacing import Wait
from growth_admin.core.github.settings import GitHub, read_settings
from growth_admin.roster.facts import (
    Account,
    FailedInvitation,
    Invitation,
    Team,
)
from growth_admin.roster.github.records import (
    account_of,
    failed_of,
    invitation_of,
    made,
    put_state,
    team_of,
)
from growth_admin.roster.github.suggestions import Suggestions

if TYPE_CHECKING:
    from growth_admin.core.github.calls import Calls

ACCOUNT: Final = ("id", "login", "type")
TEAM: Final = ("id", "slug", "name")
INVITED: Final = ("id", "login", "email", "created_at", "failed_at", "failed_reason")
STATE: Final = ("state", "role")
SHOWN_TEAMS: Final = 30
_LOGIN: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9_-])?(?:\[bot\])?")

MemberState = Literal["active", "pending", ""]


def build_school(
    config: Config, cache_folder: Path | None = None, *, wait: Wait | None = None
) -> GitHubSchool:
    """Return the school as the configuration names it. Nothing is asked or read yet.

    Replies are kept below ``cache_folder``. ``wait`` waits at least the seconds it is given, and
    may raise to cancel what waits. Without it a change that would have to wait for more than a few
    seconds, because there were so many, is refused with ``RateLimited``.
    """
    return GitHubSchool(read_settings(config), cache_folder, wait=wait)


class GitHubSchool:
    """See ``facts.School``. Safe to use from several threads."""

    def __init__(
        self, settings: GitHub, cache_folder: Path | None = None, *, wait: Wait | None = None
    ) -> None:
        self.settings = settings
        self._cache, self._wait = ReplyCache(cache_folder), wait
        self._lock = threading.Lock()
        self._client: Calls | None = None
        self._suggestions = Suggestions()

    @property
    def client(self) -> Calls:
        """The client; made when it is needed: PyGithub takes 0.1 s to import.

        Raises ``NotConfigured`` for an address that cannot be used.
        """
        with self._lock:
            if self._client is None:
                from growth_admin.core.github.calls import Calls

                self._client = Calls(self.settings, self._cache, wait=self._wait)
            return self._client

    @property
    def organization(self) -> str:
        """See ``School``."""
        return self.settings.require_organization()

    @property
    def calls(self) -> CallCount:
        """Requests so far."""
        return self.client.count

    def require_credential(self) -> None:
        """Raise ``NotConfigured`` without a credential that can be used; GitHub is not asked."""
        self.client.credential()

    def now(self) -> datetime:
        """See ``School``."""
        return self.client.clock.now()

    def close(self) -> None:
        """Write what is kept of the replies; the school can be used on."""
        self._cache.save()

    # -- teams and who is in them

    def find_team(self, name: str) -> Team:
        """See ``School``."""
        slug = re.sub(r"[^a-z0-9_]+", "-", name.strip().lower()).strip("-")
        if slug:
            path = self._of_organization("teams", slug)
            found = self.client.read(path, what=f"the team {name}", fields=TEAM, allows=(404,))
            if found.status == 200:
                return team_of(found.data)
        teams = [team_of(raw) for raw in self._list("the teams", TEAM, "teams")]
        wanted = name.strip().casefold()
        for team in teams:
            if wanted in (team.slug.casefold(), team.name.casefold()):
                return team
        names = ", ".join(sorted(team.name for team in teams)[:SHOWN_TEAMS]) or "none"
        raise NotFound(
            f"There is no team {name!r} in {self.organization} that the credential may see.",
            hint=f"There are: {names}.",
        )

    def list_members(self, slug: str) -> tuple[Account, ...]:
        """See ``School``."""
        return self._accounts(f"the members of {slug}", "teams", slug, "members")

    def list_child_members(self, slug: str) -> frozenset[int]:
        """See ``School``."""
        children = self._list(f"the teams below {slug}", TEAM, "teams", slug, "teams")
        return frozenset(
            account.id for child in children for account in self.list_members(child["slug"])
        )

    def list_owners(self) -> tuple[Account, ...]:
        """See ``School``."""
        return self._accounts("the owners", "members", role="admin")

    def list_organization_members(self) -> tuple[Account, ...]:
        """See ``School``."""
        return self._accounts("the members of the organization", "members")

    def list_blocked(self) -> tuple[Account, ...]:
        """See ``School``."""
        return tuple(account_of(raw) for raw in self._list("the blocked users", ACCOUNT, "blocks"))

    def get_organization_state(self, login: str) -> MemberState:
        """See ``School``."""
        path = self._of_organization("memberships", login)
        return self._state(path, f"the membership of {login}")

    def get_team_state(self, slug: str, login: str) -> MemberState:
        """See ``School``."""
        path = self._of_organization("teams", slug, "memberships", login)
        return self._state(path, f"the membership of {login} in {slug}")

    # -- accounts

    def get_account(self, login: str) -> Account | None:
        """See ``School``."""
        if not _LOGIN.fullmatch(login):
            return None
        return self._account_at(path_of("users", login), f"the account {login}")

    def get_account_by_id(self, number: int) -> Account | None:
        """See ``School``."""
        return self._account_at(path_of("user", number), f"the account {number}")

    def get_self(self) -> Account | None:
        """See ``School``."""
        if self.client.credential().kind == "app":
            return None
        return account_of(self.client.read("/user", what="whose token it is", fields=ACCOUNT).data)

    def suggest_logins(self, login: str) -> tuple[str, ...]:
        """See ``School``. One call at most; GitHub's refusal to search is no suggestion."""
        return self._suggestions.suggest(self.client, login)

    # -- invitations

    def list_team_invitations(self, slug: str) -> tuple[Invitation, ...]:
        """See ``School``."""
        what = f"the invitations to {slug}"
        listed = self._list(what, INVITED, "teams", slug, "invitations")
        found = tuple(invitation_of(raw) for raw in listed)
        self._suggestions.know(invitation.login for invitation in found)
        return found

    def list_failed_invitations(self) -> tuple[FailedInvitation, ...]:
        """See ``School``."""
        found = self._list("the failed invitations", INVITED, "failed_invitations")
        return tuple(failed_of(raw) for raw in found)

    def list_invitation_teams(self, invitation_id: int) -> tuple[Team, ...]:
        """See ``School``. Raises ``GitHubRefused`` (404) for one that is no longer pending."""
        what = f"the teams of invitation {invitation_id}"
        found = self._list(what, TEAM, "invitations", invitation_id, "teams")
        return tuple(team_of(raw) for raw in found)

    def create_invitation(
        self, team_ids: tuple[int, ...], *, email: str = "", invitee_id: int | None = None
    ) -> Invitation:
        """See ``School``."""
        whom: dict[str, Any] = (
            {"email": email} if invitee_id is None else {"invitee_id": invitee_id}
        )
        body = {**whom, "role": "direct_member", "team_ids": list(team_ids)}
        what = f"the invitation of {email or f'account {invitee_id}'}"
        path = self._of_organization("invitations")
        return made(invitation_of, self.client.write("POST", path, body, what=what).data, what)

    def cancel_invitation(self, invitation_id: int) -> None:
        """See ``School``."""
        path = self._of_organization("invitations", invitation_id)
        self._remove(path, f"the end of invitation {invitation_id}", look=f"{path}/teams")

    # -- changes of membership

    def put_membership(self, slug: str, login: str) -> Literal["active", "pending"]:
        """See ``School``."""
        path = self._of_organization("teams", slug, "memberships", login)
        what = f"adding {login} to {slug}"
        return made(
            put_state, self.client.write("PUT", path, {"role": "member"}, what=what).data, what
        )

    def remove_membership(self, slug: str, login: str) -> None:
        """See ``School``."""
        path = self._of_organization("teams", slug, "memberships", login)
        self._remove(path, f"removing {login} from {slug}", look=path)

    def remove_from_organization(self, login: str) -> None:
        """See ``School``."""
        path = self._of_organization("memberships", login)
        self._remove(path, f"removing {login} from {self.organization}", look=path)

    # -- how it is asked

    def _of_organization(self, *words: object) -> str:
        return path_of("orgs", self.organization, *words)

    def _list(
        self, what: str, fields: tuple[str, ...], *words: object, **query: str
    ) -> list[dict[str, Any]]:
        path = self._of_organization(*words)
        return read_list(self.client, path, what=what, fields=fields, **query)

    def _accounts(self, what: str, *words: object, **query: str) -> tuple[Account, ...]:
        found = tuple(account_of(raw) for raw in self._list(what, ACCOUNT, *words, **query))
        self._suggestions.know(account.login for account in found)
        return found

    def _account_at(self, path: str, what: str) -> Account | None:
        found = self.client.read(path, what=what, fields=ACCOUNT, allows=(404,))
        return account_of(found.data) if found.status == 200 else None

    def _state(self, path: str, what: str) -> MemberState:
        found = self.client.read(path, what=what, fields=STATE, allows=(404,))
        state = found.data["state"] if found.status == 200 else ""
        return "active" if state == "active" else "pending" if state == "pending" else ""

    def _remove(self, path: str, what: str, *, look: str) -> None:
        """Remove what may be gone already: a 404 is a no only if it is still there to be seen."""
        answer = self.client.write("DELETE", path, what=what, allows=(404,))
        if answer.status != 404:
            return
        kind = list if look.endswith("/teams") else dict
        seen = self.client.read(look, what=what, kind=kind, allows=(404,), is_kept=False)
        if seen.status != 404:
            raise GitHubRefused(
                f"GitHub refused {what}: the credential may see it, and may not change it.",
                hint="It needs the organization permission Members: read and write (a classic "
                "token the scope admin:org), and a token's person has to be an owner.",
                context={"status": 404, "reason": "permission"},
            )
