"""A job's archives, unpacked into the files of the version that it makes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import Final

from growth_admin.core.errors import StorageFull
from growth_admin.core.fsops import make_folder, storage_errors
from growth_admin.datasets.archive.formats import (
    format_of_file,
    format_of_name,
    stem_of_name,
)
from growth_admin.datasets.archive.unpack import UnpackLimits, unpack
from growth_admin.datasets.facts import Control, FetchedFile, FileRecord, SourceProblem

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

    What is no archive keeps its place; a half from an earlier run is dropped. ``limits`` gives the
    bounds for so many free bytes. Raises ``SourceProblem`` (``archive_unsafe``, ``too_large`` ...),
    and ``StorageFull``, with nothing left of what was unpacked.
    """
    into, downloads = stage / "files", stage / "download" / "files"
    with storage_errors(into):
        if into.exists():
            shutil.rmtree(into)
        make_folder(into)
    try:
        return _unpack_each(fetched, stage, into, downloads, limits=limits, control=control)
    except StorageFull:
        shutil.rmtree(into, ignore_errors=True)  # the archives stay; half of them unpacked is none
        raise


def _unpack_each(
    fetched: Sequence[FetchedFile],
    stage: Path,
    into: Path,
    downloads: Path,
    *,
    limits: Callable[[int], UnpackLimits],
    control: Control,
) -> list[FileRecord]:
    records: list[FileRecord] = []
    linked: list[Path] = []
    is_only = len(fetched) == 1
    for file in fetched:
        archive = downloads / file.path
        # by its name too: a .docx or .npz is a zip file that nobody wants unpacked
        if not format_of_file(archive) or not (is_only or format_of_name(file.path)):
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
        folder = "" if is_only else _folder_for(file.path)
        control.log(f"unpacking {file.path}")
        bounds = limits(shutil.disk_usage(stage).free - RESERVE_BYTES)
        make_folder(into / folder)
        unpacked = unpack(archive, into / folder, limits=bounds, control=control)
        records += [_below(folder, record) for record in unpacked]
    _require_distinct(records)
    for archive in linked:  # a file with a second name would be copied when it is published
        archive.unlink()
    return records


def _link_into(source: Path, target: Path) -> None:
    with storage_errors(target):
        make_folder(target.parent)
        os.link(source, target)


def _folder_for(path: str) -> str:
    """Return the folder that an archive of a whole folder is unpacked into: beside it."""
    pure = PurePosixPath(path)
    return str(pure.with_name(stem_of_name(pure.name) or f"{pure.name}-unpacked"))


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
