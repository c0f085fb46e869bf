"""Writing past the page cache: where it is done, where it is refused, what the ends cost."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from growth_admin.core.errors import StorageFull
from growth_admin.datasets.facts import SourceProblem
from growth_admin.datasets.fetch import direct
from growth_admin.datasets.fetch.direct import ALIGNMENT, open_direct, until_page, whole_pages
from growth_admin.datasets.fetch.options import FetchOptions
from tests.conftest import SUDO
from tests.unit.datasets.fetch.scripted import (
    Connection,
    Content,
    ScriptedSource,
    remote,
    some_bytes,
)
from tests.unit.datasets.fetch.test_fetcher import MIB, fetch

DIRECT = getattr(os, "O_DIRECT", 0)
real_pwrite = os.pwrite


class Writes:
    """What was written how: ``(offset, size)`` past the page cache, and through it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, refusal: int = 0) -> None:
        self.direct: list[tuple[int, int]] = []
        self.usual: list[tuple[int, int]] = []
        self._refusal = refusal
        monkeypatch.setattr(os, "pwrite", self._pwrite)

    def _pwrite(self, fd: int, data: memoryview, offset: int) -> int:
        is_direct = bool(fcntl.fcntl(fd, fcntl.F_GETFL) & DIRECT)
        if is_direct and self._refusal:
            raise OSError(self._refusal, os.strerror(self._refusal))
        size = real_pwrite(fd, data, offset)
        (self.direct if is_direct else self.usual).append((offset, size))
        return size


@contextmanager
def ext4(folder: Path, size_mib: int) -> Iterator[Path]:
    """Mount a file system of its own, which takes direct writes; as root or with sudo."""
    image, disk = folder / "image", folder / "disk"
    disk.mkdir()
    with image.open("wb") as file:
        file.truncate(size_mib * MIB)
    subprocess.run(["/sbin/mkfs.ext4", "-q", "-F", image], check=True)
    subprocess.run([*SUDO, "mount", "-o", "loop", image, disk], check=True)
    try:
        subprocess.run([*SUDO, "chown", str(os.geteuid()), disk], check=True)
        yield disk
    finally:
        subprocess.run([*SUDO, "umount", "--lazy", disk], check=True)


