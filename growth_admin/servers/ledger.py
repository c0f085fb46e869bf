"""The job's own book: how far each target came, written before anything is asked of the hub.

One line of the job's journal for each change of one mark, not the whole book each time: with
10,000 targets that is the difference between hours and seconds on NFS. ``commit`` writes all that
changed since the last time, in one write.
"""

from __future__ import annotations

import json
import logging
import statistics
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from itertools import islice
from typing import Any, Final, cast

from pydantic import ValidationError

from growth_admin.core.errors import StorageFull, StorageUnavailable
from growth_admin.core.schema import Model, Moment, now
from growth_admin.jobs.engine import JobContext
from growth_admin.jobs.store import JobStore
from growth_admin.servers.control import Mark
from growth_admin.servers.courtesy import in_words
from growth_admin.servers.models import Action, Pace
from growth_admin.servers.receipts import name_of, receipt_of

log = logging.getLogger(__name__)
BEGUN: Final = "begun"
TOOK: Final = "took_s"
RECENT_JOBS: Final = 200
LOG_EVERY_S: Final = 1.0
FIXED: Final = ("target", "started", "wave", "is_canary")
"""What stands in what was asked for, and is never read from the journal."""


class Announcement(Model):
    """The notice of a job: which one, for when, for how many; kept before it is posted."""

    number: int
    at: Moment
    told: int
    is_withdrawn: bool = False


