"""Fetches what GitHub keeps elsewhere (logs, artifacts), by an address that is good for a minute.

The address itself is the permission, so no credential goes with it.
Source: GitHub's REST API, "Download job logs for a workflow run", "Download an artifact".
"""

from __future__ import annotations

import time
from typing import Final
from urllib.parse import urlsplit

import requests

from growth_admin.core.errors import GitHubUnavailable
from growth_admin.core.github.exchange import CONNECT_TIMEOUT_S, new_session
from growth_admin.core.hosts import is_inside

CHUNK_BYTES: Final = 65536
LONGEST_WAITS: Final = 10
"""So many times the limit of one wait may the whole take."""


def download(url: str, *, what: str, limit_bytes: int, timeout_s: float) -> tuple[bytes, bool]:
    """Return what is at the address, and whether that is all of it.

    ``what`` continues "GitHub's copy of". Of more than ``limit_bytes``, and of a connection that
    is cut, the beginning is returned. Raises ``GitHubUnavailable`` if nothing came.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" and not is_inside(parts.hostname or ""):
        raise GitHubUnavailable(f"GitHub's copy of {what} is at an address without encryption.")
    found = bytearray()
    end_s = time.monotonic() + LONGEST_WAITS * timeout_s
    limits = (min(CONNECT_TIMEOUT_S, timeout_s), timeout_s)
    try:
        with new_session(url, 1) as session, session.get(url, timeout=limits, stream=True) as reply:
            if reply.status_code != 200:
                raise GitHubUnavailable(
                    f"GitHub's copy of {what} cannot be fetched ({reply.status_code}).",
                    context={"status": reply.status_code},
                )
            for piece in reply.iter_content(CHUNK_BYTES):
                found += piece
                if len(found) > limit_bytes or time.monotonic() > end_s:
                    return bytes(found[:limit_bytes]), False
    except (requests.RequestException, OSError) as e:
        if not found:  # the text of an error may hold the address
            raise GitHubUnavailable(
                f"GitHub's copy of {what} cannot be fetched: {type(e).__name__}."
            ) from None
        return bytes(found), False
    return bytes(found), True
