"""The list of 10,000 users on a real JupyterHub, against the hub's own time for its pages.

The peer reads the same pages and throws them away. Ours are the rows of the panel, page by page,
of a console that was just started, as JSON. Both in turn, so that both meet the same machine.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import requests

from tests.hub.plain_hub import Console, PlainHub, plain_hub

NAMES = ("users_list_ratio", "users_first_rows_s")
USERS = 10_000
ROUNDS = 7
PAGE = 200


def _session(hub: PlainHub) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"token {hub.token}"
    session.headers["Accept"] = "application/jupyterhub-pagination+json"
    return session


def _hubs_own_s(hub: PlainHub) -> tuple[float, float]:
    """Return what the hub needs for all its pages, and for the first, without decoding them."""
    began_s = time.perf_counter()
    first_s = 0.0
    with _session(hub) as session:
        for offset in range(0, USERS, PAGE):
            reply = session.get(f"{hub.url}/users?offset={offset}&limit={PAGE}&sort=name")
            assert reply.status_code == 200, reply.text[:300]
            first_s = first_s or time.perf_counter() - began_s
    return time.perf_counter() - began_s, first_s


def _ours_s(hub: PlainHub, folder: Path) -> tuple[float, float]:
    """Return what a console that was just started needs for all rows, and for the first ones."""
    console = Console(hub, folder)
    began_s = time.perf_counter()
    first_s, rows, offset = 0.0, 0, 0
    while offset is not None:
        part = console.manager.list_servers(offset=offset, limit=PAGE)
        part.model_dump_json()
        first_s = first_s or time.perf_counter() - began_s
        rows, offset = rows + len(part.servers), part.next_offset  # type: ignore[assignment]  # the end
    took_s = time.perf_counter() - began_s
    console.engine.close()
    assert rows == USERS, rows
    return took_s, first_s


def _lines(hub: PlainHub, folder: Path) -> list[dict[str, Any]]:
    rounds = [(_hubs_own_s(hub), _ours_s(hub, folder / str(n))) for n in range(1 + ROUNDS)]
    pairs = rounds[1:]  # the first one warms both up
    for hubs, ours in pairs:
        print(f"# hub {hubs[0]:.2f} s, first page {hubs[1]:.2f} s; ours {ours}", file=sys.stderr)
    peer_s = statistics.median(hubs[0] for hubs, _ in pairs)
    ours_s = statistics.median(ours[0] for _, ours in pairs)
    lead_s = statistics.median(ours[1] - hubs[1] for hubs, ours in pairs)
    command = "make bench ONLY=users_"
    return [
        {
            "name": "users_list_ratio",
            "value": round(ours_s / peer_s, 3),
            "unit": f"whole list of {USERS} users, by pages, to the hub's own time for its pages",
            "peer": "the same pages read and thrown away, s",
            "peer_value": round(peer_s, 2),
            "ratio": round(ours_s / peer_s, 3),
            "command": command,
        },
        {
            "name": "users_first_rows_s",
            "value": round(lead_s, 3),
            "unit": "s from the hub's first page to our first rows",
            "peer": "the hub's first page, s",
            "peer_value": round(statistics.median(hubs[1] for hubs, _ in pairs), 3),
            "ratio": None,
            "command": command,
        },
    ]


def measure() -> list[dict[str, Any]]:
    """Return both lines."""
    with (
        tempfile.TemporaryDirectory() as folder,
        plain_hub(Path(folder) / "hub", users=USERS, start_s=0.1, stop_s=0.1) as hub,
    ):
        return _lines(hub, Path(folder))
