"""One file from a web server to a published version, against the tools that people use.

Same file, same server, same disk, in turns, medians of 5. Ours holds the look at the link, SHA-256,
sync to the disk and publishing; the peers neither sync nor publish. ``value`` is what a Jupyter
server needs that is up, as it is when somebody publishes; ``with_start`` is the same ratio with the
start of an interpreter and all imports in it. ``GROWTH_BENCH_MIB`` makes the file smaller than
2 GiB while developing.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.quick_web import limited_web, nginx

NAMES = (
    "fetch_cpu_ratio",
    "fetch_wall_ratio",
    "fetch_rss_mib",
    "ranges_wall_ratio",
    "loop_lag_p99_ms",
)
ROOT = Path(__file__).parents[2]
MIB = 1 << 20
FILE_MIB = int(os.environ.get("GROWTH_BENCH_MIB", "2048"))
RANGES_MIB = min(FILE_MIB, 256)
RUNS = int(os.environ.get("GROWTH_BENCH_RUNS", "5"))
PER_CONNECTION = 20 * MIB
LAG_ROUNDS = 3


@dataclass(frozen=True)
class Cost:
    """Seconds of a command: of all CPUs, and on the clock."""

    cpu_s: float
    wall_s: float
    output: str


def run(command: str | list[str], folder: Path) -> Cost:
    """Run a command to its end; count its children too."""
    before, began_s = os.times(), time.monotonic()
    done = subprocess.run(
        command,
        shell=isinstance(command, str),
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    wall_s, after = time.monotonic() - began_s, os.times()
    assert done.returncode == 0, done.stderr
    cpu_s = after.children_user + after.children_system
    return Cost(cpu_s - before.children_user - before.children_system, wall_s, done.stdout)


def make_file(path: Path, size_mib: int) -> None:
    """Write bytes that do not compress."""
    with path.open("wb") as file:
        for _ in range(size_mib // 16):
            file.write(os.urandom(16 * MIB))
        file.write(os.urandom(size_mib % 16 * MIB))


def in_turns(folder: Path, *commands: Callable[[Path], str | list[str]]) -> list[list[Cost]]:
    """Return the costs of each command, run in turns, each time in a fresh folder."""
    costs: list[list[Cost]] = [[] for _ in commands]
    for number in range(RUNS + 1):
        for command, kept in zip(commands, costs, strict=True):
            place = folder / "round"
            place.mkdir()
            cost = run(command(place), place)
            shutil.rmtree(place)
            os.sync()
            if number:  # the first round fills the caches
                kept.append(cost)
    return costs


def ours(url: str, connections: int = 1) -> Callable[[Path], list[str]]:
    """Return the command that fetches and publishes."""

    def command(place: Path) -> list[str]:
        module = "tests.bench.fetch_child"
        return [sys.executable, "-m", module, url, str(place), str(connections)]

    return command


def line(name: str, value: float, unit: str, target: str, **fields: Any) -> dict[str, Any]:
    """Return one figure as it is printed."""
    load = f"{os.getloadavg()[0]:.1f}"
    figure = {"name": name, "value": round(value, 3), "unit": unit, "target": target}
    return figure | fields | {"load": load, "command": f"make bench ONLY={name}"}


def median(costs: list[Cost], which: str) -> float:
    """Return the median seconds."""
    return statistics.median(getattr(cost, which) for cost in costs)


def compared(
    name: str, which: str, target: str, mine: list[Cost], theirs: list[Cost], **facts: Any
) -> dict[str, Any]:
    """Return the ratio of the medians, and what it is made of."""
    told = [json.loads(cost.output) for cost in mine]
    ours_s = statistics.median(one[which] for one in told)
    peer_s = median(theirs, which)
    publish_s = statistics.median(one["publish_s"] for one in told)
    facts |= {"ours_s": round(ours_s, 3), "peer_s": round(peer_s, 3)}
    facts |= {"with_start": round(median(mine, which) / peer_s, 3), "publish_s": publish_s}
    return line(name, ours_s / peer_s, "ratio", target, **facts)


def measure_one_connection(folder: Path, base: str) -> list[dict[str, Any]]:
    """Return CPU, wall and memory of one file over one connection."""
    url = f"{base}/data.bin"
    mine, theirs = in_turns(
        folder,
        ours(url),
        lambda place: f"curl -sS -o FILE {url} && openssl dgst -sha256 FILE",
    )
    digests = {json.loads(cost.output)["sha256"] for cost in mine}
    digests |= {cost.output.split("= ")[1].strip() for cost in theirs}
    assert len(digests) == 1, digests
    grown = [json.loads(cost.output)["grown_bytes"] / MIB for cost in mine]
    facts = {"peer": "curl -o FILE && openssl dgst -sha256 FILE", "mib": FILE_MIB}
    lines = [
        compared("fetch_cpu_ratio", "cpu_s", "<= 0.95", mine, theirs, **facts),
        compared("fetch_wall_ratio", "wall_s", "<= 0.90", mine, theirs, **facts),
    ]
    memory = statistics.median(grown)
    return [*lines, line("fetch_rss_mib", memory, "MiB", "<= 48", most=max(grown), mib=FILE_MIB)]


def measure_ranges(folder: Path, files: Path) -> dict[str, Any]:
    """Return the wall time of four connections against aria2."""
    with limited_web(files, PER_CONNECTION) as base:
        url = f"{base}/ranges.bin"
        aria = "aria2c -x4 -s4 -k1M --file-allocation=none -q -o FILE"
        mine, theirs = in_turns(
            folder, ours(url, 4), lambda place: f"{aria} {url} && openssl dgst -sha256 FILE"
        )
    facts = {"peer": f"{aria} && openssl dgst -sha256 FILE", "mib": RANGES_MIB}
    facts |= {"mib_per_s_and_connection": PER_CONNECTION // MIB}
    return compared("ranges_wall_ratio", "wall_s", "< 1", mine, theirs, **facts)


# -- the loop of a Jupyter server, while it fetches


async def _beat(seconds: Callable[[], bool]) -> list[float]:
    """Return how many ms each 5 ms sleep was late, until it is enough."""
    late = []
    while not seconds():
        began_s = time.perf_counter()
        await asyncio.sleep(0.005)
        late.append((time.perf_counter() - began_s - 0.005) * 1000)
    return late


def _p99(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)]


async def lags(work: Callable[[], None]) -> tuple[float, float]:
    """Return the p99 lag in ms, idle and while ``work`` runs in a thread, in a Jupyter server."""
    from jupyter_server.serverapp import ServerApp

    server = ServerApp(port=0, open_browser=False, token="bench", allow_root=True)
    server.initialize(argv=[])
    server.start_app()
    end_s = time.monotonic() + 5
    idle = await _beat(lambda: time.monotonic() > end_s)
    thread = threading.Thread(target=work)
    thread.start()
    busy = await _beat(lambda: not thread.is_alive())
    await server._cleanup()
    return _p99(idle), _p99(busy)


def lag_child(url: str, data: str) -> None:
    """Print the p99 lags; run in a process of its own."""
    from tests.bench.fetch_child import main

    idle, busy = asyncio.run(lags(lambda: main(url, data, "1")))
    print(json.dumps({"idle_ms": idle, "busy_ms": busy}))


def measure_lag(folder: Path, base: str) -> dict[str, Any]:
    """Return how much later the loop answers while a file is fetched, hashed and published."""
    found = []
    for _ in range(LAG_ROUNDS):
        place = folder / "round"
        place.mkdir()
        code = "import sys; from tests.bench.bench_fetch import lag_child; lag_child(*sys.argv[1:])"
        cost = run([sys.executable, "-c", code, f"{base}/data.bin", str(place)], place)
        found.append(json.loads(cost.output.splitlines()[-1]))
        shutil.rmtree(place)
    over = statistics.median(one["busy_ms"] - one["idle_ms"] for one in found)
    rounds = [{key: round(value, 1) for key, value in one.items()} for one in found]
    return line("loop_lag_p99_ms", over, "ms over idle", "<= 10", rounds=rounds, mib=FILE_MIB)


def measure(only: str = "") -> list[dict[str, Any]]:
    """Return all figures, or those whose name contains a part."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("GROWTH_BENCH_ROOT")) as temporary:
        folder = Path(temporary)
        files, web, work = (folder / name for name in ("files", "web", "work"))
        for path in (files, web, work):
            path.mkdir()
        folder.chmod(0o755)
        make_file(files / "data.bin", FILE_MIB)
        make_file(files / "ranges.bin", RANGES_MIB)
        lines = []
        with nginx(files, web) as base:
            if any(only in name for name in NAMES[:3]):
                lines += measure_one_connection(work, base)
            if only in NAMES[4]:
                lines.append(measure_lag(work, base))
        if only in NAMES[3]:
            lines.append(measure_ranges(work, files))
        return lines


if __name__ == "__main__":
    for figure in measure(*sys.argv[1:2]):
        print(json.dumps(figure))
