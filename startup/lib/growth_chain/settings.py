"""What the environment says about this start."""

from __future__ import annotations

import os

SCRIPTS = ("as-root.sh", "as-user.sh")
_HEX = frozenset("0123456789abcdef")
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@+")


class Settings:
    """One start's settings. `notes` collects what was refused and why."""

    def __init__(self, environ: dict[str, str], *, is_root: bool) -> None:
        self.notes: list[str] = []
        self.is_root = is_root
        self.environ = environ
        self.user = environ.get("NB_USER") or environ.get("JUPYTERHUB_USER") or "unknown"
        self.server_name = environ.get("JUPYTERHUB_SERVER_NAME", "")
        self.hub_user = environ.get("JUPYTERHUB_USER", "")
        self.github_id = environ.get("GROWTH_GITHUB_ID", "")
        self.image = environ.get("GROWTH_IMAGE", "")
        self.image_digest = environ.get("GROWTH_IMAGE_DIGEST", "")
        self.revision = environ.get("GROWTH_SCRIPTS_REVISION", "")
        self.admin_root = environ.get("GROWTH_ADMIN_ROOT") or "/home/admin"
        self.shared_root = environ.get("GROWTH_SHARED_ROOT") or "/nfs"
        self.script_limit_s = self._seconds("GROWTH_START_LIMIT_S", 60)
        self.mount_limit_s = self._seconds("GROWTH_MOUNT_LIMIT_S", 5)
        self.group_ids = {
            name: environ[name] for name in _GROUP_VARIABLES if environ.get(name, "").strip()
        }

    @property
    def logs_folder(self) -> str:
        """Where logs go; records go to `records` below it."""
        return os.path.join(self.admin_root, "logs")

    @property
    def scripts_folder(self) -> str | None:
        """The folder to run from: live, or a canary's candidate; None for a bad candidate id.

        A bad id must not fall back to the live scripts: the canary would pass for the wrong text.
        """
        if not self.revision:
            return os.path.join(self.admin_root, "start")
        if not (7 <= len(self.revision) <= 64 and _HEX.issuperset(self.revision)):
            return None
        return os.path.join(
            self.admin_root, ".growth-admin", "startup", "candidates", self.revision
        )

    @property
    def receipts_folder(self) -> str:
        """Where the organisers see who has which dataset."""
        return os.path.join(self.shared_root, ".growth-admin", "receipts")

    @property
    def file_stem(self) -> str:
        """How this server's files begin: `jane-doe`, or `jane-doe--canary` for a named server."""
        return _plain(f"{self.user}--{self.server_name}" if self.server_name else self.user)

    @property
    def plain_user(self) -> str:
        """How files are called that all of a user's servers share."""
        return _plain(self.user)

    def _seconds(self, name: str, default: int) -> int:
        """A limit in whole seconds, 1 to 99999, exactly as the shim reads it; else the default."""
        text = self.environ.get(name, "")
        if text and len(text) <= 5 and text.isascii() and text.isdigit() and int(text) > 0:
            return int(text)
        if text:
            self.notes.append(f"{name}={text[:20]!r} is not a number of seconds; {default} used")
        return default


def _plain(name: str) -> str:
    """A name as one component of a path."""
    plain = "".join(letter if letter in _PLAIN else "_" for letter in name)[:120]
    return f"_{plain[1:]}" if plain.startswith(".") else plain


_GROUP_VARIABLES = ("GROWTH_DATA_GID", "GROWTH_ADMIN_GID")
