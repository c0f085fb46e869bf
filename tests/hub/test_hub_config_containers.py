"""hub_config.py with DockerSpawner: mounts by what the owner may have, the image by its digest.

With a real Docker API and real containers: tests/container/test_docker_spawner.py.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from tornado import web

from tests.hub.conftest import Loader

NAME = "registry.example:5000/school/nb"
OLD, NEW = (f"sha256:{digit * 64}" for digit in "ab")
VOLUMES = {
    "home-{username}": "/home/{username}",
    "/srv/admin": "/home/admin",
    "/srv/admin/logs": {"bind": "/home/admin/logs", "mode": "rw"},
    "/srv/nfs": "/nfs",
}


class Machine:
    """As much of a Docker API as the configuration asks: what is here, and what a pull brings.

    ``docker`` goes through one thread for all, as DockerSpawner's does.
    """

    def __init__(
        self,
        here: dict[str, list[str]],
        *,
        pulled: str | OSError = "",
        slow: threading.Event | None = None,
    ) -> None:
        self.here, self.pulled, self.slow, self.asked = here, pulled, slow, []
        self.thread = ThreadPoolExecutor(1)

    def docker(self, method: str, image: str) -> asyncio.Future[Any]:
        return asyncio.wrap_future(self.thread.submit(getattr(self, method), image))

    def pull(self, image: str) -> str:
        self.asked.append("pull")
        if self.slow:
            assert self.slow.wait(30)
        if isinstance(self.pulled, OSError):
            raise self.pulled
        if self.pulled.startswith("sha256"):
            self.here[image] = [f"{NAME}@{self.pulled}"]
        return self.pulled

    def inspect_image(self, image: str) -> Any:
        self.asked.append("inspect_image")
        if image not in self.here:
            raise OSError(f"no such image: {image}")
        return {"RepoDigests": self.here[image]}


def spawner_of(machine: Machine, *groups: str, server: str = "", **more: Any) -> Any:
    """Return a spawner of somebody in these groups, as DockerSpawner would have it."""
    groups_ = [SimpleNamespace(name=group) for group in groups]
    return SimpleNamespace(
        user=SimpleNamespace(name="jane-doe", groups=groups_),
        name=server,
        environment={"NB_UID": "583231"},
        volumes=VOLUMES,
        image=f"{NAME}:deploy",
        pull_policy="ifnotpresent",
        pull_image=None,
        docker=machine.docker,
        client=machine,
        log=logging.getLogger("tests"),
        **more,
    )


def settled(load: Loader, spawner: Any) -> dict[str, Any]:
    """Run what runs before a start; return the configuration's names."""
    _, names = load()
    asyncio.run(_before(names, spawner))
    return names


async def _before(names: dict[str, Any], spawner: Any) -> None:
    await names["before_spawn"](spawner)


@pytest.mark.parametrize(
    ("group", "admin", "shared"),
    [("students", "ro", "ro"), ("tas", "ro", "rw"), ("admins", "rw", "rw")],
)
def test_mounts_when_a_server_starts_then_each_group_writes_what_it_may(
    load_hub_config: Loader, group: str, admin: str, shared: str
) -> None:
    spawner = spawner_of(Machine({f"{NAME}:deploy": []}), group)
    settled(load_hub_config, spawner)
    assert spawner.volumes == {
        "home-{username}": {"bind": "/home/jane-doe", "mode": "rw"},
        "/srv/admin": {"bind": "/home/admin", "mode": admin},
        "/srv/admin/logs": {"bind": "/home/admin/logs", "mode": "rw"},
        "/srv/nfs": {"bind": "/nfs", "mode": shared},
    }


def test_mounts_when_it_is_a_canary_then_no_home_and_nothing_to_write(
    load_hub_config: Loader,
) -> None:
    spawner = spawner_of(Machine({f"{NAME}:deploy": []}), "admins", server="canary")
    settled(load_hub_config, spawner)
    modes = {mount["bind"]: mount["mode"] for mount in spawner.volumes.values()}
    assert modes == {"/home/admin": "ro", "/home/admin/logs": "rw", "/nfs": "ro"}
    # its home is made of the image's own files, which belong to the image's own user
    assert spawner.environment["CHOWN_HOME_OPTS"] == "-R"
    student = spawner_of(Machine({f"{NAME}:deploy": []}), "students")
    settled(load_hub_config, student)
    assert "CHOWN_HOME_OPTS" not in student.environment  # a home may be large


def test_mounts_when_an_organiser_leaves_the_team_then_the_next_start_has_a_students(
    load_hub_config: Loader,
) -> None:
    """The hub starts a server again with the same spawner object."""
    spawner = spawner_of(Machine({f"{NAME}:deploy": []}), "admins")
    names = settled(load_hub_config, spawner)
    spawner.user.groups, spawner.image = [SimpleNamespace(name="students")], f"{NAME}:deploy"
    asyncio.run(_before(names, spawner))
    assert spawner.volumes["/srv/admin"] == {"bind": "/home/admin", "mode": "ro"}


def test_image_when_the_tag_was_moved_then_what_it_names_now_is_started_and_told(
    load_hub_config: Loader,
) -> None:
    machine = Machine({f"{NAME}:deploy": [f"{NAME}@{OLD}"]}, pulled=NEW)
    spawner = spawner_of(machine, "students")
    names = settled(load_hub_config, spawner)
    assert spawner.image == f"{NAME}@{NEW}"
    assert names["digest_of"](spawner) == NEW
    assert names["image_of"](spawner) == f"{NAME}:deploy"  # by which servers are told apart


