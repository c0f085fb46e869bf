"""The people's table over GitHub's stand-in: kept answers, outages, and what is noted for good."""

from __future__ import annotations

from pathlib import Path

import pytest
from traitlets.config import Config

from growth_admin.core.errors import Conflict, InvalidInput, NotFound
from growth_admin.core.paths import Paths
from growth_admin.core.schema import now
from growth_admin.jobs.engine import JobEngine
from growth_admin.jobs.store import JobStore
from growth_admin.roster.models import PersonChange
from growth_admin.roster.room import build_room
from tests.github import StandIn
from tests.unit.roster.desk import OwnHub, RosterDesk, listed


def test_people_when_asked_again_within_seconds_then_github_is_not_asked(
    tmp_path: Path, github: StandIn
) -> None:
    desk = RosterDesk(tmp_path, github)
    desk.manager.list_people()
    github.forget_requests()
    desk.manager.list_people()
    assert github.count() == 0
    desk.manager.list_people(is_fresh=True)
    assert github.count() > 0


def test_people_when_github_dies_then_the_last_answer_stays_and_says_since_when(
    tmp_path: Path, github: StandIn
) -> None:
    github.people(2, prefix="s-", teams=["students"])
    desk = RosterDesk(tmp_path, github)
    before = desk.manager.list_people()
    github.kill()
    after = desk.manager.list_people(is_fresh=True)
    assert [row.login for row in after.people] == [row.login for row in before.people]
    assert after.as_of == before.as_of
    (problem,) = after.problems
    assert problem.startswith("GitHub: ")
    assert "Shown is what it said 20" in problem


def test_people_when_github_was_never_reached_then_the_roster_is_shown(
    tmp_path: Path, github: StandIn
) -> None:
    desk = RosterDesk(tmp_path, github)
    desk.put(listed("s-1", was_active=True))
    github.kill()
    people = desk.manager.list_people()
    assert [(row.key, row.state) for row in people.people] == [("s-1", "active")]
    assert len(people.problems) == 1


def test_people_when_the_hub_dies_then_its_last_answer_stays(
    tmp_path: Path, github: StandIn
) -> None:
    hub = OwnHub()
    hub.add("s-0001", "students")
    github.people(1, prefix="s-", teams=["students"])
    desk = RosterDesk(tmp_path, github, hub)
    desk.manager.list_people()
    hub.is_away = True
    people = desk.manager.list_people(is_fresh=True)
    assert people.people[0].hub is not None
    assert [problem.startswith("The hub: ") for problem in people.problems] == [True]


def test_people_when_nothing_is_configured_then_the_problem_says_what_to_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GROWTH_ORG", raising=False)
    paths = Paths(tmp_path / "admin", tmp_path / "nfs")
    engine = JobEngine(JobStore(paths.jobs), user="ada", server="ada/", audit=no_audit(paths))
    manager = build_room(paths, engine, None, user="ada", writer="ada", config=Config())
    people = manager.list_people()
    assert (people.people, people.organization) == ((), "")
    (problem,) = people.problems
    assert problem.startswith("GitHub was not asked: ")
    assert not paths.admin_root.exists(), "a look wrote something"


def no_audit(paths: Paths) -> object:
    from growth_admin.core.audit import AuditTrail

    return AuditTrail(paths.audit, writer="ada")


def test_people_when_a_team_is_not_there_then_the_others_are_shown(
    tmp_path: Path, github: StandIn
) -> None:
    github.people(1, prefix="s-", teams=["students"])
    desk = RosterDesk(tmp_path, github, tas_team="helpers")
    people = desk.manager.list_people()
    assert people.counts == {"unlisted": 1}
    assert people.teams == ("admins", "helpers", "students")
    assert len(people.problems) == 1
    assert "helpers" in people.problems[0]


def test_people_when_seen_active_then_number_and_hub_name_are_noted_once(
    tmp_path: Path, github: StandIn
) -> None:
    (made,) = github.people(1, prefix="S-", teams=["students"])
    hub = OwnHub()
    hub.add("s-0001", "students")
    desk = RosterDesk(tmp_path, github, hub)
    desk.put(listed("s-0001"))
    desk.rows()
    kept = desk.book.load()
    person = kept.by_key()["s-0001"]
    assert (person.was_active, person.github_id) == (True, made["id"])
    assert person.hub_name == "s-0001"
    desk.rows()
    assert desk.book.load().number == kept.number


def test_renamed_person_when_seen_before_then_number_and_home_stay(
    tmp_path: Path, github: StandIn
) -> None:
    (made,) = github.people(1, prefix="old-", teams=["students"])
    hub = OwnHub()
    hub.add("old-0001", "students")
    desk = RosterDesk(tmp_path, github, hub)
    desk.put(listed("old-0001"))
    desk.rows()
    new = f"New-{github.organization}"
    github.rename("old-0001", new)
    github.person("old-0001")
    github.join("old-0001", "students")
    found = desk.rows()
    row = found["old-0001"]
    assert (row.login, row.github_id, row.names.container) == (new, made["id"], "old-0001")
    assert set(row.flags) == {"renamed", "name_taken_over"}
    (newcomer,) = [other for other in found.values() if other.state == "unlisted"]
    assert (newcomer.login, newcomer.hub) == ("old-0001", None)
    assert newcomer.github_id != made["id"]


