"""A real school for tests: real hub, real proxy, stand-in GitHub, the demo's start chain.

    with School.open(tmp_path) as school:
        jane = school.login("Jane-Doe")        # a browser: requests.Session with the hub's cookies
        school.start("jane-doe")               # her server, as the hub itself
        jane.get(school.server_url("jane-doe") + "/api/status")

The sample people are those of `growth_admin.deploy.demo.people`; `school.new_person()` makes others
for tests that change teams, so that a school can be shared by a whole session.
"""

from __future__ import annotations

import fcntl
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

import psutil
import requests

from growth_admin.deploy.demo.content import furnish
from growth_admin.deploy.demo.folder import DemoFolder, free_port
from growth_admin.deploy.demo.people import ORGANIZATION
from growth_admin.deploy.demo.running import RunningSchool

REPOSITORY = Path(__file__).parents[2]
HUB55 = REPOSITORY / ".venv-hub55"
HUB55_NEEDS = (
    *("jupyterhub==5.5.*", "oauthenticator==17.*", "configurable-http-proxy==0.4.*", "psutil"),
    *("jupyterhub-kubespawner==7.*", "PyYAML"),  # what the chart's hub has, besides
)
REFRESH_S = 2
REQUEST_S = 120.0
Found = TypeVar("Found")


def hub55_python() -> str:
    """The Python of an environment with JupyterHub 5.5, which is made on first use."""
    python = HUB55 / "bin" / "python"
    ready = HUB55 / ".ready"
    with HUB55.with_suffix(".lock").open("w") as lock:  # tests run in several processes
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = "\n".join(HUB55_NEEDS)
        if not ready.exists() or ready.read_text() != wanted:
            if not python.exists():
                subprocess.run([sys.executable, "-m", "venv", "--clear", str(HUB55)], check=True)
            pip = [str(python), "-m", "pip", "install", "--quiet", *HUB55_NEEDS]
            subprocess.run(pip, check=True)
            ready.write_text(wanted)
    return str(python)


def eventually(check: Callable[[], Found], timeout_s: float = 20.0, step_s: float = 0.1) -> Found:
    """The first true value of `check`; AssertionError when it stays false too long."""
    deadline = time.monotonic() + timeout_s
    while not (value := check()):
        assert time.monotonic() < deadline, f"not within {timeout_s} s; last: {value!r}"
        time.sleep(step_s)
    return value


