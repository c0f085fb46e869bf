"""How long a promotion and a roll back take on a local registry, plan included.

The peer is what an admin would type: ``skopeo copy`` from digest to tag, without any check, record
or way back.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.images.conftest import Desk
from tests.images.registry import RealRegistry, running_proxy, running_registry

NAMES = ("promote_s", "rollback_s")
_ROUNDS = 7
_LAYERS = 30


def _line(name: str, took: list[float], peer_s: float | None) -> dict[str, Any]:
    value = statistics.median(took)
    peer = {
        "peer": "skopeo copy from digest to tag",
        "peer_value": round(peer_s, 3),
        "ratio": round(value / peer_s, 2),
    }
    return {
        "name": name,
        "value": round(value, 3),
        "unit": "s",
        **(peer if peer_s else {}),
        "command": f"make bench ONLY={name}",
    }


def _with_skopeo(registry: RealRegistry, digests: list[str]) -> float | None:
    skopeo = shutil.which("skopeo")
    if skopeo is None:
        return None
    took = []
    for number in range(_ROUNDS):
        began_s = time.perf_counter()
        source = f"docker://{registry.image}@{digests[number % 2]}"
        plain = ("--src-tls-verify=false", "--dest-tls-verify=false")
        command = [skopeo, "copy", "--quiet", "--all", *plain]
        subprocess.run([*command, source, f"docker://{registry.image}:peer"], check=True)
        took.append(time.perf_counter() - began_s)
    return statistics.median(took)


def measure() -> list[dict[str, Any]]:
    """Return the bench lines ``promote_s`` and ``rollback_s``: median seconds."""
    promoted: list[float] = []
    taken_back: list[float] = []
    with tempfile.TemporaryDirectory() as folder, running_registry(Path(folder) / "r") as registry:
        old = registry.push("deploy", "one", layers=_LAYERS)
        new = registry.push("git-2", "two", layers=_LAYERS)
        with running_proxy(registry) as proxy:
            settings = {"ImageRegistry__image": registry.image}
            desk = Desk(Path(folder), registry, proxy, settings=settings)
            desk.check(new)
            for _ in range(_ROUNDS):
                began_s = time.perf_counter()
                desk.promote(new)
                promoted.append(time.perf_counter() - began_s)
                assert registry.digest("deploy") == new
                began_s = time.perf_counter()
                desk.roll_back(old)  # from the second round on the last move was one already
                taken_back.append(time.perf_counter() - began_s)
                assert registry.digest("deploy") == old
        peer_s = _with_skopeo(registry, [old, new])
    return [_line("promote_s", promoted, peer_s), _line("rollback_s", taken_back, peer_s)]
