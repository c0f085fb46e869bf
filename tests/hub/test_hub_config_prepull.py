"""hub_config.py lets nodes fetch an image: a pod on each, followed, told and removed.

The cluster is as much of Kubernetes' API as it asks for, with several nodes. A real one, of one
node, is in tests/kubernetes; a real Docker API in tests/container; real hubs, who may and who may
not, in test_hub_config_servers.py.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from kubernetes_asyncio.client import ApiClient, Configuration

from tests.hub.conftest import Loader

NAME = "registry.example:5000/school/nb"
DIGEST = f"sha256:{'a' * 64}"
IMAGE = f"{NAME}@{DIGEST}"
PULLING: dict[str, Any] = {"waiting": {"reason": "ContainerCreating"}}
BROKEN: dict[str, Any] = {"waiting": {"reason": "ErrImagePull", "message": "manifest unknown"}}
BACKOFF: dict[str, Any] = {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off"}}
OVER: dict[str, Any] = {"terminated": {"exitCode": 0, "reason": "Completed"}}
NO_TRUE: dict[str, Any] = {"waiting": {"reason": "RunContainerError", "message": "no true"}}


def container(state: dict[str, Any], image_id: str = "") -> dict[str, Any]:
    """A pod's status while its container is so."""
    return {"phase": "Pending", "containerStatuses": [{"state": state, "imageID": image_id}]}


def ended(image_id: str = IMAGE) -> dict[str, Any]:
    """The status of a pod whose command has run."""
    return {**container(OVER, image_id), "phase": "Succeeded"}


@dataclass
class Answer:
    """What the client of the API gives that decodes nothing."""

    status: int
    body: Any

    async def read(self) -> bytes:
        return json.dumps(self.body).encode()


@dataclass
class Cluster:
    """Pods by name. `course`: the statuses of a node's pod, one at each look."""

    course: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    pods: dict[str, dict[str, Any]] = field(default_factory=dict)
    refuses: dict[str, str] = field(default_factory=dict)
    """Nodes on which no pod may be made, and the API's words."""
    away: int = 0
    """How many of the next questions are not answered."""
    away_once_made: int = 0
    made: list[dict[str, Any]] = field(default_factory=list)

    def add(self, name: str, node: str, component: str, phase: str = "Running") -> None:
        self.pods[name] = {
            "metadata": {"name": name, "labels": {"component": component}},
            "spec": {"nodeName": node},
            "status": {"phase": phase},
        }

    async def list_namespaced_pod(self, *, label_selector: str, **options: Any) -> Answer:
        assert options["namespace"] == "school" and options["_preload_content"] is False
        if self.away:
            self.away -= 1
            return Answer(500, {"message": "etcd is not well"})
        _, _, words = label_selector.partition(" in ")
        wanted = words.strip("()").split(",")
        found = [p for p in self.pods.values() if p["metadata"]["labels"]["component"] in wanted]
        for pod in found:
            steps = self.course.get(pod["spec"]["nodeName"], [])
            if pod["metadata"]["labels"]["component"] == "growth-prepull" and steps:
                pod["status"] = steps.pop(0) if len(steps) > 1 else steps[0]
        return Answer(200, {"items": json.loads(json.dumps(found))})

    async def create_namespaced_pod(self, *, body: dict[str, Any], **options: Any) -> Answer:
        node = body["spec"]["nodeName"]
        if node in self.refuses:
            return Answer(403, {"message": self.refuses[node]})
        self.made.append(body)
        if len(self.made) == 3:
            self.away = self.away_once_made
        self.pods[body["metadata"]["name"]] = {**body, "status": {"phase": "Pending"}}
        return Answer(201, body)

    async def delete_namespaced_pod(self, *, name: str, **options: Any) -> Answer:
        assert options["grace_period_seconds"] == 0
        return Answer(200 if self.pods.pop(name, None) else 404, {})

    @property
    def ours(self) -> list[str]:
        """Names of the pods that fetch."""
        return [name for name in self.pods if name.startswith("growth-prepull")]


def spawner_on(cluster: Cluster) -> Any:
    """As much of a KubeSpawner as is asked."""
    return SimpleNamespace(
        api=cluster,
        namespace="school",
        component_label="singleuser-server",
        image_pull_secrets=["pull", {"name": "pull-more"}],
        tolerations=[{"key": "hub.jupyter.org/dedicated", "operator": "Equal", "value": "user"}],
        volume_mounts=[],
        log=logging.getLogger("tests"),
    )


def school(load: Loader, **limits: float) -> dict[str, Any]:
    """The configuration's names, with short waits."""
    _, names = load(GROWTH_IMAGE_NAME=NAME)
    names.update({"LOOK_S": 0.01, "RETRY_S": 0.2, "SILENT_S": 0.3, **limits})
    return names


def fetch(names: dict[str, Any], spawner: Any, digest: str = DIGEST) -> dict[str, Any]:
    """Let it run to its end; what is told then."""

    async def work() -> Any:
        run = names["join_prepull"](spawner, digest)
        assert names["join_prepull"](spawner, digest) is run
        await run.task
        return run.model()

    told: dict[str, Any] = asyncio.run(work())
    return told


