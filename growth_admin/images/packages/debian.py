"""What the distribution's archive has of a package, where its lists are at hand (apt-cache(8))."""

from __future__ import annotations

import shutil
from typing import Final

from growth_admin.core.errors import NotFound
from growth_admin.core.process import run_bounded

TIMEOUT_S: Final = 10.0
UNKNOWN: Final = (
    "Packages of apt are not looked up: this server has no lists of the distribution (apt-get "
    "update fetches them), or they may be another distribution's than the image's."
)


def versions_in_archive(name: str) -> list[str]:
    """Return the versions that the archive has, newest first.

    Raises ``NotFound`` for a package that it does not have. Ask ``has_lists`` before.
    """
    found = [row[1].strip() for row in _madison(name) if len(row) > 2]
    if not found:
        raise NotFound(f"The distribution has no package {name}.", hint="Look at its spelling.")
    return list(dict.fromkeys(found))


def has_lists() -> bool:
    """Return whether this server can tell what the distribution has."""
    # apt itself is in every archive: where it is not found there are no lists
    return shutil.which("apt-cache") is not None and bool(_madison("apt"))


def _madison(name: str) -> list[list[str]]:
    done = run_bounded(["apt-cache", "madison", "--", name], timeout_s=TIMEOUT_S)
    return [line.split("|") for line in done.stdout.decode(errors="replace").splitlines()]
