"""An admin's roster for tests: the real room over GitHub's stand-in, with a hub of our own."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from traitlets.config import Config

from growth_admin.core.audit import AuditTrail
from growth_admin.core.errors import HubUnavailable
from growth_admin.core.paths import Paths
from growth_admin.core.schema import now
from growth_admin.jobs.engine import JobEngine
from growth_admin.jobs.models import ENDED, Job
from growth_admin.jobs.store import JobStore
from growth_admin.roster.book import Listed, RosterBook
from growth_admin.roster.facts import HubAccount
from growth_admin.roster.models import Offboarding, OffboardingRequest, PersonRow
from growth_admin.roster.room import build_room
from tests.github import StandIn


@dataclass
class OwnHub:
    """See ``roster.facts.HubAccounts``: users in memory, and a list of what was asked of it."""

    users: dict[str, HubAccount] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    is_away: bool = False
    failures: int = 0
    """How many of the next deletions fail."""

    def add(self, name: str, *groups: str, **more: Any) -> None:
        """Add a user who has a server and was there just now."""
        kept: dict[str, Any] = {"servers": ("",), "last_activity": now(), **more}
        self.users[name] = HubAccount(name=name, groups=groups, **kept)

    def list_accounts(self, *, is_fresh: bool = False) -> Mapping[str, HubAccount]:
        self._require_there()
        return dict(self.users)

    def find_account(self, name: str) -> HubAccount | None:
        self._require_there()
        return self.users.get(name)

    def count_tokens(self, name: str) -> int | None:
        return None

    def stop_servers(self, name: str) -> tuple[str, ...]:
        self._require_there()
        self.asked.append(f"stop {name}")
        return self.users[name].servers if name in self.users else ()

    def delete_account(self, name: str) -> bool:
        self._require_there()
        self.asked.append(f"delete {name}")
        if self.failures:
            self.failures -= 1
            raise HubUnavailable("The hub failed to answer: a named server runs.")
        return self.users.pop(name, None) is not None

    def _require_there(self) -> None:
        if self.is_away:
            raise HubUnavailable("The hub gave no answer.")


class RosterDesk:
    """The roster's room of one school at GitHub, as Ada's server has it."""

    def __init__(
        self, root: Path, github: StandIn, hub: OwnHub | None = None, **settings: Any
    ) -> None:
        self.paths = Paths(root / "admin", root / "nfs")
        self.paths.admin_root.mkdir(parents=True, exist_ok=True)
        token = root / "token"
        token.write_text(github.token())
        token.chmod(0o600)
        config = Config()
        config.GitHub.api_url = github.api_url
        config.GitHub.organization = github.organization
        config.GitHub.token_file = str(token)
        config.GitHub.write_interval_s = 0.0
        config.RosterManager.update(settings)
        self.audit = AuditTrail(self.paths.audit, writer="ada")
        self.engine = JobEngine(
            JobStore(self.paths.jobs), user="ada", server="ada/", audit=self.audit, lease_s=5
        )
        self.manager = build_room(
            self.paths, self.engine, hub, user="ada", writer="ada", config=config
        )
        self.book = RosterBook(self.paths.admin_state / "roster" / "book")

    def put(self, *people: Listed) -> None:
        """Put people on the roster."""
        self.book.update(
            lambda old: {**old, **{one.key: one for one in people}}, user="ada", reason="test"
        )

    def rows(self, *, is_fresh: bool = True) -> dict[str, PersonRow]:
        """Return the people's table by key."""
        return {row.key: row for row in self.manager.list_people(is_fresh=is_fresh).people}

    def offboard(self, key: str, *, confirm: int | None = None, **more: Any) -> Job:
        """Plan and do it, and return the ended job."""
        request = OffboardingRequest(key=key, **more)
        plan = self.manager.plan_offboarding(request)
        asked = Offboarding(**dict(request), plan_id=plan.id, confirm_number=confirm)
        return self.wait(self.manager.offboard(asked, user="ada"))

    def wait(self, job: Job) -> Job:
        """Return the job once it has ended."""
        end_s = time.monotonic() + 30
        while job.state not in ENDED:
            assert time.monotonic() < end_s, job
            time.sleep(0.02)
            job = self.engine.get_job(job.id, {"roster"})
        return job


def listed(login: str = "", **more: Any) -> Listed:
    """Return an entry of the roster; its key is the login in lower case, or what is said."""
    kept = {"key": login.lower() or "x", "login": login, "team": "students", "added": now()}
    return Listed(**{**kept, **more})
