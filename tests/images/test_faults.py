"""What can go wrong while the tag is moved: a table of faults against a real registry."""

from __future__ import annotations

import json
import shutil
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from growth_admin.core.errors import (
    Conflict,
    GrowthError,
    NotConfigured,
    NotFound,
    RegistryRefused,
    RegistryUnavailable,
    StalePlan,
    StorageFull,
)
from growth_admin.images.models import PromoteRequest
from tests.conftest import Child, fill, wait_until
from tests.images.conftest import Desk
from tests.images.package_index import running_index
from tests.tls import make_certificate, server_context

MANIFESTS = "/manifests/"
LIVE = "/manifests/deploy"


@pytest.fixture
def two(desk: Desk) -> tuple[str, str]:
    """The digests of what is live and of what is to be promoted."""
    old, new = desk.registry.push("deploy", "one"), desk.registry.push("git-2", "two")
    desk.check(new)
    desk.server_of("ada").get_timeline()
    return old, new


@pytest.mark.parametrize(
    ("how", "error", "said"),
    [
        ({"status": 401}, RegistryRefused, "does not take our login"),
        ({"status": 403}, RegistryRefused, "does not let us change"),
        ({"status": 429, "headers": {"Retry-After": "1"}}, RegistryUnavailable, "too often"),
        ({"status": 500}, RegistryUnavailable, "was not moved"),
        ({"status": 503}, RegistryUnavailable, ""),
        ({"is_cut": True}, RegistryUnavailable, "was not moved"),
        ({"wait_s": 3.0, "is_cut": True}, RegistryUnavailable, "was not moved"),
        ({"status": 400}, RegistryRefused, "HTTP 400"),
    ],
    ids=["401", "403", "429", "500", "503", "cut", "slow", "400"],
)
def test_promotion_when_the_registry_does_not_take_it_then_nothing_is_changed_and_it_is_said(
    desk: Desk, two: tuple[str, str], how: dict[str, Any], error: type[GrowthError], said: str
) -> None:
    desk.proxy.fail("PUT", LIVE, **how)
    with pytest.raises(GrowthError) as refused:
        desk.promote("git-2")
    assert isinstance(refused.value, error)
    assert said in refused.value.detail
    assert refused.value.hint
    assert desk.registry.digest("deploy") == two[0]
    desk.proxy.faults.clear()
    assert desk.states() == [("promote", "not-moved", "ada"), ("found", "done", "")]
    desk.promote("git-2")
    assert desk.registry.digest("deploy") == two[1]


def test_promotion_when_the_answer_is_lost_then_it_counts_as_done(
    desk: Desk, two: tuple[str, str]
) -> None:
    desk.proxy.fail("PUT", f"{LIVE}", is_cut_after=True, times=2)
    moved = desk.promote("git-2")
    assert desk.registry.digest("deploy") == two[1]
    assert moved.move.state == "done"
    assert "answer did not reach us" in moved.move.detail


def test_promotion_when_the_registry_is_gone_after_it_then_the_next_look_completes_it(
    desk: Desk, two: tuple[str, str]
) -> None:
    def go_away() -> None:
        desk.proxy.fail("", MANIFESTS, is_cut=True)

    desk.proxy.fail("PUT", f"{LIVE}-", times=1)
    desk.proxy.fail("PUT", LIVE, after=go_away, is_cut_after=True)
    with pytest.raises(RegistryUnavailable, match="may or may not") as unsure:
        desk.promote("git-2")
    assert "timeline" in unsure.value.hint
    desk.proxy.faults.clear()
    assert desk.states()[0] == ("promote", "pending", "ada"), "its author is not known to be gone"
    _let_the_lease_end(desk)
    assert desk.states()[0] == ("promote", "done", "ada")
    assert "before that could be written" in desk.server_of("b").get_timeline().moves[0].detail


def test_look_when_the_registry_is_down_then_the_past_is_shown_all_the_same(
    desk: Desk, two: tuple[str, str]
) -> None:
    desk.promote("git-2")
    desk.proxy.fail("", "", is_cut=True)
    timeline = desk.server_of("marek").get_timeline()
    assert [move.action for move in timeline.moves] == ["promote", "found"]
    assert timeline.digest == two[1]
    assert "as last seen" in timeline.notes[0]
    for look in (desk.server_of("m").list_images, lambda: desk.server_of("m").plan("git-2")):
        with pytest.raises(RegistryUnavailable):
            look()


def test_registry_when_nobody_listens_then_it_is_said_in_words(desk: Desk) -> None:
    server = desk.server_of("ada", ImageRegistry__image="127.0.0.1:1/school/notebook")
    with pytest.raises(RegistryUnavailable, match=r"127\.0\.0\.1:1 gave no usable answer"):
        server.list_images()


