"""The fetcher over a source in memory: what comes, what is kept, what is asked again."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from growth_admin.core.errors import InvalidInput
from growth_admin.datasets.facts import Checksum, FetchedFile, RemoteFile, SourceProblem
from growth_admin.datasets.fetch.fetcher import Fetcher
from growth_admin.datasets.fetch.options import FetchOptions, Settings
from tests.unit.datasets.fetch.scripted import (
    Connection,
    Content,
    ScriptedSource,
    Watched,
    remote,
    some_bytes,
)

MIB = 1 << 20


def fetch(
    source: ScriptedSource,
    files: list[RemoteFile],
    stage: Path,
    *,
    control: Watched | None = None,
    options: FetchOptions | None = None,
    **settings: Any,
) -> tuple[FetchedFile, ...]:
    """Fetch with little patience."""
    fetcher = Fetcher(**({"retry_first_s": 0.01, "retry_limit_s": 2} | settings))
    return fetcher.fetch_all(source, files, stage, control=control or Watched(), options=options)


def left_over(stage: Path) -> list[str]:
    """Return what lies in the fetcher's folder beside the journal."""
    return [path.name for path in (stage / "fetch").iterdir() if path.name != "journal.jsonl"]


@pytest.mark.parametrize("size", [0, 1, MIB - 1, MIB, MIB + 1, 5 * MIB + 7])
@pytest.mark.parametrize("connections", [1, 4])
@pytest.mark.parametrize("has_length", [True, False])
def test_file_when_fetched_then_it_is_whole_with_its_digest(
    tmp_path: Path, size: int, connections: int, has_length: bool
) -> None:
    data = some_bytes(size)
    source = ScriptedSource({"a": Content(data, has_length=has_length)})
    file = RemoteFile("folder/a.dat", {"name": "a"}, len(data) if has_length else None)
    (result,) = fetch(source, [file], tmp_path, options=FetchOptions(connections=connections))
    sha256 = hashlib.sha256(data).hexdigest()
    assert result == FetchedFile("folder/a.dat", size, sha256, "", {"name": "a"})
    assert (tmp_path / "files/folder/a.dat").read_bytes() == data
    assert (tmp_path / "files/folder/a.dat").stat().st_mode & 0o777 == 0o444
    assert left_over(tmp_path) == []
    assert all(connection.is_closed for connection in source.connections)
    assert source.given_bytes == size


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256", "sha512"])
def test_file_when_the_source_has_a_checksum_then_it_is_verified_with_it(
    tmp_path: Path, algorithm: str
) -> None:
    data = some_bytes(3 * MIB)
    file = remote("a", data, algorithm=algorithm)
    (result,) = fetch(ScriptedSource({"a": Content(data)}), [file], tmp_path)
    assert result.verified_with == algorithm
    assert result.sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("size", [1000, 3 * MIB])
@pytest.mark.parametrize("by_hand", [True, False])
def test_file_when_its_checksum_is_another_then_nothing_is_kept(
    tmp_path: Path, size: int, by_hand: bool
) -> None:
    data = some_bytes(size)
    other = remote("a", some_bytes(size, seed=2), algorithm="md5")
    file = remote("a", data) if by_hand else other
    options = FetchOptions(expected=other.checksum if by_hand else None)
    with pytest.raises(SourceProblem, match="is not what") as caught:
        fetch(ScriptedSource({"a": Content(data)}), [file], tmp_path, options=options)
    assert caught.value.code == "checksum_mismatch"
    assert list((tmp_path / "files").iterdir()) == []
    assert left_over(tmp_path) == []


def test_several_files_when_one_checksum_is_given_by_hand_then_refused(tmp_path: Path) -> None:
    files = [remote("a", b"a"), remote("b", b"b")]
    options = FetchOptions(expected=Checksum("md5", "0" * 32))
    with pytest.raises(InvalidInput):
        fetch(ScriptedSource({}), files, tmp_path, options=options)


