"""What a start leaves behind when nothing is wrong: the record, the logs, their bounds."""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path

import pytest
from chain_world import ADMIN_GID, ADMIN_ID, GOOD_SCRIPT, World, modes

RECORDS_KEPT = 20
ZULU = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")
RECORD_KEYS = {
    "schema", "id", "user", "server_name", "hub_user", "github_id", "started", "ended",
    "duration_s", "state", "image", "scripts_revision", "limit_s", "rerooted", "scripts", "data",
    "home", "notes",
}  # fmt: skip
SCRIPT_KEYS = {
    "name", "run_as", "state", "exit_code", "signal", "duration_s", "sha256", "size_bytes",
    "problems", "stdout_bytes", "stderr_bytes", "dropped_bytes", "stderr_lines", "error", "log",
}  # fmt: skip

pytestmark = pytest.mark.parametrize("mode", modes())


@pytest.fixture
def world(tmp_path: Path, mode: str) -> World:
    """A sound school."""
    return World(tmp_path / "w", mode=mode)


def test_record_when_all_is_well_then_it_has_every_field_of_schema_1(world: World) -> None:
    world.environ["GROWTH_IMAGE_DIGEST"] = "sha256:abc"
    record = world.start().record
    assert set(record) == RECORD_KEYS
    assert all(set(one) == SCRIPT_KEYS for one in record["scripts"])
    assert re.fullmatch(r"\d{8}T\d{6}\.\d{6}Z-[0-9a-f]{6}", record["id"])
    assert ZULU.match(record["started"]) and ZULU.match(record["ended"])
    assert record["started"] <= record["ended"]
    assert (record["schema"], record["user"], record["hub_user"]) == (1, "jane-doe", "jane-doe")
    assert (record["github_id"], record["limit_s"]) == ("583231", 2)
    assert record["image"] == {
        "reference": "growth-school/notebook:2026.11",
        "digest": "sha256:abc",
    }
    for one in record["scripts"]:
        assert one["sha256"] == hashlib.sha256(GOOD_SCRIPT.encode()).hexdigest()
        assert one["size_bytes"] == len(GOOD_SCRIPT)
        assert one["stdout_bytes"] == len("fine\n")


def test_record_when_written_then_tells_how_full_the_disk_of_the_home_is(world: World) -> None:
    told = world.start().record["home"]
    assert set(told) == {"used_bytes", "size_bytes"}
    assert 0 <= told["used_bytes"] <= told["size_bytes"]


def test_scripts_when_run_then_each_as_its_own_user_at_its_own_place(world: World) -> None:
    for name in ("as-root.sh", "as-user.sh"):
        world.write(
            name, '#!/bin/bash\nid -un; pwd; echo "$HOME $USER"; echo "$GROWTH_START_DIR"\n'
        )
    started = world.start()
    assert [one["run_as"] for one in started.record["scripts"]] == (
        ["root", "jane-doe"] if world.mode == "root" else ["jane-doe", "jane-doe"]
    )
    if world.mode == "root":
        assert world.log_text("as-root").splitlines()[:2] == ["root", "/home/jane-doe"]
        assert world.log_text("as-user").splitlines()[:3] == [
            "jane-doe",
            "/home/jane-doe",
            "/home/jane-doe jane-doe",
        ]
    assert world.log_text("as-user").splitlines()[-1] == f"{world.inner_admin}/start"


def test_log_when_both_streams_are_used_then_in_order_with_stderr_marked(world: World) -> None:
    """In order as far as two pipes can tell: what is further apart than a moment."""
    world.write(
        "as-user.sh",
        "#!/bin/bash\necho one; sleep .1; echo two >&2; echo three >&2; sleep .1; printf four\n"
        "sleep .1; echo five >&2; exit 7\n",
    )
    told = world.start().script("as-user.sh")
    assert world.log_text("as-user") == "one\ntwo\nthree\nfour\nfive\n"
    assert told["stderr_lines"] == [[2, 3], [5, 5]]
    assert told["error"] == "five"
    assert (told["stdout_bytes"], told["stderr_bytes"]) == (8, 15)


def test_log_when_output_is_huge_then_beginning_and_end_are_kept(world: World) -> None:
    world.write("as-user.sh", "#!/bin/bash\necho begin; seq 2000000; echo the end >&2\n")
    told = world.start().script("as-user.sh")
    lines = world.log_text("as-user").splitlines()
    assert lines[:2] == ["begin", "1"]
    assert lines[-1] == "the end"
    assert told["dropped_bytes"] > 1_000_000
    assert told["stderr_lines"] == [[len(lines), len(lines)]]
    assert f"[growth-admin] {told['dropped_bytes']} bytes left out" in lines


