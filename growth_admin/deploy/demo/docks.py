"""A school whose servers are containers: what they see and reach of this machine.

Linux with Docker, or with Podman's service for the Docker API (``DOCKER_HOST``), as the user who
may use it. The image is one that `image/` makes; it is not built here.
"""

import ipaddress
import json
import os
import shutil
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from growth_admin.deploy.demo.folder import DemoFolder, Settings
from growth_admin.deploy.demo.problems import CannotStart
from growth_admin.deploy.demo.shipped import shipped

CREDENTIALS: Final = "/home/admin/credentials"
"""Where the demo's credentials are in an organiser's container."""
CONFIG: Final = "/usr/local/etc/jupyter/jupyter_server_config.json"
DATA_GID, ADMIN_GID = 3000, 3001
STARTED_BY_EACH: Final = ("receipts", "replies")
LOOKS: Final = 5
MARK: Final = "docker.json"
"""In the hub's folder: that there have been containers, and of which image."""


@dataclass(frozen=True)
class Dock:
    """One Docker machine: ours."""

    gateway: str
    image: str
    prefix: str

    def hub_variables(self, folder: DemoFolder, settings: Settings) -> dict[str, str]:
        """Return what the hub's configuration has to know."""
        name, _, tag = self.image.rpartition(":")
        admin_gid, data_gid = gids()
        return {
            "GROWTH_DEMO_DOCK": json.dumps(
                {
                    "hub_connect_url": f"http://{self.gateway}:{settings.hub_api_port}",
                    "spawner": self._spawner(folder),
                }
            ),
            "GROWTH_IMAGE_NAME": name,
            "GROWTH_IMAGE_TAG": tag,
            "GROWTH_ADMIN_GID": str(admin_gid),
            "GROWTH_DATA_GID": str(data_gid),
            "GROWTH_PROXY_URL": f"http://{self.gateway}:{settings.hub_port}",
            "NO_PROXY": "*",
            "no_proxy": "*",
        }

    def _spawner(self, folder: DemoFolder) -> dict[str, Any]:
        state = folder.shared / ".growth-admin"
        volumes: dict[str, Any] = {
            f"{self.prefix}-home-{{username}}": "/home/{username}",
            str(folder.admin): "/home/admin",
            str(folder.admin / "logs"): "/home/admin/logs",
            str(folder.shared): "/nfs",
            str(folder.image / "jupyter_server_config.json"): {"bind": CONFIG, "mode": "ro"},
        }
        volumes |= {str(state / name): f"/nfs/.growth-admin/{name}" for name in STARTED_BY_EACH}
        return {
            "image": self.image,
            "prefix": self.prefix,
            "pull_policy": "never",  # it lies on this machine
            "network_name": self.prefix,
            "use_internal_ip": True,
            "ip": "0.0.0.0",  # inside the container, on the network of containers
            "cmd": ["start-singleuser.py"],
            "volumes": volumes,
        }


def check_docker(image: str) -> Any:
    """Return a client of the Docker API. Raises CannotStart without it, or without the image."""
    client = _client()
    if not _is_here(client, image):
        raise CannotStart(
            f"There is no image {image} here. Make it: make image-wheel, then "
            f"docker build --tag {image} image/. Or name another one with --image."
        )
    return client


def open_dock(folder: DemoFolder, image: str, settings: Settings) -> Dock:
    """Return this machine's dock, without what a killed demo left there.

    Raises CannotStart with what to do.
    """
    client = check_docker(image)
    prefix = f"growth-demo-{settings.mark[:6]}"
    _remove_containers(client, prefix)
    (folder.hub / MARK).write_text(json.dumps({"image": image, "prefix": prefix}))
    found = client.networks.list(names=[prefix])
    network = found[0] if found else client.networks.create(prefix, driver="bridge")
    network.reload()
    gateway = _gateway(network.attrs)
    if not is_ours(gateway):  # Podman makes the bridge with the first container on it
        client.containers.run(image, ["true"], network=prefix, entrypoint=[], remove=True)
    return Dock(gateway, image, prefix)


