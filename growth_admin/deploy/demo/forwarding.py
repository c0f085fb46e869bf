"""Lets containers reach what listens on this machine's own address only, and nobody else.

    python -m growth_admin.deploy.demo.forwarding 172.18.0.1 8081 8082

listens on the first address, which is the bridge of the containers, and hands each connection to
the same port of 127.0.0.1. The hub and the stand-ins so stay closed for the network around us.
"""

import asyncio
import contextlib
import functools
import socket
import sys
from typing import Final

PIECE_BYTES: Final = 64 * 1024


async def _pour(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while piece := await source.read(PIECE_BYTES):
            target.write(piece)
            await target.drain()
        if target.can_write_eof():
            target.write_eof()


async def _hand_on(port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Join a connection with the same port of this machine until both sides have ended."""
    try:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        writer.close()
        return
    try:
        await asyncio.gather(_pour(reader, inner_writer), _pour(inner_reader, writer))
    finally:
        writer.close()
        inner_writer.close()


async def forward(address: str, ports: list[int]) -> None:
    """Listen on ``address``, for ever."""
    async with contextlib.AsyncExitStack() as stack:
        servers = []
        for port in ports:
            listening = socket.socket()
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((address, port))
            server = await asyncio.start_server(functools.partial(_hand_on, port), sock=listening)
            servers.append(await stack.enter_async_context(server))
        await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(forward(sys.argv[1], [int(port) for port in sys.argv[2:]]))
