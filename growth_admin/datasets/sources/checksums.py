"""Checksums that servers send in headers.

Sources: RFC 9530 (Repr-Digest, Content-Digest), RFC 3230 (Digest), RFC 1864 (Content-MD5),
Google Cloud Storage (x-goog-hash).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Final

from growth_admin.datasets.facts import DIGEST_LENGTHS, Checksum

PREFERENCE: Final = ("sha256", "sha512", "sha1", "md5")
"""SHA-256 is computed anyhow; each other costs a pass of its own."""
_NAMES: Final = {"sha": "sha1", "sha-1": "sha1", "sha-256": "sha256", "sha-512": "sha512"}
_ITEM: Final = re.compile(r"([A-Za-z0-9-]+)\s*=\s*:?([A-Za-z0-9+/_=-]+?):?\s*(?:,|;|$)")


def checksum_of(headers: Mapping[str, str], *, is_whole: bool) -> Checksum | None:
    """Return the best checksum of the whole file that the headers tell, if any.

    ``is_whole``: the reply carries (or, to HEAD, speaks of) the whole file, so that checksums of
    its body count too. Headers of an encoded body tell of other bytes: none is taken.
    """
    if headers.get("Content-Encoding", "identity").lower() not in ("", "identity"):
        return None
    found = dict(_read(headers, is_whole=is_whole))
    for algorithm in PREFERENCE:
        if algorithm in found:
            return Checksum(algorithm, found[algorithm])
    return None


def _read(headers: Mapping[str, str], *, is_whole: bool) -> Iterator[tuple[str, str]]:
    names = ["Repr-Digest", "Digest", "x-goog-hash"]
    if is_whole:
        names.append("Content-Digest")
        yield from _decoded("md5", headers.get("Content-MD5", ""))
    for name in names:
        for key, value in _ITEM.findall(headers.get(name, "")):
            yield from _decoded(_NAMES.get(key.lower(), key.lower()), value)


def _decoded(algorithm: str, value: str) -> Iterator[tuple[str, str]]:
    """Yield the digest in hexadecimal if it is one of a known algorithm."""
    wanted = DIGEST_LENGTHS.get(algorithm)
    if not wanted or not value:
        return
    if len(value) == wanted and re.fullmatch(r"[0-9a-fA-F]+", value):
        yield algorithm, value.lower()
        return
    try:
        digits = base64.b64decode(value, validate=True).hex()
    except (binascii.Error, ValueError):
        return
    if len(digits) == wanted:
        yield algorithm, digits
