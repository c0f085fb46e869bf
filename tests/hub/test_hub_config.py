"""hub_config.py by itself: names in the container, groups, what it does to other configuration."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tornado import web
from traitlets.config import Config

from growth_admin.deploy import hub_config_path
from tests.hub.conftest import Loader

USERADD_ACCEPTS = re.compile(r"[a-z0-9_][a-z0-9_-]{0,31}")
AWKWARD = [
    "maximilian-alexander-von-hohenstein-jr0",
    "maximilian-alexander-von-hohenstein-jr1",
    "admin",
    "root",
    "games",
    "backup",
    "daemon",
    "jovyan",
    "sudo",
    "12345",
    "20261107",
    "a--b",
    "bob--canary",
    "-x",
    "é",
    "mail@example.org",
    "two words",
    "x" * 200,
]


@pytest.mark.parametrize("name", AWKWARD)
def test_container_name_when_awkward_then_usable_and_unmistakable(
    load_hub_config: Loader, name: str
) -> None:
    _, config = load_hub_config()
    made = config["container_name"](name)
    assert USERADD_ACCEPTS.fullmatch(made) and len(made) <= 32
    assert not made.isdigit() and "--" not in made and made not in config["RESERVED"]
    assert made != name
    assert re.search(r"_[0-9a-f]{8}$", made)


@pytest.mark.parametrize(
    "name", ["jane-doe", "4yaan", "liam-o-connor", "a_b", "1st-year", "x" * 32]
)
def test_container_name_when_ordinary_then_unchanged(load_hub_config: Loader, name: str) -> None:
    _, config = load_hub_config()
    assert config["container_name"](name) == name


def test_container_name_when_many_then_no_two_share_one(load_hub_config: Loader) -> None:
    _, config = load_hub_config()
    named = config["container_name"]
    names = {*AWKWARD, "jane-doe", *(f"{'y' * 36}{n:03}" for n in range(1000))}
    # whoever registers the made name of somebody else gets another one
    names |= {named(name) for name in AWKWARD}
    assert len({named(name) for name in names}) == len(names)


def test_container_name_when_school_reserves_more_then_renamed(load_hub_config: Loader) -> None:
    _, config = load_hub_config(GROWTH_RESERVED_NAMES="teacher, exam")
    assert config["container_name"]("exam").startswith("exam_")
    assert config["container_name"]("exams") == "exams"


@pytest.mark.parametrize(
    ("number", "uid"),
    [
        (583231, 583231),
        (10_000, 10_000),
        (1, 2_000_000_001),
        (999, 2_000_000_999),
        (1000, 2_000_001_000),
        (3001, 2_000_003_001),
        (65534, 2_000_065_534),
        (289_000_000, 289_000_000),
    ],
)
def test_container_uid_when_a_person_then_their_own_and_no_account_of_the_image(
    load_hub_config: Loader, number: int, uid: int
) -> None:
    _, config = load_hub_config()
    assert config["container_uid"](number) == config["container_uid"](str(number)) == uid
    assert uid < 2**31  # what older file servers can keep


def test_start_when_the_github_account_is_unknown_then_refused_and_no_uid_is_left_over(
    load_hub_config: Loader,
) -> None:
    """With the image's own uid a server would own the files of everybody who has it too."""
    _, config = load_hub_config()
    user = SimpleNamespace(name="jane-doe", groups=[SimpleNamespace(name="students")])
    spawner = SimpleNamespace(user=user, name="", environment={})
    config["with_github_id"](spawner, {"github_user": {"id": 583231}})
    config["before_spawn"](spawner)
    assert spawner.environment == {"GROWTH_GITHUB_ID": "583231", "NB_UID": "583231"}
    config["with_github_id"](spawner, None)
    with pytest.raises(web.HTTPError, match="unknown"):
        config["before_spawn"](spawner)


def test_school_groups_when_other_organization_has_same_slug_then_not_counted(
    load_hub_config: Loader,
) -> None:
    _, config = load_hub_config(GROWTH_ORG="My-School", GROWTH_STUDENTS_TEAM="year-2026")
    teams = [
        {"slug": "admins", "organization": {"login": "elsewhere"}},
        {"slug": "year-2026", "organization": {"login": "my-school"}},
        {"slug": "chess", "organization": {"login": "my-school"}},
    ]
    assert config["school_groups"]({"teams": teams}) == ["students"]
    assert config["school_groups"]({}) == []


def test_config_when_chart_configured_its_spawner_then_both_are_kept(
    load_hub_config: Loader,
) -> None:
    before = Config()
    before.KubeSpawner.environment = {"FROM_CHART": "1"}
    before.KubeSpawner.cpu_limit = 2
    before.JupyterHub.load_roles = [{"name": "culler", "scopes": ["list:users"]}]
    before.JupyterHub.custom_scopes = {"custom:other:thing": {"description": "theirs"}}
    before.GitHubOAuthenticator.http_request_kwargs = {"ca_certs": "/etc/ca.pem"}
    config, _ = load_hub_config(before)
    environment = config.KubeSpawner.environment
    assert environment["FROM_CHART"] == "1" and {"NB_USER", "GROWTH_AREAS"} <= set(environment)
    assert "group_overrides" not in config.KubeSpawner and config.Spawner.group_overrides
    assert config.JupyterHub.load_roles[0]["name"] == "culler"
    assert {"custom:other:thing", "custom:growth:admin"} <= set(config.JupyterHub.custom_scopes)
    assert config.GitHubOAuthenticator.http_request_kwargs["ca_certs"] == "/etc/ca.pem"


