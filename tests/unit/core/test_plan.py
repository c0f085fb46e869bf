"""Plans: the same world gives the same id, another one is refused."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from growth_admin.core.errors import StalePlan
from growth_admin.core.plan import Plan, PlanItem, digest_of, make_plan, require_same

ITEMS = (PlanItem(target="ada", action="restart"), PlanItem(target="bob", action="restart"))


def plan(**changes: Any) -> Plan:
    return make_plan(
        **{"action": "restart", "title": "Restart 2", "items": ITEMS, "world": {"a": 1}, **changes}
    )


def test_require_same_when_nothing_changed_then_it_passes() -> None:
    require_same(plan().id, plan(title="said otherwise"))


@pytest.mark.parametrize(
    "change",
    [
        {"action": "stop"},
        {"items": ITEMS[:1]},
        {"items": ITEMS[::-1]},
        {"world": {"a": 2}},
        {"world": {"a": 1, "b": None}},
    ],
)
def test_require_same_when_the_request_or_the_world_changed_then_the_plan_is_stale(
    change: dict[str, Any],
) -> None:
    with pytest.raises(StalePlan) as raised:
        require_same(plan().id, plan(**change))
    assert raised.value.context["plan"]["id"] == plan(**change).id
    assert raised.value.hint


def test_digest_of_when_keys_come_in_another_order_then_it_is_the_same() -> None:
    assert digest_of({"a": 1, "b": 2}) == digest_of({"b": 2, "a": 1})
    assert digest_of("ab", "c") != digest_of("a", "bc")


def test_digest_of_when_a_world_holds_a_set_then_every_process_gives_the_same() -> None:
    code = (
        "from growth_admin.core.plan import digest_of;"
        "print(digest_of({'u': {'ada', 'bob', 'cleo', 'dan', 'eve'}}))"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(seen) == 1
