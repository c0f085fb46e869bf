"""Builds: their parts, made from the settings and wired."""

from __future__ import annotations

from traitlets.config import Config

from growth_admin.core.errors import NotFound
from growth_admin.images.builds.engine import ContainerEngine
from growth_admin.images.builds.leftovers import Leftovers
from growth_admin.images.builds.manager import BuildManager
from growth_admin.images.builds.settings import ImageBuilder
from growth_admin.images.builds.store import BuildStore
from growth_admin.images.builds.turn import BuildTurns
from growth_admin.images.builds.work import BuildWork
from growth_admin.images.gates import GateBook
from growth_admin.images.packages.room import PackageRoom
from growth_admin.images.registry.client import Registry
from growth_admin.images.registry.settings import ImageRegistry
from growth_admin.jobs.engine import JobEngine
from growth_admin.jobs.models import ENDED


def build_builds(
    store: BuildStore,
    packages: PackageRoom,
    gates: GateBook,
    registry: Registry,
    place: ImageRegistry,
    jobs: JobEngine,
    config: Config,
) -> BuildManager:
    """Return the builds of one school; their job is known to ``jobs`` from here on."""
    builder, folder = ImageBuilder(config=config), packages.parts.folder
    assert folder, "what lies at GitHub is built there"
    containers = ContainerEngine(builder)

    def is_over(job_id: str) -> bool:
        try:
            return jobs.store.load(job_id).job.state in ENDED
        except NotFound:
            return True  # it was put away, which only an ended one can be

    leftovers = Leftovers(store, containers.tool, builder, lambda: registry.name)
    turns = BuildTurns(store.folder / "turn", is_over=is_over)
    work = BuildWork(
        store,
        turns,
        containers,
        folder,
        packages.parts.book,
        gates,
        registry,
        leftovers,
        builder=builder,
        place=place,
    )
    return BuildManager(
        store, containers, work, turns, leftovers, packages.revisions, registry, jobs
    )
