"""The stand-in for Drive as gdown sees it: an independent reader of Google's pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import gdown
import pytest
from gdown.exceptions import DownloadError, FileURLRetrievalError

from growth_admin.deploy.standins.drive.content import MadeContent
from growth_admin.deploy.standins.drive.standin import DriveStandin
from tests.contract.gdown_loopback import google_is

SCAN_LIMIT_BYTES = 100_000
GOOGLE = "https://drive.google.com"
XLSX = b"PK\x03\x04 not a whole workbook"


@pytest.fixture
def drive() -> Iterator[DriveStandin]:
    with DriveStandin(scan_limit_bytes=SCAN_LIMIT_BYTES) as running, google_is(running.site):
        yield running


@pytest.mark.parametrize("fault", ["", "virus_strict", "virus_always", "virus_never"])
@pytest.mark.parametrize("size", [10, 3 * SCAN_LIMIT_BYTES], ids=["small", "above the limit"])
def test_gdown_when_it_fetches_a_file_then_the_same_bytes_with_or_without_form(
    drive: DriveStandin, tmp_path: Path, size: int, fault: str
) -> None:
    file = drive.add_file("Mira é.fits", MadeContent(size, "Mira"))
    if fault:
        drive.fault(fault)
    link = f"{GOOGLE}/file/d/{file.id}/view?usp=sharing"
    got = gdown.download(link, f"{tmp_path}/", quiet=True, use_cookies=False)
    assert got == str(tmp_path / "Mira é.fits")
    assert Path(got).read_bytes() == file.content.read(0, size)
    has_form = fault in ("virus_strict", "virus_always") or (size > 10 and not fault)
    assert len(drive.requests("download")) == (2 if has_form else 1)


def test_gdown_when_it_fetches_a_folder_then_all_of_it(drive: DriveStandin, tmp_path: Path) -> None:
    stars = drive.add_folder("Variable stars & <more>")
    curves = drive.add_folder("light curves", stars)
    made = drive.world.add_made_files(60, 2000, curves)
    drive.add_file("README.md", b"# Stars\n", stars)
    drive.add_file("big.fits", MadeContent(2 * SCAN_LIMIT_BYTES, "big"), stars)
    drive.add_file("hidden.csv", b"no", stars, is_shared=False)
    drive.add_document("Observers", "spreadsheet", {"xlsx": XLSX, "csv": b"a"}, stars)
    link = f"{GOOGLE}/drive/folders/{stars.id}?usp=sharing"
    gdown.download_folder(link, output=f"{tmp_path}/", quiet=True, use_cookies=False)
    root = tmp_path / "Variable stars & <more>"
    found = {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}
    expected = {f"light curves/{file.name}": file.content.read(0, 2000) for file in made}
    expected |= {"README.md": b"# Stars\n", "Observers.xlsx": XLSX}
    big = found.pop("big.fits")
    assert found == expected and len(big) == 2 * SCAN_LIMIT_BYTES


def test_gdown_when_the_connection_is_cut_then_resumes_to_the_same_bytes(
    drive: DriveStandin, tmp_path: Path
) -> None:
    file = drive.add_file("cut.bin", MadeContent(50 * SCAN_LIMIT_BYTES, "cut"))
    drive.fault("truncated", at_byte=20 * SCAN_LIMIT_BYTES, times=2)
    got = gdown.download(
        id=file.id, output=f"{tmp_path}/", quiet=True, use_cookies=False, retries=3
    )
    assert Path(str(got)).read_bytes() == file.content.read(0, file.content.size)
    ranged = [request for request in drive.requests("download") if request["range"]]
    assert [request["status"] for request in ranged] == [206, 206]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("quota", "Too many users have viewed or downloaded this file recently"),
        ("abusive", "Only the owner is allowed to download infected files"),
        ("virus_unparsable", "Cannot retrieve the public link"),
        ("sign_in", "Cannot retrieve the public link"),
        ("need_access", "Cannot retrieve the public link"),
    ],
)
def test_gdown_when_google_refuses_then_it_reads_why(
    drive: DriveStandin, tmp_path: Path, fault: str, words: str
) -> None:
    file = drive.add_file("much wanted.csv", b"a,b\n")
    drive.fault(fault)
    with pytest.raises(FileURLRetrievalError) as refused:
        gdown.download(id=file.id, output=f"{tmp_path}/", quiet=True, use_cookies=False)
    assert words in " ".join(str(refused.value).split())
    assert list(tmp_path.iterdir()) == []


def test_gdown_when_a_folder_is_not_shared_then_says_so(
    drive: DriveStandin, tmp_path: Path
) -> None:
    folder = drive.add_folder("private", is_shared=False)
    with pytest.raises(DownloadError):
        gdown.download_folder(id=folder.id, output=f"{tmp_path}/", quiet=True, use_cookies=False)
