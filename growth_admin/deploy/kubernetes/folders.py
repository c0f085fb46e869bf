"""The folders of the shared exports: made with their owners, and tried out as the chain uses them.

Runs as root in a pod of the school's image (the job in ``cluster.yaml``, or a canary's
``as-root.sh``): what works here works for the start chain, which is root too before it drops to
the student. An NFS server may treat root as nobody (exports(5), ``root_squash``) or everybody as
nobody (``all_squash``); both are seen in who owns what was just written.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from growth_admin.core.errors import GrowthError
from growth_admin.core.fsops import create_exclusive
from growth_admin.core.words import in_words
from growth_admin.deploy.doctor import Check
from growth_admin.deploy.install import chain_source

LOW_BYTES: Final = 5 * 1024**3
SCRIPTS: Final = ("as-root.sh", "as-user.sh")
ADMINS, DATA, ANY = "admins", "data", ""
_PREPARING: Final = (
    "Run `growth-admin deploy folders --prepare` as root where both are mounted, or the job "
    "growth-folders."
)
_EXPORTING: Final = "Export it read-write, with no_root_squash, to the cluster's nodes."


@dataclass(frozen=True)
class Place:
    """A folder, whose group may write in it, and its mode."""

    path: Path
    group: str
    mode: int


@dataclass(frozen=True)
class Shares:
    """Both exports as they are mounted here, and the numbers of the two groups."""

    admin_root: Path = Path("/home/admin")
    shared_root: Path = Path("/nfs")
    admin_gid: int = 3001
    data_gid: int = 3000

    def gid(self, group: str) -> int:
        """Return the number of ``admins`` or ``data``."""
        return self.admin_gid if group == ADMINS else self.data_gid

    def places(self) -> list[Place]:
        """Return every folder that a school needs before its first start."""
        admin, shared = self.admin_root, self.shared_root
        state = shared / ".growth-admin"
        return [
            Place(admin, ADMINS, 0o2770),
            Place(admin / "start", ADMINS, 0o2770),
            Place(admin / "logs", ADMINS, 0o2770),
            Place(admin / ".growth-admin", ADMINS, 0o2770),
            Place(shared, ANY, 0o755),
            Place(shared / "bin", ADMINS, 0o2775),
            Place(shared / "data", DATA, 0o2775),
            # sticky: TAs write beside the notices and may not put others in their place
            Place(state, DATA, 0o3775),
            Place(state / "notices", ADMINS, 0o2775),
            Place(state / "receipts", DATA, 0o2770),
            Place(state / "replies", ADMINS, 0o3773),
        ]


def prepare(shares: Shares) -> list[Check]:
    """Make what is missing, leave what is there as it is, and return what was made.

    Where there is no start script at all, the shipped ones are put: a school begins with them.
    """
    return [*(_made(shares, place) for place in shares.places()), *_scripts(shares)]


def _scripts(shares: Shares) -> Iterator[Check]:
    start = shares.admin_root / "start"
    if any(os.path.lexists(start / name) for name in SCRIPTS):
        return
    for name in SCRIPTS:
        try:
            text = (chain_source() / name).read_bytes()
            create_exclusive(start / name, text, mode=0o770)
            yield Check(name=f"script {name}", is_good=True, finding="made, as shipped")
        except GrowthError as e:
            yield Check(name=f"script {name}", is_good=False, finding=e.detail, hint=e.hint)


def _made(shares: Shares, place: Place) -> Check:
    name = f"folder {place.path}"
    try:
        is_export = place.path in (shares.admin_root, shares.shared_root)
        is_new = not place.path.exists()
        if is_new:
            place.path.mkdir(parents=True)
        if is_new or (is_export and _is_untouched(place.path)):
            if place.group:
                os.chown(place.path, -1, shares.gid(place.group))
            place.path.chmod(place.mode)
            return Check(name=name, is_good=True, finding=f"made, mode {place.mode:o}")
    except OSError as e:
        return Check(
            name=name,
            is_good=False,
            finding=f"cannot be made: {e.strerror}",
            hint="Export it read-write and with no_root_squash to the cluster's nodes (and to "
            "them only), or make it on the NFS server.",
        )
    return Check(name=name, is_good=True, finding="is there")


def _is_untouched(folder: Path) -> bool:
    """Return whether an export is new: root's, with nothing in it that is not a file system's."""
    found = folder.stat()
    names = {entry.name for entry in folder.iterdir()} - {"lost+found"}
    return found.st_uid == found.st_gid == 0 and not names


def check_folders(shares: Shares) -> list[Check]:
    """Return how the folders stand and what the storage can do. Leaves nothing behind."""
    found = [_mode(shares, place) for place in shares.places()]
    trials: list[tuple[str, Path, Callable[[Path], tuple[bool, str, str]]]] = [
        ("root writes logs", shares.admin_root / "logs", _keeps_root),
        ("numbers of users", shares.shared_root / ".growth-admin" / "receipts", _keeps_numbers),
        ("publishing in one step", shares.shared_root / "data", _swaps),
        ("staging and publishing", _staging(shares), _one_export(shares)),
    ]
    if os.geteuid() == 0:
        found += [_tried(*trial) for trial in trials]
    found += list(_room(shares))
    return found


def _mode(shares: Shares, place: Place) -> Check:
    name = f"mode of {place.path}"
    try:
        now = place.path.stat()
    except OSError as e:
        return Check(name=name, is_good=False, finding=str(e.strerror), hint=_PREPARING)
    wrong = list(_wrong(shares, place, now))
    group = f"chgrp {shares.gid(place.group)} {place.path} && " if place.group else ""
    return Check(
        name=name,
        is_good=not wrong,
        finding=", ".join(wrong) or f"{stat.S_IMODE(now.st_mode):o}, group {now.st_gid}",
        hint=f"As root: {group}chmod {place.mode:o} {place.path}" if wrong else "",
    )


def _wrong(shares: Shares, place: Place, now: os.stat_result) -> Iterator[str]:
    mode = stat.S_IMODE(now.st_mode)
    if place.group and now.st_gid != shares.gid(place.group):
        yield f"its group is {now.st_gid}, not {shares.gid(place.group)} ({place.group})"
    if mode & 0o007 & ~place.mode:
        yield f"others may do too much ({mode:o})"
    if place.mode & 0o007 & ~mode:
        yield f"others may do too little ({mode:o})"
    if place.group and place.mode & 0o070 & ~mode:
        yield f"its group may do too little ({mode:o})"
    if place.mode & stat.S_ISVTX & ~mode:
        yield f"the sticky bit is missing ({mode:o})"


def _tried(name: str, folder: Path, trial: Callable[[Path], tuple[bool, str, str]]) -> Check:
    scratch = folder / f".growth-check-{secrets.token_hex(4)}"
    try:
        scratch.mkdir(mode=0o700)
        is_good, finding, hint = trial(scratch)
    except OSError as e:
        is_good, finding = False, f"{folder}: {e.strerror}"
        is_absent = e.errno == errno.ENOENT
        hint = _PREPARING if is_absent else _EXPORTING
    finally:
        _clear(scratch)
    return Check(name=name, is_good=is_good, finding=finding, hint="" if is_good else hint)


def _keeps_root(scratch: Path) -> tuple[bool, str, str]:
    owner = scratch.stat().st_uid
    return (
        owner == 0,
        "what root writes is root's" if owner == 0 else f"what root writes becomes {owner}'s",
        "The NFS server squashes root: the start chain could not read the scripts nor write logs. "
        "Export with no_root_squash, to the nodes only: no student is ever root.",
    )


def _keeps_numbers(scratch: Path) -> tuple[bool, str, str]:
    """Give a file to a number that no account has, as every student's files do."""
    file = scratch / "file"
    file.write_bytes(b"x")
    os.chown(file, 583_231, 100)
    now = file.stat()
    is_kept = (now.st_uid, now.st_gid) == (583_231, 100)
    return (
        is_kept,
        "owners are kept" if is_kept else f"583231:100 became {now.st_uid}:{now.st_gid}",
        "The server maps numbers (all_squash, or NFSv4 id mapping by names): files of students "
        "would lose their owners. Export without all_squash; for NFSv4 set sec=sys and switch "
        "idmapping off (nfsd nfs4_disable_idmapping=Y).",
    )


