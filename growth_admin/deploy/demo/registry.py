"""A registry for the demo with a few small images in it, so that the panel Images is alive.

The program is that of Debian's package docker-registry: no container, no root. Where it is missing
the demo goes on without, and the panel says that no registry is configured.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import random
import shutil
import tarfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin

import requests
from traitlets.config import Config

from growth_admin.core.paths import Paths
from growth_admin.core.schema import now
from growth_admin.deploy.demo.folder import DemoFolder
from growth_admin.images.manager import TagManager
from growth_admin.images.models import CheckRequest, PromoteRequest
from growth_admin.images.registry.manifest import IMAGES
from growth_admin.images.room import build_room

PROGRAM: Final = "docker-registry"
NAME: Final = "growth-school/notebook"
TAG: Final = "deploy"
ORGANISER: Final = "ada-okafor"
TIMEOUT_S: Final = 20
CONFIG_TYPE: Final = "application/vnd.oci.image.config.v1+json"
LAYER_TYPE: Final = "application/vnd.oci.image.layer.v1.tar+gzip"


@dataclass(frozen=True)
class Version:
    """One image of the school: its tag, its age, its size, what its checks found."""

    tag: str
    days: float
    size_kb: int
    checks: tuple[tuple[str, bool, str], ...] = ()


GOOD: Final = (
    ("smoke", True, "41 imports, 6 notebooks run"),
    ("canary", True, "a server was ready after 9 s, its start scripts ran"),
)
VERSIONS: Final = (
    Version("2026.09-r38", 61, 410, GOOD),
    Version("2026.10-r39", 33, 430, GOOD),
    Version("2026.10-r40", 20, 455, GOOD),
    Version("2026.11-r41", 9, 520, GOOD),
    Version("2026.11-r42", 2.2, 540, GOOD),
    Version("2026.11-r43", 1.1, 780, (("smoke", False, "No module named 'lightkurve'"),)),
    Version("2026.11-r44", 0.2, 560),
)
PROMOTED: Final = (
    ("2026.10-r40", "the autumn's packages"),
    ("2026.11-r41", "astroquery for week 4; Priya tried notebook 4"),
)


def find_program() -> str:
    """Return the path of a registry's program, empty where there is none."""
    return shutil.which(PROGRAM) or ""


def image_name(port: int) -> str:
    """Return the name of the school's image at the registry, without a tag."""
    return f"127.0.0.1:{port}/{NAME}"


def write_configuration(folder: DemoFolder, port: int) -> Path:
    """Write the registry's configuration and return its path (distribution, "Configuration")."""
    folder.registry.mkdir(exist_ok=True)
    path = folder.registry / "config.yml"
    wanted = {
        "version": 0.1,
        "log": {"level": "error"},
        "storage": {
            "filesystem": {"rootdirectory": str(folder.registry / "storage")},
            "delete": {"enabled": True},
        },
        "http": {"addr": f"127.0.0.1:{port}"},
    }
    path.write_text(json.dumps(wanted, indent=1), encoding="utf-8")  # JSON is YAML too
    return path


def fill_registry(folder: DemoFolder, port: int) -> None:
    """Push the school's images and promote two of them, unless there are some already."""
    registry = Pusher(port)
    if registry.has_images:
        return
    digests = {version.tag: registry.push(version) for version in VERSIONS}
    registry.tag(TAG, VERSIONS[1].tag)
    tags = _tags_of(folder, port)
    for version in VERSIONS:
        for check, is_passed, detail in version.checks:
            result = CheckRequest.model_validate(
                {"check": check, "is_passed": is_passed, "detail": detail}
            )
            tags.add_result(digests[version.tag], result, author=ORGANISER)
    for tag, reason in PROMOTED:
        plan = tags.plan(tag)
        asked = PromoteRequest(plan_id=plan.id, digest=plan.to_digest, reason=reason)
        tags.promote(asked, author=ORGANISER)


