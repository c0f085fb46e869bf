"""Jobs as files on NFS, with leases so that no two servers run one job at once.

One folder per job::

    job.<n>.json  state and progress, written by the holder of lease n; the highest counts,
                  0 is the job as it was asked for
    log.txt       appended by the lease holder only
    journal.<n>.jsonl  small steps that the holder of lease n has to keep, one line each
    lease.<n>     who runs the job for the n-th time; created with ``link``, so one wins
    cancel        somebody asked for an end
    pause         it is to stop until this file is gone

The holder of the highest ``lease.<n>`` runs the job. It rewrites its lease every few seconds;
whoever watches that file and sees no change for the lease time, by its own clock, may create
``lease.<n+1>``. No clock is compared between machines. The number fences (Kleppmann, "How to do
distributed locking"): a holder that woke up late sees a higher lease and stops, and even what it
was just writing goes to a file that nobody reads any more. A holder that stops on purpose
releases its lease, and one whose process is seen to be dead (same machine) is not waited for.

What was asked for is believed only from ``job.0.json``, which nobody rewrites. Where several people
may write the folder (the shared disk) it carries a seal of the user who asked (``jobs.seal``), and
only that user's servers run it; no link is followed there.
"""

from __future__ import annotations

import codecs
import math
import os
import secrets
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from growth_admin.core.errors import (
    Conflict,
    GrowthError,
    LeaseLost,
    NotFound,
    StorageUnavailable,
)
from growth_admin.core.fsops import (
    append_line,
    create_exclusive,
    list_names,
    overwrite,
    read_bytes,
    read_tail,
    storage_errors,
    write_atomic,
)
from growth_admin.core.paths import safe_name
from growth_admin.core.plan import Undo, is_undo_of
from growth_admin.core.process import is_dead, this_process
from growth_admin.core.schema import now
from growth_admin.jobs.models import ENDED, Job, LogPart, StoredJob
from growth_admin.jobs.seal import Seal

REPORTED: Final = (
    *("state", "started", "ended", "progress", "problem", "receipt", "owner", "times_taken_over"),
)
"""What the holder of a lease says of its job; all else stands in what was asked for."""
RELEASED: Final = b"released "
JOURNAL_LIMIT_BYTES: Final = 256 * 1024 * 1024


@dataclass(frozen=True)
class Lease:
    """The right to run a job: ``number`` counts its runs, ``holder`` names the server."""

    job_id: str
    number: int
    holder: str


