"""Branches, commits and files of the repository, by GitHub's Git database.

All files of a change are one commit: there is no moment at which half of it is there.
Source: GitHub's REST API, "Git database", "Repository contents", "Commits".
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, TypeVar
from urllib.parse import quote

from growth_admin.core.errors import GitHubUnavailable, InvalidInput, NotConfigured, Uncertain
from growth_admin.images.github.place import RepositoryPlace

Made = TypeVar("Made")
PLAIN_FILE: Final = "100644"
COMMIT: Final = ("sha", "commit", "author", "parents", "html_url")
CONTENT: Final = ("content", "encoding", "type")


@dataclass(frozen=True)
class Commit:
    """A commit as the history shows it. ``parent`` is the first one, empty for the first commit."""

    sha: str
    parent: str
    message: str
    author: str
    time: datetime
    link: str


@dataclass(frozen=True)
class Comparison:
    """What a commit has beyond the branch: since ``base``, where it left it, in which ``paths``.

    A file that was renamed counts with both names.
    """

    base: str
    paths: frozenset[str]


class GitData:
    """What is in the repository."""

    def __init__(self, place: RepositoryPlace) -> None:
        self._place = place

    def head(self) -> str:
        """Return the commit that the branch names.

        Raises ``NotConfigured`` where there is none, else as ``Calls.read``.
        """
        branch = self._place.branch
        found = self.branch_head(branch)
        if not found:
            raise NotConfigured(
                f"{self._place.name} has no branch {branch}, or nothing in it.",
                hint="Put the files of image/ there and push, or set ImageSource.branch.",
            )
        return found

    def branch_head(self, branch: str) -> str:
        """Return the commit that a branch names; empty without one."""
        found = self._place.calls.read(
            self._place.path("git", "ref", rest=_of_branch(branch)),
            what=f"the branch {branch} of {self._place.name}",
            fields=("object",),
            allows=(404, 409),  # 409: nothing was ever pushed
        )
        return str(found.data["object"]["sha"]) if found.status == 200 else ""

    def read_files(self, commit: str, paths: Sequence[str]) -> list[str | None]:
        """Return the texts of files as a commit has them; nothing for one that is not there.

        Raises ``InvalidInput`` for what is no text.
        """
        reads = [partial(self._content, commit, path) for path in paths]
        answers = self._place.calls.read_in_parallel(reads)
        found = zip(paths, answers, strict=True)
        return [_text(path, one.data) if one.status == 200 else None for path, one in found]

    def _content(self, commit: str, path: str) -> Any:
        return self._place.calls.read(
            self._place.path("contents", rest=f"/{quote(path)}"),
            what=f"the file {path} of {self._place.name}",
            fields=CONTENT,
            allows=(404,),
            query={"ref": commit},
        )

    def list_commits(self, start: str, count: int) -> list[Commit]:
        """Return the commits that led to ``start``, itself first, by first parents.

        They are those among the newest ``count`` that GitHub lists.
        """
        found = self._place.calls.read(
            self._place.path("commits"),
            what=f"the commits of {self._place.name}",
            fields=COMMIT,
            kind=list,
            query={"sha": start, "per_page": count},
        )
        known = {one.sha: one for one in map(_commit_of, found.data)}
        line: list[Commit] = []
        while start in known:
            line.append(known.pop(start))
            start = line[-1].parent
        return line

    def compare(self, branch_head: str) -> Comparison:
        """Return what a commit would bring into the built branch; GitHub names 300 files at most.

        A commit never changes, as the list of files of a pull request would.
        """
        basehead = f"/{quote(self._place.branch, safe='')}...{branch_head}"
        found = self._place.calls.read(
            self._place.path("compare", rest=basehead),
            what="what a proposed change is based on",
            fields=("merge_base_commit", "files"),
            is_kept=False,
        )
        try:
            named = [(one["filename"], one.get("previous_filename")) for one in found.data["files"]]
            paths = frozenset(str(name) for names in named for name in names if name)
            return Comparison(str(found.data["merge_base_commit"]["sha"]), paths)
        except (KeyError, TypeError, AttributeError):
            raise GitHubUnavailable("GitHub's comparison of commits cannot be read.") from None

    # -- change

    def commit_files(self, base: str, texts: Mapping[str, str], message: str) -> str:
        """Return a new commit upon ``base`` with these files; no branch names it yet.

        Raises as ``Calls.write``.
        """
        calls, path = self._place.calls, self._place.path
        what = f"a commit in {self._place.name}"
        before = calls.read(
            path("git", "commits", base), what=f"the commit {base[:7]}", fields=("tree",)
        )
        files = [
            {"path": name, "mode": PLAIN_FILE, "type": "blob", "content": text}
            for name, text in texts.items()
        ]
        body = {"base_tree": before.data["tree"]["sha"], "tree": files}
        tree = _once_more(lambda: calls.write("POST", path("git", "trees"), body, what=what))
        commit = {"message": message, "tree": tree.data["sha"], "parents": [base]}
        made = _once_more(lambda: calls.write("POST", path("git", "commits"), commit, what=what))
        return str(made.data["sha"])

    def create_branch(self, branch: str, commit: str) -> bool:
        """Make a branch; return whether it was not there before."""
        what = f"making the branch {branch}"
        body = {"ref": f"refs{_of_branch(branch)}", "sha": commit}
        path = self._place.path("git", "refs")
        try:
            made = self._place.calls.write("POST", path, body, what=what, allows=(422,))
        except Uncertain:
            if self.branch_head(branch) != commit:
                raise
            return True
        if made.status == 422 and not self.branch_head(branch):
            raise InvalidInput(f"GitHub does not take {branch} as the name of a branch.")
        return made.status != 422

    def is_same(self, one: str, two: str) -> bool:
        """Return whether two commits bring the same files to the same commit before."""
        path, fields = self._place.path, ("tree", "parents")
        first, second = (
            self._place.calls.read(
                path("git", "commits", sha), what=f"the commit {sha[:7]}", fields=fields
            ).data
            for sha in (one, two)
        )
        parents = [[parent["sha"] for parent in raw["parents"]] for raw in (first, second)]
        return bool(first["tree"]["sha"] == second["tree"]["sha"] and parents[0] == parents[1])

    def move_branch(self, branch: str, commit: str) -> None:
        """Let a branch name another commit, whatever it named."""
        self._place.calls.write(
            "PATCH",
            self._place.path("git", "refs", rest=_of_branch(branch)),
            {"sha": commit, "force": True},
            what=f"moving the branch {branch}",
        )

    def delete_branch(self, branch: str) -> None:
        """Remove a branch; nothing happens if it is gone."""
        self._place.calls.write(
            "DELETE",
            self._place.path("git", "refs", rest=_of_branch(branch)),
            what=f"removing the branch {branch}",
            allows=(404, 422),
        )


def _once_more(write: Callable[[], Made]) -> Made:
    """Write again what may have been written: trees and commits are known by what is in them."""
    try:
        return write()
    except Uncertain:
        return write()


def _of_branch(branch: str) -> str:
    return f"/heads/{quote(branch)}"


def _text(path: str, data: dict[str, Any]) -> str:
    if data.get("type") != "file" or data.get("encoding") != "base64":
        raise InvalidInput(
            f"{path} is no file of a usable size.", hint="Mend it at GitHub; nothing was changed."
        )
    try:
        return b64decode(str(data["content"])).decode()
    except ValueError:  # UnicodeDecodeError is one
        raise InvalidInput(
            f"{path} is not UTF-8 text.", hint="Mend it at GitHub; nothing was changed."
        ) from None


def _commit_of(raw: Any) -> Commit:
    try:
        inner, account = raw["commit"], raw.get("author") or {}
        by = inner.get("author") or inner.get("committer") or {}
        parents = raw["parents"]
        return Commit(
            sha=str(raw["sha"]),
            parent=str(parents[0]["sha"]) if parents else "",
            message=str(inner["message"]),
            author=str(account.get("login") or by.get("name") or ""),
            time=datetime.fromisoformat(str(by["date"])).astimezone(UTC),
            link=str(raw.get("html_url") or ""),
        )
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        raise GitHubUnavailable("GitHub's list of commits cannot be read.") from None
