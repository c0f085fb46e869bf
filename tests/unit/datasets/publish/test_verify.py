"""Hashing a version again: what it finds, what it remembers, when it stops."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from growth_admin.core.errors import NotFound
from growth_admin.datasets.publish.library import Library
from growth_admin.datasets.publish.records import CHECKS_KEPT
from tests.unit.datasets.publish.staged import Told, publish

FILES = {f"d{i % 3}/{i}.bin": bytes([i]) * 1000 for i in range(200)} | {"big": b"x" * 3_000_000}


class Stopped(Exception):
    """Somebody cancelled."""


class StopsAfter(Told):
    """Ends the work when it was asked so often whether to go on."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self._left = times
        self._lock = threading.Lock()

    def check(self) -> None:
        with self._lock:
            self._left -= 1
            if self._left < 0:
                raise Stopped


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "data", user="tess")
    publish(library, "job-1", FILES)
    return library


@pytest.fixture
def tree(library: Library) -> Path:
    return library.data / ".versions" / "stars" / "v1"


def rewrite(path: Path, data: bytes) -> None:
    """Change a published file as root or its owner could, size and all kept where it can be."""
    path.chmod(0o644)
    path.write_bytes(data)
    path.chmod(0o444)


def test_verify_when_nothing_changed_then_it_is_good_and_remembered(library: Library) -> None:
    told = Told()
    check = library.verify("stars", "v1", by="tom", control=told)
    assert check.is_good
    assert (check.files, check.by) == (len(FILES), "tom")
    assert max(told.reports)[0] == sum(map(len, FILES.values()))
    assert Library(library.data, user="x").get_dataset("stars").versions[0].last_check == check


def test_verify_when_files_were_tampered_with_then_each_is_named(
    library: Library, tree: Path
) -> None:
    rewrite(tree / "d1" / "1.bin", b"\2" * 1000)
    rewrite(tree / "big", b"x" * 2_999_999)
    (tree / "d0" / "0.bin").unlink()
    (tree / "d2" / "2.bin").unlink()
    (tree / "d2" / "2.bin").symlink_to("/etc/passwd")
    (tree / "new").mkdir()
    (tree / "new" / "evil.sh").write_text("#!")
    check = library.verify("stars", "v1", by="tom", control=Told())
    assert (check.damaged, check.missing, check.added) == (3, 1, 1)
    assert set(check.examples) == {
        "big (damaged)",
        "d1/1.bin (damaged)",
        "d2/2.bin (damaged)",
        "d0/0.bin (missing)",
        "new/evil.sh (added)",
    }
    assert not check.is_good


def test_verify_when_a_folder_became_a_link_then_it_is_not_followed(
    library: Library, tree: Path, tmp_path: Path
) -> None:
    (tree / "d0").rename(tmp_path / "elsewhere")
    (tree / "d0").symlink_to(tmp_path / "elsewhere")
    check = library.verify("stars", "v1", by="tom", control=Told())
    assert check.damaged == len([name for name in FILES if name.startswith("d0/")])
    assert check.added == 1


@pytest.mark.parametrize("name", ["MANIFEST.json", "SHA256SUMS", "registry.txt"])
@pytest.mark.parametrize("how", ["changed", "gone", "garbage"])
def test_verify_when_our_own_file_was_changed_then_that_is_said(
    library: Library, tree: Path, name: str, how: str
) -> None:
    path = tree / name
    data = path.read_bytes()
    if how == "gone":
        path.unlink()
    else:
        rewrite(path, data.replace(b"d0/0.bin", b"d0/9.bin") if how == "changed" else b"\0garbage")
    check = library.verify("stars", "v1", by="tom", control=Told())
    assert not check.is_good
    assert any(told.startswith(name) for told in check.examples)


def test_verify_when_cancelled_then_it_stops_and_nothing_is_remembered(library: Library) -> None:
    with pytest.raises(Stopped):
        library.verify("stars", "v1", by="tom", control=StopsAfter(3))
    assert library.get_dataset("stars").versions[0].last_check is None


def test_verify_when_done_often_then_only_the_last_checks_are_kept(
    library: Library, tree: Path
) -> None:
    for _ in range(CHECKS_KEPT + 3):
        library.verify("stars", "v1", by="tom", control=Told())
    record = (tree.parent / "v1.json").read_text()
    assert record.count('"damaged"') == CHECKS_KEPT


def test_verify_when_there_is_no_such_version_then_not_found(library: Library, tree: Path) -> None:
    for name, version in (("stars", "v2"), ("moons", "v1"), ("stars", "")):
        with pytest.raises(NotFound):
            library.verify(name, version, by="tom", control=Told())
    os.rename(tree, tree.with_name("away"))
    with pytest.raises(NotFound, match="not there"):
        library.verify("stars", "v1", by="tom", control=Told())
