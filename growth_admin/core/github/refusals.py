"""A reply that is a no, and those whose reason GitHub puts badly.

Source: the words are GitHub's, as its documentation has them or as others saw them (probot/invite
8, kubernetes/test-infra 22723, foundation50/classroom50, gitbutler 8594).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from growth_admin.core.github.credential import Credential
from growth_admin.core.github.exchange import Reply
from growth_admin.core.github.settings import GitHub

LONGEST_MESSAGE: Final = 300


@dataclass(frozen=True)
class Refusal:
    """A reply that is a no, and what it was about: ``what`` continues "GitHub refused"."""

    reply: Reply
    what: str
    settings: GitHub
    credential: Credential
    now: datetime

    @property
    def message(self) -> str:
        """GitHub's own words, cut and cleaned."""
        found = [str(self._body.get("message") or "").strip(), *self._error_messages()]
        text = ": ".join(dict.fromkeys(part for part in found if part))
        text = "".join(c if c.isprintable() else " " for c in self.credential.hide(text))
        return text if len(text) <= LONGEST_MESSAGE else f"{text[:LONGEST_MESSAGE]}…"

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of its errors."""
        return tuple(str(e.get("code", "")) for e in self._errors if isinstance(e, dict))

    @property
    def _body(self) -> dict[str, Any]:
        try:
            data = self.reply.data()
        except ValueError:
            return {}
        return data if isinstance(data, dict) else {}

    @property
    def _errors(self) -> list[Any]:
        errors = self._body.get("errors")
        return errors if isinstance(errors, list) else []

    def _error_messages(self) -> list[str]:
        return [
            str(e.get("message") or "") if isinstance(e, dict) else str(e) for e in self._errors
        ]


@dataclass(frozen=True)
class Known:
    """A refusal that can be explained better than GitHub does."""

    reason: str
    is_this: Callable[[Refusal, str], bool]
    why: str
    hint: str


def _says(*words: str) -> Callable[[Refusal, str], bool]:
    return lambda refusal, message: any(word in message for word in words)


KNOWN: Final = (
    Known(
        "oauth-restricted",
        _says("oauth app access restrictions"),
        "the organization has not approved the application that this token is of",
        "An owner can approve it: {settings}/oauth_application_policy",
    ),
    Known(
        "organization-account",
        lambda refusal, message: "org" in refusal.codes or "organization as a member" in message,
        "this login belongs to an organization, not to a person",
        "Ask the person for their own login.",
    ),
    Known(
        "no-seat",
        lambda refusal, message: "no_seat" in refusal.codes or _says("seat")(refusal, message),
        "the organization's plan has no seat left",
        "Buy seats, or cancel invitations that nobody accepts: {organization}/billing/seats",
    ),
    Known(
        "blocked",
        lambda refusal, message: message.startswith("blocked"),
        "the organization blocks this user, or the person has left the organization",
        "An owner can unblock or invite them by hand: {people}",
    ),
    Known(
        "member-already",
        _says("already a part of this organization"),
        "the person is in the organization already",
        "Add them to the team by their login.",
    ),
    Known(
        "managed-elsewhere",
        _says("externally managed", "external group", "identity provider"),
        "who is in this team is decided by the organization's identity provider",
        "Change it there, or choose another team.",
    ),
    Known(
        "two-factor",
        _says("two-factor", "two factor"),
        "the organization asks for two-factor authentication",
        "The person who holds the token has to switch it on.",
    ),
    Known(
        "address",
        _says("ip allow list", "ip address"),
        "the organization lets only some addresses in, and this server's is not among them",
        "An owner can add it: {settings}/security",
    ),
    Known(
        "suspended",
        _says("suspended"),
        "the App's installation is suspended",
        "An owner can let it go on: {settings}/installations",
    ),
    Known(
        "owner",
        _says("must be an admin", "must be an owner", "must have admin", "must be a member"),
        "the token belongs to somebody who is not an owner of the organization",
        "Use a token of an owner, or a GitHub App.",
    ),
)
