"""What a build does, step by step: copy, build, look inside, check, push, write down.

A run that was cut off by the death of its server is begun again by the next one: the layers that
were finished are known, and the tag is the same. What was pushed is not pushed twice.
"""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from growth_admin.core.errors import (
    Conflict,
    GrowthError,
    LeaseLost,
    RegistryRefused,
    RegistryUnavailable,
    StalePlan,
)
from growth_admin.core.plan import Receipt, ReceiptItem
from growth_admin.core.schema import now, to_rfc3339
from growth_admin.core.words import count, in_words
from growth_admin.images.builds.context import copied, digest_of
from growth_admin.images.builds.engine import ContainerEngine, Stopped, Watcher
from growth_admin.images.builds.leftovers import Leftovers
from growth_admin.images.builds.marks import mark_of
from growth_admin.images.builds.models import BuildEnd, Claim, Contents, SmokeCheck
from growth_admin.images.builds.settings import ImageBuilder
from growth_admin.images.builds.store import BuildStore
from growth_admin.images.builds.telling import Telling
from growth_admin.images.builds.turn import BuildTurns
from growth_admin.images.gates import GateBook
from growth_admin.images.looking import REVISION, VERSION, Album
from growth_admin.images.models import CheckRequest
from growth_admin.images.moving import short
from growth_admin.images.packages.folder import SourceFolder
from growth_admin.images.packages.history import RevisionBook
from growth_admin.images.registry.client import Registry
from growth_admin.images.registry.credential import read_login
from growth_admin.images.registry.settings import ImageRegistry
from growth_admin.jobs.engine import JobCancelled, JobContext

log = logging.getLogger(__name__)
KIND: Final = "images.build"
CREATED: Final = "org.opencontainers.image.created"
SOURCE_DIGEST: Final = "org.growth-admin.source"
DETAIL_CHARS: Final = 3_900
INSIDE: Final = Path(__file__).with_name("inside.py")


