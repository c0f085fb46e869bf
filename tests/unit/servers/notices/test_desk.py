"""A student's server beside a shared disk that is sick: it answers, and hangs nobody."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from pathlib import Path

import pytest

from growth_admin.servers.notices.student import desk as desk_module
from growth_admin.servers.notices.student.desk import StudentDesk, count_busy_kernels
from growth_admin.servers.notices.student.patience import Patience
from tests.unit.servers.notices.conftest import JANE, School

LIMIT_S = 0.2
pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """The loop that a Jupyter server has."""
    return "asyncio"


def desk_of(school: School, busy: int = 0) -> StudentDesk:
    """Return the desk of Jane's server."""
    return StudentDesk(school.paths.shared_state, JANE, lambda: busy, home=school.home / "jane")


async def test_patience_when_work_hangs_then_the_caller_goes_on_and_only_one_thread_waits() -> None:
    released = threading.Event()
    patience = Patience(LIMIT_S)
    begun_s = time.monotonic()
    with pytest.raises(TimeoutError):
        await patience.run(released.wait)
    for _ in range(50):
        with pytest.raises(TimeoutError):
            await patience.run(released.wait)
    assert time.monotonic() - begun_s < 10 * LIMIT_S
    waiting = [thread for thread in threading.enumerate() if thread.name == "growth-notices"]
    assert len(waiting) == 1 and waiting[0].daemon
    released.set()
    waiting[0].join(5)
    await asyncio.sleep(0)
    assert await patience.run(lambda: 7) == 7


async def test_patience_when_several_ask_at_once_then_each_gets_its_own_in_turn() -> None:
    patience = Patience(5)
    running: list[int] = []

    def work(number: int) -> int:
        running.append(number)
        assert len(running) == 1
        time.sleep(0.01)
        running.pop()
        return number

    async def ask(number: int) -> int:
        return await patience.run(lambda: work(number))

    assert await asyncio.gather(*(ask(number) for number in range(8))) == list(range(8))


async def test_patience_when_work_fails_then_it_is_raised_and_the_next_is_done() -> None:
    patience = Patience(5)
    with pytest.raises(OSError, match="sick"):
        await patience.run(lambda: (_ for _ in ()).throw(OSError("sick")))
    assert await patience.run(lambda: 1) == 1


async def test_desk_when_the_public_file_is_damaged_then_it_shows_what_was_known_last(
    school: School,
) -> None:
    desk = desk_of(school)
    assert await desk.list_mine() == []
    school.post("Lunch")
    assert [n["text"] for n in await desk.list_mine()] == ["Lunch"]
    public = school.paths.notices / "current.json"
    public.write_text("{")
    assert [n["text"] for n in await desk.list_mine()] == ["Lunch"]
    public.unlink()
    os.mkfifo(public)
    assert [n["text"] for n in await desk.list_mine()] == ["Lunch"]
    public.unlink()
    assert await desk.list_mine() == []


async def test_desk_when_the_file_has_not_changed_then_it_is_not_read_again(
    school: School,
) -> None:
    school.post("Lunch")
    desk = desk_of(school)
    await desk.list_mine()
    known = desk._current.known
    await desk.list_mine()
    assert desk._current.known is known
    school.post("Tea")
    assert [n["text"] for n in await desk.list_mine()] == ["Lunch", "Tea"]


@pytest.mark.parametrize("kind", ["missing", "a file", "read-only"])
async def test_desk_when_the_box_cannot_be_written_then_it_says_so_and_the_notice_is_shown(
    school: School, kind: str
) -> None:
    notice = school.post("Lunch").notice
    box = school.paths.replies
    box.rmdir()
    if kind == "a file":
        box.write_text("")
    elif kind == "read-only":
        box.symlink_to("/proc/self")
    desk = desk_of(school)
    assert not await desk.tell(notice.id, {"seen_s": 1.0})
    assert [n["text"] for n in await desk.list_mine()] == ["Lunch"]


async def test_desk_when_a_reply_is_to_a_notice_of_others_then_nothing_is_written(
    school: School,
) -> None:
    notice = school.post("Lunch", audience={"users": ["tom"]}).notice
    assert not await desk_of(school).tell(notice.id, {"seen_s": 1.0})
    assert list(school.paths.replies.iterdir()) == []


async def test_desk_when_a_restart_asks_then_busy_kernels_are_told_without_any_page(
    school: School,
) -> None:
    school.post("Lunch")
    at = "2100-01-01T00:00:00Z"
    asked = school.post("Restart", restart={"at": at, "asks_busy": True}).notice
    silent = school.post("Restart", restart={"at": at}).notice
    await desk_of(school, busy=2).look_around()
    assert school.manager.get_notice(asked.id).receipts[0].busy_kernels == 2
    assert school.manager.get_notice(asked.id).counts.busy == 1
    assert school.manager.get_notice(silent.id).receipts == ()


def test_busy_kernels_when_one_ends_meanwhile_then_the_others_are_counted() -> None:
    class Kernel:
        def __init__(self, state: str) -> None:
            self.execution_state = state

    class Manager:
        def __init__(self) -> None:
            self.kernels = {"a": Kernel("busy"), "b": Kernel("idle"), "c": Kernel("busy")}

        def list_kernel_ids(self) -> list[str]:
            return [*self.kernels, "gone"]

        def get_kernel(self, kernel_id: str) -> Kernel:
            return self.kernels[kernel_id]

    assert count_busy_kernels(Manager()) == 2


def test_owner_when_the_hub_told_it_then_name_and_groups_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in (
        ("JUPYTERHUB_USER", "jane"),
        ("JUPYTERHUB_SERVER_NAME", "canary"),
        ("GROWTH_GROUPS", "students,tas"),
    ):
        monkeypatch.setenv(name, value)
    owner = desk_module.owner_from_environment()
    assert (owner.key, sorted(owner.groups)) == ("jane/canary", ["students", "tas"])
