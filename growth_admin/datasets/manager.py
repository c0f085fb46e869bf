"""The datasets of a school: look at a link, plan, publish, restore, delete, verify."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Sequence
from typing import Final

from traitlets import Float, Integer, Unicode
from traitlets.config import Config, LoggingConfigurable

from growth_admin.core.errors import (
    Conflict,
    GrowthError,
    InvalidInput,
    NotFound,
    StorageUnavailable,
)
from growth_admin.core.fsops import storage_errors
from growth_admin.core.paths import Paths
from growth_admin.core.plan import Plan, Receipt, require_same
from growth_admin.core.recurring import Recurring
from growth_admin.core.schema import now
from growth_admin.datasets.archive.unpack import UnpackLimits
from growth_admin.datasets.changes import Changes
from growth_admin.datasets.facts import Listing
from growth_admin.datasets.fetch.fetcher import Fetcher
from growth_admin.datasets.looking import (
    Looker,
    Unhurried,
    describe,
    fingerprint,
    suggested_name,
)
from growth_admin.datasets.models import (
    RESERVED_NAMES,
    Change,
    Dataset,
    DatasetList,
    Probe,
    PublishChange,
    ReceiptCounts,
    ReceiptTable,
    RestoreChange,
    Version,
)
from growth_admin.datasets.planning import (
    expected_checksum,
    plan_delete,
    plan_publish,
    plan_restore,
)
from growth_admin.datasets.publish.library import Library
from growth_admin.datasets.publishing import Publisher
from growth_admin.datasets.receipts.table import ReceiptReader
from growth_admin.datasets.sources.registry import Sources
from growth_admin.datasets.unpacking import RESERVE_BYTES
from growth_admin.datasets.uploads.record import LINK
from growth_admin.datasets.uploads.store import UploadStore
from growth_admin.jobs.engine import JobEngine, Runner
from growth_admin.jobs.models import ENDED, Job

log = logging.getLogger(__name__)
PUBLISH: Final = "datasets.publish"
CHANGE: Final = "datasets.change"
VERIFY: Final = "datasets.verify"
GIB: Final = 1024**3
MOST_JOBS: Final = 100_000


class DatasetManager(LoggingConfigurable):
    """The datasets, as one user's server sees and changes them."""

    data_folder = Unicode(
        "data",
        help="Folder below the shared root where students read the datasets, one name each.",
    ).tag(config=True)
    keep_versions = Integer(
        3, min=1, help="How many versions of a dataset are kept; older ones go to the trash."
    ).tag(config=True)
    trash_keep_h = Float(
        24.0,
        min=0,
        help="Hours that deleted versions are kept for an undo; the servers of organisers free "
        "them within another hour or so.",
    ).tag(config=True)
    parallel_files = Integer(
        4, min=1, max=32, help="How many files of a folder are fetched at the same time."
    ).tag(config=True)
    fetch_processes = Integer(
        2,
        min=0,
        max=8,
        help="Processes beside the server that share the parallel files when a folder has 500 "
        "small ones or more; each takes about 13 MB of memory while it works. 0: the server "
        "fetches all.",
    ).tag(config=True)
    segment_mib = Integer(
        16, min=1, help="MiB of one parallel range, when a file is fetched in several."
    ).tag(config=True)
    limit_mib_per_s = Float(
        0.0, min=0, help="Bandwidth of one publication in MiB per second; 0: as fast as it goes."
    ).tag(config=True)
    retry_limit_s = Float(
        120.0,
        min=0,
        help="Seconds without a byte, retries included, after which a publication pauses.",
    ).tag(config=True)
    probe_limit_s = Float(
        15.0, min=1, help="Seconds that a look at a link may take before it says what it has."
    ).tag(config=True)
    upload_limit_gib = Float(
        50.0,
        min=0.001,
        help="Most GiB that one user may have uploaded and not yet published, all files together.",
    ).tag(config=True)
    unpacked_limit_gib = Float(
        500.0, min=0.001, help="Most GiB that an archive may hold; never more than the disk has."
    ).tag(config=True)
    unpacked_files_limit = Integer(
        1_000_000, min=1, help="Most files that an archive may hold."
    ).tag(config=True)
    unpack_ratio_limit = Float(
        200.0, min=1, help="An archive may unpack to at most so many times its own size."
    ).tag(config=True)

    def __init__(
        self, *, paths: Paths, engine: JobEngine, user: str, config: Config, bot: str = ""
    ) -> None:
        super().__init__(config=config)
        self._paths = paths
        self._engine = engine
        self._user = user
        self.data = paths.shared_root / self.data_folder
        self.library = Library(
            self.data,
            user=user,
            keep_versions=self.keep_versions,
            trash_keep_s=self.trash_keep_h * 3600,
        )
        self._receipts = ReceiptReader(paths.receipts, without=bot)
        self._changes = Changes(self.library)
        self.tidier = Recurring(self.sweep, name="growth-tidy", what="what datasets leave")

    @property
    def upload_limit_bytes(self) -> int:
        """The largest upload in bytes."""
        return round(self.upload_limit_gib * GIB)

    def connect(self, sources: Sources, uploads: UploadStore) -> None:
        """Take the sources and make the jobs known."""
        self.sources = sources
        self.uploads = uploads
        self._looker = Looker(sources)
        publisher = Publisher(
            library=self.library,
            sources=sources,
            looker=self._looker,
            fetcher=Fetcher(
                parallel_files=self.parallel_files,
                processes=self.fetch_processes,
                range_bytes=self.segment_mib * 1024**2,
                retry_limit_s=self.retry_limit_s,
            ),
            limits=self._unpack_limits,
            tidy=self.tidier.do,
            limit_bytes_per_s=round(self.limit_mib_per_s * 1024**2) or None,
        )
        may = "datasets.datasets:publish"
        self._engine.register(
            Runner(
                PUBLISH,
                may,
                publisher.run,
                is_resumable=True,
                is_personal=True,
                is_pausable=True,
            )
        )
        self._engine.register(
            Runner(CHANGE, may, self._changes.run, is_resumable=True, is_personal=True)
        )
        self._engine.register(
            Runner(VERIFY, "datasets.versions:verify", self._changes.run_verify, is_resumable=True)
        )

    def _unpack_limits(self, free_bytes: int) -> UnpackLimits:
        return UnpackLimits(
            total_bytes=round(self.unpacked_limit_gib * GIB),
            free_bytes=max(0, free_bytes),
            files=self.unpacked_files_limit,
            ratio=self.unpack_ratio_limit,
        )

    # -- look

    def list_datasets(self) -> DatasetList:
        """Return all datasets with their versions, who has them, and the space they take."""
        datasets = self.library.list_datasets()
        counts, problem = self._count(datasets)
        return DatasetList(
            datasets=tuple(
                dataset.model_copy(update={"receipts": counts.get(dataset.name, ReceiptCounts())})
                for dataset in datasets
            ),
            problems=(*self.library.problems(), *([problem] if problem else [])),
            space=self.library.space(datasets),
            as_of=now(),
        )

    def _count(self, datasets: Sequence[Dataset]) -> tuple[dict[str, ReceiptCounts], str]:
        """Return who has what, or why that cannot be told: the datasets are shown all the same."""
        try:
            return self._receipts.counts(datasets), ""
        except StorageUnavailable as e:
            return {}, f"Who has which version cannot be told now: {e.detail}"

    def get_dataset(self, name: str) -> Dataset:
        """Return one dataset. Raises ``NotFound``."""
        dataset = self.library.get_dataset(name)
        counts, _ = self._count((dataset,))
        return dataset.model_copy(update={"receipts": counts.get(name, ReceiptCounts())})

    def list_receipts(self, name: str) -> ReceiptTable:
        """Return who has which version, as each student's last start left it."""
        return self._receipts.table(self.library.get_dataset(name))

    def probe(self, link: str, name: str = "") -> Probe:
        """Return what a link stands for; nothing is fetched.

        ``name`` is the dataset that it would become. Raises ``SourceProblem`` or ``InvalidInput``.
        """
        self._looker.forget(link)  # who looks again wants to see what is there by now
        listing = self._looker.look(link, limit_s=self.probe_limit_s, control=Unhurried())
        return self._describe(listing, link, self._find(name or suggested_name(listing)))

    def _describe(
        self,
        listing: Listing,
        link: str,
        existing: Dataset | None,
        *,
        is_unpacked: bool | None = None,
    ) -> Probe:
        return describe(
            listing,
            existing=existing,
            free_bytes=self._free_bytes(),
            unpacked_bytes=self._looker.unpacked_bytes(link),
            is_unpacked=is_unpacked,
        )

    def _free_bytes(self) -> int:
        folder = self.data if self.data.exists() else self._paths.shared_root
        with storage_errors(folder):
            return max(0, shutil.disk_usage(folder).free - RESERVE_BYTES)

    def _find(self, name: str) -> Dataset | None:
        try:
            return self.library.get_dataset(name)
        except NotFound:
            return None

    # -- plan and apply

    def plan(self, change: Change) -> Plan:
        """Return what a change would do.

        Raises ``NotFound``, ``InvalidInput``, ``SourceProblem``, and ``Conflict`` for a name under
        which somebody else's folder stands.
        """
        world = self.library.fingerprint(change.name)
        if isinstance(change, PublishChange):
            _require_publishable(change)
            self.library.require_movable(change.name)
            listing = self._looker.look(
                change.link, limit_s=self.probe_limit_s, control=Unhurried()
            )
            existing = self._find(change.name)
            probe = self._describe(listing, change.link, existing, is_unpacked=change.extract)
            return plan_publish(change, listing, probe, existing, world)
        dataset = self.library.get_dataset(change.name)
        if isinstance(change, RestoreChange):
            return plan_restore(change, dataset, _version(dataset, change.version), world)
        if change.version:
            version = _version(dataset, change.version)
            if version.is_current:
                raise InvalidInput(
                    f"{change.version} is what students read now.",
                    hint="Restore another version first, or delete the whole dataset.",
                )
        return plan_delete(change, dataset, world)

    def apply(self, plan_id: str, change: Change, user: str) -> Job:
        """Begin to do what the plan says and return the job.

        Raises ``StalePlan`` when the world is no longer as when the plan was shown, ``Conflict``
        when somebody is publishing the same name at this moment.
        """
        plan = self.plan(change)
        require_same(plan_id, plan)
        if isinstance(change, PublishChange):
            return self._start_publish(plan, change, user)
        return self._engine.start_job(
            CHANGE,
            title=plan.title,
            subject=f"datasets/{change.name}",
            params={"plan_id": plan.id, "change": change.as_json()},
            user=user,
            cancellable=False,
        )

    def _start_publish(self, plan: Plan, change: PublishChange, user: str) -> Job:
        busy = self.unfinished(change.name)
        if busy is not None:
            raise Conflict(
                f"{busy.created_by} is publishing {change.name} already ({busy.title}).",
                hint="Wait for that job, or cancel it.",
                context={"job": busy.as_json()},
            )
        listing = self._looker.look(change.link, limit_s=self.probe_limit_s, control=Unhurried())
        existing = self._find(change.name)
        return self._engine.start_job(
            PUBLISH,
            title=plan.title,
            subject=f"datasets/{change.name}",
            params={
                "plan_id": plan.id,
                "request": change.as_json(),
                "fingerprint": fingerprint(listing),
                "replaces": existing.current if existing else "",
            },
            user=user,
        )

    def unfinished(self, name: str) -> Job | None:
        """Return the job that publishes under this name and has not ended, if there is one."""
        for job in self._live_jobs():
            if job.kind == PUBLISH and job.subject == f"datasets/{name}":
                return job
        return None

    def find_unfinished(self, change: PublishChange, user: str) -> Job | None:
        """Return this user's own job that was asked for exactly this and has not ended."""
        for job in self._live_jobs():
            if job.kind == PUBLISH and job.created_by == user:
                stored = self._engine.store.load(job.id)
                if stored.is_ours and stored.params.get("request") == change.as_json():
                    return job
        return None

    def resume(self, job_id: str) -> Job:
        """Let a publication go on, here if nobody runs it.

        Raises ``NotFound`` or ``InvalidInput``.
        """
        job = self._engine.get_job(job_id, {"datasets"})
        if job.is_paused:
            job = self._engine.resume_job(job_id, {"datasets"})
        if job.state in ENDED:
            raise InvalidInput(f"The job has ended already ({job.state}).", hint="Start it again.")
        self.adopt(job_id)
        return self._engine.get_job(job_id, {"datasets"})

    def adopt(self, job_id: str) -> None:
        """Run a job of ours here if nobody runs it any more. Raises ``NotFound``."""
        self._engine.adopt(job_id)

    def _is_over(self, job_id: str) -> bool:
        """Return whether a job is known to have ended; one that cannot be read is not."""
        try:
            return self._engine.store.load(job_id).job.state in ENDED
        except NotFound:
            return True
        except GrowthError:
            return False

    def list_publishing_uploads(self) -> dict[str, str]:
        """Return the links of uploads that jobs publish which have not ended, with the job's id."""
        found: dict[str, str] = {}
        for stored in self._engine.store.list_stored():
            if stored.job.kind == PUBLISH and stored.job.state not in ENDED:
                match stored.params:
                    case {"request": {"link": str(link)}} if link.strip().startswith(LINK):
                        found[link.strip()] = stored.job.id
        return found

    def _live_jobs(self) -> list[Job]:
        jobs = self._engine.list_jobs({"datasets"}, limit=MOST_JOBS).jobs
        return [job for job in jobs if job.state not in ENDED]

    def restore(self, name: str, version: str, replaces: str = "") -> Receipt:
        """Make an earlier version current at once.

        Raises ``NotFound``, and ``Conflict`` when something else than ``replaces`` is current.
        """
        return self._changes.restore(name, version, replaces)

    def undelete(self, name: str, version: str = "") -> Receipt:
        """Take a version, or the whole dataset, out of the trash. Raises ``NotFound``."""
        return self._changes.undelete(name, version)

    def start_verify(self, name: str, version: str, user: str) -> Job:
        """Begin to hash a version again and return the job. Raises ``NotFound``."""
        dataset = self.library.get_dataset(name)
        number = version or dataset.current
        if not number:
            raise NotFound(f"{name} has no current version.", hint="Name the version.")
        _version(dataset, number)
        return self._engine.start_job(
            VERIFY,
            title=f"Verify {number} of {name}",
            subject=f"datasets/{name}",
            params={"name": name, "version": number},
            user=user,
        )

    def sweep(self) -> None:
        """Remove what belongs to no job that could go on: dead stages, expired trash, uploads."""
        staged = self.library.staged_jobs()  # first: a job that begins now has a stage later
        live = {job.id for job in self._live_jobs()}
        for job_id in staged:
            if job_id not in live and self._is_over(job_id):
                self.library.discard(job_id)
        self.library.forget_unfinished(live | set(self.library.staged_jobs()))
        self.library.purge_expired()
        self.uploads.purge_expired()


def _require_publishable(change: PublishChange) -> None:
    expected_checksum(change)
    if change.name.lower() in RESERVED_NAMES:
        raise InvalidInput(
            f"A dataset cannot be called {change.name}.",
            hint="Choose another name.",
            fields=[("name", "this word is taken")],
        )


def _version(dataset: Dataset, number: str) -> Version:
    for version in dataset.versions:
        if version.version == number and version.deleted is None:
            return version
    raise NotFound(
        f"{dataset.name} has no version {number}.",
        hint="It may be in the trash; list the versions.",
    )
