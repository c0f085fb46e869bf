"""Small files by the thousand: the processes that fetch them, and what can happen to them."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest

from growth_admin.core.errors import StorageFull
from growth_admin.datasets.express.crew import (
    Worker,
    WorkerLost,
    left_sentence,
    wait_for_end,
)
from growth_admin.datasets.facts import FetchedFile, RemoteFile, SourceProblem
from growth_admin.datasets.fetch.fetcher import Fetcher
from growth_admin.datasets.fetch.halt import Halt
from growth_admin.datasets.fetch.lane import Lane
from growth_admin.datasets.fetch.options import FetchOptions, Settings
from growth_admin.datasets.fetch.run import Run
from growth_admin.datasets.fetch.todo import Todo
from growth_admin.datasets.sources.drive import DriveSource
from growth_admin.datasets.sources.http import HttpSource
from growth_admin.deploy.standins.drive.content import MadeContent
from growth_admin.deploy.standins.drive.standin import DriveStandin
from growth_admin.deploy.standins.drive.world import Item
from tests.conftest import Child, fill, wait_until
from tests.datasets.faulty_server import FaultyServer, Place, serving
from tests.datasets.plain_http import PlainHttp

FILES = 600
FILE_BYTES = 3000
LARGE_BYTES = 3 << 20
SECRET_KEY = "AIza-not-to-be-seen-0123456789"
SECRET_TOKEN = "token-not-to-be-seen-0123456789"


class Stop(Exception):
    """What a job's control raises when somebody cancels or pauses."""


class Control:
    """A job's control that can be told to stop, and keeps what it was told."""

    def __init__(self, on_progress: Callable[[float], None] = lambda done: None) -> None:
        self.lines: list[str] = []
        self.is_stopping = False
        self._on_progress = on_progress

    def check(self) -> None:
        if self.is_stopping:
            raise Stop

    def progress(
        self, done: float, total: float | None = None, *, unit: str = "", message: str = ""
    ) -> None:
        self._on_progress(done)

    def log(self, line: str) -> None:
        self.lines.append(line)


class Spy(threading.Thread):
    """Looks at the processes that this one starts, all the while."""

    def __init__(self, on_seen: Callable[[psutil.Process], None] = lambda process: None) -> None:
        super().__init__(daemon=True)
        self.seen: dict[int, str] = {}
        self._on_seen = on_seen
        self._is_over = threading.Event()

    def __enter__(self) -> Spy:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._is_over.set()
        self.join()

    def run(self) -> None:
        while not self._is_over.wait(0.005):
            for process in workers_of(os.getpid()):
                if process.pid not in self.seen:
                    self.seen[process.pid] = told_to_others(process.pid)
                    self._on_seen(process)


