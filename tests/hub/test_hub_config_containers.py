"""hub_config.py with DockerSpawner: mounts by what the owner may have, the image by its digest.

With a real Docker API and real containers: tests/container/test_docker_spawner.py.
"""

from __future__ import annotations

import asyncio
import logging
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
    """As much of a Docker API as the configuration asks: what is here, and what a pull brings."""

    def __init__(self, here: dict[str, list[str]], *, pulled: str | OSError = "") -> None:
        self.here, self.pulled, self.asked = here, pulled, []

    async def __call__(self, method: str, image: str) -> Any:
        self.asked.append(method)
        if method == "pull":
            if isinstance(self.pulled, OSError):
                raise self.pulled
            if self.pulled.startswith("sha256"):
                self.here[image] = [f"{NAME}@{self.pulled}"]
            return self.pulled
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
        docker=machine,
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
