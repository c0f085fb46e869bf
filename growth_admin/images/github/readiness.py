"""Whether the credential may do at the repository what organisers will ask of it, tried just now.

Each right is tried with a change of something that there never is: who has the right is told that
it is not there, who lacks it is refused. Nothing is changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from growth_admin.core.errors import GitHubUnavailable, GrowthError
from growth_admin.images.github.place import RepositoryPlace

NOTHING: Final = "heads/growth/there-is-no-such-branch"


@dataclass(frozen=True)
class Finding:
    """One thing that was tried."""

    what: str
    is_good: bool
    detail: str
    hint: str = ""


@dataclass(frozen=True)
class _Trial:
    right: str
    method: str
    words: tuple[object, ...]
    rest: str = ""
    body: dict[str, object] | None = None


TRIALS: Final = (
    _Trial("Contents: read and write", "DELETE", ("git", "refs"), f"/{NOTHING}"),
    _Trial("Pull requests: read and write", "PATCH", ("pulls", 0), body={"state": "closed"}),
    _Trial("Actions: read and write", "POST", ("actions", "runs", 0, "cancel")),
)


def check_repository(place: RepositoryPlace, workflow: str) -> list[Finding]:
    """Return what was found; the rest is not tried where the repository is not to be seen.

    Raises ``NotConfigured`` without a credential.
    """
    place.require()
    try:
        branch = place.branch
    except GrowthError as e:
        return [_failed("repository", e)]
    found = [Finding("repository", True, f"{place.name}, branch {branch}")]
    found += [_try(place, trial) for trial in TRIALS]
    return [*found, _workflow(place, workflow)]


def _try(place: RepositoryPlace, trial: _Trial) -> Finding:
    what = f"permission {trial.right}"
    path = place.path(*trial.words, rest=trial.rest)
    try:
        place.calls.write(
            trial.method,
            path,
            trial.body,
            what="a change of something that is not there",
            allows=(404, 409, 422),
        )
    except GrowthError as e:
        return _failed(what, e)
    return Finding(what, True, "the credential has it")


def _workflow(place: RepositoryPlace, workflow: str) -> Finding:
    try:
        found = place.calls.read(
            place.path("actions", "workflows", workflow),
            what=f"the workflow {workflow}",
            fields=("state",),
            allows=(404,),
            is_kept=False,
        )
    except GrowthError as e:
        return _failed("workflow", e)
    if found.status == 404:
        return Finding(
            "workflow",
            False,
            f"{place.name} has no workflow {workflow}.",
            "Put image/.github/workflows/image.yml into its default branch.",
        )
    state = str(found.data.get("state") or "")
    is_good = state == "active"
    detail = f"{workflow} is {state.replace('_', ' ')}"
    return Finding("workflow", is_good, detail, "" if is_good else "Enable it on the page Actions.")


def _failed(what: str, error: GrowthError) -> Finding:
    is_silent = isinstance(error, GitHubUnavailable)
    return Finding(what, is_silent, error.detail, error.hint)
