"""What a school's days bring: a new image for all, a canary, nodes and hubs that fail."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest

from tests.hub.school import eventually
from tests.kubernetes.node import running, wait_for_end
from tests.kubernetes.school import CONTAINER, ClusterSchool
from tests.kubernetes.test_people import ADMIN, FOR_ALL, STUDENT, TA, WHO, started

OTHERS = ("Omar", "Lin-Chen")
POLL_S = 120
"""The hub asks after each pod every half minute."""
RESTART = """
import json
from growth_admin.client import GrowthClient
client = GrowthClient()
plan = client.servers.plan_control("restart", selector={"groups": ["students", "tas"]},
    pace={"canary_count": 1, "max_in_flight": 2})
job = client.jobs.wait(client.servers.apply_control(plan))
print(json.dumps({"state": job.state, "results": {
    item["target"]: item["result"] for item in (job.receipt or {}).get("items", ())}}))
"""
SEEN = """
import json, time
from growth_admin.client import GrowthClient
client = GrowthClient()
for _ in range(30):  # starts are being read at first, and facts are some seconds old
    rows = client.servers.list_servers().servers
    found = {f"{row.user}/{row.server_name}": [row.image_digest or "", row.is_digest_inferred]
        for row in rows if row.state == "ready"}
    if found == WANTED:
        break
    time.sleep(2)
print(json.dumps(found))
"""
PREPULL = """
import json, os, time, urllib.request, urllib.error
url = os.environ['JUPYTERHUB_API_URL'] + '/growth/prepull'
def ask(path='', body=None):
    request = urllib.request.Request(url + path, data=body,
        headers={'Authorization': 'token ' + os.environ['JUPYTERHUB_API_TOKEN'],
                 'Content-Type': 'application/json'})
    return json.loads(urllib.request.urlopen(request, timeout=30).read())
try:
    told = ask(body=json.dumps({'digest': 'DIGEST'}).encode())
    while told['state'] == 'running':
        time.sleep(0.5)
        told = ask('?digest=DIGEST')
except urllib.error.HTTPError as error:
    told = {'refused': error.code}
print(json.dumps(told))
"""


@pytest.fixture
def deployed(school: ClusterSchool) -> Iterator[str]:
    """The digest that students get; afterwards it is that of git-1 again."""
    first = school.registry.digest("git-1")
    school.registry.tag("deploy", first)
    yield first
    school.registry.tag("deploy", first)


@pytest.fixture
def people(school: ClusterSchool, deployed: str) -> list[str]:
    """Three students and a TA whose servers run on the first image, and an organiser."""
    for login in OTHERS:
        if not school.github_knows(login):
            school.hub.person(login, "students")
    names = [STUDENT.name, *(login.lower() for login in OTHERS), TA.name]
    started(school, ADMIN)
    started(school, TA)
    started(school, STUDENT)
    for name in names:
        if school.is_ready(name) and school.digest(name) != deployed:
            school.stop(name)
        if not school.is_ready(name):
            school.start(name)
    return names


def told(school: ClusterSchool) -> dict[str, str]:
    """What the hub tells an organiser's server of digests, by user and server."""
    ask = (
        "import json, os, urllib.request\n"
        "url = os.environ['JUPYTERHUB_API_URL'] + '/growth/digests'\n"
        "token = 'token ' + os.environ['JUPYTERHUB_API_TOKEN']\n"
        "asked = urllib.request.Request(url, headers={'Authorization': token})\n"
        "print(urllib.request.urlopen(asked, timeout=30).read().decode())\n"
    )
    rows = school.json(ADMIN.name, ask)["digests"]
    return {f"{user}/{server}": digest for user, server, digest in rows}


def seen_in_console(school: ClusterSchool, wanted: dict[str, str]) -> dict[str, str]:
    """The digests in the organiser's list of servers, once they are those."""
    expected = {name: [digest, False] for name, digest in wanted.items()}
    found = school.json(ADMIN.name, SEEN.replace("WANTED", repr(expected)))
    return {name: digest for name, (digest, is_guessed) in found.items() if not is_guessed}


