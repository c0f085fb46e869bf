"""What KubeSpawner would send to the cluster for each kind of person, from a real hub."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.kube_hub import CLIENT_SECRET, KubeHub, kube_hub
from tests.deploy.schools import answers_of
from tests.hub.school import hub55_python

LONG = "Maximilian-Alexander-von-Hohenstein-Jr0"  # 39 characters, as many as GitHub allows
SHARED = ("/home/admin", "/nfs")
FOR_ALL = ("/home/admin/logs", "/nfs/.growth-admin/receipts", "/nfs/.growth-admin/replies")


@pytest.fixture(scope="module", params=["hub-6.1-lists", "hub-5.5-dictionaries"])
def hub(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[KubeHub]:
    """Both hubs, and both shapes in which charts hand volumes to KubeSpawner."""
    options = {"CHART_SHAPE": "lists"}
    if "5.5" in request.param:
        options = {"CHART_SHAPE": "dictionaries", "python": hub55_python()}
    folder = tmp_path_factory.mktemp("kube") / "hub"
    with kube_hub(folder, answers_of("small"), **options) as running:
        yield running


def mounts(pod: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The mounts of the notebook container by path."""
    (notebook,) = pod["spec"]["containers"]
    found = {mount["mountPath"]: mount for mount in notebook["volumeMounts"]}
    assert len(found) == len(notebook["volumeMounts"]), "a path is mounted twice"
    return found


def environment(pod: dict[str, Any]) -> dict[str, str]:
    """The variables of the notebook container."""
    (notebook,) = pod["spec"]["containers"]
    return {item["name"]: item.get("value", "") for item in notebook["env"]}


def may_write(pod: dict[str, Any]) -> set[str]:
    """Which of the shared exports are mounted for writing."""
    return {path for path in SHARED if not mounts(pod)[path].get("readOnly")}


@pytest.mark.parametrize(
    ("login", "account"),
    [
        ("Jane-Doe", "jane-doe"),
        ("UPPER", "upper"),
        ("1st-Year", "1st-year"),
        ("admin", r"admin_[0-9a-f]{8}"),
        (LONG, r"maximilian-alexander-vo[a-z-]*_[0-9a-f]{8}"),
        ("12345", r"u12345_[0-9a-f]{8}"),
    ],
)
def test_home_when_login_is_odd_then_claim_mount_and_account_belong_together(
    hub: KubeHub, login: str, account: str
) -> None:
    name = hub.person(login, "students")
    paper = hub.start(name)
    pod, claim = paper["pod"], paper["claim"]
    user = environment(pod)["NB_USER"]
    assert re.fullmatch(account, user) and len(user) <= 32
    home = mounts(pod)[f"/home/{user}"]
    assert not home.get("readOnly") and "subPath" not in home
    (volume,) = [v for v in pod["spec"]["volumes"] if v["name"] == home["name"]]
    claimed = volume["persistentVolumeClaim"]["claimName"]
    assert claimed == claim["metadata"]["name"]
    assert re.fullmatch(r"claim-[a-z0-9]([a-z0-9-]*[a-z0-9])?", claimed) and len(claimed) <= 63
    assert claim["metadata"]["annotations"]["hub.jupyter.org/username"] == name
    assert not paper["deletes_claim"]
    hub.stop(name)
    again = hub.start(name)
    assert again["claim"]["metadata"]["name"] == claimed
    assert mounts(again["pod"])[f"/home/{user}"] == home


def test_student_when_started_then_shared_folders_are_read_only_but_for_what_the_chain_writes(
    hub: KubeHub,
) -> None:
    pod = hub.start(hub.person("Plain-Student", "students"))["pod"]
    assert may_write(pod) == set()
    for path in FOR_ALL:
        assert not mounts(pod)[path].get("readOnly") and path.endswith(mounts(pod)[path]["subPath"])
    assert not pod["spec"].get("securityContext", {}).get("supplementalGroups")
    assert "growth-secrets" not in str(pod) and "school-credentials" not in str(pod)
    assert environment(pod)["GROWTH_AREAS"] == ""
    assert {"GROWTH_DATA_GID", "GROWTH_ADMIN_GID"}.isdisjoint(environment(pod))


def test_ta_when_started_then_data_are_writable_and_nothing_of_the_organisers(hub: KubeHub) -> None:
    pod = hub.start(hub.person("Tess-TA", "tas"))["pod"]
    assert may_write(pod) == {"/nfs"}
    assert pod["spec"]["securityContext"]["supplementalGroups"] == [3000]
    assert environment(pod)["GROWTH_DATA_GID"] == "3000"
    assert "school-credentials" not in str(pod) and "GROWTH_ADMIN_GID" not in environment(pod)


