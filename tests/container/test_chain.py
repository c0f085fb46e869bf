"""The start chain as root in real containers of the school's image, with the school's disk."""

from __future__ import annotations

import json

import pytest

from growth_admin.roster.names import container_name
from tests.container.engine import Engine
from tests.container.school import (
    ADMIN,
    ADMIN_GID,
    DATA_GID,
    DATASET,
    OTHER,
    STUDENT,
    TA,
    USERS_GID,
    Folders,
    Person,
    run_as,
)

PEOPLE = (
    STUDENT,
    Person("Jane-Doe", 2_000_000_001),  # capitals, and the number of an early GitHub account
    Person("a-login-with-32-characters-in-it", 99_999_999),
    Person(container_name("a-login-of-thirty-nine-characters-in-all"[:39]), 250_000_000),
    Person("1st-year_2026", 10_000),
    Person("under_score", 4_000_000_000),
)
WHO = """
import grp, json, os
print(json.dumps({"uid": os.getuid(), "gids": sorted({os.getgid(), *os.getgroups()}),
  "home": os.environ["HOME"], "user": os.environ.get("USER"), "cwd": os.getcwd(),
  "entries": sorted(os.listdir(os.environ["HOME"])),
  "data": open(os.path.join(os.environ["HOME"], "data/light-curves/a.csv")).read()}))
"""


def answer(text: str) -> dict[str, object]:
    """The JSON that a server printed as its last line."""
    found: dict[str, object] = json.loads(text.splitlines()[-1])
    return found


@pytest.mark.parametrize("era", ["old", "new"])
@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.name)
def test_start_when_names_and_numbers_are_odd_then_the_server_is_the_persons(
    engine: Engine, image: str, folders: Folders, person: Person, era: str
) -> None:
    options = [f"--env=GROWTH_CHAIN_ERA={era}"]
    ran = run_as(engine, image, folders, person, "python", "-c", WHO, options=options)
    assert ran.code == 0, ran.text
    found = answer(ran.out)
    assert (found["uid"], found["gids"]) == (person.uid, [USERS_GID])
    assert (found["home"], found["user"]) == (f"/home/{person.name}", person.name)
    assert found["data"] == "t,mag\n1,17\n"
    record = folders.record(person)
    assert [one["state"] for one in record["scripts"]] == ["ok", "ok"], record
    assert record["image"]["reference"] == "school/notebook:git-1"
    assert "tools on PATH: ok" in folders.log(person, "as-user.sh")
    owners = {path.lstat().st_uid for path in folders.home(person).rglob("*")}
    assert owners == {person.uid}
    logs = folders.admin / "logs" / f"{person.name}-as-user.log"
    assert (logs.stat().st_gid, logs.stat().st_mode & 0o777) == (ADMIN_GID, 0o640)


@pytest.mark.parametrize(
    ("person", "gids"),
    [(OTHER, {USERS_GID}), (TA, {USERS_GID, DATA_GID}), (ADMIN, {USERS_GID, DATA_GID, ADMIN_GID})],
    ids=lambda value: value.name if isinstance(value, Person) else None,
)
def test_start_when_the_hub_hands_groups_on_then_the_server_has_these_and_no_others(
    engine: Engine, image: str, folders: Folders, person: Person, gids: set[int]
) -> None:
    ran = run_as(engine, image, folders, person, "python", "-c", WHO)
    assert set(answer(ran.out)["gids"]) == gids  # type: ignore[arg-type]  # a list of numbers


@pytest.mark.parametrize("era", ["old", "new"])
def test_start_when_both_scripts_are_broken_then_the_server_starts_and_the_record_says_why(
    engine: Engine, image: str, folders: Folders, era: str
) -> None:
    folders.script("as-root.sh", "#!/bin/bash\necho going; exit 3\n")
    folders.script("as-user.sh", "#!/bin/bash\nsleep 600\n")
    options = [f"--env=GROWTH_CHAIN_ERA={era}", "--env=GROWTH_START_LIMIT_S=2"]
    ran = run_as(engine, image, folders, STUDENT, "id", "-u", options=options)
    assert (ran.code, ran.out.strip()) == (0, str(STUDENT.uid)), ran.text
    states = {one["name"]: one["state"] for one in folders.record(STUDENT)["scripts"]}
    assert states == {"as-root.sh": "failed", "as-user.sh": "timed-out"}
    assert folders.log(STUDENT, "as-root.sh") == "going\n"


def test_start_when_the_disk_is_not_mounted_then_the_server_starts_all_the_same(
    engine: Engine, image: str
) -> None:
    environ = [f"--env={name}={value}" for name, value in STUDENT.environ.items()]
    ran = engine.run(image, "id", "-un", options=["--user=root", *environ])
    assert (ran.code, ran.out.strip()) == (0, STUDENT.name), ran.text
    assert "growth-admin: " in ran.text


def test_start_when_the_container_is_not_root_then_it_runs_as_the_images_own_user(
    engine: Engine, image: str, folders: Folders
) -> None:
    ran = engine.run(image, "id", "-un")
    assert (ran.code, ran.out.strip()) == (0, "jovyan"), ran.text


def test_start_when_done_twice_then_the_home_is_as_after_the_first(
    engine: Engine, image: str, folders: Folders
) -> None:
    def files() -> dict[str, bytes]:
        home = folders.home(STUDENT)
        kept = (
            path for path in home.rglob("*") if path.is_file() and "growth-admin" not in path.parts
        )
        return {str(path.relative_to(home)): path.read_bytes() for path in kept}

    run_as(engine, image, folders, STUDENT, "true")
    (folders.home(STUDENT) / "work.ipynb").write_text("mine")
    first = files()
    run_as(engine, image, folders, STUDENT, "true")
    assert files() == first
    assert first["work.ipynb"] == b"mine"
    assert (folders.shared / "data" / DATASET / "a.csv").read_text() == "t,mag\n1,17\n"
