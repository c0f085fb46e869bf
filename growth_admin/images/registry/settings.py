"""Which image is the school's, where its registry is, and with what it is asked."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from traitlets import Float, Int, Unicode, default
from traitlets.config import LoggingConfigurable

from growth_admin.core.errors import InvalidInput, NotConfigured
from growth_admin.core.hosts import is_inside, is_loopback, is_service_address

NAME: Final = re.compile(
    r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*"
)
"""Names of repositories (OCI distribution specification, "Pulling manifests")."""
HUB: Final = "docker.io"
"""The host in names of images at Docker Hub. Its API has a host of its own, its login a key of its
own, and Docker leaves it out of what it lists (docker-login(1); distribution, "reference").
"""
TAG: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class Repository:
    """A registry's address without a slash at its end, and a name there."""

    url: str
    host: str
    name: str

    @property
    def full_name(self) -> str:
        """The image's name as people and the hub write it, without a tag."""
        return f"{self.host}/{self.name}"


class ImageRegistry(LoggingConfigurable):
    """The school's image and its registry. Nothing here is secret itself."""

    image = Unicode(
        help="Name of the school's image with its registry's host and without a tag, for example "
        "registry.example.org/school/notebook, at Docker Hub docker.io/school/notebook. Default: "
        "the environment variable GROWTH_IMAGE_NAME, or what the hub started this server with.",
    ).tag(config=True)
    tag = Unicode(
        "deploy", help="The tag that the hub starts students' servers with; promoting moves it."
    ).tag(config=True)
    api_url = Unicode(
        "",
        help="Where the registry's API is, if that is not https:// and the host in the image's "
        "name (of docker.io it is known). Plain http only within the own network.",
    ).tag(config=True)
    credential_file = Unicode(
        "",
        help="File with the registry's login: LOGIN:PASSWORD on one line, or the JSON that docker "
        "and podman write (auths). Readable for admins only. Empty: asked without a login.",
    ).tag(config=True)
    timeout_s = Float(
        10.0, min=0.1, help="Seconds to wait for the registry before the connection counts as cut."
    ).tag(config=True)
    parallel_reads = Int(
        6, min=1, max=32, help="How many questions are put to the registry at the same time."
    ).tag(config=True)

    @default("image")
    def _image_of_environment(self) -> str:
        known = os.environ.get("GROWTH_IMAGE_NAME") or os.environ.get("GROWTH_IMAGE", "")
        return known.partition("@")[0].strip()

    @property
    def other_tag(self) -> str:
        """The tag that the hub started this server with, where it is not ours; else empty.

        Then promoting would change nothing for those whom the hub starts with that tag.
        """
        started, canary = os.environ.get("GROWTH_IMAGE", ""), os.environ.get("GROWTH_CANARY_IMAGE")
        name, colon, tag = started.rpartition(":")
        is_ours = bool(colon) and name == self.repository.full_name
        return tag if is_ours and tag != self.tag and not canary else ""

    @property
    def repository(self) -> Repository:
        """Where the school's image lies. Raises ``NotConfigured``."""
        host, name = _split(self.image.strip())
        url = self.api_url.strip().rstrip("/")
        if not url:
            scheme = "http" if is_loopback(_hostname(host)) else "https"
            url = f"{scheme}://{f'registry-1.{host}' if host == HUB else host}"
        _require_usable(url)
        return Repository(url, host, name)


def _split(image: str) -> tuple[str, str]:
    """Return host and name; whether the first word is a host is told as the container tools do."""
    host, _, name = image.partition("/")
    name = name.partition(":")[0]
    is_host = "." in host or ":" in host or host == "localhost"
    if not image or not is_host or not NAME.fullmatch(name):
        raise NotConfigured(
            f"{image[:120]!r} does not say in which registry the school's image is."
            if image
            else "The school's image is not set.",
            hint="Set ImageRegistry.image to HOST/NAME, for example "
            "registry.example.org/school/notebook.",
        )
    return host, name


def _hostname(host: str) -> str:
    return urlsplit(f"//{host}").hostname or ""


def _require_usable(url: str) -> None:
    if not is_service_address(url):
        raise NotConfigured(
            "The address of the registry's API is not usable.",
            hint="Write ImageRegistry.api_url as https://HOST, without a login in it.",
        )
    require_private(url)


def require_private(url: str) -> None:
    """Raise ``NotConfigured`` where a login would travel in the clear outside our own network."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not is_inside(parts.hostname or ""):
        raise NotConfigured(
            f"A login would be sent to {parts.hostname} unencrypted.",
            hint="Use an address with https://.",
        )


def require_tag(tag: str) -> str:
    """Return a tag. Raises ``InvalidInput`` for what cannot be one."""
    if not TAG.fullmatch(tag):
        raise InvalidInput(
            f"{tag[:80]!r} is not a tag.",
            hint="Tags have at most 128 letters, digits and . _ -",
        )
    return tag


def require_digest(digest: str) -> str:
    """Return a digest. Raises ``InvalidInput`` for what is none."""
    if not DIGEST.fullmatch(digest):
        raise InvalidInput(
            f"{digest[:80]!r} is not a digest.",
            hint="A digest is sha256: and 64 digits of 0-9 a-f; the list of images shows them.",
        )
    return digest
