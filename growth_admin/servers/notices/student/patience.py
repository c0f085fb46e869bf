"""Work on a shared disk that may be sick: the server's loop never waits for it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


class Patience:
    """Runs one piece of work at a time, each in a thread, and waits for it ``limit_s`` seconds.

    A piece that does not end keeps its one thread; until it does, nothing else is begun. The
    threads are daemons: a disk that hangs does not keep the server from ending.
    """

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._running: asyncio.Future[Any] | None = None
        self._is_late = False

    async def run(self, work: Callable[[], T]) -> T:
        """Return what ``work`` returns, or raise what it raises.

        Raises ``TimeoutError`` when it takes too long, and at once while an earlier one still does.
        """
        while (earlier := self._running) is not None and not earlier.done():
            if self._is_late:
                raise TimeoutError
            with suppress(Exception):
                await self._wait(earlier)
        self._is_late = False
        self._running = self._begin(work)
        found: T = await self._wait(self._running)
        return found

    def _begin(self, work: Callable[[], T]) -> asyncio.Future[T]:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        done.add_done_callback(asyncio.Future.exception)  # nobody may be left who waits for it

        def settle(result: T | None, error: Exception | None) -> None:
            if error is not None:
                done.set_exception(error)
            else:
                done.set_result(result)  # type: ignore[arg-type]  # without an error there is one

        def body() -> None:
            try:
                outcome: tuple[T | None, Exception | None] = (work(), None)
            except Exception as error:  # noqa: BLE001  # raised again where it is waited for
                outcome = (None, error)
            with suppress(RuntimeError):  # the loop is closed: the server ends
                loop.call_soon_threadsafe(settle, *outcome)

        threading.Thread(target=body, name="growth-notices", daemon=True).start()
        return done

    async def _wait(self, running: asyncio.Future[Any]) -> Any:
        try:
            return await asyncio.wait_for(asyncio.shield(running), self._limit_s)
        except TimeoutError:
            self._is_late = True
            raise
