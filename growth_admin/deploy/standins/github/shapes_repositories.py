"""GitHub's replies about repositories, made from the world, field by field as in `shapes`."""

from base64 import b64encode
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from growth_admin.deploy.standins.github.git import CommitFacts, Entry, FileChange, GitStore, Who
from growth_admin.deploy.standins.github.repositories import Pull, Repository
from growth_admin.deploy.standins.github.shapes import Reply

LINKS = {
    "archive": "/{archive_format}{/ref}", "assignees": "{/user}", "blobs": "/git/blobs{/sha}",
    "branches": "{/branch}", "collaborators": "{/collaborator}", "comments": "{/number}",
    "commits": "{/sha}", "compare": "/{base}...{head}", "contents": "/{+path}", "contributors": "",
    "deployments": "", "downloads": "", "events": "", "forks": "", "git_commits": "{/sha}",
    "git_refs": "{/sha}", "git_tags": "{/sha}", "hooks": "", "issue_comment": "{/number}",
    "issue_events": "{/number}", "issues": "{/number}", "keys": "{/key_id}", "labels": "{/name}",
    "languages": "", "merges": "", "milestones": "{/number}", "notifications": "{?since}",
    "pulls": "{/number}", "releases": "{/id}", "stargazers": "", "statuses": "/{sha}",
    "subscribers": "", "subscription": "", "tags": "", "teams": "", "trees": "{/sha}",
}  # fmt: skip
COUNTS = (
    "forks", "forks_count", "open_issues", "open_issues_count", "size", "stargazers_count",
    "watchers", "watchers_count", "network_count", "subscribers_count",
)  # fmt: skip


