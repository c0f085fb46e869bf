"""What an image is, read once from the registry and remembered: a digest never changes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from growth_admin.core.errors import RegistryRefused
from growth_admin.core.schema import Moment
from growth_admin.images.models import Image
from growth_admin.images.registry.client import Registry
from growth_admin.images.registry.manifest import Manifest

REMEMBERED: Final = 1_000
REVISION: Final = "org.opencontainers.image.revision"
VERSION: Final = "org.opencontainers.image.version"
LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
LABELS_SHOWN: Final = 60
LABEL_CHARS: Final = 500
MOMENT: Final[TypeAdapter[Any]] = TypeAdapter(Moment)


class Album:
    """Images by their digests. Safe to use from several threads."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._known: OrderedDict[str, Image] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, digest: str) -> Image:
        """Return an image. Raises ``NotFound``, ``RegistryUnavailable`` or ``RegistryRefused``."""
        with self._lock:
            if digest in self._known:
                self._known.move_to_end(digest)
                return self._known[digest]
        return self.read(self._registry.get_manifest(digest))

    def read(self, manifest: Manifest) -> Image:
        """Return what a manifest at hand is; what it names is asked for. Raises as ``get``."""
        made = self._describe(manifest)
        with self._lock:
            self._known[made.digest] = made
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return made

    def _describe(self, manifest: Manifest) -> Image:
        if manifest.config is None:
            return self._describe_index(manifest)
        facts = self._registry.get_config(manifest)
        inner = facts.get("config")
        labels = inner.get("Labels") if isinstance(inner, dict) else None
        labels = labels if isinstance(labels, dict) else {}
        words = (facts.get("os"), facts.get("architecture"), facts.get("variant"))
        platform = "/".join(str(word) for word in words if word)
        return Image(
            digest=manifest.digest,
            media_type=manifest.media_type,
            created=_moment(facts.get("created")),
            revision=str(labels.get(REVISION, ""))[:LABEL_CHARS],
            version=str(labels.get(VERSION, ""))[:LABEL_CHARS],
            labels={
                str(name)[:LABEL_CHARS]: str(labels[name])[:LABEL_CHARS]
                for name in sorted(labels)[:LABELS_SHOWN]
            },
            platforms=(platform,) if platform else (),
            size_bytes=manifest.config.size_bytes + sum(p.size_bytes for p in manifest.layers),
            layers=len(manifest.layers),
        )

    def _describe_index(self, manifest: Manifest) -> Image:
        """Return what an index is: its first image that is for a machine, with all platforms."""
        real = [c for c in manifest.children if c.platform and "unknown" not in c.platform]
        chosen = (real or manifest.children)[:1]
        if not chosen:
            raise RegistryRefused(f"{manifest.digest[:19]} is an index without any image.")
        child = self._registry.get_manifest(chosen[0].digest)
        if child.config is None:
            raise RegistryRefused(f"{manifest.digest[:19]} is an index of indexes.")
        return self._describe(child).model_copy(
            update={
                "digest": manifest.digest,
                "media_type": manifest.media_type,
                "platforms": tuple(part.platform for part in real),
                "images": tuple(part.digest for part in manifest.children),
            }
        )


def built(image: Image | None) -> datetime:
    """Return when an image was built, for sorting: long ago if it does not say."""
    return image.created if image and image.created else LONG_AGO


def _moment(text: Any) -> Any:
    try:
        return MOMENT.validate_python(text) if text else None
    except ValidationError:
        return None
