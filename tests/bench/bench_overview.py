"""The school-day page with 1,000 students: starts, receipts, users at a hub, jobs and changes.

Each look asks every fact again; only the list of users is what the snapshot of the hub keeps for
some seconds, as for every panel. The hub is the stand-in of the unit tests, in a thread of this
process, so its own work is counted too. GitHub is not part of it: its answers are kept by the
roster.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from growth_admin.core.permissions import AREAS
from growth_admin.overview_page import build_overview
from growth_admin.rooms import Rooms, build_rooms
from growth_admin.settings import Settings
from tests.bench.synthetic_school import write_school
from tests.unit.servers.stand_in_hub import TOKEN, Person, Spawned, StandInHub, running_hub

NAMES = ("overview_p95_ms",)
STUDENTS = 1000
CHANGES = 300
ROUNDS = 60


def _write_data(shared: Path, users: list[str]) -> None:
    for name in ("stars", "galaxies", "spectra"):
        folder = shared / "data" / name
        folder.mkdir(parents=True)
        (folder / "a.csv").write_text("one\n")
    receipts = shared / ".growth-admin" / "receipts"
    receipts.mkdir(parents=True, exist_ok=True)
    moment = datetime.now(UTC).isoformat()
    held = [{"name": "stars", "delivery": "copy", "version": "v1", "state": "behind"}]
    for user in users:
        content = {"schema": 1, "time": moment, "datasets": held}
        (receipts / f"{user}.json").write_text(json.dumps(content))


def _fill(hub: StandInHub, users: list[str]) -> None:
    early = datetime.now(UTC) - timedelta(hours=1)
    for user in users:
        hub.people[user] = Person(user, servers={"": Spawned(started=early)})
    hub.people["ada"] = Person("ada", groups=("admins",))


def _change(rooms: Rooms) -> None:
    for number in range(CHANGES):
        rooms.audit.record(
            user="ada",
            permission="startup.scripts:save",
            area="startup",
            action="Save a revision",
            target=f"r{number}",
            result="done",
        )


def _look_s(rooms: Rooms) -> float:
    """Return seconds of a page whose every line is asked anew."""
    page = build_overview(rooms.sources)
    began_s = time.perf_counter()
    found = page.get_overview(AREAS, limit_s=60)
    found.model_dump_json()
    took_s = time.perf_counter() - began_s
    late = [line for line in found.lines if line.state == "unknown"]
    assert {line.id for line in late} <= {"homes", "people", "shares", "bot"}, late
    return took_s


def measure() -> list[dict[str, Any]]:
    """Return the line."""
    with tempfile.TemporaryDirectory() as place, running_hub() as hub:
        folder = Path(place)
        (folder / "nfs").mkdir()
        users = list(write_school(folder / "admin", students=STUDENTS, starts=10).nb_users)
        _fill(hub, users)
        _write_data(folder / "nfs", users)
        rooms = build_rooms(
            Settings(
                folder / "admin",
                folder / "nfs",
                user="ada",
                hub_url=hub.url,
                hub_token=TOKEN,
                home=folder,
            )
        )
        _change(rooms)
        first_s = _look_s(rooms)
        looks_s = [_look_s(rooms) for _ in range(ROUNDS)]
        p95_ms = statistics.quantiles(looks_s, n=20)[-1] * 1000
        median_ms = statistics.median(looks_s) * 1000
        print(
            f"# overview: first {first_s:.2f} s, median {median_ms:.0f} ms, p95 {p95_ms:.0f} ms",
            file=sys.stderr,
        )
    return [
        {
            "name": "overview_p95_ms",
            "value": round(p95_ms),
            "unit": f"ms, p95 of {ROUNDS} looks at a school of {STUDENTS:,}, every fact asked "
            f"again; median {median_ms:.0f}; the first look of a server {first_s:.1f} s",
            "peer": "aim, ms",
            "peer_value": 500,
            "ratio": round(p95_ms / 500, 3),
            "command": "make bench ONLY=overview_",
        }
    ]
