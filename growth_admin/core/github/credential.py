"""With what GitHub is asked: an App's installation or a token, from files that only admins read.

What is secret in them leaves this module as headers of requests only.
Source: GitHub, "Authenticating as a GitHub App installation"; "Managing your personal access
tokens".
"""

from __future__ import annotations

import os
import re
import stat
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

import github.Auth
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from growth_admin.core.errors import GrowthError, NotConfigured
from growth_admin.core.fsops import read_bytes
from growth_admin.core.github.settings import GitHub

Kind = Literal["app", "token"]
LONGEST_FILE_BYTES: Final = 20_000
RENEW_BEFORE_S: Final = 300.0
LONGEST_LIFE_S: Final = 3_300.0
SHORTEST_LIFE_S: Final = 60.0
USERS_GID: Final = 100
"""``users``, the first group of everybody in the Jupyter Docker Stacks."""
REMOVED: Final = "[removed]"
SECRETS: Final = re.compile(r"\b(?:gh[pousr]_|github_pat_|eyJ)[\w.-]{16,}")
"""What tokens and signatures of GitHub look like."""


@dataclass(frozen=True)
class InstallationToken:
    """What GitHub gives an App for an hour: the token, and what it may."""

    value: str = field(repr=False)
    expires: datetime
    permissions: dict[str, str]


Mint = Callable[["github.Auth.AppAuth"], InstallationToken]
"""Asks GitHub for an installation's token, with the App's own signature."""


class InstallationAuth(github.Auth.Auth):
    """Signs requests with an installation's token and renews it before it ends.

    PyGithub's own class asks several times when several threads find the token old, and its
    requester logs the reply that holds the new one.
    """

    def __init__(
        self, app: github.Auth.AppAuth, mint: Mint, *, shortest_life_s: float = SHORTEST_LIFE_S
    ) -> None:
        self._app, self._mint, self._shortest_life_s = app, mint, shortest_life_s
        self._lock = threading.Lock()
        self._held: InstallationToken | None = None
        self._good_until = 0.0

    @property
    def token_type(self) -> str:
        """See ``Auth``."""
        return "token"

    @property
    def token(self) -> str:
        """See ``Auth``; asks GitHub when there is none that is good. Raises as ``mint``."""
        return self.held().value

    def held(self) -> InstallationToken:
        """Return a good token with what it may. Raises as ``mint``."""
        with self._lock:
            if self._held is None or time.monotonic() >= self._good_until:
                self._held = self._mint(self._app)
                life_s = self._held.expires.timestamp() - time.time() - RENEW_BEFORE_S
                # this machine's clock may be wrong: a token lives an hour, whatever it says
                life_s = min(max(life_s, self._shortest_life_s), LONGEST_LIFE_S)
                self._good_until = time.monotonic() + life_s
            return self._held

    def forget(self, value: str) -> None:
        """Ask for a new token next time, if this is still the one at hand."""
        with self._lock:
            if self._held is not None and self._held.value == value:
                self._held = None

    @property
    def at_hand(self) -> str:
        """The token, if there is one; asks nobody."""
        held = self._held
        return held.value if held else ""


@dataclass(frozen=True)
class Credential:
    """One that was read. ``title`` names it for people, with its file; nobody signs without."""

    kind: Kind
    title: str
    path: Path
    auth: github.Auth.Auth | None = field(default=None, repr=False)
    app: github.Auth.AppAuth | None = field(default=None, repr=False)

    def require_auth(self) -> github.Auth.Auth:
        """Return what signs requests."""
        assert self.auth is not None, "only a credential that was read is asked for this"
        return self.auth

    def permissions(self) -> dict[str, str] | None:
        """Return what the App's installation may; None for a token. Raises as a call does."""
        return self.auth.held().permissions if isinstance(self.auth, InstallationAuth) else None

    def renew(self, refused: str) -> bool:
        """Let go of a token that was refused; return whether there will be another one."""
        if not isinstance(self.auth, InstallationAuth):
            return False
        self.auth.forget(refused)
        return True

    @property
    def at_hand(self) -> str:
        """The secret that the next request would carry, empty if it has to be asked for."""
        if isinstance(self.auth, InstallationAuth):
            return self.auth.at_hand
        return self.auth.token if isinstance(self.auth, github.Auth.Token) else ""

    def begins_with(self, prefix: str) -> bool:
        """Return whether a token begins like those of a kind (``ghp_``)."""
        return self.kind == "token" and self.at_hand.startswith(prefix)

    def is_open_to_group_of_all(self) -> bool:
        """Return whether its file is readable for the group that the images put everybody in."""
        found = self.path.stat()
        return found.st_gid == USERS_GID and bool(found.st_mode & stat.S_IRGRP)

    def hide(self, text: str) -> str:
        """Return the text without the secret, should somebody have echoed it."""
        secret = self.at_hand
        return SECRETS.sub(REMOVED, text.replace(secret, REMOVED) if secret else text)


