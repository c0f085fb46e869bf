"""`growth-admin deploy check` against a real registry and the stand-in for GitHub."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml

from growth_admin.cli import main
from growth_admin.deploy.kubernetes.answers import write_answers
from growth_admin.deploy.kubernetes.outside import JUPYTERHUB_LABEL
from growth_admin.deploy.kubernetes.rendering import write
from tests.deploy.kube_hub import CLIENT_SECRET, seed
from tests.deploy.schools import answers_of
from tests.deploy.tools import SOURCES, school_chart
from tests.github import StandIn
from tests.images.registry import RealRegistry, running_registry

Found = dict[str, dict[str, Any]]
Check = Callable[..., tuple[int, Found]]


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRegistry]:
    """A registry with an image that says which JupyterHub it has, and one that does not."""
    with running_registry(tmp_path_factory.mktemp("registry")) as running:
        running.push("2026.11", labels={JUPYTERHUB_LABEL: "5.5.2"})
        running.push("plain")
        running.push("newer", labels={JUPYTERHUB_LABEL: "6.1.1"})
        yield running


@pytest.fixture(scope="module")
def github(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """The school's organization with its teams and the hub's OAuth app."""
    answers = answers_of("small")
    folder = tmp_path_factory.mktemp("github")
    standin = StandIn(folder, seed(answers, "https://hub.school.org"), "Growth-School", keeps=False)
    standin.owner = "Owner-Of-It"
    for team in ("admins", "tas", "students"):
        standin.team(team)
    yield standin
    standin.kill()


@pytest.fixture
def check(
    tmp_path: Path,
    github: StandIn,
    registry: RealRegistry,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Check:
    """Run the command; exit code, and the findings by name without what differs each time."""
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "none"))

    def run(*words: str, **changes: Any) -> tuple[int, Found]:
        image = changes.pop("tag", "2026.11")
        answers = answers_of("small", **{"image": f"{registry.image}:{image}", **changes})
        write_answers(tmp_path / "school.yaml", answers)
        options = [f"--GitHub.api_url={github.api_url}"]
        code = main(["deploy", "check", str(tmp_path / "school.yaml"), "--json", *options, *words])
        rows = json.loads(capsys.readouterr().out)
        return code, {row["name"].split(" Ov23")[0].split(" 127.")[0]: row for row in rows}

    return run


@pytest.fixture
def token(tmp_path: Path, github: StandIn) -> str:
    """The option that names a credential of the organization's owner."""
    file = tmp_path / "token"
    file.touch(mode=0o600)
    file.write_text(github.token())
    return f"--GitHub.token_file={file}"


def secret_file(folder: Path, text: str) -> str:
    (folder / "client-secret.txt").write_text(text)
    return f"--client-secret-file={folder / 'client-secret.txt'}"


def test_check_when_all_is_right_then_exit_0_and_nothing_is_unsaid(
    check: Check, token: str, tmp_path: Path
) -> None:
    code, found = check(token, secret_file(tmp_path, CLIENT_SECRET))
    assert code == 0, [row for row in found.values() if not row["is_good"]]
    assert found["OAuth app"]["finding"] == "client id and secret belong together"
    assert found["JupyterHub"]["state"] == "ok"
    assert "to pull" in found["image"]["finding"] and "linux/amd64" in found["image"]["finding"]
    assert found["GitHub: the school's teams are there"]["state"] == "ok"
    assert found["storage"]["state"] == "unknown" and "growth-folders" in found["storage"]["hint"]


@pytest.mark.parametrize(
    ("changes", "name", "said", "todo"),
    [
        ({"tag": "2027.01"}, "image", "has no 2027.01", "correct `image`"),
        ({"tag": "newer"}, "JupyterHub", "5.5.0 in the chart's hub, 6.1.1", "jupyterhub==5.5.*"),
        ({"oauth_client_id": "Ov23liNOBODYS0000001"}, "OAuth app", "knows no such", "callback"),
        ({"nfs_server": "8.8.8.8"}, "NFS server", "8.8.8.8", "everybody could be any user"),
        ({"nfs_server": "198.18.0.5"}, "NFS server", "198.18.0.5", "172.16.0.0/12"),
        ({"nfs_server": "2001:4860::5"}, "NFS server", "2001:4860::5", "any user"),
        ({"memory_limit": "300M", "memory_guarantee": "200M"}, "memory", "300M", "1G or more"),
    ],
)
def test_check_when_an_answer_is_wrong_then_exit_1_and_what_to_do(
    check: Check, changes: dict[str, Any], name: str, said: str, todo: str
) -> None:
    code, found = check(**changes)
    assert code == 1
    assert not found[name]["is_good"]
    assert said in found[name]["finding"] and todo in found[name]["hint"]


