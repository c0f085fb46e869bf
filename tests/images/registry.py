"""A real registry for tests, images made by hand, and a proxy before it that misbehaves."""

from __future__ import annotations

import gzip
import hashlib
import http.client
import http.server
import io
import json
import shutil
import socket
import socketserver
import subprocess
import tarfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from growth_admin.images.registry.manifest import ACCEPTED, IMAGES, INDEXES

NAME = "school/notebook"
OCTETS = "application/octet-stream"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def digest_of(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def encode(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


@dataclass
class RealRegistry:
    """Debian's docker-registry over a folder, and what a builder does with it."""

    folder: Path
    port: int
    login: tuple[str, str] | None = None
    session: requests.Session = field(default_factory=requests.Session)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def image(self) -> str:
        return f"{self.host}/{NAME}"

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        url = path if path.startswith("http") else f"http://{self.host}/v2/{NAME}/{path}"
        options = {"auth": self.login, "timeout": 20} | options
        return self.session.request(method, url, **options)

    def push_blob(self, data: bytes) -> dict[str, Any]:
        """Push a blob (distribution specification, "Pushing a blob monolithically")."""
        begun = self.ask("POST", "blobs/uploads/")
        assert begun.status_code == 202, begun.text
        joint = "&" if "?" in begun.headers["Location"] else "?"
        url = f"{begun.headers['Location']}{joint}digest={digest_of(data)}"
        done = self.ask("PUT", url, data=data, headers={"Content-Type": OCTETS})
        assert done.status_code == 201, done.text
        return {"mediaType": OCTETS, "digest": digest_of(data), "size": len(data)}

    def push_manifest(self, reference: str, raw: bytes, media_type: str) -> str:
        """Push a manifest and return its digest."""
        done = self.ask(
            "PUT", f"manifests/{reference}", data=raw, headers={"Content-Type": media_type}
        )
        assert done.status_code == 201, done.text
        return digest_of(raw)

    def make_image(
        self,
        content: str,
        *,
        created: str = "2026-11-01T08:00:00Z",
        labels: Mapping[str, str] | None = None,
        architecture: str = "amd64",
        layers: int = 2,
    ) -> bytes:
        """Push the blobs of a small image and return its manifest, not yet pushed."""
        config = {
            "created": created,
            "architecture": architecture,
            "os": "linux",
            "config": {"Labels": dict(labels or {})},
            "rootfs": {"type": "layers", "diff_ids": []},
        }
        parts = [self.push_blob(layer_of(f"{content} {n}")) for n in range(layers)]
        return encode(
            {
                "schemaVersion": 2,
                "mediaType": IMAGES[0],
                "config": self.push_blob(encode(config))
                | {"mediaType": "application/vnd.oci.image.config.v1+json"},
                "layers": [
                    part | {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip"}
                    for part in parts
                ],
            }
        )

    def push(self, tag: str, content: str = "", **options: Any) -> str:
        """Push a small image under a tag and return its digest."""
        return self.push_manifest(tag, self.make_image(content or tag, **options), IMAGES[0])

    def push_index(self, tag: str, content: str, *architectures: str) -> str:
        """Push an image for several machines and return the digest of the index."""
        children = []
        for architecture in architectures:
            raw = self.make_image(f"{content} {architecture}", architecture=architecture)
            self.push_manifest(digest_of(raw), raw, IMAGES[0])
            children.append(
                {
                    "mediaType": IMAGES[0],
                    "digest": digest_of(raw),
                    "size": len(raw),
                    "platform": {"os": "linux", "architecture": architecture},
                }
            )
        index = {"schemaVersion": 2, "mediaType": INDEXES[0], "manifests": children}
        return self.push_manifest(tag, encode(index), INDEXES[0])

    def manifest(self, reference: str) -> dict[str, Any]:
        reply = self.ask("GET", f"manifests/{reference}", headers={"Accept": ", ".join(ACCEPTED)})
        assert reply.status_code == 200, reply.text
        found: dict[str, Any] = reply.json()
        return found

    def digest(self, tag: str) -> str:
        """Return what a tag names, as another client sees it; empty if there is no such tag."""
        reply = self.ask("HEAD", f"manifests/{tag}", headers={"Accept": ", ".join(ACCEPTED)})
        return reply.headers["Docker-Content-Digest"] if reply.status_code == 200 else ""

    def tag(self, name: str, digest: str) -> None:
        """Let a tag name a digest, as somebody with skopeo does."""
        reply = self.ask("GET", f"manifests/{digest}", headers={"Accept": ", ".join(ACCEPTED)})
        self.push_manifest(name, reply.content, reply.headers["Content-Type"])

    def relabel(self, tag: str, new: str) -> str:
        """Push an image that runs like another one and is a different one; return its digest."""
        manifest = self.manifest(tag)
        known = manifest["config"]
        config = self.ask("GET", f"blobs/{known['digest']}").json()
        config["config"]["Labels"] = {**(config["config"].get("Labels") or {}), "is": new}
        manifest["config"] = self.push_blob(encode(config)) | {"mediaType": known["mediaType"]}
        return self.push_manifest(new, encode(manifest), manifest["mediaType"])

    def lose_blob(self, digest: str) -> None:
        """Lose a layer, as a clean-up that went too far does."""
        assert self.ask("DELETE", f"blobs/{digest}").status_code == 202

    def delete_manifest(self, digest: str) -> None:
        assert self.ask("DELETE", f"manifests/{digest}").status_code == 202


def layer_of(content: str) -> bytes:
    """Return a layer: a compressed tar with one file. The same content gives the same bytes."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        row = tarfile.TarInfo("srv/content.txt")
        row.size = len(content.encode())
        archive.addfile(row, io.BytesIO(content.encode()))
    return gzip.compress(packed.getvalue(), mtime=0)


@contextmanager
def running_registry(
    folder: Path, *, auth: str = "", login: tuple[str, str] | None = None, port: int = 0
) -> Iterator[RealRegistry]:
    """Start the registry over a folder and stop it afterwards."""
    program = shutil.which("docker-registry") or shutil.which("registry")
    assert program, "install docker-registry: see .ci/system-packages"
    folder.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    (folder / "conf.yml").write_text(
        "version: 0.1\n"
        f"storage:\n  filesystem:\n    rootdirectory: {folder / 'storage'}\n"
        "  delete:\n    enabled: true\n"
        f"http:\n  addr: 127.0.0.1:{port}\n"
        "log:\n  level: error\n" + auth
    )
    process = subprocess.Popen(
        [program, "serve", str(folder / "conf.yml")],
        stdout=(folder / "registry.log").open("ab"),
        stderr=subprocess.STDOUT,
    )
    try:
        registry = RealRegistry(folder, port, login)
        _wait_for(registry, process)
        yield registry
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait_for(registry: RealRegistry, process: subprocess.Popen[bytes]) -> None:
    end_s = time.monotonic() + 30
    while time.monotonic() < end_s and process.poll() is None:
        try:
            requests.get(f"http://{registry.host}/v2/", timeout=5)
            return
        except requests.ConnectionError:
            time.sleep(0.05)
    raise AssertionError((registry.folder / "registry.log").read_text())


@dataclass
class Fault:
    """What the proxy does instead of passing a request on; ``times`` of -1: always."""

    method: str
    part: str
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    wait_s: float = 0.0
    is_cut: bool = False
    is_cut_after: bool = False
    is_cut_halfway: bool = False
    before: Callable[[], object] | None = None
    after: Callable[[], object] | None = None
    times: int = -1

    def matches(self, method: str, path: str) -> bool:
        return bool(self.times) and self.method in ("", method) and self.part in path


@dataclass
class Proxy:
    """A proxy before a real registry."""

    target: int
    port: int = 0
    faults: list[Fault] = field(default_factory=list)
    seen: list[tuple[str, str]] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)

    @property
    def image(self) -> str:
        return f"127.0.0.1:{self.port}/{NAME}"

    def fail(self, method: str, part: str, **how: Any) -> None:
        self.faults.append(Fault(method, part, **how))

    def take(self, method: str, path: str) -> Fault | None:
        for fault in self.faults:
            if fault.matches(method, path):
                fault.times -= 1
                return fault
        return None


class _Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 128
    proxy: Proxy

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that went away."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        """Keep no log."""

    def _pass(self) -> None:
        proxy = self.server.proxy
        proxy.seen.append((self.command, self.path))
        proxy.authorizations.append(self.headers.get("Authorization", ""))
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = proxy.take(self.command, self.path) or Fault("", "")
        if fault.before:
            fault.before()
        time.sleep(fault.wait_s)
        if fault.is_cut:
            self._cut()
            return
        if fault.status:
            raw = encode({"errors": [{"code": "FAULT", "message": "as the test wants it"}]})
            self._reply(fault.status, {"Content-Length": str(len(raw)), **fault.headers}, raw)
            return
        upstream = http.client.HTTPConnection("127.0.0.1", proxy.target, timeout=30)
        try:
            upstream.request(self.command, self.path, body or None, dict(self.headers.items()))
            reply = upstream.getresponse()
            raw = reply.read()
        finally:
            upstream.close()
        if fault.after:
            fault.after()
        if fault.is_cut_after:
            self._cut()
            return
        kept = {k: v for k, v in reply.getheaders() if k.lower() != "transfer-encoding"}
        if self.command != "HEAD":
            kept["Content-Length"] = str(len(raw))
        self._reply(reply.status, kept, raw[: len(raw) // 2] if fault.is_cut_halfway else raw)
        if fault.is_cut_halfway:
            self._cut()

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _pass  # noqa: N815

    def _reply(self, status: int, headers: Mapping[str, str], raw: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(raw)

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def running_proxy(registry: RealRegistry) -> Iterator[Proxy]:
    """Put a proxy before a registry."""
    with proxy_before(registry.port) as proxy:
        yield proxy


@contextmanager
def proxy_before(port: int) -> Iterator[Proxy]:
    """Put a proxy before any server of this machine."""
    proxy = Proxy(port)
    server = _Server(("127.0.0.1", 0), _Handler)
    server.proxy = proxy
    proxy.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
