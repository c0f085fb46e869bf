"""A Kubernetes of one node: etcd, the control plane, containerd and kubelet, as real programs.

It runs inside namespaces of its own (``__main__``), so nothing of it is left on the machine. Pods
have addresses on a bridge and reach the machine at its gateway. There is no DNS, no kube-proxy (no
service has an address) and nothing that enforces network policies.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from growth_admin.deploy.demo.folder import free_port
from tests.hub.school import eventually

BRIDGE, GATEWAY, PODS = "growth-kube", "10.86.0.1", "10.86.0.0/16"
SERVICES = "10.96.0.0/24"
NAME = "node"
REQUEST_S = 30.0
READY_S = 180.0
CONTAINERD = """\
version = 2
root = "{folder}/containerd"
state = "/run/growth-containerd"
oom_score = 0
[grpc]
  address = "/run/growth-containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{sandbox}"
  restrict_oom_score_adj = true
  disable_apparmor = true
  disable_hugetlb_controller = true
  max_concurrent_downloads = 6
[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "/usr/lib/cni"
  conf_dir = "{folder}/cni"
[plugins."io.containerd.internal.v1.opt"]
  path = "{folder}/opt"
"""
CNI = {
    "cniVersion": "0.4.0",
    "name": "growth",
    "plugins": [
        {
            "type": "bridge",
            "bridge": BRIDGE,
            "isGateway": True,
            "ipam": {
                "type": "host-local",
                "dataDir": "/run/growth-cni",
                "ranges": [[{"subnet": PODS, "gateway": GATEWAY}]],
                "routes": [{"dst": "0.0.0.0/0"}],
            },
        }
    ],
}
KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: node
clusters: [{{name: node, cluster: {{server: "{url}", certificate-authority: "{ca}"}}}}]
contexts: [{{name: node, context: {{cluster: node, user: node, namespace: "{namespace}"}}}}]
users: [{{name: node, user: {{token: "{token}"}}}}]
"""


@dataclass
class Node:
    """The running cluster and the ways in which a test looks at it."""

    folder: Path
    programs: Path
    sandbox: str
    port: int = field(default_factory=free_port)
    token: str = field(default_factory=lambda: secrets.token_hex(24))
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where its API is."""
        return f"https://127.0.0.1:{self.port}"

    @property
    def certificate(self) -> Path:
        """What its API is known by."""
        return self.folder / "certs" / "apiserver.crt"

    # ---- calls

    def ask(
        self, method: str, path: str, body: Any = None, *, token: str = "", **query: str
    ) -> requests.Response:
        """A call of the API, as somebody who may everything unless a token says otherwise."""
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        session = requests.Session()
        session.trust_env = False
        return session.request(
            method,
            f"{self.url}{path}",
            params=query,
            data=None if body is None else json.dumps(body),
            headers={"Authorization": f"Bearer {token or self.token}", "Content-Type": kind},
            verify=str(self.certificate),
            timeout=REQUEST_S,
        )

    def get(self, path: str, **query: str) -> dict[str, Any]:
        """An object, or a list of them."""
        reply = self.ask("GET", path, **query)
        assert reply.status_code == 200, (path, reply.text)
        found: dict[str, Any] = reply.json()
        return found

    def make(self, manifest: Mapping[str, Any]) -> dict[str, Any]:
        """Make an object."""
        reply = self.ask("POST", place_of(manifest), manifest)
        assert reply.status_code in (200, 201), (manifest["kind"], reply.text)
        made: dict[str, Any] = reply.json()
        return made

    def pods(self, namespace: str) -> list[dict[str, Any]]:
        """The pods of a namespace."""
        found: list[dict[str, Any]] = self.get(f"/api/v1/namespaces/{namespace}/pods")["items"]
        return found

    def log_of(self, namespace: str, pod: str, container: str = "") -> str:
        """What a pod's container said."""
        query = {"container": container} if container else {}
        return self.ask("GET", f"/api/v1/namespaces/{namespace}/pods/{pod}/log", **query).text

    def kubeconfig(self, namespace: str, token: str) -> str:
        """A configuration for clients."""
        return KUBECONFIG.format(
            url=self.url, ca=self.certificate, namespace=namespace, token=token
        )

    def account(self, namespace: str, name: str, rules: list[dict[str, Any]]) -> str:
        """Make an account with a role of its own in a namespace; its token."""
        about = {"name": name, "namespace": namespace}
        group = "rbac.authorization.k8s.io"
        core: dict[str, Any] = {"apiVersion": "v1", "metadata": about}
        rbac: dict[str, Any] = {"apiVersion": f"{group}/v1", "metadata": about}
        self.make({**core, "kind": "ServiceAccount"})
        self.make({**rbac, "kind": "Role", "rules": rules})
        role = {"apiGroup": group, "kind": "Role", "name": name}
        subject = {"kind": "ServiceAccount", **about}
        self.make({**rbac, "kind": "RoleBinding", "roleRef": role, "subjects": [subject]})
        place = f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token"
        asked = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": 7200},
        }
        reply = self.ask("POST", place, asked)
        assert reply.status_code == 201, reply.text
        return str(reply.json()["status"]["token"])

    # ---- programs

    def start(self, name: str, *words: str) -> None:
        """Start one of its programs; its log is beside the others."""
        path = self.programs / name
        command = [str(path) if path.exists() else name, *words]
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(command, stdout=log, stderr=log)

    def said(self, name: str, characters: int = 3000) -> str:
        """The end of a program's log."""
        return (self.folder / f"{name}.log").read_text(errors="replace")[-characters:]

    def wait(self, name: str, check: Callable[[], object]) -> None:
        """Wait until something is so; AssertionError with the log of the program it depends on."""
        end_s = time.monotonic() + READY_S
        while True:
            try:
                if check():
                    return
            except (requests.RequestException, AssertionError, OSError):
                pass
            ended = self.processes[name].poll()
            assert ended is None and time.monotonic() < end_s, (
                f"{name} (ended: {ended}):\n{self.said(name)}"
            )
            time.sleep(0.2)


