"""Names by which what a build or a check leaves is known, also when its server is gone."""

from __future__ import annotations

import hashlib
import re
from typing import Final

from growth_admin.core.schema import to_rfc3339
from growth_admin.images.builds.models import Claim

CHECK_PREFIX: Final = "growth-check-"
BUILD_PREFIX: Final = "growth-build-"
PUSH_PREFIX: Final = "growth-push-"
FETCH_PREFIX: Final = "growth-fetch-"
FETCHED: Final = "image"
"""File in the folder of a fetch that names the image to be removed from here."""
FOLDER_PREFIXES: Final = (BUILD_PREFIX, PUSH_PREFIX, FETCH_PREFIX)
MARKED: Final = re.compile(r"growth-(?:check|build|push|fetch)-([0-9a-f]{12})-")


def mark_of(name: str, claim: Claim) -> str:
    """Return twelve digits for a build of the image with this name."""
    return _mark(f"{name}:{claim.tag} {to_rfc3339(claim.time)}")


def mark_of_check(job_id: str) -> str:
    """Return the same for a check of an image that was built already."""
    return _mark(f"check {job_id}")


def mark_in(name: str) -> str:
    """Return the mark in the name of a container or a folder; empty for what is none of ours."""
    found = MARKED.match(name)
    return found[1] if found else ""


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
