"""A look at an archive without unpacking it."""

from __future__ import annotations

import os
from io import FileIO
from pathlib import Path

from growth_admin.core.fsops import storage_errors
from growth_admin.datasets.archive.formats import format_of_file
from growth_admin.datasets.archive.limits import ArchiveFacts, Budget, UnpackLimits
from growth_admin.datasets.archive.streams import SeekingStream
from growth_admin.datasets.archive.tar import measure_tar
from growth_admin.datasets.archive.zips import ZipReader, measure_zip
from growth_admin.datasets.facts import SourceProblem


def measure(path: Path) -> ArchiveFacts:
    """Return what an archive holds, as far as that can be known in a moment.

    The sizes are what the archive says; ``unpack`` does not trust them. Raises ``SourceProblem``
    (``archive_damaged``, ``not_an_archive``), ``NotFound`` or ``StorageUnavailable``.
    """
    with storage_errors(path), FileIO(path) as file:
        size_bytes = os.fstat(file.fileno()).st_size
        kind = format_of_file(path)
        limits = UnpackLimits(total_bytes=1 << 62, ratio=float("inf"))
        if kind == "zip":
            return measure_zip(ZipReader(file.fileno(), size_bytes, limits.memory_bytes))
        if kind == "7z":
            from growth_admin.datasets.archive.seven import measure_7z

            return measure_7z(path, limits)
        if kind == "tar":
            budget = Budget(limits, size_bytes)
            return measure_tar(SeekingStream(file, lambda _: None), budget)
        if kind:
            return ArchiveFacts(kind, 0 if kind.startswith("tar") else 1, None)
    raise SourceProblem("not_an_archive", f"{path.name!r} is no archive.")