@pytest.mark.parametrize("path", ["../a", "/a", "a//b", "a/./b", "", "a\0b"])
def test_path_when_it_leaves_the_folder_then_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(SourceProblem) as caught:
        fetch(ScriptedSource({}), [RemoteFile(path, {})], tmp_path)
    assert caught.value.code == "name_unsafe"


def cut_first(times: int, after: int) -> Any:
    """Return what cuts the first connections."""

    def on_open(number: int, path: str, connection: Connection) -> None:
        if number < times:
            connection.cut_at = after

    return on_open


@pytest.mark.parametrize("connections", [1, 3])
def test_connection_when_cut_often_then_no_byte_is_fetched_twice(
    tmp_path: Path, connections: int
) -> None:
    data = some_bytes(9 * MIB + 5)
    source = ScriptedSource({"a": Content(data)}, on_open=cut_first(6, MIB + 11))
    options = FetchOptions(connections=connections)
    (result,) = fetch(source, [remote("a", data)], tmp_path, options=options)
    assert result.sha256 == hashlib.sha256(data).hexdigest()
    assert (tmp_path / "files/a").read_bytes() == data
    assert source.given_bytes == len(data)


@pytest.mark.parametrize("content", [{"validator": ""}, {"has_ranges": False}])
@pytest.mark.parametrize("connections", [1, 3])
def test_connection_when_cut_and_the_source_cannot_resume_then_it_starts_over(
    tmp_path: Path, content: dict[str, Any], connections: int
) -> None:
    data = some_bytes(6 * MIB)
    source = ScriptedSource({"a": Content(data, **content)}, on_open=cut_first(6, 2 * MIB))
    options = FetchOptions(connections=connections)
    fetch(source, [remote("a", data)], tmp_path, options=options)
    assert (tmp_path / "files/a").read_bytes() == data
    assert {start for _, start, _, _ in source.asked} == {0}


@pytest.mark.parametrize("connections", [1, 3])
@pytest.mark.parametrize("has_new_size", [True, False])
def test_content_when_it_changes_midway_then_the_new_one_comes_whole(
    tmp_path: Path, connections: int, has_new_size: bool
) -> None:
    old, new = some_bytes(6 * MIB), some_bytes(6 * MIB + has_new_size, seed=2)
    source = ScriptedSource({"a": Content(old)})

    def on_open(number: int, path: str, connection: Connection) -> None:
        if number == 0:
            connection.cut_at = 2 * MIB + 3
            source.contents["a"] = Content(new, validator='"v2"')

    source.on_open = on_open
    file = RemoteFile("a", {"name": "a"})
    (result,) = fetch(source, [file], tmp_path, options=FetchOptions(connections=connections))
    assert (tmp_path / "files/a").read_bytes() == new
    assert result.sha256 == hashlib.sha256(new).hexdigest()


def test_size_when_it_is_not_the_listed_one_then_the_file_was_changed(tmp_path: Path) -> None:
    data = some_bytes(2 * MIB)
    file = RemoteFile("a", {"name": "a"}, len(data) + 1)
    with pytest.raises(SourceProblem) as caught:
        fetch(ScriptedSource({"a": Content(data)}), [file], tmp_path)
    assert caught.value.code == "changed_during_download"


def test_fetch_when_called_again_then_nothing_is_asked(tmp_path: Path) -> None:
    contents = {f"f{n}": Content(some_bytes(30_000, n)) for n in range(50)}
    contents["big"] = Content(some_bytes(4 * MIB))
    files = [remote(name, content.data) for name, content in contents.items()]
    first = fetch(ScriptedSource(contents), files, tmp_path)
    source = ScriptedSource(contents)
    assert fetch(source, files, tmp_path) == first
    assert source.asked == []


