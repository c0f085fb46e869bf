"""The list of users on a real hub, both versions, while users are deleted and others are added."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from growth_admin.servers.hub import HubClient
from growth_admin.servers.hub_models import HubUser
from tests.hub.plain_hub import PlainHub, plain_hub
from tests.hub.school import hub55_python

USERS, PAGE = 40, 6


@pytest.fixture(params=["hub-6.1", "hub-5.5"])
def hub(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PlainHub]:
    """A hub with 40 users and a token that may delete and add some."""
    python = sys.executable if request.param == "hub-6.1" else hub55_python()
    root = tmp_path_factory.mktemp("meanwhile")
    scopes = "list:users,read:users,admin:users"
    with plain_hub(
        root, users=USERS, start_s=0.1, stop_s=0.1, python=python, PLAIN_SCOPES=scopes
    ) as running:
        yield running


def test_list_users_when_as_many_come_as_go_between_pages_then_all_who_stay_are_found(
    hub: PlainHub,
) -> None:
    client = HubClient(hub.url, hub.token, page_size=PAGE)
    everybody = [user.name for user in client.list_users()]
    assert len(everybody) == USERS
    gone: list[str] = []
    headers = {"Authorization": f"token {hub.token}"}

    def delete(name: str) -> int:
        return requests.delete(f"{hub.url}/users/{name}", headers=headers).status_code

    def change(users: Sequence[HubUser], total: int) -> None:
        """Add as many at the end as there are in a page, and delete those of the first one.

        At once, so that the hub does it between two pages: those that follow are read ahead.
        """
        if not gone:
            gone.extend(everybody[:PAGE])
            new = {"usernames": [f"zoe-{name}" for name in gone]}
            assert requests.post(f"{hub.url}/users", json=new, headers=headers).status_code == 201
            with ThreadPoolExecutor(PAGE) as pool:
                assert [*pool.map(delete, gone)] == [204] * PAGE

    found = {user.name for user in client.list_users(on_page=change)}
    assert len(gone) == PAGE
    assert set(everybody) - found <= {*gone}
