"""The API over HTTP on a real server: errors, methods, fields, tokens, audit, activity."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from growth_admin.api.operation import METHODS
from growth_admin.routes import all_routes
from tests.conftest import wait_until
from tests.console import Console, running_console
from tests.unit.startup.school import BROKEN, FIRST, USER, sound

KEYS = {"type", "title", "status", "detail", "hint", "errors", "message", "context"}
ROUTES = all_routes()
DEAD = "20260101T000000000000-abcdef"
"""A job of datasets that nobody knows any more, with a staging folder."""
PAIRS = [(method, route.path) for route in ROUTES for method in route.operations()]


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A server of our own: these tests change what is live and count what is recorded."""
    root = tmp_path_factory.mktemp("api")
    (root / "admin" / "start").mkdir(parents=True)
    (root / "admin" / "start" / USER).write_text(FIRST)
    (root / "admin" / "start" / USER).chmod(0o755)
    (root / "nfs" / "data" / ".staging" / DEAD).mkdir(parents=True)
    with running_console(root) as started:
        yield started


def filled(path: str) -> str:
    """Return a route's path with something in the place of its parameters."""
    return re.sub(r"\{(\w+)\}", "x", path)


def problem(reply: requests.Response, status: int, kind: str = "") -> dict[str, Any]:
    """Return a problem document after looking at its form (RFC 9457)."""
    assert reply.status_code == status, reply.text
    assert reply.headers["Content-Type"] == "application/problem+json"
    if reply.request.method == "HEAD":
        assert not reply.content
        return {}
    found: dict[str, Any] = reply.json()
    assert set(found) == KEYS
    assert (found["status"], found["message"]) == (status, found["detail"])
    assert found["title"] and found["detail"]
    assert found["type"] == (f"urn:growth-admin:problem:{kind}" if kind else "about:blank")
    return found


def save(console: Console, text: str, **fields: Any) -> requests.Response:
    head = console.ask("GET", f"startup/scripts/{USER}").json()["head"]
    body = {"text": text, "reason": "because", "base_sha256": head["revision"]["sha256"], **fields}
    return console.ask("POST", f"startup/scripts/{USER}/revisions", json=body)


