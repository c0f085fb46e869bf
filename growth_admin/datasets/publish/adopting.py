"""What stood in the data folder before anything was published under that name."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from growth_admin.core.errors import Conflict
from growth_admin.datasets.publish.folder import Folder


def take_in(data: Folder, name: str, folder: Folder, version: str) -> None:
    """Make what stands at ``name`` the tree of a version, as it is. Safe to repeat.

    A file, or a link to somewhere else, stays in its place until the new link is renamed over it:
    readers see no gap. The name of a folder is gone between this rename and that one. Raises
    ``Conflict`` if it may not be moved, or if something else stands there by now.
    """
    found = data.stat(name)
    if found is None:
        return
    try:
        if stat.S_ISDIR(found.st_mode):
            if folder.stat(version) is not None:
                raise in_the_way(data, name)
            data.move(name, folder, version)
        elif stat.S_ISLNK(found.st_mode):
            target = os.path.normpath(data.path / data.link_target(name))
            os.symlink(target, version, dir_fd=folder.fd)
        else:
            os.link(name, version, src_dir_fd=data.fd, dst_dir_fd=folder.fd, follow_symlinks=False)
    except (FileNotFoundError, IsADirectoryError):
        return  # another server was faster
    except FileExistsError:
        _require_same(data, name, folder, version)
    except PermissionError as e:
        raise _of_somebody_else(data.path / name) from e


def require_movable(path: Path) -> None:
    """Raise the ``Conflict`` of ``take_in`` where it can be foreseen: before anything is fetched.

    A folder that goes to another folder is itself written (its ``..``), so it must be writable.
    """
    if path.is_dir() and not path.is_symlink() and not os.access(path, os.W_OK):
        raise _of_somebody_else(path)


def _of_somebody_else(path: Path) -> Conflict:
    return Conflict(
        f"{path} was not published here and belongs to somebody else.",
        hint="Choose another name, or ask its owner to move it away or make it group-writable.",
    )


def _require_same(data: Folder, name: str, folder: Folder, version: str) -> None:
    """Return if what stands there was taken in already, by us or by another server."""
    here, kept = data.stat(name), folder.stat(version)
    if here is None or kept is None or stat.S_ISLNK(here.st_mode):
        return
    if not os.path.samestat(here, kept):
        raise in_the_way(data, name)


def in_the_way(data: Folder, name: str) -> Conflict:
    """Return what to raise when something unmanaged stands where a link should be."""
    return Conflict(
        f"Something that was not published here stands at {data.path / name}.",
        hint="Move it away, or publish anew: it is then kept as a version of its own.",
    )
