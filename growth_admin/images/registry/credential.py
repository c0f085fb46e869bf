"""With what the registry is asked: a login from a file that only admins read.

What is secret in it leaves this module as a header only. Source: docker, "config.json" (auths).
"""

from __future__ import annotations

import base64
import binascii
import json
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from growth_admin.core.errors import GrowthError, NotConfigured
from growth_admin.core.fsops import read_bytes
from growth_admin.images.registry.settings import HUB

LONGEST_FILE_BYTES: Final = 100_000
SETTING: Final = "ImageRegistry.credential_file"
REMOVED: Final = "[removed]"


@dataclass(frozen=True)
class Login:
    """Who we are at the registry."""

    name: str
    password: str = field(repr=False)

    def header(self) -> str:
        """Return the value of ``Authorization`` (RFC 7617)."""
        return "Basic " + base64.b64encode(f"{self.name}:{self.password}".encode()).decode()

    def hide(self, text: str) -> str:
        """Return the text without the password, should the registry have echoed it."""
        for secret in (self.password, self.header().removeprefix("Basic ")):
            text = text.replace(secret, REMOVED)
        return text


def read_login(file: str, host: str) -> Login | None:
    """Return the login for a registry's host, nothing if no file is set.

    Read when it is used: a file that was replaced is used at once. Raises ``NotConfigured``.
    """
    if not file:
        return None
    path = Path(file).expanduser()
    _require_closed(path)
    try:
        text = read_bytes(path, limit_bytes=LONGEST_FILE_BYTES).decode()
    except (GrowthError, UnicodeDecodeError):
        raise _unusable(path, "it cannot be read as text") from None
    found = _of_json(text, host, path) if text.lstrip().startswith("{") else _of_line(text.strip())
    if found is None:
        raise _unusable(path, f"it holds no login for {host}")
    return found


def _require_closed(path: Path) -> None:
    try:
        found = path.stat()
    except OSError as e:
        raise _unusable(path, e.strerror or "it is not there") from None
    if not stat.S_ISREG(found.st_mode):
        raise _unusable(path, "it is no file")
    if found.st_mode & (stat.S_IROTH | stat.S_IWOTH):
        raise NotConfigured(
            f"{path} ({SETTING}) is open to everybody on this machine and is not used.",
            hint=f"Let admins only read it: chmod 640 {path}, with the admins' group. If students "
            "could read it, change the password at the registry.",
        )


def _of_line(text: str) -> Login | None:
    name, colon, password = text.partition(":")
    is_one_line = "\n" not in text and text.isprintable()
    return Login(name, password) if colon and name and password and is_one_line else None


def _of_json(text: str, host: str, path: Path) -> Login | None:
    try:
        known = json.loads(text)["auths"]
        entry = next((known[name] for name in known if _host_of(name) == host), None)
        entry = entry or known.get(docker_key(host))
        if entry is None:
            return None
        if "auth" in entry:
            return _of_line(base64.b64decode(entry["auth"], validate=True).decode())
        return _of_line(f"{entry['username']}:{entry['password']}")
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        raise _unusable(path, "it is not the JSON that docker and podman write") from None


def docker_key(host: str) -> str:
    """Return under which name Docker keeps the login for a registry's host."""
    return f"https://index.{host}/v1/" if host == HUB else host


def _host_of(name: str) -> str:
    return name.partition("://")[2].partition("/")[0] if "://" in name else name.partition("/")[0]


def _unusable(path: Path, why: str) -> NotConfigured:
    return NotConfigured(
        f"{path} ({SETTING}) cannot be used: {why}.",
        hint="It must hold LOGIN:PASSWORD on one line, or the JSON of docker login, and be "
        "readable for admins and for nobody else.",
    )
