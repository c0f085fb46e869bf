"""`make demo SPAWNER=docker`: the demo's school with a container for each server."""

from __future__ import annotations

import secrets
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from growth_admin.deploy.demo import docks
from growth_admin.deploy.demo.content import furnish
from growth_admin.deploy.demo.folder import DemoFolder, free_port
from growth_admin.deploy.demo.problems import CannotStart
from growth_admin.deploy.demo.running import RunningSchool
from tests.container.engine import REPOSITORY, Engine
from tests.container.machine import docker_api
from tests.hub import school as hub_school
from tests.hub.school import School
from tests.images.registry import RealRegistry


@pytest.fixture
def docker(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The Docker API over the storage that the images are built in."""
    node = replace(engine, folder=tmp_path)
    with (
        tempfile.TemporaryDirectory(prefix="growth-admin-api-", dir="/run") as place,
        docker_api(node, RealRegistry(tmp_path, free_port()), Path(place)) as socket,
    ):
        monkeypatch.setenv("DOCKER_HOST", f"unix://{socket}")
        yield


@pytest.mark.usefixtures("docker")
def test_demo_in_containers_when_opened_then_a_student_and_an_organiser_can_work_and_reset_forgets(
    image: str, engine: Engine, tmp_path: Path
) -> None:
    folder, token = DemoFolder(tmp_path / "demo"), secrets.token_hex(24)
    more = str(Path(hub_school.__file__).with_name("tests_config.py"))
    variables = {"GROWTH_DEMO_MORE_CONFIG": more, "TESTS_TOKEN": token}
    folder.root.mkdir()
    settings, _ = folder.create(free_port())
    furnish(folder)
    docks.settle_owners(folder, is_all=docks.is_first(folder))
    dock = docks.open_dock(folder, f"{image}:latest", settings)
    assert not docks.is_first(folder)
    with RunningSchool(folder, settings, variables=variables, dock=dock) as running:
        docks.settle_owners(folder, is_all=False)
        school = School(running, token)
        school.login("Jane-Doe")
        school.start("jane-doe")
        ada = school.login("Ada-Okafor")
        school.start("ada-okafor")
        assert len(_boxes(engine, dock)) == 2
        school.open_lab(ada, "ada-okafor")
        api = school.server_url("ada-okafor") + "/growth/api"
        setup = ada.get(f"{api}/roster/setup").json()["checks"]
        assert {one["id"]: one["state"] for one in setup}["credential"] == "ok", setup
        xsrf = ada.xsrf("/user/ada-okafor/")
        link = {"link": running.drive_link("Variable stars")}
        found = ada.post(f"{api}/datasets/probes", json=link, headers=xsrf).json()
        assert found["files"] == 6, found
        record = folder.admin / "logs" / "records" / "jane-doe.jsonl"
        assert record.exists(), "her start wrote its record"
    assert _boxes(engine, dock) == []
    assert demo("--root", str(folder.root), "--reset").returncode == 0
    for kind in ("volume", "network"):
        assert dock.prefix not in engine.call("podman", kind, "ls", "--quiet").stdout
    assert not folder.root.exists()


def demo(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "growth_admin.deploy.demo", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=REPOSITORY)


def _boxes(engine: Engine, dock: docks.Dock) -> list[str]:
    listed = engine.rows("ps", "--all", "--format", "{{.Names}}")
    return [name for name in listed if name.startswith(dock.prefix)]


@pytest.mark.usefixtures("docker")
def test_demo_in_containers_when_its_image_is_missing_then_how_to_make_it_is_said(
    tmp_path: Path,
) -> None:
    words = ("--root", str(tmp_path / "demo"), "--spawner", "docker", "--image", "no/such:image")
    refused = demo(*words)
    assert refused.returncode == 1
    assert "docker build --tag no/such:image" in refused.stderr
    assert not (tmp_path / "demo").exists()


def test_demo_in_containers_when_no_docker_answers_then_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nothing.sock")
    with pytest.raises(CannotStart, match="No Docker answers here"):
        docks.check_docker("any:latest")


@pytest.mark.parametrize(("failures", "said"), [(2, "Make it"), (99, "does not say whether")])
def test_demo_in_containers_when_another_image_goes_meanwhile_then_it_is_looked_for_again(
    monkeypatch: pytest.MonkeyPatch, failures: int, said: str
) -> None:
    """As Podman's service does: 500, since an image that it comes across is there no more."""
    asked: list[str] = []

    class Service(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_image = "/images/" in self.path
            asked.extend([self.path] if is_image else [])
            status = 500 if len(asked) <= failures else 404
            body = b'{"message": "image not known"}' if is_image else b'{"ApiVersion": "1.44"}'
            self.send_response(status if is_image else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    service = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=service.serve_forever, daemon=True).start()
    monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{service.server_port}")
    try:
        with pytest.raises(CannotStart, match=said):
            docks.check_docker("school:latest")
    finally:
        service.shutdown()
        service.server_close()
    assert len(asked) == min(failures + 1, docks.LOOKS)
