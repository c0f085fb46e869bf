"""What a student's Lab downloads from us at its start."""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path
from typing import Any

from tests.browser.lab import CHROMIUM, CHROMIUM_ARGS, lab_server

NAMES = ("student_js_kib",)


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


def measure() -> list[dict[str, Any]]:
    """Return the line."""
    sizes = fetched_by_student()
    ours, peer = sizes["growth-admin"], sizes["@jupyter-widgets/jupyterlab-manager"]
    line = {
        "name": "student_js_kib",
        "value": round(ours["gzip"] / 1024, 2),
        "unit": f"KiB gzip -9 ({ours['raw'] / 1024:.1f} KiB raw in {ours['files']} files)",
        "peer": "@jupyter-widgets/jupyterlab-manager",
        "peer_value": round(peer["gzip"] / 1024, 2),
        "ratio": round(ours["gzip"] / peer["gzip"], 3),
        "command": "make bench ONLY=student_js",
    }
    return [line]