class Ledger:
    """The marks of one job, in the order of the plan; another server's run reads them again."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        params = context.params
        self.action = cast(Action, params["action"])
        self.pace = Pace.model_validate(params["pace"])
        self.limit = self.pace.max_in_flight
        """How many may be in flight, as learnt from the hub."""
        self.announcement: Announcement | None = None
        self.marks = [Mark.model_validate(given) for given in params["targets"]]
        self.waves = max((mark.wave for mark in self.marks), default=1)
        self._unkept: dict[int, None] = {}
        self._is_limit_unkept = False
        self._is_announcement_unkept = False
        self._said: list[str] = []
        self._logged_s = 0.0
        self._took_s: list[float] = []
        self._replay()
        self._results = Counter[str](mark.result for mark in self.marks)
        self._gone = sum(mark.is_gone for mark in self.marks)
        self._open_in = Counter[int](mark.wave for mark in self.marks if mark.phase != "ended")
        self.has_canaries = any(mark.is_canary for mark in self.marks)
        self.canaries_failed = sum(map(_is_bad_canary, self.marks))

    def open(self) -> None:
        """Note that this job has begun. Raises ``StorageFull`` or ``StorageUnavailable``."""
        if not self._context.checkpoint:
            self._context.save_checkpoint({BEGUN: True})

    def _replay(self) -> None:
        last: dict[int, dict[str, Any]] = {}
        for line in self._context.read_journal():
            with suppress(ValueError, TypeError, KeyError):  # cut when its writer was killed
                entry = json.loads(line)
                if "notice" in entry:
                    self.announcement = Announcement.from_record(entry["notice"])
                elif "limit" in entry:
                    self.limit = self._within_pace(int(entry["limit"]))
                else:
                    last[int(entry.pop("i"))] = entry
        for index, entry in last.items():
            with suppress(ValidationError, IndexError):
                asked = self.marks[index]
                fixed = {name: getattr(asked, name) for name in FIXED}
                self.marks[index] = Mark.from_record({**entry, **fixed})
        for index, mark in enumerate(self.marks):
            if mark.phase in ("stopping", "starting"):
                # whether the last request of the run before arrived is not known
                self.marks[index] = mark.model_copy(update={"is_uncertain": True})

    # -- changes

    def keep(self, index: int, **fields: Any) -> None:
        """Change a mark; ``commit`` makes it last."""
        before = self.marks[index]
        after = self.marks[index] = before.model_copy(update=fields)
        self._unkept[index] = None
        if before.result != after.result:
            self._results[before.result] -= 1
            self._results[after.result] += 1
            self.canaries_failed += _is_bad_canary(after)
            self._gone += after.is_gone
        self._open_in[after.wave] += (after.phase != "ended") - (before.phase != "ended")

    def restore(self, index: int, mark: Mark) -> None:
        """Take back a change that could not be made to last."""
        self.keep(index, **{name: value for name, value in mark if name != "target"})

    def announce(self, number: int, at: datetime, *, told: int) -> None:
        """Keep that a notice is going to be posted, with all else that changed.

        Raises as ``append_journal`` of a job; then nothing is announced.
        """
        before = self.announcement
        self.announcement = Announcement(number=number, at=at, told=told)
        self._is_announcement_unkept = True
        problem = self.commit()
        if problem:
            self.announcement, self._is_announcement_unkept = before, before is not None
            raise problem

    def change_announcement(self, **fields: Any) -> None:
        """Note that the notice is for another time, or taken back; ``commit`` makes it last."""
        self.announcement = self.require_announcement().model_copy(update=fields)
        self._is_announcement_unkept = True

    def require_announcement(self) -> Announcement:
        """Return the notice of this job, which was kept before."""
        if self.announcement is None:
            raise LookupError("no notice of this job was kept")
        return self.announcement

    def learn_limit(self, limit: int) -> None:
        """Remember how many the hub starts at a time, as far as the pace allows."""
        limit = self._within_pace(limit)
        if limit != self.limit:
            self.limit = limit
            self._is_limit_unkept = True

    def _within_pace(self, limit: int) -> int:
        return min(max(limit, 1), self.pace.max_in_flight)

    def end(self, index: int, result: str, detail: str, **why: bool) -> None:
        """Note how one target ended: done, skipped or failed."""
        self.keep(index, phase="ended", result=result, detail=detail, **why)
        self.say(index, f"{result}{': ' if detail else ''}{detail}")

    def fail(self, index: int, detail: str, **why: bool) -> None:
        """Note that one target failed, and say so if that leaves a student without a server.

        ``why`` may be ``is_spawn_failure`` or ``is_gone``.
        """
        is_left_stopped = self.marks[index].phase == "starting" and self.action == "restart"
        left = ". It was stopped and does not run now" if is_left_stopped else ""
        self.end(index, "failed", f"{detail.rstrip('.')}{left}", **why)

    def say(self, index: int, what: str) -> None:
        """Add a line about one target to the job's log."""
        self._said.append(f"{now():%H:%M:%S} {name_of(self.marks[index])}: {what}")

    def clock(self, took_s: float) -> None:
        """Note how long one target took from its first request to its end."""
        self._took_s.append(took_s)

    def commit(self, *, is_last: bool = False) -> StorageFull | StorageUnavailable | None:
        """Make all changes last; return why that was not possible.

        What is not kept now is tried again with the next commit. The log follows every second, and
        if it ``is_last``. Raises ``LeaseLost``.
        """
        lines = [self._line(index) for index in self._unkept]
        if self._is_limit_unkept:
            lines.append(json.dumps({"limit": self.limit}))
        if self._is_announcement_unkept:
            lines.append(json.dumps({"notice": self.require_announcement().as_json()}))
        if lines:
            try:
                self._context.append_journal(lines)
            except (StorageFull, StorageUnavailable) as e:
                log.warning("marks of job %s are not kept: %s", self._context.job.id, e.detail)
                return e
            self._unkept.clear()
            self._is_limit_unkept = self._is_announcement_unkept = False
        if self._said and (is_last or time.monotonic() - self._logged_s > LOG_EVERY_S):
            self._context.log("\n".join(self._said))
            self._said.clear()
            self._logged_s = time.monotonic()
        return None

    def _line(self, index: int) -> str:
        mark = self.marks[index].model_dump(mode="json", exclude=set(FIXED), exclude_defaults=True)
        return json.dumps({"i": index, **mark}, separators=(",", ":"))

    # -- reports

    @property
    def is_proven(self) -> bool:
        """Whether at least one went well."""
        return self._results["done"] > 0

    @property
    def failed(self) -> int:
        """How many have failed, but for users who are gone."""
        return self._results["failed"] - self._gone

    @property
    def tried(self) -> int:
        """How many have failed or went well."""
        return self._results["done"] + self.failed

    def report(self, in_flight: int, heard: Mapping[str, int]) -> None:
        """Show how far it is; ``heard`` is how many users said what."""
        ended = sum(self._results[result] for result in ("done", "failed", "skipped"))
        wave = min((wave for wave, left in self._open_in.items() if left), default=self.waves)
        counts = {
            "wave": wave,
            "waves": self.waves,
            "in_flight": in_flight,
            "max_in_flight": self.limit,
            "done": self._results["done"],
            "failed": self._results["failed"],
            "skipped": self._results["skipped"],
            "left": len(self.marks) - ended - in_flight,
            "stop_at_percent": round(self.pace.stop_at_failures * 100),
            **heard,
        }
        words = [f"wave {wave} of {self.waves}"] if self.waves > 1 else []
        for name in ("in flight", "done", "failed", "skipped", "left"):
            number = counts[name.replace(" ", "_")]
            words += [f"{number} {name}"] if number else []
        words += in_words(heard)
        self._context.progress(
            ended, len(self.marks), unit="servers", message=", ".join(words), counts=counts
        )

    def close(self) -> None:
        """Keep how long one target took, for the estimates of later plans."""
        if self._took_s:
            kept = {BEGUN: True, TOOK: round(statistics.median(self._took_s), 2)}
            with suppress(StorageFull, StorageUnavailable):
                self._context.save_checkpoint(kept)

    def receipt(self) -> dict[str, Any]:
        """Return what happened to each target."""
        params = self._context.params
        receipt = receipt_of(
            self.action, plan_id=params["plan_id"], title=params["title"], marks=self.marks
        )
        return receipt.as_json()


def _is_bad_canary(mark: Mark) -> bool:
    return mark.is_canary and mark.result == "failed" and not mark.is_gone


def took_lately(store: JobStore, kind: str, action: Action) -> float | None:
    """Return how many seconds one target took in the newest job of that action, if any did."""
    for stored in islice(store.list_stored(), RECENT_JOBS):
        is_same = stored.job.kind == kind and stored.params.get("action") == action
        took_s = stored.checkpoint.get(TOOK) if is_same else None
        if isinstance(took_s, int | float):
            return float(took_s)
    return None
