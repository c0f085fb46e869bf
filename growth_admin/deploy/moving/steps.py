"""The single steps of a move, each of which may be done twice, and each way round."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from growth_admin.core.fsops import storage_errors
from growth_admin.deploy.moving.planning import STATE, Change, Move, NewFolder, Standing
from growth_admin.deploy.moving.record import Inventory
from growth_admin.deploy.moving.tree import RECORD, Roots, opened, root_allowed

_GONE: Final = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)


@dataclass
class Steps:
    """Steps on both exports; ``told`` collects what was found otherwise than expected."""

    roots: Roots
    changed: int = 0
    told: list[str] = field(default_factory=list)

    # -- forwards

    def make(self, folder: NewFolder) -> None:
        """Make a folder, or give one that was half made its group and mode."""
        parent, _, name = folder.path.rpartition("/")
        root = self.roots[folder.export]
        with storage_errors(root / folder.path), root_allowed(root / folder.path):
            with opened(root, parent or ".", "folder") as fd, suppress(FileExistsError):
                os.mkdir(name, 0o700, dir_fd=fd)
                self.changed += 1
            with opened(root, folder.path, "folder") as fd:
                os.fchown(fd, -1, -1 if folder.gid is None else folder.gid)
                os.fchmod(fd, folder.mode)

    def settle(self, change: Change, wanted: Standing) -> None:
        """Set one thing to how it stood or will stand, unless somebody else changed it."""
        root = self.roots[change.export]
        with storage_errors(root / change.path), root_allowed(root / change.path):
            try:
                with opened(root, change.path, change.kind) as fd:
                    if self._is_ours(fd, change):
                        self.changed += _set(fd, wanted)
            except OSError as e:
                if e.errno not in _GONE:
                    raise
                self.told.append(f"{change.path!a} is gone, or something else by now")

    def _is_ours(self, fd: int, change: Change) -> bool:
        """Return whether a thing stands as before, as after, or half way; tell if not."""
        now = os.fstat(fd)
        found = Standing(now.st_uid, now.st_gid, stat.S_IMODE(now.st_mode))
        ends = (change.before, change.after)
        # chown takes the setuid and setgid bits away, and whoever is killed then leaves it so
        modes = {mode for end in ends for mode in (end.mode, end.mode & ~0o6000)}
        is_kind = stat.S_ISDIR(now.st_mode) == (change.kind == "folder")
        is_ours = (
            is_kind
            and found.uid == change.before.uid
            and found.gid in {end.gid for end in ends}
            and found.mode in modes
        )
        if not is_ours:
            said = f"{found.uid}:{found.gid} {found.mode:o}"
            self.told.append(f"{change.path!a} was changed meanwhile ({said}); left as it is")
        return is_ours

    # -- backwards

    def put_state_aside(self, move: Move) -> None:
        """Move our own state away whole, if there was none before; an empty one is removed."""
        for export, root in self.roots.items():
            if not any(f.export == export and f.path == STATE for f in move.folders):
                continue
            for folder in reversed(move.folders):
                if folder.export == export and folder.path.startswith(f"{STATE}/"):
                    with suppress(OSError):
                        (root / folder.path).rmdir()
            with suppress(OSError):
                (root / STATE).rmdir()
            if (root / STATE).exists():
                self._rename_aside(root / STATE, self._aside(export, root))

    def _rename_aside(self, state: Path, aside: Path) -> None:
        with storage_errors(state):
            state.rename(aside)
            aside.chmod(0o700)
        self.told.append(f"the console's history and records are kept in {aside}")

    def _aside(self, export: str, root: Path) -> Path:
        """Return a free name on the same export."""
        base = root / RECORD / "undone" if export == "admin" else root / f"{STATE}-undone"
        number = 1
        while (aside := base.with_name(f"{base.name}-{number}")).exists():
            number += 1
        return aside

    def unmake(self, folder: NewFolder) -> None:
        """Remove a made folder, unless something came into it."""
        path = self.roots[folder.export] / folder.path
        try:
            path.rmdir()
            self.changed += 1
        except FileNotFoundError:
            pass
        except OSError:
            self.told.append(f"{path} holds what came after the move, and is kept")

    def restore_times(self, move: Move, before: Inventory) -> None:
        """Give folders in which only we made something their times back."""
        names: dict[tuple[str, str], set[str]] = {}
        for export, path in before:
            if path != ".":
                parent, _, name = path.rpartition("/")
                names.setdefault((export, parent or "."), set()).add(name)
        parents = {(f.export, f.path.rpartition("/")[0] or ".") for f in move.folders}
        for export, path in {*parents, ("admin", ".")}:
            was = before.get((export, path))
            with suppress(OSError), opened(self.roots[export], path, "folder") as fd:
                now = set(os.listdir(fd)) - (
                    {RECORD} if (export, path) == ("admin", ".") else set()
                )
                if was is not None and now == names.get((export, path), set()):
                    os.utime(fd, ns=(os.fstat(fd).st_atime_ns, was.mtime_ns))


def _set(fd: int, wanted: Standing) -> bool:
    now = os.fstat(fd)
    if (now.st_uid, now.st_gid, stat.S_IMODE(now.st_mode)) == wanted:
        return False
    os.fchown(fd, wanted.uid, wanted.gid)
    os.fchmod(fd, wanted.mode)
    return True
