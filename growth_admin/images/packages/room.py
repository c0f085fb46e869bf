"""The lists of packages: their parts, made from the settings and wired."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from traitlets.config import Config

from growth_admin.core.paths import Paths
from growth_admin.images.packages.channel import CondaChannel
from growth_admin.images.packages.checking import Checker
from growth_admin.images.packages.folder import SourceFolder
from growth_admin.images.packages.history import RevisionBook
from growth_admin.images.packages.index import PythonIndex
from growth_admin.images.packages.manager import BuiltImage, PackageManager
from growth_admin.images.packages.revisions import SourceRevisions
from growth_admin.images.packages.settings import ImageSource


@dataclass(frozen=True)
class PackageRoom:
    """What the routes of the lists talk to."""

    lists: PackageManager
    revisions: SourceRevisions
    source: SourceFolder
    book: RevisionBook


def build_packages(
    paths: Paths, *, config: Config, built: Callable[[], BuiltImage] = BuiltImage
) -> PackageRoom:
    """Return the parts for one school. ``built`` says what the newest image has."""
    settings = ImageSource(config=config)
    source = SourceFolder(Path(settings.folder or paths.admin_root / "image"))
    book = RevisionBook(paths.admin_state / "images" / "source")
    revisions = SourceRevisions(source, book)
    conda = CondaChannel(settings)
    lists = PackageManager(
        source, revisions, Checker(PythonIndex(settings), conda), conda, settings, built
    )
    return PackageRoom(lists, revisions, source, book)
