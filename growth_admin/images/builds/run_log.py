"""A run's steps and logs as lines of our job's log, each once, whoever follows it.

GitHub gives a job's log out when the job has ended; until then its steps are what can be told.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Final

from growth_admin.core.errors import GrowthError
from growth_admin.images.builds.following import COLOURS
from growth_admin.images.github.runs import Job, Runs
from growth_admin.jobs.engine import JobContext

TIME: Final = re.compile(r"^\ufeff?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z ", re.MULTILINE)
TRIES: Final = 2
WORDS: Final = {"in_progress": "begins", "queued": "waits"}


class RunLog:
    """What was told so far is part of the job's checkpoint."""

    def __init__(self, context: JobContext, runs: Runs) -> None:
        self._context, self._runs = context, runs
        kept = context.checkpoint
        self._steps: dict[str, str] = {str(k): str(v) for k, v in kept.get("steps", {}).items()}
        self._logs: list[int] = [int(number) for number in kept.get("logs", ())]

    def tell(self, jobs: list[Job]) -> None:
        """Tell what changed: steps that began or ended, and logs of jobs that are over."""
        lines: list[str] = []
        for job in jobs:
            for number, step in enumerate(job.steps):
                state = step.conclusion or WORDS.get(step.status, step.status)
                key = f"{job.id}:{number}"
                if state != "waits" and self._steps.get(key) != state:
                    self._steps[key] = state
                    lines.append(f"[{job.name}] {step.name}: {state}")
        if lines:
            self._context.log("\n".join(lines))
            self._keep()

    def finish(self, jobs: list[Job]) -> None:
        """Tell the rest: the logs of all jobs."""
        self.tell(jobs)
        for job in jobs:
            if job.is_over and job.id not in self._logs:
                self._tell_log(job)
                self._logs.append(job.id)
                self._keep()

    def _tell_log(self, job: Job) -> None:
        text, is_whole, said = "", False, "it could not be fetched"
        for _ in range(TRIES):  # a stream that was cut is fetched anew, not glued
            with suppress(GrowthError):
                text, is_whole = self._runs.read_log(job)
            if is_whole:
                break
        if text:
            self._context.log(COLOURS.sub("", TIME.sub("", text)).rstrip("\n"))
            said = "it was cut here"
        if not is_whole:
            self._context.log(f"[the log of {job.name}: {said}; all of it is at {job.link}]")

    def _keep(self) -> None:
        known = {**self._context.checkpoint, "steps": self._steps, "logs": self._logs}
        self._context.save_checkpoint(known)