@pytest.mark.parametrize("server", ["10.255.255.254", "172.31.0.5", "192.168.7.9", "fd12::5"])
def test_check_when_students_do_not_reach_the_nfs_server_then_it_is_good(
    check: Check, server: str
) -> None:
    _, found = check("--offline", nfs_server=server)
    assert found["NFS server"]["is_good"], found["NFS server"]


def test_check_when_the_secret_is_of_another_app_then_told_and_never_shown(
    check: Check, tmp_path: Path
) -> None:
    code, found = check(secret_file(tmp_path, "another-secret-of-nobody"))
    assert code == 1 and "incorrect_client_credentials" in found["OAuth app"]["finding"]
    assert "another-secret" not in json.dumps(found)
    code, found = check(secret_file(tmp_path, "two words"))
    assert code == 1 and "one client secret" in found["OAuth app"]["finding"]


@pytest.mark.parametrize(
    ("image", "said"),
    [
        ("a.example/b/c:latest", "moved by many"),
        (f"a.example/b/c@sha256:{'0' * 64}", "a digest"),
    ],
)
def test_check_when_promotions_would_not_decide_what_students_get_then_told(
    check: Check, image: str, said: str
) -> None:
    code, found = check("--offline", image=image)
    row = found["image's tag"]
    assert code == 0 and row["state"] == "warning" and said in row["finding"]
    assert "`deploy`" in row["hint"]


def test_check_when_the_secret_is_not_saved_yet_then_told_beside_everything_else(
    check: Check, tmp_path: Path
) -> None:
    code, found = check(f"--client-secret-file={tmp_path / 'client-secret.txt'}")
    assert code == 1 and "client-secret.txt does not exist" in found["OAuth app"]["finding"]
    assert "save it there" in found["OAuth app"]["hint"] and found["image"]["is_good"]


def test_check_when_the_organization_is_misspelled_then_it_is_named(
    check: Check, token: str
) -> None:
    code, found = check(token, organization="Growth-Skool")
    assert code == 1 and "Growth-Skool" in found["GitHub: the organization is found"]["finding"]
    assert "GitHub: GitHub accepts the credential" in found


def test_check_when_it_was_rendered_elsewhere_then_told_where_to_write(
    check: Check, tmp_path: Path
) -> None:
    code, found = check("--offline", f"--output={tmp_path / 'kuber'}")
    hint = found[f"files in {tmp_path / 'kuber'}"]["hint"]
    assert code == 1 and f"--output {tmp_path / 'kuber'}` writes them" in hint


def test_check_when_a_team_is_missing_then_it_is_named(check: Check, token: str) -> None:
    code, found = check(token, students_team="pupils")
    assert code == 1 and "pupils" in found["GitHub: the school's teams are there"]["finding"]
    assert (
        "https" in found["GitHub: the school's teams are there"]["hint"]
        or "http:" in found["GitHub: the school's teams are there"]["hint"]
    )


def test_check_when_there_is_no_credential_then_that_is_no_failure(check: Check) -> None:
    code, found = check()
    (unknown,) = [row for name, row in found.items() if name.startswith("GitHub:")]
    assert code == 0 and unknown["state"] == "unknown"
    assert "--GitHub.token_file" in unknown["hint"]


def test_check_when_the_named_credential_is_not_there_then_that_is_a_failure(
    check: Check, tmp_path: Path
) -> None:
    code, found = check(f"--GitHub.token_file={tmp_path / 'tokn'}")
    (bad,) = [row for row in found.values() if not row["is_good"]]
    assert code == 1 and "tokn" in bad["finding"] and "For the roster later" not in bad["hint"]


