"""What a stock hub does wrong around GitHub, mended: each test names one such behaviour."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

import pytest

from tests.hub.school import REFRESH_S, School, eventually

AFTER_REFRESH_S = REFRESH_S + 0.5


def status(school: School, token: str) -> int:
    """The hub's answer to somebody who asks who they are."""
    return school.hub_api("GET", "user", token).status_code


# ---- a TA who was removed keeps the rights


def test_removed_ta_when_github_token_is_revoked_too_then_no_rights_left(
    either_school: School,
) -> None:
    login = either_school.new_person("tas")
    browser = either_school.login(login)
    token = either_school.token(login.lower())
    assert status(either_school, token) == 200
    either_school.github.leave(login, "tas")
    either_school.github.control("DELETE", f"tokens/{login}")
    eventually(lambda: status(either_school, token) == 403)
    assert either_school.groups(login.lower()) == []
    assert urlsplit(browser.get("/hub/home").url).path == "/hub/login"


def test_removed_person_when_out_of_all_teams_then_every_door_is_shut(
    either_school: School,
) -> None:
    login = either_school.new_person("students")
    name = login.lower()
    browser = either_school.login(login)
    token = either_school.token(name)
    either_school.start(name)
    assert either_school.open_lab(browser, name).status_code == 200
    either_school.github.leave(login, "students")
    time.sleep(AFTER_REFRESH_S)
    assert status(either_school, token) == 403
    assert urlsplit(browser.get("/hub/home").url).path == "/hub/login"
    assert status(either_school, either_school.server_token(name)) == 403
    direct = either_school.server_url(name) + "/api/contents?token=" + token
    assert either_school.browser().get(direct).status_code == 403
    either_school.stop(name)
    refused = either_school.hub_api("POST", f"users/{name}/server")
    assert refused.status_code == 403
    assert either_school.try_login(login)[1].status_code == 403
    either_school.github.join(login, "students")
    either_school.login(login)
    assert either_school.groups(name) == ["students"]


# ---- an outage of GitHub locks everybody out


@pytest.mark.parametrize(
    "weather",
    [{"status": 503}, {"status": 403}, {"status": 429}, {"delay_s": 30.0}],
    ids=["down", "rate-limit", "too-many", "silent"],
)
def test_outage_when_people_are_logged_in_then_they_work_on(
    either_school: School, weather: dict[str, float]
) -> None:
    login = either_school.new_person("tas")
    name = login.lower()
    browser = either_school.login(login)
    token = either_school.token(name)
    with either_school.github.weather(**weather):
        time.sleep(AFTER_REFRESH_S)
        begun = time.monotonic()
        assert status(either_school, token) == 200
        home = browser.get("/hub/home")
        assert (home.status_code, urlsplit(home.url).path) == (200, "/hub/home")
        assert time.monotonic() - begun < 6
        assert either_school.groups(name) == ["tas"]


def test_outage_when_a_server_is_started_then_it_starts(either_school: School) -> None:
    login = either_school.new_person("students")
    either_school.login(login)
    with either_school.github.weather(status=503):
        time.sleep(AFTER_REFRESH_S)
        assert either_school.start(login.lower())["ready"]
    either_school.stop(login.lower())


def test_outage_when_somebody_logs_in_then_told_to_try_again(either_school: School) -> None:
    login = either_school.new_person("students")
    with either_school.github.weather(status=502):
        _, page = either_school.try_login(login)
        assert page.status_code == 503
        assert "GitHub answered 502" in page.text
    either_school.login(login)


def test_outage_when_over_then_team_changes_are_felt_again(either_school: School) -> None:
    login = either_school.new_person("tas")
    either_school.login(login)
    token = either_school.token(login.lower())
    with either_school.github.weather(status=503):
        either_school.github.join(login, "students")
        either_school.github.leave(login, "tas")
        time.sleep(AFTER_REFRESH_S)
        assert status(either_school, token) == 200
    eventually(lambda: status(either_school, token) and in_group(either_school, login, "students"))


def in_group(school: School, login: str, group: str) -> bool:
    """Whether the hub has the person in exactly this group."""
    return school.groups(login.lower()) == [group]


# ---- a GitHub name that was given up hands the account over


def test_login_name_when_taken_by_somebody_else_then_refused(either_school: School) -> None:
    github, old = either_school.github, either_school.new_person("students")
    either_school.login(old)
    github.control("PATCH", f"people/{old}", login=f"{old}-new")
    either_school.new_person("students", login=old)
    _, page = either_school.try_login(old)
    assert page.status_code == 403
    assert "belonged to somebody else" in page.text


def test_login_name_when_its_hub_user_was_deleted_then_still_refused(
    either_school: School,
) -> None:
    """The home directory outlives the hub user, so its name must too."""
    github, old = either_school.github, either_school.new_person("students")
    either_school.login(old)
    assert either_school.hub_api("DELETE", f"users/{old.lower()}").status_code == 204
    github.control("DELETE", f"people/{old}")
    either_school.new_person("students", login=old)
    assert either_school.try_login(old)[1].status_code == 403


def test_login_when_person_renamed_the_account_then_same_hub_user(either_school: School) -> None:
    github, old = either_school.github, either_school.new_person("students")
    either_school.login(old)
    github.control("PATCH", f"people/{old}", login=f"{old}-new")
    either_school.login(f"{old}-new")
    assert either_school.groups(old.lower()) == ["students"]
    assert either_school.hub_api("GET", f"users/{old.lower()}-new").status_code == 404
