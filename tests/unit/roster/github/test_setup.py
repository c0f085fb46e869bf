"""The first-time setup: each step tried live, with what is missing and where to go."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from growth_admin.core.github.settings import GitHub
from growth_admin.roster.github.school import GitHubSchool
from growth_admin.roster.github.setup import check_setup
from growth_admin.roster.github.trying import TITLES, UNASKED
from growth_admin.roster.models import Check, Setup
from tests import github
from tests.conftest import SUDO
from tests.unit.roster.github.conftest import Make, secret_file
from tests.unit.roster.github.odd_server import Asked, OddServer, Told


def by_id(setup: Setup) -> dict[str, Check]:
    assert [check.id for check in setup.checks] == list(TITLES)
    assert all(check.title and check.detail for check in setup.checks)
    for check in setup.checks:
        assert check.hint or check.state in ("ok", "unknown"), check
        assert not check.link or check.link.startswith("http"), check
    return {check.id: check for check in setup.checks}


def app_school(hub: github.StandIn, folder: Path, permissions: dict[str, str]) -> GitHubSchool:
    app = hub.app(permissions, name=f"App {hub.organization}")
    path = secret_file(folder / "key.pem", app.private_key)
    settings = GitHub(
        api_url=hub.api_url,
        organization=hub.organization,
        app_id=str(app.id),
        app_key_file=str(path),
    )
    return GitHubSchool(settings, wait=lambda _: None)


def test_setup_when_owners_token_is_good_then_all_is_well_and_nothing_changed(
    hub: github.StandIn, school: GitHubSchool
) -> None:
    hub.people(3, prefix="ok-", teams=["students"])
    hub.team("tas")
    checks = by_id(setup := check_setup(school, ["students", "tas"], count_hub_users=lambda: 2))
    assert setup.credential == "token" and setup.organization == hub.organization
    assert {check.state for check in checks.values()} == {"ok"}
    assert "classic token" in checks["valid"].detail and hub.owner in checks["valid"].detail
    assert "2 of 3 members" in checks["hub-app"].detail
    assert "4 members" in checks["members-read"].detail
    assert all(one["method"] == "GET" for one in hub.requests())
    assert hub.count() <= 16


def test_setup_when_app_may_write_then_well_and_needs_no_owner(
    hub: github.StandIn, tmp_path: Path
) -> None:
    hub.team("students")
    rights = {"members": "write", "organization_user_blocking": "read"}
    school = app_school(hub, tmp_path, rights)
    checks = by_id(setup := check_setup(school, ["students"]))
    assert setup.credential == "app"
    for name in ("credential", "valid", "members-read", "members-write", "owner", "blocked"):
        assert checks[name].state == "ok", checks[name]
    assert "Members: read and write" in checks["valid"].detail
    assert checks["hub-app"].state == "unknown"
    assert "oauth_application_policy" in checks["hub-app"].link


def test_setup_when_app_may_only_read_then_says_which_permission(
    hub: github.StandIn, tmp_path: Path
) -> None:
    hub.team("students")
    checks = by_id(check_setup(app_school(hub, tmp_path, {"members": "read"}), ["students"]))
    write = checks["members-write"]
    assert write.state == "missing" and "Members: read and write" in write.detail
    assert "/settings/apps" in write.link
    assert checks["blocked"].state == "warning"


def test_setup_when_no_credential_then_link_to_make_an_app_and_the_rest_unasked(
    hub: github.StandIn,
) -> None:
    settings = GitHub(api_url=hub.api_url, organization=hub.organization)
    checks = by_id(setup := check_setup(GitHubSchool(settings), ["students"]))
    assert setup.credential == "none"
    assert checks["credential"].state == "missing"
    link = checks["credential"].link
    assert f"/organizations/{hub.organization}/settings/apps/new?" in link
    assert "members=write" in link and "webhook_active=false" in link
    assert checks["owner"].detail == UNASKED
    assert hub.count() == 0


def test_setup_when_token_is_dead_then_told_once(hub: github.StandIn, make: Make) -> None:
    checks = by_id(check_setup(make("ghp_dead"), ["students"]))
    assert checks["valid"].state == "missing" and "expired" in checks["valid"].detail
    assert checks["valid"].link.startswith(hub.url)
    assert checks["members-write"].detail == UNASKED


def test_setup_when_token_is_of_a_member_then_owner_is_missing(
    hub: github.StandIn, make: Make
) -> None:
    hub.people(1, prefix="member-", teams=["students"])
    checks = by_id(check_setup(make(hub.token("member-0001")), ["students"]))
    assert checks["owner"].state == "missing" and "not an owner" in checks["owner"].detail
    assert checks["members-read"].state == "missing"
    assert checks["teams"].state == "ok"


def test_setup_when_scope_is_too_small_then_named(hub: github.StandIn, make: Make) -> None:
    hub.team("students")
    checks = by_id(check_setup(make(hub.token("", "read:org")), ["students"]))
    assert checks["members-write"].state == "missing"
    assert "admin:org" in checks["members-write"].detail


@pytest.mark.parametrize(("level", "state"), [("write", "ok"), ("read", "missing")])
def test_setup_when_token_is_fine_grained_then_writing_is_tried_without_changing(
    hub: github.StandIn, make: Make, level: str, state: str
) -> None:
    hub.team("students")
    checks = by_id(check_setup(make(hub.fine_grained({"members": level})), ["students"]))
    assert checks["members-write"].state == state, checks["members-write"]
    if state == "missing":
        assert "Members: read and write" in checks["members-write"].hint
    assert "fine-grained" in checks["valid"].detail
    assert [one["path"] for one in hub.requests() if one["method"] != "GET"] == [
        f"/api/v3/orgs/{hub.organization}/invitations/0"
    ]


def test_setup_when_teams_are_missing_then_named(hub: github.StandIn, school: GitHubSchool) -> None:
    hub.team("students")
    checks = by_id(check_setup(school, ["students", "helpers"]))
    assert checks["teams"].state == "missing"
    assert "helpers" in checks["teams"].detail and "students" not in checks["teams"].detail
    assert by_id(check_setup(school))["teams"].state == "unknown"


def test_setup_when_organization_is_unknown_then_missing(make: Make) -> None:
    checks = by_id(check_setup(make(organization="no-such-school"), ["students"]))
    assert checks["organization"].state == "missing"
    checks = by_id(check_setup(make(organization=""), ["students"]))
    assert checks["organization"].state == "missing" and "GROWTH_ORG" in checks["organization"].hint


def test_setup_when_two_factor_is_required_then_people_are_to_be_told(
    hub: github.StandIn, school: GitHubSchool
) -> None:
    hub.settings(requires_two_factor=True, seats=1, paid=True)
    checks = by_id(check_setup(school, ()))
    assert checks["two-factor"].state == "warning" and checks["two-factor"].hint
    assert checks["invitations"].state == "warning" and "0 of them free" in (
        checks["invitations"].detail
    )
    assert "500 within 24 hours" in checks["invitations"].detail


def test_setup_when_sso_is_required_then_link_to_authorize(hub: github.StandIn, make: Make) -> None:
    hub.team("students")
    school = make()
    hub.settings(requires_sso=True)
    checks = by_id(check_setup(school, ["students"]))
    assert checks["single-sign-on"].state == "missing"
    assert "sso" in checks["single-sign-on"].link
    hub.settings(requires_sso=False)


@pytest.mark.parametrize(
    ("members", "seen", "state"),
    [(2, 0, "warning"), (2, 1, "ok"), (0, 0, "unknown"), (2, None, "unknown")],
)
def test_setup_when_hub_is_compared_then_says_what_it_has_seen(
    hub: github.StandIn, school: GitHubSchool, members: int, seen: int | None, state: str
) -> None:
    hub.team("students")
    if members:
        hub.people(members, prefix=f"{hub.organization}-", teams=["students"])
    checks = by_id(check_setup(school, ["students"], count_hub_users=lambda: seen))
    assert checks["hub-app"].state == state


def test_setup_when_github_is_down_then_unknown_and_not_missing(
    hub: github.StandIn, school: GitHubSchool
) -> None:
    hub.fault("outage", times=0)
    checks = by_id(check_setup(school, ["students"]))
    assert checks["valid"].state == "unknown" and "503" in checks["valid"].detail


@pytest.mark.parametrize(("days", "state"), [(100, "ok"), (3, "warning"), (None, "ok")])
def test_setup_when_token_ends_then_told_in_time(
    odd: OddServer, odd_school: GitHubSchool, days: int | None, state: str
) -> None:
    headers = {}
    if days is not None:
        ends = datetime.now(UTC) + timedelta(days=days)
        headers["GitHub-Authentication-Token-Expiration"] = f"{ends:%Y-%m-%d %H:%M:%S} UTC"

    def script(asked: Asked) -> Told:
        if asked.path == "/user":
            return Told(200, {"id": 1, "login": "owner", "type": "User"}, headers)
        return Told(404, {"message": "Not Found"})

    odd.script = script
    checks = by_id(check_setup(odd_school, ["students"]))
    assert checks["valid"].state == state


def test_setup_when_file_is_open_to_the_group_of_all_then_warned(
    hub: github.StandIn, school: GitHubSchool
) -> None:
    path = Path(school.settings.token_file)
    path.chmod(0o640)
    subprocess.run([*SUDO, "chgrp", "100", str(path)], check=True)
    checks = by_id(check_setup(school, ()))
    assert checks["credential"].state == "warning" and "chmod 640" in checks["credential"].hint
