#!/usr/bin/env python
"""A server starts with every extension of the image, none fails, and it opens a kernel."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

PATIENCE_S = 60
FAILED = re.compile(r"error (adding|linking) extension|extension failed|failed loading", re.I)


def ask(url: str, token: str, *, method: str = "GET", body: object = None) -> object:
    """The server's JSON answer."""
    request = urllib.request.Request(  # our own server
        url,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"token {token}"},
    )
    with urllib.request.urlopen(request, timeout=10) as reply:
        return json.load(reply)


def address(runtime: Path, token: str, server: subprocess.Popen[bytes]) -> str:
    """Where the server listens, when it answers there; empty if it does not start."""
    end_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < end_s and server.poll() is None:
        for path in runtime.glob("jpserver-*.json"):
            # the file may be half written, and is written before the server listens
            with contextlib.suppress(ValueError, KeyError, OSError):
                url = str(json.loads(path.read_text())["url"])
                ask(f"{url}api/status", token)
                return url
        time.sleep(0.05)
    return ""


def main() -> int:
    """Start it, look, stop it; 0 if all is well."""
    token = secrets.token_hex(16)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log")
        runtime = Path(folder, "runtime")
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=0",
             f"--ServerApp.root_dir={folder}"],
            env={**os.environ, "JUPYTER_TOKEN": token, "JUPYTER_RUNTIME_DIR": str(runtime),
                 "HOME": folder},
            stdout=log.open("wb"),
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            url = address(runtime, token, server)
            if not url:
                raise SystemExit(f"the server did not start: {log.read_text(errors='replace')}")
            kernel = ask(f"{url}api/kernels", token, method="POST", body={})
            print(f"kernel {kernel['name']} is {kernel['execution_state']}")
        finally:
            server.terminate()
            server.wait(timeout=30)
            said = log.read_text(errors="replace")
        bad = [line for line in said.splitlines() if FAILED.search(line)]
        print("\n".join(bad) or "no extension failed")
        return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
