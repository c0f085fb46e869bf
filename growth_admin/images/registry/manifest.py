"""What a manifest says. Source: OCI image specification, manifest.md and image-index.md."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final

from growth_admin.core.errors import RegistryRefused
from growth_admin.images.registry.settings import DIGEST

IMAGES: Final = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
INDEXES: Final = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
ACCEPTED: Final = (*IMAGES, *INDEXES)
LIMIT_BYTES: Final = 4 * 1024**2
"""What registries must take at least, and what they send at most (distribution specification)."""


@dataclass(frozen=True)
class Part:
    """Something that a manifest names by its digest."""

    digest: str
    size_bytes: int
    platform: str = ""
    is_elsewhere: bool = False
    """Whether it is fetched from another place (a layer with ``urls``)."""


@dataclass(frozen=True)
class Manifest:
    """The bytes of a manifest, whose hash is its digest, and what they name."""

    digest: str
    media_type: str
    raw: bytes
    config: Part | None
    layers: tuple[Part, ...]
    children: tuple[Part, ...]


def digest_of_bytes(raw: bytes) -> str:
    """Return the digest of bytes."""
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def read_manifest(raw: bytes, media_type: str) -> Manifest:
    """Return what the bytes say. Raises ``RegistryRefused`` for what is no such manifest."""
    try:
        facts = json.loads(raw)
        kind = str(facts.get("mediaType") or media_type.partition(";")[0].strip())
        if kind not in ACCEPTED:
            raise RegistryRefused(
                f"The registry sent a manifest of the kind {kind[:100]!r}.",
                hint="Build and push the image with a current tool; old formats are not taken.",
            )
        return Manifest(
            digest_of_bytes(raw),
            kind,
            raw,
            config=_part(facts["config"]) if kind in IMAGES else None,
            layers=tuple(_part(layer) for layer in facts["layers"]) if kind in IMAGES else (),
            children=tuple(_part(c) for c in facts["manifests"]) if kind in INDEXES else (),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise RegistryRefused(
            "The registry sent something that is not a manifest.",
            hint="Is ImageRegistry.image the name of an image, and api_url that of a registry?",
        ) from None


def _part(facts: dict[str, Any]) -> Part:
    digest, size, platform = facts["digest"], facts["size"], facts.get("platform") or {}
    if not DIGEST.fullmatch(digest) or not isinstance(size, int):
        raise ValueError("neither a digest nor a size")
    words = (platform.get("os"), platform.get("architecture"), platform.get("variant"))
    return Part(digest, size, "/".join(w for w in words if w), bool(facts.get("urls")))
