"""A made-up school: students with believable logins, and what their starts left behind.

The records have the fields of the start chain (schema 1). ``write_school`` is the same for the
same seed, so a figure or a screenshot can be made again.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

FIRST = ["aisha", "bram", "chiara", "daniel", "elif", "farid", "grace", "hiro", "ingrid", "jane"]
FIRST += ["kofi", "lena", "mateo", "nadia", "olu", "priya", "quentin", "rosa", "sven", "tomasz"]
LAST = ["doe", "okafor", "garcia", "nguyen", "patel", "smith", "kowalski", "rossi", "tanaka"]
LAST += ["haddad", "mueller", "silva", "larsen", "ivanova", "chen", "osei", "dubois", "yilmaz"]
IMAGE = "growth-school/notebook:2026.11"
DIGEST = f"sha256:{hashlib.sha256(IMAGE.encode()).hexdigest()}"
LIVE_TEXTS = {
    "as-root.sh": b"#!/bin/bash\nid\n",
    "as-user.sh": b"#!/bin/bash\ngitpuller https://git.example/school main school\n",
}
OLD_TEXT = b"#!/bin/bash\ngitpuller https://git.example/school master school\n"
ERRORS = (
    "/tmp/growth-start-{hex}/as-user.sh: line 20: gitpuller: could not resolve host",
    "cp: error writing '/home/{name}/data/catalogue.fits': No space left on device",
    "Traceback of run {number}: ModuleNotFoundError: No module named 'astropy'",
)
STATES = ("ok",) * 88 + ("failed",) * 4 + ("timed-out", "empty-log", "missing", "sick-mount")
STATES += ("old-revision",) * 4


@dataclass
class SyntheticSchool:
    """What was written: hub users and what the chain calls them, and each one's last state."""

    admin_root: Path
    nb_users: dict[str, str] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    live_sha256: dict[str, str] = field(default_factory=dict)


def logins(count: int, *, seed: int = 7) -> list[str]:
    """Return different GitHub logins: hyphens, capitals, digits, some of 39 characters."""
    chance = random.Random(seed)
    found: dict[str, str] = {}
    while len(found) < count:
        first, last = chance.choice(FIRST), chance.choice(LAST)
        number = chance.randrange(1, 3000)
        login = chance.choice(
            (
                f"{first}-{last}",
                f"{first}{last}",
                f"{first.title()}{last.title()}",
                f"{first[0]}{last}{number}",
                f"{number}{first}",
                f"{first.title()}-{last.title()}-{number}",
                f"{first}-{last}-of-the-growth-school-{number}"[:39],
            )
        )
        found.setdefault(login.casefold(), login)
    return list(found.values())


def write_school(
    admin_root: Path,
    *,
    students: int = 1000,
    starts: int = 10,
    never: int = 0,
    plain: int = 0,
    ended: datetime | None = None,
    seed: int = 7,
) -> SyntheticSchool:
    """Write logs, records and live scripts below ``admin_root``.

    The last ``never`` of the students have not started yet, the ``plain`` before them have only
    logs of the old hook. ``ended`` is when the last start of the class was.
    """
    chance = random.Random(seed)
    school = SyntheticSchool(admin_root)
    records = admin_root / "logs" / "records"
    records.mkdir(parents=True, exist_ok=True)
    (admin_root / "start").mkdir(exist_ok=True)
    for name, text in LIVE_TEXTS.items():
        (admin_root / "start" / name).write_bytes(text)
        (admin_root / "start" / name).chmod(0o755)
        school.live_sha256[name] = hashlib.sha256(text).hexdigest()
    moment = ended or datetime.now(UTC)
    for index, login in enumerate(logins(students, seed=seed)):
        user = login.lower()
        nb_user = user if len(user) <= 32 else f"{user[:26]}-{index:05}"
        school.nb_users[user] = nb_user
        if index >= students - never:
            school.states[user] = "never-started"
        elif index >= students - never - plain:
            school.states[user] = _write_plain(admin_root / "logs", nb_user, chance)
        else:
            school.states[user] = _write_starts(
                admin_root / "logs", user, nb_user, starts, moment, chance
            )
    return school


def _write_plain(logs: Path, nb_user: str, chance: random.Random) -> str:
    """Write what the old hook leaves: stdout only, truncated at each start, no exit code."""
    text = chance.choice((b"Already up to date.\n", b"Already up to date.\n", b""))
    (logs / f"{nb_user}-as-root.log").write_bytes(b"uid=0(root) gid=0(root) groups=0(root)\n")
    (logs / f"{nb_user}-as-user.log").write_bytes(text)
    long_ago_s = datetime.now(UTC).timestamp() - 3600
    os.utime(logs / f"{nb_user}-as-user.log", (long_ago_s, long_ago_s))
    return "unknown" if text else "empty-log"


