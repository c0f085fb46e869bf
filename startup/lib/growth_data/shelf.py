"""What is published: DATA/<name> is a link to .versions/<name>/<vN>, or a plain folder.

The record of a version, .versions/<name>/<vN>.json, says how it is delivered and what its manifest
is called (MANIFEST.json, unless the data has a file of that name); the manifest names each file
with its size and SHA-256.
"""

from __future__ import annotations

import json
import os
import stat

_RECORD_LIMIT_BYTES = 1024 * 1024
_MANIFEST_LIMIT_BYTES = 256 * 1024 * 1024
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Unusable(Exception):
    """Something published cannot be used; the text says what and why."""


class Published:
    """A dataset as it is published now. `version` is empty for a plain folder."""

    def __init__(self, data: str, name: str, version: str) -> None:
        self.name = name
        self.path = os.path.join(data, name)
        self.version = version
        self.version_path = os.path.join(data, ".versions", name, version) if version else self.path

    def read_delivery(self) -> str:
        """`link` or `copy`. Raises Unusable when nothing readable says so."""
        if not self.version:
            return "link"
        return "copy" if self._read_record().get("delivery") == "copy" else "link"

    def read_manifest(self) -> dict[str, tuple[str, int]]:
        """Each file's SHA-256 and size in bytes, by path. Raises Unusable."""
        name = str(self._read_record().get("manifest") or "MANIFEST.json")
        path = os.path.join(self.version_path, os.path.basename(name))
        try:
            listed = _read_json(path, _MANIFEST_LIMIT_BYTES)["files"]
            return {
                _safe_path(one["path"]): (_digest(one["sha256"]), int(one["size_bytes"]))
                for one in listed
            }
        except (KeyError, TypeError, ValueError) as odd:
            raise Unusable(f"{path} is not a manifest: {odd}") from odd

    def _read_record(self) -> dict[str, Any]:
        return _read_json(f"{self.version_path}.json", _RECORD_LIMIT_BYTES)


def list_published(data: str) -> list[Published]:
    """What can be looked at now, by name. Raises OSError when the folder cannot be listed."""
    with os.scandir(data) as entries:
        names = sorted(entry.name for entry in entries if not entry.name.startswith("."))
    return [
        Published(data, name, _version_of(data, name))
        for name in names
        if not is_gone(os.path.join(data, name))
    ]


def is_gone(path: str) -> bool:
    """Whether nothing is there. What only cannot be looked at now is not gone."""
    try:
        os.stat(path)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


def _version_of(data: str, name: str) -> str:
    """The version that is current, empty if the name is not ours."""
    try:
        target = os.readlink(os.path.join(data, name))
    except OSError:
        return ""
    head, _, version = target.rpartition("/")
    is_ours = head == f".versions/{name}" and is_version(version) and _PLAIN.issuperset(name)
    return version if is_ours else ""


def is_version(text: str) -> bool:
    """Whether this is the name of a version, such as v3."""
    return text[:1] == "v" and text[1:].isascii() and text[1:].isdigit() and len(text) <= 10


def _read_json(path: str, limit_bytes: int) -> dict[str, Any]:
    """The object in a plain file. Raises Unusable."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode) or found.st_size > limit_bytes:
                raise Unusable(f"{path} is no file that can be read")
            value = json.loads(file.read())
    except OSError as failed:
        raise Unusable(f"{path}: {failed.strerror}") from failed
    except (ValueError, RecursionError) as odd:
        raise Unusable(f"{path} is not JSON: {odd}") from odd
    if not isinstance(value, dict):
        raise Unusable(f"{path} is not an object")
    return value


def _safe_path(path: Any) -> str:
    """A path that stays below its folder. Raises ValueError."""
    parts = path.split("/") if isinstance(path, str) else [""]
    if "\0" in path or not all(part and part not in (".", "..") for part in parts):
        raise ValueError(f"{path!r} is not a safe path")
    return str(path)


def _digest(text: Any) -> str:
    if not (isinstance(text, str) and len(text) == 64 and _PLAIN.issuperset(text)):
        raise ValueError(f"{text!r} is not a SHA-256")
    return text
