"""Pre-pulling as an organiser's server does it: asks the hub, follows it, tells of each node.

The hub is a double of its address over real HTTP; the real one is in tests/hub, with containers in
tests/container and with nodes in tests/kubernetes.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from traitlets.config import Config

from growth_admin.core.audit import AuditTrail
from growth_admin.core.errors import (
    HubRefused,
    HubUnavailable,
    NotConfigured,
    NotFound,
)
from growth_admin.core.paths import Paths
from growth_admin.image_nodes import HubNodes, hub_nodes
from growth_admin.images.prepulls.manager import AREA, PrePullManager
from growth_admin.images.prepulls.telling import by_hand, fetching
from growth_admin.images.prepulls.work import PrePullWork
from growth_admin.images.registry.client import Registry
from growth_admin.images.registry.settings import ImageRegistry
from growth_admin.images.room import ImageRoom, build_room
from growth_admin.jobs.engine import JobEngine
from growth_admin.jobs.models import ENDED, Job
from growth_admin.jobs.store import JobStore
from growth_admin.servers.hub import HubClient
from tests.images.registry import RealRegistry

NAME, DIGEST = "registry.example.org/school/notebook", f"sha256:{'a' * 64}"
KUBERNETES = {"KUBERNETES_SERVICE_HOST": "10.96.0.1", "GROWTH_IMAGES_RUN": "yes"}
TOKEN = "of-an-organisers-server"
WORDS = "ErrImagePull: manifest unknown"


def answer(*nodes: tuple[str, str, str], state: str = "running", **more: Any) -> dict[str, Any]:
    """What the hub tells, with these nodes."""
    rows = [{"name": name, "state": how, "detail": words} for name, how, words in nodes]
    told = {"image": NAME, "where": "nodes", "state": state, "nodes": rows, "problem": ""}
    return {**told, **more}


NOTHING = answer(state="none", where="")
BEGUN = answer(("a", "waiting", ""), ("b", "fetching", ""))
HALF = answer(("a", "there", ""), ("b", "fetching", ""))
DONE = answer(("a", "there", ""), ("b", "there", ""), state="ended")
ONE_FAILED = answer(("a", "there", ""), ("b", "failed", WORDS), state="ended")


@dataclass
class Hub:
    """The hub's address: what it answers next, and what it was asked."""

    port: int = 0
    status: int = 200
    begun: list[str] = field(default_factory=list)
    looked: int = 0
    answers: list[Any] = field(default_factory=lambda: [DONE])
    server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hub/api"

    def tell(self) -> Any:
        """The next answer; the last one is told again and again."""
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def open(self) -> None:
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                place = urlsplit(self.path)
                assert place.path == "/hub/api/growth/prepull"
                (digest,) = parse_qs(place.query)["digest"]
                assert digest.startswith("sha256:")
                hub.looked += 1
                self.reply()

            def do_POST(self) -> None:
                sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                assert self.path == "/hub/api/growth/prepull" and set(sent) == {"digest"}
                hub.begun.append(sent["digest"])
                self.reply()

            def reply(self) -> None:
                assert self.headers["Authorization"] == f"token {TOKEN}"
                said = hub.tell() if hub.status == 200 else {"message": "so it is: scope"}
                data = said if isinstance(said, bytes) else json.dumps(said).encode()
                self.send_response(hub.status)
                self.send_header("X-JupyterHub-Version", "6.1.1")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *words: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        if self.server:
            self.server.shutdown()
            self.server.server_close()
        self.server = None


@pytest.fixture
def hub() -> Iterator[Hub]:
    """A hub of its own for each test."""
    running = Hub()
    running.open()
    yield running
    running.close()


@dataclass
class Server:
    """One organiser's server: its jobs and its images room."""

    engine: JobEngine
    room: ImageRoom

    @property
    def prepulls(self) -> PrePullManager:
        return self.room.prepulls

    def job(self, job_id: str) -> Job:
        return self.engine.get_job(job_id, AREA)

    def ended(self, job: Job, timeout_s: float = 30) -> Job:
        """The job once it has ended."""
        end_s = time.monotonic() + timeout_s
        while self.job(job.id).state not in ENDED:
            assert time.monotonic() < end_s, self.job(job.id)
            time.sleep(0.05)
        return self.job(job.id)

    def log(self, job: Job) -> str:
        return self.engine.read_log(job.id, AREA, 0).text


@dataclass
class Desk:
    """An admin folder, a registry and a hub; servers come and go."""

    folder: Path
    registry: RealRegistry
    hub: Hub
    servers: list[Server] = field(default_factory=list)

    def server(self, user: str = "ada") -> Server:
        config = Config()
        config.ImageRegistry.image = self.registry.image
        config.ImageRegistry.timeout_s = 2.0
        paths = Paths(self.folder / "admin", self.folder / "nfs")
        paths.admin_state.mkdir(parents=True, exist_ok=True)
        audit = AuditTrail(self.folder / "audit", writer=user)
        engine = JobEngine(
            JobStore(paths.jobs), user=user, server=f"{user}/", audit=audit, lease_s=2
        )
        nodes = hub_nodes(HubClient(self.hub.url, TOKEN))
        room = build_room(paths, user=user, running=None, config=config, jobs=engine, nodes=nodes)
        engine.open()
        self.servers.append(Server(engine, room))
        return self.servers[-1]

    def stop(self, server: Server) -> None:
        self.servers.remove(server)
        server.engine.close()


