"""Whose request it is: nobody's, a person's, an App's own (JWT) or an installation's."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import jwt

from growth_admin.deploy.standins.github.credentials import App, Installation, Token
from growth_admin.deploy.standins.github.people import Person
from growth_admin.deploy.standins.github.refusals import Refused

if TYPE_CHECKING:
    from growth_admin.deploy.standins.github.world import World

LIFE_S, SKEW_S = 600, 60
UNDECODABLE = "A JSON web token could not be decoded"


@dataclass
class Caller:
    """Who asks, and with what."""

    token: Token | None = None
    person: Person | None = None
    app: App | None = None
    installation: Installation | None = None

    @property
    def login(self) -> str:
        """The account's login, or the App's slug; empty for nobody."""
        if self.person:
            return self.person.login
        return self.app.slug if self.app else ""

    @property
    def counted_as(self) -> str:
        """Under which name the limits count: all tokens of a person are one."""
        if self.installation:
            return f"installation:{self.installation.id}"
        if self.person:
            return f"user:{self.person.id}"
        return f"app:{self.app.id}" if self.app else ""


def caller_of(world: "World", authorization: str) -> Caller:
    """From the Authorization header. Raises Refused 401 for what is no credential."""
    scheme, _, value = authorization.partition(" ")
    if not scheme:
        return Caller()
    if scheme.lower() not in ("token", "bearer"):
        raise Refused(401, "Bad credentials")
    value = value.strip()
    if value.count(".") == 2 and not value.startswith(("ghs_", "ghp_", "gho_", "github_pat_")):
        return Caller(app=_app_of(world, value))
    token = world.live_token(value)
    if token and token.installation:
        installation = world.installations.get(token.installation)
        if installation and not installation.is_suspended:
            return Caller(token, app=world.apps[installation.app], installation=installation)
    elif token and token.person in world.people:
        return Caller(token, world.people[token.person])
    raise Refused(401, "Bad credentials")


def _app_of(world: "World", text: str) -> App:
    """The App whose private key signed the JWT, after "Generating a JSON Web Token for an App".

    The times in it are the machine's: who signs has no other clock.
    """
    try:
        claims = jwt.decode(text, options={"verify_signature": False})
    except jwt.PyJWTError as error:
        raise Refused(401, UNDECODABLE) from error
    issuer = str(claims.get("iss", ""))
    app = next((a for a in world.apps.values() if issuer in (str(a.id), a.client_id)), None)
    if app is None:
        raise Refused(401, "Integration not found")
    try:
        jwt.decode(
            text,
            app.public_key,
            ["RS256"],
            options={"require": ["exp", "iat", "iss"]},
            leeway=SKEW_S,
        )
    except jwt.ExpiredSignatureError as error:
        raise Refused(401, "'Expiration time' claim ('exp') must be in the future") from error
    except jwt.PyJWTError as error:
        raise Refused(401, UNDECODABLE) from error
    if float(claims["exp"]) > time.time() + LIFE_S + SKEW_S:
        raise Refused(401, "'Expiration time' claim ('exp') is too far in the future")
    return app
