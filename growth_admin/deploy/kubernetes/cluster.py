"""What the cluster must have before the chart: namespace, shared folders, and secrets' places.

Secrets are made without a value: ``kubectl apply`` then never touches one that was filled in
later (a field that no applied manifest ever named is left alone; Kubernetes documentation,
"Declarative Management of Kubernetes Objects").
"""

from __future__ import annotations

import hashlib
import json
import shlex
from typing import Any, Final

import yaml

from growth_admin.deploy.kubernetes.answers import Answers
from growth_admin.deploy.kubernetes.chart import shipped_hub
from growth_admin.deploy.kubernetes.values import (
    ADMIN_ROOT,
    SHARED_ROOT,
    claim_names,
    credentials_secret,
    oauth_secret,
    pull_policy,
)

Manifest = dict[str, Any]
JOB_KEPT_S: Final = 86_400
"""How long the folders' job can be read; applying the manifests later runs it again."""
MOVE_POD: Final = "growth-move"
PREPARE: Final = ["growth-admin", "deploy", "folders", "--prepare"]
HUB_VARIABLE: Final = "GROWTH_HUB_VERSION"
"""Tells the job which JupyterHub the chart's hub is: the job sees which one the image has."""
NFS_CAPACITY: Final = "100Gi"
"""A claim has to name a size; NFS knows none and does not keep to it."""


def build_manifests(answers: Answers) -> list[Manifest]:
    """Return every object in the order in which it is needed.

    Where a school was before, its folders are made and settled by the move and not by the job.
    """
    paths = {ADMIN_ROOT: answers.nfs_admin_path, SHARED_ROOT: answers.nfs_shared_path}
    claims = claim_names(answers)
    shared = [made for root, path in paths.items() for made in _folder(answers, claims[root], path)]
    secrets = [_secret(answers, name(answers)) for name in (oauth_secret, credentials_secret)]
    job = [] if answers.is_moved else [_folders_job(answers)]
    return [_namespace(answers), *shared, *secrets, *job]


def as_yaml(manifests: list[Manifest]) -> str:
    """Return the manifests as one file for ``kubectl apply``."""
    head = (
        "# Written by `growth-admin deploy render`: namespace, shared folders, secrets' places.\n"
        "# The secrets stand here without values, so applying this again leaves theirs alone.\n"
    )
    return head + yaml.safe_dump_all(manifests, sort_keys=False, allow_unicode=True, width=100)


def _labels(answers: Answers) -> dict[str, str]:
    return {"app.kubernetes.io/part-of": "growth-admin", "app.kubernetes.io/instance": answers.name}


def _metadata(answers: Answers, name: str, *, is_global: bool = False) -> Manifest:
    found: Manifest = {"name": name, "labels": _labels(answers)}
    return found if is_global else {**found, "namespace": answers.name}


def _namespace(answers: Answers) -> Manifest:
    metadata = _metadata(answers, answers.name, is_global=True)
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


def _secret(answers: Answers, name: str) -> Manifest:
    metadata = _metadata(answers, name)
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque"}


def _folder(answers: Answers, name: str, path: str) -> list[Manifest]:
    """Return volume and claim of one export, bound to each other and to nothing else.

    A volume and no ``nfs`` entry in the pods: only a volume can have mount options.
    """
    size = {"storage": NFS_CAPACITY}
    volume = {
        "capacity": size,
        "accessModes": ["ReadWriteMany"],
        "persistentVolumeReclaimPolicy": "Retain",
        "storageClassName": "",
        "mountOptions": list(answers.nfs_options),
        "claimRef": {"namespace": answers.name, "name": name},
        "nfs": {"server": answers.nfs_server, "path": path},
    }
    claim = {
        "accessModes": ["ReadWriteMany"],
        "storageClassName": "",
        "volumeName": name,
        "resources": {"requests": size},
    }
    is_global = {"is_global": True}
    return [
        {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": _metadata(answers, name, **is_global),
            "spec": volume,
        },
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": _metadata(answers, name),
            "spec": claim,
        },
    ]


def _folders_job(answers: Answers) -> Manifest:
    """Return the job that makes the folders with their owners and tries out the storage."""
    template = {"metadata": {"labels": _labels(answers)}, "spec": _folders_pod(answers)}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": _metadata(answers, job_name(answers)),
        "spec": {"backoffLimit": 2, "ttlSecondsAfterFinished": JOB_KEPT_S, "template": template},
    }


def build_move_pod(answers: Answers) -> Manifest:
    """Return the pod in which an old school's folders are moved by hand. It waits, as root."""
    wait = ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 60 & wait $!; done"]
    metadata = _metadata(answers, MOVE_POD)
    spec = _folders_pod(answers, name="move", command=wait)
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def _folders_pod(
    answers: Answers, *, name: str = "folders", command: list[str] = PREPARE
) -> Manifest:
    """Return a pod of the school's own image that is root, as the start chain is.

    What it can do the chain can; its log is the storage's part of ``growth-admin deploy check``.
    """
    claims = claim_names(answers)
    container = {
        "name": name,
        "image": answers.image,
        "imagePullPolicy": pull_policy(answers),
        "command": command,
        "env": [{"name": HUB_VARIABLE, "value": shipped_hub()}],
        "securityContext": {"runAsUser": 0, "allowPrivilegeEscalation": False},
        "resources": {"requests": {"cpu": "50m", "memory": "128Mi"}},
        "volumeMounts": [{"name": claim, "mountPath": root} for root, claim in claims.items()],
    }
    spec: Manifest = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "containers": [container],
        "volumes": [
            {"name": claim, "persistentVolumeClaim": {"claimName": claim}}
            for claim in claims.values()
        ],
    }
    if answers.image_pull_secret:
        spec["imagePullSecrets"] = [{"name": answers.image_pull_secret}]
    return spec


def job_name(answers: Answers) -> str:
    """Return the job's name: a job cannot be changed, so another pod is another job."""
    text = json.dumps(_folders_pod(answers), sort_keys=True)
    return f"growth-folders-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def fill_secret(answers: Answers, secret: str, key: str, file: str) -> str:
    """Return the command that puts a file's content into a secret; no argument shows it.

    Of what is one line the line's end is left out, which editors put there and nobody asked for:
    the hub would send it to GitHub as a part of the secret.
    """
    patch = f'{{"data":{{"{key}":"%s"}}}}'
    is_line = not file.endswith(".pem")
    name = shlex.quote(file)
    source = f"tr -d '\\r\\n' < {name} | base64" if is_line else f"base64 < {name}"
    encoded = f"\"$({source} | tr -d '\\n')\""
    return (
        f"printf {shlex.quote(patch)} {encoded} | "
        f"kubectl -n {answers.name} patch secret {secret} --patch-file /dev/stdin"
    )