class JobStore:
    """The jobs of one folder. With a ``seal`` the folder is one where others may write too."""

    def __init__(self, folder: Path, *, seal: Seal | None = None) -> None:
        self._folder = folder
        self._seal = seal
        self.is_shared = seal is not None
        self._seen: dict[str, tuple[bytes, float]] = {}
        self._ended: dict[str, StoredJob] = {}

    def new_id(self) -> str:
        """Return an id that sorts by time."""
        return f"{now():%Y%m%dT%H%M%S%f}-{secrets.token_hex(3)}"

    def path(self, job_id: str) -> Path:
        """Return the job's folder. Raises ``InvalidInput`` for what cannot be an id."""
        return self._folder / safe_name(job_id, "job")

    def create(self, stored: StoredJob) -> None:
        """Write a new job."""
        if self._seal:
            stored = stored.model_copy(update={"seal": self._seal.of(_sealed_part(stored))})
        create_exclusive(
            self.path(stored.job.id) / "job.0.json", stored.as_json_bytes(), mode=0o440
        )

    def load(self, job_id: str) -> StoredJob:
        """Return a job: what was asked for, and how far its last holder says that it came.

        Raises ``NotFound``, or ``StorageUnavailable`` if it is damaged.
        """
        try:
            names = self._names(job_id)
            top = _highest(names, "lease.")  # a state that no lease stands for is not believed
            number = _highest(names, "job.", ".json", most=top)
            asked = self._read(job_id, 0)
            last = self._read(job_id, number) if number else asked
        except NotFound:
            raise NotFound(
                f"There is no job {job_id}.", hint="It may have been dismissed. List the jobs."
            ) from None
        said: dict[str, Any] = {name: getattr(last.job, name) for name in REPORTED}
        if self.is_shared:
            said["receipt"] = _without_foreign_undo(last.job)
        said |= {"is_cancel_asked": "cancel" in names, "is_paused": "pause" in names}
        return asked.model_copy(
            update={
                "job": asked.job.model_copy(update=said),
                "checkpoint": last.checkpoint,
                "is_ours": self._is_ours(asked),
            }
        )

    def _read(self, job_id: str, number: int) -> StoredJob:
        path = self.path(job_id) / f"job.{number}.json"
        try:
            stored = StoredJob.from_record_json(read_bytes(path))
        except ValidationError as e:
            raise StorageUnavailable(
                f"{path} holds no job that can be read.", hint="Move the folder away."
            ) from e
        if stored.job.id != job_id:
            raise StorageUnavailable(f"{path} is of another job.", hint="Move the folder away.")
        return stored

    def _is_ours(self, asked: StoredJob) -> bool:
        """Return whether our user asked for it: by the seal, else by the file's owner."""
        if self._seal:
            return self._seal.is_good(_sealed_part(asked), asked.seal)
        with suppress(OSError):
            found = (self.path(asked.job.id) / "job.0.json").lstat()
            return found.st_uid == os.geteuid() and not found.st_mode & 0o022
        return False

    def list_stored(self) -> Iterator[StoredJob]:
        """Yield every job, newest first. Folders that hold no readable job are left out.

        A job that has ended does not change any more: it is read once.
        """
        names = sorted(list_names(self._folder), reverse=True)
        for gone in self._ended.keys() - set(names):
            self._ended.pop(gone, None)
        for name in names:
            stored = self._ended.get(name)
            if stored is None:
                with suppress(GrowthError):
                    stored = self.load(name)
                    if stored.job.state in ENDED:
                        self._ended[name] = stored
            if stored is not None:
                yield stored

    def save(self, stored: StoredJob, lease: Lease) -> None:
        """Replace a job. Raises ``LeaseLost`` when another server runs it by now."""
        self.require_held(lease)
        path = self.path(stored.job.id) / f"job.{lease.number}.json"
        # what was asked for stands in job.0.json and may be long: it is not written again
        said = stored.model_copy(update={"params": {}})
        write_atomic(path, said.as_json_bytes(), is_private=True, follows=False)

    def append_journal(self, lease: Lease, lines: Sequence[str]) -> None:
        """Keep these lines, all in one write. Raises ``LeaseLost`` as ``save`` does.

        What a runner must know after each of ten thousand steps costs a line here, where a
        checkpoint would be written as a whole each time.
        """
        self.require_held(lease)
        path = self.path(lease.job_id) / f"journal.{lease.number}.jsonl"
        append_line(path, "\n".join(lines).encode())

    def read_journal(self, lease: Lease) -> list[str]:
        """Return the lines that were kept by this holder and those before, in their order.

        A line that a killed holder left half is among them.
        """
        names = self._names(lease.job_id)
        numbers = sorted(n for n in _numbers(names, "journal.", ".jsonl") if n <= lease.number)
        folder = self.path(lease.job_id)
        found: list[str] = []
        for number in numbers:
            data = read_bytes(folder / f"journal.{number}.jsonl", limit_bytes=JOURNAL_LIMIT_BYTES)
            found += data.decode(errors="replace").splitlines()
        return found

    def append_log(self, lease: Lease, line: str) -> int:
        """Append a line to the log of a job that we run; return its size then, in bytes."""
        return append_line(self.path(lease.job_id) / "log.txt", line.encode(errors="replace"))

    def read_log(self, job_id: str, offset: int, limit_bytes: int = 256 * 1024) -> LogPart:
        """Return a part of the log from a byte offset on."""
        is_ended = self.load(job_id).job.state in ENDED
        path = self.path(job_id) / "log.txt"
        if not path.exists():
            return LogPart(text="", next_offset=0, is_complete=is_ended)
        data, next_offset = read_tail(path, offset=max(offset, 0), limit_bytes=limit_bytes)
        is_complete = is_ended and len(data) < limit_bytes
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        text = decoder.decode(data, final=is_complete)
        # a character that was cut comes whole with the next part
        next_offset -= len(decoder.getstate()[0])
        return LogPart(text=text, next_offset=next_offset, is_complete=is_complete)

    def ask_cancel(self, job_id: str, user: str) -> None:
        """Leave the wish that the job ends. Asking twice is asking once."""
        with suppress(Conflict):
            create_exclusive(self.path(job_id) / "cancel", user.encode())

    def is_cancel_asked(self, job_id: str) -> bool:
        """Return whether somebody asked for an end."""
        with suppress(OSError):
            return os.path.lexists(self.path(job_id) / "cancel")
        return False

    def ask_pause(self, job_id: str, user: str) -> None:
        """Leave the wish that the job stops for a while. Asking twice is asking once."""
        with suppress(Conflict):
            create_exclusive(self.path(job_id) / "pause", user.encode())

    def lift_pause(self, job_id: str) -> None:
        """Let the job go on."""
        path = self.path(job_id) / "pause"
        with storage_errors(path):
            path.unlink(missing_ok=True)

    def is_pause_asked(self, job_id: str) -> bool:
        """Return whether the job is to stop for a while."""
        with suppress(OSError):
            return os.path.lexists(self.path(job_id) / "pause")
        return False

    def dismiss(self, job_id: str) -> None:
        """Put an ended job away for good."""
        gone = self._folder / f".dismissed-{job_id}-{secrets.token_hex(3)}"
        with storage_errors(gone):
            self.path(job_id).rename(gone)
        shutil.rmtree(gone, ignore_errors=True)
        self._ended.pop(job_id, None)

    # -- leases

    def _names(self, job_id: str) -> list[str]:
        with storage_errors(self.path(job_id)):
            return [entry.name for entry in self.path(job_id).iterdir()]

    def _top(self, job_id: str) -> int:
        return _highest(self._names(job_id), "lease.")

    def take(self, job_id: str, holder: str, *, after: int) -> Lease | None:
        """Return lease number ``after + 1``, or nothing when somebody else was first."""
        lease = Lease(job_id, after + 1, holder)
        try:
            create_exclusive(self._lease_path(lease), self._beat(lease))
        except Conflict:
            return None
        return lease

    def renew(self, lease: Lease) -> None:
        """Show that we are alive; works on a full disk. Raises ``LeaseLost`` or ``NotFound``."""
        self.require_held(lease)
        overwrite(self._lease_path(lease), self._beat(lease))

    def release(self, lease: Lease) -> None:
        """Say that we run the job no more, so that the next one need not wait."""
        with suppress(LeaseLost, NotFound):
            self.require_held(lease)
            overwrite(self._lease_path(lease), RELEASED)

    def require_held(self, lease: Lease) -> None:
        """Raise ``LeaseLost`` unless ours is the highest lease."""
        if self._top(lease.job_id) != lease.number:
            raise LeaseLost(f"Job {lease.job_id} is run by another server by now.")

    def top_if_stale(self, job_id: str, lease_s: float) -> int | None:
        """Return the highest lease number if its holder has been silent for ``lease_s``.

        The silence is measured by our own clock from when we first saw this beat. A job that
        nobody ever took is stale at once (number 0), and so is one whose holder has released it or
        is a dead process of this machine.
        """
        top = self._top(job_id)
        if top == 0:
            return 0
        with suppress(NotFound):
            beat = read_bytes(self.path(job_id) / f"lease.{top}")
            if beat.startswith(RELEASED) or is_dead(_process_of(beat)):
                return top
            seen, since = self._seen.get(job_id, (b"", 0.0))
            if seen != beat:
                self._seen[job_id] = (beat, time.monotonic())
                return None
            return top if time.monotonic() - since > lease_s else None
        return None

    def _lease_path(self, lease: Lease) -> Path:
        return self.path(lease.job_id) / f"lease.{lease.number}"

    def _beat(self, lease: Lease) -> bytes:
        return f"{lease.holder} {this_process()} {secrets.token_hex(8)}\n".encode()


def _sealed_part(stored: StoredJob) -> bytes:
    return stored.model_copy(update={"seal": ""}).as_json_bytes()


def _without_foreign_undo(job: Job) -> dict[str, Any] | None:
    """Return the receipt; an undo that leads out of the job's area is not one of ours."""
    receipt = job.receipt
    if not receipt or not receipt.get("undo"):
        return receipt
    with suppress(ValidationError):
        if is_undo_of(Undo.model_validate(receipt["undo"]), job.area):
            return receipt
    return {**receipt, "undo": None}


def _process_of(beat: bytes) -> str:
    words = beat.decode(errors="replace").split()
    return words[-2] if len(words) >= 3 else ""


def _highest(names: list[str], prefix: str, suffix: str = "", *, most: float = math.inf) -> int:
    """Return the highest number up to ``most`` of names like ``<prefix><number><suffix>``, or 0."""
    known = _numbers(names, prefix, suffix)
    return max((number for number in known if number <= most), default=0)


def _numbers(names: list[str], prefix: str, suffix: str = "") -> Iterator[int]:
    for name in names:
        number = name.removeprefix(prefix).removesuffix(suffix)
        if name.startswith(prefix) and number.isdecimal():
            yield int(number)