def states(told: dict[str, Any]) -> dict[str, str]:
    return {row["name"]: row["state"] for row in told["nodes"]}


@pytest.fixture
def cluster() -> Cluster:
    """Three nodes: with a puller, with a placeholder, with a server; and one of the hub's own."""
    made = Cluster()
    made.add("puller-1", "n1", "continuous-image-puller")
    made.add("puller-2", "n2", "continuous-image-puller")
    made.add("holder", "n2", "user-placeholder")
    made.add("jupyter-jane", "n3", "singleuser-server")
    made.add("hub", "core", "hub")
    made.add("jupyter-old", "gone", "singleuser-server", "Failed")
    return made


def test_nodes_when_all_fetch_then_each_has_it_and_no_pod_is_left(
    load_hub_config: Loader, cluster: Cluster
) -> None:
    cluster.course = {
        "n1": [{"phase": "Pending"}, container(PULLING), ended()],
        "n2": [container(NO_TRUE)],  # an image without that command is there all the same
        "n3": [ended("")],
    }
    told = fetch(school(load_hub_config), spawner_on(cluster))
    assert states(told) == {"n1": "there", "n2": "there", "n3": "there"}
    assert (told["state"], told["where"], told["problem"]) == ("ended", "nodes", "")
    assert told["image"] == IMAGE
    assert cluster.ours == [] and len(cluster.made) == 3


def test_pod_when_made_then_it_may_nothing_and_ends_by_itself(
    load_hub_config: Loader, cluster: Cluster
) -> None:
    cluster.course = {key: [ended()] for key in ("n1", "n2", "n3")}
    fetch(school(load_hub_config), spawner_on(cluster))
    pod = cluster.made[0]
    client = ApiClient.__new__(ApiClient)
    client.configuration = Configuration()
    read: Any = SimpleNamespace(data=json.dumps(pod))
    assert client.sanitize_for_serialization(client.deserialize(read, "V1Pod")) == pod
    spec = pod["spec"]
    (only,) = spec["containers"]
    assert (only["image"], only["imagePullPolicy"]) == (IMAGE, "IfNotPresent")
    assert only["securityContext"]["runAsNonRoot"] and only["securityContext"]["runAsUser"] > 0
    assert not only["securityContext"]["allowPrivilegeEscalation"]
    assert spec["automountServiceAccountToken"] is False and spec["restartPolicy"] == "Never"
    assert 0 < spec["activeDeadlineSeconds"] <= 3600
    assert not {"volumes", "serviceAccountName", "hostNetwork", "hostPID"} & set(spec)
    assert not {"volumeMounts", "env"} & set(only)
    assert spec["imagePullSecrets"] == [{"name": "pull"}, {"name": "pull-more"}]
    assert spec["tolerations"][0]["value"] == "user"


def test_nodes_when_one_cannot_fetch_then_its_words_are_told_and_the_others_have_it(
    load_hub_config: Loader, cluster: Cluster
) -> None:
    cluster.course = {
        "n1": [container(BACKOFF), container(BROKEN), container(BACKOFF)],
        "n2": [ended()],
    }
    cluster.refuses = {"n3": "exceeded quota: pods"}
    told = fetch(school(load_hub_config), spawner_on(cluster))
    assert states(told) == {"n1": "failed", "n2": "there", "n3": "failed"}
    words = {row["name"]: row["detail"] for row in told["nodes"]}
    assert words["n1"] == "ErrImagePull: manifest unknown"
    assert "exceeded quota" in words["n3"]
    assert cluster.ours == []


def test_node_when_a_second_try_helps_then_it_has_it(
    load_hub_config: Loader, cluster: Cluster
) -> None:
    cluster.course = {key: [ended()] for key in ("n2", "n3")}
    cluster.course["n1"] = [container(BROKEN), container(BACKOFF), container(PULLING), ended()]
    told = fetch(school(load_hub_config), spawner_on(cluster))
    assert set(states(told).values()) == {"there"}


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ({"phase": "Pending"}, "does not take the pod"),
        ({"phase": "Failed", "reason": "OutOfpods", "message": "Node is full"}, "OutOfpods: Node"),
        ({"phase": "Failed", "reason": "DeadlineExceeded"}, "DeadlineExceeded"),
        (
            {
                **container({"terminated": {"reason": "ContainerStatusUnknown"}}),
                **{"phase": "Failed", "reason": "Evicted", "message": "disk pressure"},
            },
            "Evicted: disk pressure",
        ),
    ],
    ids=["silent", "full", "late", "evicted"],
)
def test_node_when_it_ends_or_never_takes_the_pod_then_it_failed_with_its_words(
    load_hub_config: Loader, cluster: Cluster, status: dict[str, Any], words: str
) -> None:
    cluster.course = {"n1": [status], "n2": [ended()], "n3": [ended()]}
    told = fetch(school(load_hub_config), spawner_on(cluster))
    assert states(told) == {"n1": "failed", "n2": "there", "n3": "there"}
    assert words in told["nodes"][0]["detail"] and cluster.ours == []