def test_logs_when_started_again_then_the_one_before_is_kept(world: World) -> None:
    world.write("as-user.sh", "#!/bin/bash\necho first\n")
    world.start()
    world.write("as-user.sh", "#!/bin/bash\necho second\n")
    world.start()
    assert world.log_text("as-user") == "second\n"
    assert (world.logs / "jane-doe-as-user.log.1").read_text() == "first\n"


def test_records_when_there_were_many_starts_then_the_last_20_are_kept(world: World) -> None:
    (world.logs / "records").mkdir()
    file = world.logs / "records" / "jane-doe.jsonl"
    old = [
        json.dumps({"schema": 1, "id": f"20200101T0000{n:02}.000000Z-abcdef"}) for n in range(30)
    ]
    file.write_text("\n".join(old) + "\n")
    records = world.start().records
    assert len(records) == RECORDS_KEPT
    assert records[0]["id"].startswith("20200101T000011")
    assert records[-1]["user"] == "jane-doe"


def test_records_when_one_user_starts_twice_at_once_then_none_is_lost(world: World) -> None:
    world.mode = "rerooted"  # two chains in one machine would make the same account twice
    world.times = 6
    assert len(world.start().records) == 6
    assert not list(world.logs.glob("**/*.tmp"))


def test_records_when_the_server_is_named_then_files_carry_its_name(world: World) -> None:
    world.environ |= {"JUPYTERHUB_SERVER_NAME": "canary", "GROWTH_SCRIPTS_REVISION": "0123abcd"}
    candidate = world.admin / ".growth-admin" / "startup" / "candidates" / "0123abcd"
    candidate.mkdir(parents=True)
    for name in ("as-root.sh", "as-user.sh"):
        (candidate / name).write_text("#!/bin/bash\necho candidate\n")
        (candidate / name).chmod(0o755)
    world.start()
    lines = (world.logs / "records" / "jane-doe--canary.jsonl").read_text().splitlines()
    record = json.loads(lines[-1])
    assert (record["server_name"], record["scripts_revision"]) == ("canary", "0123abcd")
    assert record["scripts"][1]["log"] == "jane-doe--canary-as-user.log"
    assert (world.logs / "jane-doe--canary-as-user.log").read_text() == "candidate\n"


def test_names_when_they_try_to_leave_the_folder_then_they_cannot(world: World) -> None:
    world.environ["JUPYTERHUB_SERVER_NAME"] = "../../x"
    world.start()
    assert [path.name for path in (world.logs / "records").glob("*.jsonl")] == [
        "jane-doe--.._.._x.jsonl"
    ]


def test_text_when_it_is_odd_then_the_record_is_still_json(world: World) -> None:
    world.environ["GROWTH_IMAGE"] = 'a"b\\c\tü\U0001f600'
    world.write("as-user.sh", '#!/bin/bash\nprintf "a\\"b\\\\\\\\\\033[31mü\\xff\\n" >&2; exit 1\n')
    record = world.start().record
    assert record["image"]["reference"] == 'a"b\\c\tü\U0001f600'
    assert record["scripts"][1]["error"] == 'a"b\\?[31mü\ufffd'


def test_logs_when_the_folder_is_the_admins_then_they_can_read_and_students_cannot(
    world: World,
) -> None:
    world.logs.chmod(0o2770)
    world.start()
    found = (world.logs / "jane-doe-as-user.log").stat()
    record = (world.logs / "records" / "jane-doe.jsonl").stat()
    if world.mode == "root":
        assert (found.st_uid, found.st_gid) == (ADMIN_ID, ADMIN_GID)
        assert found.st_mode & 0o777 == record.st_mode & 0o777 == 0o640
    else:  # the demo's user is a member of his own group
        assert found.st_mode & 0o777 == record.st_mode & 0o777 == 0o600


def test_logs_when_the_folders_group_holds_the_student_then_owner_only(world: World) -> None:
    if os.geteuid() == 0:
        world.commands.append(
            f"chgrp 100 {world.inner_admin}/logs; chmod 775 {world.inner_admin}/logs"
        )
    world.start()
    assert (world.logs / "jane-doe-as-user.log").stat().st_mode & 0o777 == 0o600


def test_runner_when_done_then_it_tells_the_containers_log_in_one_line(world: World) -> None:
    world.write("as-user.sh", "#!/bin/bash\necho secret-word >&2; exit 3\n")
    log = world.start().log
    assert "growth-admin: as-root.sh ok (" in log
    assert "as-user.sh failed (" in log and "exit code 3" in log
    assert "secret-word" not in log
