"""Where jobs work before anything is published; students cannot look in."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

from growth_admin.core.errors import InvalidInput, NotFound
from growth_admin.core.fsops import make_folder, storage_errors
from growth_admin.core.paths import safe_name
from growth_admin.datasets.publish.folder import Folder

STAGING: Final = ".staging"
UPLOADS: Final = "uploads"
_GONE: Final = ".discarded-"


class Staging:
    """The folder ``.staging`` of a data folder: one folder per job."""

    def __init__(self, data: Path) -> None:
        self._data = data

    def stage(self, job_id: str) -> Path:
        """Return a job's folder, made if it is not there. Raises as ``storage_errors``."""
        name = _job(job_id)
        with storage_errors(self._data / STAGING):
            make_folder(self._data)
            with (
                Folder.at(self._data) as data,
                data.make(STAGING, is_private=True) as staging,
                staging.make(name, is_private=True),
            ):
                return self._data / STAGING / name

    @contextmanager
    def opened(self, job_id: str) -> Iterator[Folder]:
        """Yield a job's folder, open. Raises ``NotFound``."""
        name = _job(job_id)
        with Folder.at(self._data) as data:
            try:
                with data.enter(STAGING) as staging:
                    job = staging.enter(name)
            except FileNotFoundError as e:
                raise NotFound(f"Nothing is staged for job {name}.") from e
            with job:
                yield job

    def jobs(self) -> tuple[str, ...]:
        """Return the ids of the jobs that have a folder."""
        with self._opened() as staging:
            names = staging.names() if staging else []
        return tuple(sorted(name for name in names if _is_job(name)))

    def discard(self, job_id: str) -> None:
        """Remove a job's folder: it is away at once, then its content goes.

        What cannot be removed now, for example what another TA's uid closed, stays out of sight
        and is tried again later.
        """
        name = _job(job_id)
        with self._opened() as staging:
            if staging is not None:
                with suppress(FileNotFoundError):
                    staging.move(name, staging, f"{_GONE}{name[:80]}-{secrets.token_hex(4)}")
        self.sweep()

    def sweep(self) -> None:
        """Remove what was discarded and is still there."""
        with self._opened() as staging:
            if staging is None:
                return
            for entry in staging.names():
                if entry.startswith(_GONE):
                    with suppress(OSError):
                        staging.remove(entry)

    @contextmanager
    def _opened(self) -> Iterator[Folder | None]:
        """Yield the open ``.staging``, nothing if there is none."""
        with storage_errors(self._data / STAGING), ExitStack() as stack:
            staging = None
            with suppress(FileNotFoundError):
                data = stack.enter_context(Folder.at(self._data))
                staging = stack.enter_context(data.enter(STAGING))
            yield staging


def _job(job_id: str) -> str:
    if not _is_job(safe_name(job_id, "job")):
        raise InvalidInput(f"{job_id!r} is not the id of a job.")
    return job_id


def _is_job(name: str) -> bool:
    return not name.startswith(".") and name != UPLOADS
