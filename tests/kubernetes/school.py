"""A school on the cluster: what ``deploy render`` writes is applied, and its hub starts pods."""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import websocket
import yaml

from growth_admin.deploy.demo.folder import free_port
from growth_admin.deploy.kubernetes.answers import Answers
from growth_admin.deploy.kubernetes.rendering import render
from growth_admin.deploy.kubernetes.values import build_values, credentials_secret
from tests.container.school import DATA_GID, DATASET, SECRET
from tests.deploy.kube_hub import KubeHub, kube_hub
from tests.deploy.schools import answers_of
from tests.hub.school import Browser, eventually
from tests.images.registry import RealRegistry
from tests.kubernetes.node import GATEWAY, Node, running

CONFIG = Path(__file__).with_name("cluster_config.py")
CONTAINER = "notebook"
START_S = 300.0
HUB_RIGHTS = [
    {
        "apiGroups": [""],
        "resources": ["pods", "persistentvolumeclaims", "secrets", "services"],
        "verbs": ["get", "watch", "list", "create", "delete"],
    },
    {"apiGroups": [""], "resources": ["events"], "verbs": ["get", "watch", "list"]},
]
"""What the chart grants its hub (templates/hub/rbac.yaml of the chart 4)."""


@dataclass
class ClusterSchool:
    """A running school and the ways in which a test touches it."""

    node: Node
    registry: RealRegistry
    hub: KubeHub
    answers: Answers
    disk: Path
    said: dict[str, str] = field(default_factory=dict)

    # ---- people and what is told of them

    def github_knows(self, login: str) -> bool:
        """Whether somebody has been made."""
        return self.hub.api("GET", f"users/{login.lower()}").status_code == 200

    def record(self, account: str) -> dict[str, Any]:
        """What the start chain wrote of somebody's last start."""
        path = self.disk / "admin" / "logs" / "records" / f"{account}.jsonl"
        found: dict[str, Any] = json.loads(path.read_text().splitlines()[-1])
        return found

    # ---- servers

    def start(self, name: str, server: str = "", **options: str) -> dict[str, Any]:
        """Start a server and wait until it answers; its pod."""
        place = f"users/{name}/servers/{server}" if server else f"users/{name}/server"
        reply = self.hub.api("POST", place, json=options or None)
        assert reply.status_code in (201, 202), (name, reply.status_code, reply.text)
        try:
            eventually(lambda: self.is_ready(name, server), START_S)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.story(name, server)}") from error
        return self.pod(name, server)

    def model(self, name: str, server: str = "") -> dict[str, Any]:
        """The hub's model of a server; empty if there is none."""
        found: dict[str, Any] = self.hub.api("GET", f"users/{name}").json()["servers"]
        return dict(found.get(server) or {})

    def is_ready(self, name: str, server: str = "") -> bool:
        """Whether a server is ready, as the hub says."""
        return bool(self.model(name, server).get("ready"))

    def stop(self, name: str, server: str = "") -> None:
        """Stop a server and wait until its pod is gone."""
        place = f"users/{name}/servers/{server}" if server else f"users/{name}/server"
        reply = self.hub.api("DELETE", place)
        assert reply.status_code in (202, 204), (name, reply.status_code, reply.text)
        eventually(lambda: not self.pods(name, server), START_S)
        eventually(lambda: not self.model(name, server), START_S)

    def pods(self, name: str, server: str = "") -> list[dict[str, Any]]:
        """The pods of a server."""
        found = self.node.pods(self.answers.name)
        wanted = {"hub.jupyter.org/username": name, "hub.jupyter.org/servername": server}
        return [
            pod
            for pod in found
            if all(
                pod["metadata"].get("annotations", {}).get(key, "") == value
                for key, value in wanted.items()
            )
        ]

    def pod(self, name: str, server: str = "") -> dict[str, Any]:
        """The one pod of a server."""
        found = self.pods(name, server)
        assert len(found) == 1, [one["metadata"]["name"] for one in found]
        return found[0]

    def digest(self, name: str, server: str = "") -> str:
        """What the node says a server runs."""
        status = running(self.pod(name, server), CONTAINER)
        assert status, self.pod(name, server)["status"]
        return str(status["imageID"]).rpartition("@")[2]

    def story(self, name: str, server: str = "") -> str:
        """What there is to read when a start failed."""
        namespace, texts = self.answers.name, [self.hub.log[-3000:]]
        for pod in self.pods(name, server):
            texts += [json.dumps(pod["status"], indent=1)]
            texts += [self.node.log_of(namespace, pod["metadata"]["name"], CONTAINER)[-3000:]]
        events = self.node.get(f"/api/v1/namespaces/{namespace}/events")["items"]
        texts += [f"{one['reason']}: {one.get('message')}" for one in events[-15:]]
        return "\n".join([*texts, self.node.said("kubelet")])

    # ---- inside

    def run(self, name: str, code: str, server: str = "", timeout_s: float = 240) -> str:
        """Run Python in a new kernel of somebody's server, as the owner does; what it printed."""
        home = f"/user/{name}/{server}/" if server else f"/user/{name}/"
        headers = {"Authorization": f"token {self.hub.token}"}
        browser = Browser(self.hub.url)
        made = browser.post(f"{home}api/kernels", json={}, headers=headers)
        assert made.status_code == 201, (made.status_code, made.text)
        path = f"{home}api/kernels/{made.json()['id']}"
        try:
            channels = f"{self.hub.url.replace('http', 'ws', 1)}{path}/channels"
            with closing(
                websocket.create_connection(channels, header=headers, timeout=timeout_s)
            ) as socket:
                return _executed(socket, code)
        finally:
            browser.delete(path, headers=headers)

    def json(self, name: str, code: str, server: str = "") -> Any:
        """The same, for code that prints JSON in its last line."""
        return json.loads(self.run(name, code, server).splitlines()[-1])


