"""Which digest each running server has, as the hub tells it.

With KubeSpawner the hub knows it from the status of the server's pod, where the node says what it
pulled (``RunningDigests`` in ``hub_config.py``). Nobody else need read pods, in which there is more
than that: their environment holds the hub token of each server.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from growth_admin.core.errors import GrowthError

DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
FRESH_S: Final = 10.0
SILENT_S: Final = 30.0
"""How long a failure is remembered: whoever looks again at once is not kept waiting again."""
Told = Mapping[tuple[str, str], str]
"""Digests by user and server name."""


@dataclass(frozen=True)
class KnownDigests:
    """The digests by user and server name; ``problem`` says why they are not known."""

    digests: Told = field(default_factory=dict)
    problem: str = ""


class ServerDigests:
    """Asks the hub, at most every few seconds. Safe for several threads.

    ``look`` returns what the hub tells, and may raise ``GrowthError``; without it nothing is known,
    and that is no problem.
    """

    def __init__(self, look: Callable[[], Told] | None = None) -> None:
        self._look = look
        self._lock = threading.Lock()
        self._last = KnownDigests()
        self._until = 0.0

    def __call__(self) -> KnownDigests:
        """Return what servers run, as far as the hub knows. Never raises."""
        if self._look is None:
            return KnownDigests()
        with self._lock:
            if time.monotonic() < self._until:
                return self._last
            try:
                told = self._look()
                known = {server: one for server, one in told.items() if DIGEST.fullmatch(one)}
                self._last = KnownDigests(known)
            except GrowthError as e:
                self._last = KnownDigests(
                    problem=f"{e.detail} Digests are told by servers' starts."
                )
            self._until = time.monotonic() + (SILENT_S if self._last.problem else FRESH_S)
            return self._last
