"""The trial of an image on a canary, as this room asks for it; other rooms know how it is done."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class TrialStep:
    """One step; ``took_s`` is in seconds, nothing for a step that was not reached."""

    title: str
    state: str
    took_s: float | None = None
    detail: str = ""


@dataclass(frozen=True)
class TrialResult:
    """How it went, in a sentence and step by step."""

    is_passed: bool
    sentence: str
    hint: str = ""
    steps: tuple[TrialStep, ...] = ()


@dataclass(frozen=True)
class TrialWatch:
    """Who follows a trial. ``check`` raises when it shall end early."""

    check: Callable[[], None]
    on_line: Callable[[str], None]
    on_step: Callable[[int, int, str], None]
    """Hears how many steps are done, of how many, and which one is next."""


class CanaryTrial(Protocol):
    """Tries an image on the canary of one organiser, whose server this is."""

    @property
    def owner(self) -> str:
        """Whose canary it is."""

    def require_ready(self) -> None:
        """Raise ``NotConfigured``, ``HubRefused`` or ``HubUnavailable`` where it cannot be done."""

    def run(self, image: str, digests: Collection[str], watch: TrialWatch) -> TrialResult:
        """Start the canary with an image, do what a student does, stop it; return how it went.

        ``digests`` are those that may be told to run: the image's own, and of an index its parts'.
        Raises ``GrowthError`` when nothing was found out about the image: the hub is away, or does
        not let the bot in. Nothing is left running, whatever is raised.
        """

    def end(self, owner: str) -> str:
        """Stop what an earlier run left on somebody's canary; return what could not be ended."""