def test_pods_when_a_hub_was_killed_then_the_next_call_removes_what_it_left(
    load_hub_config: Loader, cluster: Cluster
) -> None:
    cluster.add("growth-prepull-0123", "n1", "growth-prepull", "Pending")
    cluster.add("growth-prepull-4567", "n9", "growth-prepull", "Succeeded")
    cluster.course = {key: [ended()] for key in ("n1", "n2", "n3")}
    told = fetch(school(load_hub_config), spawner_on(cluster))
    assert set(states(told)) == {"n1", "n2", "n3"} and cluster.ours == []


def test_pods_when_two_digests_are_fetched_at_once_then_neither_removes_the_others(
    load_hub_config: Loader, cluster: Cluster
) -> None:
    names, spawner = school(load_hub_config), spawner_on(cluster)
    cluster.course = {n: [container(PULLING)] * 9 + [ended()] for n in ("n1", "n2", "n3")}

    async def both() -> list[dict[str, Any]]:
        first = names["join_prepull"](spawner, DIGEST)
        await asyncio.sleep(0.03)
        second = names["join_prepull"](spawner, f"sha256:{'b' * 64}")
        await asyncio.gather(first.task, second.task)
        return [first.model(), second.model()]

    for told in asyncio.run(both()):
        assert set(states(told).values()) == {"there"}, told
    assert len(cluster.made) == 6 and cluster.ours == []


def test_run_when_kubernetes_is_away_for_a_moment_then_it_goes_on(
    load_hub_config: Loader, cluster: Cluster
) -> None:
    cluster.course = {"n1": [container(PULLING), ended()], "n2": [ended()], "n3": [ended()]}
    cluster.away_once_made = 2
    told = fetch(school(load_hub_config, LOOK_S=0.001), spawner_on(cluster))
    assert cluster.away == 0 and set(states(told).values()) == {"there"}


def test_run_when_kubernetes_refuses_then_the_problem_is_told_and_asked_again_it_begins_anew(
    load_hub_config: Loader, cluster: Cluster
) -> None:
    names, spawner = school(load_hub_config), spawner_on(cluster)
    cluster.away = 1
    told = fetch(names, spawner)
    assert (told["state"], told["nodes"]) == ("ended", []) and "etcd" in told["problem"]
    cluster.course = {key: [ended()] for key in ("n1", "n2", "n3")}
    told = fetch(names, spawner)
    assert told["problem"] == "" and set(states(told).values()) == {"there"}


def test_runs_when_many_are_over_then_the_oldest_are_forgotten(
    load_hub_config: Loader, cluster: Cluster
) -> None:
    names, spawner = school(load_hub_config), spawner_on(cluster)
    cluster.course = {key: [ended()] for key in ("n1", "n2", "n3")}
    for number in range(15):
        fetch(names, spawner, f"sha256:{number:064x}")
    assert len(names["PREPULLS"]) == names["KEPT"]
    assert f"sha256:{14:064x}" in names["PREPULLS"]


# ---- one machine, or processes


def machine(said: str, *, is_here: bool = False, brings: bool = False) -> Any:
    """As much of a DockerSpawner as is asked; `said` is what a pull says."""
    asked: list[str] = []

    def inspect_image(image: str) -> dict[str, Any]:
        asked.append("inspect")
        if not is_here and not (brings and "pull" in asked):
            raise OSError(f"no such image: {image}")
        return {}

    def pull(image: str) -> str:
        assert image == IMAGE
        asked.append("pull")
        return said

    client = SimpleNamespace(inspect_image=inspect_image, pull=pull)
    return SimpleNamespace(
        client=client, pull_image=None, asked=asked, log=logging.getLogger("tests")
    )


@pytest.mark.parametrize(
    ("make", "state", "words"),
    [
        (lambda: machine("", is_here=True), "there", ""),
        (lambda: machine('{"status": "Downloaded"}', brings=True), "there", ""),
        (lambda: machine('{"status": "x"}\n{"error": "manifest unknown"}'), "failed", "manifest"),
        (lambda: machine(""), "failed", "no such image"),
    ],
    ids=["here", "pulled", "unknown", "silent"],
)
def test_machine_when_asked_then_it_pulls_what_it_has_not_and_says_why_it_cannot(
    load_hub_config: Loader, make: Callable[[], Any], state: str, words: str
) -> None:
    spawner = make()
    told = fetch(school(load_hub_config), spawner)
    (row,) = told["nodes"]
    assert (told["where"], row["state"]) == ("machine", state) and words in row["detail"]
    assert ("pull" in spawner.asked) is not (spawner.asked == ["inspect"])


def test_processes_when_asked_then_there_is_nothing_to_fetch(load_hub_config: Loader) -> None:
    told = fetch(school(load_hub_config), SimpleNamespace(log=logging.getLogger("tests")))
    assert (told["where"], told["state"], told["nodes"]) == ("processes", "ended", [])
