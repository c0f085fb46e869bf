"""Links in archives: each becomes a copy of the file that it means, inside the archive only."""

from __future__ import annotations

from typing import Final, NamedTuple

from growth_admin.datasets.archive.jail import Jail
from growth_admin.datasets.archive.naming import Parts, is_junk, shown, unsafe
from growth_admin.datasets.facts import SourceProblem

_STEPS: Final = 40
"""Links that lead to links: as many as Linux follows (MAXSYMLINKS)."""


class Link(NamedTuple):
    """A link as the archive has it: a hard link counts from the top, a symbolic one from itself."""

    name: str
    target: str
    is_hard: bool


class Links:
    """The links met so far. They are settled when every file is there."""

    def __init__(self, jail: Jail) -> None:
        self._jail = jail
        self._links: dict[Parts, Link] = {}

    def add(self, link: Link) -> None:
        """Keep a link for later. Raises ``SourceProblem`` for an unsafe name or target."""
        self._jail.budget.add_member(link.name + link.target)
        parts = self._jail.place(link.name)
        if is_junk(parts):
            self._jail.left_out += 1
            return
        if parts in self._links:
            raise unsafe(link.name, "is there twice")
        self._target(parts, link)
        self._links[parts] = link

    def settle(self) -> None:
        """Write each link as a copy of its file. Raises ``SourceProblem`` for a bad one."""
        for parts, link in self._links.items():
            self._jail.copy_file(self._file(parts, link), link.name)

    def _target(self, parts: Parts, link: Link) -> Parts:
        """Return the place that a link names, without looking whether anything is there."""
        if link.target.startswith("/"):
            raise self._refusal(link, "leaves the archive (an absolute target)")
        place = [] if link.is_hard else [*parts[:-1]]
        for part in link.target.split("/"):
            if part == "..":
                if not place:
                    raise self._refusal(link, "leaves the archive (..)")
                place.pop()
            elif part not in ("", "."):
                place.append(part)
        return tuple(place)

    def _file(self, parts: Parts, link: Link) -> Parts:
        """Return the file that a link leads to in the end."""
        first = link
        for _ in range(_STEPS):
            parts = self._target(parts, link)
            if "/".join(parts) in self._jail.records and parts not in self._links:
                return parts
            if parts not in self._links:
                raise self._refusal(first, "points to no file of the archive")
            link = self._links[parts]
        raise self._refusal(first, "goes round in circles")

    @staticmethod
    def _refusal(link: Link, reason: str) -> SourceProblem:
        kind = "a hard link" if link.is_hard else "a symbolic link"
        return unsafe(
            link.name,
            f"is {kind} to {shown(link.target)}, which {reason}",
            hint="Pack it again with files in place of links (tar -h, or zip without -y).",
        )
