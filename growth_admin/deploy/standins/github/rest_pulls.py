"""Calls about pull requests."""

from typing import Any

from growth_admin.deploy.standins.github.refusals import Refused
from growth_admin.deploy.standins.github.repositories import Pull
from growth_admin.deploy.standins.github.rest_repositories import REPO, RepositoryCall, wrong
from growth_admin.deploy.standins.github.shapes import Reply

NOT_MERGEABLE = "Pull Request is not mergeable"
MODIFIED = "Head branch was modified. Review and try the merge again."
UNREVIEWED = "At least 1 approving review is required by reviewers with write access."
UNALLOWED = {
    "merge": "Merge commits are not allowed on this repository.",
    "squash": "Squash merges are not allowed on this repository.",
    "rebase": "Rebase merges are not allowed on this repository.",
}


class PullCall(RepositoryCall):
    """A call about pull requests."""

    def simple(self, one: Pull) -> Reply:
        """`pull-request-simple`."""
        return self.made.simple_pull(self._current(one), self.account(one.author))

    def whole(self, one: Pull) -> Reply:
        """`pull-request`."""
        one = self._current(one)
        merged_by = self.account(one.merged_by) if one.merged_by else None
        base = one.base_sha if one.state == "closed" else self.git.head(one.base)
        met = self.git.merge_base(base, one.head)
        changes = self.git.changes(met, one.head) if met else []
        can = bool(met) and bool(self.git.merge_tree(base, one.head))
        facts: dict[str, Any] = {
            "mergeable": can if one.state == "open" else None,
            "mergeable_state": ("clean" if can else "dirty") if one.state == "open" else "unknown",
            "commits": self.git.count(f"{met}..{one.head}") if met else 0,
            "additions": sum(change.added for change in changes),
            "deletions": sum(change.removed for change in changes),
            "changed_files": len(changes),
        }
        return self.made.pull(one, self.account(one.author), merged_by, facts)

    def _current(self, one: Pull) -> Pull:
        if one.state == "open":
            one.base_sha = self.git.head(one.base)
        return one

    def label(self, one: Pull) -> str:
        """Its branch with the account whose it is."""
        owner = self.account(one.author) if one.is_fork else self.made.owner
        return f"{owner['login']}:{one.branch}"


class Pulls(PullCall):
    """GET and POST /repos/O/R/pulls."""

    def get(self, owner: str, name: str) -> None:
        repository = self.open(owner, name, "pull_requests")
        state = self.word("state", ("open", "closed", "all"))
        head = self.get_query_argument("head", "")
        base = self.get_query_argument("base", "")
        found = [
            one
            for one in repository.pulls.values()
            if state in ("all", one.state)
            and head in ("", self.label(one))
            and base in ("", one.base)
        ]
        self.answer_page(found[::-1], self.simple)

    def post(self, owner: str, name: str) -> None:
        repository = self.open(owner, name, "pull_requests", "write")
        given = self.given()
        branch, base = str(given.get("head", "")).rpartition(":")[2], str(given.get("base", ""))
        for field, value in (("head", branch), ("base", base)):
            if not self.git.head(value):
                raise wrong("PullRequest", field=field, code="invalid")
        head = self.git.head(branch)
        label = f"{self.made.owner['login']}:{branch}"
        if any(one.state == "open" and self.label(one) == label
               for one in repository.pulls.values()):  # fmt: skip
            message = f"A pull request already exists for {label}."
            raise wrong("PullRequest", code="custom", message=message)
        if self.git.is_ancestor(head, self.git.head(base)):
            message = f"No commits between {base} and {branch}"
            raise wrong("PullRequest", code="custom", message=message)
        now = self.world.clock.timestamp()
        repository.last_number += 1
        made = Pull(
            self.world.new_id(), repository.last_number, str(given.get("title", "")),
            str(given.get("body") or ""), self.actor(), branch, base, head, now, now,
        )  # fmt: skip
        repository.pulls[made.number] = made
        self.world.changed()
        self.answer(self.whole(made), 201)


class OnePull(PullCall):
    """GET and PATCH /repos/O/R/pulls/N."""

    def get(self, owner: str, name: str, number: str) -> None:
        self.answer(self.whole(self.open(owner, name, "pull_requests").pull(number)))

    def patch(self, owner: str, name: str, number: str) -> None:
        one = self.open(owner, name, "pull_requests", "write").pull(number)
        given = self.given()
        one.title, one.body = given.get("title", one.title), given.get("body", one.body)
        state = given.get("state", one.state)
        if state != one.state and one.merged_at:
            raise wrong("PullRequest", code="custom", field="state", message="state cannot change")
        one.updated_at = self.world.clock.timestamp()
        if state == "closed" and one.state == "open":
            one.base_sha = self.git.head(one.base)
            one.closed_at = one.updated_at
        one.state = state
        self.world.changed()
        self.answer(self.whole(one))


class Merge(PullCall):
    """PUT /repos/O/R/pulls/N/merge."""

    def put(self, owner: str, name: str, number: str) -> None:
        repository = self.open(owner, name, "contents", "write")
        one, given = repository.pull(number), self.given()
        method, base = str(given.get("merge_method", "merge")), self.git.head(one.base)
        if one.state != "open":
            raise Refused(405, NOT_MERGEABLE)
        if given.get("sha", one.head) != one.head:
            raise Refused(409, MODIFIED)
        if method not in repository.rules.methods:
            raise Refused(405, UNALLOWED.get(method, NOT_MERGEABLE))
        if repository.rules.needs_review:
            raise Refused(405, UNREVIEWED)
        tree = self.git.merge_tree(base, one.head)
        if not tree:
            raise Refused(405, NOT_MERGEABLE)
        sha = self._commit(one, base, tree, method, given)
        now = self.world.clock.timestamp()
        one.base_sha = base
        one.state, one.merged_at, one.closed_at, one.updated_at = "closed", now, now, now
        one.merge_commit, one.merged_by = sha, self.actor()
        self.git.set_ref(f"refs/heads/{one.base}", sha)
        if repository.rules.deletes_branches and not one.is_fork:
            self.git.delete_ref(f"refs/heads/{one.branch}")
        self.touched()
        self.answer({"sha": sha, "merged": True, "message": "Pull Request successfully merged"})

    def _commit(self, one: Pull, base: str, tree: str, method: str, given: Reply) -> str:
        owner = self.made.owner["login"]
        head, me = self.git.commit(one.head), self.who()
        if method == "merge":
            title = given.get("commit_title")
            title = title or f"Merge pull request #{one.number} from {owner}/{one.branch}"
            message = f"{title}\n\n{given.get('commit_message') or one.title}"
            return self.git.write_commit(tree, [base, one.head], message, me, me)
        if method == "rebase":
            return self.git.write_commit(tree, [base], head.message, head.author, me)
        title = given.get("commit_title") or f"{one.title} (#{one.number})"
        body = given.get("commit_message")
        body = head.message.partition("\n\n")[2] if body is None else body
        return self.git.write_commit(tree, [base], f"{title}\n\n{body}".strip(), head.author, me)


ROUTES = [
    (REPO + r"/pulls", Pulls),
    (REPO + r"/pulls/(\d+)", OnePull),
    (REPO + r"/pulls/(\d+)/merge", Merge),
]