class BuildWork:
    """The code of the job."""

    def __init__(
        self,
        store: BuildStore,
        turns: BuildTurns,
        containers: ContainerEngine,
        source: SourceFolder,
        revisions: RevisionBook,
        gates: GateBook,
        registry: Registry,
        leftovers: Leftovers,
        *,
        builder: ImageBuilder,
        place: ImageRegistry,
    ) -> None:
        self._store = store
        self._turns = turns
        self._containers = containers
        self._source = source
        self._revisions = revisions
        self._gates = gates
        self._registry = registry
        self._leftovers = leftovers
        self._builder = builder
        self._place = place

    def run(self, context: JobContext) -> dict[str, Any]:
        """Build, and return the receipt. What ended the build is written down beside it."""
        claim, telling = self._store.get_claim(int(context.params["number"])), Telling(context)
        try:
            try:
                return self._run(context, claim, telling)
            except Stopped:
                context.check()  # says why: it was cancelled, or this server stops
                raise JobCancelled from None
        except JobCancelled:
            self._end(claim, BuildEnd(state="cancelled", time=now(), stage=telling.stage))
            raise
        except LeaseLost:
            raise  # another server goes on with it
        except GrowthError as e:
            failed = BuildEnd(
                state="failed",
                time=now(),
                problem=e.detail,
                hint=e.hint,
                stage=telling.stage,
                failed_step=telling.failed_step,
            )
            self._end(claim, failed)
            raise

    def _run(self, context: JobContext, claim: Claim, telling: Telling) -> dict[str, Any]:
        mark = str(context.params.get("mark", ""))  # builds of an older version have none
        if mark and not self._turns.enter(mark, context.job.id):
            raise Conflict(
                "Another build began meanwhile.", hint="Build again when that one has ended."
            )
        with self._leftovers.tidied(context.log):
            return self._make(context, claim, telling)

    def _make(self, context: JobContext, claim: Claim, telling: Telling) -> dict[str, Any]:
        watcher = Watcher(telling.write, context.is_cancelled)
        contents = self._store.get_contents(claim.number)
        pushed = self._registry.head(claim.tag) if context.checkpoint.get("contents") else ""
        if not (pushed and contents):
            if not context.checkpoint:
                self._require_free(claim.tag)
            self._build(context, claim, telling, watcher)
            contents = self._look(context, claim, telling, watcher)
            context.save_checkpoint({"contents": True})
            telling.enter("pushing")
            pushed = self._push(context, claim, watcher)
        return self._finish(context, claim, contents, pushed)

    def _require_free(self, tag: str) -> None:
        """Refuse a tag that is there already: of another school, or of records that were lost.

        Raises ``Conflict``. A registry that does not answer is met when the image is pushed.
        """
        with suppress(RegistryUnavailable, RegistryRefused):
            if self._registry.head(tag):
                raise Conflict(
                    f"The registry has an image {tag} that was not built here.",
                    hint="Build again, and the next number is taken. If the records of builds were "
                    "lost, restore them from a backup.",
                )

    def _build(self, context: JobContext, claim: Claim, telling: Telling, watcher: Watcher) -> None:
        telling.enter("copying")
        mark = mark_of(self._registry.name, claim)
        with copied(self._source.path, self._builder.work_folder, mark) as folder:
            revision = self._revisions.get(claim.revision)
            if SourceFolder(folder).texts() != self._revisions.texts(revision):
                raise StalePlan(
                    f"The source is no longer that of r{claim.revision}.",
                    hint="Look at what changed, then build again. Nothing was built.",
                )
            digest = digest_of(folder)
            moment, named = to_rfc3339(claim.time), f"r{claim.revision}+{digest[:12]}"
            context.log(f"{claim.tag}: {named}, with {self._containers.version()}")
            context.check()
            telling.enter("building")
            self._containers.build(
                folder,
                f"{self._registry.name}:{claim.tag}",
                labels={
                    REVISION: named, VERSION: claim.tag, CREATED: moment, SOURCE_DIGEST: digest,
                },
                arguments={"REVISION": named, "CREATED": moment},
                watcher=watcher,
            )  # fmt: skip

    def _look(
        self, context: JobContext, claim: Claim, telling: Telling, watcher: Watcher
    ) -> Contents:
        reference = f"{self._registry.name}:{claim.tag}"
        context.check()
        telling.enter("listing")
        found = self._containers_of(claim).inspect(reference, INSIDE.read_text(encoding="utf-8"))
        contents = _contents_of(found)
        context.log(f"{count(len(contents.packages), 'package')}, Python {contents.python_version}")
        context.check()
        telling.enter("checking")
        printed: list[str] = []

        def keep(lines: list[str]) -> None:
            printed.extend(lines)
            watcher.on_lines(lines)

        watching = Watcher(keep, watcher.is_cancelled)
        done = self._containers_of(claim).run(reference, self._builder.smoke_command, watching)
        checks = _checks_of(printed)
        is_passed = done.exit_code == 0 and not done.is_timed_out
        bad = "; ".join(f"{c.check}: {c.detail[-300:]}" for c in checks if c.state == "failed")
        said = bad or f"{self._builder.smoke_command[0]} ended with {done.exit_code}"
        contents = contents.model_copy(
            update={
                "checks": checks,
                "is_smoke_passed": is_passed,
                "smoke_detail": f"{count(len(checks), 'check')} passed" if is_passed else said,
            }
        )
        self._store.keep_contents(claim.number, contents)
        return contents

    def _push(self, context: JobContext, claim: Claim, watcher: Watcher) -> str:
        context.check()
        place = self._place.repository
        return self._containers_of(claim).push(
            f"{self._registry.name}:{claim.tag}",
            login=read_login(self._place.credential_file, place.host),
            is_plain=place.url.startswith("http:"),
            watcher=watcher,
        )

    def _containers_of(self, claim: Claim) -> ContainerEngine:
        return self._containers.marked(mark_of(self._registry.name, claim))

    def _finish(
        self, context: JobContext, claim: Claim, contents: Contents, digest: str
    ) -> dict[str, Any]:
        result = CheckRequest(
            check="smoke",
            is_passed=bool(contents.is_smoke_passed),
            detail=contents.smoke_detail[:DETAIL_CHARS],
            job_id=context.job.id,
        )
        self._gates.add(digest, result, author=claim.author)
        size_bytes = Album(self._registry).get(digest).size_bytes
        end = BuildEnd(
            state="succeeded",
            time=now(),
            digest=digest,
            size_bytes=size_bytes,
            python_version=contents.python_version,
            packages=len(contents.packages),
            is_smoke_passed=contents.is_smoke_passed,
        )
        self._end(claim, end)
        passed = "its checks passed" if contents.is_smoke_passed else "its checks FAILED"
        title = f"{claim.tag} is {short(digest)}, {in_words(size_bytes)}; {passed}"
        context.log(title)
        item = ReceiptItem(
            target=claim.tag, action="build", result="done", detail=contents.smoke_detail[:500]
        )
        receipt = Receipt(title=title, finished=now(), items=(item,))
        return {**receipt.as_json(), "number": claim.number, "tag": claim.tag, "digest": digest}

    def _end(self, claim: Claim, end: BuildEnd) -> None:
        try:
            self._store.end(claim.number, end)
        except GrowthError as e:  # the job says the same, as long as it is kept
            log.warning("the end of build %s is not written: %s", claim.number, e.detail)


def _contents_of(found: dict[str, object]) -> Contents:
    try:
        return Contents.model_validate(found)
    except ValidationError as e:
        raise GrowthError(
            f"What is in the image makes no sense: {e.error_count()} of its facts are not as they "
            "should be.",
            hint="Look at the Python packages of the image: one may be half installed.",
        ) from e


def _checks_of(printed: list[str]) -> tuple[SmokeCheck, ...]:
    """Return the checks among what was printed: one JSON object a line (image/smoke/run.py)."""
    found = []
    for line in printed:
        try:
            row = json.loads(line)
            found.append(
                SmokeCheck(
                    check=str(row["check"]),
                    state=str(row["state"]),
                    seconds=float(row.get("seconds") or 0),
                    detail=str(row.get("detail") or "")[:DETAIL_CHARS],
                )
            )
        except (ValueError, KeyError, TypeError):
            continue
    return tuple(found)
