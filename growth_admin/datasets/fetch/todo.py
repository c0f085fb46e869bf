"""Which files of a fetch nobody has taken yet."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence


class Todo:
    """The numbers of files, in order; safe to call from several threads."""

    def __init__(self, count: int) -> None:
        self._lock = threading.Lock()
        self._numbers = deque(range(count))

    def take(self, most: int) -> list[int]:
        """Return the next numbers; none when all are taken."""
        with self._lock:
            return [self._numbers.popleft() for _ in range(min(most, len(self._numbers)))]

    def give_back(self, numbers: Sequence[int]) -> None:
        """Let somebody else take them, next."""
        with self._lock:
            self._numbers.extendleft(reversed(numbers))