def test_absent_person_when_github_knows_no_such_login_then_unknown(
    tmp_path: Path, github: StandIn
) -> None:
    desk = RosterDesk(tmp_path, github)
    desk.put(listed("nobody-at-all"), listed(github.owner))
    states = {key: row.state for key, row in desk.rows().items()}
    assert states == {"nobody-at-all": "unknown", github.owner.lower(): "absent"}


def test_many_absent_people_when_looked_up_then_some_at_a_time_and_it_is_said(
    tmp_path: Path, github: StandIn
) -> None:
    desk = RosterDesk(tmp_path, github)
    desk.put(*(listed(f"nobody-{number}") for number in range(50)))
    first = desk.manager.list_people()
    assert first.problems == ("10 logins are not looked up yet; look again in a moment.",)
    assert desk.manager.list_people().counts == {"unknown": 50}


# -- putting entries right


def test_entry_when_the_login_is_put_right_then_the_account_is_known(
    tmp_path: Path, github: StandIn
) -> None:
    (made,) = github.people(1, prefix="Jane-", teams=["students"])
    desk = RosterDesk(tmp_path, github)
    desk.put(listed(key="k", email="j@x.org"))
    row = desk.manager.update_person(
        "k", PersonChange(login=f" @{made['login'].lower()} ", name="Jane"), user="ada"
    )
    assert (row.state, row.login, row.github_id) == ("active", made["login"], made["id"])
    assert (row.name, row.email) == ("Jane", "j@x.org")
    assert list(desk.rows()) == ["k"], "the unlisted row is gone"


def test_entry_when_github_knows_no_such_login_then_refused_with_a_suggestion(
    tmp_path: Path, github: StandIn
) -> None:
    github.people(1, prefix="Jane-Doe-", teams=["students"])
    desk = RosterDesk(tmp_path, github)
    desk.put(listed(key="k"))
    desk.rows()
    with pytest.raises(InvalidInput) as refused:
        desk.manager.update_person("k", PersonChange(login="Jane-Doe-001"), user="ada")
    assert "Jane-Doe-0001" in refused.value.hint


def test_entry_when_the_login_is_an_organization_then_refused(
    tmp_path: Path, github: StandIn
) -> None:
    desk = RosterDesk(tmp_path, github)
    desk.put(listed(key="k"))
    with pytest.raises(InvalidInput, match="no person"):
        desk.manager.update_person("k", PersonChange(login=github.organization), user="ada")


def test_entry_when_the_account_is_somebody_elses_then_conflict(
    tmp_path: Path, github: StandIn
) -> None:
    github.people(1, prefix="jane-", teams=["students"])
    desk = RosterDesk(tmp_path, github)
    desk.put(listed("jane-0001"), listed(key="k"))
    with pytest.raises(Conflict):
        desk.manager.update_person("k", PersonChange(login="Jane-0001"), user="ada")


def test_entry_when_it_becomes_another_account_then_its_history_goes(
    tmp_path: Path, github: StandIn
) -> None:
    github.people(2, prefix="p-", teams=["students"])
    desk = RosterDesk(tmp_path, github)
    desk.put(listed("p-0001", was_active=True, github_id=1, hub_name="p-0001"))
    desk.manager.update_person("p-0001", PersonChange(login="p-0002"), user="ada")
    person = desk.book.load().by_key()["p-0001"]
    assert (person.login, person.hub_name) == ("p-0002", "")


def test_unlisted_member_when_put_right_then_taken_into_the_roster(
    tmp_path: Path, github: StandIn
) -> None:
    (made,) = github.people(1, prefix="jane-", teams=["students"])
    desk = RosterDesk(tmp_path, github)
    change = PersonChange(name="Jane", email="jane@x.org")
    row = desk.manager.update_person(f"github:{made['id']}", change, user="ada")
    assert (row.state, row.name, row.team) == ("active", "Jane", "students")
    assert [one.login for one in desk.book.load().people] == ["jane-0001"]


@pytest.mark.parametrize("email", ["nonsense", "a@b", "a b@x.org"])
def test_entry_when_the_address_cannot_be_one_then_refused(
    tmp_path: Path, github: StandIn, email: str
) -> None:
    desk = RosterDesk(tmp_path, github)
    desk.put(listed(key="k"))
    with pytest.raises(InvalidInput):
        desk.manager.update_person("k", PersonChange(email=email), user="ada")


@pytest.mark.parametrize("key", ["nobody", "github:1", "hub:nobody"])
def test_entry_when_there_is_none_then_not_found(tmp_path: Path, github: StandIn, key: str) -> None:
    desk = RosterDesk(tmp_path, github)
    with pytest.raises(NotFound):
        desk.manager.update_person(key, PersonChange(name="x"), user="ada")


def test_removed_person_when_seen_later_then_nothing_of_it_is_noted_as_active(
    tmp_path: Path, github: StandIn
) -> None:
    github.people(1, prefix="jane-", teams=["students"])
    desk = RosterDesk(tmp_path, github)
    desk.put(listed("jane-0001", removed=now(), team=""))
    assert desk.rows()["jane-0001"].state == "unlisted"
    assert not desk.book.load().people[0].was_active
