"""What the bot takes from others: a dataset's name, and what a student's server says."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from pydantic import ValidationError
from traitlets import TraitError

from growth_admin.core.errors import GrowthError
from growth_admin.servers.bot.manager import BotStudent
from growth_admin.servers.bot.models import BotRunRequest
from growth_admin.servers.bot.reading import MARK, told
from growth_admin.servers.bot.visiting import StudentServer


@pytest.mark.parametrize(
    "name", ["../../home/ada", "/etc", "..", ".hidden", "a/b", "x\n", "x" * 65]
)
def test_dataset_when_it_is_a_path_then_neither_the_request_nor_the_setting_takes_it(
    name: str,
) -> None:
    with pytest.raises(ValidationError):
        BotRunRequest(dataset=name)
    with pytest.raises(TraitError, match=r"c\.BotStudent\.dataset"):
        BotStudent(dataset=name)


@pytest.mark.parametrize("name", ["", "stars", "gaia-dr3_2026.1"])
def test_dataset_when_it_has_a_name_then_it_is_taken(name: str) -> None:
    assert BotRunRequest(dataset=name).dataset == BotStudent(dataset=name).dataset == name


# -- what the cell printed

DATA = Path("/nfs/data")


def heard(**said: Any) -> str | None:
    return told(MARK + json.dumps(said), place=DATA, bot="bot")


def test_cell_when_it_says_what_it_read_then_that_is_told() -> None:
    assert (
        heard(state="read", name="stars", files=2, bytes=1500) == "stars: 1.5 kB of 2 files read."
    )


def test_cell_when_what_it_says_is_long_or_has_lines_then_little_of_it_is_told() -> None:
    said = heard(state="read", name="x\n" * 50_000, files=2, bytes=1) or ""
    assert len(said) < 200 and "\n" not in said
    with pytest.raises(GrowthError) as failed:
        heard(state="failed", at="a" * 50_000, why="b\x1b[31m" * 10_000)
    assert len(failed.value.detail) < 1000 and failed.value.detail.isprintable()


@pytest.mark.parametrize(
    "said",
    [
        '{"state": "read", "name": "x", "files": "many", "bytes": 1}',
        '{"state": "read", "name": "x", "files": 1, "bytes": Infinity}',
        '{"state": "read", "name": "x", "files": 1e400, "bytes": 1}',
        '{"state": "read", "name": "x", "files": 1, "bytes": null}',
        "[" * 90_000,
    ],
)
def test_cell_when_its_numbers_make_no_sense_then_that_is_said_in_words(said: str) -> None:
    with pytest.raises(GrowthError, match="makes sense"):
        told(MARK + said, place=DATA, bot="bot")


# -- what the server answers


@contextmanager
def answering(write: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[StudentServer]:
    """A server of a student that answers as it likes."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            try:
                write(self)
            except OSError:
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        visited = StudentServer(
            f"http://127.0.0.1:{server.server_port}", "/user/bot/", "planted", timeout_s=1
        )
        yield visited
        visited.close()
        server.shutdown()


def test_lab_when_its_page_never_ends_then_it_is_not_read_on() -> None:
    sent = 0

    def flood(handler: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        while sent < 60_000_000:
            sent += handler.wfile.write(b"jupyter-config-data" * 10_000)

    with answering(flood) as server, pytest.raises(GrowthError, match="longer than 8"):
        server.open_lab()
    assert sent < 60_000_000


def test_lab_when_its_page_comes_very_slowly_then_it_is_not_waited_for() -> None:
    def trickle(handler: BaseHTTPRequestHandler) -> None:
        for _ in range(40):
            handler.wfile.write(b"x" * (1 << 16))
            time.sleep(0.2)

    begun_s = time.monotonic()
    with answering(trickle) as server, pytest.raises(GrowthError, match="within 1 s"):
        server.open_lab()
    assert time.monotonic() - begun_s < 4


def test_lab_when_its_page_comes_then_it_is_known() -> None:
    def page(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"<jupyter-config-data>")

    with answering(page) as server:
        server.open_lab()
