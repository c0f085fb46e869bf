"""The receipt of the datasets: from a home that the student controls to the organisers' folder."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from chain_world import ADMIN_GID, ADMIN_ID, MOUNT_LIMIT_S, NOBODY, STARTUP, World, modes

SLACK_S = 6.0
SECRET = "the answers of the exam"
GOOD = {
    "name": "stars", "delivery": "copy", "version": "v3", "state": "edited",
    "edited_files": 2, "detail": "2 edited",
}  # fmt: skip


@pytest.fixture(params=modes())
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    """A school that collects receipts; as-user.sh leaves what a test asks for."""
    made = World(tmp_path / "w", mode=request.param)
    folder = made.root / "nfs" / ".growth-admin" / "receipts"
    folder.mkdir(parents=True)
    folder.chmod(0o2770)
    if made.mode == "root":
        os.chown(folder, ADMIN_ID, ADMIN_GID)
        folder.chmod(0o2770)
        made.commands.append("mkdir -p /home/jane-doe && mount --bind /mnt/home /home/jane-doe")
        made.commands.append("chown -R 5001:100 /home/jane-doe")
    return made


def receipts(world: World) -> Path:
    """The organisers' folder."""
    return world.root / "nfs" / ".growth-admin" / "receipts"


def leave(world: World, text: str | bytes) -> Path:
    """The student writes the home's receipt by hand."""
    path = world.root / "home" / ".local" / "share" / "growth-admin" / "datasets.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def text_of(**more: Any) -> str:
    """A sound receipt, with some fields made up."""
    value = {"schema": 1, "user": "jane-doe", "uid": 5001, "time": "2026-01-02T03:04:05Z"}
    return json.dumps({**value, "datasets": [GOOD], **more})


def left(world: World) -> dict[str, Any]:
    """What lies in the organisers' folder, by file name."""
    return {path.name: json.loads(path.read_text()) for path in receipts(world).iterdir()}


def test_receipt_when_the_shipped_scripts_run_then_organisers_see_what_the_student_has(
    world: World,
) -> None:
    shutil.copy2(STARTUP / "as-user.sh", world.admin / "start" / "as-user.sh")
    (world.root / "nfs" / "data" / "stars").mkdir(parents=True)
    started = world.start()
    assert started.record["state"] == "ok"
    assert started.record["notes"] == []
    assert started.record["data"] == [{"name": "stars", "version": "", "state": "current"}]
    (receipt,) = left(world).values()
    assert (receipt["schema"], receipt["user"]) == (1, "jane-doe")
    assert receipt["uid"] == (5001 if world.mode == "root" else NOBODY)
    assert receipt["datasets"] == [
        {
            "name": "stars",
            "delivery": "link",
            "version": "",
            "state": "current",
            "edited_files": 0,
            "detail": "",
        }
    ]
    found = (receipts(world) / "jane-doe.json").stat()
    around = receipts(world).stat()
    assert found.st_mode & 0o777 == 0o640
    assert (found.st_uid, found.st_gid) == (around.st_uid, around.st_gid)


def test_receipt_when_forged_then_only_the_own_row_changes_and_no_field_is_added(
    world: World,
) -> None:
    (receipts(world) / "ben.json").write_text('{"user": "ben"}')
    extra = {**GOOD, "path": "/etc/passwd", "version": "v999"}
    leave(
        world,
        text_of(user="ben", uid=0, datasets=[extra], more="x", time="2999-01-01T00:00:00Z"),
    )
    started = world.start()
    found = left(world)
    assert sorted(found) == ["ben.json", "jane-doe.json"]
    assert found["ben.json"] == {"user": "ben"}
    mine = found["jane-doe.json"]
    assert set(mine) == {"schema", "user", "uid", "time", "datasets"}
    assert (mine["user"], mine["uid"] == 0) == ("jane-doe", False)
    assert mine["datasets"] == [{**GOOD, "version": "v999"}]
    assert mine["time"] <= time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    assert started.record["data"] == [{"name": "stars", "version": "v999", "state": "edited"}]


