"""The folder that the image is built from: its few files that are edited here."""

from __future__ import annotations

import hashlib
import os
import pwd
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

from growth_admin.core.errors import InvalidInput, NotConfigured, NotFound
from growth_admin.core.fsops import read_bytes, replacing
from growth_admin.images.packages.models import FILES, TEXT_CHARS, FileKey, FileText, SourceKind

LIMIT_BYTES: Final = 1024 * 1024


def sha256_of(text: str) -> str:
    """Return the hash of a text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


class SourceFolder:
    """The files of one image's source; see ``Source``."""

    kind: SourceKind = "folder"
    link = ""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def place(self) -> str:
        """See ``Source``."""
        return str(self.path)

    def require(self) -> None:
        """Raise ``NotConfigured`` where there is no image's source here."""
        # Path.is_file raises where one may not look
        if not os.path.isfile(self.path / FILES["dockerfile"]):  # noqa: PTH113
            raise NotConfigured(
                f"There is no image's source in {self.path}.",
                hint="Copy the folder image/ of growth-admin there (it has a Dockerfile and "
                "packages/), or set ImageSource.folder to where it is.",
            )

    def read(self) -> dict[FileKey, FileText]:
        """Return every file; one that is not there is empty.

        Raises ``NotConfigured``, ``InvalidInput`` for what is no text, ``StorageUnavailable``.
        """
        self.require()
        return {key: self._read(key) for key in FILES}

    def texts(self) -> dict[FileKey, str]:
        """Return every file's text. Raises as ``read``."""
        return {key: file.text for key, file in self.read().items()}

    def owner(self, keys: list[FileKey]) -> str:
        """Return who owns the file that changed last, as far as that can be told."""
        found: list[tuple[float, int]] = []
        for key in keys:
            with suppress(OSError):
                stat = (self.path / FILES[key]).stat()
                found.append((stat.st_mtime, stat.st_uid))
        if not found:
            return ""
        uid = max(found)[1]
        try:
            return pwd.getpwuid(uid).pw_name
        except KeyError:
            return str(uid)

    @contextmanager
    def replacing(self, texts: Mapping[FileKey, str]) -> Iterator[Callable[[], None]]:
        """Stage these texts and yield what puts them in their places, file by file.

        What does not fit on the disk is known before anything is changed. Raises ``StorageFull``
        or ``StorageUnavailable``.
        """
        self.require()
        with ExitStack() as stack:
            puts = [
                stack.enter_context(replacing(self.path / FILES[key], text.encode()))
                for key, text in texts.items()
            ]

            def put() -> None:
                for one in puts:
                    one()

            yield put

    def _read(self, key: FileKey) -> FileText:
        path = self.path / FILES[key]
        try:
            data = read_bytes(path, limit_bytes=LIMIT_BYTES)
            is_present = True
        except NotFound:
            data, is_present = b"", False
        try:
            text = data.decode()
        except UnicodeDecodeError:
            raise InvalidInput(
                f"{path} is not UTF-8 text.", hint="Mend it by hand; nothing was changed."
            ) from None
        return FileText(
            file=key, path=FILES[key], is_present=is_present, sha256=sha256_of(text), text=text
        )


def require_text(key: FileKey, text: str) -> str:
    """Return a text that a file may have. Raises ``InvalidInput``."""
    if len(text) > TEXT_CHARS or "\0" in text:
        raise InvalidInput(
            f"{FILES[key]} may have at most {TEXT_CHARS // 1024} KiB of text.",
            fields=[(key, "too long, or no text")],
        )
    return text