def entries(console: Console, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = console.ask("GET", "audit/entries", params=query).json()[
        "entries"
    ]
    return found


# -- who


@pytest.mark.parametrize(("method", "path"), PAIRS)
def test_route_when_asked_without_or_with_a_wrong_token_then_it_is_403(
    console: Console, method: str, path: str
) -> None:
    for token in ("", "wrong"):
        reply = console.ask(method, filled(path), token=token)
        problem(reply, 403)


def test_unknown_route_when_asked_without_a_token_then_it_is_403_and_with_one_404(
    console: Console,
) -> None:
    for path in ("nope", "", "servers/x/y/z", "me/"):
        problem(console.ask("GET", path, token=""), 403)
        problem(console.ask("GET", path), 404, "not-found")


def test_cookie_when_it_changes_something_without_xsrf_then_it_is_403(console: Console) -> None:
    session = requests.Session()
    session.get(f"{console.url}?token={console.token}", timeout=30)
    url = f"{console.api}startup/lints"
    body = {"text": "x"}
    assert session.get(f"{console.api}me", timeout=30).status_code == 200
    assert session.post(url, json=body, timeout=30).status_code == 403
    xsrf = {"X-XSRFToken": session.cookies["_xsrf"]}
    assert session.post(url, json=body, headers=xsrf, timeout=30).status_code == 200


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_route_when_the_method_is_not_declared_then_it_is_405_and_says_which_are(
    console: Console, route: Any
) -> None:
    declared = set(route.operations())
    if route.area == "servers":
        return  # not there without a hub: see the test of missing areas
    for method in set(METHODS) - declared:
        reply = console.ask(method, filled(route.path))
        problem(reply, 405)
        assert set(reply.headers["Allow"].split(", ")) == declared


def test_me_when_standalone_then_it_says_so_and_names_what_is_missing(console: Console) -> None:
    me = console.ask("GET", "me").json()
    assert (me["login"], me["standalone"]) == ("ada", True)
    assert "servers" in [row["area"] for row in me["missing"]]
    assert all(row["hint"] for row in me["missing"])
    problem(console.ask("GET", "servers"), 404, "not-found")


def test_server_when_outside_a_hub_then_everything_is_closed(tmp_path: Path) -> None:
    with running_console(tmp_path, '--GrowthAdmin.areas=["startup"]') as closed:
        for method, path in PAIRS:
            found = problem(closed.ask(method, filled(path)), 403, "forbidden")
            assert method == "HEAD" or found["hint"]
        assert not list((tmp_path / "admin").rglob("audit/*/*"))


def test_server_when_no_area_is_named_then_there_is_no_route_at_all(tmp_path: Path) -> None:
    with running_console(tmp_path, "--GrowthAdmin.standalone=False") as student:
        reply = student.ask("GET", "me")
        assert (reply.status_code, reply.headers["Content-Type"]) == (404, "text/html")


def test_server_when_standalone_on_a_hubs_server_then_it_stays_closed(tmp_path: Path) -> None:
    env = {"JUPYTERHUB_API_TOKEN": "x", "GROWTH_AREAS": "startup"}
    with running_console(tmp_path, "--GrowthAdmin.standalone=True", env=env) as server:
        problem(server.ask("GET", "me"), 403, "forbidden")


def test_route_when_the_hub_cannot_be_asked_who_it_is_then_503_and_nothing_is_done(
    tmp_path: Path,
) -> None:
    """Nobody is known yet, so it is JupyterHub's own look-up that fails, not the gate's."""
    with socket.socket() as dead:
        dead.bind(("127.0.0.1", 0))  # and nobody listens
        env = {
            "JUPYTERHUB_API_URL": f"http://127.0.0.1:{dead.getsockname()[1]}/hub/api",
            "JUPYTERHUB_API_TOKEN": "token-of-the-server",
            "JUPYTERHUB_CLIENT_ID": "jupyterhub-user-ada",
            "JUPYTERHUB_USER": "ada",
            "GROWTH_AREAS": "startup",
        }
        provider = "jupyterhub.singleuser.extension.JupyterHubIdentityProvider"
        setting = f"--ServerApp.identity_provider_class={provider}"
        with running_console(tmp_path, setting, env=env) as server:
            for method, path in PAIRS:
                reply = server.ask(method, filled(path))
                if method != "GET" and reply.status_code == 403:
                    continue  # JupyterHub looked at the cross-site protection first
                if method == "HEAD":  # a reply without a body
                    assert reply.status_code == 503
                    continue
                assert "Nothing was changed" in problem(reply, 503, "hub-unavailable")["hint"]
            assert "token-of-the-tests" not in server.log()
            assert not (tmp_path / "admin" / ".growth-admin").exists()


def test_server_when_standalone_without_a_token_then_it_stays_closed(tmp_path: Path) -> None:
    with running_console(tmp_path, token="") as server:
        found = problem(server.ask("GET", "me"), 403, "forbidden")
        assert "token" in found["hint"]


# -- problems


def test_problem_when_the_script_or_revision_is_unknown_then_404(console: Console) -> None:
    found = problem(console.ask("GET", "startup/scripts/other.sh"), 404, "not-found")
    assert found["hint"]
    for number in ("99", "0", "9" * 5000):
        problem(console.ask("GET", f"startup/scripts/{USER}/revisions/{number}"), *missing(number))
    problem(console.ask("GET", f"startup/scripts/{USER}/revisions/x"), 400, "invalid-input")


def missing(number: str) -> tuple[int, str]:
    return (404, "not-found") if len(number) < 10 else (400, "invalid-input")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"text": "x", "colour": "red"}, {"colour"}),
        ({}, {"text"}),
        ({"text": 5, "name": None}, {"text", "name"}),
        ([], {"request"}),
        ("x", {"request"}),
    ],
)
def test_problem_when_fields_are_wrong_then_400_names_each(
    console: Console, body: Any, fields: set[str]
) -> None:
    found = problem(console.ask("POST", "startup/lints", json=body), 400, "invalid-input")
    assert {row["field"] for row in found["errors"]} == fields
    assert all(row["message"] for row in found["errors"])


