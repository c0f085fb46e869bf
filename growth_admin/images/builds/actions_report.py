"""What a run says of its image: the files of its artifact (image/.github/workflows/image.yml)."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from typing import Final

from growth_admin.core.errors import GrowthError
from growth_admin.images.builds.models import Contents
from growth_admin.images.builds.reading import checks_of, contents_of, with_checks

LARGEST_BYTES: Final = 32 * 1024**2
NO_REPORT: Final = "The run left no report of the image's checks."


def read_report(packed: bytes, *, is_passed: bool) -> Contents:
    """Return what is in the image and what its checks found; empty without a report.

    ``is_passed``: whether the run as a whole was. Raises ``GrowthError`` for one that is damaged.
    """
    if not packed:
        return with_checks(Contents(), (), is_passed=is_passed, otherwise=NO_REPORT)
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            inside = _text(archive, "contents.json")
            smoke = _text(archive, "smoke.jsonl")
        facts = json.loads(inside) if inside else {}
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError) as e:
        raise GrowthError(f"it is damaged: {e}") from e
    contents = contents_of(facts) if isinstance(facts, dict) else Contents()
    checks = checks_of(smoke.splitlines())
    return with_checks(contents, checks, is_passed=is_passed, otherwise=NO_REPORT)


def _text(archive: zipfile.ZipFile, name: str) -> str:
    """Return a file of the artifact; empty if it is not there or far too large."""
    try:
        if archive.getinfo(name).file_size > LARGEST_BYTES:
            return ""
        return archive.read(name).decode(errors="replace")
    except KeyError:
        return ""
