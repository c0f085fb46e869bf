"""One request to GitHub: paced, cached, and what went wrong told apart.

A read is tried again a few times; a change is sent once, and if no answer comes nobody knows
whether it was made (``Uncertain``).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

import github.Auth

from growth_admin.core.errors import (
    GitHubUnavailable,
    GrowthError,
    NotConfigured,
    RateLimited,
    Uncertain,
)
from growth_admin.core.github.answers import NO_QUERY, Answer, Query, answer_of, unchanged
from growth_admin.core.github.app import InstallationTokens
from growth_admin.core.github.cache import ReplyCache
from growth_admin.core.github.credential import Credential, Credentials
from growth_admin.core.github.exchange import REDIRECTS, Lost, Reply
from growth_admin.core.github.failures import failure_of
from growth_admin.core.github.pacing import Allowance, Pace, TooSoon, Wait
from growth_admin.core.github.refusals import Refusal
from growth_admin.core.github.sender import Sender
from growth_admin.core.github.settings import GitHub

RETRY_PAUSES_S: Final = (0.3, 1.0)
LONGEST_WAIT_S: Final = 5.0


class Calls:
    """The one client for GitHub. Safe to use from several threads."""

    def __init__(self, settings: GitHub, cache: ReplyCache, *, wait: Wait | None = None) -> None:
        """``wait`` is what may be interrupted; without it no change waits for more than seconds."""
        self.settings, self.cache = settings, cache
        self._wait: Wait = wait or time.sleep
        self._sender = Sender(settings)
        self.clock, self.count = self._sender.clock, self._sender.count
        self._reads = Pace([Allowance(settings.reads_per_minute, 60.0)], self._wait)
        self._writes = Pace(
            [
                Allowance(1, settings.write_interval_s),
                Allowance(settings.writes_per_minute, 60.0),
                Allowance(settings.writes_per_hour, 3600.0),
            ],
            self._wait,
            longest_wait_s=math.inf if wait else LONGEST_WAIT_S,
        )
        self._tokens = InstallationTokens(settings, self._ask_as_app)
        self._credentials = Credentials(settings, self._tokens.mint)

    def credential(self) -> Credential:
        """Return the credential as it is now. Raises ``NotConfigured``."""
        return self._credentials.current()

    def read(
        self,
        path: str,
        *,
        what: str,
        fields: tuple[str, ...] = (),
        kind: type[Any] = dict,
        allows: tuple[int, ...] = (),
        is_kept: bool = True,
        query: Query = NO_QUERY,
    ) -> Answer:
        """Return what GitHub answers, from the cache if it says that nothing has changed.

        ``what`` continues "GitHub refused". Of the body only ``fields`` are kept. A refusal whose
        status is in ``allows`` is returned, with no body. Raises ``GitHubUnavailable``
        (``RateLimited``), ``GitHubRefused`` or ``NotConfigured``.
        """
        credential = self.credential()
        key = " ".join((credential.kind, self.settings.api + path, urlencode(query), *fields))
        kept = self.cache.get(key) if is_kept else None

        def once() -> Answer:
            self._reads.take()
            reply = self._send(credential, "GET", path, query, etag=kept.etag if kept else "")
            if reply.status == 304 and kept:
                return unchanged(reply, kept)
            if not reply.is_done:
                return self._allowed(reply, allows, what, credential)
            answer = answer_of(reply, kind, fields)
            etag = reply.headers.get("etag", "")
            if is_kept and etag:
                self.cache.put(key, etag, answer.data, reply.headers.get("link", ""))
            return answer

        return self._patiently(once, what)

    def locate(self, path: str, *, what: str, allows: tuple[int, ...] = ()) -> str:
        """Return the address to which a read is sent on; empty for a status in ``allows``.

        What is there is fetched without the credential (``download``). Raises as ``read``.
        """
        credential = self.credential()

        def once() -> Answer:
            self._reads.take()
            reply = self._send(credential, "GET", path, follows=False)
            if reply.status in REDIRECTS:
                return Answer(reply.status, None, reply.headers)
            return self._allowed(reply, allows, what, credential)

        return str(self._patiently(once, what).headers.get("location", ""))

    def count_items(self, path: str, *, what: str) -> int:
        """Return how many items a list has, in one call that is not cached. Raises as ``read``."""
        answer = self.read(path, what=what, kind=list, is_kept=False, query={"per_page": 1})
        return answer.last_page or len(answer.data)

    def read_in_parallel(self, reads: Iterable[Callable[[], Answer]]) -> list[Answer]:
        """Return the answers of several reads, in their order; the first failure is raised."""
        with ThreadPoolExecutor(self.settings.parallel_reads, "github") as pool:
            futures = [pool.submit(read) for read in reads]
            try:
                return [future.result() for future in futures]
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def write(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        what: str,
        allows: tuple[int, ...] = (),
    ) -> Answer:
        """Make a change, when it is its turn, and return the answer; never sent twice.

        Raises what ``read`` raises, and ``Uncertain`` when it was sent and no answer came. What
        ``wait`` raises comes through, and then nothing was sent; ``RateLimited`` also when our own
        pace makes it wait for long.
        """
        with self._turn(what):
            credential = self.credential()
            try:
                reply = self._send(credential, method, path, body=body)
                if reply.is_done:
                    return answer_of(reply, None)
            except Lost as lost:
                raise self._lost_write(lost, what) from None
        return self._allowed(reply, allows, what, credential)

    def read_app(self) -> dict[str, Any]:
        """Return what GitHub says of the App itself. Raises as ``read``."""
        app = self.credential().app
        if app is None:
            raise NotConfigured("The credential is no GitHub App.", hint="Set GitHub.app_id.")
        return self._tokens.read_app(app)

    def _ask_as_app(
        self, app: github.Auth.AppAuth, method: str, path: str, what: str, nameless: Credential
    ) -> Any:
        """Return the body of GitHub's answer to the App itself, not its installation.

        A refusal is about ``nameless``, which holds no secret. Raises as ``read``; asking for a
        token twice does no harm.
        """

        def once() -> Answer:
            body: dict[str, Any] | None = None if method == "GET" else {}
            reply = _without_fault(self._sender.send(app, method, path, body=body))
            if not reply.is_done:
                return self._allowed(reply, (), what, nameless)
            return answer_of(reply, dict)

        return self._patiently(once, what).data

    @contextmanager
    def _turn(self, what: str) -> Iterator[None]:
        """Wait for the turn of a change, for as long as may be waited."""
        with ExitStack() as held:
            try:
                held.enter_context(self._writes.turn())
            except TooSoon as early:
                until = self.clock.now() + timedelta(seconds=early.due_s)
                raise RateLimited(
                    f"So many changes were made that GitHub would refuse {what}. The next one may "
                    f"be made at {until:%H:%M:%S} UTC.",
                    until=until,
                    hint="Nothing was sent. Wait until then; what runs goes on by itself.",
                ) from None
            yield

    def _send(
        self,
        credential: Credential,
        method: str,
        path: str,
        query: Query = NO_QUERY,
        *,
        etag: str = "",
        body: dict[str, Any] | None = None,
        follows: bool = True,
    ) -> Reply:
        """Send it; with an App's token that GitHub no longer takes (401: nothing done) once more.

        Raises ``Lost``, also for a fault of GitHub's own.
        """
        auth = credential.require_auth()
        options: dict[str, Any] = {"etag": etag, "body": body, "follows": follows}
        reply = self._sender.send(auth, method, path, query, **options)
        if reply.status == 401 and credential.renew(credential.at_hand):
            reply = self._sender.send(auth, method, path, query, **options)
        return _without_fault(reply)

    def _patiently(self, once: Callable[[], Answer], what: str) -> Answer:
        """Return the first usable answer of a few tries, made within about one timeout."""
        begun = time.monotonic()
        for pause_s in RETRY_PAUSES_S:
            try:
                return once()
            except Lost as lost:
                if time.monotonic() - begun >= self.settings.timeout_s:
                    raise self._lost_read(lost, what) from None
                self._wait(pause_s)
        try:
            return once()
        except Lost as lost:
            raise self._lost_read(lost, what) from None

    def _allowed(
        self, reply: Reply, allows: tuple[int, ...], what: str, credential: Credential
    ) -> Answer:
        """Return a refusal that the caller can use; raise the others."""
        # single sign-on hides behind a 404 what the token was not authorized for
        is_hidden = reply.headers.get("x-github-sso", "").startswith("required")
        if reply.status in allows and not is_hidden:
            return Answer(reply.status, None, reply.headers)
        raise failure_of(Refusal(reply, what, self.settings, credential, self.clock.now()))

    def _lost_read(self, lost: Lost, what: str) -> GitHubUnavailable:
        return GitHubUnavailable(f"{self._told(lost)}. It was about {what}.", context=_status(lost))

    def _lost_write(self, lost: Lost, what: str) -> GrowthError:
        if not lost.was_sent:
            return GitHubUnavailable(
                f"{self._told(lost)}. Nothing was changed: {what}.", context=_status(lost)
            )
        return Uncertain(
            f"{self._told(lost)} after a change was sent: {what}. It may have been made.",
            hint="Look whether it was made before it is sent again; a new plan does.",
            context=_status(lost),
        )

    def _told(self, lost: Lost) -> str:
        code = f" ({lost.status})" if lost.status else ""
        return f"GitHub ({self.settings.host}) {lost.reason}{code}"


def _without_fault(reply: Reply) -> Reply:
    """Return the reply. Raises ``Lost`` for a fault of GitHub's own: nobody knows what was done."""
    if reply.status >= 500:
        raise Lost("has a fault of its own", was_sent=True, status=reply.status)
    return reply


def _status(lost: Lost) -> dict[str, Any]:
    return {"status": lost.status} if lost.status else {}
