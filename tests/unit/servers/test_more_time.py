"""What one user is given who asks for more time, once or again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from growth_admin.servers.courtesy import Heard, Rhythm, heed
from growth_admin.servers.models import Courtesy
from growth_admin.servers.notices.warning import Reply

NOW = datetime(2026, 11, 29, 10, tzinfo=UTC)
DUE = NOW + timedelta(minutes=5)


def heard_of(*wishes: int, may_min: int) -> list[int]:
    """Return the minutes that were given after each wish that was read."""
    courtesy = Courtesy(warn_min=5, may_postpone_min=may_min)
    heard, given = Heard(), []
    for number, minutes in enumerate(wishes):
        reply = Reply(wants_min=minutes, wants_time=NOW + timedelta(seconds=number))
        for _ in range(2):  # each is read more than once
            heard = heed(heard, reply, heard.restart_at or DUE, NOW, courtesy, Rhythm())
        given.append(heard.postponed_min)
        assert heard.restart_at == DUE + timedelta(minutes=heard.postponed_min)
    return given


@pytest.mark.parametrize(
    ("wishes", "may_min", "given"),
    [
        ((20,), 30, [20]),  # the second of two clicks within one reading
        ((10, 20), 30, [10, 20]),
        ((10, 30), 30, [10, 30]),
        ((10, 20, 30), 25, [10, 20, 25]),
        ((10, 10), 30, [10, 20]),  # a page that says each wish alone
        ((10, 10, 10), 25, [10, 20, 25]),
        ((240,), 10, [10]),
    ],
)
def test_time_when_asked_for_again_then_what_was_asked_for_in_all_is_given_up_to_the_limit(
    wishes: tuple[int, ...], may_min: int, given: list[int]
) -> None:
    assert heard_of(*wishes, may_min=may_min) == given
