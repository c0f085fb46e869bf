"""Repositories of organizations: what Git does not keep, pull requests and workflow runs."""

from dataclasses import dataclass, field
from typing import Any

from growth_admin.deploy.standins.github.git import GitStore
from growth_admin.deploy.standins.github.refusals import not_found

METHODS = ("merge", "squash", "rebase")


@dataclass
class Pull:
    """A pull request. ``author`` is a number, as `Access.actor` tells it; its branch is one of the
    repository's own, or of its author's fork (then `refs/pull/N/head` names what it would bring).
    """

    id: int
    number: int
    title: str
    body: str
    author: int
    branch: str
    base: str
    head: str
    created_at: str
    updated_at: str
    state: str = "open"
    merged_at: str = ""
    closed_at: str = ""
    merge_commit: str = ""
    merged_by: int = 0
    base_sha: str = ""
    is_fork: bool = False


@dataclass
class Step:
    """One step of a job."""

    name: str
    number: int
    status: str = "queued"
    conclusion: str = ""
    started_at: str = ""
    completed_at: str = ""


@dataclass
class Run:
    """A workflow run with its one job; the job's number is the run's and one."""

    id: int
    number: int
    title: str
    event: str
    branch: str
    sha: str
    path: str
    workflow: int
    actor: int
    created_at: str
    updated_at: str
    inputs: dict[str, str] = field(default_factory=dict)
    status: str = "queued"
    conclusion: str = ""
    started_at: str = ""
    steps: list[Step] = field(default_factory=list)
    log: str = ""
    is_cancel_asked: bool = False
    report: str = ""
    """Its artifact, a ZIP in base64; empty without one."""

    @property
    def job(self) -> int:
        """The number of its job."""
        return self.id + 1

    @property
    def artifact(self) -> int:
        """The number of its artifact."""
        return self.id + 2


@dataclass
class Rules:
    """What the owners have set.

    - `methods`: how pull requests may be merged.
    - `needs_review`: the branch is protected, and nothing is merged without a review.
    - `deletes_branches`: a merged branch is removed by GitHub.
    - `actions`: whether workflows may run.
    - `hook`: a command that does the work of a run on this machine (see `runner`); without one a
      run waits until the control moves it.
    """

    methods: list[str] = field(default_factory=lambda: list(METHODS))
    needs_review: bool = False
    deletes_branches: bool = False
    actions: bool = True
    hook: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)


@dataclass
class Repository:
    """One of an organization (its number)."""

    id: int
    owner: int
    name: str
    created_at: str
    updated_at: str
    default_branch: str = "main"
    is_private: bool = True
    last_number: int = 0
    pulls: dict[int, Pull] = field(default_factory=dict)
    runs: dict[int, Run] = field(default_factory=dict)
    workflows: dict[str, int] = field(default_factory=dict)
    rules: Rules = field(default_factory=Rules)

    def pull(self, number: str) -> Pull:
        """A pull request. Raises Refused 404."""
        found = self.pulls.get(int(number)) if number.isdecimal() else None
        if found is None:
            raise not_found()
        return found

    def run(self, number: str) -> Run:
        """A run. Raises Refused 404."""
        found = self.runs.get(int(number)) if number.isdecimal() else None
        if found is None:
            raise not_found()
        return found

    def run_of_job(self, number: str) -> Run:
        """The run of a job. Raises Refused 404."""
        return self.run(str(int(number) - 1) if number.isdecimal() else "")

    def follow_branches(self, git: GitStore, now: str) -> None:
        """Let open pull requests see what was pushed to their branches."""
        for one in self.pulls.values():
            if one.state != "open" or one.is_fork:
                continue
            head = git.head(one.branch)
            if head and head != one.head:
                one.head, one.updated_at = head, now
            elif not head:
                one.state, one.closed_at = "closed", now


def loaded(raw: dict[str, Any]) -> Repository:
    """A repository as it was kept."""
    known = dict(raw)
    known["pulls"] = {int(n): Pull(**one) for n, one in raw.get("pulls", {}).items()}
    known["runs"] = {
        int(n): Run(**{**one, "steps": [Step(**step) for step in one["steps"]]})
        for n, one in raw.get("runs", {}).items()
    }
    known["rules"] = Rules(**raw.get("rules", {}))
    return Repository(**known)