def place_of(manifest: Mapping[str, Any]) -> str:
    """Return the path at which objects of a kind are made."""
    version, kind = str(manifest["apiVersion"]), str(manifest["kind"])
    root = f"/api/{version}" if "/" not in version else f"/apis/{version}"
    plural = f"{kind.lower()[:-1]}ies" if kind.endswith("y") else f"{kind.lower()}s"
    namespace = manifest["metadata"].get("namespace", "")
    return f"{root}/namespaces/{namespace}/{plural}" if namespace else f"{root}/{plural}"


@contextmanager
def running_node(folder: Path, programs: Path, sandbox: str) -> Iterator[Node]:
    """Start the cluster; its node is ready. The programs end with it, last first."""
    folder.mkdir(parents=True, exist_ok=True)
    node = Node(folder, programs, sandbox)
    try:
        _raise_bridge()
        _start_control_plane(node)
        _start_kubelet(node)
        with _volumes(node):
            yield node
    finally:
        for process in reversed(node.processes.values()):
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _raise_bridge() -> None:
    """Make the pods' network, so that a hub can listen there before there is a pod.

    With an address of its own: else it takes that of one of its pods, another one when that pod
    goes, and the others cannot reach the machine until they have noticed.
    """
    for words in (
        ["link", "add", BRIDGE, "address", "0a:58:0a:56:00:01", "type", "bridge"],
        ["addr", "add", f"{GATEWAY}/16", "dev", BRIDGE],
        ["link", "set", BRIDGE, "up"],
    ):
        subprocess.run(["ip", *words], check=True)


def _start_control_plane(node: Node) -> None:
    folder, etcd, peer = node.folder, free_port(), free_port()
    key, public = folder / "sa.key", folder / "sa.pub"
    subprocess.run(["openssl", "genrsa", "-out", str(key), "2048"], check=True, capture_output=True)
    words = ["rsa", "-in", str(key), "-pubout", "-out", str(public)]
    subprocess.run(["openssl", *words], check=True, capture_output=True)
    (folder / "tokens.csv").write_text(f'{node.token},root,root,"system:masters"\n')
    place = f"http://127.0.0.1:{etcd}"
    node.start(
        "etcd",
        f"--data-dir={folder}/etcd",
        *(f"--{what}-client-urls={place}" for what in ("listen", "advertise")),
        f"--listen-peer-urls=http://127.0.0.1:{peer}",
        "--unsafe-no-fsync" if _knows_no_fsync() else "--snapshot-count=100000",
    )
    node.start(
        "kube-apiserver",
        f"--etcd-servers={place}",
        "--bind-address=127.0.0.1",
        f"--advertise-address={GATEWAY}",
        f"--secure-port={node.port}",
        f"--token-auth-file={folder}/tokens.csv",
        "--authorization-mode=RBAC",
        f"--service-cluster-ip-range={SERVICES}",
        f"--service-account-key-file={public}",
        f"--service-account-signing-key-file={key}",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--allow-privileged=true",
        "--kubelet-preferred-address-types=InternalIP",
        f"--cert-dir={folder}/certs",
    )
    config = folder / "kubeconfig"
    config.write_text(node.kubeconfig("default", node.token))
    config.chmod(0o600)
    node.wait("kube-apiserver", lambda: node.ask("GET", "/readyz").status_code == 200)
    node.start(
        "kube-controller-manager",
        f"--kubeconfig={config}",
        f"--service-account-private-key-file={key}",
        "--port=0",
        "--leader-elect=false",
        f"--cert-dir={folder}/certs-kcm",
    )
    node.start(
        "kube-scheduler",
        f"--kubeconfig={config}",
        "--port=0",
        "--leader-elect=false",
        f"--cert-dir={folder}/certs-scheduler",
    )


