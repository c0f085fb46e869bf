"""A logs folder for each test."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.startup.starts.logs_folder import LogsFolder


@pytest.fixture
def folder(tmp_path: Path) -> LogsFolder:
    """Return an empty logs folder."""
    return LogsFolder(tmp_path)


@pytest.fixture
def seconds() -> Callable[[Callable[[], object]], float]:
    """Return a stopwatch for CPU seconds, the best of three."""

    def measure(work: Callable[[], object]) -> float:
        taken = []
        for _ in range(3):
            begun = time.process_time()
            work()
            taken.append(time.process_time() - begun)
        return min(taken)

    return measure
