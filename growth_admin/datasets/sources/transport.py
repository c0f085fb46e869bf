"""Requests over HTTP as all web sources make them: guarded, one session a thread, no secret told.

Redirects are followed here, one by one, so that the guard sees each hop and what is secret goes to
the first host only. Ordinary addresses are asked over ``wire``; what is out of the ordinary, and
everything that goes through a proxy, over ``requests``, which costs seven times as much.
"""

from __future__ import annotations

import http.client
import ssl
import threading
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import certifi
import requests
from requests.cookies import extract_cookies_to_jar

from growth_admin.core.errors import InvalidInput
from growth_admin.datasets.express.plain import PlainRequest, PlainWay
from growth_admin.datasets.facts import SourceProblem
from growth_admin.datasets.sources.addresses import AddressGuard, place_of
from growth_admin.datasets.sources.answer import Answer, CarefulReply, Reply, drain
from growth_admin.datasets.sources.failures import no_answer
from growth_admin.datasets.sources.guarded import GuardedAdapter
from growth_admin.datasets.sources.links import shown_url, split_url
from growth_admin.datasets.sources.wire import PlainAddress, Wires, plain_address

REDIRECT_LIMIT: Final = 10
REDIRECTS: Final = (301, 302, 303, 307, 308)
CONNECT_TIMEOUT_S: Final = 10.0
POOL_SIZE: Final = 4


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
        self._tls: dict[object, ssl.SSLContext] = {}

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
            self._local.wires = Wires(self._guard)
        return session

    def plain_way(self) -> PlainWay | None:
        """Return how another process may send plain requests; nothing if a proxy is to do it."""
        if self._proxy:
            return None
        guard, trusted = self._guard, self._trusted_file(self.session())
        return PlainWay(guard.allow_private, guard.trusted, self._timeout_s, trusted)

    def plain_request(
        self, url: str, headers: Mapping[str, str], *, is_attachment: bool = False
    ) -> PlainRequest:
        """Return what ``send`` would ask at first; ``headers`` may hold what is secret."""
        named = {"User-Agent": self._user_agent, "Accept": "*/*", "Accept-Encoding": "identity"}
        return PlainRequest(url, {**named, **headers}, is_attachment)

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
            all_headers = {"Accept-Encoding": "identity", **(headers or {})}
            if secrets and place_of(url) == place_of(first):
                all_headers |= secrets
            reply = self._send_once(method, url, all_headers, timeout_s or self._timeout_s)
            target = reply.headers.get("Location", "")
            if reply.status not in REDIRECTS or not target:
                return Answer(reply, url, tuple(passed))
            drain(reply, reply.headers)
            passed.append(url)
            url = _next_url(url, target)
        raise SourceProblem(
            "refused",
            f"{place_of(first)[0]} redirects over and over (more than {REDIRECT_LIMIT} times).",
            hint="Open the link in a browser and copy the address of the file itself.",
        )

    def _send_once(
        self, method: str, url: str, headers: Mapping[str, str], timeout_s: float
    ) -> Reply:
        place = plain_address(url)
        if place is None:
            require_web_address(url)
        if self._proxy:
            self._check_for_proxy(url)
        try:
            if place is None or self._proxy:
                return CarefulReply(self._pass_on(method, url, headers, timeout_s))
            return self._ask(place, method, url, headers, timeout_s)
        except (requests.RequestException, http.client.HTTPException, ValueError, OSError) as e:
            # the cause is told by its kind: its text may hold the address with what is secret in it
            raise no_answer(url, e) from None

    def _ask(
        self,
        place: PlainAddress,
        method: str,
        url: str,
        headers: Mapping[str, str],
        timeout_s: float,
    ) -> Reply:
        """Return the reply of an ordinary address, its body unread."""
        session = self.session()
        jar: Any = session.cookies
        asked = urllib.request.Request(url) if len(jar) else None
        if asked is not None:
            jar.add_cookie_header(asked)
            headers = {**dict(asked.header_items()), **headers}
        wires: Wires = self._local.wires
        reply = wires.ask(
            place,
            method,
            {"User-Agent": self._user_agent, "Accept": "*/*", **headers},
            timeout_s=timeout_s,
            connect_s=min(CONNECT_TIMEOUT_S, timeout_s),
            tls=self._tls_for(session) if place.scheme == "https" else None,
        )
        if "Set-Cookie" in reply.headers:
            jar.extract_cookies(reply.reader, asked or urllib.request.Request(url))
        return reply

    def _tls_for(self, session: requests.Session) -> ssl.SSLContext:
        """Return what a thread's connections trust: what its session does."""
        trusted = self._trusted_file(session)
        if trusted not in self._tls:
            context = ssl.create_default_context(cafile=trusted)
            context.set_alpn_protocols(["http/1.1"])
            self._tls[trusted] = context
        return self._tls[trusted]

    @staticmethod
    def _trusted_file(session: requests.Session) -> str:
        return session.verify if isinstance(session.verify, str) else certifi.where()

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
