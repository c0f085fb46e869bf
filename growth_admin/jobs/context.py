"""What a job's runner holds: reports, checkpoints, and the question whether to go on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from growth_admin.core.errors import (
    GrowthError,
    LeaseLost,
    NotFound,
    StorageFull,
    StorageUnavailable,
)
from growth_admin.core.schema import now
from growth_admin.jobs.log import JobLog
from growth_admin.jobs.models import Job, JobProblem, Progress, StoredJob
from growth_admin.jobs.store import JobStore, Lease

SAVE_EVERY_S: Final = 1.0
REST_STEP_S: Final = 0.5


class JobCancelled(Exception):
    """Raised inside a runner when somebody asked for an end; carries nothing."""


class JobPaused(Exception):
    """Raised inside a runner when somebody asked for a pause; a runner may pause itself too.

    ``problem`` says what has to change before going on makes sense. Checkpoint and whatever else
    the runner left stay for the next run.
    """

    def __init__(self, problem: JobProblem | None = None) -> None:
        super().__init__()
        self.problem = problem


class JobInterrupted(Exception):
    """Raised inside a runner when this server stops; the next one goes on from the checkpoint."""


@dataclass(frozen=True)
class Runner:
    """The code for one kind of job. ``run`` returns the receipt.

    ``is_resumable``: the runner goes on from its checkpoint when its server died; otherwise the
    job is marked failed. ``is_personal``: only a server of the same user may run it, and only if
    that user's own account wrote what was asked for. ``is_pausable``: it can stop for a while.
    """

    kind: str
    permission: str
    run: Callable[[JobContext], dict[str, Any]]
    is_resumable: bool = False
    is_personal: bool = False
    is_pausable: bool = False


class JobContext:
    """What a runner may do: report, keep a checkpoint, ask whether to go on."""

    def __init__(
        self,
        store: JobStore,
        stored: StoredJob,
        lease: Lease,
        *,
        lease_s: float,
        is_closing: Callable[[], bool],
    ) -> None:
        self.is_lost = False
        self._store = store
        self._stored = self._written = stored
        self._lease = lease
        self._lease_s = lease_s
        self._is_closing = is_closing
        self._lock = threading.Lock()
        self._beat_lock = threading.Lock()
        self._is_released = False
        self._renewed_s = time.monotonic()
        self._saved_s = 0.0
        self._is_dirty = False
        self._log = JobLog(store, lease)
        self._first: tuple[float, float, str] | None = None

    @property
    def job(self) -> Job:
        """The job as last reported."""
        return self._stored.job

    @property
    def params(self) -> dict[str, Any]:
        """What was asked for."""
        return self._stored.params

    @property
    def checkpoint(self) -> dict[str, Any]:
        """What an earlier run of this job left, empty at first."""
        return self._stored.checkpoint

    def check(self) -> None:
        """Return if the runner should go on; call it before each step.

        Raises ``JobCancelled``, ``JobPaused``, ``JobInterrupted`` when this server stops, and
        ``LeaseLost`` when another server has taken over, also if this process slept through that.
        """
        if time.monotonic() - self._renewed_s > self._lease_s / 2:
            self.renew()
        if self.is_lost:
            raise LeaseLost(f"Job {self.job.id} is run by another server by now.")
        if self._store.is_cancel_asked(self.job.id):
            raise JobCancelled
        if self.job.is_pausable and self._store.is_pause_asked(self.job.id):
            raise JobPaused
        if self._is_closing():
            raise JobInterrupted

    def rest(self, seconds: float) -> None:
        """Wait; raises as ``check`` within half a second of its reason."""
        end_s = time.monotonic() + seconds
        while True:
            self.check()
            left_s = end_s - time.monotonic()
            if left_s <= 0:
                return
            time.sleep(min(REST_STEP_S, left_s))

    def is_cancelled(self) -> bool:
        """Return whether the runner should stop, for loops that rather ask than catch."""
        try:
            self.check()
        except (JobCancelled, JobPaused, JobInterrupted, LeaseLost):
            return True
        return False

    def progress(
        self,
        done: float,
        total: float | None = None,
        *,
        unit: str = "",
        message: str = "",
        counts: Mapping[str, int] | None = None,
    ) -> None:
        """Report how far the work is; on the disk within a second or two.

        A disk that is full or away does not end the work: it is written when it can be.
        """
        now_s = time.monotonic()
        if self._first is None or self._first[2] != unit or done < self._first[1]:
            self._first = (now_s, done, unit)  # another kind of work, or it began anew
        began_s, began_with, _ = self._first
        gained, elapsed_s = done - began_with, now_s - began_s
        rate = gained / elapsed_s if elapsed_s > 1 and gained > 0 else None
        left = max(total - done, 0) / rate if rate and total is not None else None
        self._change(
            progress=Progress(
                done=done,
                total=total,
                unit=unit,
                message=message,
                rate_per_s=rate,
                eta_s=left,
                counts=dict(counts or {}),
            )
        )
        if now_s - self._saved_s >= SAVE_EVERY_S:
            self.flush()

    def log(self, line: str) -> None:
        """Add a line to the job's log, as ``JobLog.write``. Raises ``LeaseLost``."""
        if self.is_lost:
            raise LeaseLost(f"Job {self.job.id} is run by another server by now.")
        self._log.write(line)

    def save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Keep how far the work came, before going on.

        Raises ``LeaseLost``, and ``StorageFull`` or ``StorageUnavailable`` if it is not kept.
        """
        with self._lock:
            self._stored = self._stored.model_copy(update={"checkpoint": checkpoint})
        self.write()

    def append_journal(self, lines: Sequence[str]) -> None:
        """Keep these lines before going on; ``read_journal`` of a later run returns them too.

        Raises ``LeaseLost``, and ``StorageFull`` or ``StorageUnavailable`` if they are not kept.
        """
        try:
            self._store.append_journal(self._lease, lines)
        except LeaseLost:
            self.is_lost = True
            raise

    def read_journal(self) -> list[str]:
        """Return all lines that were kept so far, by earlier runs too, in their order.

        The last line of a run that was killed may be cut. Raises ``StorageUnavailable``.
        """
        return self._store.read_journal(self._lease)

    def finish(self, **fields: Any) -> None:
        """Write an end, for example with the receipt of what was done until it failed.

        The engine writes the end after the runner; a runner that raises may keep its receipt
        with this before. Raises as ``write``.
        """
        self.write(ended=now(), owner="", **fields)

    # -- for the engine

    def end_log(self) -> None:
        """Write the end of a log that grew too long."""
        self._log.end()

    def renew(self) -> None:
        """Show that this server is alive; note when the job is no longer ours."""
        try:
            with self._beat_lock:
                if not self._is_released:
                    self._store.renew(self._lease)
        except (LeaseLost, NotFound):
            self.is_lost = True
        except GrowthError:
            # silent for so long that another server may have taken over
            self.is_lost = time.monotonic() - self._renewed_s > self._lease_s
        else:
            self._renewed_s = time.monotonic()

    def release(self) -> None:
        """Give the job back: whoever is next need not wait for our lease to run out."""
        with self._beat_lock:
            self._is_released = True
            self._store.release(self._lease)

    def flush(self) -> None:
        """Write what was reported and not written, if the disk lets us. Raises ``LeaseLost``."""
        if self._is_dirty:
            with suppress(StorageFull, StorageUnavailable):
                self.write()

    def write(self, **fields: Any) -> None:
        """Change the job and write it.

        Raises ``LeaseLost``, ``StorageFull`` or ``StorageUnavailable``. What cannot be written at
        all is dropped, so that the job's end still can be.
        """
        self._change(**fields)
        with self._lock:
            self._saved_s = time.monotonic()
            try:
                self._store.save(self._stored, self._lease)
            except LeaseLost:
                self.is_lost = True
                raise
            except GrowthError:
                raise
            except Exception:
                self._stored = self._written
                raise
            self._written = self._stored
            self._is_dirty = False

    def _change(self, **fields: Any) -> None:
        with self._lock:
            job = self._stored.job.model_copy(update=fields)
            self._stored = self._stored.model_copy(update={"job": job})
            self._is_dirty = True