def test_receipt_when_the_student_tries_the_folder_then_it_is_closed(world: World) -> None:
    """Re-rooted there is one user only, to whom nothing is closed."""
    world.write(
        "as-user.sh",
        "#!/bin/bash\n"
        'cd "$GROWTH_SHARED_ROOT/.growth-admin/receipts" && echo looked\n'
        'echo "{}" > "$GROWTH_SHARED_ROOT/.growth-admin/receipts/ben.json" && echo wrote\n'
        "true\n",
    )
    world.start()
    log = world.log_text("as-user")
    is_open = world.mode != "root"
    assert ("looked" in log, "wrote" in log) == (is_open, is_open)
    assert list(left(world)) == (["ben.json"] if is_open else [])


def test_receipt_when_it_is_a_link_to_a_secret_then_it_is_not_followed(world: World) -> None:
    path = leave(world, "")
    path.unlink()
    secret = world.root / "nfs" / "secret.json"
    secret.write_text(text_of(datasets=[{**GOOD, "detail": SECRET}]))
    inner = "/mnt" if world.mode == "root" else world.inner
    path.symlink_to(f"{inner}/nfs/secret.json")
    started = world.start()
    assert started.is_up
    assert left(world) == {}
    assert "the receipt in the home is left out" in started.record["notes"][0]


def test_receipt_when_a_folder_above_leads_to_a_secret_then_it_is_read_as_the_student(
    world: World,
) -> None:
    """A folder on the way may be a link: what is read through it is what the student may read."""
    closed = world.admin / "closed"
    closed.mkdir()
    (closed / "datasets.json").write_text(text_of(datasets=[{**GOOD, "detail": SECRET}]))
    closed.chmod(0o700)
    leave(world, "").unlink()
    share = world.root / "home" / ".local" / "share"
    (share / "growth-admin").rmdir()
    (share / "growth-admin").symlink_to(f"{world.inner_admin}/closed")
    started = world.start()
    if world.mode == "root":  # re-rooted there is one user only: nothing is closed to it
        assert left(world) == {}
        assert "Permission denied" in started.record["notes"][0]


@pytest.mark.parametrize("kind", ["fifo", "folder", "huge", "garbage"])
def test_receipt_when_it_is_no_receipt_then_a_note_and_the_row_before_stays(
    world: World, kind: str
) -> None:
    leave(world, text_of())
    world.start()
    path = leave(world, "")
    path.unlink()
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        leave(world, b" " * 70_000 if kind == "huge" else b'{"schema": 1')
    started = world.start()
    assert started.is_up
    assert left(world)["jane-doe.json"]["datasets"] == [GOOD]
    assert "the receipt in the home is left out" in started.record["notes"][0]
    assert started.record["data"] == []


def test_receipt_when_the_school_collects_none_then_nothing_is_written_or_noted(
    world: World,
) -> None:
    shutil.rmtree(world.root / "nfs" / ".growth-admin")
    leave(world, text_of())
    started = world.start()
    assert started.record["notes"] == []
    assert started.record["data"] == [{"name": "stars", "version": "v3", "state": "edited"}]
    assert not (world.root / "nfs" / ".growth-admin").exists()


def test_folder_when_something_is_planted_then_it_is_replaced_not_followed(world: World) -> None:
    precious = world.root / "precious"
    precious.write_text("precious")
    precious.chmod(0o666)
    (receipts(world) / "jane-doe.json").symlink_to(
        "/etc/passwd" if world.mode == "root" else f"{world.inner}/precious"
    )
    leave(world, text_of())
    assert world.start().record["notes"] == []
    assert not (receipts(world) / "jane-doe.json").is_symlink()
    assert left(world)["jane-doe.json"]["datasets"] == [GOOD]
    assert precious.read_text() == "precious"


def test_folder_when_it_is_a_link_then_a_note(world: World) -> None:
    folder = receipts(world)
    folder.rmdir()
    elsewhere = world.root / "nfs" / "elsewhere"
    elsewhere.mkdir(mode=0o777)
    folder.symlink_to(elsewhere)
    leave(world, text_of())
    started = world.start()
    assert "no receipt in" in started.record["notes"][0]
    assert list(elsewhere.iterdir()) == []


