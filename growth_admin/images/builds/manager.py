"""Builds of the image on this server: begin one, follow it, see what is in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from growth_admin.core.errors import Conflict, GrowthError, NotConfigured, NotFound
from growth_admin.core.plan import Receipt, ReceiptItem
from growth_admin.core.schema import now
from growth_admin.images.builds import models
from growth_admin.images.builds.building import Builder, Sweeper, Work
from growth_admin.images.builds.models import (
    Build,
    BuildPlan,
    BuildRecord,
    Contents,
    InstalledPackage,
    PackageDelta,
)
from growth_admin.images.builds.planning import plan_of
from growth_admin.images.builds.records import BuildRecords
from growth_admin.images.builds.sbom import make_sbom
from growth_admin.images.builds.store import BuildStore
from growth_admin.images.builds.telling import stage_of
from growth_admin.images.builds.turn import BuildTurns
from growth_admin.images.builds.work import KIND
from growth_admin.images.packages.manager import BuiltImage
from growth_admin.images.packages.source import Revisions
from growth_admin.images.registry.client import Registry
from growth_admin.jobs.engine import JobEngine, Runner
from growth_admin.jobs.models import ENDED, Job

AREA: Final = frozenset({"images"})
JOBS_SEEN: Final = 500


@dataclass(frozen=True)
class Comparison:
    """A build and the one before it that succeeded."""

    before: Build | None
    changes: tuple[PackageDelta, ...]


class BuildManager:
    """The builds of one school, as one admin's server sees and begins them."""

    def __init__(
        self,
        store: BuildStore,
        builder: Builder,
        work: Work,
        turns: BuildTurns,
        leftovers: Sweeper,
        revisions: Revisions,
        registry: Registry,
        jobs: JobEngine,
    ) -> None:
        self._store = store
        self._records = BuildRecords(store)
        self._builder = builder
        self._turns = turns
        self._leftovers = leftovers
        self._revisions = revisions
        self._registry = registry
        self._jobs = jobs
        jobs.register(Runner(KIND, "images.builds:start", work.run, is_resumable=True))

    # -- look

    def list_builds(self) -> models.BuildList:
        """Return every build, newest first, and whether another one can be begun here."""
        jobs = self._known_jobs()  # first: a job that ends now has written its end before
        records, notes, left_out = self._records.list_records()
        found = models.BuildList(
            builds=tuple(self._build(record, jobs) for record in records),
            builder="",
            left_out=left_out,
            notes=tuple(notes),
        )
        try:
            self._require_configured()
            return found.model_copy(update={"builder": self._builder.version()})
        except NotConfigured as e:
            return found.model_copy(update={"problem": e.detail, "hint": e.hint})

    def get_build(self, number: int) -> models.BuildDetails:
        """Return one build with what is in it, against the one before. Raises ``NotFound``."""
        jobs = self._known_jobs()
        build = self._build(self._records.get(number), jobs)
        contents = self._store.get_contents(number) or Contents()
        compared = self._compare(build, contents)
        before = compared.before
        grown = None
        if before and build.size_bytes is not None and before.size_bytes is not None:
            grown = build.size_bytes - before.size_bytes
        return models.BuildDetails(
            build=build,
            compared_with=before.number if before else None,
            changes=compared.changes,
            size_change_bytes=grown,
            packages=contents.packages,
            licenses=_licenses(contents.packages),
            checks=contents.checks,
            smoke_detail=contents.smoke_detail,
        )

    def get_sbom(self, number: int) -> models.Sbom:
        """Return the list of parts of a build's image. Raises ``NotFound`` before there is one."""
        claim, end = self._store.get_claim(number), self._store.get_end(number)
        contents = self._store.get_contents(number)
        if contents is None or end is None or not end.digest:
            raise NotFound(
                f"Build {number} has no list of parts.", hint="It is made when a build succeeds."
            )
        document = make_sbom(
            self._registry.name, claim.tag, end.digest, contents.packages, end.time
        )
        return models.Sbom(document=document)

    # -- begin

    def plan_build(self) -> BuildPlan:
        """Return what would be built now, as what; nothing is begun.

        Raises as ``start_build``.
        """
        number = self._require_ready()
        records, _, _ = self._records.list_records()
        jobs = self._known_jobs()
        return plan_of(
            number,
            self._revisions.list_newest(),
            [self._build(record, jobs) for record in records],
            tag=self._store.next_tag(number),
            builder=self._builder.version(),
        )

    def start_build(self, asked: models.BuildRequest, *, user: str) -> Job:
        """Begin to build the source as it stands; return the job.

        Raises ``NotConfigured`` without a builder, a registry or a source, and ``Conflict`` while
        another build runs, or when somebody saved meanwhile.
        """
        number = self._require_ready()
        if asked.expected_revision not in (None, number):
            raise Conflict(
                f"The newest revision is r{number} by now, not r{asked.expected_revision}.",
                hint="Look at what changed, then build.",
            )
        return self._start(number, asked.reason, user)

    def _require_ready(self) -> int:
        """Return the number of the revision that the source is at, if it can be built now."""
        self._require_configured()
        if self._revisions.notice():
            raise Conflict("Somebody is saving at this moment.", hint="Wait some seconds.")
        head = self._revisions.head()
        for job in self._jobs.list_jobs(AREA, limit=JOBS_SEEN).jobs:
            if job.kind == KIND and job.state not in ENDED:
                raise Conflict(
                    f"{job.created_by} is building already: {job.title}.",
                    hint="Follow that job, or cancel it first.",
                    context={"job": job.id},
                )
        return head.number if head else 0

    def _start(self, revision: int, reason: str, user: str) -> Job:
        mark = self._turns.take(by=user)  # the list of jobs alone would let two begin at once
        try:
            claim = self._store.claim(revision, author=user, reason=reason)
            job = self._jobs.start_job(
                KIND,
                title=f"Build r{claim.revision} of the image as {claim.tag}",
                subject=subject_of(claim.number),
                params={"number": claim.number, "mark": mark},
                user=user,
            )
        except GrowthError:
            with suppress(GrowthError):  # it lapses by itself
                self._turns.give_back(mark)
            raise
        with suppress(GrowthError):  # the job enters itself too
            self._turns.enter(mark, job.id)
        return job

    def sweep(self, *, user: str) -> Receipt:
        """Remove what builds that were cut off left on this machine, and old local images.

        Every build does that too. Raises ``NotConfigured``, and ``Conflict`` while one runs.
        """
        self._require_configured()
        mark = self._turns.take(by=user)
        try:
            swept = self._leftovers.sweep()
        finally:
            with suppress(GrowthError):  # it lapses by itself
                self._turns.give_back(mark)
        targets = (*swept.containers, *swept.folders, *swept.images)
        items = tuple(ReceiptItem(target=t, action="remove", result="done") for t in targets)
        return Receipt(title=swept.sentence, finished=now(), items=items)

    # -- pieces

    def _require_configured(self) -> None:
        self._registry.require_configured()
        _ = self._builder.program

    def _known_jobs(self) -> dict[str, Job]:
        found = self._jobs.list_jobs(AREA, limit=JOBS_SEEN).jobs
        return {job.subject: job for job in found if job.kind == KIND}

    def _build(self, record: BuildRecord, jobs: dict[str, Job]) -> Build:
        build = _build(record, jobs)
        if record.end:
            return build
        return build.model_copy(update={"link": self._store.get_link(build.number)})

    def _compare(self, build: Build, contents: Contents) -> Comparison:
        for record in self._records.list_records()[0]:
            number, end = record.claim.number, record.end
            if number >= build.number or end is None or end.state != "succeeded":
                continue
            if not contents.packages:
                return Comparison(_build(record, {}), ())
            if before := self._store.get_contents(number):
                changes = differences(before.packages, contents.packages)
                return Comparison(_build(record, {}), changes)
        return Comparison(None, ())


