"""A real JupyterLab of one person, without a hub, for browser tests and figures."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CHROMIUM = next(
    (
        found
        for name in ("chromium", "chromium-browser", "google-chrome")
        if (found := shutil.which(name))
    ),
    "/usr/bin/chromium",
)
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--no-proxy-server",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
]


@dataclass(frozen=True)
class Lab:
    """A running server: where, with which token, and over which folders."""

    base_url: str
    token: str
    root: Path

    @property
    def url(self) -> str:
        """The page to open."""
        return f"{self.base_url}lab?token={self.token}&reset"

    @property
    def admin_root(self) -> Path:
        """Stands for /home/admin."""
        return self.root / "home" / "admin"

    @property
    def shared_root(self) -> Path:
        """Stands for /nfs."""
        return self.root / "nfs"


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def clean_environment(root: Path) -> dict[str, str]:
    """Return an environment in which Jupyter sees nothing of this machine's user."""
    keep = {k: v for k, v in os.environ.items() if not k.startswith(("GROWTH_", "JUPYTER"))}
    home = root / "home" / "someone"
    home.mkdir(parents=True, exist_ok=True)
    return {
        **keep,
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / ".jupyter"),
        "JUPYTER_DATA_DIR": str(home / ".local/share/jupyter"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "lab/settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "lab/workspaces"),
        "GROWTH_ADMIN_ROOT": str(root / "home" / "admin"),
        "GROWTH_SHARED_ROOT": str(root / "nfs"),
        "NO_PROXY": "*",
    }


@contextmanager
def lab_server(root: Path, *, is_standalone: bool = True, port: int = 0) -> Iterator[Lab]:
    """Run a server; with ``is_standalone`` whoever opens it is the admin, else a student."""
    lab = Lab(f"http://127.0.0.1:{port or free_port()}/", secrets.token_hex(16), root)
    for folder in (lab.admin_root / "start", lab.admin_root / "logs", lab.shared_root):
        folder.mkdir(parents=True, exist_ok=True)
    env = clean_environment(root)
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        "--allow-root",
        "--expose-app-in-browser",
        f"--ServerApp.port={lab.base_url.rsplit(':', 1)[1].rstrip('/')}",
        "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={lab.token}",
        f"--ServerApp.root_dir={env['HOME']}",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        f"--GrowthAdmin.standalone={is_standalone}",
    ]
    with (root / "lab.log").open("wb") as log:
        server = subprocess.Popen(command, env=env, stdout=log, stderr=log, start_new_session=True)
        try:
            _wait_until_up(lab, server, root / "lab.log")
            yield lab
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            try:
                server.wait(timeout=15)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)
                server.wait()


def _wait_until_up(lab: Lab, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{lab.base_url}api", timeout=2) as reply:
                json.load(reply)
            return
        except OSError:
            time.sleep(0.3)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")