def test_restart_of_all_when_an_image_was_promoted_then_each_pod_runs_it_and_that_is_told(
    school: ClusterSchool, people: list[str], deployed: str, say_at_the_end: Callable[[str], None]
) -> None:
    before = {name: school.pod(name)["metadata"]["uid"] for name in people}
    old = {f"{name}/": deployed for name in [*people, ADMIN.name]}
    assert {name: school.digest(name) for name in people} == dict.fromkeys(people, deployed)
    assert told(school) == old
    assert seen_in_console(school, old) == old

    new = school.registry.digest("git-2")
    school.registry.tag("deploy", new)
    assert told(school) == old  # until a restart
    begun = time.monotonic()
    job = school.json(ADMIN.name, RESTART)
    took_s = time.monotonic() - begun
    assert job == {"state": "succeeded", "results": dict.fromkeys(people, "done")}, job
    say_at_the_end(f"rolling restart of {len(people)} pods by two at a time: {took_s:.0f} s")
    for name in people:
        assert school.is_ready(name) and school.pod(name)["metadata"]["uid"] != before[name]
    assert {name: school.digest(name) for name in people} == dict.fromkeys(people, new)
    fresh = {**{f"{name}/": new for name in people}, f"{ADMIN.name}/": deployed}
    assert told(school) == fresh
    assert seen_in_console(school, fresh) == fresh
    imported = school.run(STUDENT.name, "import lecture; print(lecture.MAGNITUDE)")
    assert imported.strip() == "17.2"


def test_canary_when_an_organiser_names_an_image_then_a_students_pod_with_a_home_of_its_own(
    school: ClusterSchool, people: list[str], deployed: str
) -> None:
    new = school.registry.digest("git-2")
    school.start(ADMIN.name, "canary", image=f"{school.registry.image}:git-2")
    try:
        assert school.digest(ADMIN.name, "canary") == new
        assert told(school)[f"{ADMIN.name}/canary"] == new
        found = school.json(ADMIN.name, WHO, "canary")
        shared = {path: found["mounts"][path] for path in ("/home/admin", "/nfs")}
        assert set(shared.values()) == {"ro"} and found["gids"] == [100]
        assert found["areas"] == "" and {found["mounts"][path] for path in FOR_ALL} == {"rw"}
        assert school.run(ADMIN.name, "import lecture; print('there')", "canary") == "there\n"
        looked = "import os; print(os.path.exists('/etc/growth-admin/secrets'))"
        assert school.run(ADMIN.name, looked, "canary") == "False\n"
        assert school.run(ADMIN.name, looked) == "True\n"
    finally:
        school.stop(ADMIN.name, "canary")
    assert f"{ADMIN.name}/canary" not in told(school)


def prepull(school: ClusterSchool, digest: str, *, who: str = ADMIN.name) -> Any:
    """Let nodes fetch a digest, as somebody's server asks for it; what is told in the end."""
    return school.json(who, PREPULL.replace("DIGEST", digest))


def pulled(school: ClusterSchool, digest: str) -> list[str]:
    """What the node said of fetching a digest."""
    events = school.node.get(f"/api/v1/namespaces/{school.answers.name}/events")["items"]
    told = (one for one in events if one["involvedObject"]["name"].startswith("growth-prepull"))
    return [
        one["message"] for one in told if one["reason"] == "Pulled" and digest in one["message"]
    ]


def test_prepull_when_the_node_has_not_the_image_then_it_has_it_and_a_start_does_not_wait(
    school: ClusterSchool, people: list[str], say_at_the_end: Callable[[str], None]
) -> None:
    """With the rights that the chart gives its hub, and no other."""
    new = school.registry.relabel("git-2", "git-3")
    begun = time.monotonic()
    told = prepull(school, new)
    took_s = time.monotonic() - begun
    assert [row["state"] for row in told["nodes"]] == ["there"], (told, school.node.said("kubelet"))
    assert told["image"] == f"{school.registry.image}@{new}" and told["problem"] == ""
    assert [said for said in pulled(school, new) if said.startswith("Successfully pulled")]
    say_at_the_end(f"pre-pull of an image whose layers the node has, one node: {took_s:.0f} s")
    assert prepull(school, new)["nodes"] == told["nodes"]
    assert [said for said in pulled(school, new) if "already present" in said]
    eventually(lambda: not prepulling(school), 60)


def test_prepull_when_the_registry_has_not_the_digest_then_the_nodes_words_are_told(
    school: ClusterSchool, people: list[str]
) -> None:
    told = prepull(school, f"sha256:{'0' * 64}")
    (row,) = told["nodes"]
    assert row["state"] == "failed" and row["detail"].startswith("ErrImagePull: "), told
    eventually(lambda: not prepulling(school), 60)
    assert prepull(school, f"sha256:{'0' * 64}", who=STUDENT.name) == {"refused": 403}