def _knows_no_fsync() -> bool:
    said = subprocess.run(["etcd", "--help"], capture_output=True, text=True)
    return "--unsafe-no-fsync" in said.stdout + said.stderr


def _start_kubelet(node: Node) -> None:
    folder = node.folder
    (folder / "cni").mkdir(exist_ok=True)
    (folder / "cni" / "10-growth.conflist").write_text(json.dumps(CNI))
    config = CONTAINERD.format(folder=folder, sandbox=node.sandbox)
    (folder / "containerd.toml").write_text(config)
    node.start("containerd", f"--config={folder}/containerd.toml")
    socket = Path("/run/growth-containerd.sock")
    node.wait("containerd", socket.exists)
    node.start(
        "kubelet",
        f"--kubeconfig={folder}/kubeconfig",
        f"--root-dir={folder}/kubelet",
        f"--cert-dir={folder}/certs-kubelet",
        f"--volume-plugin-dir={folder}/volume-plugins",
        "--container-runtime=remote",
        f"--container-runtime-endpoint=unix://{socket}",
        f"--hostname-override={NAME}",
        f"--node-ip={GATEWAY}",
        "--cgroup-driver=cgroupfs",
        "--cgroups-per-qos=false",
        "--enforce-node-allocatable=",
        "--fail-swap-on=false",
        "--oom-score-adj=0",
        "--authorization-mode=AlwaysAllow",
        "--anonymous-auth=true",
        f"--port={free_port()}",
        f"--healthz-port={free_port()}",
        "--read-only-port=0",
        "--eviction-hard=",
        "--image-gc-high-threshold=100",
        "--registry-qps=0",
        "--serialize-image-pulls=false",
        "--kube-api-qps=50",
        "--kube-api-burst=100",
        "--sync-frequency=10s",
    )
    node.wait("kubelet", lambda: _is_ready(node))


def _is_ready(node: Node) -> bool:
    found = node.get(f"/api/v1/nodes/{NAME}")["status"]["conditions"]
    return any(one["type"] == "Ready" and one["status"] == "True" for one in found)


@contextmanager
def _volumes(node: Node) -> Iterator[None]:
    """Give each claim that asks for a volume a folder of its own, as a cloud's provisioner does."""
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.2):
            try:
                for claim in node.get("/api/v1/persistentvolumeclaims")["items"]:
                    _provide(node, claim)
            except (requests.RequestException, AssertionError):
                continue  # the API is not there for a moment, or another look made it

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(REQUEST_S)


def _provide(node: Node, claim: dict[str, Any]) -> None:
    about, asked = claim["metadata"], claim["spec"]
    if claim["status"].get("phase") != "Pending" or asked.get("volumeName"):
        return
    name = f"volume-{about['uid']}"
    if node.ask("GET", f"/api/v1/persistentvolumes/{name}").status_code == 200:
        return
    folder = node.folder / "homes" / about["name"]
    folder.mkdir(parents=True, exist_ok=True)
    bound = {"namespace": about["namespace"], "name": about["name"], "uid": about["uid"]}
    spec = {
        "capacity": asked["resources"]["requests"],
        "accessModes": asked["accessModes"],
        "persistentVolumeReclaimPolicy": "Retain",
        "storageClassName": asked.get("storageClassName", ""),
        "claimRef": {"apiVersion": "v1", "kind": "PersistentVolumeClaim", **bound},
        "hostPath": {"path": str(folder)},
    }
    volume = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name}}
    node.make({**volume, "spec": spec})


def running(pod: Mapping[str, Any], container: str) -> dict[str, Any] | None:
    """Return the status of a pod's container that runs, else None."""
    for one in pod.get("status", {}).get("containerStatuses") or ():
        if one["name"] == container and "running" in one.get("state", {}):
            return dict(one)
    return None


def wait_for_end(node: Node, namespace: str, pod: str, timeout_s: float = READY_S) -> None:
    """Wait until a pod is gone."""
    place = f"/api/v1/namespaces/{namespace}/pods/{pod}"
    eventually(lambda: node.ask("GET", place).status_code == 404, timeout_s)