def _tags_of(folder: DemoFolder, port: int) -> TagManager:
    """Return the room of the images as the organiser's server has it."""
    config = Config()
    config.ImageRegistry.image = image_name(port)
    paths = Paths(folder.admin, folder.shared)
    return build_room(paths, user=ORGANISER, running=None, config=config).tags


class Pusher:
    """Pushes small images (OCI distribution specification 1.1, "Push")."""

    def __init__(self, port: int) -> None:
        self._base = f"http://127.0.0.1:{port}/v2/{NAME}/"
        self._session = requests.Session()
        self._session.trust_env = False

    @property
    def has_images(self) -> bool:
        """Whether there is a tag already."""
        reply = self._session.get(f"{self._base}tags/list", timeout=TIMEOUT_S)
        return reply.status_code == 200 and bool(reply.json().get("tags"))

    def has(self, tag: str) -> bool:
        """Whether there is such a tag."""
        headers = {"Accept": IMAGES[0]}
        url = f"{self._base}manifests/{tag}"
        return self._session.head(url, headers=headers, timeout=TIMEOUT_S).status_code == 200

    def push(self, version: Version) -> str:
        """Push an image of two layers under its tag; return its digest."""
        layers = [self._push_blob(_layer(version, part), LAYER_TYPE) for part in ("base", "school")]
        created = now() - timedelta(days=version.days)
        configuration = {
            "created": created.isoformat(),
            "architecture": "amd64",
            "os": "linux",
            "config": {
                "Labels": {
                    "org.opencontainers.image.version": version.tag,
                    "org.opencontainers.image.revision": hashlib.sha1(
                        version.tag.encode(), usedforsecurity=False
                    ).hexdigest(),
                }
            },
            "rootfs": {"type": "layers", "diff_ids": []},
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": IMAGES[0],
            "config": self._push_blob(json.dumps(configuration).encode(), CONFIG_TYPE),
            "layers": layers,
        }
        raw = json.dumps(manifest).encode()
        self._put_manifest(version.tag, raw)
        return _digest(raw)

    def tag(self, tag: str, other: str) -> None:
        """Let a tag name what another one names."""
        headers = {"Accept": IMAGES[0]}
        reply = self._session.get(
            f"{self._base}manifests/{other}", headers=headers, timeout=TIMEOUT_S
        )
        reply.raise_for_status()
        self._put_manifest(tag, reply.content)

    def _put_manifest(self, reference: str, raw: bytes) -> None:
        url = f"{self._base}manifests/{reference}"
        headers = {"Content-Type": IMAGES[0]}
        self._session.put(url, data=raw, headers=headers, timeout=TIMEOUT_S).raise_for_status()

    def _push_blob(self, data: bytes, media_type: str) -> dict[str, Any]:
        begun = self._session.post(f"{self._base}blobs/uploads/", timeout=TIMEOUT_S)
        begun.raise_for_status()
        url = urljoin(self._base, begun.headers["Location"])
        url += f"{'&' if '?' in url else '?'}digest={_digest(data)}"
        headers = {"Content-Type": "application/octet-stream"}
        self._session.put(url, data=data, headers=headers, timeout=TIMEOUT_S).raise_for_status()
        return {"mediaType": media_type, "digest": _digest(data), "size": len(data)}


def _layer(version: Version, part: str) -> bytes:
    """Return a layer of the wanted size: a compressed tar of one file that does not compress."""
    share = 0.7 if part == "base" else 0.3
    noise = random.Random(f"{version.tag} {part}")  # the same bytes in each demo
    content = noise.randbytes(int(version.size_kb * 1000 * share))
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        row = tarfile.TarInfo(f"opt/school/{part}.bin")
        row.size = len(content)
        archive.addfile(row, io.BytesIO(content))
    return gzip.compress(packed.getvalue(), compresslevel=1, mtime=0)


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
