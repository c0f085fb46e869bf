"""Requests over HTTP as all web sources make them: guarded, one session a thread, no secret told.

Redirects are followed here, one by one, so that the guard sees each hop and what is secret goes to
the first host only.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import requests
from requests.cookies import extract_cookies_to_jar

from growth_admin.core.errors import InvalidInput
from growth_admin.datasets.facts import SourceProblem
from growth_admin.datasets.sources.addresses import AddressGuard, GuardedAdapter, place_of
from growth_admin.datasets.sources.failures import no_answer
from growth_admin.datasets.sources.links import shown_url, split_url

REDIRECT_LIMIT: Final = 10
REDIRECTS: Final = (301, 302, 303, 307, 308)
CONNECT_TIMEOUT_S: Final = 10.0
POOL_SIZE: Final = 4
SHORT_BYTES: Final = 65536
PAGE_BYTES: Final = 16 * 1024 * 1024
"""The longest page or JSON document that is read; a listing of 1,000 files is about 0.5 MB."""


@dataclass(frozen=True)
class Answer:
    """A reply whose body was not read yet, and the address that gave it after redirects."""

    response: requests.Response
    url: str
    redirects: tuple[str, ...] = field(default=(), repr=False)

    @property
    def status(self) -> int:
        """The status code."""
        return self.response.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers; keys in any case."""
        return self.response.headers

    @property
    def media_type(self) -> str:
        """The type of the body, in lower case and without parameters."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def is_web_page(self) -> bool:
        """Whether the body is declared to be a page for people."""
        return self.media_type in ("text/html", "application/xhtml+xml")

    def read(self, limit_bytes: int = PAGE_BYTES) -> bytes:
        """Return the body, at most ``limit_bytes`` of it, and give the connection back."""
        pieces, size = [], 0
        try:
            for piece in self.response.iter_content(65536):
                pieces.append(piece)
                size += len(piece)
                if size >= limit_bytes:
                    break
        except requests.RequestException as e:
            raise no_answer(self.url, e) from None
        finally:
            self.response.close()
        return b"".join(pieces)[:limit_bytes]

    def close(self) -> None:
        """Let the body go unread; a short one is taken, so that its connection serves on."""
        _drain(self.response)

    def cut(self) -> None:
        """Close the connection at once."""
        self.response.close()


class Transport:
    """Sends requests. Safe to use from several threads: each has its own session."""

    def __init__(
        self,
        guard: AddressGuard,
        *,
        timeout_s: float,
        user_agent: str,
        proxy: str = "",
    ) -> None:
        self._guard = guard
        self._timeout_s = timeout_s
        self._user_agent = user_agent
        self._proxy = proxy
        self._local = threading.local()

    def session(self) -> requests.Session:
        """Return this thread's session; its connections are guarded and kept alive."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.trust_env = False  # no proxy and no .netrc that nobody set for us
            session.headers.update({"User-Agent": self._user_agent, "Accept": "*/*"})
            if self._proxy:
                session.proxies = {"http": self._proxy, "https": self._proxy}
            adapter = GuardedAdapter(self._guard, pool_size=POOL_SIZE)
            session.mount("http://", adapter)
            session.mount("https://", adapter)
            self._local.session = session
        return session

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
    ) -> Answer:
        """Return the reply at the end of the redirects, whatever its status; its body is unread.

        ``secrets`` are headers that only the host of ``url`` gets. Raises ``SourceProblem``
        (``unreachable``, ``address_refused``) or ``InvalidInput`` for what is no web address.
        """
        first = url
        passed: list[str] = []
        for _ in range(REDIRECT_LIMIT + 1):
            require_web_address(url)
            is_first_host = place_of(url) == place_of(first)
            all_headers = {"Accept-Encoding": "identity", **(headers or {})}
            all_headers |= (secrets or {}) if is_first_host else {}
            response = self._send_once(method, url, all_headers, timeout_s or self._timeout_s)
            target = response.headers.get("Location", "")
            if response.status_code not in REDIRECTS or not target:
                return Answer(response, url, tuple(passed))
            _drain(response)
            passed.append(url)
            url = _next_url(url, target)
        raise SourceProblem(
            "refused",
            f"{place_of(first)[0]} redirects over and over (more than {REDIRECT_LIMIT} times).",
            hint="Open the link in a browser and copy the address of the file itself.",
        )

    def _send_once(
        self, method: str, url: str, headers: Mapping[str, str], timeout_s: float
    ) -> requests.Response:
        if self._proxy:
            self._check_for_proxy(url)
        try:
            return self._pass_on(method, url, headers, timeout_s)
        except (requests.RequestException, ValueError, OSError) as e:
            # the cause is told by its kind: its text may hold the address with what is secret in it
            raise no_answer(url, e) from None

    def _pass_on(
        self, method: str, url: str, headers: Mapping[str, str], timeout_s: float
    ) -> requests.Response:
        """Return the reply, its body unread.

        The session's own ``send`` would read the whole body of a redirect, however long it is;
        and its merging of settings costs as much again as the request.
        """
        session = self.session()
        request = requests.PreparedRequest()
        request.prepare(
            method=method,
            url=url,
            headers={**session.headers, **headers},
            cookies=session.cookies,
        )
        response = session.get_adapter(url).send(
            request,
            stream=True,
            timeout=(min(CONNECT_TIMEOUT_S, timeout_s), timeout_s),
            verify=session.verify or True,
            proxies=session.proxies,
        )
        take_cookies: Any = extract_cookies_to_jar  # it has no types
        take_cookies(session.cookies, request, response.raw)
        return response

    def _check_for_proxy(self, url: str) -> None:
        """Refuse what resolves to a private address here; names that only the proxy knows pass."""
        try:
            self._guard.resolve(*place_of(url))
        except OSError:
            return


def require_web_address(url: str) -> None:
    """Return if it is a web address that holds no password. Raises ``InvalidInput``."""
    parts = split_url(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidInput(
            f"{shown_url(url)[:200]!r} is not a web address.",
            hint="Use a link that begins with https://.",
            fields=[("link", "not a web address")],
        )
    if parts.username is not None or parts.password is not None:
        raise InvalidInput(
            f"The link to {parts.hostname} holds a user name or password.",
            hint="Everybody who sees the job would see it. Download the file to the hub yourself "
            "and give its path, or upload it.",
            fields=[("link", "holds a password")],
        )


def _next_url(url: str, target: str) -> str:
    """Return where a redirect leads. Raises ``SourceProblem`` for a place that is refused."""
    with suppress(
        UnicodeError
    ):  # headers are read as ISO-8859-1, bare UTF-8 is common all the same
        target = target.encode("latin-1").decode("utf-8")
    found = urljoin(url, target)
    scheme = split_url(found).scheme
    if scheme not in ("http", "https"):
        raise SourceProblem(
            "address_refused", f"{place_of(url)[0]} redirects to an address that is no web address."
        )
    if scheme == "http" and urlsplit(url).scheme == "https":
        raise SourceProblem(
            "address_refused",
            f"{place_of(url)[0]} redirects from https to unprotected http ({place_of(found)[0]}).",
            hint="If you trust that server, give its http:// address yourself.",
        )
    return found


def _drain(response: requests.Response) -> None:
    """Read a short body, so that its connection serves the next request; close a long one."""
    length = response.headers.get("Content-Length", "")
    is_bodiless = response.request.method == "HEAD"
    if not is_bodiless and not (length.isdecimal() and int(length) <= SHORT_BYTES):
        response.close()
        return
    try:
        response.raw.drain_conn()
        response.raw.release_conn()
    except (OSError, ValueError):
        response.close()