def test_folder_when_it_is_full_then_a_note_and_the_server_starts(world: World) -> None:
    leave(world, text_of())
    inner = "/mnt" if world.mode == "root" else world.inner
    world.mount("full", f"{inner}/nfs/.growth-admin/receipts")
    started = world.start()
    assert started.is_up
    assert "No space left on device" in started.record["notes"][0]


@pytest.mark.parametrize("kind", ["killable", "unkillable"])
@pytest.mark.parametrize("place", ["home", "nfs"])
def test_mount_when_sick_then_the_server_starts_and_the_record_says_so(
    world: World, place: str, kind: str
) -> None:
    leave(world, text_of())
    if place == "home":
        inner = "/home/jane-doe" if world.mode == "root" else f"{world.inner}/home"
        target = f"{inner}/.local"
    else:
        target = "/mnt/nfs" if world.mode == "root" else f"{world.inner}/nfs"
    world.mount(kind, target)
    started = world.start()
    assert started.is_up
    assert started.late_s < MOUNT_LIMIT_S + SLACK_S
    says = "the home does not answer" if place == "home" else "receipts does not answer"
    assert says in started.record["notes"][0]
    expected = [] if place == "home" else [{"name": "stars", "version": "v3", "state": "edited"}]
    assert started.record["data"] == expected


# -- the text itself


@pytest.fixture(scope="module")
def parser() -> Any:
    """The chain's module that reads receipts."""
    sys.path.insert(0, str(STARTUP / "lib"))
    try:
        return importlib.import_module("growth_chain.receipts")
    finally:
        sys.path.remove(str(STARTUP / "lib"))


def test_text_when_sound_then_every_known_field_and_no_other(parser: Any) -> None:
    datasets, moment = parser.parse(f" {text_of(datasets=[{**GOOD, 'x': 1}])}\n".encode())
    assert (datasets, moment) == ([GOOD], "2026-01-02T03:04:05Z")


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": ".hidden"},
        {"name": "a/b"},
        {"name": "a" * 65},
        {"name": "a\nb"},
        {"name": "\u202eevil"},
        {"name": "\ud800"},
        {"name": 7},
        {"delivery": "gift"},
        {"delivery": ["link"]},
        {"version": "v0"},
        {"version": "v1x"},
        {"version": "3"},
        {"version": 3},
        {"version": ["v"]},
        {"version": {}},
        {"version": None},
        {"version": "v" + "1" * 20},
        {"state": "perfect"},
        {"state": None},
        {"edited_files": -1},
        {"edited_files": 1.5},
        {"edited_files": True},
        {"edited_files": "2"},
        {"edited_files": 10**30},
        {"detail": "x" * 201},
        {"detail": "\x1b[31mred"},
        {"detail": []},
    ],
    ids=lambda wrong: repr(wrong)[:40],
)
def test_text_when_a_field_is_wrong_then_refused(parser: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(parser.Unusable):
        parser.parse(text_of(datasets=[{**GOOD, **wrong}]).encode())


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'"text"',
        b"\xff\xfe",
        b"[" * 60_000,
        b'{"a":' * 10_000,
        b"9" * 60_000,
        text_of().encode() + b"{}",
        text_of(schema=2).encode(),
        text_of(datasets="all").encode(),
        text_of(datasets={"name": "stars"}).encode(),
        text_of(datasets=[GOOD, GOOD]).encode(),
        text_of(datasets=[None]).encode(),
        text_of(datasets=[{**GOOD, "name": f"set-{n}"} for n in range(201)]).encode(),
    ],
    ids=lambda text: repr(text[:20]),
)
def test_text_when_malformed_then_refused(parser: Any, text: bytes) -> None:
    with pytest.raises(parser.Unusable):
        parser.parse(text)


@pytest.mark.parametrize(
    "moment",
    ["2999-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "now", "", None, 7,
     "2026-01-02T24:00:00Z", "0000-01-01T00:00:00Z", "\uff12026-01-02T03:04:05Z"],
)  # fmt: skip
def test_text_when_the_time_is_nonsense_then_it_is_now(parser: Any, moment: Any) -> None:
    before = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    assert parser.parse(text_of(time=moment).encode())[1] >= before
