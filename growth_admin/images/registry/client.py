"""The registry as the image room uses it: tags, manifests, and whether all parts are there.

Source: OCI distribution specification 1.1, endpoints 2, 3, 7 and 8.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl, urlsplit

from growth_admin.core.errors import NotFound, RegistryRefused
from growth_admin.images.registry.credential import read_login
from growth_admin.images.registry.exchange import Exchange, Reply
from growth_admin.images.registry.manifest import (
    ACCEPTED,
    LIMIT_BYTES,
    Manifest,
    digest_of_bytes,
    read_manifest,
)
from growth_admin.images.registry.settings import DIGEST, ImageRegistry

A = TypeVar("A")
B = TypeVar("B")
HEADERS: Final = {"Accept": ", ".join(ACCEPTED)}
TAGS_LIMIT: Final = 5_000
PAGE: Final = 500
LIST_LIMIT_BYTES: Final = 8 * 1024**2


class Registry:
    """The school's image at its registry. Safe to use from several threads."""

    def __init__(self, settings: ImageRegistry) -> None:
        self._settings = settings
        self._exchange: Exchange | None = None
        # kept, because each of its threads keeps a connection
        self._pool = ThreadPoolExecutor(
            settings.parallel_reads, thread_name_prefix="growth-registry"
        )

    @property
    def name(self) -> str:
        """The image's name without a tag. Raises ``NotConfigured``."""
        return self._settings.repository.full_name

    @property
    def tag(self) -> str:
        """The tag that students' servers start with."""
        return self._settings.tag

    @property
    def longest_write_s(self) -> float:
        """How long one request may take at the most, about."""
        return 3 * self._settings.timeout_s + 5

    def require_configured(self) -> None:
        """Raise ``NotConfigured``, with what to set or to mend. Asks nobody."""
        place = self._settings.repository
        read_login(self._settings.credential_file, place.host)

    def head(self, tag: str) -> str:
        """Return the digest that a tag names now, empty when there is no such tag."""
        reply = self._send("HEAD", f"manifests/{tag}", headers=HEADERS)
        if reply.status == 404:
            return ""
        said = reply.headers.get("Docker-Content-Digest", "")
        return said if DIGEST.fullmatch(said) else self.get_manifest(tag).digest

    def get_manifest(self, reference: str) -> Manifest:
        """Return the manifest that a tag or a digest names; its bytes are checked.

        Raises ``NotFound``.
        """
        reply = self._send("GET", f"manifests/{reference}", headers=HEADERS)
        if reply.status == 404:
            raise NotFound(
                f"{self.name} has no {reference} at the registry.",
                hint="It was never pushed there, or was deleted. List the images.",
            )
        found = read_manifest(reply.body, reply.headers.get("Content-Type", ""))
        if DIGEST.fullmatch(reference) and found.digest != reference:
            raise RegistryRefused(
                f"The registry sent other bytes than those of {reference[:19]}.",
                hint="Its storage may be damaged, or a proxy changes answers. Nothing was changed.",
            )
        return found

    def get_config(self, manifest: Manifest) -> dict[str, Any]:
        """Return the configuration of an image (OCI image specification, config.md)."""
        assert manifest.config is not None, "an index has none"
        digest = manifest.config.digest
        reply = self._send("GET", f"blobs/{digest}")
        if reply.status == 404:
            raise NotFound(f"The configuration {digest[:19]} of the image is gone.")
        if digest_of_bytes(reply.body) != digest:
            raise RegistryRefused(f"The registry sent other bytes than those of {digest[:19]}.")
        facts = json.loads(reply.body)
        return facts if isinstance(facts, dict) else {}

    def list_tags(self) -> list[str]:
        """Return all tags in the registry's order; none when there is no such image yet."""
        found: list[str] = []
        path: str | None = f"tags/list?n={PAGE}"
        while path and len(found) < TAGS_LIMIT:
            reply = self._send("GET", path, limit_bytes=LIST_LIMIT_BYTES)
            if reply.status == 404:
                break
            try:
                found += [str(tag) for tag in json.loads(reply.body).get("tags") or ()]
            except (ValueError, AttributeError):
                raise RegistryRefused("The registry sent something that is no list.") from None
            path = _next_page(reply.headers.get("Link", ""))
        return found

    def list_gone(self, manifest: Manifest) -> list[str]:
        """Return the digests of what the image needs and the registry has no more.

        For an index all of its images are looked at.
        """
        blobs, gone = _blobs(manifest), list[str]()
        children = self.each(self._child, [child.digest for child in manifest.children])
        for digest, child in children:
            if child is None:
                gone.append(digest)
            else:
                blobs |= _blobs(child)
        there = self.each(self._has_blob, sorted(blobs))
        return [*gone, *(digest for digest, is_there in there if not is_there)]

    def put(self, tag: str, manifest: Manifest) -> None:
        """Let a tag name a manifest that the registry has already: the same bytes once more.

        Not repeated: whoever gets ``RegistryUnavailable`` looks where the tag is.
        """
        reply = self._send(
            "PUT",
            f"manifests/{tag}",
            headers={"Content-Type": manifest.media_type},
            data=manifest.raw,
            is_repeated=False,
        )
        said = reply.headers.get("Docker-Content-Digest", manifest.digest)
        if reply.status == 404 or said != manifest.digest:
            raise RegistryRefused(
                f"The registry did not take {manifest.digest[:19]} as {tag}.",
                hint="Look at the list of images before anything else.",
            )

    def each(self, work: Callable[[A], B], items: Iterable[A]) -> list[tuple[A, B]]:
        """Return what ``work`` gives for each item, several at the same time.

        ``work`` must not call this itself: the threads would wait for each other.
        """
        wanted = list(items)
        return list(zip(wanted, self._pool.map(work, wanted), strict=True))

    def _child(self, digest: str) -> Manifest | None:
        try:
            return self.get_manifest(digest)
        except NotFound:
            return None

    def _has_blob(self, digest: str) -> bool:
        return self._send("HEAD", f"blobs/{digest}").status != 404

    def _send(self, method: str, path: str, **options: Any) -> Reply:
        if self._exchange is None:
            place, settings = self._settings.repository, self._settings
            self._exchange = Exchange(
                place,
                lambda: read_login(settings.credential_file, place.host),
                timeout_s=settings.timeout_s,
            )
        return self._exchange.send(method, path, **{"limit_bytes": LIMIT_BYTES, **options})


def _blobs(manifest: Manifest) -> set[str]:
    parts = [*manifest.layers, *([manifest.config] if manifest.config else [])]
    return {part.digest for part in parts if not part.is_elsewhere}


def _next_page(link: str) -> str | None:
    """Return the path of the next page (RFC 8288), below our own repository whatever it says."""
    found = re.search(r'<([^>]+)>\s*;\s*rel="?next"?', link)
    if not found:
        return None
    query = dict(parse_qsl(urlsplit(found.group(1)).query))
    return f"tags/list?n={PAGE}&last={query['last']}" if "last" in query else None
