"""Uploads over HTTP: the tus protocol 1.0.0 (see ``tus``), and what there is as JSON."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from typing import Final

from pydantic import Field
from tornado import web
from tornado.http1connection import HTTP1Connection

from growth_admin.api.handler import GrowthHandler
from growth_admin.api.operation import Route, operation
from growth_admin.api.problems import give_status
from growth_admin.core.errors import (
    Conflict,
    Forbidden,
    GrowthError,
    InvalidInput,
    NotFound,
    StorageFull,
    StorageUnavailable,
)
from growth_admin.core.permissions import ADMIN_SCOPE
from growth_admin.core.schema import Model
from growth_admin.datasets.models import Upload, UploadList
from growth_admin.datasets.uploads import tus
from growth_admin.datasets.uploads.faults import (
    ChunkDamaged,
    ProtocolMismatch,
    UploadBusy,
    UploadTooLarge,
)
from growth_admin.datasets.uploads.intake import Intake
from growth_admin.datasets.uploads.record import BATCH_PATTERN, files_of_batch, in_words
from growth_admin.datasets.uploads.store import UploadStore
from growth_admin.datasets.uploads.writer import ALGORITHMS

log = logging.getLogger(__name__)
DRAIN_BYTES: Final = 64 * 1024 * 1024
"""A body up to this size is read to its end before it is refused: whoever is still sending when
the connection closes often never sees the answer."""

give_status({ProtocolMismatch: 412, UploadTooLarge: 413, UploadBusy: 423, ChunkDamaged: 460})
WRITE_ERRORS = (Conflict, UploadBusy, ChunkDamaged, StorageFull, StorageUnavailable)


class UploadQuery(Model):
    """Which uploads."""

    batch: str = Field(default="", pattern=BATCH_PATTERN, description="only those of one drop")


@web.stream_request_body
class _TusHandler(GrowthHandler):
    """Knows who is asking before the body is read, and takes the body piece by piece."""

    manager: UploadStore
    _intake: Intake | None = None
    _refusal: Exception | None = None
    _ending: asyncio.Task[None] | None = None
    _is_gone = False

    def set_default_headers(self) -> None:
        """Every reply names the protocol, refusals too."""
        super().set_default_headers()
        self.set_header("Tus-Resumable", tus.VERSION)
        self.set_header("Tus-Version", tus.VERSION)
        self.set_header("Cache-Control", "no-store")

    async def prepare(self) -> None:  # type: ignore[override]  # as GrowthHandler's
        """Let the visitor in, then look at the headers; the body comes afterwards."""
        await super().prepare()
        if self._finished:
            return
        try:
            if self.request.method in ("HEAD", "POST", "PATCH"):
                self._expect_version()
            await self.begin()
        except (GrowthError, web.HTTPError) as e:
            if self.body_bytes > DRAIN_BYTES:
                raise
            self._refusal = e

    async def begin(self) -> None:
        """What a verb that takes a body does before it comes."""

    @property
    def body_bytes(self) -> int:
        """How long the body says it is."""
        return int(self.request.headers.get("Content-Length", "0"))

    async def receive(self, upload: Upload) -> None:
        """Get ready to write the body to an upload. Raises what ``UploadStore.write`` does."""
        room_bytes = upload.size_bytes - upload.offset_bytes
        if self.body_bytes > room_bytes:
            raise InvalidInput(
                f"{self.body_bytes} bytes are announced, and {room_bytes} are missing.",
                hint="Ask for the offset and send what is missing.",
            )
        connection = self.request.connection
        assert isinstance(connection, HTTP1Connection)  # jupyter_server speaks nothing else
        connection.set_max_body_size(max(room_bytes, DRAIN_BYTES))
        checksum = tus.read_checksum(self.request.headers)
        writer = await self.call(self.manager.write, upload.id, upload.offset_bytes, checksum)
        self._intake = Intake(writer, self.call)
        if self._is_gone:
            await self._keep(self._intake)

    async def received(self) -> int:
        """Return how many bytes the upload has, once the whole body is safe."""
        self.enter()
        assert self._intake is not None  # begin() has raised otherwise
        return await self._intake.finish()

    def enter(self) -> None:
        """Raise what was wrong with the headers."""
        if self._refusal:
            raise self._refusal

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        """Take a piece of the body; the next one comes when what is returned is done."""
        return self._intake.take(chunk) if self._intake else None

    def on_connection_close(self) -> None:
        """Keep what came before the connection was lost."""
        super().on_connection_close()
        self._is_gone = True
        if self._intake:
            self._ending = asyncio.create_task(self._keep(self._intake))

    async def _keep(self, intake: Intake) -> None:
        try:
            await intake.abandon()
        except GrowthError as e:
            log.warning("an upload was cut off, and what came could not be kept: %s", e.detail)

    async def tell_expiry(self, upload_id: str) -> None:
        """Say until when the upload can be gone on with ("Expiration")."""
        expires = await self.call(self.manager.get_expiry, upload_id)
        self.set_header("Upload-Expires", tus.http_date(expires))

    def tell_rules(self) -> None:
        """Say what this server can do."""
        self.set_header("Tus-Extension", tus.EXTENSIONS)
        self.set_header("Tus-Max-Size", str(self.manager.limit_bytes))
        self.set_header("Tus-Checksum-Algorithm", ",".join(ALGORITHMS))

    def _expect_version(self) -> None:
        asked = self.request.headers.get("Tus-Resumable", "")
        if asked != tus.VERSION:
            raise ProtocolMismatch(f"Tus-Resumable is {asked[:20]!r}, not {tus.VERSION}.")


class UploadsHandler(_TusHandler):
    """All uploads."""

    _created: Upload | None = None

    async def begin(self) -> None:
        """Create the upload, whose first bytes may come with the request."""
        if self.request.method != "POST":
            return
        wanted = tus.read_new_upload(self.request.headers)
        self._created = await self.call(self.manager.create_upload, wanted)
        if self.request.headers.get("Content-Type") == tus.BODY_TYPE:
            await self.receive(self._created)

    @operation(
        "datasets.datasets:read",
        summary="List files that are on their way or wait to be published",
        client="datasets.list_uploads",
        returns=UploadList,
        query=UploadQuery,
    )
    async def get(self) -> None:
        """Reply with the uploads."""
        asked = self.query(UploadQuery)
        self.reply(await self.call(self.manager.list_with_jobs, asked.batch))

    @operation(
        "datasets.datasets:read",
        summary="Get what the upload protocol allows here",
        client="datasets.get_upload_rules",
        status=204,
    )
    async def options(self) -> None:  # type: ignore[override]  # not the one for other origins
        """Reply with the protocol's headers."""
        self.tell_rules()
        self.reply()

    @operation(
        "datasets.uploads:write",
        summary="Begin to upload a file",
        client="datasets.create_upload",
        returns=Upload,
        status=201,
        takes=tus.BODY_TYPE,
        errors=(ProtocolMismatch, UploadTooLarge, *WRITE_ERRORS),
    )
    async def post(self) -> None:
        """Reply with the upload and where its bytes go."""
        self.enter()
        created = self._created
        assert created is not None  # begin() has raised otherwise
        if self._intake:
            self.set_header("Upload-Offset", str(await self.received()))
            created = await self.call(self.manager.get_upload, created.id)
        await self.tell_expiry(created.id)
        if self.manager.is_news(created, "begun"):
            await self.audit(target=in_words(created))
        self.leave_unrecorded()
        self.reply(created, location=f"datasets/uploads/{created.id}")


