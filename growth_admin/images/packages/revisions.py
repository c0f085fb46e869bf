"""Revisions of the image's source: written whole, noticed when made by hand, taken back."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from growth_admin.core.errors import Conflict, GrowthError, StalePlan, StorageFull
from growth_admin.core.plan import Receipt, ReceiptItem, Undo
from growth_admin.core.schema import now
from growth_admin.images.packages import models
from growth_admin.images.packages.folder import SourceFolder, sha256_of
from growth_admin.images.packages.history import RevisionBook
from growth_admin.images.packages.models import FileKey, SourceRevision
from growth_admin.images.packages.planning import changed_packages, difference
from growth_admin.images.packages.restoring import require_newest, restoring

log = logging.getLogger(__name__)
LOOKS: Final = 3
"""So often the files are read while others save."""


class SourceRevisions:
    """The files of one image's source and their past."""

    def __init__(self, source: SourceFolder, book: RevisionBook) -> None:
        self._source = source
        self._book = book

    def head(self) -> SourceRevision | None:
        """Return the newest revision."""
        return self._book.head()

    def list_newest(self) -> list[SourceRevision]:
        """Return every revision, newest first; what was changed by hand is not looked for."""
        return self._book.list_revisions()

    def get_history(self) -> models.SourceHistory:
        """Return every revision, newest first."""
        with suppress(StorageFull):
            self.notice()
        return models.SourceHistory(revisions=tuple(self._book.list_revisions()))

    def get_revision(self, number: int) -> models.RevisionDetails:
        """Return a revision, its texts and what it changed. Raises ``NotFound``."""
        revision = self._book.get(number)
        texts = self._book.texts(revision)
        earlier = [one for one in self._book.list_revisions() if one.number < number]
        before = self._book.texts(earlier[0]) if earlier else {}
        return models.RevisionDetails(
            revision=revision, texts=texts, files=tuple(difference(before, texts))
        )

    def restore(self, asked: models.PackageRestoreRequest, *, author: str) -> models.PackagesSaved:
        """Bring the files back to an earlier revision, as a new one. No index is asked.

        Raises ``NotFound``, ``Conflict`` when somebody saved meanwhile, ``InvalidInput`` when the
        files are so already.
        """
        is_under_way = self.notice()
        require_newest(self._book.head(), asked)
        before, after = self._source.texts(), self._book.texts(self._book.get(asked.revision))
        revision = restoring(asked, before, after, author=author)
        return self.write(before, after, revision, is_under_way=is_under_way)

    def notice(self) -> bool:
        """Record what was changed by hand; return whether somebody saves at this moment.

        Raises ``NotConfigured``, ``StorageFull`` or ``StorageUnavailable``.
        """
        for _ in range(LOOKS):
            head, texts = self._book.head(), self._source.texts()
            sha256: dict[FileKey, str] = {key: sha256_of(text) for key, text in texts.items()}
            if self._book.settle(sha256):
                return True
            if self._book.head() == head:  # else they may be the texts from before a save
                self._note(head, texts, sha256)
                return False
        return True

    def _note(
        self,
        head: SourceRevision | None,
        texts: dict[FileKey, str],
        sha256: dict[FileKey, str],
    ) -> None:
        """Record the texts as a revision, unless ``head`` has them."""
        if head is not None and head.sha256 == sha256:
            return
        changed = [key for key in sha256 if head is None or head.sha256.get(key) != sha256[key]]
        before = self._book.texts(head) if head else {}
        items, _ = changed_packages(before, texts)
        with suppress(Conflict):  # another admin's server noticed it at the same moment
            kept = self._book.keep(texts)
            found = self._book.begin(
                head,
                SourceRevision(
                    number=0,
                    sha256=kept,
                    author=self._source.owner(changed),
                    reason="changed outside of this console" if head else "as it was found",
                    time=now(),
                    origin="by-hand" if head else "initial",
                    summary=", ".join(f"{i.action} {i.target}" for i in items[:5]) if head else "",
                ),
            )
            log.info("the image's source was changed by hand: r%s", found.number)

    def write(
        self,
        before: Mapping[FileKey, str],
        after: dict[FileKey, str],
        revision: SourceRevision,
        *,
        plan_id: str = "",
        is_under_way: bool,
    ) -> models.PackagesSaved:
        """Stage the texts, write the revision down, replace the files, write down that it is done.

        Raises ``Conflict``, ``StalePlan``, ``StorageFull`` or ``StorageUnavailable``.
        """
        if is_under_way:
            raise Conflict(
                "Somebody else is saving at this moment.", hint="Wait some seconds and look again."
            )
        head = self._book.head()
        changed = {key: text for key, text in after.items() if before.get(key, "") != text}
        with self._source.replacing(changed) as put:
            kept = revision.model_copy(update={"sha256": self._book.keep(after)})
            begun = self._book.begin(head, kept)
            if self._source.texts() != dict(before):
                self._book.end(begun.number, "not-written")
                raise StalePlan("The files were changed by hand at this moment.")
            try:
                put()
            except GrowthError:
                is_untouched = self._source.texts() == dict(before)
                self._book.end(begun.number, "not-written" if is_untouched else "done")
                raise
        try:
            self._book.end(begun.number, "done")
        except GrowthError as e:  # whoever looks next settles it
            log.warning("the end of r%s is not written yet: %s", begun.number, e.detail)
        done = begun.model_copy(update={"state": "done", "process": ""})
        return models.PackagesSaved(revision=done, receipt=_receipt(done, head, plan_id))


def _receipt(done: SourceRevision, before: SourceRevision | None, plan_id: str) -> Receipt:
    undo = None
    if before is not None:
        undo = Undo(
            title=f"Bring the lists back to r{before.number}",
            method="POST",
            path="images/packages/restorations",
            body={
                "revision": before.number,
                "expected_revision": done.number,
                "reason": f"undo of r{done.number}",
            },
        )
    item = ReceiptItem(target=f"r{done.number}", action="save", result="done", detail=done.summary)
    title = f"r{done.number} is saved. Students get it after a build and a promotion."
    return Receipt(plan_id=plan_id, title=title, finished=now(), items=(item,), undo=undo)
