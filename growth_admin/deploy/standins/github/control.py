"""Changes from outside, under /_control: what people and GitHub itself would do.

JSON in and out. Every call needs the header ``X-Growth-Control``, so that no web page can make one.

=================================================  =================================================
GET /_control                                      people, organizations, weather
PUT /_control/seed                                 a whole world (see `seeding`); keeps what exists
POST /_control/crowd                               {count, prefix, first, teams, in}: many accounts
POST /_control/people                              {login, name, email, label, emails, two_factor}
PATCH /_control/people/LOGIN                       {login}: rename; {email, emails, two_factor, ...}
DELETE /_control/people/LOGIN                      delete the account
POST /_control/teams/ORG                           {name, parent, privacy}
PUT, DELETE /_control/members/ORG/TEAM/LOGIN       in (accepted at once; {role}), out of a team
PUT, DELETE /_control/members/ORG/LOGIN            in ({role, is_public}), out of an organization
POST /_control/accept/ORG/LOGIN                    accept an open invitation
POST /_control/decline/ORG/LOGIN                   decline it
POST /_control/leave/ORG/LOGIN                     leave by oneself
PUT, DELETE /_control/blocks/ORG/LOGIN             block; unblock, or reinstate who left
POST /_control/fail/ORG/NUMBER                     {reason}: let an open invitation fail
PATCH /_control/organizations/ORG                  {created_at} and what `Policy` has: seats, ...
GET /_control/invitations/ORG                      all invitations ever made, with their states
GET, DELETE /_control/mails/ORG                    invitation mails that went out; forget them
GET, POST /_control/clock                          {days, hours, minutes, seconds}: move it
GET, PUT, DELETE /_control/limits                  rules and counts (`limits.Rules`); count anew
GET, POST, DELETE /_control/faults                 single requests fail (see `faults`)
PUT /_control/weather                              {status, delay_s, login, web_too}; {} is fair
GET, DELETE /_control/requests                     the requests answered so far; forget them
POST /_control/tokens                              {login, scopes} or {login, permissions, org}
DELETE /_control/tokens/LOGIN                      revoke all tokens of a person
POST /_control/sso/ORG                             {token}: authorize a token
POST /_control/apps                                {name, owner, permissions, organizations}
PATCH, DELETE /_control/installations/NUMBER       {permissions, is_suspended}; uninstall
PUT /_control/repositories/ORG/NAME                {texts, is_private} and `repositories.Rules`
POST /_control/pushes/ORG/NAME                     {texts, message, branch, login}: a push by hand
GET /_control/runs/ORG/NAME                        workflow runs
PATCH, DELETE /_control/runs/ORG/NAME/NUMBER       {step, lines, report, conclusion}; remove
=================================================  =================================================
"""

import json
from dataclasses import asdict
from typing import Any

from tornado import web

from growth_admin.deploy.standins.github import (
    control_access,
    control_repositories,
    faults,
    joining,
    leaving,
    seeding,
)
from growth_admin.deploy.standins.github.clock import iso
from growth_admin.deploy.standins.github.people import Person
from growth_admin.deploy.standins.github.refusals import FAILURES, Refused
from growth_admin.deploy.standins.github.weather import Sky
from growth_admin.deploy.standins.github.world import World

HEADER = "X-Growth-Control"


