"""Waits that somebody can end."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from growth_admin.core.errors import RateLimited
from growth_admin.roster.patience import wait_briefly
from tests.unit.roster.work.fake_school import NOW


def test_wait_when_short_then_it_is_waited() -> None:
    begun = time.monotonic()
    wait_briefly(0.05, lambda: NOW)
    assert time.monotonic() - begun >= 0.05


def test_wait_when_nobody_could_end_it_then_it_says_until_when() -> None:
    with pytest.raises(RateLimited) as raised:
        wait_briefly(1800, lambda: NOW)
    assert raised.value.until == NOW + timedelta(minutes=30)
    assert "2026-11-28 09:30 UTC" in raised.value.detail
