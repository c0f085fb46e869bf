"""The words of the tus protocol: what stands in its headers.

Source: tus resumable upload protocol, version 1.0.0 (2016-03-25), https://tus.io/protocols/.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Final

from pydantic import ValidationError

from growth_admin.core.errors import InvalidInput
from growth_admin.datasets.facts import DIGEST_LENGTHS, Checksum
from growth_admin.datasets.uploads.record import NewUpload
from growth_admin.datasets.uploads.writer import ALGORITHMS

VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,creation-with-upload,expiration,checksum,termination"
BODY_TYPE: Final = "application/offset+octet-stream"


def read_number(headers: Mapping[str, str], name: str) -> int:
    """Return a header that is a whole number, 0 or more. Raises ``InvalidInput``."""
    text = headers.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 16):
        raise InvalidInput(
            f"The header {name} is {text[:40]!r}, not a number of bytes.",
            fields=[(name, "not a number of bytes")],
        )
    return int(text)


def read_checksum(headers: Mapping[str, str]) -> Checksum | None:
    """Return what the body must match, if anything ("Checksum"). Raises ``InvalidInput``."""
    given = headers.get("Upload-Checksum")
    if given is None:
        return None
    algorithm, _, encoded = given.strip().partition(" ")
    digest = _decoded(encoded)
    if algorithm not in ALGORITHMS or digest is None:
        raise InvalidInput(
            f"Upload-Checksum is {given[:80]!r}.",
            hint=f"Write the algorithm ({', '.join(ALGORITHMS)}), a space, the digest in base64.",
            fields=[("Upload-Checksum", "cannot be read")],
        )
    if 2 * len(digest) != DIGEST_LENGTHS[algorithm]:
        raise InvalidInput(
            f"A digest of {len(digest)} bytes is no {algorithm}.",
            fields=[("Upload-Checksum", "wrong length")],
        )
    return Checksum(algorithm, digest.hex())


def read_new_upload(headers: Mapping[str, str]) -> NewUpload:
    """Return what somebody wants to send ("Creation"). Raises ``InvalidInput``."""
    if "Upload-Defer-Length" in headers:
        raise InvalidInput(
            "The length must be known when an upload begins.", hint="Send Upload-Length."
        )
    metadata = headers.get("Upload-Metadata", "")
    values = read_metadata(metadata)
    try:
        return NewUpload(
            size_bytes=read_number(headers, "Upload-Length"),
            file_name=values.get("filename") or values.get("name") or "upload",
            relative_path=values.get("relativePath", ""),
            batch=values.get("batch", ""),
            file_type=values.get("filetype", ""),
            metadata=metadata,
        )
    except ValidationError as e:
        rows = e.errors(include_url=False, include_input=False)
        fields = [(str(row["loc"][0]), row["msg"]) for row in rows]
        listed = "; ".join(f"{name}: {why}" for name, why in fields)
        raise InvalidInput(f"The upload cannot begin: {listed}.", fields=fields) from None


def read_metadata(text: str) -> dict[str, str]:
    """Return the pairs of ``Upload-Metadata``: keys with UTF-8 values in base64.

    Raises ``InvalidInput``.
    """
    values: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        key, _, encoded = pair.partition(" ")
        value = _decoded(encoded)
        try:
            values[key] = (value or b"").decode() if value is not None else ""
        except UnicodeDecodeError:
            value = None
        if value is None or not key.isascii():
            raise InvalidInput(
                f"Upload-Metadata cannot be read at {key[:40]!r}.",
                hint="Write keys with their values in base64 of UTF-8, separated by commas.",
                fields=[("Upload-Metadata", "cannot be read")],
            )
    return values


def http_date(moment: datetime) -> str:
    """Return a moment in UTC as HTTP writes it (RFC 9110, section 5.6.7)."""
    return format_datetime(moment, usegmt=True)


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None
