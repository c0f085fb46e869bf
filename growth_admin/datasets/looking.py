"""From a link to what it stands for: the listing, and what people are told of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from growth_admin.core.plan import digest_of
from growth_admin.datasets.archive.formats import format_of_name, stem_of_name
from growth_admin.datasets.facts import Control, Listing, RemoteFile, Source, SourceProblem
from growth_admin.datasets.models import NAME_LETTERS, Dataset, Probe, ProbedFile
from growth_admin.datasets.peeking import unpacked_bytes
from growth_admin.datasets.sources.registry import Sources

KEEP_S: Final = 300.0
KEEP_LISTINGS: Final = 20
SAMPLE: Final = 20
UNPACKED_FACTOR: Final = 3.0
"""How much bigger than its archive data is taken to be, where nothing says so."""


class Unhurried:
    """The control of a look that somebody waits for: nothing to ask, nothing to tell."""

    def check(self) -> None:
        """Go on."""

    def progress(
        self, done: float, total: float | None = None, *, unit: str = "", message: str = ""
    ) -> None:
        """Nobody watches."""

    def log(self, line: str) -> None:
        """Nobody reads."""


@dataclass(frozen=True)
class _Kept:
    listing: Listing
    unpacked_bytes: int | None
    at_s: float


class Looker:
    """Lists links, and remembers for a few minutes what it saw.

    A look, its plan and its job then ask the source once: Google counts every request.
    """

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._kept: dict[str, _Kept] = {}
        self._lock = threading.Lock()

    def look(
        self, link: str, *, limit_s: float, control: Control, needs_all: bool = False
    ) -> Listing:
        """Return what the link stands for.

        ``needs_all``: a listing that was cut short by an earlier limit is made again. Raises
        ``SourceProblem``, or ``InvalidInput`` for a link that cannot be read.
        """
        link = link.strip()
        with self._lock:
            kept = self._kept.get(link)
        is_fresh = kept is not None and time.monotonic() - kept.at_s < KEEP_S
        if kept and is_fresh and (kept.listing.is_complete or not needs_all):
            return kept.listing
        source = self._sources.of(link)
        listing = source.list_files(link, limit_s=limit_s, control=control)
        unpacked = unpacked_estimate(source, listing)
        with self._lock:
            self._kept[link] = _Kept(listing, unpacked, time.monotonic())
            while len(self._kept) > KEEP_LISTINGS:
                self._kept.pop(min(self._kept, key=lambda known: self._kept[known].at_s))
        return listing

    def unpacked_bytes(self, link: str) -> int | None:
        """Return what the archives of a link that was just looked at will take unpacked."""
        with self._lock:
            kept = self._kept.get(link.strip())
        return kept.unpacked_bytes if kept else None

    def forget(self, link: str) -> None:
        """Ask the source anew next time."""
        with self._lock:
            self._kept.pop(link.strip(), None)


def fingerprint(listing: Listing) -> str:
    """Return a hash of what was listed; empty when not all was."""
    if not listing.is_complete:
        return ""
    rows = [
        [file.path, file.size_bytes, str(file.checksum or ""), file.validator]
        for file in sorted(listing.files, key=lambda file: file.path)
    ]
    return digest_of(rows)


def archives_of(files: Sequence[RemoteFile]) -> list[RemoteFile]:
    """Return the files that can be unpacked, by their names."""
    return [file for file in files if format_of_name(file.path)]


def unpacked_estimate(source: Source, listing: Listing) -> int | None:
    """Return how many bytes the archives hold, by what they say, else by a usual factor.

    Nothing if a size is unknown. Only the one archive of a single file is asked.
    """
    archives = archives_of(listing.files)
    if len(archives) == 1:
        with suppress(SourceProblem):  # fetching will say what is wrong
            known = unpacked_bytes(source, archives[0])
            if known is not None:
                return known
    sizes = [file.size_bytes for file in archives]
    return None if None in sizes else round(UNPACKED_FACTOR * sum(size or 0 for size in sizes))


def suggested_name(listing: Listing) -> str:
    """Return a name for the dataset, made from the source's: letters, digits, ``. _ -``."""
    text = listing.name
    if not listing.is_folder:
        text = stem_of_name(text)
        text = PurePosixPath(text).stem if "." in text.lstrip(".") else text
    kept = "".join(letter if letter in NAME_LETTERS else "-" for letter in text.lower())
    return "-".join(part for part in kept.strip("._-").split("-") if part)[:64] or "dataset"


def describe(
    listing: Listing,
    *,
    existing: Dataset | None,
    free_bytes: int,
    unpacked_bytes: int | None,
    is_unpacked: bool | None = None,
) -> Probe:
    """Return what people are told before anything is fetched.

    ``unpacked_bytes`` is what the archives will take, nothing where that is not known. Where nobody
    has said yet whether they are unpacked, one archive by itself is, and those of a folder are not.
    """
    only = listing.files[0] if len(listing.files) == 1 and not listing.is_folder else None
    archives = archives_of(listing.files)
    is_unpacked = only is not None if is_unpacked is None else is_unpacked
    needed = _add(listing.size_bytes, unpacked_bytes if archives and is_unpacked else 0)
    replaced = existing.versions[0] if existing and existing.versions else None
    return Probe(
        link=listing.link,
        kind=listing.kind,
        title=listing.title,
        suggested_name=suggested_name(listing),
        is_folder=listing.is_folder,
        files=len(listing.files),
        is_complete=listing.is_complete,
        size_bytes=listing.size_bytes,
        checksum=str(only.checksum) if only and only.checksum else "",
        files_with_checksum=sum(file.checksum is not None for file in listing.files),
        modified=listing.modified,
        archive=format_of_name(archives[0].path) if archives else "",
        archives=len(archives),
        credential=listing.credential,
        sample=tuple(
            ProbedFile(
                path=file.path,
                size_bytes=file.size_bytes,
                checksum=str(file.checksum) if file.checksum else "",
            )
            for file in listing.files[:SAMPLE]
        ),
        warnings=listing.warnings,
        free_bytes=free_bytes,
        free_after_bytes=None if needed is None else free_bytes - needed,
        replaces=(existing.current or "plain folder") if existing else "",
        replaces_size_bytes=replaced.size_bytes if replaced else None,
    )


def _add(*sizes: int | None) -> int | None:
    return None if None in sizes else sum(size or 0 for size in sizes)
