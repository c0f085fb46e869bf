"""Opening a file at a byte, so that what comes is what was asked for.

RFC 9110: ranges (14), ``If-Range`` (13.1.5), validators (8.8). The reply is taken from byte
``start`` only when its ``Content-Range`` says exactly that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final, Protocol

from growth_admin.datasets.facts import SourceProblem
from growth_admin.datasets.sources.addresses import place_of
from growth_admin.datasets.sources.answer import Answer
from growth_admin.datasets.sources.body import (
    GZIP_MAGIC,
    PeekedBody,
    UnzippedBody,
    WireBody,
    unzipped_head,
)

Ask = Callable[[dict[str, str]], Answer]
"""Sends the request for a file with these headers, and raises for what is not the file."""
PEEK_BYTES: Final = 512
GZIP_SUFFIXES: Final = (".gz", ".tgz", ".taz", ".svgz", ".gzip")
_CONTENT_RANGE: Final = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_TOTAL: Final = re.compile(r"bytes (?:\d+-\d+|\*)/(\d+)")
_NO_RANGE: Final = re.compile(r"bytes \*/(\d+)")


class Body(Protocol):
    """What ``Opened`` reads from."""

    def readinto(self, buffer: memoryview) -> int:
        """Fill the buffer; 0 at the end."""
        ...

    def close(self) -> None:
        """Let the connection go."""
        ...


@dataclass
class OpenedBody:
    """An ``Opened`` over a reply."""

    body: Body
    start: int
    total_bytes: int | None
    validator: str
    is_ranged: bool

    def readinto(self, buffer: memoryview) -> int:
        """Fill the buffer with what is next; 0 at the end. Raises ``SourceProblem``."""
        return self.body.readinto(buffer)

    def close(self) -> None:
        """Give the connection back, or close it when the body was not read to its end."""
        self.body.close()


class _NoBody:
    """What is left of a file that was fetched to its end."""

    def readinto(self, buffer: memoryview) -> int:
        return 0

    def close(self) -> None:
        return


def open_at(ask: Ask, *, start: int, end: int | None, validator: str, name: str) -> OpenedBody:
    """Return the file from byte ``start`` on, or from 0 if it changed or ranges are not honoured.

    ``validator`` is a strong ETag or a date of an earlier reply, or empty. Raises
    ``SourceProblem`` (``wrong_range`` for a reply that continues at another byte).
    """
    headers = {}
    if start or end is not None:
        headers["Range"] = f"bytes={start}-{'' if end is None else end - 1}"
        if validator:
            headers["If-Range"] = validator
    answer = ask(headers)
    if answer.status == 416:
        size = _NO_RANGE.fullmatch(answer.headers.get("Content-Range", ""))
        answer.close()
        if size and int(size[1]) == start:
            return OpenedBody(_NoBody(), start, start, validator, True)
        headers = {}
        answer = ask(headers)
    try:
        return _opened(answer, start if headers else 0, end, name)
    except BaseException:
        answer.close()
        raise


def _opened(answer: Answer, start: int, end: int | None, name: str) -> OpenedBody:
    body = WireBody(answer)
    total = body.length
    is_part = answer.status == 206
    if is_part:
        total = _check_range(answer, start, end, body.length)
        is_ranged = True
    else:
        start = 0
        is_ranged = answer.headers.get("Accept-Ranges", "").strip().lower() == "bytes"
    opened = OpenedBody(body, start, total, validator_of(answer.headers), is_ranged)
    coding = answer.headers.get("Content-Encoding", "").strip().lower()
    if coding in ("", "identity"):
        return opened
    return _decoded(opened, body, coding, name)


def _decoded(opened: OpenedBody, body: WireBody, coding: str, name: str) -> OpenedBody:
    """Return the file behind an encoding that nobody asked for; it cannot be resumed.

    Many servers declare that the file ``x.tar.gz`` is ``x.tar``, encoded: then what comes over the
    wire is the file as it is named, ranges and all.
    """
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise SourceProblem(
            "refused",
            f"The server sends the file encoded ({coding[:40]}), although it was asked not to.",
            hint="Fetch the file with a browser and upload it.",
        )
    is_named_so = coding != "deflate" and name.lower().endswith(GZIP_SUFFIXES)
    if is_named_so and opened.start:
        return opened
    peeked = PeekedBody(body, PEEK_BYTES)
    if is_named_so and not unzipped_head(peeked.head).startswith(GZIP_MAGIC):
        opened.body = peeked
        return opened
    if opened.start:
        raise SourceProblem(
            "wrong_range",
            "The server encodes the reply and its ranges, so the download cannot be continued.",
            is_retryable=True,
        )
    opened.body = UnzippedBody(peeked, is_deflate=coding == "deflate")
    opened.total_bytes, opened.validator, opened.is_ranged = None, "", False
    return opened


def _check_range(answer: Answer, start: int, end: int | None, length: int | None) -> int | None:
    """Return the size of the whole file. Raises ``SourceProblem`` unless the range is right."""
    said = answer.headers.get("Content-Range", "")
    found = _CONTENT_RANGE.fullmatch(said.strip())
    first, last = (int(found[1]), int(found[2])) if found else (-1, -1)
    total = int(found[3]) if found and found[3] != "*" else None
    is_right = first == start and last >= first and (total is None or last < total)
    is_right = is_right and (end is None or last < end)
    if not is_right or (length is not None and length != last - first + 1):
        raise SourceProblem(
            "wrong_range",
            f"{place_of(answer.url)[0]} answered with another part of the file "
            f"({said[:80] or 'no Content-Range'!r}) than the one from byte {start:,}.",
            hint="Start the job again; if it lasts, fetch the file with a browser and upload it.",
            is_retryable=True,
        )
    return total


def total_of(answer: Answer) -> int | None:
    """Return the size of the whole file that a reply speaks of, if it says."""
    if answer.headers.get("Content-Encoding", "identity").lower() not in ("", "identity"):
        return None
    if answer.status in (206, 416):
        total = _TOTAL.fullmatch(answer.headers.get("Content-Range", "").strip())
        return int(total[1]) if total else None
    length = answer.headers.get("Content-Length", "")
    return int(length) if length.isdecimal() else None


def validator_of(headers: Mapping[str, str]) -> str:
    """Return what is good for ``If-Range``: a strong ETag, else a date that is strong; or nothing.

    A date is strong when it lies at least a second before the reply (RFC 9110, 8.8.2.2).
    """
    etag = headers.get("ETag", "").strip()
    if etag.startswith('"') and etag.endswith('"') and len(etag) > 2:
        return etag
    modified = headers.get("Last-Modified", "").strip()
    try:
        when = parsedate_to_datetime(modified)
        sent = parsedate_to_datetime(headers.get("Date", ""))
    except (TypeError, ValueError):
        return modified
    return modified if (sent - when).total_seconds() >= 1 else ""
