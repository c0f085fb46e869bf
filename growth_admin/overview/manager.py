"""Asks for every fact at once, waits for none of them longer than its limit.

A fact that fails or is slow costs its own line. One that hangs (a sick mount) holds one thread and
is not asked again before it has answered. Answers are kept for some seconds, so that twenty panels
that poll cost as much as one.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from dataclasses import dataclass, field
from typing import Final, get_args

from growth_admin.core.errors import GrowthError
from growth_admin.core.permissions import scope_of
from growth_admin.core.schema import now
from growth_admin.overview.models import Line, LineState, Overview, Panel, mend

log = logging.getLogger(__name__)
LIMIT_S: Final = 3.0
FRESH_S: Final = 5.0
_ORDER: Final[tuple[LineState, ...]] = ("error", "warning", "unknown", "ok")


@dataclass(frozen=True)
class Probe:
    """One line: how to ask for it, and what it needs.

    ``ask`` gets the areas that the visitor holds. ``area`` is the one without which it is not
    asked; empty for what every visitor of the page may know. ``waits_for`` names who is asked. What
    visitors of the page change there themselves is not kept, so that they see it at once.
    """

    id: str
    title: str
    ask: Callable[[Collection[str]], Line]
    area: str = ""
    panel: Panel | None = None
    waits_for: str = "the shared folder"
    limit_s: float = LIMIT_S
    is_kept: bool = True


@dataclass
class _Answer:
    """A question under way or answered, and when it was asked."""

    future: Future[Line] = field(default_factory=Future)
    asked_s: float = field(default_factory=time.monotonic)
    ended_s: float = 0.0


class OverviewManager:
    """The school-day page. Safe to use from several threads."""

    def __init__(self, probes: Sequence[Probe], *, fresh_s: float = FRESH_S) -> None:
        self._probes = tuple(probes)
        self._fresh_s = fresh_s
        self._lock = threading.Lock()
        self._answers: dict[tuple[str, frozenset[str]], _Answer] = {}

    def get_overview(self, areas: Collection[str], *, limit_s: float | None = None) -> Overview:
        """Return every line, worst first. Never raises for a fact that cannot be told.

        ``limit_s`` replaces the limit of each line, for whoever would rather wait.
        """
        held = frozenset(areas)
        began_s = time.monotonic()
        asked = [
            (probe, self._ask(probe, held) if self._may(probe, held) else None)
            for probe in self._probes
        ]
        lines = []
        for probe, answer in asked:
            if answer is None:
                lines.append(_closed(probe))
                continue
            left_s = began_s + (limit_s or probe.limit_s) - time.monotonic()
            lines.append(_told(probe, answer, max(left_s, 0.0), limit_s or probe.limit_s))
        lines.sort(key=lambda line: _ORDER.index(line.state))
        counts = Counter(line.state for line in lines)
        states: tuple[LineState, ...] = get_args(LineState)
        return Overview(
            lines=tuple(lines), counts={state: counts[state] for state in states}, as_of=now()
        )

    def _may(self, probe: Probe, held: frozenset[str]) -> bool:
        return not probe.area or probe.area in held

    def _ask(self, probe: Probe, held: frozenset[str]) -> _Answer:
        """Return the answer that is fresh or on its way, or ask."""
        with self._lock:
            known = self._answers.get((probe.id, held))
            if known and (not known.future.done() or self._is_fresh(probe, known)):
                return known
            answer = self._answers[probe.id, held] = _Answer()
        threading.Thread(
            target=_run, args=(probe, held, answer), name=f"growth-{probe.id}", daemon=True
        ).start()
        return answer

    def _is_fresh(self, probe: Probe, answer: _Answer) -> bool:
        return probe.is_kept and time.monotonic() - answer.ended_s < self._fresh_s


def _run(probe: Probe, held: frozenset[str], answer: _Answer) -> None:
    try:
        line = probe.ask(held)
    except GrowthError as e:
        line = _unknown(probe, f"It cannot be told: {e.detail}", hint=e.hint)
    except Exception as e:  # a fault in one line must not cost the page
        log.exception("the line %s of the overview failed", probe.id)
        line = _unknown(
            probe,
            f"It cannot be told: an unexpected {type(e).__name__}.",
            hint="The server's log has the details.",
        )
    answer.ended_s = time.monotonic()
    answer.future.set_result(line)


def _told(probe: Probe, answer: _Answer, left_s: float, limit_s: float) -> Line:
    try:
        return answer.future.result(left_s)
    except Late:
        waited_s = time.monotonic() - answer.asked_s
        return _unknown(
            probe,
            f"It cannot be told yet: {probe.waits_for} has not answered for "
            f"{max(waited_s, limit_s):.0f} s.",
            hint="It comes with the next look once there is an answer.",
        )


def _closed(probe: Probe) -> Line:
    return _unknown(
        probe,
        f"You may not see this: it needs {scope_of(probe.area)}.",
        lacks=scope_of(probe.area),
        hint="Ask an admin to add you to a team that holds it; then restart your server.",
        is_open=False,
    )


def _unknown(
    probe: Probe, sentence: str, *, hint: str = "", lacks: str = "", is_open: bool = True
) -> Line:
    opens = mend(probe.panel, f"Open {probe.title.lower()}") if probe.panel and is_open else None
    return Line(
        id=probe.id,
        title=probe.title,
        state="unknown",
        sentence=sentence,
        lacks=lacks,
        hint=hint,
        mend=opens,
    )
