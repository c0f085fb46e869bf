"""What the stand-in knows: people, organizations with teams, applications and tokens.

Plain data with the rules that GitHub has for it. No HTTP. Kept in one JSON file, if one is given.
"""

import json
import os
import secrets
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

FIRST_ID = 583231  # account numbers of the size that real ones have


class Refused(Exception):
    """GitHub would refuse: `status` and `message` of the reply."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def timestamp() -> str:
    """Now, as GitHub writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


@dataclass
class Person:
    """An account. `label` is what the login page says beside the name."""

    id: int
    login: str
    name: str
    email: str
    label: str = ""
    email_is_public: bool = False
    created_at: str = field(default_factory=timestamp)
    updated_at: str = field(default_factory=timestamp)


@dataclass
class Membership:
    """Of an organization (`admin`, `member`) or a team (`maintainer`, `member`)."""

    role: str = "member"
    state: str = "active"  # or pending, until the person accepts


@dataclass
class Team:
    """A team of an organization; `members` by account number."""

    id: int
    slug: str
    name: str
    created_at: str = field(default_factory=timestamp)
    members: dict[int, Membership] = field(default_factory=dict)


@dataclass
class Organization:
    """An organization; teams by slug, `members` by account number."""

    id: int
    login: str
    name: str
    created_at: str = field(default_factory=timestamp)
    teams: dict[str, Team] = field(default_factory=dict)
    members: dict[int, Membership] = field(default_factory=dict)


@dataclass
class Application:
    """An OAuth application. Redirects must begin with `callback_url`."""

    client_id: str
    client_secret: str
    name: str
    callback_url: str


@dataclass
class Token:
    """An access token of a person; of an OAuth application if `client_id` is set."""

    value: str
    person: int
    scopes: list[str]
    client_id: str = ""


@dataclass
class Code:
    """A code of the OAuth flow, good for one exchange within ten minutes."""

    person: int
    client_id: str
    redirect_uri: str
    scopes: list[str]
    challenge: str
    expires: float