class Control(
    control_access.AccessControl, control_repositories.RepositoryControl, web.RequestHandler
):
    """One door; the method and the words of the path choose the change."""

    def initialize(self, world: World, sky: Sky, site: str) -> None:
        """Taken by tornado from the route."""
        self.world, self.sky = world, sky

    def prepare(self) -> None:
        """Only callers that can set a header."""
        if HEADER not in self.request.headers:
            raise web.HTTPError(403, f"{HEADER} is missing")
        self.world.settle()

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
        except (TypeError, ValueError) as error:
            self.set_status(422)
            reply = {"message": f"{name} does not take this: {error}"}
        self.world.keep()
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(reply if reply is not None else {}))

    get = post = put = patch = delete = _run

    # ---- everything

    def do_get_world(self) -> dict[str, Any]:
        """Everything but the secrets."""
        return {
            "people": [asdict(person) for person in self.world.people.values()],
            "organizations": [asdict(o) for o in self.world.organizations.values()],
            "weather": asdict(self.sky.weather),
        }

    def do_put_seed(self, **wanted: Any) -> None:
        """Add what is missing."""
        seeding.seed(self.world, wanted)

    def do_post_crowd(self, **wanted: Any) -> list[dict[str, Any]]:
        """Many accounts."""
        return seeding.crowd(self.world, **wanted)

    # ---- people

    def do_post_people(self, **person: Any) -> dict[str, Any]:
        """A new account."""
        return asdict(self.world.add_person(**person))

    def do_patch_people(self, old: str, /, login: str = "", **changes: Any) -> dict[str, Any]:
        """Rename, or change what an account has."""
        person = self.world.rename_person(old, login) if login else self.world.person(old)
        for name, value in changes.items():
            if name not in ("name", "email", "emails", "label", "email_is_public", "two_factor"):
                raise Refused(422, f"An account has no {name} to change")
            setattr(person, name, value)
        self.world.changed()
        return asdict(person)

    def do_delete_people(self, login: str) -> None:
        """Delete the account."""
        self.world.remove_person(login)

    # ---- in and out

    def do_put_members(self, organization: str, *place: str, **how: Any) -> None:
        """Into a team, or into the organization only."""
        if len(place) == 2:
            role = how.get("role", "")
            seeding.put_in_team(self.world, f"{organization}/{place[0]}", place[1], role)
            return
        found, person = self.world.organization(organization), self.world.person(place[0])
        joining.put_in(self.world, found, None, person)
        for name, value in how.items():
            setattr(found.members[person.id], name, value)

    def do_delete_members(self, organization: str, *place: str) -> None:
        """Out of a team, or out of the organization, by an owner."""
        found, person = self.world.organization(organization), self.world.person(place[-1])
        if len(place) == 2:
            leaving.remove_from_team(self.world, found, found.team(place[0]), person)
        else:
            leaving.remove_from_organization(self.world, found, person)

    def do_post_accept(self, organization: str, login: str) -> None:
        """Accept an invitation."""
        person = self.world.person(login)
        joining.accept(self.world, self.world.organization(organization), person)

    def do_post_decline(self, organization: str, login: str) -> None:
        """Decline an invitation."""
        person = self.world.person(login)
        joining.decline(self.world, self.world.organization(organization), person)

    def do_post_leave(self, organization: str, login: str) -> None:
        """Leave by oneself."""
        found, person = self.world.organization(organization), self.world.person(login)
        leaving.remove_from_organization(self.world, found, person, by_themselves=True)

    def do_post_fail(self, organization: str, number: str, reason: str = "expired") -> None:
        """Let an open invitation fail; `reason` by its short name or in words."""
        invitation = self.world.organization(organization).invitations[int(number)]
        invitation.fail(FAILURES.get(reason, reason), self.world.clock.now_s())
        self.world.changed()

    # ---- what happened

    def do_get_invitations(self, organization: str) -> list[dict[str, Any]]:
        """All invitations ever made."""
        found = self.world.organization(organization).invitations.values()
        return [
            {**asdict(one), "login": self._login(one.person), "created_at": iso(one.created_s)}
            for one in found
        ]

    def do_get_mails(self, organization: str) -> list[dict[str, Any]]:
        """Invitation mails, oldest first."""
        return [asdict(mail) for mail in self.world.organization(organization).mails]

    def do_delete_mails(self, organization: str) -> None:
        """Forget them."""
        self.world.organization(organization).mails.clear()
        self.world.changed()

    def do_get_requests(self) -> list[dict[str, Any]]:
        """The last requests."""
        return list(self.sky.requests)

    def do_delete_requests(self) -> None:
        """Forget them."""
        self.sky.requests.clear()

    # ---- clock, limits, faults, weather

    def do_get_clock(self) -> dict[str, Any]:
        """The time, and how far it is from the machine's."""
        clock = self.world.clock
        return {"now": clock.timestamp(), "now_s": clock.now_s(), "offset_s": clock.offset_s}

    def do_post_clock(self, **by: float) -> dict[str, Any]:
        """Move the clock."""
        self.world.move_clock(**by)
        return self.do_get_clock()

    def do_get_limits(self) -> dict[str, Any]:
        """The rules, and what was counted in the hour of each caller."""
        limits = self.world.limits
        return {"rules": asdict(limits.rules), "used": limits.used()}

    def do_put_limits(self, **rules: Any) -> dict[str, Any]:
        """Change some rules."""
        self.world.limits.change(**rules)
        self.world.changed()
        return self.do_get_limits()

    def do_delete_limits(self) -> None:
        """Count anew."""
        self.world.limits.forget()

    def do_get_faults(self) -> list[dict[str, Any]]:
        """The faults, with how many requests they matched and met."""
        return [asdict(fault) for fault in self.sky.faults]

    def do_post_faults(self, **fault: Any) -> dict[str, Any]:
        """Another fault."""
        self.sky.faults.append(faults.make(**fault))
        return asdict(self.sky.faults[-1])

    def do_delete_faults(self) -> None:
        """No faults."""
        self.sky.faults.clear()

    def do_put_weather(self, **weather: Any) -> dict[str, Any]:
        """Change the weather."""
        return self.sky.change(**weather)

    def _login(self, number: int) -> str:
        person: Person | None = self.world.people.get(number)
        return person.login if person else ""


ROUTES = [(r"/_control(/.*|)", Control)]
