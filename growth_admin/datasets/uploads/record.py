"""What is known of an upload beside its bytes, as it lies on the disk."""

from __future__ import annotations

import re
from typing import Final

from pydantic import Field

from growth_admin.core.errors import InvalidInput, NotFound
from growth_admin.core.schema import Model, Moment
from growth_admin.datasets.models import Upload

ID_LENGTH: Final = 32
LINK: Final = "upload:"
BATCH_LINK: Final = "upload:batch:"
BATCH_PATTERN: Final = r"^[A-Za-z0-9_-]{0,64}$"
_ID: Final = re.compile(rf"[0-9a-f]{{{ID_LENGTH}}}")


class NewUpload(Model):
    """What somebody wants to send."""

    size_bytes: int = Field(ge=0, le=2**53)
    file_name: str = Field(min_length=1, max_length=1024)
    relative_path: str = Field(default="", max_length=4096)
    batch: str = Field(default="", pattern=BATCH_PATTERN)
    file_type: str = Field(default="", max_length=255)
    metadata: str = Field(default="", max_length=16384, description="Upload-Metadata as it came")


class UploadRecord(NewUpload):
    """What ``info.json`` holds; written once."""

    id: str
    created: Moment
    created_by: str

    @property
    def links(self) -> tuple[str, ...]:
        """What can be published that holds this upload: it by itself, and its batch."""
        return (f"{LINK}{self.id}", *([f"{BATCH_LINK}{self.batch}"] if self.batch else []))

    def as_upload(self, offset_bytes: int, sha256: str) -> Upload:
        """Return the upload as it crosses the wire."""
        return Upload(
            id=self.id,
            file_name=self.file_name,
            size_bytes=self.size_bytes,
            offset_bytes=offset_bytes,
            created=self.created,
            created_by=self.created_by,
            is_complete=offset_bytes == self.size_bytes,
            relative_path=self.relative_path,
            batch=self.batch,
            sha256=sha256,
        )


def is_id(name: str) -> bool:
    """Return whether a name can be the id of an upload."""
    return bool(_ID.fullmatch(name))


def checked_id(upload_id: str) -> str:
    """Return the id of an upload if it can be one; it becomes part of a path."""
    if not is_id(upload_id):
        raise missing(upload_id)
    return upload_id


def checked_batch(batch: str) -> str:
    """Return the name of a batch if it can be one."""
    if not batch or not re.fullmatch(BATCH_PATTERN, batch):
        raise InvalidInput(f"{batch[:80]!r} is not a batch of uploads.")
    return batch


def files_of_batch(batch: str) -> int:
    """Return how many files a batch has: our panel's names end with ``-<files>-<bytes>``."""
    found = re.search(r"-(\d{1,9})-\d+$", batch)
    return int(found[1]) if found else 1


def in_words(upload: Upload) -> str:
    """Return what a record of changes calls an upload, or the batch that it belongs to."""
    files = files_of_batch(upload.batch)
    if files > 1:
        return f"{upload.relative_path.partition('/')[0] or 'Files'} ({files} files)"
    return f"{upload.file_name} ({upload.size_bytes} bytes, upload {upload.id})"


def missing(upload_id: str) -> NotFound:
    """Return the error for an upload that is not there (any more)."""
    return NotFound(
        f"There is no upload {upload_id[:ID_LENGTH]}.",
        hint="It may have been published, deleted, or left alone for too long. Send it again.",
    )
