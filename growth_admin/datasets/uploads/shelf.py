"""Looks at the uploads below one folder."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from growth_admin.core.errors import NotFound
from growth_admin.core.fsops import list_names, storage_errors
from growth_admin.datasets.models import Upload
from growth_admin.datasets.uploads.files import UploadFiles
from growth_admin.datasets.uploads.record import UploadRecord, checked_id, is_id, missing

LOOK_AGE_S: Final = 5.0
"""How old the list of uploads may be when the limit is checked."""


class UploadShelf:
    """What there is. An upload is deleted when nobody goes on with it for ``keep_s``."""

    def __init__(self, folder: Path, *, keep_s: float) -> None:
        self._folder = folder
        self._keep_s = keep_s
        self._guard = threading.Lock()
        self._records: dict[str, UploadRecord] = {}
        self._looked_s = -LOOK_AGE_S

    def get_upload(self, upload_id: str) -> Upload:
        """Return one upload. Raises ``NotFound``."""
        return self._as_upload(self._record(upload_id))

    def list_uploads(self, batch: str = "") -> tuple[Upload, ...]:
        """Return all uploads, or those of one batch, newest first."""
        found: list[Upload] = []
        for record in self._look():
            if batch in ("", record.batch):
                with suppress(NotFound):  # deleted meanwhile
                    found.append(self._as_upload(record))
        return tuple(sorted(found, key=lambda upload: upload.created, reverse=True))

    def get_metadata(self, upload_id: str) -> str:
        """Return the metadata as the client gave it. Raises ``NotFound``."""
        return self._record(upload_id).metadata

    def get_expiry(self, upload_id: str) -> datetime:
        """Return when the upload is deleted if nobody goes on with it. Raises ``NotFound``."""
        files = self._files(upload_id)
        with storage_errors(files.data):
            return datetime.fromtimestamp(files.data.stat().st_mtime + self._keep_s, UTC)

    def get_files(self, upload_id: str) -> UploadFiles:
        """Return where the parts of an upload lie. Raises ``NotFound``."""
        self._record(upload_id)
        return self._files(upload_id)

    def _files(self, upload_id: str) -> UploadFiles:
        return UploadFiles(self._folder / checked_id(upload_id))

    def _record(self, upload_id: str) -> UploadRecord:
        files = self._files(upload_id)
        try:
            with storage_errors(files.info):
                known = self._records.get(upload_id)
                if known and files.info.stat():
                    return known
                record = UploadRecord.from_record_json(files.info.read_bytes())
        except (NotFound, ValidationError):
            raise missing(upload_id) from None
        with self._guard:
            self._records[upload_id] = record
        return record

    def _as_upload(self, record: UploadRecord) -> Upload:
        files = self._files(record.id)
        with storage_errors(files.folder):
            offset_bytes = files.offset_bytes()
            is_whole = offset_bytes == record.size_bytes
            return record.as_upload(offset_bytes, files.known_sha256() if is_whole else "")

    def _look(self) -> list[UploadRecord]:
        """Return the records of all uploads that are there now."""
        names = {name for name in list_names(self._folder) if is_id(name)}
        for name in names - set(self._records):
            with suppress(NotFound):  # not yet, or no longer
                self._record(name)
        with self._guard:
            self._records = {k: v for k, v in self._records.items() if k in names}
            self._looked_s = time.monotonic()
            return list(self._records.values())

    def _recent_records(self) -> list[UploadRecord]:
        """Return the records of all uploads, as of a few seconds ago."""
        if time.monotonic() - self._looked_s > LOOK_AGE_S:
            return self._look()
        with self._guard:
            return list(self._records.values())
