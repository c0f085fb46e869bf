"""The hub's list of users, page by page.

The hub needs some 150 ms for a page of 200, does one thing at a time, and idles while we decode a
page. So the next page is asked for as soon as the answer begins: then the hub has done its work.
Never two at once: others wait for the hub too.

Source: JupyterHub REST API, "Pagination"; ``next`` in each page is what counts, and a page that was
asked for ahead of it is only used when it is that one.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final

from growth_admin.core.errors import HubUnavailable
from growth_admin.servers.hub_models import HubUser, parse_user
from growth_admin.servers.hub_transport import HubTransport

PAGINATION: Final = "application/jupyterhub-pagination+json"
"""Without this the hub cuts the list after its page limit and does not say so."""


class UserPages:
    """One reading of the list; ``asked`` is a filter of the hub, for example ``state=active``."""

    def __init__(self, transport: HubTransport, page_size: int, asked: str = "") -> None:
        self._transport = transport
        self._query = f"limit={page_size}&sort=name{f'&{asked}' if asked else ''}"
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="growth-pages")
        self._lock = threading.Lock()
        self._coming: dict[int, Future[Any]] = {}
        self._step = self._total = 0

    def __iter__(self) -> Iterator[tuple[list[HubUser], int]]:
        """Yield each page, and how many users there are. Raises as ``HubClient``."""
        try:
            offset: int | None = 0
            while offset is not None:
                self._ask(offset)
                page = self._coming.pop(offset).result()
                try:
                    after = self._after(offset, page["_pagination"])
                    if after is not None:
                        self._ask(after)
                    users = [parse_user(item) for item in page["items"]]
                except (AttributeError, KeyError, TypeError, ValueError) as e:
                    raise HubUnavailable("The hub's list of users makes no sense.") from e
                yield users, self._total
                offset = after
        finally:
            self._step = 0  # nothing more is asked for ahead
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _after(self, offset: int, state: Any) -> int | None:
        """Return where the next page begins, and note how the list is cut."""
        following, self._total = state.get("next"), int(state["total"])
        if not following:
            return None
        after = int(following["offset"])
        if after <= offset:
            raise HubUnavailable("The hub's list of users does not end.")
        self._step = after - offset
        return after

    def _ask(self, offset: int) -> None:
        with self._lock:
            if offset not in self._coming:
                self._coming[offset] = self._pool.submit(self._fetch, offset)

    def _fetch(self, offset: int) -> Any:
        def ask_ahead() -> None:
            ahead = offset + self._step
            if self._step and ahead < self._total:
                with suppress(RuntimeError):  # nobody reads on
                    self._ask(ahead)

        path = f"users?offset={offset}&{self._query}"
        return self._transport.get_json(path, accept=PAGINATION, on_answer=ask_ahead)
