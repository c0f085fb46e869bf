"""Servers that are not what limits a download: nginx, and one with a limit per connection."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CONFIG = """
daemon off;
pid {root}/nginx.pid;
error_log {root}/error.log;
worker_processes 1;
events {{ worker_connections 64; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    default_type application/octet-stream;
    client_body_temp_path {root}/t1; proxy_temp_path {root}/t2; fastcgi_temp_path {root}/t3;
    uwsgi_temp_path {root}/t4; scgi_temp_path {root}/t5;
    server {{ listen 127.0.0.1:{port}; root {files}; }}
}}
"""


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int) -> None:
    """Return when somebody listens. Raises ``TimeoutError``."""
    end_s = time.monotonic() + 20
    while time.monotonic() < end_s:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError(f"nobody listens on port {port}")


@contextmanager
def serving(command: list[str], port: int) -> Iterator[str]:
    """Yield the base address of a server process."""
    process = subprocess.Popen(command)
    try:
        wait_for_port(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def nginx(files: Path, root: Path) -> Iterator[str]:
    """Serve a folder with nginx; yield its base address."""
    port = free_port()
    config = root / "nginx.conf"
    config.write_text(CONFIG.format(root=root, files=files, port=port))
    root.chmod(0o755)
    if os.geteuid() == 0:  # its worker becomes another user
        config.write_text(f"user root;\n{config.read_text()}")
    with serving(["nginx", "-p", str(root), "-c", str(config)], port) as base:
        yield base


@contextmanager
def limited_web(files: Path, bytes_per_s: int) -> Iterator[str]:
    """Serve a folder with so many bytes per second and connection; yield its base address."""
    port = free_port()
    command = [sys.executable, "-m", "tests.bench.limited_web", str(files), str(port)]
    with serving([*command, str(bytes_per_s)], port) as base:
        yield base
