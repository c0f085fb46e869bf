"""What can go wrong with a file on its way, beside what ``core.errors`` knows."""

from __future__ import annotations

from growth_admin.core.errors import Conflict, GrowthError, InvalidInput


class UploadTooLarge(InvalidInput):
    """The file does not fit into what one user may have under way."""

    kind = "upload-too-large"
    title = "The file is too large"


class UploadBusy(Conflict):
    """Another request is writing the same upload."""

    kind = "upload-busy"
    title = "The upload is being written"
    default_hint = "Wait some seconds, ask for the offset again, and go on from there."


class ChunkDamaged(GrowthError):
    """The bytes that arrived are not those that were sent. They were thrown away."""

    kind = "chunk-damaged"
    title = "The bytes were damaged on the way"
    default_hint = "Send the same bytes again from the same offset."


class ProtocolMismatch(InvalidInput):
    """The client does not say that it speaks tus 1.0.0."""

    kind = "protocol-mismatch"
    title = "The protocol is not tus 1.0.0"
    default_hint = "Send the header Tus-Resumable: 1.0.0, as every tus client does."
