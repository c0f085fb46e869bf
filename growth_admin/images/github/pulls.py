"""Pull requests of the repository. Source: GitHub's REST API, "Pulls"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from growth_admin.core.errors import (
    Conflict,
    GitHubRefused,
    GitHubUnavailable,
    NotFound,
    Uncertain,
)
from growth_admin.images.github.place import RepositoryPlace

FIELDS: Final = (
    "number", "title", "body", "state", "merged_at", "user", "head", "base", "html_url",
    "created_at", "merge_commit_sha", "node_id",
)  # fmt: skip
SHOWN: Final = 30
MOST_OPEN: Final = 100
"""As many as GitHub tells at once."""


@dataclass(frozen=True)
class Pull:
    """A pull request. ``branch`` is empty when it comes from another repository."""

    number: int
    title: str
    body: str
    state: Literal["open", "merged", "closed"]
    author: str
    branch: str
    head: str
    base: str
    link: str
    created: datetime


class Pulls:
    """The pull requests for the branch that is built."""

    def __init__(self, place: RepositoryPlace) -> None:
        self._place = place

    def list_pulls(self) -> list[Pull]:
        """Return those that are open, however old, and the newest that ended; newest first."""
        newest = self._list({"state": "all", "base": self._place.branch, "per_page": SHOWN})
        if len(newest) < SHOWN:
            return newest
        still_open = self._list(
            {"state": "open", "base": self._place.branch, "per_page": MOST_OPEN}
        )
        found = {pull.number: pull for pull in (*newest, *still_open)}
        return [found[number] for number in sorted(found, reverse=True)]

    def find_open(self, branch: str) -> Pull | None:
        """Return the open one of a branch of this repository."""
        head = f"{self._place.owner}:{branch}"
        query: dict[str, str | int] = {
            "state": "open", "base": self._place.branch, "head": head, "per_page": SHOWN,
        }  # fmt: skip
        return next((one for one in self._list(query) if one.branch == branch), None)

    def _list(self, query: dict[str, str | int]) -> list[Pull]:
        found = self._place.calls.read(
            self._place.path("pulls"),
            what=f"the pull requests of {self._place.name}",
            kind=list,
            query=query,
            is_kept=False,
        )
        return [self._pull(raw) for raw in found.data]

    def get(self, number: int) -> Pull:
        """Return one that is for the built branch. Raises ``NotFound``."""
        found = self._place.calls.read(
            self._place.path("pulls", number),
            what=f"pull request #{number}",
            fields=FIELDS,
            allows=(404,),
            is_kept=False,
        )
        if found.status == 404:
            raise NotFound(
                f"{self._place.name} has no pull request #{number}.", hint="List the proposals."
            )
        pull = self._pull(found.data)
        if pull.base != self._place.branch:
            raise NotFound(
                f"Pull request #{number} is for the branch {pull.base}; the image is built from "
                f"{self._place.branch}.",
                hint="List the proposals.",
            )
        return pull

    def create(self, branch: str, *, title: str, body: str) -> Pull:
        """Open one for a branch. Raises ``Conflict`` when there is one already."""
        wanted = {"title": title, "head": branch, "base": self._place.branch, "body": body}
        what = f"opening a pull request for {branch}"
        path = self._place.path("pulls")
        try:
            made = self._place.calls.write("POST", path, wanted, what=what)
        except Uncertain:
            found = self.find_open(branch)
            if found is None:
                raise
            return found
        except GitHubRefused as e:
            if e.context.get("status") == 422 and (other := self.find_open(branch)):
                raise taken(other) from None
            raise
        return self._pull(made.data)

    def merge(self, pull: Pull, *, method: str, title: str, message: str) -> str:
        """Merge it if its branch still names the commit that was looked at; return the new commit.

        Raises ``Conflict`` when the branch moved, or GitHub finds that it cannot be merged.
        """
        body = {
            "sha": pull.head, "merge_method": method, "commit_title": title,
            "commit_message": message,
        }  # fmt: skip
        path = self._place.path("pulls", pull.number, "merge")
        what = f"merging pull request #{pull.number}"
        try:
            made = self._place.calls.write("PUT", path, body, what=what)
        except Uncertain:
            if self.get(pull.number).state != "merged":
                raise
            return ""
        except GitHubRefused as e:
            raise _not_merged(e, pull) from None
        return str((made.data or {}).get("sha") or "")

    def close(self, number: int) -> Pull:
        """Close one without merging it."""
        what = f"closing pull request #{number}"
        path = self._place.path("pulls", number)
        made = self._place.calls.write("PATCH", path, {"state": "closed"}, what=what)
        return self._pull(made.data)

    def _pull(self, raw: Any) -> Pull:
        try:
            head, base = raw["head"], raw["base"]
            from_here = (head.get("repo") or {}).get("full_name", "")
            is_ours = from_here.lower() == self._place.name.lower()
            merged = raw.get("merged_at")
            return Pull(
                number=int(raw["number"]),
                title=str(raw["title"]),
                body=str(raw.get("body") or ""),
                state="merged" if merged else "open" if raw["state"] == "open" else "closed",
                author=str((raw.get("user") or {}).get("login") or "ghost"),
                branch=str(head["ref"]) if is_ours else "",
                head=str(head["sha"]),
                base=str(base["ref"]),
                link=str(raw.get("html_url") or ""),
                created=datetime.fromisoformat(str(raw["created_at"])),
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            raise GitHubUnavailable("GitHub's reply about a pull request cannot be read.") from None


def taken(pull: Pull) -> Conflict:
    """Return the error that the same change is proposed already."""
    return Conflict(
        f"The same change is proposed already: pull request #{pull.number}, {pull.title}.",
        hint="Merge that one, or withdraw it first.",
        context={"proposal": pull.number, "link": pull.link},
    )


def _not_merged(error: GitHubRefused, pull: Pull) -> GitHubRefused | Conflict:
    status, said = error.context.get("status"), str(error.context.get("message") or "")
    if status == 409:
        return Conflict(
            f"The branch of pull request #{pull.number} was changed meanwhile. Nothing was merged.",
            hint="Look at what it changes now, then merge that.",
            context={"link": pull.link},
        )
    if status == 405:
        return Conflict(
            f"GitHub does not merge pull request #{pull.number}: {said or 'it does not say why'}",
            hint="Another change of the same lines was merged first, or the branch asks for a "
            "review or a check: its page says which. If it collides, withdraw it and make the "
            f"change again. {pull.link}",
            context={"link": pull.link},
        )
    return error