def test_fetch_when_the_listing_has_changed_then_only_what_changed_is_fetched(
    tmp_path: Path,
) -> None:
    contents = {f"f{n}": Content(some_bytes(3000, n)) for n in range(5)}
    files = [remote(name, content.data, algorithm="md5") for name, content in contents.items()]
    fetch(ScriptedSource(contents), files, tmp_path)
    contents["f1"] = Content(some_bytes(3000, 99))
    files[1] = remote("f1", contents["f1"].data, algorithm="md5")
    source = ScriptedSource(contents)
    fetch(source, files[:4], tmp_path)
    assert [path for path, *_ in source.asked] == ["f1"]
    assert (tmp_path / "files/f1").read_bytes() == contents["f1"].data
    assert not (tmp_path / "files/f4").exists()


@pytest.mark.parametrize("name", ["a", "b", "sub/c"])
def test_fetch_when_a_killed_one_left_a_file_half_written_then_it_is_fetched_anew_or_gone(
    tmp_path: Path, name: str
) -> None:
    left = tmp_path / "files/folder" / name
    left.parent.mkdir(parents=True)
    left.write_bytes(b"ab")
    left.chmod(0o444)
    file = remote("folder/a", b"abc")
    fetch(ScriptedSource({"folder/a": Content(b"abc")}), [file], tmp_path)
    found = [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
    assert [(path.name, path.read_bytes()) for path in found] == [("a", b"abc")]


def test_small_file_when_damaged_after_a_kill_then_it_is_fetched_again(tmp_path: Path) -> None:
    files = [remote(name, b"abc") for name in ("a", "b")]
    source = ScriptedSource({"a": Content(b"abc"), "b": Content(b"abc")})
    fetch(source, files, tmp_path)
    journal = tmp_path / "fetch/journal.jsonl"
    lines = [line for line in journal.read_text().splitlines() if 'synced":2' not in line]
    journal.write_text("\n".join(lines) + "\n")  # as if the power had failed before the sync
    (tmp_path / "files/a").chmod(0o644)
    (tmp_path / "files/a").write_bytes(b"xyz")
    fetch(source, files, tmp_path)
    assert [path for path, *_ in source.asked].count("a") == 2
    assert [path for path, *_ in source.asked].count("b") == 1
    assert (tmp_path / "files/a").read_bytes() == b"abc"


@pytest.mark.parametrize("connections", [1, 4])
def test_fetch_when_ended_from_outside_then_the_next_one_goes_on(
    tmp_path: Path, connections: int
) -> None:
    data = some_bytes(24 * MIB)
    control = Watched()
    reached = threading.Event()

    def on_read(given: int) -> None:
        if given >= MIB // 2:
            reached.set()
            threading.Event().wait(0.05)

    def on_open(number: int, path: str, connection: Connection) -> None:
        connection.on_read = on_read

    source = ScriptedSource({"a": Content(data)}, on_open=on_open)
    options = FetchOptions(connections=connections)
    cancel = threading.Thread(
        target=lambda: (reached.wait(), setattr(control, "error", KeyError("cancelled")))
    )
    cancel.start()
    with pytest.raises(KeyError, match="cancelled"):
        fetch(source, [remote("a", data)], tmp_path, control=control, options=options)
    cancel.join()
    assert list((tmp_path / "files").iterdir()) == []
    again = ScriptedSource({"a": Content(data)})
    fetch(again, [remote("a", data)], tmp_path, options=options)
    assert (tmp_path / "files/a").read_bytes() == data
    in_buffers = connections * Settings().portion_bytes(connections)
    assert source.given_bytes + again.given_bytes <= len(data) + in_buffers
    assert again.given_bytes < len(data)


def test_thread_when_the_network_hangs_then_the_end_does_not_wait_for_it(tmp_path: Path) -> None:
    data = some_bytes(3 * MIB)
    control, hung = Watched(), threading.Event()

    def on_read(given: int) -> None:
        if given:
            control.error = KeyError("cancelled")
            hung.wait(20)

    source = ScriptedSource(
        {"a": Content(data)},
        on_open=lambda n, p, connection: setattr(connection, "on_read", on_read),
    )
    before = os.times().elapsed
    with pytest.raises(KeyError):
        fetch(source, [remote("a", data)], tmp_path, control=control)
    assert os.times().elapsed - before < 3
    before_size = (tmp_path / "fetch/journal.jsonl").stat().st_size
    hung.set()
    for thread in threading.enumerate():
        if thread.name.startswith("growth-fetch"):
            thread.join(5)
    assert (tmp_path / "fetch/journal.jsonl").stat().st_size == before_size


def test_quota_when_met_then_files_under_way_are_kept_and_it_comes_out(tmp_path: Path) -> None:
    contents = {f"f{n}": Content(some_bytes(3000, n)) for n in range(40)}

    def on_open(number: int, path: str, connection: Connection) -> None:
        if number >= 20:
            raise SourceProblem("quota_client", "Too many requests.", is_waiting=True)

    files = [remote(name, content.data) for name, content in contents.items()]
    source = ScriptedSource(contents, on_open=on_open)
    with pytest.raises(SourceProblem) as caught:
        fetch(source, files, tmp_path)
    assert caught.value.is_waiting
    assert len(source.asked) <= 24
    again = ScriptedSource(contents)
    assert len(fetch(again, files, tmp_path)) == 40
    assert len(again.asked) == 20


def test_quota_when_it_is_of_one_file_then_the_others_come_first(tmp_path: Path) -> None:
    contents = {f"f{n}": Content(some_bytes(3000, n)) for n in range(40)}

    def on_open(number: int, path: str, connection: Connection) -> None:
        if path == "f3":
            raise SourceProblem("quota_file", "Too many have fetched it.", is_waiting=True)

    files = [remote(name, content.data) for name, content in contents.items()]
    with pytest.raises(SourceProblem):
        fetch(ScriptedSource(contents, on_open=on_open), files, tmp_path)
    again = ScriptedSource(contents)
    fetch(again, files, tmp_path)
    assert [path for path, *_ in again.asked] == ["f3"]


def test_problem_when_trying_again_is_no_use_then_it_ends_at_once(tmp_path: Path) -> None:
    def on_open(number: int, path: str, connection: Connection) -> None:
        raise SourceProblem("not_shared", "Nobody shared it.")

    source = ScriptedSource({"a": Content(b"a")}, on_open=on_open)
    with pytest.raises(SourceProblem, match="Nobody"):
        fetch(source, [remote("a", b"a")], tmp_path)
    assert len(source.asked) == 1


def test_problem_when_it_lasts_then_the_patience_ends(tmp_path: Path) -> None:
    def on_open(number: int, path: str, connection: Connection) -> None:
        raise SourceProblem("unreachable", "Nobody answers.", is_retryable=True)

    source = ScriptedSource({"a": Content(b"a")}, on_open=on_open)
    with pytest.raises(SourceProblem, match=r"Nobody answers\. Tried"):
        fetch(source, [remote("a", b"a")], tmp_path, retry_limit_s=0.3)
    assert 3 < len(source.asked) < 30


def test_limit_when_given_then_all_threads_together_keep_it(tmp_path: Path) -> None:
    contents = {f"f{n}": Content(some_bytes(200_000, n)) for n in range(5)}
    files = [remote(name, content.data) for name, content in contents.items()]
    began = os.times().elapsed
    fetch(
        ScriptedSource(contents),
        files,
        tmp_path,
        options=FetchOptions(limit_bytes_per_s=1_000_000),
    )
    assert 0.8 < os.times().elapsed - began < 2


def test_progress_when_many_files_come_then_it_is_told_seldom_and_in_words(tmp_path: Path) -> None:
    contents = {f"f{n}": Content(some_bytes(20, n)) for n in range(1234)}
    files = [remote(name, content.data) for name, content in contents.items()]
    control = Watched()
    fetch(ScriptedSource(contents), files, tmp_path, control=control)
    assert control.reports[-1] == (1234 * 20, 1234 * 20, "bytes", "1,234 of 1,234 files")
    assert len(control.reports) < 20
