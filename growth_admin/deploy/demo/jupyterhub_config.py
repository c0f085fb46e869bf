"""The demo's part of the hub's configuration: addresses, and processes instead of containers.

Loads the school's configuration unchanged, as Zero to JupyterHub does with its jupyterhub_config.d.
"""

import json
import os
import sys
from pathlib import Path

from growth_admin.deploy import hub_config_path
from growth_admin.deploy.demo.spawner import DEFAULT_SERVER, DemoSpawner

c = get_config()  # noqa: F821  (JupyterHub provides it)
for more in (hub_config_path(), os.environ.get("GROWTH_DEMO_MORE_CONFIG")):
    if more:
        exec(compile(Path(more).read_text(encoding="utf-8"), more, "exec"))  # noqa: S102

root = Path(os.environ["GROWTH_DEMO_ROOT"])
settings = json.loads((root / "growth-demo.json").read_text(encoding="utf-8"))

c.JupyterHub.bind_url = f"http://127.0.0.1:{settings['hub_port']}"
hub_host = os.environ.get("GROWTH_DEMO_HUB_HOST", "127.0.0.1")  # where servers reach the hub
c.JupyterHub.hub_bind_url = f"http://{hub_host}:{settings['hub_api_port']}"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{settings['proxy_api_port']}"
c.ConfigurableHTTPProxy.command = [str(Path(sys.executable).parent / "configurable-http-proxy")]
if dock := json.loads(os.environ.get("GROWTH_DEMO_DOCK", "null")):  # --spawner docker
    c.JupyterHub.spawner_class = "docker"
    c.JupyterHub.hub_connect_url = dock["hub_connect_url"]
    c.DockerSpawner.update(dock["spawner"])
if "spawner_class" not in c.JupyterHub:
    c.JupyterHub.spawner_class = DemoSpawner
c.JupyterHub.cleanup_servers = True
c.DemoSpawner.demo_root = str(root)
c.DemoSpawner.mark = settings["mark"]
c.DemoSpawner.server_command = [os.environ.get("GROWTH_DEMO_SERVER", DEFAULT_SERVER)]
# Looking for language servers runs npm, which costs each start two seconds.
c.Spawner.args = ["--LanguageServerManager.autodetect=False"]
c.Spawner.ip = "127.0.0.1"
c.Spawner.start_timeout = 180
c.Spawner.http_timeout = 90
c.LocalProcessSpawner.interrupt_timeout = 3
c.LocalProcessSpawner.term_timeout = 3
c.JupyterHub.template_vars = {
    "announcement": "A demo: everything here lives in one folder on this machine.",
}