class UploadHandler(_TusHandler):
    """One upload."""

    async def begin(self) -> None:
        """Get ready for the bytes of a PATCH."""
        if self.request.method != "PATCH":
            return
        if self.request.headers.get("Content-Type") != tus.BODY_TYPE:
            raise web.HTTPError(415, f"Send the bytes as {tus.BODY_TYPE}.")
        offset_bytes = tus.read_number(self.request.headers, "Upload-Offset")
        upload = await self.call(self.manager.get_upload, self.path_kwargs["upload_id"])
        await self.receive(upload.model_copy(update={"offset_bytes": offset_bytes}))

    @operation(
        "datasets.datasets:read",
        summary="Get an upload",
        client="datasets.get_upload",
        returns=Upload,
        errors=(NotFound,),
    )
    async def get(self, upload_id: str) -> None:
        """Reply with the upload."""
        self.reply(await self.call(self.manager.get_upload, upload_id))

    @operation(
        "datasets.datasets:read",
        summary="Get how far an upload is",
        client="datasets.get_upload_offset",
        errors=(NotFound, ProtocolMismatch),
    )
    async def head(self, upload_id: str) -> None:
        """Reply with the offset and the length."""
        self.enter()
        upload = await self.call(self.manager.get_upload, upload_id)
        self.set_header("Upload-Offset", str(upload.offset_bytes))
        self.set_header("Upload-Length", str(upload.size_bytes))
        if metadata := await self.call(self.manager.get_metadata, upload_id):
            self.set_header("Upload-Metadata", metadata)
        await self.tell_expiry(upload_id)
        self.reply()

    @operation(
        "datasets.uploads:write",
        summary="Send bytes of a file",
        client="datasets.append_upload",
        status=204,
        takes=tus.BODY_TYPE,
        errors=(NotFound, Forbidden, ProtocolMismatch, *WRITE_ERRORS),
    )
    async def patch(self, upload_id: str) -> None:
        """Reply with the new offset; only the last bytes of a file are worth a record."""
        self.leave_unrecorded()
        offset_bytes = await self.received()
        upload = await self.call(self.manager.get_upload, upload_id)
        is_alone = files_of_batch(upload.batch) == 1
        if upload.is_complete and is_alone and self.manager.is_news(upload, "arrived"):
            await self.audit(action="Upload a file", target=in_words(upload))
        self.set_header("Upload-Offset", str(offset_bytes))
        await self.tell_expiry(upload_id)
        self.reply()

    @operation(
        "datasets.uploads:write",
        summary="Delete an upload",
        client="datasets.delete_upload",
        status=204,
        errors=(NotFound, Forbidden, Conflict, UploadBusy),
    )
    async def delete(self, upload_id: str) -> None:
        """Delete it, whole or not."""
        self.enter()
        is_admin = ADMIN_SCOPE in self.visitor.scopes
        deleted = await self.call(self.manager.delete_upload, upload_id, is_admin=is_admin)
        if self.manager.is_news(deleted, "deleted"):
            await self.audit(target=in_words(deleted))
        self.leave_unrecorded()
        self.reply()


ROUTES = (
    Route("datasets/uploads", UploadsHandler),
    Route("datasets/uploads/{upload_id}", UploadHandler),
)
