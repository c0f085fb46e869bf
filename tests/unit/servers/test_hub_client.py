"""The client against each answer that the hub documents."""

from __future__ import annotations

import dataclasses
import itertools
import logging
import random
import threading
import time
from typing import Literal

import pytest

from growth_admin.core.errors import (
    GrowthError,
    HubRefused,
    HubUnavailable,
    InvalidInput,
    NotFound,
)
from growth_admin.servers.hub import HubClient
from tests.unit.servers.stand_in_hub import TOKEN, StandInHub


def test_list_users_when_there_are_several_pages_then_follows_them_to_the_end(
    hub: StandInHub, client: HubClient
) -> None:
    for number in range(450):
        hub.add(f"s{number:03}")
    users = client.list_users()
    assert [user.name for user in users] == [f"s{number:03}" for number in range(450)]
    assert [path for _, path in hub.calls] == [
        f"users?offset={offset}&limit=200&sort=name" for offset in (0, 199, 398)
    ]


def offsets_of(hub: StandInHub) -> list[int]:
    """Return where each page began that was asked for."""
    paths = [path for _, path in hub.calls]
    return [int(path.partition("offset=")[2].partition("&")[0]) for path in paths]


@pytest.mark.parametrize("state", ["", "active"])
def test_list_users_when_one_is_deleted_and_one_is_added_between_pages_then_nobody_is_missed(
    hub: StandInHub, client: HubClient, state: Literal["", "active"]
) -> None:
    for number in range(450):
        hub.add(f"s{number:03}", "")

    def change(offset: int) -> None:
        if offset and "s003" in hub.people:
            del hub.people["s003"]
            hub.add("zoe", "")

    hub.before_page = change
    names = {user.name for user in client.list_users(state=state)}
    assert names == {f"s{number:03}" for number in range(450)} | {"zoe"}
    assert 100 in offsets_of(hub), "half a page before the gap"


def test_list_users_when_some_are_added_between_pages_then_no_page_is_read_again(
    hub: StandInHub, client: HubClient
) -> None:
    for number in range(450):
        hub.add(f"s{number:03}")

    def grow(offset: int) -> None:
        for number in range(9):
            hub.add(f"a{offset}-{number}")

    hub.before_page = grow
    names = {user.name for user in client.list_users()}
    assert names > {f"s{number:03}" for number in range(450)}
    assert offsets_of(hub) == [0, 199, 398]


@pytest.mark.parametrize("seed", range(20))
def test_list_users_when_people_come_and_go_all_the_time_then_who_stays_is_found(
    hub: StandInHub, seed: int
) -> None:
    chance = random.Random(seed)
    for number in range(120):
        hub.add(f"s{number:03}")
    staying = set(hub.people)

    def change(offset: int) -> None:
        for _ in range(chance.randrange(4)):
            gone = chance.choice(sorted(hub.people))
            del hub.people[gone]
            staying.discard(gone)
            hub.add(f"s{chance.randrange(120):03}-{chance.randrange(10**6)}")

    hub.before_page = change
    names = {user.name for user in HubClient(hub.url, TOKEN, page_size=7).list_users()}
    assert staying - names == set()


def test_list_users_when_the_hub_has_no_order_then_says_so_and_ends(hub: StandInHub) -> None:
    for number in range(30):
        hub.add(f"s{number:03}")

    numbers = itertools.count()

    def rename(offset: int) -> None:
        number = next(numbers)
        hub.people = {
            name: dataclasses.replace(one, name=name)
            for one in hub.people.values()
            if (name := f"{one.name[:4]}-{number}")
        }

    hub.before_page = rename
    with pytest.raises(HubUnavailable, match="changes faster"):
        HubClient(hub.url, TOKEN, page_size=10).list_users()


def test_list_users_when_there_are_many_pages_then_each_is_asked_once_and_one_at_a_time(
    hub: StandInHub, client: HubClient
) -> None:
    for number in range(900):
        hub.add(f"s{number:03}")
    hub.page_s = 0.05
    assert len(client.list_users()) == 900
    assert offsets_of(hub) == [0, 199, 398, 597, 796]
    assert hub.most_pages_at_once == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504, 429, 302])
def test_list_users_when_the_hub_is_sick_then_hub_unavailable(
    hub: StandInHub, client: HubClient, status: int
) -> None:
    hub.fault("GET", "users", status=status, times=2)
    with pytest.raises(HubUnavailable):
        client.list_users()


def test_list_users_when_one_connection_is_cut_then_tries_once_more(
    hub: StandInHub, client: HubClient
) -> None:
    hub.add("jane-doe")
    hub.fault("GET", "users")
    assert [user.name for user in client.list_users()] == ["jane-doe"]


