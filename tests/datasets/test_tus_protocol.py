"""The upload routes on a real server, word for word as the protocol has them (tus 1.0.0)."""

from __future__ import annotations

import hashlib
import os
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from growth_admin.datasets.models import Upload
from growth_admin.datasets.uploads.record import in_words
from tests.conftest import fill
from tests.console import Console, running_console
from tests.datasets.tus_speech import BODY, Tus, checksum, metadata

DATA = random.Random(7).randbytes(3_000_000)
LIMIT_BYTES = 64 * 1024 * 1024
RULES = {
    "Tus-Version": "1.0.0",
    "Tus-Extension": "creation,creation-with-upload,expiration,checksum,termination",
    "Tus-Max-Size": str(LIMIT_BYTES),
    "Tus-Checksum-Algorithm": "sha256,sha1,md5",
}


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    settings = (
        "--GrowthAdmin.standalone=True",
        f"--DatasetManager.upload_limit_gib={LIMIT_BYTES / 2**30}",
        "--ServerApp.base_url=/user/ada/",
    )
    with running_console(tmp_path_factory.mktemp("tus"), *settings) as started:
        yield started


@pytest.fixture
def tus(console: Console) -> Iterator[Tus]:
    """Uploads of a test; what is left counts against the limit, so it goes."""
    speaker = Tus(console)
    yield speaker
    for upload in speaker.ask("GET").json()["uploads"]:
        speaker.ask("DELETE", f"/{upload['id']}")


def stored(console: Console, path: str) -> bytes:
    folder = console.root / "nfs" / "data" / ".staging" / "uploads"
    return (folder / path.strip("/") / "data").read_bytes()


def entries(console: Console) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = console.ask(
        "GET", "audit/entries", params={"permission": "uploads"}
    ).json()["entries"]
    return found


def problem(reply: requests.Response, status: int) -> dict[str, Any]:
    assert reply.status_code == status, (reply.status_code, reply.text)
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.headers["Tus-Resumable"] == "1.0.0"
    found: dict[str, Any] = reply.json()
    assert found["detail"]
    return found


# -- the core protocol


def test_upload_when_sent_in_pieces_then_offsets_follow_and_the_bytes_are_the_same(
    tus: Tus, console: Console
) -> None:
    made = tus.ask(
        "POST",
        Upload_Length=str(len(DATA)),
        Upload_Metadata=metadata(filename="Übung 1.fits", filetype="x/y") + ",flag",
    )
    assert made.status_code == 201
    upload = made.json()
    assert made.headers["Location"] == f"/user/ada/growth/api/datasets/uploads/{upload['id']}"
    assert (upload["file_name"], upload["size_bytes"]) == ("Übung 1.fits", len(DATA))
    path = f"/{upload['id']}"
    for first in range(0, len(DATA), 1_100_000):
        part = DATA[first : first + 1_100_000]
        reply = tus.patch(path, part, first)
        assert (reply.status_code, reply.content) == (204, b"")
        assert reply.headers["Upload-Offset"] == str(first + len(part))
        assert reply.headers["Upload-Expires"].endswith(" GMT")
        assert tus.offset(path) == first + len(part)
    assert stored(console, path) == DATA
    found = tus.get(path)
    assert found["is_complete"] and found["sha256"] == hashlib.sha256(DATA).hexdigest()


def test_head_when_asked_then_all_that_a_client_needs_is_in_the_headers(tus: Tus) -> None:
    given = metadata(filename="a b")
    path = tus.create(10, Upload_Metadata=given)
    reply = tus.ask("HEAD", path)
    assert (reply.status_code, reply.content) == (200, b"")
    expected = {
        "Upload-Offset": "0",
        "Upload-Length": "10",
        "Upload-Metadata": given,
        "Cache-Control": "no-store",
        "Tus-Resumable": "1.0.0",
    }
    assert {name: reply.headers[name] for name in expected} == expected


def test_options_when_asked_then_the_rules_are_told_without_naming_a_version(tus: Tus) -> None:
    reply = tus.ask("OPTIONS", Tus_Resumable=None)
    assert (reply.status_code, reply.content) == (204, b"")
    assert {name: reply.headers[name] for name in RULES} == RULES


