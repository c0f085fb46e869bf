"""Calls about a repository: itself, its branches, its files, its history."""

from urllib.parse import unquote

from growth_admin.deploy.standins.github.access import Access
from growth_admin.deploy.standins.github.credentials import BOT_OFFSET, allows
from growth_admin.deploy.standins.github.git import CommitFacts, GitStore, Who
from growth_admin.deploy.standins.github.refusals import Refused, no_permission, not_found
from growth_admin.deploy.standins.github.repositories import Repository
from growth_admin.deploy.standins.github.shapes import Reply
from growth_admin.deploy.standins.github.shapes_repositories import RepositoryShapes

NO_PUSH = "You must have push access to this repository."
EMPTY = "Git Repository is empty."
FILES = 300


def wrong(resource: str, **error: str) -> Refused:
    """422 as validations of repositories are."""
    return Refused(422, "Validation Failed", errors=[{"resource": resource, **error}])


class RepositoryCall(Access):
    """A call about one repository."""

    repository: Repository
    git: GitStore
    made: RepositoryShapes

    def open(self, owner: str, name: str, permission: str, level: str = "read") -> Repository:
        """Find it, for whom may see it (404 for others) and, to write, may push (403)."""
        self.set_header("X-Accepted-GitHub-Permissions", f"{permission}={level}")
        self.set_header("X-Accepted-OAuth-Scopes", "repo")
        organization = self.world.organization(owner)
        self.repository = self.world.repository(organization, name)
        self.git = self.world.git_of(self.repository)
        account = self.shapes.organization_account(organization)
        self.made = RepositoryShapes(self.shapes.site, self.repository, account)
        token = self.caller.token
        if token is None:
            if self.repository.is_private or level == "write":
                raise not_found() if self.repository.is_private else Refused(401, "Bad credentials")
            return self.repository
        if token.has_scopes:
            self._need_push(level)
            return self.repository
        if token.organization != organization.id:
            raise not_found()
        installation = self.caller.installation
        granted = installation.permissions if installation else token.permissions
        if permission != "metadata" and not allows(granted, permission, level):
            raise no_permission(token.kind)
        return self.repository

    def _need_push(self, level: str) -> None:
        token, person = self.caller.token, self.person()
        assert token
        organization = self.world.organization(str(self.repository.owner))
        is_public = not self.repository.is_private
        if "repo" not in token.scopes and not (is_public and "public_repo" in token.scopes):
            raise not_found()
        if person.id not in organization.members and not is_public:
            raise not_found()
        if level == "write" and not organization.is_owner(person):
            raise Refused(403, NO_PUSH)

    # ---- what calls need

    def account(self, number: int) -> Reply:
        """`simple-user` of whom a number means."""
        if number >= BOT_OFFSET and (app := self.world.apps.get(number - BOT_OFFSET)):
            return self.shapes.bot(app)
        person = self.world.people.get(number)
        return self.shapes.simple_user(person) if person else self.shapes.ghost()

    def account_of(self, who: Who) -> Reply | None:
        """The account that an address in a commit belongs to."""
        number = who.email.partition("+")[0]
        return self.account(int(number)) if number.isdecimal() else None

    def who(self) -> Who:
        """The caller as author of a commit made now."""
        number = self.actor()
        login = str(self.account(number)["login"])
        return Who(login, f"{number}+{login}@users.noreply.github.com", self.world.git_time())

    def commit_shape(self, one: CommitFacts) -> Reply:
        """`commit`, with the accounts."""
        return self.made.commit(one, self.account_of(one.author), self.account_of(one.committer))

    def commit_at(self, name: str) -> str:
        """The commit that a branch or a hash names. Raises Refused 404, 409 for an empty one."""
        found = self.git.head(name) or self.git.resolve(name)
        if found:
            return found
        if not self.git.head(self.repository.default_branch):
            raise Refused(409, EMPTY)
        raise not_found()

    def touched(self) -> None:
        """Something was pushed."""
        self.repository.updated_at = self.world.clock.timestamp()
        self.repository.follow_branches(self.git, self.repository.updated_at)
        self.world.changed()


