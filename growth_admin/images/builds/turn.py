"""Whose build runs: one at a time, also when two organisers ask at the same moment.

One record on the organisers' disk. Whoever takes the turn may be killed at any moment: before the
job is there the turn lapses by its age, afterwards with the end of the job, which another server
brings about.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

from growth_admin.core.errors import Conflict
from growth_admin.core.schema import now
from growth_admin.core.snapshots import Snapshots
from growth_admin.images.builds.models import BuildTurn

TURN_LIMIT: Final = timedelta(seconds=60)
"""How long a turn without a job holds the others up."""


class BuildTurns:
    """The record. ``is_over`` says whether a job has ended, or is not known any more."""

    def __init__(self, folder: Path, *, is_over: Callable[[str], bool]) -> None:
        self._snapshots = Snapshots(folder, BuildTurn, what="The record of whose build runs")
        self._is_over = is_over

    def take(self, *, by: str) -> str:
        """Take the turn and return its mark. Raises ``Conflict`` while another one holds it."""
        mark, at = secrets.token_hex(8), now()

        def taken(old: BuildTurn) -> BuildTurn:
            if self._is_held(old):
                raise Conflict(
                    f"{old.by} is building already.",
                    hint="Follow that job, or cancel it first."
                    if old.job_id
                    else "It has just begun: look at the builds in a moment.",
                    context={"job": old.job_id},
                )
            return BuildTurn(number=old.number, mark=mark, by=by, taken=at)

        self._snapshots.update(taken)
        return mark

    def enter(self, mark: str, job_id: str) -> bool:
        """Note the job of a turn; return whether it is its turn.

        Both the server that starts the job and the job itself do this: either may be late.
        """
        noted = self._snapshots.update(
            lambda old: (
                old.model_copy(update={"job_id": old.job_id or job_id}) if old.mark == mark else old
            )
        )
        return (noted.mark, noted.job_id) == (mark, job_id)

    def require(self, mark: str, job_id: str) -> None:
        """Enter a job. Raises ``Conflict`` if it is not its turn. Older builds have no mark."""
        if mark and not self.enter(mark, job_id):
            raise Conflict(
                "Another build began meanwhile.", hint="Build again when that one has ended."
            )

    def give_back(self, mark: str) -> None:
        """Give a turn back that came to no build."""
        self._snapshots.update(
            lambda old: BuildTurn(number=old.number) if old.mark == mark else old
        )

    def _is_held(self, turn: BuildTurn) -> bool:
        if turn.job_id:
            return not self._is_over(turn.job_id)
        return turn.taken is not None and now() - turn.taken <= TURN_LIMIT
