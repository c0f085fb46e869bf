"""Who may open whose server, by the hub's scopes."""

from __future__ import annotations

import pytest

from growth_admin.servers.help.access import access_to, opens


@pytest.mark.parametrize(
    ("scopes", "is_open"),
    [
        (("access:servers",), True),
        (("access:servers!user=jane",), True),
        (("access:servers!server=jane/",), True),
        (("access:servers!group=students",), True),
        ((), False),
        (("access:servers!server=jane/canary",), False),
        (("access:servers!user=janet",), False),
        (("access:servers!group=tas",), False),
        (("access:services", "servers", "custom:growth:servers"), False),
    ],
)
def test_opens_when_scopes_are_held_then_as_the_hub_decides(
    scopes: tuple[str, ...], is_open: bool
) -> None:
    assert opens(scopes, "jane", "", ("students",)) is is_open


def test_access_when_missing_then_says_what_and_how_to_get_it_and_no_address() -> None:
    access = access_to((), "jane", "", (), is_own=False, url="/user/jane/")
    assert (access.is_open, access.url) == (False, None)
    assert "access:servers" in access.detail
    assert "ADMIN_BROWSER" in access.hint and "restarted" in access.hint


def test_access_when_held_then_says_in_whose_name_one_acts() -> None:
    access = access_to(("access:servers",), "jane", "", (), is_own=False, url="/user/jane/")
    assert (access.is_open, access.url) == (True, "/user/jane/")
    assert "as jane" in access.detail and "audit" in access.detail


def test_access_when_the_server_is_stopped_then_open_but_without_address() -> None:
    access = access_to(("access:servers",), "jane", "", (), is_own=False, url=None)
    assert (access.is_open, access.url) == (True, None)


def test_access_when_it_is_ones_own_then_needs_no_scope() -> None:
    assert access_to((), "ada", "", (), is_own=True, url="/user/ada/").is_open
