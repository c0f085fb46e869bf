"""What a build does, step by step: copy, build, look inside, check, push, write down.

A run that was cut off by the death of its server is begun again by the next one: the layers that
were finished are known, and the tag is the same. What was pushed is not pushed twice.
"""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

from growth_admin.core.errors import (
    Conflict,
    RegistryRefused,
    RegistryUnavailable,
    StalePlan,
)
from growth_admin.core.schema import to_rfc3339
from growth_admin.core.words import count
from growth_admin.images.builds.context import copied, digest_of
from growth_admin.images.builds.ending import BuildEnding
from growth_admin.images.builds.engine import ContainerEngine, Watcher
from growth_admin.images.builds.leftovers import Leftovers
from growth_admin.images.builds.marks import mark_of
from growth_admin.images.builds.models import Claim, Contents
from growth_admin.images.builds.reading import PRINTED, checks_of, contents_of, with_checks
from growth_admin.images.builds.settings import ImageBuilder
from growth_admin.images.builds.store import BuildStore
from growth_admin.images.builds.telling import Telling
from growth_admin.images.builds.turn import BuildTurns
from growth_admin.images.looking import REVISION, VERSION
from growth_admin.images.packages.folder import SourceFolder
from growth_admin.images.packages.history import RevisionBook
from growth_admin.images.registry.client import Registry
from growth_admin.images.registry.credential import read_login
from growth_admin.images.registry.settings import ImageRegistry
from growth_admin.jobs.engine import JobContext

KIND: Final = "images.build"
CREATED: Final = "org.opencontainers.image.created"
SOURCE_DIGEST: Final = "org.growth-admin.source"
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
        ending: BuildEnding,
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
        self._ending = ending
        self._registry = registry
        self._leftovers = leftovers
        self._builder = builder
        self._place = place

    def run(self, context: JobContext) -> dict[str, Any]:
        """Build, and return the receipt. What ended the build is written down beside it."""
        claim, telling = self._store.get_claim(int(context.params["number"])), Telling(context)
        make = partial(self._run, context, claim, telling)
        return self._ending.ended(context, claim, telling, make)

    def _run(self, context: JobContext, claim: Claim, telling: Telling) -> dict[str, Any]:
        self._turns.require(str(context.params.get("mark", "")), context.job.id)
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
        return self._ending.finish(context, claim, contents, pushed)

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
        contents = contents_of(found)
        context.log(f"{count(len(contents.packages), 'package')}, Python {contents.python_version}")
        context.check()
        telling.enter("checking")
        printed: deque[str] = deque(maxlen=PRINTED)

        def keep(lines: list[str]) -> None:
            printed.extend(lines)
            watcher.on_lines(lines)

        watching = Watcher(keep, watcher.is_cancelled)
        done = self._containers_of(claim).run(reference, self._builder.smoke_command, watching)
        contents = with_checks(
            contents,
            checks_of(printed),
            is_passed=done.exit_code == 0 and not done.is_timed_out,
            otherwise=f"{self._builder.smoke_command[0]} ended with {done.exit_code}",
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
