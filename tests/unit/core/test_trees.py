"""Trees are walked and removed as somebody hostile fills them: links, moves, depth."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from growth_admin.core.trees import ENTER, remove_tree, walk_tree


@pytest.fixture
def root(tmp_path: Path) -> Iterator[int]:
    """A folder, open, with a tree ``top`` in it and something precious beside that."""
    for path in ("top/a/b/c", "top/z", "precious"):
        (tmp_path / path).mkdir(parents=True)
    for path in ("top/a/b/file", "top/m", "precious/kept"):
        (tmp_path / path).touch()
    (tmp_path / "top" / "a" / "link").symlink_to(tmp_path / "precious")
    fd = os.open(tmp_path, ENTER)
    yield fd
    os.close(fd)


def test_walk_when_folders_come_first_or_last_then_all_else_is_by_name(
    tmp_path: Path, root: int
) -> None:
    top = os.open("top", ENTER, dir_fd=root)
    found = [(one.path, one.is_folder) for one in walk_tree(top)]
    assert [path for path, _ in found] == ["a", "a/b", "a/b/c", "a/b/file", "a/link", "m", "z"]
    assert {path for path, is_folder in found if is_folder} == {"a", "a/b", "a/b/c", "z"}
    last = [one.path for one in walk_tree(top, ends_with_folder=True)]
    assert last == ["a/b/c", "a/b/file", "a/b", "a/link", "a", "m", "z"]
    os.close(top)


def test_walk_when_left_in_the_middle_then_no_descriptor_stays_open(root: int) -> None:
    before = len(os.listdir("/proc/self/fd"))
    top = os.open("top", ENTER, dir_fd=root)
    walking = walk_tree(top)
    assert [next(walking).path for _ in range(3)][-1] == "a/b/c"
    walking.close()  # type: ignore[attr-defined]  # it is a generator
    os.close(top)
    assert len(os.listdir("/proc/self/fd")) == before


def test_removal_when_there_are_links_then_what_they_lead_to_stays(
    tmp_path: Path, root: int
) -> None:
    remove_tree("top", root)
    assert [path.name for path in tmp_path.iterdir()] == ["precious"]
    assert (tmp_path / "precious" / "kept").exists()


def test_removal_when_the_tree_is_a_link_then_it_is_refused(tmp_path: Path, root: int) -> None:
    (tmp_path / "other").symlink_to("precious")
    with pytest.raises(OSError, match="other"):
        remove_tree("other", root)
    assert (tmp_path / "precious" / "kept").exists()


def test_walk_when_a_folder_is_moved_away_then_it_ends_there(tmp_path: Path, root: int) -> None:
    top = os.open("top", ENTER, dir_fd=root)
    seen = []
    with pytest.raises(OSError, match="moved away"):
        for entry in walk_tree(top):
            seen.append(entry.path)
            if entry.path == "a/b/file":
                (tmp_path / "top" / "a" / "b").rename(tmp_path / "precious" / "b")
    assert seen[-1] == "a/b/file", "it went on where the folder is now"
    os.close(top)


def test_walk_when_a_folder_becomes_a_link_then_it_is_not_followed(
    tmp_path: Path, root: int
) -> None:
    top = os.open("top", ENTER, dir_fd=root)
    with pytest.raises(OSError, match="z"):
        for entry in walk_tree(top):
            if entry.path == "z":
                (tmp_path / "top" / "z").rmdir()
                (tmp_path / "top" / "z").symlink_to(tmp_path / "precious")
    os.close(top)
