"""A real jupyter_server with growth_admin in standalone mode, for tests that speak HTTP."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from growth_admin.client import GrowthClient

TOKEN = "token-of-the-tests"
FOREIGN = ("jupyterlab", "jupyter_lsp", "jupyter_server_terminals", "notebook_shim")
"""Extensions that the environment enables and these tests do not need."""


@dataclass
class Console:
    """One running server."""

    root: Path
    url: str
    process: subprocess.Popen[bytes]
    token: str = TOKEN

    @property
    def api(self) -> str:
        return f"{self.url}growth/api/"

    @property
    def client(self) -> GrowthClient:
        return GrowthClient(self.url, self.token)

    def ask(
        self, method: str, path: str, *, token: str | None = None, **options: Any
    ) -> requests.Response:
        """Send a request with the server's token, another, or none (empty); without cookies."""
        token = self.token if token is None else token
        headers = {"Authorization": f"token {token}"} if token else {}
        headers |= options.pop("headers", {})
        return requests.request(method, self.api + path, headers=headers, timeout=60, **options)

    def log(self) -> str:
        return (self.root / "server.log").read_text()


@contextmanager
def running_console(
    root: Path,
    *settings: str,
    env: Mapping[str, str] | None = None,
    token: str = TOKEN,
    extensions: Sequence[str] = (),
    python_path: Sequence[Path] = (),
    port: int = 0,
) -> Iterator[Console]:
    """Start a server over ``root`` (``admin`` and ``nfs`` below it) and stop it afterwards."""
    for name in ("home", "runtime", "admin/start", "nfs"):
        (root / name).mkdir(parents=True, exist_ok=True)
    enabled = dict.fromkeys(("growth_admin", *extensions), True) | dict.fromkeys(FOREIGN, False)
    (root / "home" / ".jupyter").mkdir(exist_ok=True)
    _leave_out(root, "rfc3987_syntax")  # checks of IRIs that nobody here asks for; takes 5 s
    (root / "home" / ".jupyter" / "jupyter_server_config.json").write_text(
        json.dumps({"ServerApp": {"jpserver_extensions": enabled}})
    )
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root"),
            *(
                "--ServerApp.ip=127.0.0.1",
                f"--ServerApp.port={port}",
                f"--IdentityProvider.token={token}",
            ),
            f"--ServerApp.root_dir={root / 'home'}",
            *(settings or ("--GrowthAdmin.standalone=True",)),
        ],
        env={**_environment(root, python_path), **(env or {})},
        stdout=(root / "server.log").open("wb"),
        stderr=subprocess.STDOUT,
        cwd=root,
    )
    try:
        yield Console(root, _url_of(process, root), process, token)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _leave_out(root: Path, module: str) -> None:
    """Make an optional module of jupyter_server's dependencies look as if not installed."""
    (root / "left-out").mkdir(exist_ok=True)
    (root / "left-out" / f"{module}.py").write_text("raise ImportError\n")


def _environment(root: Path, python_path: Sequence[Path]) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JUPYTER", "JPY_", "GROWTH_", "NB_"))
    }
    return kept | {
        "HOME": str(root / "home"),
        "USER": "ada",
        "PYTHONPATH": os.pathsep.join(map(str, (root / "left-out", *python_path))),
        "JUPYTER_RUNTIME_DIR": str(root / "runtime"),
        "JUPYTER_CONFIG_DIR": str(root / "home" / ".jupyter"),
        "GROWTH_ADMIN_ROOT": str(root / "admin"),
        "GROWTH_SHARED_ROOT": str(root / "nfs"),
    }


def _url_of(process: subprocess.Popen[bytes], root: Path) -> str:
    """Return the address that the server wrote down, once it answers there."""
    path = root / "runtime" / f"jpserver-{process.pid}.json"
    end_s = time.monotonic() + 90
    while time.monotonic() < end_s and process.poll() is None:
        try:
            url = str(json.loads(path.read_text())["url"])
            requests.get(f"{url}api", timeout=5)
            return url
        except (FileNotFoundError, ValueError, requests.ConnectionError):
            time.sleep(0.05)
    raise AssertionError(f"the server did not start:\n{(root / 'server.log').read_text()}")