@pytest.mark.parametrize("data", [b"{", b"\xff\xfe", b'{"text": "\\ud800"}', b"null"])
def test_problem_when_the_body_is_no_json_then_400(console: Console, data: bytes) -> None:
    problem(console.ask("POST", "startup/lints", data=data), 400, "invalid-input")


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("audit/entries", {"colour": "red"}, "colour"),
        ("audit/entries", {"limit": "0"}, "limit"),
        ("audit/entries", {"limit": "many"}, "limit"),
        ("audit/entries", {"since": "yesterday"}, "since"),
        ("audit/entries", {"since": "2026-11-23T08:00:00"}, "since"),
        (f"startup/scripts/{USER}/differences", {"before": "1"}, "after"),
        ("jobs/x/log", {"offset": "-1"}, "offset"),
        ("jobs/x/log", {"offset": "9" * 30}, "offset"),
    ],
)
def test_problem_when_a_query_is_wrong_then_400_names_it(
    console: Console, path: str, query: dict[str, str], field: str
) -> None:
    found = problem(console.ask("GET", path, params=query), 400, "invalid-input")
    assert [row["field"] for row in found["errors"]] == [field]


def test_query_when_a_browser_adds_its_cache_buster_then_it_is_ignored(console: Console) -> None:
    assert console.ask("GET", "me", params={"1763880000000": ""}).status_code == 200
    assert console.ask("GET", "jobs", params={"1763880000000": ""}).status_code == 200


def test_problem_when_saved_on_an_old_base_then_409_with_all_three_texts(console: Console) -> None:
    found = problem(save(console, sound("x"), base_sha256="f" * 64), 409, "conflict")
    assert set(found["context"]) == {"base", "theirs", "yours", "head"}


def test_problem_when_the_lint_finds_errors_then_422_with_the_findings(console: Console) -> None:
    found = problem(save(console, BROKEN), 422, "confirmation-needed")
    assert found["context"]["findings"]


def test_problem_when_there_is_no_hub_for_a_canary_then_501(console: Console) -> None:
    body = {"script": USER, "revision": 1}
    problem(console.ask("POST", "startup/canaries", json=body), 501, "not-configured")


def test_problem_when_the_job_is_unknown_then_404(console: Console) -> None:
    for method, path in (("GET", "jobs/x"), ("DELETE", "jobs/x"), ("GET", "jobs/x/log")):
        problem(console.ask(method, path), 404, "not-found")
    problem(console.ask("GET", "jobs/..%2F..%2Fetc"), 400, "invalid-input")


def test_path_when_a_name_holds_a_percent_sign_then_it_is_decoded_once(console: Console) -> None:
    found = problem(console.ask("GET", "startup/scripts/a%2541"), 404, "not-found")
    assert "'a%41'" in found["detail"]


def test_problem_when_the_disk_is_full_then_507_and_when_a_folder_is_no_folder_503(
    small_disk: Path,
) -> None:
    from tests.conftest import fill

    with running_console(small_disk.parent / "root") as server:
        admin = server.root / "admin"
        (admin / ".growth-admin").symlink_to(small_disk)
        (admin / "start" / USER).write_text(FIRST)
        assert server.ask("GET", f"startup/scripts/{USER}").status_code == 200
        fill(small_disk)
        found = problem(save(server, sound("x") + "#" * 9000), 507, "storage-full")
        assert found["hint"]
        (admin / "start").rename(admin / "gone")
        (admin / "start").write_text("a file")
        problem(server.ask("GET", "startup/scripts"), 503, "storage-unavailable")


# -- audit


def test_mutation_when_done_refused_or_accepted_then_each_leaves_one_entry(
    console: Console,
) -> None:
    def last(after: int) -> dict[str, Any]:
        found = entries(console)
        assert len(found) == after + 1
        return found[0]

    count = len(entries(console))
    saved = save(console, sound("audit"), reason="audited").json()["revision"]
    entry = last(count)
    assert (entry["user"], entry["permission"], entry["result"], entry["detail"]) == (
        "ada",
        "startup.scripts:save",
        "done",
        "audited",
    )
    assert entry["after"].startswith(f"r{saved['number']} ")

    live = console.ask("GET", f"startup/scripts/{USER}").json()["script"]["live_sha256"]
    body = {"revision": saved["number"], "expected_live_sha256": live, "reason": "now"}
    path = f"startup/scripts/{USER}/publications"
    assert console.ask("POST", path, json=body).status_code == 422
    entry = last(count + 1)
    assert (entry["result"], "not passed" in entry["detail"]) == ("refused", True)

    assert console.ask("POST", path, json={**body, "skip_reason": "test"}).status_code == 201
    entry = last(count + 2)
    assert (entry["result"], entry["undo"]["method"]) == ("done", "POST")

    body = {"script": USER, "revision": 1}
    assert console.ask("POST", "startup/rehearsals", json=body).status_code == 202
    assert (entries(console)[0]["result"], entries(console)[0]["area"]) in (
        ("accepted", "startup"),
        ("done", "startup"),
        ("failed", "startup"),
    )


