"""A plan for a team of 1,000: calls to GitHub, seconds of our own, and what applying one costs.

Against the stand-in for GitHub, ours and PyGithub used plainly in turns. Ours is the whole plan:
team, members, invitations, the roster, the ledger, each row told apart. PyGithub's is what an admin
writes first: the team, its members by login, a comparison with the list; reading names too costs a
call each, which is counted for a hundred of them and said in the unit.

Seconds are of the wall, with the stand-in's answers and with the pauses that each keeps between
requests; how much of them is processor time of our own stands in the unit.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from github import Auth, Github

from tests import github as standin
from tests.github import StandIn
from tests.roster.desk import Desk, client, logins

NAMES = (
    "roster_plan_calls",
    "roster_plan_s",
    "roster_plan_unchanged_billed_calls",
    "roster_apply_writes_per_change",
)
PEOPLE = 1000
ROUNDS = 5
NAMED = 100
ADDED = 40


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return seconds of processor and of wall."""
    own, wall = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - own, time.perf_counter() - wall


def _plainly(hub: StandIn, token: str, wanted: Sequence[str]) -> Github:
    """Compare a team with a list by PyGithub as it comes; return the client."""
    plain = Github(auth=Auth.Token(token), base_url=hub.api_url)
    team = plain.get_organization(hub.organization).get_team_by_slug("students")
    there = {member.login.lower() for member in team.get_members()}
    pending = {one.login for one in team.invitations()}
    assert {login.lower() for login in wanted} - there - pending == set()
    return plain


def _calls_with_names(hub: StandIn, token: str) -> int:
    """Return PyGithub's calls for a team when the names are read, from a hundred members."""
    plain = Github(auth=Auth.Token(token), base_url=hub.api_url, seconds_between_requests=None)
    team = plain.get_organization(hub.organization).get_team_by_slug("students")
    hub.forget_requests()
    for number, member in enumerate(team.get_members()):
        if number == NAMED:
            break
        assert member.name
    return hub.count("GET", r"/users/") * PEOPLE // NAMED


def _measure_plans(hub: StandIn, root: Path, people: list[dict[str, Any]]) -> list[dict[str, Any]]:
    entries, token = logins(people), hub.token()
    names = [entry.login for entry in entries]
    own, wall, peer_own, peer_wall, calls, peer_calls, billed = [], [], [], [], 0, 0, []
    for number in range(ROUNDS):
        school = client(hub, root / f"client-{number}")
        desk = Desk(root / f"state-{number}", school)
        hub.forget_requests()
        seconds = _timed(lambda desk=desk: desk.plan(entries, is_whole_team=True))
        own.append(seconds[0])
        wall.append(seconds[1])
        calls = max(calls, hub.count())
        hub.forget_requests()
        assert desk.plan(entries, is_whole_team=True).counts == {"none": PEOPLE}
        billed.append(hub.count() - hub.count(status=304))
        hub.forget_requests()
        seconds = _timed(lambda: _plainly(hub, token, names))
        peer_own.append(seconds[0])
        peer_wall.append(seconds[1])
        peer_calls = hub.count()
    named = _calls_with_names(hub, token)
    print(
        f"# plan: own {statistics.median(own):.2f} s, wall {statistics.median(wall):.2f} s, "
        f"{calls} calls; PyGithub: own {statistics.median(peer_own):.2f} s, wall "
        f"{statistics.median(peer_wall):.2f} s, {peer_calls} calls, {named} more for names",
        file=sys.stderr,
    )
    wall_s, peer_s = statistics.median(wall), statistics.median(peer_wall)
    return [
        _line(
            "roster_plan_calls",
            calls,
            f"calls of a plan for a team of {PEOPLE:,}",
            f"PyGithub used plainly, calls ({peer_calls + named:,} if names are read)",
            peer_calls,
        ),
        _line(
            "roster_plan_s",
            round(wall_s, 3),
            f"s for that plan, {statistics.median(own):.2f} of it our own (processor)",
            f"PyGithub used plainly, s, {statistics.median(peer_own):.2f} of it its own",
            round(peer_s, 2),
        ),
        _line(
            "roster_plan_unchanged_billed_calls",
            max(billed),
            f"calls of the same plan again that count against the hourly limit (of {calls}; the "
            "others are answered 304)",
            "PyGithub used plainly, calls",
            peer_calls,
        ),
    ]


def _measure_apply(hub: StandIn, root: Path, people: list[dict[str, Any]]) -> list[dict[str, Any]]:
    new = hub.people(ADDED, prefix="new-")
    inside = hub.people(ADDED, prefix="inside-", teams=["everybody"])
    gone = [one["login"] for one in people[:ADDED]]
    desk = Desk(root / "apply", client(hub, root / "client-apply")).open()
    try:
        plan = desk.plan([*logins(new), *logins(inside)], removals=tuple(gone))
        changes = len(plan.items)
        hub.forget_requests()
        job = desk.apply([*logins(new), *logins(inside)], removals=tuple(gone))
        assert job.state == "succeeded" and job.receipt, job.problem
        assert hub.sent_twice() == []
    finally:
        desk.close()
    writes = sum(one["method"] in ("PUT", "POST", "DELETE") for one in hub.requests())
    return [
        _line(
            "roster_apply_writes_per_change",
            round(writes / changes, 3),
            f"writes per change: {ADDED} invited, {ADDED} added, {ADDED} removed",
            "one write per change",
            1,
        )
    ]


def _line(name: str, value: float, unit: str, peer: str, peer_value: float) -> dict[str, Any]:
    return {
        "name": name,
        "value": value,
        "unit": unit,
        "peer": peer,
        "peer_value": peer_value,
        "ratio": round(value / peer_value, 4),
        "command": "make bench ONLY=roster_",
    }


def measure() -> list[dict[str, Any]]:
    """Return all lines."""
    with tempfile.TemporaryDirectory() as folder, standin.running(Path(folder)) as hub:
        for team in ("admins", "tas", "everybody"):
            hub.team(team)
        people = hub.people(PEOPLE, prefix="s-", teams=["students"])
        root = Path(folder)
        return [*_measure_plans(hub, root, people), *_measure_apply(hub, root, people)]
