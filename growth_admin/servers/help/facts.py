"""What other rooms know about one user; whoever wires the rooms hands it in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from growth_admin.servers.help.models import HomeUse, LogTail, PastStart


@dataclass(frozen=True)
class StartsOfUser:
    """The starts of one server, newest first, the ends of the last one's logs, and the home.

    ``home`` is as the last start that told it has measured the home's disk.
    """

    starts: tuple[PastStart, ...] = ()
    logs: tuple[LogTail, ...] = ()
    home: HomeUse | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Standing:
    """How somebody stands in the roster: ``state`` in the roster's own words."""

    state: str
    detail: str = ""


class HelpSource(Protocol):
    """What is known beside the hub. Every method raises ``GrowthError``, with the reason."""

    def read_starts(self, user: str, server_name: str) -> StartsOfUser:
        """Return what the starts of a server left; nothing where there was none."""
        ...

    def measure_home(self, user: str) -> HomeUse:
        """Look at the home itself, for a second or two."""
        ...

    def find_standing(self, user: str) -> Standing | None:
        """Return how the user stands in the roster; nothing if it does not know them."""
        ...
