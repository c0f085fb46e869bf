"""A school whose image's source is a folder, and one whose is a repository at the stand-in."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from traitlets.config import Config

from growth_admin.core.paths import Paths
from growth_admin.images.packages.manager import BuiltImage
from growth_admin.images.packages.models import (
    FILES,
    FileKey,
    MergeRequest,
    PackageChange,
    PackagePlan,
    PackagePlanRequest,
    PackageSaveRequest,
    PackagesSaved,
)
from growth_admin.images.packages.room import PackageRoom, build_packages
from tests import github
from tests.images.package_index import Index

PIP = "# What the notebooks import.\nstars==1.0\n"
DOCKERFILE = "FROM debian:12\nRUN true\n"
WORKFLOW = Path(__file__).parents[2] / "image" / ".github" / "workflows" / "image.yml"
WORKFLOW_PATH = ".github/workflows/image.yml"


@dataclass
class School:
    """An admin folder with an image's source in it, and an index."""

    folder: Path
    index: Index

    @property
    def source(self) -> Path:
        return self.folder / "admin" / "image"

    @property
    def pip(self) -> str:
        return (self.source / "packages" / "pip.txt").read_text()

    def config(self, **settings: Any) -> Config:
        """Return the settings of one admin's server."""
        config = Config()
        config.ImageSource.index_url = self.index.simple
        config.ImageSource.python_version = "3.13"
        config.ImageSource.timeout_s = 5.0
        for name, value in settings.items():
            config.ImageSource[name] = value
        return config

    def server(self, built: Callable[[], BuiltImage] = BuiltImage, **settings: Any) -> PackageRoom:
        """Return the room on one admin's server."""
        paths = Paths(self.folder / "admin", self.folder / "nfs")
        return build_packages(paths, config=self.config(**settings), built=built)

    def write(self, **texts: str) -> None:
        """Change files by hand."""
        for name, text in texts.items():
            path = self.source / ("Dockerfile" if name == "dockerfile" else f"packages/{name}.txt")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


@dataclass
class GitHubSchool(School):
    """The same at GitHub: organization and repository are the test's own."""

    hub: github.StandIn
    repository: str = "image"

    @property
    def full_name(self) -> str:
        return f"{self.hub.organization}/{self.repository}"

    @property
    def token_file(self) -> Path:
        """The owner's token, which may do all of it."""
        path = self.folder / "github-token"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(self.hub.token("", "repo", "workflow") + "\n")
        return path

    def config(self, **settings: Any) -> Config:
        config = super().config(**{"repository": self.full_name, **settings})
        config.GitHub.api_url = self.hub.api_url
        config.GitHub.organization = self.hub.organization
        config.GitHub.token_file = str(self.token_file)
        config.GitHub.write_interval_s = 0.0
        config.GitHub.timeout_s = 10.0
        return config

    @property
    def pip(self) -> str:
        return self.text("pip")

    def text(self, key: FileKey, ref: str = "main") -> str:
        """Return a file as a branch has it."""
        token = self.token_file.read_text().strip()
        path = f"/repos/{self.full_name}/contents/{FILES[key]}?ref={ref}"
        return b64decode(self.hub.call("GET", path, token).json()["content"]).decode()

    def write(self, **texts: str) -> None:
        files: dict[str, str | None] = {}
        for name, text in texts.items():
            files["Dockerfile" if name == "dockerfile" else f"packages/{name}.txt"] = text
        made = self.hub.control("PUT", f"repositories/{self.full_name}", texts=self.first(files))
        if made["is_new"]:
            return
        self.push(files)

    def first(self, files: dict[str, str | None]) -> dict[str, str | None]:
        """Return what the repository begins with."""
        return {WORKFLOW_PATH: WORKFLOW.read_text(), **files}

    def push(self, texts: dict[str, str | None], branch: str = "main", message: str = "") -> str:
        """Push a commit by hand, and return it."""
        given = {"texts": texts, "branch": branch, "message": message or "Changed by hand"}
        return str(self.hub.control("POST", f"pushes/{self.full_name}", **given)["sha"])

    def rules(self, **rules: Any) -> None:
        """Change the repository's rules (`repositories.Rules`)."""
        self.hub.control("PUT", f"repositories/{self.full_name}", **rules)


def change(verb: str, name: str, version: str = "", which: str = "pip") -> PackageChange:
    return PackageChange.model_validate(
        {"verb": verb, "name": name, "version": version, "list": which}
    )


def planned(room: PackageRoom, *changes: PackageChange) -> PackagePlan:
    return room.lists.plan(PackagePlanRequest(changes=changes))


def proposed(
    room: PackageRoom, plan: PackagePlan, user: str = "ada", why: str = ""
) -> PackagesSaved:
    """Save a plan; at GitHub it waits then."""
    asked = PackageSaveRequest(
        plan_id=plan.id, texts=plan.texts, reason="for Tuesday", override_reason=why
    )
    return room.lists.save(asked, author=user)


def saved(room: PackageRoom, plan: PackagePlan, user: str = "ada", why: str = "") -> PackagesSaved:
    """Save a plan, and merge it where it waits."""
    return merged(room, proposed(room, plan, user, why), user)


def merged(room: PackageRoom, done: PackagesSaved, user: str = "ada") -> PackagesSaved:
    """Merge what waits."""
    if done.proposal is None:
        return done
    asked = MergeRequest(commit=done.proposal.commit)
    return room.proposals.merge(done.proposal.number, asked, author=user)