class Browser(requests.Session):
    """A person's browser: cookies, redirects, XSRF. Relative addresses begin at the school."""

    def __init__(self, school_url: str) -> None:
        super().__init__()
        self.trust_env = False
        self.school_url = school_url

    def request(self, method: str, url: str, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        """As requests, with a time limit and addresses relative to the school."""
        kwargs.setdefault("timeout", REQUEST_S)
        return super().request(method, urljoin(self.school_url, url), **kwargs)

    def xsrf(self, path: str = "/hub/") -> dict[str, str]:
        """The header that a page at `path` would send with its requests."""
        found = {
            (cookie.path, cookie.value)
            for cookie in self.cookies
            if cookie.name == "_xsrf" and path.startswith(cookie.path)
        }
        return {"X-XSRFToken": max(found)[1] or ""} if found else {}

    def send_form(self, page: requests.Response, **values: str) -> requests.Response:
        """Submit the page's form with its hidden fields and `values`."""
        form = _Form()
        form.feed(page.text)
        action = urljoin(page.url, form.action or page.url)
        return self.request("POST", action, data=[*form.fields, *values.items()])


class _Form(HTMLParser):
    """Action and prefilled fields of the first form of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.action: str | None = None
        self.fields: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form" and self.action is None:
            self.action = given.get("action") or ""
        is_sent = given.get("type") != "checkbox" or "checked" in given
        if tag == "input" and given.get("name") and is_sent:
            self.fields.append((str(given["name"]), given.get("value") or ""))


class GitHub:
    """The stand-in for GitHub, seen from outside: what people and GitHub itself do."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["X-Growth-Control"] = "test"

    def control(self, method: str, path: str, **body: Any) -> Any:
        """A call under /_control; its JSON."""
        url = f"{self.url}/_control/{path}"
        reply = self._session.request(method, url, json=body, timeout=REQUEST_S)
        reply.raise_for_status()
        return reply.json()

    def api(self, method: str, path: str, token: str, **body: Any) -> requests.Response:
        """A call of GitHub's REST API with a token."""
        headers = {"Authorization": f"Bearer {token}"}
        url = f"{self.url}/api/v3/{path}"
        return self._session.request(
            method, url, json=body or None, headers=headers, timeout=REQUEST_S
        )

    def join(self, login: str, team: str) -> None:
        """Into a team of the school."""
        self.control("PUT", f"members/{ORGANIZATION}/{team}/{login}")

    def leave(self, login: str, team: str) -> None:
        """Out of a team of the school."""
        self.control("DELETE", f"members/{ORGANIZATION}/{team}/{login}")

    @contextmanager
    def weather(self, **values: Any) -> Iterator[None]:
        """Bad weather inside the `with`: status, delay_s, login, web_too."""
        self.control("PUT", "weather", **values)
        try:
            yield
        finally:
            self.control("PUT", "weather")


class School:
    """A running school and the ways in which a test touches it."""

    def __init__(self, running: RunningSchool, all_powerful_token: str) -> None:
        self.running = running
        self.all_powerful_token = all_powerful_token
        self.folder = running.folder
        self.url = running.url
        self.github = GitHub(running.github_url)

    @classmethod
    @contextmanager
    def open(
        cls, root: Path, *, hub_python: str = sys.executable, **variables: str
    ) -> Iterator[School]:
        """Start a school below `root`; everything of it is gone afterwards.

        `variables` go into the hub's environment, for example GROWTH_REFRESH_S="300".
        """
        folder = DemoFolder(root / "school")
        token = secrets.token_hex(24)
        chosen = {
            "GROWTH_DEMO_MORE_CONFIG": str(Path(__file__).with_name("tests_config.py")),
            "TESTS_TOKEN": token,
            "GROWTH_REFRESH_S": str(REFRESH_S),
            "GROWTH_GITHUB_PAUSE_S": "1",
            "GROWTH_GITHUB_TIMEOUT_S": "2",
            **variables,
        }
        with folder.locked():
            settings, _ = folder.create(free_port())
            furnish(folder)
            with RunningSchool(folder, settings, hub_python, chosen) as running:
                yield cls(running, token)

    # ---- people

    def new_person(self, *teams: str, login: str = "") -> str:
        """A GitHub account in these teams of the school; its login."""
        login = login or f"Test-{secrets.token_hex(4)}"
        self.github.control("POST", "people", login=login)
        for team in teams:
            self.github.join(login, team)
        return login

    def browser(self) -> Browser:
        """A browser in which nobody is logged in."""
        return Browser(self.url)

    def try_login(self, login: str) -> tuple[Browser, requests.Response]:
        """Log in at the hub with GitHub; the browser and where it ended."""
        browser = Browser(self.url)
        return browser, self.log_in_with(browser, login)

    def log_in_with(self, browser: Browser, login: str) -> requests.Response:
        """Log in at the hub with GitHub in this browser."""
        page = browser.get("/hub/oauth_login?next=/hub/home")
        assert page.status_code == 200, (page.url, page.status_code)
        return browser.send_form(page, login=login)

    def login(self, login: str) -> Browser:
        """The browser of somebody who logged in. AssertionError if refused."""
        browser, page = self.try_login(login)
        assert page.status_code == 200 and urlsplit(page.url).path == "/hub/home", (
            f"{login} was refused: {page.status_code} at {page.url}"
        )
        return browser

    # ---- the hub

    def hub_api(
        self, method: str, path: str, token: str | Browser | None = None, **kwargs: Any
    ) -> requests.Response:
        """A call of the hub's REST API: with a token, as a browser, or (None) as the school.

        The school itself may do everything; it is a service made for tests.
        """
        url = f"{self.url}/hub/api/{path.lstrip('/')}"
        if isinstance(token, Browser):
            return token.request(method, url, headers=token.xsrf(), **kwargs)
        headers = {"Authorization": f"token {token or self.all_powerful_token}"}
        return Browser(self.url).request(method, url, headers=headers, **kwargs)

    def user(self, name: str) -> dict[str, Any]:
        """The hub's model of a user, seen by the school."""
        reply = self.hub_api("GET", f"users/{name}")
        assert reply.status_code == 200, (name, reply.status_code, reply.text)
        model: dict[str, Any] = reply.json()
        return model

    def groups(self, name: str) -> list[str]:
        """The user's groups at the hub, sorted."""
        return sorted(self.user(name)["groups"])

    def token(self, name: str, **options: Any) -> str:
        """A personal token of the user, with all that the user may do unless `scopes` are given."""
        reply = self.hub_api("POST", f"users/{name}/tokens", json={"note": "test", **options})
        assert reply.status_code == 201, (name, reply.status_code, reply.text)
        return str(reply.json()["token"])

    # ---- servers

    def start(self, name: str, server: str = "", **options: Any) -> dict[str, Any]:
        """Start a server with these options and wait until it answers; the hub's model of it."""
        place = f"users/{name}/servers/{server}" if server else f"users/{name}/server"
        reply = self.hub_api("POST", place, json=options or None)
        assert reply.status_code in (201, 202), (name, reply.status_code, reply.text)
        return eventually(lambda: self.server(name, server), REQUEST_S)

    def server(self, name: str, server: str = "") -> dict[str, Any] | None:
        """The hub's model of a ready server, else None."""
        model = self.user(name)["servers"].get(server)
        return model if model and model["ready"] else None

    def stop(self, name: str, server: str = "", **options: Any) -> None:
        """Stop a server and wait until it is gone."""
        place = f"users/{name}/servers/{server}" if server else f"users/{name}/server"
        reply = self.hub_api("DELETE", place, json=options or None)
        assert reply.status_code in (202, 204), (name, reply.status_code, reply.text)
        eventually(lambda: not self.server(name, server))

    def server_url(self, name: str, server: str = "") -> str:
        """The address of a server through the proxy, without a slash at the end."""
        return f"{self.url}/user/{name}" + (f"/{server}" if server else "")

    def server_environment(self, name: str, server: str = "") -> dict[str, str]:
        """The environment of a running server's process."""
        for process in psutil.process_iter():
            try:
                environment = process.environ()
            except (psutil.Error, OSError):
                continue
            is_ours = environment.get("GROWTH_DEMO_MARK") == self.running.settings.mark
            owner = environment.get("JUPYTERHUB_USER"), environment.get("JUPYTERHUB_SERVER_NAME")
            if is_ours and owner == (name, server):
                return environment
        raise AssertionError(f"no server {server!r} of {name} runs")

    def server_token(self, name: str, server: str = "") -> str:
        """The hub token that a running server holds."""
        return self.server_environment(name, server)["JUPYTERHUB_API_TOKEN"]

    def open_lab(self, browser: Browser, name: str, server: str = "") -> requests.Response:
        """Open a server's Lab in the browser, agreeing to the hub's question if it asks."""
        page = browser.get(self.server_url(name, server) + "/lab")
        if urlsplit(page.url).path == "/hub/api/oauth2/authorize" and page.status_code == 200:
            page = browser.send_form(page)
        return page