class World:
    """All of it, by number and by name. Every change is written to `path`, if given."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.people: dict[int, Person] = {}
        self.organizations: dict[str, Organization] = {}
        self.applications: dict[str, Application] = {}
        self.tokens: dict[str, Token] = {}
        self.codes: dict[str, Code] = {}
        self.seeded: set[str] = set()  # logins that a seed made once, whatever they are called now
        self.next_id = FIRST_ID
        if path and path.exists():
            self._load(json.loads(path.read_text(encoding="utf-8")))

    # ---- people

    def person(self, login: str) -> Person:
        """The account called `login`, in any case. Raises Refused 404."""
        for person in self.people.values():
            if person.login.lower() == login.lower():
                return person
        raise Refused(404, "Not Found")

    def add_person(self, login: str, name: str = "", email: str = "", label: str = "") -> Person:
        """A new account with a new number. Raises Refused 422 when the login is taken."""
        self._must_be_free(login)
        email = email or f"{login.lower()}@example.org"
        person = Person(self.new_id(), login, name or login, email, label)
        self.people[person.id] = person
        self.save()
        return person

    def rename_person(self, login: str, new_login: str) -> Person:
        """The same account under another login; the old login is free then."""
        person = self.person(login)
        if new_login.lower() != login.lower():
            self._must_be_free(new_login)
        person.login, person.updated_at = new_login, timestamp()
        self.save()
        return person

    def remove_person(self, login: str) -> None:
        """Delete the account, its memberships and tokens."""
        person = self.person(login)
        for organization in self.organizations.values():
            self.leave_organization(organization, person)
        self.revoke_tokens(person)
        del self.people[person.id]
        self.save()

    def _must_be_free(self, login: str) -> None:
        names = {p.login.lower() for p in self.people.values()} | set(self.organizations)
        if login.lower() in names:
            raise Refused(422, f"{login} is taken")

    # ---- organizations and teams

    def organization(self, login: str) -> Organization:
        """The organization by name or number. Raises Refused 404."""
        for organization in self.organizations.values():
            if login.lower() == organization.login.lower() or login == str(organization.id):
                return organization
        raise Refused(404, "Not Found")

    def add_organization(self, login: str, name: str = "") -> Organization:
        """A new, empty organization."""
        self._must_be_free(login)
        organization = Organization(self.new_id(), login, name or login)
        self.organizations[login.lower()] = organization
        self.save()
        return organization

    def team(self, organization: Organization, slug: str) -> Team:
        """The team by slug or number. Raises Refused 404."""
        for team in organization.teams.values():
            if slug in (team.slug, str(team.id)):
                return team
        raise Refused(404, "Not Found")

    def add_team(self, organization: Organization, name: str) -> Team:
        """A new, empty team; the slug is the name in lower case with hyphens."""
        slug = "-".join(name.lower().split())
        if slug in organization.teams:
            raise Refused(422, "Validation Failed")
        team = organization.teams[slug] = Team(self.new_id(), slug, name)
        self.save()
        return team

    def join_team(
        self, organization: Organization, team: Team, person: Person, role: str = "member"
    ) -> Membership:
        """Add to a team. Who is not in the organization yet is invited: the state is pending."""
        if person.id not in organization.members:
            organization.members[person.id] = Membership(state="pending")
        state = organization.members[person.id].state
        membership = team.members[person.id] = Membership(role, state)
        self.save()
        return membership

    def accept_invitation(self, organization: Organization, person: Person) -> None:
        """The person accepts: every pending membership in the organization becomes active."""
        if person.id not in organization.members:
            raise Refused(404, "Not Found")
        for members in self._member_lists(organization):
            if person.id in members:
                members[person.id].state = "active"
        self.save()

    def leave_team(self, team: Team, person: Person) -> None:
        """Remove from the team. Raises Refused 404 when not in it."""
        if team.members.pop(person.id, None) is None:
            raise Refused(404, "Not Found")
        self.save()

    def leave_organization(self, organization: Organization, person: Person) -> None:
        """Remove from the organization and all its teams."""
        for members in self._member_lists(organization):
            members.pop(person.id, None)
        self.save()

    def teams_of(self, person: Person) -> list[tuple[Organization, Team]]:
        """Every team in which the person is active, oldest first."""
        return [
            (organization, team)
            for organization in self.organizations.values()
            for team in organization.teams.values()
            if person.id in team.members and team.members[person.id].state == "active"
        ]

    @staticmethod
    def _member_lists(organization: Organization) -> list[dict[int, Membership]]:
        return [organization.members, *(team.members for team in organization.teams.values())]

    # ---- applications and tokens

    def add_application(self, application: Application) -> None:
        """Register (or replace) an OAuth application."""
        self.applications[application.client_id] = application
        self.save()

    def add_code(self, code: Code) -> str:
        """Remember a code; returns its text."""
        text = secrets.token_hex(10)
        self.codes[text] = code
        return text

    def take_code(self, text: str) -> Code | None:
        """The code, once; None when unknown, used or older than ten minutes."""
        code = self.codes.pop(text, None)
        return code if code and code.expires > time.time() else None

    def add_token(self, person: Person, scopes: list[str], client_id: str = "") -> Token:
        """A new token: `gho_...` for an application, `ghp_...` for a person's own."""
        prefix = "gho_" if client_id else "ghp_"
        token = Token(prefix + secrets.token_hex(18), person.id, scopes, client_id)
        self.tokens[token.value] = token
        self.save()
        return token

    def revoke_tokens(self, person: Person) -> int:
        """End all tokens of the person; returns how many there were."""
        values = [token.value for token in self.tokens.values() if token.person == person.id]
        for value in values:
            del self.tokens[value]
        self.save()
        return len(values)

    # ---- keeping

    def new_id(self) -> int:
        """The next free number."""
        self.next_id += 1
        return self.next_id

    def save(self) -> None:
        """Write everything but the codes to the file, in one step."""
        if not self.path:
            return
        state = {
            "next_id": self.next_id,
            "seeded": sorted(self.seeded),
            "people": [asdict(person) for person in self.people.values()],
            "organizations": [asdict(o) for o in self.organizations.values()],
            "applications": [asdict(application) for application in self.applications.values()],
            "tokens": [asdict(token) for token in self.tokens.values()],
        }
        handle, staged = tempfile.mkstemp(prefix=".github-", dir=self.path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(state, file, indent=1)
        os.replace(staged, self.path)

    def _load(self, state: dict[str, Any]) -> None:
        self.next_id, self.seeded = state["next_id"], set(state["seeded"])
        self.people = {p["id"]: Person(**p) for p in state["people"]}
        self.applications = {a["client_id"]: Application(**a) for a in state["applications"]}
        self.tokens = {t["value"]: Token(**t) for t in state["tokens"]}
        for raw in state["organizations"]:
            teams = {
                slug: Team(**{**team, "members": _memberships(team["members"])})
                for slug, team in raw["teams"].items()
            }
            members = _memberships(raw["members"])
            organization = Organization(**{**raw, "teams": teams, "members": members})
            self.organizations[organization.login.lower()] = organization


def _memberships(raw: dict[str, Any]) -> dict[int, Membership]:
    return {int(number): Membership(**membership) for number, membership in raw.items()}
