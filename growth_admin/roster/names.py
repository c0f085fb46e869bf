"""One person, many spellings: GitHub login, hub name, container account, home folder, log files.

The account in the container is what ``deploy/hub_config.py`` makes of the hub name; that file can
import nothing of ours, so the rule stands here again, and a test runs both. Home folders on
Kubernetes are slugs of the hub name by one of two rules of KubeSpawner: ``escape`` up to version 6,
``safe`` since 7 (documentation of KubeSpawner, "Templated fields"; package escapism, ``escape`` and
``safe_slug``).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Final, TypeVar

from growth_admin.roster.models import Names, PersonRow

_ACCOUNTS_OF_IMAGES: Final = """
root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc gnats nobody
nogroup adm tty disk kmem dialout fax voice cdrom floppy tape sudo audio dip operator src shadow
utmp video sasl plugdev staff users crontab input sgx kvm render netdev messagebus sshd ssh docker
wheel postgres mysql redis ubuntu debian jovyan jupyter conda admin administrator shared
growth-data growth-admin
"""
RESERVED: Final = frozenset(_ACCOUNTS_OF_IMAGES.split())
NAME_LIMIT: Final = 32
"""Longest name that ``useradd`` takes."""
SLUG_LIMIT: Final = 48
"""Longest slug that KubeSpawner makes of a user name."""
HASH_DIGITS: Final = 8
LOG_ENDINGS: Final = ("-as-root.log", "-as-user.log", "-as-root", "-as-user")

_KEPT: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_PLAIN_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]*", re.ASCII)
_MADE_NAME: Final = re.compile(r".*_[0-9a-f]{8}", re.ASCII)
_OBJECT_NAME: Final = re.compile(r"[a-z]([a-z0-9-]*[a-z0-9])?", re.ASCII)

Row = TypeVar("Row", bound=PersonRow)


def names_of(login: str, hub_name: str = "", reserved: Iterable[str] = ()) -> Names:
    """Return every spelling of somebody's name; ``hub_name`` if it is not the login any more.

    ``reserved`` are names that the school keeps from accounts besides those of images.
    """
    hub = (hub_name or login).lower()
    if not hub:
        return Names()
    container = container_name(hub, reserved)
    homes = dict.fromkeys((escape_slug(hub), safe_slug(hub), safe_server_slug(hub)))
    return Names(login=login, hub=hub, container=container, homes=tuple(homes), log=container)


def container_name(hub_name: str, reserved: Iterable[str] = ()) -> str:
    """Return the account's name in the container; no two hub users share one.

    Names that are too long, reserved, all digits, with ``--`` or odd characters end in ``_`` and
    eight digits of their hash.
    """
    name = hub_name.lower()
    is_plain = (
        _PLAIN_NAME.fullmatch(name)
        and not _MADE_NAME.fullmatch(name)
        and len(name) <= NAME_LIMIT
        and name not in RESERVED
        and name not in reserved
        and not name.isdigit()
        and "--" not in name
    )
    if is_plain:
        return name
    readable = re.sub(r"-{2,}", "-", re.sub(r"[^a-z0-9-]", "-", name)).strip("-")
    if not readable[:1].isalpha():
        readable = f"u{readable}"
    return f"{readable[: NAME_LIMIT - 9].rstrip('-')}_{_hash(name)}"


def escape_slug(name: str) -> str:
    """Return KubeSpawner's slug by its old rule: each odd byte as a hyphen and two digits."""
    return "".join(
        char if char in _KEPT else "".join(f"-{byte:x}" for byte in char.encode()) for char in name
    )


def safe_slug(name: str) -> str:
    """Return KubeSpawner's slug by its new rule: the name itself, or what is left and a hash."""
    if "--" not in name and len(name) <= SLUG_LIMIT and _OBJECT_NAME.fullmatch(name):
        return name
    return f"{_readable(name, SLUG_LIMIT - HASH_DIGITS - 3)}---{_hash(name)}"


def safe_server_slug(name: str) -> str:
    """Return what the new rule makes of the user's default server (``{user_server}``).

    It is the user's slug, unless that leaves no room for the name of a server.
    """
    slug = safe_slug(name)
    if len(slug) + 2 <= SLUG_LIMIT:
        return slug
    room = (SLUG_LIMIT - HASH_DIGITS - 1) // 2 - 2
    digest = hashlib.sha256(name.encode() + b"\xff").hexdigest()[:HASH_DIGITS]
    return f"{_readable(name, room)}--x---{digest}"


def _readable(name: str, limit: int) -> str:
    """Return what is left of a name in an object's name: letters, digits and single hyphens."""
    kept = re.sub(r"[^a-z0-9]+", "-", name.lower()).lstrip("-")[:limit].rstrip("-")
    return f"x-{kept[: limit - 2]}" if kept and not kept[0].isalpha() else kept or "x"


def find_people(text: str, people: Iterable[Row]) -> tuple[Row, ...]:
    """Return whoever ``text`` names by any of the spellings; those it names exactly come alone.

    Understood are logins (with ``@`` or as an address at GitHub), hub names, container accounts,
    home folders (with path or ``claim-``), log files, e-mail addresses, numeric ids, keys and,
    in part, people's own names.
    """
    asked = _plain(text)
    if not asked:
        return ()
    rows = tuple(people)
    exact = tuple(row for row in rows if asked in _spellings(row))
    return exact or tuple(row for row in rows if asked in row.name.casefold())


def _plain(text: str) -> str:
    """Return what is left of a spelling without what stands around it."""
    asked = text.strip().rstrip("/")
    if "/" in asked:
        asked = asked.rpartition("/")[2]
    asked = asked.removeprefix("@").removeprefix("claim-").casefold()
    for ending in LOG_ENDINGS:
        asked = asked.removesuffix(ending)
    return asked


def _spellings(row: PersonRow) -> set[str]:
    names = row.names
    given = (row.login, names.login, names.hub, names.container, *names.homes, names.log)
    more = (row.email, row.key, str(row.github_id or ""), row.name)
    return {text.casefold() for text in (*given, *more) if text}


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:HASH_DIGITS]
