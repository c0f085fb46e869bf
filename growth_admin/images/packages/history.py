"""The past of the source: who changed what, when and why; each text is kept.

The record of revisions is one that several servers change (``core.snapshots``). A revision is
written down as pending before the files are replaced, and as done after; one whose author died in
between is settled by whoever looks next, by what the files are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from growth_admin.core.errors import Conflict, NotFound
from growth_admin.core.fsops import create_exclusive, read_bytes
from growth_admin.core.process import is_dead, this_process
from growth_admin.core.schema import now
from growth_admin.core.snapshots import Numbered, Snapshots
from growth_admin.images.packages.folder import sha256_of
from growth_admin.images.packages.models import FileKey, SourceRevision

LEASE_S: Final = 60.0
"""How long a save may be under way before its author counts as lost."""


class Book(Numbered):
    """All revisions, oldest first."""

    revisions: tuple[SourceRevision, ...] = ()


class RevisionBook:
    """The revisions of one folder. Texts lie beside it, by their hash."""

    def __init__(self, folder: Path) -> None:
        self._texts = folder / "texts"
        self._book = Snapshots(folder / "book", Book, what="The record of the image's revisions")

    def list_revisions(self) -> list[SourceRevision]:
        """Return every revision that counts, newest first, without those never written."""
        return [one for one in self._all()[::-1] if one.state != "not-written"]

    def head(self) -> SourceRevision | None:
        """Return the newest revision."""
        return next(iter(self.list_revisions()), None)

    def get(self, number: int) -> SourceRevision:
        """Return a revision. Raises ``NotFound``."""
        for one in self._all():
            if one.number == number and one.state != "not-written":
                return one
        raise NotFound(f"There is no revision {number}.", hint="The history lists what there is.")

    def find_commit(self, commit: str) -> SourceRevision | None:
        """Return the revision of a commit; the newest, should it have several."""
        return next((one for one in self._all()[::-1] if one.commit == commit), None)

    def adopt(self, found: Sequence[SourceRevision]) -> None:
        """Give numbers to commits, oldest first, that have none yet. Raises as ``begin``."""

        def add(book: Book) -> Book:
            known = {one.commit for one in book.revisions}
            number = book.revisions[-1].number if book.revisions else 0
            fresh = [one for one in found if one.commit not in known]
            numbered = (
                one.model_copy(update={"number": number + place})
                for place, one in enumerate(fresh, 1)
            )
            return book.model_copy(update={"revisions": (*book.revisions, *numbered)})

        self._book.update(add)

    def texts(self, revision: SourceRevision) -> dict[FileKey, str]:
        """Return a revision's texts. Raises ``NotFound`` or ``StorageUnavailable``."""
        return {
            key: read_bytes(self._texts / f"{sha256}.txt").decode()
            for key, sha256 in revision.sha256.items()
        }

    def keep(self, texts: dict[FileKey, str]) -> dict[FileKey, str]:
        """Keep texts and return their hashes. Raises ``StorageFull`` or ``StorageUnavailable``."""
        kept: dict[FileKey, str] = {}
        for key, text in texts.items():
            kept[key] = sha256_of(text)
            with suppress(Conflict):  # the same text is kept already
                create_exclusive(self._texts / f"{kept[key]}.txt", text.encode())
        return kept

    def begin(self, after: SourceRevision | None, revision: SourceRevision) -> SourceRevision:
        """Write a revision down as the one after ``after``, and return it with its number.

        Raises ``Conflict`` when somebody else was first, ``StorageFull``, ``StorageUnavailable``.
        """
        process = this_process()

        def add(book: Book) -> Book:
            head = _counting(book)
            if (head.number if head else 0) != (after.number if after else 0):
                raise Conflict(
                    f"{head.author if head else 'Somebody'} saved a revision meanwhile.",
                    hint="Look at what changed, then make the plan again.",
                )
            last = book.revisions[-1].number if book.revisions else 0
            fresh = revision.model_copy(update={"number": last + 1, "process": process})
            return book.model_copy(update={"revisions": (*book.revisions, fresh)})

        return self._book.update(add).revisions[-1]

    def end(self, number: int, state: str) -> None:
        """Say how a pending revision ended. Raises as ``begin``."""
        self._book.update(_ending(number, state))

    def settle(self, sha256: dict[FileKey, str], at: datetime | None = None) -> bool:
        """End a revision whose author is lost, by what the files are now.

        Returns whether one is under way: then the files may be changing at this moment.
        """
        revisions = self._all()
        last = revisions[-1] if revisions else None
        if last is None or last.state != "pending":
            return False
        age_s = ((at or now()) - last.time).total_seconds()
        if age_s < LEASE_S and not is_dead(last.process):
            return True
        before = next((one for one in revisions[-2::-1] if one.state == "done"), None)
        is_untouched = before is not None and before.sha256 == sha256
        self.end(last.number, "not-written" if is_untouched else "done")
        return False

    def _all(self) -> tuple[SourceRevision, ...]:
        return self._book.load().revisions


def _counting(book: Book) -> SourceRevision | None:
    return next((one for one in book.revisions[::-1] if one.state != "not-written"), None)


def _ending(number: int, state: str) -> Callable[[Book], Book]:
    def change(book: Book) -> Book:
        revisions = tuple(
            one.model_copy(update={"state": state, "process": ""})
            if one.number == number and one.state == "pending"
            else one
            for one in book.revisions
        )
        return book.model_copy(update={"revisions": revisions})

    return change
