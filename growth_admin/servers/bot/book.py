"""Whose turn the bot is, which scheduled times were served, and how the last runs went.

One record on the organisers' disk. Whoever takes the turn may be killed at any moment: before the
job is there the turn lapses by its age, afterwards with the end of the job, which another server
brings about.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from growth_admin.core.errors import Conflict
from growth_admin.core.snapshots import Snapshots
from growth_admin.servers.bot.models import BotRecord, BotRun, Turn

RUNS_KEPT: Final = 30
SLOTS_KEPT: Final = 60
TURN_LIMIT: Final = timedelta(seconds=60)
"""How long a turn without a job holds the others up."""


class BotBook:
    """The record. ``is_over`` says whether a job has ended, or is not known any more."""

    def __init__(self, folder: Path, *, is_over: Callable[[str], bool]) -> None:
        self._snapshots = Snapshots(folder, BotRecord, what="The record of the bot student")
        self._is_over = is_over

    def load(self) -> BotRecord:
        """Return the record. Raises ``StorageUnavailable``."""
        return self._snapshots.load()

    def current(self, record: BotRecord, at: datetime) -> Turn | None:
        """Return the turn that holds the others up, if there is one."""
        turn = record.turn
        if turn is None or (turn.job_id and self._is_over(turn.job_id)):
            return None
        if not turn.job_id and at - turn.taken > TURN_LIMIT:
            return None
        return turn

    def take_turn(self, *, by: str, slot: str, at: datetime) -> str:
        """Take the turn, for a scheduled time if ``slot`` names one, and return its mark.

        Raises ``Conflict`` while the bot runs, or when the scheduled time was served already.
        """
        mark = secrets.token_hex(8)

        def taken(old: BotRecord) -> BotRecord:
            if slot and slot in old.slots:
                raise Conflict(f"The run of {slot} has begun already.")
            turn = self.current(old, at)
            if turn is not None:
                raise Conflict(
                    f"The bot student is running already, for {turn.by}.",
                    hint="Wait for the end of that run, or cancel its job.",
                    context={"job_id": turn.job_id},
                )
            return old.model_copy(update={"turn": Turn(mark=mark, by=by, taken=at, slot=slot)})

        self._snapshots.update(taken)
        return mark

    def enter(self, mark: str, job_id: str) -> bool:
        """Note the job of a turn, and its scheduled time as served; return whether it is its turn.

        Both the server that starts the job and the job itself do this: either may be late.
        """
        is_ours = False

        def entered(old: BotRecord) -> BotRecord:
            nonlocal is_ours
            turn = old.turn
            is_ours = turn is not None and turn.mark == mark and turn.job_id in ("", job_id)
            if turn is None or not is_ours:
                return old
            is_new = turn.slot and turn.slot not in old.slots
            slots = (*old.slots, turn.slot)[-SLOTS_KEPT:] if is_new else old.slots
            noted = turn.model_copy(update={"job_id": job_id})
            return old.model_copy(update={"turn": noted, "slots": slots})

        self._snapshots.update(entered)
        return is_ours

    def end(self, mark: str, run: BotRun) -> None:
        """Give the turn back and keep how it went."""

        def ended(old: BotRecord) -> BotRecord:
            is_ours = old.turn is not None and old.turn.mark == mark
            others = [one for one in old.runs if one.job_id != run.job_id]
            runs = sorted((run, *others), key=lambda one: one.started, reverse=True)[:RUNS_KEPT]
            return old.model_copy(
                update={"turn": None if is_ours else old.turn, "runs": tuple(runs)}
            )

        self._snapshots.update(ended)

    def give_back(self, mark: str) -> None:
        """Give a turn back that came to no run."""

        def given(old: BotRecord) -> BotRecord:
            is_ours = old.turn is not None and old.turn.mark == mark
            return old.model_copy(update={"turn": None}) if is_ours else old

        self._snapshots.update(given)

    def note_clean(self, job_id: str) -> None:
        """Note that what a run had left behind is gone."""

        def cleaned(old: BotRecord) -> BotRecord:
            runs = tuple(
                run.model_copy(update={"left_behind": ""}) if run.job_id == job_id else run
                for run in old.runs
            )
            return old.model_copy(update={"runs": runs})

        self._snapshots.update(cleaned)
