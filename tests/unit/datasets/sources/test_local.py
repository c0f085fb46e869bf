"""Files that lie on the hub already."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from growth_admin.core.errors import InvalidInput
from growth_admin.datasets.facts import SourceProblem
from growth_admin.datasets.sources.local import PathSource

from .reading import drain, fetch, look


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a folder of data, a link inside and one that leads out."""
    home = tmp_path / "home"
    (home / "data" / "sub").mkdir(parents=True)
    (home / "data" / "a.csv").write_bytes(b"1,2,3")
    (home / "data" / "sub" / "b.csv").write_bytes(b"4,5,6,7")
    (tmp_path / "secret.txt").write_bytes(b"secret")
    return home


def test_file_when_below_a_root_then_it_is_read_from_any_byte(home: Path) -> None:
    source = PathSource([home])
    listing = look(source, f" {home}/data/a.csv ")
    (file,) = listing.files
    assert (listing.kind, file.path, file.size_bytes) == ("path", "a.csv", 5)
    opened = source.open(file, start=2, validator=file.validator)
    assert (opened.start, opened.total_bytes, drain(opened)) == (2, 5, b"2,3")
    assert fetch(source, file, start=1, end=3) == b",2"
    assert look(source, f"file://{home}/data/a.csv").files == listing.files


def test_folder_when_below_a_root_then_all_its_files_are_told(home: Path) -> None:
    listing = look(PathSource([home]), f"{home}/data")
    assert [(file.path, file.size_bytes) for file in listing.files] == [
        ("a.csv", 5),
        ("sub/b.csv", 7),
    ]
    assert listing.is_folder
    assert listing.warnings == ()


def test_file_when_what_was_fetched_is_of_another_one_then_it_begins_at_zero(home: Path) -> None:
    source = PathSource([home])
    (before,) = look(source, f"{home}/data/a.csv").files
    (home / "data" / "a.csv").write_bytes(b"other!")
    (file,) = look(source, f"{home}/data/a.csv").files
    opened = source.open(file, start=3, validator=before.validator)
    assert (opened.start, drain(opened)) == (0, b"other!")


@pytest.mark.parametrize("start", [0, 3])
def test_file_when_another_one_took_its_place_after_the_listing_then_it_is_refused(
    home: Path, start: int
) -> None:
    (home / "private.csv").write_bytes(b"7,8,9")
    source = PathSource([home])
    (file,) = look(source, f"{home}/data/a.csv").files
    (home / "private.csv").replace(home / "data" / "a.csv")
    with pytest.raises(SourceProblem) as refused:
        source.open(file, start=start, validator=file.validator if start else "")
    assert refused.value.code == "changed_during_download"


def test_file_when_it_gets_shorter_while_read_then_it_is_a_problem(home: Path) -> None:
    source = PathSource([home])
    opened = source.open(look(source, f"{home}/data/a.csv").files[0])
    os.truncate(home / "data" / "a.csv", 2)
    with pytest.raises(SourceProblem) as refused:
        drain(opened)
    assert refused.value.code == "short_body"


@pytest.mark.parametrize("link", ["{home}/../secret.txt", "/etc/passwd", "{home}/out", "{home}x"])
def test_path_when_outside_the_roots_then_it_is_refused(home: Path, link: str) -> None:
    (home / "out").symlink_to(home.parent / "secret.txt")
    with pytest.raises(SourceProblem) as refused:
        look(PathSource([home]), link.format(home=home))
    assert refused.value.code == "refused"
    assert str(home) in refused.value.hint


def test_path_when_in_a_hidden_folder_then_it_is_refused_and_left_out(home: Path) -> None:
    source = PathSource([home], without=[home / "data" / "sub"])
    with pytest.raises(SourceProblem):
        look(source, f"{home}/data/sub/b.csv")
    listing = look(source, f"{home}/data")
    assert [file.path for file in listing.files] == ["a.csv"]
    assert "published already" in listing.warnings[0]


def test_folder_when_it_holds_links_and_devices_then_only_safe_files_come(home: Path) -> None:
    data = home / "data"
    (data / "inside.csv").symlink_to("a.csv")
    (data / "outside.txt").symlink_to(home.parent / "secret.txt")
    (data / "dangling").symlink_to("nowhere")
    (data / "folder").symlink_to("sub")
    (data / "loop").symlink_to(".")
    os.mkfifo(data / "pipe")
    source = PathSource([home])
    listing = look(source, str(data))
    assert [file.path for file in listing.files] == ["a.csv", "inside.csv", "sub/b.csv"]
    assert len(listing.warnings) == 5
    assert fetch(source, listing.files[1]) == b"1,2,3"


