"""The kill table: ``kill -9`` at random moments of real processes that fetch and publish.

Each process does the whole path: look, fetch, verify, publish, tidy up. It is killed, and the next
one goes on, until one comes through. Lost: a dataset that is not published in the end. Wrong: bytes
under the published name that are not the source's, looked at after each kill. Twice: bytes that
the server sent again, at most one segment per kill.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from growth_admin.datasets.facts import FileRecord, RemoteFile
from growth_admin.datasets.fetch.fetcher import Fetcher
from growth_admin.datasets.fetch.options import FetchOptions
from growth_admin.datasets.models import SourceRecord
from growth_admin.datasets.publish.library import Library
from growth_admin.datasets.publish.records import VersionDraft
from growth_admin.datasets.sources.http import HttpSource
from tests.conftest import Child, wait_until
from tests.datasets.faulty_server import FaultyServer, Place, logged_bytes
from tests.datasets.plain_http import PlainHttp
from tests.datasets.test_faults import Quiet

SEGMENT = 512 << 10
KILLS = 200
KILLS_OF_TERMINAL = 4
ON_THE_WAY = 96 << 10
"""What the sockets' buffers hold: sent, and never read by the killed process."""


@dataclass(frozen=True)
class Work:
    """A dataset to fetch: its files' contents, and how."""

    kind: str
    sizes: tuple[int, ...]
    connections: int = 1
    bytes_per_s: int = 4_000_000
    has_processes: bool = False
    lives_s: float = 0.6

    def contents(self) -> dict[str, bytes]:
        """Return the files by path."""
        return {
            f"d{number % 7}/f{number}.dat": random.Random(number).randbytes(size)
            for number, size in enumerate(self.sizes)
        }


WORKS = (
    Work("one file", (4_000_000,)),
    Work("one file, 4 connections", (6_000_000,), connections=4, bytes_per_s=1_500_000),
    Work("three files", (2_000_000, 2_000_000, 2_000_000), bytes_per_s=2_000_000),
    Work("300 small files", (20_000,) * 300, bytes_per_s=2_500_000),
    Work(
        "600 small files, processes",
        (5_000,) * 600,
        bytes_per_s=2_500_000,
        has_processes=True,
        lives_s=1.5,
    ),
    Work("no length said", (3_000_000,)),
)


@pytest.fixture
def served(
    tmp_path: Path, spawn: Callable[[Callable[[], object]], Child]
) -> Iterator[Callable[[Work], tuple[str, Path]]]:
    """Serve a work's files from a process of its own; return its address and its log."""

    def serve(work: Work) -> tuple[str, Path]:
        log = tmp_path / f"sent-{work.kind}.log"
        log.touch()
        server = FaultyServer(log)
        for path, content in work.contents().items():
            server.places[f"/{path}"] = Place(
                content, bytes_per_s=work.bytes_per_s, has_length=work.kind != "no length said"
            )
        spawn(server.serve_forever)
        base = server.base
        server.socket.close()
        return base, log

    yield serve


def publish(base: str, work: Work, data: Path) -> None:
    """Do the whole path once, as a job does; a job that was done already does nothing."""
    library = Library(data, user="ta")
    library.forget_unfinished({"job-1"})
    if library.finish_publication("stars", "job-1") is not None:  # killed right after it
        library.discard("job-1")
        return
    stage = library.stage("job-1")
    kind = PlainHttp if work.has_processes else HttpSource
    source = kind(allow_private_addresses=True, timeout_s=5)
    is_sized = work.kind != "no length said"
    files = [
        RemoteFile(path, {"url": f"{base}/{path}"}, len(content) if is_sized else None)
        for path, content in work.contents().items()
    ]
    fetched = Fetcher(segment_bytes=SEGMENT, range_bytes=SEGMENT).fetch_all(
        source,
        files,
        stage,
        control=Quiet(),
        options=FetchOptions(connections=work.connections),
    )
    records = [FileRecord(file.path, file.size_bytes, file.sha256) for file in fetched]
    draft = VersionDraft(SourceRecord(kind="http", link="test"), "ta")
    library.publish(stage, "stars", records, draft, control=Quiet())
    library.discard("job-1")


def is_right(shown: Path, contents: dict[str, bytes]) -> bool:
    """Return whether students see the whole dataset, or nothing."""
    if not os.path.lexists(shown):
        return True
    return all((shown / path).read_bytes() == content for path, content in contents.items())


@dataclass
class Tally:
    """What happened to one dataset."""

    kills: int = 0
    wrong: int = 0
    lost: int = 0
    twice: int = 0
    garbage: int = 0


