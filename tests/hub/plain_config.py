"""A JupyterHub without a school: many users from the start, servers that cost next to nothing.

Each server is a real HTTP server in one process beside the hub (`plain_yard.py`), so it outlives
the hub. Starting and stopping take as long as the environment says, so that what is measured is
what the hub and its visitors do.
"""

import asyncio
import os
import sys
from pathlib import Path

from jupyterhub.spawner import Spawner

c = get_config()  # noqa: F821  (JupyterHub provides it)
env = os.environ


class QuickSpawner(Spawner):
    """Has servers started and stopped on the yard, by user, and finds them there again."""

    async def _ask(self, verb):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(env["PLAIN_YARD_PORT"]))
        writer.write(f"{verb} {self.user.name}\n".encode())
        said = (await reader.readline()).decode().strip()
        writer.close()
        return said

    @property
    def _mark(self):
        return Path(env["PLAIN_ROOT"]) / "yard" / self.user.name

    async def start(self):
        said = await self._ask("start")
        if not said.isdigit():
            raise RuntimeError("the image could not be pulled")
        return "127.0.0.1", int(said)

    async def stop(self, now=False):
        await self._ask("stop")

    async def poll(self):
        return None if self._mark.exists() else 0

    async def get_url(self):
        return f"http://127.0.0.1:{self._mark.read_text()}"


c.JupyterHub.spawner_class = QuickSpawner
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.db_url = f"sqlite:///{env['PLAIN_DATABASE']}"
c.JupyterHub.cookie_secret_file = f"{env['PLAIN_ROOT']}/cookie"
c.JupyterHub.pid_file = f"{env['PLAIN_ROOT']}/hub.pid"
c.JupyterHub.bind_url = f"http://127.0.0.1:{env['PLAIN_PORT']}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{env['PLAIN_HUB_PORT']}"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{env['PLAIN_PROXY_PORT']}"
c.ConfigurableHTTPProxy.command = [str(Path(sys.executable).parent / "configurable-http-proxy")]
c.JupyterHub.log_level = "WARN"
c.JupyterHub.concurrent_spawn_limit = int(env.get("PLAIN_SPAWN_LIMIT", "100"))
# not a setting of the hub by itself, whose own range is 30 to 60 s
c.JupyterHub.tornado_settings = {"spawn_throttle_retry_range": (1, 2)}
c.JupyterHub.services = [{"name": "console", "api_token": env["PLAIN_TOKEN"]}]
c.JupyterHub.load_roles = [
    {
        "name": "console",
        "scopes": env.get("PLAIN_SCOPES", "list:users,read:users,servers").split(","),
        "services": ["console"],
    }
]
