"""The tag's moves as immutable files, numbered by who creates the file first.

moves/<number>.json       what is about to be done; created with ``link`` before it is done
moves/<number>.end.json   how it ended; likewise

Of two who begin at once only one gets the number. A move without an end is under way, for as long
as its lease; whoever looks later writes the end that its author could not.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

from pydantic import Field, ValidationError

from growth_admin.core.errors import Conflict, StorageFull, StorageUnavailable
from growth_admin.core.fsops import create_exclusive, list_names, read_bytes
from growth_admin.core.process import is_dead, this_process
from growth_admin.core.schema import Model, Moment, now
from growth_admin.images.models import Action, GateState, Move, MoveState

M = TypeVar("M", bound=Model)
SHOWN: Final = 200
END: Final = ".end.json"
LOOKS: Final = 3
"""So often the tag is looked at while others move it."""


class Intent(Model):
    """What is about to be done."""

    number: int
    tag: str
    action: Action
    from_digest: str
    to_digest: str
    time: Moment
    author: str
    reason: str = ""
    gate: GateState | None = None
    force_reason: str = ""
    plan_id: str = ""
    process: str = Field(default="", description="who does it, to tell whether it still lives")
    lease_s: float = Field(default=0, description="how long it may be under way")

    def is_under_way(self, at: datetime) -> bool:
        """Return whether its author may still be at it."""
        return (at - self.time).total_seconds() < self.lease_s and not is_dead(self.process)


class End(Model):
    """How a move ended."""

    state: MoveState
    time: Moment
    digest: str = Field(description="what the tag named then")
    author: str = Field(description="who wrote this down")
    detail: str = ""


class MoveBook:
    """The moves of one tag."""

    def __init__(self, folder: Path, tag: str) -> None:
        self._folder = folder
        self._tag = tag

    def list_moves(self, limit: int = SHOWN) -> list[Move]:
        """Return the newest moves, newest first. Raises ``StorageUnavailable``."""
        names = set(list_names(self._folder))
        numbers = sorted((n for name in names if (n := _number(name))), reverse=True)[:limit]
        return [_merged(*self._read(number, names)) for number in numbers]

    def begin(
        self,
        last: int,
        *,
        action: Action,
        from_digest: str,
        to_digest: str,
        author: str,
        reason: str,
        lease_s: float,
        gate: GateState | None = None,
        force_reason: str = "",
        plan_id: str = "",
    ) -> Intent:
        """Write down what is about to be done after move ``last``, and return it.

        Raises ``Conflict`` when somebody else was first, ``StorageFull``, ``StorageUnavailable``.
        """
        intent = Intent(
            number=last + 1,
            tag=self._tag,
            action=action,
            from_digest=from_digest,
            to_digest=to_digest,
            time=now(),
            author=author,
            reason=reason,
            gate=gate,
            force_reason=force_reason,
            plan_id=plan_id,
            process=this_process(),
            lease_s=lease_s,
        )
        try:
            self._create(f"{intent.number:06d}.json", intent)
        except Conflict:
            raise Conflict(
                f"Somebody else began to move {self._tag} at this moment.",
                hint="Wait some seconds, look at the timeline, then decide again.",
            ) from None
        return intent

    def note(self, last: int, *, from_digest: str, to_digest: str, reason: str) -> None:
        """Write down a move that was found: somebody made it elsewhere. Raises as ``begin``."""
        self.begin(
            last,
            action="found",
            from_digest=from_digest,
            to_digest=to_digest,
            author="",
            reason=reason,
            lease_s=0,
        )

    def end(self, number: int, state: MoveState, digest: str, author: str, detail: str = "") -> End:
        """Write down how a move ended; return the end that counts, which may be another's.

        Raises ``StorageFull`` or ``StorageUnavailable``.
        """
        end = End(state=state, time=now(), digest=digest, author=author, detail=detail)
        with suppress(Conflict):
            self._create(f"{number:06d}{END}", end)
            return end
        return _model(self._folder / f"{number:06d}{END}", End)

    def get(self, number: int) -> Move:
        """Return one move."""
        return _merged(*self._read(number, set(list_names(self._folder))))

    def settle(self, ask: Callable[[], str], author: str) -> str:
        """Bring the book to what the registry says; return what the tag names, as ``ask`` tells.

        An author who died leaves a move without an end: it gets one by what the tag is. A tag that
        is elsewhere than the book says was moved by somebody else, and that gets an entry; on a
        full disk the next look does it. Raises ``StorageUnavailable``, and what ``ask`` raises.
        """
        digest, names = "", set(list_names(self._folder))
        for _ in range(LOOKS):
            before, digest = names, ask()
            names = set(list_names(self._folder))
            if names == before:  # else it may be what the tag was before a move that is there now
                with suppress(StorageFull):
                    self._settle(digest, author, names)
                break
        return digest

    def _settle(self, digest: str, author: str, names: Set[str]) -> None:
        numbers = sorted((n for name in names if (n := _number(name))), reverse=True)
        if not numbers:
            if digest:
                with suppress(Conflict):
                    self.note(0, from_digest="", to_digest=digest, reason="as it was found")
            return
        intent, end = self._read(numbers[0], names)
        if end is None and intent.action != "found":
            if intent.is_under_way(now()):
                return
            end = self.end(intent.number, *_end_of_lost(intent, digest, author))
        known = end.digest if end else intent.to_digest
        if known != digest:
            with suppress(Conflict):
                self.note(
                    intent.number,
                    from_digest=known,
                    to_digest=digest,
                    reason="moved outside of this console" if digest else "the tag was deleted",
                )

    def _read(self, number: int, names: Set[str]) -> tuple[Intent, End | None]:
        name = f"{number:06d}"
        end = _model(self._folder / f"{name}{END}", End) if f"{name}{END}" in names else None
        return _model(self._folder / f"{name}.json", Intent), end

    def _create(self, name: str, record: Model) -> None:
        create_exclusive(self._folder / name, record.model_dump_json(indent=1).encode())


def _end_of_lost(intent: Intent, digest: str, author: str) -> tuple[MoveState, str, str, str]:
    if digest == intent.to_digest:
        said = "It was done; whoever did it was cut off before that could be written down."
        return "done", digest, author, said
    if digest == intent.from_digest:
        said = "Whoever began it was cut off before the tag was moved."
        return "not-moved", digest, author, said
    return "unclear", digest, author, "Whoever began it was cut off, and the tag is elsewhere now."


def _merged(intent: Intent, end: End | None) -> Move:
    is_found = intent.action == "found"
    kept = intent.model_dump(exclude={"plan_id", "process", "lease_s"})
    return Move(
        **kept,
        state="done" if is_found else end.state if end else "pending",
        ended=intent.time if is_found else end.time if end else None,
        end_digest=intent.to_digest if is_found else end.digest if end else "",
        detail=end.detail if end else "",
    )


def _number(name: str) -> int:
    stem = name.removesuffix(".json")
    return int(stem) if name.endswith(".json") and stem.isdecimal() else 0


def _model(path: Path, model: type[M]) -> M:
    try:
        return model.from_record_json(read_bytes(path))
    except ValidationError as e:
        raise StorageUnavailable(
            f"{path} cannot be read as a move of the tag.",
            hint="It was changed by hand. Restore it from a backup or move it away.",
        ) from e
