"""The story: a package is added before lunch, and taken back after; in a browser, in containers.

The school's image lies in a repository at GitHub, its workflow builds it, the canary tries it, the
class is restarted onto it. Students and organisers are containers of one Docker machine.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, expect

from growth_admin.deploy.demo.people import ORGANIZATION
from tests.browser.conftest import chromium, new_desk
from tests.browser.desk import NewDesk, log_in_by_hand, take_cookies
from tests.browser.notebooks import open_notebook, run_cell, write_notebook
from tests.container.engine import REPOSITORY, Engine
from tests.container.machine import GATEWAY, TAG, Machine, reachable, running_machine
from tests.images.package_index import Index, running_index

__all__ = ["chromium", "new_desk"]

ADMIN, STUDENT = "Ada-Okafor", "Jane-Doe"
PACKAGE, VERSION, REASON = "variable-stars", "2.4", "for the lecture after lunch"
WORKFLOW = ".github/workflows/image.yml"
DOCKERFILE = """\
ARG BASE
FROM ${BASE}
ARG INDEX
COPY packages/pip.txt /usr/local/share/growth-image/more.txt
RUN pip install --no-cache-dir --quiet --index-url "${INDEX}" \\
    --requirement /usr/local/share/growth-image/more.txt
"""
CELL = "import variable_stars; print('magnitude', variable_stars.MAGNITUDE)"
WRITE = "import pathlib, sys; pathlib.Path.home().joinpath('lecture.ipynb').write_text(sys.argv[1])"
PATIENCE_MS = 300_000
pytestmark = pytest.mark.timeout(2400)


@dataclass
class Course:
    """The school, and its image's repository."""

    machine: Machine
    index: Index

    @property
    def repository(self) -> str:
        return f"{ORGANIZATION}/image"

    def digest(self, tag: str = TAG) -> str:
        """What a tag names at the registry."""
        return self.machine.registry.digest(tag)

    def runs(self, name: str, digest: str) -> bool:
        """Whether a server's container is made from what the registry keeps under a digest."""
        config = self.machine.registry.manifest(digest)["config"]["digest"]
        return bool(self.machine.container(name)["Image"] == config.removeprefix("sha256:"))


@pytest.fixture(scope="module")
def course(
    engine: Engine, image: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Course]:
    folder = tmp_path_factory.mktemp("course")
    config = folder / "jupyter_server_config.json"
    config.write_text("{}")
    with (
        running_index() as index,
        running_machine(engine, folder, TESTS_SERVER_CONFIG=str(config)) as machine,
    ):
        index.add(PACKAGE, VERSION, module="MAGNITUDE = 17.2\n")
        course = Course(machine, index)
        machine.push(image, "git-1")
        machine.registry.tag(TAG, course.digest("git-1"))
        machine.fetch("git-1")
        found = furnish(course, image)
        config.write_text(json.dumps(found))
        addresses = (found["GitHub"]["api_url"], index.url, found["ImageRegistry"]["api_url"])
        hub_port = urlsplit(machine.school.url).port
        ports = {hub_port, *(urlsplit(address).port for address in addresses)}
        with reachable(*(port for port in ports if port)):
            yield course


def furnish(course: Course, image: str) -> dict[str, dict[str, str]]:
    """Make the repository with its workflow, and return the settings of the servers."""
    machine, github = course.machine, course.machine.school.github
    texts = {
        "Dockerfile": DOCKERFILE,
        "packages/pip.txt": "# What the lectures need.\n",
        WORKFLOW: (REPOSITORY / "image" / WORKFLOW).read_text(),
    }
    environ = {
        "BASE": image,
        "IMAGE": machine.registry.image,
        "INDEX": course.index.simple,
        "PYTHONPATH": str(REPOSITORY),
        "GROWTH_TEST_CACHE": os.environ.get("GROWTH_TEST_CACHE", ""),
    }
    hook = [sys.executable, "-m", "tests.container.workflow"]
    github.control(
        "PUT", f"repositories/{course.repository}", texts=texts, hook=hook, environment=environ
    )
    given = ["repo", "workflow", "admin:org"]
    token = github.control("POST", "tokens", login=ADMIN, scopes=given)["token"]
    place = machine.folders.admin / "secrets" / "github-token"
    place.write_text(f"{token}\n")
    os.chown(place, 0, place.parent.stat().st_gid)
    place.chmod(0o640)
    inside = {
        name: f"http://{GATEWAY}:{urlsplit(address).port}"
        for name, address in {
            "github": machine.school.running.github_url,
            "index": course.index.url,
            "registry": f"http://{machine.registry.host}",
        }.items()
    }
    return {
        "GitHub": {
            "api_url": f"{inside['github']}/api/v3",
            "organization": ORGANIZATION,
            "token_file": "/home/admin/secrets/github-token",
        },
        "ImageSource": {
            "repository": course.repository,
            "index_url": f"{inside['index']}/simple/",
        },
        "ImageRegistry": {"image": machine.registry.image, "api_url": inside["registry"]},
        "BotStudent": {"proxy_url": f"http://{GATEWAY}:{urlsplit(machine.school.url).port}"},
    }


