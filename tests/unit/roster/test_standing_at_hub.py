"""How people stand at the hub: whose account it is, and what needs an eye."""

from __future__ import annotations

from tests.unit.roster.school import account, ago, github, hub, listed, rows, user

JANE = account("Jane-Doe", 7)
PERSON = listed("jane-doe", github_id=7)
GONE = listed("jane-doe", github_id=7, was_active=True, removed=ago(days=1), team="")


def test_member_when_the_hub_knows_nobody_then_never_logged_in() -> None:
    assert rows([PERSON], github([JANE]), hub())["jane-doe"].flags == ("never_logged_in",)


def test_member_when_made_by_an_admin_and_never_there_then_never_logged_in() -> None:
    users = hub(user("jane-doe", "students", last_activity=None))
    assert rows([PERSON], github([JANE]), users)["jane-doe"].flags == ("never_logged_in",)


def test_member_when_there_then_nothing_is_flagged_and_the_hub_side_is_shown() -> None:
    users = hub(user("jane-doe", "students", servers=("",)))
    row = rows([PERSON], github([JANE]), users)["jane-doe"]
    assert row.flags == ()
    assert row.hub is not None
    assert (row.hub.servers, row.hub.is_by_name) == (("",), True)


def test_invited_person_when_not_at_the_hub_then_that_is_no_flag() -> None:
    assert rows([PERSON], github(), hub())["jane-doe"].flags == ()


def test_people_when_there_is_no_hub_then_no_flag_speaks_of_it() -> None:
    row = rows([PERSON], github([JANE]))["jane-doe"]
    assert (row.flags, row.hub) == ((), None)


def test_hub_user_when_in_no_team_then_flagged() -> None:
    row = rows([PERSON], github(), hub(user("jane-doe")))["jane-doe"]
    assert row.flags == ("no_team",)


def test_hub_user_when_on_no_roster_and_in_no_team_then_there_is_a_row() -> None:
    row = rows([], github(), hub(user("stranger")))["hub:stranger"]
    assert (row.state, row.flags, row.names.hub) == ("unlisted", ("no_team",), "stranger")
    assert row.login == ""


def test_hub_admin_when_not_in_the_admins_team_then_flagged() -> None:
    users = hub(user("jane-doe", "students", is_admin=True))
    assert rows([PERSON], github([JANE]), users)["jane-doe"].flags == ("no_admins_team",)


def test_hub_group_of_admins_when_not_in_the_admins_team_any_more_then_flagged() -> None:
    users = hub(user("jane-doe", "admins"))
    assert rows([PERSON], github([JANE]), users)["jane-doe"].flags == ("no_admins_team",)


def test_hub_admin_when_in_the_admins_team_then_nothing_is_flagged() -> None:
    person = listed("jane-doe", github_id=7, team="admins")
    users = hub(user("jane-doe", "admins", is_admin=True))
    assert rows([person], github(admins=[JANE]), users)["jane-doe"].flags == ()


def test_removed_person_when_still_there_with_server_and_token_then_all_of_it_shows() -> None:
    users = hub(user("jane-doe", servers=("", "canary")), tokens={"jane-doe": 2})
    row = rows([GONE], github(), users)["jane-doe"]
    assert row.state == "removed"
    assert set(row.flags) == {"no_team", "still_at_hub", "still_running", "still_has_tokens"}


def test_removed_person_when_tokens_may_not_be_asked_then_nothing_is_claimed() -> None:
    users = hub(user("jane-doe"), tokens={"jane-doe": None})
    row = rows([GONE], github(), users)["jane-doe"]
    assert set(row.flags) == {"no_team", "still_at_hub"}


def test_hub_user_when_a_start_recorded_the_number_then_the_name_does_not_matter() -> None:
    users = hub(user("old-name", "students", github_id=7))
    row = rows([PERSON], github([account("New-Name", 7)]), users)["jane-doe"]
    assert row.names.hub == "old-name"
    assert row.hub is not None
    assert not row.hub.is_by_name


def test_hub_user_when_a_start_recorded_another_number_then_the_name_is_not_believed() -> None:
    users = hub(user("jane-doe", "students", github_id=8))
    found = rows([PERSON], github([JANE]), users)
    assert found["jane-doe"].hub is None
    assert found["jane-doe"].names.container == ""
    assert found["hub:jane-doe"].hub is not None


def test_renamed_person_when_seen_at_the_hub_before_then_the_remembered_name_counts() -> None:
    person = listed("jane-smith", github_id=7, hub_name="jane-doe")
    row = rows([person], github([account("Jane-Smith", 7)]), hub(user("jane-doe", "students")))
    assert row["jane-smith"].names.hub == "jane-doe"
    assert row["jane-smith"].names.container == "jane-doe"
    assert row["jane-smith"].hub is not None


def test_newcomer_when_the_login_was_somebody_elses_then_the_hub_account_is_not_theirs() -> None:
    old = listed("jane-smith", github_id=7, hub_name="jane-doe")
    facts = github([account("Jane-Smith", 7), account("Jane-Doe", 8)])
    found = rows([old], facts, hub(user("jane-doe", "students")))
    assert found["jane-smith"].hub is not None
    assert found["github:8"].hub is None
    assert (found["github:8"].names.login, found["github:8"].names.hub) == ("Jane-Doe", "")
