"""hub_config.py with a bot: who it is, who is not, what organisers may do for it."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from tornado import web

from tests.hub.conftest import Loader

BOT = "the_school_bot"


@pytest.mark.parametrize(
    "name", ["school-bot", "bot", "12345", "jane_acme", "-bot", "a--b", "admin", "x__" + "y" * 40]
)
def test_bot_when_somebody_at_github_or_nobody_could_have_the_name_then_the_hub_does_not_start(
    load_hub_config: Loader, name: str
) -> None:
    with pytest.raises(ValueError, match="GROWTH_BOT"):
        load_hub_config(GROWTH_BOT=name)


def test_login_when_an_account_is_mapped_to_the_bot_then_refused(load_hub_config: Loader) -> None:
    """Whatever GitHub, or an edited record of names, says."""
    _, config = load_hub_config(GROWTH_BOT=BOT)
    handler = SimpleNamespace(find_user=lambda name: None)
    authenticator = SimpleNamespace(log=SimpleNamespace(error=lambda *words: None))
    model = {"name": BOT, "auth_state": {"github_user": {"id": 583231}}}
    with pytest.raises(web.HTTPError, match="bot"):
        asyncio.run(config["same_person"](authenticator, handler, model))


def test_refresh_when_of_the_bot_then_a_student_again_whatever_it_was(
    load_hub_config: Loader,
) -> None:
    _, config = load_hub_config(GROWTH_BOT=BOT)
    synced: list[Any] = []
    user = SimpleNamespace(name=BOT, sync_groups=synced.append)
    authenticator = config["SchoolGitHub"]()
    authenticator.paused_until = float("inf")  # a GitHub that is down does not matter
    assert asyncio.run(authenticator.refresh_user(user)) is True
    assert synced == [["students"]]


def test_start_when_of_the_bot_then_with_a_uid_that_no_person_has(load_hub_config: Loader) -> None:
    _, config = load_hub_config(GROWTH_BOT=BOT)
    groups = [SimpleNamespace(name="students")]
    spawner = SimpleNamespace(
        user=SimpleNamespace(name=BOT, groups=groups), name="", environment={}
    )
    config["with_github_id"](spawner, None)
    config["before_spawn"](spawner)
    uid = int(spawner.environment["NB_UID"])
    assert uid < 2**31 and spawner.environment["GROWTH_GITHUB_ID"] == ""
    assert uid > config["container_uid"](9_999) and uid != config["container_uid"](65534)


def test_scopes_when_there_is_a_bot_then_organisers_may_make_its_tokens_and_nobody_elses(
    load_hub_config: Loader,
) -> None:
    _, without = load_hub_config()
    assert not any(scope.startswith("tokens") for scope in without["ADMIN_TOKEN"])
    config, names = load_hub_config(GROWTH_BOT=BOT)
    tokens = [scope for scope in names["ADMIN_TOKEN"] if scope.startswith("tokens")]
    assert tokens == [f"tokens!user={BOT}"]
    assert not any("bot" in scope for scope in names["TA_TOKEN"])
    roles = {role["name"]: role for role in config.JupyterHub.load_roles}
    assert roles["growth-bot"] == {"name": "growth-bot", "scopes": [], "users": [BOT]}
