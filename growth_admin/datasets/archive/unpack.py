"""The one door of this package: look at an archive, and unpack it safely.

What comes out is readable data: files of mode 0444 in folders of mode 0755, no links (they become
copies), no executable or set-id bits, no owners, no times. Archives inside are left as they are.
"""

from __future__ import annotations

import os
from io import FileIO
from pathlib import Path

from growth_admin.core.fsops import storage_errors
from growth_admin.datasets.archive.formats import format_of_file, format_of_name, stem_of_name
from growth_admin.datasets.archive.jail import Jail
from growth_admin.datasets.archive.limits import (
    BLOCK_BYTES,
    ArchiveFacts,
    Budget,
    Pulse,
    UnpackLimits,
)
from growth_admin.datasets.archive.measuring import measure
from growth_admin.datasets.archive.naming import shown
from growth_admin.datasets.archive.notes import Notes
from growth_admin.datasets.archive.streams import open_stream
from growth_admin.datasets.archive.tar import unpack_tar
from growth_admin.datasets.archive.zips import ZipReader, unpack_zip
from growth_admin.datasets.facts import Control, FileRecord, SourceProblem

__all__ = [
    "ArchiveFacts",
    "UnpackLimits",
    "format_of_file",
    "format_of_name",
    "measure",
    "unpack",
]


def unpack(
    archive: Path, into: Path, *, limits: UnpackLimits, control: Control
) -> tuple[FileRecord, ...]:
    """Unpack an archive into an empty folder (made if missing) and return its files.

    The files are hashed as they are written, and not synced: that is the publisher's work.
    Progress is in bytes of the archive. After an error ``into`` holds some files of the archive,
    and nothing else anywhere.

    Raises ``SourceProblem`` (``archive_unsafe``, ``archive_damaged``, ``not_an_archive``,
    ``too_large``), ``Conflict`` if ``into`` is not empty, ``StorageFull``,
    ``StorageUnavailable``, and what ``control.check`` raises.
    """
    with storage_errors(into), FileIO(archive) as file:
        packed_bytes = os.fstat(file.fileno()).st_size
        budget, pulse = Budget(limits, packed_bytes), Pulse(control, packed_bytes)
        kind = format_of_file(archive)
        with Jail(into, budget, pulse) as jail:
            notes = _unpack_kind(kind, archive, file, jail)
            control.progress(packed_bytes, packed_bytes, unit="bytes", message="unpacked")
            notes.log(control, left_out=jail.left_out)
            return tuple(jail.records.values())


def _unpack_kind(kind: str, archive: Path, file: FileIO, jail: Jail) -> Notes:
    """Unpack one of the formats. Raises ``SourceProblem``."""
    limits = jail.budget.limits
    first, _, last = kind.partition(".")
    if kind == "zip":
        packed_bytes = os.fstat(file.fileno()).st_size
        reader = ZipReader(file.fileno(), packed_bytes, limits.memory_bytes)
        return unpack_zip(reader, jail, limits, packed_bytes)
    if kind == "7z":
        from growth_admin.datasets.archive.seven import unpack_7z

        return unpack_7z(archive, jail)
    if first == "tar":
        return unpack_tar(open_stream(file, jail.pulse.beat, last, limits.memory_bytes), jail)
    if kind:
        return _unpack_single(kind, archive, file, jail)
    raise SourceProblem(
        "not_an_archive",
        f"{shown(archive.name)} is no archive of a kind that is known here.",
        hint="zip, tar, 7z, gz, bz2, xz and zst are; publish anything else as it is.",
    )


def _unpack_single(kind: str, archive: Path, file: FileIO, jail: Jail) -> Notes:
    """Write the one file that a gz, bz2, xz or zst file holds, named after the archive."""
    stream = open_stream(file, jail.pulse.beat, kind, jail.budget.limits.memory_bytes)
    name = stem_of_name(archive.name) or archive.name
    with jail.new_file(name) as out:
        while block := stream.read(BLOCK_BYTES):
            out.write(block)
    return Notes()
