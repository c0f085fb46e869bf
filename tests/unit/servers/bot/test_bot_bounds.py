"""What the bot takes from others: a dataset's name, and what a student's server says."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from traitlets import TraitError

from growth_admin.servers.bot.manager import BotStudent
from growth_admin.servers.bot.models import BotRunRequest


@pytest.mark.parametrize(
    "name", ["../../home/ada", "/etc", "..", ".hidden", "a/b", "x\n", "x" * 65]
)
def test_dataset_when_it_is_a_path_then_neither_the_request_nor_the_setting_takes_it(
    name: str,
) -> None:
    with pytest.raises(ValidationError):
        BotRunRequest(dataset=name)
    with pytest.raises(TraitError, match=r"c\.BotStudent\.dataset"):
        BotStudent(dataset=name)


@pytest.mark.parametrize("name", ["", "stars", "gaia-dr3_2026.1"])
def test_dataset_when_it_has_a_name_then_it_is_taken(name: str) -> None:
    assert BotRunRequest(dataset=name).dataset == BotStudent(dataset=name).dataset == name
