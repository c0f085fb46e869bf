"""One server between its first request and its end."""

from __future__ import annotations

import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Literal

from growth_admin.servers.control import Step

Kind = Literal["look", "ask", "explain"]


@dataclass(frozen=True)
class Limits:
    """How long each part may take, in seconds."""

    stop_s: float = 180.0
    start_s: float = 600.0
    busy_s: float = 900.0
    hub_out_s: float = 900.0
    poll_s: float = 1.0
    quiet_times: float = 5.0
    """A hub that said "too many" is asked for more at once after so many times its own wait."""
    spacing_s: float = 0.1
    """So long between two that are begun. The hub does one thing at a time: of ten requests at one
    moment it ends all with the last, so they stay abreast and meet again at every step."""


@dataclass
class Call:
    """A request to the hub that is under way in another thread."""

    kind: Kind
    future: Future[Any]


@dataclass
class Flight:
    """Where one server is. Moments are seconds on the monotonic clock.

    Either a ``call`` is under way, or a ``step`` is decided and not yet sent, or it is looked at
    again at ``look_at_s``.
    """

    index: int
    began_s: float = field(default_factory=time.monotonic)
    phase_s: float = field(default_factory=time.monotonic)
    look_at_s: float = 0.0
    call: Call | None = None
    step: Step | None = None
    failure: str = ""
    """What the hub said when the start failed."""
    is_taken_over: bool = False
    """Whether an earlier run of the job began it."""

    @property
    def is_waiting(self) -> bool:
        """Whether nothing is under way and nothing decided."""
        return self.call is None and self.step is None

    def wait(self, seconds: float) -> None:
        """Be looked at again after so long."""
        self.look_at_s = time.monotonic() + seconds


def phase_of(step: Step) -> Literal["stopping", "starting"]:
    """Return the phase that a request leads to."""
    return "stopping" if step.kind == "ask-stop" else "starting"
