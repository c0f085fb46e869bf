"""What a build says of itself while it runs: its log, its stage, the step it is at."""

from __future__ import annotations

from typing import Final

from growth_admin.images.builds.engine import STEP, steps_of
from growth_admin.images.builds.models import STAGES, Stage
from growth_admin.jobs.engine import JobContext

STEP_CHARS: Final = 500


class Telling:
    """One run. ``stage`` and ``step`` are where it is, and in the end where it stopped."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self.stage: Stage | None = None
        self.step = ""

    def enter(self, stage: Stage) -> None:
        """Say that a stage begins."""
        self.stage = stage
        self._context.progress(0, message=STAGES[stage])

    def write(self, lines: list[str]) -> None:
        """Write lines of a command into the job's log, and read from them how far it is."""
        self._context.log("\n".join(lines))
        if self.stage != "building":
            return  # what is run in the image may print what it likes
        steps = [line for line in lines if STEP.match(line)]
        if steps and (at := steps_of(steps)):
            self.step = steps[-1][:STEP_CHARS]
            self._context.progress(at[0], at[1], unit="steps", message=STAGES["building"])

    @property
    def failed_step(self) -> str:
        """Return the line of the Dockerfile that was worked on, as the builder says it."""
        return self.step if self.stage == "building" else ""


def stage_of(message: str) -> Stage | None:
    """Return the stage that a job's progress tells of."""
    return next((stage for stage, said in STAGES.items() if said == message), None)
