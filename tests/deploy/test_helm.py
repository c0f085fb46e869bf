"""The values as helm itself takes them, and the cluster's objects as Kubernetes describes them."""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes_asyncio.client import ApiClient

from growth_admin.deploy import hub_config_path
from growth_admin.deploy.kubernetes.cluster import build_manifests, build_move_pod, fill_secret
from growth_admin.deploy.kubernetes.rendering import write
from tests.deploy.schools import SCHOOLS, answers_of
from tests.deploy.tools import objects_of, run_tool, school_chart, tool
from tests.tls import make_certificate

EVERY = pytest.mark.parametrize("school", sorted(SCHOOLS))


@pytest.fixture(scope="module")
def chart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our small chart with the defaults and the schema of the real one."""
    return school_chart(tmp_path_factory.mktemp("chart"))


def options(folder: Path) -> list[str]:
    """The options of the third command, for this folder."""
    return [
        *("--values", str(folder / "values.yaml")),
        *("--set-file", f"hub.extraConfig.growth={folder / 'hub_config.py'}"),
    ]


def values_at_hub(rendered: str) -> Any:
    """What helm hands to the hub."""
    secret = objects_of(rendered)["Secret", "hub"]
    return yaml.safe_load(base64.b64decode(secret["data"]["values.yaml"]))


@EVERY
def test_values_when_linted_by_helm_then_they_pass_the_schema(
    chart: Path, tmp_path: Path, school: str
) -> None:
    write(answers_of(school), tmp_path)
    done = run_tool("helm", "lint", chart, "--strict", *options(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 chart(s) failed" in done.stdout


@EVERY
def test_values_when_rendered_by_helm_then_the_hub_gets_what_was_meant(
    chart: Path, tmp_path: Path, school: str
) -> None:
    answers = answers_of(school)
    write(answers, tmp_path)
    release = (answers.name, chart, "--namespace", answers.name)
    done = run_tool("helm", "template", *release, *options(tmp_path))
    assert done.returncode == 0, done.stderr
    at_hub, objects = values_at_hub(done.stdout), objects_of(done.stdout)
    assert at_hub["hub"]["extraConfig"]["growth"] == hub_config_path().read_text()
    assert at_hub["singleuser"].get("fsGid") is None and at_hub["singleuser"]["uid"] == 0
    (puller,) = objects["DaemonSet", "image-puller"]["spec"]["template"]["spec"]["initContainers"]
    assert puller["image"] == answers.image
    (container,) = objects["Deployment", "hub"]["spec"]["template"]["spec"]["containers"]
    environment = {item["name"]: item for item in container["env"]}
    assert environment["GROWTH_ORG"]["value"] == answers.organization
    reference = environment["GITHUB_CLIENT_SECRET"]["valueFrom"]["secretKeyRef"]
    assert reference == {"name": f"{answers.name}-oauth", "key": "client-secret"}
    rules = objects["NetworkPolicy", "singleuser"]["spec"]["egress"]
    opened = [r["to"][0]["ipBlock"]["cidr"] for r in rules if "ipBlock" in r["to"][0]]
    assert opened == ["0.0.0.0/0", *(n.rpartition(":")[0] for n in answers.reachable)]


@pytest.mark.parametrize(
    "typo", ["singleuser.storagee=x", "hub.loadRole=x", "cull.timeout=soon", "hub.config.kube.x=1"]
)
def test_values_when_misspelt_then_helm_refuses_them(
    chart: Path, tmp_path: Path, typo: str
) -> None:
    """The control: the schema is in force in the tests above."""
    write(answers_of("small"), tmp_path)
    done = run_tool("helm", "template", "x", chart, *options(tmp_path), "--set", typo)
    assert done.returncode != 0 and "schema" in done.stderr


@EVERY
def test_cluster_objects_when_read_by_a_kubernetes_client_then_no_field_is_unknown(
    school: str,
) -> None:
    async def read_and_write(manifest: dict[str, Any], model: str) -> Any:
        async with ApiClient() as client:
            reply = type("Reply", (), {"data": json.dumps(manifest)})  # as from the cluster
            read = client.deserialize(reply, model)
            return client.sanitize_for_serialization(read)

    answers = answers_of(school)
    for manifest in [*build_manifests(answers), build_move_pod(answers)]:
        again = asyncio.run(read_and_write(manifest, f"V1{manifest['kind']}"))
        assert _without_empty(again) == _without_empty(manifest)


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {key: _without_empty(inner) for key, inner in value.items()}
        return {key: inner for key, inner in kept.items() if inner not in (None, [], {})}
    return [_without_empty(inner) for inner in value] if isinstance(value, list) else value


@EVERY
def test_cluster_objects_when_read_by_kubectl_then_they_are_put_together(
    tmp_path: Path, school: str
) -> None:
    write(answers_of(school), tmp_path)
    names = [name for name in ("cluster.yaml", "move.yaml") if (tmp_path / name).exists()]
    (tmp_path / "kustomization.yaml").write_text(f"resources: [{', '.join(names)}]\n")
    done = run_tool("kubectl", "kustomize", tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(objects_of(done.stdout)) == 8
    assert "data:" not in done.stdout.replace("metadata:", "")


def test_secret_when_filled_by_the_command_then_its_value_is_the_files(tmp_path: Path) -> None:
    """The command with a kubectl that shows what it is given."""
    (tmp_path / "client-secret.txt").write_bytes(b"s3cret%s$(id)\r\n")  # as editors end a file
    (tmp_path / "key.pem").write_bytes(b"--BEGIN--\nabc\n--END--\n")
    shown = tmp_path / "kubectl"
    shown.write_text('#!/bin/sh\nprintf "%s\\n" "$@" > arguments\ncat > patch\n')
    shown.chmod(0o755)
    command = fill_secret(answers_of("small"), "school-oauth", "client-secret", "client-secret.txt")
    path = f"{tmp_path}:/usr/bin:/bin"
    subprocess.run(["sh", "-c", command], cwd=tmp_path, env={"PATH": path}, check=True)
    patch = json.loads((tmp_path / "patch").read_text())
    assert base64.b64decode(patch["data"]["client-secret"]) == b"s3cret%s$(id)"
    command = fill_secret(answers_of("large"), "x", "github-app.pem", "key.pem")
    subprocess.run(["sh", "-c", command], cwd=tmp_path, env={"PATH": path}, check=True)
    patch = json.loads((tmp_path / "patch").read_text())
    key = base64.b64decode(patch["data"]["github-app.pem"])
    assert key == (tmp_path / "key.pem").read_bytes()
    assert "s3cret" not in (tmp_path / "arguments").read_text()


def test_secrets_when_put_as_the_page_says_then_kubectl_applies_what_it_would_create(
    tmp_path: Path,
) -> None:
    """The lines of COMMANDS.md up to the cluster: `create` alone refuses a secret that is there."""
    answers = answers_of("small", https="secret", image_pull_secret="registry-login")
    write(answers, tmp_path)
    page = (tmp_path / "COMMANDS.md").read_text()
    both = make_certificate(tmp_path).read_bytes()
    for name in ("fullchain.pem", "key.pem"):
        (tmp_path / name).write_bytes(both)
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker" / "config.json").write_text('{"auths": {}}')
    lines = [line.strip() for line in page.splitlines()]
    puts = [line for line in lines if line.startswith("kubectl") and " create " in line]
    assert len(puts) == 3
    places = {"HOME": str(tmp_path), "PATH": f"{Path(tool('kubectl')).parent}:/usr/bin:/bin"}
    found = {}
    for line in puts:
        create, _, apply = line.partition(" | ")
        assert apply == "kubectl apply -f -"
        done = subprocess.run(
            ["sh", "-c", create], cwd=tmp_path, env=places, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        found |= objects_of(done.stdout)
    login, of_site = found["Secret", "registry-login"], found["Secret", "school-tls"]
    assert base64.b64decode(login["data"][".dockerconfigjson"]) == b'{"auths": {}}'
    assert base64.b64decode(of_site["data"]["tls.crt"]) == both
    assert login["metadata"]["namespace"] == of_site["metadata"]["namespace"] == answers.name
    assert ("Namespace", answers.name) in found
