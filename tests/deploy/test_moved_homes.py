"""An old school's claims under a real hub with KubeSpawner: everybody finds the own home again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kubespawner.slugs import escape_slug, safe_slug

from growth_admin.cli import main
from growth_admin.deploy.kubernetes.answers import write_answers
from growth_admin.deploy.kubernetes.rendering import render
from tests.deploy.kube_hub import KubeHub, kube_hub
from tests.deploy.schools import answers_of

LOGINS = ("Jane-Doe", "UPPER", "1st-Year", "admin", "12345", "a-b-c")


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KubeHub]:
    """The new hub of the moved school."""
    folder = tmp_path_factory.mktemp("moved") / "hub"
    with kube_hub(folder, answers_of("moved"), CHART_SHAPE="lists") as running:
        yield running


def old_claim(person: str, **changes: Any) -> dict[str, Any]:
    """A claim as KubeSpawner 0.11 made it for the chart of 2020 (claim-{username}{servername})."""
    notes = {"hub.jupyter.org/username": person, "volume.beta.kubernetes.io/storage-class": "gp2"}
    metadata = {
        "name": f"claim-{escape_slug(person)}",
        "annotations": notes,
        "labels": {"app": "jupyterhub", "component": "singleuser-storage", "release": "growth"},
    }
    return {"metadata": {**metadata, **changes}, "status": {"phase": "Bound"}}


def homes(
    folder: Path,
    claims: list[dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
    **changes: Any,
) -> tuple[int, list[dict[str, str]]]:
    """What the command says of these claims."""
    write_answers(folder / "school.yaml", answers_of("moved", **changes))
    (folder / "claims.json").write_text(json.dumps({"kind": "List", "items": claims}))
    words = [str(folder / "school.yaml"), str(folder / "claims.json"), "--json"]
    code = main(["deploy", "homes", *words])
    return code, json.loads(capsys.readouterr().out)


def test_homes_when_the_new_hub_starts_servers_then_the_old_claims_are_mounted_where_they_belong(
    hub: KubeHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    claims = [old_claim(login.lower()) for login in LOGINS]
    code, told = homes(tmp_path, claims, capsys)
    assert code == 0 and len(told) == len(LOGINS)
    accounts = {row["person"]: row["account"] for row in told}
    for login in LOGINS:
        name = hub.person(login, "students")
        paper = hub.start(name)
        assert paper["claim"]["metadata"]["name"] == f"claim-{escape_slug(name)}"
        (notebook,) = paper["pod"]["spec"]["containers"]
        variables = {one["name"]: one.get("value") for one in notebook["env"]}
        assert variables["NB_USER"] == accounts[name]
        (mount,) = [
            m for m in notebook["volumeMounts"] if m["mountPath"] == f"/home/{accounts[name]}"
        ]
        (volume,) = [v for v in paper["pod"]["spec"]["volumes"] if v["name"] == mount["name"]]
        assert volume["persistentVolumeClaim"]["claimName"] == f"claim-{escape_slug(name)}"


def test_homes_when_the_old_hub_had_kubespawner_7_then_its_template_finds_them_and_the_way_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    claims = [old_claim(name, name=f"claim-{safe_slug(name)}") for name in ("jane-doe", "a--b")]
    seven = {"home_claims": "claim-{user_server}", "moved": True}
    assert homes(tmp_path, claims, capsys, **seven)[0] == 0
    code, told = homes(tmp_path, claims, capsys)
    assert code == 1 and any("home_claims" in row["problem"] for row in told)
    files = render(answers_of("moved", **seven))
    assert "move.yaml" in files and "MOVING.md" in files
    assert "kind: Job" not in files["cluster.yaml"]
    assert "growth-admin deploy move" in files["COMMANDS.md"]


def test_home_when_its_owner_took_another_login_then_the_number_finds_it(hub: KubeHub) -> None:
    number = str(hub.github.person("New-Name")["id"])
    names = Path(hub.folder / "names.json")
    known = json.loads(names.read_text()) if names.exists() else {}
    names.write_text(json.dumps({**known, number: "old-name"}))
    hub.github.join("New-Name", "students")
    hub.login("New-Name")
    claim = hub.start("old-name")["claim"]
    assert claim["metadata"]["name"] == "claim-old-2dname"


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        (old_claim("jane-doe", name="claim-jane-doe"), "would make claim-jane-2ddoe"),
        (old_claim("jane", annotations={}), "does not say whose"),
        ({**old_claim("jane"), "status": {"phase": "Lost"}}, "It is Lost"),
        (
            old_claim(
                "jane",
                name="claim-jane-big",
                annotations={
                    "hub.jupyter.org/username": "jane",
                    "hub.jupyter.org/servername": "big",
                },
            ),
            "named server big",
        ),
    ],
    ids=["other-scheme", "nobodys", "lost", "named-server"],
)
def test_homes_when_a_claim_would_not_be_found_then_told_first(
    tmp_path: Path, claim: dict[str, Any], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    other = {"metadata": {"name": "hub-db-dir"}, "status": {"phase": "Bound"}}
    code, told = homes(tmp_path, [old_claim("aaa"), claim, other], capsys)
    assert code == 1 and said in told[0]["problem"]
    assert [row["problem"] == "" for row in told] == [False, True]


def test_homes_when_the_file_is_another_then_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_answers(tmp_path / "school.yaml", answers_of("moved"))
    for text in ("[]", "{}", "no", '{"items": [1]}'):
        (tmp_path / "claims.json").write_text(text)
        words = [str(tmp_path / "school.yaml"), str(tmp_path / "claims.json")]
        assert main(["deploy", "homes", *words]) == 1
        assert "get pvc -o json" in capsys.readouterr().err
