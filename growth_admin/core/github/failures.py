"""What GitHub refuses, in words that an organiser understands, and what to do about it.

Source: GitHub, "Rate limits for the REST API", "Troubleshooting the REST API"; the refusals of
invitations as others saw them (probot/invite 8, kubernetes/test-infra 22723, classroom50).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from growth_admin.core.errors import (
    GitHubRefused,
    GitHubUnavailable,
    GrowthError,
    InvitationLimit,
    RateLimited,
)
from growth_admin.core.github.permissions import missing_scope, needed_permissions, place_of
from growth_admin.core.github.refusals import KNOWN, Refusal
from growth_admin.core.github.settings import GitHub

DEFAULT_PAUSE_S: Final = 60.0
LONGEST_PAUSE_S: Final = 6 * 3600.0
LIMITS: Final = re.compile(
    r"rate limit|abuse detection|retry your request again later|wait a few minutes", re.IGNORECASE
)
NO_LIMITS: Final = ("resource not accessible", "must be", "must have", "blocked", "saml")
OVER_INVITATIONS: Final = "over invitation rate limit"


def failure_of(refusal: Refusal) -> GrowthError:
    """Return the error that says what happened, to what, and what to do next."""
    status = refusal.reply.status
    if _is_limit(refusal):
        return _rate_limited(refusal)
    if OVER_INVITATIONS in refusal.message.lower():
        return InvitationLimit(
            f"GitHub refused {refusal.what}: the organization has sent as many invitations as it "
            "may within 24 hours (50, or 500 once it is a month old or paid).",
            hint="Nothing is lost: the others wait until GitHub takes more.",
            context=_context(refusal, "invitation-limit"),
        )
    if status == 401:
        return _bad_credential(refusal)
    if status < 400:
        return GitHubUnavailable(
            f"{refusal.settings.host} sends {refusal.what} to another address.",
            hint="Check GitHub.api_url: the credential is sent nowhere else.",
            context=_context(refusal, "moved"),
        )
    if status >= 500:
        return GitHubUnavailable(
            f"GitHub ({refusal.settings.host}) has a fault of its own ({status}) with "
            f"{refusal.what}.",
            context=_context(refusal, "fault"),
        )
    return _refused(refusal)


def _is_limit(refusal: Refusal) -> bool:
    headers = refusal.reply.headers
    if refusal.reply.status == 429:
        return True
    if refusal.reply.status != 403:
        return False
    if "retry-after" in headers or LIMITS.search(refusal.message):
        return True
    is_used_up = headers.get("x-ratelimit-remaining") == "0" and "x-ratelimit-reset" in headers
    return is_used_up and not refusal.message.lower().startswith(NO_LIMITS)


def _rate_limited(refusal: Refusal) -> RateLimited:
    headers = refusal.reply.headers
    after, reset = _number(headers.get("retry-after")), _number(headers.get("x-ratelimit-reset"))
    if after is not None:
        until = refusal.now + timedelta(seconds=min(max(after, 1.0), LONGEST_PAUSE_S))
    elif headers.get("x-ratelimit-remaining") == "0" and reset is not None:
        latest = refusal.now + timedelta(seconds=LONGEST_PAUSE_S)
        earliest = refusal.now + timedelta(seconds=1)
        until = min(max(_moment(reset, latest), earliest), latest)
    else:
        until = refusal.now + timedelta(seconds=DEFAULT_PAUSE_S)
    error = RateLimited(
        f"GitHub asks to wait until {until:%H:%M:%S} UTC: too many requests ({refusal.what}).",
        until=until,
        hint="Wait until then; what runs goes on by itself.",
    )
    error.context.update(_context(refusal, "rate-limit"))
    return error


def _moment(seconds: float, otherwise: datetime) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return otherwise


def _number(text: str | None) -> float | None:
    """Return a header's number of seconds. GitHub sends no dates there."""
    return float(text) if text and re.fullmatch(r"\d{1,12}(\.\d+)?", text.strip()) else None


