"""Trying an image on the owner's canary, for the images room: hub, bot student and start records.

The three belong to other rooms; none of them knows the images, and the images know none of them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from growth_admin.core.errors import (
    GrowthError,
    HubRefused,
    HubUnavailable,
    InvalidInput,
    LeaseLost,
    NotFound,
)
from growth_admin.images.checks.trial import TrialResult, TrialStep, TrialWatch
from growth_admin.images.moving import short
from growth_admin.images.server_digests import FRESH_S, ServerDigests
from growth_admin.jobs.context import JobInterrupted
from growth_admin.servers.bot.manager import BotStudent
from growth_admin.servers.bot.models import BotStep, lower_first
from growth_admin.servers.bot.on_canary import CanaryBroom, CanaryWalk, Candidate
from growth_admin.servers.bot.place import Limits
from growth_admin.servers.bot.walk import Failed
from growth_admin.servers.canary import CANARY
from growth_admin.servers.hub_tokens import HubTokens
from growth_admin.startup.trials import canary_records, record_id, say_bad_scripts

RECORD_WAIT_S: Final = 30.0
"""How long a start's record may take to be seen here: the shared disk is read late at times."""
LOOK_S: Final = 0.5
OF_THE_HUB: Final = (HubUnavailable, HubRefused, InvalidInput, NotFound)
"""What the hub says, not the image: it is away, too busy, or starts no image of that name."""
FAR: Final = (
    "The hub may start something else than what it was told: look whether its hub_config.py is of "
    "this version, and at the spawner's own settings."
)


