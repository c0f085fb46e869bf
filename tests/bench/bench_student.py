"""What a student pays: the server's CPU for our extension, and what Lab downloads from us."""

from __future__ import annotations

import gzip
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.browser.lab import CHROMIUM, CHROMIUM_ARGS, lab_server

NAMES = ("student_import_ms", "student_js_kib")
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


def _import_line() -> dict[str, Any]:
    pairs = [(_cpu_ms("growth_admin"), _cpu_ms("jupyter_server_terminals")) for _ in range(RUNS)]
    ours, peer = (statistics.median(column) for column in zip(*pairs, strict=True))
    return {
        "name": "student_import_ms",
        "value": round(ours, 2),
        "unit": "ms CPU, median of fresh processes, beyond jupyter_server itself",
        "peer": "jupyter_server_terminals",
        "peer_value": round(peer, 2),
        "ratio": round(ours / peer, 3),
        "command": "make bench ONLY=student_import",
    }


def fetched_by_student() -> dict[str, dict[str, int]]:
    """Return, per labextension, bytes that a student's Lab fetched at its start: raw, gzip -9."""
    from playwright.sync_api import Response, sync_playwright

    sizes: dict[str, dict[str, int]] = {}

    def note(response: Response) -> None:
        path = response.url.partition("/lab/extensions/")[2].partition("?")[0]
        if not path or response.status != 200:
            return
        parts = path.split("/")
        name = "/".join(parts[:2]) if path.startswith("@") else parts[0]
        body = response.body()
        row = sizes.setdefault(name, {"raw": 0, "gzip": 0, "files": 0})
        row["raw"] += len(body)
        row["gzip"] += len(gzip.compress(body, 9))
        row["files"] += 1

    with (
        tempfile.TemporaryDirectory() as folder,
        lab_server(Path(folder), is_standalone=False) as lab,
        sync_playwright() as p,
    ):
        browser = p.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        page = browser.new_page()
        page.on("response", note)
        page.goto(lab.url)
        page.wait_for_selector(".jp-Launcher", timeout=90_000)
        page.wait_for_load_state("networkidle")
        browser.close()
    return sizes


def _download_line() -> dict[str, Any]:
    sizes = fetched_by_student()
    ours, peer = sizes["growth-admin"], sizes["@jupyter-widgets/jupyterlab-manager"]
    return {
        "name": "student_js_kib",
        "value": round(ours["gzip"] / 1024, 2),
        "unit": f"KiB gzip -9 ({ours['raw'] / 1024:.1f} KiB raw in {ours['files']} files)",
        "peer": "@jupyter-widgets/jupyterlab-manager",
        "peer_value": round(peer["gzip"] / 1024, 2),
        "ratio": round(ours["gzip"] / peer["gzip"], 3),
        "command": "make bench ONLY=student_js",
    }


def measure() -> list[dict[str, Any]]:
    """Return both lines."""
    return [_import_line(), _download_line()]


if __name__ == "__main__":
    for line in measure():
        print(json.dumps(line))
