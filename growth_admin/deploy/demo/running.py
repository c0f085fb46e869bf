"""A running school: the stand-ins for GitHub and Drive, the hub, a registry, the demo's folder."""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from growth_admin.deploy.demo import people, registry
from growth_admin.deploy.demo.docks import CREDENTIALS, Dock
from growth_admin.deploy.demo.folder import DemoFolder, Settings
from growth_admin.deploy.demo.processes import MARK, Child, Leash, end_marked
from growth_admin.deploy.demo.repository import repository_seed, repository_settings
from growth_admin.deploy.demo.shipped import QUICK
from growth_admin.deploy.standins.drive import sample

STANDIN_READY_S, HUB_READY_S, HUB_STOP_S = 30.0, 120.0, 12.0
HERE = Path(__file__).parent
TOKEN_FILE = "github-token"


@dataclass
class RunningSchool:
    """Starts on `with`, and ends everything it started on leaving.

    `hub_python` may be another environment's Python, to try another JupyterHub; people's servers
    always run in this one. `variables` are added to the hub's environment. The bot student runs by
    itself at `bot_times`. `pause` waits some seconds and may raise to give up. `registry_program`
    starts a registry for images, if given. `has_repository`: the image's source is at GitHub.
    """

    folder: DemoFolder
    settings: Settings
    hub_python: str = sys.executable
    variables: Mapping[str, str] = field(default_factory=dict)
    bot_times: tuple[str, ...] = ()
    pause: Callable[[float], None] = time.sleep
    registry_program: str = ""
    dock: Dock | None = None
    has_repository: bool = False
    children: list[Child] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The school's address."""
        return f"http://127.0.0.1:{self.settings.hub_port}"

    @property
    def drive_url(self) -> str:
        """The address of the stand-in for Drive."""
        return f"http://{self.inner_host}:{self.settings.drive_port}"

    @property
    def inner_host(self) -> str:
        """This machine as people's servers see it; we see it so too."""
        return self.dock.gateway if self.dock else "127.0.0.1"

    def drive_link(self, name: str) -> str:
        """The link to a folder of the sample data, as somebody would copy it."""
        return sample.link(self.drive_url, name)

    @property
    def github_url(self) -> str:
        """The address of the stand-in for GitHub."""
        return f"http://127.0.0.1:{self.settings.github_port}"

    @property
    def registry_url(self) -> str:
        """The address of the registry."""
        return f"http://127.0.0.1:{self.settings.registry_port}"

    def __enter__(self) -> "RunningSchool":
        self._leash = Leash(self.settings.mark, self.folder.root)
        try:
            self._configure()
            if self.dock:
                self._start_forwarding(self.dock)
            self._start_github()
            self._start_hub()
            self._start_drive()
            github, hub, drive = self.children[-3:]
            if self.registry_program:
                self._start_registry()
                self.children[-1].wait_ready(
                    f"{self.registry_url}/v2/", STANDIN_READY_S, self.pause
                )
            github.wait_ready(self.github_url, STANDIN_READY_S, self.pause)
            hub.wait_ready(f"{self.url}/hub/health", HUB_READY_S, self.pause)
            drive.wait_ready(self.drive_url, STANDIN_READY_S, self.pause)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End everything: the hub first, which ends the servers and its proxy."""
        for child in reversed(self.children):
            child.stop(HUB_STOP_S)
        end_marked(self.settings.mark)
        self._leash.stop()

    def dead_child(self) -> Child | None:
        """A process that ended by itself, if there is one."""
        return next((child for child in self.children if not child.is_running), None)

    def _start_github(self) -> None:
        seed = self.folder.hub / "github-seed.json"
        callback = f"{self.url}/hub/oauth_callback"
        wanted = people.seed(self.settings.client_secret, callback, self.settings.github_token)
        if self.has_repository:
            wanted["repositories"] = repository_seed(
                self.folder.admin / "image", self.settings.registry_port
            )
        seed.write_text(json.dumps(wanted), encoding="utf-8")
        command = [sys.executable, "-m", "growth_admin.deploy.standins.github"]
        command += ["--port", str(self.settings.github_port)]
        command += ["--state", str(self.folder.hub / "github.json"), "--seed", str(seed)]
        self._start("GitHub's stand-in", command, {}, "github.log")
        token = self.folder.credentials / TOKEN_FILE
        token.parent.mkdir(exist_ok=True)
        token.touch(mode=0o600)
        token.write_text(f"{self.settings.github_token}\n", encoding="ascii")

    def _configure(self) -> None:
        """Write the configuration of the image, which sends the servers to the stand-ins."""
        credentials = Path(CREDENTIALS) if self.dock else self.folder.credentials
        source = {
            **dict.fromkeys(("web_url", "docs_url", "download_url", "api_url"), self.drive_url),
            "api_key_file": str(credentials / sample.API_KEY_FILE),
            "service_account_file": str(credentials / sample.SERVICE_ACCOUNT_FILE),
        }
        github = {
            "api_url": f"http://{self.inner_host}:{self.settings.github_port}/api/v3",
            "organization": people.ORGANIZATION,
            "token_file": str(credentials / TOKEN_FILE),
        }
        wanted = {
            "DriveSource": source,
            "GitHub": github,
            "RosterManager": {} if self.dock else {"homes_root": str(self.folder.homes)},
            "TryOuts": {} if self.dock else {"folder": str(self.folder.tries)},
            # no login shell, whose profile would forget where this environment's programs are
            "ServerApp": {"terminado_settings": {"shell_command": ["bash"]}},
            "BotStudent": {"times": list(self.bot_times)},
            **(repository_settings() if self.has_repository else {}),
        }
        config = self.folder.image / "jupyter_server_config.json"
        config.write_text(json.dumps(wanted, indent=1), encoding="utf-8")

    def _start_forwarding(self, dock: Dock) -> None:
        known = self.settings
        ports = (known.hub_port, known.hub_api_port, known.github_port)
        command = [sys.executable, "-m", "growth_admin.deploy.demo.forwarding", dock.gateway]
        self._start("The way from containers", [*command, *map(str, ports)], {}, "forwarding.log")

    def _start_drive(self) -> None:
        credentials = self.folder.credentials
        command = [sys.executable, "-m", "growth_admin.deploy.standins.drive"]
        command += ["--host", self.inner_host]  # its links and keys name its own address
        command += ["--port", str(self.settings.drive_port), "--sample"]
        command += ["--scan-limit-bytes", str(sample.SCAN_LIMIT_BYTES)]
        command += ["--credentials", str(credentials)]
        self._start("Drive's stand-in", command, {}, "drive.log")

    def _start_registry(self) -> None:
        config = registry.write_configuration(self.folder, self.settings.registry_port)
        command = [self.registry_program, "serve", str(config)]
        self._start("The registry", command, {}, "registry.log")

    def image_variables(self) -> dict[str, str]:
        """Return where servers' images come from, if there is a registry."""
        name = registry.image_name(self.settings.registry_port)
        found = {"GROWTH_IMAGE_NAME": name, "GROWTH_IMAGE_TAG": registry.TAG}
        return found if self.registry_program else {}

    def _start_hub(self) -> None:
        command = [self.hub_python, "-m", "jupyterhub", "-f", str(HERE / "jupyterhub_config.py")]
        singleuser = Path(sys.executable).parent / "jupyterhub-singleuser"
        variables = {
            "GITHUB_URL": self.github_url,
            "GITHUB_CLIENT_ID": people.CLIENT_ID,
            "GITHUB_CLIENT_SECRET": self.settings.client_secret,
            "OAUTH_CALLBACK_URL": f"{self.url}/hub/oauth_callback",
            "JUPYTERHUB_CRYPT_KEY": self.settings.crypt_key,
            "CONFIGPROXY_AUTH_TOKEN": self.settings.proxy_token,
            "GROWTH_ORG": people.ORGANIZATION,
            "GROWTH_BOT": people.BOT,
            "GROWTH_DEMO_ROOT": str(self.folder.root),
            "GROWTH_DEMO_SERVER": str(singleuser),
            **self.image_variables(),
            **(self.dock.hub_variables(self.folder, self.settings) if self.dock else {}),
            **self.variables,
        }
        self._start("The hub", command, variables, "hub.log")

    def _start(self, name: str, command: list[str], variables: Mapping[str, str], log: str) -> None:
        outside = ("GROWTH_", "JUPYTER", "GITHUB_", "OAUTH_", "CONFIGPROXY_")
        own = {k: v for k, v in os.environ.items() if not k.startswith(outside)}
        env = {
            **own,
            "PYTHONPATH": os.pathsep.join([str(QUICK), str(HERE.parents[2])]),
            "PYTHONUNBUFFERED": "1",
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
            MARK: self.settings.mark,
            **variables,
        }
        self.children.append(Child(name, command, env, self.folder.hub, self.folder.logs / log))
