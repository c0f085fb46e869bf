"""Lists and plans."""

from __future__ import annotations

from datetime import timedelta

import pytest

from growth_admin.core.errors import HubUnavailable, InvalidInput, NotFound, StalePlan
from growth_admin.core.schema import now
from growth_admin.servers.hub import HubClient
from growth_admin.servers.models import Action, Target
from growth_admin.servers.snapshot import FRESH_MIN_S, HubSnapshot
from tests.unit.servers.conftest import Desk, target_of
from tests.unit.servers.stand_in_hub import TOKEN, Spawned, StandInHub
from tests.unit.servers.waiting import wait_until


def test_list_servers_when_users_have_none_one_or_two_then_each_has_its_rows(
    hub: StandInHub, desk: Desk
) -> None:
    hub.add("zoe")
    hub.add("ada", "", "canary", groups=("admins",))
    hub.people["ada"].servers["canary"].options = {"image": "growth-school/notebook:2026.12"}
    hub.add("jane-doe", "").servers[""].pending = "stop"
    hub.people["jane-doe"].servers[""].until_s = float("inf")
    listed = desk.manager.list_servers()
    assert [(s.user, s.server_name, s.state, s.is_own) for s in listed.servers] == [
        ("ada", "", "ready", True),
        ("ada", "canary", "ready", False),
        ("jane-doe", "", "stopping", False),
        ("zoe", "", "stopped", False),
    ]
    own, canary, _, zoe = listed.servers
    assert (own.url, own.groups, own.image) == ("/user/ada/", ("admins",), None)
    assert canary.image == "growth-school/notebook:2026.12"
    assert (zoe.started, zoe.url) == (None, None)
    assert (listed.total, listed.ready) == (4, 2)
    assert desk.manager.list_servers("zoe", limit=1).ready == 2


def test_list_servers_when_filtered_then_total_still_counts_all(
    hub: StandInHub, desk: Desk
) -> None:
    for name in ("jane-doe", "liam", "janet"):
        hub.add(name)
    listed = desk.manager.list_servers(" JAN ")
    assert [s.user for s in listed.servers] == ["jane-doe", "janet"]
    assert listed.total == 3


def test_list_servers_when_asked_often_then_the_hub_is_not(hub: StandInHub, desk: Desk) -> None:
    hub.add("jane-doe")
    for _ in range(20):
        desk.manager.list_servers()
    assert len(hub.calls) == 1


def test_list_servers_when_a_plan_looked_then_shows_what_it_saw(
    hub: StandInHub, desk: Desk
) -> None:
    hub.add("jane-doe")
    hub.add("kim")
    desk.manager.list_servers()
    hub.people["jane-doe"].servers[""] = Spawned(started=hub.tick())
    desk.manager.plan("restart", [target_of("jane-doe")])
    del hub.people["kim"]
    with pytest.raises(NotFound):
        desk.manager.plan("restart", [target_of("kim")])
    listed = desk.manager.list_servers()
    assert [(s.user, s.state) for s in listed.servers] == [("jane-doe", "ready")]


def test_list_servers_when_the_hub_is_out_then_hub_unavailable(hub: StandInHub, desk: Desk) -> None:
    hub.close()
    with pytest.raises(HubUnavailable):
        desk.manager.list_servers()


def test_snapshot_when_a_little_old_then_is_served_and_renewed_behind(
    hub: StandInHub, desk: Desk
) -> None:
    hub.add("jane-doe")
    snapshot = HubSnapshot(desk.manager._hub)
    first = snapshot.get()
    hub.add("kim")
    wait_until(lambda: snapshot.get() is not first, FRESH_MIN_S + 3)
    assert set(snapshot.get().users) == {"jane-doe", "kim"}
    assert snapshot.get().as_of > first.as_of


def test_snapshot_when_too_old_and_the_hub_is_out_then_is_not_shown(
    hub: StandInHub, desk: Desk
) -> None:
    hub.add("jane-doe")
    snapshot = HubSnapshot(desk.manager._hub, old_s=0.0)
    assert set(snapshot.get().users) == {"jane-doe"}
    hub.close()
    with pytest.raises(HubUnavailable):
        snapshot.get()


@pytest.mark.parametrize(
    ("action", "users", "title"),
    [
        ("restart", ["jane-doe"], "Restart jane-doe's server"),
        ("stop", ["ada"], "Stop your own server"),
        ("start", ["kim"], "Start kim's server"),
        ("stop", ["ada/canary"], "Stop ada/canary"),
        ("restart", ["jane-doe", "ada", "kim"], "Restart 2 servers"),
    ],
)
def test_plan_when_made_then_the_title_is_the_sentence(
    hub: StandInHub, desk: Desk, action: Action, users: list[str], title: str
) -> None:
    hub.add("jane-doe", "")
    hub.add("ada", "", "canary")
    hub.add("kim")
    plan = desk.manager.plan(action, [target_of(user) for user in users])
    assert plan.title == title


