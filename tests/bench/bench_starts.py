"""The table of starts of 1,000 students x 10 starts: cold (a fresh process) and warm.

The peer opens every file of records and parses every line of it, each time.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from growth_admin.core.paths import Paths
from growth_admin.startup.starts.manager import StartTable
from tests.bench.naive_starts import naive_table
from tests.bench.synthetic_school import write_school

NAMES = ("log_table_cold_s", "log_table_warm_s")
RUNS = 5
ROOT = Path(__file__).parents[2]

OURS = """
import sys, time
begun = time.perf_counter()
from pathlib import Path
from growth_admin.core.paths import Paths
from growth_admin.startup.starts.manager import StartTable
table = StartTable(Paths(Path(sys.argv[1]), Path("/nfs")))
assert len(table.list_starts().model_dump_json()) > 100_000
print(time.perf_counter() - begun)
"""

NAIVE = """
import sys, time
begun = time.perf_counter()
from pathlib import Path
from tests.bench.naive_starts import naive_table
assert len(naive_table(Path(sys.argv[1]))) > 100_000
print(time.perf_counter() - begun)
"""


def _fresh_s(program: str, admin_root: Path) -> float:
    """Return the median seconds that a fresh process needs, its imports included."""
    return statistics.median(
        float(
            subprocess.run(
                [sys.executable, "-c", program, str(admin_root)],
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=True,
            ).stdout
        )
        for _ in range(RUNS)
    )


def _warm_s(table: Callable[[], object]) -> float:
    """Return the median seconds of a repeated call in one process."""
    table()
    seconds = []
    for _ in range(4 * RUNS):
        begun = time.perf_counter()
        table()
        seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds)


def _line(name: str, value_s: float, peer_s: float) -> dict[str, Any]:
    return {
        "name": name,
        "value": round(value_s, 4),
        "unit": "s",
        "peer": "a reader that parses every record of every file each time",
        "peer_value": round(peer_s, 4),
        "ratio": round(value_s / peer_s, 3),
        "command": "make bench ONLY=log_table",
    }


def measure() -> list[dict[str, Any]]:
    """Return both lines; each value includes the JSON that the browser gets."""
    with tempfile.TemporaryDirectory() as folder:
        admin_root = Path(folder)
        write_school(admin_root, students=1000, starts=10)
        table = StartTable(Paths(admin_root, Path("/nfs")))
        return [
            _line("log_table_cold_s", _fresh_s(OURS, admin_root), _fresh_s(NAIVE, admin_root)),
            _line(
                "log_table_warm_s",
                _warm_s(lambda: table.list_starts().model_dump_json()),
                _warm_s(lambda: naive_table(admin_root)),
            ),
        ]


if __name__ == "__main__":
    for line in measure():
        print(json.dumps(line))
