"""The hub's list of users, page by page, with nobody left out.

The hub needs some 150 ms for a page of 200, does one thing at a time, and idles while we decode a
page. So the next page is asked for as soon as the answer begins: then the hub has done its work.
Never two at once: others wait for the hub too.

Pages are cut by number, and people come and go between two of them: one who is deleted moves all
later ones a place up, and somebody over the edge into a page that was read already. The total need
not tell: somebody else may have been added. So each page begins with the last user of the page
before it. In the order of names, whoever was there all the time stands in the pages up to a user
whom we know, or in a page that begins with that user. A page that begins with somebody whom we do
not know leaves a gap, and is thrown away: reading goes on half a page earlier.

Source: JupyterHub REST API, "Pagination"; ``next`` in each page is what counts, and a page that was
asked for ahead of it is only used when it is that one. The hub cuts the pages with ``ORDER BY name
OFFSET LIMIT`` over names that are unique (5.5 and 6.1, ``UserListAPIHandler``).
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
OVERLAP: Final = 1
"""So many users of a page are in the next one too."""
GAPS_LIMIT: Final = 100
"""So many gaps are nobody's coming and going any more."""


class UserPages:
    """One reading of the list; ``asked`` is a filter of the hub, for example ``state=active``."""

    def __init__(self, transport: HubTransport, page_size: int, asked: str = "") -> None:
        self._transport = transport
        self._query = f"limit={page_size}&sort=name{f'&{asked}' if asked else ''}"
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="growth-pages")
        self._lock = threading.Lock()
        self._coming: dict[int, Future[Any]] = {}
        self._known: set[str] = set()
        self._gaps = 0
        self._step = self._total = 0

    def __iter__(self) -> Iterator[tuple[list[HubUser], int]]:
        """Yield each page, and how many users there are. Raises as ``HubClient``.

        The first user of a page was in the one before it as well; more were after a gap.
        """
        try:
            offset: int | None = 0
            while offset is not None:
                users, after = self._read(offset)
                if offset > 0 and not self._continues(users):
                    offset = self._before(offset)
                    continue
                self._known.update(user.name for user in users)
                yield users, self._total
                offset = after
        finally:
            self._step = 0  # nothing more is asked for ahead
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _read(self, offset: int) -> tuple[list[HubUser], int | None]:
        """Return the page that begins there, and where the next one does, if there is one."""
        self._ask(offset)
        page = self._coming.pop(offset).result()
        try:
            after = self._after(offset, page["_pagination"])
            if after is not None:
                self._ask(after)
            return [parse_user(item) for item in page["items"]], after
        except (AttributeError, KeyError, TypeError, ValueError) as e:
            raise HubUnavailable("The hub's list of users makes no sense.") from e

    def _continues(self, users: list[HubUser]) -> bool:
        """Return whether nobody can stand between these and those read before."""
        return bool(users) and users[0].name in self._known

    def _before(self, offset: int) -> int:
        """Return where to go on after a gap was seen. Raises when there is no end of them."""
        self._gaps += 1
        if self._gaps > GAPS_LIMIT:
            raise HubUnavailable(
                "The hub's list of users changes faster than it can be read.",
                hint="Wait until whoever adds and deletes users is done, and try again.",
            )
        return max(0, offset - max(1, self._step // 2))

    def _after(self, offset: int, state: Any) -> int | None:
        """Return where the next page begins, and note how the list is cut."""
        following, self._total = state.get("next"), int(state["total"])
        if not following:
            return None
        after = int(following["offset"]) - OVERLAP
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
            if self._step and ahead + OVERLAP < self._total:
                with suppress(RuntimeError):  # nobody reads on
                    self._ask(ahead)

        path = f"users?offset={offset}&{self._query}"
        return self._transport.get_json(path, accept=PAGINATION, on_answer=ask_ahead)
