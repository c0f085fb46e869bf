"""Lets gdown, whose addresses are fixed, meet the stand-in: by an adapter of requests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from growth_admin.deploy.standins.drive.exchange import GOOGLE_HOSTS


def adapter_for(site: str) -> type[HTTPAdapter]:
    """An adapter that sends what is for Google to `site`, and refuses everything else."""

    class Loopback(HTTPAdapter):
        def send(self, request: requests.PreparedRequest, *rest: Any, **more: Any) -> Any:
            assert request.url
            parts = urlsplit(request.url)
            if parts.hostname not in GOOGLE_HOSTS:
                raise requests.ConnectionError(f"{parts.hostname} is not Google")
            moved = request.copy()
            moved.headers["Host"] = parts.hostname
            moved.url = f"{site}{parts.path}?{parts.query}"
            response = super().send(moved, *rest, **more)
            response.url, response.request = request.url, request
            return response

    return Loopback


@contextmanager
def google_is(site: str) -> Iterator[None]:
    """As long as it lasts, new sessions of requests find Google at `site`."""
    usual = requests.sessions.HTTPAdapter
    requests.sessions.HTTPAdapter = adapter_for(site)  # type: ignore[misc]  # the class that it uses
    try:
        yield
    finally:
        requests.sessions.HTTPAdapter = usual  # type: ignore[misc]  # as before
