"""growth-data when something is wrong: never half a file, never the student's work, never stuck."""

from __future__ import annotations

import hashlib
import json
import os
import random
import resource
import time
from pathlib import Path

import pytest
from chain_world import MOUNT_LIMIT_S, STARTUP, World, has_namespaces, modes
from data_world import DataWorld, Files, summary

KILLS = 40
SLACK_S = 6.0


@pytest.fixture
def world(tmp_path: Path) -> DataWorld:
    """Nothing published, an empty home."""
    return DataWorld(tmp_path)


def big(letter: str, megabytes: int = 3) -> str:
    """A file that takes a moment."""
    return letter * (megabytes * 1_000_000)


def assert_whole(world: DataWorld, name: str, *allowed: Files) -> None:
    """Every file that the student sees is one that was published, whole."""
    if not (world.home / "data" / name).is_dir():
        return
    for path, text in world.has(name).items():
        assert any(files.get(path) == text for files in allowed), f"{path} is half"


def test_run_when_killed_at_any_moment_then_no_file_is_half_and_nothing_passes_for_an_edit(
    world: DataWorld,
) -> None:
    """kill -9 of the whole process group; new versions come before the one before has arrived."""
    pool: list[Files] = [
        {f"part-{number}/{number}.csv": big(letter, 1) for number in range(first, first + 9)}
        for first, letter in ((0, "a"), (3, "b"), (6, "c"), (0, "d"))
    ]
    world.publish("stars", "v1", pool[0])
    begun = time.monotonic()
    world.bring()
    whole_s = time.monotonic() - begun
    rolls = random.Random(7)
    versions = 1
    for _ in range(KILLS):
        if rolls.random() < 0.4:
            versions += 1
            world.publish("stars", f"v{versions}", pool[versions % len(pool)])
        process = world.start(prepare=os.setsid)
        time.sleep(rolls.uniform(0, whole_s))
        os.killpg(process.pid, 9)
        process.communicate()
        assert_whole(world, "stars", *pool)
    assert summary(world.bring()["stars"]) == ("copy", f"v{versions}", "current", 0)
    assert world.has("stars") == pool[versions % len(pool)]
    assert world.unfinished() == []
    assert [path.name for path in (world.state / "copies").iterdir()] == ["stars.json"]


def test_run_when_killed_while_a_copy_begins_then_the_folder_does_not_pass_for_the_students(
    world: DataWorld,
) -> None:
    files = {f"{number}.csv": big("a", 1) for number in range(10)}
    world.publish("stars", "v1", files, "link")
    world.bring()
    world.publish("stars", "v2", files, "copy")
    rolls = random.Random(3)
    for _ in range(10):
        process = world.start(prepare=os.setsid)
        time.sleep(rolls.uniform(0.02, 0.1))
        os.killpg(process.pid, 9)
        process.communicate()
    assert summary(world.bring()["stars"]) == ("copy", "v2", "current", 0)
    assert world.has("stars") == files


def test_run_when_time_is_short_then_partial_and_the_next_run_goes_on(world: DataWorld) -> None:
    files = {f"{number}.csv": big("a", 1) for number in range(5)}
    world.publish("moons", "v1", files, "link")
    world.publish("stars", "v1", files)
    ran = world.run("--limit", "0")
    assert (ran.code, ran.err) == (0, "")
    entries = world.entries()
    assert summary(entries["moons"]) == ("link", "v1", "current", 0)
    assert summary(entries["stars"]) == ("copy", "v1", "partial", 0)
    assert entries["stars"]["detail"] == "0 of 5 files; the next run goes on"
    assert summary(world.bring()["stars"]) == ("copy", "v1", "current", 0)


@pytest.mark.parametrize("is_good", [True, False], ids=["good", "damaged"])
def test_run_when_a_part_lies_there_then_it_goes_on_or_begins_anew(
    world: DataWorld, is_good: bool
) -> None:
    text = big("a")
    world.publish("stars", "v1", {"a.csv": text})
    parts = world.home / "data" / ".growth-data"
    parts.mkdir(parents=True)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    (parts / sha256).write_text(text[:1_500_000] if is_good else "x" * 1_500_000)
    (parts / "left-over").write_text("of a version that was withdrawn")
    assert summary(world.bring()["stars"]) == ("copy", "v1", "current", 0)
    assert world.has("stars") == {"a.csv": text}
    assert not parts.exists()