@pytest.mark.parametrize("version", [None, "0.2.2", "2.0.0"])
@pytest.mark.parametrize("method", ["POST", "HEAD", "PATCH"])
def test_request_when_it_names_another_version_then_412_names_ours(
    tus: Tus, method: str, version: str | None
) -> None:
    path = "" if method == "POST" else tus.create(10)
    headers = {"Upload_Length": "5", "Upload_Offset": "0", "Content_Type": BODY}
    reply = tus.ask(
        method,
        path,
        data=b"12345" if method == "PATCH" else None,
        Tus_Resumable=version,
        **headers,
    )
    assert reply.status_code == 412
    assert reply.headers["Tus-Version"] == "1.0.0"
    assert not path or tus.offset(path) == 0


@pytest.mark.parametrize("offset", ["1", "9", "11", str(2**60)])
def test_patch_when_the_offset_is_another_then_409_and_nothing_is_taken(
    tus: Tus, offset: str
) -> None:
    path = tus.create(10)
    tus.patch(path, b"123")
    problem(tus.patch(path, b"x", Upload_Offset=offset), 409 if int(offset) < 10 else 400)
    assert tus.offset(path) == 3


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload_Offset": None}, 400),
        ({"Upload_Offset": "-1"}, 400),
        ({"Upload_Offset": "1e1"}, 400),
        ({"Content_Type": "application/json"}, 415),
        ({"Content_Type": None}, 415),
    ],
)
def test_patch_when_a_header_is_wrong_then_it_is_refused(
    tus: Tus, headers: dict[str, str | None], status: int
) -> None:
    path = tus.create(10)
    problem(tus.patch(path, b"12345", **headers), status)
    assert tus.offset(path) == 0


def test_patch_when_more_is_sent_than_was_announced_then_nothing_is_taken(tus: Tus) -> None:
    path = tus.create(10)
    problem(tus.patch(path, b"x" * 11), 400)
    assert tus.offset(path) == 0


def test_patch_when_the_length_is_not_known_then_it_is_taken_and_bounded(
    tus: Tus, console: Console
) -> None:
    """``Transfer-Encoding: chunked``: the length of the body comes piece by piece."""
    path = tus.create(10)
    pieces = iter([b"12345", b"678"])
    reply = tus.patch(path, pieces)  # type: ignore[arg-type]  # requests takes generators
    assert (reply.status_code, reply.headers["Upload-Offset"]) == (204, "8")
    problem(tus.patch(path, iter([b"x"] * 5), 8), 400)  # type: ignore[arg-type]  # as above
    assert stored(console, path)[:8] == b"12345678"


@pytest.mark.parametrize("method", ["HEAD", "PATCH", "GET", "DELETE"])
def test_upload_when_there_is_none_then_404(tus: Tus, method: str) -> None:
    for name in ("0" * 32, "x", "..%2f..%2fetc"):
        reply = tus.ask(method, f"/{name}", data=b"", Content_Type=BODY, Upload_Offset="0")
        assert reply.status_code == 404, (name, reply.text)
        assert "Upload-Offset" not in reply.headers


# -- extensions


@pytest.mark.parametrize(
    "headers",
    [
        {"Upload_Length": None},
        {"Upload_Length": "many"},
        {"Upload_Length": "-5"},
        {"Upload_Length": "5", "Upload_Metadata": "filename $$$"},
        {"Upload_Length": "5", "Upload_Metadata": "filename /w=="},
        {"Upload_Length": "5", "Upload_Metadata": metadata(filename="x" * 2000)},
        {"Upload_Length": "5", "Upload_Metadata": metadata(batch="../x")},
        {"Upload_Length": None, "Upload_Defer_Length": "1"},
    ],
)
def test_creation_when_a_header_is_wrong_then_400_says_which(
    tus: Tus, headers: dict[str, str | None]
) -> None:
    assert problem(tus.ask("POST", **headers), 400)["type"].endswith("invalid-input")
    assert tus.ask("GET").json()["uploads"] == []


def test_creation_when_over_the_limit_then_413_says_what_is_left(tus: Tus) -> None:
    tus.create(LIMIT_BYTES - 10)
    found = problem(tus.ask("POST", Upload_Length="11"), 413)
    assert "10 of" in found["detail"] and found["hint"]


def test_creation_when_bytes_come_with_it_then_they_are_taken(tus: Tus, console: Console) -> None:
    for size in (0, 5, len(DATA)):
        data = DATA[:size]
        made = tus.ask(
            "POST",
            data=data,
            Content_Type=BODY,
            Upload_Length=str(len(data)),
            Upload_Checksum=checksum(data),
        )
        assert (made.status_code, made.headers["Upload-Offset"]) == (201, str(size)), made.text
        assert made.json()["sha256"] == hashlib.sha256(data).hexdigest()
        assert stored(console, f"/{made.json()['id']}") == data


