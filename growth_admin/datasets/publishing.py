"""The long work: fetch, verify, unpack and publish one version; pause, cancel, go on."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from growth_admin.core.errors import (
    GrowthError,
    InvalidInput,
    LeaseLost,
    StalePlan,
    StorageFull,
    StorageUnavailable,
)
from growth_admin.core.fsops import storage_errors
from growth_admin.core.plan import Receipt, ReceiptItem, Undo
from growth_admin.core.schema import now
from growth_admin.core.words import count, in_words
from growth_admin.datasets.archive.unpack import UnpackLimits
from growth_admin.datasets.facts import FetchedFile, FileRecord, Listing, Source, SourceProblem
from growth_admin.datasets.fetch.fetcher import Fetcher
from growth_admin.datasets.fetch.options import FetchOptions
from growth_admin.datasets.looking import Looker, fingerprint
from growth_admin.datasets.models import PublishChange, SourceRecord
from growth_admin.datasets.planning import UNVERIFIED, expected_checksum
from growth_admin.datasets.publish.library import Library
from growth_admin.datasets.publish.records import PublishOutcome, VersionDraft
from growth_admin.datasets.sources.registry import Sources
from growth_admin.datasets.unpacking import RESERVE_BYTES, unpack_all
from growth_admin.datasets.uploads.source import UploadSource
from growth_admin.jobs.engine import JobContext, JobInterrupted, JobPaused
from growth_admin.jobs.models import JobProblem

LISTING_LIMIT_S: Final = 3600.0


@dataclass(frozen=True)
class Publisher:
    """Runs the jobs that publish."""

    library: Library
    sources: Sources
    looker: Looker
    fetcher: Fetcher
    limits: Callable[[int], UnpackLimits]
    tidy: Callable[[], None]
    limit_bytes_per_s: int | None = None

    def run(self, context: JobContext) -> dict[str, Any]:
        """Publish what the job asks for and return the receipt.

        What will work later as it was asked for (a quota, a source that is away, a disk that is
        full or away) pauses the job and keeps what was fetched; any other end but a publication
        leaves nothing behind.
        """
        try:
            return self._publish(context)
        except (JobInterrupted, JobPaused, LeaseLost):
            raise
        except (StorageFull, StorageUnavailable) as e:
            raise JobPaused(_problem(e)) from e
        except SourceProblem as e:
            if e.is_waiting or e.is_retryable:
                raise JobPaused(_problem(e)) from e
            self._clear(context)
            raise
        except BaseException:
            self._clear(context)
            raise

    def _publish(self, context: JobContext) -> dict[str, Any]:
        request = PublishChange.model_validate(context.params["request"])
        done = self.library.finish_publication(request.name, context.job.id)
        if done is not None:  # an earlier run was killed when all but the end was done
            self._release(request)
            return self._finish(context, done, ())
        context.check()
        self.tidy()  # what is dead makes room for this
        stage = self.library.stage(context.job.id)
        listing = self._list(request, context)
        _require_room(listing, stage)
        source = self.sources.of(request.link)
        options = FetchOptions(
            connections=request.connections,
            limit_bytes_per_s=request.limit_bytes_per_s or self.limit_bytes_per_s,
            expected=expected_checksum(request),
        )
        place = stage / "download" if request.extract else stage
        fetched = self._fetch(source, listing, place, context, options)
        records = (
            unpack_all(fetched, stage, limits=self.limits, control=context)
            if request.extract
            else [FileRecord(file.path, file.size_bytes, file.sha256) for file in fetched]
        )
        outcome = self._put_in_place(request, listing, fetched, records, stage, context)
        self._release(request)
        return self._finish(context, outcome, fetched)

    def _release(self, request: PublishChange) -> None:
        """Free the uploads that were published; some may be free since an earlier run."""
        source = self.sources.of(request.link)
        if isinstance(source, UploadSource):
            source.release(request.link)

    def _clear(self, context: JobContext) -> None:
        """Leave nothing behind; whoever publishes this link again sees what is there by then."""
        self.library.discard(context.job.id)
        self.looker.forget(context.params["request"]["link"])

    def _finish(
        self,
        context: JobContext,
        outcome: PublishOutcome,
        fetched: Sequence[FetchedFile],
    ) -> dict[str, Any]:
        self._clear(context)
        self.library.purge_expired()
        return _receipt(context, outcome, fetched).as_json()

    def _list(self, request: PublishChange, context: JobContext) -> Listing:
        is_first = not context.checkpoint
        listing = self.looker.look(
            request.link, limit_s=LISTING_LIMIT_S, control=context, needs_all=True
        )
        seen = fingerprint(listing)
        planned = context.params.get("fingerprint", "")
        if is_first and planned and seen != planned:
            raise StalePlan("The source has changed since the plan was shown.")
        if not listing.files:
            raise InvalidInput(
                f"{listing.title} holds no file.", hint="Check the link, and what it is shared as."
            )
        if request.checksum and len(listing.files) != 1:
            raise InvalidInput(
                f"A checksum was given, but there are {len(listing.files):,} files.",
                hint="Leave the checksum out, or give the link of one file.",
            )
        context.log(
            f"{listing.title}: {count(len(listing.files), 'file')}, {in_words(listing.size_bytes)}"
        )
        if is_first:
            context.save_checkpoint({"listed": seen})
        return listing

    def _fetch(
        self,
        source: Source,
        listing: Listing,
        place: Path,
        context: JobContext,
        options: FetchOptions,
    ) -> Sequence[FetchedFile]:
        if isinstance(source, UploadSource):
            return [
                _checked(source.take(file, place / "files", control=context), options)
                for file in listing.files
            ]
        return self.fetcher.fetch_all(
            source, listing.files, place, control=context, options=options
        )

    def _put_in_place(
        self,
        request: PublishChange,
        listing: Listing,
        fetched: Sequence[FetchedFile],
        records: Sequence[FileRecord],
        stage: Path,
        context: JobContext,
    ) -> PublishOutcome:
        context.check()
        verified = {file.verified_with for file in fetched}
        by_hand = expected_checksum(request)
        draft = VersionDraft(
            source=SourceRecord(
                kind=listing.kind,
                link=listing.link,
                title=listing.title,
                validator=fingerprint(listing),
            ),
            published_by=context.job.created_by,
            verified_with=(
                ""
                if "" in verified
                else ", ".join(sorted(verified)) + (", given by hand" if by_hand else "")
            ),
            sha256=fetched[0].sha256 if len(fetched) == 1 else "",
            is_extracted=request.extract,
            delivery=request.delivery,
            note=request.note,
            replaces=str(context.params.get("replaces", "")),
        )
        return self.library.publish(stage, request.name, records, draft, control=context)


def _checked(file: FetchedFile, options: FetchOptions) -> FetchedFile:
    """Return an uploaded file as verified if its checksum was given by hand and is right."""
    expected = options.expected
    if expected is None:
        return file
    if expected.algorithm != "sha256":
        raise InvalidInput(
            f"For an uploaded file the {expected.algorithm} is not computed.",
            hint="Give its SHA-256, or none.",
        )
    if expected.hexdigest != file.sha256:
        raise SourceProblem(
            "checksum_mismatch",
            f"{file.path} has the SHA-256 {file.sha256}, not {expected.hexdigest}.",
            hint="Upload the file again, or check the checksum that you gave.",
        )
    return replace(file, verified_with="sha256")


def _require_room(listing: Listing, stage: Path) -> None:
    """Raise ``StorageFull`` if what is to be fetched cannot fit; before the first byte.

    An upload is there already, and copied when it is published: it stays what its owner sent.
    """
    if listing.size_bytes is None:
        return
    with storage_errors(stage):
        free_bytes = shutil.disk_usage(stage).free
        staged = [file.stat() for file in stage.rglob("*") if file.is_file()]
    is_copied_later = listing.kind == "upload"
    present = sum(
        file.st_blocks * 512 for file in staged if file.st_nlink == 1 or not is_copied_later
    )
    if listing.size_bytes - present > free_bytes - RESERVE_BYTES:
        raise StorageFull(
            f"{listing.title} has {in_words(listing.size_bytes)}, and {in_words(free_bytes)} are "
            f"free on the shared disk ({in_words(RESERVE_BYTES)} of them stay free).",
            hint="Delete earlier versions in the datasets panel, or ask for a bigger disk.",
        )


def _problem(e: GrowthError) -> JobProblem:
    kept = "What was fetched so far is kept: resume this job then. Cancelling it frees that."
    return JobProblem(title=e.title, detail=e.detail, hint=f"{e.hint} {kept}".strip())


def _receipt(
    context: JobContext,
    outcome: PublishOutcome,
    fetched: Sequence[FetchedFile],
) -> Receipt:
    version = outcome.version
    items = [
        ReceiptItem(
            target=f"{version.name} {version.version}",
            action="publish",
            result="done",
            detail=f"{count(version.files, 'file')}, {in_words(version.size_bytes)}, "
            + (f"verified with {version.verified_with}" if version.verified_with else UNVERIFIED),
        )
    ]
    if not outcome.was_expected:
        items.append(
            ReceiptItem(
                target=outcome.replaced,
                action="replace",
                result="done",
                detail="published by somebody else while this was being fetched; it is kept",
            )
        )
    if len(fetched) == 1:
        items.append(
            ReceiptItem(
                target=fetched[0].path, action="fetch", result="done", detail=fetched[0].sha256
            )
        )
    undo = None
    if outcome.replaced:
        undo = Undo(
            title=f"Make {outcome.replaced} of {version.name} current again",
            method="POST",
            path=f"datasets/{version.name}/restorations",
            body={"version": outcome.replaced, "replaces": version.version},
        )
    return Receipt(
        plan_id=str(context.params.get("plan_id", "")),
        title=f"Published {version.name} {version.version}: {count(version.files, 'file')}, "
        f"{in_words(version.size_bytes)}",
        finished=now(),
        items=tuple(items),
        undo=undo,
    )
