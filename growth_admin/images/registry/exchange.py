"""Requests to the registry: who we are, patience, and failures in words.

Sources: OCI distribution specification 1.1; distribution, "Token authentication" (the challenge,
``realm``, ``service``, ``scope``); RFC 9110 (``Retry-After``). The secret stands in headers only.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from requests.utils import parse_dict_header

from growth_admin.core.errors import RegistryRefused, RegistryUnavailable
from growth_admin.core.hosts import is_loopback
from growth_admin.images.registry.credential import Login
from growth_admin.images.registry.settings import Repository, require_private

CONNECT_TIMEOUT_S: Final = 5.0
TRIES: Final = 3
LONGEST_WAIT_S: Final = 5.0
SHORTEST_LIFE_S: Final = 60.0
"""How long a token is good when the registry does not say ("Token authentication")."""
BASIC_LIFE_S: Final = 300.0
BUSY: Final = (429, 502, 503, 504)
AGENT: Final = "growth-admin"


@dataclass(frozen=True)
class Reply:
    """What the registry answered; the body is whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Exchange:
    """Asks one registry about one repository. Safe to use from several threads."""

    def __init__(
        self,
        place: Repository,
        login: Callable[[], Login | None],
        *,
        timeout_s: float,
    ) -> None:
        self._place = place
        self._login = login
        self._timeout_s = timeout_s
        self._local = threading.local()
        self._lock = threading.Lock()
        self._token: tuple[str, float] | None = None

    def send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        data: bytes | None = None,
        limit_bytes: int,
        is_repeated: bool = True,
    ) -> Reply:
        """Return the reply to a request below ``/v2/<name>/``, if it is not a failure.

        404 is returned. What changes something is best not repeated. Raises
        ``RegistryUnavailable`` or ``RegistryRefused``, and ``NotConfigured`` for an unusable login.
        """
        url = f"{self._place.url}/v2/{self._place.name}/{path}"
        tries = TRIES if is_repeated else 1
        for left in reversed(range(tries)):
            try:
                reply = self._send_known(method, url, dict(headers or {}), data, limit_bytes)
            except RegistryUnavailable:
                if not left:
                    raise
                time.sleep(0.1 * (tries - left))
                continue
            if reply.status in BUSY and left:
                time.sleep(_wait_s(reply))
                continue
            break
        if reply.status >= 400 and reply.status != 404:
            raise self._failure(method, reply)
        return reply

    def _send_known(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        data: bytes | None,
        limit_bytes: int,
    ) -> Reply:
        """Send with what we know of ourselves; once more after the registry asked for it."""
        used = self._authorization()
        reply = self._send_once(method, url, headers | used, data, limit_bytes)
        if reply.status != 401:
            return reply
        fresh = self._answer(reply.headers.get("WWW-Authenticate", ""), used)
        return self._send_once(method, url, headers | fresh, data, limit_bytes) if fresh else reply

    def _authorization(self) -> dict[str, str]:
        with self._lock:
            if self._token and self._token[1] > time.monotonic():
                return {"Authorization": self._token[0]}
        return {}

    def _answer(self, challenge: str, used: Mapping[str, str]) -> dict[str, str]:
        """Return what a challenge asks for, nothing if we have it not or it was refused."""
        kind, _, rest = challenge.partition(" ")
        login = self._login()
        if kind.casefold() == "basic":
            value, life_s = (login.header() if login else ""), BASIC_LIFE_S
        elif kind.casefold() == "bearer":
            value, life_s = self._fetch_token(_fields(rest), login)
        else:
            return {}
        if not value or used.get("Authorization") == value:
            return {}
        with self._lock:
            self._token = (value, time.monotonic() + life_s)
        return {"Authorization": value}

    def _fetch_token(
        self, asked: Mapping[str, str | None], login: Login | None
    ) -> tuple[str, float]:
        realm = asked.get("realm") or ""
        require_private(realm)
        scope = f"repository:{self._place.name}:pull"
        query = {"scope": f"{scope},push" if login else scope}
        if asked.get("service"):
            query["service"] = asked["service"] or ""
        headers = {"Authorization": login.header()} if login else {}
        reply = self._send_once("GET", realm, headers, None, 1024**2, params=query)
        if reply.status != 200:
            raise self._failure("GET", reply)
        facts = _json(reply.body)
        token = facts.get("token") or facts.get("access_token")
        if not isinstance(token, str) or not token.isprintable():
            raise RegistryRefused("The registry's login service gave no token.")
        life = facts.get("expires_in")
        life_s = float(life) if isinstance(life, int | float) else SHORTEST_LIFE_S
        return f"Bearer {token}", max(life_s - LONGEST_WAIT_S, 1.0)

    def _send_once(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        data: bytes | None,
        limit_bytes: int,
        *,
        params: Mapping[str, str] | None = None,
    ) -> Reply:
        end_s = time.monotonic() + CONNECT_TIMEOUT_S + 2 * self._timeout_s
        try:
            with self._session().request(
                method,
                url,
                headers=dict(headers),
                data=data,
                params=params,
                timeout=(CONNECT_TIMEOUT_S, self._timeout_s),
                allow_redirects=method in ("GET", "HEAD"),
                stream=True,
            ) as reply:
                body = bytearray()
                for part in reply.iter_content(1 << 16):
                    body += part
                    if len(body) > limit_bytes:
                        raise RegistryRefused(
                            f"{self._place.host} sent more than {limit_bytes} bytes."
                        )
                    if time.monotonic() > end_s:
                        raise requests.Timeout
                return Reply(reply.status_code, reply.headers, bytes(body))
        except requests.exceptions.SSLError:
            raise RegistryUnavailable(
                f"The registry {self._place.host} shows a certificate that this server does not "
                "trust.",
                hint="A registry of the school's own: where organisers' servers run, set "
                "REQUESTS_CA_BUNDLE to the file with the certificates of who vouches for it.",
            ) from None
        except (requests.RequestException, OSError) as e:
            # the cause is told by its kind: its text may hold an address with a secret in it
            raise RegistryUnavailable(
                f"The registry {self._place.host} gave no usable answer ({type(e).__name__})."
            ) from None

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.headers.update({"User-Agent": AGENT, "Accept": "*/*"})
            session.trust_env = not is_loopback(urlsplit(self._place.url).hostname or "")
            session.auth = _nobody  # or requests would look for a login in ~/.netrc
            self._local.session = session
        return session

    def _failure(self, method: str, reply: Reply) -> Exception:
        """Return the error for a reply, with what the registry says and without any secret."""
        said = self._said(reply.body)
        host, name = self._place.host, self._place.name
        if reply.status == 401:
            return RegistryRefused(
                f"The registry {host} does not take our login.{said}",
                hint="An admin must look at ImageRegistry.credential_file: is it there, is it that "
                "of this registry, has the password or token run out?",
            )
        if reply.status == 403:
            what = "change" if method in ("PUT", "DELETE", "POST") else "read"
            return RegistryRefused(
                f"The registry {host} does not let us {what} {name}.{said}",
                hint="Give the account of ImageRegistry.credential_file the right to pull and push "
                "this image.",
            )
        if reply.status == 429:
            return RegistryUnavailable(
                f"The registry {host} says that we ask too often.{said}",
                hint="Nothing was changed. Wait some minutes; a login raises the limit.",
            )
        if reply.status >= 500:
            return RegistryUnavailable(f"The registry {host} failed (HTTP {reply.status}).{said}")
        return RegistryRefused(f"The registry {host} refused (HTTP {reply.status}).{said}")

    def _said(self, body: bytes) -> str:
        rows = _json(body).get("errors")
        first = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], dict) else {}
        words = " ".join(str(first.get(key) or "") for key in ("code", "message")).strip()
        login = self._login()
        words = login.hide(words) if login else words
        return f" It says: {words[:200]}" if words else ""


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _fields(challenge: str) -> dict[str, str | None]:
    read: Any = parse_dict_header  # it has no types
    fields: dict[str, str | None] = read(challenge)
    return fields


def _json(body: bytes) -> dict[str, Any]:
    try:
        facts = json.loads(body or b"{}")
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}


def _wait_s(reply: Reply) -> float:
    said = reply.headers.get("Retry-After", "")
    return min(float(said), LONGEST_WAIT_S) if said.isdecimal() else 0.5
