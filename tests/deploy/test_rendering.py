"""The rendered folder: complete, the same each time, and never over somebody's work."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from growth_admin.cli import main
from growth_admin.core.errors import Conflict, GrowthError
from growth_admin.deploy import hub_config_path
from growth_admin.deploy.kubernetes.answers import make_answers, write_answers
from growth_admin.deploy.kubernetes.chart import shipped_chart
from growth_admin.deploy.kubernetes.rendering import render, write
from growth_admin.deploy.kubernetes.values import build_values
from tests.deploy.schools import SCHOOLS, answers_of

EVERY = pytest.mark.parametrize("school", sorted(SCHOOLS))


@EVERY
def test_values_when_merged_over_the_charts_defaults_then_they_fit_its_schema(school: str) -> None:
    assert shipped_chart().problems(build_values(answers_of(school))) == []


@pytest.mark.parametrize(
    ("place", "value"),
    [("singleuser.storagee", {}), ("cull.timeout", "soon"), ("hub.config.kubespawner", {})],
)
def test_values_when_not_of_the_schema_then_the_place_is_named(place: str, value: object) -> None:
    values = build_values(answers_of("small"))
    *path, last = place.split(".")
    inner = values
    for word in path:
        inner = inner[word]
    inner[last] = value
    (problem,) = shipped_chart().problems(values)
    assert last in problem


@EVERY
def test_files_when_rendered_then_they_hold_no_secret_and_every_name_in_them_exists(
    school: str,
) -> None:
    answers = answers_of(school)
    files = render(answers)
    assert files["hub_config.py"] == hub_config_path().read_text()
    objects = [one for one in yaml.safe_load_all(files["cluster.yaml"]) if one]
    named = {(one["kind"], one["metadata"]["name"]) for one in objects}
    for one in objects:
        assert not {"data", "stringData"} & set(one), "a secret's value would be reset by apply"
    values = yaml.safe_load(files["values.yaml"])
    for volume in values["singleuser"]["storage"]["extraVolumes"]:
        assert ("PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"]) in named
    environment = values["hub"]["extraEnv"]
    secret = environment["GITHUB_CLIENT_SECRET"]["valueFrom"]["secretKeyRef"]["name"]
    assert {("Secret", secret), ("Secret", environment["GROWTH_CREDENTIALS_SECRET"])} <= named
    assert f"-n {answers.name} patch secret {secret} " in files["COMMANDS.md"]
    jobs = [name for kind, name in named if kind == "Job"]
    assert len(jobs) == (school != "moved") and all(
        f"job/{job}" in files["COMMANDS.md"] for job in jobs
    )
    assert ("exec -it growth-move -- growth-admin deploy move" in files["COMMANDS.md"]) == (
        school == "moved"
    )
    # what hub_config.py reads from the environment is what the values set
    known = set(re.findall(r'env\("(\w+)"', files["hub_config.py"]))
    assert {name for name in environment if name.startswith("GROWTH_")} <= known


AS_THE_SERVER = """
from jupyter_server.serverapp import ServerApp
app = ServerApp()
app.initialize(["--ServerApp.jpserver_extensions=growth_admin=True", "--allow-root", "--port=0"])
(extension,) = app.extension_manager.extension_apps["growth_admin"]
print(json.dumps(extension.config.GitHub))
"""
AS_THE_TERMINAL = """
from growth_admin.configuration import read_configuration
print(json.dumps(read_configuration([]).GitHub))
"""


@pytest.mark.parametrize("code", [AS_THE_SERVER, AS_THE_TERMINAL], ids=["server", "terminal"])
@pytest.mark.parametrize("school", ["small", "large"])
def test_settings_file_when_it_lies_where_the_chart_mounts_it_then_it_is_read(
    tmp_path: Path, school: str, code: str
) -> None:
    (mount,) = build_values(answers_of(school))["singleuser"]["extraFiles"].values()
    etc = tmp_path / "etc"  # in the place of /etc/jupyter
    file = etc / Path(mount["mountPath"]).relative_to("/etc/jupyter")
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(mount["data"]))
    (etc / "jupyter_server_config.py").write_text("c.GitHub.web_url = 'https://of.the.image'\n")
    places = {"JUPYTER_CONFIG_PATH": str(etc), "JUPYTER_CONFIG_DIR": str(tmp_path / "none")}
    done = subprocess.run(
        [sys.executable, "-c", f"import json\n{code}"],
        env={**os.environ, **places, "HOME": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    of_the_image = {"web_url": "https://of.the.image"}
    assert json.loads(done.stdout) == {**mount["data"]["GitHub"], **of_the_image}


def test_moved_school_when_rendered_then_its_way_is_there_with_its_own_names() -> None:
    files = render(make_answers({**SCHOOLS["moved"], "name": "growth-2020"}))
    way = files["MOVING.md"]
    assert "kubectl -n growth-2020 exec -it growth-move -- growth-admin deploy move" in way
    assert "NAMESPACE" not in way and "RELEASE" not in way and "helm -n growth-2020" in way
    assert not {"MOVING.md", "move.yaml"} & set(render(answers_of("small")))


@pytest.mark.parametrize(
    ("changes", "order"),
    [
        ({"image_pull_secret": "reg"}, ["secret generic reg ", "apply -f cluster.yaml"]),
        ({"https": "secret"}, ["apply -f cluster.yaml", "secret tls school-tls ", "helm upgrade"]),
        ({}, ["helm upgrade", "get service proxy-public", "rollout restart deploy/autohttps"]),
        ({}, ["patch secret school-oauth", "rollout restart deploy/hub`", "helm upgrade"]),
        ({"https": "secret"}, ["rollout restart deploy/proxy`", "secret tls", "helm upgrade"]),
    ],
)
def test_commands_when_followed_from_the_top_then_each_has_what_it_needs(
    changes: dict[str, str], order: list[str]
) -> None:
    page = render(answers_of("small", **changes))["COMMANDS.md"]
    places = [page.index(word) for word in order]
    assert places == sorted(places)


def test_commands_when_there_is_more_to_do_then_told_before_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = {"large": "registry's login before the first", "moved": "MOVING.md says when"}
    for school, first in said.items():
        write_answers(tmp_path / "school.yaml", answers_of(school))
        words = ["deploy", "render", str(tmp_path / "school.yaml")]
        assert main([*words, "--output", str(tmp_path / school)]) == 0
        shown = capsys.readouterr().out
        assert shown.index(first) < shown.index("kubectl apply")
    assert "MOVING.md says when to run which" in (tmp_path / "moved/COMMANDS.md").read_text()


def test_job_when_the_image_changes_then_it_is_another_job() -> None:
    names = {
        one["metadata"]["name"]
        for image in ("a/b:1", "a/b:2", "a/b:1")
        for one in yaml.safe_load_all(render(answers_of("small", image=image))["cluster.yaml"])
        if one["kind"] == "Job"
    }
    assert len(names) == 2


@pytest.mark.parametrize(
    ("image", "policy"),
    [("a.example/b/c:deploy", "Always"), (f"a.example/b/c@sha256:{'0' * 64}", "IfNotPresent")],
)
def test_image_when_its_tag_moves_then_folders_move_and_servers_all_run_what_it_names_now(
    image: str, policy: str
) -> None:
    files = render(answers_of("moved", image=image))
    (pod,) = yaml.safe_load_all(files["move.yaml"])
    objects = yaml.safe_load_all(render(answers_of("small", image=image))["cluster.yaml"])
    (job,) = [one for one in objects if one["kind"] == "Job"]
    for spec in (pod["spec"], job["spec"]["template"]["spec"]):
        assert [one["imagePullPolicy"] for one in spec["containers"]] == [policy]
    assert yaml.safe_load(files["values.yaml"])["singleuser"]["image"]["pullPolicy"] == policy


def test_render_when_repeated_then_nothing_is_written(tmp_path: Path) -> None:
    first = write(answers_of("small"), tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    second = write(answers_of("small"), tmp_path)
    assert len(first.written) == 4 and second.written == () and len(second.kept) == 4
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before
    changed = write(answers_of("small", students=60, home_size="20Gi"), tmp_path)
    assert changed.written == ("values.yaml",)


@pytest.mark.parametrize("has_record", [True, False])
def test_render_when_a_file_was_edited_then_refused_with_the_difference(
    tmp_path: Path, has_record: bool
) -> None:
    write(answers_of("small"), tmp_path)
    edited = (tmp_path / "values.yaml").read_text().replace("timeout: 7200", "timeout: 60")
    (tmp_path / "values.yaml").write_text(edited)
    if not has_record:
        (tmp_path / ".rendered.json").unlink()
    with pytest.raises(Conflict) as refused:
        write(answers_of("small", image="a/b:2"), tmp_path)
    assert "-  timeout: 60" in refused.value.detail and "+  timeout: 7200" in refused.value.detail
    assert "a/b" not in (tmp_path / "cluster.yaml").read_text(), "nothing is written then"
    assert (tmp_path / "values.yaml").read_text() == edited
    write(answers_of("small", image="a/b:2"), tmp_path, is_forced=True)
    assert "timeout: 7200" in (tmp_path / "values.yaml").read_text()


def test_render_when_edited_to_what_it_would_write_then_no_conflict(tmp_path: Path) -> None:
    write(answers_of("small"), tmp_path)
    (tmp_path / "values.yaml").write_text(render(answers_of("small", students=900))["values.yaml"])
    assert "values.yaml" in write(answers_of("small", students=900), tmp_path).kept


def test_render_when_killed_then_each_file_is_whole_and_the_next_run_ends_it(
    tmp_path: Path,
) -> None:
    code = (
        "from pathlib import Path\n"
        "from growth_admin.deploy.kubernetes.rendering import write\n"
        "from tests.deploy.schools import answers_of\n"
        "print('ready', flush=True)\n"
        "for n in range(10**6):\n"
        f"    write(answers_of('small', image=f'a/b:{{n % 2}}'), Path({str(tmp_path)!r}))\n"
    )
    either = [render(answers_of("small", image=f"a/b:{n}")) for n in range(2)]
    for moment in (0.05, 0.11, 0.17):
        child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        assert child.stdout and child.stdout.readline()
        time.sleep(moment)
        child.send_signal(signal.SIGKILL)
        child.wait(10)
        for name in either[0]:
            if (tmp_path / name).exists():
                assert (tmp_path / name).read_text() in {files[name] for files in either}
    for n in (0, 1):
        write(answers_of("small", image=f"a/b:{n}"), tmp_path)
    assert {n: (tmp_path / n).read_text() for n in either[1]} == either[1]


def test_render_when_called_inside_a_rendered_folder_then_refused(tmp_path: Path) -> None:
    write(answers_of("small"), tmp_path)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(Conflict) as refused:
        write(answers_of("small"), tmp_path / "kubernetes")
    assert f"--output {tmp_path}" in refused.value.hint
    assert sorted(tmp_path.iterdir()) == before
    write(answers_of("small"), tmp_path / "kubernetes", is_forced=True)
    assert len(write(answers_of("small"), tmp_path / "kubernetes").kept) == 4


def test_render_when_the_folder_cannot_be_made_then_told() -> None:
    with pytest.raises(GrowthError, match="/proc/growth-school"):
        write(answers_of("small"), Path("/proc/growth-school"))


def test_render_when_called_then_the_commands_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_answers(tmp_path / "school.yaml", answers_of("large"))
    words = ["deploy", "render", str(tmp_path / "school.yaml"), "--output", str(tmp_path / "k")]
    assert main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [c.split()[0] for c in told["commands"]] == ["kubectl", "printf", "helm"]
    assert sorted(os.listdir(tmp_path / "k")) == sorted([*told["written"], ".rendered.json"])
    assert main(words) == 0
    assert "Nothing changed" in capsys.readouterr().out


def test_render_when_done_then_nothing_grants_servers_a_way_to_kubernetes() -> None:
    """Who lists pods reads the hub token of every server in them."""
    for name in ("small", "large"):
        files = render(answers_of(name))
        kinds = {one["kind"] for one in yaml.safe_load_all(files["cluster.yaml"]) if one}
        assert kinds == {"Namespace", "PersistentVolume", "PersistentVolumeClaim", "Secret", "Job"}
        assert "kubernetes.default" not in files["cluster.yaml"] + files["values.yaml"]


def test_render_when_the_folder_is_another_schools_then_refused_and_nothing_written(
    tmp_path: Path,
) -> None:
    write(answers_of("small"), tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(Conflict, match="holds the school school, and this is summer-2026"):
        write(answers_of("large"), tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    write(answers_of("large"), tmp_path, is_forced=True)
    assert "summer-2026" in (tmp_path / "cluster.yaml").read_text()
