"""Addresses of services, as they stand in settings."""

from __future__ import annotations

import pytest

from growth_admin.core.hosts import is_service_address


@pytest.mark.parametrize(
    "url", ["https://api.github.com", "http://127.0.0.1:5000", "https://host.example/api/v3"]
)
def test_address_when_it_is_a_host_with_a_path_then_it_is_one(url: str) -> None:
    assert is_service_address(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "host.example",
        "ftp://host.example",
        "https://",
        "https://host.example:none",
        "https://host.example:99999",
        "https://host.example:0",
        "https://[::1",
        "https://ada@host.example",
        "https://ada:secret@host.example",
        "https://host.example/?key=secret",
        "https://host.example/#part",
    ],
)
def test_address_when_it_is_cut_or_holds_more_then_it_is_none(url: str) -> None:
    assert not is_service_address(url)
