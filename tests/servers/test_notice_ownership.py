"""Who may do what with notices and in the drop box: each person under a uid of its own.

The folders of a school as the hub makes it: organisers hold the data group and their own, TAs the
data group, students none. Every step runs in a process that has really become that user.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from growth_admin.core.paths import Paths
from growth_admin.servers.notices.board import NoticeBoard
from growth_admin.servers.notices.manager import NoticeManager
from growth_admin.servers.notices.models import NoticeDraft
from growth_admin.servers.notices.replies import DropBox
from growth_admin.servers.notices.student.current import CurrentNotices, Owner
from growth_admin.servers.notices.student.drop import Drop
from tests.conftest import Child, open_way

Spawn = Callable[[Callable[[], object]], Child]
DATA_GID, ADMIN_GID, USERS_GID = 43100, 43001, 100
ADA, MAREK, TESS, JANE, TOM = 910001, 910002, 910003, 910004, 910005
PEOPLE = {
    ADA: ("ada", (DATA_GID, ADMIN_GID, USERS_GID)),
    MAREK: ("marek", (DATA_GID, ADMIN_GID, USERS_GID)),
    TESS: ("tess", (DATA_GID, USERS_GID)),
    JANE: ("jane", (USERS_GID,)),
    TOM: ("tom", (USERS_GID,)),
}
UIDS = {name: uid for uid, (name, _) in PEOPLE.items()}
MAY_NOT = ("PermissionError", "StorageUnavailable")


class School:
    """The folders of a school, and a way to do something there as somebody."""

    def __init__(self, root: Path, spawn: Spawn) -> None:
        self.root = root
        self.paths = Paths(root / "admin", root / "nfs")
        self._spawn = spawn
        open_way(root)
        for folder, gid, mode in (
            (self.paths.shared_root, 0, 0o755),
            (self.paths.shared_state, DATA_GID, 0o3775),
            (self.paths.admin_root, ADMIN_GID, 0o2770),
        ):
            folder.mkdir()
            os.chown(folder, 0, gid)
            folder.chmod(mode)
        for uid, (name, _) in PEOPLE.items():
            home = root / "homes" / name
            home.mkdir(parents=True)
            os.chown(home, uid, uid)
            home.chmod(0o700)

    def as_user(self, uid: int, work: Callable[[], object]) -> str:
        """Return what ``work`` returned in that user's process, or the name of what it raised."""
        told = self.root / f"told-{uid}"
        told.touch()
        told.chmod(0o666)

        def become_and_work() -> None:
            os.setgroups(list(PEOPLE[uid][1]))
            os.setgid(uid)
            os.setuid(uid)
            os.umask(0o022)
            try:
                result = str(work())
            except Exception as e:  # noqa: BLE001  # told to the test by its name
                result = f"{type(e).__name__}: {e}"
            told.write_text(result)

        assert self._spawn(become_and_work).join(timeout_s=60) == 0
        return told.read_text()

    @property
    def manager(self) -> NoticeManager:
        """The manager as an organiser's server has it."""
        board = NoticeBoard(self.paths, admin_gid=ADMIN_GID)
        return NoticeManager(board, DropBox(self.paths.replies), uids=lambda: UIDS)

    def post(self, uid: int, text: str = "Lunch") -> str:
        """Post a notice; its id, or what was refused."""
        draft = NoticeDraft(text=text)
        name = PEOPLE[uid][0]
        return self.as_user(uid, lambda: self.manager.post(draft, user=name).notice.id)

    def reply(self, uid: int, notice: str, *, user: str = "") -> str:
        """Say that it was seen, as the server of ``user`` or of whoever it is."""
        name = PEOPLE[uid][0]
        drop = Drop(self.paths.replies, self.root / "homes" / name, Owner(user or name))
        return self.as_user(uid, lambda: drop.tell(notice, {"seen_s": 1.0}, [notice]))

    def receipts(self, uid: int, notice: str) -> dict[str, bool]:
        """Whose receipts this organiser reads, and which are proven."""

        def read() -> str:
            found = self.manager.get_notice(notice).receipts
            return json.dumps({receipt.user: receipt.is_proven for receipt in found})

        told: dict[str, bool] = json.loads(self.as_user(uid, read))
        return told


@pytest.fixture
def school(spawn: Spawn) -> Iterator[School]:
    """A school in a folder of its own: pytest closes its own to other users at any start."""
    assert os.geteuid() == 0, "this test becomes other users: run it as root, as CI does"
    with tempfile.TemporaryDirectory(prefix="growth-school-") as root:
        yield School(Path(root), spawn)


def test_organisers_when_they_write_by_turns_then_both_may_and_students_read_all(
    school: School,
) -> None:
    assert school.post(ADA, "one").startswith("n2")
    second = school.post(MAREK, "two")
    assert second.startswith("n2")
    assert school.as_user(ADA, lambda: school.manager.withdraw(second, user="ada").state) == (
        "withdrawn"
    )
    school.post(MAREK, "three")

    texts = school.as_user(
        JANE,
        lambda: [n["text"] for n in CurrentNotices(school.paths.notices / "current.json").look()],
    )
    assert texts == "['one', 'three']"


