"""The part of /_control about repositories and workflow runs. See `control`."""

import base64
import io
import zipfile
from dataclasses import asdict
from typing import Any

from growth_admin.deploy.standins.github import runner, seeding
from growth_admin.deploy.standins.github.git import Who, commit_texts, commit_upon
from growth_admin.deploy.standins.github.people import Person
from growth_admin.deploy.standins.github.repositories import Pull, Repository, Run
from growth_admin.deploy.standins.github.world import World


class RepositoryControl:
    """Changes of repositories as people with a checkout make them, and of runs as GitHub does."""

    world: World

    def do_put_repositories(
        self,
        organization: str,
        name: str,
        /,
        texts: dict[str, str] | None = None,
        is_private: bool | None = None,
        **rules: Any,
    ) -> dict[str, Any]:
        """A repository, made if it is missing; rules as in `repositories.Rules`."""
        count = len(self.world.repositories)
        found = seeding.add_repository(self.world, organization, name, texts or {})
        if is_private is not None:
            found.is_private = is_private
        for key, value in rules.items():
            if not hasattr(found.rules, key):
                raise TypeError(f"a repository has no {key}")
            setattr(found.rules, key, value)
        self.world.changed()
        folder = str(self.world.git_of(found).folder)
        head = self.world.git_of(found).head(found.default_branch)
        is_new = len(self.world.repositories) > count
        return {"id": found.id, "folder": folder, "head": head, "is_new": is_new}

    def do_post_pushes(
        self,
        organization: str,
        name: str,
        /,
        texts: dict[str, str | None],
        message: str = "Changed by hand",
        branch: str = "main",
        login: str = "",
    ) -> dict[str, str]:
        """A commit upon a branch, as somebody pushes it."""
        found = self._repository(organization, name)
        git = self.world.git_of(found)
        who = self._who(self.world.person(login) if login else None)
        if branch != "main" and not git.head(branch):
            git.set_ref(f"refs/heads/{branch}", git.head("main"))
        sha = commit_texts(git, branch, texts, message, who)
        found.follow_branches(git, self.world.clock.timestamp())
        self.world.changed()
        return {"sha": sha}

    def do_post_pulls(
        self,
        organization: str,
        name: str,
        login: str,
        /,
        texts: dict[str, str | None],
        title: str = "Changed",
        body: str = "",
        message: str = "Changed by hand",
        branch: str = "patch-1",
        base: str = "main",
    ) -> dict[str, Any]:
        """A pull request from somebody's fork, with one commit upon the base."""
        found, person = self._repository(organization, name), self.world.person(login)
        git, now = self.world.git_of(found), self.world.clock.timestamp()
        found.last_number += 1
        number, start = found.last_number, git.head(base)
        head = commit_upon(git, start, texts, message, self._who(person))
        git.set_ref(f"refs/pull/{number}/head", head)
        found.pulls[number] = Pull(
            self.world.new_id(), number, title, body, person.id, branch, base, head, now, now,
            base_sha=start, is_fork=True,
        )  # fmt: skip
        self.world.changed()
        return {"number": number, "sha": head}

    def do_get_runs(self, organization: str, name: str) -> list[dict[str, Any]]:
        """All runs, oldest first."""
        return [asdict(run) for run in self._repository(organization, name).runs.values()]

    def do_patch_runs(
        self,
        organization: str,
        name: str,
        number: str,
        /,
        step: str = "",
        lines: list[str] | None = None,
        conclusion: str = "",
        report: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """Move a run on: a step begins, lines are said, files are its report, it is over."""
        run: Run = self._repository(organization, name).run(number)
        if step:
            runner.enter(self.world, run, step)
        for line in lines or ():
            runner.add_line(run, line)
        if report:
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w") as archive:
                for path, text in report.items():
                    archive.writestr(path, text)
            run.report = base64.b64encode(packed.getvalue()).decode()
        if conclusion:
            if conclusion == "success":
                for one in run.steps:
                    one.status, one.conclusion = "completed", "success"
            runner.end(self.world, run, conclusion)
        self.world.changed()
        return asdict(run)

    def do_delete_runs(self, organization: str, name: str, number: str) -> None:
        """Remove a run, as an owner may."""
        found = self._repository(organization, name)
        del found.runs[found.run(number).id]
        self.world.changed()

    def _who(self, person: Person | None) -> Who:
        """Who pushes; without an account where nobody is named."""
        when = self.world.git_time()
        if person is None:
            return Who("Somebody", "somebody@example.org", when)
        email = f"{person.id}+{person.login}@users.noreply.github.com"
        return Who(person.name, email, when)

    def _repository(self, organization: str, name: str) -> Repository:
        return self.world.repository(self.world.organization(organization), name)
