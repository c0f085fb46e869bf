"""The ledger of what was sent, and the invitations that are left of a rolling day."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from growth_admin.core.errors import StorageFull
from growth_admin.roster.ledger import KEPT, Ledger
from growth_admin.roster.ledger_lines import WINDOW, Line, View
from growth_admin.roster.models import Step
from tests.conftest import fill
from tests.unit.roster.work.fake_school import NOW

ANN = Step(action="invite", login="ann", github_id=1, team="students")


def line(kind: str = "outcome", number: int = 0, hours_ago: float = 1, **fields: Any) -> Line:
    """Return a line about an invitation that was sent."""
    kept = {
        "kind": kind,
        "id": f"job/{number}",
        "at": NOW - timedelta(hours=hours_ago),
        "job": "job",
        "index": number,
        "login": f"s{number}",
        "team": "students",
        "is_invitation": kind in ("intent", "outcome"),
        "result": "done" if kind == "outcome" else "",
    }
    return Line.model_validate({**kept, **fields})


def view_of(*lines: Line) -> View:
    view = View()
    view.take(lines)
    return view


# -- the budget


def test_budget_when_nothing_was_sent_then_500_are_free() -> None:
    budget = View().budget(NOW)
    assert (budget.limit, budget.used, budget.free_at) == (500, 0, None)


def test_budget_when_sent_over_a_day_then_each_leaves_after_its_own_24_hours() -> None:
    view = view_of(*(line(number=n, hours_ago=n) for n in range(30)))
    assert view.budget(NOW, limit=50).used == 25
    full = view.budget(NOW, limit=20)
    assert (full.limit, full.used) == (20, 20)
    # the oldest five of the 25 have to leave, and one more
    assert full.free_at == NOW - timedelta(hours=19) + WINDOW


@pytest.mark.parametrize(
    ("sent", "limit"), [(0, 50), (37, 50), (50, 50), (51, 500), (480, 500), (500, 500)]
)
def test_budget_when_github_refused_then_the_limit_is_learnt_and_nothing_is_free(
    sent: int, limit: int
) -> None:
    lines = [line(number=n, hours_ago=2) for n in range(sent)]
    refusal = line("limit", 999, hours_ago=1, used=sent)
    budget = view_of(*lines, refusal).budget(NOW)
    assert (budget.limit, budget.used) == (limit, limit)
    first = NOW - timedelta(hours=2 if sent else 1) + WINDOW
    assert budget.free_at == first


def test_budget_when_a_day_has_passed_since_a_refusal_then_all_is_free_but_the_limit_stays() -> (
    None
):
    view = view_of(line("limit", 999, hours_ago=26, used=50))
    assert view.budget(NOW).used == 0
    assert view.budget(NOW).limit == 50
    assert view.budget(NOW + timedelta(days=8)).limit == 500


def test_budget_when_the_setting_is_higher_than_what_github_takes_then_that_is_learnt() -> None:
    view = view_of(line("limit", 999, hours_ago=26, used=50))
    assert view.budget(NOW, limit=500).limit == 50
    assert view.budget(NOW, limit=30).limit == 30


def test_budget_when_a_change_is_open_then_it_counts_until_it_is_settled() -> None:
    intent = line("intent", 1)
    assert view_of(intent).budget(NOW).used == 1
    not_made = line("outcome", 1, result="", is_invitation=False)
    assert view_of(intent, not_made).budget(NOW).used == 0
    made = line("outcome", 1)
    assert view_of(made, intent).budget(NOW).used == 1  # in whatever order the files are read


def test_budget_when_github_asked_to_wait_then_nothing_is_free_until_then() -> None:
    until = NOW + timedelta(minutes=3)
    view = view_of(line("rest", 1, until=until))
    assert view.budget(NOW).free_at == until
    assert view.budget(until).free_at is None


# -- who was sent what


def test_open_intents_when_an_outcome_follows_then_there_is_none() -> None:
    intent = line("intent", 1, github_id=1, login="old-name")
    assert view_of(intent).open_intents(ANN, team="students") == [intent]
    assert view_of(intent).open_intents(ANN, team="tas") == []
    outcome = line("outcome", 1, github_id=1)
    assert view_of(outcome, intent).open_intents(ANN, team="students") == []


def test_lines_when_a_person_is_known_by_address_and_number_then_both_are_found() -> None:
    step = Step(action="invite", login="ann", github_id=1, email="Ann@x.org", team="students")
    by_mail = line("outcome", 1, login="", email="ann@X.org")
    by_number = line("outcome", 2, github_id=1, login="")
    assert view_of(by_mail, by_number).lines_of(step) == [by_number, by_mail]


# -- on the disk


def test_ledger_when_several_servers_write_then_all_read_all(tmp_path: Path) -> None:
    ledgers = [Ledger(tmp_path, writer=f"admin{n}") for n in range(3)]
    for number, ledger in enumerate(ledgers):
        ledger.add(line(number=number))
    for ledger in ledgers:
        assert set(ledger.view().outcomes) == {"job/0", "job/1", "job/2"}
    ledgers[0].add(line(number=3), line(number=4))
    assert len(ledgers[2].view().outcomes) == 5
    assert len(list(tmp_path.iterdir())) == 3


def test_ledger_when_a_writer_died_in_the_middle_of_a_line_then_the_rest_is_read(
    tmp_path: Path,
) -> None:
    ledger, other = Ledger(tmp_path, writer="olga"), Ledger(tmp_path, writer="omar")
    ledger.add(line(number=1))
    (path,) = tmp_path.iterdir()
    whole = line(number=2).model_dump_json().encode()
    with path.open("ab") as file:
        file.write(whole[:40])
    assert set(other.view().outcomes) == {"job/1"}
    ledger.add(line(number=3))  # ends the half line first
    assert set(other.view().outcomes) == {"job/1", "job/3"}


def test_ledger_when_read_while_a_line_is_being_written_then_it_comes_whole_later(
    tmp_path: Path,
) -> None:
    reader = Ledger(tmp_path, writer="olga")
    text = line(number=1).model_dump_json().encode() + b"\n"
    (tmp_path / "omar-1.jsonl").write_bytes(text[:50])
    assert reader.view().outcomes == {}
    (tmp_path / "omar-1.jsonl").write_bytes(text)
    assert set(reader.view().outcomes) == {"job/1"}


def test_ledger_when_pruned_then_old_files_go_and_young_ones_stay(tmp_path: Path) -> None:
    old, young, ours = (Ledger(tmp_path, writer=name) for name in ("old", "young", "ours"))
    old.add(line(number=1))
    young.add(line(number=2))
    young.add(line(number=3, at=NOW + KEPT))
    ours.add(line(number=4))
    assert ours.prune(NOW + KEPT + timedelta(hours=2)) == 1
    assert sorted(name.split("-")[0] for name in os.listdir(tmp_path)) == ["ours", "young"]
    old.add(line(number=5))  # a writer that is alive begins a new file
    assert set(Ledger(tmp_path, writer="x").view().outcomes) == {f"job/{n}" for n in (2, 3, 4, 5)}


def test_ledger_when_the_disk_is_full_then_it_says_so_and_no_line_is_half(
    small_disk: Path,
) -> None:
    ledger = Ledger(small_disk / "ledger", writer="olga")
    ledger.add(line(number=0))
    filler = fill(small_disk)
    with pytest.raises(StorageFull):
        for number in range(1, 100):
            ledger.add(line(number=number))
    filler.unlink()
    before = len(ledger.view().outcomes)
    ledger.add(line(number=200))
    assert len(Ledger(small_disk / "ledger", writer="x").view().outcomes) == before + 1


def test_ledger_when_it_is_long_then_it_is_read_on_not_anew(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, writer="olga")
    ledger.add(*(line(number=n) for n in range(5000)))
    first = ledger.view()
    assert len(first.outcomes) == 5000
    assert ledger.view() is first
    ledger.add(line("intent", 9999))
    assert ledger.view() is not first
    assert len(ledger.view().intents) == 1
