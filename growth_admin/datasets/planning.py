"""What is about to happen to datasets, in words. Nothing here asks or changes anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from growth_admin.core.plan import Plan, PlanItem, make_plan
from growth_admin.core.words import count, in_words
from growth_admin.datasets.facts import Listing, parse_checksum
from growth_admin.datasets.looking import archives_of, fingerprint
from growth_admin.datasets.models import (
    Dataset,
    DeleteChange,
    Probe,
    PublishChange,
    RestoreChange,
    Version,
)

ITEMS_SHOWN: Final = 50
UNVERIFIED: Final = "unverified against source"
MANY_ANONYMOUS: Final = 20
"""Google has refused anonymous visitors after 3 to 20 files of one folder (reported)."""


def plan_publish(
    request: PublishChange, listing: Listing, probe: Probe, existing: Dataset | None, world: Any
) -> Plan:
    """Return the plan; its id covers what was listed and what is published under the name."""
    return make_plan(
        action="publish",
        title=f"Publish {request.name}: {count(len(listing.files), 'file')}, "
        f"{in_words(listing.size_bytes)} from {listing.title}",
        items=tuple(_publish_items(request, listing)),
        world=[request.as_json(), fingerprint(listing), world],
        warnings=tuple(_publish_warnings(request, listing, probe, existing)),
    )


def _publish_items(request: PublishChange, listing: Listing) -> Iterator[PlanItem]:
    archives = {file.path for file in archives_of(listing.files)} if request.extract else set()
    for file in listing.files[:ITEMS_SHOWN]:
        told = [in_words(file.size_bytes)]
        told.append(f"{file.checksum.algorithm} known" if file.checksum else "no checksum")
        action = "fetch and unpack" if file.path in archives else "fetch"
        yield PlanItem(target=file.path, action=action, detail=", ".join(told))
    more = len(listing.files) - ITEMS_SHOWN
    if more > 0:
        yield PlanItem(target=f"{more:,} more files", action="fetch")


def _publish_warnings(
    request: PublishChange, listing: Listing, probe: Probe, existing: Dataset | None
) -> Iterator[str]:
    if probe.free_after_bytes is not None and probe.free_after_bytes < 0:
        yield (
            f"The disk has {in_words(probe.free_bytes)} free, and this may need "
            f"{in_words(probe.free_bytes - probe.free_after_bytes)}."
        )
    if existing and not existing.is_managed:
        yield (
            f"{existing.path} is a plain folder. It becomes version v1; for a moment students find "
            "nothing under this name."
        )
    elif existing and existing.current:
        yield f"It replaces {existing.current} for every student; {existing.current} is kept."
    known = listing.files and all(file.checksum for file in listing.files)
    if not known and not request.checksum:
        yield (
            "Unverified against source: the source gives no checksum for "
            f"{_missing_checksums(listing)}. Give the checksum by hand if somebody knows it."
        )
    if request.checksum and len(listing.files) != 1:
        yield "A checksum given by hand counts for a single file only; it will be refused."
    if request.extract and not archives_of(listing.files):
        yield "There is no archive among the files by their names; nothing may be unpacked."
    if not listing.is_complete:
        yield "Not all files were counted yet; there may be more."
    if _is_anonymous_crowd(listing):
        yield (
            "Google may refuse so many files to a visitor without a credential. The job then "
            "pauses and keeps what it has; an API key or a service account avoids this."
        )
    yield from listing.warnings


def _is_anonymous_crowd(listing: Listing) -> bool:
    is_anonymous = listing.kind == "drive" and listing.credential == "none"
    return is_anonymous and len(listing.files) > MANY_ANONYMOUS


def _missing_checksums(listing: Listing) -> str:
    missing = sum(file.checksum is None for file in listing.files)
    return (
        "it" if len(listing.files) == 1 else f"{missing:,} of {count(len(listing.files), 'file')}"
    )


def plan_restore(request: RestoreChange, dataset: Dataset, version: Version, world: Any) -> Plan:
    """Return the plan of making an earlier version current."""
    return make_plan(
        action="restore",
        title=f"Make {version.version} of {request.name} current again",
        items=(
            PlanItem(
                target=request.name,
                action="restore",
                detail=f"from {dataset.current or 'nothing'} to {version.version}: "
                f"{count(version.files, 'file')}, {in_words(version.size_bytes)}, published "
                f"{version.published:%Y-%m-%d %H:%M} UTC by {version.published_by}",
            ),
        ),
        world=[request.as_json(), world],
        warnings=_bad_check(version),
    )


def _bad_check(version: Version) -> tuple[str, ...]:
    check = version.last_check
    if check is None or check.is_good:
        return ()
    return (
        f"When {version.version} was last verified ({check.time:%Y-%m-%d}), "
        f"{check.damaged} files were damaged, {check.missing} missing, {check.added} added.",
    )


def plan_delete(request: DeleteChange, dataset: Dataset, world: Any) -> Plan:
    """Return the plan of deleting one version, or the whole dataset."""
    versions = [v for v in dataset.versions if request.version in ("", v.version)]
    size_bytes = sum(version.size_bytes for version in versions)
    is_whole = not request.version
    is_confirmed = request.free_now or (is_whole and len(versions) > 1)
    kept = "at once" if request.free_now else "when the time for an undo is over"
    what = (
        f"{request.name} with {count(len(versions), 'version')}"
        if is_whole
        else (f"{request.version} of {request.name}")
    )
    warnings = []
    if is_whole and dataset.current:
        warnings.append(f"Students will no longer find {dataset.path}.")
    if request.free_now:
        warnings.append("There is no undo: the space is freed at once.")
    if dataset.receipts.edited and is_whole:
        warnings.append("Students who edited a copy keep their copies.")
    return make_plan(
        action="delete",
        title=f"Delete {what}, {in_words(size_bytes)}",
        items=tuple(
            PlanItem(
                target=f"{request.name} {version.version}",
                action="delete",
                detail=f"{in_words(version.size_bytes)}, freed {kept}",
            )
            for version in versions
        ),
        world=[request.as_json(), world],
        warnings=tuple(warnings),
        confirm_number=len(versions) if is_confirmed else None,
    )


def expected_checksum(request: PublishChange) -> Any:
    """Return the checksum given by hand, or nothing. Raises ``InvalidInput``."""
    return parse_checksum(request.checksum) if request.checksum else None
