"""The demo's folder: what lies where, its marker, its lock, its kept settings."""

import fcntl
import json
import os
import secrets
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from growth_admin.deploy.demo.problems import CannotStart
from growth_admin.deploy.demo.processes import end_leftovers

MARKER = "growth-demo.json"
LOCK = "lock"
HUB_PORT = 8000
INNER_PORTS = ("hub_api_port", "proxy_api_port", "github_port", "drive_port", "registry_port")
NEEDED_BYTES = 200 * 1024 * 1024


@dataclass
class Settings:
    """Kept from start to start, so that sessions, tokens and stored logins stay good."""

    mark: str  # in the environment of every process of this demo
    hub_port: int
    hub_api_port: int
    proxy_api_port: int
    github_port: int
    client_secret: str
    crypt_key: str
    proxy_token: str
    drive_port: int = 0  # younger than some kept settings
    github_token: str = ""  # likewise
    registry_port: int = 0  # likewise


@dataclass(frozen=True)
class DemoFolder:
    """Names inside the demo's folder."""

    root: Path

    @property
    def homes(self) -> Path:
        """Home directories, by the account's name in the container."""
        return self.root / "home"

    @property
    def admin(self) -> Path:
        """Stands for /home/admin."""
        return self.homes / "admin"

    @property
    def shared(self) -> Path:
        """Stands for /nfs."""
        return self.root / "nfs"

    @property
    def throwaway(self) -> Path:
        """Homes of canaries, made anew at each start."""
        return self.root / "canary"

    @property
    def tries(self) -> Path:
        """Stands for a container's own disk, on which packages are tried."""
        return self.root / "tries"

    @property
    def hub(self) -> Path:
        """The hub's own files: database, cookie secret, names; and GitHub's state."""
        return self.root / "hub"

    @property
    def image(self) -> Path:
        """Stands for the image's /etc/jupyter: configuration of every server."""
        return self.root / "image"

    @property
    def credentials(self) -> Path:
        """A token for GitHub, an API key and a service account's key for Drive; for admins."""
        return self.admin / "credentials"

    @property
    def registry(self) -> Path:
        """The registry's own files: its configuration, and the images."""
        return self.root / "registry"

    @property
    def logs(self) -> Path:
        """Logs of the demo's own processes."""
        return self.root / "logs"

    @property
    def settings_path(self) -> Path:
        """The marker; it holds the settings."""
        return self.root / MARKER

    @property
    def is_marked(self) -> bool:
        """Whether this is the folder of a demo."""
        return self.settings_path.is_file()

    def create(
        self, port: int | None, pause: Callable[[float], None] = time.sleep
    ) -> tuple[Settings, bool]:
        """Make the folder if need be; the settings, and whether the folder is new.

        Ends what an earlier demo left running here. `port` is where the school is to be found
        (None: as last time, or 8000). Raises CannotStart when the folder belongs to something else,
        a port is taken or the disk is nearly full.
        """
        if not self.is_marked and any(path.name != LOCK for path in self.root.iterdir()):
            raise CannotStart(f"{self.root} is not a demo's folder and not empty. Choose another.")
        check_disk(self.root)
        is_new = not self.is_marked
        wanted = (self.homes, self.admin, self.shared, self.throwaway, self.tries, self.hub)
        for folder in (*wanted, self.logs, self.image):
            folder.mkdir(exist_ok=True)
        self.hub.chmod(0o700)
        settings = self._fresh_settings() if is_new else self._kept_settings()
        end_leftovers(settings.mark, self.root, pause)
        if port is not None:
            settings.hub_port = port
        settings.github_token = settings.github_token or f"ghp_{secrets.token_hex(18)}"
        self._settle_ports(settings)
        self._keep(settings)
        return settings, is_new

    def remove(self) -> bool:
        """Delete the folder; False when there is none. Raises CannotStart if it is not a demo's."""
        if not self.root.exists():
            return False
        if not self.is_marked:
            raise CannotStart(f"{self.root} is not a demo's folder ({MARKER} is missing). Kept.")
        shutil.rmtree(self.root)
        return True

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder for this process. Raises CannotStart when a demo runs in it."""
        self.root.mkdir(parents=True, exist_ok=True)
        with open(self.root / LOCK, "a+", encoding="ascii") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                raise CannotStart(
                    f"A demo already runs in {self.root} (process {file.read().strip()}). "
                    "Stop it first, or choose another folder with --root."
                ) from None
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield

    def _fresh_settings(self) -> Settings:
        return Settings(
            mark=secrets.token_hex(16),
            hub_port=HUB_PORT,
            hub_api_port=0,
            proxy_api_port=0,
            github_port=0,
            client_secret=secrets.token_hex(20),
            crypt_key=secrets.token_hex(32),
            proxy_token=secrets.token_hex(32),
        )

    def _kept_settings(self) -> Settings:
        try:
            raw = json.loads(self.settings_path.read_text(encoding="utf-8"))
            known = {field.name for field in fields(Settings)}
            return Settings(**{name: value for name, value in raw.items() if name in known})
        except (ValueError, AttributeError, TypeError) as error:
            raise CannotStart(
                f"{self.settings_path} is damaged. Start over with --reset."
            ) from error

    def _settle_ports(self, settings: Settings) -> None:
        """The hub's port must be free; the inner ones move if somebody took them."""
        if not is_free(settings.hub_port):
            raise CannotStart(
                f"Port {settings.hub_port} is taken by another program. "
                f"Choose another with --port, for example --port {settings.hub_port + 1}."
            )
        for name in (
            "hub_api_port",
            "proxy_api_port",
            "github_port",
            "drive_port",
            "registry_port",
        ):
            kept = getattr(settings, name)
            if not kept or not is_free(kept):
                setattr(settings, name, free_port())

    def _keep(self, settings: Settings) -> None:
        staged = self.root / f".{MARKER}"
        staged.touch(mode=0o600)
        staged.write_text(json.dumps(asdict(settings), indent=1), encoding="utf-8")
        staged.replace(self.settings_path)


def check_disk(folder: Path, needed_bytes: int = NEEDED_BYTES) -> None:
    """Raises CannotStart when the disk that holds `folder` is nearly full."""
    free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        raise CannotStart(
            f"The disk with {folder} has only {free // 2**20} MiB left; the demo needs "
            f"{needed_bytes // 2**20} MiB. Make room, or choose another folder with --root."
        )


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
