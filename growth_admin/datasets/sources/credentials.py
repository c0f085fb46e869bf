"""The hub's credentials for Google: an API key or a service account, read from files.

What is secret in them leaves this module only as headers of a request. Source: Google, system
parameters (``X-Goog-Api-Key``); RFC 7523 (JWT for a token), done by ``google-auth``.
"""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Protocol

import google.auth.exceptions
import google.auth.transport.requests
from google.oauth2 import service_account

from growth_admin.core.errors import NotConfigured
from growth_admin.datasets.sources.drive_tree import CredentialProblem
from growth_admin.datasets.sources.transport import Transport

SCOPES: Final = ("https://www.googleapis.com/auth/drive.readonly",)
TOKEN_URI: Final = "https://oauth2.googleapis.com/token"
LONGEST_FILE_BYTES: Final = 100_000
TOKEN_TIMEOUT_S: Final = 30.0


class Credential(Protocol):
    """What lets the hub ask Google's API. ``kind`` is one word, ``title`` names it for people."""

    kind: str
    title: str

    def headers(self, *, is_stale: bool = False) -> dict[str, str]:
        """Return the secret headers of a request; ``is_stale``: the last ones were refused.

        Raises ``SourceProblem``.
        """
        ...


class ApiKey:
    """A plain key: reads what anyone with the link may read, with sizes and checksums."""

    kind = "api_key"
    title = "Drive API key"

    def __init__(self, key: str) -> None:
        self._key = key

    def headers(self, *, is_stale: bool = False) -> dict[str, str]:
        """See ``Credential``; a header, so that no address and no log ever holds the key."""
        return {"X-Goog-Api-Key": self._key}


class ServiceAccount:
    """An account of the hub: reads also what was shared with its e-mail address."""

    kind = "service_account"

    def __init__(self, facts: dict[str, Any], transport: Callable[[str], Transport]) -> None:
        token_uri = str(facts.get("token_uri") or TOKEN_URI)
        make: Any = service_account.Credentials.from_service_account_info  # it has no types
        self._account: Any = make({**facts, "token_uri": token_uri}, scopes=list(SCOPES))
        self.email = str(facts.get("client_email", ""))
        self.title = f"service account {self.email}"
        self._transport = transport(token_uri)
        self._lock = threading.Lock()
        self._refused = ""

    def headers(self, *, is_stale: bool = False) -> dict[str, str]:
        """See ``Credential``; a token is fetched when there is none that is good."""
        with self._lock:
            if is_stale or not self._account.valid:
                self._refresh()
            return {"Authorization": f"Bearer {self._account.token}"}

    def _refresh(self) -> None:
        send = google.auth.transport.requests.Request(session=self._transport.session())
        try:
            self._account.refresh(functools.partial(send, timeout=TOKEN_TIMEOUT_S))
        except google.auth.exceptions.TransportError:
            raise CredentialProblem(
                "unreachable",
                "Google's token server gave no answer, so the service account cannot be used.",
                hint="Try again in a few minutes; check that the hub reaches the internet.",
                is_retryable=True,
            ) from None
        except google.auth.exceptions.GoogleAuthError:
            raise CredentialProblem(
                "refused",
                f"Google refuses the {self.title}.",
                hint="An admin must look at DriveSource.service_account_file: the key may have "
                "been deleted, or the hub's clock may be wrong.",
            ) from None


def read_credential(
    api_key_file: str, service_account_file: str, transport: Callable[[str], Transport]
) -> Credential | None:
    """Return the credential of the settings, the service account first; nothing if none is set.

    Raises ``NotConfigured`` for a file that cannot be used.
    """
    if service_account_file:
        return _service_account(Path(service_account_file), transport)
    if api_key_file:
        return _api_key(Path(api_key_file))
    return None


def _api_key(path: Path) -> ApiKey:
    words = _read(path, "DriveSource.api_key_file").split()
    if len(words) != 1 or not words[0].isascii() or not words[0].isprintable():
        raise NotConfigured(
            f"{path} holds no Drive API key.",
            hint="The file of DriveSource.api_key_file must hold the key alone, on one line.",
        )
    return ApiKey(words[0])


def _service_account(path: Path, transport: Callable[[str], Transport]) -> ServiceAccount:
    text = _read(path, "DriveSource.service_account_file")
    try:
        facts = json.loads(text)
        if not isinstance(facts, dict):
            raise ValueError("no object")
        return ServiceAccount(facts, transport)
    except (ValueError, KeyError, google.auth.exceptions.GoogleAuthError):
        raise NotConfigured(
            f"{path} is no key file of a service account.",
            hint="DriveSource.service_account_file must be the JSON file that the Google console "
            "gives for a key of a service account.",
        ) from None


def _read(path: Path, setting: str) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(LONGEST_FILE_BYTES)
    except (OSError, UnicodeDecodeError) as e:
        why = e.strerror if isinstance(e, OSError) else "not a text file"
        raise NotConfigured(
            f"{path} ({setting}) cannot be read: {why}.",
            hint="It must exist and be readable for whoever publishes data.",
        ) from None
