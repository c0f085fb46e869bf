"""A real hub with KubeSpawner, configured by rendered values; GitHub is the stand-in."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import yaml

from growth_admin.deploy.demo.folder import free_port
from growth_admin.deploy.kubernetes.answers import Answers
from growth_admin.deploy.kubernetes.chart import shipped_chart
from growth_admin.deploy.kubernetes.rendering import render
from growth_admin.deploy.kubernetes.values import CONFIG_KEY
from tests.github import StandIn
from tests.hub.school import Browser, eventually

CONFIG = Path(__file__).with_name("chart_config.py")
CLIENT_SECRET = "standin-client-secret"  # of nobody
KUBECONFIG = """
apiVersion: v1
kind: Config
current-context: none
clusters: [{name: none, cluster: {server: "https://127.0.0.1:9"}}]
contexts: [{name: none, context: {cluster: none, user: none}}]
users: [{name: none, user: {token: none}}]
"""


def seed(answers: Answers, url: str) -> dict[str, Any]:
    """Return a seed of the stand-in: the organization, its teams, and the hub's OAuth app."""
    owner = "Owner-Of-It"
    application = {
        "client_id": answers.oauth_client_id,
        "client_secret": CLIENT_SECRET,
        "name": "hub",
        "callback_url": f"{url}/hub/oauth_callback",
        "owner": answers.organization,
    }
    return {
        "organizations": [answers.organization],
        "people": [{"login": owner, "name": "Olga Owner", "owns": [answers.organization]}],
        "applications": [application],
    }


@dataclass
class KubeHub:
    """A running hub; its pods are on paper unless ``CHART_MORE`` says otherwise."""

    folder: Path
    url: str
    token: str
    github: StandIn
    answers: Answers
    environment: Mapping[str, str]
    python: str
    process: subprocess.Popen[bytes] | None = None

    def launch(self) -> None:
        """Start the hub with its proxy, for the first time or again; nobody waits for it here."""
        command = [self.python, "-m", "jupyterhub", "-f", str(CONFIG)]
        with (self.folder / "hub.log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=self.folder,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait(self) -> None:
        """Wait until it answers."""
        eventually(lambda: _is_up(self), 120)

    def end(self) -> None:
        """End the hub and its proxy, which is in the same session."""
        if self.process:
            end_session(self.process)

    def person(self, login: str, team: str) -> str:
        """A GitHub account in a team, who logs in at the hub; the name there."""
        self.github.person(login)
        self.github.join(login, team)
        return self.login(login)

    def login(self, login: str) -> str:
        """Log in at the hub; the name there."""
        browser = Browser(self.url)
        page = browser.get("/hub/oauth_login?next=/hub/home")
        page = browser.send_form(page, login=login)
        assert urlsplit(page.url).path == "/hub/home", (login, page.status_code, page.url)
        return login.lower()

    def api(self, method: str, path: str, **options: Any) -> requests.Response:
        """A call of the hub's API as somebody who may start servers."""
        headers = {"Authorization": f"token {self.token}"}
        return Browser(self.url).request(method, f"/hub/api/{path}", headers=headers, **options)

    def start(self, name: str, server: str = "") -> dict[str, Any]:
        """Start a server; what would have gone to the cluster."""
        place = f"users/{name}/servers/{server}" if server else f"users/{name}/server"
        reply = self.api("POST", place)
        assert reply.status_code in (201, 202), reply.text
        paper = self.folder / f"{name}--{server}.json"
        eventually(paper.exists, 30)
        return dict(json.loads(paper.read_text()))

    def stop(self, name: str) -> None:
        """Stop a server and forget its paper."""
        reply = self.api("DELETE", f"users/{name}/server")
        assert reply.status_code in (202, 204), reply.text
        eventually(lambda: not self.api("GET", f"users/{name}").json()["servers"], 30)
        (self.folder / f"{name}--.json").unlink()

    @property
    def log(self) -> str:
        """What the hub said so far."""
        return (self.folder / "hub.log").read_text()


@contextmanager
def kube_hub(
    folder: Path, answers: Answers, *, python: str = sys.executable, **variables: str
) -> Iterator[KubeHub]:
    """Yield a hub that runs what the answers render to; everything of it is gone afterwards."""
    folder.mkdir(parents=True)
    port, hub_port = free_port(), free_port()
    url, token = f"http://127.0.0.1:{port}", secrets.token_hex(24)
    files = render(answers)
    merged = shipped_chart().merge(yaml.safe_load(files["values.yaml"]))
    merged["hub"]["extraConfig"] = {CONFIG_KEY: files["hub_config.py"]}
    (folder / "merged.yaml").write_text(yaml.safe_dump(merged))
    (folder / "kubeconfig").write_text(KUBECONFIG)
    github = StandIn(folder / "github", seed(answers, url), answers.organization, keeps=False)
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "GROWTH_"))},
        **plain_variables(merged["hub"]["extraEnv"]),
        "KUBECONFIG": str(folder / "kubeconfig"),
        "CHART_FOLDER": str(folder),
        "CHART_URL": url,
        "CHART_HUB_URL": f"http://127.0.0.1:{hub_port}",
        "CHART_PROXY_URL": f"http://127.0.0.1:{free_port()}",
        "TESTS_TOKEN": token,
        "GITHUB_URL": github.url,
        "GROWTH_NAMES_FILE": str(folder / "names.json"),
        "JUPYTERHUB_CRYPT_KEY": secrets.token_hex(32),
        "CONFIGPROXY_AUTH_TOKEN": secrets.token_hex(24),
        **variables,
    }
    hub = KubeHub(folder, url, token, github, answers, environment, python)
    try:
        hub.launch()
        for team in (answers.admins_team, answers.tas_team, answers.students_team):
            github.team(team)
        hub.wait()
        yield hub
    finally:
        hub.end()
        github.kill()


def plain_variables(given: Mapping[str, Any]) -> dict[str, str]:
    """Return the hub's environment, with the secret in its place as Kubernetes puts it there."""
    return {
        name: CLIENT_SECRET if isinstance(value, dict) else str(value)
        for name, value in given.items()
    }


def _is_up(hub: KubeHub) -> bool:
    assert hub.process and hub.process.poll() is None, hub.log[-3000:]
    try:
        return hub.api("GET", "").status_code == 200
    except requests.RequestException:
        return False


def end_session(process: subprocess.Popen[bytes]) -> None:
    """End a hub and what it started, which is in the same session."""
    process.terminate()
    try:
        process.wait(20)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
