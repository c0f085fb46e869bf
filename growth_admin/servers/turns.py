"""When whose turn comes: by default at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from growth_admin.jobs.models import JobProblem

Wish = Literal["", "cancel", "pause"]


class Turns:
    """Nobody is told: everybody's turn has come."""

    problem: JobProblem | None = None
    """Why the job is better paused."""

    def listen(self, waiting: Sequence[int], wish: Wish) -> None:
        """Take in what users said, and decide what those who wait are given."""

    def speak(self) -> None:
        """Say what was decided, once it is kept."""

    def is_due(self, index: int) -> bool:
        """Return whether a server's time has come."""
        return True

    def has_come(self, index: int) -> bool:
        """Return whether the time that a server was told has come, saved or not."""
        return True

    def conclude(self, index: int) -> None:
        """Keep what is known of a user whose turn has come, or will not come."""

    def close(self) -> None:
        """Take the notice away: all is done, or the job stops for a while."""

    @property
    def counts(self) -> dict[str, int]:
        """How many said what, for the job's progress."""
        return {}
