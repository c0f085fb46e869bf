"""The stand-in for GitHub as tests use it: a real process on a loopback port.

    with github.running(tmp_path) as hub:               # organization "school", owner "Owner"
        people = hub.people(300)                            # accounts; [{login, id, name, email}]
        hub.team("tas"); hub.team("tas-maths", parent="tas")
        members = hub.people(1000, prefix="old-", teams=["students"])   # in the team already
        token = hub.token()                                 # the owner's, admin:org
        app = hub.app({"members": "write"})                 # a GitHub App with its private key
        ...                                                 # the code under test, at hub.api_url
        hub.move_clock(days=8)                              # everything open has expired
        hub.accept("old-0001")
        assert hub.sent_twice() == []                       # no invitation mail went out twice
        assert hub.count("PUT", r"/memberships/") == 50
        assert published.sent_problems(hub.requests()) == []    # bodies as GitHub describes them

Faults, each with `after_n` (requests that pass before), `times` (0: until `hub.clear()`), `method`
and `path` (regular expressions), `login`:

    hub.fault("cut_after", method="PUT", path="/memberships/", after_n=7)  # made, never answered
    hub.fault("secondary", times=3)          # 403, retry-after 60   (also secondary_429)
    hub.fault("secondary_silent")            # without retry-after   (also secondary_429_silent)
    hub.fault("primary")                     # 403, x-ratelimit-remaining 0
    hub.fault("lost_answer", method="POST")  # made, then 502
    hub.fault(status=500, path="/invitations$"), "outage" 503, "bad_gateway" 502, "error" 500,
    "cut_before", "slow" (delay_s=5), "over_limit", "no_seat", "blocked", "unprocessable", "sso",
    "forbidden", "unauthorized", "not_found"

Limits and settings that the stand-in keeps by itself:

    hub.limits(primary_per_hour=100, writes_per_minute=80, writes_per_hour=500,
               points_per_minute=900, secondary_status=429, tells_retry_after=False)
    hub.settings(invitation_limit=50, seats=400, requires_two_factor=True, requires_sso=True,
                 restricts_oauth_apps=True, approved_applications=[...], repeats="refused")

What one organization is asked about is `hub.organization`. `hub.control` reaches the rest: the list
is in `growth_admin/deploy/standins/github/control.py`. `hub.kill()` and `hub.start()` are a crash.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from growth_admin.deploy.demo.folder import free_port

REPOSITORY = Path(__file__).parents[1]
REQUEST_S = 30
ORGANIZATION, OWNER = "school", "Owner"
SEED: dict[str, Any] = {
    "organizations": [ORGANIZATION],
    "people": [{"login": OWNER, "name": "Olga Owner", "owns": [ORGANIZATION]}],
}


@dataclass(frozen=True)
class App:
    """A GitHub App: what a client is configured with."""

    id: int
    slug: str
    client_id: str
    private_key: str
    installation_id: int


class StandIn:
    """A running stand-in, its control and its REST API."""

    def __init__(
        self, folder: Path, seed: dict[str, Any], organization: str = "", *, keeps: bool = True
    ) -> None:
        self.folder, self.keeps = folder, keeps
        self.organization, self.owner = organization, OWNER
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.api_url = f"{self.url}/api/v3"
        self.session = requests.Session()
        self.session.trust_env = False
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "seed.json").write_text(json.dumps(seed))
        self.start()

    # ---- the process

    def start(self) -> None:
        """Start it, or start it again with the state that it kept."""
        command = [sys.executable, "-m", "growth_admin.deploy.standins.github"]
        command += ["--port", str(self.port), "--seed", str(self.folder / "seed.json")]
        command += ["--state", str(self.folder / "state.json")] if self.keeps else []
        self.process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE)
        assert self.process.stdout and self.process.stdout.readline(), "it did not start"

    def stop(self) -> int:
        """Stop it; its exit code."""
        self.process.terminate()
        return self.process.wait(10)

    def kill(self) -> None:
        """Kill it, as a crash would; `start` brings it back with what it had answered."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    # ---- calls

    def control(self, method: str, path: str, /, **body: Any) -> Any:
        """A change from outside; its JSON."""
        headers = {"X-Growth-Control": "test"}
        url = f"{self.url}/_control/{path}"
        reply = self.session.request(method, url, json=body, headers=headers, timeout=REQUEST_S)
        assert reply.ok, f"{method} {path}: {reply.text}"
        return reply.json()

    def call(self, method: str, path: str, token: str = "", **options: Any) -> requests.Response:
        """A call of the REST API; `path` begins with a slash, after /api/v3."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers |= options.pop("headers", {})
        url = f"{self.api_url}{path}"
        return self.session.request(method, url, headers=headers, timeout=REQUEST_S, **options)

    def open_school(self, name: str) -> None:
        """Another organization, with its own owner `NAME-owner`; what follows is about it.

        So tests can share a process, and none sees the others' people.
        """
        self.organization, self.owner = name, f"{name}-owner"
        person = {"login": self.owner, "owns": [name]}
        self.control("PUT", "seed", organizations=[name], people=[person])

    # ---- people

    def people(
        self,
        count: int,
        prefix: str = "student-",
        first: int = 1,
        teams: list[str] | None = None,
    ) -> list[dict[str, Any]]:
        """`count` accounts PREFIX0001...; in these teams, if given (made if missing), accepted."""
        places = [f"{self.organization}/{team}" for team in teams or ()]
        wanted = {"count": count, "prefix": prefix, "first": first, "teams": places}
        made: list[dict[str, Any]] = self.control("POST", "crowd", **wanted)
        return made

    def person(self, login: str, **more: Any) -> dict[str, Any]:
        """One account; `name`, `email`, `emails`, `two_factor`."""
        made: dict[str, Any] = self.control("POST", "people", login=login, **more)
        return made

    def rename(self, login: str, new_login: str) -> None:
        """The account under another login."""
        self.control("PATCH", f"people/{login}", login=new_login)

    def team(self, name: str, **more: str) -> dict[str, Any]:
        """A team ({id, slug}); `parent`, a slug, and `privacy`."""
        made: dict[str, Any] = self.control("POST", f"teams/{self.organization}", name=name, **more)
        return made

    def join(self, login: str, team: str, role: str = "member") -> None:
        """Into the organization and the team, without an invitation."""
        self.control("PUT", f"members/{self.organization}/{team}/{login}", role=role)

    def accept(self, login: str) -> None:
        """The person accepts what is open."""
        self.control("POST", f"accept/{self.organization}/{login}")

    def decline(self, login: str) -> None:
        """The person declines."""
        self.control("POST", f"decline/{self.organization}/{login}")

    def leave(self, login: str) -> None:
        """The person leaves the organization by themselves: adding again is 403 "Blocked"."""
        self.control("POST", f"leave/{self.organization}/{login}")

    def block(self, login: str) -> None:
        """An owner blocks the person."""
        self.control("PUT", f"blocks/{self.organization}/{login}")

    # ---- credentials

    def token(self, login: str = "", *scopes: str) -> str:
        """A classic personal access token, the owner's; `admin:org` unless scopes are given."""
        given = [scope for scope in scopes or ("admin:org",) if scope]
        who = login or self.owner
        return str(self.control("POST", "tokens", login=who, scopes=given)["token"])

    def fine_grained(self, permissions: dict[str, str], login: str = "") -> str:
        """A fine-grained token, for example {"members": "write"}."""
        who = login or self.owner
        wanted = {"login": who, "permissions": permissions, "org": self.organization}
        return str(self.control("POST", "tokens", **wanted)["token"])

    def app(self, permissions: dict[str, str], name: str = "Growth") -> App:
        """A GitHub App of the organization, installed in it."""
        wanted = {"name": name, "owner": self.organization, "permissions": permissions}
        made = self.control("POST", "apps", **wanted)
        number = made["installations"][self.organization]
        return App(made["id"], made["slug"], made["client_id"], made["private_key"], number)

    # ---- time, limits, faults

    def move_clock(self, **by: float) -> None:
        """Move it by days, hours, minutes, seconds."""
        self.control("POST", "clock", **by)

    def now_s(self) -> float:
        """The stand-in's time."""
        return float(self.control("GET", "clock")["now_s"])

    def limits(self, **rules: Any) -> None:
        """Change limits on requests (`limits.Rules`)."""
        self.control("PUT", "limits", **rules)

    def settings(self, **values: Any) -> None:
        """Change the organization's settings (`organizations.Policy`, and `created_at`)."""
        self.control("PATCH", f"organizations/{self.organization}", **values)

    def fault(self, name: str = "", **how: Any) -> None:
        """Let requests fail, one if nothing else is said."""
        self.control("POST", "faults", name=name, **how)

    def clear(self) -> None:
        """Fair weather, no faults, all counts anew."""
        self.control("DELETE", "faults")
        self.control("PUT", "weather")
        self.control("DELETE", "limits")

    def fail_invitation(self, number: int, reason: str) -> None:
        """An open invitation fails: no_more_seats, trade_controls, invalid_generic, or words."""
        self.control("POST", f"fail/{self.organization}/{number}", reason=reason)

    # ---- what happened

    def invitations(self, state: str = "") -> list[dict[str, Any]]:
        """All invitations ever made, or those that are pending, accepted, cancelled, failed."""
        found = self.control("GET", f"invitations/{self.organization}")
        return [one for one in found if state in ("", one["state"])]

    def mails(self) -> list[dict[str, Any]]:
        """Invitation mails that went out: {at, invitation, login, email, is_repeat}."""
        found: list[dict[str, Any]] = self.control("GET", f"mails/{self.organization}")
        return found

    def sent_twice(self) -> list[str]:
        """Addresses that got more than one invitation mail since `forget_mails`."""
        counts = Counter(mail["email"].lower() for mail in self.mails())
        return sorted(email for email, count in counts.items() if count > 1)

    def forget_mails(self) -> None:
        """Begin to count mails anew, for example after invitations have expired."""
        self.control("DELETE", f"mails/{self.organization}")

    def requests(self) -> list[dict[str, Any]]:
        """Requests since `forget_requests`: {method, path, login, status, body, at, ...}."""
        found: list[dict[str, Any]] = self.control("GET", "requests")
        return found

    def count(self, method: str = "", path: str = "", status: int = 0) -> int:
        """How many of them there were, by method, a regular expression in the path, status."""
        return sum(
            (not method or one["method"] == method)
            and bool(re.search(path, one["path"]))
            and (not status or one["status"] == status)
            for one in self.requests()
        )

    def forget_requests(self) -> None:
        """Begin to count requests anew."""
        self.control("DELETE", "requests")


@contextmanager
def running(
    folder: Path,
    seed: dict[str, Any] | None = None,
    organization: str = ORGANIZATION,
    *,
    keeps: bool = True,
) -> Iterator[StandIn]:
    """A stand-in with its state below `folder`; gone afterwards.

    Without `keeps` it writes no file, which is quicker, and forgets everything when it stops.
    """
    standin = StandIn(folder / "github", seed or SEED, organization, keeps=keeps)
    try:
        yield standin
    finally:
        if standin.process.poll() is None:
            standin.stop()  # one that is killed leaves its repositories and what runs for it
