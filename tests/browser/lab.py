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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from jupyter_core.paths import jupyter_path

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
NEWS = "@jupyterlab/apputils-extension:announcements"


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

    def url_of(self, file: str) -> str:
        """The page that opens a file below the home."""
        return f"{self.base_url}lab/tree/{file}?token={self.token}&reset"

    @property
    def files_root(self) -> Path:
        """What JupyterLab shows as its files: the home."""
        return self.root / "home" / "someone"

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
def lab_server(
    root: Path,
    *,
    is_standalone: bool = True,
    port: int = 0,
    disabled_extensions: Sequence[str] = (),
    only_ours: bool = False,
    options: Sequence[str] = (),
) -> Iterator[Lab]:
    """Run a server; with ``is_standalone`` whoever opens it is the admin, else a student.

    ``disabled_extensions`` are labextensions switched off as an admin of JupyterLab does;
    ``only_ours`` is a Lab that has no labextension but this one; ``options`` go to the server.
    """
    lab = Lab(f"http://127.0.0.1:{port or free_port()}/", secrets.token_hex(16), root)
    for folder in (lab.admin_root / "start", lab.admin_root / "logs", lab.shared_root):
        folder.mkdir(parents=True, exist_ok=True)
    env = clean_environment(root)
    _disable(disabled_extensions, Path(env["JUPYTER_CONFIG_DIR"]))
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
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        f"--GrowthAdmin.standalone={is_standalone}",
        *(_only_our_labextension(root) if only_ours else ()),
        *options,
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


def _disable(extensions: Sequence[str], config_dir: Path) -> None:
    """Write what `jupyter labextension disable` writes; JupyterLab's question about news is off."""
    config = config_dir / "labconfig" / "page_config.json"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(json.dumps({"disabledExtensions": dict.fromkeys((*extensions, NEWS), True)}))


def _only_our_labextension(root: Path) -> list[str]:
    """Return the options for a Lab in whose only folder of labextensions ours is alone."""
    ours = next(
        folder
        for path in jupyter_path("labextensions")
        if (folder := Path(path) / "growth-admin").is_dir()
    )
    (root / "labextensions").mkdir()
    (root / "labextensions" / "growth-admin").symlink_to(ours)
    return [f"--LabApp.labextensions_path={root / 'labextensions'}"]


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