class Credentials:
    """Reads the credential when it is used: a file that was replaced is used at once."""

    def __init__(self, settings: GitHub, mint: Mint) -> None:
        self._settings, self._mint = settings, mint
        self._lock = threading.Lock()
        self._read: tuple[tuple[Any, ...], Credential] | None = None

    def current(self) -> Credential:
        """Return the credential; the App goes before a token.

        Raises ``NotConfigured``, with what to set or to mend.
        """
        settings = self._settings
        is_app = bool(settings.app_id or settings.app_key_file)
        name = "app_key_file" if is_app else "token_file"
        path = self._path_of(name)
        found = _look(path, f"GitHub.{name}")
        mark = (name, path, found.st_mtime_ns, found.st_size, found.st_ino, settings.app_id)
        with self._lock:
            if self._read is None or self._read[0] != mark:
                self._read = (mark, self._app(path) if is_app else _token(path))
            return self._read[1]

    def _path_of(self, name: str) -> Path:
        settings = self._settings
        if name == "token_file" and not settings.token_file:
            raise NotConfigured(
                "There is no credential for GitHub on this server.",
                hint="Make a GitHub App with the organization permission Members: read and write, "
                "install it, and set GitHub.app_id and GitHub.app_key_file; or set "
                "GitHub.token_file.",
            )
        if name == "app_key_file" and not (settings.app_id and settings.app_key_file):
            lacking = "GitHub.app_key_file" if settings.app_id else "GitHub.app_id"
            raise NotConfigured(
                f"A GitHub App is set, but not its {lacking}.",
                hint=f"Set {lacking}; both stand on the App's page at GitHub.",
            )
        return Path(str(getattr(settings, name))).expanduser()

    def _app(self, path: Path) -> Credential:
        key = _text(path, "GitHub.app_key_file")
        _require_key(path, key)
        number = self._settings.app_id.strip()
        app = github.Auth.AppAuth(number, key)
        return Credential(
            "app",
            f"GitHub App {number} (key in {path})",
            path,
            InstallationAuth(app, self._mint),
            app,
        )


def _token(path: Path) -> Credential:
    words = _text(path, "GitHub.token_file").split()
    if len(words) != 1 or not words[0].isascii() or not words[0].isprintable():
        raise NotConfigured(
            f"{path} holds no token.",
            hint="The file of GitHub.token_file must hold the token alone, on one line. The key of "
            "a GitHub App belongs to GitHub.app_key_file.",
        )
    return Credential("token", f"token in {path}", path, github.Auth.Token(words[0]))


def _require_key(path: Path, key: str) -> None:
    try:
        is_rsa = isinstance(load_pem_private_key(key.encode(), None), RSAPrivateKey)
    except (ValueError, TypeError):
        is_rsa = False
    if not is_rsa:
        raise NotConfigured(
            f"{path} holds no private key of a GitHub App.",
            hint="GitHub.app_key_file must be the .pem file that GitHub gave out on the App's page "
            "(Private keys, Generate a private key), not the client secret.",
        )


def _look(path: Path, setting: str) -> os.stat_result:
    """Return the state of a credential's file. Raises ``NotConfigured`` for one that is open."""
    try:
        found = path.stat()
    except OSError as e:
        raise _unreadable(path, setting, e.strerror or "it is not there") from None
    if not stat.S_ISREG(found.st_mode):
        raise _unreadable(path, setting, "it is no file")
    if found.st_mode & (stat.S_IROTH | stat.S_IWOTH):
        raise NotConfigured(
            f"{path} ({setting}) is open to everybody on this machine and is not used.",
            hint=f"Let admins only read it: chmod 640 {path}, with the admins' group. For a secret "
            "of Kubernetes set defaultMode: 0440. If students could read it, make a new one at "
            "GitHub.",
        )
    return found


def _text(path: Path, setting: str) -> str:
    try:
        return read_bytes(path, limit_bytes=LONGEST_FILE_BYTES).decode("utf-8")
    except UnicodeDecodeError:
        raise _unreadable(path, setting, "it is no text") from None
    except GrowthError as e:
        raise _unreadable(path, setting, e.detail) from None


def _unreadable(path: Path, setting: str, why: str) -> NotConfigured:
    return NotConfigured(
        f"{path} ({setting}) cannot be used: {why.rstrip('.')}.",
        hint="It must be there and readable for admins, and for nobody else.",
    )
