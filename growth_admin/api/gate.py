"""Who is asking, and what may they do: asked at the hub, never guessed.

The visitor must be a user, must be allowed on this server, and must be its owner. What the owner
may do is read from a fresh look-up of the server's own token: not from the visitor's, because the
OAuth client of this server deliberately carries no custom scopes (``oauth_client_allowed_scopes``
stays unset), and not from JupyterHub's own cache, which may be 300 s old.

Source: JupyterHub REST API ``GET /user``; ``jupyterhub.services.auth.HubAuth.user_for_token``.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import time
from dataclasses import dataclass
from typing import Any, Protocol

from tornado import web

from growth_admin.core.errors import Forbidden, HubUnavailable
from growth_admin.core.permissions import ADMIN_SCOPE, areas_of

log = logging.getLogger(__name__)
READ_AGE_S = 5.0


@dataclass(frozen=True)
class Visitor:
    """Who is asking: the hub user's name and the scopes that the owner's server token holds."""

    name: str
    scopes: frozenset[str]
    groups: tuple[str, ...] = ()

    @property
    def areas(self) -> tuple[str, ...]:
        """The areas that are open."""
        return areas_of(self.scopes)


class Gate(Protocol):
    """Lets a request in, or raises."""

    is_standalone: bool

    async def admit(self, handler: web.RequestHandler, *, is_mutation: bool) -> Visitor:
        """Return the visitor. Raises ``Forbidden`` or ``HubUnavailable``."""
        ...


class ClosedGate:
    """Outside a hub: nobody."""

    is_standalone = False

    async def admit(self, handler: web.RequestHandler, *, is_mutation: bool) -> Visitor:
        """Refuse."""
        raise Forbidden(
            "This server does not run under a JupyterHub, so nobody is known to be an admin.",
            hint="For development set c.GrowthAdmin.standalone = True.",
        )


class StandaloneGate:
    """For development and tests: whoever holds the server's own token is the admin."""

    is_standalone = True

    async def admit(self, handler: web.RequestHandler, *, is_mutation: bool) -> Visitor:
        """Return the admin for every user that jupyter_server has authenticated by its token."""
        provider = getattr(handler, "identity_provider", None)
        if not handler.current_user or not getattr(provider, "auth_enabled", False):
            raise Forbidden(
                "This server has no token or password of its own.",
                hint="Start it with a token; without one everybody would be an admin.",
            )
        return Visitor(os.environ.get("USER") or "admin", frozenset({ADMIN_SCOPE}))


class HubGate:
    """Asks the hub: twice for a mutation, and at most ``READ_AGE_S`` seconds ago for a read."""

    is_standalone = False

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._recent: dict[str, tuple[float, dict[str, Any]]] = {}

    async def admit(self, handler: web.RequestHandler, *, is_mutation: bool) -> Visitor:
        """Return the owner with the scopes of the server's token."""
        auth = getattr(getattr(handler, "identity_provider", None), "hub_auth", None)
        token = auth.get_token(handler) if auth is not None else None
        if auth is None or not token or not auth.api_token:
            raise Forbidden("You are not logged in here through the hub.", hint="Log in again.")
        max_age_s = 0.0 if is_mutation else READ_AGE_S
        visitor, owner = await asyncio.gather(
            self._look_up(auth, token, max_age_s), self._look_up(auth, auth.api_token, max_age_s)
        )
        if not visitor:
            raise Forbidden(
                "The hub no longer knows this login.",
                hint="Log in again. If that is refused, you are in no team of this school.",
            )
        if visitor.get("kind") != "user" or visitor.get("name") != self._owner:
            raise Forbidden(
                f"This server belongs to {self._owner}; only its owner may use the console here.",
                hint="Open the console on your own server.",
            )
        if not auth.check_scopes(auth.access_scopes, visitor):
            raise Forbidden("Your login does not open this server.", hint="Log in again.")
        if owner.get("kind") != "user" or owner.get("name") != self._owner:
            raise Forbidden("This server's own token is no longer valid.", hint="Restart it.")
        scopes = frozenset(str(scope) for scope in owner.get("scopes", ()))
        return Visitor(self._owner, scopes, tuple(map(str, owner.get("groups", ()))))

    async def _look_up(self, auth: Any, token: str, max_age_s: float) -> dict[str, Any]:
        key = hashlib.sha256(token.encode()).hexdigest()
        asked_s, model = self._recent.get(key, (-1e9, {}))
        if time.monotonic() - asked_s < max_age_s:
            return model
        try:
            model = await auth.user_for_token(token, use_cache=False, sync=False) or {}
        except web.HTTPError as e:
            log.warning("the hub did not answer a look-up: %s", e)
            raise HubUnavailable("The hub could not be asked whether you may do this.") from e
        now_s = time.monotonic()
        self._recent = {k: v for k, v in self._recent.items() if now_s - v[0] < READ_AGE_S}
        self._recent[key] = (now_s, model)
        return model
