"""A student, a TA and an organiser in pods: the chain, accounts, groups, mounts and walls."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from growth_admin.deploy.kubernetes.values import build_values
from tests.container import school as accounts
from tests.container.school import DATASET, OTHER, SECRET
from tests.container.test_walls import MAY, WALLS
from tests.kubernetes.node import running
from tests.kubernetes.school import CONTAINER, ClusterSchool

ATTEMPTS = Path(__file__).parents[1] / "container" / "attempts.py"
WHO = """
import json, os
mounts = {}
for line in open("/proc/self/mountinfo"):
    words = line.split()
    mounts[words[4]] = "ro" if "ro" in words[5].split(",") else "rw"
print(json.dumps({"uid": os.getuid(), "gids": sorted({os.getgid(), *os.getgroups()}),
  "home": os.environ["HOME"], "mounts": mounts,
  "areas": os.environ.get("GROWTH_AREAS", ""),
  "data": open(os.path.expanduser("~/data/DATASET/a.csv")).read()}))
""".replace("DATASET", DATASET)


@dataclass(frozen=True)
class Role:
    """One kind of people, and what they have in their pods."""

    login: str
    team: str
    gids: tuple[int, ...]
    writes: tuple[str, ...]

    @property
    def name(self) -> str:
        """At the hub."""
        return self.login.lower()


SETTINGS = """
import json
from pathlib import Path
from growth_admin.configuration import read_configuration
found = read_configuration([]).GitHub
print(json.dumps({**found, "credential": len(Path(found["token_file"]).read_text())}))
"""
STUDENT = Role("Jane-Doe", "students", (100,), ())
TA = Role("Tess", "tas", (100, 3000), ("/nfs",))
ADMIN = Role("Ada-Okafor", "admins", (100, 3000, 3001), ("/home/admin", "/nfs"))
ROLES = (STUDENT, TA, ADMIN)
FOR_ALL = ("/home/admin/logs", "/nfs/.growth-admin/receipts", "/nfs/.growth-admin/replies")


def started(school: ClusterSchool, role: Role) -> str:
    """Have somebody's server run; the hub's name."""
    if not school.github_knows(role.login):
        school.hub.person(role.login, role.team)
    if not school.is_ready(role.name):
        school.start(role.name)
    return role.name


def test_folders_when_the_rendered_job_has_run_then_the_exports_are_as_a_school_needs_them(
    school: ClusterSchool,
) -> None:
    assert "made, as shipped" in school.said["folders"], school.said["folders"]
    assert (school.disk / "admin" / "start" / "as-root.sh").stat().st_gid == 3001
    assert (school.disk / "shared" / ".growth-admin" / "replies").stat().st_mode & 0o7777 == 0o3773


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.team)
def test_pod_when_started_then_account_groups_mounts_and_record_are_the_persons(
    school: ClusterSchool, role: Role
) -> None:
    name = started(school, role)
    pod = school.pod(name)
    (notebook,) = pod["spec"]["containers"]
    told = {one["name"]: one.get("value", "") for one in notebook["env"]}
    found = school.json(name, WHO)
    assert found["uid"] == int(told["NB_UID"]) and tuple(found["gids"]) == role.gids
    assert found["home"] == f"/home/{name}" and found["data"] == "t,mag\n1,17\n"
    assert found["mounts"][f"/home/{name}"] == "rw"
    shared = {path: found["mounts"][path] for path in ("/home/admin", "/nfs")}
    assert [path for path, mode in shared.items() if mode == "rw"] == list(role.writes)
    assert {found["mounts"][path] for path in FOR_ALL} == {"rw"}
    # the chain ran as root and wrote where only root and organisers may
    record = school.record(name)
    assert [one["state"] for one in record["scripts"]] == ["ok", "ok"], record
    assert record["image"]["reference"] == school.answers.image
    log = (school.disk / "admin" / "logs" / f"{name}-as-user.log").stat()
    assert (log.st_uid, log.st_gid, log.st_mode & 0o777) == (0, 3001, 0o640)
    status = running(pod, CONTAINER)
    assert status and status["restartCount"] == 0


def test_settings_when_an_organisers_pod_runs_then_the_mounted_file_names_a_credential_to_read(
    school: ClusterSchool,
) -> None:
    found = school.json(started(school, ADMIN), SETTINGS)
    (mount,) = build_values(school.answers)["singleuser"]["extraFiles"].values()
    assert found == {**mount["data"]["GitHub"], "credential": len(SECRET)}


@pytest.mark.parametrize(
    ("role", "walls"),
    [(STUDENT, WALLS[accounts.STUDENT]), (TA, WALLS[accounts.TA]), (ADMIN, WALLS[accounts.ADMIN])],
    ids=lambda value: value.team if isinstance(value, Role) else "",
)
def test_walls_when_tried_from_inside_a_pod_then_none_gives_way(
    school: ClusterSchool,
    role: Role,
    walls: dict[str, str],
    say_at_the_end: Callable[[str], None],
) -> None:
    (school.disk / "admin" / "logs" / f"{OTHER.name}-as-user.log").write_text("another's\n")
    name = started(school, role)
    found = attempted(school, name, walls | OF_PODS)
    through = [attempt for attempt, (code, _) in found.items() if code == 0]
    head = f"walls, from inside a pod of {role.team}: {len(found)} attempts"
    say_at_the_end(f"{head}, {len(through)} successes")
    assert through == [], {attempt: found[attempt] for attempt in through}


@pytest.mark.parametrize(
    ("role", "may"),
    [(STUDENT, MAY[accounts.STUDENT]), (TA, MAY[accounts.TA]), (ADMIN, MAY[accounts.ADMIN])],
    ids=lambda value: value.team if isinstance(value, Role) else "",
)
def test_walls_when_somebody_may_then_the_same_attempts_get_through(
    school: ClusterSchool, role: Role, may: dict[str, str]
) -> None:
    name = started(school, role)
    wanted = {
        attempt: order
        for attempt, order in may.items()
        # these would spoil the school that all tests share
        if not attempt.startswith(("move the start", "remove a dataset", "replace", "append"))
    }
    found = attempted(school, name, wanted)
    assert {attempt: said for attempt, (code, said) in found.items() if code} == {}
    for left in ("data/x", ".growth-admin/x"):
        place = school.disk / "shared" / left
        place.rmdir() if place.is_dir() else place.unlink(missing_ok=True)


OF_PODS = {
    "read a token for Kubernetes": "ls /var/run/secrets/kubernetes.io/serviceaccount/token",
    "read the credentials' source": "ls /source",
    "remount the exports": "mount -o remount,rw /nfs || mount -o remount,rw /home/admin",
}


def attempted(
    school: ClusterSchool, name: str, orders: dict[str, str]
) -> dict[str, tuple[int, str]]:
    """Exit code and words of each attempt, made in a kernel of the person's server."""
    code = f"import sys\nsys.argv = ['attempts', {json.dumps(orders)!r}]\n{ATTEMPTS.read_text()}"
    lines = [json.loads(line) for line in school.run(name, code).splitlines()]
    assert [line["attempt"] for line in lines] == list(orders)
    return {line["attempt"]: (line["code"], line["said"]) for line in lines}