@dataclass(frozen=True)
class HubTrial:
    """Tries images on ``<owner>/canary``. ``start_limit_s``: a node may fetch the image first."""

    bot: BotStudent
    owner: str
    records: Path
    running: ServerDigests
    start_limit_s: float
    images_run: str = field(default_factory=lambda: os.environ.get("GROWTH_IMAGES_RUN", ""))

    def require_ready(self) -> None:
        """Raise ``NotConfigured``, ``HubRefused`` or ``HubUnavailable`` without a bot student."""
        self.bot.require_ready()

    def run(self, image: str, digests: Collection[str], watch: TrialWatch) -> TrialResult:
        """Try an image; see ``CanaryTrial``."""
        limits = Limits(start_s=self.start_limit_s)
        known = {record_id(record) for record in self._starts()}
        told = _Told(watch)
        walk = CanaryWalk(
            self.bot.place(),
            limits,
            Candidate(
                owner=self.owner,
                options={"image": image},
                look=lambda: self.look(known, digests, watch),
                dataset=self.bot.dataset,
            ),
            check=watch.check,
            on_step=told.on_step,
            on_line=watch.on_line,
        )
        told.total = len(walk.steps)
        try:
            self._go(walk)
        except JobInterrupted:
            walk.tidy(is_hasty=True)  # the next server begins anew
            raise
        except LeaseLost:
            raise  # whoever has the job now cleans up
        except BaseException:
            walk.tidy()
            raise
        return _result(walk.steps, self._mark())

    def _go(self, walk: CanaryWalk) -> None:
        """Take the steps. Raises ``GrowthError`` when a failure says nothing about the image."""
        left = walk.tidy()  # what somebody left running
        if left:
            raise HubRefused(left, hint="Stop it on the hub's own page, then check again.")
        try:
            walk.go()
        except Failed as failure:
            left = walk.tidy()
            cause = failure.__cause__
            is_ours = "failed" in (walk.step("login").state, walk.step("stop").state)
            if isinstance(cause, GrowthError) and (is_ours or isinstance(cause, OF_THE_HUB)):
                raise type(cause)(
                    f"The image could not be checked: {cause.detail} {left}".strip(),
                    hint=cause.hint,
                ) from failure
            self._require_hub()

    def _require_hub(self) -> None:
        """Raise ``HubUnavailable`` while the hub is away: servers let nobody in then."""
        place = self.bot.place()
        try:
            HubTokens(place.hub_url, place.hub_token).who_am_i()
        except HubUnavailable as e:
            raise HubUnavailable(
                f"The image could not be checked, as the hub went away: {e.detail}",
                hint="Check the image again when the hub answers.",
            ) from e

    def end(self, owner: str) -> str:
        """Stop what an earlier run left on somebody's canary; return what could not be ended."""
        return CanaryBroom(self.bot.place(), owner, stop_limit_s=Limits().stop_s).sweep()

    # -- what the start was

    def look(self, known: set[str], digests: Collection[str], watch: TrialWatch) -> str:
        """Return what the start of the canary was. Raises ``GrowthError`` for a bad one."""
        record = self._wait_for_record(known, watch)
        if record is None:
            raise GrowthError(
                "The canary started, but the start chain left no record.",
                hint="The image may lack the chain's hook, or the logs folder may not be writable.",
            )
        running = self._running_digest(digests, watch)
        seen = running or str(_map(record, "image").get("digest", ""))
        if seen not in digests:
            wanted = " or ".join(short(one) for one in sorted(digests)[:3])
            what = f"It runs {short(seen)}" if seen else "Which digest it runs is not told"
            raise GrowthError(f"The canary started, but not with {wanted}. {what}.", hint=FAR)
        bad = say_bad_scripts(record)
        if bad:
            raise GrowthError(
                f"The canary started, but {bad}",
                hint="Look at its logs under Start scripts; the scripts are those that are live.",
            )
        took_s = float(record.get("duration_s") or 0)
        source = "its node says" if running else "the start record says"
        return (
            f"ready; the start scripts ended well, in {took_s:.1f} s; {source} that it runs "
            f"{short(seen)}."
        )

    def _running_digest(self, digests: Collection[str], watch: TrialWatch) -> str:
        """Return what the node says that runs, empty where nobody asks it (no Kubernetes).

        What it said some seconds ago may be about the canary before this one.
        """
        end_s = time.monotonic() + FRESH_S * 2
        while True:
            told = self.running().digests.get((self.owner, CANARY), "")
            if not told or told in digests or time.monotonic() > end_s:
                return told
            watch.check()
            time.sleep(LOOK_S)

    def _wait_for_record(self, known: set[str], watch: TrialWatch) -> dict[str, Any] | None:
        end_s = time.monotonic() + RECORD_WAIT_S
        while True:
            found = next((one for one in self._starts() if record_id(one) not in known), None)
            if found or time.monotonic() > end_s:
                return found
            watch.check()
            time.sleep(LOOK_S)

    def _starts(self) -> list[dict[str, Any]]:
        """Return the starts of this canary, newest first."""
        records = canary_records(self.records)
        return [one for one in records if one.get("hub_user", self.owner) == self.owner]

    def _mark(self) -> str:
        """Return what is to be said where the hub starts no containers."""
        if self.images_run != "no":
            return ""
        return " This hub starts processes, not containers: the image was named, and not run."


@dataclass
class _Told:
    """Counts the steps."""

    watch: TrialWatch
    total: int = 0
    done: int = 0

    def on_step(self, step: BotStep) -> None:
        if step.took_s is not None:
            self.done += 1
            self.watch.on_line(
                f"{step.title}: {step.state} in {step.took_s:.1f} s; {step.detail}".rstrip("; ")
            )
        with suppress(GrowthError):
            self.watch.on_step(self.done, self.total, step.title)


def _result(steps: tuple[BotStep, ...], mark: str) -> TrialResult:
    failed = next((step for step in steps if step.state == "failed"), None)
    took_s = sum(step.took_s or 0 for step in steps)
    if failed:
        number = steps.index(failed) + 1
        said = f"Failed at step {number} of {len(steps)}, {lower_first(failed.title)}: "
        said += failed.detail
    else:
        done = sum(step.state == "ok" for step in steps)
        said = f"{done} of {len(steps)} steps on the canary in {took_s:.1f} s; {steps[0].detail}"
    return TrialResult(
        is_passed=failed is None,
        sentence=f"{said}{mark}",
        hint=failed.hint if failed else "",
        steps=tuple(
            TrialStep(title=s.title, state=s.state, took_s=s.took_s, detail=s.detail) for s in steps
        ),
    )


def _map(within: dict[str, Any], name: str) -> dict[str, Any]:
    found = within.get(name)
    return found if isinstance(found, dict) else {}
