"""Takes a body as it comes from the network and lets threads write it.

The next bytes are read while the last ones are written, and no further: whoever sends faster than
the disk takes it is slowed down by TCP, and one upload holds two buffers at most.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from growth_admin.core.errors import GrowthError
from growth_admin.datasets.uploads.writer import UploadWriter

GATHER_BYTES: Final = 2 * 1024 * 1024
"""How much is gathered for one write: one message to a thread, one to the file server or few."""
GATHER_S: Final = 5.0
"""A slow connection is written at least so often; the lock stays warm."""


class Intake:
    """The body of one request on its way into one upload."""

    def __init__(self, writer: UploadWriter, call: Callable[..., Awaitable[Any]]) -> None:
        self._writer = writer
        self._call = call
        self._loop = asyncio.get_running_loop()
        self._buffer = bytearray()
        self._written_s = self._loop.time()
        self._writing: asyncio.Future[Any] | None = None
        self._turn = asyncio.Lock()
        self.problem: GrowthError | None = None

    def take(self, chunk: bytes) -> Awaitable[None] | None:
        """Take what has come; await the result, if any, before there may be more.

        After a failure (see ``problem``) what comes is thrown away.
        """
        if self.problem:
            return None
        self._buffer += chunk
        is_late = self._loop.time() - self._written_s > GATHER_S
        return self._write() if len(self._buffer) >= GATHER_BYTES or is_late else None

    async def finish(self) -> int:
        """Write the rest, make it last; return how many bytes the upload has.

        Raises what went wrong, now or while the bytes came; what can be kept is kept.
        """
        await self._write(is_last=True)
        if self.problem:
            await self._call(self._writer.keep)
            raise self.problem
        offset_bytes: int = await self._call(self._writer.finish)
        return offset_bytes

    async def abandon(self) -> None:
        """The connection is gone: keep what came. Raises as ``finish``."""
        await self._write(is_last=True)
        await self._call(self._writer.keep)

    async def _write(self, *, is_last: bool = False) -> None:
        """Begin to write what was gathered, after what was gathered before it."""
        async with self._turn:  # the connection may be lost while the body waits in here
            await self._settled()
            data, self._buffer = self._buffer, bytearray()
            self._written_s = self._loop.time()
            if data and not self.problem:
                self._writing = asyncio.ensure_future(self._call(self._writer.append, data))
            if is_last:
                await self._settled()

    async def _settled(self) -> None:
        """Wait for the write that is under way, and note if it failed."""
        writing, self._writing = self._writing, None
        if writing:
            try:
                await writing
            except GrowthError as e:
                self.problem = e
