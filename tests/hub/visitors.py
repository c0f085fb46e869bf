"""Every kind of visitor that a console can have, on a real hub."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests

from growth_admin.core.permissions import AREAS
from tests.hub.school import Browser, School, eventually

ADMIN, OTHER_ADMIN = "Ada-Okafor", "marek-lind"
EXAMPLES = {
    "script": "as-user.sh",
    "user": "jane-doe",
    "revision": "1",
    "proposal": "1",
    "job_id": "no-such-job",
    "name": "no-such-dataset",
    "upload_id": "0" * 32,
    "image": "deploy",
    "key": "nobody",
    "notice_id": "no-such-notice",
    "list": "pip",
    "build": "no-such-build",
    "tryout": "no-such-try",
}
"""What stands for each part of a path that a route leaves open."""
FORCED = f"c.GrowthAdmin.areas = {list(AREAS)!r}\n"


@dataclass(frozen=True)
class Visitor:
    """Somebody who sends requests to a console: ``send`` does so with what they have."""

    name: str
    base_url: str
    send: Callable[..., requests.Response]
    may_read: bool = False
    may_change: bool = False
    areas: tuple[str, ...] = ()
    """Areas of permissions that are open where not everything is."""


@dataclass
class Visitors:
    """Makes the visitors; servers and logins are made once and shared."""

    school: School
    _labs: dict[str, Browser] = field(default_factory=dict)

    def force_all_areas(self, login: str) -> None:
        """Do what a curious student would: switch the whole console on in one's own server."""
        account = self._account(login)
        folder = self.school.folder.homes / account / ".jupyter"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "jupyter_server_config.py").write_text("c = get_config()\n" + FORCED)

    def _account(self, login: str) -> str:
        return login.lower()

    def at_home(self, login: str, *, is_forced: bool = False) -> Browser:
        """Return the browser of somebody who is logged in and has the own Lab open."""
        if login not in self._labs:
            browser = self.school.login(login)
            if is_forced:
                self.force_all_areas(login)
            self.school.start(login.lower())
            page = self.school.open_lab(browser, login.lower())
            assert page.status_code == 200, (login, page.status_code, page.url)
            self._labs[login] = browser
        return self._labs[login]

    def visiting(self, login: str, owner: str) -> Browser:
        """Return the browser of somebody who opened another person's server."""
        browser = self.at_home(login, is_forced=login not in (ADMIN, OTHER_ADMIN))
        page = self.school.open_lab(browser, owner)
        assert page.status_code == 200, (login, owner, page.status_code, page.url)
        return browser

    def share(self, owner: str, visitor: str) -> None:
        """Share a server, as an admin who does not know better would."""
        scopes = [f"access:servers!server={owner}/"]
        reply = self.school.hub_api(
            "POST", f"shares/{owner}/", json={"user": visitor, "scopes": scopes}
        )
        assert reply.status_code in (200, 201), (reply.status_code, reply.text)

    def sender(
        self, browser: Browser, owner: str, *, xsrf: bool = True
    ) -> Callable[..., requests.Response]:
        """Return what sends requests of this browser to the owner's server."""
        base = self.school.server_url(owner)

        def send(method: str, path: str, body: Any = None) -> requests.Response:
            headers = browser.xsrf(f"/user/{owner}/") if xsrf else {}
            return browser.request(
                method, base + path, json=body, headers=headers, allow_redirects=False
            )

        return send

    def token_sender(self, token: str, owner: str) -> Callable[..., requests.Response]:
        """Return what sends requests with a token in the header."""
        base, plain = self.school.server_url(owner), self.school.browser()

        def send(method: str, path: str, body: Any = None) -> requests.Response:
            headers = {"Authorization": f"token {token}"}
            return plain.request(
                method, base + path, json=body, headers=headers, allow_redirects=False
            )

        return send

    def stolen_token(self, thief: str) -> str:
        """Return the token that an admin's visit leaves on the server of ``thief``."""
        admin = self.visiting(ADMIN, thief.lower())
        page = admin.get(self.school.server_url(thief.lower()) + "/lab")
        found = re.search(r'"token":\s*"([^"]+)"', page.text)
        assert found, "JupyterLab's page carries no token any more: steal it some other way"
        return found.group(1)

    def removed_admin(self) -> tuple[str, Browser]:
        """Return an admin who was taken out of the team while Lab was open."""
        login = self.school.new_person("admins", login=f"Was-Admin-{secrets.token_hex(3)}")
        browser = self.at_home(login)
        base = self.school.server_url(login.lower())
        assert browser.get(f"{base}/growth/api/me").status_code == 200
        self.school.github.leave(login, "admins")
        eventually(lambda: browser.get(f"{base}/growth/api/me").status_code == 403, 60)
        return login, browser
