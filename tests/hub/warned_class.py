"""A class whose users are told before their servers are restarted, as each of them lives it.

Students' pages are requests with the key of their Lab's page; kernels are real. What was done to
servers is seen at the hub and counted by the start chain, not read in the job's own record.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests
import websocket

from growth_admin.client import GrowthClient
from growth_admin.jobs.models import ENDED, Job
from growth_admin.servers.models import Courtesy, Pace
from tests.hub.school import School, eventually

KEY = re.compile(r'"growthNotices": "([\w-]{40,})"')
LOOK_S, LEASE_S = 2.0, 3.0
SETTINGS = f"""c = get_config()
c.GrowthAdmin.notices_poll_s = {LOOK_S}
c.GrowthAdmin.lease_s = {LEASE_S}
"""
COURTESY = Courtesy(warn_min=1, may_postpone_min=1, wait_for_busy_min=1)
PACE = Pace(canary_count=0, max_in_flight=6)
"""One wave, so that all are told the same time."""


class Pupil:
    """A student with a running server, and with Lab open once ``open`` was called."""

    def __init__(self, school: School, login: str) -> None:
        self.school = school
        self.name = login.lower()
        self.browser = school.login(login)
        self._key = ""

    def open(self) -> None:
        """Open Lab: its page gets the key that works without the hub."""
        page = self.school.open_lab(self.browser, self.name)
        self._key = KEY.findall(page.text)[0]

    def notices(self) -> list[dict[str, Any]]:
        """What is shown now; before Lab is open, to the owner's browser."""
        reply = self._ask("GET", "growth/api/notices/mine")
        assert reply.status_code == 200, (self.name, reply.status_code, reply.text[:200])
        shown: list[dict[str, Any]] = reply.json()["notices"]
        return shown

    @property
    def at_s(self) -> float:
        """When the server is restarted, as its countdown says; 0 when nothing is shown."""
        shown = self.notices()
        return float(shown[0]["restart"]["at_s"]) if shown else 0.0

    def say(self, kind: str, **words: Any) -> None:
        """Answer the notice that is shown."""
        body = {"notice": self.notices()[0]["id"], "kind": kind, **words}
        reply = self._ask("POST", "growth/api/notices/replies", json=body)
        assert reply.json() == {"is_kept": True}, (self.name, reply.text[:200])

    def work(self) -> None:
        """Open Lab and run a cell that does not end, in a kernel; the page is not looked at."""
        self.open()
        path = f"/user/{self.name}/"
        made = self.browser.post(f"{path}api/kernels", json={}, headers=self.browser.xsrf(path))
        assert made.status_code == 201, made.text
        cookies = "; ".join(f"{one.name}={one.value}" for one in self.browser.cookies)
        address = self.school.url.replace("http", "ws", 1)
        channels = f"{address}{path}api/kernels/{made.json()['id']}/channels"
        socket = websocket.create_connection(channels, cookie=cookies, timeout=60)
        header = {"msg_id": "work", "msg_type": "execute_request", "version": "5.3"}
        content = {"code": "import time\nprint('at work', flush=True)\ntime.sleep(3600)"}
        empty: dict[str, Any] = {"metadata": {}, "parent_header": {}}
        message = {"channel": "shell", "header": header, "content": content, **empty}
        socket.send(json.dumps(message))
        while json.loads(socket.recv())["header"]["msg_type"] != "stream":
            pass
        socket.close()

    def _ask(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {"X-Growth-Notices": self._key} if self._key else {}
        session = self.school.browser() if self._key else self.browser
        url = f"{self.school.server_url(self.name)}/{path}"
        return session.request(method, url, headers=headers, allow_redirects=False, **options)


class Watch:
    """Looks at the hub's list again and again, and notes when each server was seen to go."""

    def __init__(self, school: School) -> None:
        self._school = school
        self._ready: dict[str, str] = {}
        self.gone_s: dict[str, float] = {}
        self.times = Counter[str]()
        self.is_back_s: dict[str, float] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> Watch:
        self._look()
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join(30)

    def _look_on(self) -> None:
        while not self._over.wait(0.2):
            self._look()

    def _look(self) -> None:
        try:
            reply = self._school.hub_api("GET", "users", params={"limit": 200}, timeout=10)
            if reply.status_code != 200:
                return
            users = reply.json()
        except (requests.RequestException, ValueError):
            return  # the hub is out; what happens meanwhile shows by the moment of the start
        moment = time.time()
        now = {
            user["name"]: str(server["started"])
            for user in users
            for server in [user["servers"].get("")]
            if server and server["ready"]
        }
        for name in self._ready.keys() - now.keys():
            self.gone_s[name] = moment
            self.times[name] += 1
        for name in now.keys() & self._ready.keys():
            self.times[name] += now[name] != self._ready[name]
        for name in self.gone_s.keys() & now.keys() - self._ready.keys():
            self.is_back_s[name] = moment
        self._ready = now


class SchoolClass:
    """A school, two organisers with their consoles, and who is told what."""

    def __init__(self, school: School) -> None:
        self.school = school

    def prepare(self, *logins: str) -> None:
        """Have these people's servers run, which look often."""
        for login in logins:
            self.school.login(login)
            settings = self.school.folder.homes / login.lower() / ".jupyter"
            settings.mkdir(parents=True, exist_ok=True)
            (settings / "jupyter_server_config.py").write_text(SETTINGS)
        names = [login.lower() for login in logins]
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(self._run, names))

    def _run(self, name: str) -> None:
        if not self.school.server(name):
            self.school.start(name)

    def client(self, login: str) -> GrowthClient:
        """The console of an organiser's own server."""
        name = login.lower()
        return GrowthClient(self.school.server_url(name), self.school.server_token(name))

    def begin(self, client: GrowthClient, *names: str) -> Job:
        """Restart these, with a warning of a minute."""
        plan = client.servers.plan_control("restart", *names, pace=PACE, courtesy=COURTESY)
        assert plan.announcement, plan
        return client.servers.apply_control(plan)

    def ended(self, client: GrowthClient, job: Job, timeout_s: float = 300) -> Job:
        """The job once it has ended."""
        eventually(lambda: client.jobs.get_job(job.id).state in ENDED, timeout_s, step_s=1)
        return client.jobs.get_job(job.id)

    def starts(self) -> Counter[str]:
        """How often each user's server was started, as the start chain wrote it down."""
        records = Path(self.school.folder.admin) / "logs" / "records"
        return Counter({p.stem: len(p.read_text().splitlines()) for p in records.glob("*.jsonl")})


def details(job: Job) -> dict[str, tuple[str, str]]:
    """Result and words of the receipt, by server."""
    assert job.receipt is not None, job
    return {item["target"]: (item["result"], item["detail"]) for item in job.receipt["items"]}
