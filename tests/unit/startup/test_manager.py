"""Start scripts: look, save, restore, make live, and what was changed by hand."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from growth_admin.core.errors import (
    ConfirmationNeeded,
    Conflict,
    InvalidInput,
    NotFound,
    StorageFull,
    StorageUnavailable,
)
from growth_admin.core.schema import now
from growth_admin.startup.history import sha256_of
from growth_admin.startup.models import Evidence, Step
from tests.conftest import Child, fill, open_way
from tests.unit.startup.school import BROKEN, FIRST, ROOT, USER, School, sound

Spawn = Callable[[Callable[[], object]], Child]
LONG = f"#!/bin/bash\n# {'x' * 30_000}\necho on\n"


@pytest.fixture
def school(tmp_path: Path) -> School:
    return School.make(tmp_path)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def add_evidence(school: School, text: str, step: Step, *, is_passed: bool, job_id: str) -> None:
    school.manager.store(USER).add_evidence(
        Evidence(
            step=step,
            sha256=sha256_of(text.encode()),
            is_passed=is_passed,
            summary="",
            job_id=job_id,
            time=now(),
            author="jane",
        )
    )


# -- look


def test_list_scripts_when_looked_at_first_then_what_is_live_becomes_revision_one(
    school: School,
) -> None:
    root, user = school.manager.list_scripts().scripts
    assert (root.name, root.is_present, root.live_revision) == (ROOT, False, None)
    assert "missing" in root.problem
    assert (user.live_revision, user.head_revision, user.problem) == (1, 1, "")
    assert user.is_executable
    revision = school.manager.get_revision(USER, 1).revision
    assert (revision.origin, revision.reason) == ("initial", "the script as it was found")
    assert "root" in revision.author


def test_get_text_when_a_newer_revision_is_not_live_then_both_texts_come(school: School) -> None:
    school.save(sound(2))
    found = school.manager.get_text(USER)
    assert found.live_text == FIRST
    assert found.head and found.head.text == sound(2)
    assert not found.head.is_live
    assert (found.script.live_revision, found.script.head_revision) == (1, 2)


def test_get_text_when_the_script_is_missing_then_there_is_nothing_and_it_says_so(
    school: School,
) -> None:
    found = school.manager.get_text(ROOT)
    assert (found.live_text, found.head, found.script.is_present) == ("", None, False)


@pytest.mark.parametrize("name", ["other.sh", "../start/as-user.sh", "", "AS-USER.SH", "as-user"])
def test_get_script_when_the_name_is_another_then_it_is_not_found(
    school: School, name: str
) -> None:
    with pytest.raises(NotFound):
        school.manager.get_script(name)


@pytest.mark.parametrize("number", [0, -1, 2, 10**6, 10**400])
def test_get_revision_when_there_is_none_then_it_is_not_found(school: School, number: int) -> None:
    school.manager.get_script(USER)
    with pytest.raises(NotFound):
        school.manager.get_revision(USER, number)


def test_get_script_when_not_executable_or_empty_then_the_problem_is_named(school: School) -> None:
    school.write_by_hand(FIRST, mode=0o644)
    assert "not executable" in school.manager.get_script(USER).problem
    school.write_by_hand(" \n", mode=0o755)
    assert "empty" in school.manager.get_script(USER).problem


def test_get_script_when_the_folder_cannot_be_read_then_storage_is_unavailable(
    school: School, spawn: Spawn
) -> None:
    school.paths.scripts.chmod(0o700)

    def look() -> None:
        os.setgid(65534)
        os.setuid(65534)
        with pytest.raises(StorageUnavailable) as raised:
            school.manager.get_script(USER)
        assert raised.value.hint

    open_way(school.paths.admin_root)
    assert spawn(look).join() == 0


def test_get_script_when_a_pipe_lies_in_its_place_then_nobody_hangs(school: School) -> None:
    school.live.unlink()
    os.mkfifo(school.live)
    with pytest.raises(StorageUnavailable, match="not a regular file"):
        school.manager.get_script(USER)


def test_get_script_when_the_file_is_huge_then_it_is_refused_and_never_cut(school: School) -> None:
    with school.live.open("ab") as file:
        file.truncate(17 * 1024 * 1024)
    with pytest.raises(StorageUnavailable, match="larger than 16 MiB"):
        school.manager.get_script(USER)


def test_get_text_when_the_live_script_is_not_utf8_then_it_is_said_and_kept_bytewise(
    school: School,
) -> None:
    latin = b"#!/bin/bash\necho Gr\xfc\xdfe\n"
    school.write_by_hand(latin)
    found = school.manager.get_text(USER)
    assert found.head and found.head.is_lossy
    assert "Gr\ufffd\ufffde" in found.live_text
    school.save(sound(2))
    school.publish(2)
    school.publish(1)
    assert school.live.read_bytes() == latin
    assert not school.manager.get_revision(USER, 2).is_lossy


# -- save


def test_save_when_the_text_is_sound_then_a_revision_is_kept_and_nothing_goes_live(
    school: School,
) -> None:
    saved = school.save(sound(2), reason="new greeting")
    revision = saved.revision
    assert saved.is_new
    assert (revision.number, revision.author, revision.reason) == (2, "jane", "new greeting")
    assert (revision.origin, revision.base_sha256) == ("saved", sha256_of(FIRST.encode()))
    assert school.live.read_text() == FIRST
    assert school.manager.get_revision(USER, 2).text == sound(2)


def test_save_when_the_text_is_the_newest_already_then_nothing_new_is_kept(school: School) -> None:
    school.save(sound(2))
    again = school.save(sound(2))
    assert (again.is_new, again.revision.number) == (False, 2)


def test_save_when_the_lint_finds_errors_then_a_reason_is_asked_for_and_recorded(
    school: School,
) -> None:
    with pytest.raises(ConfirmationNeeded) as raised:
        school.save(BROKEN)
    assert any(row["severity"] == "error" for row in raised.value.context["findings"])
    with pytest.raises(ConfirmationNeeded):
        school.save(BROKEN, override_reason="   ")
    saved = school.save(BROKEN, override_reason="only to show it")
    assert saved.revision.lint_errors > 0
    assert saved.revision.override_reason == "only to show it"


def test_save_when_there_are_no_errors_then_an_override_is_not_kept(school: School) -> None:
    assert school.save(sound(2), override_reason="for sure").revision.override_reason == ""


def test_save_when_somebody_saved_meanwhile_then_all_three_texts_come_back(school: School) -> None:
    base = school.save(sound("base")).revision
    school.save(sound("theirs"), author="tom")
    with pytest.raises(Conflict) as raised:
        school.save(sound("yours"), base_sha256=base.sha256)
    context = raised.value.context
    assert (context["base"], context["theirs"], context["yours"]) == (
        sound("base"),
        sound("theirs"),
        sound("yours"),
    )
    assert (context["head"]["author"], context["head"]["number"]) == ("tom", 3)
    assert "tom" in raised.value.detail
    assert school.manager.store(USER).head().number == 3  # type: ignore[union-attr]  # there is one


def test_save_when_it_was_changed_by_hand_meanwhile_then_it_conflicts_with_that(
    school: School,
) -> None:
    base = school.save(sound("base")).revision
    school.write_by_hand(sound("hand"))
    with pytest.raises(Conflict) as raised:
        school.save(sound("yours"), base_sha256=base.sha256)
    assert raised.value.context["theirs"] == sound("hand")


def test_save_when_the_base_is_unknown_then_it_conflicts_and_loses_nothing(school: School) -> None:
    for base in ("f" * 64, "", "../../x"):
        with pytest.raises(Conflict) as raised:
            school.save(sound("yours"), base_sha256=base)
        assert (raised.value.context["base"], raised.value.context["yours"]) == (
            "",
            sound("yours"),
        )


def test_save_when_the_text_is_too_large_then_it_is_refused(school: School) -> None:
    with pytest.raises(InvalidInput, match="1024 KiB"):
        school.save("#" * (1024 * 1024 + 1))


def test_save_when_many_save_on_the_same_base_at_once_then_exactly_one_wins(
    school: School, tmp_path: Path, spawn: Spawn
) -> None:
    base = school.save(sound("base")).revision
    go = tmp_path / "go"

    def racer(number: int) -> Callable[[], None]:
        def run() -> None:
            while not go.exists():
                pass
            try:
                school.save(sound(number), base_sha256=base.sha256, author=f"admin{number}")
            except Conflict as conflict:
                assert conflict.context["yours"] == sound(number)
                return
            (tmp_path / f"won-{number}").touch()

        return run

    racers = [spawn(racer(number)) for number in range(5)]
    go.touch()
    assert [racer.join() for racer in racers] == [0] * 5
    (won,) = tmp_path.glob("won-*")
    head = school.manager.store(USER).head()
    assert head and (head.number, head.author) == (3, f"admin{won.name.removeprefix('won-')}")


def test_save_when_the_disk_is_full_then_it_says_so_and_the_history_is_whole(
    small_disk: Path,
) -> None:
    school = School.make(small_disk)
    school.save(sound(2))
    filler = fill(small_disk)
    with pytest.raises(StorageFull):
        school.save(LONG)
    assert school.manager.get_script(USER).head_revision == 2
    filler.unlink()
    assert school.save(sound(3)).revision.number == 3


# -- history


def test_get_difference_when_two_revisions_differ_then_it_is_unified_and_side_by_side(
    school: School,
) -> None:
    school.save("#!/bin/bash\necho start 2")
    found = school.manager.get_difference(USER, 1, 2)
    assert (found.before_text, found.after_text) == (FIRST, "#!/bin/bash\necho start 2")
    assert found.unified.splitlines() == [
        f"--- {USER} r1",
        f"+++ {USER} r2",
        "@@ -1,2 +1,2 @@",
        " #!/bin/bash",
        "-echo first",
        "+echo start 2",
    ]


def test_restore_when_an_old_revision_is_asked_for_then_it_comes_back_as_a_new_one(
    school: School,
) -> None:
    school.save(sound(2))
    saved = school.restore(1, author="tom")
    revision = saved.revision
    assert (revision.number, revision.origin, revision.restored_from) == (3, "restored", 1)
    assert school.manager.get_revision(USER, 3).text == FIRST
    with pytest.raises(NotFound):
        school.restore(9)


def test_history_when_a_text_was_tampered_with_then_it_is_not_given_out(school: School) -> None:
    school.manager.get_script(USER)
    (text,) = (school.paths.revisions / USER / "texts").iterdir()
    text.chmod(0o600)
    text.write_text("rm -rf /")
    with pytest.raises(StorageUnavailable, match="damaged"):
        school.manager.get_revision(USER, 1)


@pytest.mark.parametrize("folder", [".", "live"])
def test_history_when_a_record_is_damaged_then_it_is_named(school: School, folder: str) -> None:
    school.manager.get_script(USER)
    path = school.paths.revisions / USER / folder / "000001.json"
    path.write_text("{")
    with pytest.raises(StorageUnavailable, match=r"000001\.json"):
        school.manager.get_history(USER)


# -- make live


def test_publish_when_steps_were_skipped_then_a_reason_is_asked_for_and_kept(
    school: School,
) -> None:
    school.save(sound(2))
    with pytest.raises(ConfirmationNeeded) as raised:
        school.publish(2, skip_reason=" ")
    assert raised.value.context["skipped_steps"] == ["rehearsal", "canary"]
    assert school.live.read_text() == FIRST
    done = school.publish(2, skip_reason="class begins", reason="new greeting")
    assert school.live.read_text() == sound(2)
    publication = done.publication
    assert (publication.number, publication.revision, publication.skip_reason) == (
        2,
        2,
        "class begins",
    )
    assert publication.skipped_steps == ("rehearsal", "canary")
    assert publication.previous_sha256 == sha256_of(FIRST.encode())
    assert (done.script.live_revision, done.script.published_by) == (2, "jane")


def test_publish_when_the_text_had_lint_errors_then_that_step_counts_as_skipped(
    school: School,
) -> None:
    school.save(BROKEN, override_reason="why not")
    with pytest.raises(ConfirmationNeeded) as raised:
        school.publish(2, skip_reason="")
    assert raised.value.context["skipped_steps"] == ["lint", "rehearsal", "canary"]


def test_skipped_steps_when_trials_passed_then_they_are_done_and_the_last_trial_decides(
    school: School,
) -> None:
    revision = school.save(sound(2)).revision
    add_evidence(school, sound(2), "rehearsal", is_passed=True, job_id="20261123T080000-a")
    add_evidence(school, sound(2), "canary", is_passed=True, job_id="20261123T080100-a")
    assert school.manager.skipped_steps(USER, revision) == ()
    add_evidence(school, sound(2), "canary", is_passed=False, job_id="20261123T090000-a")
    assert school.manager.skipped_steps(USER, revision) == ("canary",)
    assert len(school.manager.get_revision(USER, 2).evidence) == 3
    done = school.publish(2)
    assert done.publication.skipped_steps == ("canary",)


def test_publish_when_the_text_was_live_before_then_nothing_is_missing_and_undo_works(
    school: School,
) -> None:
    school.save(sound(2))
    receipt = school.publish(2).receipt
    assert receipt.undo and receipt.undo.path == f"startup/scripts/{USER}/publications"
    assert receipt.undo.body["revision"] == 1
    school.publish(skip_reason="", **receipt.undo.body)
    assert school.live.read_text() == FIRST


def test_publish_when_the_file_has_owner_and_mode_then_they_are_kept_and_it_is_executable(
    school: School,
) -> None:
    school.write_by_hand(FIRST, mode=0o640)
    os.chown(school.live, 4711, 4712)
    school.save(sound(2))
    school.publish(2)
    now_is = school.live.stat()
    assert (now_is.st_uid, now_is.st_gid, mode_of(school.live)) == (4711, 4712, 0o750)


def test_publish_when_the_file_was_missing_then_it_is_there_and_everybody_may_run_it(
    school: School,
) -> None:
    school.live.unlink()
    school.save(sound(1))
    done = school.publish(1)
    assert (school.live.read_text(), mode_of(school.live)) == (sound(1), 0o755)
    assert done.receipt.undo is None


def test_publish_when_the_live_script_is_a_link_then_the_link_stays(school: School) -> None:
    school.live.rename(school.paths.scripts / "v1.sh")
    school.live.symlink_to("v1.sh")
    school.save(sound(2))
    school.publish(2)
    assert school.live.is_symlink()
    assert (school.paths.scripts / "v1.sh").read_text() == sound(2)


def test_publish_when_something_else_went_live_meanwhile_then_it_conflicts(school: School) -> None:
    school.save(sound(2))
    school.save(sound(3))
    seen = school.manager.get_script(USER).live_sha256
    school.publish(2, author="tom")
    with pytest.raises(Conflict, match="tom") as raised:
        school.publish(3, expected_live_sha256=seen)
    assert raised.value.context["script"]["live_revision"] == 2
    assert school.live.read_text() == sound(2)


def test_publish_when_the_revision_does_not_exist_then_it_is_not_found(school: School) -> None:
    with pytest.raises(NotFound, match="r7"):
        school.publish(7)


def test_publish_when_several_publish_at_once_then_one_wins_and_the_file_is_the_winners(
    school: School, tmp_path: Path, spawn: Spawn
) -> None:
    seen = school.manager.get_script(USER).live_sha256
    for number in range(2, 7):
        school.save(sound(number))
    go = tmp_path / "go"

    def racer(number: int) -> Callable[[], None]:
        def run() -> None:
            while not go.exists():
                pass
            try:
                school.publish(number, author=f"admin{number}", expected_live_sha256=seen)
            except Conflict:
                return
            (tmp_path / f"won-{number}").touch()

        return run

    racers = [spawn(racer(number)) for number in range(2, 7)]
    go.touch()
    assert [racer.join() for racer in racers] == [0] * 5
    (won,) = tmp_path.glob("won-*")
    number = int(won.name.removeprefix("won-"))
    assert school.live.read_text() == sound(number)
    history = school.manager.get_history(USER)
    assert [p.revision for p in history.publications] == [number, 1]


def test_publish_when_the_disk_is_full_then_the_old_script_stays_and_nothing_claims_otherwise(
    small_disk: Path,
) -> None:
    school = School.make(small_disk)
    school.save(LONG)
    filler = fill(small_disk)
    with pytest.raises(StorageFull):
        school.publish(2)
    assert (school.live.read_text(), mode_of(school.live)) == (FIRST, 0o755)
    script = school.manager.get_script(USER)
    assert (script.live_revision, script.problem) == (1, "")
    filler.unlink()
    assert [p.revision for p in school.manager.get_history(USER).publications] == [1]
    assert not list(school.paths.scripts.glob(".growth*"))
    school.publish(2)
    assert school.manager.get_script(USER).live_revision == 2


def test_publish_when_killed_at_any_moment_then_the_script_is_whole_and_the_next_look_is_right(
    school: School, spawn: Spawn
) -> None:
    big = [f"#!/bin/bash\n# {str(number) * 400_000}\necho on\n" for number in range(2)]
    for text in big:
        school.save(text)

    def publish_for_ever() -> None:
        while True:
            for number in (2, 3):
                school.publish(number)

    for attempt in range(4):
        publisher = spawn(publish_for_ever)
        try:
            publisher.join(timeout_s=0.3 + attempt * 0.13)
        except AssertionError:
            publisher.kill()
        assert school.live.read_text() in (FIRST, *big)
        assert school.manager.get_script(USER).live_revision in (1, 2, 3)


# -- changed by hand


def test_notice_when_changed_by_hand_then_it_gets_a_revision_and_a_publication(
    school: School,
) -> None:
    school.save(sound(2))
    school.publish(2)
    school.write_by_hand(sound("hand"))
    os.chown(school.live, 4711, 4711)
    script = school.manager.get_script(USER)
    assert (script.live_revision, script.head_revision) == (3, 3)
    history = school.manager.get_history(USER)
    newest, publication = history.revisions[0], history.publications[0]
    assert (newest.origin, newest.author) == ("by-hand", "uid 4711 (owner of the file)")
    assert publication.is_noticed and publication.reason == "changed by hand"
    assert school.manager.get_script(USER).head_revision == 3  # noticed once


def test_notice_when_an_old_text_was_put_back_by_hand_then_no_new_revision_is_made(
    school: School,
) -> None:
    school.save(sound(2))
    school.publish(2)
    backdate_last_publication(school)
    school.write_by_hand(FIRST)
    script = school.manager.get_script(USER)
    assert (script.live_revision, script.head_revision) == (1, 2)
    assert school.manager.get_history(USER).publications[0].is_noticed


def backdate_last_publication(school: School) -> None:
    """Let the newest publication have happened an hour ago."""
    folder = school.paths.revisions / USER / "live"
    path = max(folder.iterdir())
    last = school.manager.store(USER).last_publication()
    assert last
    hour_ago = last.model_copy(update={"time": last.time.replace(year=last.time.year - 1)})
    path.write_text(hour_ago.model_dump_json())


def test_notice_when_the_publisher_died_before_the_file_then_it_is_said_after_a_while(
    school: School,
) -> None:
    school.save(sound(2))
    school.publish(2)
    school.live.write_text(FIRST)  # as if the rename had never happened
    with pytest.raises(Conflict, match="right now"):
        school.publish(1, expected_live_sha256=sha256_of(FIRST.encode()))
    assert len(school.manager.get_history(USER).publications) == 2
    backdate_last_publication(school)
    assert school.manager.get_script(USER).live_revision == 1
    newest = school.manager.get_history(USER).publications[0]
    assert "r2 did not reach the file" in newest.reason
    school.publish(2)
    assert school.live.read_text() == sound(2)


def test_notice_when_several_look_at_once_then_it_is_recorded_once(
    school: School, tmp_path: Path, spawn: Spawn
) -> None:
    school.manager.get_script(USER)
    school.write_by_hand(sound("hand"))
    go = tmp_path / "go"

    def look() -> None:
        while not go.exists():
            pass
        assert school.manager.get_script(USER).live_revision == 2

    children = [spawn(look) for _ in range(5)]
    go.touch()
    codes = [child.join() for child in children]
    history = school.manager.get_history(USER)
    assert (len(history.revisions), len(history.publications)) == (2, 2)
    assert codes == [0] * 5


def test_look_when_the_disk_is_full_and_it_was_changed_by_hand_then_looking_still_works(
    small_disk: Path,
) -> None:
    school = School.make(small_disk)
    school.manager.get_script(USER)
    school.write_by_hand(sound("hand"))
    filler = fill(small_disk)
    script = school.manager.get_script(USER)
    assert (script.live_revision, script.is_present) == (None, True)
    assert school.manager.get_text(USER).live_text == sound("hand")
    filler.unlink()
    assert school.manager.get_script(USER).live_revision == 2


def test_list_scripts_when_there_are_300_revisions_then_a_look_stays_quick(school: School) -> None:
    store = school.manager.store(USER)
    school.manager.get_script(USER)
    first = store.head()
    assert first
    folder = school.paths.revisions / USER
    for number in range(2, 302):
        revision = first.model_copy(update={"number": number, "sha256": f"{number:064x}"})
        (folder / f"{number:06d}.json").write_text(revision.model_dump_json())
    began_s = time.process_time()
    school.manager.get_script(USER)
    assert time.process_time() - began_s < 0.2
