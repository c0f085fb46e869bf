"""One file from a real browser to the hub: our uploads against JupyterLab's own.

Same server, same Chromium, same file, in turns. Ours: chunks with SHA-256 made in the browser and
checked by the server, SHA-256 of the whole, everything synced to the disk before it counts.
JupyterLab's: the upload button of its file browser; no checksum, no sync. Both begin in the page
(ours when the panel gets the file, JupyterLab's when its warning about large files is answered)
and end when the server's disk has the file; both results are hashed afterwards. Meanwhile nobody
is connected to the browser: a debugger would be sent every body.
"""

from __future__ import annotations

import hashlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Page, sync_playwright

from growth_admin.client import GrowthClient
from tests.browser.desk import Desk
from tests.browser.lab import CHROMIUM, CHROMIUM_ARGS, Lab, free_port, lab_server

NAMES = ("upload_wall_ratio",)
SIZE_BYTES = int(os.environ.get("BENCH_UPLOAD_MIB", "256")) * 1024 * 1024
ROUNDS = int(os.environ.get("BENCH_UPLOAD_ROUNDS", "5"))
LOOK_S = 0.01
LIMIT_S = 300.0
HEAD_START_MS = 2000
"""Time to leave the browser alone before the upload begins."""
BEGIN_OURS = """
wait_ms => setTimeout(() => {
  const [panel, bench] = ['Files to publish', 'bench'].map(label =>
    document.querySelector(`input[type=file][aria-label="${label}"]`));
  window.began_ms = Date.now();
  panel.files = bench.files;
  panel.dispatchEvent(new Event('change', { bubbles: true }));
}, wait_ms)
"""
BEGIN_THEIRS = """
wait_ms => setTimeout(() => {
  window.began_ms = Date.now();
  document.querySelector('.jp-Dialog .jp-mod-accept').click();
}, wait_ms)
"""
CATCH_CHOOSER = """
() => {
  HTMLInputElement.prototype.click = function () {
    window.chosen = this; // in the place of the dialog of the operating system
  };
}
"""
NEW_INPUT = """
() => {
  document.querySelector('input[aria-label=bench]')?.remove();
  const input = Object.assign(document.createElement('input'), { type: 'file', hidden: true });
  input.setAttribute('aria-label', 'bench');
  document.body.append(input);
}
"""


@contextmanager
def lonely_chromium(root: Path) -> Iterator[str]:
    """Run a browser that lives on when nobody drives it; yield where it can be driven."""
    port = free_port()
    options = [
        "--headless=new",
        f"--remote-debugging-port={port}",
        f"--user-data-dir={root / 'profile'}",
        "--window-size=1440,900",
    ]
    process = subprocess.Popen(
        [CHROMIUM, *CHROMIUM_ARGS, *options, "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


@contextmanager
def driven(address: str) -> Iterator[Page]:
    """Drive the browser's one page for a while; it stays as it is."""
    end_s = time.monotonic() + 30
    with sync_playwright() as playwright:
        while True:
            try:
                browser = playwright.chromium.connect_over_cdp(address)
                break
            except Error:  # it has just been started
                if time.monotonic() > end_s:
                    raise
                time.sleep(0.2)
        yield browser.contexts[0].pages[0]
        browser.close()


def write_source(path: Path) -> str:
    """Write a file of random bytes; return its SHA-256."""
    state = hashlib.sha256()
    with path.open("wb") as file:
        for _ in range(SIZE_BYTES // 2**20):
            block = os.urandom(2**20)
            state.update(block)
            file.write(block)
    return state.hexdigest()


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def give_file(page: Page, field: str, path: Path) -> None:
    """Choose a file by its path, as the browser's own dialog does; ``field`` is JavaScript."""
    session = page.context.new_cdp_session(page)
    found = session.send("Runtime.evaluate", {"expression": field})
    target = {"files": [str(path)], "objectId": found["result"]["objectId"]}
    session.send("DOM.setFileInputFiles", target)
    session.detach()


def taken_s(address: str, is_there: Callable[[], bool]) -> float:
    """Return how long the upload took that begins in the page by itself."""
    end_s = time.time() + LIMIT_S
    while not is_there():
        if time.time() > end_s:
            raise TimeoutError("the upload did not arrive")
        time.sleep(LOOK_S)
    ended_s = time.time()
    with driven(address) as page:
        return ended_s - float(page.evaluate("window.began_ms")) / 1000


def ours_s(address: str, lab: Lab, source: Path, expected: str) -> float:
    """Give the file to our panel; return the seconds until the server has checked all of it."""
    uploads = lab.shared_root / "data" / ".staging" / "uploads"
    with driven(address) as page:
        page.evaluate(NEW_INPUT)
        give_file(page, "document.querySelector('input[aria-label=bench]')", source)
        page.evaluate(BEGIN_OURS, HEAD_START_MS)
    value_s = taken_s(address, lambda: any(uploads.glob("*/sha256")))
    (data,) = uploads.glob("*/data")
    assert sha256(data) == expected
    datasets = GrowthClient(lab.base_url, lab.token).datasets
    for upload in datasets.list_uploads():
        datasets.delete_upload(upload.id)
    return value_s


def jupyterlabs_s(address: str, lab: Lab, source: Path, expected: str) -> float:
    """Choose the file with JupyterLab's button; return the seconds until the server has it."""
    target = lab.files_root / source.name
    with driven(address) as page:
        page.evaluate(CATCH_CHOOSER)
        page.locator('#filebrowser [data-jp-item-name="uploader"] jp-button').click()
        give_file(page, "window.chosen", source)
        page.locator(".jp-Dialog", has_text="Large file size warning").wait_for()
        page.evaluate(BEGIN_THEIRS, HEAD_START_MS)
    value_s = taken_s(address, lambda: target.exists() and target.stat().st_size == SIZE_BYTES)
    assert sha256(target) == expected
    target.unlink()
    return value_s


def open_lab(address: str, lab: Lab) -> None:
    """Open the Lab with our panel and its file browser."""
    with driven(address) as page:
        desk = Desk(page, "bench")
        desk.open_lab(lab.url)
        desk.open_area("Datasets", "datasets")
        page.locator('.jp-SideBar [data-id="filebrowser"]').click()


def measure() -> list[dict[str, Any]]:
    """Return the line; each round goes to stderr."""
    rounds: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        with lab_server(root / "lab") as lab, lonely_chromium(root) as address:
            open_lab(address, lab)
            for number in range(ROUNDS):
                source = root / f"round-{number}.bin"
                expected = write_source(source)
                ours = ours_s(address, lab, source, expected)
                theirs = jupyterlabs_s(address, lab, source, expected)
                rounds.append((ours, theirs))
                source.unlink()
                print(f"# ours {ours:6.2f} s  JupyterLab {theirs:6.2f} s", file=sys.stderr)
    ours = statistics.median(row[0] for row in rounds)
    theirs = statistics.median(row[1] for row in rounds)
    return [
        {
            "name": "upload_wall_ratio",
            "value": round(ours / theirs, 3),
            "unit": f"ratio of wall times, {SIZE_BYTES // 2**20} MiB from Chromium, medians of "
            f"{ROUNDS}; ours {ours:.2f} s with SHA-256 twice and sync",
            "peer": "JupyterLab's own upload, s",
            "peer_value": round(theirs, 2),
            "ratio": round(ours / theirs, 3),
            "command": "make bench ONLY=upload",
        }
    ]
