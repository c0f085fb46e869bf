"""The setup's steps about what the credential is and may do. Nothing is changed by them."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from growth_admin.core.errors import GitHubRefused, GrowthError
from growth_admin.core.github.exchange import path_of
from growth_admin.core.github.permissions import granted_scopes, words_of
from growth_admin.roster.github import links
from growth_admin.roster.github.trying import Trial, check, failed
from growth_admin.roster.models import Check

KINDS: Final = {
    "ghp_": "a classic token",
    "github_pat_": "a fine-grained token",
    "gho_": "a token of an OAuth application",
    "ghu_": "a token of an App for a user",
    "ghs_": "a token of an App's installation",
}
SOON_S: Final = 14 * 86400


def check_valid(trial: Trial) -> Check:
    """Whose it is, of which kind, and until when."""
    assert trial.credential
    is_app = trial.credential.kind == "app"
    page = trial.settings.settings_page("apps") if is_app else links.new_token(trial.settings)
    try:
        return _app(trial) if is_app else _token(trial)
    except GrowthError as e:
        return failed("valid", e, link=page)


def _app(trial: Trial) -> Check:
    assert trial.credential
    about = trial.school.client.read_app()
    trial.permissions = trial.credential.permissions() or {}
    given = ", ".join(words_of(name, level) for name, level in trial.permissions.items())
    return check(
        "valid",
        "ok",
        f"GitHub App {about.get('name')}, installed in {trial.settings.organization}; it may: "
        f"{given or 'nothing'}.",
        link=str(about.get("html_url") or ""),
    )


def _token(trial: Trial) -> Check:
    assert trial.credential
    answer = trial.school.client.read("/user", what="whose token it is", is_kept=False)
    trial.headers, trial.me = answer.headers, trial.school.get_self()
    kind = next((name for k, name in KINDS.items() if trial.credential.begins_with(k)), "a token")
    detail = f"{kind[0].upper()}{kind[1:]} of {trial.me.login if trial.me else 'nobody'}"
    ends = answer.headers.get("github-authentication-token-expiration", "")
    until = _moment(ends)
    if until is None:
        return check("valid", "ok", f"{detail}; it does not say when it ends.")
    left_s = (until - trial.school.now()).total_seconds()
    return check(
        "valid",
        "warning" if left_s < SOON_S else "ok",
        f"{detail}; it ends on {until:%Y-%m-%d}.",
        hint="Make a new one in time, and put it into the file." if left_s < SOON_S else "",
        link=links.new_token(trial.settings),
    )


def _moment(text: str) -> datetime | None:
    """Return the end of a token: ``2026-12-31 23:59:59 UTC`` or with ``+0100``."""
    for form in ("%Y-%m-%d %H:%M:%S %Z", "%Y-%m-%d %H:%M:%S %z"):
        try:
            found = datetime.strptime(text.strip().replace(" UTC", " +0000"), form)
        except ValueError:
            continue
        if found.tzinfo:
            return found
    return None


def check_members_read(trial: Trial) -> Check:
    """Whether members, private ones too, and invitations can be listed."""
    client, name = trial.school.client, trial.settings.organization.strip()
    try:
        members = client.count_items(path_of("orgs", name, "members"), what="the members")
        trial.count_invitations()
    except GrowthError as e:
        if isinstance(e, GitHubRefused) and e.context.get("reason") == "sso":
            trial.sso = e
        return failed("members-read", e, link=_rights_page(trial))
    trial.can_read = True
    detail = f"{members} member{'' if members == 1 else 's'} can be seen."
    return check("members-read", "ok", detail, link=links.people(trial.settings))


def check_members_write(trial: Trial) -> Check:
    """Whether people may be added: by what the credential was given, else by a refused request."""
    page = _rights_page(trial)
    if trial.permissions is not None:
        if trial.permissions.get("members") == "write":
            return check("members-write", "ok", f"The App has {words_of('members', 'write')}.")
        return check(
            "members-write",
            "missing",
            f"The App lacks the organization permission {words_of('members', 'write')}.",
            hint="Give it to the App (Permissions & events), then an owner accepts the change on "
            "the page of the installation.",
            link=page,
        )
    scopes = granted_scopes(trial.headers)
    if scopes is not None:
        if "admin:org" in scopes:
            return check("members-write", "ok", "The token has the scope admin:org.")
        return check(
            "members-write",
            "missing",
            f"The token lacks the scope admin:org; it has {', '.join(sorted(scopes)) or 'none'}.",
            hint="Give it the scope admin:org, or make a GitHub App.",
            link=trial.settings.page("settings", "tokens"),
        )
    return _try_to_write(trial, page)


def _try_to_write(trial: Trial, page: str) -> Check:
    """Ask to cancel invitation 0, which there never is: with the right that is a 404."""
    path = path_of("orgs", trial.settings.organization.strip(), "invitations", 0)
    what = "taking back an invitation that does not exist"
    try:
        trial.school.client.write("DELETE", path, what=what, allows=(404, 422))
    except GrowthError as e:
        return failed("members-write", e, link=page)
    return check("members-write", "ok", "A change that changes nothing was let through.")


def check_owner(trial: Trial) -> Check:
    """Whether the token's person is an owner, which invitations need."""
    if trial.permissions is not None:
        return check("owner", "ok", "An App needs no owner once it is installed.")
    if trial.me is None:
        return check("owner", "unknown", "Nobody can be told from this token.")
    name = trial.settings.organization.strip()
    path = path_of("orgs", name, "memberships", trial.me.login)
    try:
        answer = trial.school.client.read(
            path, what="your membership", fields=("role", "state"), allows=(404,), is_kept=False
        )
    except GrowthError as e:
        return failed("owner", e, link=links.people(trial.settings))
    role = answer.data["role"] if answer.status == 200 else ""
    if role == "admin":
        return check("owner", "ok", f"{trial.me.login} is an owner of {name}.")
    place = "a member, not an owner" if role else "not a member"
    return check(
        "owner",
        "missing",
        f"{trial.me.login} is {place} of {name}: only owners can invite.",
        hint="Use a token of an owner, or a GitHub App, which an owner installs once.",
        link=links.people(trial.settings),
    )


def check_single_sign_on(trial: Trial) -> Check:
    """Whether the organization's single sign-on lets the token in."""
    if trial.sso is not None:
        return failed("single-sign-on", trial.sso, link=trial.settings.web)
    if not trial.can_read:
        return check("single-sign-on", "unknown", "The organization lets nothing be read.")
    return check("single-sign-on", "ok", "It is not asked for, or was granted.")


def _rights_page(trial: Trial) -> str:
    is_app = trial.credential is not None and trial.credential.kind == "app"
    settings = trial.settings
    return settings.settings_page("apps") if is_app else settings.page("settings", "tokens")
