"""What is done to versions that are there: restored, deleted, taken back, hashed again."""

from __future__ import annotations

from typing import Any

from growth_admin.core.plan import Receipt, ReceiptItem, Undo
from growth_admin.core.schema import now
from growth_admin.datasets.models import DeleteChange, RestoreChange
from growth_admin.datasets.publish.library import Library
from growth_admin.jobs.engine import JobContext


class Changes:
    """Changes versions of the library, and writes the receipts."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def restore(self, name: str, version: str, replaces: str = "") -> Receipt:
        """Make an earlier version current at once.

        Raises ``NotFound``, and ``Conflict`` when something else than ``replaces`` is current.
        """
        before = self._library.restore(name, version, replaces=replaces)
        title = f"Made {version} of {name} current"
        if before == version:
            return Receipt(title=f"{version} of {name} is current already", finished=now())
        item = ReceiptItem(
            target=name,
            action="restore",
            result="done",
            detail=f"{version} instead of {before or 'nothing'}",
        )
        undo = Undo(
            title=f"Make {before} of {name} current again",
            method="POST",
            path=f"datasets/{name}/restorations",
            body={"version": before, "replaces": version},
        )
        return Receipt(title=title, finished=now(), items=(item,), undo=undo if before else None)

    def undelete(self, name: str, version: str = "") -> Receipt:
        """Take a version, or the whole dataset, out of the trash. Raises ``NotFound``."""
        back = self._library.undelete(name, version)
        items = tuple(
            ReceiptItem(target=f"{name} {number}", action="undelete", result="done")
            for number in back
        )
        return Receipt(
            title=f"Took {', '.join(back)} of {name} out of the trash", finished=now(), items=items
        )

    def run(self, context: JobContext) -> dict[str, Any]:
        """Do what a job asks for and return the receipt."""
        params = context.params
        plan_id = str(params["plan_id"])
        if params["change"]["action"] == "restore":
            asked = RestoreChange.model_validate(params["change"])
            receipt = self.restore(asked.name, asked.version)
            return receipt.model_copy(update={"plan_id": plan_id}).as_json()
        wanted = DeleteChange.model_validate(params["change"])
        gone = self._library.delete(wanted.name, wanted.version, free_now=wanted.free_now)
        undo = Undo(
            title=f"Take {wanted.version or 'all versions'} of {wanted.name} out of the trash",
            method="POST",
            path=f"datasets/{wanted.name}/undeletions",
            body={"version": wanted.version},
        )
        return Receipt(
            plan_id=plan_id,
            title=f"Deleted {wanted.version or 'all versions'} of {wanted.name}",
            finished=now(),
            items=tuple(
                ReceiptItem(target=f"{wanted.name} {number}", action="delete", result="done")
                for number in gone
            ),
            undo=None if wanted.free_now else undo,
        ).as_json()

    def run_verify(self, context: JobContext) -> dict[str, Any]:
        """Hash the version that a job names again and return the receipt."""
        name, version = str(context.params["name"]), str(context.params["version"])
        check = self._library.verify(name, version, by=context.job.created_by, control=context)
        told = "every file is as it was published"
        if not check.is_good:
            told = f"{check.damaged} damaged, {check.missing} missing, {check.added} added"
        items = tuple(
            ReceiptItem(target=path, action="verify", result="failed") for path in check.examples
        )
        title = f"Verified {version} of {name}, {check.files:,} files: {told}"
        return Receipt(title=title, finished=now(), items=items).as_json()