def forget(folder: DemoFolder) -> None:
    """Remove homes and network, and what containers wrote into the folder as root.

    Does nothing where there were no containers. Raises CannotStart without a Docker.
    """
    try:
        kept = json.loads((folder.hub / MARK).read_text())
    except FileNotFoundError:
        return
    client = _client()
    _remove_containers(client, kept["prefix"])
    for volume in client.volumes.list(filters={"name": kept["prefix"]}):
        volume.remove()
    for network in client.networks.list(names=[kept["prefix"]]):
        network.remove()
    if os.geteuid() != 0:
        client.containers.run(
            kept["image"],
            ["find", "/demo/home", "/demo/nfs", "-mindepth", "1", "-delete"],
            entrypoint=[],
            user="root",
            volumes={str(folder.root): "/demo"},
            remove=True,
        )


def _is_here(client: Any, image: str) -> bool:
    from docker.errors import APIError, NotFound

    for is_last in (*(False,) * (LOOKS - 1), True):
        try:
            client.images.get(image)
        except NotFound:
            return False
        except APIError as error:  # Podman gives up when another image goes away meanwhile
            if is_last:
                raise CannotStart(f"Docker does not say whether {image} is here: {error}") from None
        else:
            return True
    raise AssertionError("the last look returns or raises")


def _client() -> Any:
    try:
        import docker
    except ImportError:
        raise CannotStart("DockerSpawner is missing: pip install dockerspawner") from None
    try:
        client = docker.from_env()
        client.ping()
    except docker.errors.DockerException as error:
        raise CannotStart(
            f"No Docker answers here ({error}). Start Docker; or Podman's service, podman system "
            "service --time=0 unix:///run/growth.sock, with DOCKER_HOST=unix:///run/growth.sock."
        ) from None
    return client


def _remove_containers(client: Any, prefix: str) -> None:
    for left in client.containers.list(all=True, filters={"name": prefix}):
        left.remove(force=True)


def is_ours(address: str) -> bool:
    """Return whether this machine has an address."""
    with socket.socket() as probe, suppress(OSError):
        probe.bind((address, 0))
        return True
    return False


def _gateway(attrs: dict[str, Any]) -> str:
    """Return the machine's address as containers see it: by default the network's first."""
    (config, *_) = attrs["IPAM"]["Config"]
    return str(config.get("Gateway") or ipaddress.ip_network(config["Subnet"])[1])


def gids() -> tuple[int, int]:
    """Return the numbers of the admins' and the data group: only root can give files away."""
    return (ADMIN_GID, DATA_GID) if os.geteuid() == 0 else (os.getgid(), os.getgid())


def is_first(folder: DemoFolder) -> bool:
    """Return whether no container has worked in this folder yet."""
    return not (folder.hub / MARK).exists()


def settle_owners(folder: DemoFolder, *, is_all: bool) -> None:
    """Give the shared folders the groups and modes of the README, and organisers the runbooks.

    Without ``is_all`` only the credentials, which are written anew at each start: whatever else
    containers wrote has the owners that they gave it.
    """
    admin_gid, data_gid = gids()
    if not is_all:
        _settle(folder.credentials, admin_gid, 0o2770)
        return
    runbooks = shipped("admin-notebooks")
    if runbooks and not (folder.admin / "admin-notebooks").exists():
        shutil.copytree(runbooks, folder.admin / "admin-notebooks")
    for name in STARTED_BY_EACH:
        (folder.shared / ".growth-admin" / name).mkdir(parents=True, exist_ok=True)
    _settle(folder.admin, admin_gid, 0o2770)
    _settle(folder.shared / "data", data_gid, 0o2775)
    _settle(folder.shared / ".growth-admin", data_gid, 0o2775)
    for above in (folder.shared, folder.root, folder.homes):
        above.chmod(0o755)


def _settle(top: Path, gid: int, mode: int) -> None:
    """Hand a folder with all that is in it to a group, which may do there what the owner may."""
    for place, _, names in os.walk(top):
        os.chown(place, -1, gid)
        os.chmod(place, mode)
        for path in (Path(place, name) for name in names):
            if not path.is_symlink():
                os.chown(path, -1, gid)
                path.chmod(path.stat().st_mode | (path.stat().st_mode & 0o700) >> 3)
