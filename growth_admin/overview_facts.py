"""What the rooms know, in the words of the overview; neither side knows the other."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from growth_admin.api.models import Missing
from growth_admin.core.audit import Audit
from growth_admin.core.errors import GrowthError, HubRefused, NotConfigured, NotFound
from growth_admin.core.fsops import storage_errors
from growth_admin.core.paths import Paths
from growth_admin.core.permissions import AREAS
from growth_admin.datasets.manager import DatasetManager
from growth_admin.jobs.board import JobBoard
from growth_admin.jobs.models import Job
from growth_admin.overview import lines
from growth_admin.overview.facts import (
    ChangeFacts,
    Changes,
    DatasetFacts,
    DiskFacts,
    HubFacts,
    JobFacts,
    Lack,
    LastStart,
    LiveScript,
    Parts,
    PeopleFacts,
    ShareFacts,
)
from growth_admin.overview.models import Line
from growth_admin.servers.bot.manager import BotStudent
from growth_admin.servers.hub import HubClient
from growth_admin.servers.snapshot import HubSnapshot
from growth_admin.startup.manager import ScriptManager
from growth_admin.startup.starts.manager import StartTable

if TYPE_CHECKING:
    from growth_admin.roster.manager import RosterManager

T = TypeVar("T")
ADMINS: Final = "admins"
"""The hub's group of organisers, as ``hub_config.py`` calls it."""
READ_SHARES: Final = f"read:shares!group={ADMINS}"
SHARED_S: Final = 4.0
CHANGES: Final = 200


class Shared(Generic[T]):
    """One answer for the lines that need the same; asked again when it is older than this."""

    def __init__(self, ask: Callable[[], T], *, fresh_s: float = SHARED_S) -> None:
        self._ask = ask
        self._fresh_s = fresh_s
        self._lock = threading.Lock()
        self._known: tuple[float, T] | None = None

    def __call__(self) -> T:
        """Return the answer. Raises what asking raises."""
        with self._lock:
            if self._known is None or time.monotonic() - self._known[0] > self._fresh_s:
                self._known = (time.monotonic(), self._ask())
            return self._known[1]


@dataclass(frozen=True)
class Sources:
    """Who is asked. ``hub`` and ``users`` are None outside a hub, ``roster`` where it is closed.

    ``last_starts`` must not ask the hub: what starts did can be told when the hub is away.
    """

    paths: Paths
    audit: Audit
    jobs: JobBoard
    scripts: ScriptManager
    last_starts: StartTable
    datasets: DatasetManager
    roster: RosterManager | None
    hub: HubClient | None
    users: HubSnapshot | None
    list_missing: Callable[[], tuple[Missing, ...]]
    bot: BotStudent | None = None
    bot_name: str = ""


def read_parts(of: Sources) -> Parts:
    missing = tuple(Lack(row.area, row.what, row.hint) for row in of.list_missing())
    return Parts(AREAS, missing)


def read_hub(of: Sources) -> HubFacts:
    if of.users is None:
        raise _no_hub()
    users = [user for user in of.users.list_users() if user.name != of.bot_name]
    states = [server.state for user in users for server in user.servers.values()]
    return HubFacts(len(users), states.count("ready"), states.count("spawning"))


def _no_hub() -> NotConfigured:
    return NotConfigured(
        "this server was not started by a JupyterHub.",
        hint="Servers need the console on a hub's own server.",
    )


def read_last_starts(of: Sources) -> tuple[LastStart, ...]:
    return tuple(
        LastStart(
            user=f"{row.user}/{row.server_name}" if row.server_name else row.user,
            state=row.state,
            started=row.started,
            error=row.error,
            image=row.image,
            image_digest=row.image_digest,
            is_old_revision=row.is_old_revision,
            is_candidate=bool(row.candidate),
        )
        for row in of.last_starts.list_starts().rows
        if row.source != "none"
    )


def with_running(starts: Sequence[LastStart], of: Sources) -> Sequence[LastStart]:
    """Return the starts with whether each server runs; as they are where the hub cannot say."""
    if of.users is None:
        return starts
    try:
        users = of.users.list_users()
    except GrowthError:
        return starts
    running = {
        f"{user.name}/{name}" if name else user.name
        for user in users
        for name, server in user.servers.items()
        if server.state == "ready"
    }
    return [_marked(start, start.user in running) for start in starts]


