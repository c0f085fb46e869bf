"""Finding servers by what they are: the targets of "everybody on the old image".

The panel's filter says the same of the rows that it has (``servers/criteria.ts``); both are held
to one table of cases, ``tests/unit/servers/alike.json``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from growth_admin.core.words import count
from growth_admin.servers.control import reason_to_skip
from growth_admin.servers.facts import Key, StartFacts
from growth_admin.servers.hub_models import HubServer, HubUser
from growth_admin.servers.listing import NOTHING, image_of
from growth_admin.servers.models import Action, Selector, Target

DIGEST: Final = "sha256:"


@dataclass(frozen=True)
class Found:
    """Who was found, and what could not be told."""

    targets: tuple[Target, ...]
    notes: tuple[str, ...] = ()


def select(
    action: Action,
    selector: Selector,
    users: Iterable[HubUser],
    facts: Mapping[Key, StartFacts],
    at: datetime,
) -> Found:
    """Return the servers that match and that the action would change, by user's name.

    A server of which an asked fact is not known does not match; the notes say how many there are.
    """
    targets: list[Target] = []
    unknown = 0
    for user in sorted(users, key=lambda user: user.name):
        if not _is_user(selector, user):
            continue
        for name in sorted({"", *user.servers}) if selector.has_named else ("",):
            server = user.server(name)
            if reason_to_skip(action, server.state) or not _is_server(selector, user, server, at):
                continue
            fact = facts.get((user.name, name), NOTHING)
            if not _is_known(selector, fact, server):
                unknown += 1
            elif _is_start(selector, fact, server):
                targets.append(Target(user=user.name, server_name=name))
    note = f"{count(unknown, 'more server')} may match: {_lack_of(selector)} is not known."
    return Found(tuple(targets), (note,) if unknown else ())


def _is_user(selector: Selector, user: HubUser) -> bool:
    is_named = selector.name.strip().casefold() in user.name.casefold()
    return is_named and (not selector.groups or not set(selector.groups).isdisjoint(user.groups))


def _is_server(selector: Selector, user: HubUser, server: HubServer, at: datetime) -> bool:
    state = "ready" if server.state == "checking" else server.state
    if selector.states and state not in selector.states:
        return False
    if selector.idle_min is None:
        return True
    last = server.last_activity or (None if server.name else user.last_activity)
    return last is not None and at - last >= timedelta(minutes=selector.idle_min)


def _lack_of(selector: Selector) -> str:
    """Return what is not known of servers that may match, as the subject of a sentence."""
    lacks = []
    if selector.image_not:
        thing = "digest" if selector.image_not.startswith(DIGEST) else "image"
        lacks.append(f"which {thing} they run")
    if selector.is_old_revision or selector.start_results:
        lacks.append("how they started last")
    return " or ".join(lacks)


def _is_known(selector: Selector, fact: StartFacts, server: HubServer) -> bool:
    if (selector.is_old_revision or selector.start_results) and not fact.result:
        return False
    if not selector.image_not:
        return True
    # a tag does not tell a digest: it may have named another one when that server started
    is_digest = selector.image_not.startswith(DIGEST)
    return bool(fact.digest_of(server.started) if is_digest else image_of(server, fact))


def _is_start(selector: Selector, fact: StartFacts, server: HubServer) -> bool:
    image = image_of(server, fact)
    is_other = selector.image_not not in (image, fact.digest_of(server.started))
    return (
        (not selector.image_not or (is_other and not _is_same_tag(selector.image_not, image)))
        and (not selector.is_old_revision or fact.is_old_revision)
        and (not selector.start_results or fact.result in selector.start_results)
    )


def _is_same_tag(wanted: str, image: str) -> bool:
    """Return whether ``wanted`` is just the tag of the image, as people write it."""
    return bool(image) and ":" not in wanted and image.rpartition(":")[2] == wanted
