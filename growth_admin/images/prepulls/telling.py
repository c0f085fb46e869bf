"""What is said of nodes that should have an image, and the command for a hub that offers nothing.

With Zero to JupyterHub the pullers follow what the chart's values name: a tag that moved changes no
DaemonSet, and a puller without a pull policy leaves a node alone that has some image of that tag.
So the hub lets each node fetch the digest (``PrePull`` in ``hub_config.py``), and a server that
starts by the tag then finds all of it there. Where the hub's configuration is older, the digest
given to the continuous puller does the same.

Sources: Zero to JupyterHub, ``templates/image-puller/_helpers-daemonset.tpl``; Kubernetes, "Images"
(imagePullPolicy), ``kubectl set image``; KubeSpawner and DockerSpawner as ``hub_config.py`` uses
them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

from growth_admin.core.plan import ReceiptItem

PULLER: Final = "daemonset/continuous-image-puller image-pull-singleuser"
OFFER: Final = 'press "Pre-pull this image" in Images, or type: growth-admin images prepull'


def fetching(
    digest: str, *, was_on_canary: bool, environ: Mapping[str, str] = os.environ
) -> ReceiptItem | None:
    """Return what is to be said of fetching a digest that became the live one.

    Nothing where the hub starts no containers, or where that is not known.
    """
    if is_on_kubernetes(environ):
        where = "The node of its canary has it; the others" if was_on_canary else "Nodes"
        return ReceiptItem(
            target="nodes",
            action="pre-pull",
            result="skipped",
            detail=f"{where} fetch it with the first server that starts there, unless it was "
            f"pre-pulled. To have it on all nodes now, {OFFER} {digest}",
        )
    if environ.get("GROWTH_IMAGES_RUN") != "yes":
        return None
    if was_on_canary:
        said = "The hub's machine fetched it for the canary of its check."
        return ReceiptItem(target="nodes", action="pre-pull", result="done", detail=said)
    return ReceiptItem(
        target="nodes",
        action="pre-pull",
        result="skipped",
        detail="The hub's machine fetches it with the first server that starts, unless it was "
        f"pre-pulled. To have it there now, {OFFER} {digest}",
    )


def is_on_kubernetes(environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether this server is a pod."""
    return "KUBERNETES_SERVICE_HOST" in environ


def by_hand(name: str, digest: str, environ: Mapping[str, str] = os.environ) -> str:
    """Return how whoever runs the cluster makes all nodes fetch it; empty where there is none."""
    if not is_on_kubernetes(environ):
        return ""
    return (
        "Whoever runs the cluster can do it by hand: kubectl -n NAMESPACE set image "
        f"{PULLER}={name}@{digest}"
    )
