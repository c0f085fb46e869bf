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
from collections.abc import Collection, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

from growth_admin.core.errors import InvalidInput, NotFound
from growth_admin.core.fsops import storage_errors
from growth_admin.datasets.facts import Control, FileRecord
from growth_admin.datasets.models import Check, Dataset, Space
from growth_admin.datasets.publish.adopting import require_movable
from growth_admin.datasets.publish.cache import RecordCache
from growth_admin.datasets.publish.folder import Folder
from growth_admin.datasets.publish.listing import Lister, is_entry, parts_of
from growth_admin.datasets.publish.publishing import Publication, finish_publication, publish
from growth_admin.datasets.publish.records import (
    CHECKS_KEPT,
    PublishOutcome,
    State,
    VersionDraft,
)
from growth_admin.datasets.publish.shelves import Shelves
from growth_admin.datasets.publish.staging import STAGING, Staging
from growth_admin.datasets.publish.sweeping import Sweeper
from growth_admin.datasets.publish.transitions import deleted, restored, undeleted
from growth_admin.datasets.publish.verifying import verify_tree

FORGET_AFTER_S: Final = 900.0


class Library:
    """The versions of one data folder, for one user. Its methods block."""

    def __init__(
        self, data: Path, *, user: str, keep_versions: int = 3, trash_keep_s: float = 86400
    ) -> None:
        self.data = data
        self._user = user
        self._keep_versions = max(keep_versions, 1)
        self._cache = RecordCache()
        self._shelves = Shelves(data, self._cache)
        self._lister = Lister(self._cache)
        self._staging = Staging(data)
        self._sweeper = Sweeper(self._cache, user=user, trash_keep_s=trash_keep_s)

    # -- staging

    def stage(self, job_id: str) -> Path:
        """Return the folder for the work of a job, made if it is not there.

        Nobody but the owner and the group may look into it.
        """
        return self._staging.stage(job_id)

    def discard(self, job_id: str) -> None:
        """Remove a job's folder with all that is in it; what is gone already is well."""
        self._staging.discard(job_id)

    def staged_jobs(self) -> tuple[str, ...]:
        """Return the ids of the jobs that have a folder."""
        return self._staging.jobs()

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
            self._shelves.opened(name, make=True) as shelf,
            self._staging.opened(stage.name) as staged,
        ):
            return publish(shelf, staged, what, control)

    def finish_publication(self, name: str, job_id: str) -> PublishOutcome | None:
        """Return what a killed run of this job published, finished now if it was in the middle.

        Nothing if its files are not in their place yet: then they have to be staged (again).
        """
        try:
            with self._shelves.opened(name) as shelf:
                return finish_publication(shelf, job_id, self._keep_versions)
        except NotFound:
            return None

    def restore(self, name: str, version: str, *, replaces: str = "") -> str:
        """Make an earlier version current again; return the version that was current before.

        Doing it twice is doing it once. Raises ``NotFound``, and ``Conflict`` when the version is
        in the trash or when another one than ``replaces`` is current.
        """
        with self._shelves.opened(name) as shelf:
            decide = partial(restored, name, version, replaces, self._user)
            return shelf.change(shelf.unless_in_the_way(decide)).replaced or version

    def delete(self, name: str, version: str = "", *, free_now: bool = False) -> tuple[str, ...]:
        """Put a version, or with no version all of them, in the trash; return which.

        Without any version students find nothing under the name: the link goes first. What is in
        the trash takes room until ``purge_expired``; ``free_now`` removes it at once. On NFS a
        server that still has a file open reads on for the time that it lies in the trash (within
        one client the file is kept until it is closed, under a ``.nfs`` name); freed at once, a
        reader on another client gets ESTALE.

        Doing it twice is doing it once. Raises ``Conflict`` for the current version, ``NotFound``.
        """
        with self._shelves.opened(name) as shelf:
            before = shelf.latest()
            now = shelf.change(
                lambda old: deleted(name, version, self._user, free_now=free_now, old=old)
            )
            if free_now:
                shelf.remove_freed()
            was, left = (
                ({*before.kept, *before.deleted}, {*now.kept, *now.deleted})
                if free_now
                else ({*before.kept}, {*now.kept})
            )
            return tuple(sorted(was - left))

    def undelete(self, name: str, version: str = "") -> tuple[str, ...]:
        """Take a version out of the trash, or all that went when the dataset was deleted.

        Return which. If no version was current, the one that was, or this one, is it now. Raises
        ``NotFound`` for what is not in the trash any more, ``Conflict`` if something else stands
        under the name by now.
        """
        with self._shelves.opened(name) as shelf:
            before = shelf.latest()
            decide = partial(undeleted, name, version, self._user)
            now = shelf.change(shelf.unless_in_the_way(decide))
            return tuple(sorted({*now.kept} - {*before.kept}))

    def verify(self, name: str, version: str, *, by: str, control: Control) -> Check:
        """Hash a version again and return how it compares with its manifest; it is remembered.

        Raises ``NotFound``, ``InvalidInput`` for a version without a manifest (it was there
        before), ``StorageUnavailable``, and what ends the work through ``control``.
        """
        with self._shelves.opened(name) as shelf:
            stored = shelf.get_record(version)
            state = shelf.latest()
            if stored is None or version not in (*state.kept, *state.deleted):
                raise NotFound(f"There is no {name} {version[:20]}.", hint="List its versions.")
            if not stored.manifest_sha256:
                raise InvalidInput(
                    f"{name} {version} was there before: nobody knows what it should be.",
                    hint="Publish the data from its source to have a manifest.",
                )
            with shelf.enter_tree(version) as tree:
                check = verify_tree(
                    tree, stored.manifest, stored.manifest_sha256, by=by, control=control
                )
            fresh = shelf.get_record(version) or stored
            checks = (*fresh.checks, check)[-CHECKS_KEPT:]
            shelf.save_record(fresh.model_copy(update={"checks": checks}))
            return check

    # -- what there is

    def list_datasets(self) -> tuple[Dataset, ...]:
        """Return all datasets by name, those too that were not published here.

        The size of what was not published here is what a short walk has found, kept for minutes.
        """
        with storage_errors(self.data):
            if not self.data.is_dir():
                return ()
            with Folder.at(self.data) as data:
                return tuple(self._lister.all_in(data))

    def get_dataset(self, name: str) -> Dataset:
        """Return one dataset. Raises ``NotFound``."""
        found = None
        with storage_errors(self.data), suppress(FileNotFoundError), Folder.at(self.data) as data:
            found = self._lister.describe(data, name) if is_entry(name) else None
        if found is None:
            raise NotFound(f"There is no dataset {name[:80]!r}.", hint="List the datasets.")
        return found

    def space(self, used: Sequence[Dataset] | None = None) -> Space:
        """Return what the disk has and who takes it, in bytes, from records and not from walks.

        ``used``: the datasets, if they were just listed.
        """
        datasets = self.list_datasets() if used is None else used
        with storage_errors(self.data):
            place = next(path for path in (self.data, *self.data.parents) if path.exists())
            disk = os.statvfs(place)
            staged = []
            with (
                suppress(FileNotFoundError),
                Folder.at(self.data) as data,
                data.enter(STAGING) as staging,
            ):
                staged = list(self._lister.staged(staging))
        return Space(
            total_bytes=disk.f_blocks * disk.f_frsize,
            free_bytes=disk.f_bavail * disk.f_frsize,
            parts=(*parts_of(datasets), *staged),
        )

    def history(self, name: str) -> tuple[State, ...]:
        """Return the last changes under a name, newest first: who replaced what."""
        with self._shelves.opened(name) as shelf:
            return shelf.history()

    def fingerprint(self, name: str) -> dict[str, Any]:
        """Return what a plan about ``name`` rests on, as JSON values."""
        try:
            with self._shelves.opened(name) as shelf:
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

    def problems(self) -> tuple[str, ...]:
        """Return what could not be read or removed when it was last tried, and why."""
        return (*sorted(self._cache.damaged.values()), *sorted(self._sweeper.left.values()))

    def require_movable(self, name: str) -> None:
        """Raise ``Conflict`` if a folder stands under ``name`` that ``publish`` could not keep."""
        with storage_errors(self.data):
            require_movable(self.data / name)

    # -- clearing up

    def purge_expired(self) -> int:
        """Free what has been in the trash for too long; return how many bytes went.

        What may not be removed (folders that only their owner may write) is told by ``problems``.
        """
        self._staging.sweep()
        return sum(self._shelves.each(self._sweeper.purge))

    def forget_unfinished(
        self, live_jobs: Collection[str], *, older_than_s: float = FORGET_AFTER_S
    ) -> tuple[str, ...]:
        """Give up the numbers that jobs took and never published; finish what was half done.

        Return them as ``<name> <version>``. A job that is not among ``live_jobs`` keeps its number
        for a while all the same: it may be younger than that list.
        """
        forget = partial(self._sweeper.forget, frozenset(live_jobs), older_than_s)
        return tuple(told for each in self._shelves.each(forget) for told in each)
