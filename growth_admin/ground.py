"""What all rooms of one school stand on: its folders, its jobs, its audit trail and the hub."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from growth_admin.core.audit import AuditTrail, SchoolAudit
from growth_admin.core.paths import Paths
from growth_admin.core.permissions import AREAS
from growth_admin.jobs.board import JobBoard
from growth_admin.jobs.engine import JobEngine
from growth_admin.jobs.seal import Seal
from growth_admin.jobs.store import JobStore
from growth_admin.servers.hub import HubClient
from growth_admin.servers.snapshot import HubSnapshot
from growth_admin.settings import ADMIN_AREAS, Settings

SHARED_AREAS = frozenset({"datasets"})
"""What admins and TAs do together: its jobs and its part of the audit trail lie on the shared disk,
where both may write. A job there is run by servers of the user who sealed it only."""
TOLD_AREAS = frozenset(AREAS) - ADMIN_AREAS - SHARED_AREAS
"""What a school may grant to TAs: organisers see what these did, marked as told, not believed."""


@dataclass(frozen=True, kw_only=True)
class Ground:
    """``jobs`` are those of one's own areas, ``shared_jobs`` those of the shared ones; a ``board``
    shows both. For a TA they are the same: all that a TA may do is done on the shared disk."""

    settings: Settings
    paths: Paths
    audit: SchoolAudit
    board: JobBoard
    jobs: JobEngine
    shared_jobs: JobEngine
    hub: HubClient | None
    users: HubSnapshot | None


def lay_ground(settings: Settings, on_activity: Callable[[], None]) -> Ground:
    """Return the ground; no job is looked after yet, and nothing is asked or written."""
    paths = Paths(settings.admin_root, settings.shared_root)
    own_state = paths.admin_state if settings.is_admins else paths.shared_state
    audit = SchoolAudit(
        AuditTrail(own_state / "audit", writer=settings.writer),
        AuditTrail(paths.shared_state / "audit", writer=settings.writer),
        SHARED_AREAS,
        told_areas=TOLD_AREAS if settings.is_admins else (),
    )
    seal = Seal(settings.home / ".local" / "share" / "growth-admin" / "jobs.key")

    def engine(state: Path) -> JobEngine:
        return JobEngine(
            JobStore(state / "jobs", seal=seal if state == paths.shared_state else None),
            user=settings.user,
            server=f"{settings.user}/{settings.server_name}",
            audit=audit,
            on_activity=on_activity,
            lease_s=settings.lease_s,
        )

    shared = own = engine(paths.shared_state)
    board = JobBoard({shared: AREAS})
    if own_state != paths.shared_state:
        own = engine(own_state)
        board = JobBoard(
            {own: frozenset(AREAS) - SHARED_AREAS, shared: SHARED_AREAS},
            told={shared: TOLD_AREAS},
        )
    hub = HubClient(settings.hub_url, settings.hub_token) if settings.hub_url else None
    return Ground(
        settings=settings,
        paths=paths,
        audit=audit,
        board=board,
        jobs=own,
        shared_jobs=shared,
        hub=hub,
        users=HubSnapshot(hub) if hub else None,
    )
