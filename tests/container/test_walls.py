"""The walls of the design, tried from inside the servers of a student, a TA and an admin.

The commands run as what the real chain makes of the container's root, with the disk laid out as the
README says. An attempt is a shell text that ends with 0 exactly if it got through; where somebody
may do the same thing, the last test does it, so that an attempt which can never succeed is noticed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.container.engine import Engine, as_json
from tests.container.school import ADMIN, DATASET, OTHER, STUDENT, TA, Folders, Person, run_as

HERE = Path(__file__).resolve().parent
WRITE_ADMIN = {
    "write into /home/admin": "touch /home/admin/x",
    "append to as-root.sh": "echo '# x' >>/home/admin/start/as-root.sh",
    "replace as-user.sh": "echo '# x' >/tmp/s && mv -f /tmp/s /home/admin/start/as-user.sh",
    "add a log": "touch /home/admin/logs/x",
    "move the start folder away": "mv /home/admin/start /home/admin/gone",
}
READ_ADMIN = {
    "list /home/admin": "ls /home/admin",
    "list the logs": "ls /home/admin/logs",
    "read another's log": f"cat /home/admin/logs/{OTHER.name}-as-user.log",
    "read the own root log": 'cat "/home/admin/logs/$NB_USER-as-root.log"',
    "read another's record": f"cat /home/admin/logs/records/{OTHER.name}.jsonl",
    "read the GitHub credential": "cat /home/admin/secrets/github-app.pem",
    # the brackets keep the attempt from finding its own text (sudo puts it into SUDO_COMMAND)
    "find the GitHub credential": (
        "grep -rIlsm1 planted[-]github /home /nfs /etc /run /tmp /var /root /srv /mnt | grep -q . "
        "|| grep -lsa planted[-]github /proc/[0-9]*/environ | grep -q ."
    ),
}
WRITE_DATA = {
    "write into the datasets": "touch /nfs/data/x",
    "make a folder beside the datasets": "mkdir /nfs/.growth-admin/x",
    "list others' receipts": "ls /nfs/.growth-admin/receipts",
    "remove a dataset": f"mv /nfs/data/{DATASET} /nfs/data/gone",
}
BECOME = {
    "become root by sudo": "sudo -n true",
    "become admin by sudo": "sudo -n -u '#999' true",
    "become root by su": "su -c true",
    "join a group by usermod": 'usermod -aG 3001 "$NB_USER"',
    "edit /etc/group": "echo >>/etc/group",
    "edit /etc/passwd": "echo >>/etc/passwd",
    "add a rule for sudo": "echo >/etc/sudoers.d/x",
    "change the hook": "echo >>/usr/local/bin/before-notebook.d/50-growth.sh",
    "add a hook": "echo >/usr/local/bin/before-notebook.d/99-x.sh",
    "change the runner": "echo >>/usr/local/lib/growth-admin/runner.py",
    "change the smoke checks": "echo >>/usr/local/share/growth-image/smoke/run.py",
    "mount something": "mount -t tmpfs x /mnt",
    "read /etc/shadow in a user namespace": "unshare -Ur cat /etc/shadow",
    "write as root of a user namespace": "unshare -Ur touch /nfs/x",
    "look into process 1": "grep -qsa . /proc/1/environ",
    "make a device": "mknod ~/disk b 8 0",
    "write to the kernel": "echo 1 >/proc/sys/kernel/panic",
}
OTHERS = {
    "list another's home": f"ls /home/{OTHER.name}",
    "write into another's home": f"touch /home/{OTHER.name}/x",
}
WALLS: dict[Person, dict[str, str]] = {
    STUDENT: WRITE_ADMIN | READ_ADMIN | WRITE_DATA | BECOME | OTHERS,
    TA: WRITE_ADMIN | READ_ADMIN | BECOME | OTHERS,
    ADMIN: BECOME | OTHERS,
}
MAY: dict[Person, dict[str, str]] = {
    STUDENT: {
        "read a dataset": f"grep -q mag ~/data/{DATASET}/a.csv",
        "write at home": "touch ~/x",
    },
    TA: WRITE_DATA,
    ADMIN: WRITE_DATA | READ_ADMIN | WRITE_ADMIN,
}


def tried(
    engine: Engine, image: str, folders: Folders, person: Person, orders: dict[str, str]
) -> dict[str, tuple[bool, str]]:
    """What got through in a server of `person`, and what was said."""
    run_as(engine, image, folders, OTHER, "true")  # leaves logs, a record and a receipt
    options = [f"--volume={HERE / 'attempts.py'}:/opt/attempts.py:ro"]
    command = ("python", "/opt/attempts.py", json.dumps(orders))
    ran = run_as(engine, image, folders, person, *command, options=options)
    lines = as_json(ran.out)
    assert [line["attempt"] for line in lines] == list(orders), ran.text
    return {str(line["attempt"]): (line["code"] == 0, str(line["said"])) for line in lines}


@pytest.mark.parametrize("person", WALLS, ids=lambda person: person.groups[0])
def test_walls_when_tried_from_inside_a_server_then_none_gives_way(
    engine: Engine, image: str, folders: Folders, person: Person,
    say_at_the_end: Callable[[str], None],
) -> None:  # fmt: skip
    before = _state(folders)
    found = tried(engine, image, folders, person, WALLS[person])
    through = [name for name, (got, _) in found.items() if got]
    rows = [
        f"  {name:40} {'GOT THROUGH' if got else 'refused'}" for name, (got, _) in found.items()
    ]
    head = f"walls, from inside a server of {person.groups[0]}: {len(found)} attempts"
    head += f", {len(through)} successes"
    say_at_the_end("\n".join([head, *rows]))
    assert through == [], found
    assert _state(folders) == before


@pytest.mark.parametrize("person", MAY, ids=lambda person: person.groups[0])
def test_walls_when_somebody_may_then_the_same_attempts_get_through(
    engine: Engine, image: str, folders: Folders, person: Person
) -> None:
    found = tried(engine, image, folders, person, MAY[person])
    assert {name: said for name, (got, said) in found.items() if not got} == {}


def test_walls_when_a_student_changes_python_in_the_container_then_the_next_start_has_the_images(
    engine: Engine, image: str, folders: Folders
) -> None:
    """The hook runs Python as root: a container that were kept would run the student's."""
    write = "printf '#!/bin/sh\\ntouch /home/admin/owned\\n' >python3"
    spoil = f"cd /opt/conda/bin && rm python3 && {write} && chmod +x python3"
    assert run_as(engine, image, folders, STUDENT, "bash", "-c", spoil).code == 0
    assert run_as(engine, image, folders, STUDENT, "true").code == 0
    assert not (folders.admin / "owned").exists()


def _state(folders: Folders) -> dict[str, tuple[int, int, int, bytes]]:
    """Owners, modes and contents of what must not change; starts write logs and receipts."""
    kept = {}
    for path in sorted([*folders.admin.rglob("*"), *folders.shared.rglob("*")]):
        name = str(path.relative_to(folders.root))
        if "/logs" not in name and "/receipts" not in name:
            found = path.lstat()
            kept[name] = (
                found.st_uid,
                found.st_gid,
                found.st_mode,
                path.read_bytes() if path.is_file() else b"",
            )
    return kept