class RepositoryShapes:
    """Makes replies about one repository; ``owner`` and the accounts come from `Shapes`."""

    def __init__(self, site: str, repository: Repository, owner: Reply) -> None:
        self.site, self.repository, self.owner = site, repository, owner
        self.name = f"{owner['login']}/{repository.name}"
        self.url = f"{site}/api/v3/repos/{self.name}"
        self.page = f"{site}/{self.name}"

    def minimal(self) -> Reply:
        """`minimal-repository`."""
        one = self.repository
        return {
            "id": one.id,
            "node_id": node("Repository", one.id),
            "name": one.name,
            "full_name": self.name,
            "owner": self.owner,
            "private": one.is_private,
            "html_url": self.page,
            "description": None,
            "fork": self.owner["type"] == "User",  # here people have nothing else
            "url": self.url,
            **{f"{name}_url": f"{self.url}/{name}{rest}" for name, rest in LINKS.items()},
        }

    def full(self, permissions: dict[str, bool]) -> Reply:
        """`full-repository`."""
        one, rules = self.repository, self.repository.rules
        return {
            **self.minimal(),
            "clone_url": f"{self.page}.git",
            "git_url": f"{self.page}.git",
            "ssh_url": f"git@github.com:{self.name}.git",
            "svn_url": self.page,
            "mirror_url": None,
            "homepage": None,
            "language": None,
            "license": None,
            "default_branch": one.default_branch,
            "visibility": "private" if one.is_private else "public",
            "archived": False,
            "disabled": False,
            "permissions": permissions,
            "allow_squash_merge": "squash" in rules.methods,
            "allow_merge_commit": "merge" in rules.methods,
            "allow_rebase_merge": "rebase" in rules.methods,
            "delete_branch_on_merge": rules.deletes_branches,
            **dict.fromkeys(("issues", "projects", "wiki"), True),
            **{f"has_{name}": True for name in ("issues", "projects", "wiki")},
            **{f"has_{name}": False for name in ("pages", "discussions", "downloads")},
            **dict.fromkeys(COUNTS, 0),
            "pushed_at": one.updated_at,
            "created_at": one.created_at,
            "updated_at": one.updated_at,
        }

    # ---- git

    def ref(self, name: str, sha: str) -> Reply:
        """`git-ref`."""
        return {
            "ref": name,
            "node_id": node("Ref", name),
            "url": f"{self.url}/git/{name}",
            "object": {"type": "commit", "sha": sha, "url": f"{self.url}/git/commits/{sha}"},
        }

    def branch(self, name: str, commit: CommitFacts) -> Reply:
        """`branch-with-protection`."""
        url = f"{self.url}/branches/{name}"
        is_protected = self.repository.rules.needs_review and name == self.repository.default_branch
        return {
            "name": name,
            "commit": self.commit(commit, None, None),
            "_links": {"html": f"{self.page}/tree/{name}", "self": url},
            "protected": is_protected,
            "protection": {"enabled": is_protected},
            "protection_url": f"{url}/protection",
        }

    def git_commit(self, one: CommitFacts) -> Reply:
        """`git-commit`."""
        url = f"{self.url}/git"
        return {
            "sha": one.sha,
            "node_id": node("Commit", one.sha),
            "url": f"{url}/commits/{one.sha}",
            "html_url": f"{self.page}/commit/{one.sha}",
            "author": _who(one.author),
            "committer": _who(one.committer),
            "tree": {"sha": one.tree, "url": f"{url}/trees/{one.tree}"},
            "message": one.message,
            "parents": [
                {"sha": sha, "url": f"{url}/commits/{sha}", "html_url": f"{self.page}/commit/{sha}"}
                for sha in one.parents
            ],
            "verification": UNSIGNED,
        }

    def commit(self, one: CommitFacts, author: Reply | None, committer: Reply | None) -> Reply:
        """`commit`, as in the history."""
        url = f"{self.url}/commits/{one.sha}"
        return {
            "sha": one.sha,
            "node_id": node("Commit", one.sha),
            "commit": {
                "author": _who(one.author),
                "committer": _who(one.committer),
                "message": one.message,
                "tree": {"sha": one.tree, "url": f"{self.url}/git/trees/{one.tree}"},
                "url": f"{self.url}/git/commits/{one.sha}",
                "comment_count": 0,
                "verification": UNSIGNED,
            },
            "url": url,
            "html_url": f"{self.page}/commit/{one.sha}",
            "comments_url": f"{url}/comments",
            "author": author,
            "committer": committer,
            "parents": [
                {
                    "sha": sha,
                    "url": f"{self.url}/commits/{sha}",
                    "html_url": f"{self.page}/commit/{sha}",
                }
                for sha in one.parents
            ],
        }

    def tree(self, sha: str, entries: Sequence[Entry], git: GitStore) -> Reply:
        """`git-tree`."""
        url = f"{self.url}/git"
        lines: list[Reply] = []
        for one in entries:
            size = {"size": len(git.blob(one.sha))} if one.type == "blob" else {}
            where = f"{url}/{one.type}s/{one.sha}"
            facts = {"path": one.path, "mode": one.mode, "type": one.type, "sha": one.sha}
            lines.append({**facts, **size, "url": where})
        return {"sha": sha, "url": f"{url}/trees/{sha}", "tree": lines, "truncated": False}

    def content(self, path: str, sha: str, data: bytes, ref: str) -> Reply:
        """`content-file`."""
        url = f"{self.url}/contents/{quote(path)}?ref={quote(ref)}"
        git, page = f"{self.url}/git/blobs/{sha}", f"{self.page}/blob/{ref}/{path}"
        return {
            "type": "file",
            "encoding": "base64",
            "size": len(data),
            "name": path.rpartition("/")[2],
            "path": path,
            "content": _base64(data),
            "sha": sha,
            "url": url,
            "git_url": git,
            "html_url": page,
            "download_url": f"{self.site}/raw/{self.name}/{ref}/{path}",
            "_links": {"git": git, "self": url, "html": page},
        }

    def file_change(self, one: FileChange, commit: str) -> Reply:
        """`diff-entry`, without the lines."""
        path, renamed = quote(one.path), {"previous_filename": one.previous}
        return {
            "sha": one.sha,
            "filename": one.path,
            "status": one.status,
            "additions": one.added,
            "deletions": one.removed,
            "changes": one.added + one.removed,
            **{f"{as_}_url": f"{self.page}/{as_}/{commit}/{path}" for as_ in ("blob", "raw")},
            "contents_url": f"{self.url}/contents/{path}?ref={commit}",
            **(renamed if one.previous else {}),
        }

    # ---- pull requests

    def simple_pull(self, one: Pull, author: Reply) -> Reply:
        """`pull-request-simple`."""
        origin = RepositoryShapes(self.site, self.repository, author) if one.is_fork else self
        url, issue = f"{self.url}/pulls/{one.number}", f"{self.url}/issues/{one.number}"
        page = f"{self.page}/pull/{one.number}"
        links = {
            "self": url, "html": page, "issue": issue, "comments": f"{issue}/comments",
            "review_comments": f"{url}/comments", "review_comment": f"{self.url}/pulls/comments",
            "commits": f"{url}/commits", "statuses": f"{self.url}/statuses/{one.head}",
        }  # fmt: skip
        return {
            "id": one.id,
            "node_id": node("PullRequest", one.id),
            "url": url,
            "html_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "issue_url": issue,
            "commits_url": f"{url}/commits",
            "review_comments_url": f"{url}/comments",
            "review_comment_url": f"{self.url}/pulls/comments{{/number}}",
            "comments_url": f"{issue}/comments",
            "statuses_url": f"{self.url}/statuses/{one.head}",
            "number": one.number,
            "state": one.state,
            "locked": False,
            "title": one.title,
            "user": author,
            "body": one.body or None,
            "labels": [],
            "milestone": None,
            "created_at": one.created_at,
            "updated_at": one.updated_at,
            "closed_at": one.closed_at or None,
            "merged_at": one.merged_at or None,
            "merge_commit_sha": one.merge_commit or None,
            "assignee": None,
            "assignees": [],
            "requested_reviewers": [],
            "requested_teams": [],
            "head": origin._end(one.branch, one.head),
            "base": self._end(one.base, one.base_sha),
            "_links": {name: {"href": link} for name, link in links.items()},
            "author_association": "MEMBER",
            "auto_merge": None,
            "draft": False,
        }

    def pull(
        self, one: Pull, author: Reply, merged_by: Reply | None, facts: dict[str, Any]
    ) -> Reply:
        """`pull-request`; ``facts`` are what Git says of it."""
        return {
            **self.simple_pull(one, author),
            **facts,
            "merged": bool(one.merged_at),
            "merged_by": merged_by,
            "comments": 0,
            "review_comments": 0,
            "maintainer_can_modify": False,
            "rebaseable": facts["mergeable"],
        }

    def _end(self, branch: str, sha: str) -> Reply:
        return {
            "label": f"{self.owner['login']}:{branch}",
            "ref": branch,
            "sha": sha,
            "user": self.owner,
            "repo": self.full({"admin": False, "push": True, "pull": True}),
        }


UNSIGNED = {
    "verified": False, "reason": "unsigned", "signature": None, "payload": None,
    "verified_at": None,
}  # fmt: skip


def _who(one: Who) -> Reply:
    return {"name": one.name, "email": one.email, "date": utc(one.date)}


def utc(date: str) -> str:
    return f"{date[:19]}Z" if date.endswith(("+00:00", "Z")) else date


def _base64(data: bytes) -> str:
    text = b64encode(data).decode()
    return "".join(f"{text[i : i + 60]}\n" for i in range(0, len(text), 60))


def node(kind: str, name: object) -> str:
    return b64encode(f"04:{kind}{name}".encode()).decode()