def test_mutation_when_the_body_is_invalid_then_the_attempt_is_recorded(console: Console) -> None:
    path = f"startup/scripts/{USER}/revisions"
    assert console.ask("POST", path, json={}).status_code == 400
    entry = entries(console)[0]
    assert (entry["result"], entry["target"]) == ("refused", path)


def test_reading_and_linting_when_done_then_nothing_is_recorded(console: Console) -> None:
    count = len(entries(console))
    console.ask("GET", "startup/scripts")
    console.ask("POST", "startup/lints", json={"text": FIRST})
    assert len(entries(console)) == count


def test_audit_when_filtered_then_only_matches_come(console: Console) -> None:
    console.ask("POST", f"startup/scripts/{USER}/revisions", json={})
    assert entries(console, user="ADA")
    assert entries(console, user="nobody") == []
    assert entries(console, area="servers") == []
    assert entries(console, permission="save")
    assert entries(console, since="2999-01-01T00:00:00Z") == []
    assert len(entries(console, limit=1)) == 1


# -- jobs


def test_rehearsal_when_started_then_it_is_202_with_a_location_that_leads_to_the_job(
    console: Console,
) -> None:
    console.ask("GET", f"startup/scripts/{USER}")
    reply = console.ask("POST", "startup/rehearsals", json={"script": USER, "revision": 1})
    assert reply.status_code == 202
    assert reply.headers["Location"] == f"/growth/api/jobs/{reply.json()['id']}"
    job_id = reply.json()["id"]
    end_s = time.monotonic() + 60
    while (job := console.ask("GET", f"jobs/{job_id}").json())["ended"] is None:
        assert time.monotonic() < end_s, job
        time.sleep(0.2)
    assert console.ask("GET", f"jobs/{job_id}/log").json()["is_complete"]
    before = {one["id"] for one in entries(console)}
    assert console.ask("DELETE", f"jobs/{job_id}").status_code == 204
    # the job's own end may be told after this
    made = [one for one in entries(console) if one["id"] not in before]
    (put_away,) = [one for one in made if one["permission"] == "jobs:dismiss"]
    assert put_away["area"] == "startup"
    problem(console.ask("GET", f"jobs/{job_id}"), 404, "not-found")


# -- activity


def last_activity(console: Console) -> str:
    reply = requests.get(
        f"{console.url}api/status",
        headers={"Authorization": f"token {console.token}"},
        params={"no_track_activity": "1"},
        timeout=30,
    )
    return str(reply.json()["last_activity"])


def test_activity_when_polled_then_it_does_not_count_and_a_change_does(console: Console) -> None:
    before = last_activity(console)
    time.sleep(0.05)
    for path in ("me", "jobs", "audit/entries", "startup/scripts", "nope"):
        console.ask("GET", path)
    assert last_activity(console) == before
    console.ask("POST", "startup/lints", json={"text": FIRST})
    assert last_activity(console) > before


def test_reply_when_sent_then_nobody_may_keep_it(console: Console) -> None:
    reply = console.ask("GET", "me")
    assert reply.headers["Content-Type"].startswith("application/json")
    assert "frame-ancestors" in reply.headers["Content-Security-Policy"]
    assert reply.headers["X-Content-Type-Options"] == "nosniff"


def test_console_when_nobody_does_anything_then_what_dead_jobs_left_goes(console: Console) -> None:
    stage = console.root / "nfs" / "data" / ".staging" / DEAD
    wait_until(lambda: not stage.exists(), what="the stage of a dead job to be removed")
