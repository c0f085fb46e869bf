"""What this student has, in ~/.local/share/growth-admin/datasets.json; the chain passes it on."""

from __future__ import annotations

import json
import os
import time

_LIMIT_BYTES = 256 * 1024
_DETAIL_LIMIT = 120
_NAME_LIMIT = 64
_DATASETS_KEPT = 200

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .settings import Settings


class Entry:
    """One dataset: `state` is current, behind, edited, partial or missing."""

    def __init__(
        self,
        name: str,
        delivery: str,
        version: str,
        state: str = "current",
        edited_files: int = 0,
        detail: str = "",
    ) -> None:
        self.name = name
        self.delivery = delivery
        self.version = version
        self.state = state
        self.edited_files = edited_files
        self.detail = detail

    def fields(self) -> dict[str, Any]:
        """As it stands in the receipt."""
        return {
            "name": self.name,
            "delivery": self.delivery,
            "version": self.version,
            "state": self.state,
            "edited_files": self.edited_files,
            "detail": "".join(
                letter if letter.isprintable() else "?" for letter in self.detail[:_DETAIL_LIMIT]
            ),
        }


class Receipt:
    """All entries, by name; and the name of the folder they stand in."""

    def __init__(self, folder: str = "", entries: dict[str, Entry] | None = None) -> None:
        self.folder = folder
        self.entries = entries or {}


def read(state: str) -> Receipt:
    """The receipt that the last run left; an empty one if it cannot be read."""
    try:
        with open(os.path.join(state, "datasets.json"), "rb") as file:
            value = json.loads(file.read(_LIMIT_BYTES))
        entries = [
            Entry(
                str(one["name"]),
                str(one["delivery"]),
                str(one["version"]),
                str(one["state"]),
                int(one["edited_files"]),
                str(one["detail"]),
            )
            for one in value["datasets"]
        ]
        return Receipt(str(value.get("folder", "")), {entry.name: entry for entry in entries})
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Receipt()


def write(settings: Settings, entries: dict[str, Entry]) -> None:
    """Leave the receipt, whole. Raises OSError."""
    # A folder with a name that nobody can read out has its link, and no row in the table.
    names = [name for name in sorted(entries) if name.isprintable() and len(name) <= _NAME_LIMIT]
    listed = [entries[name].fields() for name in names[:_DATASETS_KEPT]]
    value = {
        "schema": 1,
        "user": settings.user,
        "uid": os.getuid(),
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "folder": settings.folder_name,
        "datasets": listed,
    }
    write_whole(os.path.join(settings.state, "datasets.json"), json.dumps(value).encode())


def write_whole(path: str, data: bytes, *, is_synced: bool = False) -> None:
    """Put `data` at `path`: readers see the old content or the new one. Raises OSError."""
    staged = f"{path}.new"  # one run at a time; what a killed one left is written over
    try:
        with open(staged, "wb") as file:
            file.write(data)
            if is_synced:
                file.flush()
                os.fsync(file.fileno())
        os.rename(staged, path)
    except OSError:
        try:
            os.unlink(staged)
        except OSError:
            pass  # it was never made
        raise
