"""What the manager of builds asks of whoever makes an image: a tool here, a workflow elsewhere."""

from __future__ import annotations

from typing import Any, Protocol

from growth_admin.images.builds.leftovers import Swept
from growth_admin.jobs.engine import JobContext


class Builder(Protocol):
    """What makes images."""

    @property
    def program(self) -> str:
        """Return what it is. Raises ``NotConfigured`` where there is none. Asks nobody."""
        ...

    def version(self) -> str:
        """Return it with its version, for people. Raises as ``program``."""
        ...


class Sweeper(Protocol):
    """What removes the leftovers of builds."""

    def sweep(self) -> Swept:
        """Return what was removed."""
        ...


class Work(Protocol):
    """The code of its job."""

    def run(self, context: JobContext) -> dict[str, Any]:
        """Return the receipt."""
        ...
