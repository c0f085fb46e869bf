"""The machine beside the hub on which the servers of `plain_config.py` run.

Each server is a real HTTP server in this process. Starting and stopping take as long as the
environment says and go on when the hub that asked for them is gone, as pods do. One line each way:
`start NAME` is answered with the port once it answers, or `failed`; `stop NAME` with `stopped`.
Whether there is a server, and at which port, stands in a file, so the hub's polls cost nothing.
"""

import asyncio
import os
from pathlib import Path

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

ROOT = Path(os.environ["PLAIN_ROOT"])
START_S, STOP_S = float(os.environ["PLAIN_START_S"]), float(os.environ["PLAIN_STOP_S"])


class Hello(RequestHandler):
    """Says that it is there."""

    def get(self):
        self.write("hello")


HELLO = Application([(".*", Hello)])


class Yard:
    """All servers by user, and who is between stop and ready; the log has a line per change."""

    def __init__(self):
        self.coming = {}
        self.going = {}
        self.servers = {}
        self.down = set()
        self.log = (ROOT / "spawner.log").open("a", buffering=1)

    def note(self, what, name):
        self.log.write(f"{what} {name} {len(self.down)}\n")

    async def start(self, name):
        """Return the port of the server; one that is there already is not started again."""
        if name in self.going:
            await asyncio.shield(self.going[name])
        if name not in self.coming:
            self.down.add(name)
            self.note("start", name)
            self.coming[name] = asyncio.ensure_future(self._come(name))
        return await asyncio.shield(self.coming[name])

    async def _come(self, name):
        sockets = bind_sockets(0, "127.0.0.1")
        port = sockets[0].getsockname()[1]
        self._file(name).write_text(str(port))
        await asyncio.sleep(START_S)
        self.down.discard(name)
        if (ROOT / "failing" / name).exists():
            sockets[0].close()
            self._file(name).unlink()
            del self.coming[name]
            return "failed"
        self.servers[name] = HTTPServer(HELLO)
        self.servers[name].add_sockets(sockets)
        self.note("up", name)
        return str(port)

    async def stop(self, name):
        if name not in self.going:
            self.going[name] = asyncio.ensure_future(self._go(name))
        await asyncio.shield(self.going[name])
        return "stopped"

    async def _go(self, name):
        if name in self.coming:
            await self.coming[name]
        if name in self.servers:
            self.down.add(name)
            self.note("stop", name)
            await asyncio.sleep(STOP_S)
            self.servers.pop(name).stop()
            self._file(name).unlink()
            del self.coming[name]
        del self.going[name]

    def _file(self, name):
        return ROOT / "yard" / name

    async def answer(self, reader, writer):
        verb, name = (await reader.readline()).decode().split()
        said = await (self.start(name) if verb == "start" else self.stop(name))
        writer.write(f"{said}\n".encode())
        writer.close()


async def main():
    yard = Yard()
    server = await asyncio.start_server(
        yard.answer, "127.0.0.1", int(os.environ["PLAIN_YARD_PORT"])
    )
    (ROOT / "yard").mkdir()
    await server.serve_forever()


asyncio.run(main())
