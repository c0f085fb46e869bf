"""Who runs which digest: known from start records, told from the timeline, or not known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from growth_admin.core.errors import HubUnavailable, NotConfigured
from growth_admin.image_facts import facts_with_digests, running_source
from growth_admin.images.models import Action, Move, MoveState
from growth_admin.images.running import (
    Counted,
    Past,
    Running,
    RunningServer,
    count_servers,
    past_of,
)
from growth_admin.images.server_digests import ServerDigests, Told
from growth_admin.servers.facts import StartFacts
from growth_admin.servers.models import Server, ServerList
from tests.images.conftest import Desk

OLD, NEW, PART = (f"sha256:{digit * 64}" for digit in "abc")
NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
IMAGE = "registry.example.org/school/notebook:deploy"


def move(
    hour: int, before: str, after: str, *, action: Action = "promote", state: MoveState = "done"
) -> Move:
    """A move of the tag so many hours after noon."""
    at = NOON + timedelta(hours=hour)
    return Move(
        number=hour + 10,
        tag="deploy",
        action=action,
        from_digest=before,
        to_digest=after,
        time=at,
        author="ada",
        state=state,
        ended=at,
        end_digest=after if state == "done" else before,
    )


def server(hour: float, *, digest: str = "", image: str = IMAGE) -> RunningServer:
    """A server that was started so many hours after noon."""
    return RunningServer(image, digest, NOON + timedelta(hours=hour))


def counted(servers: list[RunningServer], moves: list[Move]) -> Counted:
    """What is counted while the tag names the new digest."""
    return count_servers(servers, moves, live=NEW, reference=IMAGE, whole={PART: NEW})


def test_count_when_starts_tell_the_digest_then_it_is_believed_and_an_index_counts_as_one() -> None:
    told = [server(0, digest=OLD), server(0, digest=PART), server(0, image=f"x/y@{NEW}")]
    found = counted(told, [])
    assert [(u.digest, u.servers, u.inferred, u.is_live) for u in found.usage] == [
        (NEW, 2, 0, True),
        (OLD, 1, 0, False),
    ]
    assert (found.stale, found.unknown) == (1, 0)


def test_count_when_starts_tell_no_digest_then_the_timeline_does_by_the_time_of_the_start() -> None:
    moves = [move(2, OLD, NEW), move(0, "", OLD)]
    found = counted([server(-1), server(1), server(3), server(3)], moves)
    assert {u.digest: (u.servers, u.inferred) for u in found.usage} == {NEW: (2, 2), OLD: (1, 1)}
    assert (found.stale, found.unknown) == (1, 1)


@pytest.mark.parametrize(
    ("moves", "why"),
    [
        ([move(2, OLD, NEW, action="found"), move(0, "", OLD)], "moved before it was found"),
        ([], "no move is known"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_count_when_the_timeline_cannot_tell_then_it_is_not_guessed(
    moves: list[Move], why: str
) -> None:
    found = counted([server(1)], moves)
    assert (found.usage, found.unknown) == ((), 1), why


def test_count_when_a_move_did_not_happen_then_it_changes_nothing() -> None:
    moves = [move(2, OLD, NEW, state="not-moved"), move(0, "", OLD)]
    assert [u.digest for u in counted([server(3)], moves).usage] == [OLD]


def test_count_when_it_is_another_image_then_the_tag_says_nothing_of_it() -> None:
    found = counted([server(3, image="other/image:1")], [move(2, OLD, NEW)])
    assert (found.usage, found.unknown) == ((), 1)


def test_timeline_when_servers_run_what_was_replaced_then_they_are_stale(desk: Desk) -> None:
    old, new = desk.registry.push("deploy", "one"), desk.registry.push("git-2", "two")
    desk.check(new)
    desk.promote("git-2")
    desk.running = Running((server(0, digest=old), server(0, digest=old), server(0, digest=new)))
    found = desk.server_of("ada").get_timeline()
    assert [(u.digest, u.servers, u.is_live) for u in found.usage] == [
        (old, 2, False),
        (new, 1, True),
    ]
    assert found.stale == 2


class Listed:
    """Servers as the hub lists them, with what their last starts said."""

    def list_servers(self) -> ServerList:
        """Three that run, and one that is being started."""
        rows = [("jane", "", OLD), ("carl", "", None), ("ada", "canary", None), ("eve", "", None)]
        servers = tuple(
            Server(
                user=user,
                server_name=name,
                state="spawning" if user == "eve" else "ready",
                started=NOON,
                image=IMAGE,
                image_digest=digest,
            )
            for user, name, digest in rows
        )
        return ServerList(servers=servers, total=4, as_of=NOON)


def test_running_when_the_hub_tells_then_it_goes_before_the_starts_and_is_no_guess() -> None:
    digests = ServerDigests(lambda: {("jane", ""): NEW, ("ada", "canary"): OLD})
    told = running_source(Listed(), digests)()
    assert [(s.digest, s.image) for s in told.servers] == [(d, IMAGE) for d in (NEW, "", OLD)]
    assert (told.problem, told.note) == ("", "")


def test_running_when_the_hub_does_not_tell_then_the_starts_do_and_that_is_said() -> None:
    def silent() -> Told:
        raise HubUnavailable("The hub's list of digests makes no sense.")

    told = running_source(Listed(), ServerDigests(silent))()
    assert [server.digest for server in told.servers] == [OLD, "", ""]
    assert told.problem == "" and "makes no sense. Digests are told by" in told.note


def test_timeline_when_digests_are_not_told_then_the_numbers_stand_and_that_is_said(
    desk: Desk,
) -> None:
    desk.registry.push("deploy")
    digest = desk.registry.push("one", "other")
    desk.running = Running((RunningServer(IMAGE, digest, NOON),), note="Nobody tells.")
    server = desk.server_of("ada")
    assert "Nobody tells." in server.get_timeline().notes
    assert server.plan("one").servers == 0, "one server runs, and on the image of the plan"


def test_facts_when_starts_tell_no_digest_then_the_hub_or_the_timeline_does_for_servers() -> None:
    starts = {
        ("jane", ""): StartFacts(image=IMAGE, result="ok"),
        ("carl", ""): StartFacts(image=IMAGE, result="ok"),
        ("liam", ""): StartFacts(image=IMAGE, image_digest=NEW),
        ("zoe", ""): StartFacts(image="other/image:1"),
    }
    past = past_of(IMAGE, [move(2, OLD, NEW), move(0, "", OLD)])
    digests = ServerDigests(lambda: {("carl", ""): PART})
    facts = facts_with_digests(lambda: starts, digests, lambda: past)
    one, three = NOON + timedelta(hours=1), NOON + timedelta(hours=3)
    told = {
        user: [fact.digest_of(at) for at in (one, three, None)] for (user, _), fact in facts.items()
    }
    assert told == {
        "jane": [OLD, NEW, ""],
        "carl": [PART, PART, PART],
        "liam": [NEW, NEW, NEW],
        "zoe": ["", "", ""],
    }


def test_facts_when_no_registry_is_set_then_they_are_as_the_starts_left_them() -> None:
    def past() -> Past:
        raise NotConfigured("The school's image is not set.")

    starts = {("jane", ""): StartFacts(image=IMAGE)}
    found = facts_with_digests(lambda: starts, ServerDigests(), past)
    assert found == starts
