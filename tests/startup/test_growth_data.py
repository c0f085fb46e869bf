"""growth-data: a student's datasets come, and what the student wrote stays."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from data_world import DataWorld, summary

START_LIMIT_S = 0.15
V1 = {"a.csv": "a1", "sub/b.csv": "b1", "old.csv": "o1", "sub/deep/old.csv": "d1"}
V2 = {"a.csv": "a2", "sub/b.csv": "b2", "new/c.csv": "c2"}


@pytest.fixture
def world(tmp_path: Path) -> DataWorld:
    """Nothing published, an empty home."""
    return DataWorld(tmp_path)


# -- links


def test_link_when_brought_then_shows_every_new_version_without_another_run(
    world: DataWorld,
) -> None:
    world.publish("stars", "v1", V1, "link")
    entry = world.bring()["stars"]
    assert summary(entry) == ("link", "v1", "current", 0)
    assert (world.home / "data" / "stars").readlink() == world.data / "stars"
    world.publish("stars", "v2", V2, "link")
    assert world.has("stars")["a.csv"] == "a2"
    assert summary(world.bring()["stars"]) == ("link", "v2", "current", 0)


def test_link_when_a_plain_folder_or_file_is_there_then_linked_too(world: DataWorld) -> None:
    (world.data / "plain folder").mkdir()
    (world.data / "notes.txt").write_text("read me")
    entries = world.bring()
    assert summary(entries["plain folder"]) == ("link", "", "current", 0)
    assert (world.home / "data" / "notes.txt").read_text() == "read me"


def test_link_when_the_student_has_something_of_that_name_then_it_stays(world: DataWorld) -> None:
    for name in ("file", "folder", "link"):
        world.publish(name, "v1", V1, "link")
    world.edit("file", "mine")
    world.edit("folder/x", "mine")
    (world.home / "data" / "link").symlink_to("/somewhere/else")
    entries = world.bring()
    assert {entry["state"] for entry in entries.values()} == {"edited"}
    assert "own file or folder" in entries["file"]["detail"]
    assert (world.home / "data" / "file").read_text() == "mine"
    assert world.has("folder") == {"x": "mine"}
    assert (world.home / "data" / "link").readlink() == Path("/somewhere/else")


def test_withdrawn_when_it_was_a_link_then_only_our_dangling_link_goes(world: DataWorld) -> None:
    world.publish("stars", "v1", V1, "link")
    world.publish("moons", "v1", V1, "link")
    world.bring()
    (world.home / "data" / "own").symlink_to("/not/there")
    world.withdraw("stars")
    ran = world.run()
    assert ran.out == "stars: not published any more, its link is removed\n"
    assert sorted(path.name for path in (world.home / "data").iterdir()) == ["moons", "own"]
    assert list(world.entries()) == ["moons"]


def test_withdrawn_when_it_was_a_copy_then_the_student_keeps_it(world: DataWorld) -> None:
    world.publish("stars", "v1", V1)
    world.bring()
    world.withdraw("stars")
    assert world.bring() == {}
    assert world.has("stars") == V1


# -- copies


def test_copy_when_brought_then_files_are_the_students_to_edit(world: DataWorld) -> None:
    world.publish("stars", "v1", V1)
    assert summary(world.bring()["stars"]) == ("copy", "v1", "current", 0)
    assert world.has("stars") == V1
    assert (world.home / "data" / "stars" / "a.csv").stat().st_mode & 0o777 == 0o644
    assert world.unfinished() == []


def test_copy_when_a_new_version_comes_then_what_was_not_edited_follows(world: DataWorld) -> None:
    world.publish("stars", "v1", V1)
    world.bring()
    world.publish("stars", "v2", V2)
    ran = world.run()
    assert ran.out == "stars: copy, v2, current, 1 new, 2 replaced, 2 removed\n"
    assert world.has("stars") == V2
    assert not (world.home / "data" / "stars" / "sub" / "deep").exists()


def test_copy_when_files_were_edited_then_they_stay_and_are_counted(world: DataWorld) -> None:
    world.publish("stars", "v1", V1)
    world.bring()
    world.edit("stars/a.csv", "mine")
    world.edit("stars/old.csv", "mine too")
    world.edit("stars/notes.md", "never published")
    assert summary(world.bring()["stars"]) == ("copy", "v1", "edited", 2)
    world.publish("stars", "v2", V2)
    entry = world.bring()["stars"]
    # what upstream withdrew is the student's own file from now on
    assert summary(entry) == ("copy", "v2", "edited", 1)
    assert entry["detail"] == "1 edited"
    assert world.has("stars") == V2 | {
        "a.csv": "mine",
        "old.csv": "mine too",
        "notes.md": "never published",
    }
    world.publish("stars", "v3", {"a.csv": "a3"})
    assert world.bring()["stars"]["state"] == "edited"
    assert world.has("stars")["a.csv"] == "mine"


def test_copy_when_an_edit_keeps_size_and_differs_in_time_then_it_is_seen(
    world: DataWorld,
) -> None:
    world.publish("stars", "v1", V1)
    world.bring()
    world.edit("stars/a.csv", "a!")
    assert world.bring()["stars"]["edited_files"] == 1


def test_copy_when_a_file_was_only_touched_then_the_new_version_comes(world: DataWorld) -> None:
    world.publish("stars", "v1", V1)
    world.bring()
    os.utime(world.home / "data" / "stars" / "a.csv")
    assert summary(world.bring()["stars"]) == ("copy", "v1", "current", 0)
    os.utime(world.home / "data" / "stars" / "a.csv")
    world.publish("stars", "v2", V2)
    assert summary(world.bring()["stars"]) == ("copy", "v2", "current", 0)
    assert world.has("stars") == V2


def test_copy_when_the_student_undoes_the_edit_then_it_follows_again(world: DataWorld) -> None:
    world.publish("stars", "v1", V1)
    world.bring()
    world.edit("stars/a.csv", "mine")
    world.publish("stars", "v2", V2)
    world.bring()
    world.edit("stars/a.csv", "a2")
    world.publish("stars", "v3", V2 | {"a.csv": "a3"})
    world.bring()
    assert world.has("stars")["a.csv"] == "a2"  # neither v1 nor v3: still the student's
    world.edit("stars/a.csv", "a3")
    world.publish("stars", "v4", V2 | {"a.csv": "a3"})
    assert summary(world.bring()["stars"]) == ("copy", "v4", "current", 0)


def test_copy_when_files_were_deleted_then_they_stay_away_until_restored(
    world: DataWorld,
) -> None:
    world.publish("stars", "v1", V1)
    world.bring()
    (world.home / "data" / "stars" / "a.csv").unlink()
    entry = world.bring()["stars"]
    assert (summary(entry), entry["detail"]) == (("copy", "v1", "edited", 1), "1 deleted")
    world.publish("stars", "v2", V2)
    assert world.bring()["stars"]["detail"] == "1 deleted"
    assert "a.csv" not in world.has("stars")
    assert world.run("restore", "stars").code == 0
    assert world.has("stars") == V2
    assert summary(world.entries()["stars"]) == ("copy", "v2", "current", 0)


def test_copy_when_the_whole_folder_was_deleted_then_all_of_it_comes_again(
    world: DataWorld,
) -> None:
    world.publish("stars", "v1", V1)
    world.bring()
    for path in sorted((world.home / "data" / "stars").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (world.home / "data" / "stars").rmdir()
    assert summary(world.bring()["stars"]) == ("copy", "v1", "current", 0)
    assert world.has("stars") == V1


def test_copy_when_the_student_has_a_file_of_a_new_name_then_it_stays(world: DataWorld) -> None:
    world.publish("stars", "v1", V1)
    world.bring()
    world.edit("stars/new/c.csv", "mine")
    world.publish("stars", "v2", V2)
    assert summary(world.bring()["stars"]) == ("copy", "v2", "edited", 1)
    assert world.has("stars")["new/c.csv"] == "mine"
    (world.home / "data" / "stars" / "new" / "c.csv").unlink()  # out of the way: ours may come
    assert summary(world.bring()["stars"]) == ("copy", "v2", "current", 0)
    assert world.has("stars") == V2


def test_copy_when_the_folder_is_the_students_own_then_it_stays(world: DataWorld) -> None:
    world.edit("stars/mine.csv", "mine")
    world.publish("stars", "v1", V1)
    assert summary(world.bring()["stars"]) == ("copy", "", "edited", 0)
    assert world.has("stars") == {"mine.csv": "mine"}


def test_copy_when_a_folder_became_the_students_link_then_nothing_is_written_behind_it(
    world: DataWorld,
) -> None:
    world.publish("stars", "v1", V1)
    world.bring()
    elsewhere = world.home / "elsewhere"
    (world.home / "data" / "stars" / "sub").rename(elsewhere)
    (world.home / "data" / "stars" / "sub").symlink_to(elsewhere)
    world.publish("stars", "v2", V2 | {"sub/extra.csv": "e"})
    entry = world.bring()["stars"]
    assert (entry["state"], entry["edited_files"]) == ("edited", 2)
    assert {path.name for path in elsewhere.rglob("*.csv")} == {"b.csv", "old.csv"}
    assert (elsewhere / "b.csv").read_text() == "b1"


def test_copy_when_a_file_becomes_a_folder_then_the_new_version_comes(world: DataWorld) -> None:
    world.publish("stars", "v1", {"x": "file", "y/z": "below"})
    world.bring()
    world.publish("stars", "v2", {"x/y": "below", "y": "file"})
    assert summary(world.bring()["stars"]) == ("copy", "v2", "current", 0)
    assert world.has("stars") == {"x/y": "below", "y": "file"}


def test_copy_when_an_earlier_version_is_restored_then_it_comes_back(world: DataWorld) -> None:
    world.publish("stars", "v1", V1)
    world.publish("stars", "v2", V2)
    world.bring()
    world.make_current("stars", "v1")
    assert summary(world.bring()["stars"]) == ("copy", "v1", "current", 0)
    assert world.has("stars") == V1


# -- from one delivery to the other


def test_delivery_when_it_becomes_a_copy_and_a_link_again_then_the_home_follows(
    world: DataWorld,
) -> None:
    world.publish("stars", "v1", V1, "link")
    world.bring()
    world.publish("stars", "v2", V2, "copy")
    assert summary(world.bring()["stars"]) == ("copy", "v2", "current", 0)
    assert not (world.home / "data" / "stars").is_symlink()
    world.publish("stars", "v3", V1, "link")
    assert summary(world.bring()["stars"]) == ("link", "v3", "current", 0)
    assert (world.home / "data" / "stars").is_symlink()
    assert list((world.state / "copies").iterdir()) == []


@pytest.mark.parametrize("path", ["a.csv", "my-notes.md", "mine/notes.md"])
def test_delivery_when_a_copy_holds_the_students_work_then_it_stays_a_copy(
    world: DataWorld, path: str
) -> None:
    world.publish("stars", "v1", V1)
    world.bring()
    world.edit(f"stars/{path}", "mine")
    world.publish("stars", "v2", V2, "link")
    entry = world.bring()["stars"]
    assert summary(entry) == ("copy", "v1", "edited", 1)
    assert world.has("stars") == V1 | {path: "mine"}
    (world.home / "data" / "stars" / path).unlink()
    assert summary(world.bring()["stars"]) == ("link", "v2", "current", 0)


# -- the command


def test_command_when_nothing_is_new_then_it_is_silent(world: DataWorld) -> None:
    world.publish("stars", "v1", V1)
    world.publish("moons", "v1", V1, "link")
    assert world.run().out == "moons: link, v1, current\nstars: copy, v1, current, 4 new\n"
    ran = world.run()
    assert (ran.code, ran.out, ran.err) == (0, "", "")


def test_command_when_the_student_has_edits_then_the_exit_code_is_0(world: DataWorld) -> None:
    world.publish("stars", "v1", V1)
    world.bring()
    world.edit("stars/a.csv", "mine")
    assert world.run().code == 0


def test_command_when_nothing_is_published_then_it_says_so_and_the_receipt_is_empty(
    world: DataWorld,
) -> None:
    world.data.rmdir()
    ran = world.run()
    assert (ran.code, ran.err) == (0, "")
    assert "no datasets" in ran.out
    assert world.entries() == {}


def test_command_when_the_folder_has_another_name_then_it_is_remembered(world: DataWorld) -> None:
    world.publish("stars", "v1", V1, "link")
    assert world.run("--folder", "datasets", "--limit=9").code == 0
    world.publish("moons", "v1", V1, "link")
    world.bring()
    assert sorted(path.name for path in (world.home / "datasets").iterdir()) == ["moons", "stars"]
    assert not (world.home / "data").exists()


def test_command_when_the_terminal_lacks_the_letters_then_it_still_ends_well(
    world: DataWorld,
) -> None:
    world.publish("stars", "v1", {"größe.csv": "ü", "a\nb": "c"})
    (world.data / "Sterne für alle").mkdir()
    (world.data / os.fsdecode(b"\xff-bytes")).mkdir()
    world.environ |= {"LC_ALL": "en_US.ISO-8859-1", "PYTHONIOENCODING": "ascii"}
    assert world.run().code == 0
    assert world.has("stars") == {"größe.csv": "ü", "a\nb": "c"}
    assert sorted(world.entries()) == ["Sterne für alle", "stars"]  # one has no readable name
    assert world.run("status").code == 0


@pytest.mark.parametrize(
    "arguments", [["bring"], ["verify"], ["--limit", "soon"], ["restore", "a", "b"], ["--force"]]
)
def test_command_when_not_understood_then_usage_and_2(
    world: DataWorld, arguments: list[str]
) -> None:
    ran = world.run(*arguments)
    assert ran.code == 2
    assert "not understood" in ran.err and "growth-data status" in ran.err


def test_status_when_asked_then_says_what_there_is_and_changes_nothing(world: DataWorld) -> None:
    world.publish("stars", "v1", V1)
    world.publish("moons", "v1", V1, "link")
    world.bring()
    world.edit("stars/a.csv", "mine")
    world.bring()
    assert world.run("status").out == "moons  link v1 current\nstars  copy v1 edited: 1 edited\n"
    world.publish("stars", "v2", V2)
    world.publish("comets", "v1", V2)
    assert world.run("status").out.splitlines() == [
        "comets  published, not here yet: run growth-data",
        "moons   link v1 current",
        "stars   copy v1, v2 is published: run growth-data",
    ]
    assert world.has("stars")["sub/b.csv"] == "b1"


def test_verify_when_all_is_right_then_says_so(world: DataWorld) -> None:
    world.publish("stars", "v1", V1)
    world.publish("moons", "v1", V1, "link")
    world.bring()
    assert world.run("verify", "stars").out == "stars v1: 4 files, all as published\n"
    assert world.run("verify", "moons").out == "moons v1: 4 files, all as published\n"


def test_verify_when_files_differ_then_names_them_and_ends_with_1(world: DataWorld) -> None:
    world.publish("stars", "v1", V1)
    moons = world.publish("moons", "v1", V1, "link")
    world.bring()
    world.edit("stars/a.csv", "mine")
    (world.home / "data" / "stars" / "old.csv").unlink()
    (moons / "a.csv").chmod(0o644)
    (moons / "a.csv").write_text("rotten")
    ran = world.run("verify", "stars")
    assert ran.code == 1
    assert ran.out.splitlines() == [
        "a.csv: another content than was published",
        "old.csv: No such file or directory",
    ]
    assert ran.err == "growth-data: stars v1: 2 of 4 files are not as published\n"
    assert world.run("verify", "moons").code == 1
    assert world.run("verify", "nothing").code == 1


def test_start_when_there_are_twenty_datasets_then_it_costs_little(world: DataWorld) -> None:
    for number in range(20):
        world.publish(f"set-{number}", "v1", V1, "link" if number % 4 else "copy")
    world.bring()
    spent_s = []
    for _ in range(10):
        begun = time.perf_counter()
        world.bring()
        spent_s.append(time.perf_counter() - begun)
    assert min(spent_s) < START_LIMIT_S