@pytest.fixture
def desk(registry: RealRegistry, hub: Hub, tmp_path: Path) -> Iterator[Desk]:
    """Students get `deploy`, which is git-1; git-2 is newer."""
    registry.push("git-1")
    registry.push("git-2")
    registry.tag("deploy", registry.digest("git-1"))
    made = Desk(tmp_path, registry, hub)
    yield made
    hub.answers = [DONE]
    for server in [*made.servers]:
        made.stop(server)


# ---- the job


def test_prepull_when_all_nodes_get_it_then_the_receipt_has_each_and_the_live_tag_was_meant(
    desk: Desk, hub: Hub
) -> None:
    hub.answers = [BEGUN, BEGUN, HALF, DONE]
    server = desk.server()
    begun = server.prepulls.start_prepull(user="ada")
    live = desk.registry.digest("deploy")
    assert hub.begun == [live] and begun.kind == "images.prepull"
    assert begun.subject == f"images/tags/{live}"
    job = server.ended(begun)
    assert job.state == "succeeded" and job.receipt, job
    assert job.receipt["title"] == f"2 nodes have {live[:19]}"
    rows = [(item["target"], item["result"]) for item in job.receipt["items"]]
    assert rows == [("a", "done"), ("b", "done")]
    assert job.progress and (job.progress.done, job.progress.total) == (2, 2)
    assert hub.begun == [live], "what runs is not begun again"
    assert "b: fetching\n" in server.log(job) and "b: has it\n" in server.log(job)


def test_prepull_when_a_tag_is_named_then_its_digest_is_fetched(desk: Desk, hub: Hub) -> None:
    server = desk.server()
    assert server.ended(server.prepulls.start_prepull("git-2", user="ada")).state == "succeeded"
    assert hub.begun == [desk.registry.digest("git-2")]
    with pytest.raises(NotFound):
        server.prepulls.start_prepull("git-3", user="ada")
    assert len(hub.begun) == 1


def test_prepull_when_a_node_fails_then_it_is_told_and_the_others_have_it(
    desk: Desk, hub: Hub
) -> None:
    hub.answers = [BEGUN, ONE_FAILED]
    server = desk.server()
    job = server.ended(server.prepulls.start_prepull(user="ada"))
    assert job.state == "failed" and job.problem and job.receipt
    assert "1 of 2 nodes did not get" in job.problem.detail and WORDS in job.problem.detail
    assert "pre-pull again" in job.problem.hint
    rows = [(item["target"], item["result"], item["detail"]) for item in job.receipt["items"]]
    assert rows == [("a", "done", ""), ("b", "failed", WORDS)]


def test_prepull_when_the_hub_starts_processes_then_that_is_said(desk: Desk, hub: Hub) -> None:
    hub.answers = [answer(state="ended", where="processes")]
    server = desk.server()
    job = server.ended(server.prepulls.start_prepull(user="ada"))
    assert job.state == "succeeded" and job.receipt and "nothing to fetch" in job.receipt["title"]


def test_prepull_when_the_hub_knows_no_node_or_may_not_look_then_that_is_the_problem(
    desk: Desk, hub: Hub
) -> None:
    server = desk.server()
    hub.answers = [answer(state="ended")]
    job = server.ended(server.prepulls.start_prepull(user="ada"))
    assert job.state == "failed" and job.problem and "no node" in job.problem.detail
    hub.answers = [answer(state="ended", problem="Kubernetes refuses: pods is forbidden")]
    job = server.ended(server.prepulls.start_prepull(user="ada"))
    assert job.state == "failed" and job.problem and "pods is forbidden" in job.problem.detail


def test_prepull_when_asked_again_meanwhile_then_it_is_the_same_job(desk: Desk, hub: Hub) -> None:
    hub.answers = [BEGUN]
    server = desk.server()
    first = server.prepulls.start_prepull(user="ada")
    assert server.prepulls.start_prepull("git-1", user="marek").id == first.id
    hub.answers = [DONE]
    assert server.ended(first).state == "succeeded"
    assert server.prepulls.start_prepull(user="ada").id != first.id


def test_prepull_when_cancelled_then_it_ends_at_once(desk: Desk, hub: Hub) -> None:
    hub.answers = [BEGUN]
    server = desk.server()
    job = server.prepulls.start_prepull(user="ada")
    server.engine.cancel_job(job.id, AREA, "ada")
    assert server.ended(job, 5).state == "cancelled"


def test_prepull_when_its_server_stops_then_another_organisers_goes_on(
    desk: Desk, hub: Hub
) -> None:
    hub.answers = [HALF]
    first = desk.server("ada")
    job = first.prepulls.start_prepull(user="ada")
    desk.stop(first)
    second = desk.server("marek")
    assert second.job(job.id).state not in ENDED
    hub.answers = [DONE]
    job = second.ended(job)
    assert job.state == "succeeded" and job.times_taken_over >= 1


