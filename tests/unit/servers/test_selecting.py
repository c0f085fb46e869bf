"""Targets by what servers are, the facts that other rooms know, and lists by pages."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from growth_admin.core.audit import AuditTrail
from growth_admin.core.errors import HubUnavailable, InvalidInput, StalePlan, StorageUnavailable
from growth_admin.core.schema import now
from growth_admin.jobs.engine import JobEngine
from growth_admin.jobs.store import JobStore
from growth_admin.servers.facts import FactsCache, Key, StartFacts
from growth_admin.servers.hub import HubClient
from growth_admin.servers.manager import ServerManager
from growth_admin.servers.models import Pace, PlannedTarget, PlanRequest, Selector, Target
from tests.unit.servers.conftest import Desk, target_of
from tests.unit.servers.stand_in_hub import TOKEN, StandInHub
from tests.unit.servers.waiting import wait_until

NEW, OLD = "school/notebook:2026.12", "school/notebook:2026.11"
FACTS: dict[Key, StartFacts] = {
    ("ann", ""): StartFacts(image=OLD, image_digest="sha256:aa", result="ok"),
    ("ben", ""): StartFacts(
        image=NEW,
        image_digest="sha256:bb",
        scripts={"as-user.sh": 31, "as-root.sh": None},
        result="ok",
        data=(("catalogue", "behind"),),
    ),
    ("cat", ""): StartFacts(image=NEW, result="old-revision", is_old_revision=True),
    ("dan", ""): StartFacts(image=OLD, result="failed", scripts={"as-user.sh": 30}),
}


class Room:
    """A manager that knows of starts."""

    def __init__(self, hub: StandInHub, folder: Path, source: Any) -> None:
        engine = JobEngine(
            JobStore(folder / "jobs"),
            user="ada",
            server="ada/",
            audit=AuditTrail(folder / "audit", writer="ada"),
        )
        self.hub = hub
        self.manager = ServerManager(HubClient(hub.url, TOKEN), engine, owner="ada", starts=source)

    def names(self, action: Any = "restart", **selector: Any) -> list[str]:
        """Return who is found."""
        plan = self.manager.plan(action, selector=Selector(**selector))
        return [item.target for item in plan.items]


@pytest.fixture
def room(hub: StandInHub, tmp_path: Path) -> Room:
    """A class of six; ``eve`` never started here, ``fay`` is stopped."""
    for minutes, name in enumerate(("ann", "ben", "cat", "dan", "eve")):
        hub.add(name, "").last_activity = now() - timedelta(minutes=20 * minutes)
    hub.add("fay")
    hub.add("ada", "", "canary", groups=("admins",))
    return Room(hub, tmp_path, lambda: FACTS)


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ({}, ["ann", "ben", "cat", "dan", "eve", "ada"]),
        ({"groups": ("students",)}, ["ann", "ben", "cat", "dan", "eve"]),
        ({"groups": ("admins", "tas")}, ["ada"]),
        ({"groups": ("admins",), "has_named": True}, ["ada/canary", "ada"]),
        ({"name": " AN "}, ["ann", "dan"]),
        ({"image_not": NEW}, ["ann", "dan"]),
        ({"image_not": "2026.12"}, ["ann", "dan"]),
        ({"image_not": "sha256:bb"}, ["ann"]),
        ({"is_old_revision": True}, ["cat"]),
        ({"start_results": ("failed", "timed-out")}, ["dan"]),
        ({"idle_min": 30}, ["cat", "dan", "eve"]),
        ({"idle_min": 30, "groups": ("students",), "image_not": NEW}, ["dan"]),
        ({"states": ("ready",), "name": "e"}, ["ben", "eve"]),
    ],
)
def test_selector_when_it_has_conditions_then_all_of_them_hold(
    room: Room, selector: dict[str, Any], names: list[str]
) -> None:
    assert room.names(**selector) == names


def test_selector_when_the_digest_is_told_by_the_tags_past_then_only_others_are_found(
    hub: StandInHub, tmp_path: Path
) -> None:
    moved = now() - timedelta(minutes=10)
    for name, minutes in (("old", 20), ("new", 5)):
        hub.add(name, "").servers[""].started = now() - timedelta(minutes=minutes)
    fact = StartFacts(image=NEW, digest_at=lambda at: "sha256:aa" if at < moved else "sha256:bb")
    room = Room(hub, tmp_path, lambda: {("old", ""): fact, ("new", ""): fact})
    assert room.names(image_not="sha256:bb") == ["old"]
    rows = {row.user: row for row in room.manager.list_servers().servers}
    assert [rows[name].image_digest for name in ("old", "new")] == ["sha256:aa", "sha256:bb"]
    assert rows["old"].is_digest_inferred


def test_selector_when_it_is_a_start_then_only_who_does_not_run(room: Room) -> None:
    assert room.names("start") == ["fay"]


def test_selector_when_facts_are_not_known_then_says_how_many_are_left_out(room: Room) -> None:
    plan = room.manager.plan("restart", selector=Selector(image_not=NEW))
    said = "2 more servers may match: which image they run is not known."
    assert said in plan.warnings


def test_selector_when_two_facts_are_asked_and_one_is_not_known_then_it_may_match(
    hub: StandInHub, tmp_path: Path
) -> None:
    for name in ("ann", "ben", "cat"):
        hub.add(name, "")
    facts = {
        ("ann", ""): StartFacts(image=OLD, result="failed"),
        ("ben", ""): StartFacts(image=OLD),
        ("cat", ""): StartFacts(image_digest="sha256:aa", result="failed"),
    }
    asked = Selector(image_not=NEW, start_results=("failed",))
    plan = Room(hub, tmp_path, lambda: facts).manager.plan("restart", selector=asked)
    assert [item.target for item in plan.items] == ["ann"]
    assert (
        "2 more servers may match: which image they run or how they started last is not known."
        in plan.warnings
    )


def test_selector_when_a_digest_is_asked_then_who_has_only_a_tag_is_left_out_and_counted(
    room: Room,
) -> None:
    plan = room.manager.plan("restart", selector=Selector(image_not="sha256:bb"))
    assert [item.target for item in plan.items] == ["ann"]
    said = "4 more servers may match: which digest they run is not known."
    assert said in plan.warnings


def test_selector_when_nobody_matches_then_refused_with_a_hint(room: Room) -> None:
    with pytest.raises(InvalidInput, match="No server") as caught:
        room.names(name="nobody")
    assert caught.value.hint


def test_selector_when_the_facts_cannot_be_read_then_the_refusal_says_why(
    hub: StandInHub, tmp_path: Path
) -> None:
    def fail() -> dict[Key, StartFacts]:
        raise StorageUnavailable("/home/admin is not mounted.")

    hub.add("ann", "")
    room = Room(hub, tmp_path, fail)
    with pytest.raises(InvalidInput) as caught:
        room.names(is_old_revision=True)
    assert "not mounted" in caught.value.hint


def test_selector_when_applied_by_itself_then_what_it_finds_must_be_what_was_shown(
    room: Room, hub: StandInHub
) -> None:
    plan = room.manager.plan("restart", selector=Selector(groups=("students",)))
    hub.people["fay"].servers[""] = hub.people["ann"].servers[""]
    with pytest.raises(StalePlan):
        room.manager.apply(plan.id, "restart", (), "ada", selector=Selector(groups=("students",)))


def test_request_when_it_names_both_or_neither_then_refused() -> None:
    with pytest.raises(ValidationError):
        PlanRequest(action="stop")
    with pytest.raises(ValidationError):
        PlanRequest(action="stop", servers=(PlannedTarget(user="a"),), selector=Selector())


# ---- plans that survive


def test_apply_when_one_of_many_changed_since_then_it_is_left_alone_and_the_others_go_on(
    hub: StandInHub, desk: Desk
) -> None:
    for name in ("a", "b", "c", "d"):
        hub.add(name, "")
    plan = desk.manager.plan("restart", [target_of(name) for name in ("a", "b", "c", "d")])
    hub.people["b"].servers[""].started = hub.tick()
    del hub.people["c"].servers[""]
    del hub.people["d"]
    job = desk.ended(desk.manager.apply(plan.id, "restart", plan.servers, "ada"))
    assert job.receipt is not None
    said = {item["target"]: (item["result"], item["detail"]) for item in job.receipt["items"]}
    assert said["a"][0] == "done"
    assert said["b"] == ("skipped", "was restarted meanwhile")
    assert said["c"][0] == said["d"][0] == "skipped"
    assert (hub.stops, hub.starts) == (["a"], ["a"])


def test_apply_when_what_the_plan_saw_is_told_otherwise_then_stale(
    hub: StandInHub, desk: Desk
) -> None:
    hub.add("a", "")
    plan = desk.manager.plan("restart", [target_of("a")])
    other = plan.servers[0].model_copy(update={"started": now()})
    with pytest.raises(StalePlan):
        desk.manager.apply(plan.id, "restart", [other], "ada")


def test_apply_when_the_pace_is_another_than_that_of_the_plan_then_stale(
    hub: StandInHub, desk: Desk
) -> None:
    hub.add("a", "")
    hub.add("b", "")
    plan = desk.manager.plan("restart", [target_of("a"), target_of("b")])
    with pytest.raises(StalePlan):
        pace = Pace(canary_count=0)
        desk.manager.apply(plan.id, "restart", plan.servers, "ada", pace=pace)


def test_stop_when_a_student_came_back_with_a_new_server_then_that_one_is_left(
    hub: StandInHub, desk: Desk
) -> None:
    hub.add("a", "")
    hub.add("b", "")
    plan = desk.manager.plan("stop", [target_of("a"), target_of("b")])
    hub.people["a"].servers[""].started = hub.tick()
    job = desk.ended(desk.manager.apply(plan.id, "stop", plan.servers, "ada"))
    assert job.state == "succeeded"
    assert hub.stops == ["b"]


# ---- rows


def test_list_when_starts_are_known_then_rows_say_image_scripts_result_and_data(
    room: Room,
) -> None:
    rows = {(s.user, s.server_name): s for s in room.manager.list_servers().servers}
    ben, eve, fay = rows["ben", ""], rows["eve", ""], rows["fay", ""]
    assert (ben.image, ben.image_digest, ben.start_result) == (NEW, "sha256:bb", "ok")
    assert ben.scripts == {"as-user.sh": 31, "as-root.sh": None}
    assert ben.is_old_revision is False
    assert ben.data is not None
    assert [(d.name, d.state) for d in ben.data] == [("catalogue", "behind")]
    assert (ben.ready_since, ben.busy_kernels) == (ben.started, None)
    assert rows["ann", ""].idle_since is None
    assert ben.idle_since == ben.last_activity
    assert (eve.image, eve.start_result, eve.is_old_revision) == (None, None, None)
    assert (fay.ready_since, fay.idle_since) == (None, None)


def test_list_when_the_starts_take_long_to_read_then_it_comes_without_them(
    hub: StandInHub, tmp_path: Path
) -> None:
    go = threading.Event()

    def slow() -> dict[Key, StartFacts]:
        go.wait(10)
        return FACTS

    hub.add("ben", "")
    room = Room(hub, tmp_path, slow)
    began_s = time.monotonic()
    listed = room.manager.list_servers()
    assert time.monotonic() - began_s < 2
    assert listed.servers[0].image is None
    assert listed.notes == ("Starts are still being read.",)
    go.set()
    wait_until(lambda: room.manager.list_servers().servers[0].image == NEW)
    assert room.manager.list_servers().notes == ()


def test_facts_when_they_cannot_be_read_again_then_the_old_ones_stay_and_it_is_said() -> None:
    answers: list[Any] = [FACTS, StorageUnavailable("gone"), ValueError("odd")]

    def source() -> dict[Key, StartFacts]:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[no-any-return]  # it is the facts

    cache = FactsCache(source)
    assert cache.read().problem == ""
    for _ in range(2):
        known = cache.read()
        assert known.facts == FACTS
        assert known.problem


# ---- pages


def test_pages_when_followed_then_each_row_once_in_the_order_of_names(
    hub: StandInHub, desk: Desk
) -> None:
    for number in range(430):
        hub.add(f"s{number:03}")
    hub.add("ada", "", "canary")
    found, offset = [], 0
    while True:
        part = desk.manager.list_servers(offset=offset, limit=100)
        found += [(s.user, s.server_name) for s in part.servers]
        if part.next_offset is None:
            break
        offset = part.next_offset
    assert found == [("ada", ""), ("ada", "canary"), *((f"s{n:03}", "") for n in range(430))]
    assert part.total == 432


def test_pages_when_the_hub_is_slow_then_the_first_comes_before_the_hub_has_told_all(
    hub: StandInHub, desk: Desk
) -> None:
    for number in range(1000):
        hub.add(f"s{number:03}")
    hub.page_s = 0.4
    began_s = time.monotonic()
    part = desk.manager.list_servers(limit=50)
    first_s = time.monotonic() - began_s
    assert len(part.servers) == 50
    assert (part.next_offset, part.total) == (50, 1000)
    assert first_s < 0.9
    late = desk.manager.list_servers(offset=900, limit=200)
    assert (len(late.servers), late.next_offset) == (100, None)
    assert 1.8 < time.monotonic() - began_s < 5
    assert len(hub.calls) == 6


def test_pages_when_filtered_then_waits_for_as_many_matches(hub: StandInHub, desk: Desk) -> None:
    for number in range(450):
        hub.add(f"s{number:03}")
    part = desk.manager.list_servers("9", offset=10, limit=5)
    assert [s.user for s in part.servers] == ["s091", "s092", "s093", "s094", "s095"]
    assert desk.manager.list_servers("zz", limit=5).servers == ()


def test_pages_when_the_hub_is_out_then_hub_unavailable(hub: StandInHub, desk: Desk) -> None:
    hub.close()
    with pytest.raises(HubUnavailable):
        desk.manager.list_servers(limit=5)


def test_plan_when_many_are_named_for_a_restart_then_only_running_servers_are_listed(
    hub: StandInHub, desk: Desk
) -> None:
    for number in range(300):
        hub.add(f"s{number:03}", *([""] if number < 20 else []))
    desk.manager.plan("restart", [Target(user=f"s{number:03}") for number in range(20)])
    assert [path for _, path in hub.calls] == ["users?offset=0&limit=200&sort=name&state=active"]
