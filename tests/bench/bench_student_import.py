"""What a student's server pays in CPU for our extension."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from typing import Any

NAMES = ("student_import_ms",)
RUNS = 9
PROBE = """
import sys, time
import jupyter_server.serverapp, jupyter_server.extension.serverextension
from jupyter_server.extension.manager import ExtensionPackage
before = time.process_time()
package = ExtensionPackage(name=sys.argv[1], enabled=True)
for point in package.extension_points.values():
    point.app or point.module
print((time.process_time() - before) * 1000)
"""


def _cpu_ms(package: str) -> float:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("GROWTH_", "JUPYTERHUB_"))}
    done = subprocess.run(
        [sys.executable, "-c", PROBE, package], capture_output=True, text=True, check=True, env=env
    )
    return float(done.stdout)


def measure() -> list[dict[str, Any]]:
    """Return the line."""
    pairs = [(_cpu_ms("growth_admin"), _cpu_ms("jupyter_server_terminals")) for _ in range(RUNS)]
    ours, peer = (statistics.median(column) for column in zip(*pairs, strict=True))
    line = {
        "name": "student_import_ms",
        "value": round(ours, 2),
        "unit": "ms CPU, median of fresh processes, beyond jupyter_server itself",
        "peer": "jupyter_server_terminals",
        "peer_value": round(peer, 2),
        "ratio": round(ours / peer, 3),
        "command": "make bench ONLY=student_import",
    }
    return [line]
