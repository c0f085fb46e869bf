"""What the steps of the setup find out, so that each asks only once, and how they say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

from growth_admin.core.errors import GitHubUnavailable, GrowthError
from growth_admin.core.github.exchange import path_of
from growth_admin.core.github.settings import GitHub
from growth_admin.roster.facts import Account, Team
from growth_admin.roster.github.records import moment_of
from growth_admin.roster.github.school import GitHubSchool
from growth_admin.roster.models import Check

if TYPE_CHECKING:
    from growth_admin.core.github.credential import Credential

CheckState = Literal["ok", "missing", "warning", "unknown"]
LIMIT_NEW, LIMIT_OLD = 50, 500
MONTH: Final = timedelta(days=30)
TITLES: Final = {
    "credential": "A credential is on this server",
    "valid": "GitHub accepts the credential",
    "organization": "The organization is found",
    "members-read": "Members and invitations can be read",
    "members-write": "People can be added and removed",
    "owner": "The credential acts for an owner",
    "single-sign-on": "Single sign-on lets the credential in",
    "teams": "The school's teams are there",
    "invitations": "Invitations can be sent",
    "two-factor": "Whether two-factor authentication is required",
    "blocked": "Blocked users can be seen (optional)",
    "hub-app": "The hub's login application is approved by the organization",
}
"""The steps, in their order."""
UNASKED: Final = "This could not be asked, because an earlier step failed."


@dataclass
class Trial:
    """One run of the setup."""

    school: GitHubSchool
    credential: Credential | None = None
    me: Account | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    permissions: dict[str, str] | None = None
    can_read: bool = False
    teams: list[Team] = field(default_factory=list)
    sso: GrowthError | None = None

    @property
    def settings(self) -> GitHub:
        """The settings."""
        return self.school.settings

    def organization(self) -> dict[str, Any]:
        """Ask for the organization's facts, keep and return them. Raises as a call does."""
        path = path_of("orgs", self.school.organization)
        answer = self.school.client.read(path, what="the organization", is_kept=False)
        self.facts = answer.data
        return self.facts

    def count_invitations(self) -> int:
        """Return how many invitations are open. Raises as a call does."""
        path = path_of("orgs", self.school.organization, "invitations")
        return self.school.client.count_items(path, what="the open invitations")

    def words_of_limit(self) -> str:
        """Return how many invitations GitHub takes within 24 hours, as far as can be told."""
        created: datetime | None = moment_of(self.facts.get("created_at"))
        plan = self.facts.get("plan")
        is_paid = isinstance(plan, dict) and plan.get("name") not in (None, "free")
        is_old = created is not None and self.school.now() - created > MONTH
        if is_paid or is_old:
            return f"GitHub takes {LIMIT_OLD} within 24 hours."
        return f"GitHub takes {LIMIT_NEW} within 24 hours until the organization is a month old."


def check(id: str, state: CheckState, detail: str, *, hint: str = "", link: str = "") -> Check:
    """Return one step."""
    return Check(id=id, title=TITLES[id], state=state, detail=detail, hint=hint, link=link)


def failed(id: str, error: GrowthError, *, link: str) -> Check:
    """Return a step that GitHub refused (``missing``) or could not answer (``unknown``)."""
    state: CheckState = "unknown" if isinstance(error, GitHubUnavailable) else "missing"
    found = str(error.context.get("link") or link)
    return check(id, state, error.detail, hint=error.hint, link=found)


def unasked(id: str) -> Check:
    """Return a step that makes no sense after what was found before."""
    return check(id, "unknown", UNASKED)
