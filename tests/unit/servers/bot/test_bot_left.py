"""What a run of the bot leaves when something fails that nobody thought of."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from growth_admin.core.audit import AuditTrail
from growth_admin.core.errors import Conflict, GrowthError
from growth_admin.core.schema import now
from growth_admin.jobs.engine import JobEngine, Runner
from growth_admin.jobs.models import ENDED
from growth_admin.jobs.store import JobStore
from growth_admin.servers.bot.book import BotBook
from growth_admin.servers.bot.manager import BotParts, BotStudent
from growth_admin.servers.bot.models import BotRun
from growth_admin.servers.bot.place import Limits, Place
from growth_admin.servers.bot.running import BotRunner
from growth_admin.servers.bot.tidying import NOTE, Broom
from growth_admin.servers.bot.visiting import StudentServer

BOT = "the_school_bot"


@dataclass
class Hub:
    """A hub that keeps the bot's tokens and no server, and a server with a list of kernels."""

    url: str = ""
    made: int = 0
    tokens: list[dict[str, str]] = field(default_factory=list)
    kernels: Any = None
    scopes: tuple[str, ...] = (f"tokens!user={BOT}",)
    on_ask: Callable[[], None] = lambda: None
    is_hiding: bool = False


@pytest.fixture
def hub() -> Iterator[Hub]:
    found = Hub()

    class Handler(BaseHTTPRequestHandler):
        def answer(self, given: Any, status: int = 200) -> None:
            body = json.dumps(given).encode()
            self.send_response(status)
            self.send_header("X-JupyterHub-Version", "6.1.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            found.on_ask()
            answers = {"tokens": {"api_tokens": found.tokens}, "kernelspecs": found.kernels}
            last = self.path.partition("?")[0].rpartition("/")[2]
            if found.is_hiding and "/users/" in self.path:
                self.answer({"message": "No access to resources or resources not found"}, 404)
                return
            owner = {"name": BOT, "servers": {}, "scopes": found.scopes}
            self.answer(answers.get(last, owner))

        def do_POST(self) -> None:
            found.made += 1
            token = {"id": f"a{found.made}", "note": NOTE}
            found.tokens.append(token)
            self.answer({**token, "token": "planted"}, 201)

        def do_DELETE(self) -> None:
            gone = self.path.rpartition("/")[2]
            found.tokens[:] = [one for one in found.tokens if one["id"] != gone]
            self.send_response(204)
            self.send_header("X-JupyterHub-Version", "6.1.1")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        found.url = f"http://127.0.0.1:{server.server_port}"
        yield found
        server.shutdown()


def test_leftovers_when_the_hub_knows_no_bot_then_only_who_may_see_it_says_clean(
    hub: Hub, tmp_path: Path
) -> None:
    hub.is_hiding = True
    place = Place(BOT, f"{hub.url}/hub/api", "ours", hub.url, tmp_path)
    assert Broom(place, Limits()).sweep(is_hasty=True) == ""
    hub.scopes = ("read:tokens!user=ada",)
    assert "token may still be there" in Broom(place, Limits()).sweep(is_hasty=True)


@pytest.mark.parametrize(
    ("scopes", "is_able"),
    [
        ((f"tokens!user={BOT}",), True),
        (("read:tokens", "tokens"), True),  # the hub leaves the narrower one out
        (("tokens!user=ada", "read:tokens"), False),
    ],
)
def test_scope_when_it_is_wider_than_needed_then_it_counts_as_held(
    hub: Hub, tmp_path: Path, scopes: tuple[str, ...], is_able: bool
) -> None:
    hub.scopes = scopes
    book = BotBook(tmp_path / "book", is_over=lambda job_id: False)
    audit = AuditTrail(tmp_path / "audit", writer="ada")
    engine = JobEngine(JobStore(tmp_path / "jobs"), user="ada", server="ada/", audit=audit)
    bot = BotStudent(proxy_url=hub.url)
    bot.connect(BotParts(BOT, "ada", f"{hub.url}/hub/api", "ours", tmp_path, engine, book))
    problem = bot.list_runs().problem
    assert (problem == "") is is_able and ("tokens!user" in problem) is not is_able


class OddPlace(Place):
    """A place with a fault that no step expects, once the token is made."""

    @property
    def outside_hub_url(self) -> str:
        raise RuntimeError("a fault of ours")


def test_leftovers_when_cleaned_up_then_no_run_begins_meanwhile(hub: Hub, tmp_path: Path) -> None:
    book = BotBook(tmp_path / "book", is_over=lambda job_id: False)
    at = now()
    late = BotRun(
        job_id="job-1", state="failed", started=at, ended=at, by="ada", took_s=1, steps=(),
        sentence="", left_behind="The bot's token may still be there.",
    )  # fmt: skip
    book.end("", late)
    hub.tokens.append({"id": "a0", "note": NOTE})
    refused: list[str] = []

    def begin() -> None:
        with pytest.raises(Conflict) as told:
            book.take_turn(by="bo", slot="", at=now())
        refused.append(told.value.detail)

    hub.on_ask = begin
    audit = AuditTrail(tmp_path / "audit", writer="ada")
    engine = JobEngine(JobStore(tmp_path / "jobs"), user="ada", server="ada/", audit=audit)
    bot = BotStudent()
    bot.connect(BotParts(BOT, "ada", f"{hub.url}/hub/api", "ours", tmp_path, engine, book))
    assert bot.look() is None
    assert hub.tokens == [] and book.load().runs[0].left_behind == ""
    assert refused and book.take_turn(by="bo", slot="", at=now())


def test_run_when_it_meets_a_fault_of_ours_then_no_token_stays_and_the_record_says_failed(
    hub: Hub, tmp_path: Path
) -> None:
    book = BotBook(tmp_path / "book", is_over=lambda job_id: False)
    place = OddPlace(BOT, f"{hub.url}/hub/api", "ours", hub.url, tmp_path)
    audit = AuditTrail(tmp_path / "audit", writer="ada")
    engine = JobEngine(JobStore(tmp_path / "jobs"), user="ada", server="ada/", audit=audit)
    runner = BotRunner(lambda: place, book, limits=Limits)
    engine.register(Runner("servers.bot", "servers.bot:run", runner.run, is_resumable=True))
    engine.open()
    mark = book.take_turn(by="ada", slot="", at=now())
    job = engine.start_job("servers.bot", title="x", params={"mark": mark}, user="ada")
    end_s = time.monotonic() + 20
    while engine.get_job(job.id, {"servers"}).state not in ENDED and time.monotonic() < end_s:
        time.sleep(0.05)
    engine.close()
    assert engine.get_job(job.id, {"servers"}).state == "failed"
    assert hub.made == 1 and hub.tokens == []
    (run,) = book.load().runs
    assert (run.state, run.left_behind, book.load().turn) == ("failed", "", None)


@pytest.mark.parametrize(
    "kernels", [{"kernelspecs": []}, {"kernelspecs": {"x": {"spec": {"language": None}}}}]
)
def test_kernels_when_their_list_is_odd_then_that_is_an_error_of_the_server(
    hub: Hub, kernels: Any
) -> None:
    hub.kernels = {"default": "x", **kernels}
    server = StudentServer(hub.url, f"/user/{BOT}/", "planted", timeout_s=5)
    with pytest.raises(GrowthError, match="kernel"):
        server.python_kernel()
    server.close()
