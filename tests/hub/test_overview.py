"""The school-day page of an organiser's own server, on a real hub."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.hub.school import School, eventually
from tests.hub.visitors import ADMIN, Visitors

GUEST = "chen-wei"
PATH = "/growth/api/overview"


@pytest.fixture(scope="module")
def visitors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitors]:
    """A school whose organiser is at home, and a student who has been there."""
    with School.open(tmp_path_factory.mktemp("overview")) as school:
        found = Visitors(school)
        found.at_home(GUEST)
        found.at_home(ADMIN)
        yield found


def look(visitors: Visitors) -> dict[str, Any]:
    send = visitors.sender(visitors.at_home(ADMIN), ADMIN.lower())
    reply = send("GET", PATH)
    assert reply.status_code == 200, reply.text
    return {line["id"]: line for line in reply.json()["lines"]}


def test_overview_when_an_organiser_looks_then_the_hub_and_the_starts_are_told(
    visitors: Visitors,
) -> None:
    found = look(visitors)
    assert found["hub"]["state"] == "ok" and "servers ready" in found["hub"]["sentence"]
    assert found["starts"]["state"] != "unknown", found["starts"]
    assert found["scripts"]["state"] != "unknown", found["scripts"]
    assert found["people"]["sentence"]


def test_overview_when_an_organisers_server_is_shared_then_it_is_red_until_that_ends(
    visitors: Visitors,
) -> None:
    line = look(visitors)["shares"]
    assert (line["state"], line["lacks"]) == ("ok", ""), line
    visitors.share(ADMIN.lower(), GUEST)
    eventually(lambda: look(visitors)["shares"]["state"] == "error", 30)
    assert look(visitors)["shares"]["details"] == [f"{ADMIN.lower()} is shared with {GUEST}"]
    visitors.school.hub_api("DELETE", f"shares/{ADMIN.lower()}/")
    eventually(lambda: look(visitors)["shares"]["state"] == "ok", 30)


def test_overview_when_a_student_asks_the_own_server_then_there_is_nothing(
    visitors: Visitors,
) -> None:
    send = visitors.sender(visitors.at_home(GUEST), GUEST)
    assert send("GET", PATH).status_code in (403, 404)
