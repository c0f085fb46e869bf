"""The end of somebody's access, on a real hub: every door is tried afterwards, by every key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.hub.school import Browser, School, eventually
from tests.hub.visitors import ADMIN

ADA = ADMIN.lower()
LEFT_OPEN = ("", "/lab", "/api/contents", "/api/kernels")


@dataclass
class Desk:
    """Ada's roster, through her own server."""

    school: School
    browser: Browser

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Return the JSON of an answer that must be good."""
        url = f"{self.school.server_url(ADA)}/growth/api/{path}"
        headers = self.browser.xsrf(f"/user/{ADA}/")
        reply = self.browser.request(method, url, json=body, headers=headers)
        assert reply.status_code in (200, 202), (path, reply.status_code, reply.text)
        return reply.json()

    def person(self, login: str) -> dict[str, Any]:
        """Return the row of somebody, read anew."""
        people = self.ask("GET", "roster/people?is_fresh=true")["people"]
        (row,) = [row for row in people if row["login"] == login]
        return dict(row)

    def offboard(self, key: str, **choices: Any) -> dict[str, Any]:
        """Plan it, do it, wait, and return the job."""
        request = {"key": key, **choices}
        plan = self.ask("POST", "roster/offboardings/plans", request)
        job = self.ask("POST", "roster/offboardings", {**request, "plan_id": plan["id"]})
        ended = ("succeeded", "failed", "cancelled")

        def find() -> dict[str, Any] | None:
            found = self.ask("GET", f"jobs/{job['id']}")
            return dict(found) if found["state"] in ended else None

        return eventually(find, 60)


@pytest.fixture
def desk(either_school: School) -> Iterator[Desk]:
    """Ada at her console."""
    browser = either_school.login(ADMIN)
    either_school.start(ADA)
    assert either_school.open_lab(browser, ADA).status_code == 200
    yield Desk(either_school, browser)
    either_school.stop(ADA)


def test_admins_server_token_when_counting_tokens_then_it_can_make_and_end_none(
    desk: Desk,
) -> None:
    school = desk.school
    login = school.new_person("students")
    name = login.lower()
    school.login(login)
    personal = school.token(name)
    own = school.server_token(ADA)
    listed = school.hub_api("GET", f"users/{name}/tokens", own)
    assert listed.status_code == 200
    assert personal not in listed.text
    token_id = listed.json()["api_tokens"][0]["id"]
    for user in (name, ADA):
        for body in ({}, {"scopes": ["custom:growth:admin"]}, {"roles": ["user"]}):
            refused = school.hub_api("POST", f"users/{user}/tokens", own, json=body)
            assert refused.status_code == 403, (user, body, refused.text)
    # it may end the bot student's tokens only, so the hub says of others' that there is none
    assert school.hub_api("DELETE", f"users/{name}/tokens/{token_id}", own).status_code == 404
    assert school.hub_api("GET", "user", personal).status_code == 200


def test_person_when_offboarded_then_every_door_is_shut_and_the_home_is_there(
    desk: Desk,
) -> None:
    school = desk.school
    login = school.new_person("students")
    name = login.lower()
    browser = school.login(login)
    school.start(name)
    assert school.open_lab(browser, name).status_code == 200
    personal, servers_own = school.token(name), school.server_token(name)
    assert school.hub_api("POST", f"users/{name}/servers/other").status_code == 403
    (school.folder.homes / name / "thesis.txt").write_text("mine")

    row = desk.person(login)
    assert (row["state"], row["hub"]["servers"], row["names"]["hub"]) == ("unlisted", [""], name)
    assert not row["hub"]["is_by_name"], "the start recorded the number"
    job = desk.offboard(row["key"])
    assert job["state"] == "succeeded", job
    results = [(item["action"], item["result"]) for item in job["receipt"]["items"]]
    assert results == [
        *(("remove", "done"), ("note", "done"), ("stop", "done")),
        *(("delete", "done"), ("end", "done")),
    ]

    assert school.hub_api("GET", f"users/{name}").status_code == 404
    for token in (personal, servers_own):
        assert school.hub_api("GET", "user", token).status_code == 403
    assert urlsplit(browser.get("/hub/home").url).path == "/hub/login"
    for path in LEFT_OPEN:
        page = browser.get(school.server_url(name) + path)
        assert page.status_code >= 400 or urlsplit(page.url).path == "/hub/login", page.url
    for place in (f"users/{name}/server", f"users/{name}/servers/canary"):
        refused = browser.request("POST", f"/hub/api/{place}", headers=browser.xsrf())
        assert refused.status_code in (403, 404), (place, refused.status_code)
    assert school.log_in_with(browser, login).status_code == 403
    assert school.try_login(login)[1].status_code == 403
    assert school.hub_api("GET", f"users/{name}").status_code == 404
    assert (school.folder.homes / name / "thesis.txt").read_text() == "mine"
    gone = desk.person(login)
    assert (gone["state"], gone["flags"], gone["hub"]) == ("removed", [], None)


def test_login_when_a_newcomer_takes_it_from_who_was_offboarded_then_gets_nothing(
    desk: Desk,
) -> None:
    school = desk.school
    login = school.new_person("students")
    name = login.lower()
    school.login(login)
    school.start(name)
    (school.folder.homes / name / "thesis.txt").write_text("mine")
    number = desk.person(login)["github_id"]
    desk.offboard(desk.person(login)["key"])

    school.github.control("PATCH", f"people/{login}", login=f"{login}-new")
    school.new_person("students", login=login)
    newcomer, page = school.try_login(login)
    assert page.status_code == 403
    assert "belonged to somebody else" in page.text
    assert school.hub_api("GET", f"users/{name}").status_code == 404
    assert urlsplit(newcomer.get(school.server_url(name) + "/lab").url).path == "/hub/login"

    people = desk.ask("GET", "roster/people?is_fresh=true")["people"]
    rows = {row["github_id"]: row for row in people if row["login"] == login}
    assert rows[number]["state"] == "removed"
    assert "name_taken_over" in rows[number]["flags"]
    (other,) = [row for row in rows.values() if row["github_id"] != number]
    assert (other["state"], other["hub"]) == ("unlisted", None)
    assert other["names"]["container"] == ""


def test_person_when_offboarded_and_taken_back_then_the_home_is_theirs_again(desk: Desk) -> None:
    school = desk.school
    login = school.new_person("students")
    name = login.lower()
    school.login(login)
    school.start(name)
    desk.offboard(desk.person(login)["key"])
    school.github.join(login, "students")
    school.login(login)
    school.start(name)
    assert school.server_environment(name)["NB_USER"] == name
    assert desk.person(login)["state"] == "unlisted"