def test_admin_when_started_then_both_are_writable_and_the_credentials_are_there(
    hub: KubeHub,
) -> None:
    pod = hub.start(hub.person("Ada-Admin", "admins"))["pod"]
    assert may_write(pod) == set(SHARED)
    assert pod["spec"]["securityContext"]["supplementalGroups"] == [3000, 3001]
    assert mounts(pod)["/etc/growth-admin/secrets"]["readOnly"]
    volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
    credentials = volumes["growth-secrets-source"]["secret"]
    assert credentials["secretName"] == "school-credentials" and credentials["optional"]
    assert credentials["defaultMode"] == 0o400
    assert volumes["growth-secrets"]["emptyDir"]["medium"] == "Memory"
    first, copying = pod["spec"]["initContainers"]
    assert first["name"] == "block-cloud-metadata"
    (notebook,) = pod["spec"]["containers"]
    assert copying["image"] == notebook["image"]
    assert "growth-secrets-source" not in {m["name"] for m in notebook["volumeMounts"]}


def test_canary_when_started_then_a_students_walls_and_a_home_to_throw_away(hub: KubeHub) -> None:
    paper = hub.start(hub.person("Carl-Admin", "admins"), "canary")
    pod = paper["pod"]
    assert paper["claim"] is None
    assert may_write(pod) == set() and "school-credentials" not in str(pod)
    assert not pod["spec"].get("securityContext", {}).get("supplementalGroups")
    home = mounts(pod)["/home/carl-admin"]["name"]
    (volume,) = [v for v in pod["spec"]["volumes"] if v["name"] == home]
    assert volume == {"name": home, "emptyDir": {"sizeLimit": "10Gi"}}


def test_server_when_its_owner_lost_the_group_then_the_next_pod_has_less(hub: KubeHub) -> None:
    name = hub.person("Former-TA", "tas")
    assert may_write(hub.start(name)["pod"]) == {"/nfs"}
    hub.stop(name)
    hub.github.control("DELETE", f"members/{hub.github.organization}/tas/Former-TA")
    hub.github.join("Former-TA", "students")
    hub.login("Former-TA")
    pod = hub.start(name)["pod"]
    assert may_write(pod) == set()
    assert not pod["spec"].get("securityContext", {}).get("supplementalGroups")


def test_any_server_when_started_then_root_begins_and_cannot_come_back(hub: KubeHub) -> None:
    pod = hub.start(hub.person("Some-Body", "students"))["pod"]
    (notebook,) = pod["spec"]["containers"]
    context = notebook["securityContext"]
    assert context["runAsUser"] == 0 and context["allowPrivilegeEscalation"] is False
    assert set(context["capabilities"]["drop"]) == {"MKNOD", "NET_RAW"}
    assert "fsGroup" not in pod["spec"].get("securityContext", {})
    assert pod["spec"]["automountServiceAccountToken"] is False
    assert notebook["args"] == ["start-singleuser.sh"] and "command" not in notebook
    assert notebook["image"] == "registry.school.org/school/notebook:2026.11"
    assert notebook["imagePullPolicy"] == "Always"
    assert environment(pod)["CHOWN_HOME"] == "yes"
    uid = int(environment(pod)["NB_UID"])
    assert uid >= 10_000
    limits, asked = notebook["resources"]["limits"], notebook["resources"]["requests"]
    assert int(limits["memory"]) == 2 * int(asked["memory"]) == 2 * 1024**3
    assert CLIENT_SECRET not in str(pod)


def test_hub_when_configured_by_the_chart_then_its_roles_stay_and_nothing_is_unknown(
    hub: KubeHub,
) -> None:
    log = hub.log
    assert "not recognized" not in log and "Traceback" not in log, log[-3000:]
    name = hub.person("Role-Admin", "admins")
    assert sorted(hub.api("GET", f"users/{name}").json()["groups"]) == ["admins"]
    assert hub.api("GET", "users").status_code == 200  # by the culler's role, which came first


def test_copying_of_secrets_when_run_as_root_then_the_organisers_group_only_may_read(
    hub: KubeHub, tmp_path: Path
) -> None:
    """The command of the pod itself, with its two folders elsewhere."""
    pod = hub.start(hub.person("Sec-Admin", "admins"))["pod"]
    shell, flag, text = pod["spec"]["initContainers"][-1]["command"]
    (tmp_path / "source").mkdir()
    (tmp_path / "secrets").mkdir()
    for path in ("source", "secrets"):
        text = text.replace(f"/{path}/", f"{tmp_path}/{path}/")
    subprocess.run([shell, flag, text], check=True)  # no secret yet: nothing, and no failure
    assert list((tmp_path / "secrets").iterdir()) == []
    (tmp_path / "source" / "github-token").write_text("x")
    subprocess.run([shell, flag, text], check=True)
    found = (tmp_path / "secrets" / "github-token").stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (0, 3001, 0o440)
    assert os.geteuid() == 0


def test_privilege_drop_when_run_as_in_the_pod_then_sudo_goes_down_and_never_up() -> None:
    """What the values do to the container, done to the chain's own last step (`sudo -E -H -u`)."""
    as_in_pod = ["setpriv", "--no-new-privs", "--bounding-set=-mknod,-net_raw"]
    down = [*as_in_pod, "sudo", "-E", "-H", "-u", "nobody", "id", "-u"]
    done = subprocess.run(down, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "65534\n"), done.stderr
    up = [*as_in_pod, "sudo", "-u", "nobody", "sudo", "-n", "-u", "root", "id", "-u"]
    done = subprocess.run(up, capture_output=True, text=True)
    assert done.returncode != 0 and "no new privileges" in done.stderr
