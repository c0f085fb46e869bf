"""What a move keeps of itself, in one folder of the admin export that root alone may open."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

from pydantic import ValidationError

from growth_admin.core.errors import Conflict, NotFound, StorageUnavailable
from growth_admin.core.fsops import read_bytes, storage_errors, sync_folder, write_atomic
from growth_admin.core.schema import Model, Moment, now
from growth_admin.deploy.moving.planning import Move
from growth_admin.deploy.moving.tree import (
    RECORD,
    Entry,
    Export,
    from_lines,
    root_allowed,
    to_lines,
)

LIMIT_BYTES: Final = 1024**3
Phase = Literal["none", "applying", "applied", "undoing", "undone"]
Inventory = dict[tuple[Export, str], Entry]


class State(Model):
    """How far the move is."""

    phase: Phase = "none"
    plan_id: str = ""
    time: Moment


class Record:
    """The record of the move of one school."""

    def __init__(self, admin_root: Path) -> None:
        self.folder = admin_root / RECORD

    def state(self) -> State:
        """Return how far the move is. Raises ``StorageUnavailable``."""
        try:
            return State.model_validate_json(read_bytes(self.folder / "state.json"))
        except NotFound:
            return State(time=now())
        except ValidationError as e:
            raise StorageUnavailable(f"{self.folder}/state.json is damaged.") from e

    def set_phase(self, phase: Phase, plan_id: str) -> None:
        """Write how far the move is, in one step."""
        state = State(phase=phase, plan_id=plan_id, time=now())
        write_atomic(self.folder / "state.json", state.model_dump_json().encode(), mode=0o600)

    def keep_move(self, move: Move) -> None:
        """Keep everything that is to be done, before it is."""
        write_atomic(self.folder / "move.json", move.to_json(), mode=0o600)

    def move(self) -> Move:
        """Return what is being done, or was. Raises ``NotFound`` or ``StorageUnavailable``."""
        text = read_bytes(self.folder / "move.json", limit_bytes=LIMIT_BYTES)
        try:
            return Move.from_json(text)
        except (ValueError, KeyError, TypeError) as e:
            raise StorageUnavailable(f"{self.folder}/move.json is damaged.") from e

    def write_inventory(self, name: str, entries: Iterable[Entry]) -> None:
        """Write an inventory as it is taken; it has its name when it is whole."""
        staged = self.folder / f"{name}.part"
        with storage_errors(staged):
            with staged.open("wb") as file:
                os.fchmod(file.fileno(), 0o600)
                file.writelines(to_lines(entries))
                file.flush()
                os.fsync(file.fileno())
            staged.replace(self.folder / name)
            sync_folder(self.folder)

    def inventory(self, name: str) -> Inventory:
        """Return an inventory. Raises ``NotFound`` or ``InvalidInput``."""
        return read_inventory(self.folder / name)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Make the folder, and let nobody else move this school meanwhile. Raises ``Conflict``."""
        with storage_errors(self.folder), root_allowed(self.folder):
            above = self.folder.parent.stat()
            if not self.folder.exists():
                self.folder.mkdir(mode=0o700)
                os.utime(self.folder.parent, ns=(above.st_atime_ns, above.st_mtime_ns))
            os.chown(self.folder, 0, 0)
            self.folder.chmod(0o700)
            fd = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Conflict("Somebody else is moving this school right now.") from None
            yield
        finally:
            os.close(fd)


def read_inventory(path: Path) -> Inventory:
    """Return the inventory in a file. Raises ``NotFound`` or ``InvalidInput``."""
    with storage_errors(path), path.open("rb") as file:
        return from_lines(file, path.name)
