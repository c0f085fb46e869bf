"""Starts a JupyterHub without a school, for tests with many users and many servers."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from growth_admin.core.audit import AuditTrail
from growth_admin.deploy.demo.folder import free_port
from growth_admin.jobs.engine import JobEngine
from growth_admin.jobs.models import ENDED, Job
from growth_admin.jobs.store import JobStore
from growth_admin.servers.flight import Limits
from growth_admin.servers.hub import HubClient
from growth_admin.servers.manager import ServerManager
from growth_admin.servers.models import Action, Pace, Selector, Target
from tests.hub.school import eventually

CONFIG = Path(__file__).with_name("plain_config.py")
YARD = Path(__file__).with_name("plain_yard.py")
FILL = """
import sys
from jupyterhub import orm
session = orm.new_session_factory(sys.argv[1])()
group = orm.Group(name="students")
role = orm.Role(name="user", scopes=["self"])
session.add_all([group, role])
for number in range(int(sys.argv[2])):
    user = orm.User(name=f"s{number:05}")
    user.groups.append(group)
    user.roles.append(role)
    session.add(user)
session.commit()
"""
"""Users through the hub's API take 60 ms each; so they are written before the hub starts."""


@dataclass
class PlainHub:
    """A running hub and a token that may see and control every server."""

    root: Path
    url: str
    token: str
    python: str
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the hub; one that was killed finds its database, proxy and servers again."""
        with (self.root / "hub.log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.python, "-m", "jupyterhub", "-f", str(CONFIG)],
                cwd=self.root,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        eventually(lambda: _is_up(self), 120)

    def kill(self) -> None:
        """Kill the hub at once, as a node that goes away; proxy and servers go on."""
        assert self.process
        self.process.kill()
        self.process.wait(20)

    def client(self, session: Callable[[], requests.Session] = requests.Session) -> HubClient:
        """Return a client with that token."""
        return HubClient(self.url, self.token, session)

    def noted(self, what: str) -> list[tuple[str, int]]:
        """Return who was started or stopped, and how many were between stop and ready then.

        That is what the servers' own machine saw: "start", "up" once it answers, and "stop" for
        each that ran.
        """
        path = self.root / "spawner.log"
        lines = path.read_text().splitlines() if path.exists() else []
        rows = [line.split() for line in lines]
        return [(name, int(down)) for said, name, down in rows if said == what]

    def fail(self, *names: str) -> None:
        """Let the starts of these users fail from now on."""
        for name in names:
            (self.root / "failing" / name).touch()


@contextmanager
def plain_hub(
    root: Path,
    *,
    users: int,
    start_s: float,
    stop_s: float,
    python: str = sys.executable,
    **variables: str,
) -> Iterator[PlainHub]:
    """Yield a hub with users s00000, s00001 and so on; it is gone afterwards."""
    (root / "failing").mkdir(parents=True)
    # in memory where there is such a place: a busy disk under the hub's database is not the matter
    memory = Path("/dev/shm")
    database = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else root)) / "hub.sqlite"
    fill = [python, "-c", FILL, f"sqlite:///{database}", str(users)]
    subprocess.run(fill, check=True, cwd=root, capture_output=True)
    token, hub_port = secrets.token_hex(24), free_port()
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "GROWTH_"))},
        "PLAIN_ROOT": str(root),
        "PLAIN_DATABASE": str(database),
        "PLAIN_PORT": str(free_port()),
        "PLAIN_HUB_PORT": str(hub_port),
        "PLAIN_PROXY_PORT": str(free_port()),
        "PLAIN_YARD_PORT": str(free_port()),
        "PLAIN_TOKEN": token,
        "PLAIN_START_S": str(start_s),
        "PLAIN_STOP_S": str(stop_s),
        "CONFIGPROXY_AUTH_TOKEN": secrets.token_hex(24),
        **variables,
    }
    hub = PlainHub(root, f"http://127.0.0.1:{hub_port}/hub/api", token, python, environment)
    yard = subprocess.Popen([python, str(YARD)], cwd=root, env=environment)
    try:
        eventually((root / "yard").is_dir, 30)
        hub.start()
        yield hub
    finally:
        if hub.process:
            _end(hub.process)
        yard.kill()
        yard.wait(20)
        shutil.rmtree(database.parent)


class CountingSession(requests.Session):
    """Counts what it sends; all sessions of one ``counts`` together."""

    def __init__(self, counts: Counter[str]) -> None:
        super().__init__()
        self._counts = counts

    def request(self, method: str, url: str, **options: Any) -> requests.Response:  # type: ignore[override]  # as it is called
        """Send and count: lists apart from what concerns one user."""
        is_list = "/users?" in url
        self._counts["lists" if is_list else method] += 1
        return super().request(method, url, **options)


class Console:
    """The servers room on this hub, as on an admin's server; one that is not open only looks."""

    def __init__(
        self,
        hub: PlainHub,
        folder: Path,
        *,
        owner: str = "ada",
        is_open: bool = True,
        limits: Limits | None = None,
    ) -> None:
        self.hub = hub
        self.counts: Counter[str] = Counter()
        self.client = hub.client(lambda: CountingSession(self.counts))
        audit = AuditTrail(folder / "audit", writer=owner)
        store = JobStore(folder / "jobs")
        self.engine = JobEngine(store, user=owner, server=f"{owner}/", audit=audit)
        self.manager = ServerManager(self.client, self.engine, owner=owner, limits=limits)
        if is_open:
            self.engine.open()

    def run(
        self,
        action: Action,
        pace: Pace,
        *,
        names: Sequence[str] = (),
        selector: Selector | None = None,
        timeout_s: float = 300,
    ) -> Job:
        """Plan, apply and return the job once it has ended; only its own calls are counted."""
        targets = [Target(user=name) for name in names]
        plan = self.manager.plan(action, targets, selector=selector, pace=pace)
        job = self.manager.apply(plan.id, action, plan.servers, "ada", pace=pace)
        self.counts.clear()
        eventually(lambda: self.engine.get_job(job.id, ["servers"]).state in ENDED, timeout_s)
        return self.engine.get_job(job.id, ["servers"])


def _is_up(hub: PlainHub) -> bool:
    assert hub.process and hub.process.poll() is None, (hub.root / "hub.log").read_text()[-2000:]
    with requests.Session() as session:
        session.trust_env = False
        try:
            return session.get(f"{hub.url}/", timeout=5).status_code == 200
        except requests.RequestException:
            return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the hub and its proxy, which are one session of processes."""
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(20)
