"""One machine of a school: a Docker API, a registry, and a JupyterHub whose servers are containers.

The machine has a storage of its own, so that it fetches images as a school's machine does, and does
not find what the tests built.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from traitlets.config import Config

from growth_admin.core.paths import Paths
from growth_admin.images.manager import TagManager
from growth_admin.images.room import build_room
from growth_admin.images.running import Running
from tests.container.engine import Engine, Ran, timed
from tests.container.images import DEBIAN
from tests.container.school import Folders
from tests.hub import school as hub_school
from tests.hub.school import School
from tests.images.registry import RealRegistry, running_registry

HERE = Path(__file__).resolve().parent
GATEWAY = "10.88.0.1"
"""The machine as its containers see it, on Podman's own network."""
TAG = "deploy"


@dataclass
class Machine:
    """What runs, and the ways in which a test looks at it."""

    node: Engine
    builder: Engine
    registry: RealRegistry
    folders: Folders
    school: School
    prefix: str

    def push(self, image: str, tag: str) -> str:
        """Push a built image under a tag; return its digest at the registry."""
        with timed(f"push {tag}"):
            self.builder.push(image, f"{self.registry.image}:{tag}")
        return self.registry.digest(tag)

    def fetch(self, tag: str) -> None:
        """Let the machine have an image before somebody waits for it."""
        reference = f"{self.registry.image}:{tag}"
        with timed(f"fetch {tag}"):
            self.node.call(
                "podman", "pull", "--quiet", "--tls-verify=false", reference, timeout_s=900
            )

    @property
    def tags(self) -> TagManager:
        """The images room as an organiser's server has it, on the school's own disk."""
        config = Config()
        config.ImageRegistry.image = self.registry.image
        paths = Paths(self.folders.admin, self.folders.shared)
        return build_room(paths, user="ada", running=Running, config=config).tags

    def container(self, name: str, server: str = "") -> dict[str, Any]:
        """What the machine says about a server's container. AssertionError if there is none."""
        for box in self.names():
            found: dict[str, Any] = self.node.inspect(box)
            environ = dict(line.split("=", 1) for line in found["Config"]["Env"])
            owner = environ.get("JUPYTERHUB_USER"), environ.get("JUPYTERHUB_SERVER_NAME")
            if owner == (name, server):
                return found
        raise AssertionError(f"no container of {name} {server}: {self.names()}")

    def said(self) -> str:
        """The ends of the logs of the hub, the Docker API and the servers."""
        logs = [self.school.folder.logs / "hub.log", self.node.folder / "docker-api.log"]
        texts = [log.read_text(errors="replace")[-4000:] for log in logs]
        return "\n".join([*texts, *(self.node.logs(name)[-2000:] for name in self.names())])

    def names(self) -> list[str]:
        """All containers that there are, running or not."""
        listed = self.node.rows("ps", "--all", "--format", "{{.Names}}")
        return [name for name in listed if name.startswith(self.prefix)]

    def inside(self, name: str, account: str, *words: str, server: str = "") -> Ran:
        """Run a command in a server's container as its owner, with the server's environment."""
        box = self.container(name, server)
        environ = dict(line.split("=", 1) for line in box["Config"]["Env"])
        return self.node.inside(
            box["Id"], *words, user=account, environ=environ | {"HOME": f"/home/{account}"}
        )


@contextmanager
def running_machine(builder: Engine, folder: Path, **more: str) -> Iterator[Machine]:
    """Start registry, Docker API and hub; all of it is gone afterwards.

    `more` goes into the hub's environment. TESTS_SERVER_CONFIG names a file that all servers read.
    """
    prefix = f"growth-test-{secrets.token_hex(3)}"
    run_root = Path(tempfile.mkdtemp(prefix="growth-admin-node-", dir="/run"))
    storage = Path(tempfile.mkdtemp(prefix=f"node-{os.getpid()}-", dir=builder.storage.parent))
    node = Engine(folder / "node", storage=storage, run_root=run_root)
    raise_bridge(builder)
    _sweep(builder.storage.parent)
    # in memory: written once and thrown away, which takes minutes on a disk that is busy
    size = ["-t", "tmpfs", "-o", "size=6g,mode=0700", "growth-test"]
    subprocess.run(["mount", *size, str(storage)], check=True)
    try:
        with running_registry(folder / "registry") as registry, docker_api(node, registry) as api:
            folders = Folders.make(folder / "disk")
            variables = {
                "DOCKER_HOST": f"unix://{api}",
                "GROWTH_DEMO_MORE_CONFIG": str(HERE / "docker_config.py"),
                "GROWTH_DEMO_HUB_HOST": "0.0.0.0",
                "GROWTH_IMAGE_NAME": registry.image,
                "GROWTH_IMAGE_TAG": TAG,
                "NO_PROXY": "*",
                "no_proxy": "*",
                "TESTS_DISK": str(folders.root),
                "TESTS_GATEWAY": GATEWAY,
                "TESTS_MORE_CONFIG": str(Path(hub_school.__file__).with_name("tests_config.py")),
                "TESTS_PREFIX": prefix,
                **more,
            }
            with School.open(folder / "hub", **variables) as school:
                yield Machine(node, builder, registry, folders, school, prefix)
    finally:
        node.call("podman", "rm", "--all", "--force", "--time=1", check=False)
        _remove(storage)
        _remove(run_root)


def _sweep(folder: Path) -> None:
    """Remove the storages of sessions that were killed."""
    for place in folder.glob("node-*"):
        if not Path("/proc", place.name.split("-")[1]).exists():
            _remove(place)


def _remove(place: Path) -> None:
    for mounted in (place / "overlay", place):
        subprocess.run(["umount", "--quiet", "--recursive", str(mounted)], check=False)
    shutil.rmtree(place, ignore_errors=True)


@contextmanager
def reachable(*ports: int) -> Iterator[None]:
    """Let containers reach what listens on this machine's own address."""
    command = [sys.executable, "-m", "growth_admin.deploy.demo.forwarding", GATEWAY]
    process = subprocess.Popen([*command, *map(str, ports)])
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


@contextmanager
def docker_api(node: Engine, registry: RealRegistry, folder: Path | None = None) -> Iterator[Path]:
    """Podman's Docker API on a socket, which may fetch from that registry without TLS."""
    socket = (folder or node.run_root) / "docker.sock"
    allowed = socket.with_name("registries.conf")
    allowed.write_text(f'[[registry]]\nlocation = "{registry.host}"\ninsecure = true\n')
    log = node.folder / "docker-api.log"
    environ = {**node.environ, "CONTAINERS_REGISTRIES_CONF": str(allowed), "NO_PROXY": "*"}
    command = ["podman", *node.options, "system", "service", "--time=0", f"unix://{socket}"]
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=environ, stdout=out, stderr=out)
    try:
        end_s = time.monotonic() + 30
        while not socket.exists():
            assert process.poll() is None and time.monotonic() < end_s, log.read_text()
            time.sleep(0.05)
        yield socket
    finally:
        process.terminate()
        process.wait(timeout=20)


def raise_bridge(builder: Engine) -> None:
    """Let Podman make its network, which begins to be with the first container on it."""
    builder.call("podman", "run", "--rm", "--network=podman", DEBIAN, "true")
