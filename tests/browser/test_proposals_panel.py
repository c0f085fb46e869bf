"""Packages in a real Lab where the source is at GitHub: propose, look, merge, build."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests import github
from tests.browser.desk import NewDesk
from tests.browser.lab import Lab, lab_server
from tests.browser.looks import open_images
from tests.conftest import wait_until
from tests.images.package_index import running_index
from tests.images.registry import RealRegistry, running_registry
from tests.images.schools import DOCKERFILE, PIP, GitHubSchool

REPOSITORY = Path(__file__).parents[2]


@dataclass
class AtGitHub:
    """A Lab whose opener is the admin, the school's repository, and its registry."""

    lab: Lab
    school: GitHubSchool
    registry: RealRegistry


@pytest.fixture
def place(tmp_path: Path) -> Iterator[AtGitHub]:
    with (
        running_index() as index,
        running_registry(tmp_path / "registry") as registry,
        github.running(tmp_path, keeps=False) as hub,
    ):
        index.add("stars", "1.0")
        index.add("charts", "3.0")
        registry.push("deploy")
        school = GitHubSchool(tmp_path, index, hub)
        school.write(pip=PIP, conda="", apt="", dockerfile=DOCKERFILE)
        hook = [sys.executable, "-m", "tests.images.action_hook", str(registry.port)]
        school.rules(hook=hook, environment={"PYTHONPATH": str(REPOSITORY)})
        options = [
            f"--ImageRegistry.image={registry.image}",
            f"--ImageSource.index_url={index.simple}",
            "--ImageSource.python_version=3.13",
            f"--ImageSource.repository={school.full_name}",
            f"--GitHub.api_url={hub.api_url}",
            f"--GitHub.organization={hub.organization}",
            f"--GitHub.token_file={school.token_file}",
            "--GitHub.write_interval_s=0",
            "--ImageActions.poll_s=0.5",
        ]
        with lab_server(tmp_path, options=options) as lab:
            yield AtGitHub(lab, school, registry)


def head(place: AtGitHub) -> str:
    """The commit of main."""
    token = place.school.token_file.read_text().strip()
    path = f"/repos/{place.school.full_name}/git/ref/heads/main"
    return str(place.school.hub.call("GET", path, token).json()["object"]["sha"])


@pytest.mark.parametrize(("theme", "width"), [("light", "wide"), ("dark", "narrow")])
def test_package_when_the_source_is_at_github_then_it_waits_is_merged_and_built_in_a_lab(
    place: AtGitHub, new_desk: NewDesk, theme: str, width: str
) -> None:
    desk = new_desk("proposals", color_scheme=theme)
    panel, look = open_images(desk, place.lab.url, theme, width)
    panel.get_by_role("tab", name="Packages").click()
    expect(panel.get_by_role("grid", name="Packages")).to_contain_text("stars", timeout=60_000)
    look("lists")
    panel.get_by_label("Package", exact=True).fill("charts")
    panel.get_by_label("Package", exact=True).press("Enter")
    dialog = panel.get_by_role("dialog")
    expect(dialog).to_contain_text("+charts==3.0", timeout=60_000)
    dialog.get_by_label("Why it is changed").fill("for Tuesday")
    dialog.get_by_role("button", name="Open a pull request").click()
    expect(dialog).to_contain_text("Pull request #1 is open", timeout=60_000)
    look("proposed")
    assert place.school.pip == PIP
    dialog.get_by_role("button", name="Look at the pull request").click()
    waiting = panel.get_by_role("grid", name="Pull requests")
    expect(waiting).to_contain_text("Add pip charts", timeout=60_000)
    waiting.get_by_text("#1").click()
    expect(panel.get_by_label("Change of packages/pip.txt")).to_contain_text(
        "+charts==3.0", timeout=60_000
    )
    expect(panel.get_by_role("link", name="Pull request #1")).to_have_attribute(
        "href", f"{place.school.hub.url}/{place.school.full_name}/pull/1"
    )
    look("waiting")
    panel.get_by_role("button", name="Merge #1").click()
    expect(panel.get_by_text("#1 is merged as r2", exact=False)).to_be_visible(timeout=60_000)
    look("merged")
    assert place.school.pip == PIP + "charts==3.0\n"

    panel.get_by_role("button", name="Build the image").first.click()
    expect(dialog).to_contain_text("git-", timeout=60_000)
    dialog.get_by_label("Why it is built").fill("for Tuesday")
    dialog.get_by_role("button", name="Build").last.click()
    tag = f"git-{head(place)[:12]}"
    wait_until(lambda: place.registry.digest(tag), timeout_s=90)
    build = panel.get_by_role("complementary", name=f"Details of {tag}")
    expect(build.get_by_role("button", name=f"Promote {tag}")).to_be_visible(timeout=60_000)
    look("built")
    assert not look.found, "\n".join(look.found)
