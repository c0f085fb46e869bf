"""Tokens of one hub user, as far as another token may make and delete them.

Source: JupyterHub REST API, /users/{name}/tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import requests

from growth_admin.core.errors import HubRefused, HubUnavailable, NotFound
from growth_admin.servers.hub_models import HubUser, parse_user
from growth_admin.servers.hub_transport import HubTransport, require_ok


@dataclass(frozen=True)
class FreshToken:
    """A token that was just made; the hub tells its text this once."""

    id: str
    text: str = field(repr=False)


@dataclass(frozen=True)
class KnownToken:
    """A token that the hub has a record of."""

    id: str
    note: str


@dataclass(frozen=True)
class WhoAmI:
    """Whose token asked, and what it may do."""

    user: HubUser
    scopes: tuple[str, ...] = ()

    def may_act_for(self, user: str) -> bool:
        """Return whether it may make and end tokens of a user: of this one, or of all."""
        return not {"tokens", f"tokens!user={user}"}.isdisjoint(self.scopes)


class HubTokens:
    """Methods raise ``HubUnavailable``, ``HubRefused``, and ``NotFound`` for an unknown user."""

    def __init__(
        self,
        api_url: str,
        token: str,
        session: Callable[[], requests.Session] = requests.Session,
    ) -> None:
        self._transport = HubTransport(api_url, token, session)

    def who_am_i(self) -> WhoAmI:
        """Return the owner of the token that asks, and its scopes."""
        given = self._transport.get_json("user")
        try:
            scopes = tuple(str(scope) for scope in given.get("scopes") or ())
        except (AttributeError, TypeError) as e:
            raise HubUnavailable("The hub's answer about a user makes no sense.") from e
        return WhoAmI(parse_user(given), scopes)

    def create(self, user: str, *, note: str, scopes: Sequence[str], ends_in_s: int) -> FreshToken:
        """Make a token of a user that may do no more than ``scopes``, and ends by itself."""
        response = self._transport.send(
            "POST",
            _path(user),
            body={"note": note, "scopes": list(scopes), "expires_in": ends_in_s},
        )
        if response.status_code not in (200, 201):
            require_ok(response)
        try:
            given = response.json()
            return FreshToken(str(given["id"]), str(given["token"]))
        except (KeyError, TypeError, ValueError) as e:
            raise HubUnavailable("The hub's answer with a token makes no sense.") from e

    def list_tokens(self, user: str) -> tuple[KnownToken, ...]:
        """Return the tokens of a user."""
        given: Any = self._transport.get_json(_path(user))
        try:
            return tuple(
                KnownToken(str(token["id"]), str(token.get("note") or ""))
                for token in given["api_tokens"]
            )
        except (AttributeError, KeyError, TypeError) as e:
            raise HubUnavailable("The hub's list of tokens makes no sense.") from e

    def delete(self, user: str, token_id: str) -> None:
        """End a token; one that is gone already is no trouble."""
        response = self._transport.send("DELETE", f"{_path(user)}/{quote(token_id, safe='')}")
        if response.status_code in (204, 404):
            return
        try:
            require_ok(response)
        except NotFound:
            return
        raise HubRefused("The hub's answer to the end of a token makes no sense.")


def _path(user: str) -> str:
    return f"users/{quote(user, safe='')}/tokens"
