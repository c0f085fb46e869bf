"""Builds by the workflow of the repository: dispatch it, follow its run, find what it pushed.

The run goes on at GitHub whatever becomes of this server. Who takes the job over knows the run from
the checkpoint; if the server died before that, from the job's id, which is in the run's name.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, Final, TypeVar

from growth_admin.core.errors import (
    GitHubUnavailable,
    GrowthError,
    NotConfigured,
    RateLimited,
    Uncertain,
)
from growth_admin.images.builds.actions_report import read_report
from growth_admin.images.builds.actions_settings import ImageActions
from growth_admin.images.builds.ending import BuildEnding
from growth_admin.images.builds.leftovers import Leftovers, Swept
from growth_admin.images.builds.models import Claim, Contents, Stage
from growth_admin.images.builds.run_log import RunLog
from growth_admin.images.builds.store import BuildStore
from growth_admin.images.builds.telling import Telling
from growth_admin.images.builds.turn import BuildTurns
from growth_admin.images.github.place import RepositoryPlace
from growth_admin.images.github.runs import Job, Run, Runs, Step
from growth_admin.images.packages.history import RevisionBook
from growth_admin.images.registry.client import Registry
from growth_admin.jobs.engine import JobCancelled, JobContext

Found = TypeVar("Found")
TAG_DIGITS: Final = 12
"""As the workflow that is shipped names them: git- and twelve digits of the commit."""
FIND_S: Final = 30.0
"""So long a run may take to be listed after it was asked for."""
REASON_CHARS: Final = 200
STAGES_BY_WORD: Final[tuple[tuple[str, Stage], ...]] = (
    ("smoke", "checking"), ("check", "checking"), ("checks", "checking"), ("sbom", "listing"),
    ("build", "building"), ("push", "pushing"),
)  # fmt: skip


class ActionsBuilder:
    """See ``Builder``: GitHub Actions."""

    def __init__(self, place: RepositoryPlace, settings: ImageActions) -> None:
        self._place, self._settings = place, settings

    @property
    def program(self) -> str:
        """See ``Builder``."""
        self._place.require()
        return f"{self._settings.workflow} of {self._place.name}"

    def version(self) -> str:
        """See ``Builder``."""
        return f"GitHub Actions: {self.program}"


class LeftHere:
    """See ``Sweeper``: GitHub's machines are theirs, but images may have been checked here."""

    def __init__(self, leftovers: Leftovers) -> None:
        self._leftovers = leftovers

    def sweep(self) -> Swept:
        """See ``Sweeper``. Without a tool there is nothing."""
        try:
            return self._leftovers.sweep()
        except NotConfigured:
            return Swept()