class Student:
    """A student with a notebook that needs the package."""

    def __init__(self, course: Course, new_desk: NewDesk, login: str) -> None:
        self.course, self.name = course, login.lower()
        machine = course.machine
        session = machine.school.login(login)
        machine.school.start(self.name)
        write_notebook(machine.folders.root, "lecture.ipynb", CELL)
        notebook = (machine.folders.root / "lecture.ipynb").read_text()
        written = machine.inside(self.name, self.name, "python", "-c", WRITE, notebook)
        assert written.code == 0, written.text
        self.desk = new_desk("image-story")
        self.desk.is_outage_expected = True
        take_cookies(self.desk.page.context, session)

    def run(self) -> Locator:
        """Run the cell in a new kernel; what it prints."""
        url = self.course.machine.school.server_url(self.name)
        notebook = open_notebook(self.desk, f"{url}/lab/tree/lecture.ipynb?reset")
        return run_cell(self.desk, notebook, 0)


class Organiser:
    """An organiser at the panel Images."""

    def __init__(self, course: Course, new_desk: NewDesk, login: str) -> None:
        self.course = course
        school = course.machine.school
        school.login(login)
        school.start(login.lower())
        self.desk = new_desk("image-story")
        log_in_by_hand(self.desk.page, school, login)
        self.desk.wait_for_lab()
        self.panel = self.desk.open_area("Images", "images")
        self.desk.close_left_area()

    @property
    def dialog(self) -> Locator:
        """The plan."""
        return self.panel.get_by_role("dialog")

    def tab(self, name: str) -> None:
        """Go to a part of the panel."""
        self.panel.get_by_role("tab", name=name).click()

    def close(self) -> None:
        """Put the receipt away."""
        self.dialog.locator("footer").get_by_role("button", name="Close").click()
        expect(self.dialog).to_have_count(0)

    def add_package(self) -> None:
        """By its name, with a look at the plan; it waits as a pull request."""
        self.tab("Packages")
        self.panel.get_by_label("Package", exact=True).fill(PACKAGE)
        self.panel.get_by_role("button", name="Plan to add it").click()
        expect(self.dialog).to_contain_text(f"+{PACKAGE}=={VERSION}", timeout=PATIENCE_MS)
        self.dialog.get_by_label("Why it is changed").fill(REASON)
        self.desk.shoot("1-package-planned")
        self.dialog.get_by_role("button", name="Open a pull request").click()
        self.dialog.get_by_role("button", name="Look at the pull request").click()

    def merge(self) -> None:
        """What was proposed, after a look at its difference."""
        row = self.panel.get_by_role("grid", name="Pull requests").locator(".growth-Row")
        row.filter(has_text=PACKAGE).click()
        details = self.panel.get_by_role("complementary")
        expect(details).to_contain_text(f"+{PACKAGE}=={VERSION}")
        self.desk.shoot("2-pull-request")
        details.get_by_role("button", name="Merge #").click()
        expect(row.filter(has_text=PACKAGE)).to_contain_text("merged")

    def build(self) -> str:
        """By the repository's workflow, with its log to the end; the tag."""
        self.tab("Builds")
        self.panel.get_by_role("button", name="Build the image").click()
        self.dialog.get_by_label("Why it is built").fill(REASON)
        button = self.dialog.get_by_role("button", name=re.compile("^Build git-"))
        tag = button.inner_text().removeprefix("Build ")
        button.click()
        build = self.panel.get_by_role("complementary", name=f"Details of {tag}")
        expect(build.get_by_role("log")).to_contain_text("[image]", timeout=PATIENCE_MS)
        self.desk.shoot("3-building")
        promote = build.get_by_role("button", name=f"Promote {tag}")
        expect(promote).to_be_visible(timeout=PATIENCE_MS)
        expect(build).to_contain_text("18 checks passed")
        self.desk.shoot("4-built")
        return tag

    def row(self, tag: str) -> Locator:
        """The row of an image."""
        return self.panel.get_by_role("grid", name="Images").locator(".growth-Row", has_text=tag)

    def check(self, tag: str) -> None:
        """The canary with the bot student, by its digest."""
        self.tab("Tags")
        self.row(tag).click()
        details = self.panel.get_by_role("complementary")
        details.get_by_role("button", name="Check this image").click()
        expect(self.row(tag)).to_contain_text("passed", timeout=PATIENCE_MS)
        self.desk.shoot("5-checked")
        details.get_by_role("button", name="Close details").click()

    def promote(self, tag: str) -> None:
        """Without force: its checks have passed."""
        self.row(tag).get_by_role("checkbox").check()
        actions = self.panel.get_by_role("toolbar", name="Images")
        actions.get_by_role("button", name=f"Promote {tag}").first.click()
        self.dialog.get_by_label("Why students get it").fill(REASON)
        self.desk.shoot("6-promote")
        self.dialog.get_by_role("button", name=f"Promote {tag}").click()
        expect(self.dialog).to_contain_text("since")
        self.close()
        self.row(tag).get_by_role("checkbox").uncheck()

    def roll_back(self, tag: str) -> None:
        """To what was there before."""
        self.panel.get_by_role("button", name=f"Roll back to {tag}").first.click()
        self.dialog.get_by_label("Why it is taken back").fill("notebook 3 fails")
        self.dialog.get_by_role("button", name=f"Roll back to {tag}").click()
        expect(self.dialog).to_contain_text("since")
        self.desk.shoot("8-rolled-back")
        self.close()

    def restart_the_stale(self) -> None:
        """Students on another image, from the panel Servers; back at Images."""
        self.panel.get_by_role("button", name=re.compile(r"^Restart the \d+ on")).click(
            timeout=PATIENCE_MS
        )
        servers = self.desk.panel("servers")
        servers.get_by_label("Team").select_option("students")
        servers.get_by_role("button", name="Restart all 1 like this").click()
        dialog = servers.get_by_role("dialog")
        self.desk.shoot("7-restart")
        dialog.get_by_role("button", name=re.compile("^Restart ")).click()
        expect(dialog).to_contain_text("Restarted", timeout=PATIENCE_MS)
        dialog.locator("footer").get_by_role("button", name="Close").click()
        self.desk.run_command("Open Images")
        self.panel.get_by_role("button", name="Refresh").first.click()


def test_package_when_added_before_lunch_then_students_have_it_and_after_the_roll_back_not(
    course: Course, new_desk: NewDesk
) -> None:
    jane = Student(course, new_desk, STUDENT)
    expect(jane.run()).to_contain_text("No module named 'variable_stars'")
    old = course.digest()
    ada = Organiser(course, new_desk, ADMIN)
    ada.add_package()
    ada.merge()
    tag = ada.build()
    new = course.digest(tag)
    assert course.digest() == old and course.runs(jane.name, old)
    ada.check(tag)
    ada.promote(tag)
    assert course.digest() == new != old
    assert course.runs(jane.name, old), "nothing happens before a restart"
    ada.restart_the_stale()
    assert course.runs(jane.name, new)
    expect(jane.run()).to_contain_text("magnitude 17.2")
    ada.roll_back("git-1")
    assert course.digest() == old
    ada.restart_the_stale()
    assert course.runs(jane.name, old)
    expect(jane.run()).to_contain_text("No module named 'variable_stars'")
