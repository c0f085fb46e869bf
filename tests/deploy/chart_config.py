"""A hub's configuration that treats values as the chart's own does, for as far as ours go.

Written from the chart's documentation and schema: the names of the traits are KubeSpawner's. Pods
are made as KubeSpawner makes them, and then written down instead of sent to a cluster: in their
place a small server answers, so that the hub sees a start like any other.
"""

import json
import os
import sys
from pathlib import Path

import yaml
from kubernetes_asyncio.client import ApiClient
from kubespawner import KubeSpawner
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

OUTSIDE = os.environ  # hub_config.py, which shares these names, has an `env` of its own
FOLDER = Path(OUTSIDE["CHART_FOLDER"])
VALUES = yaml.safe_load((FOLDER / "merged.yaml").read_text())


def get_config(key, default=None):
    """A value by its path; the chart's function of this name hides the one of traitlets."""
    found = VALUES
    for word in key.split("."):
        if not isinstance(found, dict) or word not in found:
            return default
        found = found[word]
    return found


class Hello(RequestHandler):
    """Says that it is there."""

    def get(self):
        self.write("hello")


class Papers:
    """Stands for KubeSpawner's watch of its pods: what a test wrote down of them."""

    @property
    def pods(self):
        """Pods by namespace and name."""
        path = FOLDER / "pods.json"
        return json.loads(path.read_text()) if path.exists() else {}


class PodsOnPaper(KubeSpawner):
    """KubeSpawner up to the moment in which it would talk to the cluster."""

    listening = None
    pod_reflector = Papers()

    async def start(self):
        pod = await self.get_pod_manifest()
        claim = self.get_pvc_manifest() if self.storage_pvc_ensure else None
        paper = {"pod": pod, "claim": claim, "deletes_claim": self.delete_pvc}
        name = f"{self.user.name}--{self.name}.json"
        (FOLDER / name).write_text(json.dumps(ApiClient().sanitize_for_serialization(paper)))
        sockets = bind_sockets(0, "127.0.0.1")
        self.listening = HTTPServer(Application([(".*", Hello)]))
        self.listening.add_sockets(sockets)
        return "127.0.0.1", sockets[0].getsockname()[1]

    async def stop(self, now=False):
        if self.listening:
            self.listening.stop()
        self.listening = None

    async def poll(self):
        return None if self.listening else 0


# ---- what the chart does with the values

kube = c.KubeSpawner  # noqa: F821  (JupyterHub provides it)
single = VALUES["singleuser"]
image = single["image"]
kube.image = f"{image['name']}:{image['tag']}"
kube.image_pull_policy = image["pullPolicy"]
kube.namespace = "school"
for trait, value in {
    "environment": single["extraEnv"],
    "uid": single["uid"],
    "fs_gid": single["fsGid"],
    "allow_privilege_escalation": single["allowPrivilegeEscalation"],
    "cpu_limit": single["cpu"]["limit"],
    "cpu_guarantee": single["cpu"]["guarantee"],
    "mem_limit": single["memory"]["limit"],
    "mem_guarantee": single["memory"]["guarantee"],
    "start_timeout": single["startTimeout"],
    "extra_labels": single["extraLabels"],
    "storage_capacity": single["storage"]["capacity"],
    "storage_class": single["storage"]["dynamic"].get("storageClass"),
    "storage_access_modes": single["storage"]["dynamic"]["storageAccessModes"],
    "pvc_name_template": single["storage"]["dynamic"]["pvcNameTemplate"],
}.items():
    if value is not None:
        kube[trait] = value
kube.storage_pvc_ensure = True
home = single["storage"]["dynamic"]["volumeNameTemplate"]
volumes = [{"name": home, "persistentVolumeClaim": {"claimName": kube.pvc_name_template}}]
mounts = [{"name": home, "mountPath": single["storage"]["homeMountPath"]}]
volumes += single["storage"]["extraVolumes"]
mounts += single["storage"]["extraVolumeMounts"]
if OUTSIDE.get("CHART_SHAPE") == "dictionaries":  # later charts keep them by key
    kube.volumes = {f"{number:02}": volume for number, volume in enumerate(volumes)}
    kube.volume_mounts = {f"{number:02}": mount for number, mount in enumerate(mounts)}
else:
    kube.volumes, kube.volume_mounts = volumes, mounts
blocking = {"name": "block-cloud-metadata", "image": "tools:1", "securityContext": {}}
kube.init_containers = [blocking]
c.Spawner.cmd = single["cmd"]  # noqa: F821
c.JupyterHub.allow_named_servers = VALUES["hub"]["allowNamedServers"]  # noqa: F821
c.JupyterHub.services = [  # noqa: F821
    {"name": "jupyterhub-idle-culler", "api_token": "c" * 32},
    {"name": "tests", "api_token": OUTSIDE["TESTS_TOKEN"]},
]
c.JupyterHub.load_roles = [  # noqa: F821
    {"name": "jupyterhub-idle-culler", "scopes": ["list:users"], "services": ["tests"]},
    {"name": "tests", "scopes": ["admin:users", "admin:servers"], "services": ["tests"]},
]
for section, settings in VALUES["hub"]["config"].items():
    c[section].update(settings)  # noqa: F821
for key, text in sorted(VALUES["hub"]["extraConfig"].items()):
    exec(compile(text, key, "exec"))

# ---- where there is no cluster

c.JupyterHub.spawner_class = PodsOnPaper  # noqa: F821
c.JupyterHub.db_url = f"sqlite:///{FOLDER}/hub.sqlite"  # noqa: F821
c.JupyterHub.cookie_secret_file = f"{FOLDER}/cookie"  # noqa: F821
c.JupyterHub.bind_url = OUTSIDE["CHART_URL"]  # noqa: F821
c.JupyterHub.hub_bind_url = OUTSIDE["CHART_HUB_URL"]  # noqa: F821
c.ConfigurableHTTPProxy.api_url = OUTSIDE["CHART_PROXY_URL"]  # noqa: F821
c.ConfigurableHTTPProxy.command = [  # noqa: F821
    str(Path(sys.executable).parent / "configurable-http-proxy")
]
c.GitHubOAuthenticator.oauth_callback_url = f"{OUTSIDE['CHART_URL']}/hub/oauth_callback"  # noqa: F821
if more := OUTSIDE.get("CHART_MORE"):  # a cluster after all
    exec(compile(Path(more).read_text(), more, "exec"))
