"""Does what a plan says, once or again after it was interrupted, and takes it back.

What will be done is written down whole before the first change, with how each thing stands and
how it will. Every step sets one thing to the one or to the other, so each may be repeated, and
what somebody else changed meanwhile is seen and left alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from growth_admin.core.errors import Conflict, GrowthError, NotFound, StalePlan
from growth_admin.core.fsops import write_atomic
from growth_admin.core.paths import Paths
from growth_admin.core.plan import require_same
from growth_admin.core.schema import Model
from growth_admin.deploy.kubernetes.folders import Shares
from growth_admin.deploy.moving.people import names_in_logs
from growth_admin.deploy.moving.planning import (
    STATE,
    Move,
    Standing,
    plan_move,
    roots_of,
)
from growth_admin.deploy.moving.record import Inventory, Phase, Record
from growth_admin.deploy.moving.steps import Steps
from growth_admin.deploy.moving.tree import (
    Entry,
    Roots,
    differences,
    shown,
    to_lines,
    walk,
)

Tell = Callable[[str], None]


class Moved(Model):
    """What was done."""

    phase: Phase
    plan_id: str
    changed: int
    surprises: tuple[str, ...]
    """What is not as it should be, thing by thing; nothing after a move that went well."""
    told: tuple[str, ...] = ()
    """What is as it should be and worth knowing."""
    files: int
    size_bytes: int
    record: str


@dataclass
class Mover:
    """Moves one school's exports, and back."""

    shares: Shares
    tell: Tell = lambda _: None
    with_hashes: bool = True
    _told: list[str] = field(default_factory=list)
    _surprises: list[str] = field(default_factory=list)

    @property
    def record(self) -> Record:
        """Where the move is written down."""
        return Record(self.shares.admin_root)

    def apply(self, plan_id: str) -> Moved:
        """Do the plan, or the rest of it. Raises ``StalePlan``, ``Conflict`` or what a disk does.

        Whatever ends it, another ``apply`` with the same id goes on, and ``undo`` takes back.
        """
        _require_root()
        with self.record.locked():
            move = self._begin(plan_id)
            roots = _roots(move)
            before = self.record.inventory("before.jsonl")
            self.tell("changing groups and modes")
            steps = Steps(roots, told=self._told)
            for folder in move.folders:
                steps.make(folder)
            for change in move.changes:
                steps.settle(change, change.after)
            self._adopt(move)
            self._keep_names(Path(move.admin_root))
            after = self._look(roots, "after.jsonl")
            self._compare(_as_planned(before, move), _without_ours(after, move))
            self.record.set_phase("applied", plan_id)
            return self._moved("applied", plan_id, before, steps.changed)

    def undo(self) -> Moved:
        """Give everything back its group and mode, and take the made folders away.

        What came since is kept: it stays where it is, or is put aside whole, and is told.
        """
        _require_root()
        with self.record.locked():
            state = self.record.state()
            if state.phase in ("none", "undone"):
                raise NotFound("There is no move here that could be taken back.")
            move, before = self.record.move(), self.record.inventory("before.jsonl")
            roots = _roots(move)
            self.record.set_phase("undoing", state.plan_id)
            steps = Steps(roots, told=self._told)
            steps.put_state_aside(move)
            for change in reversed(move.changes):
                steps.settle(change, change.before)
            for folder in reversed(move.folders):
                steps.unmake(folder)
            steps.restore_times(move, before)
            after = self._look(roots, "undone.jsonl")
            self._compare(before, after)
            self.record.set_phase("undone", state.plan_id)
            return self._moved("undone", state.plan_id, before, steps.changed)

    def _compare(self, wanted: Inventory, found: Inventory) -> None:
        """Tell what is not as it should be, and what came meanwhile, which is nobody's loss."""
        self._surprises += differences(wanted, found)
        new = [shown(key) for key in found if key not in wanted]
        if new:
            more = ", ..." if len(new) > 3 else ""
            self._told.append(f"{len(new)} came since and are kept: {', '.join(new[:3])}{more}")

    # -- forwards

    def _begin(self, plan_id: str) -> Move:
        """Return what is to be done, kept on disk with the inventory from before."""
        state = self.record.state()
        if state.phase == "applying":
            if state.plan_id != plan_id:
                raise Conflict(
                    f"The move with plan {state.plan_id} was begun and not finished.",
                    hint=f"Go on with --apply {state.plan_id}, or take it back with --undo.",
                )
            return self.record.move()
        if state.phase in ("applied", "undoing"):
            raise Conflict(
                f"This school was moved with plan {state.plan_id}."
                if state.phase == "applied"
                else "Taking the move back was begun and not finished.",
                hint="Take it back with --undo before you move it anew.",
            )
        move = plan_move(self.shares)
        require_same(plan_id, move.plan)
        if move.blockers:
            raise Conflict(" ".join(move.blockers))
        before = self._look(_roots(move), "before.jsonl")
        for change in move.changes:
            entry = before.get((change.export, change.path))
            if entry is None or Standing(entry.uid, entry.gid, entry.mode) != change.before:
                raise StalePlan(f"{change.path!a} was changed while everything was looked at.")
        self.record.keep_move(move)
        self.record.set_phase("applying", plan_id)
        return move

    def _look(self, roots: Roots, name: str) -> Inventory:
        """Take an inventory and keep it."""
        self.tell(f"reading everything{' and its SHA-256' if self.with_hashes else ''}")
        found: Inventory = {}

        def seen(entry: Entry) -> None:
            found[entry.key] = entry
            if len(found) % 10_000 == 0:
                self.tell(f"{len(found):,} read")

        entries = walk(roots, with_hashes=self.with_hashes, seen=seen)
        self.record.write_inventory(name, entries)
        return found

    def _adopt(self, move: Move) -> None:
        """Let both scripts be the first revisions of their histories."""
        from growth_admin.startup.manager import ScriptManager
        from growth_admin.startup.models import SCRIPTS

        scripts = ScriptManager(Paths(Path(move.admin_root), Path(move.shared_root)))
        for name in SCRIPTS:
            try:
                scripts.notice(name)
            except GrowthError as e:
                self._told.append(f"{name} has no history yet: {e.detail}")

    def _keep_names(self, admin_root: Path) -> None:
        names, odd = names_in_logs(admin_root / "logs")
        file = self.record.folder / "growth-names.json"
        write_atomic(file, json.dumps(names, indent=1, sort_keys=True).encode(), mode=0o600)
        self._told += [f"{len(names)} people are known by their numbers from the logs: {file}"]
        self._told += odd

    def _moved(self, phase: Phase, plan_id: str, before: Inventory, changed: int) -> Moved:
        return Moved(
            phase=phase,
            plan_id=plan_id,
            changed=changed,
            surprises=tuple(self._surprises),
            told=tuple(self._told),
            files=sum(entry.kind == "file" for entry in before.values()),
            size_bytes=sum(entry.size_bytes for entry in before.values()),
            record=str(self.record.folder),
        )