def test_config_when_servers_are_containers_then_one_that_stopped_is_never_started_again(
    load_hub_config: Loader,
) -> None:
    """What a student wrote into /opt/conda there would run as root in the start chain."""
    before = Config()
    before.DockerSpawner.remove = False
    config, _ = load_hub_config(before)
    assert config.DockerSpawner.remove is True


def test_config_when_read_then_imports_nothing_of_ours() -> None:
    text = hub_config_path().read_text(encoding="utf-8")
    assert not re.search(r"^\s*(import|from) growth_admin", text, re.MULTILINE)


def test_image_when_on_canary_then_only_the_schools(load_hub_config: Loader) -> None:
    _, config = load_hub_config(GROWTH_IMAGE_NAME="registry.example/school/nb")
    allowed = config["IMAGE"].fullmatch
    assert allowed("registry.example/school/nb:2026.12")
    assert allowed("registry.example/school/nb@sha256:" + "a" * 64)
    for refused in (
        "registry.example/school/nb",
        "registry.example/school/nb:",
        "registry.example/school/nb:x y",
        "registry.example/school/nb:x\n",
        "registryXexample/school/nb:1",
        "evil/registry.example/school/nb:1",
        "registry.example/school/nb@sha256:" + "A" * 64,
    ):
        assert not allowed(refused), refused


def test_image_when_the_canary_had_a_candidate_before_then_the_next_start_has_the_schools(
    load_hub_config: Loader,
) -> None:
    """The hub starts a named server again with the same spawner object."""
    _, config = load_hub_config()
    school, candidate = "growth-school/notebook:2026.11", "growth-school/notebook:2026.12"
    spawner = SimpleNamespace(
        user=SimpleNamespace(name="ada", groups=[SimpleNamespace(name="admins")]),
        name="canary",
        environment={},
        image=school,
        orm_spawner=SimpleNamespace(),
    )
    config["apply_options"](spawner, {"image": candidate})
    assert spawner.image == config["image_of"](spawner) == candidate
    for options in ({"scripts_revision": "0123abcd"}, {}):
        config["apply_options"](spawner, options)
        assert spawner.image == config["image_of"](spawner) == school


class _User:
    """As much of a hub user as a refresh needs."""

    def __init__(self, state: dict[str, Any] | None) -> None:
        self.name, self.state, self.groups_now = "jane-doe", state, ["students"]

    async def get_auth_state(self) -> dict[str, Any] | None:
        return self.state

    def sync_groups(self, groups: list[str]) -> None:
        self.groups_now = groups


class _Server:
    """A server on loopback that gives every request the same status, without a body."""

    def __init__(self, status: int) -> None:
        self.status = status

    async def __aenter__(self) -> str:
        self.server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}"

    async def __aexit__(self, *error: object) -> None:
        self.server.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 {self.status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        writer.write(head.encode())
        await writer.drain()
        writer.close()


@pytest.mark.parametrize(
    ("status", "limit_s", "expected"),
    [(503, "0", True), (403, "60", True), (429, "60", True), (403, "0", None), (401, "60", None)],
)
def test_refresh_when_github_fails_then_only_personal_refusals_run_out(
    load_hub_config: Loader, status: int, limit_s: str, expected: bool | None
) -> None:
    config, names = load_hub_config(GROWTH_REFUSAL_LIMIT_S=limit_s, GROWTH_GITHUB_PAUSE_S="0")
    config.GitHubOAuthenticator.enable_auth_state = True

    async def run() -> tuple[Any, _User]:
        async with _Server(status) as url:
            config.GitHubOAuthenticator.github_url = url
            authenticator = names["SchoolGitHub"](config=config)
            user = _User({"token_response": {"access_token": "gho_x", "token_type": "bearer"}})
            await authenticator.refresh_user(user)
            await asyncio.sleep(0.01)
            return await authenticator.refresh_user(user), user

    result, user = asyncio.run(run())
    assert result is expected
    assert user.groups_now == (["students"] if expected else [])


def test_names_file_when_damaged_then_login_goes_on_and_file_is_kept(
    load_hub_config: Loader, tmp_path: Path
) -> None:
    _, names = load_hub_config()
    (tmp_path / "names.json").write_text("{ not json")
    handler = SimpleNamespace(find_user=lambda name: None)
    log = SimpleNamespace(error=lambda *words: None)
    model = {"name": "jane-doe", "auth_state": {"github_user": {"id": 7, "login": "Jane-Doe"}}}
    assert asyncio.run(names["same_person"](SimpleNamespace(log=log), handler, model)) is model
    assert (tmp_path / "names.json").read_text() == "{ not json"
    assert names["hub_name"]({"id": 7, "login": "Jane-Doe"}) == "Jane-Doe"


def test_names_file_when_organiser_hands_name_over_then_new_account_enters(
    load_hub_config: Loader, tmp_path: Path
) -> None:
    _, names = load_hub_config()
    (tmp_path / "names.json").write_text(json.dumps({"7": "Jane-Doe", "8": "jane-doe"}))

    async def old_state() -> dict[str, Any]:
        return {"github_user": {"id": 7}}

    handler = SimpleNamespace(find_user=lambda name: SimpleNamespace(get_auth_state=old_state))
    model = {"name": "jane-doe", "auth_state": {"github_user": {"id": 8, "login": "jd"}}}
    assert asyncio.run(names["same_person"](SimpleNamespace(log=None), handler, model)) is model
    assert names["hub_name"]({"id": 8, "login": "jd"}) == "jane-doe"
