"""Rows of the list of servers: what the hub says, beside what the last starts left."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from growth_admin.servers.facts import Key, StartFacts
from growth_admin.servers.hub_models import HubServer, HubUser
from growth_admin.servers.models import Server, ServerDataset, State, Target
from growth_admin.servers.planning import ACTIVE

NOTHING = StartFacts()


def rows_of(
    user: HubUser, facts: Mapping[Key, StartFacts], own: Target, at: datetime
) -> list[Server]:
    """Return one row per server of a user; one without any has the place of the default one."""
    return [
        row_of(user, user.server(name), facts.get((user.name, name), NOTHING), own, at)
        for name in sorted({"", *user.servers})
    ]


def row_of(
    user: HubUser, server: HubServer, facts: StartFacts, own: Target, at: datetime
) -> Server:
    """Return one row. Values come from our own models, so they are not validated again."""
    state: State = "ready" if server.state == "checking" else server.state
    last = server.last_activity or (None if server.name else user.last_activity)
    asked = server.options.get("image")
    is_ready = state == "ready"
    is_idle = is_ready and last is not None and at - last >= ACTIVE
    return Server.model_construct(
        user=user.name,
        server_name=server.name,
        state=state,
        started=server.started,
        last_activity=last,
        url=server.url or None,
        image=asked if isinstance(asked, str) else facts.image or None,
        groups=user.groups,
        is_own=(user.name, server.name) == (own.user, own.server_name),
        ready_since=server.started if is_ready else None,
        idle_since=last if is_idle else None,
        busy_kernels=None,
        image_digest=facts.image_digest or None,
        scripts=dict(facts.scripts) or None,
        is_old_revision=facts.is_old_revision if facts.result else None,
        start_result=facts.result or None,
        data=tuple(ServerDataset.model_construct(name=n, state=s) for n, s in facts.data)
        if facts.data
        else None,
    )
