"""Changes: sent once, one after the other, and told apart when no answer comes."""

from __future__ import annotations

import threading
import time

import pytest

from growth_admin.core.errors import (
    GitHubRefused,
    GitHubUnavailable,
    InvitationLimit,
    RateLimited,
    Uncertain,
)
from growth_admin.roster.github.school import GitHubSchool
from tests import github
from tests.unit.roster.github.conftest import Make
from tests.unit.roster.github.odd_server import Asked, OddServer, Told


def test_membership_when_put_then_active_or_invited(
    hub: github.StandIn, school: GitHubSchool
) -> None:
    hub.team("students")
    hub.people(1, prefix="old-", teams=["tas"])
    hub.person("new-1")
    assert school.put_membership("students", "old-0001") == "active"
    assert school.put_membership("students", "new-1") == "pending"
    assert school.calls.writes == 2


def test_invitation_when_made_and_cancelled_then_gone_and_again_is_nothing(
    hub: github.StandIn, school: GitHubSchool
) -> None:
    team = hub.team("students")
    number = hub.person("new-2")["id"]
    made = school.create_invitation((team["id"],), invitee_id=number)
    assert made.login == "new-2"
    assert school.list_team_invitations("students") == (made,)
    school.cancel_invitation(made.id)
    assert school.list_team_invitations("students") == ()
    school.cancel_invitation(made.id)
    school.cancel_invitation(1)


def test_removal_when_done_and_again_then_nothing(
    hub: github.StandIn, school: GitHubSchool
) -> None:
    hub.people(1, prefix="gone-", teams=["students"])
    school.remove_membership("students", "gone-0001")
    assert school.get_team_state("students", "gone-0001") == ""
    school.remove_membership("students", "gone-0001")
    school.remove_from_organization("gone-0001")
    assert school.get_organization_state("gone-0001") == ""
    school.remove_from_organization("gone-0001")


def test_removal_when_404_but_still_seen_then_refused(
    odd: OddServer, odd_school: GitHubSchool
) -> None:
    def script(asked: Asked) -> Told:
        if asked.method == "DELETE":
            return Told(404, {"message": "Not Found"})
        return Told(200, [] if asked.path.endswith("/teams") else {"state": "active"})

    odd.script = script
    for remove in (
        lambda: odd_school.remove_membership("students", "x"),
        lambda: odd_school.remove_from_organization("x"),
        lambda: odd_school.cancel_invitation(7),
    ):
        with pytest.raises(GitHubRefused, match="may not change it"):
            remove()


@pytest.mark.parametrize("fault", ["cut_after", "lost_answer"])
def test_change_when_made_and_never_answered_then_uncertain_and_sent_once(
    hub: github.StandIn, school: GitHubSchool, fault: str
) -> None:
    hub.team("students")
    hub.person(f"lost-{fault}")
    hub.fault(fault, method="PUT", path="/memberships/")
    with pytest.raises(Uncertain) as caught:
        school.put_membership("students", f"lost-{fault}")
    assert "may have been made" in caught.value.detail and caught.value.hint
    assert school.get_team_state("students", f"lost-{fault}") == "pending"
    assert hub.count("PUT", "/memberships/") == 1


@pytest.mark.parametrize(
    "told",
    [
        Told(cut=True),
        Told(500),
        Told(502),
        Told(504, {"message": "timeout"}),
        Told(200, raw=b"<html>"),
        Told(200, raw=b""),
        Told(200, {"state": "unheard-of"}),
        Told(200, []),
    ],
)
def test_change_when_reply_tells_nothing_then_uncertain(
    odd: OddServer, odd_school: GitHubSchool, told: Told
) -> None:
    odd.says(told)
    with pytest.raises(Uncertain):
        odd_school.put_membership("students", "x")
    assert len(odd.asked) == 1


def test_change_when_answer_is_late_then_uncertain(hub: github.StandIn, make: Make) -> None:
    school = make(timeout_s=0.3)
    hub.team("students")
    hub.person("late-2")
    hub.fault("slow", delay_s=1.5, method="PUT")
    with pytest.raises(Uncertain, match="in time"):
        school.put_membership("students", "late-2")


