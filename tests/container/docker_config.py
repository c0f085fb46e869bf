"""What makes the hub of these tests one with DockerSpawner, as on one Docker machine of a school.

Runs inside the hub's configuration: after `hub_config.py`, before the demo's addresses.
"""

import json
import os
from pathlib import Path

c = get_config()  # noqa: F821  (JupyterHub provides it)
more = Path(os.environ["TESTS_MORE_CONFIG"])
exec(compile(more.read_text(encoding="utf-8"), str(more), "exec"))

disk = Path(os.environ["TESTS_DISK"])
gateway = os.environ["TESTS_GATEWAY"]
ports = json.loads(Path(os.environ["GROWTH_DEMO_ROOT"], "growth-demo.json").read_text())

c.JupyterHub.spawner_class = "docker"
c.JupyterHub.hub_connect_url = f"http://{gateway}:{ports['hub_api_port']}"
c.DockerSpawner.image = f"{os.environ['GROWTH_IMAGE_NAME']}:{os.environ['GROWTH_IMAGE_TAG']}"
c.DockerSpawner.prefix = os.environ["TESTS_PREFIX"]
c.DockerSpawner.network_name = "podman"
c.DockerSpawner.use_internal_ip = True
c.DockerSpawner.ip = "0.0.0.0"
c.DockerSpawner.cmd = ["start-singleuser.py"]
c.DockerSpawner.volumes = {
    f"{os.environ['TESTS_PREFIX']}-home-{{username}}": "/home/{username}",
    str(disk / "admin"): "/home/admin",
    str(disk / "admin" / "logs"): "/home/admin/logs",
    str(disk / "nfs"): "/nfs",
    str(disk / "nfs" / ".growth-admin" / "receipts"): "/nfs/.growth-admin/receipts",
}
if server_config := os.environ.get("TESTS_SERVER_CONFIG"):
    bound = {"bind": "/usr/local/etc/jupyter/jupyter_server_config.json", "mode": "ro"}
    c.DockerSpawner.volumes[server_config] = bound
