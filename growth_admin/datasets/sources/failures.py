"""What it means that no answer came, and how long a server asks to wait."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Final

import requests
from urllib3.exceptions import NameResolutionError

from growth_admin.core.schema import now
from growth_admin.datasets.facts import SourceProblem
from growth_admin.datasets.sources.addresses import place_of

RETRY_AFTER_LIMIT_S: Final = 24 * 3600.0


def no_answer(url: str, cause: Exception) -> SourceProblem:
    """Return the problem of a request that got no answer, named without the address's secrets."""
    host = place_of(url)[0]
    root: BaseException | None = cause
    while root is not None and not isinstance(root, NameResolutionError | socket.gaierror):
        inner = getattr(root, "reason", None) or (root.args[0] if root.args else None)
        root = inner if isinstance(inner, BaseException) else None
    if root is not None:
        return SourceProblem(
            "unreachable",
            f"No server named {host} is known.",
            hint="Check the spelling of the link, and that the hub reaches the internet.",
            is_retryable="temporary" in str(root).lower(),
        )
    if isinstance(cause, requests.exceptions.SSLError | ssl.SSLCertVerificationError):
        return SourceProblem(
            "unreachable",
            f"{host} could not prove who it is (its certificate is not valid).",
            hint="Ask whoever runs that server. The hub's clock must be right, too.",
        )
    if isinstance(cause, requests.exceptions.InvalidURL | ValueError):
        return SourceProblem("unreachable", f"The address at {host or 'no host'} is not valid.")
    what = (
        "did not answer in time"
        if isinstance(cause, requests.Timeout | TimeoutError)
        else f"cut the connection or gave no answer ({type(cause).__name__})"
    )
    return SourceProblem(
        "unreachable",
        f"{host} {what}.",
        hint="Try again in a few minutes.",
        is_retryable=True,
    )


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Return how many seconds the server asks to wait (RFC 9110, section 10.2.3), if it says."""
    text = headers.get("Retry-After", "").strip()
    if text.isdecimal():
        return min(float(text), RETRY_AFTER_LIMIT_S)
    try:
        wait_s = (parsedate_to_datetime(text) - now()).total_seconds()
    except (TypeError, ValueError):
        return None
    return min(max(wait_s, 0.0), RETRY_AFTER_LIMIT_S)