def workers_of(pid: int) -> list[psutil.Process]:
    """Return the processes that fetch small files for this one."""
    found = []
    for process in psutil.Process(pid).children():
        try:
            if "express.worker" in " ".join(process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


def told_to_others(pid: int) -> str:
    """Return what other processes of this user, and root, can read of a process."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text() + Path(f"/proc/{pid}/environ").read_text()
    except OSError:
        return ""


@pytest.fixture
def drive() -> Iterator[DriveStandin]:
    with DriveStandin() as running:
        yield running


def source_of(drive: DriveStandin, **settings: Any) -> DriveSource:
    """Return the source of the stand-in."""
    urls = dict.fromkeys(("web_url", "docs_url", "download_url", "api_url"), drive.site)
    return DriveSource(http=HttpSource(), **urls, **settings)


def folder_of(drive: DriveStandin, count: int = FILES, size: int = FILE_BYTES) -> list[Item]:
    """Make a folder of small files; it is the first of what is returned, they follow."""
    folder = drive.add_folder("Many")
    return [folder, *drive.world.add_made_files(count, size, folder)]


def fetch(
    drive: DriveStandin,
    source: DriveSource,
    folder: Item,
    stage: Path,
    control: Control | None = None,
    options: FetchOptions | None = None,
    **settings: Any,
) -> dict[str, FetchedFile]:
    """List and fetch a folder with little patience; what came by its path."""
    control = control or Control()
    files = source.list_files(drive.link(folder), limit_s=30, control=control).files
    fetcher = Fetcher(**{"retry_first_s": 0.02, "retry_limit_s": 2, **settings})
    found = fetcher.fetch_all(source, files, stage, control=control, options=options)
    return {file.path: file for file in found}


def assert_same(found: dict[str, FetchedFile], stage: Path, items: list[Item]) -> None:
    """All files are there, each as Drive has it."""
    assert set(found) == {item.name for item in items}
    for item in items:
        data = item.content.read(0, item.content.size)
        assert (stage / "files" / item.name).read_bytes() == data, item.name
        assert found[item.name].sha256 == hashlib.sha256(data).hexdigest()
        assert (stage / "files" / item.name).stat().st_mode & 0o7777 == 0o444


def assert_nobody_is_left() -> None:
    assert workers_of(os.getpid()) == []


# -- what goes that way


def test_folder_when_its_files_are_many_and_small_then_processes_fetch_them(
    drive: DriveStandin, tmp_path: Path
) -> None:
    folder, *items = folder_of(drive)
    with Spy() as spy:
        found = fetch(drive, source_of(drive), folder, tmp_path)
    assert_same(found, tmp_path, items)
    assert len(spy.seen) == 2
    assert_nobody_is_left()
    assert len(drive.requests("download")) == FILES  # each was asked for once


def test_folder_when_the_place_is_given_from_here_then_processes_find_it(
    drive: DriveStandin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, *items = folder_of(drive)
    monkeypatch.chdir(tmp_path)
    control = Control()
    found = fetch(drive, source_of(drive), folder, Path("stage"), control)
    assert_same(found, tmp_path / "stage", items)
    assert control.lines == []


@pytest.mark.parametrize(
    ("count", "settings", "limit"),
    [(499, {}, None), (FILES, {"processes": 0}, None), (FILES, {}, 1_500_000)],
    ids=["few", "switched off", "limited"],
)
def test_folder_when_processes_would_not_help_then_none_is_started(
    drive: DriveStandin, tmp_path: Path, count: int, settings: dict[str, int], limit: int | None
) -> None:
    folder, *items = folder_of(drive, count)
    options = FetchOptions(limit_bytes_per_s=limit)
    began_s = time.monotonic()
    with Spy() as spy:
        found = fetch(drive, source_of(drive), folder, tmp_path, options=options, **settings)
    assert spy.seen == {}
    assert_same(found, tmp_path, items)
    if limit:
        assert time.monotonic() - began_s > count * FILE_BYTES / limit * 0.8


def test_folder_when_some_files_are_large_then_they_come_too(
    drive: DriveStandin, tmp_path: Path
) -> None:
    folder, *items = folder_of(drive)
    items += [
        drive.add_file(name, MadeContent(LARGE_BYTES, name), folder)
        for name in ("0 first.fits", "file-00300 middle.fits", "last.fits")
    ]
    items.append(drive.add_file("empty.txt", b"", folder))
    found = fetch(drive, source_of(drive), folder, tmp_path)
    assert_same(found, tmp_path, items)


def test_folder_when_all_its_files_are_large_then_threads_fetch_them(
    drive: DriveStandin, tmp_path: Path
) -> None:
    folder, *items = folder_of(drive, FILES, 70_000)
    control = Control()
    # a quarter of a segment for all buffers together: what is more than 32 KiB is large
    found = fetch(drive, source_of(drive), folder, tmp_path, control, segment_bytes=512 << 10)
    assert_same(found, tmp_path, items)
    assert len(drive.requests("download")) <= FILES + 2 * 2 * 4
    assert len(control.lines) == 2


def test_process_when_it_cannot_be_started_then_threads_fetch_all(
    drive: DriveStandin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, *items = folder_of(drive)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    control = Control()
    found = fetch(drive, source_of(drive), folder, tmp_path / "stage", control)
    assert_same(found, tmp_path / "stage", items)
    assert len(control.lines) == 2 and "No process could be started" in control.lines[0]


# -- what is secret, and what is walled off


@pytest.mark.parametrize("credential", ["key", "service account"])
def test_credential_when_processes_use_it_then_no_command_line_and_no_environment_holds_it(
    drive: DriveStandin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, credential: str
) -> None:
    folder, *items = folder_of(drive)
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", SECRET_TOKEN)
    if credential == "key":
        (tmp_path / "key").write_text(drive.add_api_key(SECRET_KEY))
        source = source_of(drive, api_key_file=str(tmp_path / "key"))
    else:
        drive.write_key_file(tmp_path / "account.json")
        source = source_of(drive, service_account_file=str(tmp_path / "account.json"))
    with Spy() as spy:
        found = fetch(drive, source, folder, tmp_path / "stage")
    assert_same(found, tmp_path / "stage", items)
    assert {file.verified_with for file in found.values()} == {"sha256"}
    assert len(spy.seen) == 2 and all(spy.seen.values())
    for told in spy.seen.values():
        assert SECRET_KEY not in told and SECRET_TOKEN not in told and "Bearer" not in told
        assert "ya29" not in told and drive.site not in told


def test_process_when_the_address_is_private_then_it_is_not_asked(tmp_path: Path) -> None:
    with serving(FaultyServer()) as server:
        files = [RemoteFile(f"{n}.dat", {"url": f"{server.base}/data"}) for n in range(FILES)]
        server.places["/data"] = Place(b"secret of the inner network")
        with Spy() as spy, pytest.raises(SourceProblem) as refused:
            Fetcher().fetch_all(PlainHttp(), files, tmp_path, control=Control())
        assert refused.value.code == "address_refused"
        assert len(spy.seen) > 0
        assert server.places["/data"].requests == 0
    assert list((tmp_path / "files").iterdir()) == []


def test_process_when_it_is_redirected_to_a_private_address_then_it_does_not_go(
    drive: DriveStandin, tmp_path: Path
) -> None:
    folder, *_ = folder_of(drive)
    with serving(FaultyServer()) as inner:
        inner.places["/data"] = Place(b"secret of the inner network")
        drive.fault("redirect", where="download", location=f"{inner.base}/data", after=100)
        with pytest.raises(SourceProblem) as refused:
            fetch(drive, source_of(drive), folder, tmp_path)
        assert refused.value.code == "address_refused"
        assert inner.places["/data"].requests == 0


# -- what goes wrong at the source

FAULTS: list[tuple[str, dict[str, Any], str]] = [
    ("quota", {"times": 1}, "whole or quota_file"),
    ("sorry", {"times": 1}, "whole"),
    ("sorry", {}, "quota_client"),
    ("status", {"status": 503, "times": 2}, "whole"),
    ("status", {"status": 503}, "unreachable"),
    ("sign_in", {}, "not_shared"),
    ("need_access", {}, "not_shared"),
    ("abusive", {}, "abusive_file"),
    ("gone", {}, "not_found_or_key"),
    ("change", {"times": 1}, "whole"),
    ("virus_always", {}, "whole"),
    ("virus_strict", {}, "whole"),
    ("cut", {"at_byte": 0, "times": 1}, "whole"),
    ("cut", {"at_byte": 1500, "times": 2}, "whole"),
    ("truncated", {"at_byte": 1500, "times": 1}, "whole"),
    ("truncated", {"at_byte": 1500}, "short_body"),
    ("stall", {"at_byte": 1500, "times": 1}, "whole"),
    ("delay", {"delay_s": 1.5, "times": 1}, "whole"),
    ("gzip", {}, "whole"),
    ("chunked", {}, "whole"),
    ("no_disposition", {}, "web_page"),
    ("no_etag", {}, "whole"),
    ("no_validator", {}, "whole"),
]


def test_source_when_it_fails_in_the_midst_of_small_files_then_none_is_lost_and_none_is_wrong(
    tmp_path: Path, say_at_the_end: Callable[[str], None]
) -> None:
    table, bad = [], 0
    for number, (kind, facts, expected) in enumerate(FAULTS):
        stage = tmp_path / f"stage-{number}"
        with DriveStandin() as drive:
            folder, *items = folder_of(drive, 520)
            hit = items[333]
            drive.fault(kind, item=hit.id, **({"where": "download"} | facts))
            source = source_of(drive, timeout_s=1)
            # What ends is waited for, however busy the machine is; else a second will do.
            patience_s = 60 if expected.startswith("whole") else 1
            try:
                found = fetch(drive, source, folder, stage, retry_limit_s=patience_s)
                assert_same(found, stage, items)
                result = "whole"
            except SourceProblem as problem:
                result = str(problem.code)
        names = {item.name: item for item in items}
        right = all(
            path.read_bytes() == names[path.name].content.read(0, FILE_BYTES)
            for path in (stage / "files").iterdir()
        )
        is_ok = right and result in expected.split(" or ")
        bad += not is_ok
        told = f"{kind} {facts or 'always'}"
        table.append(f"{told:44} {result:18} {'ok' if is_ok else f'NOT {expected}'}")
        assert_nobody_is_left()
    say_at_the_end("\n".join(("one of 520 small files:", *table, f"not ok: {bad}")))
    assert bad == 0


def test_checksum_when_a_byte_was_changed_on_the_way_then_the_file_is_refused(
    drive: DriveStandin, tmp_path: Path
) -> None:
    folder, *items = folder_of(drive)
    (tmp_path / "key").write_text(drive.add_api_key())
    source = source_of(drive, api_key_file=str(tmp_path / "key"))
    drive.fault("corrupt", item=items[400].id, where="media", at_byte=7)
    with pytest.raises(SourceProblem) as refused:
        fetch(drive, source, folder, tmp_path / "stage")
    assert refused.value.code == "checksum_mismatch"
    assert not (tmp_path / "stage/files" / items[400].name).exists()


def test_disk_when_it_is_full_in_the_midst_then_it_is_said_and_the_rest_comes_later(
    drive: DriveStandin, small_disk: Path
) -> None:
    folder, *_ = folder_of(drive, 520, 100)
    filler = fill(small_disk)
    os.truncate(filler, filler.stat().st_size - (100 << 10))
    with pytest.raises(StorageFull):
        fetch(drive, source_of(drive), folder, small_disk)
    assert_nobody_is_left()
    for path in (small_disk / "files").iterdir():
        assert path.stat().st_size == 100
    filler.unlink()


# -- what happens to the processes


def test_process_when_it_is_killed_then_its_files_are_fetched_all_the_same(
    drive: DriveStandin, tmp_path: Path
) -> None:
    folder, *items = folder_of(drive, 1000)
    control, killed = Control(), []

    def kill(process: psutil.Process) -> None:
        wait_until(lambda: len(drive.requests("download")) > 100)
        process.kill()
        killed.append(process.pid)

    with Spy(kill):
        found = fetch(drive, source_of(drive), folder, tmp_path, control)
    assert len(killed) == 2
    assert_same(found, tmp_path, items)
    assert len(control.lines) == 2 and "has ended" in control.lines[0]


class LostAtOnce:
    """A crew whose process is lost with the first list that it is given."""

    def hire(self, connections: int) -> LostAtOnce:
        return self

    def fetch(self, tasks: Sequence[str]) -> Iterator[list[tuple[int, str]]]:
        raise WorkerLost("has ended")
        yield

    def close(self) -> None:
        """Nothing to close."""


def test_process_when_it_is_lost_with_the_last_list_then_the_threads_for_it_find_its_files(
    drive: DriveStandin, tmp_path: Path
) -> None:
    folder, *_ = folder_of(drive, 4)
    source, control = source_of(drive), Control()
    files = source.list_files(drive.link(folder), limit_s=30, control=control).files
    for name in ("fetch", "files"):
        (tmp_path / name).mkdir()
    run, todo, found = Run(source, tmp_path, FetchOptions(), Settings()), Todo(4), list[object]()
    try:
        lane = Lane(
            run, files, control, keep=lambda kept: None, give_back=todo.give_back,
            replace=lambda count: found.append((count, todo.take(4))),
        )  # fmt: skip
        lane.open(LostAtOnce(), connections=3)  # type: ignore[arg-type]  # what Crew is here
        assert lane.fetch(todo.take(lane.most)) == [0]
        assert found == [(2, [1, 2, 3])]
    finally:
        run.journal.close()


def test_process_when_it_hangs_then_its_files_are_fetched_all_the_same(
    drive: DriveStandin, tmp_path: Path
) -> None:
    folder, *items = folder_of(drive)
    control = Control()
    with Spy(lambda process: process.suspend()) as spy:
        found = fetch(drive, source_of(drive), folder, tmp_path, control, silence_s=0.5)
    assert_same(found, tmp_path, items)
    assert len(spy.seen) == len(control.lines) == 2
    assert_nobody_is_left()


def test_process_when_it_fails_then_the_last_line_of_its_traceback_is_kept() -> None:
    worker = Worker("no setup", Halt(), 20)
    try:
        with pytest.raises(WorkerLost, match=r"^has ended, and its last words were: json\S*Decode"):
            list(worker.fetch(["{}"]))
    finally:
        worker.close()


def test_processes_when_one_does_not_go_then_it_is_named_and_not_waited_for_for_ever() -> None:
    program = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with (
        subprocess.Popen(program, stdin=subprocess.PIPE) as stays,
        subprocess.Popen(program, stdin=subprocess.PIPE) as goes,
    ):
        goes.kill()
        began_s = time.monotonic()
        left = wait_for_end([stays, goes], 0.5)
        assert left == [stays.pid]
        assert 0.5 <= time.monotonic() - began_s < 3
        assert f"the processes {stays.pid} that" in left_sentence(left)


@pytest.mark.parametrize("is_hung", [False, True])
def test_job_when_it_is_stopped_then_the_processes_end_at_once_and_it_goes_on_later(
    drive: DriveStandin, tmp_path: Path, is_hung: bool
) -> None:
    folder, *items = folder_of(drive)
    stalled = drive.fault("stall" if is_hung else "delay", where="download", after=300, delay_s=0.1)
    source, control = source_of(drive), Control()

    def stop_later() -> None:
        wait_until(lambda: len(drive.requests("download")) >= 303)
        control.is_stopping = True
        stopped_s.append(time.monotonic())

    stopped_s: list[float] = []
    stopper = threading.Thread(target=stop_later)
    stopper.start()
    with pytest.raises(Stop):
        fetch(drive, source, folder, tmp_path, control)
    assert time.monotonic() - stopped_s[0] < 1.5
    stopper.join()
    assert_nobody_is_left()
    before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "files").iterdir()}
    time.sleep(0.3)
    assert {p.name: p.stat().st_mtime_ns for p in (tmp_path / "files").iterdir()} == before
    drive.faults.remove(stalled)
    assert_same(fetch(drive, source, folder, tmp_path), tmp_path, items)
    # twice came at most what was under way, and what was not reported yet
    assert len(drive.requests("download")) < FILES + 200


def test_server_when_it_is_killed_then_no_process_is_left_and_the_next_goes_on(
    drive: DriveStandin, tmp_path: Path, spawn: Callable[[Callable[[], object]], Child]
) -> None:
    folder, *items = folder_of(drive, 1500)
    source = source_of(drive)
    files = source.list_files(drive.link(folder), limit_s=30, control=Control()).files
    for already in (200, 500, 900):
        child = spawn(lambda: Fetcher().fetch_all(source, files, tmp_path, control=Control()))
        wait_until(lambda: len(drive.requests("download")) >= already)  # noqa: B023
        wait_until(lambda: workers_of(child.pid))  # noqa: B023
        workers = workers_of(child.pid)
        child.signal(signal.SIGKILL)
        child.join()
        _, alive = psutil.wait_procs(workers, timeout=5)
        assert alive == []
    assert_same(fetch(drive, source, folder, tmp_path), tmp_path, items)
    assert len(drive.requests("download")) < 1500 + 3 * 300
