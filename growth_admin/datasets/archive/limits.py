"""How much an archive may become: sizes, counts and ratios, counted while it is unpacked."""

from __future__ import annotations

import time
from dataclasses import dataclass

from growth_admin.core.errors import StorageFull
from growth_admin.datasets.archive.naming import shown
from growth_admin.datasets.facts import Control, SourceProblem

BLOCK_BYTES = 1 << 20
"""What is read, hashed and written at once."""
_UNRATIOED_BYTES = 32 << 20
"""Below this size nothing is called a bomb: a small file of zeros is only a small file."""
_NAMES_BYTES = 256 << 20
"""All names together: they are in memory until the archive is unpacked."""
_BEAT_S = 0.2


@dataclass(frozen=True)
class UnpackLimits:
    """What one archive may unpack to.

    ``total_bytes`` and ``member_bytes``: all files together and one alone (links that become
    copies count as files). ``files``: members of any kind. ``ratio``: unpacked over packed bytes,
    of one member where it has its own packed size, and overall. ``depth``: folders in each other.
    ``memory_bytes``: what a decoder may keep (its dictionary): the default lets ``xz -9``,
    ``zstd --long=27`` and 7z up to 128 MiB through. ``free_bytes``: what the disk can take now.
    """

    total_bytes: int
    files: int = 1_000_000
    ratio: float = 200.0
    member_bytes: int | None = None
    depth: int = 64
    memory_bytes: int = 136 << 20
    free_bytes: int | None = None


@dataclass(frozen=True)
class ArchiveFacts:
    """What a look at an archive tells without unpacking it.

    ``format`` as ``format_of_name`` says it. ``files`` is 0 and ``size_bytes`` nothing where only
    unpacking would tell: compressed tar files, and sizes that the format does not keep.
    """

    format: str
    files: int
    size_bytes: int | None


class Budget:
    """Counts what comes out of one archive against its limits."""

    def __init__(self, limits: UnpackLimits, packed_bytes: int) -> None:
        self.limits = limits
        self.files = 0
        self.total_bytes = 0
        self._packed_bytes = max(packed_bytes, 1)
        self._names_bytes = 0
        self._member = ""
        self._member_bytes = 0
        self._member_packed: int | None = None

    def add_member(
        self, name: str, *, size_bytes: int = 0, packed_bytes: int | None = None
    ) -> None:
        """Count a member of any kind; its announced size must fit. Raises ``SourceProblem``."""
        self._member, self._member_bytes, self._member_packed = name, 0, packed_bytes
        self.files += 1
        self._names_bytes += len(name)
        if self.files > self.limits.files or self._names_bytes > _NAMES_BYTES:
            raise SourceProblem(
                "too_large",
                f"The archive holds more than {self.limits.files:,} files and folders, "
                "or names of gigabytes.",
                hint="Pack fewer files, or raise the limit on files per archive.",
            )
        self._judge(size_bytes)

    def add_bytes(self, size_bytes: int) -> None:
        """Count bytes of the member that was added last. Raises ``SourceProblem``."""
        self._judge(size_bytes)
        self._member_bytes += size_bytes
        self.total_bytes += size_bytes

    def _judge(self, more_bytes: int) -> None:
        """Raise if ``more_bytes`` of the present member would be too many, or find no room."""
        member, total = self._member_bytes + more_bytes, self.total_bytes + more_bytes
        if self.limits.member_bytes is not None and member > self.limits.member_bytes:
            raise SourceProblem(
                "too_large",
                f"{shown(self._member)} in the archive is larger than "
                f"{self.limits.member_bytes:,} bytes, which is the limit for one file.",
            )
        if total > self.limits.total_bytes:
            raise SourceProblem(
                "too_large",
                f"The archive unpacks to more than {self.limits.total_bytes:,} bytes "
                f"(at {shown(self._member)}).",
                hint="Raise the limit on unpacked size, then start again.",
            )
        is_bomb = self._is_bomb(total, self._packed_bytes) or (
            self._member_packed is not None and self._is_bomb(member, self._member_packed)
        )
        if is_bomb:
            raise SourceProblem(
                "archive_unsafe",
                f"{shown(self._member)} unpacks to more than {self.limits.ratio:g} times its "
                "packed size, as decompression bombs do.",
                hint="If the data are really that regular, publish them without an archive.",
            )
        if self.limits.free_bytes is not None and total > self.limits.free_bytes:
            raise StorageFull(
                f"The archive unpacks to more than the {self.limits.free_bytes:,} bytes that are "
                f"free on the shared disk (at {shown(self._member)}).",
                hint="Make room on the disk.",
            )

    def _is_bomb(self, size_bytes: int, packed_bytes: int) -> bool:
        return size_bytes > max(_UNRATIOED_BYTES, packed_bytes * self.limits.ratio)


class Pulse:
    """Asks and tells the job's control as often as a person cares, not once per file."""

    def __init__(self, control: Control, packed_bytes: int) -> None:
        self._control = control
        self._packed_bytes = packed_bytes
        self._next_s = 0.0

    def beat(self, read_bytes: int) -> None:
        """Tell how many bytes of the archive are read. Raises what ``Control.check`` raises."""
        now_s = time.monotonic()
        if now_s >= self._next_s:
            self._next_s = now_s + _BEAT_S
            self._control.check()
            self._control.progress(
                read_bytes, self._packed_bytes, unit="bytes", message="unpacking"
            )
