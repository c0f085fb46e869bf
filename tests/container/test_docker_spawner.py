"""A hub with DockerSpawner over the Docker API: promote by digest, restart, the new digest runs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from growth_admin.images.models import PromoteRequest, RollBackRequest
from tests.container.checking import terminal
from tests.container.engine import Engine
from tests.container.machine import TAG, Machine, running_machine
from tests.container.school import DATASET
from tests.hub.school import eventually

NEW = f"localhost/growth-test-scratch-{os.getpid()}-lecture"
"""The image with one package more."""
IMPORTS = ("python", "-c", "import lecture; print(lecture.MAGNITUDE)")
pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def machine(
    engine: Engine, image: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Machine]:
    """The machine with two images at its registry, git-1 and git-2; students get git-1."""
    context = tmp_path_factory.mktemp("lecture")
    (context / "lecture.py").write_text("MAGNITUDE = 17.2\n")
    recipe = f"FROM {image}\nCOPY lecture.py /opt/conda/\nRUN {INSTALL}\n"
    (context / "Dockerfile").write_text(recipe)
    engine.build(context, NEW)
    with running_machine(engine, tmp_path_factory.mktemp("machine")) as running:
        running.push(image, "git-1")
        running.push(NEW, "git-2")
        engine.forget(NEW)
        running.registry.tag(TAG, running.registry.digest("git-1"))
        running.fetch("git-2")  # as a machine is prepared in the evening; starts find most of it
        yield running


INSTALL = "mv /opt/conda/lecture.py /opt/conda/lib/python3*/site-packages/"


def promote(machine: Machine, tag: str) -> str:
    """Promote as an organiser does, if need be; return the digest at the registry afterwards."""
    if machine.registry.digest(tag) == machine.registry.digest(TAG):
        return machine.registry.digest(TAG)
    plan = machine.tags.plan(tag)
    asked = PromoteRequest(
        plan_id=plan.id, digest=plan.to_digest, reason="a lecture", force_reason="only a test"
    )
    machine.tags.promote(asked, author="ada")
    return machine.registry.digest(TAG)


def start(machine: Machine, login: str, server: str = "", **options: str) -> str:
    """Log somebody in and start a server; return the hub's name of the person."""
    name = login.lower()
    machine.school.login(login)
    if machine.school.server(name, server):
        machine.school.stop(name, server)
    try:
        machine.school.start(name, server, **options)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{machine.said()}") from error
    return name


def told(machine: Machine, name: str, server: str = "") -> dict[str, str]:
    """The environment of a server's container."""
    lines = machine.container(name, server)["Config"]["Env"]
    return dict(line.split("=", 1) for line in lines)


def recorded(machine: Machine, account: str) -> dict[str, str]:
    """The image of the last start record."""
    path = machine.folders.admin / "logs" / "records" / f"{account}.jsonl"
    found: dict[str, str] = json.loads(path.read_text().splitlines()[-1])["image"]
    return found


def runs(machine: Machine, name: str, digest: str, server: str = "") -> bool:
    """Whether a server's container is made from what the registry keeps under a digest."""
    wanted = machine.registry.manifest(digest)["config"]["digest"].removeprefix("sha256:")
    return bool(machine.container(name, server)["Image"] == wanted)


def test_image_when_promoted_then_a_restart_brings_exactly_that_digest_and_a_roll_back_the_old(
    machine: Machine,
) -> None:
    old, new = machine.registry.digest("git-1"), machine.registry.digest("git-2")
    assert promote(machine, "git-1") == old != new
    jane = start(machine, "Jane-Doe")
    first = machine.container(jane)["Id"]
    assert runs(machine, jane, old) and told(machine, jane)["GROWTH_IMAGE_DIGEST"] == old
    assert told(machine, jane)["GROWTH_IMAGE"] == f"{machine.registry.image}:{TAG}"
    assert recorded(machine, "jane-doe")["digest"] == old
    assert machine.inside(jane, "jane-doe", *IMPORTS).code == 1

    assert promote(machine, "git-2") == new
    assert machine.container(jane)["Id"] == first and runs(machine, jane, old)  # until a restart
    start(machine, "Jane-Doe")
    assert runs(machine, jane, new) and told(machine, jane)["GROWTH_IMAGE_DIGEST"] == new
    assert recorded(machine, "jane-doe") == {
        "reference": f"{machine.registry.image}:{TAG}",
        "digest": new,
    }
    imported = machine.inside(jane, "jane-doe", *IMPORTS)
    assert imported.out.strip() == "17.2", imported.text

    machine.tags.roll_back(
        RollBackRequest(digest=old, expected_digest=new, reason="it broke"), author="ada"
    )
    assert machine.registry.digest(TAG) == old
    start(machine, "Jane-Doe")
    assert runs(machine, jane, old) and recorded(machine, "jane-doe")["digest"] == old
    assert machine.inside(jane, "jane-doe", *IMPORTS).code == 1
    machine.school.stop(jane)


