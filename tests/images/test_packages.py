"""The lists of packages against a real index: checked, planned, saved, taken back, and faults."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from traitlets import TraitError

from growth_admin.core.errors import (
    ConfirmationNeeded,
    Conflict,
    GrowthError,
    IndexUnavailable,
    InvalidInput,
    NotConfigured,
    NotFound,
    StalePlan,
    StorageFull,
)
from growth_admin.images.packages.channel import CondaChannel
from growth_admin.images.packages.checking import Checker
from growth_admin.images.packages.folder import SourceFolder
from growth_admin.images.packages.index import PythonIndex
from growth_admin.images.packages.lists import read
from growth_admin.images.packages.manager import BuiltImage
from growth_admin.images.packages.models import (
    FileKey,
    PackageCheckRequest,
    PackagePlan,
    PackagePlanRequest,
    PackageRestoreRequest,
)
from growth_admin.images.packages.revisions import SourceRevisions
from growth_admin.images.packages.room import PackageRoom
from growth_admin.images.packages.settings import ImageSource
from tests import github
from tests.conftest import fill
from tests.images.package_index import Index, running_index
from tests.images.schools import (
    DOCKERFILE,
    PIP,
    GitHubSchool,
    School,
    change,
    merged,
    planned,
    saved,
)
from tests.tls import make_certificate, server_context


@pytest.fixture(scope="module")
def shared_index() -> Iterator[Index]:
    with running_index() as index:
        index.add("stars", "1.0", needs=["maths>=1"])
        index.add("stars", "1.1", needs=["maths>=2"])
        index.add("stars", "2.0", needs=["maths>=2"], requires_python=">=3.14")
        index.add("stars", "1.2", yanked="wrong constants")
        index.add("stars", "1.3rc1")
        index.add("maths", "1.5")
        index.add("maths", "2.1")
        index.add("old-maths", "0.9", needs=["maths<2"])
        index.add("binary", "1.0", tag="cp311-cp311-manylinux_2_17_x86_64")
        index.add("jupyterlab", "4.4.0")
        index.add("jupyterlab", "4.9.0")
        index.add("lab-extra", "1.0", needs=["jupyterlab>=4.6"])
        index.add_conda("python", "3.13.1")
        index.add_conda("python", "3.12.0")
        index.add_conda("source-extractor", "2.28", needs=["python >=3.13,<3.14.0a0"])
        index.add_conda("source-extractor", "2.29", needs=["python >=3.14,<3.15.0a0"])
        index.add_conda("gsl", "2.7")
        index.add_conda("needs-old-gsl", "1.0", needs=["gsl <2"])
        yield index


@pytest.fixture
def school(tmp_path: Path, shared_index: Index) -> School:
    shared_index.faults.clear()
    shared_index.login = ""
    made = School(tmp_path, shared_index)
    made.write(pip=PIP, conda="", apt="git\n", dockerfile=DOCKERFILE)
    return made


@pytest.fixture(params=["folder", "github"])
def either(request: pytest.FixtureRequest, school: School, tmp_path: Path) -> Iterator[School]:
    """The school as a folder, and the same at GitHub."""
    if request.param == "folder":
        yield school
        return
    with github.running(tmp_path, keeps=False) as hub:
        made = GitHubSchool(tmp_path, school.index, hub)
        made.write(pip=PIP, conda="", apt="git\n", dockerfile=DOCKERFILE)
        yield made


# -- the stand-in, held against pip


def test_index_when_pip_asks_it_then_it_installs_what_fits(school: School, tmp_path: Path) -> None:
    command = [
        *(sys.executable, "-m", "pip", "install", "--quiet", "--isolated", "--no-cache-dir"),
        *("--disable-pip-version-check", "--index-url", school.index.simple),
        *("--target", str(tmp_path / "site"), "stars"),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    names = {path.name for path in (tmp_path / "site").iterdir()}
    assert {"stars.py", "stars-1.1.dist-info", "maths-2.1.dist-info"} <= names


# -- look and check


def test_lists_when_first_seen_then_they_are_the_first_revision(school: School) -> None:
    found = school.server().lists.get_lists()
    assert [(one.list, one.name, one.version) for one in found.packages] == [
        ("pip", "stars", "1.0"), ("apt", "git", ""),
    ]  # fmt: skip
    assert (found.revision, found.python_version) == (1, "3.13")
    (first,) = school.server().revisions.get_history().revisions
    assert (first.origin, first.state) == ("initial", "done")


def test_package_when_checked_then_existence_newest_and_python_are_told(school: School) -> None:
    text = "stars==1.0\nmaths==7\nbinary==1.0\nghost==1\nold-maths\njupyterlab==4.9.0\n"
    report = school.server().lists.check(PackageCheckRequest(texts={"pip": text, "apt": ""}))
    states = {one.name: (one.state, one.newest) for one in report.packages}
    assert states == {
        "stars": ("outdated", "1.1"),
        "maths": ("no-such-version", "2.1"),
        "binary": ("incompatible", ""),
        "ghost": ("no-such-package", ""),
        "old-maths": ("unpinned", "0.9"),
        "jupyterlab": ("fine", "4.9.0"),
    }
    assert not report.is_buildable


@pytest.mark.parametrize(
    ("version", "state", "said"),
    [("1.2", "yanked", "wrong constants"), ("2.0", "incompatible", "needs Python >=3.14")],
)
def test_version_when_withdrawn_or_for_another_python_then_it_is_said(
    school: School, version: str, state: str, said: str
) -> None:
    plan = planned(school.server(), change("pin", "stars", version))
    (check,) = plan.packages
    assert check.state == state and said in check.detail
    assert plan.needs_override == (state == "incompatible")


def test_package_when_it_comes_from_an_address_then_the_index_is_not_asked_for_it(
    school: School,
) -> None:
    school.index.asked.clear()
    text = "ours @ https://127.0.0.1:9/ours-1.0-py3-none-any.whl\n"
    report = school.server().lists.check(PackageCheckRequest(texts={"pip": text}))
    (found,) = [one for one in report.packages if one.list == "pip"]
    assert (found.state, found.name) == ("unchecked", "ours")
    assert not [path for path in school.index.asked if "/ours/" in path]
    server = school.server()
    for which, name in (("pip", "../files"), ("pip", "a b"), ("apt", "-o=x"), ("conda", "x[y]")):
        with pytest.raises(InvalidInput, match="not the name"):
            server.lists.list_versions(which, name)


def test_versions_when_listed_then_only_those_that_fit_are_there(school: School) -> None:
    found = school.server().lists.list_versions("pip", "Stars")
    assert found.versions == ("1.1", "1.0", "1.3rc1")
    assert found.summary == "stars of the tests"
    assert school.server(python_version="3.14").lists.list_versions("pip", "stars").newest == "2.0"
    with pytest.raises(NotFound):
        school.server().lists.list_versions("npm", "left-pad")


# -- conflicts before any build


def test_packages_when_they_collide_then_the_plan_names_the_bounds(either: School) -> None:
    server = either.server()
    plan = planned(server, change("pin", "stars", "1.1"), change("add", "old-maths"))
    (found,) = plan.resolutions
    assert found.state == "conflict" and "maths" in found.detail and "<2" in found.detail
    assert plan.needs_override
    with pytest.raises(ConfirmationNeeded):
        saved(server, plan)
    assert either.pip == PIP
    kept = saved(server, plan, why="mended tomorrow").revision
    assert kept.override_reason == "mended tomorrow"


def test_packages_when_they_fit_then_all_that_comes_with_them_is_listed(school: School) -> None:
    plan = planned(school.server(), change("pin", "stars"))
    assert plan.resolutions[0].packages == {"stars": "1.1", "maths": "2.1"}
    assert not plan.needs_override


def test_list_when_it_names_variables_or_files_of_the_server_then_nobody_is_told_of_them(
    school: School, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "planted-token")
    secret = tmp_path / "token.txt"
    secret.write_text("planted: secret!\n")
    school.index.asked.clear()
    elsewhere = school.index.simple.replace("/simple/", "/${JUPYTERHUB_API_TOKEN}/simple/")
    text = f"--extra-index-url {elsewhere}\nmaths==2.1\n"
    for line in ("-r {}", "--requirement={}", "-c {}", "-e {}", "{}", "x @ file://{}", "-f {}"):
        text += line.format(secret) + "\n"
    report = school.server().lists.check(PackageCheckRequest(texts={"pip": text}))
    assert not [path for path in school.index.asked if "planted" in path]
    assert [path for path in school.index.asked if "JUPYTERHUB_API_TOKEN" in path]
    (found,) = [one for one in report.resolutions if one.list == "pip"]
    assert "planted" not in found.model_dump_json()
    assert found.packages == {"maths": "2.1"}
    assert "lines 3, 4, 5, 6, 7, 8, 9" in found.detail


def test_package_when_it_wants_another_jupyterlab_than_the_base_then_it_is_a_conflict(
    school: School,
) -> None:
    built = BuiltImage("3.13.2", {"JupyterLab": "4.4.0", "maths": "1.5"})
    plan = planned(school.server(lambda: built), change("add", "lab-extra"))
    assert plan.resolutions[0].state == "conflict"
    assert planned(school.server(), change("add", "lab-extra")).resolutions[0].state == "solved"


def test_conda_when_a_channel_is_set_then_it_is_asked_and_resolved(school: School) -> None:
    server = school.server(conda_channel=school.index.channel)
    found = server.lists.list_versions("conda", "source-extractor")
    assert (found.versions, found.left_out) == (("2.28",), 1)
    plan = planned(server, change("add", "source-extractor", which="conda"))
    assert plan.texts["conda"] == "source-extractor=2.28\n"
    assert plan.packages[0].state == "fine"
    assert plan.resolutions[0].packages["source-extractor"] == "2.28"
    worse = planned(server, change("add", "needs-old-gsl", "1.0", "conda"))
    assert worse.resolutions[0].state == "conflict" and "gsl" in worse.resolutions[0].detail
    with pytest.raises(NotFound):
        planned(server, change("add", "ghost", which="conda"))


@pytest.mark.parametrize(
    ("line", "state"),
    [
        ("source-extractor=2", "fine"),
        ("source-extractor==2", "no-such-version"),
        ("source-extractor=2.*", "unpinned"),
        ("source-extractor==2.28", "fine"),
        ("gsl=2.7=h1", "fine"),
        ("gsl=2=h1", "no-such-version"),
    ],
)
def test_conda_when_a_version_is_told_by_its_start_then_those_that_begin_so_meet_it(
    school: School, line: str, state: str
) -> None:
    server = school.server(conda_channel=school.index.channel)
    report = server.lists.check(PackageCheckRequest(texts={"conda": f"{line}\n"}))
    (found,) = [one for one in report.packages if one.list == "conda"]
    assert found.state == state


def test_package_when_another_index_may_have_it_then_it_is_unchecked(school: School) -> None:
    text = "--extra-index-url https://127.0.0.1:9/whl/cpu\nmaths==2.1+cpu\nghost==1\nstars==1.1\n"
    checks = school.server().lists.check(PackageCheckRequest(texts={"pip": text})).packages
    states = {one.name: one.state for one in checks if one.list == "pip"}
    assert states == {"maths": "unchecked", "ghost": "unchecked", "stars": "fine"}


def test_conda_when_no_channel_is_set_then_only_the_form_is_checked_and_that_is_said(
    school: School,
) -> None:
    plan = planned(school.server(), change("add", "gsl", "2.7", "conda"))
    assert plan.packages[0].state == "unchecked"
    assert "conda_channel" in plan.notes[0]


@pytest.mark.parametrize("wrong", ["abc", "3", "python3.13", ">=3.13", "3.13 --no-deps"])
def test_python_when_the_setting_is_no_version_then_it_is_refused_in_words(wrong: str) -> None:
    with pytest.raises(TraitError, match=r"c\.ImageSource\.python_version.* as 3\.13"):
        ImageSource(python_version=wrong)
    fine = ("", "3.13", " 3.13.2 ", "3.14.0rc1")
    found = [ImageSource(python_version=text).python_version for text in fine]
    assert found == ["", "3.13", "3.13.2", "3.14.0rc1"]


# -- save, take back


def test_package_when_added_and_taken_back_then_the_files_are_as_before(either: School) -> None:
    server = either.server()
    plan = planned(server, change("add", "maths"))
    assert plan.files[0].unified.splitlines()[-1:] == ["+maths==2.1"] or "+maths==2.1" in (
        plan.files[0].unified
    )
    done = saved(server, plan)
    assert either.pip == "# What the notebooks import.\nstars==1.0\nmaths==2.1\n"
    assert (done.revision.number, done.revision.author, done.revision.reason) == (
        2, "ada", "for Tuesday",
    )  # fmt: skip
    assert done.receipt.undo is not None
    back = PackageRestoreRequest.model_validate(done.receipt.undo.body)
    again = merged(server, server.revisions.restore(back, author="bob"))
    assert either.pip == PIP
    assert (again.revision.number, again.revision.author) == (3, "bob")
    with pytest.raises(Conflict):
        server.revisions.restore(back, author="bob")
    assert "-maths==2.1" in server.revisions.get_revision(3).files[0].unified


def test_plan_when_the_file_changed_meanwhile_then_it_is_stale(either: School) -> None:
    server = either.server()
    plan = planned(server, change("add", "maths"))
    either.write(pip=PIP + "old-maths==0.9\n")
    with pytest.raises(StalePlan):
        saved(server, plan)
    assert either.pip == PIP + "old-maths==0.9\n"


def test_plan_when_saved_from_another_server_then_it_is_made_again_and_is_the_same(
    either: School,
) -> None:
    plan = planned(either.server(), change("add", "maths"))
    assert saved(either.server(), plan).revision.number == 2


def test_text_when_changed_by_hand_then_it_has_a_revision_of_its_own(either: School) -> None:
    server = either.server()
    server.lists.get_lists()
    either.write(pip=PIP + "maths==2.1\n")
    newest = server.revisions.get_history().revisions[0]
    assert newest.number == 2 and newest.author
    assert (newest.origin, newest.summary) in (
        ("by-hand", "add pip maths"), ("commit", "Changed by hand"),
    )  # fmt: skip


def test_dockerfile_when_edited_as_text_then_hadolint_is_asked(either: School) -> None:
    text = "FROM debian:12\nRUN cd /tmp\nRUN if [ 1 ]; then echo; \n"
    plan = either.server().lists.plan(PackagePlanRequest(texts={"dockerfile": text}))
    assert plan.findings and plan.findings[0].file == "dockerfile"
    assert plan.needs_override  # it does not parse
    fine = either.server().lists.plan(PackagePlanRequest(texts={"dockerfile": "FROM debian:13\n"}))
    assert not fine.needs_override and fine.title == "Edit Dockerfile its text"


# -- what can go wrong


def test_source_when_it_is_not_there_then_what_to_do_is_said(tmp_path: Path) -> None:
    room = School(tmp_path, Index(url="http://127.0.0.1:1")).server()
    with pytest.raises(NotConfigured, match="no image's source") as refused:
        room.lists.get_lists()
    assert "image/" in refused.value.hint


def test_index_when_down_then_packages_are_unchecked_and_a_version_may_be_given(
    either: School,
) -> None:
    either.index.faults["*"] = 503
    server = either.server()
    with pytest.raises(IndexUnavailable, match="503"):
        planned(server, change("add", "maths"))
    plan = planned(server, change("add", "maths", "2.1"))
    assert plan.packages[0].state == "unchecked"
    assert plan.resolutions[0].state == "unknown"
    assert not plan.needs_override
    assert plan.warnings


def test_package_when_it_needs_one_without_a_wheel_then_that_one_is_named(school: School) -> None:
    school.index.add_source("old-thing", "1.0")
    school.index.add("curves", "2.0", needs=["old-thing==1.0"])
    plan = planned(school.server(), change("add", "curves"))
    assert plan.resolutions[0].state == "unknown" and not plan.needs_override
    assert "old-thing has no wheel, only source" in plan.resolutions[0].sentence


def test_index_when_it_never_answers_then_a_long_list_does_not_wait_for_each_package(
    school: School,
) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=100) as mute:
        address = f"http://127.0.0.1:{mute.getsockname()[1]}/simple/"
        settings = ImageSource(index_url=address, timeout_s=1.0)
        checker = Checker(PythonIndex(settings), CondaChannel(settings))
        packages = read("pip", "".join(f"p{number}==1\n" for number in range(80)))[0]
        begun_s = time.monotonic()
        found = checker.check(packages, "3.13")
    assert {one.state for one in found} == {"unchecked"} and len(found) == 80
    assert time.monotonic() - begun_s < 5, "80 packages, 8 at once, a second each would be ten"


def test_channel_when_it_never_answers_then_its_packages_are_unchecked_soon() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=100) as mute:
        address = f"http://127.0.0.1:{mute.getsockname()[1]}/channel"
        settings = ImageSource(conda_channel=address, resolve_timeout_s=1.0)
        channel = CondaChannel(settings)
        packages = read("conda", "".join(f"p{number}=1\n" for number in range(30)))[0]
        begun_s = time.monotonic()
        found = Checker(PythonIndex(settings), channel).check(packages, "3.13")
        resolution = channel.resolve(["gsl"], "3.13", 1.0)
    assert {one.state for one in found} == {"unchecked"} and len(found) == 30
    assert "did not answer in 1 s" in found[0].detail
    assert resolution.state == "unknown" and "longer than 1 s" in resolution.detail
    assert time.monotonic() - begun_s < 6, "30 packages, 8 at once, and one dry run"


def test_index_when_it_needs_a_login_then_no_message_has_the_login(
    school: School, tmp_path: Path
) -> None:
    school.index.login = "robot:pass-phrase-of-the-index"
    address = school.index.simple.replace("://", f"://{school.index.login}@")
    server = school.server(index_url=address)
    assert planned(server, change("add", "maths")).resolutions[0].state == "solved"
    school.index.login = "robot:another"
    plan = planned(school.server(index_url=address), change("add", "maths", "2.1"))
    assert plan.packages[0].state == "unchecked"
    assert "pass-phrase" not in plan.model_dump_json()
    for path in (tmp_path / "admin").rglob("*"):
        assert not path.is_file() or b"pass-phrase" not in path.read_bytes()


def test_index_when_its_certificate_is_not_trusted_then_what_to_set_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_certificate(tmp_path)
    with running_index(server_context(certificate)) as index:
        index.add("maths", "2.1")
        room = School(tmp_path, index)
        room.write(pip=PIP, conda="", apt="", dockerfile=DOCKERFILE)
        with pytest.raises(IndexUnavailable, match="does not trust") as told:
            planned(room.server(), change("add", "maths"))
        name = "REQUESTS_CA_BUNDLE"
        assert name in told.value.hint
        monkeypatch.setenv(name, str(certificate))
        assert planned(room.server(), change("add", "maths")).title == "Add pip maths ==2.1"


@pytest.mark.parametrize(
    "channel", ["http://robot:pass-phrase@127.0.0.1:9/c", "http://127.0.0.1:9/t/pass-phrase/c"]
)
def test_channel_when_it_needs_a_login_then_no_message_has_the_login(
    school: School, channel: str
) -> None:
    server = school.server(conda_channel=channel)
    with pytest.raises(IndexUnavailable, match=r"127\.0\.0\.1") as told:
        server.lists.list_versions("conda", "gsl")
    assert "pass-phrase" not in told.value.detail
    report = server.lists.check(PackageCheckRequest(texts={"conda": "gsl=2.7\n"}))
    assert "pass-phrase" not in report.model_dump_json()


def test_two_admins_when_they_save_at_once_then_one_wins_and_the_other_hears(
    either: School,
) -> None:
    servers = [either.server() for _ in range(4)]
    plans = [planned(one, change("add", "maths", "2.1")) for one in servers]
    ends: list[str] = []
    start = threading.Barrier(len(servers))

    def save(room: PackageRoom, plan: PackagePlan, user: str) -> None:
        start.wait()
        try:
            ends.append(f"r{saved(room, plan, user).revision.number}")
        except GrowthError as e:
            ends.append(e.kind)

    threads = [
        threading.Thread(target=save, args=(room, plan, f"admin-{number}"))
        for number, (room, plan) in enumerate(zip(servers, plans, strict=True))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ends.count("r2") == 1, ends
    assert set(ends) <= {"r2", "conflict", "stale-plan", "invalid-input"}
    assert either.pip.count("maths") == 1
    states = [one.state for one in either.server().revisions.get_history().revisions]
    assert states == ["done", "done"]


class ReadSlowly(SourceFolder):
    """Files of which somebody else saves others when they have just been read."""

    def __init__(self, path: Path, save: Callable[[], object]) -> None:
        super().__init__(path)
        self._saves = [save]

    def texts(self) -> dict[FileKey, str]:
        found = super().texts()
        while self._saves:
            self._saves.pop()()
        return found


def test_look_when_a_save_is_made_meanwhile_then_nothing_was_changed_by_hand(
    school: School,
) -> None:
    server = school.server()
    plan = planned(server, change("add", "maths", "2.1"))
    source = ReadSlowly(school.source, lambda: saved(server, plan))
    revisions = SourceRevisions(source, school.server().parts.book)
    assert not revisions.notice()
    history = school.server().revisions.get_history().revisions
    assert [(one.number, one.origin) for one in history] == [(2, "saved"), (1, "initial")]


KILLED = """
import json, os, signal, sys
from pathlib import Path
from growth_admin.core.paths import Paths
from growth_admin.images.packages import folder, revisions
from growth_admin.images.packages.models import PackagePlanRequest, PackageSaveRequest
from growth_admin.images.packages.room import build_packages
from traitlets import TraitError
from traitlets.config import Config

