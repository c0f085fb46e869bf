"""What the lint says: one finding per line and rule, in words for an organiser at 08:50."""

from __future__ import annotations

from typing import Literal

from growth_admin.core.schema import Model

Severity = Literal["error", "warning", "info"]
"""``error`` stops a save unless it is confirmed with a reason; ``info`` is no alarm."""


def words(text: str) -> frozenset[str]:
    """Return the words of a list written as text (names of programs, mostly)."""
    return frozenset(text.split())


class Finding(Model):
    """One thing that hurts a class. ``line`` and ``column`` count from 1."""

    line: int
    column: int | None = None
    severity: Severity
    rule: str
    message: str
    hint: str


class LintReport(Model):
    """All findings, in the order of the lines."""

    findings: tuple[Finding, ...] = ()

    @property
    def has_errors(self) -> bool:
        """Return whether a save must be confirmed."""
        return any(finding.severity == "error" for finding in self.findings)

    @property
    def has_alarms(self) -> bool:
        """Return whether anything but plain information was said."""
        return any(finding.severity != "info" for finding in self.findings)