@pytest.mark.parametrize("trouble", [OSError("no route"), '{"error": "unauthorized"}'])
def test_image_when_the_registry_is_away_then_servers_start_with_what_is_here(
    load_hub_config: Loader, trouble: str | OSError
) -> None:
    machine = Machine({f"{NAME}:deploy": [f"{NAME}@{OLD}"]}, pulled=trouble)
    spawner = spawner_of(machine, "students")
    names = settled(load_hub_config, spawner)
    assert names["digest_of"](spawner) == OLD


def test_image_when_it_cannot_be_had_then_the_start_is_refused_and_says_so(
    load_hub_config: Loader,
) -> None:
    spawner = spawner_of(Machine({}, pulled=OSError("no route")), "students")
    with pytest.raises(web.HTTPError, match="cannot be had"):
        settled(load_hub_config, spawner)


def test_image_when_the_registry_is_slow_then_starts_wait_a_little_once_for_one_pull(
    load_hub_config: Loader,
) -> None:
    released = threading.Event()
    machine = Machine({f"{NAME}:deploy": [f"{NAME}@{OLD}"]}, pulled=NEW, slow=released)
    _, names = load_hub_config()
    names["FRESH_S"] = 2.0
    spawners = [spawner_of(machine, "students") for _ in range(3)]

    async def morning() -> list[float]:
        clock = asyncio.get_running_loop().time
        try:
            moments = [clock()]
            await asyncio.gather(*(names["before_spawn"](one) for one in spawners[:2]))
            moments.append(clock())
            # a stop, or anything else that goes through DockerSpawner's one thread, is not held up
            await asyncio.wait_for(machine.docker("inspect_image", f"{NAME}:deploy"), 5)
            await names["before_spawn"](spawners[2])
            return [*moments, clock()]
        finally:
            released.set()

    began, first, later = asyncio.run(morning())
    assert 1.9 < first - began < 20 and later - first < 1.9
    assert [names["digest_of"](one) for one in spawners] == [OLD] * 3
    assert machine.asked.count("pull") == 1
    after = spawner_of(machine, "students")  # what was pulled meanwhile is there
    asyncio.run(_before(names, after))
    assert names["digest_of"](after) == NEW


def test_image_when_it_is_not_here_then_a_start_waits_as_long_as_it_takes(
    load_hub_config: Loader,
) -> None:
    released = threading.Event()
    machine = Machine({}, pulled=NEW, slow=released)
    _, names = load_hub_config()
    names["FRESH_S"] = 0.1
    spawner = spawner_of(machine, "students")
    timer = threading.Timer(1.0, released.set)
    timer.start()
    asyncio.run(_before(names, spawner))
    assert names["digest_of"](spawner) == NEW


def test_image_when_the_registry_has_just_failed_then_starts_do_not_ask_it_again_for_a_time(
    load_hub_config: Loader,
) -> None:
    machine = Machine({f"{NAME}:deploy": [f"{NAME}@{OLD}"]}, pulled=OSError("no route"))
    _, names = load_hub_config()

    def start() -> str:
        spawner = spawner_of(machine, "students")
        asyncio.run(_before(names, spawner))
        return str(names["digest_of"](spawner))

    assert [start(), start(), machine.asked.count("pull")] == [OLD, OLD, 1]
    machine.pulled, names["PULL_PAUSE_S"] = NEW, 0.0
    assert [start(), machine.asked.count("pull")] == [NEW, 2]
    assert [start(), machine.asked.count("pull")] == [NEW, 3]  # one that succeeded is not kept
    machine.pulled = OSError("no route")
    machine.here, names["PULL_PAUSE_S"] = {}, 60.0
    for asked in (4, 5):  # where there is none, each start tries
        with pytest.raises(web.HTTPError, match="cannot be had"):
            start()
        assert machine.asked.count("pull") == asked


def test_image_when_the_machine_knows_it_under_two_digests_then_none_is_guessed(
    load_hub_config: Loader,
) -> None:
    machine = Machine({f"{NAME}:deploy": [f"{NAME}@{OLD}", f"{NAME}@{NEW}", f"other@{NEW}"]})
    spawner = spawner_of(machine, "students")
    names = settled(load_hub_config, spawner)
    assert names["digest_of"](spawner) == "" and spawner.image == f"{NAME}:deploy"


def test_image_when_the_school_never_pulls_then_it_is_not_asked_for(
    load_hub_config: Loader,
) -> None:
    machine = Machine({f"{NAME}:deploy": [f"{NAME}@{OLD}"]}, pulled=NEW)
    spawner = spawner_of(machine, "students")
    spawner.pull_policy = "never"
    names = settled(load_hub_config, spawner)
    assert machine.asked == ["inspect_image"] and names["digest_of"](spawner) == OLD


def test_image_when_a_digest_is_given_then_exactly_that_is_started(
    load_hub_config: Loader,
) -> None:
    reference = f"{NAME}@{OLD}"
    machine = Machine({reference: [reference, f"{NAME}@{NEW}"]})
    spawner = spawner_of(machine, "admins", server="canary")
    spawner.image = reference
    names = settled(load_hub_config, spawner)
    assert (spawner.image, names["digest_of"](spawner)) == (reference, OLD)