# ---- a hub that is away, forgets, is older, or refuses


def test_prepull_when_the_hub_is_away_meanwhile_then_it_is_waited_for_and_asked_again(
    desk: Desk, hub: Hub
) -> None:
    """It was started anew, so it has forgotten what it did."""
    hub.answers = [HALF]
    server = desk.server()
    job = server.prepulls.start_prepull(user="ada")
    hub.close()
    time.sleep(3)
    assert server.job(job.id).state == "running"
    hub.answers = [NOTHING, HALF, DONE]
    hub.open()
    job = server.ended(job)
    assert job.state == "succeeded" and len(hub.begun) == 2
    assert "The hub gave no answer" in server.log(job)


def test_prepull_when_the_hub_stays_away_then_the_job_fails_in_the_end(
    desk: Desk, hub: Hub
) -> None:
    server = desk.server()
    settings = ImageRegistry(config=Config({"ImageRegistry": {"image": desk.registry.image}}))
    registry = Registry(settings)
    work = PrePullWork(HubNodes(HubClient(hub.url, TOKEN)), registry, look_s=0.1, outlast_s=1.0)
    impatient = PrePullManager(server.room.tags, registry, work, server.engine)
    hub.answers = [BEGUN]
    job = impatient.start_prepull(user="ada")
    hub.close()
    job = server.ended(job)
    assert job.state == "failed" and job.problem and "The hub gave no answer" in job.problem.detail
    assert "when the hub is back" in job.problem.hint


def test_prepull_when_the_hubs_configuration_is_older_then_what_to_do_is_said(
    desk: Desk, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.status = 404
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1")
    with pytest.raises(NotConfigured) as refused:
        desk.server().prepulls.start_prepull(user="ada")
    assert "older than this console" in refused.value.detail
    live = desk.registry.digest("deploy")
    assert "hub_config.py of this version" in refused.value.hint
    assert f"image-pull-singleuser={desk.registry.image}@{live}" in refused.value.hint


def test_prepull_when_the_token_lacks_the_right_then_the_hubs_words_are_told(
    desk: Desk, hub: Hub
) -> None:
    hub.status = 403
    with pytest.raises(HubRefused) as refused:
        desk.server().prepulls.start_prepull(user="ada")
    assert "so it is" in refused.value.detail and "Restart your server" in refused.value.hint


@pytest.mark.parametrize(
    "said",
    [b"<html>", [], {"state": "ended"}, {**DONE, "state": "odd"}, {**DONE, "nodes": [{}]}],
    ids=lambda said: str(said)[:20],
)
def test_prepull_when_the_hubs_answer_makes_no_sense_then_nothing_begins(
    desk: Desk, hub: Hub, said: Any
) -> None:
    hub.answers = [said]
    with pytest.raises(HubUnavailable):
        desk.server().prepulls.start_prepull(user="ada")
    assert desk.servers[0].engine.list_jobs(AREA).jobs == ()


def test_prepull_when_there_is_no_hub_then_that_is_said(desk: Desk) -> None:
    server = desk.server()
    registry = Registry(ImageRegistry(config=Config({"ImageRegistry": {"image": NAME}})))
    alone = PrePullManager(server.room.tags, registry, PrePullWork(None, registry), server.engine)
    with pytest.raises(NotConfigured, match="no hub here"):
        alone.start_prepull("git-1", user="ada")


# ---- what a receipt of a promotion says


def test_receipt_when_on_kubernetes_then_it_points_to_the_pre_pull_and_nothing_is_claimed() -> None:
    for was_on_canary in (True, False):
        item = fetching(DIGEST, was_on_canary=was_on_canary, environ=KUBERNETES)
        assert item is not None and item.result == "skipped"
        assert f"growth-admin images prepull {DIGEST}" in item.detail
        assert '"Pre-pull this image"' in item.detail
        assert ("canary" in item.detail) is was_on_canary


def test_receipt_when_on_one_machine_with_containers_then_the_canary_has_fetched_it() -> None:
    environ = {"GROWTH_IMAGES_RUN": "yes"}
    item = fetching(DIGEST, was_on_canary=True, environ=environ)
    assert item is not None and item.result == "done" and "canary" in item.detail
    item = fetching(DIGEST, was_on_canary=False, environ=environ)
    assert item is not None and item.result == "skipped" and "images prepull" in item.detail


def test_receipt_when_the_hub_starts_processes_or_is_older_then_nothing_is_said() -> None:
    assert fetching(DIGEST, was_on_canary=True, environ={"GROWTH_IMAGES_RUN": "no"}) is None
    assert fetching(DIGEST, was_on_canary=True, environ={}) is None


def test_command_when_on_kubernetes_then_it_names_the_digest() -> None:
    """By the tag the puller would leave nodes alone that have an older image of that tag."""
    assert f"image-pull-singleuser={NAME}@{DIGEST}" in by_hand(NAME, DIGEST, KUBERNETES)
    assert by_hand(NAME, DIGEST, {}) == ""
