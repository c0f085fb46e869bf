"""Invitations that wait for another day's budget: whose, for which team, and who asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from pydantic import Field

from growth_admin.core.schema import Model, Moment, now
from growth_admin.core.snapshots import Numbered, Snapshots
from growth_admin.roster.ledger_lines import names_of
from growth_admin.roster.models import Step


class Waiting(Model):
    """One invitation that waits."""

    key: str = Field(description="of the entry in the roster")
    step: Step
    rank: int = Field(default=0, description="whose turn it is: the lowest goes first")
    asked: Moment = Field(description="by GitHub's clock")
    asked_by: str = ""
    source: str = ""
    plan_id: str = ""


class Waiters(Numbered):
    """Whoever waits, at one moment."""

    written: Moment | None = None
    written_by: str = ""
    reason: str = ""
    waiting: tuple[Waiting, ...] = ()

    def in_turn(self) -> tuple[Waiting, ...]:
        """Return whose turn is next first: by the rank of the team, then by who waits longest."""
        return tuple(sorted(self.waiting, key=lambda one: (one.rank, one.asked)))


class InvitationQueue:
    """The queue of the school on the disk. Several servers may write; nobody's change is lost."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._snapshots = Snapshots(folder, Waiters, what="The queue of invitations")

    def load(self) -> Waiters:
        """Return the queue as it is. Raises ``StorageUnavailable``."""
        return self._snapshots.load()

    def add(self, fresh: Sequence[Waiting], *, user: str) -> Waiters:
        """Queue these; who waits for the same team already keeps the place.

        Raises as ``Snapshots.update``.
        """

        def with_fresh(old: tuple[Waiting, ...]) -> tuple[Waiting, ...]:
            held = {_place(one.step) for one in old}
            return (*old, *(one for one in fresh if _place(one.step) not in held))

        return self._update(with_fresh, user=user, reason=f"{len(fresh)} wait")

    def drop(self, steps: Iterable[Step], *, user: str, reason: str) -> Waiters:
        """Take these people out, each for the team of the step. Raises as ``Snapshots.update``."""
        gone = {(name, step.team) for step in steps for name in names_of(step)}

        def without(old: tuple[Waiting, ...]) -> tuple[Waiting, ...]:
            return tuple(
                one
                for one in old
                if gone.isdisjoint((name, one.step.team) for name in names_of(one.step))
            )

        return self._update(without, user=user, reason=reason)

    def _update(
        self,
        change: Callable[[tuple[Waiting, ...]], tuple[Waiting, ...]],
        *,
        user: str,
        reason: str,
    ) -> Waiters:
        def changed(old: Waiters) -> Waiters:
            waiting = change(old.waiting)
            if waiting == old.waiting:
                return old
            return old.model_copy(
                update={
                    "waiting": waiting,
                    "written": now(),
                    "written_by": user,
                    "reason": reason,
                }
            )

        return self._snapshots.update(changed)


def _place(step: Step) -> tuple[str, str]:
    """Return what makes a place in the queue: the person, by what is surest, and the team."""
    return names_of(step)[0], step.team
