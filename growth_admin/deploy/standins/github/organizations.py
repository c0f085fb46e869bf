"""Organizations, their teams and who is in them.

Members are those who accepted; who is invited is in `invitations`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any

from growth_admin.deploy.standins.github.clock import DAY_S, seconds
from growth_admin.deploy.standins.github.invitations import Invitation, Mail
from growth_admin.deploy.standins.github.people import Person
from growth_admin.deploy.standins.github.refusals import Refused, not_found

MONTH_S = 30 * DAY_S
LIMIT_NEW, LIMIT_OLD = 50, 500


@dataclass
class Membership:
    """Of an organization (`admin`, `member`) or a team (`maintainer`, `member`)."""

    role: str = "member"
    is_public: bool = False


@dataclass
class Team:
    """A team of an organization; `members` by account number, without those of child teams."""

    id: int
    slug: str
    name: str
    created_at: str = ""
    members: dict[int, Membership] = field(default_factory=dict)
    parent_id: int = 0
    privacy: str = "closed"
    description: str = ""


@dataclass
class Policy:
    """What an organization's owners have set, and what it pays for.

    - `invitation_limit`: invitations per rolling 24 hours; None is GitHub's rule, 50, and 500 once
      the organization is a month old or paid.
    - `seats`: how many members and open invitations are paid for; None is as many as one likes.
    - `requires_two_factor`, `requires_sso`: as the settings of the same names.
    - `restricts_oauth_apps`: OAuth applications see nothing private unless approved.
    - `repeats`: what a second `POST /orgs/ORG/invitations` for somebody invited answers: "same"
      (the same invitation, 201; seen for e-mail invitations) or "refused" (422).
    """

    invitation_limit: int | None = None
    paid: bool = False
    seats: int | None = None
    requires_two_factor: bool = False
    requires_sso: bool = False
    restricts_oauth_apps: bool = False
    approved_applications: list[str] = field(default_factory=list)
    repeats: str = "same"

    def change(self, **values: Any) -> None:
        """Set some of them. Raises Refused 422 for a name that is none."""
        unknown = set(values) - {f.name for f in fields(self)}
        if unknown:
            raise Refused(422, f"An organization has no {', '.join(sorted(unknown))}")
        for name, value in values.items():
            setattr(self, name, value)


@dataclass
class Organization:
    """An organization; teams by slug, `members` by account number, all invitations ever made.

    `blocked` are blocked by the owners; `left` went by themselves and cannot be added again.
    """

    id: int
    login: str
    name: str
    created_at: str = ""
    teams: dict[str, Team] = field(default_factory=dict)
    members: dict[int, Membership] = field(default_factory=dict)
    invitations: dict[int, Invitation] = field(default_factory=dict)
    mails: list[Mail] = field(default_factory=list)
    blocked: list[int] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    policy: Policy = field(default_factory=Policy)

    # ---- teams

    def team(self, slug: str) -> Team:
        """The team by slug or number. Raises Refused 404."""
        found = self.teams.get(slug.lower())
        if found is None and slug.isascii() and slug.isdigit():
            found = self.team_by_number(int(slug))
        if found is None:
            raise not_found()
        return found

    def team_by_number(self, number: int) -> Team | None:
        """The team with this number."""
        return next((team for team in self.teams.values() if team.id == number), None)

    def children(self, team: Team) -> list[Team]:
        """The teams right below."""
        return [child for child in self.teams.values() if child.parent_id == team.id]

    def family(self, team: Team) -> Iterator[Team]:
        """The team and all below it."""
        yield team
        for child in self.children(team):
            yield from self.family(child)

    def team_members(self, team: Team) -> dict[int, Membership]:
        """Who is in the team or in one below it, as GitHub lists them; the team's own first.

        After "List team members": they "include the members of child teams"; after "Get team
        membership for a user": "The role for organization owners is set to maintainer".
        """
        found = {number: member.role for number, member in team.members.items()}
        for below in self.family(team):
            for number in below.members:
                found.setdefault(number, "member")
        found |= {number: "maintainer" for number in self.owners() if number in found}
        return {number: Membership(role) for number, role in found.items()}

    # ---- members

    def is_owner(self, person: Person) -> bool:
        """Whether the person owns the organization."""
        return person.id in self.members and self.members[person.id].role == "admin"

    def owners(self) -> list[int]:
        """Account numbers of the owners."""
        return [number for number, m in self.members.items() if m.role == "admin"]

    def admit(self, person: Person, role: str = "member") -> Membership:
        """Make the person a member, at once; keeps a role that there is."""
        if person.id in self.left:
            self.left.remove(person.id)
        return self.members.setdefault(person.id, Membership(role))

    def forget(self, person: Person) -> None:
        """Out of the organization and all its teams."""
        self.members.pop(person.id, None)
        for team in self.teams.values():
            team.members.pop(person.id, None)

    def invitation_limit(self, now_s: float) -> int:
        """Invitations per 24 hours, after "Set organization membership for a user"."""
        if self.policy.invitation_limit is not None:
            return self.policy.invitation_limit
        is_old = now_s - seconds(self.created_at) > MONTH_S
        return LIMIT_OLD if is_old or self.policy.paid else LIMIT_NEW


def slug_of(name: str) -> str:
    """A team's slug: the name in lower case, with hyphens for what is no letter or digit."""
    return re.sub(r"[^a-z0-9_]+", "-", name.lower()).strip("-")
