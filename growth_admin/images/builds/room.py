"""Builds: their parts, made from the settings and wired."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from traitlets.config import Config

from growth_admin.core.errors import NotFound
from growth_admin.images.builds.actions import (
    ActionsBuilder,
    ActionsWork,
    LeftHere,
    tag_of_commit,
)
from growth_admin.images.builds.actions_settings import ImageActions
from growth_admin.images.builds.building import Builder, Sweeper, Work
from growth_admin.images.builds.ending import BuildEnding
from growth_admin.images.builds.engine import ContainerEngine
from growth_admin.images.builds.leftovers import Leftovers
from growth_admin.images.builds.manager import BuildManager
from growth_admin.images.builds.marks import mark_of_check
from growth_admin.images.builds.settings import ImageBuilder
from growth_admin.images.builds.store import BuildStore
from growth_admin.images.builds.turn import BuildTurns
from growth_admin.images.builds.work import BuildWork
from growth_admin.images.checks.work import KIND as CHECK_KIND
from growth_admin.images.gates import GateBook
from growth_admin.images.github.place import RepositoryPlace
from growth_admin.images.github.runs import Runs
from growth_admin.images.packages.history import RevisionBook
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

    def is_over(job_id: str) -> bool:
        try:
            return jobs.store.load(job_id).job.state in ENDED
        except NotFound:
            return True  # it was put away, which only an ended one can be

    turns = BuildTurns(store.folder / "turn", is_over=is_over)
    parts, ending = packages.parts, BuildEnding(store, gates, registry)
    builder = ImageBuilder(config=config)
    containers = ContainerEngine(builder)
    leftovers = Leftovers(
        store, containers.tool, builder, lambda: registry.name, partial(_ended_checks, jobs)
    )
    if parts.github:
        makers = _at_github(
            parts.github, parts.book, store, turns, registry, ending, leftovers, config
        )
    else:
        assert parts.folder, "the source is one of the two"
        work = BuildWork(
            store,
            turns,
            containers,
            parts.folder,
            parts.book,
            ending,
            registry,
            leftovers,
            builder=builder,
            place=place,
        )
        makers = Makers(store, containers, work, leftovers)
    return BuildManager(
        makers.store,
        makers.builder,
        makers.work,
        turns,
        makers.leftovers,
        packages.revisions,
        registry,
        jobs,
    )


@dataclass(frozen=True)
class Makers:
    """Who makes images of this source."""

    store: BuildStore
    builder: Builder
    work: Work
    leftovers: Sweeper


def _at_github(
    place: RepositoryPlace,
    book: RevisionBook,
    store: BuildStore,
    turns: BuildTurns,
    registry: Registry,
    ending: BuildEnding,
    leftovers: Leftovers,
    config: Config,
) -> Makers:
    settings = ImageActions(config=config)
    # the workflow names what it pushes by the commit
    named = BuildStore(
        store.folder, lambda revision, number: tag_of_commit(book.get(revision).commit)
    )
    runs = Runs(place, settings.workflow)
    work = ActionsWork(named, turns, runs, book, registry, ending, settings)
    return Makers(named, ActionsBuilder(place, settings), work, LeftHere(leftovers))


def _ended_checks(jobs: JobEngine) -> set[str]:
    """Return the marks of checks that run no more."""
    return {
        mark_of_check(stored.job.id)
        for stored in jobs.store.list_stored()
        if stored.job.kind == CHECK_KIND and stored.job.state in ENDED
    }
