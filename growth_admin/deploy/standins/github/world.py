"""What the stand-in knows: people, organizations, applications, tokens, the clock, the limits.

Plain data with the rules that GitHub has for it; those about getting into organizations and out
are in `joining`. No HTTP. Kept in one JSON file, if one is given (see `keeping`).
"""

import secrets
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from growth_admin.deploy.standins.github import joining, keeping, leaving
from growth_admin.deploy.standins.github.clock import Clock
from growth_admin.deploy.standins.github.credentials import (
    PREFIXES,
    App,
    Application,
    Code,
    Installation,
    Token,
)
from growth_admin.deploy.standins.github.git import GitStore
from growth_admin.deploy.standins.github.limits import Limits
from growth_admin.deploy.standins.github.organizations import Organization, Team, slug_of
from growth_admin.deploy.standins.github.people import People, Person
from growth_admin.deploy.standins.github.refusals import Refused, not_found
from growth_admin.deploy.standins.github.repositories import Repository

FIRST_ID = 583231  # account numbers of the size that real ones have


class World:
    """All of it, by number and by name.

    A change is in the file, if there is one, once `keep` has returned; every request ends with it,
    before its answer goes out.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.clock = Clock()
        self.people = People()
        self.organizations: dict[str, Organization] = {}
        self.applications: dict[str, Application] = {}
        self.apps: dict[int, App] = {}
        self.installations: dict[int, Installation] = {}
        self.tokens: dict[str, Token] = {}
        self.repositories: dict[int, Repository] = {}
        self.codes: dict[str, Code] = {}
        self.sessions: dict[str, int] = {}  # of the web pages: cookie to account number
        self.limits = Limits(self.clock)
        self.seeded: set[str] = set()  # logins that a seed made once, whatever they are called now
        self.next_id = FIRST_ID
        self.texts: dict[str, str] = {}  # parts of the file that are as they were
        self._is_changed = False
        self._stores: dict[int, GitStore] = {}
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        if path and path.exists():
            keeping.load(self, path)

    # ---- keeping

    def new_id(self) -> int:
        """The next free number."""
        self.next_id += 1
        return self.next_id

    def changed(self, organization: Organization | None = None) -> None:
        """Something is not in the file yet: in one organization only, or anywhere."""
        self._is_changed = True
        if organization:
            self.texts.pop(str(organization.id), None)
        else:
            self.texts.clear()

    def keep(self) -> None:
        """Write everything but codes and sessions to the file, in one step, if it changed."""
        if self._is_changed and self.path:
            keeping.write(self, self.path)
        self._is_changed = False

    def move_clock(self, **by: float) -> None:
        """Move the clock; what is over by then is over."""
        self.clock.move(**by)
        self.settle()
        self.changed()

    def settle(self) -> None:
        """Let time do its work: invitations expire."""
        now_s = self.clock.now_s()
        for organization in self.organizations.values():
            if joining.expire(organization, now_s):
                self.changed(organization)

    # ---- people

    def person(self, login: str) -> Person:
        """The account called `login`, in any case. Raises Refused 404."""
        return self.people.find(login)

    def add_person(self, login: str, name: str = "", email: str = "", **more: Any) -> Person:
        """A new account with a new number. Raises Refused 422 when the login is taken."""
        self._must_be_free(login)
        email = email or f"{login.lower()}@example.org"
        now = self.clock.timestamp()
        person = Person(self.new_id(), login, name or login, email, **more)
        person.created_at = person.updated_at = now
        self.people.add(person)
        self.changed()
        return person

    def rename_person(self, login: str, new_login: str) -> Person:
        """The same account under another login; the old login is free then."""
        person = self.person(login)
        if new_login.lower() != login.lower():
            self._must_be_free(new_login)
        self.people.rename(person, new_login)
        person.updated_at = self.clock.timestamp()
        self.changed()
        return person

    def remove_person(self, login: str) -> None:
        """Delete the account, its memberships, invitations and tokens."""
        person = self.person(login)
        for organization in self.organizations.values():
            organization.forget(person)
            leaving.cancel_all(organization, person)
        self.revoke_tokens(person)
        self.people.remove(person)
        self.changed()

    def _must_be_free(self, login: str) -> None:
        if self.people.is_taken(login) or login.lower() in self.organizations:
            raise Refused(422, f"{login} is taken")

    # ---- organizations and teams

    def organization(self, login: str) -> Organization:
        """The organization by name or number. Raises Refused 404."""
        found = self.organizations.get(login.lower())
        if found is None and login.isascii() and login.isdigit():
            found = self.organization_by_number(int(login))
        if found is None:
            raise not_found()
        return found

    def organization_by_number(self, number: int) -> Organization | None:
        """The organization with this number."""
        return next((o for o in self.organizations.values() if o.id == number), None)

    def add_organization(self, login: str, name: str = "", created_at: str = "") -> Organization:
        """A new, empty organization."""
        self._must_be_free(login)
        created_at = created_at or self.clock.timestamp()
        organization = Organization(self.new_id(), login, name or login, created_at)
        self.organizations[login.lower()] = organization
        self.changed()
        return organization

    def add_team(
        self, organization: Organization, name: str, parent: str = "", privacy: str = "closed"
    ) -> Team:
        """A new, empty team. Raises Refused 422 when there is one of that name."""
        slug = slug_of(name)
        if slug in organization.teams:
            raise Refused(422, "Validation Failed")
        above = organization.team(parent).id if parent else 0
        team = Team(self.new_id(), slug, name, self.clock.timestamp(), {}, above, privacy)
        organization.teams[slug] = team
        self.changed()
        return team

    def organizations_of(self, person: Person) -> list[Organization]:
        """Every organization in which the person is a member, oldest first."""
        return [o for o in self.organizations.values() if person.id in o.members]

    def teams_of(self, person: Person) -> list[tuple[Organization, Team]]:
        """Every team in which the person is active, oldest first."""
        return [
            (organization, team)
            for organization in self.organizations.values()
            for team in organization.teams.values()
            if person.id in team.members
        ]

    # ---- repositories

    def repository(self, organization: Organization, name: str) -> Repository:
        """The repository of an organization, in any case. Raises Refused 404."""
        for one in self.repositories.values():
            if one.owner == organization.id and one.name.lower() == name.lower():
                return one
        raise not_found()

    def add_repository(self, organization: Organization, name: str) -> Repository:
        """A new, empty repository."""
        now = self.clock.timestamp()
        one = Repository(self.new_id(), organization.id, name, now, now)
        self.repositories[one.id] = one
        self.changed()
        return one

    def git_of(self, repository: Repository) -> GitStore:
        """What Git keeps of it: beside the file, or in a folder that goes with this process."""
        if repository.id not in self._stores:
            if self.path is None and self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="growth-github-")
            kept = self.path.with_suffix(".git") if self.path else None
            folder = kept or Path(self._folder.name if self._folder else "")
            self._stores[repository.id] = GitStore(folder / f"{repository.id}.git")
        return self._stores[repository.id]

    def git_time(self) -> str:
        """Now, as Git takes it."""
        return datetime.fromtimestamp(int(self.clock.now_s()), UTC).isoformat()

    # ---- applications and tokens

    def add_application(self, application: Application) -> None:
        """Register (or replace) an OAuth application."""
        self.applications[application.client_id] = application
        self.changed()

    def add_code(self, code: Code) -> str:
        """Remember a code; returns its text."""
        text = secrets.token_hex(10)
        self.codes[text] = code
        return text

    def take_code(self, text: str) -> Code | None:
        """The code, once; None when unknown, used or older than ten minutes."""
        code = self.codes.pop(text, None)
        return code if code and code.expires > time.time() else None

    def add_token(self, person: int, scopes: list[str], **more: Any) -> Token:
        """A new token, with the beginning that its kind has."""
        token = Token("", person, scopes, **more)
        token.value = PREFIXES[token.kind] + secrets.token_hex(18)
        self.tokens[token.value] = token
        self.changed()
        return token

    def live_token(self, value: str) -> Token | None:
        """The token with this text, unless it has expired."""
        token = self.tokens.get(value)
        return None if token and 0 < token.expires_s <= time.time() else token

    def revoke_tokens(self, person: Person) -> int:
        """End all tokens of the person; returns how many there were."""
        values = [t.value for t in self.tokens.values() if t.person == person.id]
        for value in values:
            del self.tokens[value]
        self.changed()
        return len(values)
