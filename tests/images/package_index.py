"""A small real Python index and conda channel over HTTP, with wheels that are made here.

Simple repository API 1.1 as JSON (PEP 691, 700) with metadata files (PEP 658); the wheels can be
installed, and pip itself is held against it in test_packages. Packages of conda are archives that
py-rattler installs (conda, "Package specification"). ``faults`` break it from outside, and what is
``held`` is answered when the test lets it go.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import ssl
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import zstandard

JSON = "application/vnd.pypi.simple.v1+json"
PLACEHOLDER = "/" + "placehold_" * 20
"""What stands in a conda package's texts for the folder that it is installed into."""


@dataclass
class File:
    """One file of a package."""

    filename: str
    data: bytes
    metadata: bytes
    requires_python: str = ""
    yanked: str | bool = False

    def entry(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "filename": self.filename,
            "url": f"../../files/{self.filename}",
            "hashes": {"sha256": hashlib.sha256(self.data).hexdigest()},
            "core-metadata": {"sha256": hashlib.sha256(self.metadata).hexdigest()},
            "size": len(self.data),
            "upload-time": "2026-01-01T00:00:00Z",
            "yanked": self.yanked,
        }
        return found | ({"requires-python": self.requires_python} if self.requires_python else {})


@dataclass
class Index:
    """The index: add what it has, read what it was asked."""

    url: str = ""
    projects: dict[str, dict[str, list[File]]] = field(default_factory=dict)
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    archives: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)
    held: dict[str, threading.Event] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    login: str = ""

    @property
    def simple(self) -> str:
        """The address of the Simple API."""
        return f"{self.url}/simple/"

    @property
    def channel(self) -> str:
        """The address of the conda channel."""
        return f"{self.url}/channel"

    def add(
        self,
        name: str,
        version: str,
        *,
        needs: Sequence[str] = (),
        requires_python: str = "",
        tag: str = "py3-none-any",
        yanked: str | bool = False,
        module: str = "",
    ) -> None:
        """Publish a wheel with one module in it."""
        file = wheel(name, version, needs, requires_python, tag, module)
        file.yanked = yanked
        self.projects.setdefault(name, {}).setdefault(version, []).append(file)

    def add_conda(
        self,
        name: str,
        version: str,
        *,
        needs: Sequence[str] = (),
        files: Mapping[str, str | bytes] | None = None,
        is_python: bool = False,
    ) -> None:
        """Publish a package of conda; without ``files`` its record only.

        What lies in ``bin/`` can be run. ``is_python``: for each Python, its files are below
        ``site-packages/``.
        """
        filename = f"{name}-{version}-0.conda"
        record: dict[str, Any] = {
            "name": name, "version": version, "build": "0", "build_number": 0, "subdir": "linux-64",
            "depends": list(needs), "timestamp": 1_760_000_000_000,
        }  # fmt: skip
        if is_python:
            record |= {"subdir": "noarch", "noarch": "python"}
        data = conda_archive(record, files or {})
        hashes = {"md5": hashlib.md5(data).hexdigest(), "sha256": hashlib.sha256(data).hexdigest()}
        self.records[filename] = {**record, **hashes, "size": len(data)}
        if files is not None:
            self.archives[filename] = data

    def add_source(self, name: str, version: str) -> None:
        """Publish a version of which there is only source; nobody fetches it here."""
        file = File(f"{name}-{version}.tar.gz", b"", b"")
        self.projects.setdefault(name, {}).setdefault(version, []).append(file)

    def page(self, name: str) -> dict[str, Any] | None:
        versions = self.projects.get(name)
        if versions is None:
            return None
        files = [file.entry() for files in versions.values() for file in files]
        meta = {"api-version": "1.1"}
        return {"meta": meta, "name": name, "versions": list(versions), "files": files}

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Return status, type and body."""
        parts = path.strip("/").split("/")
        if parts[0] == "simple" and len(parts) == 2:
            page = self.page(parts[1])
            return (200, JSON, json.dumps(page).encode()) if page else (404, "text/plain", b"no")
        if parts[0] == "channel" and parts[-1] == "repodata.json":
            subdir = parts[1]
            mine = {name: one for name, one in self.records.items() if one["subdir"] == subdir}
            body = {"info": {"subdir": subdir}, "packages": {}, "packages.conda": mine}
            return 200, "application/json", json.dumps(body).encode()
        if parts[0] == "channel" and parts[-1] in self.archives:
            return 200, "application/octet-stream", self.archives[parts[-1]]
        for versions in self.projects.values():
            for file in (file for files in versions.values() for file in files):
                if parts[-1] == file.filename:
                    return 200, "application/octet-stream", file.data
                if parts[-1] == f"{file.filename}.metadata":
                    return 200, "application/octet-stream", file.metadata
        return 404, "text/plain", b"not here"


def wheel(
    name: str, version: str, needs: Sequence[str], requires_python: str, tag: str, module: str
) -> File:
    """Return a wheel that pip installs ("Binary distribution format")."""
    stem = f"{name.replace('-', '_')}-{version}"
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}",
             f"Summary: {name} of the tests", "License: BSD-3-Clause"]  # fmt: skip
    lines += [f"Requires-Dist: {need}" for need in needs]
    lines += [f"Requires-Python: {requires_python}"] if requires_python else []
    metadata = ("\n".join(lines) + "\n").encode()
    content = {
        f"{name.replace('-', '_')}.py": module.encode() or f"__version__ = '{version}'\n".encode(),
        f"{stem}.dist-info/METADATA": metadata,
        f"{stem}.dist-info/WHEEL": (
            f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: {tag}\n"
        ).encode(),
    }
    record = "".join(f"{path},sha256={_hash(data)},{len(data)}\n" for path, data in content.items())
    content[f"{stem}.dist-info/RECORD"] = f"{record}{stem}.dist-info/RECORD,,\n".encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, data in content.items():
            archive.writestr(path, data)
    return File(f"{stem}-{tag}.whl", packed.getvalue(), metadata, requires_python)


def conda_archive(record: Mapping[str, Any], files: Mapping[str, str | bytes]) -> bytes:
    """Return the archive of a conda package, in its second format."""
    stem = f"{record['name']}-{record['version']}-{record['build']}"
    content = {
        path: text.encode() if isinstance(text, str) else text for path, text in files.items()
    }
    paths = [_path_entry(path, data) for path, data in content.items()]
    info: dict[str, Any] = {"index": record, "paths": {"paths": paths, "paths_version": 1}}
    if record.get("noarch") == "python":
        info["link"] = {"noarch": {"type": "python"}, "package_metadata_version": 1}
    told = {f"info/{name}.json": json.dumps(body).encode() for name, body in info.items()}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"conda_pkg_format_version": 2}))
        archive.writestr(f"pkg-{stem}.tar.zst", _packed_tar(content))
        archive.writestr(f"info-{stem}.tar.zst", _packed_tar(told))
    return packed.getvalue()


def _path_entry(path: str, data: bytes) -> dict[str, Any]:
    found = {
        "_path": path,
        "path_type": "hardlink",
        "sha256": hashlib.sha256(data).hexdigest(),
        "size_in_bytes": len(data),
    }
    if PLACEHOLDER.encode() in data:
        found |= {"prefix_placeholder": PLACEHOLDER, "file_mode": "text"}
    return found


def _packed_tar(content: Mapping[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        for path, data in content.items():
            member = tarfile.TarInfo(path)
            member.size = len(data)
            member.mode = 0o755 if path.startswith("bin/") else 0o644
            archive.addfile(member, io.BytesIO(data))
    return zstandard.ZstdCompressor().compress(raw.getvalue())


def _hash(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


@contextmanager
def running_index(context: ssl.SSLContext | None = None) -> Iterator[Index]:
    """Serve an index on a free port of this machine, with TLS where it has a certificate."""
    index = Index()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._reply(is_body=False)

        def do_GET(self) -> None:
            self._reply(is_body=True)

        def _reply(self, *, is_body: bool) -> None:
            path = self.path.partition("?")[0]
            index.asked.append(path)
            name = path.strip("/").rpartition("/")[2]
            if held := index.held.get(name):
                held.wait(120)
            expected = "Basic " + base64.b64encode(index.login.encode()).decode()
            if index.login and self.headers.get("Authorization") != expected:
                status, kind, body = 401, "text/plain", b"who are you?"
            elif fault := index.faults.get(name) or index.faults.get("*"):
                status, kind, body = fault, "text/plain", b"broken for the test"
            else:
                status, kind, body = index.answer(path)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            if status == 401:
                self.send_header("WWW-Authenticate", "Basic realm=index")
            self.end_headers()
            if is_body:
                self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    index.url = f"{'https' if context else 'http'}://127.0.0.1:{server.server_address[1]}"
    try:
        yield index
    finally:
        server.shutdown()
        server.server_close()