def test_registry_when_its_certificate_is_not_trusted_then_what_to_set_is_said(
    desk: Desk, tmp_path: Path
) -> None:
    with running_index(server_context(make_certificate(tmp_path))) as listener:
        server = desk.server_of("ada", ImageRegistry__api_url=listener.url)
        with pytest.raises(RegistryUnavailable, match="does not trust") as told:
            server.list_images()
    assert "REQUESTS_CA_BUNDLE" in told.value.hint


def test_reading_when_the_registry_is_busy_for_a_moment_then_it_is_asked_again(
    desk: Desk, two: tuple[str, str]
) -> None:
    desk.proxy.fail("GET", MANIFESTS, status=429, headers={"Retry-After": "1"}, times=1)
    desk.proxy.fail("HEAD", MANIFESTS, is_cut=True, times=1)
    desk.promote("git-2")
    assert desk.registry.digest("deploy") == two[1]


def test_promotion_when_a_layer_is_gone_then_it_is_refused(
    desk: Desk, two: tuple[str, str]
) -> None:
    gone = desk.registry.manifest("git-2")["layers"][1]["digest"]
    desk.registry.lose_blob(gone)
    plan = desk.server_of("ada").plan("git-2")
    assert (plan.is_possible, plan.gone) == (False, (gone,))
    with pytest.raises(NotFound, match=gone[:19]):
        desk.promote("git-2")
    assert desk.registry.digest("deploy") == two[0]
    assert len(desk.states()) == 1, "nothing was begun"


def test_promotion_when_one_machines_image_of_an_index_is_gone_then_it_is_refused(
    desk: Desk, two: tuple[str, str]
) -> None:
    index = desk.registry.push_index("git-3", "three", "amd64", "arm64")
    desk.check(index)
    child = desk.registry.manifest("git-3")["manifests"][1]["digest"]
    desk.registry.delete_manifest(child)
    with pytest.raises(NotFound, match=child[:19]):
        desk.promote("git-3")
    assert desk.registry.digest("deploy") == two[0]


def test_roll_back_when_the_manifest_is_gone_then_it_is_refused(
    desk: Desk, two: tuple[str, str]
) -> None:
    desk.promote("git-2")
    desk.registry.delete_manifest(two[0])
    with pytest.raises(NotFound, match=r"has no sha256:"):
        desk.roll_back()
    assert desk.registry.digest("deploy") == two[1]


def test_promotion_when_the_tag_is_moved_just_before_then_theirs_stays(
    desk: Desk, two: tuple[str, str]
) -> None:
    third = desk.registry.push("git-3", "three")
    heads = 0

    def move() -> None:
        nonlocal heads
        heads += 1
        if heads == 2:  # the first look is the plan's, the second the one just before
            desk.registry.tag("deploy", third)

    server = desk.server_of("ada", PromotionRules__keeps_previous=False)
    plan = server.plan("git-2")
    desk.proxy.fail("HEAD", LIVE, before=move)
    asked = PromoteRequest(plan_id=plan.id, digest=plan.to_digest, reason="new term")
    with pytest.raises(StalePlan, match="somebody else"):
        server.promote(asked, author="ada")
    assert desk.registry.digest("deploy") == third
    desk.proxy.faults.clear()
    assert [state[:2] for state in desk.states()[:2]] == [
        ("found", "done"),
        ("promote", "not-moved"),
    ]


def test_promotion_when_the_tag_is_moved_just_after_then_it_is_said(
    desk: Desk, two: tuple[str, str]
) -> None:
    third = desk.registry.push("git-3", "three")
    desk.proxy.fail("PUT", LIVE + "-", times=1)  # what was there before gets its own tag first
    desk.proxy.fail("PUT", LIVE, after=lambda: desk.registry.tag("deploy", third))
    with pytest.raises(Conflict, match="at the same time"):
        desk.promote("git-2")
    assert desk.states()[0] == ("promote", "unclear", "ada")


def test_look_when_a_move_is_made_meanwhile_then_nothing_was_moved_by_somebody_else(
    desk: Desk, two: tuple[str, str]
) -> None:
    desk.proxy.fail("HEAD", LIVE, after=lambda: desk.promote("git-2"), times=1)
    look = desk.server_of("marek").get_timeline()
    assert (look.digest, look.moves[0].to_digest) == (two[1], two[1])
    assert desk.states() == [("promote", "done", "ada"), ("found", "done", "")]
    desk.roll_back()
    assert desk.registry.digest("deploy") == two[0]


