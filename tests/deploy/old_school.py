"""A school of 2020 as it stood on its disk: admin's folder, /nfs, odd logins, odd files."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import Any

ADMIN_UID, ADMIN_GID = 999, 996
AS_ROOT = b"id\n"  # no first line #!, as in that school's repository
AS_USER = b"""#!/bin/bash
echo "running as: $(id)"
mkdir -p "$HOME/growth" && cp -n /nfs/misc/DS9.desktop "$HOME/growth/"
if [[ :$PATH: == *:/nfs/bin:* ]]; then echo in path; fi
touch "$HOME/seen-by-$NB_USER"
"""
PEOPLE = {
    **{"Jane-Doe": 583231, "UPPER": 12345, "1st-year": 9_000_001, "a--b": 70_001},
    "Early": 583,
}
OPEN, CLOSED = 0o644, 0o640


class OldSchool:
    """Both folders below one; ``make`` fills them."""

    def __init__(self, folder: Path) -> None:
        self.admin, self.shared = folder / "admin", folder / "nfs"

    def make(self, *, files: int = 5) -> OldSchool:
        """Fill both as the old hub and its organisers left them. As root."""
        for root in (self.admin, self.shared):
            root.mkdir(exist_ok=True, parents=True)
        self._admin_folder()
        self._logs()
        self._shared_folder(files)
        for root in (self.admin, self.shared):
            for path in [root, *root.rglob("*")]:
                os.chown(path, ADMIN_UID, ADMIN_GID, follow_symlinks=False)
        self._odd_things()
        for root in (self.shared, self.admin):  # long ago, so that any touch is seen
            for path in [root, *root.rglob("*")]:
                os.utime(path, ns=(1_597_000_000_000_000_001,) * 2, follow_symlinks=False)
        return self

    def _put(self, path: Path, data: bytes, mode: int = OPEN) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        path.chmod(mode)
        return path

    def _admin_folder(self) -> None:
        self.admin.chmod(0o755)
        self._put(self.admin / "start" / "as-root.sh", AS_ROOT, 0o755)
        self._put(self.admin / "start" / "as-user.sh", AS_USER, 0o775)
        self._put(self.admin / ".bash_history", b"sudo rm\n", 0o600)
        self._put(self.admin / ".ssh" / "id_rsa", b"not a key\n", 0o600)
        (self.admin / ".ssh").chmod(0o700)
        self._put(self.admin / "backups" / "as-user.sh.old", b"exit 1\n", 0o444)
        (self.admin / "to-nfs").symlink_to("/nfs")

    def _logs(self) -> None:
        """As root wrote them, who then took them away from everybody else."""
        for login, number in PEOPLE.items():
            told = f"running as: uid={number}({login}) gid={number}({login})\n".encode()
            self._put(self.admin / "logs" / f"{login}-as-root.log", b"uid=0(root)\n", CLOSED)
            self._put(self.admin / "logs" / f"{login}-as-user.log", told, CLOSED)
        self._put(self.admin / "logs" / "empty-as-user.log", b"", CLOSED)
        forged = f"uid={PEOPLE['UPPER']}(forger)\n".encode()
        self._put(self.admin / "logs" / "forger-as-user.log", forged, CLOSED)

    def _shared_folder(self, files: int) -> None:
        self.shared.chmod(0o777)
        self._put(self.shared / "bin" / "ds9put", b"#!/bin/sh\n", 0o755)
        self._put(self.shared / "misc" / "DS9.desktop", b"[Desktop Entry]\n")
        for number in range(files):
            name = f"part-{number:05d}.fits"
            self._put(self.shared / "photometry" / f"night-{number % 7}" / name, b"%d" % number)
        self._put(self.shared / "data" / "catalogue" / "stars.csv", b"ra,dec\n1,2\n", 0o664)
        odd = self.shared / "photometry" / os.fsdecode(b"caf\xe9 \n'name'")
        self._put(odd, b"odd")
        (self.shared / "photometry" / "latest").symlink_to("night-1")
        (self.shared / "photometry" / "dangling").symlink_to("/gone")

    def _odd_things(self) -> None:
        sudoers = self._put(self.admin / "etc" / "sudoers.d" / "00-admins-group", b"%a ALL=ALL\n")
        os.chown(sudoers, 0, 0)
        sudoers.chmod(0o440)
        setuid = self._put(self.shared / "bin" / "old-tool", b"x")
        setuid.chmod(0o4755)
        os.link(self.shared / "bin" / "ds9put", self.shared / "data" / "ds9put-too")
        os.mkfifo(self.shared / "misc" / "pipe", 0o622)
        (self.shared / "misc" / "pipe").chmod(0o622)
        (self.shared / "drop").mkdir()
        (self.shared / "drop").chmod(0o1777)
        mine = self._put(self.shared / "drop" / "from-a-student", b"mine")
        os.chown(mine, PEOPLE["Jane-Doe"], PEOPLE["Jane-Doe"])
        nothing = self._put(self.shared / "misc" / "nothing", b"?")
        nothing.chmod(0)


def snapshot(*roots: Path, without: str = ".growth-admin-move") -> dict[str, tuple[Any, ...]]:
    """Everything below the roots, with all that may matter; written apart from the product."""
    found: dict[str, tuple[Any, ...]] = {}
    for root in roots:
        for path in [root, *root.rglob("*")]:
            if without in path.parts:
                continue
            now = path.lstat()
            content = ""
            if stat.S_ISREG(now.st_mode):
                content = hashlib.sha256(path.read_bytes()).hexdigest()
            elif stat.S_ISLNK(now.st_mode):
                content = str(path.readlink())
            what = (oct(now.st_mode), now.st_uid, now.st_gid, now.st_mtime_ns, content)
            found[str(path)] = what
    return found
