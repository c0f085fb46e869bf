"""The same error of many is one group."""

from __future__ import annotations

from growth_admin.startup.starts.models import StartList
from tests.unit.startup.starts.logs_folder import LogsFolder


def failed(folder: LogsFolder, errors: dict[str, str], **script: object) -> StartList:
    for user, error in errors.items():
        record = folder.record(user, "failed", script={"error": error, **script})
        folder.put_records(user, record)
    return folder.table().list_starts()


def titles(listed: StartList) -> list[tuple[str, tuple[str, ...]]]:
    return [(group.title, group.users) for group in listed.groups]


def test_groups_when_five_have_the_same_error_then_one_sentence_names_it(
    folder: LogsFolder,
) -> None:
    users = ["ada", "ben", "cy", "dee", "eve"]
    errors = {
        user: f"/tmp/growth-start-{i:012x}/as-user.sh: line 20: gitpuller: could not resolve host"
        for i, user in enumerate(users)
    }
    listed = failed(folder, errors)
    assert titles(listed) == [
        ("as-user.sh line 20: gitpuller: could not resolve host", tuple(users))
    ]


def test_groups_when_names_paths_times_and_numbers_differ_then_it_is_one_error(
    folder: LogsFolder,
) -> None:
    listed = failed(
        folder,
        {
            "jane-doe": "2026-11-23T08:41:02Z cp: /home/jane-doe/a.fits: 17 of 20 GiB for jane-doe",
            "1st-yr": "2026-11-23T08:44:59Z cp: /home/1st-yr/a.fits: 3.5 of 20 GiB for 1st-yr",
        },
    )
    assert titles(listed) == [
        ("as-user.sh: … cp: /home/<user>/a.fits: … of 20 GiB for <user>", ("1st-yr", "jane-doe"))
    ]


def test_groups_when_ids_differ_then_it_is_one_error(folder: LogsFolder) -> None:
    listed = failed(
        folder,
        {
            "ada": "lock 0x7ffe12 of /tmp/tmp.Ab3dE9 by deadbeef01 at 08:41:02",
            "ben": "lock 0x1111aa of /tmp/tmp.Zz9Yx8 by 0badcafe99 at 08:43:00",
        },
    )
    assert titles(listed) == [("as-user.sh: lock … of /tmp/… by … at …", ("ada", "ben"))]


def test_groups_when_errors_are_different_then_they_stay_apart_largest_first(
    folder: LogsFolder,
) -> None:
    listed = failed(folder, {"ada": "no such host", "ben": "disk full", "cy": "disk full"})
    assert titles(listed) == [
        ("as-user.sh: disk full", ("ben", "cy")),
        ("as-user.sh: no such host", ("ada",)),
    ]
    assert len({group.id for group in listed.groups}) == 2


def test_groups_when_file_names_hold_years_then_they_are_different_errors(
    folder: LogsFolder,
) -> None:
    listed = failed(folder, {"ada": "no growth_2019.fits", "ben": "no growth_2020.fits"})
    assert len(listed.groups) == 2


def test_groups_when_a_name_is_a_part_of_a_word_then_the_word_stays(folder: LogsFolder) -> None:
    listed = failed(folder, {"ada": "adapter lost", "lost": "adapter lost"})
    assert {group.title for group in listed.groups} == {
        "as-user.sh: adapter lost",
        "as-user.sh: adapter <user>",
    }


def test_groups_when_a_named_server_failed_then_it_is_not_counted_as_the_users_own(
    folder: LogsFolder,
) -> None:
    folder.put_records(
        "ada--canary", folder.record("ada", "failed", server_name="canary", script={"error": "x"})
    )
    (group,) = folder.table().list_starts().groups
    assert (group.users, group.named_servers) == ((), ("ada/canary",))


def test_groups_when_all_went_well_then_there_are_none(folder: LogsFolder) -> None:
    folder.put_records("ada", folder.record("ada"))
    folder.put_log("ben-as-user.log")
    assert folder.table().list_starts().groups == ()


def test_groups_when_scripts_timed_out_then_the_sentence_says_after_how_long(
    folder: LogsFolder,
) -> None:
    for user in ("ada", "ben"):
        folder.put_records(user, folder.record(user, "timed-out"))
    assert titles(folder.table().list_starts()) == [
        ("as-user.sh was stopped after 60 s", ("ada", "ben"))
    ]


def test_groups_when_markup_is_in_an_error_then_it_is_kept_as_text(folder: LogsFolder) -> None:
    listed = failed(folder, {"ada": "<img src=x onerror=alert(1)>"})
    assert listed.groups[0].title == "as-user.sh: <img src=x onerror=alert(1)>"
