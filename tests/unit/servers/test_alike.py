"""Servers "that are like this": what the panel's filter shows is what a selector finds.

Each case of ``alike.json`` is a server and a question. ``labextension/tests/servers/alike.spec.ts``
asks the panel's filter the same, with the rows that ``row_of`` is seen to make here.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from growth_admin.servers.facts import StartFacts
from growth_admin.servers.hub_models import HubServer, HubUser
from growth_admin.servers.listing import row_of
from growth_admin.servers.models import Selector, Target
from growth_admin.servers.selecting import select

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
CASES: list[dict[str, Any]] = json.loads(Path(__file__).with_name("alike.json").read_text())
FACTS_OF_A_ROW = ("image", "image_digest", "is_old_revision", "start_result")
JANE = Target(user="jane-doe")


def user_of(case: dict[str, Any]) -> HubUser:
    """Return a student with one server; it was used 5 minutes ago if the case says nothing else."""
    minutes = case.get("last_min", 5)
    server = HubServer(
        "",
        "ready",
        started=NOW - timedelta(hours=1),
        last_activity=None if minutes is None else NOW - timedelta(minutes=minutes),
        options=case.get("options", {}),
    )
    return HubUser(JANE.user, ("students",), servers={"": server})


def start_of(case: dict[str, Any]) -> StartFacts:
    """Return what the last start told; ``digest_at`` is what the tag named at any moment."""
    told = dict(case.get("start", {}))
    named = told.pop("digest_at", "")
    return StartFacts(**told, digest_at=lambda moment: named)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["what"])
def test_selector_when_a_case_of_the_shared_table_is_asked_then_it_finds_what_the_table_says(
    case: dict[str, Any],
) -> None:
    facts = {(JANE.user, ""): start_of(case)} if "start" in case else {}
    asked = Selector.model_validate_json(json.dumps(case["asked"]))
    found = select("restart", asked, [user_of(case)], facts, NOW)
    assert found.targets == ((JANE,) if case["found"] == "yes" else ())
    lack = f"1 more server may match: {case.get('lack')} is not known."
    assert found.notes == ((lack,) if case["found"] == "unknown" else ())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["what"])
def test_row_when_a_case_of_the_shared_table_is_listed_then_the_panel_is_told_what_the_table_says(
    case: dict[str, Any],
) -> None:
    user = user_of(case)
    row = row_of(user, user.server(""), start_of(case), Target(user="ada"), NOW)
    told = {name: value for name in FACTS_OF_A_ROW if (value := getattr(row, name)) is not None}
    assert told == case.get("row", {})
