"""What a canary's start is held against: the record of this start, and the digest that runs."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from traitlets.config import Config

from growth_admin.core.errors import GrowthError
from growth_admin.image_trial import HubTrial
from growth_admin.images.checks.trial import TrialWatch
from growth_admin.images.server_digests import ServerDigests
from growth_admin.servers.bot.manager import BotStudent

WANTED, CHILD, OTHER = (f"sha256:{digit * 64}" for digit in "abc")
WATCH = TrialWatch(lambda: None, lambda line: None, lambda done, total, title: None)


@dataclass
class World:
    """The records of canaries' starts, and what nodes say."""

    folder: Path
    told: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def started(
        self, digest: str, *, user: str = "ada", state: str = "ok", number: int = 1
    ) -> None:
        record: dict[str, Any] = {
            "id": f"{user}-{number}",
            "started": f"2026-11-29T09:0{number}:00Z",
            "hub_user": user,
            "duration_s": 1.25,
            "image": {"reference": f"school/nb@{digest}", "digest": digest},
            "scripts": [{"name": "as-user.sh", "state": state, "exit_code": 3}],
        }
        with (self.folder / f"{user}--canary.jsonl").open("a") as file:
            file.write(json.dumps(record) + "\n")

    def look(self, known: set[str] | None = None) -> str:
        """Look at the start as a check of ``WANTED``, an index with one image, does."""
        digests = ServerDigests(lambda: dict(self.told))
        trial = HubTrial(BotStudent(config=Config()), "ada", self.folder, digests, 60.0)
        return trial.look(known or set(), {WANTED, CHILD}, WATCH)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_start_when_it_ran_the_digest_then_who_says_so_is_told(world: World) -> None:
    world.started(WANTED)
    assert "the start record says that it runs sha256:aaaaaaaaaaaa" in world.look()
    world.told = {("ada", "canary"): CHILD}
    assert "its node says that it runs sha256:bbbbbbbbbbbb" in world.look()


@pytest.mark.parametrize("digest", [OTHER, ""])
def test_start_when_another_digest_ran_or_none_is_told_then_it_failed(
    world: World, digest: str
) -> None:
    world.started(digest)
    with pytest.raises(GrowthError, match="not with sha256:aaaaaaaaaaaa"):
        world.look()


def test_start_when_the_node_says_another_digest_then_the_record_does_not_help(
    world: World,
) -> None:
    world.started(WANTED)
    world.told = {("ada", "canary"): OTHER}
    with pytest.raises(GrowthError, match="It runs sha256:cccccccccccc"):
        world.look()


def test_start_when_only_older_and_others_records_are_there_then_the_new_one_is_waited_for(
    world: World,
) -> None:
    world.started(OTHER, number=1)
    world.started(OTHER, user="marek", number=2)
    late = threading.Timer(1.0, lambda: world.started(WANTED, number=3))
    late.start()
    assert "sha256:aaaaaaaaaaaa" in world.look({"ada-1"})
    late.join()


def test_start_when_a_script_failed_then_which_and_how(world: World) -> None:
    world.started(WANTED, state="failed")
    with pytest.raises(GrowthError, match=r"as-user\.sh failed with exit code 3"):
        world.look()
