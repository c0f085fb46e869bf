"""A roster for the new school: who is in it, who was invited and when, who did not answer.

So that "who has not accepted" has something to show on the first day. Invitations are sent through
GitHub's own interface, with the stand-in's clock moved back meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import requests

from growth_admin.core.schema import now
from growth_admin.deploy.demo import people
from growth_admin.deploy.demo.folder import DemoFolder
from growth_admin.roster.book import Listed, RosterBook

TIMEOUT_S: Final = 10
AGE: Final = timedelta(days=60)
UNLISTED: Final = "Yuki-Tanaka"
"""Somebody who was put into the team by hand, and of whom the roster does not know."""
TYPO: Final = "ines-cardozo-2010"
"""A login that nobody has."""
GONE: Final = "Bo-Larsen"
"""Somebody who was in the team and left."""


@dataclass(frozen=True)
class Invited:
    """Somebody who was invited so many days ago."""

    name: str
    email: str
    days: float
    login: str = ""


INVITED: Final = (
    Invited("Lea Brunner", "lea.brunner@example.org", 9.5),
    Invited("Tuan Pham", "tuan.pham@example.org", 8.2, "Tuan-Pham"),
    Invited("Nils Berg", "nils.berg@example.org", 5.4),
    Invited("Amara Eze", "amara.eze@example.org", 1.1, "Amara-Eze"),
)


class StandInGitHub:
    """GitHub's stand-in, asked with the school's token, and its clock."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {token}"

    def move_clock(self, days: float) -> None:
        """Move the clock, back if the days are negative."""
        self._send("POST", "_control/clock", {"days": days}, {"X-Growth-Control": "demo"})

    def team_id(self, slug: str) -> int:
        """Return the number of a team of the school."""
        path = f"api/v3/orgs/{people.ORGANIZATION}/teams/{slug}"
        return int(self._send("GET", path)["id"])

    def account_id(self, login: str) -> int:
        """Return the number of an account."""
        return int(self._send("GET", f"api/v3/users/{login}")["id"])

    def invite(self, whom: Invited, team_id: int) -> None:
        """Send an invitation, now by the clock."""
        body: dict[str, Any] = {"role": "direct_member", "team_ids": [team_id]}
        body |= {"invitee_id": self.account_id(whom.login)} if whom.login else {"email": whom.email}
        self._send("POST", f"api/v3/orgs/{people.ORGANIZATION}/invitations", body)

    def _send(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Any:
        reply = self._session.request(
            method, f"{self._url}/{path}", json=body, headers=headers, timeout=TIMEOUT_S
        )
        reply.raise_for_status()
        return reply.json()


def make_roster(folder: DemoFolder, github: StandInGitHub) -> None:
    """Send the invitations and write the roster of the school."""
    team = github.team_id("students")
    at_days = 0.0
    for whom in sorted(INVITED, key=lambda one: -one.days):
        github.move_clock(-whom.days - at_days)
        at_days = -whom.days
        github.invite(whom, team)
    github.move_clock(-at_days)
    book = RosterBook(folder.admin / ".growth-admin" / "roster" / "book")
    listed = {one.key: one for one in _listed(github.account_id)}
    book.update(lambda old: {**old, **listed}, user="ada-okafor", reason="imported registrations")


def _listed(account_id: Callable[[str], int]) -> list[Listed]:
    """Return the entries: the sample people, the invited, and two who need an eye."""
    found = [
        _entry(
            person.login,
            person.name,
            _email(person.name),
            team=person.team,
            github_id=account_id(person.login),
            was_active=True,
        )
        for person in people.PEOPLE
        if person.team and person.login != UNLISTED
    ]
    for whom in INVITED:
        number = account_id(whom.login) if whom.login else None
        sent = now() - timedelta(days=whom.days)
        found.append(_entry(whom.login, whom.name, whom.email, github_id=number, invited=sent))
    found.append(_entry(TYPO, "Inês Cardoso", "ines.cardoso@example.org"))
    number = account_id(GONE)
    found.append(_entry(GONE, "Bo Larsen", _email("Bo Larsen"), github_id=number, was_active=True))
    return found


def _entry(login: str, name: str, email: str, *, team: str = "students", **more: Any) -> Listed:
    kept = {"source": "registrations.csv", "added_by": "ada-okafor", "added": now() - AGE}
    key = (login or email.partition("@")[0]).lower().replace(".", "-")
    return Listed(key=key, login=login, name=name, email=email, team=team, **{**kept, **more})


def _email(name: str) -> str:
    """Return a made-up address of somebody: ``liam.oconnor@example.org``."""
    letters = "".join(c for c in name.lower() if c.isascii() and (c.isalpha() or c == " "))
    return f"{letters.replace(' ', '.')}@example.org"
