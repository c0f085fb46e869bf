"""Reads: whole lists in few calls, ETags, accounts, states."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from growth_admin.core.errors import GitHubRefused, GitHubUnavailable, NotFound
from growth_admin.roster.github.school import GitHubSchool
from tests import github
from tests.unit.roster.github.conftest import Make
from tests.unit.roster.github.odd_server import Asked, OddServer, Told


def test_thousand_members_when_listed_then_ten_calls_and_little_time(
    hub: github.StandIn, school: GitHubSchool
) -> None:
    hub.people(1000, prefix="thousand-", teams=["students"])
    begun, own = time.perf_counter(), time.process_time()
    members = school.list_members("students")
    taken, own_taken = time.perf_counter() - begun, time.process_time() - own
    assert len({member.id for member in members}) == 1000
    assert school.calls.total == 10
    assert own_taken < 0.5 and taken < 3
    assert members[0].type == "User" and members[0].login == "thousand-0001"


def test_list_when_nothing_changed_then_conditional_requests_only(
    hub: github.StandIn, make: Make
) -> None:
    hub.people(250, prefix="same-", teams=["students"])
    first = make(token := hub.token())
    before = first.list_members("students")
    again = make(token)  # another server, the same disk
    assert again.list_members("students") == before
    assert again.calls.total == again.calls.conditional_hits == 3
    hub.join("Owner", "students")
    assert len(again.list_members("students")) == 251


def test_list_when_full_last_page_gets_a_successor_then_it_is_read(
    hub: github.StandIn, school: GitHubSchool
) -> None:
    hub.people(100, prefix="full-", teams=["students"])
    assert len(school.list_members("students")) == 100
    hub.people(1, prefix="next-", teams=["students"])
    assert len(school.list_members("students")) == 101


def test_list_when_304_has_no_link_and_last_page_is_full_then_next_page_is_looked_at(
    odd: OddServer, odd_school: GitHubSchool
) -> None:
    people = [{"id": n, "login": f"p{n}", "type": "User"} for n in range(1, 102)]

    def script(asked: Asked) -> Told:
        page = int(asked.query.get("page", "1"))
        part = people[:count][(page - 1) * 100 : page * 100]
        etag = f'"{page}-{len(part)}"'
        if asked.headers.get("if-none-match") == etag:
            return Told(304)
        return Told(200, part, {"ETag": etag})

    odd.script = script
    count = 100
    assert len(odd_school.list_members("students")) == 100
    count = 101
    assert len(odd_school.list_members("students")) == 101


def test_list_when_it_changes_between_pages_then_everybody_is_there_once(
    odd: OddServer, odd_school: GitHubSchool
) -> None:
    people = [{"id": n, "login": f"p{n}", "type": "User"} for n in range(1, 251)]
    asked_before: list[int] = []

    def script(asked: Asked) -> Told:
        page = int(asked.query.get("page", "1"))
        if page == 1 and not asked_before:  # somebody joins in front after the first page
            asked_before.append(page)
            people_now = people[:]
            people.insert(0, {"id": 999, "login": "new", "type": "User"})
        else:
            people_now = people
        link = '<http://elsewhere.example/x?page=3&per_page=100>; rel="last"' if page == 1 else ""
        return Told(200, people_now[(page - 1) * 100 : page * 100], {"Link": link})

    odd.script = script
    found = odd_school.list_members("students")
    assert sorted(member.id for member in found) == [*range(1, 251), 999]
    assert all(asked.path.startswith("/orgs/school/") for asked in odd.asked)


def test_list_when_next_only_then_followed_by_its_query(
    odd: OddServer, odd_school: GitHubSchool
) -> None:
    def script(asked: Asked) -> Told:
        if "after" in asked.query:
            return Told(200, [{"id": 2, "login": "b", "type": "User"}])
        link = '<https://api.github.com/x?after=Y3Vyc29y&per_page=100>; rel="next"'
        return Told(200, [{"id": 1, "login": "a", "type": "User"}], {"Link": link})

    odd.script = script
    assert [member.login for member in odd_school.list_blocked()] == ["a", "b"]


def test_list_when_it_has_no_end_then_unavailable(odd: OddServer, odd_school: GitHubSchool) -> None:
    link = {"Link": '<http://x/?page=2>; rel="next"'}
    odd.says(Told(200, [{"id": 1, "login": "a"}], link))
    with pytest.raises(GitHubUnavailable, match="no end"):
        odd_school.list_blocked()


def test_team_when_found_by_slug_or_name_then_the_same(
    hub: github.StandIn, school: GitHubSchool
) -> None:
    made = hub.team("Teaching Assistants & Co")
    for name in (made["slug"], "Teaching Assistants & Co", " teaching assistants & co "):
        assert school.find_team(name).id == made["id"]


def test_team_when_not_there_then_says_which_there_are(
    hub: github.StandIn, school: GitHubSchool
) -> None:
    hub.team("Participants")
    with pytest.raises(NotFound) as caught:
        school.find_team("Particpants")
    assert "Participants" in caught.value.hint


def test_child_members_when_listed_then_by_number(
    hub: github.StandIn, school: GitHubSchool
) -> None:
    hub.team("tas")
    hub.team("tas-maths", parent="tas")
    above = hub.people(1, prefix="above-", teams=["tas"])
    below = hub.people(2, prefix="below-", teams=["tas-maths"])
    assert {m.id for m in school.list_members("tas")} == {p["id"] for p in above + below}
    assert school.list_child_members("tas") == {p["id"] for p in below}


def test_accounts_when_asked_then_by_login_and_through_renames(
    hub: github.StandIn, school: GitHubSchool
) -> None:
    number = hub.person("Old-Name")["id"]
    found = school.get_account("old-name")
    assert found and (found.id, found.login, found.type) == (number, "Old-Name", "User")
    hub.rename("Old-Name", "New-Name")
    renamed = school.get_account_by_id(number)
    assert renamed and renamed.login == "New-Name"
    assert school.get_account("Old-Name") is None
    assert school.get_account_by_id(1) is None


@pytest.mark.parametrize("login", ["", " ", "../orgs", "a/b", "x?y", "é", "a" * 200, "-x"])
def test_account_when_login_cannot_be_one_then_nobody_is_asked(
    school: GitHubSchool, login: str
) -> None:
    assert school.get_account(login) is None
    assert school.calls.total == 0


def test_account_when_an_organization_then_said(hub: github.StandIn, school: GitHubSchool) -> None:
    found = school.get_account(hub.organization)
    assert found is None or found.type == "Organization"


def test_states_when_asked_then_active_pending_or_empty(
    hub: github.StandIn, school: GitHubSchool
) -> None:
    hub.team("students")
    hub.people(1, prefix="in-", teams=["students"])
    hub.person("asked-1")
    hub.person("out-1")
    school.put_membership("students", "asked-1")
    for login, state in (("in-0001", "active"), ("asked-1", "pending"), ("out-1", "")):
        assert school.get_team_state("students", login) == state
        assert school.get_organization_state(login) == state


def test_invitations_when_they_fail_then_listed_with_reason(
    hub: github.StandIn, school: GitHubSchool
) -> None:
    team = hub.team("students")
    hub.person("late-1")
    school.put_membership("students", "late-1")
    by_mail = school.create_invitation((team["id"],), email="someone@example.org")
    pending = school.list_team_invitations("students")
    assert {(i.login, i.email) for i in pending} == {("late-1", ""), ("", "someone@example.org")}
    assert [t.slug for t in school.list_invitation_teams(by_mail.id)] == ["students"]
    hub.move_clock(days=8)
    assert school.list_team_invitations("students") == ()
    failed = school.list_failed_invitations()
    assert len(failed) == 2 and all(f.is_expired and f.failed for f in failed)
    with pytest.raises(GitHubRefused) as caught:
        school.list_invitation_teams(by_mail.id)
    assert caught.value.context["status"] == 404
    assert abs(school.now().timestamp() - hub.now_s()) < 2
    hub.move_clock(days=-8)


def test_owners_members_blocked_and_self_when_asked_then_told(
    hub: github.StandIn, school: GitHubSchool
) -> None:
    hub.people(3, prefix="m-", teams=["students"])
    hub.person("bad-1")
    hub.block("bad-1")
    assert [o.login for o in school.list_owners()] == [hub.owner]
    assert len(school.list_organization_members()) == 4
    assert [b.login for b in school.list_blocked()] == ["bad-1"]
    me = school.get_self()
    assert me and me.login == hub.owner


def test_read_when_faults_are_few_then_it_comes_through(
    hub: github.StandIn, school: GitHubSchool
) -> None:
    hub.people(1, prefix="r-", teams=["students"])
    for fault in ("bad_gateway", "cut_before"):
        hub.fault(fault, times=2, path="/members")
        assert len(school.list_members("students")) == 1


def test_read_when_faults_last_then_unavailable_with_status(
    hub: github.StandIn, school: GitHubSchool
) -> None:
    hub.fault("outage", times=0, path="/members")
    with pytest.raises(GitHubUnavailable) as caught:
        school.list_members("students")
    assert caught.value.context["status"] == 503
    assert "the members of students" in caught.value.detail
    assert school.calls.total == 3


def test_read_when_one_page_fails_then_no_part_of_the_list_is_returned(
    odd: OddServer, odd_school: GitHubSchool
) -> None:
    link = {"Link": '<http://x/?page=4>; rel="last"'}

    def script(asked: Asked) -> Told:
        page = int(asked.query.get("page", "1"))
        return Told(500) if page == 3 else Told(200, [{"id": page, "login": "a"}], link)

    odd.script = script
    with pytest.raises(GitHubUnavailable, match="500"):
        odd_school.list_members("students")


@pytest.mark.parametrize(
    "told",
    [
        Told(200, raw=b"<html>log in to the wifi</html>"),
        Told(200, raw=b'[{"id": 1, "login": "a"'),
        Told(200, raw=b"\xff\xfe\x00"),
        Told(200, {"message": "no list"}),
        Told(200, [{"login": "without-id"}]),
        Told(200, [17]),
        Told(200, [{"id": 5, "login": None}]),
        Told(202, None),
        Told(cut=True),
    ],
)
def test_read_when_reply_is_odd_then_unavailable(
    odd: OddServer, odd_school: GitHubSchool, told: Told
) -> None:
    odd.says(told)
    with pytest.raises(GitHubUnavailable):
        odd_school.list_members("students")


def test_read_when_cache_folder_cannot_be_written_then_kept_in_memory(
    hub: github.StandIn, make: Make, tmp_path: Path
) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    hub.people(2, prefix="mem-", teams=["students"])
    school = make()
    assert len(school.list_members("students")) == 2
    assert len(school.list_members("students")) == 2
    assert school.calls.conditional_hits == 1


def test_reads_when_many_threads_then_each_gets_its_own(
    hub: github.StandIn, school: GitHubSchool
) -> None:
    people = hub.people(60, prefix="thread-")
    reads: list[Any] = [lambda n=p["login"]: school.get_account(n) for p in people]
    found: list[Any] = school.client.read_in_parallel(reads)
    assert [account.id for account in found] == [p["id"] for p in people]


@pytest.mark.parametrize("end", ["", "/", "/api/v3", "/api/v3/"])
def test_address_when_root_or_below_then_asked_there(odd: OddServer, make: Make, end: str) -> None:
    odd.says(Told(200, [{"id": 1, "login": "a", "type": "User"}]))
    assert len(make(api_url=odd.url + end).list_owners()) == 1
    assert (
        odd.asked[-1].path == f"{end.rstrip('/')}/orgs/{odd.asked[-1].path.split('/')[-2]}/members"
    )
