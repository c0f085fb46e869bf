"""The lists of packages: their parts, made from the settings and wired."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from traitlets.config import Config

from growth_admin.core.github.settings import GitHub
from growth_admin.core.paths import Paths
from growth_admin.images.github.git_data import GitData
from growth_admin.images.github.place import RepositoryPlace
from growth_admin.images.github.pulls import Pulls
from growth_admin.images.packages.channel import CondaChannel
from growth_admin.images.packages.checking import Checker
from growth_admin.images.packages.commits import CommitHistory
from growth_admin.images.packages.folder import SourceFolder
from growth_admin.images.packages.history import RevisionBook
from growth_admin.images.packages.index import PythonIndex
from growth_admin.images.packages.manager import BuiltImage, PackageManager
from growth_admin.images.packages.proposing import PullProposals
from growth_admin.images.packages.repository import SourceRepository
from growth_admin.images.packages.revisions import SourceRevisions
from growth_admin.images.packages.settings import ImageSource
from growth_admin.images.packages.source import NoProposals, Proposals, Revisions, Source


@dataclass(frozen=True)
class SourceParts:
    """Where the source is, and its past; ``folder`` or ``github`` is there, never both."""

    source: Source
    revisions: Revisions
    proposals: Proposals
    book: RevisionBook
    folder: SourceFolder | None = None
    github: RepositoryPlace | None = None


@dataclass(frozen=True)
class PackageRoom:
    """What the routes of the lists talk to."""

    lists: PackageManager
    parts: SourceParts

    @property
    def revisions(self) -> Revisions:
        """The past of the source."""
        return self.parts.revisions

    @property
    def proposals(self) -> Proposals:
        """Changes that are not part of it yet."""
        return self.parts.proposals


def build_packages(
    paths: Paths, *, config: Config, built: Callable[[], BuiltImage] = BuiltImage
) -> PackageRoom:
    """Return the parts for one school. ``built`` says what the newest image has."""
    settings = ImageSource(config=config)
    parts = (
        _at_github(paths, settings, GitHub(config=config))
        if settings.repository
        else _in_folder(paths, settings)
    )
    conda = CondaChannel(settings)
    checker = Checker(PythonIndex(settings), conda)
    lists = PackageManager(parts.source, parts.revisions, checker, conda, settings, built)
    return PackageRoom(lists, parts)


def _in_folder(paths: Paths, settings: ImageSource) -> SourceParts:
    source = SourceFolder(Path(settings.folder or paths.admin_root / "image"))
    book = RevisionBook(paths.admin_state / "images" / "source")
    revisions = SourceRevisions(source, book)
    return SourceParts(source, revisions, NoProposals(), book, folder=source)


def _at_github(paths: Paths, settings: ImageSource, github: GitHub) -> SourceParts:
    folder = paths.admin_state / "images" / "github" / settings.repository.replace("/", "+")
    place = RepositoryPlace(
        settings.repository, github, branch=settings.branch, cache_folder=folder / "replies"
    )
    data, pulls, book = GitData(place), Pulls(place), RevisionBook(folder)
    source = SourceRepository(place, data)
    history = CommitHistory(source, data, pulls, book)
    proposals = PullProposals(
        source, data, pulls, book, notice=history.notice, method=settings.merge_method
    )
    return SourceParts(source, history, proposals, book, github=place)
