"""The image's repository from a terminal and over HTTP: propose, merge, build, withdraw."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from growth_admin.cli import main
from growth_admin.core.errors import Conflict, NotFound
from growth_admin.images.packages.models import PackageChange
from tests import github
from tests.console import running_console
from tests.images.package_index import running_index
from tests.images.registry import RealRegistry, running_registry
from tests.images.schools import DOCKERFILE, PIP, GitHubSchool

REPOSITORY = Path(__file__).parents[2]
VERBS = ("images", "packages")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[GitHubSchool, RealRegistry]]:
    folder = tmp_path_factory.mktemp("school")
    with (
        running_index() as index,
        running_registry(folder / "registry") as registry,
        github.running(folder, keeps=False) as hub,
    ):
        index.add("stars", "1.0")
        index.add("maths", "2.1")
        school = GitHubSchool(folder, index, hub)
        school.write(pip=PIP, conda="", apt="", dockerfile=DOCKERFILE)
        hook = [sys.executable, "-m", "tests.images.action_hook", str(registry.port)]
        school.rules(hook=hook, environment={"PYTHONPATH": str(REPOSITORY)})
        yield school, registry


def settings(school: GitHubSchool, registry: RealRegistry) -> list[str]:
    return [
        f"--ImageRegistry.image={registry.image}",
        f"--ImageSource.index_url={school.index.simple}",
        "--ImageSource.python_version=3.13",
        f"--ImageSource.repository={school.full_name}",
        f"--GitHub.api_url={school.hub.api_url}",
        f"--GitHub.organization={school.hub.organization}",
        f"--GitHub.token_file={school.token_file}",
        "--GitHub.write_interval_s=0",
        "--ImageActions.poll_s=0.1",
    ]


def test_terminal_when_a_package_is_added_merged_and_built_then_its_tag_is_at_the_registry(
    place: tuple[GitHubSchool, RealRegistry],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    school, registry = place
    monkeypatch.setenv("GROWTH_ADMIN_ROOT", str(school.folder / "admin"))
    monkeypatch.setenv("GROWTH_SHARED_ROOT", str(school.folder / "nfs"))

    def said(*words: str, code: int = 0) -> str:
        assert main([*words, *settings(school, registry)]) == code
        told = capsys.readouterr()
        return told.out + told.err

    told = said(*VERBS, "add", "maths", "--reason", "for Tuesday")
    assert "Pull request #1 is open" in told and f"{school.full_name}/pull/1" in told
    assert "to merge it: growth-admin images packages merge 1" in told
    assert "#1    open    " in said(*VERBS, "proposals")
    assert "+maths==2.1" in said(*VERBS, "proposal", "1")
    assert "was changed since you looked" in said(
        *VERBS, "merge", "1", "--commit", "0" * 40, code=1
    )
    assert "#1 is merged as r2" in said(*VERBS, "merge", "1")
    assert school.pip == PIP + "maths==2.1\n"
    told = said("images", "build", "--reason", "for Tuesday")
    tag = next(word for word in told.split() if word.startswith("git-")).rstrip(":")
    assert registry.digest(tag)[:19] in told
    assert tag in said("images", "builds")
    assert "Pull request #2 is open" in said(*VERBS, "restore", "1", "--reason", "it broke")
    assert "is closed" in said(*VERBS, "withdraw", "2", "--reason", "not now")


def test_proposal_when_asked_over_http_then_the_client_has_all_of_it(
    place: tuple[GitHubSchool, RealRegistry], tmp_path: Path
) -> None:
    school, registry = place
    options = ("--GrowthAdmin.standalone=True", *settings(school, registry))
    with running_console(tmp_path, *options) as console:
        packages = console.client.images.packages
        plan = packages.plan([PackageChange(verb="add", name="stars2", version="1")])
        done = packages.save(plan, reason="for Tuesday", override_reason="it comes out tonight")
        assert done.proposal and done.receipt.undo
        [first] = [one for one in packages.list_proposals().proposals if one.state == "open"]
        assert packages.get_proposal(first.number).files[0].unified
        with pytest.raises(Conflict):
            packages.merge(first.model_copy(update={"commit": "0" * 40}))
        undo = done.receipt.undo
        assert console.ask(undo.method, undo.path, json=undo.body).status_code == 201
        assert packages.get_proposal(first.number).proposal.state == "closed"
        with pytest.raises(NotFound):
            packages.get_proposal(99)
        assert packages.get_lists().source == "github"
        entries = console.client.audit.list_entries(area="images").entries
        assert [entry.target for entry in entries][:1] == [f"pull request #{first.number}"]
