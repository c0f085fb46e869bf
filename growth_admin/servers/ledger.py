"""The job's own book: how far each target came, written before anything is asked of the hub."""

from __future__ import annotations

import logging
from typing import Any, cast

from growth_admin.core.errors import StorageFull, StorageUnavailable
from growth_admin.core.schema import now
from growth_admin.jobs.engine import JobContext
from growth_admin.servers.control import Mark
from growth_admin.servers.models import Action
from growth_admin.servers.receipts import name_of, receipt_of

log = logging.getLogger(__name__)


class Ledger:
    """The marks of one job, in the order of the plan; another server's run reads them again."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self.action = cast(Action, context.params["action"])
        self.marks = [Mark.model_validate(given) for given in self._stored_marks()]

    def _stored_marks(self) -> list[Any]:
        kept: list[Any] | None = self._context.checkpoint.get("marks")
        asked: list[Any] = self._context.params["targets"]
        if kept is None:
            return asked
        # whether the last request of the run before arrived is not known
        return [{**mark, "is_uncertain": True} for mark in kept]

    def keep(self, index: int, **fields: Any) -> None:
        """Keep a mark. Raises what the disk raises only while the server is as it was.

        What was stopped is started again even when nothing can be written.
        """
        before = self.marks[index]
        self.marks[index] = before.model_copy(update=fields)
        try:
            self._context.save_checkpoint({"marks": [mark.as_json() for mark in self.marks]})
        except (StorageFull, StorageUnavailable) as e:
            if before.phase == "new" and self.marks[index].phase == "stopping":
                self.marks[index] = before
                raise
            log.warning("the checkpoint of job %s is not kept: %s", self._context.job.id, e.detail)

    def end(self, index: int, result: str, detail: str, *, is_spawn_failure: bool = False) -> None:
        """Keep how one target ended: done, skipped or failed."""
        self.keep(
            index,
            phase="ended",
            result=result,
            detail=detail,
            is_spawn_failure=is_spawn_failure,
        )
        self.say(index, f"{result}{': ' if detail else ''}{detail}")

    def fail(self, index: int, detail: str, *, is_spawn_failure: bool = False) -> None:
        """Keep that one target failed, and say so if that leaves a student without a server."""
        is_left_stopped = self.marks[index].phase == "starting" and self.action == "restart"
        left = ". It was stopped and does not run now" if is_left_stopped else ""
        self.end(index, "failed", f"{detail.rstrip('.')}{left}", is_spawn_failure=is_spawn_failure)

    def say(self, index: int, what: str) -> None:
        """Add a line about one target to the job's log, and show it beside the progress."""
        line = f"{name_of(self.marks[index])}: {what}"
        self._context.log(f"{now():%H:%M:%S} {line}")
        ended = sum(mark.phase == "ended" for mark in self.marks)
        self._context.progress(ended, len(self.marks), unit="servers", message=line)

    def receipt(self) -> dict[str, Any]:
        """Return what happened to each target."""
        params = self._context.params
        receipt = receipt_of(
            self.action, plan_id=params["plan_id"], title=params["title"], marks=self.marks
        )
        return receipt.as_json()
