"""Kubernetes' API as far as it lists pods: a small real HTTPS server with faults to switch on.

Every reply is held against Kubernetes' published description (the models of kubernetes_asyncio,
generated from its OpenAPI file) before it is sent: what that does not know cannot be sent.
"""

from __future__ import annotations

import base64
import json
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from kubernetes_asyncio.client import ApiClient, Configuration

DIGESTS = {letter: f"sha256:{letter * 64}" for letter in "abcdef"}
TOKEN = "of-the-account-that-may-list"
OTHER_TOKEN = "of-an-account-without-the-role"


@dataclass
class FakeReply:
    """What the models read replies from."""

    data: str


def published(kind: str, reply: dict[str, Any]) -> dict[str, Any]:
    """Return the reply as the published models write it again; AssertionError if that differs."""
    client = ApiClient.__new__(ApiClient)
    client.configuration = Configuration()
    sent: Any = FakeReply(json.dumps(reply))
    known = client.deserialize(sent, kind)
    written: dict[str, Any] = client.sanitize_for_serialization(known)
    assert written == reply, f"no {kind} of Kubernetes: {written} != {reply}"
    return written


def pod(
    user: str,
    image_id: str,
    *,
    server: str = "",
    created: str = "2026-11-29T08:00:00+00:00",
    going: bool = False,
    state: str = "running",
    labels: dict[str, str] | None = None,
) -> dict[str, Any]:
    """A pod as KubeSpawner makes it, with what the node reports of it."""
    notes = {"hub.jupyter.org/username": user}
    notes |= {"hub.jupyter.org/servername": server} if server else {}
    states: dict[str, Any] = {
        "running": {"running": {"startedAt": created}},
        "waiting": {"waiting": {"reason": "ContainerCreating"}},
    }
    one = {
        "name": "notebook",
        "image": "registry.school.org/school/notebook:deploy",
        "imageID": image_id,
        "ready": state == "running",
        "restartCount": 0,
        "state": states[state],
    }
    helper = {**one, "name": "helper", "imageID": f"other@{DIGESTS['f']}"}
    metadata: dict[str, Any] = {
        "name": f"jupyter-{user}--{server}",
        "namespace": "school",
        "annotations": notes,
        "labels": {"component": "singleuser-server", **(labels or {})},
        "creationTimestamp": created,
    }
    if going:
        metadata["deletionTimestamp"] = created
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": {"containers": [{"name": "notebook", "image": one["image"]}]},
        "status": {"phase": "Running", "containerStatuses": [helper, one]},
    }


@dataclass
class Cluster:
    """What there is, who may see it, and what goes wrong."""

    folder: Path
    pods: list[dict[str, Any]] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    expired: int = 0
    """How many more times the place in a list is forgotten."""
    answer: tuple[int, bytes] | None = None
    """Sent instead of the truth."""
    url: str = ""

    @property
    def ca_file(self) -> Path:
        return self.folder / "ca.pem"

    def token_file(self, text: str = TOKEN) -> Path:
        file = self.folder / "token"
        file.write_text(text)
        return file

    def reply(self, path: str, token: str) -> tuple[int, dict[str, Any]]:
        """The API's answer to one request."""
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.asked.append(query)
        if token not in (TOKEN, OTHER_TOKEN):
            return status(401, "Unauthorized", "Unauthorized")
        if parts.path != "/api/v1/namespaces/school/pods" or token == OTHER_TOKEN:
            return status(403, "Forbidden", 'pods is forbidden: User "x" cannot list resource')
        first = 0
        if "continue" in query:
            if self.expired:
                self.expired -= 1
                return status(410, "Expired", "The provided continue parameter is too old")
            first = int(base64.b64decode(query["continue"]))
        wanted = dict(one.split("=") for one in query.get("labelSelector", "").split(",") if one)
        found = [p for p in self.pods if wanted.items() <= p["metadata"]["labels"].items()]
        last = first + int(query.get("limit", len(found) or 1))
        metadata: dict[str, Any] = {"resourceVersion": "4711"}
        if last < len(found):
            metadata["continue"] = base64.b64encode(str(last).encode()).decode()
            metadata["remainingItemCount"] = len(found) - last
        listed = {"apiVersion": "v1", "kind": "PodList", "metadata": metadata}
        return 200, published("V1PodList", {**listed, "items": found[first:last]})


def status(code: int, reason: str, message: str) -> tuple[int, dict[str, Any]]:
    """A refusal."""
    found = {"apiVersion": "v1", "kind": "Status", "metadata": {}, "status": "Failure"}
    return code, published(
        "V1Status", {**found, "message": message, "reason": reason, "code": code}
    )


@contextmanager
def running_cluster(folder: Path) -> Iterator[Cluster]:
    """Yield a cluster's API on this machine, with a certificate of its own authority."""
    cluster = Cluster(folder)
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=kubernetes", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(cluster.ca_file)]
    subprocess.run([*make, *names, *files], check=True, capture_output=True)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            code, found = cluster.reply(self.path, token)
            body = json.dumps(found).encode()
            if cluster.answer:
                code, body = cluster.answer
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            if code == 302:
                self.send_header("Location", f"{cluster.url}/elsewhere")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cluster.ca_file, folder / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    cluster.url = f"https://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield cluster
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
