"""A folder of many small files: ours (hashed, synced, published) beside rclone and gdown.

All from one stand-in for Drive in a process of its own, in interleaved rounds, onto the same disk.
rclone has no way to Drive's public links, so it reads an index page of the same files, as it would
from a web server. gdown, one file after the other, reads a part of the folder and is scaled up.
Memory is what this process grows by, and what the processes that it starts have: in a run of its
own. What was fetched is removed at the end only: on ext4 without a journal each new file looks past
all inodes that were freed in the last minutes, so what one round removed would slow the next.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import gdown
import psutil
import requests

from growth_admin.datasets.facts import FileRecord
from growth_admin.datasets.fetch.fetcher import Fetcher
from growth_admin.datasets.models import SourceRecord
from growth_admin.datasets.publish.library import Library
from growth_admin.datasets.publish.records import VersionDraft
from growth_admin.datasets.sources.drive import DriveSource
from growth_admin.datasets.sources.http import HttpSource
from tests.contract.gdown_loopback import google_is

NAMES = ("folder_ratio_rclone", "folder_ratio_gdown", "folder_rss_mib")
FILES = int(os.environ.get("GROWTH_BENCH_FILES", "10000"))
GDOWN_FILES = min(int(os.environ.get("GROWTH_BENCH_GDOWN_FILES", "1000")), FILES)
FILE_BYTES = 20_000
ROUNDS = 3
LIST_LIMIT_S = 120.0
REPOSITORY = Path(__file__).parents[2]
CONTROL = {"X-Growth-Control": "bench"}


class Unwatched:
    """A job that nobody looks at."""

    def check(self) -> None:
        """Go on."""

    def progress(
        self, done: float, total: float | None = None, *, unit: str = "", message: str = ""
    ) -> None:
        """Nobody asks."""

    def log(self, line: str) -> None:
        """Nobody reads."""


@contextmanager
def _served() -> Iterator[tuple[str, str, str]]:
    """Serve the folder, and a smaller one of the same files; their address and two ids."""
    command = [sys.executable, "-m", "growth_admin.deploy.standins.drive", "--port", "0"]
    command += ["--made-files", str(FILES), "--made-bytes", str(FILE_BYTES)]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        site = process.stdout.readline().split()[-1]
        with requests.Session() as session:
            session.trust_env, session.headers = False, CONTROL  # type: ignore[assignment]
            folder = session.get(f"{site}/_control").json()["items"][0]["id"]
            part = {"name": "Part", "parent": ""}
            part_id = session.post(f"{site}/_control/folders", json=part).json()["id"]
            for number in range(GDOWN_FILES):
                made = {"name": f"{number:05d}.dat", "size": FILE_BYTES, "parent": part_id}
                session.post(f"{site}/_control/files", json=made).raise_for_status()
        yield site, folder, part_id
    finally:
        process.terminate()
        process.wait(10)


def _ours(site: str, folder: str, place: Path) -> None:
    http = HttpSource()
    source = DriveSource(http=http, web_url=site, docs_url=site, download_url=site, api_url=site)
    control = Unwatched()
    library = Library(place / "data", user="bench")
    listing = source.list_files(
        f"{site}/drive/folders/{folder}", limit_s=LIST_LIMIT_S, control=control
    )
    stage = library.stage("bench-0001")
    fetched = Fetcher().fetch_all(source, listing.files, stage, control=control)
    records = [FileRecord(file.path, file.size_bytes, file.sha256) for file in fetched]
    draft = VersionDraft(SourceRecord(kind="drive", link=listing.link), published_by="bench")
    library.publish(stage, "many-files", records, draft, control=control)
    _see(place / "data" / "many-files", FILES)


def _rclone(site: str, folder: str, place: Path) -> None:
    program = Path(sys.executable).with_name("rclone")
    command = [str(program), "copy", ":http:", str(place), "--config", "/dev/null", "-q"]
    command += ["--http-url", f"{site}/_index/{folder}/"]
    subprocess.run(command, check=True)
    _see(place, FILES)


def _gdown(site: str, folder: str, place: Path) -> None:
    with google_is(site):
        gdown.download_folder(id=folder, output=f"{place}/", quiet=True, use_cookies=False)
    _see(place / "Part", GDOWN_FILES)


def _see(folder: Path, count: int) -> None:
    """Fail unless the files are there, whole."""
    sizes = [entry.stat().st_size for entry in os.scandir(folder) if entry.name.endswith(".dat")]
    assert len(sizes) == count and set(sizes) == {FILE_BYTES}, (folder, len(sizes))


def _timed_s(work: Callable[[str, str, Path], None], site: str, folder: str, places: Path) -> float:
    place = Path(tempfile.mkdtemp(dir=places))
    begun = time.perf_counter()
    work(site, folder, place)
    return time.perf_counter() - begun


class _Memory(threading.Thread):
    """Watches the memory of this process and of those that it starts, and keeps the most."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most_bytes = 0
        self._is_over = threading.Event()

    def __enter__(self) -> _Memory:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._is_over.set()
        self.join()

    def run(self) -> None:
        """Look every now and then."""
        us, others = psutil.Process(), set(psutil.Process().children())  # what serves the folder
        while not self._is_over.wait(0.02):
            size = us.memory_info().rss
            for process in set(us.children()) - others:
                with suppress(psutil.Error):
                    size += process.memory_full_info().pss
            self.most_bytes = max(self.most_bytes, size)


