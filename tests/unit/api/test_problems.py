"""Every kind of error as a problem document, and again as the same class in the client."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from growth_admin.api.problems import CONTENT_TYPE, STATUS, status_of
from growth_admin.client.transport import ServerUnreachable, error_of
from growth_admin.core.errors import GrowthError, RateLimited, error_classes
from growth_admin.settings import Settings
from tests.console import Console, running_console
from tests.startup.sick_mount import mount_sick
from tests.unit.api.hanging import hanging
from tests.unit.api.raising import SECRET
from tests.unit.startup.school import FIRST, USER

KINDS = {
    kind: cls
    for kind, cls in error_classes().items()
    if cls.__module__ == "growth_admin.core.errors" and cls is not RateLimited
}
"""All but the one that is never raised without a moment; the tests of the roster have it."""
REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    root = tmp_path_factory.mktemp("problems")
    (root / "admin" / "start").mkdir(parents=True)
    (root / "admin" / "start" / USER).write_text(FIRST)
    with running_console(
        root,
        "--GrowthAdmin.standalone=True",
        "--GrowthAdmin.storage_limit_s=1.5",
        extensions=("tests.unit.api.raising",),
        python_path=(REPOSITORY,),
    ) as started:
        yield started


def ask(console: Console, method: str, kind: str) -> requests.Response:
    headers = {"Authorization": f"token {console.token}"}
    return requests.request(method, f"{console.url}raising/{kind}", headers=headers, timeout=30)


def recorded(console: Console) -> list[dict[str, str]]:
    paths = (console.root / "raising-audit").glob("*/*.jsonl")
    return [json.loads(line) for path in paths for line in path.read_text().splitlines()]


@pytest.mark.parametrize("kind", KINDS)
def test_problem_when_a_manager_raises_then_status_and_all_fields_travel_and_come_back(
    console: Console, kind: str
) -> None:
    reply = ask(console, "GET", kind)
    cls = KINDS[kind]
    assert reply.status_code == status_of(cls)
    assert reply.headers["Content-Type"] == CONTENT_TYPE
    assert reply.json() == {
        "type": f"urn:growth-admin:problem:{kind}",
        "title": cls.title,
        "status": status_of(cls),
        "detail": f"{kind} happened",
        "hint": "do that",
        "errors": [{"field": "a.b", "message": "is odd"}],
        "message": f"{kind} happened",
        "context": {"n": 1},
    }
    again = error_of(reply)
    assert type(again) is cls
    assert (again.detail, again.hint, again.fields, again.context) == (
        f"{kind} happened",
        "do that",
        (("a.b", "is odd"),),
        {"n": 1},
    )


def test_reply_when_it_names_a_file_that_is_no_text_then_it_is_sent_all_the_same(
    console: Console,
) -> None:
    reply = ask(console, "GET", "odd-reply")
    assert (reply.status_code, reply.json()["target"]) == (200, "caf?")


def test_problem_when_it_names_a_file_that_is_no_text_then_it_is_told_and_recorded(
    console: Console,
) -> None:
    reply = ask(console, "POST", "odd-name")
    assert (reply.status_code, reply.json()["detail"]) == (404, "caf? does not exist.")
    entry = max(recorded(console), key=lambda row: row["time"])
    assert (entry["result"], entry["detail"]) == ("refused", "caf? does not exist.")


def test_problem_when_nobody_foresaw_it_then_500_tells_a_number_and_only_the_log_the_rest(
    console: Console,
) -> None:
    reply = ask(console, "POST", "unforeseen")
    assert (reply.status_code, reply.headers["Content-Type"]) == (500, CONTENT_TYPE)
    assert SECRET not in reply.text and "ValueError" not in reply.text
    number = reply.json()["detail"].split("incident ")[1].rstrip(").")
    assert number in console.log() and SECRET in console.log()
    assert isinstance(error_of(reply), GrowthError)
    entry = recorded(console)[-1]
    assert (entry["result"], entry["detail"]) == ("failed", "ValueError")


@pytest.mark.parametrize("kind", KINDS)
def test_audit_when_a_mutation_raises_then_it_is_refused_or_failed(
    console: Console, kind: str
) -> None:
    count = len(recorded(console))
    ask(console, "POST", kind)
    assert len(recorded(console)) == count + 1
    entry = max(recorded(console), key=lambda row: row["time"])
    expected = "refused" if status_of(KINDS[kind]) < 500 else "failed"
    assert (entry["result"], entry["detail"]) == (expected, f"{kind} happened")


def test_verb_when_nobody_declared_it_then_it_does_not_run(console: Console) -> None:
    reply = ask(console, "PUT", "x")
    assert (reply.status_code, "leaked" in reply.text) == (405, False)
    assert reply.headers["Allow"] == "GET, POST"


@pytest.mark.parametrize(
    ("who", "status", "kind", "said"),
    [
        ("slow-outside", 504, "took-too-long", "a service outside"),
        ("slow-folder", 503, "storage-unavailable", "The shared folder"),
    ],
)
def test_work_when_it_takes_too_long_then_only_the_folder_is_called_a_broken_folder(
    console: Console, who: str, status: int, kind: str, said: str
) -> None:
    reply = ask(console, "GET", who)
    assert (reply.status_code, reply.json()["type"].rpartition(":")[2]) == (status, kind)
    assert said in reply.json()["detail"] and reply.json()["hint"]


def test_every_kind_when_listed_then_it_has_a_status() -> None:
    """Its own, or that of the class that it is a kind of, if that is not any error."""
    assert set(STATUS) <= set(KINDS.values())
    assert [kind for kind, cls in KINDS.items() if status_of(cls) == 500] == [GrowthError.kind]


def test_folder_when_it_hangs_then_the_request_ends_in_time_and_the_server_lives(
    console: Console,
) -> None:
    console.ask("GET", "startup/scripts")
    with hanging(console.root / "admin" / "start"):
        began_s = time.monotonic()
        reply = console.ask("GET", f"startup/scripts/{USER}")
        assert time.monotonic() - began_s < 6
        assert reply.status_code == 503
        assert reply.json()["type"].endswith("storage-unavailable")
        assert "1.5 s" in reply.json()["detail"] or "2 s" in reply.json()["detail"]
        assert reply.json()["hint"]
        began_s = time.monotonic()
        assert console.ask("GET", "jobs").status_code == 200
        assert time.monotonic() - began_s < 1.5
        body = {"revision": 1, "expected_live_sha256": "", "reason": "because"}
        path = f"startup/scripts/{USER}/publications"
        assert console.ask("POST", path, json=body).status_code == 503
        newest = console.ask("GET", "audit/entries").json()["entries"][0]
        assert newest["target"] == path
        assert "may still be done" in newest["detail"]  # nobody knows, so nobody says it failed
    assert console.ask("GET", f"startup/scripts/{USER}").status_code == 200


def test_server_when_the_shared_folder_hangs_at_its_start_then_its_owner_gets_in(
    tmp_path: Path,
) -> None:
    sick = tmp_path / "sick"
    sick.mkdir()
    mount = mount_sick(str(sick), "killable")
    try:
        with running_console(tmp_path, env={"GROWTH_SHARED_ROOT": str(sick)}) as console:
            assert console.ask("GET", "me").status_code == 200
    finally:
        os.close(mount)  # whoever waits goes on, with an error
        subprocess.run(["umount", "--lazy", sick], check=True)


def test_settings_when_they_are_printed_then_the_servers_token_is_not_there() -> None:
    settings = Settings(Path("/admin"), Path("/nfs"), user="ada", hub_token=SECRET)
    assert "ada" in repr(settings)
    assert SECRET not in repr(settings)


def test_audit_when_it_cannot_be_written_then_what_was_done_is_not_called_undone(
    console: Console,
) -> None:
    console.ask("GET", "startup/scripts")
    audit = console.root / "admin" / ".growth-admin" / "audit"
    aside = audit.with_name("audit-aside")
    if audit.exists():
        audit.rename(aside)
    audit.write_text("a file in the place of the folder")
    try:
        head = console.ask("GET", f"startup/scripts/{USER}").json()["head"]["revision"]
        body = {"text": f"{FIRST}echo\n", "reason": "x", "base_sha256": head["sha256"]}
        reply = console.ask("POST", f"startup/scripts/{USER}/revisions", json=body)
        assert reply.status_code == 503
        assert reply.json()["detail"].startswith("It was done, but")
        newest = console.ask("GET", f"startup/scripts/{USER}").json()["head"]["revision"]
        assert newest["number"] == head["number"] + 1
    finally:
        audit.unlink()


def test_client_when_the_server_is_gone_then_it_says_so() -> None:
    from growth_admin.client import GrowthClient

    with pytest.raises(ServerUnreachable) as raised:
        GrowthClient("http://127.0.0.1:1/", "secret-token").get_me()
    assert "127.0.0.1:1" in raised.value.detail
    assert "secret-token" not in str(raised.value) + raised.value.hint
