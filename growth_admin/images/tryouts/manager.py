"""Tries of packages on this server: begin one, list them, remove one, and all at the end."""

from __future__ import annotations

import logging
import re
import secrets
import shutil
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

from growth_admin.core.errors import (
    Conflict,
    GrowthError,
    NotConfigured,
    NotFound,
    StorageFull,
)
from growth_admin.core.plan import Receipt, ReceiptItem
from growth_admin.core.schema import now
from growth_admin.core.words import count, in_words
from growth_admin.images.packages.settings import ImageSource
from growth_admin.images.tryouts.conda_environment import CondaEnvironment
from growth_admin.images.tryouts.environment import TryEnvironment, kernel_title
from growth_admin.images.tryouts.models import (
    TryList,
    TryOut,
    TryOutList,
    TryOutRecord,
    TryRequest,
)
from growth_admin.images.tryouts.naming import require_name
from growth_admin.images.tryouts.place import TryPlace
from growth_admin.images.tryouts.settings import TryOuts
from growth_admin.jobs.engine import JobContext, JobEngine, Runner
from growth_admin.jobs.models import ENDED, Job

log = logging.getLogger(__name__)
KIND: Final = "images.tryout"
ENVIRONMENTS: Final[dict[TryList, type[TryEnvironment]]] = {
    "pip": TryEnvironment,
    "conda": CondaEnvironment,
}
STEP: Final = re.compile(r"(\d+)/(\d+) \S+ is installed")
NOTE: Final = (
    "It is gone when this server ends, and no student has it: it is no change of the image."
)


