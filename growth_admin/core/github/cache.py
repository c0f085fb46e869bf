"""Replies that are kept with their ETag, so that an unchanged list costs no call of the limit.

GitHub's ETags hold for one token only (said by its support in eclipse-csi/otterdog, issue 201): an
App, whose tokens last an hour, gets a 200 once an hour. Nothing secret is kept: no header but ETag
and Link, and of the bodies only the fields that a room reads.
Source: GitHub, "Best practices for using the REST API", conditional requests.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from growth_admin.core.errors import GrowthError, NotFound
from growth_admin.core.fsops import read_bytes, write_atomic

log = logging.getLogger(__name__)
FILE: Final = "replies.json"
VERSION: Final = 1
LARGEST_COUNT: Final = 8_000
LARGEST_BYTES: Final = 8 * 1024**2
SAVE_INTERVAL_S: Final = 2.0


@dataclass(frozen=True)
class Kept:
    """A reply: its body as far as it is read, the ETag that asks for it again, its Link header."""

    etag: str
    body: Any
    link: str
    at_s: float


class ReplyCache:
    """Replies by credential kind and address, in memory and in one file.

    Several servers may use the file at once: the last one to write adds what the others have.
    Without a folder, or with one that cannot be used, it works in memory.
    """

    def __init__(
        self,
        folder: Path | None,
        *,
        largest_count: int = LARGEST_COUNT,
        largest_bytes: int = LARGEST_BYTES,
    ) -> None:
        self._largest_count, self._largest_bytes = largest_count, largest_bytes
        self._path = folder / FILE if folder else None
        self._lock, self._saving = threading.Lock(), threading.Lock()
        self._kept: dict[str, Kept] | None = None
        self._is_dirty = False
        self._saved_s = time.monotonic()

    def get(self, key: str) -> Kept | None:
        """Return what is kept under this key."""
        with self._lock:
            return self._loaded().get(key)

    def put(self, key: str, etag: str, body: Any, link: str) -> None:
        """Keep a reply; the file is written now and then, and by ``save``."""
        with self._lock:
            kept = self._loaded()
            kept.pop(key, None)
            kept[key] = Kept(etag, body, link, time.time())
            while len(kept) > self._largest_count:  # the oldest stands first
                del kept[next(iter(kept))]
            self._is_dirty = True
        self.save(is_due_only=True)

    def save(self, *, is_due_only: bool = False) -> None:
        """Write what is new; with ``is_due_only`` at most every two seconds. Raises nothing."""
        if not self._saving.acquire(blocking=not is_due_only):
            return
        try:
            is_early = is_due_only and time.monotonic() - self._saved_s < SAVE_INTERVAL_S
            if self._path is not None and self._is_dirty and not is_early:
                self._write(self._path)
        finally:
            self._saving.release()

    def _write(self, path: Path) -> None:
        self._is_dirty, self._saved_s = False, time.monotonic()
        with self._lock:
            mine = dict(self._loaded())
        try:
            write_atomic(path, self._written({**_read(path), **mine}), is_private=True)
        except GrowthError as e:
            log.warning("GitHub's replies are kept in memory only: %s", e.detail)
            self._path = None

    def _written(self, kept: dict[str, Kept]) -> bytes:
        """Return the file: the newest replies, as many as it may hold."""
        newest = sorted(kept.items(), key=lambda item: item[1].at_s, reverse=True)
        parts: list[str] = []
        size = 0
        for key, reply in newest[: self._largest_count]:
            record = [reply.etag, reply.body, reply.link, reply.at_s]
            text = f"{json.dumps(key)}:{json.dumps(record, separators=(',', ':'))}"
            size += len(text) + 1
            if size > self._largest_bytes:
                break
            parts.append(text)
        return f'{{"version":{VERSION},"replies":{{{",".join(parts)}}}}}'.encode()

    def _loaded(self) -> dict[str, Kept]:
        if self._kept is None:
            try:
                found = _read(self._path) if self._path else {}
                self._kept = dict(sorted(found.items(), key=lambda item: item[1].at_s))
            except GrowthError as e:
                log.warning("GitHub's replies are kept in memory only: %s", e.detail)
                self._kept, self._path = {}, None
        return self._kept


def _read(path: Path) -> dict[str, Kept]:
    """Return what the file holds; nothing if it is not there or not ours."""
    try:
        raw = json.loads(read_bytes(path, limit_bytes=2 * LARGEST_BYTES))
        if raw["version"] != VERSION:
            return {}
        return {
            str(key): Kept(str(etag), body, str(link), float(at_s))
            for key, (etag, body, link, at_s) in raw["replies"].items()
        }
    except NotFound:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError):
        log.warning("%s is damaged, and written anew", path)
        return {}
