"""Which digest each server runs, told by a real hub from what KubeSpawner sees of its pods."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from kubernetes_asyncio.client import ApiClient, Configuration

from growth_admin.servers.hub import HubClient
from tests.deploy.kube_hub import KubeHub, kube_hub
from tests.deploy.schools import answers_of
from tests.hub.school import eventually, hub55_python

A, B, C = (f"sha256:{letter * 64}" for letter in "abc")
NAME = "registry.school.org/school/notebook"
STATES: dict[str, Any] = {
    "running": {"running": {"startedAt": "2026-11-29T08:01:00+00:00"}},
    "waiting": {"waiting": {"reason": "ImagePullBackOff"}},
    "terminated": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}},
}


@pytest.fixture(scope="module", params=["hub-6.1", "hub-5.5"])
def hub(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[KubeHub]:
    """Both hubs, with a running server of each kind of people and a canary."""
    options = {"python": hub55_python()} if "5.5" in request.param else {}
    folder = tmp_path_factory.mktemp("kube") / "hub"
    with kube_hub(folder, answers_of("small", ta_restarts=True), **options) as running:
        for login, team in (("Jane", "students"), ("Tess", "tas"), ("Ada", "admins")):
            running.start(running.person(login, team))
        running.start("ada", "canary")
        yield running


@dataclass
class Text:
    """What the published models read from."""

    data: str


def pod(image_id: str, *, state: str = "running", going: bool = False) -> dict[str, Any]:
    """A pod as the API sends it, by the published models; AssertionError for what they lack."""
    container = {
        "name": "notebook",
        "image": f"{NAME}:deploy",
        "imageID": image_id,
        "ready": state == "running",
        "restartCount": 0,
        "state": STATES[state],
    }
    metadata: dict[str, Any] = {"name": "a-pod"}
    if going:
        metadata["deletionTimestamp"] = "2026-11-29T08:05:00+00:00"
    made = {"metadata": metadata, "status": {"phase": "Running", "containerStatuses": [container]}}
    client = ApiClient.__new__(ApiClient)
    client.configuration = Configuration()
    read: Any = Text(json.dumps(made))
    assert client.sanitize_for_serialization(client.deserialize(read, "V1Pod")) == made
    return made


def told(hub: KubeHub, name: str, server: str = "") -> dict[tuple[str, str], str]:
    """What a server hears that asks with its own token."""
    return HubClient(f"{hub.url}/hub/api", token_of(hub, name, server)).list_digests()


def token_of(hub: KubeHub, name: str, server: str = "") -> str:
    """The token in a server's pod."""
    return environment(hub, name, server)["JUPYTERHUB_API_TOKEN"]


def environment(hub: KubeHub, name: str, server: str = "") -> dict[str, str]:
    """The variables in a server's pod."""
    paper = json.loads((hub.folder / f"{name}--{server}.json").read_text())
    (notebook,) = paper["pod"]["spec"]["containers"]
    return {one["name"]: one.get("value", "") for one in notebook["env"]}


def report(hub: KubeHub, **pods: dict[str, Any]) -> None:
    """Let the cluster say this of the pods of these servers (`ada__canary` is one)."""
    found = {}
    for word, one in pods.items():
        name, _, server = word.partition("__")
        paper = json.loads((hub.folder / f"{name}--{server}.json").read_text())
        found[f"school/{paper['pod']['metadata']['name']}"] = one
    path = hub.folder / "pods.json"
    path.with_suffix(".new").write_text(json.dumps(found))
    path.with_suffix(".new").replace(path)


def test_digests_when_asked_then_each_hears_of_the_servers_that_it_may_see(hub: KubeHub) -> None:
    report(hub, jane=pod(f"{NAME}@{A}"), tess=pod(f"docker-pullable://{NAME}@{B}"),
           ada=pod(f"{NAME}@{A}"), ada__canary=pod(f"{NAME}@{C}"))  # fmt: skip
    everything = {("jane", ""): A, ("tess", ""): B, ("ada", ""): A, ("ada", "canary"): C}
    eventually(lambda: told(hub, "ada") == everything, 60)  # the last one is starting
    assert told(hub, "tess") == {("jane", ""): A}  # a TA who may see students' servers
    assert told(hub, "jane") == {}
    assert told(hub, "ada", "canary") == {}


def test_digests_when_nobody_asks_then_refused_and_it_is_for_reading_only(hub: KubeHub) -> None:
    url = f"{hub.url}/hub/api/growth/digests"
    assert requests.get(url, timeout=30).status_code == 403
    bad = {"Authorization": "token nobodys"}
    assert requests.get(url, headers=bad, timeout=30).status_code == 403
    ada = {"Authorization": f"token {token_of(hub, 'ada')}"}
    assert requests.post(url, headers=ada, json={}, timeout=30).status_code == 405
    assert hub.api("GET", "growth/nothing").status_code == 404


def test_digests_when_a_pod_does_not_say_what_it_runs_then_nothing_is_guessed(
    hub: KubeHub,
) -> None:
    for silent in (
        pod(A),  # an id of the node's own store, not of what was pulled
        pod(""),
        pod(f"{NAME}@{A}", state="waiting"),
        pod(f"{NAME}@{A}", state="terminated"),
        pod(f"{NAME}@{A}", going=True),
        {"metadata": {"name": "new"}, "status": {}},
        {"metadata": {"name": "newer"}},
    ):
        report(hub, jane=silent, ada=pod(f"{NAME}@{B}"))
        assert told(hub, "ada") == {("ada", ""): B}, silent
    report(hub)
    assert told(hub, "ada") == {}


def test_digests_when_a_container_was_started_again_then_what_it_runs_now(hub: KubeHub) -> None:
    report(hub, jane=pod(f"{NAME}@{A}"))
    assert told(hub, "ada")["jane", ""] == A
    report(hub, jane=pod(f"{NAME}@{B}"))
    assert told(hub, "ada")["jane", ""] == B


def test_digests_when_told_then_no_word_of_a_pod_besides(hub: KubeHub) -> None:
    report(hub, jane=pod(f"{NAME}@{A}"))
    reply = hub.api("GET", "growth/digests")
    assert reply.json() == {"digests": [["jane", "", A]]}
    assert reply.headers["Content-Type"].startswith("application/json")
