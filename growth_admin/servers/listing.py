"""Rows of the list of servers: what the hub says, beside what the last starts left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from growth_admin.servers.facts import Key, StartFacts
from growth_admin.servers.hub_models import HubServer, HubUser
from growth_admin.servers.models import Server, ServerDataset, State, Target
from growth_admin.servers.planning import ACTIVE

NOTHING = StartFacts()


def keys_of(users: Mapping[str, HubUser], wanted: str) -> Iterator[Key]:
    """Yield user and server of each row; a user without any has the place of the default one.

    ``wanted`` is a part of the user's name, in small letters.
    """
    for name, user in users.items():
        if wanted and wanted not in name.casefold():
            continue
        yield name, ""
        if len(user.servers) > ("" in user.servers):
            yield from ((name, server) for server in sorted(user.servers) if server)


def count_rows(users: Mapping[str, HubUser]) -> int:
    """Return how many rows all users have."""
    return sum(len(user.servers) + ("" not in user.servers) for user in users.values())


def count_ready(users: Mapping[str, HubUser]) -> int:
    """Return how many servers are ready."""
    servers = (server for user in users.values() for server in user.servers.values())
    return sum(server.state in ("ready", "checking") for server in servers)


def image_of(server: HubServer, facts: StartFacts) -> str:
    """Return the image that a server runs, as far as known: the one asked for, or its start's."""
    asked = server.options.get("image")
    return asked if isinstance(asked, str) else facts.image


def row_of(
    user: HubUser, server: HubServer, facts: StartFacts, own: Target, at: datetime
) -> Server:
    """Return one row. Values come from our own models, so they are not validated again."""
    state: State = "ready" if server.state == "checking" else server.state
    last = server.last_activity or (None if server.name else user.last_activity)
    digest = facts.digest_of(server.started)
    is_ready = state == "ready"
    is_idle = is_ready and last is not None and at - last >= ACTIVE
    return Server.model_construct(
        user=user.name,
        server_name=server.name,
        state=state,
        started=server.started,
        last_activity=last,
        url=server.url or None,
        image=image_of(server, facts) or None,
        groups=user.groups,
        is_own=(user.name, server.name) == (own.user, own.server_name),
        ready_since=server.started if is_ready else None,
        idle_since=last if is_idle else None,
        busy_kernels=None,
        image_digest=digest or None,
        is_digest_inferred=bool(digest) and not facts.image_digest,
        scripts=dict(facts.scripts) or None,
        is_old_revision=facts.is_old_revision if facts.result else None,
        start_result=facts.result or None,
        data=tuple(ServerDataset.model_construct(name=n, state=s) for n, s in facts.data)
        if facts.data
        else None,
    )
