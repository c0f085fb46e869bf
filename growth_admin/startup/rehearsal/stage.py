"""The folders of a rehearsal on the real disk: made, filled, and thrown away."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from growth_admin.startup.rehearsal.sample import STUDENT, STUDENT_ID, make_home, make_shared


@dataclass(frozen=True)
class Stage:
    """The folders of one run, on the real disk."""

    work: Path
    home: Path
    etc: Path
    scripts: Path
    shared: Path
    admin: Path
    shared_root: Path
    admin_root: Path


def make_stage(
    work: Path,
    scripts: Mapping[str, bytes],
    shared_root: Path,
    admin_root: Path,
    *,
    is_rerooted: bool,
    is_direct: bool,
) -> Stage:
    """Return the folders of a rehearsal, filled."""
    work.chmod(0o711)
    home = work / "home" / STUDENT
    for folder in (home, work / "scripts", work / "tmp", work / "root", work / "etc"):
        folder.mkdir(parents=True)
    (work / "tmp").chmod(0o777)
    shared, admin = shared_root, admin_root
    if not shared_root.is_dir() or is_rerooted:
        shared = work / "nfs"
        make_shared(shared)
    if not admin_root.is_dir() or is_rerooted:
        admin = work / "admin"
        (admin / "start").mkdir(parents=True)
    if is_rerooted and shared_root.is_dir():
        shared = shared_root
    stage = Stage(
        work, home, work / "etc", work / "scripts", shared, admin, shared_root, admin_root
    )
    make_home(home, scripts, shared_root)
    for name, text in scripts.items():
        path = stage.scripts / name
        path.write_bytes(move_text(text, stage) if is_rerooted else text)
        path.chmod(0o755)
    if os.geteuid() == 0 and (is_direct or is_rerooted):
        _give_to_student(home)
    return stage


def _give_to_student(home: Path) -> None:
    for folder, _, names in os.walk(home):
        os.chown(folder, STUDENT_ID, STUDENT_ID)
        for name in names:
            os.chown(Path(folder) / name, STUDENT_ID, STUDENT_ID, follow_symlinks=False)


def make_etc(etc: Path) -> None:
    """Copy what programs need of /etc (no keys, no password hashes), with the student added."""
    shutil.rmtree(etc, ignore_errors=True)
    etc.mkdir()
    wanted = (
        "ld.so.cache",
        "ld.so.conf",
        "nsswitch.conf",
        "profile",
        "bash.bashrc",
        "localtime",
        "hosts",
        "host.conf",
        "protocols",
        "services",
        "mime.types",
        "debian_version",
        "os-release",
        "login.defs",
        "environment",
        "ssl/openssl.cnf",
    )
    for folder in shown_etc():
        (etc / folder.removeprefix("/etc/")).mkdir(parents=True, exist_ok=True)
    for name in wanted:
        with suppress(OSError):
            shutil.copy(Path("/etc", name), etc / name)
    for name in ("passwd", "group"):
        with suppress(OSError):
            (etc / name).write_text(Path("/etc", name).read_text())
    with (etc / "passwd").open("a") as passwd:
        passwd.write(f"{STUDENT}:x:{STUDENT_ID}:{STUDENT_ID}::/home/{STUDENT}:/bin/bash\n")
    with (etc / "group").open("a") as group:
        group.write(f"{STUDENT}:x:{STUDENT_ID}:\n")
    (etc / "shadow").write_text(f"{STUDENT}:!:20000::::::\n")
    (etc / "gshadow").write_text(f"{STUDENT}:!::\n")
    (etc / "resolv.conf").write_text("")
    (etc / "hostname").write_text("rehearsal\n")


def throw_away(work: Path) -> None:
    """Remove the throw-away root, also folders that a script made unreadable."""
    for folder, names, _ in os.walk(work):
        for name in names:
            path = Path(folder) / name
            if not path.is_symlink():
                with suppress(OSError):
                    path.chmod(0o700)
    shutil.rmtree(work, ignore_errors=True)


def shown_etc() -> list[str]:
    """Return the folders of /etc that programs need and that hold no secret."""
    names = (
        "alternatives",
        "ld.so.conf.d",
        "profile.d",
        "ssl/certs",
        "ca-certificates",
        "skel",
        "fonts",
    )
    return [f"/etc/{name}" for name in names if Path("/etc", name).is_dir()]


def move_text(text: bytes, stage: Stage) -> bytes:
    """Return the script with the school's absolute paths moved under the throw-away root."""
    moves = {
        str(stage.shared_root): stage.shared,
        str(stage.admin_root): stage.admin,
        "/nfs": stage.shared,
        "/home/admin": stage.admin,
        f"/home/{STUDENT}": stage.home,
        "/home": stage.home.parent,
        "/tmp": stage.work / "tmp",
        "/var/tmp": stage.work / "tmp",
    }
    pattern = "|".join(re.escape(old) for old in sorted(moves, key=len, reverse=True))
    whole = re.compile(rf"(?<![\w./-])({pattern})(?![\w-])".encode())
    return whole.sub(lambda match: str(moves[match.group(1).decode()]).encode(), text)
