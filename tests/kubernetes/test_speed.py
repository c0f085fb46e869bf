"""How long a start takes: our configuration beside plain KubeSpawner, with the same image."""

from __future__ import annotations

import os
import secrets
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from growth_admin.deploy.demo.folder import free_port
from tests.deploy.kube_hub import end_session
from tests.hub.school import eventually
from tests.kubernetes.node import GATEWAY
from tests.kubernetes.school import START_S, ClusterSchool

CONFIG = Path(__file__).with_name("plain_config.py")
TIMES = 5
SLOWER_LIMIT_S = 30.0
"""More than what the chain may take on a machine that is three times slower than ours."""
Ask = Callable[[str, str], requests.Response]


@contextmanager
def plain_hub(school: ClusterSchool, folder: Path) -> Iterator[Ask]:
    """A hub as KubeSpawner's documentation begins; yields a call of its API."""
    url, token = f"http://127.0.0.1:{free_port()}", secrets.token_hex(24)
    environ = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "GROWTH_"))},
        "KUBECONFIG": school.hub.environment["KUBECONFIG"],
        "CHART_FOLDER": str(folder),
        "CHART_URL": url,
        "CHART_HUB_URL": f"http://{GATEWAY}:{free_port()}",
        "CHART_PROXY_URL": f"http://127.0.0.1:{free_port()}",
        "CLUSTER_IMAGE": school.answers.image,
        "CLUSTER_NAMESPACE": school.answers.name,
        "CONFIGPROXY_AUTH_TOKEN": secrets.token_hex(24),
        "TESTS_TOKEN": token,
        "NO_PROXY": "*",
        "no_proxy": "*",
    }
    session = requests.Session()
    session.trust_env = False

    def ask(method: str, path: str) -> requests.Response:
        headers = {"Authorization": f"token {token}"}
        return session.request(method, f"{url}/hub/api/{path}", headers=headers, timeout=120)

    def is_up() -> bool:
        assert process.poll() is None, (folder / "plain.log").read_text()[-3000:]
        try:
            return ask("GET", "").status_code == 200
        except requests.RequestException:
            return False

    command = [sys.executable, "-m", "jupyterhub", "-f", str(CONFIG)]
    with (folder / "plain.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=environ, stdout=log, stderr=log, start_new_session=True
        )
    try:
        eventually(is_up, 120)
        yield ask
    finally:
        end_session(process)


def start_s(ask: Ask, name: str) -> float:
    """Seconds from asking for a server until the hub calls it ready; it is stopped again."""
    begun = time.monotonic()
    reply = ask("POST", f"users/{name}/server")
    assert reply.status_code in (201, 202), reply.text
    eventually(lambda: server(ask, name).get("ready"), START_S, 0.05)
    took_s = time.monotonic() - begun
    assert ask("DELETE", f"users/{name}/server").status_code in (202, 204)
    eventually(lambda: not server(ask, name), START_S)
    return took_s


def server(ask: Ask, name: str) -> dict[str, object]:
    """The hub's model of somebody's default server; empty if there is none."""
    return dict(ask("GET", f"users/{name}").json()["servers"].get("") or {})


def test_start_when_measured_beside_plain_kubespawner_then_it_costs_some_seconds_at_most(
    school: ClusterSchool, tmp_path: Path, say_at_the_end: Callable[[str], None]
) -> None:
    name = school.hub.person("Swift-Student", "students")
    with plain_hub(school, tmp_path) as plain:
        assert plain("POST", "users/swift").status_code == 201
        start_s(plain, "swift"), start_s(school.hub.api, name)  # images and homes are there then
        pairs = [(start_s(plain, "swift"), start_s(school.hub.api, name)) for _ in range(TIMES)]
    others, ours = ([pair[k] for pair in pairs] for k in (0, 1))
    kinds = {"plain KubeSpawner": others, "with hub_config.py and the chain": ours}
    rows = [
        f"  {what:34} median {statistics.median(found):5.1f} s   "
        f"({', '.join(f'{one:.1f}' for one in found)})"
        for what, found in kinds.items()
    ]
    say_at_the_end("\n".join(["start of a pod, the same image, in turns:", *rows]))
    assert statistics.median(ours) - statistics.median(others) < SLOWER_LIMIT_S
