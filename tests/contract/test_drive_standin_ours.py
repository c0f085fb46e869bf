"""Our own source and fetcher against the stand-in: the same bytes, and only known queries."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from growth_admin.datasets.facts import FetchedFile
from growth_admin.datasets.fetch.fetcher import Fetcher
from growth_admin.datasets.sources.drive import DriveSource
from growth_admin.datasets.sources.http import HttpSource
from growth_admin.deploy.standins.drive.content import MadeContent
from growth_admin.deploy.standins.drive.standin import DriveStandin
from growth_admin.deploy.standins.drive.world import Item
from tests.contract.drive_description import Description

SCAN_LIMIT_BYTES = 200_000
CREDENTIALS = ["none", "key", "service account"]


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


@pytest.fixture
def drive() -> Iterator[DriveStandin]:
    with DriveStandin(scan_limit_bytes=SCAN_LIMIT_BYTES) as running:
        yield running


@pytest.fixture(params=CREDENTIALS)
def source(request: pytest.FixtureRequest, drive: DriveStandin, tmp_path: Path) -> DriveSource:
    """The source with each kind of credential."""
    settings = dict.fromkeys(("web_url", "docs_url", "download_url", "api_url"), drive.site)
    if request.param == "key":
        (tmp_path / "key").write_text(drive.add_api_key() + "\n")
        settings["api_key_file"] = str(tmp_path / "key")
    if request.param == "service account":
        drive.write_key_file(tmp_path / "account.json")
        settings["service_account_file"] = str(tmp_path / "account.json")
    return DriveSource(http=HttpSource(), **settings)


def fetch(source: DriveSource, link: str, stage: Path) -> dict[str, FetchedFile]:
    """Look and fetch; what was fetched by its path."""
    listing = source.list_files(link, limit_s=20, control=Unwatched())
    assert listing.is_complete
    fetched = Fetcher().fetch_all(source, listing.files, stage, control=Unwatched())
    return {file.path: file for file in fetched}


def assert_same(fetched: FetchedFile, stage: Path, item: Item) -> None:
    """The file on disk is the one at Drive."""
    data = item.content.read(0, item.content.size)
    assert (stage / "files" / fetched.path).read_bytes() == data
    assert fetched.sha256 == hashlib.sha256(data).hexdigest()


def assert_known_queries(drive: DriveStandin) -> None:
    """Each request to the API is one that Google describes."""
    published = Description()
    for request in drive.requests():
        if not request["path"].startswith("/drive/v3/"):
            continue
        assert published.request_problems(request["method"], request["path"]) == []


@pytest.mark.parametrize("size", [0, 11, 3 * SCAN_LIMIT_BYTES], ids=["empty", "small", "scanned"])
def test_our_source_when_it_fetches_a_file_then_the_same_bytes(
    drive: DriveStandin, source: DriveSource, tmp_path: Path, size: int
) -> None:
    file = drive.add_file("Mira é.fits", MadeContent(size, "Mira"))
    drive.fault("virus_strict")
    (fetched,) = fetch(source, drive.link(file), tmp_path / "stage").values()
    assert fetched.path == "Mira é.fits"
    assert_same(fetched, tmp_path / "stage", file)
    has_checksum = bool(drive.requests("media"))
    assert (fetched.verified_with == "sha256") == has_checksum
    assert_known_queries(drive)


def test_our_source_when_it_fetches_a_folder_then_all_of_it(
    drive: DriveStandin, source: DriveSource, tmp_path: Path
) -> None:
    stars = drive.add_folder("Variable stars & <more>")
    curves = drive.add_folder("light curves", stars)
    made = drive.world.add_made_files(1203, 2000, curves)
    readme = drive.add_file("README.md", b"# Stars\n", stars)
    big = drive.add_file("big.fits", MadeContent(2 * SCAN_LIMIT_BYTES, "big"), stars)
    drive.add_file("hidden.csv", b"no", stars, is_shared=False)
    fetched = fetch(source, drive.link(stars), tmp_path / "stage")
    expected = {f"light curves/{item.name}": item for item in made}
    expected |= {"README.md": readme, "big.fits": big}
    assert set(fetched) == set(expected)
    for path, item in expected.items():
        assert_same(fetched[path], tmp_path / "stage", item)
    assert_known_queries(drive)


def test_our_source_when_a_key_belongs_to_the_link_then_it_is_sent(
    drive: DriveStandin, source: DriveSource, tmp_path: Path
) -> None:
    old = drive.add_file("old.dat", b"old data", resource_key="0-Xk3yR7nB2mQwErTyUiOpAs")
    fetched = fetch(source, drive.link(old), tmp_path / "stage")
    assert_same(fetched["old.dat"], tmp_path / "stage", old)
    assert_known_queries(drive)


def test_our_source_when_an_export_is_wanted_then_what_google_makes_of_it(
    drive: DriveStandin, source: DriveSource, tmp_path: Path
) -> None:
    sheet = drive.add_document("Observers", "spreadsheet", {"csv": b"a,b\r\n", "xlsx": b"PK"})
    link = f"{drive.docs_url}/spreadsheets/d/{sheet.id}/export?format=csv"
    (fetched,) = fetch(source, link, tmp_path / "stage").values()
    assert fetched.path.endswith(".csv")
    assert (tmp_path / "stage/files" / fetched.path).read_bytes() == b"a,b\r\n"
    assert_known_queries(drive)
