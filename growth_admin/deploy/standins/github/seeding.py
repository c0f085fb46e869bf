"""Fill the stand-in: whole schools from a description, or a crowd by number."""

from typing import TYPE_CHECKING, Any

from growth_admin.deploy.standins.github import joining
from growth_admin.deploy.standins.github.credentials import (
    App,
    Application,
    Installation,
    Token,
)
from growth_admin.deploy.standins.github.git import Who, commit_texts
from growth_admin.deploy.standins.github.organizations import Organization, Team, slug_of
from growth_admin.deploy.standins.github.people import Person
from growth_admin.deploy.standins.github.repositories import Repository

if TYPE_CHECKING:
    from growth_admin.deploy.standins.github.world import World

ACCOUNT = ("login", "name", "email", "label", "email_is_public", "emails", "two_factor")


def seed(world: "World", wanted: dict[str, Any]) -> None:
    """Add what is missing; what exists stays as it is, so that a restart undoes nothing.

    - `applications`: [{client_id, client_secret, name, callback_url, owner}]
    - `organizations`: ["ORG", {login, name, created_at, policy: {...}}]
    - `teams`: [{organization, name, parent, privacy}] (others are made when people are put in)
    - `people`: [{login, name, email, label, emails, two_factor, teams: ["ORG/TEAM"],
      owns: ["ORG"], in: ["ORG"]}]
    - `tokens`: [{value, login, scopes}], classic ones
    - `apps`: [{client_id, name, owner, public_key (PEM), permissions}], installed at their owner's
    """
    known = world.seeded | {person.login.lower() for person in world.people.values()}
    for application in wanted.get("applications", ()):
        world.add_application(Application(**application))
    for one in wanted.get("organizations", ()):
        _organization(world, {"login": one} if isinstance(one, str) else one)
    for raw in wanted.get("teams", ()):
        organization = world.organization(raw["organization"])
        if slug_of(raw["name"]) not in organization.teams:
            privacy = raw.get("privacy", "closed")
            world.add_team(organization, raw["name"], raw.get("parent", ""), privacy)
    for raw in wanted.get("people", ()):
        if raw["login"].lower() not in known:
            _person(world, raw)
    for raw in wanted.get("repositories", ()):
        made = add_repository(world, raw["organization"], raw["name"], raw.get("texts", {}))
        for name, value in raw.get("rules", {}).items():
            setattr(made.rules, name, value)
        world.changed()
    _credentials(world, wanted)


def crowd(
    world: "World", count: int, prefix: str = "student-", first: int = 1, **more: Any
) -> list[dict[str, Any]]:
    """`count` accounts called `prefix` and a number of four digits; with `teams`, `in`, `owns` as
    in a seed. Returns their login, id, name and email.
    """
    made = []
    for number in range(first, first + count):
        login = f"{prefix}{number:04}"
        raw = {"login": login, "name": f"Person {number}", "email": f"{login}@example.org", **more}
        person = _person(world, raw)
        made.append({k: getattr(person, k) for k in ("login", "id", "name", "email")})
    return made


def add_repository(
    world: "World", organization: str, name: str, texts: dict[str, str]
) -> Repository:
    """A repository of an organization, made with these files as its first commit if missing."""
    found = world.organization(organization)
    for one in world.repositories.values():
        if (one.owner, one.name.lower()) == (found.id, name.lower()):
            return one
    made = world.add_repository(found, name)
    if texts:
        owner = next(iter(found.owners()), 0)
        login = world.people[owner].login if owner in world.people else found.login
        who = Who(login, f"{owner}+{login}@users.noreply.github.com", world.git_time())
        commit_texts(world.git_of(made), made.default_branch, texts, "The image of the school", who)
    return made


def put_in_team(world: "World", place: str, login: str, role: str = "") -> None:
    """Put `login` into the team `ORG/TEAM`, accepted; the team is made if it is missing."""
    name, _, _ = place.partition("/")
    organization, team = world.organization(name), team_at(world, place)
    joining.put_in(world, organization, team, world.person(login), role)


def team_at(world: "World", place: str) -> Team:
    """The team `ORG/TEAM`, made if it is missing."""
    name, _, slug = place.partition("/")
    organization = world.organization(name)
    return organization.teams.get(slug_of(slug)) or world.add_team(organization, slug)


def install(world: "World", app: App, organization: Organization) -> Installation:
    """The App in the organization, with all that it asks for."""
    now = world.clock.timestamp()
    one = Installation(world.new_id(), app.id, organization.id, dict(app.permissions), now)
    world.installations[one.id] = one
    world.changed()
    return one


def add_app(world: "World", client_id: str, name: str, owner: str, **more: Any) -> App:
    """A GitHub App, not installed yet; `public_key` and `permissions`."""
    now = world.clock.timestamp()
    app = App(world.new_id(), slug_of(name), name, client_id, owner, created_at=now, **more)
    world.apps[app.id] = app
    world.changed()
    return app


def _credentials(world: "World", wanted: dict[str, Any]) -> None:
    for raw in wanted.get("tokens", ()):
        if raw["value"] not in world.tokens:
            person = world.person(raw["login"]).id
            world.tokens[raw["value"]] = Token(raw["value"], person, raw["scopes"])
            world.changed()
    known = {app.client_id for app in world.apps.values()}
    for raw in wanted.get("apps", ()):
        if raw["client_id"] not in known:
            install(world, add_app(world, **raw), world.organization(raw["owner"]))


def _organization(world: "World", raw: dict[str, Any]) -> None:
    if raw["login"].lower() in world.organizations:
        return
    made: Organization = world.add_organization(
        raw["login"], raw.get("name", ""), raw.get("created_at", "")
    )
    made.policy.change(**raw.get("policy", {}))


def _person(world: "World", raw: dict[str, Any]) -> Person:
    person = world.add_person(**{k: raw[k] for k in ACCOUNT if k in raw})
    world.seeded.add(person.login.lower())
    for name in raw.get("in", ()):
        joining.put_in(world, world.organization(name), None, person)
    for place in raw.get("teams", ()):
        name, _, _ = place.partition("/")
        joining.put_in(world, world.organization(name), team_at(world, place), person)
    for name in raw.get("owns", ()):
        joining.put_in(world, world.organization(name), None, person)
        world.organization(name).members[person.id].role = "admin"
    return person