class ActionsWork:
    """See ``Work``."""

    def __init__(
        self,
        store: BuildStore,
        turns: BuildTurns,
        runs: Runs,
        revisions: RevisionBook,
        registry: Registry,
        ending: BuildEnding,
        settings: ImageActions,
    ) -> None:
        self._store = store
        self._turns = turns
        self._runs = runs
        self._revisions = revisions
        self._registry = registry
        self._ending = ending
        self._settings = settings

    def run(self, context: JobContext) -> dict[str, Any]:
        """See ``Work``. What ended the build is written down beside it."""
        claim, telling = self._store.get_claim(int(context.params["number"])), Telling(context)

        def make() -> dict[str, Any]:
            self._turns.require(str(context.params.get("mark", "")), context.job.id)
            return self._make(context, claim, telling)

        return self._ending.ended(context, claim, telling, make)

    def _make(self, context: JobContext, claim: Claim, telling: Telling) -> dict[str, Any]:
        run = self._known_run(context) or self._begin(context, claim)
        self._store.keep_link(claim.number, run.link)
        try:
            run = self._follow(context, telling, run)
        except JobCancelled:
            context.log("asking GitHub to cancel the run")
            with suppress(GrowthError):
                self._runs.cancel(run.id)
            raise
        contents = self._contents(context, run)
        digest = self._wait_for(context, lambda: self._registry.head(claim.tag))
        if not digest:
            raise GrowthError(
                f"The run succeeded, and the registry has no {claim.tag}.",
                hint="The workflow pushes to another image than ImageRegistry.image: set the "
                f"variable IMAGE of the repository to {self._registry.name}.",
                context={"link": run.link},
            )
        self._store.keep_contents(claim.number, contents)
        return self._ending.finish(context, claim, contents, digest)

    # -- begin

    def _known_run(self, context: JobContext) -> Run | None:
        """Return the run that an earlier life of this job began, if it did."""
        if number := context.checkpoint.get("run"):
            return self._wait_for(context, lambda: self._runs.get(int(number)))
        if asked := context.checkpoint.get("asked"):
            return self._find(context, datetime.fromisoformat(str(asked)))
        return None

    def _begin(self, context: JobContext, claim: Claim) -> Run:
        commit = self._revisions.get(claim.revision).commit
        asked = self._runs.now()
        context.save_checkpoint({"asked": asked.isoformat()})
        context.log(f"{claim.tag}: starting {self._runs.workflow} for commit {commit}")
        inputs = {
            "reason": f"{claim.reason[:REASON_CHARS]} ({claim.author})",
            "revision": commit,
            "request": context.job.id,
        }
        try:
            run = self._runs.begin(inputs)
        except Uncertain:
            context.log("GitHub gave no answer: looking whether the run began")
            run = None
        run = run or self._find(context, asked)
        if run is None:
            raise GitHubUnavailable(
                "GitHub was asked to build, and no run of it is to be found.",
                hint="Look at the repository's page Actions, then build again.",
            )
        context.log(f"run {run.id}: {run.link}")
        context.save_checkpoint({"asked": asked.isoformat(), "run": run.id})
        return run

    def _find(self, context: JobContext, asked: datetime) -> Run | None:
        end_s = time.monotonic() + FIND_S
        while True:
            run = self._wait_for(context, lambda: self._runs.find(context.job.id, asked))
            if run or time.monotonic() > end_s:
                return run
            context.rest(self._settings.poll_s)

    # -- follow

    def _follow(self, context: JobContext, telling: Telling, run: Run) -> Run:
        log = RunLog(context, self._runs)
        deadline = time.monotonic() + self._settings.build_timeout_s
        number = run.id
        context.progress(0, message=f"waiting for GitHub: {run.status}")
        while True:
            jobs = self._wait_for(context, lambda: self._runs.list_jobs(number))
            log.tell(jobs)
            _say_stage(context, telling, jobs)
            if run.is_over:
                break
            if time.monotonic() > deadline:
                raise self._too_long(run)
            context.rest(self._settings.poll_s)
            run = self._wait_for(context, lambda: self._runs.get(number))
        log.finish(jobs)
        self._require_success(run, jobs)
        return run

    def _too_long(self, run: Run) -> GrowthError:
        end = "was cancelled."
        try:
            self._runs.cancel(run.id)
        except GrowthError as e:
            end = f"could not be cancelled: {e.detail}"
        return GrowthError(
            f"The run took longer than {self._settings.build_timeout_s:.0f} s and {end}",
            hint=f"ImageActions.build_timeout_s is the limit. {run.link}",
        )

    def _require_success(self, run: Run, jobs: list[Job]) -> None:
        bad = _failed_steps(jobs)
        if run.conclusion == "success" or (bad and all("smoke" in s.name.lower() for s in bad)):
            return  # what the image's own checks found is told apart: the image was pushed
        if run.conclusion == "cancelled":
            raise GrowthError(
                "The run was cancelled at GitHub.", hint=f"Its page says by whom: {run.link}"
            )
        where = f" at the step {bad[0].name}" if bad else ""
        raise GrowthError(
            f"The run failed{where} ({run.conclusion or 'no conclusion'}).",
            hint=f"The job's log has all that was said, and so has its page: {run.link} Mend the "
            "source, or take the last change back.",
            context={"link": run.link},
        )

    def _contents(self, context: JobContext, run: Run) -> Contents:
        try:
            packed = self._wait_for(
                context, lambda: self._runs.read_report(run.id, self._settings.report)
            )
            return read_report(packed, is_passed=run.conclusion == "success")
        except GrowthError as e:
            context.log(f"the report of the run is not read: {e.detail}")
            return read_report(b"", is_passed=run.conclusion == "success")

    # -- patience

    def _wait_for(self, context: JobContext, ask: Callable[[], Found]) -> Found:
        """Return what is asked for, however often GitHub or the registry fail, up to a limit."""
        end_s = time.monotonic() + self._settings.outage_limit_s
        is_told = False
        while True:
            try:
                return ask()
            except GrowthError as e:
                is_passing = isinstance(e, GitHubUnavailable) or e.kind == "registry-unavailable"
                if not is_passing or time.monotonic() > end_s:
                    raise
                if not is_told:
                    context.log(f"{e.detail} Trying again; the run goes on meanwhile.")
                    is_told = True
                context.rest(self._pause_s(e))

    def _pause_s(self, error: GrowthError) -> float:
        if isinstance(error, RateLimited):
            return max((error.until - self._runs.now()).total_seconds(), 1.0)
        return self._settings.poll_s


def tag_of_commit(commit: str) -> str:
    """Return the tag that the shipped workflow gives an image of a commit."""
    return f"git-{commit[:TAG_DIGITS]}"


def _failed_steps(jobs: list[Job]) -> list[Step]:
    return [
        step
        for job in jobs
        for step in job.steps
        if step.conclusion in ("failure", "timed_out", "action_required")
    ]


def _say_stage(context: JobContext, telling: Telling, jobs: list[Job]) -> None:
    """Say how far it is: the step that runs or that failed, in the stages that builds have.

    A step that fails at once is never seen while it runs.
    """
    steps = [step for job in jobs for step in job.steps]
    running = (step for step in steps if step.status == "in_progress")
    current = next(iter((*running, *_failed_steps(jobs))), None)
    if current is None:
        return
    words = re.findall(r"\w+", current.name.lower())  # a checkout is no check
    stage = next((stage for word, stage in STAGES_BY_WORD if word in words), None)
    if stage and stage != telling.stage:
        telling.enter(stage)
    elif stage is None and telling.stage is None:
        done = sum(step.status == "completed" for step in steps)
        context.progress(done, len(steps), unit="steps", message=f"at GitHub: {current.name}")
