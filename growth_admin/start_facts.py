"""The table of starts and the servers room, each in the words of the other; neither knows it."""

from __future__ import annotations

from functools import partial

from growth_admin.core.paths import Paths
from growth_admin.servers.facts import Key, StartFacts
from growth_admin.servers.snapshot import HubSnapshot
from growth_admin.startup.manager import ScriptManager
from growth_admin.startup.starts.manager import StartTable
from growth_admin.startup.starts.models import HubUserHint, StartRow


def build_start_table(
    paths: Paths, scripts: ScriptManager, users: HubSnapshot | None
) -> StartTable:
    """Return the table of what starts did; with ``users`` it has a row for each of the hub's."""
    return StartTable(
        paths,
        list_users=partial(_hints, users) if users else None,
        live_sha256=scripts.live_sha256,
        revision_number=scripts.revision_number,
    )


def _hints(users: HubSnapshot) -> dict[str, HubUserHint]:
    """Return the hub's users, with the time since when the default server of each is ready."""
    return {
        user.name: HubUserHint(ready_since=server.started if server.state == "ready" else None)
        for user in users.list_users()
        for server in (user.server(""),)
    }


def start_facts(table: StartTable) -> dict[Key, StartFacts]:
    """Return the last start of every server. Raises ``StorageUnavailable``.

    The table should not ask the hub who its users are: a list of servers must not wait for that.
    """
    return {
        (row.user, row.server_name): _facts_of(row)
        for row in table.list_starts().rows
        if row.source != "none"
    }


def _facts_of(row: StartRow) -> StartFacts:
    return StartFacts(
        image=row.image,
        image_digest=row.image_digest,
        scripts={script.name: script.revision for script in row.scripts if script.sha256},
        is_old_revision=row.is_old_revision or row.state == "old-revision",
        result=row.state,
        data=tuple((dataset.name, dataset.state) for dataset in row.data),
    )
