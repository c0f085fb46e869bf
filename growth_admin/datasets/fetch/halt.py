"""One end for all threads of a fetch."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

GRACE_S: Final = 0.2


class Stopped(Exception):
    """Raised in the threads of a fetch that is over; carries nothing."""


class Halt:
    """Whether the fetch goes on, and why not.

    A thread that waits for the network cannot be woken, so the end does not wait for it: it is
    left behind, and when it comes back it finds the fetch stopped and touches nothing any more.
    """

    def __init__(self) -> None:
        self.failure: BaseException | None = None
        self.is_draining = False
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self.is_stopped = False
        """Whether all threads should end now."""
        self._stopping = threading.Event()
        self._at_work = 0
        self._away = 0

    def fail(self, cause: BaseException, *, is_drained: bool = False) -> None:
        """End the fetch with this exception, unless another came first.

        When it ``is_drained``, files that are under way are finished, and no more are begun.
        """
        with self._changed:
            self.failure = self.failure or cause
            self.is_draining = True
            if not is_drained:
                self.is_stopped = True
                self._stopping.set()
            self._changed.notify_all()

    def check(self) -> None:
        """Return if the fetch goes on; raises ``Stopped``."""
        if self.is_stopped:
            raise Stopped

    def sleep(self, seconds: float) -> None:
        """Wait, but not longer than the fetch lasts. Raises ``Stopped``."""
        if seconds > 0:
            self._stopping.wait(seconds)
        self.check()

    def spawn(self, work: Callable[[], None], name: str) -> threading.Thread:
        """Start a thread that the end waits for; ``work`` keeps its exceptions."""

        def counted() -> None:
            try:
                work()
            finally:
                with self._changed:
                    self._at_work -= 1
                    self._changed.notify_all()

        thread = threading.Thread(target=counted, name=name, daemon=True)
        with self._changed:
            self._at_work += 1
        thread.start()
        return thread

    def leave(self) -> None:
        """Say that this thread goes to wait for the network. Raises ``Stopped``."""
        with self._lock:  # itself, as in ``back``: these two are called for each read
            self.check()
            self._away += 1

    def back(self) -> None:
        """Say that it is back. Raises ``Stopped``: then it must touch nothing any more."""
        with self._lock:
            self._away -= 1
            if self.is_stopped:  # else nobody waits for it
                self._changed.notify_all()
                raise Stopped

    def wait(self, seconds: float) -> bool:
        """Wait until no thread is at work, at most so long; return whether that is so."""
        with self._changed:
            return self._changed.wait_for(lambda: self._at_work == 0, seconds)

    def wait_quiet(self) -> None:
        """Return when no thread will touch the disk any more; call it after the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._at_work <= self._away)
            self._changed.wait_for(lambda: not self._at_work, GRACE_S)
