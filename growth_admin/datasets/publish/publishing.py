"""One publication: settle the tree, take a number, sync, move the tree, go to the new state.

Each step can be repeated: whoever comes again with the same stage finds by the job's id in the
version's record how far it came.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from growth_admin.core.errors import NotFound
from growth_admin.core.schema import now
from growth_admin.datasets.facts import Control, FileRecord
from growth_admin.datasets.models import SourceRecord
from growth_admin.datasets.publish.folder import Folder
from growth_admin.datasets.publish.manifest import (
    Names,
    manifest_bytes,
    names_for,
    registry_bytes,
    sha256_of,
    sums_bytes,
)
from growth_admin.datasets.publish.records import (
    PublishOutcome,
    State,
    StoredVersion,
    VersionDraft,
    as_version,
)
from growth_admin.datasets.publish.settle import FILE_MODE, Settling
from growth_admin.datasets.publish.shelf import Shelf
from growth_admin.datasets.publish.sizes import measure_entry
from growth_admin.datasets.publish.transitions import adopted, published

FILES: Final = "files"
ADOPTED_NOTE: Final = "was there before"


@dataclass(frozen=True)
class Publication:
    """What is to be published, by which job."""

    job: str
    files: Sequence[FileRecord]
    draft: VersionDraft
    keep_versions: int


def publish(shelf: Shelf, stage: Folder, what: Publication, control: Control) -> PublishOutcome:
    """Publish the tree ``files`` of a stage; return what is current now and what it replaced.

    Raises ``Conflict`` if the tree is not what was verified, or if the job was given up
    (``forget``); ``NotFound`` if there is no tree; plain ``OSError``.
    """
    done = finish_publication(shelf, what.job, what.keep_versions)
    if done is not None:
        return done
    stored = _put_in_place(shelf, stage, what, find_by_job(shelf, what.job), control)
    outcome = _make_current(shelf, stored, what.keep_versions)
    control.log(f"{stored.name} {stored.version} is published: students read it now.")
    return outcome


def finish_publication(shelf: Shelf, job: str, keep_versions: int) -> PublishOutcome | None:
    """Finish what a killed run of this job began, if its files are in their place already.

    Nothing if they are not. What was published and replaced or deleted since stays so.
    """
    stored = find_by_job(shelf, job)
    if stored is None:
        return None
    state = shelf.latest()
    if not state.knows(stored.version):
        if stored.version not in shelf.trees():
            return None
        return _make_current(shelf, stored, keep_versions)
    if state.version == stored.version and state.action == "publish":
        shelf.follow()
    return _outcome(shelf, stored, state)


def _make_current(shelf: Shelf, stored: StoredVersion, keep_versions: int) -> PublishOutcome:
    if shelf.is_plain():
        adopt(shelf, stored.published_by)
    state = shelf.change(partial(published, stored, keep_versions))
    return _outcome(shelf, stored, state)


def find_by_job(shelf: Shelf, job: str) -> StoredVersion | None:
    """Return the version whose number this job took."""
    found = (stored for stored in shelf.records().values() if stored.job == job)
    return next(found, None)


def _put_in_place(
    shelf: Shelf, stage: Folder, what: Publication, stored: StoredVersion | None, control: Control
) -> StoredVersion:
    if stage.stat(FILES) is None:
        raise NotFound("The staged files are gone.", hint="Start the job again.")
    moment = stored.published if stored else now()
    begun_s = time.monotonic()
    control.check()
    ours = names_for([file.path for file in what.files])
    settling = Settling(what.files, ours.all, control)
    with settling.settle(stage, FILES) as root:
        control.log(f"Settled {len(what.files)} files.")
        digest = _write_ours(root, shelf.name, what, moment, ours)
        control.log("Wrote the manifest.")
        make = partial(_record, shelf.name, what, moment, ours.manifest, digest)
        stored = _take_number(shelf, stored, make)
        control.log(f"It is {stored.name} {stored.version}.")
        settling.make_durable(root)
    control.log(f"All is on the disk after {time.monotonic() - begun_s:.1f} s.")
    control.check()
    shelf.move_tree(stage, FILES, stored.version)
    control.log("Moved to its place.")
    return stored


def _write_ours(root: Folder, name: str, what: Publication, moment: datetime, ours: Names) -> str:
    """Write manifest, checksums and registry into the tree; return the manifest's digest."""
    manifest = manifest_bytes(name, what.files, what.draft, moment)
    root.replace(ours.manifest, manifest, mode=FILE_MODE)
    root.replace(ours.sums, sums_bytes(what.files), mode=FILE_MODE)
    root.replace(ours.registry, registry_bytes(what.files), mode=FILE_MODE)
    return sha256_of(manifest)


def _take_number(
    shelf: Shelf, stored: StoredVersion | None, make: Callable[[str], StoredVersion]
) -> StoredVersion:
    """Return the record of this job's version; what stood under the name gets a number before."""
    if stored is None:
        if shelf.is_plain():
            adopt(shelf, make("v1").published_by)
        return shelf.allocate(make)
    fresh = make(stored.version)
    if fresh != stored:
        shelf.save_record(fresh)
    return fresh


def _record(
    name: str, what: Publication, moment: datetime, manifest: str, digest: str, version: str
) -> StoredVersion:
    draft = what.draft
    return StoredVersion(
        name=name,
        version=version,
        job=what.job,
        published=moment,
        published_by=draft.published_by,
        size_bytes=sum(file.size_bytes for file in what.files),
        files=len(what.files),
        source=draft.source,
        verified_with=draft.verified_with,
        sha256=draft.sha256,
        manifest=manifest,
        manifest_sha256=digest,
        is_extracted=draft.is_extracted,
        delivery=draft.delivery,
        note=draft.note,
        replaces=draft.replaces,
    )


def _outcome(shelf: Shelf, stored: StoredVersion, state: State) -> PublishOutcome:
    told = next(
        (s for s in shelf.history() if s.action == "publish" and s.version == stored.version), state
    )
    return PublishOutcome(
        version=as_version(stored, shelf.latest(), shelf.link_now()),
        replaced=told.replaced,
        was_expected=told.was_expected,
    )


def adopt(shelf: Shelf, by: str) -> None:
    """Keep what stands under the name as a version of its own, and make it current.

    Nothing is copied or hashed: it has no manifest. Safe to repeat. Raises ``Conflict`` if what
    stands there belongs to somebody else and may not be moved.
    """
    state = shelf.latest()
    pending = shelf.get_record(state.current) if state.current else None
    if pending is not None and pending.is_adopted and state.current not in shelf.trees():
        shelf.follow()  # a killed server decided this and did not come to move it
        return
    begun = (s for s in shelf.records().values() if s.is_adopted and not state.knows(s.version))
    stored = next(begun, None) or shelf.allocate(partial(_adoption, shelf, by))

    shelf.change(partial(adopted, stored))


def _adoption(shelf: Shelf, by: str, version: str) -> StoredVersion:
    size = measure_entry(shelf.data, shelf.name)
    return StoredVersion(
        name=shelf.name,
        version=version,
        is_adopted=True,
        published=now(),
        published_by=by,
        size_bytes=size.size_bytes,
        files=size.files,
        source=SourceRecord(kind="unknown", link=""),
        note=ADOPTED_NOTE,
    )
