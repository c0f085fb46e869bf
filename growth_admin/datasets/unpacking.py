"""A job's archives, unpacked into the files of the version that it makes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Final

from growth_admin.core.errors import StorageFull
from growth_admin.core.fsops import make_folder, storage_errors
from growth_admin.datasets.archive.formats import (
    format_of_file,
    format_of_name,
    stem_of_name,
)
from growth_admin.datasets.archive.streams import MAGIC
from growth_admin.datasets.archive.unpack import UnpackLimits, unpack
from growth_admin.datasets.facts import Control, FetchedFile, FileRecord, SourceProblem
from growth_admin.datasets.sources.names import folded, numbered

RESERVE_BYTES: Final = 64 * 1024 * 1024
"""Room that fetching and unpacking leave on the shared disk for everybody's logs and records."""


def unpack_all(
    fetched: Sequence[FetchedFile],
    stage: Path,
    *,
    limits: Callable[[int], UnpackLimits],
    control: Control,
) -> list[FileRecord]:
    """Unpack ``stage/download`` into ``stage/files`` and return what is there then.

    What is no archive keeps its place; a half from an earlier run is dropped. Of several files an
    archive goes to a folder beside it, the one file of a gz, bz2, xz or zst file to its very place.
    ``limits`` gives the bounds for so many free bytes. Raises ``SourceProblem``
    (``archive_unsafe``, ``too_large`` ...), and ``StorageFull``, with nothing left of what was
    unpacked.
    """
    halves = (stage / "files", stage / "unpacking")
    with storage_errors(stage):
        for half in halves:
            if half.exists():
                shutil.rmtree(half)
        make_folder(stage / "files")
    try:
        return _unpack_each(fetched, stage, limits=limits, control=control)
    except StorageFull:
        for half in halves:  # the archives stay
            shutil.rmtree(half, ignore_errors=True)
        raise


def _unpack_each(
    fetched: Sequence[FetchedFile],
    stage: Path,
    *,
    limits: Callable[[int], UnpackLimits],
    control: Control,
) -> list[FileRecord]:
    into, downloads = stage / "files", stage / "download" / "files"
    records: list[FileRecord] = []
    linked: list[Path] = []
    is_only = len(fetched) == 1
    kinds = {file.path: _kind_of(downloads / file.path, is_only=is_only) for file in fetched}
    places = _places(kinds)
    for file in fetched:
        archive, kind = downloads / file.path, kinds[file.path]
        if not kind:
            if is_only:
                raise SourceProblem(
                    "not_an_archive",
                    f"{file.path} is no archive that can be unpacked.",
                    hint="Publish it as it is, without unpacking.",
                )
            _link_into(archive, into / file.path)
            linked.append(archive)
            records.append(FileRecord(file.path, file.size_bytes, file.sha256))
            continue
        control.log(f"unpacking {file.path}")
        bounds = limits(shutil.disk_usage(stage).free - RESERVE_BYTES)
        if kind in MAGIC and not is_only:
            unpacked = unpack(archive, stage / "unpacking", limits=bounds, control=control)
            records += [_put_beside(stage, record, places[file.path]) for record in unpacked]
            continue
        folder = "" if is_only else places[file.path]
        make_folder(into / folder)
        unpacked = unpack(archive, into / folder, limits=bounds, control=control)
        records += [_below(folder, record) for record in unpacked]
    _require_distinct(records)
    for archive in linked:  # a file with a second name would be copied when it is published
        archive.unlink()
    return records


def _kind_of(archive: Path, *, is_only: bool) -> str:
    """Return the format of a file that is to be unpacked, empty for one that stays as it is."""
    # of several by the name too: a .docx or .npz is a zip file that nobody wants unpacked
    return format_of_file(archive) if is_only or format_of_name(archive.name) else ""


def _places(kinds: Mapping[str, str]) -> dict[str, str]:
    """Return where each archive goes to, by its path; no two to one place, and to none in use.

    What is in a listing decides that, not its order: a run after a kill finds the same places.
    """
    taken: set[str] = set()
    for path, kind in kinds.items():
        folders = map(str, PurePosixPath(path).parents)
        taken.update(map(folded, folders if kind else (path, *folders)))
    places = {}
    for path in sorted(path for path, kind in kinds.items() if kind):
        pure = PurePosixPath(path)
        name = stem_of_name(pure.name) or f"{pure.name}-unpacked"
        count, place = 1, str(pure.with_name(name))
        while folded(place) in taken:
            count += 1
            place = str(pure.with_name(numbered(name, count)))
        taken.add(folded(place))
        places[path] = place
    return places


def _put_beside(stage: Path, record: FileRecord, place: str) -> FileRecord:
    """Move the one file that was unpacked to its place in the dataset."""
    target = stage / "files" / place
    with storage_errors(target):
        make_folder(target.parent)
        (stage / "unpacking" / record.path).rename(target)
    return record._replace(path=place)


def _link_into(source: Path, target: Path) -> None:
    with storage_errors(target):
        make_folder(target.parent)
        os.link(source, target)


def _below(folder: str, record: FileRecord) -> FileRecord:
    return record._replace(path=f"{folder}/{record.path}") if folder else record


def _require_distinct(records: Sequence[FileRecord]) -> None:
    paths: set[str] = set()
    for record in records:
        if record.path.casefold() in paths:
            raise SourceProblem(
                "archive_unsafe",
                f"Two files would have the same name: {record.path}.",
                hint="Rename one of them at the source, or publish without unpacking.",
            )
        paths.add(record.path.casefold())
