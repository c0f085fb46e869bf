"""The parts of an image as a CycloneDX 1.6 document, made with the specification's own library."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from packaging.utils import canonicalize_name

from growth_admin.images.builds.models import InstalledPackage


def make_sbom(
    name: str, tag: str, digest: str, packages: Sequence[InstalledPackage], time: datetime
) -> dict[str, Any]:
    """Return the document of one image."""
    # loaded when somebody asks for one
    from cyclonedx.model.bom import Bom, BomMetaData
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.output.json import JsonV1Dot6

    image = Component(type=ComponentType.CONTAINER, name=name, version=f"{tag}@{digest}")
    bom = Bom(
        metadata=BomMetaData(component=image, timestamp=time),
        components=[_component(package) for package in packages],
    )
    bom.register_dependency(image, list(bom.components))
    found: dict[str, Any] = json.loads(JsonV1Dot6(bom).output_as_string())
    return found


def _component(package: InstalledPackage) -> Any:
    from cyclonedx.contrib.license.factories import LicenseFactory
    from cyclonedx.model.component import Component, ComponentType
    from packageurl import PackageURL

    types = {"pip": ("pypi", None), "conda": ("conda", None), "apt": ("deb", "debian")}
    kind, namespace = types[package.kind]
    name = canonicalize_name(package.name) if package.kind == "pip" else package.name
    url = PackageURL(kind, namespace, name, package.version)
    licenses = [LicenseFactory().make_from_string(package.license)] if package.license else []
    return Component(
        type=ComponentType.LIBRARY,
        name=package.name,
        version=package.version,
        purl=url,
        bom_ref=f"{package.kind}:{package.name}@{package.version}",
        licenses=licenses,
    )