class TryOutManager:
    """The tries of one organiser on one server."""

    def __init__(
        self,
        place: TryPlace,
        settings: TryOuts,
        source: ImageSource,
        jobs: JobEngine,
        *,
        why_no_conda: Callable[[], str],
    ) -> None:
        self._place = place
        self._settings = settings
        self._source = source
        self._jobs = jobs
        self._why_no_conda = why_no_conda
        # personal: what another organiser's server installed would be of no use to anybody
        jobs.register(Runner(KIND, "images.tryouts:write", self._run, is_personal=True))

    @property
    def place(self) -> TryPlace:
        """Where the tries of this server lie."""
        return self._place

    # -- look

    def list_tryouts(self) -> TryOutList:
        """Return the tries on this server, newest first."""
        return TryOutList(
            tryouts=tuple(self._shown(record) for record in self._place.list_records()),
            folder=str(self._place.root),
            conda_problem=self._why_no_conda(),
        )

    def _shown(self, record: TryOutRecord) -> TryOut:
        job = self._job_of(record)
        state = "succeeded" if record.is_ready else job.state if job else "failed"
        return TryOut(
            **record.model_dump(exclude={"is_ready", "job_id"}),
            job_id=job.id if job else record.job_id,
            kernel=kernel_title(record.packages),
            state=state,
            problem=job.problem.detail if job and job.problem else "",
        )

    def _job_of(self, record: TryOutRecord) -> Job | None:
        """Return its job; one that still waits for its turn is known by its subject only."""
        if not record.job_id:
            jobs = self._jobs.list_jobs({"images"}).jobs
            return next((job for job in jobs if job.subject == subject_of(record.id)), None)
        with suppress(NotFound):
            return self._jobs.store.load(record.job_id).job
        return None

    # -- begin

    def start_tryout(self, asked: TryRequest, *, user: str) -> Job:
        """Begin to install packages into an environment that does not last; return the job.

        Raises ``InvalidInput`` for what is no package's name, ``NotConfigured`` where conda's
        cannot be tried, ``Conflict`` when there are enough tries, ``StorageFull``.
        """
        if asked.list == "conda" and (why := self._why_no_conda()):
            raise NotConfigured(
                why,
                hint="Add the package to the list of conda, build, and try the image on a canary.",
            )
        packages = tuple(require_name(asked.list, one) for one in asked.packages)
        self._place.prepare()
        self._require_room()
        record = TryOutRecord(
            id=f"try-{secrets.token_hex(4)}", list=asked.list, packages=packages, created=now()
        )
        self._place.save(record)
        try:
            job = self._jobs.start_job(
                KIND,
                title=f"Try {', '.join(packages)[:120]} in this server",
                subject=subject_of(record.id),
                params={"tryout": record.id, "packages": packages},
                user=user,
            )
        except GrowthError:
            self._place.remove(record.id)
            raise
        return job

    def _require_room(self) -> None:
        if len(self._place.list_records()) >= self._settings.at_once:
            raise Conflict(
                f"{self._settings.at_once} tries are on this server already.",
                hint="Remove one first.",
            )
        free_bytes = shutil.disk_usage(self._place.root).free
        if free_bytes < self._settings.min_free_bytes:
            raise StorageFull(
                f"This server's own disk has {in_words(free_bytes)} left.",
                hint="Remove other tries, or restart this server.",
            )

    def _run(self, context: JobContext) -> dict[str, Any]:
        record = self._place.load(str(context.params["tryout"]))
        record = record.model_copy(update={"job_id": context.job.id})
        self._place.save(record)
        environment = ENVIRONMENTS[record.list](
            self._place,
            record,
            on_lines=partial(_hear, context),
            is_cancelled=context.is_cancelled,
            timeout_s=self._settings.timeout_s,
        )
        try:
            context.progress(0, 3, unit="steps", message="making the environment")
            environment.make()
            context.check()
            context.progress(1, 3, unit="steps", message="installing")
            environment.install(self._source)
            context.check()
            context.progress(2, 3, unit="steps", message="starting its kernel once")
            found = environment.installed()
            environment.offer()
            warnings = environment.list_warnings()
            context.check()
        except BaseException:
            self._remove_what_came(record)
            raise
        size_bytes = environment.size_bytes()
        record = record.model_copy(
            update={
                "is_ready": True,
                "installed": found,
                "warnings": warnings,
                "size_bytes": size_bytes,
            }
        )
        self._place.save(record)
        return _receipt(record)

    def _remove_what_came(self, record: TryOutRecord) -> None:
        """Leave the record, which says how it ended, and nothing that takes room."""
        with suppress(GrowthError):
            self._place.remove(record.id)
            self._place.save(record)

    # -- end

    def delete_tryout(self, tryout: str) -> TryOut:
        """Remove a try and return what it was. Kernels that run with it go on until shut down.

        Raises ``NotFound``, and ``Conflict`` while it is being made.
        """
        shown = self._shown(self._place.load(tryout))
        if shown.state not in ENDED:
            raise Conflict(
                "It is being installed.",
                hint="Cancel the job first.",
                context={"job": shown.job_id},
            )
        self._place.remove(tryout)
        return shown

    def open(self) -> Path | None:
        """Begin anew: remove what an earlier server left, as one that was killed cannot.

        Return where kernels of tries will lie; nothing where that folder cannot be ours alone.
        """
        self._place.clear()
        try:
            self._place.prepare()
        except GrowthError as e:
            log.warning("packages cannot be tried: %s", e.detail)  # said to whoever tries, too
            return None
        return self._place.kernels

    def close(self) -> None:
        """Remove all: this server ends."""
        self._place.clear()


def subject_of(tryout: str) -> str:
    """Return a try's path below the API's root."""
    return f"images/tryouts/{tryout}"


def _hear(context: JobContext, lines: list[str]) -> None:
    """Write what is said into the log; what counts packages is progress, too."""
    context.log("\n".join(lines))
    if counted := [found for line in lines if (found := STEP.fullmatch(line))]:
        done, total = counted[-1].groups()
        context.progress(1, 3, unit="steps", message=f"installing, {done} of {total} packages")


def _receipt(record: TryOutRecord) -> dict[str, Any]:
    found = record.installed
    items = [
        ReceiptItem(
            target=f"{one.name} {one.version}",
            action="install",
            result="done",
            detail=f"instead of {one.instead_of}, in this kernel only" if one.instead_of else "",
        )
        for one in found
    ]
    items += [ReceiptItem(target=one, action="import", result="failed") for one in record.warnings]
    title = (
        f"The kernel '{kernel_title(record.packages)}' has {count(len(found), 'new package')}, "
        f"{in_words(record.size_bytes)}. {NOTE}"
    )
    receipt = Receipt(title=title, finished=now(), items=tuple(items))
    return {**receipt.as_json(), "tryout": record.id}