def test_folder_when_a_link_leads_to_another_place_that_one_may_read_then_it_is_left_out(
    home: Path, tmp_path: Path
) -> None:
    shared = tmp_path / "nfs" / "from-tas"
    shared.mkdir(parents=True)
    (home / "private.txt").write_bytes(b"of the admin")
    (shared / "planted.txt").symlink_to(home / "private.txt")
    (shared / "beside.txt").symlink_to("../other.txt")
    (tmp_path / "nfs" / "other.txt").write_bytes(b"below a root, too")
    (shared / "a.csv").write_bytes(b"1,2,3")
    (shared / "b.csv").symlink_to("a.csv")
    listing = look(PathSource([home, tmp_path / "nfs"]), str(shared))
    assert [file.path for file in listing.files] == ["a.csv", "b.csv"]
    assert [warning.partition("(")[2] for warning in listing.warnings] == [
        "a link that leads elsewhere)",
        "a link that leads elsewhere)",
    ]


def test_open_when_the_file_became_a_link_to_another_that_one_may_read_then_it_is_not_followed(
    home: Path,
) -> None:
    source = PathSource([home])
    (file,) = look(source, f"{home}/data/a.csv").files
    (home / "private.csv").write_bytes(b"7,8,9")
    (home / "data" / "a.csv").unlink()
    (home / "data" / "a.csv").symlink_to(home / "private.csv")
    with pytest.raises(SourceProblem) as refused:
        source.open(file)
    assert refused.value.code == "refused"


def test_open_when_a_link_was_put_in_between_then_it_is_not_followed(home: Path) -> None:
    source = PathSource([home])
    (file,) = look(source, f"{home}/data/sub/b.csv").files
    (home / "data" / "sub").rename(home / "moved")
    (home / "data" / "sub").symlink_to(home.parent)
    (home.parent / "b.csv").write_bytes(b"secret")
    with pytest.raises(SourceProblem) as refused:
        source.open(file)
    assert refused.value.code == "refused"


def test_path_when_it_is_not_there_or_no_file_then_it_is_said(home: Path) -> None:
    os.mkfifo(home / "pipe")
    for name, code in (("none", "not_found"), ("pipe", "refused")):
        with pytest.raises(SourceProblem) as refused:
            look(PathSource([home]), f"{home}/{name}")
        assert refused.value.code == code
    with pytest.raises(InvalidInput):
        look(PathSource([home]), f"{home}/a\0b")


def test_folder_when_names_collide_on_laptops_then_each_gets_its_own(home: Path) -> None:
    (home / "data" / "A.csv").write_bytes(b"upper")
    source = PathSource([home])
    found = {file.path: fetch(source, file) for file in look(source, f"{home}/data").files}
    assert found == {"A.csv": b"upper", "a (2).csv": b"1,2,3", "sub/b.csv": b"4,5,6,7"}


READ_AS_NOBODY = """
import os, sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from growth_admin.datasets.facts import RemoteFile, SourceProblem
from growth_admin.datasets.sources.local import PathSource
os.setgid(65534); os.setuid(65534)
for path in (Path(sys.argv[1], "home", "a.csv"), Path(sys.argv[1], "home", "mine.csv")):
    buffer = memoryview(bytearray(9))
    try:
        opened = PathSource([path.parent]).open(RemoteFile("a", {"path": str(path)}))
        print(bytes(buffer[: opened.readinto(buffer)]).decode())
    except SourceProblem as problem:
        print(problem.code)
"""


def test_file_when_read_as_somebody_then_that_persons_rights_count() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as base:
        os.chmod(base, 0o711)  # may be passed through, not listed
        (Path(base) / "home").mkdir(mode=0o755)
        (Path(base) / "home" / "a.csv").write_bytes(b"1,2")
        (Path(base) / "home" / "mine.csv").write_bytes(b"3,4")
        (Path(base) / "home" / "mine.csv").chmod(0o600)
        done = subprocess.run(
            [sys.executable, "-c", READ_AS_NOBODY, base, str(Path(__file__).parents[4])],
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.stdout.split() == ["1,2", "refused"], done.stderr
