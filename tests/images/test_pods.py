"""Digests from pods' status: told by Kubernetes, or not known, with the reason in a sentence."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kubernetes_asyncio.client import ApiClient, Configuration, CoreV1Api

from growth_admin.images.pods import PAGE, PodDigests, PodStatus, digest_of
from tests.images.kubernetes import DIGESTS, OTHER_TOKEN, TOKEN, Cluster, pod, running_cluster

NAME = "registry.school.org/school/notebook"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running_cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture
def cluster(served: Cluster) -> Cluster:
    """The cluster without pods and without faults."""
    served.pods, served.asked, served.expired, served.answer = [], [], 0, None
    served.token_file()
    return served


def asking(cluster: Cluster, **changes: Any) -> PodDigests:
    """Whoever asks, as an organiser's server is configured."""
    settings = {
        "api_url": cluster.url,
        "namespace": "school",
        "token_file": str(cluster.folder / "token"),
        "ca_file": str(cluster.ca_file),
        "timeout_s": 5.0,
    }
    return PodDigests(PodStatus(**{**settings, **changes}))


def test_pods_when_asked_then_each_server_has_the_digest_that_its_node_pulled(
    cluster: Cluster,
) -> None:
    cluster.pods = [
        pod("jane", f"{NAME}@{DIGESTS['a']}"),
        pod("carl", f"docker-pullable://{NAME}@{DIGESTS['b']}"),
        pod("ada", f"{NAME}@{DIGESTS['a']}"),
        pod("ada", f"{NAME}@{DIGESTS['c']}", server="canary"),
        pod("eve", f"{NAME}@{DIGESTS['d']}", labels={"component": "image-puller"}),
    ]
    found = asking(cluster)()
    assert found.problem == ""
    assert found.digests == {
        ("jane", ""): DIGESTS["a"],
        ("carl", ""): DIGESTS["b"],
        ("ada", ""): DIGESTS["a"],
        ("ada", "canary"): DIGESTS["c"],
    }


@pytest.mark.parametrize(
    "one",
    [
        pod("jane", DIGESTS["a"]),  # an id of the node's own store, not of what was pulled
        pod("jane", ""),
        pod("jane", f"{NAME}@{DIGESTS['a']}", going=True),
        pod("jane", f"{NAME}@{DIGESTS['a']}", state="waiting"),
        {"metadata": None, "status": []},
        {"metadata": {"annotations": {"hub.jupyter.org/username": "jane"}}, "status": None},
        {
            "metadata": {"annotations": {"hub.jupyter.org/username": "jane"}},
            "status": {"containerStatuses": ["x", {"name": "notebook", "state": 1}]},
        },
    ],
    ids=["local-id", "none", "going", "waiting", "nothing", "no-status", "odd"],
)
def test_pod_when_it_does_not_say_for_sure_then_nothing_is_guessed(one: dict[str, Any]) -> None:
    assert digest_of(one) is None


def test_pods_when_one_server_has_two_then_the_new_one_counts(cluster: Cluster) -> None:
    new = pod("jane", f"{NAME}@{DIGESTS['b']}", created="2026-11-29T09:00:00+00:00")
    old = pod("jane", f"{NAME}@{DIGESTS['a']}")
    for cluster.pods in ([old, new], [new, old]):
        assert asking(cluster)().digests == {("jane", ""): DIGESTS["b"]}


def test_pods_when_there_are_many_then_they_come_in_pages_and_an_expired_list_is_begun_anew(
    cluster: Cluster,
) -> None:
    cluster.pods = [pod(f"student-{n}", f"{NAME}@{DIGESTS['a']}") for n in range(2 * PAGE + 1)]
    cluster.expired = 1
    found = asking(cluster)()
    assert found.problem == "" and len(found.digests) == 2 * PAGE + 1
    assert ["continue" in query for query in cluster.asked] == [False, True, False, True, True]
    cluster.expired = 99
    assert "forgets" in asking(cluster)().problem


