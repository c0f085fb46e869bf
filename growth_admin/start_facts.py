"""What the table of starts knows, in the words of the servers room; neither knows the other."""

from __future__ import annotations

from growth_admin.servers.facts import Key, StartFacts
from growth_admin.startup.starts.manager import StartTable
from growth_admin.startup.starts.models import StartRow


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
