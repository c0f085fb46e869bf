"""Each failure of Drive's stand-in: what arrives, byte for byte, when it is switched on."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from growth_admin.deploy.standins.drive.content import MadeContent
from growth_admin.deploy.standins.drive.standin import DriveStandin
from growth_admin.deploy.standins.drive.world import Item

SIZE = 3_000_000
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def drive() -> Iterator[DriveStandin]:
    with DriveStandin() as running:
        yield running


@pytest.fixture(params=["memory", "disk"])
def file(request: pytest.FixtureRequest, drive: DriveStandin, tmp_path: Path) -> Item:
    content = MadeContent(SIZE, "any")
    if request.param == "memory":
        return drive.add_file("any.bin", content)
    (tmp_path / "any.bin").write_bytes(content.read(0, SIZE))
    return drive.add_file("any.bin", tmp_path / "any.bin")


def get(drive: DriveStandin, file: Item, **options: Any) -> requests.Response:
    """The download of a file, its body not yet read."""
    url = f"{drive.download_url}/download?id={file.id}&export=download"
    options = {"stream": True, "timeout": 5, "allow_redirects": False, **options}
    session = requests.Session()
    session.trust_env = False
    headers = {"Accept-Encoding": "identity", **options.pop("headers", {})}
    return session.get(url, headers=headers, **options)


def body(reply: requests.Response) -> bytes:
    """What arrives before the end or the break."""
    out = bytearray()
    try:
        while piece := reply.raw.read1(1 << 16):
            out += piece
    except Exception as problem:  # noqa: BLE001  # whatever the break looks like to the client
        reply.reason = type(problem).__name__
    return bytes(out)


def whole(file: Item) -> bytes:
    """What should arrive."""
    return file.content.read(0, file.content.size)


def test_download_when_fair_then_whole_and_ranges_fit(drive: DriveStandin, file: Item) -> None:
    first = get(drive, file)
    assert (first.status_code, body(first)) == (200, whole(file))
    assert first.headers["Content-Disposition"].startswith('attachment; filename="any.bin"; ')
    for wanted, start, stop in (
        ("bytes=1000-1999", 1000, 2000),
        ("bytes=2999000-", 2_999_000, SIZE),
        ("bytes=-500", SIZE - 500, SIZE),
        ("bytes=0-9999999", 0, SIZE),
    ):
        for validator in (first.headers["ETag"], first.headers["Last-Modified"]):
            part = get(drive, file, headers={"Range": wanted, "If-Range": validator})
            assert part.status_code == 206
            assert part.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{SIZE}"
            assert body(part) == whole(file)[start:stop]
    changed = get(drive, file, headers={"Range": "bytes=5-", "If-Range": '"another"'})
    assert (changed.status_code, len(body(changed))) == (200, SIZE)
    beyond = get(drive, file, headers={"Range": f"bytes={SIZE}-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{SIZE}")


@pytest.mark.parametrize("at_byte", [0, 1, 70_000, SIZE - 1])
@pytest.mark.parametrize("kind", ["cut", "truncated"])
def test_cut_when_on_then_only_so_many_bytes_and_the_next_is_whole(
    drive: DriveStandin, file: Item, kind: str, at_byte: int
) -> None:
    drive.fault(kind, at_byte=at_byte, times=1)
    broken = get(drive, file)
    got = body(broken)
    assert broken.headers["Content-Length"] == str(SIZE)
    assert whole(file).startswith(got) and len(got) <= at_byte
    assert kind == "cut" or len(got) == at_byte
    assert body(get(drive, file)) == whole(file)


def test_short_when_on_then_a_valid_reply_of_too_few_bytes(drive: DriveStandin, file: Item) -> None:
    drive.fault("short", at_byte=1234)
    reply = get(drive, file)
    assert reply.headers["Content-Length"] == "1234"
    assert body(reply) == whole(file)[:1234]


def test_stall_when_on_then_nothing_more_comes(drive: DriveStandin, file: Item) -> None:
    drive.fault("stall", at_byte=100_000)
    begun = time.monotonic()
    reply = get(drive, file, timeout=0.5)
    assert len(body(reply)) <= 100_000 and "Timeout" in reply.reason
    assert 0.4 < time.monotonic() - begun < 4


def test_drip_when_on_then_slow(drive: DriveStandin, file: Item) -> None:
    drive.fault("drip", bytes_per_s=400_000)
    begun = time.monotonic()
    assert len(body(get(drive, file, headers={"Range": "bytes=0-199999"}))) == 200_000
    assert 0.4 < time.monotonic() - begun < 2


def test_wrong_range_when_on_then_the_header_lies(drive: DriveStandin, file: Item) -> None:
    drive.fault("wrong_range", times=1)
    assert get(drive, file).status_code == 200  # no range, no fault
    part = get(drive, file, headers={"Range": "bytes=100-"})
    assert part.headers["Content-Range"] == f"bytes 101-{SIZE - 1}/{SIZE}"
    assert body(part) == whole(file)[100:]


def test_no_range_when_on_then_all_of_it(drive: DriveStandin, file: Item) -> None:
    drive.fault("no_range")
    assert get(drive, file, headers={"Range": "bytes=100-"}).status_code == 200


def test_change_when_midway_then_other_bytes_and_another_etag(
    drive: DriveStandin, file: Item
) -> None:
    before = whole(file)
    first = get(drive, file)
    drive.fault("change", times=1)
    wanted = {"Range": "bytes=100-", "If-Range": first.headers["ETag"]}
    second = get(drive, file, headers=wanted)
    assert second.status_code == 200 and second.headers["ETag"] != first.headers["ETag"]
    assert second.headers["Last-Modified"] != first.headers["Last-Modified"]
    got = body(second)
    assert len(got) == SIZE and got != before and got == whole(file)


def test_gzip_when_on_then_encoded_though_not_wanted(drive: DriveStandin, file: Item) -> None:
    drive.fault("gzip")
    reply = get(drive, file)
    assert reply.headers["Content-Encoding"] == "gzip"
    raw = body(reply)
    assert len(raw) == int(reply.headers["Content-Length"]) and gzip.decompress(raw) == whole(file)


def test_chunked_when_on_then_no_length(drive: DriveStandin, file: Item) -> None:
    drive.fault("chunked")
    reply = get(drive, file)
    assert "Content-Length" not in reply.headers and reply.content == whole(file)


def test_corrupt_when_on_then_one_byte_differs(drive: DriveStandin, file: Item) -> None:
    drive.fault("corrupt", at_byte=2_000_000)
    got, right = body(get(drive, file)), whole(file)
    assert len(got) == SIZE and got[2_000_000] != right[2_000_000]
    assert (got[:2_000_000], got[2_000_001:]) == (right[:2_000_000], right[2_000_001:])


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        ("no_etag", {"ETag"}),
        ("no_validator", {"ETag", "Last-Modified"}),
        ("no_disposition", {"Content-Disposition"}),
    ],
)
def test_header_when_switched_off_then_missing(
    drive: DriveStandin, file: Item, kind: str, missing: set[str]
) -> None:
    usual = set(get(drive, file).headers)
    drive.fault(kind)
    assert usual - set(get(drive, file).headers) == missing


@pytest.mark.parametrize(
    ("kind", "status", "title"),
    [
        ("quota", 200, "Google Drive - Quota exceeded"),
        ("abusive", 200, "Google Drive - Infected file"),
        ("need_access", 200, "Google Drive: You need access"),
        ("virus_always", 200, "Google Drive - Virus scan warning"),
        ("sorry", 429, "Sorry..."),
        ("gone", 404, "Error 404 (Not Found)!!1"),
        ("remove", 404, "Error 404 (Not Found)!!1"),
        ("status", 503, "Error"),
    ],
)
def test_page_when_instead_of_a_file_then_html_without_a_name(
    drive: DriveStandin, file: Item, kind: str, status: int, title: str
) -> None:
    drive.fault(kind, item=file.id)
    reply = get(drive, file)
    assert reply.status_code == status
    assert reply.headers["Content-Type"].startswith("text/html")
    assert "Content-Disposition" not in reply.headers
    assert f"<title>{title}</title>" in reply.text


def test_redirect_when_on_then_wherever_it_should_lead(drive: DriveStandin, file: Item) -> None:
    drive.fault("redirect", location="http://169.254.169.254/latest/meta-data/")
    reply = get(drive, file)
    assert (reply.status_code, reply.headers["Location"]) == (
        302,
        "http://169.254.169.254/latest/meta-data/",
    )


def test_fault_when_counted_then_spares_hits_and_spares_again(
    drive: DriveStandin, file: Item
) -> None:
    other = drive.add_file("other.bin", b"other")
    fault = drive.fault("quota", item=file.id, after=2, times=1)
    kinds = [get(drive, file).headers["Content-Type"][:9] for _ in range(4)]
    usual = kinds[0]
    assert kinds == [usual, usual, "text/html", usual]
    assert body(get(drive, other)) == b"other"
    assert (fault.seen, fault.hits) == (4, 1)


def test_status_when_at_random_then_sometimes(drive: DriveStandin, file: Item) -> None:
    drive.fault("status", status=500, probability=0.5)
    statuses = [get(drive, file).status_code for _ in range(60)]
    assert 15 <= statuses.count(500) <= 45 and set(statuses) == {200, 500}


def test_fault_when_unknown_then_said(drive: DriveStandin) -> None:
    with pytest.raises(ValueError, match="not a kind of fault"):
        drive.fault("rain")


def test_process_when_started_then_serves_samples_and_takes_faults_from_outside(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-m", "growth_admin.deploy.standins.drive", "--port", "0"]
    command += ["--sample", "--credentials", str(tmp_path / "keys")]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        site = process.stdout.readline().split()[-1]
        control = {"headers": {"X-Growth-Control": "test"}, "timeout": 5}
        assert requests.get(f"{site}/_control", timeout=5).status_code == 403
        items = requests.get(f"{site}/_control", **control).json()["items"]  # type: ignore[arg-type]
        readme = next(item for item in items if item["name"] == "README.md")
        download = f"{site}/download?id={readme['id']}"
        assert requests.get(download, timeout=5).text.startswith("# Variable stars")
        fault = {"kind": "status", "status": 500, "item": readme["id"]}
        added = requests.post(f"{site}/_control/faults", json=fault, **control)  # type: ignore[arg-type]
        assert added.ok and requests.get(download, timeout=5).status_code == 500
        wrong = requests.post(f"{site}/_control/faults", json={"kind": "rain"}, **control)  # type: ignore[arg-type]
        assert wrong.status_code == 400
        requests.delete(f"{site}/_control/faults", **control)  # type: ignore[arg-type]
        changes = {"is_shared": False}
        requests.patch(f"{site}/_control/items/{readme['id']}", json=changes, **control)  # type: ignore[arg-type]
        assert "ServiceLogin" in requests.get(download, timeout=5).url
        key = (tmp_path / "keys/drive-api-key").read_text().strip()
        path = f"{site}/drive/v3/files/{readme['parent']}?key={key}"
        assert requests.get(path, timeout=5).json()["name"] == "Variable stars"
        account = json.loads((tmp_path / "keys/drive-service-account.json").read_text())
        assert account["type"] == "service_account"
    finally:
        process.terminate()
        assert process.wait(10) == 0
