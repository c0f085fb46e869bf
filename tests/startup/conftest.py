"""Runs the starts of all faults side by side, and prints the fault table at the end."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from chain_faults import Case
from chain_world import Started, World

from tests.conftest import properties

# Most of a start's time is waiting for limits, so more starts than cores fit side by side.
_AT_ONCE = 6


@dataclass
class Run:
    """A start with its fault, and the same start without the product."""

    world: World
    started: Started
    bare: Started


class Runs:
    """Starts that have been asked for; each is done once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pool = ThreadPoolExecutor(_AT_ONCE)
        self._runs: dict[str, Future[tuple[World, Started]]] = {}
        self._bare: dict[tuple[str, str, str], Future[Started]] = {}

    def ask(self, case: Case) -> None:
        """Begin a case, and its bare twin."""
        if case.id not in self._runs:
            self._runs[case.id] = self._pool.submit(self._start, case)

    def get(self, case: Case) -> Run:
        """A case's start, when it is done."""
        self.ask(case)
        world, started = self._runs[case.id].result()
        key = (
            case.mode,
            case.era,
            case.fault.name if world.environ or world.commands else world.user,
        )
        if key not in self._bare:
            self._bare[key] = self._pool.submit(self._start_bare, case, len(self._bare))
        return Run(world, started, self._bare[key].result())

    def _start(self, case: Case) -> tuple[World, Started]:
        world = World(self._folder / f"{len(self._runs)}-{case.id}"[:100], mode=case.mode)
        case.fault.arrange(world, case.script)
        return world, world.start(case.era)

    def _start_bare(self, case: Case, number: int) -> Started:
        """The start without the product: no hook at all."""
        world = World(self._folder / f"bare-{number}", mode=case.mode)
        case.fault.arrange(world, case.script)
        world.mounts.clear()
        world.hooks = world.root / "no-hooks"
        world.hooks.mkdir()
        return world.start(case.era)

    def close(self) -> None:
        """Drop what has not begun."""
        self._pool.shutdown(wait=True, cancel_futures=True)


@pytest.fixture(scope="module")
def runs(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Runs]:
    """All starts of the module that asks first; they run while the first ones are looked at."""
    all_runs = Runs(tmp_path_factory.mktemp("starts"))
    for item in request.session.items:
        case = getattr(getattr(item, "callspec", None), "params", {}).get("case")
        if isinstance(case, Case):
            all_runs.ask(case)
    yield all_runs
    all_runs.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The fault table: fault x era, did the server start, after how long, what the record says."""
    found = properties(terminalreporter, "fault")
    cells = [(str(value).split(" "), is_right) for value, is_right in found]
    if not cells:
        return
    terminalreporter.section("start chain: fault table (server, seconds, state in the record)")
    rows: dict[tuple[str, ...], dict[str, str]] = {}
    for (name, script, mode, era, up, late_s, state), is_right in cells:
        verdict = "" if is_right else " WRONG"
        rows.setdefault((name, script, mode), {})[era] = f"{up} {late_s:>4} {state}{verdict}"
    for (name, script, mode), eras in sorted(rows.items()):
        old, new = eras.get("old", ""), eras.get("new", "")
        terminalreporter.write_line(f"{name:32} {script:10} {mode:8} | old {old:23} | new {new}")
    up = sum(cell[4] == "up" for cell, _ in cells)
    right = sum(is_right for _, is_right in cells)
    terminalreporter.write_line(
        f"faults {len({cell[0] for cell, _ in cells})}, starts {len(cells)}, servers started {up}, "
        f"right in every respect {right}"
    )
