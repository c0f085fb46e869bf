"""What programs inside an image say, as records: its packages, and its own checks."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from pydantic import ValidationError

from growth_admin.core.errors import GrowthError
from growth_admin.core.words import count
from growth_admin.images.builds.ending import DETAIL_CHARS
from growth_admin.images.builds.models import Contents, SmokeCheck

PRINTED: Final = 5_000
"""So many lines are kept of what the checks of an image print; the log has more."""


def contents_of(found: dict[str, object]) -> Contents:
    """Return what a program inside found (``inside``). Raises ``GrowthError``."""
    try:
        return Contents.model_validate(found)
    except ValidationError as e:
        raise GrowthError(
            f"What is in the image makes no sense: {e.error_count()} of its facts are not as they "
            "should be.",
            hint="Look at the Python packages of the image: one may be half installed.",
        ) from e


def checks_of(printed: Iterable[str]) -> tuple[SmokeCheck, ...]:
    """Return the checks among what was printed: one JSON object a line (image/smoke/run.py)."""
    found = []
    for line in printed:
        try:
            row = json.loads(line)
            found.append(
                SmokeCheck(
                    check=str(row["check"]),
                    state=str(row["state"]),
                    seconds=float(row.get("seconds") or 0),
                    detail=str(row.get("detail") or "")[:DETAIL_CHARS],
                )
            )
        except (ValueError, KeyError, TypeError):
            continue
    return tuple(found)


def with_checks(
    contents: Contents, checks: tuple[SmokeCheck, ...], *, is_passed: bool, otherwise: str
) -> Contents:
    """Return the contents with what the image's own checks found.

    ``otherwise`` says what is wrong where no single check failed.
    """
    bad = "; ".join(f"{c.check}: {c.detail[-300:]}" for c in checks if c.state == "failed")
    said = f"{count(len(checks), 'check')} passed" if is_passed else bad or otherwise
    return contents.model_copy(
        update={"checks": checks, "is_smoke_passed": is_passed, "smoke_detail": said}
    )
