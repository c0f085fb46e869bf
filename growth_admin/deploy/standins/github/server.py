"""Put the stand-in together and serve it."""

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

from tornado import web

from growth_admin.deploy.standins.github import (
    control,
    oauth,
    rest_actions,
    rest_apps,
    rest_git,
    rest_invitations,
    rest_organizations,
    rest_pulls,
    rest_repositories,
    rest_teams,
    rest_users,
    seeding,
)
from growth_admin.deploy.standins.github import (
    web as pages,
)
from growth_admin.deploy.standins.github.answering import Rest
from growth_admin.deploy.standins.github.weather import Sky
from growth_admin.deploy.standins.github.world import World

REST = (
    rest_users,
    rest_organizations,
    rest_teams,
    rest_invitations,
    rest_apps,
    rest_repositories,
    rest_git,
    rest_pulls,
    rest_actions,
)


class Elsewhere(Rest):
    """Everything that the stand-in does not know."""

    def get(self, *words: str) -> None:
        self.fail(404, "Not Found")

    post = put = patch = delete = get


def make_app(world: World, site: str) -> web.Application:
    """The stand-in as a tornado application that calls itself `site` in its links."""
    shared = {"world": world, "sky": Sky(), "site": site}
    calls = [route for module in REST for route in module.ROUTES]
    routes = [*control.ROUTES, *oauth.ROUTES, *pages.ROUTES, *calls, (r"/api/v3/.*", Elsewhere)]
    return web.Application([(pattern, handler, shared) for pattern, handler in routes])


async def serve(world: World, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT. Raises OSError when the port is taken."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = make_app(world, f"http://{host}:{port}").listen(port, host)
    print(f"GitHub's stand-in: http://{host}:{port}", flush=True)
    await stop.wait()
    server.stop()


def main(argv: list[str] | None = None) -> int:
    """Entry point; returns the exit code."""
    parser = argparse.ArgumentParser(prog="growth-github", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, help="JSON file that keeps the state")
    parser.add_argument("--seed", type=Path, help="JSON file: people and teams to add if missing")
    options = parser.parse_args(argv)
    world = World(options.state)
    if options.seed:
        seeding.seed(world, json.loads(options.seed.read_text(encoding="utf-8")))
        world.keep()
    try:
        asyncio.run(serve(world, options.host, options.port))
    except OSError as error:
        print(f"Cannot serve on port {options.port}: {error.strerror}", file=sys.stderr)
        return 1
    return 0
