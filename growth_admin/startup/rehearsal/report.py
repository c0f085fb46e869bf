"""What a rehearsal tells: each run with its output and its changes, and sentences that conclude."""

from __future__ import annotations

from typing import Literal

from growth_admin.core.schema import Model

Isolation = Literal["bubblewrap", "user-namespace", "re-rooted"]
"""How the run was kept away from everything real, strongest first."""


class FileChange(Model):
    """One file that a run left different. Paths in the home start with ``~/``."""

    path: str
    kind: Literal["created", "changed", "deleted"]
    size_before_bytes: int | None
    size_after_bytes: int | None
    is_work: bool
    """Whether it was the student's own work: a notebook, data, a program."""


class ScriptRun(Model):
    """One script in one run."""

    run: Literal[1, 2]
    script: str
    exit_code: int | None
    signal: int | None
    is_timed_out: bool
    duration_s: float
    stdout: str
    stderr: str
    stdout_bytes: int
    stderr_bytes: int
    dropped_bytes: int
    stopped_because: str
    """Why we stopped it before its end: empty, or a sentence."""
    left_processes: int
    changes: tuple[FileChange, ...]
    dropped_changes: int
    grown: tuple[str, ...]
    """Files that the first run made or lengthened and that this, the second, lengthened again."""
    written_bytes: int
    """Size of what was created and changed."""

    @property
    def is_well(self) -> bool:
        """Return whether the script ended by itself and said that all went well."""
        return self.exit_code == 0 and not self.is_timed_out and not self.stopped_because


class Conclusion(Model):
    """One sentence for the organiser."""

    severity: Literal["error", "warning", "info"]
    text: str


class RehearsalReport(Model):
    """Everything that two starts in a throw-away root did."""

    isolation: Isolation
    isolation_note: str
    has_network: bool
    is_cancelled: bool
    student: str
    runs: tuple[ScriptRun, ...]
    conclusions: tuple[Conclusion, ...]

    @property
    def has_errors(self) -> bool:
        """Return whether a class would have been hurt."""
        return any(line.severity == "error" for line in self.conclusions)
