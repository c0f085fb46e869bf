"""Standard tus clients against a real server: tuspy, and tus-js-client in node; and our own.

Each is interrupted, by itself or by a server that is killed, and goes on; the bytes are the same.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tusclient.client import TusClient
from tusclient.exceptions import TusUploadFailed

from growth_admin.core.errors import Forbidden
from growth_admin.datasets.uploads.faults import UploadTooLarge
from tests.console import TOKEN, Console, running_console
from tests.datasets.tus_speech import Tus

SIZE_BYTES = 12 * 1024 * 1024
PIECE_BYTES = 1024 * 1024
LIMIT_BYTES = 192 * 1024 * 1024
NODE = shutil.which("node") or "node is missing"
LABEXTENSION = Path(__file__).parents[2] / "labextension"
SCRIPT = Path(__file__).with_name("tus_js.mjs")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Something to send."""
    path = tmp_path / "run 7.fits"
    path.write_bytes(random.Random(11).randbytes(SIZE_BYTES))
    return path


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    with running_console(tmp_path_factory.mktemp("tus-clients"), *SETTINGS) as started:
        yield started


SETTINGS = (
    "--GrowthAdmin.standalone=True",
    "--ServerApp.base_url=/user/ada/",
    f"--DatasetManager.upload_limit_gib={LIMIT_BYTES / 2**30}",
)


