"""The spellings of one name: made as the hub and KubeSpawner make them, found by any of them."""

from __future__ import annotations

import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from kubespawner import KubeSpawner
from traitlets.config import Config

from growth_admin.deploy import hub_config_path
from growth_admin.roster.models import Names, PersonRow
from growth_admin.roster.names import (
    RESERVED,
    container_name,
    escape_slug,
    find_people,
    names_of,
    safe_server_slug,
    safe_slug,
)

AWKWARD = (
    *("jane-doe", "4yaan", "20261107", "games", "admin", "a--b", "a_b", "-x", "x-", "u-20261107"),
    *(
        "maximilian-alexander-von-hohenstein-jr0",
        "x" * 39,
        "9" * 39,
        "a" + "-b" * 19,
        "zoë",
        "root",
    ),
    *("jane_0123abcd", "user@example.org", "a.b", "7up", "s---1234abcd", "x" * 48, "4" + "x" * 46),
)
LETTERS = "abcz0189-_.@ABé"


def made_up(count: int) -> list[str]:
    """Return names as nobody should have them, always the same."""
    chance = random.Random(20261128)
    return [
        "".join(chance.choice(LETTERS) for _ in range(chance.randint(1, 60))) for _ in range(count)
    ]


@pytest.fixture
def hub_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The names of hub_config.py, run as a hub runs it."""
    monkeypatch.setenv("GROWTH_NAMES_FILE", str(tmp_path / "names.json"))
    monkeypatch.setenv("GROWTH_RESERVED_NAMES", "chef, koch")
    config, path = Config(), hub_config_path()
    names: dict[str, Any] = {"get_config": lambda: config, "__file__": str(path)}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), names)
    return names


def test_container_name_when_made_here_and_by_the_hub_then_it_is_the_same(
    hub_config: dict[str, Any],
) -> None:
    reserved = {"chef", "koch"}
    assert hub_config["RESERVED"] == {*RESERVED, *reserved}
    for name in (*AWKWARD, "chef", "Koch", *made_up(3000)):
        assert container_name(name, reserved) == hub_config["container_name"](name), name


def kubespawner_slug(name: str, scheme: str, template: str) -> str:
    """Return what the real KubeSpawner puts into a template."""
    spawner = SimpleNamespace(
        name="",
        user=SimpleNamespace(name=name, id=1),
        slug_scheme=scheme,
        _namespace_default=lambda: "default",
    )
    made: str = KubeSpawner._expand_user_properties(spawner, template)
    return made


@pytest.mark.parametrize(
    ("make", "scheme", "template"),
    [
        (escape_slug, "escape", "{username}"),
        (escape_slug, "escape", "{user_server}"),
        (safe_slug, "safe", "{username}"),
        (safe_server_slug, "safe", "{user_server}"),
    ],
)
def test_home_slug_when_made_here_and_by_kubespawner_then_it_is_the_same(
    make: Any, scheme: str, template: str
) -> None:
    for name in (*AWKWARD, *made_up(3000)):
        assert make(name) == kubespawner_slug(name, scheme, template), name


def test_names_when_the_login_is_plain_then_all_but_the_old_slug_are_alike() -> None:
    assert names_of("Jane-Doe") == Names(
        login="Jane-Doe",
        hub="jane-doe",
        container="jane-doe",
        homes=("jane-2ddoe", "jane-doe"),
        log="jane-doe",
    )


def test_names_when_the_person_was_renamed_then_the_home_keeps_the_hub_name() -> None:
    names = names_of("Jane-Smith", "jane-doe")
    assert (names.login, names.hub, names.container) == ("Jane-Smith", "jane-doe", "jane-doe")


def test_names_when_there_is_no_login_yet_then_there_are_none() -> None:
    assert names_of("") == Names()


def row(login: str, **more: Any) -> PersonRow:
    kept = {"key": f"k-{login}", "login": login, "state": "active", "names": names_of(login)}
    return PersonRow(**{**kept, **more})


PEOPLE = (
    row("Jane-Doe", name="Jane Doe", email="jane@x.org", github_id=7),
    row("Sofia-Rossi-2009", name="Sofia Rossi"),
    row("20261107", name="Noor Haddad"),
    row("", key="k-mail", email="new@x.org", names=Names(), state="invited"),
)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Jane-Doe", "k-Jane-Doe"),
        ("@jane-doe", "k-Jane-Doe"),
        (" JANE-DOE ", "k-Jane-Doe"),
        ("https://github.com/Jane-Doe/", "k-Jane-Doe"),
        ("jane-2ddoe", "k-Jane-Doe"),
        ("claim-jane-doe", "k-Jane-Doe"),
        ("/home/jane-doe", "k-Jane-Doe"),
        ("/home/admin/logs/jane-doe-as-root.log", "k-Jane-Doe"),
        ("jane-doe-as-user.log", "k-Jane-Doe"),
        ("Jane@X.org", "k-Jane-Doe"),
        ("7", "k-Jane-Doe"),
        ("k-Jane-Doe", "k-Jane-Doe"),
        ("jane doe", "k-Jane-Doe"),
        ("sofia", "k-Sofia-Rossi-2009"),
        (container_name("20261107"), "k-20261107"),
        ("x-20261107---" + safe_slug("20261107")[-8:], "k-20261107"),
        ("new@x.org", "k-mail"),
    ],
)
def test_person_when_any_spelling_is_typed_then_the_person_is_found(text: str, key: str) -> None:
    assert [found.key for found in find_people(text, PEOPLE)] == [key]


@pytest.mark.parametrize("text", ["", "@", "/", "nobody-here"])
def test_nobody_when_nothing_fits_then_nothing_is_found(text: str) -> None:
    assert find_people(text, PEOPLE) == ()


def test_login_when_somebodys_own_name_holds_it_too_then_the_exact_one_comes_alone() -> None:
    people = (row("jane"), row("other", name="Mary Jane"))
    assert [found.key for found in find_people("jane", people)] == ["k-jane"]