def test_prepull_when_the_hub_is_killed_meanwhile_then_the_next_call_removes_what_it_left(
    school: ClusterSchool, people: list[str]
) -> None:
    node = school.pod(ADMIN.name)["spec"]["nodeName"]
    labels = {"component": "growth-prepull"}
    container = {"name": "fetch", "image": f"{school.registry.image}@sha256:{'1' * 64}"}
    about = {"name": "growth-prepull-left", "namespace": school.answers.name, "labels": labels}
    spec = {"nodeName": node, "containers": [container], "restartPolicy": "Never"}
    school.node.make({"apiVersion": "v1", "kind": "Pod", "metadata": about, "spec": spec})
    assert prepulling(school) == ["growth-prepull-left"]
    told = prepull(school, school.registry.digest("git-1"))
    assert [row["state"] for row in told["nodes"]] == ["there"]
    eventually(lambda: not prepulling(school), 60)


def prepulling(school: ClusterSchool) -> list[str]:
    """Names of the pods that fetch."""
    names = [pod["metadata"]["name"] for pod in school.node.pods(school.answers.name)]
    return [name for name in names if name.startswith("growth-prepull")]


def test_pod_when_the_node_evicts_it_then_the_hub_knows_and_the_next_start_has_the_home(
    school: ClusterSchool, people: list[str]
) -> None:
    name = people[1]
    school.run(name, "open('work.txt', 'w').write('mine')")
    pod = school.pod(name)["metadata"]["name"]
    namespace = school.answers.name
    about = {"name": pod, "namespace": namespace}
    evict = {"apiVersion": "policy/v1beta1", "kind": "Eviction", "metadata": about}
    place = f"/api/v1/namespaces/{namespace}/pods/{pod}/eviction"
    assert school.node.ask("POST", place, evict).status_code == 201
    wait_for_end(school.node, namespace, pod)
    assert f"{name}/" not in told(school)
    eventually(lambda: not school.model(name), POLL_S)
    school.start(name)
    assert school.run(name, "print(open('work.txt').read())").strip() == "mine"


def test_container_when_it_is_killed_then_the_node_starts_it_again_and_its_new_digest_is_told(
    school: ClusterSchool, people: list[str], deployed: str
) -> None:
    """The node pulls again by the tag, which may have moved: no start of the hub's is involved."""
    name = people[2]
    assert told(school)[f"{name}/"] == deployed
    new = school.registry.digest("git-2")
    school.registry.tag("deploy", new)
    _kill_first_process(name)

    def is_back() -> bool:
        status = running(school.pod(name), CONTAINER)
        return bool(status and status["restartCount"] == 1)

    eventually(is_back, POLL_S)
    assert school.digest(name) == new
    eventually(lambda: told(school)[f"{name}/"] == new, 60)
    assert school.is_ready(name)
    eventually(lambda: _answers(school, name), POLL_S)


def _answers(school: ClusterSchool, name: str) -> bool:
    try:
        return school.run(name, "print(6 * 7)").strip() == "42"
    except AssertionError:
        return False


def _kill_first_process(name: str) -> None:
    for process in psutil.process_iter(["name"]):
        try:
            is_first = process.info["name"] == "tini"
            if is_first and process.environ().get("JUPYTERHUB_USER") == name:
                process.kill()
                return
        except psutil.Error:
            continue
    raise AssertionError(f"no container of {name} runs")


def test_memory_when_a_student_takes_too_much_then_the_kernel_ends_and_the_server_stays(
    school: ClusterSchool, people: list[str]
) -> None:
    name = people[1]
    limit = school.pod(name)["spec"]["containers"][0]["resources"]["limits"]["memory"]
    take = (
        "import subprocess, sys\n"
        f"code = 'x = bytearray({int(limit)} + 300_000_000)'\n"
        "print(subprocess.run([sys.executable, '-c', code]).returncode)\n"
    )
    assert school.run(name, take).strip() == "-9"
    status = running(school.pod(name), CONTAINER)
    assert status and school.run(name, "print('alive')") == "alive\n"


def test_hub_when_it_is_restarted_then_pods_go_on_and_all_is_told_as_before(
    school: ClusterSchool, people: list[str]
) -> None:
    before = {name: school.pod(name)["metadata"]["uid"] for name in people}
    known = told(school)
    school.hub.end()
    school.hub.launch()
    school.hub.wait()
    assert {name: school.pod(name)["metadata"]["uid"] for name in people} == before
    for name in people:
        eventually(lambda name=name: school.is_ready(name), 60)
    assert told(school) == known
    assert school.run(STUDENT.name, "print('still here')") == "still here\n"
    school.stop(people[1])
    school.start(people[1])
    assert told(school) == known
