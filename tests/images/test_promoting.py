"""Promote by digest and roll back, against a real registry."""

from __future__ import annotations

import pytest

from growth_admin.core.errors import (
    ConfirmationNeeded,
    Conflict,
    InvalidInput,
    NotFound,
    StalePlan,
)
from growth_admin.images.models import PromoteRequest, RollBackRequest
from tests.images.conftest import Desk


def test_promotion_when_the_gate_is_passed_then_the_tag_names_the_tested_digest(desk: Desk) -> None:
    old, new = desk.registry.push("deploy", "one"), desk.registry.push("git-2", "two")
    desk.check(new)
    moved = desk.promote("git-2")
    assert desk.registry.digest("deploy") == new == moved.move.to_digest
    assert desk.registry.manifest("deploy") == desk.registry.manifest("git-2")
    assert (moved.move.from_digest, moved.move.state, moved.move.gate) == (old, "done", "passed")
    assert moved.receipt.undo is not None
    assert moved.receipt.undo.body["digest"] == old
    timeline = desk.server_of("marek").get_timeline()
    assert [m.action for m in timeline.moves] == ["promote", "found"]
    assert timeline.moves[0].reason == "new term"
    assert timeline.digest == new


def test_promotion_when_done_then_what_was_there_keeps_a_tag_of_its_own(desk: Desk) -> None:
    old, new = desk.registry.push("deploy", "one"), desk.registry.push("git-2", "two")
    desk.check(new)
    desk.promote("git-2")
    assert desk.registry.digest(f"deploy-{old[7:19]}") == old


def test_roll_back_when_no_digest_is_named_then_it_is_the_one_before(desk: Desk) -> None:
    old, new = desk.registry.push("deploy", "one"), desk.registry.push("git-2", "two")
    desk.check(new)
    done = desk.promote("git-2").receipt.undo
    assert done is not None
    moved = desk.server_of("ada").roll_back(RollBackRequest(**done.body), author="ada")
    assert desk.registry.digest("deploy") == old
    assert moved.move.action == "roll-back"
    assert desk.roll_back(new).move.to_digest == new, "and back again, in one step, by its name"
    assert desk.roll_back(old[7:14]).move.to_digest == old, "by the beginning of the digest"


def test_roll_back_when_somebody_did_it_already_then_the_bad_image_stays_away(desk: Desk) -> None:
    old, bad = desk.registry.push("deploy", "one"), desk.registry.push("git-2", "two")
    desk.promote("git-2", force="no checks")
    desk.roll_back(user="ada")
    with pytest.raises(Conflict, match=r"^ada rolled deploy back on .* UTC already") as refused:
        desk.roll_back(user="marek")
    assert f"from {bad[:19]}; {old[:19]} is live now" in refused.value.detail
    assert refused.value.hint.startswith("All that came before was taken back")
    assert desk.registry.digest("deploy") == old
    assert desk.states()[0] == ("roll-back", "done", "ada")


def test_roll_back_when_the_one_before_is_bad_too_then_the_refusal_names_the_one_before_that(
    desk: Desk,
) -> None:
    oldest = desk.registry.push("deploy", "one")
    for tag in ("git-2", "git-3"):
        desk.registry.push(tag, tag)
        desk.promote(tag, force="no checks")
    desk.roll_back()
    with pytest.raises(Conflict) as refused:
        desk.roll_back()
    assert f"growth-admin images rollback {oldest[:19]}." in refused.value.hint
    desk.roll_back(oldest[:19])
    assert desk.registry.digest("deploy") == oldest


def test_roll_back_when_an_image_was_promoted_again_after_one_then_that_is_no_roll_back(
    desk: Desk,
) -> None:
    old, new = desk.registry.push("deploy", "one"), desk.registry.push("git-2", "two")
    desk.check(new)
    desk.promote("git-2")
    desk.roll_back()
    assert desk.promote("git-2", reason="it was the network").move.action == "promote"
    assert desk.roll_back().move.to_digest == old


@pytest.mark.parametrize("is_elsewhere", [False, True])
def test_roll_back_when_the_tag_was_moved_on_after_one_then_it_goes_to_what_that_replaced(
    desk: Desk, is_elsewhere: bool
) -> None:
    old = desk.registry.push("deploy", "one")
    desk.registry.push("git-2", "two")
    third = desk.registry.push("git-3", "three")
    desk.promote("git-2", force="no checks")
    desk.roll_back()
    if is_elsewhere:
        desk.registry.tag("deploy", third)
    else:
        desk.promote("git-3", force="no checks")
    assert desk.roll_back().move.to_digest == old


def test_plan_when_the_image_was_taken_back_then_it_says_by_whom_and_why(desk: Desk) -> None:
    old, new = desk.registry.push("deploy", "one"), desk.registry.push("git-2", "two")
    desk.check(new)
    desk.promote("git-2")
    assert not any("taken back" in said for said in desk.server_of("marek").plan(old).warnings)
    desk.roll_back(user="ada")
    first = desk.server_of("marek").plan(new).warnings[0]
    assert first.startswith("It was taken back on ")
    assert first.endswith(" UTC by ada: it broke")


def test_roll_back_when_the_digest_was_never_live_then_it_is_refused(desk: Desk) -> None:
    desk.registry.push("deploy", "one")
    other = desk.registry.push("git-2", "two")
    with pytest.raises(NotFound, match="never named"):
        desk.roll_back(other)
    with pytest.raises(NotFound, match="never named anything else"):
        desk.roll_back()


