"""All sources, and which of them a link belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from growth_admin.core.errors import InvalidInput
from growth_admin.datasets.facts import Source
from growth_admin.datasets.sources.links import hint_for, shown_url


class Sources:
    """The sources in the order in which they are asked; the first that knows a link gets it."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self._sources = tuple(sources)

    def __iter__(self) -> Iterator[Source]:
        return iter(self._sources)

    def of(self, link: str) -> Source:
        """Return the source that a link belongs to. Raises ``InvalidInput`` if there is none."""
        for source in self._sources:
            if source.recognises(link):
                return source
        raise InvalidInput(
            f"{_shown(link)!r} is no link and no path that data can come from.",
            hint=hint_for(link),
            fields=[("link", "not recognised")],
        )


def _shown(link: str) -> str:
    try:
        return shown_url(link.strip())[:200]
    except ValueError:
        return link.strip()[:80]
