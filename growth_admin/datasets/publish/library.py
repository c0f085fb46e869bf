"""The data folder: what is staged, what is published, what students read.

::

    <name>                        link to .versions/<name>/<vN>: students read here
    .versions/<name>/<vN>/        the files of a version, and its manifest
    .versions/<name>/<vN>.json    the version's record
    .versions/<name>/state.<n>.json   which versions there are and which is current (``records``)
    .versions/<name>/.deleted-<vN>-*  trash
    .staging/<job>/               the work of one job; ``files`` in it becomes the version

Several TAs' servers, under different uids and on different machines, work on it without locks:
each change is one file that is created exclusively (``shelf``).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from growth_admin.core.errors import Conflict, InvalidInput, NotFound
from growth_admin.core.fsops import make_folder, storage_errors
from growth_admin.datasets.facts import Control, FileRecord
from growth_admin.datasets.models import NAME_PATTERN, Dataset
from growth_admin.datasets.publish.folder import Folder
from growth_admin.datasets.publish.publishing import Publication, publish
from growth_admin.datasets.publish.records import (
    PublishOutcome,
    State,
    VersionDraft,
    as_version,
    newest_first,
    number_of,
)
from growth_admin.datasets.publish.shelf import VERSIONS, RecordCache, Shelf
from growth_admin.datasets.publish.sizes import SizeCache
from growth_admin.datasets.publish.staging import STAGING, Staging

_NAME = re.compile(NAME_PATTERN)


class Library:
    """The versions of one data folder, for one user. Its methods block."""

    def __init__(
        self, data: Path, *, user: str, keep_versions: int = 3, trash_keep_s: float = 86400
    ) -> None:
        self.data = data
        self._user = user
        self._keep_versions = max(keep_versions, 1)
        self._trash_keep_s = trash_keep_s
        self._cache = RecordCache()
        self._sizes = SizeCache()
        self.staging = Staging(data)

    # -- staging

    def stage(self, job_id: str) -> Path:
        """Return the folder for the work of a job, made if it is not there.

        Nobody but the owner and the group may look into it.
        """
        return self.staging.stage(job_id)

    def discard(self, job_id: str) -> None:
        """Remove a job's folder with all that is in it; what is gone already is well."""
        self.staging.discard(job_id)

    def staged_jobs(self) -> tuple[str, ...]:
        """Return the ids of the jobs that have a folder."""
        return self.staging.jobs()

    # -- versions

    def publish(
        self,
        stage: Path,
        name: str,
        files: Sequence[FileRecord],
        draft: VersionDraft,
        *,
        control: Control,
    ) -> PublishOutcome:
        """Make the tree ``files`` of a stage the current version of ``name``.

        Readers see the old version or the new one. Safe to repeat after a kill at any point with
        the same arguments: a stage never becomes two versions. A folder or file that stood there
        before becomes a version of its own. Versions beyond ``keep_versions`` go to the trash.

        Raises ``Conflict`` if the tree is not exactly the ``files``, ``StorageFull`` (the old
        version stays; the number is used by this job's next try), ``StorageUnavailable``.
        """
        if stage.parent != self.data / STAGING:
            raise InvalidInput(f"{stage} is not a staging folder of {self.data}.")
        what = Publication(stage.name, tuple(files), draft, self._keep_versions)
        with (
            self._shelf(name, make=True) as shelf,
            self.staging.opened(stage.name) as staged,
        ):
            return publish(shelf, staged, what, control)

    def list_datasets(self) -> tuple[Dataset, ...]:
        """Return all datasets by name, those too that were not published here."""
        with storage_errors(self.data):
            if not self.data.is_dir():
                return ()
            with Folder.at(self.data) as data:
                names = {name for name in data.names() if not name.startswith(".")}
                with suppress(FileNotFoundError), data.enter(VERSIONS) as versions:
                    names |= {name for name in versions.names() if _NAME.fullmatch(name)}
                found = [self._describe(data, name) for name in sorted(names)]
        return tuple(dataset for dataset in found if dataset is not None)

    def get_dataset(self, name: str) -> Dataset:
        """Return one dataset. Raises ``NotFound``."""
        with storage_errors(self.data), Folder.at(self.data) as data:
            found = self._describe(data, name) if _is_entry(name) else None
        if found is None:
            raise NotFound(f"There is no dataset {name[:80]!r}.", hint="List the datasets.")
        return found

    def history(self, name: str) -> tuple[State, ...]:
        """Return the last changes under a name, newest first: who replaced what."""
        with self._shelf(name) as shelf:
            return shelf.history()

    def fingerprint(self, name: str) -> dict[str, Any]:
        """Return what a plan about ``name`` rests on, as JSON values."""
        try:
            with self._shelf(name) as shelf:
                state = shelf.latest()
                return {
                    "current": shelf.link_now(),
                    "kept": list(state.kept),
                    "deleted": sorted(state.deleted),
                    "is_plain": shelf.is_plain(),
                }
        except NotFound:
            is_plain = os.path.lexists(self.data / name)
            return {"current": "", "kept": [], "deleted": [], "is_plain": is_plain}

    def restore(self, name: str, version: str, *, replaces: str = "") -> str:
        """Make an earlier version current again; return the version that was current before.

        Doing it twice is doing it once. Raises ``NotFound``, and ``Conflict`` when the version is
        in the trash or when another one than ``replaces`` is current.
        """
        with self._shelf(name) as shelf:
            return shelf.change(partial(_restored, name, version, replaces, self._user)).replaced

    def damaged(self) -> tuple[str, ...]:
        """Return which records could not be read when they were last looked at, and why."""
        return tuple(sorted(self._cache.damaged.values()))

    # -- inside

    @contextmanager
    def _shelf(self, name: str, *, make: bool = False) -> Iterator[Shelf]:
        """Yield the open folder of one name. Raises ``NotFound``, ``InvalidInput``, storage's."""
        if not _NAME.fullmatch(name):
            raise InvalidInput(
                f"{name[:80]!r} cannot be the name of a dataset.",
                hint="Use letters, digits and . _ - only, begin with a letter or digit.",
                fields=[("name", "not a name")],
            )
        with storage_errors(self.data / name):
            if make:
                make_folder(self.data)
            with Folder.at(self.data) as data:
                try:
                    versions = data.make(VERSIONS) if make else data.enter(VERSIONS)
                    with versions:
                        folder = versions.make(name) if make else versions.enter(name)
                except FileNotFoundError as e:
                    raise NotFound(
                        f"No dataset {name!r} was published here.", hint="List the datasets."
                    ) from e
                with Shelf(name, data, folder, self._cache) as shelf:
                    yield shelf

    def _describe(self, data: Folder, name: str) -> Dataset | None:
        """Return what there is under a name; nothing if nothing was ever finished there."""
        try:
            with data.enter(VERSIONS) as versions:
                shelf = Shelf(name, data, versions.enter(name), self._cache)
        except FileNotFoundError:
            return self._describe_plain(data, name)
        with shelf:
            names = shelf.folder.names()
            state, current = shelf.latest_in(names), shelf.link_now()
            if not current and data.stat(name) is not None:
                return self._describe_plain(data, name)
            records = shelf.records_in(names)
        order = [*newest_first(state.kept), *newest_first(tuple(state.deleted))]
        found = [as_version(records[v], state, current) for v in order if v in records]
        if not found and not current:
            return None
        stored = records.get(current)
        return Dataset(
            name=name,
            current=current,
            path=str(self.data / name),
            delivery=stored.delivery if stored else "link",
            size_bytes=sum(version.size_bytes for version in found),
            versions=tuple(found),
        )

    def _describe_plain(self, data: Folder, name: str) -> Dataset | None:
        if data.stat(name) is None:
            return None
        size = self._sizes.measure(data, name)
        return Dataset(
            name=name,
            current="",
            path=str(self.data / name),
            is_managed=False,
            size_bytes=size.size_bytes,
            versions=(),
        )


def _is_entry(name: str) -> bool:
    """Return whether the text can be a visible entry of the data folder."""
    return bool(name) and not name.startswith(".") and "/" not in name and "\0" not in name


def _restored(name: str, version: str, replaces: str, by: str, old: State) -> State | None:
    if version == old.current:
        return None
    if replaces and old.current != replaces:
        raise Conflict(
            f"{old.current or 'No version'} of {name} is current, not {replaces}.",
            hint="Look at its versions again.",
        )
    if version in old.deleted:
        raise Conflict(f"{name} {version} is in the trash.", hint="Take it out of the trash first.")
    if version not in old.kept or not number_of(version):
        raise NotFound(f"There is no {name} {version[:20]}.", hint="List its versions.")
    return old.model_copy(
        update={
            "current": version,
            "action": "restore",
            "version": version,
            "replaced": old.current,
            "was_expected": True,
            "by": by,
        }
    )
