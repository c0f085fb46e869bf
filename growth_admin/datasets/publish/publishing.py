"""One publication: settle the tree, take a number, move the tree, go to the new state.

Each step can be repeated: whoever comes again with the same stage finds by the job's id in the
version's record how far it came.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from growth_admin.core.errors import Conflict, NotFound
from growth_admin.core.schema import now
from growth_admin.datasets.facts import Control, FileRecord
from growth_admin.datasets.models import SourceRecord
from growth_admin.datasets.publish.folder import Folder
from growth_admin.datasets.publish.manifest import (
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
    newest_first,
)
from growth_admin.datasets.publish.settle import FILE_MODE, Settling
from growth_admin.datasets.publish.shelf import Shelf
from growth_admin.datasets.publish.sizes import measure_entry

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
    stored = find_by_job(shelf, what.job)
    if stored is None or not shelf.latest().knows(stored.version):
        stored = _put_in_place(shelf, stage, what, stored, control)
        state = shelf.change(partial(_with_version, stored, what))
        control.log(f"{stored.name} {stored.version} is published: students read it now.")
    else:
        state = shelf.latest()
        shelf.finish()
    return _outcome(shelf, stored, state)


def find_by_job(shelf: Shelf, job: str) -> StoredVersion | None:
    """Return the version whose number this job took."""
    found = (stored for stored in shelf.records().values() if stored.job == job)
    return next(found, None)


def _put_in_place(
    shelf: Shelf, stage: Folder, what: Publication, stored: StoredVersion | None, control: Control
) -> StoredVersion:
    if stage.stat(FILES) is None:
        if stored is None or stored.version not in shelf.trees():
            raise NotFound("The staged files are gone.", hint="Start the job again.")
        return stored
    published = stored.published if stored else now()
    manifest, digest = _settle(shelf.name, stage, what, published, control)
    if shelf.is_plain():
        adopt(shelf, what.draft.published_by)
    make = partial(_record, shelf.name, what, published, manifest, digest)
    if stored is None:
        stored = shelf.allocate(make)
    elif stored != make(stored.version):
        stored = make(stored.version)
        shelf.save_record(stored)
    control.log(f"It is {shelf.name} {stored.version}.")
    shelf.move_tree(stage, FILES, stored.version)
    control.log("Moved to its place.")
    return stored


def _settle(
    name: str, stage: Folder, what: Publication, published: datetime, control: Control
) -> tuple[str, str]:
    """Make the tree what students may read; return the manifest's name and digest."""
    begun_s = time.monotonic()
    control.check()
    ours = names_for([file.path for file in what.files])
    settling = Settling(what.files, ours.all, control)
    manifest = manifest_bytes(name, what.files, what.draft, published)
    with settling.settle(stage, FILES) as root:
        control.log(f"Settled {len(what.files)} files.")
        root.replace(ours.manifest, manifest, mode=FILE_MODE)
        root.replace(ours.sums, sums_bytes(what.files), mode=FILE_MODE)
        root.replace(ours.registry, registry_bytes(what.files), mode=FILE_MODE)
        control.log("Wrote the manifest.")
        settling.make_durable(root)
    control.log(f"All is on the disk after {time.monotonic() - begun_s:.1f} s.")
    control.check()
    return ours.manifest, sha256_of(manifest)


def _record(
    name: str, what: Publication, published: datetime, manifest: str, digest: str, version: str
) -> StoredVersion:
    draft = what.draft
    return StoredVersion(
        name=name,
        version=version,
        job=what.job,
        published=published,
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
    )


def _with_version(stored: StoredVersion, what: Publication, old: State) -> State | None:
    version = stored.version
    if version in old.freed:
        raise Conflict(
            f"{stored.name} {version} was given up while it was published.",
            hint="Start the job again.",
        )
    if old.knows(version):
        return None
    kept = (*old.kept, version)
    stay = _staying(kept, version, old.current, what.keep_versions)
    return old.model_copy(
        update={
            "current": version,
            "kept": tuple(v for v in kept if v in stay),
            "deleted": old.deleted | {v: now() for v in kept if v not in stay},
            "action": "publish",
            "version": version,
            "replaced": old.current,
            "was_expected": old.current == what.draft.replaces,
            "by": what.draft.published_by,
        }
    )


def _staying(kept: tuple[str, ...], current: str, replaced: str, keep_versions: int) -> set[str]:
    """Return the versions that are not put in the trash: current, the one before, the newest."""
    stay = {current}
    for version in (replaced, *newest_first(kept)):
        if version in kept and len(stay) < keep_versions:
            stay.add(version)
    return stay


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
    begun = (s for s in shelf.records().values() if s.is_adopted and not state.knows(s.version))
    stored = next(begun, None) or shelf.allocate(partial(_adopted, shelf, by))

    def decide(old: State) -> State | None:
        if old.knows(stored.version):
            return None
        return old.model_copy(
            update={
                "current": stored.version,
                "kept": (*old.kept, stored.version),
                "action": "adopt",
                "version": stored.version,
                "replaced": old.current,
                "was_expected": True,
                "by": by,
            }
        )

    shelf.change(decide)


def _adopted(shelf: Shelf, by: str, version: str) -> StoredVersion:
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