def _roots(move: Move) -> Roots:
    return {"admin": Path(move.admin_root), "shared": Path(move.shared_root)}


def _require_root() -> None:
    if os.geteuid() != 0:
        raise Conflict(
            "Only root can move a school: files get other groups.",
            hint="Run it on the NFS server, or in the pod growth-move (MOVING.md).",
        )


def _as_planned(before: Inventory, move: Move) -> Inventory:
    """Return the inventory as it should be after the move."""
    found = dict(before)
    for change in move.changes:
        key = (change.export, change.path)
        after = change.after
        found[key] = replace(before[key], uid=after.uid, gid=after.gid, mode=after.mode)
    return found


def _without_ours(after: Inventory, move: Move) -> Inventory:
    """Return an inventory without the folders that the move made, and the history in them."""
    made = {(folder.export, folder.path) for folder in move.folders}
    states = tuple(f"{e}/{STATE}/" for e, path in made if path == STATE)
    return {
        key: entry
        for key, entry in after.items()
        if key not in made and not f"{key[0]}/{key[1]}".startswith(states)
    }


def write_inventory(shares: Shares, path: Path) -> int:
    """Write an inventory with hashes to a file, and return how many entries it has."""
    lines = list(to_lines(walk(roots_of(shares), with_hashes=True)))
    write_atomic(path, b"".join(lines), mode=0o600)
    return len(lines)


def compare_with(shares: Shares, before: Inventory) -> Iterator[str]:
    """Yield every difference between an inventory and what is there now, owners too."""
    has_hashes = any(entry.sha256 for entry in before.values())
    now = {entry.key: entry for entry in walk(roots_of(shares), with_hashes=has_hashes)}
    yield from differences(before, now)
    yield from (f"{shown(key)} is new" for key in now if key not in before)
