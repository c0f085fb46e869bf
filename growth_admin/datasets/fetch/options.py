"""How one job fetches, and how patient the fetcher is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from growth_admin.datasets.facts import Checksum
from growth_admin.datasets.fetch.direct import ALIGNMENT

BUFFER_BYTES: Final = 2 << 20
"""What is received, written and hashed at once. Past the page cache, 2 MiB took a third less system
time than 512 KiB, and 4 MiB hardly less. Each file under way has four."""


@dataclass(frozen=True)
class FetchOptions:
    """What a job asks for.

    ``connections`` is the number of parallel ranges per file, ``limit_bytes_per_s`` bounds all
    threads of the job together, ``expected`` is a checksum given by hand for a single file.
    """

    connections: int = 1
    limit_bytes_per_s: int | None = None
    expected: Checksum | None = None


@dataclass(frozen=True)
class Settings:
    """How the fetcher works, for all jobs.

    ``segment_bytes`` bounds what is not known to be on the disk, hence what a killed process
    fetches twice. ``range_bytes`` bounds the ranges of parallel connections. A connection that
    gives less than ``stall_bytes`` in ``stall_s`` is cut and tried again. So many ``processes``
    share the ``parallel_files`` when there are many small ones; one that reports nothing for
    ``silence_s`` hangs.
    """

    parallel_files: int = 4
    processes: int = 2
    segment_bytes: int = 32 << 20
    range_bytes: int = 16 << 20
    retry_limit_s: float = 300
    retry_first_s: float = 0.5
    retry_most_s: float = 30
    stall_bytes: int = 4096
    stall_s: float = 30
    sync_every_s: float = 3
    silence_s: float = 120

    @property
    def sync_bytes(self) -> int:
        """How much is written before it is synced, in a thread beside."""
        return self.segment_bytes // 4

    @property
    def unsynced_bytes(self) -> int:
        """How much may be written and not synced; writers wait beyond. What their buffers hold
        comes on top."""
        return self.segment_bytes // 4 * 3

    def portion_bytes(self, connections: int) -> int:
        """How much of a buffer is filled before it is written, in whole pages: what the buffers of
        all files and connections hold is the last quarter of a segment."""
        share = self.segment_bytes // 4 // (self.parallel_files * connections)
        return max(min(BUFFER_BYTES, share) // ALIGNMENT, 1) * ALIGNMENT
