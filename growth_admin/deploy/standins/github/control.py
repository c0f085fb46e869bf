"""Changes from outside, under /_control: what people and GitHub itself would do.

JSON in and out. Every call needs the header ``X-Growth-Control``, so that no web page can make one.

====================================================  ==============================================
GET /_control                                         people, organizations, applications, weather
PUT /_control/seed                                    a whole world (see `seed`); keeps what exists
POST /_control/people                                 {login, name, email, label}: a new account
PATCH /_control/people/LOGIN                          {login}: rename
DELETE /_control/people/LOGIN                         delete the account
PUT, DELETE /_control/members/ORG/TEAM/LOGIN          in (accepted at once) and out of a team
POST /_control/accept/ORG/LOGIN                       accept a pending invitation
POST /_control/tokens                                 {login, scopes}: a personal access token
DELETE /_control/tokens/LOGIN                         revoke all tokens of a person
PUT /_control/weather                                 {status, delay_s, login, web_too}; {} is fair
GET, DELETE /_control/requests                        the requests answered so far; forget them
====================================================  ==============================================
"""

import json
from dataclasses import asdict
from typing import Any

from tornado import web

from growth_admin.deploy.standins.github.weather import Sky
from growth_admin.deploy.standins.github.world import Application, Refused, World

HEADER = "X-Growth-Control"


def seed(world: World, wanted: dict[str, Any]) -> None:
    """Add what is missing: `people` ({login, name, email, label, teams: ["ORG/TEAM"], owner}) with
    their organizations and teams, and `applications`. What exists stays as it is, so that a
    restart does not undo what happened since.
    """
    known = world.seeded | {person.login.lower() for person in world.people.values()}
    for application in wanted.get("applications", ()):
        world.add_application(Application(**application))
    for name in wanted.get("organizations", ()):
        if name.lower() not in world.organizations:
            world.add_organization(name)
    for raw in wanted.get("people", ()):
        if raw["login"].lower() not in known:
            person = world.add_person(
                *(raw.get(k, "") for k in ("login", "name", "email", "label"))
            )
            world.seeded.add(person.login.lower())
            for place in raw.get("teams", ()):
                put_in_team(world, place, person.login)
            for name in raw.get("owns", ()):
                world.organization(name).members[person.id].role = "admin"
    world.save()


def put_in_team(world: World, place: str, login: str) -> None:
    """Put `login` into the team `ORG/TEAM`, accepted; the team is made if it is missing."""
    name, _, slug = place.partition("/")
    organization, person = world.organization(name), world.person(login)
    if slug not in organization.teams:
        world.add_team(organization, slug)
    world.join_team(organization, organization.teams[slug], person)
    world.accept_invitation(organization, person)


class Control(web.RequestHandler):
    """One door; the method and the words of the path choose the change."""

    def initialize(self, world: World, sky: Sky, site: str) -> None:
        """Taken by tornado from the route."""
        self.world, self.sky = world, sky

    def prepare(self) -> None:
        """Only callers that can set a header."""
        if HEADER not in self.request.headers:
            raise web.HTTPError(403, f"{HEADER} is missing")

    def _run(self, path: str) -> None:
        action, *words = path.strip("/").split("/")
        name = f"{(self.request.method or '').lower()}_{action or 'world'}"
        method = getattr(self, f"do_{name}", None)
        if method is None:
            raise web.HTTPError(404, f"No such control: {name}")
        given = json.loads(self.request.body) if self.request.body else {}
        try:
            reply = method(*words, **given)
        except Refused as refused:
            self.set_status(refused.status)
            reply = {"message": refused.message}
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(reply if reply is not None else {}))

    get = post = put = patch = delete = _run

    def do_get_world(self) -> dict[str, Any]:
        """Everything but the secrets."""
        return {
            "people": [asdict(person) for person in self.world.people.values()],
            "organizations": [asdict(o) for o in self.world.organizations.values()],
            "weather": asdict(self.sky.weather),
        }

    def do_put_seed(self, **wanted: Any) -> None:
        """Add what is missing."""
        seed(self.world, wanted)

    def do_post_people(self, **person: str) -> dict[str, Any]:
        """A new account."""
        return asdict(self.world.add_person(**person))

    def do_patch_people(self, old: str, login: str) -> dict[str, Any]:
        """Rename."""
        return asdict(self.world.rename_person(old, login))

    def do_delete_people(self, login: str) -> None:
        """Delete the account."""
        self.world.remove_person(login)

    def do_put_members(self, organization: str, team: str, login: str) -> None:
        """Into a team."""
        put_in_team(self.world, f"{organization}/{team}", login)

    def do_delete_members(self, organization: str, team: str, login: str) -> None:
        """Out of a team."""
        found = self.world.team(self.world.organization(organization), team)
        self.world.leave_team(found, self.world.person(login))

    def do_post_accept(self, organization: str, login: str) -> None:
        """Accept an invitation."""
        person = self.world.person(login)
        self.world.accept_invitation(self.world.organization(organization), person)

    def do_post_tokens(self, login: str, scopes: list[str]) -> dict[str, str]:
        """A personal access token."""
        return {"token": self.world.add_token(self.world.person(login), scopes).value}

    def do_delete_tokens(self, login: str) -> dict[str, int]:
        """Revoke."""
        return {"revoked": self.world.revoke_tokens(self.world.person(login))}

    def do_put_weather(self, **weather: Any) -> dict[str, Any]:
        """Change the weather."""
        return self.sky.change(**weather)

    def do_get_requests(self) -> list[dict[str, Any]]:
        """The last requests."""
        return list(self.sky.requests)

    def do_delete_requests(self) -> None:
        """Forget them."""
        self.sky.requests.clear()


ROUTES = [(r"/_control(/.*|)", Control)]
