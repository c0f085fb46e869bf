"""Restore, delete, undelete, free: each once or twice, with what stands against it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from growth_admin.core.errors import Conflict, NotFound
from growth_admin.datasets.publish.library import Library
from tests.unit.datasets.publish.staged import numbers_in, publish, whole


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "data", user="tess", trash_keep_s=3600)
    for number in (1, 2, 3):
        publish(library, f"job-{number}", whole(number))
    return library


def kept(library: Library) -> list[str]:
    return [v.version for v in library.get_dataset("stars").versions if v.deleted is None]


def trash(library: Library) -> list[str]:
    return [v.version for v in library.get_dataset("stars").versions if v.deleted]


# -- restore


def test_restore_when_done_twice_then_it_is_done_once(library: Library) -> None:
    assert library.restore("stars", "v1", replaces="v3") == "v3"
    assert numbers_in(library.data / "stars") == {"1\n"}
    assert library.restore("stars", "v1", replaces="v3") == "v3"
    assert len(library.history("stars")) == 4


def test_restore_when_another_version_is_current_then_conflict(library: Library) -> None:
    with pytest.raises(Conflict):
        library.restore("stars", "v1", replaces="v2")
    assert numbers_in(library.data / "stars") == {"3\n"}


def test_restore_when_the_version_is_gone_then_it_says_how(library: Library) -> None:
    library.delete("stars", "v1")
    with pytest.raises(Conflict, match="trash"):
        library.restore("stars", "v1")
    library.delete("stars", "v2", free_now=True)
    for version in ("v2", "v9", "", "../x"):
        with pytest.raises(NotFound):
            library.restore("stars", version)


def test_link_when_an_admin_changed_it_by_hand_then_that_counts(library: Library) -> None:
    link = library.data / "stars"
    link.unlink()
    link.symlink_to(".versions/stars/v1")
    later_s = time.time() + 60
    os.utime(link, (later_s, later_s), follow_symlinks=False)
    assert library.get_dataset("stars").current == "v1"
    library.forget_unfinished((), older_than_s=0)
    assert os.readlink(link) == ".versions/stars/v1"
    with pytest.raises(Conflict):
        library.delete("stars", "v1")
    assert library.delete("stars", "v3") == ("v3",)
    assert os.readlink(link) == ".versions/stars/v1"
    outcome = publish(library, "job-4", whole(4), replaces="v1")
    assert (outcome.replaced, outcome.was_expected) == ("v1", True)


# -- delete and undelete


def test_delete_when_the_version_is_current_then_conflict(library: Library) -> None:
    with pytest.raises(Conflict):
        library.delete("stars", "v3")
    assert kept(library) == ["v3", "v2", "v1"]


def test_delete_when_taken_back_then_all_is_as_before(library: Library) -> None:
    assert library.delete("stars", "v1") == ("v1",)
    assert library.delete("stars", "v1") == ()
    assert (kept(library), trash(library)) == (["v3", "v2"], ["v1"])
    assert library.undelete("stars", "v1") == ("v1",)
    assert library.undelete("stars", "v1") == ()
    assert (kept(library), trash(library)) == (["v3", "v2", "v1"], [])
    assert library.restore("stars", "v1") == "v3"


def test_delete_when_it_is_the_whole_dataset_then_the_link_goes_and_can_come_back(
    library: Library,
) -> None:
    library.delete("stars", "v1")
    library.restore("stars", "v2")
    assert library.delete("stars") == ("v2", "v3")
    assert not os.path.lexists(library.data / "stars")
    dataset = library.get_dataset("stars")
    assert (dataset.current, trash(library)) == ("", ["v3", "v2", "v1"])
    assert library.delete("stars") == ()
    assert library.undelete("stars") == ("v2", "v3")
    assert library.undelete("stars") == ()
    assert (kept(library), trash(library)) == (["v3", "v2"], ["v1"])
    assert numbers_in(library.data / "stars") == {"2\n"}


def test_undelete_when_something_else_stands_there_then_conflict(library: Library) -> None:
    library.delete("stars")
    (library.data / "stars").write_text("mine")
    with pytest.raises(Conflict):
        library.undelete("stars")
    assert (library.data / "stars").read_text() == "mine"


def test_undelete_when_one_version_comes_back_to_an_empty_name_then_it_is_current(
    library: Library,
) -> None:
    library.delete("stars")
    assert library.undelete("stars", "v1") == ("v1",)
    assert library.get_dataset("stars").current == "v1"


def test_delete_when_freed_at_once_then_nothing_is_left_but_the_number(library: Library) -> None:
    assert library.delete("stars", "v1", free_now=True) == ("v1",)
    assert library.delete("stars", "v1", free_now=True) == ()
    with pytest.raises(NotFound):
        library.undelete("stars", "v1")
    assert library.delete("stars", free_now=True) == ("v2", "v3")
    with pytest.raises(NotFound):
        library.get_dataset("stars")
    assert library.list_datasets() == ()
    assert not list((library.data / ".versions" / "stars").glob(".deleted-*"))
    outcome = publish(library, "job-4", whole(4))
    assert outcome.version.version == "v4"


def test_delete_when_there_is_no_such_thing_then_not_found(library: Library) -> None:
    for name, version in (("stars", "v9"), ("moons", ""), ("moons", "v1")):
        with pytest.raises(NotFound):
            library.delete(name, version)
    (library.data / "plain").mkdir()
    with pytest.raises(NotFound):
        library.delete("plain")


def test_purge_when_the_time_is_over_then_the_bytes_are_freed(library: Library) -> None:
    library.delete("stars", "v1")
    assert library.purge_expired() == 0
    assert trash(library) == ["v1"]
    late = Library(library.data, user="tom", trash_keep_s=0)
    assert late.purge_expired() == 6
    assert late.purge_expired() == 0
    assert trash(library) == []
    assert not list((library.data / ".versions" / "stars").glob(".deleted-*"))
    assert library.problems() == ()


# -- what killed jobs left


def test_forget_when_a_number_was_taken_and_never_used_then_it_is_given_up_for_good(
    library: Library,
) -> None:
    source = library.data / ".versions" / "stars"
    record = (source / "v3.json").read_text().replace('"v3"', '"v4"').replace("job-3", "job-4")
    (source / "v4.json").write_text(record)
    (source / "v4").mkdir()
    assert kept(library) == ["v3", "v2", "v1"]
    assert library.forget_unfinished({"job-4"}, older_than_s=0) == ()
    assert library.forget_unfinished((), older_than_s=60) == ()
    assert library.forget_unfinished((), older_than_s=0) == ("stars v4",)
    assert library.forget_unfinished((), older_than_s=0) == ()
    assert not (source / "v4").exists()
    assert publish(library, "job-5", whole(5)).version.version == "v5"


def test_discard_when_repeated_then_the_folder_is_gone_and_nobody_minds(library: Library) -> None:
    stage = library.stage("job-9")
    (stage / "files" / "deep").mkdir(parents=True)
    (library.data / ".staging" / "uploads").mkdir()
    assert library.stage("job-9") == stage
    assert library.staged_jobs() == ("job-9",)
    library.discard("job-9")
    library.discard("job-9")
    assert library.staged_jobs() == ()
    assert [path.name for path in (library.data / ".staging").iterdir()] == ["uploads"]
