"""The room of the datasets: its parts, made from the settings and wired."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from traitlets.config import Config

from growth_admin.core.errors import GrowthError, StorageUnavailable
from growth_admin.core.fsops import make_folder
from growth_admin.core.paths import Paths
from growth_admin.datasets.manager import DatasetManager
from growth_admin.datasets.sources.drive import DriveSource
from growth_admin.datasets.sources.http import HttpSource
from growth_admin.datasets.sources.local import PathSource
from growth_admin.datasets.sources.registry import Sources
from growth_admin.datasets.sources.zenodo import ZenodoSource
from growth_admin.datasets.uploads.source import UploadSource
from growth_admin.datasets.uploads.store import UploadStore
from growth_admin.jobs.engine import JobEngine

log = logging.getLogger(__name__)
FOLDERS_WAIT_S: Final = 1.0
"""Enough for any disk that is well, so that the folders are there before the first request."""
CONFIGURABLES = (DatasetManager, DriveSource, HttpSource, ZenodoSource)
"""Classes of this room whose traits are settings."""


@dataclass(frozen=True)
class DatasetRoom:
    """What the routes of this room talk to."""

    manager: DatasetManager
    uploads: UploadStore


def build_room(
    paths: Paths, engine: JobEngine, *, user: str, home: Path, config: Config, bot: str = ""
) -> DatasetRoom:
    """Return the room of one school for one user's server. Nothing is asked or written yet.

    The ``bot`` student is not counted among those who have datasets.
    """
    manager = DatasetManager(paths=paths, engine=engine, user=user, config=config, bot=bot)
    uploads = UploadStore(
        manager.data / ".staging" / "uploads",
        user=user,
        limit_bytes=manager.upload_limit_bytes,
        publishing=manager.list_publishing_uploads,
    )
    http = HttpSource(config=config)
    sources = Sources(
        [
            UploadSource(uploads),
            DriveSource(config=config, http=http),
            ZenodoSource(config=config, http=http),
            PathSource((home, paths.shared_root), without=(manager.data,)),
            http,
        ]
    )
    manager.connect(sources, uploads)
    return DatasetRoom(manager, uploads)


def begin_folders(paths: Paths) -> None:
    """Make the shared folders; a disk that hangs is not waited for.

    Else the owner could not get into the server while it hangs.
    """
    making = threading.Thread(target=_make_folders, args=(paths,), name="growth-folders")
    making.daemon = True
    making.start()
    making.join(FOLDERS_WAIT_S)


def _make_folders(paths: Paths) -> None:
    try:
        prepare_folders(paths)
    except (GrowthError, OSError) as e:
        log.warning("the shared folders cannot be made: %s", e)


def prepare_folders(paths: Paths) -> None:
    """Make the folders that TAs, admins and the start chain share, if they may be made.

    Raises ``StorageUnavailable``.
    """
    if not paths.shared_root.is_dir():
        raise StorageUnavailable(
            f"The shared folder {paths.shared_root} is not there.",
            hint="Is it mounted? Or name another one: --GrowthAdmin.shared_root=FOLDER",
        )
    make_folder(paths.shared_state)
    for private in (paths.receipts, paths.shared_state / "jobs", paths.shared_state / "audit"):
        make_folder(private, is_private=True)
