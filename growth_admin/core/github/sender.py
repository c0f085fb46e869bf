"""Sends requests through PyGithub's requester, one after the other or from several threads."""

from __future__ import annotations

import logging
import threading
from typing import Any, Final, cast
from urllib.parse import urlsplit

import github
import github.Auth
from github.Requester import Requester

from growth_admin.core.github.answers import NO_QUERY, PAGE_SIZE, CallCount, Query
from growth_admin.core.github.clock import GitHubClock
from growth_admin.core.github.exchange import Exchange, Reply, new_session
from growth_admin.core.github.settings import GitHub

log = logging.getLogger(__name__)
HELD_REQUESTERS: Final = 4


class Sender:
    """Sends requests, tells GitHub's time from the replies, and counts."""

    def __init__(self, settings: GitHub) -> None:
        self._settings = settings
        self.clock, self.count = GitHubClock(), CallCount()
        parts = urlsplit(settings.api)
        self._site = f"{parts.scheme}://{parts.netloc}"
        self._session = new_session(self._site, settings.parallel_reads + 2)
        self._lock = threading.Lock()
        self._requesters: dict[int, tuple[github.Auth.Auth, Requester]] = {}

    def send(
        self,
        auth: github.Auth.Auth,
        method: str,
        path: str,
        query: Query = NO_QUERY,
        *,
        etag: str = "",
        body: dict[str, Any] | None = None,
        follows: bool = True,
    ) -> Reply:
        """Return the reply, whatever it says. Raises ``Lost``, and what ``auth`` raises."""
        headers = {"Accept": "application/vnd.github+json"}
        if etag:
            headers["If-None-Match"] = etag
        session = self._session
        if method != "GET":  # a kept connection may be dead, and nobody would know what was done
            headers["Connection"] = "close"
            session = new_session(self._site, 1)
        exchange = Exchange(session, self._site, self._settings.timeout_s, follows=follows)
        requester = self._requester(auth)
        try:
            requester.requestJson(
                method, path, dict(query), headers, body, cnx=cast(Any, exchange)
            )  # the requester takes whatever has request() and getresponse()
        finally:
            if session is not self._session:
                session.close()
        reply = exchange.reply
        self.clock.note(reply.headers.get("date", ""))
        self.count.note(method, reply.status)
        log.debug("%s %s: %d", method, path, reply.status)
        return reply

    def _requester(self, auth: github.Auth.Auth) -> Requester:
        with self._lock:
            held = self._requesters.get(id(auth))
            if held is None:
                held = (auth, self._new_requester(auth))
                while len(self._requesters) >= HELD_REQUESTERS:
                    del self._requesters[next(iter(self._requesters))]
                self._requesters[id(auth)] = held
            return held[1]

    def _new_requester(self, auth: github.Auth.Auth) -> Requester:
        return github.Github(
            auth=auth,
            base_url=self._settings.api,
            timeout=max(1, int(self._settings.timeout_s)),
            user_agent="growth-admin",
            per_page=PAGE_SIZE,
            lazy=True,
            seconds_between_requests=None,
            seconds_between_writes=None,
            retry=None,
        ).requester
