"""Lists and outcomes on their way into the roster."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from growth_admin.roster.book import Listed
from growth_admin.roster.ledger_lines import Line
from growth_admin.roster.merging import with_entries, with_outcomes
from growth_admin.roster.models import Entry, Step, StepAction
from tests.unit.roster.work.fake_school import NOW
from tests.unit.roster.work.plans import TEAM, listed


def merged(
    people: list[Listed], *entries: tuple[Entry, StepAction], source: str = "form.csv"
) -> list[Listed]:
    """Return the people once a list was merged, twice: the second time changes nothing."""
    by_key = {person.key: person for person in people}
    once = with_entries(by_key, entries, source=source, user="olga", now=NOW)
    twice = with_entries(once, entries, source=source, user="omar", now=NOW)
    assert once == twice
    return list(once.values())


def row(**fields: Any) -> Entry:
    return Entry(**{"team": TEAM, **fields})


def test_merge_when_somebody_is_new_then_the_list_and_the_admin_are_noted() -> None:
    (person,) = merged([], (row(login="ann", name="Ann", email="a@x.org"), "invite"))
    assert (person.login, person.name, person.email) == ("ann", "Ann", "a@x.org")
    assert (person.source, person.added_by, person.team) == ("form.csv", "olga", TEAM)


def test_merge_when_found_by_number_login_or_address_then_it_is_one_entry() -> None:
    known = listed(github_id=1, login="ann", email="a@x.org", name="Ann")
    for entry in (
        row(github_id=1, login="ann-new"),
        row(login="ANN"),
        row(email="A@x.org"),
        row(login="Ann", github_id=1, email="new@x.org"),
    ):
        assert len(merged([known], (entry, "none"))) == 1


def test_merge_when_an_address_waits_for_an_account_then_the_login_joins_it() -> None:
    known = listed(email="a@x.org", name="Ann")
    (person,) = merged([known], (row(login="ann", github_id=1, email="a@x.org"), "none"))
    assert (person.key, person.login, person.github_id) == ("k1", "ann", 1)


def test_merge_when_the_address_has_another_account_then_there_are_two_entries() -> None:
    known = listed(github_id=1, login="ann", email="a@x.org")
    found = merged([known], (row(login="ann2", github_id=2, email="a@x.org"), "invite"))
    assert [(one.login, one.github_id) for one in found] == [("ann", 1), ("ann2", 2)]


def test_merge_when_a_login_is_another_account_now_then_the_old_entry_keeps_its_number() -> None:
    known = listed(github_id=1, login="ann")
    found = merged([known], (row(login="ann", github_id=2), "invite"))
    assert {one.github_id for one in found} == {1, 2}


def test_merge_when_renamed_then_the_former_login_is_kept() -> None:
    (person,) = merged([listed(github_id=1, login="ann")], (row(login="Eve", github_id=1), "none"))
    assert (person.login, person.former_logins) == ("Eve", ("ann",))
    (back,) = merged([person], (row(login="ann", github_id=1), "none"))
    assert (back.login, back.former_logins) == ("ann", ("Eve",))


def test_merge_when_only_the_case_differs_then_github_decides_how_it_is_spelt() -> None:
    known = listed(github_id=1, login="Ann")
    (person,) = merged([known], (row(login="ann"), "pending"))
    assert (person.login, person.former_logins) == ("Ann", ())


def test_merge_when_cells_are_empty_then_what_is_known_stays() -> None:
    known = listed(github_id=1, login="ann", name="Ann", note="vegan", email="a@x.org")
    (person,) = merged([known], (row(login="ann", name="Ann B"), "invite"))
    assert (person.name, person.note, person.email) == ("Ann B", "vegan", "a@x.org")


def test_merge_when_in_the_team_then_active_is_noted_and_a_removal_is_over() -> None:
    known = listed(github_id=1, login="ann", removed=NOW, team="")
    (person,) = merged([known], (row(login="ann", github_id=1), "none"))
    assert (person.was_active, person.removed, person.team) == (True, None, TEAM)


def test_merge_when_left_or_unknown_then_nothing_is_claimed() -> None:
    known = listed(github_id=1, login="ann", was_active=True)
    (person,) = merged([known], (row(login="ann", github_id=1), "left"))
    assert person == known


def test_merge_when_removed_since_github_was_looked_at_then_stays_removed() -> None:
    known = listed(github_id=1, login="ann", removed=NOW + timedelta(seconds=1), team="")
    (person,) = merged([known], (row(login="ann", github_id=1), "pending"))
    assert (person.removed, person.team) == (known.removed, "")


# -- outcomes


def after(known: Listed, action: StepAction, **fields: Any) -> Listed:
    """Return an entry after the outcome of a step, taken in twice."""
    step = Step(action=action, login="ann", github_id=1, team="tas")
    kept = {"kind": "outcome", "id": "j/0", "at": NOW, "result": "done"}
    line = Line.model_validate({**kept, **fields})
    once = with_outcomes({known.key: known}, [(step, line)])
    assert with_outcomes(once, [(step, line)]) == once
    return once[known.key]


ANN = listed(github_id=1, login="ann", was_active=True)


def test_outcome_when_invited_then_somebody_who_does_not_answer_has_not_left() -> None:
    person = after(ANN, "invite", is_invitation=True)
    assert (person.invited, person.was_active, person.team) == (NOW, False, "tas")


def test_outcome_when_added_or_moved_then_the_team_is_the_new_one() -> None:
    for action in ("add", "move"):
        person = after(ANN, action, is_active=True)  # type: ignore[arg-type]  # actions
        assert (person.team, person.was_active, person.removed) == ("tas", True, None)


def test_outcome_when_removed_then_the_time_is_noted_once() -> None:
    person = after(ANN, "remove")
    assert (person.removed, person.team, person.github_id) == (NOW, "", 1)


def test_outcome_when_failed_or_skipped_then_nothing_changes() -> None:
    for result in ("failed", "skipped", "blocked"):
        assert after(ANN, "invite", result=result) == ANN


def test_outcome_when_removed_or_put_right_since_then_that_stays() -> None:
    gone = ANN.model_copy(update={"removed": NOW + timedelta(seconds=1), "team": ""})
    assert after(gone, "invite", is_invitation=True) == gone
    earlier = ANN.model_copy(update={"removed": NOW - timedelta(seconds=1), "team": ""})
    assert after(earlier, "invite", is_invitation=True).removed is None
    right = ANN.model_copy(update={"email": "a@x.org", "login": "anne", "github_id": 2})
    step = Step(action="invite", login="ann", github_id=1, email="a@x.org", team=TEAM)
    line = Line(kind="outcome", id="j/0", at=NOW, result="done")
    (person,) = with_outcomes({right.key: right}, [(step, line)]).values()
    assert (person.login, person.github_id) == ("anne", 2)
