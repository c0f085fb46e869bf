"""What GitHub, the registry and Kubernetes say to a school's answers, asked live.

Nothing is changed there.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import requests
from traitlets.config import Config

from growth_admin.core.errors import GrowthError, InvalidInput, NotConfigured, NotFound
from growth_admin.core.fsops import read_bytes
from growth_admin.core.words import in_words
from growth_admin.deploy.doctor import Check
from growth_admin.deploy.kubernetes.answers import Answers

JUPYTERHUB_LABEL: Final = "org.jupyter.jupyterhub"
"""Label of an image that says which JupyterHub is in it."""
GITHUB_S: Final = 10.0
_FROM_HERE: Final = (
    "Organization and teams can be tried with --GitHub.token_file=FILE (an owner's token). For the "
    "roster later:"
)


@dataclass(frozen=True)
class Image:
    """What the registry has: digest, and the version of JupyterHub if a label says it."""

    digest: str
    jupyterhub: str


# ---- GitHub


def check_github(answers: Answers, config: Config, secret_file: Path | None) -> list[Check]:
    """Return whether organization, teams and OAuth app are what the answers say."""
    return [*_login(answers, config, secret_file), *_teams(answers, config)]


def _login(answers: Answers, config: Config, secret_file: Path | None) -> Iterator[Check]:
    """Ask for a token with a code that cannot be right: the reply tells whose fault it is.

    Source: GitHub documentation, "Troubleshooting OAuth app access token request errors".
    """
    name = f"OAuth app {answers.oauth_client_id}"
    hint = f"Compare client id and callback (https://{answers.domain}/hub/oauth_callback) there."
    try:
        if secret_file is None:
            yield _known_app(answers, config, name, hint)
            return
        given = {
            "client_id": answers.oauth_client_id,
            "client_secret": _secret(secret_file),
            "code": "none",
        }
        reply = _ask(config, "POST", "/login/oauth/access_token", json=given)
        said = str(reply.json().get("error", ""))
    except GrowthError as e:
        yield Check(name=name, is_good=False, finding=e.detail, hint=e.hint)
        return
    except (requests.RequestException, ValueError, AttributeError):
        yield _silent(name)
        return
    is_right = said == "bad_verification_code"
    yield Check(
        name=name,
        is_good=is_right,
        finding="client id and secret belong together" if is_right else f"GitHub says {said}",
        hint="" if is_right else f"{hint} Or make a new client secret and save it in the file.",
    )


def _secret(file: Path) -> str:
    hint = "Copy the app's client secret at GitHub and save it there, alone, or give its file."
    try:
        text = read_bytes(file, limit_bytes=4096).decode("utf-8", "replace").strip()
    except GrowthError as e:
        raise InvalidInput(e.detail, hint=hint) from None
    if not text or len(text.split()) > 1:
        raise InvalidInput(f"{file} does not hold one client secret.", hint=hint)
    return text


def _known_app(answers: Answers, config: Config, name: str, hint: str) -> Check:
    query = {"client_id": answers.oauth_client_id}
    reply = _ask(config, "GET", "/login/oauth/authorize", params=query, allow_redirects=False)
    if reply.status_code == 404:
        return Check(name=name, is_good=False, finding="GitHub knows no such app", hint=hint)
    more = "Give --client-secret-file to try the secret too."
    return Check(name=name, is_good=True, finding="GitHub knows it", hint=more)


def _ask(config: Config, method: str, path: str, **options: Any) -> requests.Response:
    from growth_admin.core.github.settings import GitHub

    headers = {"Accept": "application/json"}
    url = f"{GitHub(config=config).web}{path}"
    return requests.request(method, url, headers=headers, timeout=GITHUB_S, **options)


def _silent(name: str) -> Check:
    return Check(
        name=name,
        is_good=True,
        state="unknown",
        finding="GitHub does not answer from here",
        hint="Try again later, or from another machine.",
    )


def _teams(answers: Answers, config: Config) -> Iterator[Check]:
    """Try the setup as the roster does, with its credential, for these teams."""
    from growth_admin.roster.github.school import build_school
    from growth_admin.roster.github.setup import check_setup

    asked = deepcopy(config)
    asked.GitHub.organization = answers.organization
    teams = (answers.admins_team, answers.tas_team, answers.students_team)
    with tempfile.TemporaryDirectory(prefix="growth-check-") as cache:
        checks = check_setup(build_school(asked, Path(cache)), teams).checks
    states = {"missing": "error", "warning": "warning", "unknown": "unknown"}
    is_named = any(config.GitHub.get(name) for name in ("token_file", "app_key_file"))
    for check in checks:
        is_bare = check.id == "credential" and check.state == "missing" and not is_named
        state = "unknown" if is_bare else states.get(check.state, "ok")
        hint = "" if state == "ok" else f"{check.hint} {check.link}".strip()
        finding = check.detail or "not asked"
        if check.id == "organization" and state == "error":
            finding = f"{answers.organization}: {finding}"
        if check.id == "teams" and state == "error":
            hint += " Or correct the team's slug in the answers."
        yield Check(
            name=f"GitHub: {_beginning_small(check.title)}",
            is_good=state != "error",
            state=state,
            finding=finding,
            hint=f"{_FROM_HERE} {hint}" if is_bare else hint,
        )
        if is_bare:  # everything else needs it
            return


def _beginning_small(title: str) -> str:
    return title if title.startswith("GitHub") else f"{title[:1].lower()}{title[1:]}"


# ---- the registry


def check_image(answers: Answers, config: Config) -> tuple[list[Check], Image]:
    """Return whether the registry has the image, and what is known of it."""
    from growth_admin.images.registry.client import Registry
    from growth_admin.images.registry.settings import ImageRegistry

    name = f"image {answers.image}"
    settings = ImageRegistry(config=config, image=answers.image_name)
    registry = Registry(settings)
    try:
        manifest = registry.get_manifest(answers.image_digest or answers.image_tag)
        facts: dict[str, Any] = registry.get_config(manifest) if manifest.config else {}
        gone = registry.list_gone(manifest)
    except NotConfigured as e:
        check = Check(name=name, is_good=True, state="unknown", finding=e.detail, hint=e.hint)
        return [check], Image("", "")
    except GrowthError as e:
        is_absent = isinstance(e, NotFound)
        hint = "Push it there, or correct `image` in the answers." if is_absent else e.hint
        return [Check(name=name, is_good=False, finding=e.detail, hint=hint)], Image("", "")
    platforms = [part.platform for part in manifest.children if part.platform]
    platform = f"{facts.get('os', '')}/{facts.get('architecture', '')}" if facts else ""
    size = in_words(sum(part.size_bytes for part in manifest.layers)) if manifest.layers else ""
    words = [manifest.digest[:19], size and f"{size} to pull", ", ".join(platforms) or platform]
    check = Check(
        name=name,
        is_good=not gone,
        finding=f"{len(gone)} of its layers are gone" if gone else ", ".join(filter(None, words)),
        hint="Push the image again: no node could pull it." if gone else "",
    )
    return [check], Image(manifest.digest, _label(facts))


def _label(facts: dict[str, Any]) -> str:
    inner = facts.get("config")
    labels = inner.get("Labels") if isinstance(inner, dict) else None
    return str(labels.get(JUPYTERHUB_LABEL, "")) if isinstance(labels, dict) else ""