@pytest.mark.parametrize("algorithm", ["sha256", "sha1", "md5"])
def test_checksum_when_it_does_not_match_then_460_and_the_bytes_are_thrown_away(
    tus: Tus, console: Console, algorithm: str
) -> None:
    path = tus.create(len(DATA))
    tus.patch(path, DATA[:1000])
    wrong = checksum(DATA[1000:-1] + b"?", algorithm)
    found = problem(tus.patch(path, DATA[1000:], 1000, Upload_Checksum=wrong), 460)
    assert found["context"] == {"offset_bytes": 1000}
    assert tus.offset(path) == 1000
    right = checksum(DATA[1000:], algorithm)
    assert tus.patch(path, DATA[1000:], 1000, Upload_Checksum=right).status_code == 204
    assert stored(console, path) == DATA


@pytest.mark.parametrize("given", ["crc32 AAAA", "sha256", "sha256 AAAA", "sha256 $$", ""])
def test_checksum_when_it_cannot_be_read_then_400(tus: Tus, given: str) -> None:
    path = tus.create(10)
    problem(tus.patch(path, b"123", Upload_Checksum=given), 400)
    assert tus.offset(path) == 0


def test_termination_when_asked_then_it_is_gone_at_once(tus: Tus, console: Console) -> None:
    path = tus.create(10)
    tus.patch(path, b"123")
    assert tus.ask("DELETE", path).status_code == 204
    assert tus.ask("HEAD", path).status_code == 404
    assert not (console.root / "nfs/data/.staging/uploads" / path.strip("/")).exists()


# -- connections


def test_connection_when_it_drops_then_what_came_is_kept(tus: Tus, console: Console) -> None:
    path = tus.create(len(DATA))
    connection = tus.open_patch(path, len(DATA))
    connection.sendall(DATA[:1_234_567])
    time.sleep(0.5)
    connection.close()
    tus.wait_for_offset(path, 1_234_567)
    reply = tus.patch(path, DATA[1_234_567:], 1_234_567)
    end_s = time.monotonic() + 20
    while reply.status_code == 423 and time.monotonic() < end_s:  # as clients do: the dropped
        time.sleep(0.2)  # request is told of its end a moment after its last byte was kept
        reply = tus.patch(path, DATA[1_234_567:], 1_234_567)
    assert reply.status_code == 204, reply.text
    assert stored(console, path) == DATA
    assert tus.get(path)["sha256"] == hashlib.sha256(DATA).hexdigest()


def test_connection_when_it_drops_in_a_checked_piece_then_that_piece_does_not_count(
    tus: Tus,
) -> None:
    path = tus.create(len(DATA))
    tus.patch(path, DATA[:1000])
    connection = tus.open_patch(path, len(DATA) - 1000, 1000, Upload_Checksum=checksum(DATA[1000:]))
    connection.sendall(DATA[1000:2_900_000])
    time.sleep(0.5)
    assert tus.offset(path) == 1000
    connection.close()
    time.sleep(0.3)
    reply = tus.patch(path, DATA[1000:], 1000, Upload_Checksum=checksum(DATA[1000:]))
    assert reply.status_code == 204, reply.text


def test_writer_when_a_second_one_comes_then_423_until_the_first_is_silent(tus: Tus) -> None:
    path = tus.create(len(DATA))
    hanging = tus.open_patch(path, len(DATA))
    hanging.sendall(DATA[:500_000])
    time.sleep(0.3)
    problem(tus.patch(path, DATA), 423)
    time.sleep(5.5)  # the first one's network is gone, and nobody has noticed
    offset = tus.offset(path)
    reply = tus.patch(path, DATA[offset:], offset)
    if reply.status_code == 409:  # bytes of the first one were written as it was stopped
        offset = tus.offset(path)
        reply = tus.patch(path, DATA[offset:], offset)
    assert reply.status_code == 204, reply.text
    hanging.close()
    assert tus.get(path)["sha256"] == hashlib.sha256(DATA).hexdigest()


def test_body_when_nobody_knows_the_sender_then_it_is_refused_before_it_comes(
    console: Console, tus: Tus
) -> None:
    path = tus.create(LIMIT_BYTES)
    connection = tus.open_patch(path, LIMIT_BYTES, Authorization="token wrong")
    answer = connection.recv(4096)
    assert answer.startswith(b"HTTP/1.1 403"), answer
    connection.close()
    assert tus.offset(path) == 0


