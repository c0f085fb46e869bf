"""Other starts, stops and restarts that are under way with the same servers."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice
from typing import Any

from growth_admin.jobs.models import ENDED
from growth_admin.jobs.store import JobStore
from growth_admin.servers.ledger import RECENT_JOBS
from growth_admin.servers.models import Target


def rivals_of(store: JobStore, kind: str, targets: Collection[Target]) -> tuple[str, ...]:
    """Return a warning for each job that is not over and was asked for some of these servers."""
    wanted = {(target.user, target.server_name) for target in targets}
    found = []
    for stored in islice(store.list_stored(), RECENT_JOBS):
        job = stored.job
        if job.kind != kind or job.state in ENDED:
            continue
        both = len(wanted & _asked_for(stored.params))
        if both:
            state = "paused" if job.is_paused else "under way"
            found.append(
                f'{job.created_by}\'s "{job.title}" is {state} with {both:,} of these. '
                "Two at once are hard to follow: wait for it, or cancel one of them under Jobs."
            )
    return tuple(found)


def _asked_for(params: dict[str, Any]) -> set[tuple[str, str]]:
    marks = params.get("targets", ())
    asked = [mark["target"] for mark in marks if mark.get("phase") != "ended"]
    return {(target["user"], target.get("server_name", "")) for target in asked}