def test_change_when_nobody_listens_then_unavailable_and_surely_not_made(make: Make) -> None:
    school = make(api_url="http://127.0.0.1:9")
    with pytest.raises(GitHubUnavailable, match="Nothing was changed") as caught:
        school.put_membership("students", "x")
    assert not isinstance(caught.value, Uncertain)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_change_when_redirected_then_not_followed(
    odd: OddServer, odd_school: GitHubSchool, status: int
) -> None:
    odd.says(Told(status, None, {"Location": f"{odd.url}/elsewhere"}))
    with pytest.raises(GitHubUnavailable, match="another address"):
        odd_school.put_membership("students", "x")
    assert len(odd.asked) == 1


def test_changes_when_several_threads_then_one_after_the_other_and_spaced(
    hub: github.StandIn, make: Make
) -> None:
    hub.team("students")
    people = hub.people(4, prefix="paced-")
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        time.sleep(seconds)

    school = make(wait=wait, write_interval_s=0.15)
    begun = time.monotonic()
    threads = [
        threading.Thread(target=school.put_membership, args=("students", p["login"]))
        for p in people
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - begun >= 0.45
    assert hub.count("PUT", "/memberships/", 200) == 4


def test_change_when_cancelled_while_it_waits_then_not_sent(
    hub: github.StandIn, make: Make
) -> None:
    class Cancelled(Exception):
        """As a job's."""

    def wait(seconds: float) -> None:
        raise Cancelled

    hub.team("students")
    hub.people(2, prefix="stop-")
    school = make(wait=wait)
    school.put_membership("students", "stop-0001")
    with pytest.raises(Cancelled):
        school.put_membership("students", "stop-0002")
    assert hub.count("PUT") == 1


def test_change_when_own_pace_would_take_long_then_refused_and_not_sent(
    hub: github.StandIn, make: Make
) -> None:
    hub.team("students")
    people = hub.people(3, prefix=f"{hub.organization}-")
    school = make(wait=None, write_interval_s=0.0, writes_per_hour=2)
    for person in people[:2]:
        school.put_membership("students", person["login"])
    with pytest.raises(RateLimited, match="would refuse") as caught:
        school.put_membership("students", people[2]["login"])
    assert 3500 < (caught.value.until - school.now()).total_seconds() <= 3600
    assert hub.count("PUT", people[0]["login"]) >= 1
    assert hub.count("PUT", people[2]["login"]) == 0


def test_invitations_when_over_the_limit_then_said_so(hub: github.StandIn, make: Make) -> None:
    hub.team("students")
    hub.people(3, prefix="many-")
    hub.settings(invitation_limit=2)
    school = make()
    for n in (1, 2):
        school.put_membership("students", f"many-000{n}")
    with pytest.raises(InvitationLimit) as caught:
        school.put_membership("students", "many-0003")
    assert caught.value.context["status"] == 422
    with pytest.raises(InvitationLimit):
        school.create_invitation((), email="x@example.org")


@pytest.mark.parametrize(
    ("fault", "after_s"),
    [("secondary", 60), ("secondary_429", 60), ("secondary_silent", 60)],
)
def test_change_when_github_asks_to_wait_then_until_when(
    hub: github.StandIn, school: GitHubSchool, fault: str, after_s: int
) -> None:
    hub.team("students")
    hub.person(f"wait-{fault}")
    hub.fault(fault, method="PUT")
    with pytest.raises(RateLimited) as caught:
        school.put_membership("students", f"wait-{fault}")
    assert abs(caught.value.until.timestamp() - hub.now_s() - after_s) < 3
    assert caught.value.context["status"] in (403, 429)
    assert school.put_membership("students", f"wait-{fault}") == "pending"


def test_role_when_added_then_member_only(odd: OddServer, odd_school: GitHubSchool) -> None:
    odd.says(Told(200, {"state": "active", "role": "member", "url": "x"}))
    odd_school.put_membership("students", "a/b c")
    assert odd.asked[0].body == {"role": "member"}
    assert odd.asked[0].path == "/orgs/school/teams/students/memberships/a%2Fb%20c"
    assert odd.asked[0].headers["connection"] == "close"