@pytest.mark.parametrize("is_run", [False, True])
def test_promotion_when_the_gate_is_not_passed_then_it_needs_a_reason_that_stays(
    desk: Desk, is_run: bool
) -> None:
    old, new = desk.registry.push("deploy", "one"), desk.registry.push("git-2", "two")
    if is_run:
        desk.check(new, is_passed=False)
    with pytest.raises(ConfirmationNeeded, match="failed" if is_run else "not run"):
        desk.promote("git-2")
    assert desk.registry.digest("deploy") == old
    desk.promote("git-2", force="the talk begins in five minutes")
    move = desk.server_of("marek").get_timeline().moves[0]
    assert move.force_reason == "the talk begins in five minutes"
    assert move.gate == ("failed" if is_run else "missing")


def test_gate_when_a_newer_result_is_good_then_an_older_bad_one_does_not_count(desk: Desk) -> None:
    desk.registry.push("deploy", "one")
    new = desk.registry.push("git-2", "two")
    desk.check(new, is_passed=False)
    desk.check(new)
    assert desk.server_of("ada").plan("git-2").gate.state == "passed"
    assert len(desk.server_of("ada").get_image("git-2").results) == 4


def test_promotion_when_there_is_no_tag_yet_then_it_is_made(desk: Desk) -> None:
    new = desk.registry.push("git-1", "one")
    desk.check(new)
    assert "There is no tag deploy yet" in desk.server_of("ada").list_images().notes[0]
    moved = desk.promote("git-1")
    assert desk.registry.digest("deploy") == new
    assert moved.receipt.undo is None


def test_promotion_when_the_image_is_live_already_then_it_is_refused(desk: Desk) -> None:
    desk.registry.push("deploy", "one")
    with pytest.raises(InvalidInput, match="already"):
        desk.promote("deploy", force="x")


def test_promotion_when_the_plan_is_old_then_it_is_refused(desk: Desk) -> None:
    desk.registry.push("deploy", "one")
    first, second = desk.registry.push("git-2", "two"), desk.registry.push("git-3", "three")
    desk.check(first)
    server = desk.server_of("ada")
    plan = server.plan("git-2")
    desk.registry.tag("deploy", second)
    with pytest.raises(StalePlan):
        server.promote(
            PromoteRequest(plan_id=plan.id, digest=first, reason="new term"), author="ada"
        )
    assert desk.registry.digest("deploy") == second
    assert desk.states()[0] == ("found", "done", "")


def test_roll_back_when_somebody_moved_the_tag_meanwhile_then_it_is_refused(desk: Desk) -> None:
    old = desk.registry.push("deploy", "one")
    first, second = desk.registry.push("git-2", "two"), desk.registry.push("git-3", "three")
    desk.check(first)
    desk.promote("git-2")
    desk.registry.tag("deploy", second)
    with pytest.raises(Conflict, match="somebody else"):
        desk.roll_back(old, expected=first)
    assert desk.registry.digest("deploy") == second


def test_image_for_several_machines_when_promoted_then_its_index_is_live(desk: Desk) -> None:
    desk.registry.push("deploy", "one")
    new = desk.registry.push_index("git-2", "two", "amd64", "arm64")
    desk.check(new)
    plan = desk.server_of("ada").plan("git-2")
    assert plan.image.platforms == ("linux/amd64", "linux/arm64")
    assert len(plan.image.images) == 2
    desk.promote("git-2")
    assert desk.registry.digest("deploy") == new


def test_image_for_another_machine_when_planned_then_it_is_said(desk: Desk) -> None:
    desk.registry.push("deploy", "one")
    desk.registry.push("git-2", "two", architecture="arm64")
    warnings = desk.server_of("ada").plan("git-2").warnings
    assert any("linux/arm64" in said and "linux/amd64" in said for said in warnings)


def test_images_when_listed_then_each_tag_says_what_it_is(desk: Desk) -> None:
    labels = {"org.opencontainers.image.revision": "abc123", "school": "2026"}
    live = desk.registry.push("deploy", "one", created="2026-10-01T08:00:00Z")
    new = desk.registry.push("git-2", "two", labels=labels, created="2026-11-01T08:00:00Z")
    listed = desk.server_of("ada").list_images()
    assert [row.name for row in listed.tags] == ["git-2", "deploy"], "the newest first"
    assert [row.is_live for row in listed.tags] == [False, True]
    image = listed.tags[0].image
    assert image is not None
    assert (image.digest, image.revision, image.layers) == (new, "abc123", 2)
    assert image.labels["school"] == "2026"
    assert image.platforms == ("linux/amd64",)
    manifest = desk.registry.manifest("git-2")
    parts = [manifest["config"], *manifest["layers"]]
    assert image.size_bytes == sum(part["size"] for part in parts)
    assert listed.digest == live


def test_images_when_there_are_many_then_the_live_one_is_shown_and_the_rest_counted(
    desk: Desk,
) -> None:
    digest = desk.registry.push("deploy", "one")
    for number in range(520):
        _link(desk, f"git-{number:04d}", digest)
    listed = desk.server_of("ada").list_images()
    assert (len(listed.tags), listed.left_out) == (200, 321)
    assert any(row.is_live and row.name == "deploy" for row in listed.tags)


def _link(desk: Desk, tag: str, digest: str) -> None:
    """Make a tag on the registry's own disk; over its API 520 of them take ten seconds."""
    tags = "storage/docker/registry/v2/repositories/school/notebook/_manifests/tags"
    current = desk.registry.folder / tags / tag / "current"
    current.mkdir(parents=True)
    (current / "link").write_text(digest)
