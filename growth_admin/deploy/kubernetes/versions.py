"""JupyterHub in the chart's hub against JupyterHub in the image: they talk to each other."""

from __future__ import annotations

import os
import re
from importlib.metadata import PackageNotFoundError, version

from growth_admin.deploy.doctor import Check


def compare(hub: str, in_image: str) -> Check:
    """Compare two versions, each empty where nobody knows: the same major and minor is safe."""
    name = "JupyterHub"
    if not in_image or not hub:
        return Check(
            name=name,
            is_good=True,
            state="unknown",
            finding=f"the chart's hub is {hub or 'unknown'}; the image does not say what it has",
            hint="The job growth-folders says it, which runs in the image (COMMANDS.md, 1). Or see "
            "`jupyterhub --version` in the image and say it here with --image-jupyterhub.",
        )
    is_same, is_near = _minor(hub) == _minor(in_image), _major(hub) == _major(in_image)
    return Check(
        name=name,
        is_good=is_near,
        state="ok" if is_same else "warning" if is_near else "error",
        finding=f"{hub} in the chart's hub, {in_image} in the image",
        hint="" if is_same else f"Install jupyterhub=={_minor(hub)}.* in the image.",
    )


def jupyterhub_here(image: str = "") -> str:
    """Return the version of JupyterHub that is installed here.

    Empty if there is none, and if an image is named that this server was not started with.
    """
    if image and os.environ.get("GROWTH_IMAGE") != image:
        return ""
    try:
        return version("jupyterhub")
    except PackageNotFoundError:
        return ""


def _major(text: str) -> str:
    return text.partition(".")[0]


def _minor(text: str) -> str:
    found = re.match(r"\d+\.\d+", text)
    return found[0] if found else ""
