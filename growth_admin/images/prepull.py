"""Whether nodes have an image before the class starts, and what fetches it where they do not.

Organisers' servers have no rights on nodes, so nothing is fetched from here. With Zero to
JupyterHub the pullers follow what the chart's values name: a tag that moved changes no DaemonSet,
and a puller without a pull policy leaves a node alone that has some image of that tag. The digest
given to the continuous puller makes every node fetch it, and a server that starts by the tag then
finds all of it there.

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


def fetching(
    name: str, digest: str, *, was_on_canary: bool, environ: Mapping[str, str] = os.environ
) -> ReceiptItem | None:
    """Return what is to be said of fetching a digest that became the live one.

    Nothing where the hub starts no containers, or where that is not known.
    """
    if "KUBERNETES_SERVICE_HOST" in environ:
        where = (
            "The node of its canary has it; the others fetch" if was_on_canary else "Nodes fetch"
        )
        return ReceiptItem(
            target="nodes",
            action="pre-pull",
            result="skipped",
            detail=f"{where} it with the first server that starts there. To have it on all nodes "
            f"now, whoever runs the cluster types: kubectl -n NAMESPACE set image {PULLER}="
            f"{name}@{digest}",
        )
    if environ.get("GROWTH_IMAGES_RUN") != "yes":
        return None
    if was_on_canary:
        said = "The hub's machine fetched it for the canary of its check."
        return ReceiptItem(target="nodes", action="pre-pull", result="done", detail=said)
    said = (
        "The hub's machine fetches it with the first server that starts; growth-admin images "
        "check does so before."
    )
    return ReceiptItem(target="nodes", action="pre-pull", result="skipped", detail=said)
