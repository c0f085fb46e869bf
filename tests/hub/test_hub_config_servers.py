"""What servers get on a real hub, both versions: environment, token, names; and the canary."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from growth_admin.deploy.demo.people import Person
from tests.hub.school import School, eventually

ADMIN = Person("Ada-Okafor", "Ada Okafor", "admins")
TA = Person("Priya-N", "Priya Natarajan", "tas")
LONG = Person("maximilian-alexander-von-hohenstein-jr0", "Maximilian von Hohenstein", "students")
REVISION = "0123abcd"
IMAGE = "growth-school/notebook:2026.12-candidate"
BY_DIGEST = f"growth-school/notebook@sha256:{'ab' * 32}"
CUSTOM = "custom:growth:"


@pytest.fixture(scope="module", params=["hub-6.1", "hub-5.5"])
def opened(request: pytest.FixtureRequest) -> Iterator[School]:
    """A school in which an organiser, a TA and a student have their servers running."""
    school: School = request.getfixturevalue("school" if request.param == "hub-6.1" else "school55")
    for person in (ADMIN, TA, LONG):
        school.login(person.login)
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda person: school.start(person.hub_name), (ADMIN, TA, LONG)))
    yield school
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda person: school.stop(person.hub_name), (ADMIN, TA, LONG)))


# ---- environment and token


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        (
            ADMIN,
            {
                "NB_USER": "ada-okafor",
                "GROWTH_AREAS": "startup,datasets,roster,servers,images,overview",
                "GROWTH_GROUPS": "admins",
                "GROWTH_DATA_GID": "3000",
                "GROWTH_ADMIN_GID": "3001",
            },
        ),
        (
            TA,
            {
                "NB_USER": "priya-n",
                "GROWTH_AREAS": "datasets",
                "GROWTH_GROUPS": "tas",
                "GROWTH_DATA_GID": "3000",
                "GROWTH_ADMIN_GID": None,
            },
        ),
        (
            LONG,
            {
                "NB_USER": "maximilian-alexander-vo_3538f235",
                "GROWTH_AREAS": "",
                "GROWTH_GROUPS": "students",
                "GROWTH_DATA_GID": None,
                "GROWTH_ADMIN_GID": None,
            },
        ),
    ],
    ids=["admin", "ta", "student"],
)
def test_environment_when_started_then_that_of_the_group(
    opened: School, person: Person, expected: dict[str, str | None]
) -> None:
    environment = opened.server_environment(person.hub_name)
    everyones = {"JUPYTERHUB_USER": person.hub_name, "GROWTH_SCRIPTS_REVISION": None}
    everyones["GROWTH_IMAGE"] = "growth-school/notebook:2026.11"
    for name, value in {**everyones, **expected}.items():
        assert environment.get(name) == value, name
    assert environment["GROWTH_GITHUB_ID"].isdigit()
    assert environment["NB_UID"] == environment["GROWTH_GITHUB_ID"] != "1000"
    assert environment["HOME"].endswith("/home/" + environment["NB_USER"])


@pytest.mark.parametrize(
    ("person", "extra"),
    [
        (
            ADMIN,
            {
                *(CUSTOM + "admin", "list:users", "read:users", "read:tokens"),
                *("servers", "delete:users", "read:shares!group=admins"),
            },
        ),
        (TA, {CUSTOM + "datasets"}),
        (LONG, set()),
    ],
    ids=["admin", "ta", "student"],
)
def test_server_token_when_started_then_only_the_groups_scopes(
    opened: School, person: Person, extra: set[str]
) -> None:
    name = person.hub_name
    held = set(opened.hub_api("GET", "user", opened.server_token(name)).json()["scopes"])
    own = {f"users:activity!user={name}", f"access:servers!server={name}/"}
    assert own | extra <= held
    assert not held & {"access:servers", "admin-ui", "read:hub", "admin:users", "shares"}
    if person is not ADMIN:
        identity = {f"read:users:{what}!user={name}" for what in ("name", "groups", "activity")}
        assert held - own - extra - identity == set()


@pytest.mark.parametrize("person", [TA, LONG], ids=["ta", "student"])
def test_server_token_when_not_an_organisers_then_hub_refuses_the_rest(
    opened: School, person: Person
) -> None:
    token = opened.server_token(person.hub_name)
    other = ADMIN.hub_name
    assert opened.hub_api("GET", "users", token).status_code == 403
    assert opened.hub_api("GET", f"users/{other}", token).status_code in (403, 404)
    for owner in (other, person.hub_name):
        assert opened.hub_api("DELETE", f"users/{owner}/server", token).status_code in (403, 404)
        made = opened.hub_api("POST", f"users/{owner}/tokens", token, json={})
        assert made.status_code in (403, 404)
    shared = opened.hub_api("POST", f"shares/{person.hub_name}/", token, json={"user": other})
    assert shared.status_code == 403


def test_organisers_server_token_when_it_asks_for_another_token_then_none_is_made(
    opened: School,
) -> None:
    """A new token holds all that its owner may, so it would undo what this one is kept from."""
    token = opened.server_token(ADMIN.hub_name)
    for owner in (ADMIN.hub_name, TA.hub_name, LONG.hub_name):
        made = opened.hub_api("POST", f"users/{owner}/tokens", token, json={})
        assert made.status_code in (403, 404), owner


def test_organiser_when_in_a_browser_then_sees_a_students_server_but_the_token_does_not(
    opened: School,
) -> None:
    ada, student = opened.login(ADMIN.login), LONG.hub_name
    assert opened.open_lab(ada, student).status_code == 200
    contents = opened.server_url(student) + "/api/contents"
    headers = {"Authorization": f"token {opened.server_token(ADMIN.hub_name)}"}
    assert ada.get(contents).status_code == 200
    assert opened.browser().get(contents, headers=headers).status_code == 403


# ---- options and named servers


def named(school: School, owner: str, server: str, token: Any, **options: Any) -> tuple[int, str]:
    """Ask for a named server; status and message."""
    reply = school.hub_api("POST", f"users/{owner}/servers/{server}", token, json=options or None)
    return reply.status_code, reply.text


def test_options_when_for_a_default_server_then_ignored_and_not_kept(
    either_school: School,
) -> None:
    login = either_school.new_person("students")
    jane = either_school.login(login)
    name = login.lower()
    page = jane.get(f"/hub/spawn/{name}?image=evil/image:1&scripts_revision={REVISION}")
    assert page.status_code == 200
    either_school.start(name)
    assert either_school.user(name)["servers"][""]["user_options"] == {}
    environment = either_school.server_environment(name)
    assert not {"GROWTH_SCRIPTS_REVISION", "GROWTH_CANARY_IMAGE"} & set(environment)
    assert environment["GROWTH_IMAGE"] == "growth-school/notebook:2026.11"
    either_school.stop(name)


@pytest.mark.parametrize("team", ["students", "tas"])
def test_named_server_when_not_an_organisers_then_refused_and_no_record_of_it(
    either_school: School, team: str
) -> None:
    login = either_school.new_person(team)
    browser, name = either_school.login(login), login.lower()
    either_school.login(ADMIN.login)
    tokens = [either_school.token(name), browser, either_school.token(ADMIN.hub_name), None]
    for token in tokens:
        for wanted in ({"scripts_revision": REVISION}, {"image": IMAGE}, {"image": BY_DIGEST}):
            code, text = named(either_school, name, "canary", token, **wanted)
            assert code == 403, text
    assert browser.get(f"/hub/spawn/{name}/canary").status_code == 403
    stored = either_school.hub_api("GET", f"users/{name}?include_stopped_servers=1").json()
    assert "canary" not in stored["servers"]


def test_named_server_when_not_called_canary_then_refused(either_school: School) -> None:
    ada = either_school.login(ADMIN.login)
    for token in (ada, either_school.token(ADMIN.hub_name), None):
        assert named(either_school, ADMIN.hub_name, "other", token)[0] == 403


@pytest.mark.parametrize(
    "options",
    [
        {"image": "evil/image:1"},
        {"image": "growth-school/notebook"},
        {"scripts_revision": "../../etc"},
        {"scripts_revision": "ABCDEF0"},
        {"scripts_revision": "abc"},
        {"scripts_revision": 1234567},
        {"image": IMAGE, "cpu_limit": "64"},
        {"scripts_revision": {"a": "b"}},
    ],
    ids=lambda options: "+".join(f"{k}={v}" for k, v in options.items()),
)
def test_canary_when_options_are_wrong_then_400(
    either_school: School, options: dict[str, Any]
) -> None:
    ada = either_school.login(ADMIN.login)
    code, text = named(either_school, ADMIN.hub_name, "canary", ada, **options)
    assert code == 400, text
    stored = either_school.user(ADMIN.hub_name)["servers"]
    assert "canary" not in stored or stored["canary"]["user_options"] == {}


def test_canary_when_refused_before_then_starts_bare_and_then_with_a_candidate(
    either_school: School,
) -> None:
    name = ADMIN.hub_name
    either_school.login(ADMIN.login)
    token = either_school.token(name)
    assert named(either_school, name, "canary", token, image="evil/image:1")[0] == 400
    assert either_school.start(name, "canary")["user_options"] == {}
    environment = either_school.server_environment(name, "canary")
    assert not {"GROWTH_SCRIPTS_REVISION", "GROWTH_CANARY_IMAGE"} & set(environment)
    assert "/canary/" in environment["HOME"]
    # whatever the candidate does, it does as a student's server would
    assert not {"GROWTH_DATA_GID", "GROWTH_ADMIN_GID"} & set(environment)
    assert environment["GROWTH_AREAS"] == ""
    held = either_school.hub_api("GET", "user", environment["JUPYTERHUB_API_TOKEN"]).json()
    assert f"access:servers!server={name}/canary" in held["scopes"]
    assert not [s for s in held["scopes"] if s.startswith(CUSTOM) or "!" not in s]
    assert either_school.hub_api(
        "GET", "users", environment["JUPYTERHUB_API_TOKEN"]
    ).status_code in (403, 404)
    either_school.stop(name, "canary")
    model = either_school.start(name, "canary", scripts_revision=REVISION, image=IMAGE)
    assert model["user_options"] == {"scripts_revision": REVISION, "image": IMAGE}
    environment = either_school.server_environment(name, "canary")
    assert environment["GROWTH_SCRIPTS_REVISION"] == REVISION
    assert environment["GROWTH_CANARY_IMAGE"] == environment["GROWTH_IMAGE"] == IMAGE
    either_school.stop(name, "canary", remove=True)
    assert "canary" not in either_school.user(name)["servers"]


# ---- pre-pulling


def test_prepull_when_an_organisers_server_asks_then_the_hub_says_that_it_starts_processes(
    opened: School,
) -> None:
    token, digest = opened.server_token(ADMIN.hub_name), BY_DIGEST.partition("@")[2]
    place = f"growth/prepull?digest={digest}"
    before = opened.hub_api("GET", place, token)
    assert (before.status_code, before.json()["state"]) == (200, "none"), before.text
    for _ in range(2):  # asked again it is no other
        reply = opened.hub_api("POST", "growth/prepull", token, json={"digest": digest})
        assert reply.status_code == 200, reply.text
    told = eventually(
        lambda: (
            found
            if (found := opened.hub_api("GET", place, token).json())["state"] == "ended"
            else {}
        )
    )
    assert told == {
        **{"image": BY_DIGEST, "where": "processes", "state": "ended"},
        **{"nodes": [], "problem": ""},
    }


def test_prepull_when_it_is_no_digest_then_400_and_no_name_comes_from_outside(
    opened: School,
) -> None:
    token, digest = opened.server_token(ADMIN.hub_name), BY_DIGEST.partition("@")[2]
    for body in (
        *({}, [], {"digest": ""}, {"digest": "2026.11"}, {"digest": digest.upper()}),
        *({"digest": f"{digest}0"}, {"digest": f"{digest}\n"}, {"digest": [digest]}, "digest"),
        {"digest": f"evil/image@{digest}"},
    ):
        reply = opened.hub_api("POST", "growth/prepull", token, json=body)
        assert reply.status_code == 400, (body, reply.text)
    for wrong in ("", "latest", f"evil/image@{digest}"):
        place = f"growth/prepull?digest={wrong}"
        assert opened.hub_api("GET", place, token).status_code == 400, wrong


def test_prepull_when_it_is_no_organisers_server_then_refused(opened: School) -> None:
    digest = BY_DIGEST.partition("@")[2]
    opened.start(ADMIN.hub_name, "canary")
    tokens = {
        "student": opened.server_token(LONG.hub_name),
        "TA": opened.server_token(TA.hub_name),
        "canary": opened.server_token(ADMIN.hub_name, "canary"),
        "organiser without the area": opened.token(ADMIN.hub_name, scopes=["read:users!user"]),
        "service that may do everything else": opened.all_powerful_token,
        "nobody": "nobodys",
    }
    opened.stop(ADMIN.hub_name, "canary", remove=True)
    for who, token in tokens.items():
        asked = opened.hub_api("POST", "growth/prepull", token, json={"digest": digest})
        told = opened.hub_api("GET", f"growth/prepull?digest={digest}", token)
        assert (asked.status_code, told.status_code) == (403, 403), (who, asked.text)
    url = f"{opened.url}/hub/api/growth/prepull"
    assert requests.post(url, json={"digest": digest}, timeout=30).status_code == 403
    assert requests.get(f"{url}?digest={digest}", timeout=30).status_code == 403
    # a page of somebody else's, open in an organiser's browser, has the cookies and not the token
    ada = opened.login(ADMIN.login)
    assert ada.post(url, json={"digest": digest}).status_code == 403
