"""Usable replies: their body as JSON, cut to what a room reads; pages; how many there were."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl

from growth_admin.core.github.cache import Kept
from growth_admin.core.github.exchange import Lost, Reply

PAGE_SIZE: Final = 100
Query = Mapping[str, str | int]
NO_QUERY: Final[Query] = {}
_LINK: Final = re.compile(r'<([^<>]*)>\s*;\s*rel="(\w+)"')


@dataclass(frozen=True)
class Answer:
    """A usable reply: its status, its body as JSON, its headers in lower case."""

    status: int
    data: Any
    headers: Mapping[str, str]
    may_have_successor: bool = False
    """It is kept, and GitHub did not say just now which pages there are."""

    @property
    def pages(self) -> dict[str, dict[str, str]]:
        """The queries of the Link header by relation (``next``, ``last``).

        Only the queries: the addresses may be others than the one at which GitHub is asked here.
        """
        return {
            relation: dict(parse_qsl(url.partition("?")[2].partition("#")[0]))
            for url, relation in _LINK.findall(self.headers.get("link", ""))
        }

    @property
    def last_page(self) -> int:
        """The number of the last page; 0 if there is none to tell."""
        number = self.pages.get("last", {}).get("page", "")
        return int(number) if number.isascii() and number.isdigit() else 0


@dataclass
class CallCount:
    """Requests so far: all of them, the changes, and those that an ETag answered with 304."""

    total: int = 0
    writes: int = 0
    conditional_hits: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def note(self, method: str, status: int) -> None:
        """Count one request."""
        with self._lock:
            self.total += 1
            self.writes += method != "GET"
            self.conditional_hits += status == 304


def answer_of(reply: Reply, kind: type[Any] | None, fields: tuple[str, ...] = ()) -> Answer:
    """Return the answer that a reply holds, of its body only ``fields`` (all if none are named).

    Raises ``Lost`` for a body that is no JSON, or is not of the ``kind`` that was asked for.
    """
    try:
        data = reply.data()
    except ValueError:
        raise Lost("gave a reply that is not readable", was_sent=True) from None
    if kind is not None and not isinstance(data, kind):
        raise Lost("gave a reply of another kind than its description says", was_sent=True)
    return Answer(reply.status, _trimmed(data, fields), reply.headers)


def unchanged(reply: Reply, kept: Kept) -> Answer:
    """Return what is kept; a page that has not changed may have got a successor (Link)."""
    headers = {"link": kept.link, **reply.headers}
    return Answer(200, kept.body, headers, may_have_successor="link" not in reply.headers)


def _trimmed(data: Any, fields: tuple[str, ...]) -> Any:
    if not fields:
        return data
    if isinstance(data, list):
        return [_trimmed(item, fields) for item in data]
    return {name: data.get(name) for name in fields} if isinstance(data, dict) else data
