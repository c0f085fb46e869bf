"""Uploads as a source: single files, folders, names from outside, taking without copying."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from growth_admin.core.errors import InvalidInput, NotFound
from growth_admin.datasets.facts import Checksum, Listing
from growth_admin.datasets.models import Upload
from growth_admin.datasets.uploads.record import NewUpload
from growth_admin.datasets.uploads.source import UploadSource
from growth_admin.datasets.uploads.store import UploadStore


class Watcher:
    """Lets work go on and remembers what it told."""

    def __init__(self) -> None:
        self.told: list[float] = []

    def check(self) -> None: ...

    def progress(
        self, done: float, total: float | None = None, *, unit: str = "", message: str = ""
    ) -> None:
        self.told.append(done)

    def log(self, line: str) -> None: ...


@pytest.fixture
def store(tmp_path: Path) -> UploadStore:
    return UploadStore(tmp_path / "uploads", user="priya", limit_bytes=2**40)


def sent(
    store: UploadStore,
    data: bytes,
    *,
    name: str = "a.fits",
    place: str = "",
    batch: str = "",
    is_checked: bool = True,
    missing_bytes: int = 0,
) -> Upload:
    wanted = NewUpload(
        size_bytes=len(data) + missing_bytes, file_name=name, relative_path=place, batch=batch
    )
    made = store.create_upload(wanted)
    checksum = Checksum("sha256", hashlib.sha256(data).hexdigest()) if is_checked else None
    writer = store.write(made.id, 0, checksum)
    writer.append(data)
    writer.finish()
    return store.get_upload(made.id)


def listed(store: UploadStore, link: str) -> Listing:
    return UploadSource(store).list_files(link, limit_s=5, control=Watcher())


def test_link_when_it_names_an_upload_then_it_is_ours(store: UploadStore) -> None:
    source = UploadSource(store)
    assert source.recognises("upload:abc") and source.recognises("upload:batch:x")
    assert not source.recognises("https://example.org/upload:abc")
    assert source.kind == "upload"


def test_file_when_listed_then_it_has_its_name_size_and_checksum(store: UploadStore) -> None:
    upload = sent(store, b"stars", name="Nebel 7.tar.gz")
    listing = listed(store, f"upload:{upload.id}")
    (file,) = listing.files
    assert (listing.kind, listing.title, listing.is_folder) == ("upload", "Nebel 7.tar.gz", False)
    assert (file.path, file.size_bytes) == ("Nebel 7.tar.gz", 5)
    assert file.checksum == Checksum("sha256", hashlib.sha256(b"stars").hexdigest())
    assert listing.name == "Nebel 7"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("../../etc/passwd", ".._.._etc_passwd"),
        (".versions", "_.versions"),
        ("a\nb", "a_b"),
        ("..", "unnamed"),
        ("x" * 400 + ".fits", "x" * 250 + ".fits"),
    ],
)
def test_file_when_its_name_is_hostile_then_it_stays_in_the_dataset(
    store: UploadStore, name: str, path: str
) -> None:
    upload = sent(store, b"x", name=name)
    assert listed(store, f"upload:{upload.id}").files[0].path == path


def test_folder_when_listed_then_places_are_kept_without_its_own_name(store: UploadStore) -> None:
    for place in ("run7/a.fits", "run7/raw/b.fits", "run7/../c.fits", "run7/.growth-x"):
        sent(store, b"x", name=place.rpartition("/")[2], place=place, batch="b1-4-4")
    listing = listed(store, "upload:batch:b1-4-4")
    assert (listing.title, listing.name, listing.is_folder) == ("run7", "run7", True)
    assert {file.path for file in listing.files} == {
        "a.fits",
        "raw/b.fits",
        "unnamed/c.fits",
        "_.growth-x",
    }


def test_files_when_dropped_together_then_no_two_have_one_name(store: UploadStore) -> None:
    for place in ("d/A.fits", "d/a.fits", "e/x"):
        sent(store, b"x", name=place.rpartition("/")[2], place=place, batch="b2-3-3")
    paths = [file.path for file in listed(store, "upload:batch:b2-3-3").files]
    assert len({path.casefold() for path in paths}) == 3
    assert {path.partition("/")[0] for path in paths} == {"d", "e"}


def test_batch_when_a_try_was_cut_off_then_the_whole_one_is_taken(store: UploadStore) -> None:
    sent(store, b"12", place="d/a", batch="b3-1-5", missing_bytes=3)
    whole = sent(store, b"12345", place="d/a", batch="b3-1-5")
    sent(store, b"1", place="d/a", batch="b3-1-5", missing_bytes=4)
    (file,) = listed(store, "upload:batch:b3-1-5").files
    assert file.locator == {"upload": whole.id}


def test_batch_when_files_are_missing_then_it_says_how_many(store: UploadStore) -> None:
    sent(store, b"12345", place="d/a", batch="b4-3-15")
    with pytest.raises(InvalidInput, match="1 of 3 files"):
        listed(store, "upload:batch:b4-3-15")


@pytest.mark.parametrize("link", ["upload:batch:", "upload:batch:none", "upload:batch:../x"])
def test_batch_when_there_is_none_then_it_says_so(store: UploadStore, link: str) -> None:
    with pytest.raises(InvalidInput):
        listed(store, link)


def test_upload_when_bytes_are_missing_then_it_cannot_be_listed_or_taken(
    store: UploadStore, tmp_path: Path
) -> None:
    whole = sent(store, b"12345")
    (file,) = listed(store, f"upload:{whole.id}").files
    cut = sent(store, b"123", missing_bytes=2)
    with pytest.raises(InvalidInput, match="3 of 5 bytes") as raised:
        listed(store, f"upload:{cut.id}")
    assert "Choose the same file again" in raised.value.hint
    store.delete_upload(whole.id)
    with pytest.raises(NotFound):
        UploadSource(store).take(file, tmp_path / "files")


def test_take_when_asked_then_the_file_is_there_without_a_copy_and_again(
    store: UploadStore, tmp_path: Path
) -> None:
    source = UploadSource(store)
    upload = sent(store, b"stars", place="run7/raw/b.fits", batch="b5-1-5")
    (file,) = listed(store, "upload:batch:b5-1-5").files
    stage = tmp_path / "files"
    for _ in range(2):  # a job that was killed does it again
        taken = source.take(file, stage)
        assert (taken.path, taken.size_bytes) == ("raw/b.fits", 5)
        assert taken.sha256 == hashlib.sha256(b"stars").hexdigest()
        assert taken.verified_with == "sha256"
        target = stage / "raw" / "b.fits"
        assert target.read_bytes() == b"stars"
        assert target.stat().st_ino == store.get_files(upload.id).data.stat().st_ino
    for _ in range(2):  # the second time nothing is there any more
        source.release("upload:batch:b5-1-5")
    assert target.read_bytes() == b"stars"
    assert store.list_uploads() == ()


def test_take_when_bytes_came_unchecked_then_it_is_not_called_verified(
    store: UploadStore, tmp_path: Path
) -> None:
    upload = sent(store, b"stars", is_checked=False)
    (file,) = listed(store, f"upload:{upload.id}").files
    assert UploadSource(store).take(file, tmp_path / "files").verified_with == ""


def test_take_when_the_sha256_is_not_known_then_it_is_read_and_told(
    store: UploadStore, tmp_path: Path
) -> None:
    upload = sent(store, b"stars")
    store.get_files(upload.id).sha256.unlink()
    (file,) = listed(store, f"upload:{upload.id}").files
    assert file.checksum is None
    watcher = Watcher()
    taken = UploadSource(store).take(file, tmp_path / "files", control=watcher)
    assert taken.sha256 == hashlib.sha256(b"stars").hexdigest()
    assert watcher.told == [5]


def test_take_when_the_file_is_another_users_then_it_is_copied(
    store: UploadStore, tmp_path: Path
) -> None:
    upload = sent(store, b"stars")
    data = store.get_files(upload.id).data
    os.chown(data, 12345, -1)
    (file,) = listed(store, f"upload:{upload.id}").files
    UploadSource(store).take(file, tmp_path / "files")
    target = tmp_path / "files" / "a.fits"
    assert target.read_bytes() == b"stars"
    assert target.stat().st_ino != data.stat().st_ino
    assert target.stat().st_uid == os.geteuid()


@pytest.mark.parametrize(("start", "end"), [(0, None), (2, None), (1, 4), (5, None)])
def test_open_when_a_part_is_asked_for_then_that_part_comes(
    store: UploadStore, start: int, end: int | None
) -> None:
    upload = sent(store, b"stars")
    (file,) = listed(store, f"upload:{upload.id}").files
    opened = UploadSource(store).open(file, start=start, end=end)
    buffer = memoryview(bytearray(16))
    assert bytes(buffer[: opened.readinto(buffer)]) == b"stars"[start:end]
    assert opened.readinto(buffer) == 0
    assert (opened.start, opened.total_bytes, opened.is_ranged) == (start, 5, True)
    opened.close()