def test_home_when_it_would_fall_below_the_reserve_then_partial_and_nothing_half(
    world: DataWorld,
) -> None:
    world.publish("stars", "v1", {"a.csv": "small", "b.csv": "more"})
    world.environ["GROWTH_DATA_RESERVE_MIB"] = "999999999"
    ran = world.run()
    assert ran.code == 1
    assert "no room in your home" in ran.err
    entry = world.entries()["stars"]
    assert summary(entry) == ("copy", "v1", "partial", 0)
    assert entry["detail"].startswith("0 of 2 files; no room in your home: ")
    assert world.has("stars") == {}
    world.environ["GROWTH_DATA_RESERVE_MIB"] = "0"
    assert summary(world.bring()["stars"]) == ("copy", "v1", "current", 0)


def test_home_when_the_disk_refuses_in_the_middle_of_a_file_then_no_half_is_left(
    world: DataWorld,
) -> None:
    one = {"a.csv": big("a", 1), "b.csv": big("b", 3), "c.csv": "c"}
    world.publish("stars", "v1", one)

    def shrink() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))

    ran = world.run(prepare=shrink)
    assert ran.code == 1
    assert "no room in your home: File too large" in ran.err
    assert world.has("stars") == {"a.csv": one["a.csv"]}
    assert world.unfinished() == []
    assert world.entries()["stars"]["state"] == "partial"
    assert summary(world.bring()["stars"]) == ("copy", "v1", "current", 0)


def test_home_when_a_copy_has_no_room_then_the_link_stays(world: DataWorld) -> None:
    world.publish("stars", "v1", {"a.csv": "a"}, "link")
    world.bring()
    world.publish("stars", "v2", {"a.csv": "b"}, "copy")
    world.environ["GROWTH_DATA_RESERVE_MIB"] = "999999999"
    ran = world.run()
    assert ran.code == 1 and "the link stays" in ran.err
    assert summary(world.entries()["stars"]) == ("link", "v2", "partial", 0)
    assert (world.home / "data" / "stars" / "a.csv").read_text() == "b"


def test_shelf_when_a_file_is_not_what_was_published_then_it_does_not_come(
    world: DataWorld,
) -> None:
    world.publish("stars", "v1", {"a.csv": "a1", "b.csv": "b1"})
    world.bring()
    folder = world.publish("stars", "v2", {"a.csv": "a2", "b.csv": "b2"})
    (folder / "a.csv").chmod(0o644)
    (folder / "a.csv").write_text("XX")
    ran = world.run()
    assert ran.code == 1
    assert "a.csv is not what was published; tell an organiser" in ran.err
    assert world.has("stars")["a.csv"] == "a1"
    assert world.entries()["stars"]["state"] == "partial"
    assert world.unfinished() == []


@pytest.mark.parametrize("path", ["../escaped", "/tmp/escaped", "a/../../escaped", "a//b", "", "."])
def test_shelf_when_the_manifest_leads_out_then_it_is_refused(world: DataWorld, path: str) -> None:
    folder = world.publish("stars", "v1", {"a.csv": "a1"})
    manifest = json.loads((folder / "MANIFEST.json").read_text())
    manifest["files"][0]["path"] = path
    (folder / "MANIFEST.json").write_text(json.dumps(manifest))
    ran = world.run()
    assert ran.code == 1
    assert "is not a safe path" in ran.err
    assert world.has("stars") == {}
    assert not (world.home / "data" / "escaped").exists()


@pytest.mark.parametrize("text", ["", "[]", "{", '{"files": 3}', '{"files": [{"path": "a"}]}'])
def test_shelf_when_the_manifest_is_garbage_then_what_the_student_has_stays(
    world: DataWorld, text: str
) -> None:
    world.publish("stars", "v1", {"a.csv": "a1"})
    world.bring()
    folder = world.publish("stars", "v2", {"a.csv": "a2"})
    (folder / "MANIFEST.json").write_text(text)
    ran = world.run()
    assert ran.code == 1
    assert summary(world.entries()["stars"]) == ("copy", "v1", "behind", 0)
    assert world.has("stars") == {"a.csv": "a1"}