@pytest.fixture
def direct_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder with room."""
    with ext4(tmp_path, 64) as disk:
        yield disk


@pytest.fixture
def small_ext4(tmp_path: Path) -> Iterator[Path]:
    """A disk that fills up."""
    with ext4(tmp_path, 8) as disk:
        yield disk


@pytest.mark.parametrize(
    ("size", "offset", "expected"),
    [(0, 0, 0), (ALIGNMENT - 1, 0, 0), (ALIGNMENT + 1, 0, ALIGNMENT), (ALIGNMENT, 1, 0)],
)
def test_pages_when_data_fills_some_then_those_are_whole(
    size: int, offset: int, expected: int
) -> None:
    assert len(whole_pages(memoryview(bytes(size)), offset)) == expected


@pytest.mark.parametrize(("size", "offset"), [(MIB, 0), (MIB, 1), (ALIGNMENT, ALIGNMENT + 5)])
def test_portion_when_shortened_then_it_ends_with_a_page(size: int, offset: int) -> None:
    assert 0 < until_page(size, offset) <= size
    assert (offset + until_page(size, offset)) % ALIGNMENT == 0


@pytest.mark.parametrize("size", [3 * MIB, 3 * MIB + 1, 4 * MIB - 1, 5 * MIB + ALIGNMENT])
@pytest.mark.parametrize("connections", [1, 4])
def test_file_when_the_disk_takes_it_then_all_but_its_end_passes_by_the_page_cache(
    direct_folder: Path, monkeypatch: pytest.MonkeyPatch, size: int, connections: int
) -> None:
    data, writes = some_bytes(size), Writes(monkeypatch)
    options = FetchOptions(connections=connections)
    (result,) = fetch(
        ScriptedSource({"a": Content(data)}), [remote("a", data)], direct_folder, options=options
    )
    assert (direct_folder / "files/a").read_bytes() == data
    assert result.sha256 == hashlib.sha256(data).hexdigest()
    end = size % ALIGNMENT
    assert writes.usual == ([(size - end, end)] if end else [])
    assert sum(count for _, count in writes.direct) == size - end


def test_file_when_cut_within_a_page_then_it_goes_on_through_the_cache_up_to_the_next(
    direct_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, writes = some_bytes(6 * MIB), Writes(monkeypatch)
    cut = 2 * MIB + 100

    def on_open(number: int, path: str, connection: Connection) -> None:
        connection.cut_at = cut if number == 0 else None

    fetch(ScriptedSource({"a": Content(data)}, on_open=on_open), [remote("a", data)], direct_folder)
    assert (direct_folder / "files/a").read_bytes() == data
    assert [offset for offset, _ in writes.usual] == [2 * MIB, cut]
    resumed_at = sum(writes.usual[1])
    assert resumed_at % ALIGNMENT == 0 and (resumed_at, 6 * MIB - resumed_at) in writes.direct


@pytest.mark.parametrize("connections", [1, 4])
@pytest.mark.parametrize("refusal", [errno.EINVAL, errno.ENOTSUP])
def test_file_when_the_disk_refuses_direct_writes_then_it_goes_the_usual_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusal: int, connections: int
) -> None:
    data, writes = some_bytes(5 * MIB + 7), Writes(monkeypatch, refusal)
    options = FetchOptions(connections=connections)
    fetch(ScriptedSource({"a": Content(data)}), [remote("a", data)], tmp_path, options=options)
    assert (tmp_path / "files/a").read_bytes() == data
    assert not writes.direct and sum(count for _, count in writes.usual) == len(data)


def test_file_when_the_file_system_is_none_of_ours_then_nothing_is_written_directly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(direct, "FILE_SYSTEMS", frozenset())
    data, writes = some_bytes(5 * MIB + 7), Writes(monkeypatch)
    fetch(ScriptedSource({"a": Content(data)}), [remote("a", data)], tmp_path)
    assert (tmp_path / "files/a").read_bytes() == data
    assert not writes.direct


def test_system_when_it_knows_no_direct_writes_then_none_are_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.touch()
    monkeypatch.setattr(direct.sys, "platform", "darwin")
    assert open_direct(path) == -1


def test_memory_file_system_when_asked_then_it_is_not_written_directly(small_disk: Path) -> None:
    path = small_disk / "file"
    path.touch()
    assert open_direct(path) == -1


def test_write_when_the_disk_itself_fails_then_it_is_not_tried_the_usual_way(
    direct_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, writes = some_bytes(3 * MIB), Writes(monkeypatch, errno.ENOSPC)
    with pytest.raises(StorageFull, match="Free: "):
        fetch(ScriptedSource({"a": Content(data)}), [remote("a", data)], direct_folder)
    assert not writes.usual


def test_disk_when_full_then_it_is_told_and_the_next_fetch_goes_on(small_ext4: Path) -> None:
    data = some_bytes(5 * MIB + 11)
    filler = small_ext4 / "filler"
    filler.write_bytes(bytes(3 * MIB))
    source = ScriptedSource({"a": Content(data, has_length=False)})
    file = remote("a", data, size_bytes=None)
    with pytest.raises(StorageFull, match="Free: "):
        fetch(source, [file], small_ext4)
    filler.unlink()
    fetch(source, [file], small_ext4)
    assert (small_ext4 / "files/a").read_bytes() == data


def test_ranges_when_the_source_has_none_then_the_one_connection_writes_directly(
    direct_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, writes = some_bytes(3 * MIB), Writes(monkeypatch)
    source = ScriptedSource({"a": Content(data, has_ranges=False)})
    fetch(source, [remote("a", data)], direct_folder, options=FetchOptions(connections=4))
    assert (direct_folder / "files/a").read_bytes() == data
    assert not writes.usual


def test_problem_when_it_ends_the_fetch_then_what_was_written_directly_is_gone_on_from(
    direct_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, writes = some_bytes(6 * MIB), Writes(monkeypatch)

    def on_open(number: int, path: str, connection: Connection) -> None:
        connection.cut_at = 4 * MIB + 9

    with pytest.raises(SourceProblem):
        fetch(
            ScriptedSource({"a": Content(data)}, on_open=on_open),
            [remote("a", data, algorithm="sha256")],
            direct_folder,
            retry_limit_s=0,
        )
    again = ScriptedSource({"a": Content(data)})
    fetch(again, [remote("a", data, algorithm="sha256")], direct_folder)
    assert (direct_folder / "files/a").read_bytes() == data
    assert again.given_bytes == 2 * MIB - 9
    assert writes.direct
