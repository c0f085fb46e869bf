"""Addresses at GitHub, and whose they are."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

from growth_admin.roster.lists.cells import Meaning

_END: Final = r"""[^\s,;"'<>()\[\]|]*"""
_GITHUB: Final = re.compile(
    rf"(?<![\w@.-])(?:git@)?((?:[\w-]+\.)*)github\s?\.\s?(?:com|con|cm|co|cmo|dev)(?![\w-]|\.\w)"
    rf"(?::\d+)?((?:[/\\:]+{_END})?)",
    re.IGNORECASE,
)
_PAGES: Final = re.compile(r"(?<![\w@.-])([\w-]+)\.github\.io\b", re.IGNORECASE)
_AVATAR: Final = re.compile(r"avatars\d*\.githubusercontent\.com/u/(\d+)", re.IGNORECASE)
_RAW: Final = re.compile(r"raw\.githubusercontent\.com/([\w-]+)/", re.IGNORECASE)
_WEB: Final = re.compile(r"(?:[a-z]{2,6}:/{1,2}|www\.)\S|\b[\w-]+\.[a-z]{2,}/\S", re.IGNORECASE)
_HASH: Final = re.compile(r"[0-9a-f]{20,64}")
_SETTINGS: Final = frozenset(
    {"settings", "account", "profile", "dashboard", "notifications", "home"}
)
_ORGANIZATIONS: Final = frozenset({"orgs", "organizations", "enterprises", "teams"})
_PERSONAL: Final = frozenset({"users", "sponsors", "stars"})
_PAGES_OF_GITHUB: Final = frozenset(
    {
        *("login", "logout", "join", "signup", "sessions", "session", "new", "about", "features"),
        *("explore", "topics", "marketplace", "search", "pricing", "enterprise", "trending"),
        *("collections", "events", "security", "site", "contact", "apps", "codespaces", "issues"),
        *("pulls", "discussions", "customer-stories", "readme", "team", "education", "copilot"),
        *(
            "password_reset",
            "git-guides",
            "solutions",
            "resources",
            "watching",
            "gist",
            "classroom",
        ),
    }
)


def read_links(text: str) -> Meaning | None:
    """Return whose addresses at GitHub a text holds, nothing if it holds none.

    ``login`` comes back as written, not yet checked.
    """
    if "git" not in text.lower():
        return None
    if found := _AVATAR.search(text):
        return Meaning(
            github_id=int(found[1]), reading="Read as the account number in the address."
        )
    owners = [_owner(match[1], match[2]) for match in _GITHUB.finditer(text)]
    owners += [Meaning(login=match[1]) for match in _PAGES.finditer(text)]
    owners += [Meaning(login=match[1]) for match in _RAW.finditer(text)]
    if not owners:
        return None
    logins = {owner.login.casefold(): owner for owner in owners if owner.login}
    if len(logins) > 1:
        return Meaning(problem="The cell holds addresses of several accounts.")
    return next(iter(logins.values()), owners[0])


def has_web_address(text: str) -> bool:
    """Return whether a text holds an address of any web site."""
    return ("/" in text or "." in text) and bool(_WEB.search(text))


def _owner(hosts: str, path: str) -> Meaning:
    """Return whose address this is, by what stands before ``github.com`` and after it."""
    host = hosts.lower().rstrip(".")
    parts = [part for part in re.split(r"[/\\:]+", re.split(r"[?#]", path)[0]) if part]
    first = _cleaned(parts[0]) if parts else ""
    if host == "gist":
        if not first or _HASH.fullmatch(first):
            return Meaning(problem="This address of a gist does not say whose it is.")
        return Meaning(login=first)
    if host == "api":
        return _of_api(parts)
    if host not in ("", "www", "m"):
        return Meaning(problem=f"This address leads to {host}.github.com, not to a person.")
    if first.lower() in _PERSONAL:
        first = _cleaned(parts[1]) if len(parts) > 1 else ""
    return _of_site(first)


def _of_site(first: str) -> Meaning:
    small = first.lower()
    if not first:
        return Meaning(problem="This is the address of GitHub, without a login.")
    if small in _ORGANIZATIONS:
        return Meaning(problem="This is the address of an organization, not of a person.")
    if small in _SETTINGS:
        return Meaning(
            problem="This address leads everybody to their own settings. Ask for the login."
        )
    if small in _PAGES_OF_GITHUB:
        return Meaning(problem="This is a page of GitHub, not the address of a person.")
    return Meaning(login=first)


def _of_api(parts: list[str]) -> Meaning:
    if len(parts) > 1 and parts[0] == "users":
        return Meaning(login=_cleaned(parts[1]))
    if len(parts) > 1 and parts[0] == "user" and parts[1].isdigit():
        return Meaning(
            github_id=int(parts[1]), reading="Read as the account number in the address."
        )
    return Meaning(problem="This address of GitHub's interface names no person.")


def _cleaned(part: str) -> str:
    return unquote(part).strip().lstrip("@").rstrip(".!*").removesuffix(".git")
