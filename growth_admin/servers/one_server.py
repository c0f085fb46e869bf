"""One server, followed from the request to start it until it is gone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from typing import Final

from growth_admin.core.errors import HubRefused, HubUnavailable, NotFound
from growth_admin.servers.hub import HubClient, label
from growth_admin.servers.hub_models import Answer, ProgressEvent

START_LIMIT_S: Final = 600.0
STOP_LIMIT_S: Final = 180.0
BUSY_LIMIT_S: Final = 300.0
POLL_S: Final = 0.3


class OneServer:
    """Starts, follows and stops a server; a named one is removed too.

    ``start``, ``progress``, ``stop`` are meant to be called in this order by one thread.
    """

    def __init__(
        self,
        hub: HubClient,
        owner: str,
        server_name: str = "",
        *,
        start_limit_s: float = START_LIMIT_S,
        stop_limit_s: float = STOP_LIMIT_S,
        busy_limit_s: float = BUSY_LIMIT_S,
    ) -> None:
        self._hub = hub
        self._owner = owner
        self._name = server_name
        self._label = label(owner, server_name)
        self._start_limit_s = start_limit_s
        self._stop_limit_s = stop_limit_s
        self._busy_limit_s = busy_limit_s
        self._failure = ""

    def start(self, options: Mapping[str, str] | None = None) -> None:
        """Ask the hub to start it with these options; a busy hub is asked again.

        Returns as soon as it is on its way: the hub answers a start only after some seconds, and
        meanwhile ``progress`` has much to tell. A start that failed at once is told there too.
        Raises ``HubRefused`` or ``InvalidInput`` when the hub does not want to start it at all,
        ``HubUnavailable`` when it does not answer.
        """
        self._failure = ""
        pool = ThreadPoolExecutor(1, thread_name_prefix="growth-start")
        is_over = threading.Event()
        asking = pool.submit(self._ask, options, is_over)
        pool.shutdown(wait=False)
        try:
            while not wait((asking,), timeout=POLL_S).done:
                with suppress(HubUnavailable):  # the answer that is waited for will tell
                    if self._is_on_its_way():
                        return
        finally:
            is_over.set()  # else it would start anew what was stopped meanwhile
        self._take(asking.result())

    def _take(self, answer: Answer) -> None:
        if answer.outcome == "failed" and not self._is_on_its_way():
            self._failure = answer.detail
        elif answer.outcome in ("busy", "conflict"):
            raise HubRefused(
                f"The hub does not start {self._label} now: {answer.detail}.",
                hint="Try again in a few minutes.",
            )

    def _is_on_its_way(self) -> bool:
        """Return whether it starts in spite of a failure: somebody else asked at that moment."""
        return self._hub.get_user(self._owner).server(self._name).state in ("spawning", "ready")

    def _ask(self, options: Mapping[str, str] | None, is_over: threading.Event) -> Answer:
        end_s = time.monotonic() + self._busy_limit_s
        while True:
            answer = self._hub.start_server(self._owner, self._name, options)
            is_late = time.monotonic() + answer.retry_after_s > end_s
            if answer.outcome != "busy" or is_late or is_over.wait(answer.retry_after_s):
                return answer

    def progress(self) -> Iterator[ProgressEvent]:
        """Yield how the start goes on; the last event is ready or failed."""
        if self._failure:
            yield ProgressEvent(100, self._failure, is_failed=True)
            return
        yield from self._hub.iter_progress(self._owner, self._name, timeout_s=self._start_limit_s)

    def stop(self) -> None:
        """Stop it, remove a named one, and return once the hub has no record of it.

        Returns at once when there is none. A hub that is being restarted is waited for. Raises
        ``HubRefused`` or ``HubUnavailable`` when the time is up.
        """
        end_s = time.monotonic() + self._stop_limit_s
        while True:
            try:
                if self._is_gone():
                    return
                problem = ""
            except HubUnavailable as e:
                problem = e.detail
            if time.monotonic() > end_s:
                break
            time.sleep(POLL_S)
        if problem:
            raise HubUnavailable(problem, hint=f"{self._label} may still run.")
        raise HubRefused(
            f"{self._label} did not stop within {self._stop_limit_s:.0f} s.",
            hint="Stop it on the hub's own page; the hub's log may say why it does not end.",
        )

    def ask_to_stop(self, *, timeout_s: float) -> None:
        """Ask the hub to stop it and to forget a named one, and wait no longer than this."""
        self._hub.stop_server(self._owner, self._name, remove=bool(self._name), timeout_s=timeout_s)

    def _is_gone(self) -> bool:
        """Return whether it is gone; ask the hub to stop one that is not on its way."""
        user = self._hub.get_user(self._owner, include_stopped=bool(self._name))
        is_there = self._name in user.servers
        state = user.server(self._name).state
        if not is_there or (not self._name and state == "stopped"):
            return True
        if state != "stopping":
            try:
                self._hub.stop_server(self._owner, self._name, remove=bool(self._name))
            except NotFound:
                return True
        return False