def test_pods_when_asked_again_at_once_then_the_cluster_is_not(cluster: Cluster) -> None:
    cluster.pods = [pod("jane", f"{NAME}@{DIGESTS['a']}")]
    pods = asking(cluster)
    assert pods() == pods() and len(cluster.asked) == 1


def test_pods_when_not_set_up_then_nobody_is_asked_and_nothing_is_wrong(cluster: Cluster) -> None:
    found = asking(cluster, api_url="")()
    assert (found.digests, found.problem, cluster.asked) == ({}, "", [])


@pytest.mark.parametrize(
    ("token", "answer", "changes", "said"),
    [
        ("stale", None, {}, "does not take our token"),
        (OTHER_TOKEN, None, {}, "the role is missing"),
        (TOKEN, None, {"namespace": "other"}, "may not list the pods of other"),
        ("", None, {}, "holds no token"),
        ("two words", None, {}, "holds no token"),
        (TOKEN, None, {"token_file": "/nowhere/token"}, "holds no token"),
        (TOKEN, (200, b"<html>"), {}, "no list of pods"),
        (TOKEN, (200, b"[]"), {}, "no list of pods"),
        (TOKEN, (500, b""), {}, "answers 500"),
        (TOKEN, (302, b""), {}, "answers 302"),
        (TOKEN, None, {"api_url": "https://127.0.0.1:9"}, "does not answer"),
        (TOKEN, None, {"ca_file": ""}, "does not answer"),  # signed by nobody we know
        (TOKEN, None, {"ca_file": "/nowhere/ca.pem"}, "does not answer"),
        (TOKEN, None, {"api_url": "http://kubernetes.example.org"}, "must begin with https"),
        (TOKEN, None, {"namespace": "../kube-system"}, "not the name of a namespace"),
    ],
)
def test_pods_when_they_cannot_be_known_then_told_why_and_no_secret_with_it(
    cluster: Cluster,
    token: str,
    answer: tuple[int, bytes] | None,
    changes: dict[str, Any],
    said: str,
) -> None:
    cluster.pods = [pod("jane", f"{NAME}@{DIGESTS['a']}")]
    cluster.token_file(token)
    cluster.answer = answer
    found = asking(cluster, **changes)()
    assert (
        found.digests == {} and said in found.problem and "told by servers' starts" in found.problem
    )
    assert TOKEN not in repr(found) and not (token and token in found.problem)
    assert not any("elsewhere" in str(query) for query in cluster.asked)


def test_pods_when_items_are_odd_then_the_rest_counts(cluster: Cluster) -> None:
    cluster.answer = (200, b'{"items": [null, 1, {"metadata": 3}, {}], "metadata": 7}')
    found = asking(cluster)()
    assert (found.digests, found.problem) == ({}, "")


def test_double_when_asked_by_the_official_client_then_it_is_understood(
    cluster: Cluster, tmp_path: Path
) -> None:
    """The double is worth something only if somebody else's client takes it for Kubernetes."""
    cluster.pods = [pod(f"student-{n}", f"{NAME}@{DIGESTS['a']}") for n in range(3)]

    async def ask() -> Any:
        configuration = Configuration(host=cluster.url)
        configuration.ssl_ca_cert = str(cluster.ca_file)
        configuration.api_key = {"BearerToken": f"Bearer {TOKEN}"}
        async with ApiClient(configuration) as client:
            pods = CoreV1Api(client)
            first = await pods.list_namespaced_pod("school", limit=2)
            place = first.metadata._continue
            return first, await pods.list_namespaced_pod("school", limit=2, _continue=place)

    first, second = asyncio.run(ask())
    assert [len(first.items), len(second.items)] == [2, 1]
    assert first.metadata.remaining_item_count == 1
    assert second.items[0].status.container_statuses[1].image_id == f"{NAME}@{DIGESTS['a']}"
