"""What the rooms hand over: real rooms over real folders, and a hub on a port of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from growth_admin.core.errors import HubUnavailable
from growth_admin.core.permissions import AREAS
from growth_admin.overview.models import Line, Overview
from growth_admin.rooms import Rooms, build_rooms
from growth_admin.servers.hub_models import parse_guests
from growth_admin.settings import Settings
from tests.bench.synthetic_school import write_school
from tests.unit.servers.stand_in_hub import TOKEN, Fault, Person, Spawned, StandInHub, running_hub

EARLY = datetime.now(UTC) - timedelta(hours=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "nfs").mkdir()
    (tmp_path / "admin").mkdir()
    return tmp_path


@pytest.fixture
def hub() -> Iterator[StandInHub]:
    with running_hub() as found:
        yield found


def rooms_of(folder: Path, url: str = "") -> Rooms:
    return build_rooms(
        Settings(
            folder / "admin",
            folder / "nfs",
            user="ada",
            hub_url=url,
            hub_token=TOKEN,
            home=folder,
        )
    )


def look(rooms: Rooms) -> dict[str, Line]:
    found: Overview = rooms.overview.get_overview(AREAS, limit_s=20)
    return {line.id: line for line in found.lines}


def test_overview_when_there_is_no_hub_and_nothing_yet_then_every_line_says_so(
    folder: Path,
) -> None:
    found = look(rooms_of(folder))
    assert len(found) == 14
    for name in ("hub", "shares", "people", "homes", "bot"):
        assert (found[name].state == "unknown" and found[name].hint) or found[name].lacks, name
    assert "homes_root" in found["homes"].hint
    assert found["disk"].sentence.startswith(str(folder / "nfs"))
    assert {found[name].state for name in ("datasets", "jobs", "canary", "changes")} == {"ok"}
    assert "roster" in found["parts"].sentence and "servers" in found["parts"].sentence


def test_parts_when_the_visitor_lacks_an_area_then_its_scope_is_named_whichever_it_is(
    folder: Path,
) -> None:
    rooms = rooms_of(folder)
    for area in AREAS:
        found = rooms.overview.get_overview(set(AREAS) - {area}, limit_s=20)
        parts = {line.id: line for line in found.lines}["parts"]
        assert parts.lacks == f"custom:growth:{area}"


def test_overview_when_a_class_has_started_then_starts_scripts_and_images_are_counted(
    folder: Path, hub: StandInHub
) -> None:
    school = write_school(folder / "admin", students=60, starts=1)
    for user in school.nb_users:
        hub.people[user] = Person(user, servers={"": Spawned(started=EARLY)})
    found = look(rooms_of(folder, hub.url))
    failed = sum(
        s in ("failed", "timed-out", "missing", "sick-mount") for s in school.states.values()
    )
    old = sum(state == "old-revision" for state in school.states.values())
    assert f"{failed} of 60 starts within 12 hours failed" in found["starts"].sentence
    assert f"{old} of 60 running servers began with an older" in found["scripts"].sentence
    assert found["images"].sentence == (
        "60 running servers on one image (growth-school/notebook:2026.11)."
    )
    assert found["hub"].sentence == "The hub answers: 60 users, 60 servers ready."


def test_overview_when_the_hub_is_away_then_what_lies_on_the_disk_is_told_all_the_same(
    folder: Path, hub: StandInHub
) -> None:
    write_school(folder / "admin", students=20, starts=1)
    url = hub.url
    hub.close()
    found = look(rooms_of(folder, url))
    assert found["hub"].state == found["shares"].state == "unknown"
    assert "20 starts" in found["starts"].sentence and "last starts" in found["images"].sentence


@pytest.mark.parametrize("status", [403, 404])
def test_shares_when_they_may_not_be_asked_then_the_line_names_the_scope(
    folder: Path, hub: StandInHub, status: int
) -> None:
    hub.people["ada"] = Person("ada", groups=("admins",))
    hub.faults.append(Fault("GET", "shares/ada", status, "Action is not authorized", times=9))
    line = look(rooms_of(folder, hub.url))["shares"]
    assert (line.state, line.lacks) == ("unknown", "read:shares!group=admins")
    assert "hub_config.py" in line.hint


@pytest.mark.parametrize(
    ("given", "guests"),
    [
        ({"items": []}, ()),
        ({"items": [{"user": {"name": "jane"}, "group": None}]}, ("jane",)),
        ([{"user": None, "group": {"name": "students"}}], ("group students",)),
    ],
)
def test_shares_when_the_hub_lists_them_then_guests_are_named(
    given: Any, guests: tuple[str, ...]
) -> None:
    assert parse_guests(given) == guests


@pytest.mark.parametrize("given", [None, 3, {"items": 3}, [{}], [{"user": {}}], {"no": 1}])
def test_shares_when_the_answer_makes_no_sense_then_it_is_said(given: Any) -> None:
    with pytest.raises(HubUnavailable):
        parse_guests(given)


def test_homes_when_their_folder_is_known_then_its_disk_is_looked_at(folder: Path) -> None:
    (folder / "homes" / "jane").mkdir(parents=True)
    rooms = rooms_of(folder)
    assert rooms.roster
    rooms.roster.homes_root = str(folder / "homes")
    assert look(rooms)["homes"].sentence.startswith(("1 disk of homes", "1 of 1 disk"))


def test_changes_when_recorded_then_the_line_says_who(folder: Path) -> None:
    rooms = rooms_of(folder)
    rooms.audit.record(
        user="kofi",
        permission="startup.scripts:publish",
        area="startup",
        action="Make a revision live",
        target="as-user.sh",
        result="done",
    )
    assert "kofi, just now: Make a revision live as-user.sh" in look(rooms)["changes"].sentence


def test_starts_when_the_folder_of_logs_cannot_be_listed_then_only_its_lines_are_unknown(
    folder: Path,
) -> None:
    (folder / "admin" / "logs").write_text("not a folder")
    found = look(rooms_of(folder))
    assert found["starts"].state == "unknown" and found["disk"].state != "unknown"
