"""GrowthClient against a real server, as a notebook uses it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from growth_admin.client import GrowthClient
from growth_admin.client.transport import ServerUnreachable
from growth_admin.core.errors import (
    ConfirmationNeeded,
    Conflict,
    Forbidden,
    InvalidInput,
    NotConfigured,
    NotFound,
)
from tests.console import Console
from tests.unit.startup.school import BROKEN, ROOT, sound


def test_client_when_a_script_goes_its_whole_way_then_every_step_is_typed(console: Console) -> None:
    client = console.client
    script = console.root / "admin" / "start" / ROOT
    script.write_text(sound("root"))
    script.chmod(0o755)
    found = client.startup.get_script(ROOT)
    assert found.head and found.live_text == sound("root")
    first = found.head.revision.number  # other tests on this server may have saved before
    assert client.startup.lint(BROKEN).findings
    with pytest.raises(ConfirmationNeeded) as needed:
        client.startup.save_revision(ROOT, BROKEN, reason="x")
    assert needed.value.context["findings"]
    saved = client.startup.save_revision(ROOT, sound("new"), reason="new")
    with pytest.raises(Conflict) as conflict:
        client.startup.save_revision(
            ROOT, sound("late"), reason="x", base_sha256=found.head.revision.sha256
        )
    assert conflict.value.context["theirs"] == sound("new")
    job = client.startup.start_rehearsal(ROOT, saved.revision.number)
    job = client.jobs.wait(job, timeout_s=60, every_s=0.1)
    assert job.state == "succeeded", job
    assert client.jobs.get_log(job.id).is_complete
    assert job.id in [row.id for row in client.jobs.list_jobs(area="startup").jobs]
    done = client.startup.publish_revision(
        ROOT, saved.revision.number, reason="go", skip_reason="no hub"
    )
    assert script.read_text() == sound("new")
    assert done.receipt.undo
    restored = client.startup.restore_revision(ROOT, first, reason="back")
    assert restored.revision.restored_from == first
    difference = client.startup.get_difference(ROOT, first, saved.revision.number)
    assert "+echo start new" in difference.unified
    assert len(client.startup.get_history(ROOT).revisions) == restored.revision.number
    assert client.startup.get_revision(ROOT, first).text == sound("root")
    assert client.audit.list_entries(permission="publish", limit=1).entries[0].after
    client.jobs.delete_job(job.id)
    with pytest.raises(NotFound):
        client.jobs.get_job(job.id)


def test_client_when_something_is_wrong_then_the_managers_class_is_raised(console: Console) -> None:
    client = console.client
    with pytest.raises(NotFound):
        client.startup.get_script("other.sh")
    with pytest.raises(InvalidInput) as invalid:
        client.jobs.get_log("..")
    assert invalid.value.detail
    with pytest.raises(NotConfigured):
        client.startup.start_canary(ROOT, 1)
    with pytest.raises(Forbidden):
        GrowthClient(console.url, "wrong").get_me()


def test_client_when_a_name_holds_odd_characters_then_it_arrives_as_it_is(console: Console) -> None:
    for name in ("a/b", "ü ?#%41", "a&b=c"):
        with pytest.raises((NotFound, InvalidInput)) as raised:
            console.client.startup.get_script(name)
        assert repr(name) in raised.value.detail


class Answering(BaseHTTPRequestHandler):
    """A server that is not ours, or a proxy before it."""

    def do_GET(self) -> None:
        if "redirect" in self.path:
            self.send_response(302)
            self.send_header("Location", "/hub/login")
            self.end_headers()
            return
        status = 502 if "broken" in self.path else 200
        body = b"<html>Service down</html>"
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def stranger() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_client_when_a_login_page_or_a_proxy_answers_then_it_is_an_error_of_ours(
    stranger: str,
) -> None:
    with pytest.raises(Forbidden, match="login page"):
        GrowthClient(f"{stranger}/redirect/", "t").get_me()
    with pytest.raises(ServerUnreachable, match="not JSON"):
        GrowthClient(f"{stranger}/", "t").get_me()
    with pytest.raises(Exception, match="502"):
        GrowthClient(f"{stranger}/broken/", "t").get_me()


# -- finding one's own server


def ask_in_kernel(env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    code = "from growth_admin.client import GrowthClient; print(GrowthClient().get_me().login)"
    kept = {"PATH": os.environ["PATH"]}
    return subprocess.run(
        [sys.executable, "-c", code], env=kept | env, capture_output=True, text=True, timeout=60
    )


def test_client_when_made_in_a_notebook_on_a_hub_then_the_environment_leads_it(
    console: Console,
) -> None:
    done = ask_in_kernel(
        {
            "JUPYTERHUB_API_TOKEN": console.token,
            "JUPYTERHUB_SERVICE_URL": console.url.replace("127.0.0.1", "0.0.0.0"),
            "JUPYTERHUB_SERVICE_PREFIX": "/",
        }
    )
    assert done.stdout == "ada\n", done.stderr


def test_client_when_two_servers_run_then_the_one_that_started_the_kernel_is_asked(
    console: Console, tmp_path: Path
) -> None:
    (source,) = (console.root / "runtime").glob("jpserver-*.json")
    record = json.loads(source.read_text())
    (tmp_path / source.name).write_text(json.dumps(record))
    other = {**record, "pid": os.getpid(), "url": "http://127.0.0.1:1/"}
    (tmp_path / f"jpserver-{os.getpid()}.json").write_text(json.dumps(other))
    (tmp_path / "jpserver-1999999999.json").write_text(json.dumps({**other, "pid": 1999999999}))
    (tmp_path / "jpserver-2.json").write_text("{")
    env = {"JUPYTER_RUNTIME_DIR": str(tmp_path)}
    done = ask_in_kernel({**env, "JPY_PARENT_PID": str(record["pid"])})
    assert done.stdout == "ada\n", done.stderr


def test_client_when_there_is_no_server_then_it_says_what_to_do(tmp_path: Path) -> None:
    done = ask_in_kernel({"JUPYTER_RUNTIME_DIR": str(tmp_path)})
    assert "No Jupyter server of yours was found" in done.stderr
