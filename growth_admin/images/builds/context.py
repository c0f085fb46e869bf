"""The folder that is built: a copy of the source, so that nobody changes it meanwhile."""

from __future__ import annotations

import errno
import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from growth_admin.core.errors import StorageFull, StorageUnavailable
from growth_admin.images.builds.marks import BUILD_PREFIX

LEFT_OUT: Final = shutil.ignore_patterns(".git", ".growth-admin", "__pycache__", ".*.swp", "*~")


@contextmanager
def copied(source: Path, work_folder: str, mark: str) -> Iterator[Path]:
    """Yield a copy of the source, gone afterwards; its folder is known by a mark (``marks.py``).

    Raises ``StorageFull``, ``StorageUnavailable``.

    Links are copied as links: what is outside of the source is no part of it.
    """
    with ExitStack() as stack:
        try:
            made = tempfile.TemporaryDirectory(
                prefix=f"{BUILD_PREFIX}{mark}-", dir=work_folder or None
            )
            copy = Path(stack.enter_context(made), "source")
            shutil.copytree(source, copy, symlinks=True, ignore=LEFT_OUT)
        except OSError as e:  # shutil.Error is one
            if _is_full(e):
                raise StorageFull(
                    "There is no room for a copy of the image's source.",
                    hint="Make room in ImageBuilder.work_folder. Nothing was built.",
                ) from e
            raise StorageUnavailable(f"{source} cannot be copied: {e}"[:500]) from e
        yield copy


def digest_of(folder: Path) -> str:
    """Return a hash over the names, modes and contents of all files of a folder, in hex."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            total.update(f"link {name} {path.readlink()}\n".encode())
        elif path.is_file():
            data = path.read_bytes()
            mode = "x" if path.stat().st_mode & 0o100 else "-"
            total.update(f"file {mode} {name} {hashlib.sha256(data).hexdigest()}\n".encode())
    return total.hexdigest()


def _is_full(error: OSError) -> bool:
    # copytree goes on after a failure, and says in words what each file met
    return error.errno in (errno.ENOSPC, errno.EDQUOT) or "No space left" in str(error)