def _write_starts(
    logs: Path, user: str, nb_user: str, starts: int, ended: datetime, chance: random.Random
) -> str:
    states = [chance.choice(STATES) for _ in range(starts)]
    lines: list[str] = []
    for days_ago, state in zip(range(starts - 1, -1, -1), states, strict=True):
        started = ended - timedelta(days=days_ago, seconds=chance.uniform(5, 1500))
        record, texts = start_record(user, nb_user, state, started, chance)
        lines.append(json.dumps(record))
        if days_ago < 2:
            for script, text in texts.items():
                path = logs / f"{nb_user}-{script[:-3]}.log{'' if days_ago == 0 else '.1'}"
                path.write_bytes(text)
                at_s = started.timestamp() + record["duration_s"]
                os.utime(path, (at_s, at_s))
    path = logs / "records" / f"{nb_user}.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines))
    os.utime(path, (at_s, at_s))
    return states[-1]


def start_record(
    user: str,
    nb_user: str,
    state: str,
    started: datetime,
    chance: random.Random,
    *,
    server_name: str = "",
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return a record as the chain writes it, and the text of each log."""
    duration_s = 60.3 if state == "timed-out" else round(chance.uniform(1.2, 9.0), 3)
    stem = f"{nb_user}--{server_name}" if server_name else nb_user
    scripts = [
        _script("as-root.sh", stem, "sick-mount" if state == "sick-mount" else "ok", chance),
        _script("as-user.sh", stem, state, chance),
    ]
    scripts[1][0]["duration_s"] = duration_s
    record = {
        "schema": 1,
        "id": f"{started:%Y%m%dT%H%M%S.%fZ}-{chance.randrange(16**6):06x}",
        "user": nb_user,
        "server_name": server_name,
        "hub_user": user,
        "github_id": str(chance.randrange(10**5, 10**8)),
        "started": f"{started:%Y-%m-%dT%H:%M:%S.%fZ}",
        "ended": f"{started + timedelta(seconds=duration_s):%Y-%m-%dT%H:%M:%S.%fZ}",
        "duration_s": duration_s,
        "state": "ok" if state == "old-revision" else state,
        "image": {"reference": IMAGE, "digest": DIGEST},
        "scripts_revision": "",
        "limit_s": 60.0,
        "rerooted": False,
        "scripts": [fields for fields, _ in scripts],
        "notes": [],
    }
    return record, {fields["name"]: text for fields, text in scripts}


def _script(
    name: str, stem: str, state: str, chance: random.Random
) -> tuple[dict[str, Any], bytes]:
    text = OLD_TEXT if state == "old-revision" else LIVE_TEXTS[name]
    is_read = state not in ("missing", "sick-mount")
    error = {
        "failed": chance.choice(ERRORS).format(
            name=stem, number=chance.randrange(10**6), hex=f"{chance.randrange(16**12):012x}"
        ),
        "timed-out": "ran longer than 60 s and was stopped",
        "empty-log": f"/home/admin/start/{name} is not executable (mode 0644), so it was not run",
        "missing": f"/home/admin/start/{name} does not exist",
        "sick-mount": "/home/admin/start did not answer within 5 s: is the mount sick?",
    }.get(state, "")
    stdout = b"Already up to date.\n" * chance.randrange(1, 40)
    log = stdout + (f"{error}\n".encode() if error else b"")
    lines = log.count(b"\n")
    fields = {
        "name": name,
        "run_as": "root" if name == "as-root.sh" else stem,
        "state": {"empty-log": "not-executable", "old-revision": "ok"}.get(state, state),
        "exit_code": {"ok": 0, "old-revision": 0, "failed": 1}.get(state),
        "signal": 15 if state == "timed-out" else None,
        "duration_s": round(chance.uniform(0.01, 0.4), 3),
        "sha256": hashlib.sha256(text).hexdigest() if is_read else "",
        "size_bytes": len(text) if is_read else 0,
        "problems": ["not-executable"] if state == "empty-log" else [],
        "stdout_bytes": len(stdout),
        "stderr_bytes": len(error) if state == "failed" else 0,
        "dropped_bytes": 0,
        "stderr_lines": [[lines, lines]] if state == "failed" else [],
        "error": error,
        "log": f"{stem}-{name[:-3]}.log",
    }
    return fields, log