def test_plan_when_a_target_is_active_own_or_stopped_then_warns(
    hub: StandInHub, desk: Desk
) -> None:
    hub.add("ada", "")
    hub.add("jane-doe", "").last_activity = now() - timedelta(minutes=3)
    hub.add("liam", "").last_activity = now() - timedelta(minutes=30)
    hub.add("kim")
    names = ("ada", "jane-doe", "liam", "kim", "jane-doe")
    plan = desk.manager.plan("restart", [target_of(name) for name in names])
    assert [(item.target, item.action) for item in plan.items] == [
        ("jane-doe", "restart"),
        ("liam", "restart"),
        ("kim", "skip"),
        ("ada", "restart"),
    ]
    own, active, stopped = plan.warnings
    assert "the server you are using" in own
    assert active.startswith("jane-doe was active 3 min ago")
    assert stopped == "kim: is not running, and a restart does not start it."


def test_plan_when_starting_then_nobody_is_warned_of_lost_work(hub: StandInHub, desk: Desk) -> None:
    hub.add("jane-doe").last_activity = now()
    assert desk.manager.plan("start", [target_of("jane-doe")]).warnings == ()


def test_plan_when_more_than_ten_change_then_the_number_must_be_typed(
    hub: StandInHub, desk: Desk
) -> None:
    for number in range(12):
        hub.add(f"s{number:02}", "")
    targets = [target_of(f"s{number:02}") for number in range(12)]
    assert desk.manager.plan("restart", targets).confirm_number == 12
    assert desk.manager.plan("restart", targets[:10]).confirm_number is None


def test_plan_when_a_user_is_unknown_then_not_found_names_them(hub: StandInHub, desk: Desk) -> None:
    for number in range(8):
        hub.add(f"s{number}", "")
    with pytest.raises(NotFound, match="ghost"):
        desk.manager.plan("stop", [Target(user="ghost")])
    many = [target_of(f"s{number}") for number in range(8)]
    with pytest.raises(NotFound, match="ghost"):
        desk.manager.plan("stop", [*many, Target(user="ghost")])


def test_plan_when_only_activity_changes_then_its_id_stays(hub: StandInHub, desk: Desk) -> None:
    hub.add("jane-doe", "")
    one = desk.manager.plan("restart", [target_of("jane-doe")])
    hub.people["jane-doe"].last_activity = now()
    two = desk.manager.plan("restart", [target_of("jane-doe")])
    assert (one.id, one.warnings) != (one.id, two.warnings)
    assert one.id == two.id


def test_apply_when_a_server_was_restarted_since_the_plan_then_stale(
    hub: StandInHub, desk: Desk
) -> None:
    hub.add("jane-doe", "")
    targets = [target_of("jane-doe")]
    plan = desk.manager.plan("restart", targets)
    hub.people["jane-doe"].servers[""].started = hub.tick()
    with pytest.raises(StalePlan) as caught:
        desk.manager.apply(plan.id, "restart", targets, "ada")
    assert caught.value.context["plan"]["title"] == "Restart jane-doe's server"
    assert hub.stops == []


def test_apply_when_the_plan_was_for_another_action_then_stale(hub: StandInHub, desk: Desk) -> None:
    hub.add("jane-doe", "")
    plan = desk.manager.plan("restart", [target_of("jane-doe")])
    with pytest.raises(StalePlan):
        desk.manager.apply(plan.id, "stop", [target_of("jane-doe")], "ada")


def test_apply_when_there_is_nothing_to_do_then_refused_without_a_job(
    hub: StandInHub, desk: Desk
) -> None:
    hub.add("jane-doe")
    plan = desk.manager.plan("restart", [target_of("jane-doe")])
    assert "There is nothing to do." in plan.warnings
    with pytest.raises(InvalidInput, match="nothing to restart"):
        desk.manager.apply(plan.id, "restart", [target_of("jane-doe")], "ada")
    assert desk.engine.list_jobs(["servers"]).jobs == ()


def test_snapshot_when_a_new_list_is_wished_then_the_hub_is_asked_although_the_last_is_fresh(
    hub: StandInHub,
) -> None:
    snapshot = HubSnapshot(HubClient(hub.url, TOKEN))
    hub.add("jane-doe")
    assert [user.name for user in snapshot.list_users()] == ["jane-doe"]
    hub.add("kim")
    assert [user.name for user in snapshot.list_users()] == ["jane-doe"]
    assert {user.name for user in snapshot.list_users(is_fresh=True)} == {"jane-doe", "kim"}
    assert {user.name for user in snapshot.list_users()} == {"jane-doe", "kim"}