def test_server_when_stopped_then_its_container_is_gone_and_the_home_is_kept(
    machine: Machine,
) -> None:
    jane = start(machine, "Jane-Doe")
    spoil = "echo '#!/bin/sh' >/opt/conda/bin/growth-spoilt && echo mine >~/work.txt && id -u"
    done = machine.inside(jane, "jane-doe", "bash", "-c", spoil)
    assert done.out.strip() == told(machine, jane)["NB_UID"], done.text
    first = machine.container(jane)["Id"]
    machine.school.stop(jane)
    assert machine.names() == []
    start(machine, "Jane-Doe")
    assert machine.container(jane)["Id"] != first
    kept = machine.inside(jane, "jane-doe", "sh", "-c", "cat ~/work.txt; command -v growth-spoilt")
    assert kept.out.split() == ["mine"], kept.text
    machine.school.stop(jane)


def test_canary_when_an_organiser_names_an_image_then_it_runs_that_with_a_home_of_its_own(
    machine: Machine,
) -> None:
    promote(machine, "git-1")
    candidate = f"{machine.registry.image}:git-2"
    ada = start(machine, "Ada-Okafor", "canary", image=candidate)
    new = machine.registry.digest("git-2")
    assert runs(machine, ada, new, "canary")
    assert told(machine, ada, "canary")["GROWTH_IMAGE_DIGEST"] == new
    assert told(machine, ada, "canary")["GROWTH_IMAGE"] == candidate
    mounted = {m["Destination"]: m["RW"] for m in machine.container(ada, "canary")["Mounts"]}
    assert not mounted["/home/admin"] and not mounted["/nfs"]
    assert not [place for place in mounted if place.startswith(f"/home/{ada}")]
    machine.school.stop(ada, "canary")


def test_student_when_an_image_is_asked_for_then_the_schools_runs_and_mounts_are_for_reading(
    machine: Machine,
) -> None:
    promote(machine, "git-1")
    jane = start(machine, "Jane-Doe", image=f"{machine.registry.image}:git-2")
    assert runs(machine, jane, machine.registry.digest("git-1"))
    mounted = {m["Destination"]: m["RW"] for m in machine.container(jane)["Mounts"]}
    assert mounted["/home/jane-doe"] and mounted["/home/admin/logs"]
    assert not mounted["/home/admin"] and not mounted["/nfs"]
    ada = start(machine, "Ada-Okafor")
    mounted = {m["Destination"]: m["RW"] for m in machine.container(ada)["Mounts"]}
    assert mounted["/home/admin"] and mounted["/nfs"]
    machine.school.stop(ada)
    machine.school.stop(jane)


def test_check_when_the_bot_works_on_a_canary_of_that_digest_then_it_promotes_without_force(
    machine: Machine,
) -> None:
    """From the terminal of an organiser's server, which is a container too."""
    promote(machine, "git-1")
    new = machine.registry.relabel("git-2", "git-3")
    ada = start(machine, "Ada-Okafor")
    with terminal(machine) as ada_types, ThreadPoolExecutor(1) as pool:
        refused = ada_types.run("promote", "git-3", "--reason", "a lecture")
        assert refused.code == 1 and "Canary was not run" in refused.text, refused.text

        checking = pool.submit(ada_types.run, "check", "git-3", "--json")
        eventually(lambda: checking.done() or len(machine.names()) == 2, 300)
        assert not checking.done(), checking.result().text
        assert runs(machine, ada, new, "canary")  # what is checked is what was asked for
        assert told(machine, ada, "canary")["GROWTH_IMAGE_DIGEST"] == new
        done = checking.result()
        assert done.code == 0, f"{done.text}\n{machine.said()}"
        receipt = json.loads(done.out)["receipt"]
        assert receipt["is_passed"] is True and "not run" not in receipt["title"], receipt
        assert [item["result"] for item in receipt["items"]][1:] == ["ok"] * 7
        assert len(machine.names()) == 1 and not machine.school.server(ada, "canary")
        assert recorded(machine, f"{ada}--canary")["digest"] == new

        done = ada_types.run("promote", "git-3", "--reason", "a lecture")
        assert done.code == 0, done.text
        assert machine.registry.digest(TAG) == new
    machine.school.stop(ada)


def test_check_when_a_step_of_the_bot_fails_then_it_is_recorded_and_promotion_refused(
    machine: Machine,
) -> None:
    promote(machine, "git-1")
    machine.registry.relabel("git-2", "git-4")
    ada, secret = start(machine, "Ada-Okafor"), machine.folders.shared / "data" / DATASET / "a.csv"
    secret.chmod(0o600)
    try:
        with terminal(machine) as ada_types:
            done = ada_types.run("check", "git-4")
            assert done.code == 1 and "a.csv: Permission denied" in done.text, done.text
            refused = ada_types.run("promote", "git-4", "--reason", "a lecture", "--json")
            assert refused.code == 1 and "a.csv: Permission denied" in refused.text, refused.text
    finally:
        secret.chmod(0o644)
    assert len(machine.names()) == 1
    machine.school.stop(ada)


