"""Lint of start scripts: what hurts a class, said before it is saved."""

from growth_admin.startup.lint.findings import Finding, LintReport, Severity
from growth_admin.startup.lint.run import lint_file, lint_text

__all__ = ["Finding", "LintReport", "Severity", "lint_file", "lint_text"]