def refusal(session: requests.Session, url: str, headers: dict[str, str]) -> int:
    """The status of a PATCH that is refused by its head.

    The connection ends with the answer: where the body is still on its way, the answer may be lost.
    """
    for _ in range(9):
        try:
            return session.patch(url, data=b"12345", headers=headers, timeout=30).status_code
        except requests.ConnectionError:
            continue
    raise AssertionError("no answer came through")


def test_cookie_when_it_comes_without_xsrf_then_403_and_with_it_204(
    console: Console, tus: Tus
) -> None:
    path = tus.create(5)
    session = requests.Session()
    session.get(f"{console.url}?token={console.token}", timeout=30)
    headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": BODY}
    url = f"{console.api}datasets/uploads{path}"
    assert refusal(session, url, headers) == 403
    assert tus.offset(path) == 0
    headers["X-XSRFToken"] = session.cookies["_xsrf"]
    assert session.patch(url, data=b"12345", headers=headers, timeout=30).status_code == 204


def test_uploads_when_several_run_at_once_then_each_gets_its_own_bytes(
    tus: Tus, console: Console
) -> None:
    parts = {n: random.Random(n).randbytes(5_000_000) for n in range(4)}
    paths = {n: tus.create(len(data)) for n, data in parts.items()}
    threads = [
        threading.Thread(target=tus.patch, args=(paths[n], data)) for n, data in parts.items()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for n, data in parts.items():
        assert tus.get(paths[n])["sha256"] == hashlib.sha256(data).hexdigest()


# -- memory, records


def test_server_when_a_large_body_comes_then_it_holds_little_of_it(
    tus: Tus, console: Console
) -> None:
    def rss_mib() -> float:
        pages = int(Path(f"/proc/{console.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGESIZE") / 2**20

    path = tus.create(LIMIT_BYTES)
    tus.patch(path, bytes(4_000_000))
    before = rss_mib()
    tus.patch(path, bytes(LIMIT_BYTES - 4_000_000), 4_000_000)
    assert rss_mib() - before < 24


def test_audit_when_a_file_is_sent_in_pieces_then_begin_and_end_are_recorded_once(
    tus: Tus, console: Console
) -> None:
    before = len(entries(console))
    path = tus.create(100, Upload_Metadata=metadata(filename="a.fits"))
    for first in range(0, 100, 10):
        tus.patch(path, DATA[first : first + 10], first)
    tus.patch(path, b"", 7)  # a refusal, too, is none
    tus.ask("DELETE", path)
    new = [row["action"] for row in entries(console)][: len(entries(console)) - before]
    assert new == ["Delete an upload", "Upload a file", "Begin to upload a file"]
    assert all("a.fits" in row["target"] for row in entries(console)[:3])


def test_audit_when_a_folder_is_sent_then_it_is_one_record(tus: Tus, console: Console) -> None:
    before = len(entries(console))
    for n in range(4):
        given = metadata(filename=f"{n}.fits", relativePath=f"run7/{n}.fits", batch="x1-4-12")
        path = tus.create(3, Upload_Metadata=given)
        tus.patch(path, b"123")
    assert len(entries(console)) == before + 1
    assert entries(console)[0]["target"] == "run7 (4 files)"
    upload = Upload.model_validate(tus.get(path))
    assert in_words(upload) == "run7 (4 files)"


# -- a full disk


def test_disk_when_it_is_full_then_507_and_the_upload_goes_on_later(
    tmp_path: Path, small_disk: Path
) -> None:
    settings = ("--GrowthAdmin.standalone=True", f"--DatasetManager.data_folder={small_disk}")
    data = DATA[:150_000]
    with running_console(tmp_path / "c", *settings) as full:
        tus = Tus(full)
        path = tus.create(len(data))
        tus.patch(path, data[:10_000])
        filler = fill(small_disk)
        found = problem(tus.patch(path, data[10_000:], 10_000), 507)
        assert found["type"].endswith("storage-full") and found["hint"]
        kept = tus.offset(path)
        assert 10_000 <= kept < len(data)
        problem(tus.ask("POST", Upload_Length="1000000"), 507)
        filler.unlink()
        assert tus.patch(path, data[kept:], kept).status_code == 204
        assert tus.get(path)["sha256"] == hashlib.sha256(data).hexdigest()
