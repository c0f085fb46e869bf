"""Rolling restarts in whose middle the admin's server or the hub itself is killed.

What came of them is counted where the servers run, not in the job's own record.
"""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from growth_admin.core.errors import HubUnavailable
from growth_admin.jobs.models import ENDED, Job
from growth_admin.servers.models import Pace, Selector
from tests.conftest import Child
from tests.hub.plain_hub import Console, PlainHub
from tests.hub.school import eventually

OUT_S = 3.0
"""How long a killed hub is away before it is started again."""


def running(hub: PlainHub) -> dict[str, str]:
    """Return who has a ready server, and since when."""
    users = hub.client().list_users(state="active")
    ready = [(user.name, user.server("")) for user in users]
    return {name: str(server.started) for name, server in ready if server.state == "ready"}


def running_again(hub: PlainHub, timeout_s: float = 60) -> dict[str, str]:
    """Return who has a ready server, once a hub that was just started has looked at all."""

    def looked() -> bool:
        with suppress(HubUnavailable):
            users = hub.client().list_users(state="active")
            return all(user.server("").state != "checking" for user in users)
        return False

    eventually(looked, timeout_s, step_s=1)
    return running(hub)


@dataclass
class Interrupted:
    """What was done to the servers between two moments, as their own machine saw it."""

    hub: PlainHub
    names: Sequence[str]
    job: Job | None = None
    out_s: float = 0.0
    """How long the hub gave no answer."""
    _before: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        for what in ("start", "up", "stop"):
            self._before[what] = len(self.hub.noted(what))

    def _since(self, what: str) -> list[tuple[str, int]]:
        return self.hub.noted(what)[self._before[what] :]

    @property
    def started(self) -> int:
        """How many starts there were so far."""
        return len(self._since("start"))

    def await_starts(self, goal: int, timeout_s: float) -> None:
        """Return once there were so many."""
        eventually(lambda: self.started >= goal, timeout_s, step_s=0.05)

    @property
    def twice(self) -> list[str]:
        """Who was started, or stopped, more than once."""
        counts = [Counter(name for name, _ in self._since(what)) for what in ("start", "stop")]
        return sorted({name for each in counts for name, number in each.items() if number > 1})

    @property
    def untouched(self) -> list[str]:
        """Who was not started at all."""
        return sorted(set(self.names) - {name for name, _ in self._since("start")})

    @property
    def foreign(self) -> list[str]:
        """Who was started or stopped and should not have been."""
        touched = {name for what in ("start", "stop") for name, _ in self._since(what)}
        return sorted(touched - set(self.names))

    @property
    def left_stopped(self) -> list[str]:
        """Whose server does not run, as the hub sees it and as its machine does."""
        there = {path.name for path in (self.hub.root / "yard").iterdir()}
        return sorted(set(self.names) - (running_again(self.hub).keys() & there))

    @property
    def most_in_flight(self) -> int:
        """How many were between stop and ready at once, at most."""
        return max(down for what in ("start", "stop") for _, down in self._since(what))

    @property
    def wall_s(self) -> float:
        """How long the job took, from its first server's beginning to its last one's end."""
        assert self.job and self.job.started and self.job.ended, self.job
        return (self.job.ended - self.job.started).total_seconds()


class Admins:
    """Processes with the servers room, each as on an admin's own server, over the same jobs."""

    def __init__(self, hub: PlainHub, folder: Path) -> None:
        self._hub = hub
        self._folder = folder
        self._children: list[Child] = []

    def begin(self, owner: str, pace: Pace) -> Child:
        """Let one restart everybody who runs."""

        def work() -> None:
            console = Console(self._hub, self._folder, owner=owner)
            console.run("restart", pace, selector=Selector(), timeout_s=900)

        return self._spawn(work)

    def look_on(self, owner: str) -> Child:
        """Let one be there, who takes over when another one's server dies."""

        def work() -> None:
            Console(self._hub, self._folder, owner=owner)
            time.sleep(900)

        return self._spawn(work)

    def _spawn(self, work: Callable[[], object]) -> Child:
        self._children.append(Child(work))
        return self._children[-1]

    def ended_job(self, timeout_s: float) -> Job:
        """Return the one job once it has ended."""
        watcher = Console(self._hub, self._folder, owner="watcher", is_open=False)
        (folder,) = (self._folder / "jobs").iterdir()
        eventually(
            lambda: watcher.engine.get_job(folder.name, ["servers"]).state in ENDED, timeout_s
        )
        return watcher.engine.get_job(folder.name, ["servers"])

    def end(self) -> None:
        """End all processes."""
        for child in self._children:
            child.kill()


def restart_interrupted(
    hub: PlainHub,
    folder: Path,
    names: Sequence[str],
    pace: Pace,
    *,
    admin_dies_at: Sequence[int] = (),
    hub_dies_at: int | None = None,
    timeout_s: float = 300,
) -> Interrupted:
    """Restart all of these, who are all that run, and kill who is in the way after so many starts.

    The first admin begins the job, and the next one is there already when that one's server is
    killed. Returns once the job has ended.
    """
    done = Interrupted(hub, names)
    admins = Admins(hub, folder)
    owners = [f"admin{number}" for number in range(len(admin_dies_at) + 1)]
    try:
        current = admins.begin(owners[0], pace)
        deaths: dict[int, str] = dict.fromkeys(admin_dies_at, "admin")
        if hub_dies_at is not None:
            deaths[hub_dies_at] = "hub"
        for at, who in sorted(deaths.items()):
            if who == "admin":
                heir = admins.look_on(owners[admin_dies_at.index(at) + 1])
            done.await_starts(at, timeout_s)
            if who == "admin":
                current.signal(signal.SIGKILL)
                current.join()
                current = heir
            else:
                done.out_s = _restart_hub(hub)
        done.job = admins.ended_job(timeout_s)
    finally:
        admins.end()
    return done


def _restart_hub(hub: PlainHub) -> float:
    """Kill the hub, start it again, and return for how long it gave no answer."""
    began_s = time.monotonic()
    hub.kill()
    time.sleep(OUT_S)
    hub.start()
    return time.monotonic() - began_s
