"""How long it takes to put a version of 100,000 files under its name, once all is on the disk."""

from __future__ import annotations

import hashlib
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from growth_admin.datasets.facts import FileRecord
from growth_admin.datasets.models import SourceRecord
from growth_admin.datasets.publish.library import Library
from growth_admin.datasets.publish.records import VersionDraft

NAMES = ("publish_swap_ms", "publish_settle_s")
FILES = int(os.environ.get("GROWTH_BENCH_FILES", "100000"))
RUNS = 5
_PER_FOLDER = 500


class Clock:
    """A control that notes when each step was told."""

    def __init__(self) -> None:
        self.told: list[tuple[float, str]] = []

    def check(self) -> None:
        """Go on."""

    def progress(
        self, done: float, total: float | None = None, *, unit: str = "", message: str = ""
    ) -> None:
        """Nobody looks."""

    def log(self, line: str) -> None:
        self.told.append((time.perf_counter(), line))

    def at(self, word: str) -> float:
        """Return when the line with a word was told, in seconds."""
        return next(time_s for time_s, line in self.told if word in line)


def _fill(folder: Path) -> list[FileRecord]:
    """Write the files of a version; return their records."""
    records = []
    for number in range(FILES):
        name = f"{number // _PER_FOLDER:04}/{number:06}.txt"
        if number % _PER_FOLDER == 0:
            (folder / name).parent.mkdir(parents=True)
        data = f"{number}\n".encode()
        (folder / name).write_bytes(data)
        records.append(FileRecord(name, len(data), hashlib.sha256(data).hexdigest()))
    return records


def _by_hand_ms(tree: Path, place: Path) -> float:
    """Return the milliseconds of what an admin would type: mv, then a link swapped with mv."""
    link = place.with_name("current.new")
    begun_s = time.perf_counter()
    subprocess.run(["mv", "-T", str(tree), str(place)], check=True)
    subprocess.run(["ln", "-s", place.name, str(link)], check=True)
    subprocess.run(["mv", "-T", str(link), str(place.with_name("current"))], check=True)
    return (time.perf_counter() - begun_s) * 1000


def _copied_ms(tree: Path, place: Path) -> float:
    """Return the milliseconds of the other way: ``cp -al`` and a link."""
    begun_s = time.perf_counter()
    subprocess.run(["cp", "-al", str(tree), str(place)], check=True)
    subprocess.run(["ln", "-sfn", place.name, str(place.with_name("current"))], check=True)
    return (time.perf_counter() - begun_s) * 1000


def measure() -> list[dict[str, object]]:
    """Two lines: the swap, and what goes before it (modes, manifest, sync) for fresh files.

    The swap is all after the tree is on the disk: rename, state, link, with three syncs.
    """
    draft = VersionDraft(source=SourceRecord(kind="path", link="/"), published_by="bench")
    swaps_ms, by_hand_ms, settle_s = [], [], 0.0
    with tempfile.TemporaryDirectory(dir=os.environ.get("GROWTH_BENCH_DIR")) as name:
        root = Path(name)
        library = Library(root / "data", user="bench", keep_versions=RUNS + 1)
        (library.stage("job-0") / "files").mkdir()
        records = _fill(root / "data" / ".staging" / "job-0" / "files")
        for run in range(RUNS):
            stage = library.stage(f"job-{run}")
            clock = Clock()
            begun_s = time.perf_counter()
            outcome = library.publish(stage, "many", records, draft, control=clock)
            swaps_ms.append((clock.at("published") - clock.at("on the disk")) * 1000)
            settle_s = clock.at("on the disk") - begun_s if run == 0 else settle_s
            assert outcome.version.files == FILES
            assert (root / "data" / "many").resolve().name == f"v{run + 1}"
            place = root / f"by-hand-{run}"
            by_hand_ms.append(_by_hand_ms((root / "data" / "many").resolve(), place))
            place.rename(library.stage(f"job-{run + 1}") / "files")
        copied_ms = _copied_ms(stage.with_name(f"job-{RUNS}") / "files", root / "copied")
    swap_ms, hand_ms = statistics.median(swaps_ms), statistics.median(by_hand_ms)
    return [
        {
            "name": "publish_swap_ms",
            "value": round(swap_ms, 1),
            "unit": "ms",
            "worst": round(max(swaps_ms), 1),
            "files": FILES,
            "peer": "mv, ln -s, mv -T in a shell, nothing synced",
            "peer_value": round(hand_ms, 1),
            "ratio": round(swap_ms / hand_ms, 2),
            "cp_al_ms": round(copied_ms, 1),
            "aim": "under 50",
            "command": "make bench ONLY=publish",
        },
        {
            "name": "publish_settle_s",
            "value": round(settle_s, 2),
            "unit": "s",
            "files": FILES,
            "peer": "cp -al of the same tree",
            "peer_value": round(copied_ms / 1000, 2),
            "ratio": round(settle_s / (copied_ms / 1000), 2),
            "command": "make bench ONLY=publish",
        },
    ]
