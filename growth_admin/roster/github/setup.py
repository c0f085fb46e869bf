"""The first-time setup, each step tried just now: what is there, what is missing, and where to go.

Nothing is changed by it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from growth_admin.core.errors import GitHubUnavailable, GrowthError, NotConfigured, NotFound
from growth_admin.roster.github import links, rights
from growth_admin.roster.github.school import GitHubSchool
from growth_admin.roster.github.trying import CheckState, Trial, check, failed, unasked
from growth_admin.roster.models import Check, Setup

HubCount = Callable[[], int | None]
"""Returns how many users of the hub have a group, or None if that cannot be told."""


NEEDED: Final = ("credential", "valid", "organization")
"""Steps without which the others cannot be asked."""


def check_setup(
    school: GitHubSchool, teams: Sequence[str] = (), *, count_hub_users: HubCount | None = None
) -> Setup:
    """Return every step of the setup, tried live. Raises nothing: what fails is a step's state.

    ``teams`` are the names of the school's teams. ``count_hub_users`` tells what the hub has seen
    of them through its own OAuth application.
    """
    trial = Trial(school)
    steps: dict[str, Callable[[], Check]] = {
        "credential": lambda: _credential(trial),
        "valid": lambda: rights.check_valid(trial),
        "organization": lambda: _organization(trial),
        "members-read": lambda: rights.check_members_read(trial),
        "members-write": lambda: rights.check_members_write(trial),
        "owner": lambda: rights.check_owner(trial),
        "single-sign-on": lambda: rights.check_single_sign_on(trial),
        "teams": lambda: _teams(trial, teams),
        "invitations": lambda: _invitations(trial),
        "two-factor": lambda: _two_factor(trial),
        "blocked": lambda: _blocked(trial),
        "hub-app": lambda: _hub_app(trial, teams, count_hub_users),
    }
    checks: list[Check] = []
    is_possible = True
    for name, step in steps.items():
        checks.append(step() if is_possible else unasked(name))
        is_failed = checks[-1].state in ("missing", "unknown")
        is_possible = is_possible and not (is_failed and name in NEEDED)
    kind = trial.credential.kind if trial.credential else "none"
    return Setup(checks=tuple(checks), credential=kind, organization=_name(school))


def _name(school: GitHubSchool) -> str:
    return school.settings.organization.strip()


def _credential(trial: Trial) -> Check:
    settings = trial.settings
    try:
        trial.credential = trial.school.client.credential()
    except NotConfigured as e:
        return failed("credential", e, link=links.new_app(settings))
    credential = trial.credential
    if credential.is_open_to_group_of_all():
        return check(
            "credential",
            "warning",
            f"{credential.title}; its group is 'users', which may be everybody's.",
            hint=f"chgrp the file to the admins' group, then chmod 640 {credential.path}",
        )
    return check(
        "credential",
        "ok",
        f"{credential.title}; not readable for everybody.",
        hint=""
        if credential.kind == "app"
        else "A GitHub App would be better: it stays when this person leaves.",
        link="" if credential.kind == "app" else links.new_app(settings),
    )


def _organization(trial: Trial) -> Check:
    try:
        facts = trial.organization()
    except GrowthError as e:
        return failed("organization", e, link=trial.settings.web)
    return check(
        "organization",
        "ok",
        f"{facts.get('login')}, there since {str(facts.get('created_at'))[:10]}",
        link=str(facts.get("html_url") or ""),
    )


def _teams(trial: Trial, teams: Sequence[str]) -> Check:
    name = trial.settings.organization.strip()
    page = trial.settings.page("orgs", name, "teams")
    if not teams:
        return check("teams", "unknown", "No team is set.", hint="Set the names.", link=page)
    lacking: list[str] = []
    for team in teams:
        try:
            trial.teams.append(trial.school.find_team(team))
        except NotFound:
            lacking.append(team)
        except GrowthError as e:
            return failed("teams", e, link=page)
    if lacking:
        return check(
            "teams",
            "missing",
            f"There is no team {', '.join(lacking)} in {name}.",
            hint="Make it (New team), or set the right names: GitHub.organization, and the team "
            "names in the hub's configuration.",
            link=trial.settings.page("orgs", name, "new-team"),
        )
    return check("teams", "ok", ", ".join(team.name for team in trial.teams), link=page)


def _invitations(trial: Trial) -> Check:
    try:
        open_now = trial.count_invitations()
        failed_so_far = len(trial.school.list_failed_invitations())
    except GrowthError as e:
        return failed("invitations", e, link=links.people(trial.settings))
    plan = trial.facts.get("plan")
    detail = f"{open_now} open, {failed_so_far} expired or failed. {trial.words_of_limit()}"
    state: CheckState = "ok"
    if isinstance(plan, dict) and isinstance(plan.get("seats"), int):
        free = plan["seats"] - int(plan.get("filled_seats") or 0)
        detail += f" The plan has {plan['seats']} seats, {max(free, 0)} of them free."
        if free <= 0 and plan.get("name") != "free":
            state = "warning"
    return check(
        "invitations",
        state,
        detail,
        hint="Buy seats, or cancel invitations that nobody accepts." if state != "ok" else "",
        link=links.people(trial.settings),
    )


def _two_factor(trial: Trial) -> Check:
    link = trial.settings.settings_page("security")
    required = trial.facts.get("two_factor_requirement_enabled")
    if required is None:
        detail = "Only an owner's token is told whether the organization requires it."
        return check("two-factor", "unknown", detail, hint="Look at the page.", link=link)
    if not required:
        return check("two-factor", "ok", "It is not required.", link=link)
    return check(
        "two-factor",
        "warning",
        "The organization requires it: an invitation can be accepted only by who has it.",
        hint="Tell people before the first day how to switch it on.",
        link=trial.settings.page("settings", "security"),
    )


def _blocked(trial: Trial) -> Check:
    link = trial.settings.settings_page("blocked_users")
    try:
        blocked = trial.school.list_blocked()
    except GitHubUnavailable as e:
        return failed("blocked", e, link=link)
    except GrowthError:
        return check(
            "blocked",
            "warning",
            "Blocked users cannot be told from others before they are invited.",
            hint="Optional: give the credential the organization permission Blocking users: "
            "read-only.",
            link=link,
        )
    return check("blocked", "ok", f"{len(blocked)} blocked.", link=link)


def _hub_app(trial: Trial, teams: Sequence[str], count: HubCount | None) -> Check:
    """New organizations hide private members from applications until an owner approves them."""
    link = trial.settings.settings_page("oauth_application_policy")
    hint = (
        "An owner opens Third-party Access, OAuth app policy, and approves the hub's application; "
        "until then people in the teams cannot log in. An application that the organization owns "
        "itself needs no approval."
    )
    seen = count() if count else None
    if seen is None:
        detail = "It cannot be told from here what the hub sees."
        return check("hub-app", "unknown", detail, hint=hint, link=link)
    try:
        ids = {m.id for team in trial.teams for m in trial.school.list_members(team.slug)}
    except GrowthError as e:
        return failed("hub-app", e, link=link)
    told = f"The hub has seen {seen} of {len(ids)} members of {', '.join(teams) or 'no team'}"
    if seen:
        return check("hub-app", "ok", f"{told}.", link=link)
    if not ids:
        return check("hub-app", "unknown", "The teams are empty.", hint=hint, link=link)
    detail = f"{told}: nobody has logged in yet, or it is not approved."
    return check("hub-app", "warning", detail, hint=hint, link=link)