class OneRepository(RepositoryCall):
    """GET /repos/O/R."""

    def get(self, owner: str, name: str) -> None:
        self.open(owner, name, "metadata")
        organization, person = self.world.organization(owner), self.caller.person
        is_writer = bool(person and organization.is_owner(person))
        app = self.caller.installation
        is_writer = is_writer or bool(app and allows(app.permissions, "contents", "write"))
        rights = {"admin": is_writer, "push": is_writer, "pull": True}
        self.answer(self.made.full(rights))


class Branch(RepositoryCall):
    """GET /repos/O/R/branches/B."""

    def get(self, owner: str, name: str, branch: str) -> None:
        self.open(owner, name, "contents")
        head = self.git.head(unquote(branch))
        if not head:
            raise Refused(404, "Branch not found")
        self.answer(self.made.branch(unquote(branch), self.git.commit(head)))


class Contents(RepositoryCall):
    """GET /repos/O/R/contents/PATH?ref=."""

    def get(self, owner: str, name: str, path: str) -> None:
        self.open(owner, name, "contents")
        ref = self.get_query_argument("ref", self.repository.default_branch)
        path = unquote(path).strip("/")
        found = self.git.entry(self.commit_at(ref), path)
        if found is None:
            raise not_found()
        if found.type != "blob":
            raise Refused(404, "Only files are served here")
        self.answer(self.made.content(path, found.sha, self.git.blob(found.sha), ref))


class Commits(RepositoryCall):
    """GET /repos/O/R/commits?sha=&path=."""

    def get(self, owner: str, name: str) -> None:
        self.open(owner, name, "contents")
        start = self.commit_at(self.get_query_argument("sha", self.repository.default_branch))
        path = self.get_query_argument("path", "")
        self.answer_page(self.git.log(start, 1000, path=path), self.commit_shape)


class OneCommit(RepositoryCall):
    """GET /repos/O/R/commits/REF."""

    def get(self, owner: str, name: str, ref: str) -> None:
        self.open(owner, name, "contents")
        self.answer(self.commit_shape(self.git.commit(self.commit_at(unquote(ref)))))


class Compare(RepositoryCall):
    """GET /repos/O/R/compare/BASE...HEAD; of the files the first 300, as GitHub does."""

    def get(self, owner: str, name: str, basehead: str) -> None:
        self.open(owner, name, "contents")
        base, _, head = unquote(basehead).partition("...")
        one, two = self.commit_at(base), self.commit_at(head)
        met = self.git.merge_base(one, two)
        if not met:
            raise Refused(404, f"No common ancestor between {base} and {head}.")
        ahead, behind = self.git.count(f"{one}..{two}"), self.git.count(f"{two}..{one}")
        states = {(True, False): "ahead", (False, True): "behind", (False, False): "identical"}
        page = f"{self.made.page}/compare/{basehead}"
        commits = self.git.log(two, ahead)[::-1] if ahead else []
        self.answer(
            {
                "url": f"{self.made.url}/compare/{basehead}",
                "html_url": page,
                "permalink_url": page,
                "diff_url": f"{page}.diff",
                "patch_url": f"{page}.patch",
                "base_commit": self.commit_shape(self.git.commit(one)),
                "merge_base_commit": self.commit_shape(self.git.commit(met)),
                "status": states.get((bool(ahead), bool(behind)), "diverged"),
                "ahead_by": ahead,
                "behind_by": behind,
                "total_commits": ahead,
                "commits": [self.commit_shape(one) for one in commits],
                "files": [
                    self.made.file_change(one, two) for one in self.git.changes(met, two)[:FILES]
                ],
            }
        )


REPO = r"/api/v3/repos/([^/]+)/([^/]+)"
ROUTES = [
    (REPO, OneRepository),
    (REPO + r"/branches/(.+)", Branch),
    (REPO + r"/contents/(.*)", Contents),
    (REPO + r"/commits", Commits),
    (REPO + r"/commits/([^/]+)", OneCommit),
    (REPO + r"/compare/(.+)", Compare),
]
