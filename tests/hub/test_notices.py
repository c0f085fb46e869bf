"""Notices on servers of a real hub: who gets at them, and by which groups they are shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from growth_admin.client import GrowthClient
from tests.hub.school import Browser, School

ADMIN, TA, STUDENT, OTHER = "Ada-Okafor", "Priya-N", "Jane-Doe", "chen-wei"
LOGINS = (ADMIN, TA, STUDENT, OTHER)
KEY = re.compile(r'"growthNotices": "([\w-]{40,})"')


class Class:
    """Four people with their servers, browsers and the keys of their pages."""

    def __init__(self, school: School) -> None:
        self.school = school
        self.browsers: dict[str, Browser] = {login: school.login(login) for login in LOGINS}
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda login: school.start(login.lower()), LOGINS))
        pages = {
            login: school.open_lab(browser, login.lower()).text
            for login, browser in self.browsers.items()
        }
        self.keys = {login: KEY.findall(page)[0] for login, page in pages.items()}
        self.client = GrowthClient(
            school.server_url(ADMIN.lower()), school.server_token(ADMIN.lower())
        )

    def ask(
        self, owner: str, *, key: str = "", browser: Browser | None = None
    ) -> requests.Response:
        """Ask the owner's server with a key, as a browser, or as nobody."""
        session = browser or self.school.browser()
        headers = {"X-Growth-Notices": key} if key else {}
        url = f"{self.school.server_url(owner.lower())}/growth/api/notices/mine"
        return session.get(url, headers=headers, allow_redirects=False)

    def answer(
        self, owner: str, *, key: str = "", browser: Browser | None = None, xsrf: bool = True
    ) -> requests.Response:
        """Say to the owner's server that a notice was seen."""
        session = browser or self.school.browser()
        headers = {"X-Growth-Notices": key} if key else {}
        if xsrf:
            headers |= session.xsrf(f"/user/{owner.lower()}/")
        url = f"{self.school.server_url(owner.lower())}/growth/api/notices/replies"
        body = {"notice": "no-such-notice", "kind": "seen"}
        return session.post(url, json=body, headers=headers, allow_redirects=False)

    def texts(self, owner: str) -> list[str]:
        """What the owner's page is told."""
        reply = self.ask(owner, key=self.keys[owner])
        assert reply.status_code == 200, (reply.status_code, reply.text)
        return [notice["text"] for notice in reply.json()["notices"]]


@pytest.fixture(scope="module")
def people(school: School) -> Iterator[Class]:
    yield Class(school)
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda login: school.stop(login.lower()), LOGINS))


def test_page_when_nobody_is_logged_in_then_it_gives_no_key(people: Class) -> None:
    page = people.school.browser().get(people.school.server_url(STUDENT.lower()) + "/lab")
    assert not KEY.search(page.text)
    for path in ("lab/no-such-page", "lab/tree/x", "lab/workspaces/y", "api", "lab/api/settings"):
        reply = people.school.browser().get(f"{people.school.server_url(STUDENT.lower())}/{path}")
        assert people.keys[STUDENT] not in reply.text, path


def test_page_when_somebody_else_asks_for_it_then_it_gives_no_key(people: Class) -> None:
    page = people.browsers[OTHER].get(people.school.server_url(STUDENT.lower()) + "/lab")
    assert people.keys[STUDENT] not in page.text


def test_keys_when_compared_then_no_two_servers_share_one(people: Class) -> None:
    assert len(set(people.keys.values())) == len(LOGINS)


VISITORS = pytest.mark.parametrize(
    ("who", "status"),
    [
        ("nobody with the key", 200),
        ("the owner's browser without a key", 200),
        ("nobody", 403),
        ("nobody with another server's key", 403),
        ("nobody with a wrong key", 403),
        ("another student's browser", 403),
        ("the owner's browser with a wrong key", 403),
    ],
)


def visit(people: Class, who: str) -> dict[str, Any]:
    """What a kind of visitor has, at a student's server."""
    key = {
        "nobody with the key": people.keys[STUDENT],
        "nobody with another server's key": people.keys[OTHER],
        "nobody with a wrong key": "x" * 43,
        "the owner's browser with a wrong key": "x" * 43,
    }.get(who, "")
    browser = None
    if who.startswith("the owner"):
        browser = people.browsers[STUDENT]
    elif who.startswith("another"):
        browser = people.browsers[OTHER]
    return {"key": key, "browser": browser}


@VISITORS
def test_visitor_when_asking_for_notices_then_only_the_owner_and_the_own_page_get_them(
    people: Class, who: str, status: int
) -> None:
    assert people.ask(STUDENT, **visit(people, who)).status_code == status


@VISITORS
def test_visitor_when_answering_a_notice_then_only_the_owner_and_the_own_page_may(
    people: Class, who: str, status: int
) -> None:
    reply = people.answer(STUDENT, **visit(people, who))
    assert reply.status_code == status, reply.text[:200]
    if status == 200:
        assert reply.json() == {"is_kept": False}, "there is no such notice"


def test_answer_when_a_cookie_comes_without_xsrf_then_refused(people: Class) -> None:
    browser = people.browsers[STUDENT]
    assert people.answer(STUDENT, browser=browser, xsrf=False).status_code == 403


def test_notice_when_for_a_group_or_a_person_then_those_see_it_by_what_the_hub_said(
    people: Class,
) -> None:
    posts: tuple[tuple[str, dict[str, Any]], ...] = (
        ("students", {"groups": ["students"]}),
        ("tas and admins", {"groups": ["tas", "admins"]}),
        ("jane", {"users": ["jane-doe"]}),
        ("all", {}),
    )
    made = [people.client.notices.post(text, **to) for text, to in posts]
    try:
        assert people.texts(STUDENT) == ["students", "jane", "all"]
        assert people.texts(OTHER) == ["students", "all"]
        assert people.texts(TA) == ["tas and admins", "all"]
        assert people.texts(ADMIN) == ["tas and admins", "all"]
    finally:
        for row in made:
            people.client.notices.withdraw(row.notice.id)
    assert people.texts(STUDENT) == []
    entries = people.client.audit.list_entries(area="servers").entries
    assert {entry.permission for entry in entries} >= {"servers.notices:write"}
    posted = next(entry for entry in entries if entry.after == made[0].notice.id)
    assert (posted.user, posted.target, posted.detail) == ("ada-okafor", "students", "students")
    assert posted.undo is not None and posted.undo.method == "DELETE"