admin, index, when = sys.argv[1:]
config = Config()
config.ImageSource.index_url = index
config.ImageSource.python_version = "3.13"
room = build_packages(Paths(Path(admin), Path(admin)), config=config)
plan = room.lists.plan(PackagePlanRequest(changes=[{"verb": "add", "name": "maths"}]))
seen = 0

def stop(event, args):
    # the staged file is renamed into its place: die just before, or at the next rename
    global seen
    if event == "os.rename" and str(args[1]).endswith("pip.txt"):
        seen += 1
        if when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
    if when == "after" and seen and event == "open" and "book" in str(args[0]):
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(stop)
room.lists.save(
    PackageSaveRequest(plan_id=plan.id, texts=plan.texts, reason="x"), author="ada"
)
"""


@pytest.mark.parametrize(("when", "left"), [("before", 1), ("after", 2)])
def test_save_when_killed_then_the_next_look_settles_it(
    school: School, when: str, left: int
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(school.folder / "admin"), school.index.simple, when],
        capture_output=True,
        text=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert ("maths" in school.pip) == (when == "after")
    history = school.server().revisions.get_history().revisions
    assert [one.state for one in history] == ["done"] * left
    assert history[0].origin == ("saved" if when == "after" else "initial")
    server = school.server()
    saved(server, planned(server, change("add", "old-maths", "0.9")), why="whatever the resolver")
    assert "old-maths==0.9" in school.pip


def test_save_when_the_disk_is_full_then_nothing_changed(small_disk: Path, school: School) -> None:
    small = School(small_disk, school.index)
    small.write(pip=PIP, conda="", apt="", dockerfile=DOCKERFILE)
    server = small.server()
    plan = planned(server, change("add", "maths"))
    filler = fill(small_disk)
    with pytest.raises(StorageFull):
        saved(server, plan)
    assert small.pip == PIP
    filler.unlink()
    assert saved(server, plan).revision.number == 2
    assert "maths" in small.pip


def test_record_when_read_by_hand_then_it_is_plain_json(school: School) -> None:
    school.server().lists.get_lists()
    (file,) = (school.folder / "admin/.growth-admin/images/source/book").glob("*.json")
    assert json.loads(file.read_text())["revisions"][0]["number"] == 1


def test_file_when_it_is_no_text_then_it_is_refused_and_kept(school: School) -> None:
    path = school.source / "packages" / "pip.txt"
    path.write_bytes(b"caf\xe9==1\n")
    with pytest.raises(InvalidInput, match="UTF-8"):
        school.server().lists.get_lists()
    assert path.read_bytes() == b"caf\xe9==1\n"
