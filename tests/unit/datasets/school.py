"""A school's datasets on a real disk: rooms as a server has them, real sources."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from traitlets.config import Config

from growth_admin.core.plan import Receipt
from growth_admin.datasets.manager import DatasetManager
from growth_admin.datasets.models import Change, Dataset, PublishChange
from growth_admin.jobs.models import ENDED, Job
from growth_admin.rooms import Rooms, build_rooms
from growth_admin.settings import Settings
from tests.conftest import wait_until


class School:
    """One user's rooms; several may share the folders."""

    def __init__(self, root: Path, *, user: str = "tess", **sections: dict[str, Any]) -> None:
        self.root = root
        self.user = user
        self.shared, self.home = root / "nfs", root / "home" / user
        for folder in (self.shared, self.home):
            folder.mkdir(parents=True, exist_ok=True)
        self.rooms: Rooms = build_rooms(
            Settings(
                root / "admin",
                self.shared,
                user,
                home=self.home,
                areas=("datasets",),
                config=Config(sections),
            )
        )
        self.rooms.open()

    @property
    def manager(self) -> DatasetManager:
        """The manager of the datasets."""
        return self.rooms.datasets.manager

    @property
    def data(self) -> Path:
        """Where students read."""
        return self.shared / "data"

    def close(self) -> None:
        """Stop the server."""
        self.rooms.close()

    def put(self, name: str, content: bytes | str = b"one\n") -> str:
        """Write a file into the user's home and return its path, as a link."""
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    def start(self, change: Change) -> Job:
        """Plan and apply."""
        return self.manager.apply(self.manager.plan(change).id, change, self.user)

    def job(self, job: Job) -> Job:
        """Return the job as it is now."""
        return self.rooms.jobs.get_job(job.id, {"datasets"})

    def wait(self, job: Job, *, timeout_s: float = 30) -> Job:
        """Return the job once it has ended or is paused."""
        wait_until(lambda: self._rests(job), timeout_s=timeout_s, what=job.title)
        return self.job(job)

    def _rests(self, job: Job) -> bool:
        now = self.job(job)
        return now.state in ENDED or (now.is_paused and now.state == "pending")

    def do(self, change: Change) -> Receipt:
        """Plan, apply, wait, and return the receipt of what must succeed."""
        ended = self.wait(self.start(change))
        assert ended.state == "succeeded", ended.problem
        return Receipt.model_validate(ended.receipt)

    def publish(self, name: str, link: str, **facts: Any) -> Receipt:
        """Publish a link under a name."""
        return self.do(PublishChange(link=link, name=name, **facts))

    def dataset(self, name: str) -> Dataset:
        """Return a dataset."""
        return self.manager.get_dataset(name)

    def staged(self) -> list[str]:
        """Return what lies in the staging folder, uploads aside."""
        folder = self.data / ".staging"
        names = os.listdir(folder) if folder.is_dir() else []
        return sorted(name for name in names if name != "uploads")
