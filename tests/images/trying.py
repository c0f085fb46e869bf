"""Tries of packages at a real server: begin one, see it end, run code with its kernel."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import requests

from growth_admin.images.tryouts.models import TryList, TryOut
from growth_admin.jobs.models import ENDED, Job
from growth_admin.servers.bot.kernel import KernelChannel
from tests.console import TOKEN, Console
from tests.images.package_index import Index

LIMIT_S = 240


def settings_for(root: Path, index: Index) -> tuple[str, ...]:
    (root / "disk").mkdir(exist_ok=True)
    return (
        "--GrowthAdmin.standalone=True",
        f"--ImageSource.index_url={index.simple}",
        f"--TryOuts.folder={root / 'disk'}",
    )


def ended(console: Console, job: Job) -> Job:
    end_s = time.monotonic() + LIMIT_S
    while job.state not in ENDED:
        assert time.monotonic() < end_s, job
        time.sleep(0.2)
        job = console.client.jobs.get_job(job.id)
    return job


def tried(console: Console, *packages: str, which: TryList = "pip") -> TryOut:
    """Try packages and return the try once its kernel is there."""
    job = ended(console, console.client.images.tryouts.start_tryout(*packages, which=which))
    assert job.state == "succeeded", job.problem
    assert job.receipt is not None
    listed = console.client.images.tryouts.list_tryouts().tryouts
    return next(one for one in listed if one.id == job.receipt["tryout"])


def ask(console: Console, method: str, path: str, **options: Any) -> Any:
    """A request to the Jupyter server itself; its JSON."""
    headers = {"Authorization": f"token {TOKEN}"}
    reply = requests.request(method, console.url + path, headers=headers, timeout=120, **options)
    assert reply.ok, (reply.status_code, reply.text)
    return reply.json() if reply.content else None


def kernels(console: Console) -> dict[str, str]:
    """The kernels that Lab would show: names and titles."""
    specs = ask(console, "GET", "api/kernelspecs")["kernelspecs"]
    return {name: spec["spec"]["display_name"] for name, spec in specs.items()}


def run(console: Console, kernel: str, code: str) -> str:
    """Run code as a cell of a notebook with this kernel; return what it printed."""
    kernel_id = ask(console, "POST", "api/kernels", json={"name": kernel})["id"]
    url = console.url.replace("http", "ws", 1) + f"api/kernels/{kernel_id}/channels"
    try:
        with KernelChannel(url, TOKEN, timeout_s=60, check=lambda: None) as channel:
            return channel.run(code, limit_s=120)
    finally:
        ask(console, "DELETE", f"api/kernels/{kernel_id}")
