"""Other starts, stops and restarts that are under way with the same servers."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from itertools import islice
from typing import Any

from growth_admin.jobs.models import ENDED
from growth_admin.jobs.store import JobStore
from growth_admin.servers.ledger import RECENT_JOBS
from growth_admin.servers.models import Target


def rivals_of(
    store: JobStore, kind: str, targets: Collection[Target], *, mark: str = ""
) -> tuple[str, ...]:
    """Return a warning for each job that is not over and was asked for some of these servers.

    ``mark`` goes with their titles. What lies where TAs may write may be anything, and is left out
    when it makes no sense.
    """
    wanted = {(target.user, target.server_name) for target in targets}
    found = []
    for stored in islice(store.list_stored(), RECENT_JOBS):
        job = stored.job
        if job.kind != kind or job.state in ENDED:
            continue
        both = len(wanted & _asked_for(stored.params))
        if both:
            title = f'"{job.title}" {mark}'.strip()
            state = "paused" if job.is_paused else "under way"
            found.append(
                f"{job.created_by}'s {title} is {state} with {both:,} of these. "
                "Two at once are hard to follow: wait for it, or cancel one of them under Jobs."
            )
    return tuple(found)


def _asked_for(params: dict[str, Any]) -> set[tuple[str, str]]:
    with suppress(KeyError, TypeError, AttributeError):
        asked = [mark["target"] for mark in params["targets"] if mark.get("phase") != "ended"]
        return {(target["user"], target.get("server_name", "")) for target in asked}
    return set()
