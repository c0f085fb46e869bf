"""Builds: their parts, made from the settings and wired."""

from __future__ import annotations

from traitlets.config import Config

from growth_admin.images.builds.engine import ContainerEngine
from growth_admin.images.builds.manager import BuildManager
from growth_admin.images.builds.settings import ImageBuilder
from growth_admin.images.builds.store import BuildStore
from growth_admin.images.builds.work import BuildWork
from growth_admin.images.gates import GateBook
from growth_admin.images.packages.room import PackageRoom
from growth_admin.images.registry.client import Registry
from growth_admin.images.registry.settings import ImageRegistry
from growth_admin.jobs.engine import JobEngine


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
    builder = ImageBuilder(config=config)
    containers = ContainerEngine(builder)
    work = BuildWork(
        store,
        containers,
        packages.source,
        packages.book,
        gates,
        registry,
        builder=builder,
        place=place,
    )
    return BuildManager(store, containers, work, packages.revisions, registry, jobs)