def _build(record: BuildRecord, jobs: dict[str, Job]) -> Build:
    claim, end = record.claim, record.end
    job = jobs.get(subject_of(claim.number))
    problem = job.problem if job else None
    lost = "" if end or job else "Whoever began it was cut off before it could run."
    is_running = job is not None and end is None and job.state not in ENDED
    progress = job.progress if job and is_running else None
    return Build(
        **claim.model_dump(),
        job_id=job.id if job else "",
        state=end.state if end else job.state if job else "failed",
        problem=end.problem if end else problem.detail if problem else lost,
        hint=(end.hint if end else "") or (problem.hint if problem else ""),
        stage=end.stage if end else stage_of(progress.message) if progress else None,
        failed_step=end.failed_step if end else "",
        progress=progress,
        is_cancel_asked=is_running and job is not None and job.is_cancel_asked,
        digest=end.digest if end else "",
        link=end.link if end else "",
        size_bytes=end.size_bytes if end else None,
        python_version=record.python_version,
        packages=record.packages,
        is_smoke_passed=record.is_smoke_passed,
        took_s=(end.time - claim.time).total_seconds() if end else None,
    )


def built_image(store: BuildStore) -> BuiltImage:
    """Return what the newest image that was built here has; nothing before the first."""
    for number in store.list_numbers():
        end = store.get_end(number)
        contents = store.get_contents(number) if end and end.state == "succeeded" else None
        if contents:
            python = {p.name: p.version for p in contents.packages if p.kind != "apt"}
            return BuiltImage(contents.python_version, python)
    return BuiltImage()


def differences(
    before: Sequence[InstalledPackage], after: Sequence[InstalledPackage]
) -> tuple[PackageDelta, ...]:
    """Return the packages that came, went or changed, by kind and name."""
    old = {(p.kind, p.name): p.version for p in before}
    new = {(p.kind, p.name): p.version for p in after}
    return tuple(
        PackageDelta(kind=kind, name=name, before=old.get(key, ""), after=new.get(key, ""))
        for key in sorted(old.keys() | new.keys())
        for kind, name in [key]
        if old.get(key) != new.get(key)
    )


def subject_of(number: int) -> str:
    """Return a build's path below the API's root."""
    return f"images/builds/{number}"


def _licenses(packages: Sequence[InstalledPackage]) -> tuple[models.LicenseCount, ...]:
    counted = Counter(package.license for package in packages)
    return tuple(
        models.LicenseCount(license=name, packages=number) for name, number in counted.most_common()
    )
