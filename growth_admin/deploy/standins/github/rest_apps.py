"""Calls of a GitHub App about itself, with a JWT, and for its installation tokens."""

import time

from growth_admin.deploy.standins.github.answering import Rest
from growth_admin.deploy.standins.github.clock import HOUR_S, iso
from growth_admin.deploy.standins.github.credentials import (
    INSTALLATION,
    App,
    Installation,
    allows,
)
from growth_admin.deploy.standins.github.refusals import Refused, not_found
from growth_admin.deploy.standins.github.rest_organizations import ORG


class AppCall(Rest):
    """A call with a JWT."""

    def app(self) -> App:
        """The App. Raises Refused 401 without a JWT."""
        if self.caller.app and not self.caller.installation:
            return self.caller.app
        raise Refused(401, "A JSON web token could not be decoded")

    def installations(self) -> list[Installation]:
        """Where the App is installed."""
        number = self.app().id
        return [one for one in self.world.installations.values() if one.app == number]

    def shape(self, one: Installation) -> object:
        """`installation`."""
        organization = self.world.organization(str(one.organization))
        return self.shapes.installation(one, self.world.apps[one.app], organization)

    def installation(self, number: str) -> Installation:
        """One of the App's. Raises Refused 404."""
        found = next((one for one in self.installations() if one.id == int(number)), None)
        if found is None:
            raise not_found()
        return found


class ThisApp(AppCall):
    """GET /app."""

    def get(self) -> None:
        app = self.app()
        owner = self.shapes.organization_account(self.world.organization(app.owner))
        self.answer(self.shapes.app(app, owner, len(self.installations())))


class Installations(AppCall):
    """GET /app/installations."""

    def get(self) -> None:
        self.answer_page(self.installations(), self.shape)


class OneInstallation(AppCall):
    """GET /app/installations/NUMBER."""

    def get(self, number: str) -> None:
        self.answer(self.shape(self.installation(number)))


class InstallationOfOrganization(AppCall):
    """GET /orgs/ORG/installation."""

    def get(self, name: str) -> None:
        organization = self.world.organization(name)
        for one in self.installations():
            if one.organization == organization.id:
                self.answer(self.shape(one))
                return
        raise not_found()


class AccessTokens(AppCall):
    """POST /app/installations/NUMBER/access_tokens: for an hour, with these permissions or all."""

    def post(self, number: str) -> None:
        one = self.installation(number)
        if one.is_suspended:
            raise Refused(403, "This installation has been suspended")
        wanted = self.given().get("permissions") or one.permissions
        for name, level in wanted.items():
            if not allows(one.permissions, name, level):
                message = "The permissions requested are not granted to this installation."
                raise Refused(422, message)
        token = self.world.add_token(
            0,
            [],
            kind=INSTALLATION,
            permissions=dict(wanted),
            organization=one.organization,
            installation=one.id,
            expires_s=time.time() + HOUR_S,
        )
        reply = {"token": token.value, "expires_at": iso(token.expires_s)}
        self.answer({**reply, "permissions": wanted, "repository_selection": "all"}, 201)


ROUTES = [
    (r"/api/v3/app", ThisApp),
    (r"/api/v3/app/installations", Installations),
    (r"/api/v3/app/installations/(\d+)", OneInstallation),
    (r"/api/v3/app/installations/(\d+)/access_tokens", AccessTokens),
    (ORG + r"/installation", InstallationOfOrganization),
]