def _marked(start: LastStart, is_running: bool) -> LastStart:
    # dataclasses.replace takes four times as long, and there may be 10,000
    return LastStart(
        start.user,
        start.state,
        start.started,
        start.error,
        start.image,
        start.image_digest,
        start.is_old_revision,
        start.is_candidate,
        is_running,
    )


def read_scripts(of: Sources) -> list[LiveScript]:
    return [
        LiveScript(script.name, script.live_revision, script.problem)
        for script in of.scripts.list_scripts().scripts
    ]


def read_datasets(of: Sources) -> Line:
    listed = of.datasets.list_datasets()
    facts = [
        DatasetFacts(
            dataset.name,
            current=dataset.receipts.current,
            behind=dataset.receipts.behind,
            partial=dataset.receipts.partial,
            missing=dataset.receipts.missing,
            edited=dataset.receipts.edited,
        )
        for dataset in listed.datasets
    ]
    return lines.datasets_line(facts, listed.problems)


def _disk(name: str, path: Path) -> DiskFacts:
    disk = os.statvfs(path)
    return DiskFacts(name, disk.f_blocks * disk.f_frsize, disk.f_bavail * disk.f_frsize)


def read_disks(of: Sources) -> list[DiskFacts]:
    """Return the shared disk, and the admins' where that is another one."""
    paths = of.paths
    with storage_errors(paths.shared_root):
        found = [_disk(str(paths.shared_root), paths.shared_root)]
        if paths.admin_root.stat().st_dev != paths.shared_root.stat().st_dev:
            found.append(_disk(str(paths.admin_root), paths.admin_root))
    return found


def read_homes(of: Sources) -> list[DiskFacts]:
    """Return the disk of the homes, and those of homes that have a disk of their own."""
    root = of.roster.homes_root if of.roster else ""
    if not root:
        raise NotConfigured(
            "homes cannot be reached from here.",
            hint="Where they are mounted on organisers' servers, set c.RosterManager.homes_root.",
        )
    place = Path(root)
    with storage_errors(place), os.scandir(place) as entries:
        own = place.stat().st_dev
        found = [_disk(root, place)]
        for entry in entries:
            if entry.is_dir(follow_symlinks=False) and entry.stat().st_dev != own:
                found.append(_disk(entry.name, place / entry.name))
    return found


def read_people(of: Sources) -> PeopleFacts:
    if of.roster is None:
        raise NotConfigured(
            "the roster is not open on this server.",
            hint="An admin's server has it; restart yours after you became one.",
        )
    of.roster.require_credential()
    listed = of.roster.list_people()
    return PeopleFacts({str(k): v for k, v in listed.counts.items()}, listed.problems)


def read_shares(of: Sources) -> Line:
    if of.users is None or of.hub is None:
        raise _no_hub()
    admins = [user.name for user in of.users.list_users() if ADMINS in user.groups]
    try:
        found = [
            (name, guest) for name in admins for guest in of.hub.list_guests(name, bot=of.bot_name)
        ]
    except (HubRefused, NotFound) as e:
        return Line(
            id="shares",
            title="Shares",
            state="unknown",
            sentence=f"Whether an organiser's server is shared cannot be told: {e.detail}",
            lacks=READ_SHARES,
            hint=f"Give the role and the server token of organisers {READ_SHARES}, as "
            "hub_config.py of this version does; then restart your server.",
        )
    return lines.shares_line(ShareFacts(len(admins), tuple(found)))


def read_jobs(of: Sources, held: Collection[str]) -> list[JobFacts]:
    return [_job_facts(job) for job in of.jobs.list_jobs({*held, "jobs"}).jobs]


def _job_facts(job: Job) -> JobFacts:
    passed = (job.receipt or {}).get("is_passed")
    said = str((job.receipt or {}).get("title", "")) if passed is False else ""
    return JobFacts(
        kind=job.kind,
        title=job.title,
        state=job.state,
        by=job.created_by,
        created=job.created,
        ended=job.ended,
        is_paused=job.is_paused,
        problem=job.problem.detail if job.problem else said,
        is_passed=passed if isinstance(passed, bool) else None,
    )


def read_changes(of: Sources, held: Collection[str]) -> Changes:
    listed = of.audit.list_entries(areas={*held, "jobs"}, limit=CHANGES)
    entries = (
        ChangeFacts(entry.time, entry.user, entry.action, entry.target, entry.result)
        for entry in listed.entries
    )
    return Changes(tuple(entries), listed.unreadable)
