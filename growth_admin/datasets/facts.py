"""What the parts of this room hand each other: plain facts about files, sources and jobs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

from growth_admin.core.errors import GrowthError, InvalidInput

Code = Literal[
    "virus_page_unparsed",
    "quota_file",
    "quota_client",
    "not_shared",
    "not_found_or_key",
    "not_found",
    "native_doc",
    "abusive_file",
    "changed_during_download",
    "short_body",
    "wrong_range",
    "checksum_mismatch",
    "web_page",
    "too_large",
    "name_unsafe",
    "address_refused",
    "unreachable",
    "refused",
    "archive_unsafe",
    "archive_damaged",
    "not_an_archive",
]
"""Why no data came, in one word; the catalogue of errors that an organiser can act on."""

DIGEST_LENGTHS = {"md5": 32, "sha1": 40, "sha256": 64, "sha512": 128}
DIGESTS = tuple(DIGEST_LENGTHS)
"""Algorithms that sources publish, as ``hashlib`` names them."""


class SourceProblem(GrowthError):
    """A source gave no data, or not the data that was meant.

    ``code`` is the word of the catalogue. ``is_retryable``: the same request may work in a moment
    (a cut connection, a server error). ``is_waiting``: it will work later without anybody changing
    anything (a quota), so what was fetched is worth keeping.
    """

    kind = "source-problem"
    title = "The source gave no data"

    def __init__(
        self,
        code: Code,
        detail: str,
        *,
        hint: str = "",
        is_retryable: bool = False,
        is_waiting: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(detail, hint=hint, context={"code": code})
        self.code: Code = code
        self.is_retryable = is_retryable
        self.is_waiting = is_waiting
        self.retry_after_s = retry_after_s

    @classmethod
    def from_wire(
        cls,
        detail: str,
        *,
        hint: str,
        fields: Sequence[tuple[str, str]],
        context: dict[str, Any],
    ) -> SourceProblem:
        """Return the error that a problem document tells of."""
        return cls(context.get("code", "refused"), detail, hint=hint)


class Checksum(NamedTuple):
    """A digest in hexadecimal, with the name of its algorithm (one of ``DIGESTS``)."""

    algorithm: str
    hexdigest: str

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.hexdigest}"


def parse_checksum(text: str) -> Checksum:
    """Return the checksum that somebody wrote: ``sha256:<hex>``, or hex alone (by its length).

    Raises ``InvalidInput``.
    """
    algorithm, _, digits = text.strip().rpartition(":")
    digits, algorithm = digits.strip().lower(), algorithm.strip().lower().replace("-", "")
    by_length = {length: name for name, length in DIGEST_LENGTHS.items()}
    name = algorithm or by_length.get(len(digits), "")
    if DIGEST_LENGTHS.get(name) != len(digits) or not re.fullmatch(r"[0-9a-f]+", digits):
        raise InvalidInput(
            f"{text[:200]!r} is not a checksum.",
            hint=f"Write it as sha256:<64 hex digits>; {', '.join(DIGESTS)} are known.",
            fields=[("checksum", "not a checksum")],
        )
    return Checksum(name, digits)


@dataclass(frozen=True)
class RemoteFile:
    """One file that a source offers.

    ``path`` is its place in the dataset: relative, ``/`` between parts, each part safe (see
    ``sources.names``). ``locator`` is what the source needs to open it again after this process
    died: JSON values, never a secret. ``validator`` names the content as the listing saw it (a
    strong ETag, a revision id, a checksum), empty when the listing gave none.
    """

    path: str
    locator: dict[str, Any]
    size_bytes: int | None = None
    checksum: Checksum | None = None
    validator: str = ""


@dataclass(frozen=True)
class Listing:
    """What a link stands for. ``is_complete`` is False when a look was cut short by its limit."""

    kind: str
    title: str
    name: str
    link: str
    files: tuple[RemoteFile, ...]
    is_folder: bool = False
    is_complete: bool = True
    modified: str = ""
    credential: str = "none"
    warnings: tuple[str, ...] = ()

    @property
    def size_bytes(self) -> int | None:
        """The sum of the sizes, or nothing if one is unknown."""
        sizes = [file.size_bytes for file in self.files]
        return None if None in sizes else sum(size or 0 for size in sizes)


class Opened(Protocol):
    """The bytes of one file from ``start`` on, as a source gives them; close it when done.

    ``total_bytes`` is the size of the whole file, if it is known. ``validator`` is good for
    ``If-Range``: a strong ETag, else a date; empty: no resume. ``is_ranged`` says whether the
    source honours ranges.
    """

    start: int
    total_bytes: int | None
    validator: str
    is_ranged: bool

    def readinto(self, buffer: memoryview) -> int:
        """Fill the buffer with what is next and return how many bytes, 0 at the end.

        Raises ``SourceProblem`` (``unreachable``, retryable) when the connection is cut, and
        ``short_body`` when the body ends before its announced length.
        """
        ...

    def close(self) -> None:
        """Give the connection back, or close it when the body was not read to its end."""
        ...


class Source(Protocol):
    """A kind of place that data comes from. Its methods block, and may be called from threads."""

    kind: str

    def recognises(self, link: str) -> bool:
        """Return whether the link belongs to this source. Asks nobody."""
        ...

    def list_files(self, link: str, *, limit_s: float, control: Control) -> Listing:
        """Return what the link stands for, without fetching it.

        Raises ``SourceProblem``, or ``InvalidInput`` for a link that cannot be read.
        """
        ...

    def open(
        self,
        file: RemoteFile,
        *,
        start: int = 0,
        end: int | None = None,
        validator: str = "",
    ) -> Opened:
        """Open the file at byte ``start`` (up to ``end``, exclusive, if given).

        With a ``validator`` the source answers from ``start`` only if the file is still the same;
        if it is not, or if ranges are not honoured, the result begins at 0: look at its ``start``.
        Raises ``SourceProblem``; a web page is never opened as data.
        """
        ...


class Control(Protocol):
    """What long work asks and tells; ``JobContext`` is one. Safe to call from several threads."""

    def check(self) -> None:
        """Return if the work should go on; raises what ends it otherwise."""
        ...

    def progress(
        self, done: float, total: float | None = None, *, unit: str = "", message: str = ""
    ) -> None:
        """Report how far the work is."""
        ...

    def log(self, line: str) -> None:
        """Write a line for whoever reads the job's log."""
        ...


@dataclass(frozen=True)
class FetchedFile:
    """A file that lies in the staging folder, whole and verified as far as its source allows.

    ``verified_with`` names the algorithm whose digest the source published and ours matched, or
    is empty: unverified against source.
    """

    path: str
    size_bytes: int
    sha256: str
    verified_with: str = ""
    locator: dict[str, Any] = field(default_factory=dict)


class FileRecord(NamedTuple):
    """A file of a version: its path in the dataset, size in bytes, SHA-256 in hexadecimal."""

    path: str
    size_bytes: int
    sha256: str