def test_prepull_when_the_machine_has_not_the_image_then_it_has_it_before_anybody_starts(
    machine: Machine,
) -> None:
    """From the terminal of an organiser's server; then for a digest that cannot be had."""
    promote(machine, "git-1")
    new = machine.registry.relabel("git-2", "git-5")
    ada = start(machine, "Ada-Okafor")
    fetched = f"{machine.registry.image}@{new}"
    assert not machine.node.has(fetched)
    with terminal(machine) as ada_types:
        done = ada_types.run("prepull", "git-5", "--json")
        assert done.code == 0, f"{done.text}\n{machine.said()}"
        job = json.loads(done.out)
        assert job["receipt"]["title"] == f"1 machine has {new[:19]}", job
        assert [item["result"] for item in job["receipt"]["items"]] == ["done"]
    assert machine.node.has(fetched) and machine.registry.digest(TAG) != new

    lost = machine.registry.relabel("git-2", "git-6")
    machine.registry.delete_manifest(lost)
    token = told(machine, ada)["JUPYTERHUB_API_TOKEN"]
    ask, place = machine.school.hub_api, f"growth/prepull?digest={lost}"
    begun = ask("POST", "growth/prepull", token, json={"digest": lost})
    assert begun.status_code == 200 and begun.json()["where"] == "machine", begun.text
    eventually(lambda: ask("GET", place, token).json()["state"] == "ended", 120)
    (row,) = ask("GET", place, token).json()["nodes"]
    assert row["state"] == "failed" and "manifest" in row["detail"], (row, machine.said())
    student = start(machine, "Jane-Doe")
    refused = ask("POST", "growth/prepull", told(machine, student)["JUPYTERHUB_API_TOKEN"],
                  json={"digest": new})  # fmt: skip
    assert refused.status_code == 403, refused.text
    machine.school.stop(student)
    machine.school.stop(ada)


def test_walls_when_tokens_of_a_student_are_tried_at_the_hub_then_none_opens_anything(
    machine: Machine, say_at_the_end: Callable[[str], None]
) -> None:
    """The token that a student's server holds, from inside its container."""
    jane = start(machine, "Jane-Doe")
    ada = start(machine, "Ada-Okafor")
    asked = machine.inside(jane, "jane-doe", "python", "-c", KNOCK)
    assert asked.code == 0, asked.text
    found = json.loads(asked.out)
    assert found.pop("GET user") == 200  # the own model: the attempts do reach the hub
    opened = {what: status for what, status in found.items() if status < 400}
    assert len(found) >= 12 and opened == {}, found
    said = f"walls, a student's token at the hub: {len(found)} attempts, {len(opened)} successes"
    say_at_the_end(said)
    # another's server, reached past the proxy by its address on the machine's network
    address = machine.container(ada)["NetworkSettings"]["Networks"]["podman"]["IPAddress"]
    url = f"http://{address}:8888/user/{ada}/api/contents"
    tried = machine.inside(jane, "jane-doe", "python", "-c", KNOCK_AT.format(url=url))
    assert tried.out.strip() in {"403", "401"}, tried.text
    machine.school.stop(ada)
    machine.school.stop(jane)


KNOCK = """
import json, os, urllib.request, urllib.error
api, token = os.environ["JUPYTERHUB_API_URL"], os.environ["JUPYTERHUB_API_TOKEN"]
def ask(method, path, body=None):
    request = urllib.request.Request(f"{api}/{path}", method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"token {token}"})
    try:
        return urllib.request.urlopen(request, timeout=20).status
    except urllib.error.HTTPError as error:
        return error.code
tries = [("GET", "user"), ("GET", "users"), ("GET", "users/ada-okafor"), ("GET", "groups"),
  ("GET", "proxy"), ("GET", "info"), ("GET", "services"), ("GET", "users/ada-okafor/tokens"),
  ("POST", "users/jane-doe/tokens"), ("POST", "users/ada-okafor/tokens"),
  ("POST", "users/ada-okafor/server"), ("DELETE", "users/ada-okafor/server"),
  ("POST", "users/jane-doe/servers/canary"), ("POST", "groups/admins/users"),
  ("PATCH", "users/jane-doe"), ("DELETE", "users/ada-okafor"), ("POST", "shutdown")]
bodies = {"POST groups/admins/users": {"users": ["jane-doe"]},
  "PATCH users/jane-doe": {"admin": True}}
print(json.dumps({f"{m} {p}": ask(m, p, bodies.get(f"{m} {p}")) for m, p in tries}))
"""
KNOCK_AT = """
import os, urllib.request, urllib.error
request = urllib.request.Request("{url}",
    headers={{"Authorization": "token " + os.environ["JUPYTERHUB_API_TOKEN"]}})
try:
    print(urllib.request.urlopen(request, timeout=20).status)
except urllib.error.HTTPError as error:
    print(error.code)
"""
