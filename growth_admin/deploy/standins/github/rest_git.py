"""Calls about Git's objects: refs, trees, commits, blobs."""

from typing import Any
from urllib.parse import unquote

from growth_admin.deploy.standins.github.git import Entry, GitError, Who
from growth_admin.deploy.standins.github.refusals import Refused, not_found
from growth_admin.deploy.standins.github.rest_repositories import EMPTY, REPO, RepositoryCall


class Ref(RepositoryCall):
    """GET /repos/O/R/git/ref/REF."""

    def get(self, owner: str, name: str, ref: str) -> None:
        self.open(owner, name, "contents")
        ref = f"refs/{unquote(ref)}"
        found = self.git.resolve(ref)
        if not found:
            is_empty = not self.git.head(self.repository.default_branch)
            raise Refused(409, EMPTY) if is_empty else not_found()
        self.answer(self.made.ref(ref, found))


class Refs(RepositoryCall):
    """POST /repos/O/R/git/refs."""

    def post(self, owner: str, name: str) -> None:
        self.open(owner, name, "contents", "write")
        given = self.given()
        ref, sha = str(given.get("ref", "")), str(given.get("sha", ""))
        if not ref.startswith("refs/") or ref.count("/") < 2:
            raise Refused(422, "Reference name must start with 'refs/'.")
        if self.git.resolve(ref):
            raise Refused(422, "Reference already exists")
        if self.git.kind(sha) != "commit":
            raise Refused(422, "Object does not exist")
        try:
            self.git.set_ref(ref, sha)
        except GitError as error:
            raise Refused(422, f"{ref} is not a valid ref name.") from error
        self.touched()
        self.answer(self.made.ref(ref, sha), 201)


class ChangedRef(RepositoryCall):
    """PATCH and DELETE /repos/O/R/git/refs/REF."""

    def patch(self, owner: str, name: str, ref: str) -> None:
        self.open(owner, name, "contents", "write")
        ref, given = f"refs/{unquote(ref)}", self.given()
        before, sha = self.git.resolve(ref), str(given.get("sha", ""))
        if not before:
            raise Refused(422, "Reference does not exist")
        if self.git.kind(sha) != "commit":
            raise Refused(422, "Object does not exist")
        if not given.get("force") and not self.git.is_ancestor(before, sha):
            raise Refused(422, "Update is not a fast forward")
        if self.repository.rules.needs_review and ref == self._main():
            raise Refused(422, "Changes must be made through a pull request.")
        self.git.set_ref(ref, sha)
        self.touched()
        self.answer(self.made.ref(ref, sha))

    def delete(self, owner: str, name: str, ref: str) -> None:
        self.open(owner, name, "contents", "write")
        ref = f"refs/{unquote(ref)}"
        if not self.git.resolve(ref):
            raise Refused(422, "Reference does not exist")
        if ref == self._main():
            raise Refused(422, "Cannot delete the default branch")
        self.git.delete_ref(ref)
        self.touched()
        self.set_status(204)

    def _main(self) -> str:
        return f"refs/heads/{self.repository.default_branch}"


class Trees(RepositoryCall):
    """POST /repos/O/R/git/trees."""

    def post(self, owner: str, name: str) -> None:
        self.open(owner, name, "contents", "write")
        given = self.given()
        base = str(given.get("base_tree") or "")
        if base and self.git.kind(base) not in ("tree", "commit"):
            raise Refused(422, "base_tree is not a valid tree oid")
        entries = [self._entry(one) for one in given.get("tree") or []]
        if not entries:
            raise Refused(422, "Invalid tree info")
        sha = self.git.write_tree(base, entries)
        self.answer(self.made.tree(sha, self.git.entries(sha), self.git), 201)

    def _entry(self, raw: Any) -> Entry:
        if not isinstance(raw, dict) or not raw.get("path") or not raw.get("mode"):
            raise Refused(422, "Invalid tree info")
        if "content" in raw:
            sha = self.git.write_blob(str(raw["content"]).encode())
        else:
            sha = str(raw.get("sha") or "")
            if sha and not self.git.kind(sha):
                raise Refused(422, f"tree.sha {sha} is not a valid blob")
        return Entry(str(raw["mode"]), str(raw.get("type", "blob")), sha, str(raw["path"]))


class Tree(RepositoryCall):
    """GET /repos/O/R/git/trees/SHA?recursive=."""

    def get(self, owner: str, name: str, sha: str) -> None:
        self.open(owner, name, "contents")
        tree = sha if self.git.kind(sha) == "tree" else self.commit_at(unquote(sha))
        is_recursive = bool(self.get_query_argument("recursive", ""))
        entries = self.git.entries(tree, is_recursive=is_recursive)
        self.answer(self.made.tree(sha, entries, self.git))


class GitCommits(RepositoryCall):
    """POST /repos/O/R/git/commits."""

    def post(self, owner: str, name: str) -> None:
        self.open(owner, name, "contents", "write")
        given = self.given()
        tree, parents = str(given.get("tree", "")), given.get("parents") or []
        if self.git.kind(tree) != "tree":
            raise Refused(422, "Tree SHA does not exist")
        if any(self.git.kind(str(one)) != "commit" for one in parents):
            raise Refused(422, "Parent SHA does not exist or is not a commit object")
        me = self.who()
        author, committer = (self._who(given.get(key), me) for key in ("author", "committer"))
        sha = self.git.write_commit(tree, parents, str(given.get("message", "")), author, committer)
        self.world.changed()
        self.answer(self.made.git_commit(self.git.commit(sha)), 201)

    def _who(self, raw: Any, otherwise: Who) -> Who:
        if not isinstance(raw, dict):
            return otherwise
        return Who(raw["name"], raw["email"], str(raw.get("date") or otherwise.date))


class GitCommit(RepositoryCall):
    """GET /repos/O/R/git/commits/SHA."""

    def get(self, owner: str, name: str, sha: str) -> None:
        self.open(owner, name, "contents")
        if self.git.kind(sha) != "commit":
            raise not_found()
        self.answer(self.made.git_commit(self.git.commit(sha)))


class Blobs(RepositoryCall):
    """POST /repos/O/R/git/blobs."""

    def post(self, owner: str, name: str) -> None:
        self.open(owner, name, "contents", "write")
        given = self.given()
        sha = self.git.write_blob(str(given.get("content", "")).encode())
        self.answer({"sha": sha, "url": f"{self.made.url}/git/blobs/{sha}"}, 201)


ROUTES = [
    (REPO + r"/git/ref/(.+)", Ref),
    (REPO + r"/git/refs/(.+)", ChangedRef),
    (REPO + r"/git/refs", Refs),
    (REPO + r"/git/trees", Trees),
    (REPO + r"/git/trees/([^/]+)", Tree),
    (REPO + r"/git/commits", GitCommits),
    (REPO + r"/git/commits/([^/]+)", GitCommit),
    (REPO + r"/git/blobs", Blobs),
]
