"""One request and its reply, in the form in which PyGithub's requester takes a connection.

The requester keeps the request in its connection between ``request()`` and ``getresponse()``, so a
connection that several threads share mixes their requests up (PyGithub 2.10, ``Requester.py``). So
each request has an ``Exchange`` of its own over a shared session. It also keeps the reply to
itself: the requester would log bodies (those of new installation tokens too), sleep on a 202, and
follow a 301 without an end.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final
from urllib.parse import quote, urljoin, urlsplit

import requests
import requests.adapters
import urllib3.exceptions

from growth_admin.core.hosts import is_loopback

CONNECT_TIMEOUT_S: Final = 10.0
LARGEST_BYTES: Final = 16 * 1024**2
REDIRECTS: Final = (301, 302, 307, 308)
REDIRECT_LIMIT: Final = 3


@dataclass(frozen=True)
class Reply:
    """What GitHub answered; keys of ``headers`` are in lower case."""

    status: int
    headers: Mapping[str, str]
    text: str = field(default="", repr=False)

    @property
    def is_done(self) -> bool:
        """Whether GitHub did what was asked."""
        return 200 <= self.status < 300

    def data(self) -> Any:
        """Return the body; nothing for an empty one. Raises ``ValueError`` for what is no JSON."""
        return json.loads(self.text) if self.text else None


class Lost(Exception):
    """No usable reply. ``was_sent``: GitHub may have got the request, and done what it asks."""

    def __init__(self, reason: str, *, was_sent: bool, status: int = 0) -> None:
        super().__init__(reason)
        self.reason, self.was_sent, self.status = reason, was_sent, status


class Exchange:
    """Sends one request over ``session`` and keeps the ``reply``.

    ``follows`` redirects within the site, for reads only.
    """

    def __init__(
        self, session: requests.Session, site: str, timeout_s: float, *, follows: bool = True
    ) -> None:
        self._session, self._site, self._timeout_s = session, site, timeout_s
        self._follows = follows
        self._method, self._path, self._body = "", "", None
        self._headers: dict[str, str] = {}
        self.reply = Reply(0, {})

    def request(
        self, verb: str, url: str, input: Any, headers: dict[str, str], stream: bool = False
    ) -> None:
        """Take the request in; called by the requester."""
        self._method, self._path, self._body, self._headers = verb, url, input, headers

    def getresponse(self) -> Exchange:
        """Send it. Raises ``Lost``. Called by the requester."""
        url = self._site + self._path
        deadline = time.monotonic() + 3 * self._timeout_s
        for _ in range(REDIRECT_LIMIT + 1):
            self.reply = self._once(url, deadline)
            is_read = self._follows and self._method == "GET"
            is_followed = is_read and self.reply.status in REDIRECTS
            target = _target(url, self.reply.headers.get("location", ""))
            # the credential goes to no other place, and a change is never sent on
            if not is_followed or not target.startswith(f"{self._site}/"):
                break
            url = target
        return self

    @property
    def status(self) -> int:
        """What the requester is told; on a 202 it would sleep and ask again."""
        return 200 if self.reply.status == 202 else self.reply.status

    def getheaders(self) -> list[tuple[str, str]]:
        """Tell the requester nothing."""
        return []

    def read(self) -> str:
        """Tell the requester, and so its log, nothing."""
        return ""

    def close(self) -> None:
        """The session is somebody else's."""

    def _once(self, url: str, deadline: float) -> Reply:
        timeout = (min(CONNECT_TIMEOUT_S, self._timeout_s), self._timeout_s)
        try:
            response = self._session.request(
                self._method,
                url,
                data=self._body,
                headers=self._headers,
                timeout=timeout,
                allow_redirects=False,
                stream=True,
            )
            with response:
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Reply(response.status_code, headers, _body(response, deadline))
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as e:
            raise _lost(e) from None  # its text may hold a header


def path_of(*words: object) -> str:
    """Return the path of an address below the API, each word quoted."""
    return "".join(f"/{quote(str(word), safe='')}" for word in words)


class Session(requests.Session):
    """Leaves redirects alone: requests would read their body and address even if told not to."""

    def resolve_redirects(self, *_: Any, **__: Any) -> Iterator[Any]:
        """Return none."""
        return iter(())


def new_session(site: str, pool_size: int) -> requests.Session:
    """Return a session without cookies, without .netrc, and without a proxy to this machine."""
    session = Session()
    session.auth = _as_it_is
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.trust_env = not is_loopback(urlsplit(site).hostname or "")
    adapter = requests.adapters.HTTPAdapter(max_retries=0, pool_maxsize=pool_size)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Add no authentication: with it set, requests does not read a .netrc."""
    return request


def _target(url: str, location: str) -> str:
    """Return where a redirect leads, empty if that is no address."""
    try:
        return urljoin(url, location)
    except ValueError:
        return ""


def _body(response: requests.Response, deadline: float) -> str:
    """Return the body. Raises ``Lost`` for one that has no end, in size or in time."""
    pieces: list[bytes] = []
    size = 0
    for piece in response.iter_content(65536):
        pieces.append(piece)
        size += len(piece)
        if size > LARGEST_BYTES:
            raise Lost("gave a reply that is far too long", was_sent=True)
        if time.monotonic() > deadline:
            raise Lost("did not end its reply in time", was_sent=True)
    return b"".join(pieces).decode("utf-8", "replace")


def _lost(error: Exception) -> Lost:
    """Return what happened, and whether GitHub may have got the request."""
    inner = error.args[0] if error.args else None
    cause = getattr(inner, "reason", inner)
    if isinstance(error, requests.exceptions.ProxyError):
        return Lost("cannot be reached: the proxy refused", was_sent=False)
    if isinstance(error, requests.exceptions.SSLError):
        is_refused = "certificate verify failed" in str(error).lower()
        return Lost(
            "cannot be reached safely: its certificate was not accepted"
            if is_refused
            else "broke the encrypted connection off",
            was_sent=not is_refused,
        )
    if isinstance(error, requests.ConnectTimeout):
        return Lost("cannot be reached: the connection timed out", was_sent=False)
    if isinstance(error, requests.Timeout):
        return Lost("gave no answer in time", was_sent=True)
    if isinstance(cause, urllib3.exceptions.NameResolutionError):
        return Lost("cannot be found: its name is not known here", was_sent=False)
    if isinstance(cause, urllib3.exceptions.NewConnectionError):
        return Lost("cannot be reached: the connection was refused", was_sent=False)
    is_early = isinstance(
        error, (requests.exceptions.InvalidHeader, requests.exceptions.InvalidURL)
    )
    return Lost("cut the connection", was_sent=not is_early)