def _executed(socket: websocket.WebSocket, code: str) -> str:
    number = uuid.uuid4().hex
    header = {"msg_id": number, "msg_type": "execute_request", "version": "5.3"}
    content = {"code": code, "silent": False, "store_history": False, "stop_on_error": True}
    message = {"channel": "shell", "header": header, "content": content}
    socket.send(json.dumps({**message, "metadata": {}, "parent_header": {}}))
    said = ""
    while True:
        heard = json.loads(socket.recv())
        if heard["parent_header"].get("msg_id") != number:
            continue
        kind, content = heard["msg_type"], heard["content"]
        if kind == "stream":
            said += content["text"]
        elif kind == "error":
            raise AssertionError("\n".join([said, *content["traceback"]]))
        elif kind == "status" and content["execution_state"] == "idle":
            return said


# ---- making it


@contextmanager
def running_school(folder: Path, node: Node, registry: RealRegistry) -> Iterator[ClusterSchool]:
    """Apply what a school renders to, wait for its folders, and start its hub."""
    answers = answers_of("small", image=f"{registry.image}:deploy")
    disk = node.folder / "disk"
    prepared = _apply(node, answers, disk)
    _furnish(disk)
    token = node.account(answers.name, "hub", HUB_RIGHTS)
    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_text(node.kubeconfig(answers.name, token))
    variables = {
        "KUBECONFIG": str(kubeconfig),
        "CHART_SHAPE": "lists",
        "CHART_MORE": str(CONFIG),
        "CHART_HUB_URL": f"http://{GATEWAY}:{free_port()}",
        "CLUSTER_NAMESPACE": answers.name,
        "NO_PROXY": "*",
        "no_proxy": "*",
    }
    with kube_hub(folder / "hub", answers, **variables) as hub:
        school = ClusterSchool(node, registry, hub, answers, disk, {"folders": prepared})
        try:
            yield school
        finally:
            _delete_pods(node, answers.name)


def _apply(node: Node, answers: Answers, disk: Path) -> str:
    """Apply cluster.yaml with folders of this machine in place of NFS; what the job said."""
    for name in ("admin", "shared"):
        (disk / name).mkdir(parents=True)
    manifests = [one for one in yaml.safe_load_all(render(answers)["cluster.yaml"]) if one]
    job = ""
    for manifest in manifests:
        if manifest["kind"] == "PersistentVolume":
            spec = manifest["spec"]
            spec.pop("nfs"), spec.pop("mountOptions", None)  # the kernel here has no NFS
            spec["hostPath"] = {"path": str(disk / manifest["metadata"]["name"].split("-")[-1])}
        node.make(manifest)
        if manifest["kind"] == "Job":
            job = manifest["metadata"]["name"]
    settings = build_values(answers)["singleuser"]["extraFiles"]
    _secret(
        node, answers.name, "singleuser", {k: json.dumps(v["data"]) for k, v in settings.items()}
    )
    place = f"/api/v1/namespaces/{answers.name}/secrets/{credentials_secret(answers)}"
    filled = node.ask("PATCH", place, {"stringData": {"github-token": SECRET}})
    assert filled.status_code == 200, filled.text
    end_s = time.monotonic() + START_S
    while True:
        status = node.get(f"/apis/batch/v1/namespaces/{answers.name}/jobs/{job}")["status"]
        pods = [p for p in node.pods(answers.name) if p["metadata"]["name"].startswith(job)]
        if status.get("succeeded"):
            return node.log_of(answers.name, pods[-1]["metadata"]["name"])
        assert time.monotonic() < end_s, (status, pods, node.said("kubelet"))
        time.sleep(0.5)


def _secret(node: Node, namespace: str, name: str, texts: dict[str, str]) -> None:
    about = {"name": name, "namespace": namespace}
    node.make({"apiVersion": "v1", "kind": "Secret", "metadata": about, "stringData": texts})


def _furnish(disk: Path) -> None:
    """Put a dataset and a credential where a school has them."""
    data = disk / "shared" / "data" / DATASET
    data.mkdir()
    (data / "a.csv").write_text("t,mag\n1,17\n")
    secrets = disk / "admin" / "secrets"
    secrets.mkdir(mode=0o2770)
    (secrets / "github-app.pem").write_text(SECRET)
    for path, group, mode in (
        (data, DATA_GID, 0o2755),
        (data / "a.csv", DATA_GID, 0o644),
        (secrets, 3001, 0o2770),
        (secrets / "github-app.pem", 3001, 0o640),
    ):
        os.chown(path, 0, group)
        path.chmod(mode)


def _delete_pods(node: Node, namespace: str) -> None:
    """Let the node end all pods, so that it unmounts and forgets them in order."""
    place = f"/api/v1/namespaces/{namespace}/pods"
    node.ask("DELETE", place, gracePeriodSeconds="1")
    eventually(lambda: not node.pods(namespace), 120)
