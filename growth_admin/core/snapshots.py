"""One record that several servers change: numbered snapshots, each created by whoever is first.

``link`` decides who was first (``core.fsops.create_exclusive``); the one who was not makes the
change anew on what the other wrote, so that nobody's change is lost.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Generic, TypeVar

from pydantic import ValidationError

from growth_admin.core.errors import Conflict, StorageUnavailable
from growth_admin.core.fsops import create_exclusive, list_names, read_bytes
from growth_admin.core.schema import Model

KEPT: Final = 20
TRIES: Final = 50
LIMIT_BYTES: Final = 64 * 1024**2


class Numbered(Model):
    """A record whose snapshots are counted; number 0 was never written."""

    number: int = 0


S = TypeVar("S", bound=Numbered)


class Snapshots(Generic[S]):
    """The snapshots of one record, in a folder of their own: <number>.json."""

    def __init__(self, folder: Path, model: type[S], *, what: str) -> None:
        self._folder = folder
        self._model = model
        self._what = what

    def load(self) -> S:
        """Return the newest snapshot, an empty record before the first.

        Raises ``StorageUnavailable`` when it cannot be read.
        """
        numbers = self._numbers()
        if not numbers:
            return self._model()
        path = self._path(numbers[-1])
        try:
            return self._model.from_record_json(read_bytes(path, limit_bytes=LIMIT_BYTES))
        except ValidationError as e:
            raise StorageUnavailable(
                f"{self._what} {path} is damaged.",
                hint="Move the file away: the snapshot before it is used then.",
            ) from e

    def update(self, change: Callable[[S], S]) -> S:
        """Write what ``change`` makes of the newest snapshot, and return it.

        ``change`` is called again when another server was first. Nothing is written when it
        changes nothing. Raises ``StorageFull``, ``StorageUnavailable`` or, when others write all
        the time, ``Conflict``.
        """
        for _ in range(TRIES):
            old = self.load()
            made = change(old)
            if made == old:
                return old
            fresh = made.model_copy(update={"number": old.number + 1})
            with suppress(Conflict):
                create_exclusive(self._path(fresh.number), fresh.model_dump_json().encode())
                self._prune()
                return fresh
        raise Conflict(f"{self._what} is being changed by others.", hint="Try again in a moment.")

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:06d}.json"

    def _numbers(self) -> list[int]:
        names = (name.removesuffix(".json") for name in list_names(self._folder))
        return sorted(int(name) for name in names if name.isdigit())

    def _prune(self) -> None:
        for number in self._numbers()[:-KEPT]:
            with suppress(OSError):
                self._path(number).unlink()