def test_shelf_when_one_dataset_is_bad_then_the_others_come(world: DataWorld) -> None:
    world.publish("a-bad", "v1", {"a.csv": "a1"})
    (world.data / ".versions" / "a-bad" / "v1.json").write_text("garbage")
    world.publish("b-good", "v1", {"a.csv": "a1"})
    world.publish("c-good", "v1", {"a.csv": "a1"}, "link")
    ran = world.run()
    assert ran.code == 1
    assert {name: entry["state"] for name, entry in world.entries().items()} == {
        "a-bad": "partial",
        "b-good": "current",
        "c-good": "current",
    }
    assert world.entries()["a-bad"]["delivery"] == "link"
    assert (world.home / "data" / "a-bad" / "a.csv").read_text() == "a1"


@pytest.mark.parametrize("text", ["", "[]", '{"datasets": [1]}', "[" * 50_000, '{"datasets": {}}'])
def test_memory_when_it_is_garbage_then_a_run_mends_the_receipt(
    world: DataWorld, text: str
) -> None:
    world.publish("stars", "v1", {"a.csv": "a1"}, "link")
    world.bring()
    (world.state / "datasets.json").write_text(text)
    assert summary(world.bring()["stars"]) == ("link", "v1", "current", 0)


def test_memory_when_it_is_lost_then_a_copy_is_taken_for_the_students(world: DataWorld) -> None:
    """Better a copy that stays behind than an edit that is lost."""
    world.publish("stars", "v1", {"a.csv": "a1"})
    world.bring()
    (world.state / "copies" / "stars.json").write_text("garbage")
    world.publish("stars", "v2", {"a.csv": "a2"})
    assert world.bring()["stars"]["state"] == "edited"
    assert world.has("stars") == {"a.csv": "a1"}


def test_home_when_it_cannot_be_written_then_it_is_said_with_1(world: DataWorld) -> None:
    (world.home / ".local").write_text("in the way")
    ran = world.run()
    assert ran.code == 1
    assert ".local/share" in ran.err


def test_home_when_the_machine_died_and_a_file_is_empty_then_it_comes_again(
    world: DataWorld,
) -> None:
    """Small files are not synced one by one; a disk that lost one shows it as empty."""
    world.publish("stars", "v1", {"a.csv": "a1", "nothing.csv": ""})
    world.bring()
    world.edit("stars/a.csv", "")
    world.edit("stars/nothing.csv", "mine")
    assert summary(world.bring()["stars"]) == ("copy", "v1", "edited", 1)
    assert world.has("stars") == {"a.csv": "a1", "nothing.csv": "mine"}


def test_run_when_two_run_at_once_then_both_end_well(world: DataWorld) -> None:
    files = {f"{number}.csv": big("a", 1) for number in range(8)}
    world.publish("stars", "v1", files)
    both = [world.start() for _ in range(2)]
    told = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    assert world.has("stars") == files
    assert world.entries()["stars"]["state"] == "current"


@pytest.mark.parametrize("mode", modes())
@pytest.mark.parametrize("kind", ["killable", "unkillable"])
def test_run_when_the_shared_folder_is_sick_then_it_gives_up_and_the_server_starts(
    tmp_path: Path, mode: str, kind: str
) -> None:
    assert has_namespaces(), "a sick mount needs a mount of its own"
    world = World(tmp_path / "w", mode=mode, environ={"GROWTH_START_LIMIT_S": "20"})
    world.write("as-user.sh", (STARTUP / "as-user.sh").read_text())
    world.mount(kind, "/mnt/nfs" if mode == "root" else f"{world.inner}/nfs")
    started = world.start()
    assert started.is_up
    assert started.late_s < 3 * MOUNT_LIMIT_S + SLACK_S
    told = started.script("as-user.sh")
    assert (told["state"], told["exit_code"]) == ("failed", 1)
    assert f"no answer for {MOUNT_LIMIT_S} s; sick mount?" in world.log_text("as-user")