def fixed_port() -> int:
    """Return a port for a server that must come back at the same address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def tuspy(console: Console) -> TusClient:
    return TusClient(f"{console.api}datasets/uploads", headers={"Authorization": f"token {TOKEN}"})


def assert_same(console: Console, url: str, file: Path) -> None:
    """The server has the file, byte for byte, and says so itself."""
    upload_id = url.rpartition("/")[2]
    folder = console.root / "nfs" / "data" / ".staging" / "uploads" / upload_id
    assert sha256(folder / "data") == sha256(file)
    found = Tus(console).get(f"/{upload_id}")
    assert (found["is_complete"], found["sha256"]) == (True, sha256(file))


def in_node(console: Console, file: Path, **options: Any) -> subprocess.Popen[str]:
    """Start tus-js-client in node."""
    asked = {
        "client": str(LABEXTENSION),
        "endpoint": f"{console.api}datasets/uploads",
        "token": TOKEN,
        "file": str(file),
        "chunk": PIECE_BYTES,
        **options,
    }
    return subprocess.Popen(
        [NODE, str(SCRIPT), json.dumps(asked)], stdout=subprocess.PIPE, text=True
    )


def events(process: subprocess.Popen[str]) -> list[dict[str, Any]]:
    """Return what a client said until it ended."""
    out, _ = process.communicate(timeout=120)
    return [json.loads(line) for line in out.splitlines()]


def url_of(said: list[dict[str, Any]]) -> str:
    return next(str(event["url"]) for event in said if "url" in event)


# -- tuspy


@pytest.mark.parametrize("is_checked", [True, False])
def test_tuspy_when_it_sends_a_file_then_the_bytes_are_the_same(
    console: Console, file: Path, is_checked: bool
) -> None:
    uploader = tuspy(console).uploader(
        str(file),
        chunk_size=5_000_000,
        metadata={"filename": file.name},
        upload_checksum=is_checked,
    )
    uploader.upload()
    assert_same(console, uploader.url, file)
    assert Tus(console).get("/" + uploader.url.rpartition("/")[2])["file_name"] == file.name


def test_tuspy_when_it_sends_everything_in_one_request_then_it_is_the_same(
    console: Console, file: Path
) -> None:
    uploader = tuspy(console).uploader(str(file))
    uploader.upload()
    assert_same(console, uploader.url, file)


def test_tuspy_when_it_stops_and_another_one_goes_on_then_nothing_is_sent_twice(
    console: Console, file: Path
) -> None:
    first = tuspy(console).uploader(str(file), chunk_size=PIECE_BYTES)
    first.upload(stop_at=5 * PIECE_BYTES)
    second = tuspy(console).uploader(str(file), url=first.url, chunk_size=PIECE_BYTES)
    assert second.offset == 5 * PIECE_BYTES
    second.upload()
    assert_same(console, first.url, file)


def test_tuspy_when_it_is_at_a_wrong_offset_then_409_and_it_goes_on_from_the_right_one(
    console: Console, file: Path
) -> None:
    uploader = tuspy(console).uploader(str(file), chunk_size=PIECE_BYTES)
    uploader.upload_chunk()
    uploader.offset = 0
    with pytest.raises(TusUploadFailed) as raised:
        uploader.upload_chunk()
    assert raised.value.status_code == 409
    uploader.offset = uploader.get_offset()
    uploader.upload()
    assert_same(console, uploader.url, file)


def test_tuspy_when_the_server_is_killed_then_it_goes_on_with_the_next_one(
    tmp_path: Path, file: Path
) -> None:
    port = fixed_port()
    with running_console(tmp_path / "c", *SETTINGS, port=port) as console:
        uploader = tuspy(console).uploader(
            str(file), chunk_size=PIECE_BYTES, upload_checksum=True, retries=60, retry_delay=1
        )
        uploader.upload(stop_at=4 * PIECE_BYTES)
        console.process.send_signal(signal.SIGKILL)
        console.process.wait()
    sending = threading.Thread(target=uploader.upload)
    sending.start()
    with running_console(tmp_path / "c", *SETTINGS, port=port) as again:
        sending.join(timeout=90)
        assert not sending.is_alive()
        assert_same(again, uploader.url, file)


# -- tus-js-client


@pytest.mark.parametrize("with_creation", [True, False])
def test_tus_js_when_it_sends_a_file_then_the_bytes_are_the_same(
    console: Console, file: Path, with_creation: bool
) -> None:
    said = events(in_node(console, file, with_creation=with_creation))
    assert said[-1] == {"done": True}, said
    assert_same(console, url_of(said), file)


def test_tus_js_when_it_is_killed_and_another_one_goes_on_then_the_bytes_are_the_same(
    console: Console, file: Path
) -> None:
    killed = in_node(console, file, stop_at=5 * PIECE_BYTES)
    said = events(killed)
    assert killed.returncode == -signal.SIGKILL
    url = url_of(said)
    time.sleep(0.5)  # the server may still be taking what was on the wire
    assert Tus(console).offset("/" + url.rpartition("/")[2]) >= 5 * PIECE_BYTES
    again = events(in_node(console, file, upload=url))
    assert again[-1] == {"done": True}, again
    assert next(e["accepted"] for e in again if "accepted" in e) > 5 * PIECE_BYTES
    assert_same(console, url, file)


def test_tus_js_when_the_server_is_killed_midway_then_it_goes_on_by_itself(
    tmp_path: Path, file: Path
) -> None:
    port = fixed_port()
    with running_console(tmp_path / "c", *SETTINGS, port=port) as console:
        node = in_node(console, file, chunk=PIECE_BYTES // 2, retry_delays=[500] * 100)
        assert node.stdout is not None
        said = []
        while not any(event.get("accepted", 0) >= 3 * PIECE_BYTES for event in said):
            said.append(json.loads(node.stdout.readline()))
        console.process.send_signal(signal.SIGKILL)
        console.process.wait()
    with running_console(tmp_path / "c", *SETTINGS, port=port) as again:
        said += events(node)
        assert said[-1] == {"done": True}, said
        assert_same(again, url_of(said), file)


def test_tus_js_when_over_the_limit_then_it_hears_413(tmp_path: Path, console: Console) -> None:
    large = tmp_path / "large"
    with large.open("wb") as sparse:
        sparse.truncate(LIMIT_BYTES + 1)
    said = events(in_node(console, large))
    assert said[-1]["status"] == 413
    assert "may still send" in said[-1]["error"]


def test_tus_js_when_several_send_at_once_then_each_file_is_whole(
    console: Console, tmp_path: Path
) -> None:
    files = [tmp_path / f"{n}.bin" for n in range(3)]
    for n, path in enumerate(files):
        path.write_bytes(random.Random(n).randbytes(5 * PIECE_BYTES + n))
    running = [in_node(console, path) for path in files]
    for path, process in zip(files, running, strict=True):
        said = events(process)
        assert said[-1] == {"done": True}, said
        assert_same(console, url_of(said), path)


# -- our own


def test_client_when_it_sends_a_file_then_progress_is_told_and_the_bytes_are_the_same(
    console: Console, file: Path
) -> None:
    told: list[tuple[int, int]] = []
    upload = console.client.datasets.upload_file(file, lambda done, of: told.append((done, of)))
    assert told[-1] == (SIZE_BYTES, SIZE_BYTES)
    assert (upload.file_name, upload.is_complete) == (file.name, True)
    assert_same(console, upload.id, file)


def test_client_when_the_same_file_was_begun_before_then_only_the_rest_is_sent(
    console: Console, file: Path
) -> None:
    datasets = console.client.datasets
    begun = datasets.upload_file(file)
    before = Tus(console).ask("GET").json()
    assert datasets.upload_file(file).id == begun.id
    assert Tus(console).ask("GET").json() == before
    datasets.delete_upload(begun.id)
    assert datasets.upload_file(file).id != begun.id


def test_client_when_the_server_is_killed_midway_then_it_goes_on_with_the_next_one(
    tmp_path: Path, file: Path
) -> None:
    port = fixed_port()
    results: list[Any] = []
    file.write_bytes(random.Random(5).randbytes(40 * PIECE_BYTES))
    with running_console(tmp_path / "c", *SETTINGS, port=port) as console:
        client = console.client

        def send() -> None:
            results.append(client.datasets.upload_file(file, on_progress=kill_once))

        def kill_once(done: int, _: int) -> None:
            if console.process.poll() is None:
                console.process.send_signal(signal.SIGKILL)
                console.process.wait()

        sending = threading.Thread(target=send)
        sending.start()
        console.process.wait(timeout=60)
    with running_console(tmp_path / "c", *SETTINGS, port=port) as again:
        sending.join(timeout=90)
        assert_same(again, results[0].id, file)


def test_client_when_the_server_refuses_then_it_raises_the_same_class(
    console: Console, tmp_path: Path
) -> None:
    large = tmp_path / "large"
    with large.open("wb") as sparse:
        sparse.truncate(LIMIT_BYTES + 1)
    with pytest.raises(UploadTooLarge):
        console.client.datasets.upload_file(large)
    rules = console.client.datasets.get_upload_rules()
    assert (rules["Tus-Resumable"], rules["Tus-Max-Size"]) == ("1.0.0", str(LIMIT_BYTES))
    stranger = Console(console.root, console.url, console.process, token="wrong")
    with pytest.raises(Forbidden):
        stranger.client.datasets.upload_file(large)
