"""Names by which what a build leaves is known as its own, also when its server is gone."""

from __future__ import annotations

import hashlib
from typing import Final

from growth_admin.core.schema import to_rfc3339
from growth_admin.images.builds.models import Claim

CHECK_PREFIX: Final = "growth-check-"
BUILD_PREFIX: Final = "growth-build-"
PUSH_PREFIX: Final = "growth-push-"
FOLDER_PREFIXES: Final = (BUILD_PREFIX, PUSH_PREFIX)


def mark_of(name: str, claim: Claim) -> str:
    """Return twelve digits for a build of the image with this name."""
    text = f"{name}:{claim.tag} {to_rfc3339(claim.time)}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]
