"""Starts a person's server as a process, by way of the real start chain, in a home of the demo.

A container would have /home/admin, /nfs and the home mounted; here the same folders lie in the
demo's folder and variables say where.
"""

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from jupyterhub.spawner import LocalProcessSpawner
from traitlets import List, Unicode

from growth_admin.deploy.demo.folder import DemoFolder
from growth_admin.deploy.demo.processes import MARK
from growth_admin.deploy.demo.shipped import (
    QUICK,
    as_plain_user,
    chain_environment,
    chain_start,
    shipped,
)

TRUSTED = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
"""Who may vouch for an index of packages, where this machine reaches it through a proxy."""
FROM_DEVELOPER = ("LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TZ", *TRUSTED)


class DemoSpawner(LocalProcessSpawner):  # type: ignore[misc]  # jupyterhub has no types
    """A process per server, as the user who runs the demo."""

    demo_root = Unicode(help="The demo's folder.").tag(config=True)
    mark = Unicode(help="In the environment of each process of this demo.").tag(config=True)
    server_command = List(
        Unicode(), help="What serves in the end: the path of jupyterhub-singleuser."
    ).tag(config=True)

    @property
    def folder(self) -> DemoFolder:
        """The demo's folder."""
        return DemoFolder(Path(self.demo_root))

    @property
    def home(self) -> Path:
        """The home of this server: the owner's, or a throw-away one for a named server."""
        account: str = self.environment["NB_USER"](self)
        if self.name:
            return self.folder.throwaway / f"{account}--{self.name}" / account
        return self.folder.homes / account

    def _prepare_home(self) -> None:
        if self.name:
            shutil.rmtree(self.home.parent, ignore_errors=True)
        self.home.mkdir(parents=True, exist_ok=True)
        runbooks = shipped("admin-notebooks")
        is_staff = not {"admins", "tas"}.isdisjoint(group.name for group in self.user.groups)
        _silence_news(self.home / ".jupyter")
        if is_staff and runbooks and not (self.home / "admin-notebooks").exists():
            shutil.copytree(runbooks, self.home / "admin-notebooks")

    async def start(self) -> tuple[str, int]:
        """Start; the address of the server."""
        self._prepare_home()
        self.notebook_dir = str(self.home)
        self.cmd = [*as_plain_user(), *chain_start(), *self.server_command]
        address: tuple[str, int] = await super().start()
        return address

    def make_preexec_fn(self, name: str) -> Callable[[], None]:
        """Where the process begins: in its home. It stays the user who runs the demo."""
        home = self.home
        return lambda: os.chdir(home)

    def user_env(self, env: dict[str, str]) -> dict[str, str]:
        """The environment of a container with the school's mounts, nothing of the developer's."""
        kept = {name: os.environ[name] for name in FROM_DEVELOPER if name in os.environ}
        for name in ("VIRTUAL_ENV", "CONDA_ROOT", "CONDA_DEFAULT_ENV"):
            env.pop(name, None)
        home = self.home
        account = env["NB_USER"]
        programs = str(Path(self.server_command[0]).parent)
        return {
            **env,
            **kept,
            **chain_environment(self.folder),
            "HOME": str(home),
            "USER": account,
            "LOGNAME": account,
            "SHELL": shutil.which("bash") or "/bin/sh",
            "PATH": os.pathsep.join([programs, os.environ.get("PATH", os.defpath)]),
            "JUPYTER_CONFIG_PATH": str(self.folder.image),
            "JUPYTER_CONFIG_DIR": str(home / ".jupyter"),
            "JUPYTER_DATA_DIR": str(home / ".local/share/jupyter"),
            "JUPYTER_RUNTIME_DIR": str(home / ".local/share/jupyter/runtime"),
            "IPYTHONDIR": str(home / ".ipython"),
            "PYTHONNOUSERSITE": "1",
            "PYTHONPATH": str(QUICK),
            MARK: self.mark,
        }


def _silence_news(config: Path) -> None:
    """Keep JupyterLab's question about news from lying over a first look at the school."""
    page = config / "labconfig" / "page_config.json"
    if not page.exists():
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(json.dumps({"disabledExtensions": {NEWS: True}}), encoding="utf-8")


NEWS = "@jupyterlab/apputils-extension:announcements"
DEFAULT_SERVER = str(Path(sys.executable).parent / "jupyterhub-singleuser")
