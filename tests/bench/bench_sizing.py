"""What one student's server takes: the figures under the sizing page's formulae."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import requests

from growth_admin.deploy.demo.folder import free_port

NAMES = ("sizing_start_cpu_s", "sizing_server_mb", "sizing_kernel_mb")
ROUNDS = 3


def measure() -> Iterator[dict[str, Any]]:
    """Start a Lab as a student's, open a kernel, and say what both took; medians of three."""
    rows = sorted(_once() for _ in range(ROUNDS))
    middle = [sorted(column)[ROUNDS // 2] for column in zip(*rows, strict=True)]
    for name, value in zip(NAMES, middle, strict=True):
        yield {"name": name, "value": round(value, 1), "rounds": ROUNDS}


def _once() -> tuple[float, float, float]:
    token, port = secrets.token_hex(16), free_port()
    with tempfile.TemporaryDirectory() as home:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "GROWTH_"))}
        command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root"]
        command += [f"--port={port}", f"--IdentityProvider.token={token}"]
        child = subprocess.Popen(
            command,
            cwd=home,
            env={**kept, "HOME": home, "JUPYTER_CONFIG_DIR": str(Path(home) / "none")},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            server, session = psutil.Process(child.pid), requests.Session()
            session.trust_env = False
            session.headers["Authorization"] = f"token {token}"
            url = f"http://127.0.0.1:{port}/api"
            _wait(lambda: session.get(f"{url}/status", timeout=5).ok)
            times = server.cpu_times()
            session.get(f"http://127.0.0.1:{port}/lab", timeout=30).raise_for_status()
            idle = _rss_mb(server)
            session.post(f"{url}/kernels", json={}, timeout=30).raise_for_status()
            time.sleep(5)  # the kernel imports what it needs
            (kernel,) = server.children()
            return times.user + times.system, idle, _rss_mb(kernel)
        finally:
            child.terminate()
            child.wait(20)


def _rss_mb(process: psutil.Process) -> float:
    """Resident memory: pods share no pages that could be left out."""
    return float(process.memory_info().rss) / 1e6


def _wait(is_so: Any) -> None:
    deadline = time.monotonic() + 90
    while True:
        try:
            if is_so():
                return
        except requests.RequestException:
            pass
        assert time.monotonic() < deadline, "the server did not come up"
        time.sleep(0.2)
