"""What organisers share and nobody else may see: the credential, the roster, ledger, queue, orders.

Two organisers, a TA and a student, each in a process that has really become that user; the folders
are as the README says to make them.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from traitlets.config import Config

from growth_admin.core.github.cache import ReplyCache
from growth_admin.core.schema import now
from growth_admin.roster.book import Listed, RosterBook
from growth_admin.roster.github.school import build_school
from growth_admin.roster.ledger import Ledger
from growth_admin.roster.ledger_lines import Line
from growth_admin.roster.models import Step
from growth_admin.roster.queue import InvitationQueue, Waiting
from tests.conftest import Child
from tests.datasets.test_ownership import ADA, ADMIN_GID, JANE, PEOPLE, TESS, School

TOKEN = "ghp_planted0123456789abcdefghijklmnopqrst"
MAREK = 910005


class Desk:
    """The organisers' folder, with what each part of the roster keeps there."""

    def __init__(self, school: School) -> None:
        self.school = school
        self.state = school.admin / ".growth-admin" / "roster"
        self.token = school.admin / "credentials" / "github-token"
        self.token.parent.mkdir()
        for path, mode in ((self.token.parent, 0o2770), (self.token, 0o640)):
            if path == self.token:
                path.write_text(TOKEN)
            os.chown(path, 0, ADMIN_GID)
            path.chmod(mode)

    def write_all(self, login: str) -> str:
        """Let every part write something."""
        book = RosterBook(self.state / "book")
        person = Listed(key=login, login=login, team="students", added=now())
        book.update(lambda people: {**people, login: person}, user=login, reason="test")
        queue = InvitationQueue(self.state / "queue")
        step = Step(action="invite", login=login, team="students")
        queue.add([Waiting(key=login, step=step, asked=now(), asked_by=login)], user=login)
        ledger = Ledger(self.state / "ledger", writer=login)
        ledger.add(Line(kind="intent", id=login, at=now(), login=login))
        cache = ReplyCache(self.state / "cache")
        cache.put(f"token /users/{login}", "etag", {"login": login}, "")
        cache.save()
        return f"{len(book.load().people)} {len(queue.load().waiting)} {len(ledger.view().intents)}"

    def files(self) -> list[Path]:
        """Return every file that lies there now."""
        return sorted(path for path in self.school.admin.rglob("*") if path.is_file())


@pytest.fixture
def desk(
    spawn: Callable[[Callable[[], object]], Child], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    monkeypatch.setitem(PEOPLE, MAREK, ("admin Marek", PEOPLE[ADA][1]))
    assert os.geteuid() == 0, "this test becomes other users: run it as root, as CI does"
    with tempfile.TemporaryDirectory(prefix="growth-roster-") as root:
        yield Desk(School(Path(root), spawn))


def test_organisers_when_both_work_then_each_goes_on_with_what_the_other_wrote(desk: Desk) -> None:
    assert desk.school.as_user(ADA, lambda: desk.write_all("ada")) == "1 1 1"
    assert desk.school.as_user(MAREK, lambda: desk.write_all("marek")) == "2 2 2"
    assert desk.school.as_user(ADA, lambda: desk.write_all("ada-again")) == "3 3 3"


def test_credential_when_an_organiser_asks_then_it_is_read_and_shown_nowhere(desk: Desk) -> None:
    config = Config()
    config.GitHub.token_file, config.GitHub.organization = str(desk.token), "school"

    def who() -> str:
        school = build_school(config, desk.state / "cache")
        school.require_credential()
        return repr(school) + str(vars(school))

    told = desk.school.as_user(MAREK, who)
    assert told and TOKEN not in told and "Error" not in told


@pytest.mark.parametrize("uid", [TESS, JANE], ids=["TA", "student"])
def test_what_organisers_keep_when_others_try_then_nothing_is_read_or_changed(
    desk: Desk, uid: int
) -> None:
    desk.school.as_user(ADA, lambda: desk.write_all("ada"))
    files = desk.files()
    assert len(files) >= 6
    before = {path: path.read_bytes() for path in files}
    attempts: list[tuple[str, str]] = []
    for path in files:
        tries: dict[str, Callable[[], object]] = {
            "read": path.read_bytes,
            "append": lambda path=path: path.open("ab").close(),
            "delete": path.unlink,
            "replace": lambda path=path: path.with_suffix(".mine").write_text("x"),
            "link": lambda path=path: os.link(path, desk.school.root / "nfs" / "stolen"),
            "list": lambda path=path: os.listdir(path.parent),
        }
        attempts += [
            (f"{name} {path.name}", desk.school.as_user(uid, work)) for name, work in tries.items()
        ]
    through = [(what, told) for what, told in attempts if not told.startswith("PermissionError")]
    print(f"{PEOPLE[uid][0]}: {len(attempts)} attempts, {len(through)} successes")
    assert through == []
    assert {path: path.read_bytes() for path in desk.files()} == before
