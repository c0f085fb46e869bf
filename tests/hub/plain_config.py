"""A JupyterHub without a school: many users from the start, and servers that cost next to nothing.

Each server is a real HTTP server inside the hub's process. Starting and stopping take as long as
the environment says, so that what is measured is what the hub and its visitors do.
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import ClassVar

from jupyterhub.spawner import Spawner
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

c = get_config()  # noqa: F821  (JupyterHub provides it)
env = os.environ


class Hello(RequestHandler):
    """Says that it is there."""

    def get(self):
        self.write("hello")


class QuickSpawner(Spawner):
    """Starts and stops in a fixed time, and writes down each start and how many are down."""

    listening = None
    down: ClassVar = set()

    def note(self, what):
        with (Path(env["PLAIN_ROOT"]) / "spawner.log").open("a") as file:
            file.write(f"{what} {self.user.name} {len(self.down)}\n")

    async def start(self):
        self.down.add(self.user.name)
        self.note("start")
        await asyncio.sleep(float(env["PLAIN_START_S"]))
        if (Path(env["PLAIN_ROOT"]) / "failing" / self.user.name).exists():
            self.down.discard(self.user.name)
            raise RuntimeError("the image could not be pulled")
        sockets = bind_sockets(0, "127.0.0.1")
        self.listening = HTTPServer(Application([(".*", Hello)]))
        self.listening.add_sockets(sockets)
        self.down.discard(self.user.name)
        return "127.0.0.1", sockets[0].getsockname()[1]

    async def stop(self, now=False):
        self.down.add(self.user.name)
        self.note("stop")
        await asyncio.sleep(float(env["PLAIN_STOP_S"]))
        if self.listening:
            self.listening.stop()
        self.listening = None

    async def poll(self):
        return None if self.listening else 0


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
        "scopes": ["list:users", "read:users", "servers"],
        "services": ["console"],
    }
]