def test_ta_when_first_to_look_or_to_post_then_the_folders_are_left_to_organisers(
    school: School,
) -> None:
    """A TA's plan of a restart looks whether users can be told; the hub names no group to it."""
    manager = NoticeManager(NoticeBoard(school.paths), DropBox(school.paths.replies))
    for work in (manager.require_ready, lambda: manager.post(NoticeDraft(text="x"), user="tess")):
        assert school.as_user(TESS, work).startswith("StorageUnavailable")
        assert list(school.paths.shared_state.iterdir()) == []
    assert school.as_user(ADA, lambda: school.manager.require_ready()) == "None"
    assert list(school.paths.shared_state.iterdir()) == []
    for uid in (ADA, MAREK):
        assert school.post(uid).startswith("n2")


def test_receipts_when_students_leave_them_then_each_organiser_reads_them_and_they_are_proven(
    school: School,
) -> None:
    notice = school.post(ADA)
    for uid in (JANE, TOM, TESS):
        assert school.reply(uid, notice) == "None"
        assert school.reply(uid, notice) == "None"
    everybody = {"jane": True, "tess": True, "tom": True}
    assert school.receipts(ADA, notice) == everybody
    assert school.receipts(MAREK, notice) == everybody
    for path in school.paths.replies.iterdir():
        assert path.stat().st_gid == ADMIN_GID
        assert path.stat().st_mode & 0o777 == 0o640


def test_receipt_when_a_student_speaks_for_another_then_it_does_not_count(
    school: School,
) -> None:
    notice = school.post(ADA)
    assert school.reply(TOM, notice, user="jane") == "None"
    assert school.receipts(ADA, notice) == {}
    school.reply(JANE, notice)
    assert school.receipts(ADA, notice) == {"jane": True}


STUDENT_MAY_NOT: dict[str, Callable[[School, Path], object]] = {
    "list the box": lambda s, _: list(s.paths.replies.iterdir()),
    "read another's reply by its name": lambda _, reply: reply.read_text(),
    "write into another's reply": lambda _, reply: reply.write_text("{}"),
    "remove another's reply": lambda _, reply: reply.unlink(),
    "rename another's reply": lambda _, reply: reply.rename(reply.with_name("x")),
    "replace another's reply": lambda _, reply: _own(reply).replace(reply),
    "open the box to all": lambda s, _: s.paths.replies.chmod(0o777),
    "remove the box": lambda s, _: s.paths.replies.rename(s.paths.replies.with_name("x")),
    "write the public file": lambda s, _: (s.paths.notices / "current.json").write_text("{}"),
    "replace the public file": lambda s, reply: _own(reply).replace(
        s.paths.notices / "current.json"
    ),
    "put a file beside it": lambda s, _: (s.paths.notices / "x").write_text(""),
    "read who wrote what": lambda s, _: list((s.paths.notices / "book").iterdir()),
    "put other notices in place": lambda s, _: s.paths.notices.rename(
        s.paths.notices.with_name("old")
    ),
    "post a notice": lambda s, _: s.manager.post(NoticeDraft(text="evil"), user="ada"),
}
"""What a student, and a TA too, tries; each must fail because of permissions."""


def _own(reply: Path) -> Path:
    path = reply.with_name(f"evil-{os.getuid()}-{os.getpid()}")
    path.write_text("{}")
    return path


@pytest.mark.parametrize("uid", [TOM, TESS], ids=["student", "TA"])
def test_student_when_trying_everything_then_nothing_changes(school: School, uid: int) -> None:
    notice = school.post(ADA)
    school.reply(JANE, notice)
    (reply,) = school.paths.replies.iterdir()
    before = (reply.read_bytes(), (school.paths.notices / "current.json").read_bytes())
    for what, attempt in STUDENT_MAY_NOT.items():
        told = school.as_user(uid, partial(attempt, school, reply))
        assert told.startswith(MAY_NOT), f"{what}: {told}"
    assert (reply.read_bytes(), (school.paths.notices / "current.json").read_bytes()) == before
    assert school.receipts(ADA, notice) == {"jane": True}
    print(f"\n{PEOPLE[uid][0]}: denied {len(STUDENT_MAY_NOT)} of {len(STUDENT_MAY_NOT)} attempts")


def test_box_when_its_maker_is_not_in_the_organisers_group_then_nobody_else_reads_it(
    school: School,
) -> None:
    """A terminal without the hub's environment: the folders stay the maker's own."""
    told = school.as_user(
        ADA,
        lambda: NoticeManager(NoticeBoard(school.paths), DropBox(school.paths.replies)).post(
            NoticeDraft(text="Lunch"), user="ada"
        ),
    )
    assert not told.startswith(MAY_NOT), told
    assert school.paths.notices.stat().st_mode & 0o7777 == 0o755
    assert school.paths.replies.stat().st_mode & 0o7777 == 0o1733
    assert school.post(TESS).startswith(MAY_NOT)
