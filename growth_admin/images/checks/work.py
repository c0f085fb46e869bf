"""What a check does: run the smoke checks where that is possible, try the image on a canary.

Each result stays with the digest. A run whose server was killed is begun anew by the next one,
which stops first what was left running: its own canary or, where another organiser's server takes
the job over, that of the server that died; and removes what the smoke checks left on its machine.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

from growth_admin.core.errors import GrowthError
from growth_admin.core.plan import Receipt, ReceiptItem
from growth_admin.core.schema import now
from growth_admin.images.checks.smoke import SmokeOutcome, SmokeTrial
from growth_admin.images.checks.trial import CanaryTrial, TrialResult, TrialWatch
from growth_admin.images.gates import GateBook
from growth_admin.images.looking import Album
from growth_admin.images.models import Check, CheckRequest
from growth_admin.images.moving import short
from growth_admin.images.registry.client import Registry
from growth_admin.jobs.canaries import require_free_canary
from growth_admin.jobs.context import JobContext
from growth_admin.jobs.engine import JobEngine

KIND: Final = "images.check"
DETAIL_CHARS: Final = 3_900
RESUME_LIMIT: Final = timedelta(minutes=60)
"""A run whose server died begins anew within this time; later it is only cleaned up."""
TRIES: Final = 3


class CheckWork:
    """The code of the job."""

    def __init__(
        self,
        gates: GateBook,
        registry: Registry,
        smoke: SmokeTrial,
        trial: CanaryTrial | None,
        jobs: JobEngine,
        *,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._gates = gates
        self._registry = registry
        self._album = Album(registry)
        self._smoke = smoke
        self._trial = trial
        self._jobs = jobs
        self._clock = clock

    def run(self, context: JobContext) -> dict[str, Any]:
        """Check, and return the receipt; one that did not pass has ``is_passed`` false."""
        trial = self._trial
        assert trial is not None  # start_check refuses otherwise
        self._clean_up(context, trial)
        context.check()
        require_free_canary(self._jobs, trial.owner, job=context.job)
        tries = int(context.checkpoint.get("tries", 0)) + 1
        context.save_checkpoint({"tries": tries, "owner": trial.owner})
        digest = str(context.params["digest"])
        smoke = self._smoke.run(digest, context, repeats=bool(context.params.get("repeats_smoke")))
        if smoke.is_new:
            self._keep(context, digest, "smoke", bool(smoke.is_passed), smoke.detail)
        if smoke.is_passed is False:
            context.log("The canary is not started: the image's own checks failed.")
            return self._receipt(context, digest, smoke, None)
        result = trial.run(
            f"{self._registry.name}@{digest}", self._digests(digest), _watch(context)
        )
        context.log(result.sentence)
        self._keep(context, digest, "canary", result.is_passed, result.sentence)
        return self._receipt(context, digest, smoke, result)

    def _clean_up(self, context: JobContext, trial: CanaryTrial) -> None:
        """Stop what an earlier run of this job began. Raises ``GrowthError`` when that is enough
        of them."""
        begun = context.checkpoint
        if not begun:
            return
        owner = str(begun.get("owner", trial.owner))
        if owner != trial.owner:
            require_free_canary(self._jobs, owner)  # else it is not what that run left
        context.log(f"An earlier run was cut off: {owner}/canary is stopped first.")
        self._smoke.clean_up(context)
        left = trial.end(owner)
        if left:
            raise GrowthError(left, hint="Stop it on the hub's own page, then check again.")
        context.check()
        is_old = self._clock() - context.job.created > RESUME_LIMIT
        if is_old or int(begun.get("tries", 0)) >= TRIES:
            raise GrowthError(
                "The server that ran this check ended, again and again or long ago. What it left "
                "was stopped, and nothing was recorded.",
                hint="Check the image again.",
            )

    def _digests(self, digest: str) -> frozenset[str]:
        """Return what a node may say that it runs: of an index also one of its images."""
        return frozenset({digest, *self._album.get(digest).images})

    def _keep(
        self, context: JobContext, digest: str, check: Check, is_passed: bool, detail: str
    ) -> None:
        asked = CheckRequest(
            check=check,
            is_passed=is_passed,
            detail=detail[:DETAIL_CHARS],
            job_id=context.job.id,
        )
        context.check()  # whoever lost the job must not leave a result
        self._gates.add(digest, asked, author=context.job.created_by)

    def _receipt(
        self, context: JobContext, digest: str, smoke: SmokeOutcome, result: TrialResult | None
    ) -> dict[str, Any]:
        gate = self._gates.get_gate(digest)
        with suppress(GrowthError):
            context.log(f"Gate: {gate.sentence}")
        is_passed = smoke.is_passed is not False and result is not None and result.is_passed
        items = [
            ReceiptItem(target="Smoke checks", action="-", result=smoke.word, detail=smoke.detail)
        ]
        for step in result.steps if result else ():
            took = f"{step.took_s:.1f} s" if step.took_s is not None else "-"
            items.append(
                ReceiptItem(target=step.title, action=took, result=step.state, detail=step.detail)
            )
        said = result.sentence if result else smoke.detail
        how = "passed its checks" if is_passed else "did not pass"
        receipt = Receipt(
            title=f"{short(digest)} {how}. {said}", finished=now(), items=tuple(items)
        )
        return {
            **receipt.as_json(),
            "is_passed": is_passed,
            "hint": result.hint if result else "Mend the image, build it, and check that one.",
            "digest": digest,
            "gate": gate.as_json(),
        }


def _watch(context: JobContext) -> TrialWatch:
    return TrialWatch(
        check=context.check,
        on_line=context.log,
        on_step=lambda done, total, message: context.progress(
            done, total, unit="steps", message=message
        ),
    )