def _bad_credential(refusal: Refusal) -> GitHubRefused:
    credential, settings = refusal.credential, refusal.settings
    if credential.kind == "app":
        why = (
            "the key is not one of this App, or the clock of this machine is wrong"
            if "expir" not in refusal.message.lower() and "iat" not in refusal.message.lower()
            else "the clock of this machine is wrong"
        )
        hint = "Check GitHub.app_id and GitHub.app_key_file; set the clock by NTP."
        page = settings.settings_page("apps")
    else:
        why = "it has expired, was revoked, or is not complete"
        hint = "Make a new one and put it into the file; it is used at once."
        page = settings.page("settings", "tokens")
    return GitHubRefused(
        f"GitHub does not accept the {credential.title}: {why}. It says: {refusal.message}",
        hint=f"{hint} {page}",
        context={**_context(refusal, "credential"), "link": page},
    )


def _refused(refusal: Refusal) -> GitHubRefused:
    status, message = refusal.reply.status, refusal.message
    sso = re.search(r"url=(https?://\S+)", refusal.reply.headers.get("x-github-sso", ""))
    if sso:
        return GitHubRefused(
            f"GitHub refused {refusal.what}: the organization uses single sign-on, and the "
            f"{refusal.credential.title} is not authorized for it.",
            hint=f"Whoever made the token opens {sso[1]} and authorizes it.",
            context={**_context(refusal, "sso"), "link": sso[1]},
        )
    for known in KNOWN:
        if known.is_this(refusal, message.lower()):
            return GitHubRefused(
                f"GitHub refused {refusal.what}: {known.why}.",
                hint=_filled(known.hint, refusal.settings),
                context=_context(refusal, known.reason),
            )
    lacking = _lacking(refusal)
    if lacking:
        return GitHubRefused(
            f"GitHub refused {refusal.what}: the {refusal.credential.title} may not do that.",
            hint=lacking,
            context=_context(refusal, "permission"),
        )
    if status == 404:
        return GitHubRefused(
            f"GitHub refused {refusal.what}: it is not there, or the credential may not see it.",
            hint="Check the names in the settings, and what the credential may see.",
            context=_context(refusal, "not-found"),
        )
    needed = needed_permissions(refusal.reply.headers) if status == 403 else ""
    return GitHubRefused(
        f"GitHub refused {refusal.what} ({status}): {message or 'it does not say why'}",
        hint=f"The {place_of(refusal.reply.headers)} permission {needed} is needed for this."
        if needed
        else "",
        context=_context(refusal, "refused"),
    )


def _lacking(refusal: Refusal) -> str:
    """Return which right is missing and where it is given; empty if that cannot be told."""
    reply, settings = refusal.reply, refusal.settings
    scope = missing_scope(reply.headers)
    if reply.status in (403, 404) and scope:
        return (
            f"The token lacks the scope {scope}. Give it that: {settings.page('settings/tokens')}"
        )
    needed = needed_permissions(reply.headers)
    if reply.status != 403 or "not accessible" not in refusal.message.lower():
        return ""
    wanted = f"{place_of(reply.headers)} permission {needed or 'Members: read and write'}"
    if refusal.credential.kind == "app":
        page = settings.settings_page("apps")
        return (
            f"The App lacks the {wanted}. Give it to the App, then accept it for the "
            f"organization: {page}"
        )
    return (
        f"The token lacks the {wanted}, or belongs to somebody who is not an owner: "
        f"{settings.page('settings/personal-access-tokens')}"
    )


def _filled(hint: str, settings: GitHub) -> str:
    name = settings.organization.strip()
    return hint.format(
        settings=settings.settings_page(),
        organization=settings.page("organizations", name),
        people=settings.page("orgs", name, "people"),
    )


def _context(refusal: Refusal, reason: str) -> dict[str, Any]:
    return {"status": refusal.reply.status, "reason": reason, "message": refusal.message}