def _grown_mib(site: str, folder: str, places: Path) -> float:
    """Return by how much memory a fetch grows, its processes included."""
    before = psutil.Process().memory_info().rss
    with _Memory() as memory:
        _ours(site, folder, Path(tempfile.mkdtemp(dir=places)))
    return (memory.most_bytes - before) / 2**20


def measure() -> list[dict[str, Any]]:
    """Return the bench lines: seconds of wall clock, ours over theirs."""
    places = Path(tempfile.mkdtemp(prefix="growth-bench-folder-"))
    try:
        return _measure(places)
    finally:
        shutil.rmtree(places)


def _measure(places: Path) -> list[dict[str, Any]]:
    ours: list[float] = []
    rclone: list[float] = []
    gdown_s: list[float] = []
    with _served() as (site, folder, part):
        grown_mib = _grown_mib(site, folder, places)
        for _ in range(ROUNDS):
            rclone.append(_timed_s(_rclone, site, folder, places))
            ours.append(_timed_s(_ours, site, folder, places))
        gdown_s.append(_timed_s(_gdown, site, part, places) * FILES / GDOWN_FILES)
    scaled = "" if GDOWN_FILES == FILES else f", {GDOWN_FILES} files scaled up to {FILES}"
    return [
        _line(
            "rclone",
            f"rclone copy of an index page, no hash, no fsync, {ROUNDS} runs",
            ours,
            rclone,
        ),
        _line("gdown", f"gdown.download_folder, one run{scaled}", ours, gdown_s),
        {
            "name": "folder_rss_mib",
            "value": round(grown_mib, 1),
            "unit": f"MiB that listing, fetch and publication of {FILES} files take, one run",
            "command": "make bench ONLY=folder_rss_mib",
        },
    ]


def _line(name: str, peer: str, ours: list[float], theirs: list[float]) -> dict[str, Any]:
    ours_s, peer_s = statistics.median(ours), statistics.median(theirs)
    return {
        "name": f"folder_ratio_{name}",
        "value": round(ours_s / peer_s, 3),
        "unit": f"ratio of wall clock, {FILES} files of {FILE_BYTES} bytes, published",
        "ours_s": round(ours_s, 2),
        "load": f"{os.getloadavg()[0]:.1f}",
        "peer": peer,
        "peer_value": round(peer_s, 2),
        "ratio": round(ours_s / peer_s, 3),
        "command": "make bench ONLY=folder_ratio",
    }


if __name__ == "__main__":
    print(json.dumps(measure(), indent=1))
