"""Where tries lie: a folder of the container's own disk, which is gone with the server.

<temporary folder>/growth-try-<user>-<hash of the school's folder and our uid>/
  kernels/<id>/kernel.json   what Lab's list of kernels reads
  envs/<id>/                 the environment
  <id>.json                  what was asked for, and what came of it

Nothing is written into the home: a home lasts, and a try must not.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from growth_admin.core.errors import GrowthError, NotFound, StorageUnavailable
from growth_admin.core.fsops import list_names, read_bytes, storage_errors, write_atomic
from growth_admin.core.plan import digest_of
from growth_admin.images.tryouts.models import TryOutRecord

ID: Final = re.compile(r"try-[0-9a-f]{8}")


class TryPlace:
    """The tries of one user on this machine."""

    def __init__(self, user: str, school: Path, folder: str = "") -> None:
        safe = "".join(c if c.isalnum() or c in "_-" else "+" for c in user)
        base = Path(folder or tempfile.gettempdir())
        self.root = base / f"growth-try-{safe}-{digest_of(str(school), os.getuid())[:8]}"

    @property
    def kernels(self) -> Path:
        """The folder that a server looks into for kernels."""
        return self.root / "kernels"

    def env(self, tryout: str) -> Path:
        """The environment of one try."""
        return self.root / "envs" / tryout

    def kernel(self, tryout: str) -> Path:
        """The kernel of one try."""
        return self.kernels / tryout

    def prepare(self) -> None:
        """Make the folders, ours and closed to others.

        Raises ``StorageUnavailable`` where somebody else made them first: what lies there would
        run with our rights.
        """
        with storage_errors(self.root):
            for folder in (self.root, self.kernels, self.root / "envs"):
                with suppress(FileExistsError):
                    folder.mkdir(mode=0o700)
                found = folder.lstat()
                is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
                if not is_ours or stat.S_IMODE(found.st_mode) & 0o077:
                    raise StorageUnavailable(
                        f"{folder} was not made by this server, or is open to others.",
                        hint="Remove it, or set TryOuts.folder to a folder of your own.",
                    )

    def clear(self) -> None:
        """Remove all tries, as far as that is possible."""
        if not self.root.is_symlink():
            shutil.rmtree(self.root, ignore_errors=True)

    def list_records(self) -> list[TryOutRecord]:
        """Return the tries, newest first. Raises ``StorageUnavailable``."""
        found = []
        for name in list_names(self.root):
            stem, _, end = name.rpartition(".")
            if end == "json" and ID.fullmatch(stem):
                with suppress(NotFound):  # removed at this moment
                    found.append(self.load(stem))
        return sorted(found, key=lambda one: one.created, reverse=True)

    def load(self, tryout: str) -> TryOutRecord:
        """Return one. Raises ``NotFound`` or ``StorageUnavailable``."""
        if not ID.fullmatch(tryout):
            raise NotFound(f"There is no try {tryout[:40]!r}.", hint="List the tries.")
        try:
            return TryOutRecord.from_record_json(read_bytes(self._file(tryout)))
        except NotFound:
            raise NotFound(
                f"There is no try {tryout} on this server.",
                hint="List the tries: they end with the server that they were made on.",
            ) from None
        except ValidationError as e:
            raise StorageUnavailable(f"The record of {tryout} cannot be read.") from e

    def save(self, record: TryOutRecord) -> None:
        """Keep the record. Raises ``StorageFull`` or ``StorageUnavailable``."""
        write_atomic(self._file(record.id), record.model_dump_json().encode(), is_private=True)

    def remove(self, tryout: str) -> None:
        """Remove one: its kernel first, so that Lab offers none that cannot start."""
        for folder in (self.kernel(tryout), self.env(tryout)):
            shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):
            self._file(tryout).unlink()
        if self.env(tryout).exists():
            raise GrowthError(
                f"Not all of {tryout} could be removed.", hint="It goes with this server."
            )

    def _file(self, tryout: str) -> Path:
        return self.root / f"{tryout}.json"
