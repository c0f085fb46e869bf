"""A registry that these tests share; each gets a desk of its own over a faulty proxy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from traitlets.config import Config

from growth_admin.core.paths import Paths
from growth_admin.images.manager import TagManager
from growth_admin.images.models import CheckRequest, Moved, PromoteRequest, RollBackRequest
from growth_admin.images.room import build_room
from growth_admin.images.running import Running, RunningSource
from tests.images.registry import Proxy, RealRegistry, running_proxy, running_registry


@dataclass
class Desk:
    """What admins have: their servers over one admin folder, and the registry behind a proxy."""

    folder: Path
    registry: RealRegistry
    proxy: Proxy
    running: Running = field(default_factory=Running)
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def state(self) -> Path:
        return self.folder / "admin" / ".growth-admin"

    def server_of(self, user: str, **settings: Any) -> TagManager:
        """Return the room on the server of one admin."""
        source: RunningSource = lambda: self.running  # noqa: E731
        (self.folder / "admin").mkdir(exist_ok=True)
        config = Config()
        config.ImageRegistry.image = self.proxy.image
        config.ImageRegistry.timeout_s = 2.0
        for name, value in {**self.settings, **settings}.items():
            section, _, trait = name.partition("__")
            config[section][trait] = value
        paths = Paths(self.folder / "admin", self.folder / "nfs")
        return build_room(paths, user=user, running=source, config=config).tags

    def check(self, digest: str, *, is_passed: bool = True) -> None:
        """Let both checks have passed, or failed."""
        for check in ("smoke", "canary"):
            asked = CheckRequest(check=check, is_passed=is_passed, detail="by the test")
            self.server_of("robot").add_result(digest, asked, author="robot")

    def promote(
        self, target: str, *, user: str = "ada", reason: str = "new term", force: str = ""
    ) -> Moved:
        """Plan and promote, as one admin does in one go."""
        server = self.server_of(user)
        plan = server.plan(target)
        asked = PromoteRequest(
            plan_id=plan.id, digest=plan.to_digest, reason=reason, force_reason=force
        )
        return server.promote(asked, author=user)

    def roll_back(self, digest: str = "", *, user: str = "ada", expected: str = "") -> Moved:
        asked = RollBackRequest(digest=digest, expected_digest=expected, reason="it broke")
        return self.server_of(user).roll_back(asked, author=user)

    def states(self) -> list[tuple[str, str, str]]:
        """Return action, state and author of each move, the newest first."""
        moves = self.server_of("reader").get_timeline().moves
        return [(move.action, move.state, move.author) for move in moves]


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[RealRegistry]:
    """A registry of the test's own: it starts in a tenth of a second."""
    with running_registry(tmp_path / "registry") as started:
        yield started


@pytest.fixture
def desk(registry: RealRegistry, tmp_path: Path) -> Iterator[Desk]:
    """The desk, with a proxy of its own."""
    with running_proxy(registry) as proxy:
        yield Desk(tmp_path, registry, proxy)