def test_promotion_when_two_admins_do_it_at_once_then_one_does_and_the_other_is_told(
    desk: Desk, two: tuple[str, str]
) -> None:
    third = desk.registry.push("git-3", "three")
    desk.check(third)
    desk.proxy.fail("PUT", LIVE, wait_s=0.5)
    ends: dict[str, object] = {}

    def promote(user: str, target: str) -> None:
        try:
            ends[user] = desk.promote(target, user=user).move.to_digest
        except GrowthError as e:
            ends[user] = e

    threads = [
        threading.Thread(target=promote, args=("ada", "git-2")),
        threading.Thread(target=promote, args=("marek", "git-3")),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done = [end for end in ends.values() if isinstance(end, str)]
    refused = [end for end in ends.values() if isinstance(end, GrowthError)]
    assert len(done) == 1, ends
    assert isinstance(refused[0], Conflict | StalePlan), refused
    assert refused[0].hint
    assert desk.registry.digest("deploy") == done[0]


def test_promotion_when_our_own_disk_is_full_then_the_tag_stays_where_it_is(
    desk: Desk, two: tuple[str, str], small_disk: Path
) -> None:
    shutil.copytree(desk.state, small_disk / ".growth-admin")
    shutil.rmtree(desk.folder / "admin")
    (desk.folder / "admin").symlink_to(small_disk)
    filler = fill(small_disk)
    with pytest.raises(StorageFull):
        desk.promote("git-2")
    assert desk.registry.digest("deploy") == two[0]
    filler.unlink()
    assert desk.promote("git-2").move.state == "done"


def test_promotion_when_the_disk_gets_full_meanwhile_then_it_is_done_and_completed_later(
    desk: Desk, two: tuple[str, str], small_disk: Path
) -> None:
    shutil.copytree(desk.state, small_disk / ".growth-admin")
    shutil.rmtree(desk.folder / "admin")
    (desk.folder / "admin").symlink_to(small_disk)
    desk.proxy.fail("PUT", LIVE, after=lambda: fill(small_disk))
    moved = desk.promote("git-2")
    assert "could not be written down yet" in moved.move.detail
    assert desk.registry.digest("deploy") == two[1]
    (small_disk / "filler").unlink()
    desk.proxy.faults.clear()
    _let_the_lease_end(desk)
    assert desk.states()[0] == ("promote", "done", "ada")


@pytest.mark.parametrize("is_moved", [False, True], ids=["before the tag moved", "after it moved"])
def test_promotion_when_killed_on_the_way_then_the_next_look_says_how_it_ended(
    desk: Desk,
    two: tuple[str, str],
    is_moved: bool,
    spawn: Callable[[Callable[[], object]], Child],
) -> None:
    reached = threading.Event()

    def stop_here() -> None:
        reached.set()
        time.sleep(2)

    desk.settings = {"PromotionRules__keeps_previous": False}
    desk.proxy.fail(
        "PUT", LIVE, is_cut=not is_moved, **{"after" if is_moved else "before": stop_here}
    )
    child = spawn(lambda: desk.promote("git-2"))
    wait_until(reached.is_set, what="the move")
    child.signal(signal.SIGKILL)
    assert child.join() == -signal.SIGKILL
    desk.proxy.faults.clear()
    state = "done" if is_moved else "not-moved"
    assert desk.states() == [("promote", state, "ada"), ("found", "done", "")]
    assert desk.registry.digest("deploy") == two[is_moved]
    assert "cut off" in desk.server_of("marek").get_timeline().moves[0].detail
    if not is_moved:
        assert desk.promote("git-2", user="marek").move.state == "done"


def test_login_when_wrong_or_open_then_it_is_never_told(desk: Desk, tmp_path: Path) -> None:
    desk.registry.push("deploy", "one")
    secret = tmp_path / "login"
    secret.write_text("robot:hunter2-is-secret\n")
    secret.chmod(0o644)
    with pytest.raises(NotConfigured, match="open to everybody"):
        desk.server_of("ada", ImageRegistry__credential_file=str(secret)).require_configured()
    secret.chmod(0o600)
    server = desk.server_of("ada", ImageRegistry__credential_file=str(secret))
    server.require_configured()
    desk.proxy.fail("", "", status=401, headers={"WWW-Authenticate": 'Basic realm="x"'})
    with pytest.raises(RegistryRefused) as refused:
        server.list_images()
    assert "hunter2" not in f"{refused.value.detail}{refused.value.hint}{refused.value.context}"
    assert any(value.startswith("Basic ") for value in desk.proxy.authorizations)


def test_login_when_not_asked_for_then_it_is_not_sent(desk: Desk, tmp_path: Path) -> None:
    desk.registry.push("deploy", "one")
    secret = tmp_path / "login"
    secret.write_text("robot:hunter2-is-secret\n")
    secret.chmod(0o600)
    desk.server_of("ada", ImageRegistry__credential_file=str(secret)).list_images()
    assert {*desk.proxy.authorizations} == {""}


def _let_the_lease_end(desk: Desk) -> None:
    """Make the intent of the newest move an old one of a process that is gone."""
    (folder,) = (desk.state / "images" / "moves").iterdir()
    newest = max(path for path in folder.glob("*.json") if ".end" not in path.name)
    facts = json.loads(newest.read_text())
    facts["lease_s"] = 0.0
    newest.write_text(json.dumps(facts))