def kill_until_done(work: Work, data: Path, base: str, rng: random.Random, kills: int) -> Tally:
    """Publish a dataset with processes that are killed; the last one is let through."""
    tally, contents = Tally(), work.contents()
    while True:
        child = Child(lambda: publish(base, work, data))
        is_last = tally.kills >= kills
        end_s = time.monotonic() + rng.uniform(0, work.lives_s)
        while child.is_alive() and (is_last or time.monotonic() < end_s):
            time.sleep(0.002)
        if not child.is_alive():
            break
        child.signal(signal.SIGKILL)
        child.join()
        tally.kills += 1
        tally.wrong += not is_right(data / "stars", contents)
    tally.lost = int(not (data / "stars").exists() or not is_right(data / "stars", contents))
    versions = [path for path in (data / ".versions/stars").iterdir() if path.is_dir()]
    tally.garbage = len(list((data / ".staging").iterdir())) + len(versions) - 1
    return tally


def test_fetch_when_killed_200_times_then_nothing_is_lost_wrong_or_left(
    tmp_path: Path,
    served: Callable[[Work], tuple[str, Path]],
    say_at_the_end: Callable[[str], None],
) -> None:
    rng = random.Random(20261123)
    lines, total, bad, number = [], 0, 0, 0
    servers = {work.kind: served(work) for work in WORKS}
    while total < KILLS:
        work = WORKS[number % len(WORKS)]
        base, log = servers[work.kind]
        data = tmp_path / f"data-{number}"
        data.mkdir()
        before = sum(logged_bytes(log).values())
        tally = kill_until_done(work, data, base, rng, kills=12)
        time.sleep(0.1)  # the server notes what it sent once it sees that nobody reads
        sent = sum(logged_bytes(log).values()) - before
        tally.twice = sent - sum(work.sizes)
        allowed = tally.kills * (SEGMENT + ON_THE_WAY * work.connections)
        is_ok = tally.wrong == tally.lost == tally.garbage == 0 and tally.twice <= allowed
        bad += not is_ok
        total += tally.kills
        number += 1
        lines.append(
            f"{work.kind:27} {tally.kills:6} {tally.lost:5} {tally.wrong:6} "
            f"{tally.twice:10,} {tally.twice // max(tally.kills, 1):10,} {tally.garbage:8}"
            f" {'ok' if is_ok else 'NOT OK'}"
        )
    head = f"{'dataset':27} {'kills':>6} {'lost':>5} {'wrong':>6} {'twice':>10} "
    head += f"{'per kill':>10} {'garbage':>8}  (a segment is {SEGMENT:,})"
    say_at_the_end("\n".join((head, *lines, f"{total} kills, not ok: {bad}")))
    assert bad == 0


def test_terminal_when_killed_and_run_again_then_the_dataset_is_published_once(
    tmp_path: Path, served: Callable[[Work], tuple[str, Path]]
) -> None:
    work = Work("one file", (9_000_000,), bytes_per_s=2_000_000)
    base, log = served(work)
    (path,) = work.contents()
    shared, home = tmp_path / "nfs", tmp_path / "home"
    shared.mkdir()
    home.mkdir()
    program = Path(sys.executable).with_name("growth-admin")
    settings = ["--HttpSource.allow_private_addresses=True", f"--GrowthAdmin.shared_root={shared}"]
    command = [program, "datasets", "add", f"{base}/{path}", "--name", "stars", *settings]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
    env = kept | {"HOME": str(home), "JUPYTERHUB_USER": "tess", "GROWTH_AREAS": "datasets"}
    shown = shared / "data/stars"
    rng, kills = random.Random(1), 0
    while True:
        process = subprocess.Popen(command, env=env, cwd=tmp_path, stderr=subprocess.PIPE)
        if kills < KILLS_OF_TERMINAL:
            wait_until((shared / "data/.staging").exists, timeout_s=60)
            time.sleep(rng.uniform(0, 1.5))
            process.kill()
            kills += 1
        _, told = process.communicate(timeout=120)
        assert process.returncode in (0, -signal.SIGKILL), told
        if process.returncode == 0:
            break
        assert not os.path.lexists(shown)
    assert (shown / Path(path).name).read_bytes() == work.contents()[path]
    assert os.readlink(shown).endswith("/v1")
    assert logged_bytes(log)[f"/{path}"] < 9_000_000 * (1 + kills / 2)
    assert list((shared / "data/.staging").iterdir()) == []