def test_check_when_run_in_the_schools_image_then_its_jupyterhub_is_known(
    check: Check, registry: RealRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROWTH_IMAGE", f"{registry.image}:plain")
    here = version("jupyterhub")
    _, found = check(tag="plain")
    assert f"{here} in the image" in found["JupyterHub"]["finding"]
    _, found = check(tag="newer")
    assert here not in found["JupyterHub"]["finding"] or here == "6.1.1", "that is another image"


def test_check_when_the_domain_has_no_address_or_a_private_one_then_told(check: Check) -> None:
    code, found = check(domain="hub.school.invalid")
    assert code == 0 and found["domain"]["state"] == "unknown"
    assert "proxy-public" in found["domain"]["hint"]
    code, found = check(domain="a.localhost")
    assert code == 0 and found["domain"]["state"] in ("warning", "unknown")


def test_check_when_github_is_away_then_unknown_and_not_wrong(check: Check) -> None:
    code, found = check("--GitHub.web_url=http://127.0.0.1:9")
    assert code == 0 and found["OAuth app"]["state"] == "unknown"


def test_check_when_the_registry_is_away_then_told(check: Check) -> None:
    code, found = check(image="127.0.0.1:9/school/notebook:1")
    assert code == 1 and not found["image"]["is_good"]
    code, found = check("--offline", image="127.0.0.1:9/school/notebook:1")
    assert code == 0 and "image" not in found and "OAuth app" not in found


def test_check_when_a_layer_is_gone_then_no_node_could_pull_it(
    check: Check, registry: RealRegistry
) -> None:
    digest = registry.push("broken", "something that is lost")
    registry.lose_blob(registry.manifest("broken")["layers"][0]["digest"])
    code, found = check(tag="broken")
    assert code == 1 and "are gone" in found["image"]["finding"]
    code, found = check(image=f"{registry.image}@{digest}")
    assert code == 1 and "Push the image again" in found["image"]["hint"]


def test_check_when_the_image_does_not_say_its_jupyterhub_then_it_can_be_said(check: Check) -> None:
    code, found = check(tag="plain")
    assert code == 0 and found["JupyterHub"]["state"] == "unknown"
    code, found = check("--image-jupyterhub=5.4.3", tag="plain")
    assert code == 0 and found["JupyterHub"]["state"] == "warning"


def test_check_when_rendered_files_were_edited_then_both_are_judged(
    check: Check, tmp_path: Path, registry: RealRegistry
) -> None:
    folder = tmp_path / "kubernetes"
    write(answers_of("small", image=f"{registry.image}:2026.11"), folder)
    code, found = check(f"--output={folder}")
    assert code == 0 and found[f"files in {folder}"]["is_good"]
    values = yaml.safe_load((folder / "values.yaml").read_text())
    values["hub"]["loadRole"] = {}
    (folder / "values.yaml").write_text(yaml.safe_dump(values))
    (folder / "hub_config.py").unlink()
    code, found = check(f"--output={folder}")
    assert code == 1 and "loadRole" in found["values.yaml as edited"]["finding"]
    assert "hub_config.py is missing" in found[f"files in {folder}"]["finding"]


@pytest.mark.parametrize("is_packed", [False, True])
def test_check_when_another_chart_is_given_then_it_is_judged_by_that(
    check: Check, tmp_path: Path, is_packed: bool
) -> None:
    chart = school_chart(tmp_path)
    schema = json.loads((chart / "values.schema.json").read_text())
    del schema["properties"]["cull"]["properties"]["removeNamedServers"]
    (chart / "values.schema.json").write_text(json.dumps(schema))
    (chart / "Chart.yaml").write_text("name: jupyterhub\nversion: 9.9.9\nappVersion: 6.1.1\n")
    if is_packed:
        with tarfile.open(tmp_path / "jupyterhub-9.9.9.tgz", "w:gz") as archive:
            archive.add(chart, "jupyterhub")
        chart = tmp_path / "jupyterhub-9.9.9.tgz"
    code, found = check(f"--chart={chart}")
    assert code == 1
    assert "removeNamedServers" in found["values for jupyterhub 9.9.9"]["finding"]
    assert "6.1.1 in the chart's hub, 5.5.2" in found["JupyterHub"]["finding"]


def test_check_when_the_chart_is_none_then_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_answers(tmp_path / "school.yaml", answers_of("small"))
    words = ["deploy", "check", str(tmp_path / "school.yaml"), "--offline", "--chart"]
    for path in (SOURCES, tmp_path / "school.yaml"):
        assert main([*words, str(path)]) == 1
        assert "not a Helm chart" in capsys.readouterr().err