def _swaps(scratch: Path) -> tuple[bool, str, str]:
    """Publish as the datasets do: staged beside, linked, renamed over what is there."""
    staged, current, second = scratch / "staged", scratch / "current", scratch / "second"
    current.symlink_to("v1")
    staged.symlink_to("v2")
    staged.replace(current)
    plain = scratch / "plain"
    plain.write_bytes(b"x")
    with suppress(OSError):
        os.link(plain, second)
    is_whole = current.readlink() == Path("v2") and second.exists()
    return (
        is_whole,
        "rename and link work" if is_whole else "links or renames do not work",
        "This is no NFS that datasets can be published on; use a server that has hard links.",
    )


def _staging(shares: Shares) -> Path:
    """Return where datasets are prepared: a folder of its own once there was one."""
    data = shares.shared_root / "data"
    return found if (found := data / ".staging").is_dir() else data


def _one_export(shares: Shares) -> Callable[[Path], tuple[bool, str, str]]:
    """Return the trial that renames a folder from where it is staged to where it is read."""

    def trial(scratch: Path) -> tuple[bool, str, str]:
        version, published = (
            scratch / "version",
            shares.shared_root / "data" / f"{scratch.name}-moved",
        )
        version.mkdir()
        try:
            version.rename(published)
        except OSError as e:
            version.rmdir()
            if e.errno != errno.EXDEV:
                raise
            return (
                False,
                "they are two file systems",
                f"A version could not be published in one step. Unmount {scratch.parent}, so that "
                "it lies on the export of the data.",
            )
        published.rmdir()
        return True, "are on one export", ""

    return trial


def _clear(scratch: Path) -> None:
    with suppress(OSError):
        for entry in scratch.iterdir():
            entry.unlink()
        scratch.rmdir()


def _room(shares: Shares) -> Iterator[Check]:
    """Look at free space; and whether both are mounts at all, not folders of the container."""
    root = Path("/").stat().st_dev
    for folder in (shares.admin_root, shares.shared_root):
        with suppress(OSError):
            free = os.statvfs(folder)
            free_bytes = free.f_bavail * free.f_frsize
            is_mount = folder.stat().st_dev != root
            finding = f"{in_words(free_bytes)} free" + ("" if is_mount else ", and it is no mount")
            yield Check(
                name=f"disk of {folder}",
                is_good=is_mount and free_bytes >= LOW_BYTES,
                finding=finding,
                hint="Make room on the NFS server."
                if is_mount
                else "Without the mount everything written here is lost with the container.",
            )
