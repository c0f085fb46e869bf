"""How every build ends, whoever makes it: in its record, at the gate, and as a receipt."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final

from growth_admin.core.errors import GrowthError, LeaseLost
from growth_admin.core.plan import Receipt, ReceiptItem
from growth_admin.core.schema import now
from growth_admin.core.words import in_words
from growth_admin.images.builds.engine import Stopped
from growth_admin.images.builds.models import BuildEnd, Claim, Contents
from growth_admin.images.builds.store import BuildStore
from growth_admin.images.builds.telling import Telling
from growth_admin.images.gates import GateBook
from growth_admin.images.looking import Album
from growth_admin.images.models import CheckRequest
from growth_admin.images.moving import short
from growth_admin.images.registry.client import Registry
from growth_admin.jobs.engine import JobCancelled, JobContext

log = logging.getLogger(__name__)
DETAIL_CHARS: Final = 3_900


class BuildEnding:
    """Writes ends down."""

    def __init__(self, store: BuildStore, gates: GateBook, registry: Registry) -> None:
        self._store = store
        self._gates = gates
        self._registry = registry

    def ended(
        self,
        context: JobContext,
        claim: Claim,
        telling: Telling,
        make: Callable[[], dict[str, Any]],
    ) -> dict[str, Any]:
        """Return what ``make`` does; what ends it early is written down beside the build."""
        try:
            try:
                return make()
            except Stopped:
                context.check()  # says why: it was cancelled, or this server stops
                raise JobCancelled from None
        except JobCancelled:
            self.write(claim, BuildEnd(state="cancelled", time=now(), stage=telling.stage))
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
            self.write(claim, failed)
            raise

    def finish(
        self, context: JobContext, claim: Claim, contents: Contents, digest: str
    ) -> dict[str, Any]:
        """Write down what was pushed and what its checks said; return the receipt."""
        result = CheckRequest(
            check="smoke",
            is_passed=bool(contents.is_smoke_passed),
            detail=contents.smoke_detail[:DETAIL_CHARS],
            job_id=context.job.id,
        )
        self._gates.add(digest, result, author=claim.author)
        size_bytes = self._size_bytes(digest)
        end = BuildEnd(
            state="succeeded",
            time=now(),
            digest=digest,
            size_bytes=size_bytes,
            python_version=contents.python_version,
            packages=len(contents.packages),
            is_smoke_passed=contents.is_smoke_passed,
        )
        self.write(claim, end)
        passed = "its checks passed" if contents.is_smoke_passed else "its checks FAILED"
        title = f"{claim.tag} is {short(digest)}, {in_words(size_bytes)}; {passed}"
        context.log(title)
        item = ReceiptItem(
            target=claim.tag, action="build", result="done", detail=contents.smoke_detail[:500]
        )
        receipt = Receipt(title=title, finished=now(), items=(item,))
        return {**receipt.as_json(), "number": claim.number, "tag": claim.tag, "digest": digest}

    def _size_bytes(self, digest: str) -> int | None:
        """Return how much a node fetches; nothing where the registry does not tell: it is pushed
        all the same."""
        try:
            return Album(self._registry).get(digest).size_bytes
        except GrowthError as e:
            log.warning("the size of %s is not known: %s", digest, e.detail)
            return None

    def write(self, claim: Claim, end: BuildEnd) -> None:
        """Write down how a build ended, if that can be done."""
        try:
            known = end.model_copy(update={"link": self._store.get_link(claim.number)})
            self._store.end(claim.number, known)
        except GrowthError as e:  # the job says the same, as long as it is kept
            log.warning("the end of build %s is not written: %s", claim.number, e.detail)
