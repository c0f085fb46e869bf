"""Runs of the repository's workflow: begin one, follow it, end it, fetch what it said.

Source: GitHub's REST API, "Workflows" (create a workflow dispatch event), "Workflow runs",
"Workflow jobs", "Artifacts".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from growth_admin.core.errors import GitHubRefused, GitHubUnavailable, NotConfigured, NotFound
from growth_admin.core.github.download import download
from growth_admin.core.github.settings import GitHub
from growth_admin.images.github.place import RepositoryPlace

RUN: Final = ("id", "status", "conclusion", "html_url", "display_title", "head_sha", "created_at")
SHOWN: Final = 50
SLACK: Final = timedelta(minutes=1)
"""So far may the time that is known of GitHub be ahead of a run's; its name tells which it is."""
LOG_BYTES: Final = 8 * 1024**2
REPORT_BYTES: Final = 64 * 1024**2


@dataclass(frozen=True)
class Run:
    """A run; ``conclusion`` is empty until its status is completed."""

    id: int
    status: str
    conclusion: str
    title: str
    link: str

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes."""
        return self.status == "completed"


@dataclass(frozen=True)
class Step:
    """One step of a job."""

    name: str
    status: str
    conclusion: str


@dataclass(frozen=True)
class Job:
    """A job of a run with its steps."""

    id: int
    name: str
    status: str
    conclusion: str
    link: str
    steps: tuple[Step, ...]

    @property
    def is_over(self) -> bool:
        """Whether its log can be fetched."""
        return self.status == "completed"


class Runs:
    """The runs of one workflow."""

    def __init__(self, place: RepositoryPlace, workflow: str) -> None:
        self._place, self.workflow = place, workflow

    @property
    def settings(self) -> GitHub:
        """How GitHub is asked."""
        return self._place.github

    def now(self) -> datetime:
        """Return the time by GitHub's clock, by which its limits and the ages of runs are."""
        return self._place.calls.clock.now()

    def begin(self, inputs: dict[str, str]) -> Run | None:
        """Dispatch the workflow; return its run, nothing where GitHub does not tell it.

        Raises ``NotConfigured`` where the repository has no such workflow, or it takes no such
        inputs, ``Uncertain`` when nobody knows whether it was begun, else as ``Calls.write``.
        """
        path = self._place.path("actions", "workflows", self.workflow, "dispatches")
        what = f"starting the workflow {self.workflow} of {self._place.name}"
        body = {"ref": self._place.branch, "inputs": inputs, "return_run_details": True}
        try:
            found = self._place.calls.write("POST", path, body, what=what)
        except GitHubRefused as e:
            if e.context.get("status") == 404 and e.context.get("reason") == "not-found":
                raise self._missing() from None
            if e.context.get("status") == 422:
                raise NotConfigured(
                    f"The workflow {self.workflow} of {self._place.name} cannot be started from "
                    f"here: {e.context.get('message')}",
                    hint="Take over image/.github/workflows/image.yml as growth-admin ships it: it "
                    "has workflow_dispatch with the inputs reason, revision and request.",
                ) from None
            raise
        number = (found.data or {}).get("workflow_run_id")
        return self.get(int(number)) if number else None

    def find(self, mark: str, since: datetime) -> Run | None:
        """Return the run whose name holds a mark."""
        path = self._place.path("actions", "workflows", self.workflow, "runs")
        query: dict[str, str | int] = {
            "event": "workflow_dispatch", "per_page": SHOWN,
            "created": f">={since - SLACK:%Y-%m-%dT%H:%M:%SZ}",
        }  # fmt: skip
        found = self._place.calls.read(
            path, what="the runs of the workflow", query=query, is_kept=False
        )
        runs = [_run(raw) for raw in found.data.get("workflow_runs", ())]
        return next((one for one in runs if mark in one.title), None)

    def get(self, number: int) -> Run:
        """Return a run. Raises ``NotFound`` for one that was removed."""
        path = self._place.path("actions", "runs", number)
        found = self._place.calls.read(
            path, what="the run", fields=RUN, allows=(404,), is_kept=False
        )
        if found.status == 404:
            raise self._removed(number)
        return _run(found.data)

    def list_jobs(self, number: int) -> list[Job]:
        """Return the jobs of a run with their steps. Raises ``NotFound`` as ``get``."""
        path = self._place.path("actions", "runs", number, "jobs")
        found = self._place.calls.read(path, what="the run's jobs", allows=(404,), is_kept=False)
        if found.status == 404:
            raise self._removed(number)
        return [_job(raw) for raw in found.data.get("jobs", ())]

    def _removed(self, number: int) -> NotFound:
        return NotFound(
            f"{self._place.name} has no run {number} any more.",
            hint="Somebody removed it at GitHub. Build again.",
        )

    def read_log(self, job: Job) -> tuple[str, bool]:
        """Return a job's log, and whether that is all of it; empty while there is none."""
        path = self._place.path("actions", "jobs", job.id, "logs")
        url = self._place.calls.locate(path, what=f"the log of {job.name}", allows=(404, 410))
        if not url:
            return "", False
        data, is_whole = download(
            url,
            what=f"the log of {job.name}",
            limit_bytes=LOG_BYTES,
            timeout_s=self.settings.timeout_s,
        )
        return data.decode(errors="replace"), is_whole

    def read_report(self, number: int, name: str) -> bytes:
        """Return a run's artifact as a ZIP; empty without one, or when it is not whole."""
        path = self._place.path("actions", "runs", number, "artifacts")
        found = self._place.calls.read(
            path, what="the run's report", query={"name": name}, is_kept=False
        )
        first = next(iter(found.data.get("artifacts", ())), None)
        if first is None:
            return b""
        zipped = self._place.path("actions", "artifacts", first["id"], "zip")
        url = self._place.calls.locate(zipped, what="the run's report", allows=(404, 410))
        if not url:
            return b""
        data, is_whole = download(
            url,
            what="the run's report",
            limit_bytes=REPORT_BYTES,
            timeout_s=self.settings.timeout_s,
        )
        return data if is_whole else b""

    def cancel(self, number: int) -> None:
        """Ask GitHub to end a run; nothing happens to one that is over or gone."""
        path = self._place.path("actions", "runs", number, "cancel")
        what = "cancelling the run"
        self._place.calls.write("POST", path, what=what, allows=(404, 409))

    def _missing(self) -> NotConfigured:
        return NotConfigured(
            f"{self._place.name} has no workflow {self.workflow}, or it is hidden from us.",
            hint="Put image/.github/workflows/image.yml into its default branch, or set "
            "ImageActions.workflow.",
        )


def _run(raw: Any) -> Run:
    try:
        return Run(
            int(raw["id"]),
            str(raw.get("status") or ""),
            str(raw.get("conclusion") or ""),
            str(raw.get("display_title") or ""),
            str(raw.get("html_url") or ""),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise GitHubUnavailable("GitHub's reply about a run cannot be read.") from None


def _job(raw: Any) -> Job:
    try:
        steps = tuple(
            Step(str(one["name"]), str(one["status"]), str(one.get("conclusion") or ""))
            for one in raw.get("steps") or ()
        )
        return Job(
            int(raw["id"]),
            str(raw["name"]),
            str(raw["status"]),
            str(raw.get("conclusion") or ""),
            str(raw.get("html_url") or ""),
            steps,
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise GitHubUnavailable("GitHub's reply about a run's job cannot be read.") from None