def test_list_users_when_the_list_does_not_advance_then_ends(
    hub: StandInHub, client: HubClient
) -> None:
    hub.add("jane-doe")
    hub.is_page_stuck = True
    with pytest.raises(HubUnavailable, match="does not end"):
        client.list_users()


def test_list_users_when_the_token_is_refused_then_says_so_without_the_token(
    hub: StandInHub,
) -> None:
    with pytest.raises(HubRefused) as caught:
        HubClient(hub.url, "wrong-secret").list_users()
    assert "wrong-secret" not in f"{caught.value} {caught.value.hint} {caught.value.context}"


def test_any_call_when_it_fails_then_neither_log_nor_error_holds_the_token(
    hub: StandInHub, client: HubClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hub.add("jane-doe")
    client.list_users()
    hub.close()
    with pytest.raises(HubUnavailable) as caught:
        client.start_server("jane-doe")
    assert TOKEN not in caplog.text
    assert TOKEN not in repr(caught.value.__dict__)
    assert TOKEN not in repr(client.__dict__)


@pytest.mark.parametrize(
    ("user", "server"), [("..", ""), (".", ""), ("a/b", ""), ("jane", ".."), ("jane", "a/b")]
)
def test_stop_server_when_a_name_would_change_the_path_then_is_refused_unsent(
    hub: StandInHub, client: HubClient, user: str, server: str
) -> None:
    hub.add("jane", "")
    with pytest.raises(InvalidInput):
        client.stop_server(user, server, remove=bool(server))
    assert hub.calls == []


def test_get_user_when_names_hold_odd_characters_then_they_arrive(
    hub: StandInHub, client: HubClient
) -> None:
    hub.add("ümit@école.example?x=1#y", "")
    assert client.get_user("ümit@école.example?x=1#y").server("").state == "ready"


def test_get_user_when_deleted_then_not_found(client: HubClient) -> None:
    with pytest.raises(NotFound):
        client.get_user("nobody")


def test_get_user_when_the_answer_is_no_user_then_hub_unavailable(
    hub: StandInHub, client: HubClient
) -> None:
    hub.fault("GET", "users/jane", status=200)
    with pytest.raises(HubUnavailable, match="no sense"):
        client.get_user("jane")


def test_start_server_when_quick_then_done(hub: StandInHub, client: HubClient) -> None:
    hub.add("jane")
    assert client.start_server("jane").outcome == "done"
    assert hub.bodies == []


def test_start_server_when_slow_then_pending_and_wait_ready_returns_it(
    hub: StandInHub, client: HubClient
) -> None:
    hub.add("jane")
    hub.spawn_s, hub.slow_spawn_s = 0.5, 0.05
    assert client.start_server("jane").outcome == "pending"
    assert client.start_server("jane").outcome == "pending"
    assert client.wait_ready("jane", timeout_s=5).started is not None


def test_start_server_when_it_runs_then_conflict(hub: StandInHub, client: HubClient) -> None:
    hub.add("jane", "")
    answer = client.start_server("jane")
    assert answer.outcome == "conflict"
    assert "already running" in answer.detail


def test_start_server_when_the_spawn_fails_then_failed_with_the_reason(
    hub: StandInHub, client: HubClient
) -> None:
    hub.add("jane")
    hub.failing.add("jane")
    answer = client.start_server("jane")
    assert (answer.outcome, "could not be pulled" in answer.detail) == ("failed", True)


def test_wait_ready_when_a_slow_spawn_fails_then_the_reason_is_told(
    hub: StandInHub, client: HubClient
) -> None:
    hub.add("jane")
    hub.failing.add("jane")
    hub.spawn_s, hub.slow_spawn_s = 0.3, 0.05
    assert client.start_server("jane").outcome == "pending"
    with pytest.raises(HubRefused, match="could not be pulled"):
        client.wait_ready("jane", timeout_s=5)


@pytest.mark.parametrize(
    ("given", "expected_s"), [("41", 41), ("100000", 120), ("soon", 30), (None, 30)]
)
def test_start_server_when_the_hub_is_busy_then_retry_after_is_bounded(
    hub: StandInHub, client: HubClient, given: str | None, expected_s: float
) -> None:
    hub.add("jane")
    headers = {} if given is None else {"Retry-After": given}
    hub.fault("POST", "jane", status=429, headers=headers)
    answer = client.start_server("jane")
    assert (answer.outcome, answer.retry_after_s) == ("busy", expected_s)


def test_start_server_when_options_are_refused_then_invalid_input(
    hub: StandInHub, client: HubClient
) -> None:
    hub.add("ada")
    with pytest.raises(InvalidInput, match="not an image of the school"):
        client.start_server("ada", "canary", {"image": "bad"})


def test_start_server_when_there_are_options_then_they_are_the_whole_body(
    hub: StandInHub, client: HubClient
) -> None:
    hub.add("ada")
    client.start_server("ada", "canary", {"scripts_revision": "abc1234"})
    client.start_server("ada", "", {})
    assert hub.bodies == [b'{"scripts_revision": "abc1234"}']


def test_start_server_when_forbidden_then_hub_refused(hub: StandInHub, client: HubClient) -> None:
    hub.add("jane")
    hub.fault("POST", "jane", status=403, message="auth has expired for jane, login again")
    with pytest.raises(HubRefused, match="login again"):
        client.start_server("jane")


def test_stop_server_when_quick_slow_and_stopped_then_done_pending_done(
    hub: StandInHub, client: HubClient
) -> None:
    hub.add("jane", "")
    hub.add("kim", "")
    assert client.stop_server("jane").outcome == "done"
    assert client.stop_server("jane").outcome == "done"
    hub.stop_s, hub.slow_stop_s = 0.4, 0.05
    assert client.stop_server("kim").outcome == "pending"
    client.wait_stopped("kim", timeout_s=5)
    assert hub.state("kim") == "stopped"


def test_wait_stopped_when_it_never_stops_then_says_how_long_it_waited(
    hub: StandInHub, client: HubClient
) -> None:
    hub.add("jane", "")
    with pytest.raises(HubRefused, match="still ready"):
        client.wait_stopped("jane", timeout_s=0.3)


def test_stop_server_when_removing_a_named_one_then_the_hub_forgets_it(
    hub: StandInHub, client: HubClient
) -> None:
    hub.add("ada", "canary")
    client.stop_server("ada", "canary", remove=True)
    assert "canary" not in client.get_user("ada", include_stopped=True).servers
    with pytest.raises(NotFound):
        client.stop_server("ada", "canary", remove=True)


def test_progress_when_a_start_succeeds_then_ends_with_ready(
    hub: StandInHub, client: HubClient
) -> None:
    hub.add("jane")
    hub.spawn_s, hub.slow_spawn_s = 0.3, 0.0
    client.start_server("jane")
    events = list(client.iter_progress("jane", timeout_s=5))
    assert [(e.progress, e.is_ready) for e in events] == [(50, False), (100, True)]


def test_progress_when_a_start_fails_then_ends_with_the_reason(
    hub: StandInHub, client: HubClient
) -> None:
    hub.add("jane")
    hub.failing.add("jane")
    hub.spawn_s, hub.slow_spawn_s = 0.2, 0.0
    client.start_server("jane")
    last = list(client.iter_progress("jane", timeout_s=5))[-1]
    assert last.is_failed
    assert "could not be pulled" in last.message


def test_progress_when_the_hub_restarts_in_the_middle_then_goes_on(
    hub: StandInHub, client: HubClient
) -> None:
    hub.add("jane")
    hub.spawn_s, hub.slow_spawn_s = 1.0, 0.0
    client.start_server("jane")
    events = client.iter_progress("jane", timeout_s=10)
    assert next(events).progress == 50
    timer = hub.restart_after(0.3)
    assert list(events)[-1].is_ready
    timer.join()


def test_progress_when_nothing_starts_then_ends_with_failed(
    hub: StandInHub, client: HubClient
) -> None:
    hub.add("jane", "")
    client.stop_server("jane")
    [event] = client.iter_progress("jane", timeout_s=3)
    assert event.is_failed
    assert "not starting" in event.message


def test_progress_when_the_time_is_up_then_says_so(hub: StandInHub, client: HubClient) -> None:
    hub.add("jane", "")
    hub.close()
    began_s = time.monotonic()
    last = list(client.iter_progress("jane", timeout_s=1))[-1]
    assert last.is_failed
    assert "not ready within 1 s" in last.message
    assert time.monotonic() - began_s < 5


def test_any_call_when_used_from_many_threads_then_each_gets_its_own_answer(
    hub: StandInHub, client: HubClient
) -> None:
    names = [f"s{number}" for number in range(8)]
    for name in names:
        hub.add(name, "")
    wrong: list[str] = []

    def ask(name: str) -> None:
        try:
            wrong.extend(name for _ in range(20) if client.get_user(name).name != name)
        except GrowthError as e:
            wrong.append(e.detail)

    threads = [threading.Thread(target=ask, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
