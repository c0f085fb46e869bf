"""The owner's canary, as the startup room uses it."""

from __future__ import annotations

import time

import pytest

from growth_admin.core.errors import HubRefused, HubUnavailable, InvalidInput
from growth_admin.servers.canary import HubCanary
from growth_admin.servers.hub import HubClient
from tests.unit.servers.stand_in_hub import StandInHub

OPTIONS = {"scripts_revision": "0123456789abcdef"}


@pytest.fixture
def canary(hub: StandInHub, client: HubClient) -> HubCanary:
    hub.add("ada", "")
    return HubCanary(client, "ada", start_limit_s=5, stop_limit_s=5)


def test_canary_when_all_is_well_then_starts_reports_and_is_gone(
    hub: StandInHub, canary: HubCanary
) -> None:
    hub.spawn_s, hub.slow_spawn_s = 0.4, 0.05
    canary.stop()
    canary.start(OPTIONS)
    assert hub.people["ada"].servers["canary"].options == OPTIONS
    assert [(e.progress, e.is_ready) for e in canary.progress()][-1] == (100, True)
    hub.stop_s, hub.slow_stop_s = 0.4, 0.05
    canary.stop()
    assert list(hub.people["ada"].servers) == [""]
    assert hub.state("ada") == "ready"


@pytest.mark.parametrize("slow_spawn_s", [5.0, 0.05])
def test_canary_when_the_start_fails_then_progress_ends_with_the_reason(
    hub: StandInHub, canary: HubCanary, slow_spawn_s: float
) -> None:
    hub.failing.add("ada")
    hub.spawn_s, hub.slow_spawn_s = 0.2, slow_spawn_s
    canary.start(OPTIONS)
    last = list(canary.progress())[-1]
    assert last.is_failed
    assert "could not be pulled" in last.message
    canary.stop()
    assert "canary" not in hub.people["ada"].servers


def test_canary_when_an_old_one_runs_then_stop_clears_the_place(
    hub: StandInHub, canary: HubCanary
) -> None:
    hub.add("ada", "", "canary")
    with pytest.raises(HubRefused, match="already running"):
        canary.start(OPTIONS)
    canary.stop()
    canary.start(OPTIONS)
    assert hub.state("ada", "canary") == "ready"


def test_canary_when_the_options_are_refused_then_invalid_input(canary: HubCanary) -> None:
    with pytest.raises(InvalidInput):
        canary.start({"image": "bad"})


def test_canary_when_the_hub_is_busy_then_asks_again(hub: StandInHub, canary: HubCanary) -> None:
    hub.fault("POST", "canary", status=429, headers={"Retry-After": "1"})
    canary.start(OPTIONS)
    assert hub.state("ada", "canary") == "ready"


def test_canary_when_somebody_else_starts_it_meanwhile_then_it_is_not_asked_for_again(
    hub: StandInHub, canary: HubCanary
) -> None:
    hub.add("ada", "", "canary")
    hub.fault("POST", "canary", status=429, headers={"Retry-After": "1"})
    canary.start(OPTIONS)
    canary.stop()
    time.sleep(1.3)  # longer than the hub wished to be left alone
    assert "canary" not in hub.people["ada"].servers
    assert hub.starts == []


def test_canary_when_the_hub_restarts_while_it_stops_then_waits_for_it(
    hub: StandInHub, canary: HubCanary
) -> None:
    canary.start(OPTIONS)
    timer = hub.restart_after(1.0)
    canary.stop()
    timer.join()
    assert "canary" not in hub.people["ada"].servers


def test_canary_when_the_hub_is_out_for_good_then_says_it_may_still_run(
    hub: StandInHub, client: HubClient
) -> None:
    hub.close()
    with pytest.raises(HubUnavailable) as caught:
        HubCanary(client, "ada", stop_limit_s=0.5).stop()
    assert "may still run" in caught.value.hint


def test_canary_when_it_does_not_stop_then_says_so(hub: StandInHub, client: HubClient) -> None:
    hub.add("ada", "canary")
    hub.stop_s, hub.slow_stop_s = 60, 0
    with pytest.raises(HubRefused, match="did not stop"):
        HubCanary(client, "ada", stop_limit_s=0.5).stop()
