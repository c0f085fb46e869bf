"""The image's source at GitHub: proposed, merged, refused; and what goes wrong on the way."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from traitlets import TraitError

from growth_admin.core.errors import (
    Conflict,
    GitHubRefused,
    GitHubUnavailable,
    GrowthError,
    InvalidInput,
    NotConfigured,
    NotFound,
    RateLimited,
    StalePlan,
)
from growth_admin.core.paths import Paths
from growth_admin.deploy.doctor import examine
from growth_admin.images.github.readiness import check_repository
from growth_admin.images.packages.messages import Message, read_commit
from growth_admin.images.packages.models import (
    MergeRequest,
    PackageRestoreRequest,
    PackagesSaved,
    WithdrawRequest,
)
from growth_admin.images.packages.room import build_packages
from growth_admin.images.packages.settings import ImageSource
from growth_admin.rooms import build_rooms
from growth_admin.settings import Settings
from tests import github
from tests.conftest import wait_until
from tests.contract.conftest import published as published
from tests.contract.github_description import Description
from tests.images.package_index import Index, running_index
from tests.images.schools import (
    DOCKERFILE,
    PIP,
    GitHubSchool,
    change,
    merged,
    planned,
    proposed,
    saved,
)

MATHS = ("add", "maths", "2.1")
PULLS = r"/pulls$"


@pytest.fixture(scope="module")
def index() -> Iterator[Index]:
    with running_index() as started:
        started.add("stars", "1.0", needs=["maths>=1"])
        started.add("maths", "1.5")
        started.add("maths", "2.1")
        yield started


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[github.StandIn]:
    with github.running(tmp_path_factory.mktemp("github"), keeps=False) as started:
        yield started


@pytest.fixture
def school(tmp_path: Path, index: Index, hub: github.StandIn) -> Iterator[GitHubSchool]:
    hub.open_school(f"school-{abs(hash(tmp_path)) % 10**8}")
    made = GitHubSchool(tmp_path, index, hub)
    made.write(pip=PIP, conda="", apt="git\n", dockerfile=DOCKERFILE)
    hub.forget_requests()
    yield made
    hub.clear()


def waiting(school: GitHubSchool, user: str = "ada") -> PackagesSaved:
    """A change that waits."""
    server = school.server()
    return proposed(server, planned(server, change(*MATHS)), user)


def from_a_fork(
    school: GitHubSchool, texts: dict[str, str | None], body: str = "", base: str = "main"
) -> int:
    """A pull request of somebody who may only read; the branch there is called as ours are."""
    with suppress(AssertionError):  # the stand-in knows her from an earlier test
        school.hub.person("eve")
    made = school.hub.control(
        "POST", f"pulls/{school.full_name}/eve", texts=texts, body=body, base=base,
        message=f"Harmless\n\n{body}", branch="growth/x",
    )  # fmt: skip
    return int(made["number"])


# -- the whole way


def test_change_when_saved_then_it_waits_as_one_commit_with_author_and_reason(
    school: GitHubSchool,
) -> None:
    server = school.server()
    done = proposed(server, planned(server, change(*MATHS), change("add", "curl", which="apt")))
    assert done.proposal and done.receipt.undo
    assert school.pip == PIP, "nothing is built of it yet"
    assert school.text("pip", done.proposal.branch) == PIP + "maths==2.1\n"
    assert school.text("apt", done.proposal.branch) == "git\ncurl\n"
    assert (done.revision.state, done.revision.number, done.revision.called) == (
        "proposed", 0, done.proposal.commit[:7],
    )  # fmt: skip
    [found] = school.server().proposals.list_proposals().proposals
    assert (found.author, found.reason, found.state, found.is_made_here) == (
        "ada", "for Tuesday", "open", True,
    )  # fmt: skip
    assert found.link.endswith(f"/{school.full_name}/pull/1")
    details = server.proposals.get_proposal(1)
    assert [file.path for file in details.files] == ["packages/pip.txt", "packages/apt.txt"]
    assert not details.problem
    assert school.hub.count("POST", "/git/commits$") == 1


def test_change_when_merged_then_it_is_the_next_revision_and_its_branch_is_gone(
    school: GitHubSchool,
) -> None:
    done = waiting(school)
    assert done.proposal
    end = merged(school.server(), done, "bob")
    assert (end.revision.number, end.revision.author, end.revision.reason) == (
        2, "ada", "for Tuesday",
    )  # fmt: skip
    assert school.pip == PIP + "maths==2.1\n"
    server = school.server()
    lists = server.lists.get_lists()
    assert (lists.revision, lists.commit) == (2, end.revision.commit)
    with pytest.raises(InvalidInput, match="merged already"):
        merged(server, done)
    token = school.token_file.read_text().strip()
    path = f"/repos/{school.full_name}/git/ref/heads/{done.proposal.branch}"
    assert school.hub.call("GET", path, token).status_code == 404
    [shown] = server.revisions.get_revision(2).files
    assert "+maths==2.1" in shown.unified


@pytest.mark.parametrize("method", ["merge", "rebase", "squash"])
def test_change_when_merged_in_any_way_then_author_and_reason_are_known(
    school: GitHubSchool, method: str
) -> None:
    end = merged(school.server(merge_method=method), waiting(school))
    assert (end.revision.author, end.revision.reason) == ("ada", "for Tuesday")
    assert end.revision.summary == "Add pip maths ==2.1"


def test_change_when_merged_at_github_then_it_is_seen(
    school: GitHubSchool, published: Description
) -> None:
    done = waiting(school)
    assert done.proposal
    token = school.token_file.read_text().strip()
    path = f"/repos/{school.full_name}/pulls/{done.proposal.number}/merge"
    assert school.hub.call("PUT", path, token, json={}).status_code == 200
    server = school.server()
    newest = server.revisions.get_history().revisions[0]
    assert (newest.number, newest.author, newest.summary) == (
        2, school.hub.owner, "Add pip maths ==2.1",
    )  # fmt: skip
    [found] = server.proposals.list_proposals().proposals
    assert found.state == "merged"
    assert published.sent_problems(school.hub.requests()) == []


def test_change_when_withdrawn_then_its_pull_request_and_branch_are_gone(
    school: GitHubSchool,
) -> None:
    done, server = waiting(school), school.server()
    assert done.proposal
    asked = WithdrawRequest(reason="not now")
    closed = server.proposals.withdraw(done.proposal.number, asked, author="bob")
    assert closed.state == "closed"
    assert waiting(school).proposal, "it can be proposed again"
    with pytest.raises(InvalidInput, match="closed already"):
        server.proposals.withdraw(done.proposal.number, asked, author="bob")


def test_change_when_it_waits_longer_than_thirty_others_then_it_is_still_listed(
    school: GitHubSchool,
) -> None:
    waiting(school)
    school.push({"notes.txt": "another"}, branch="another")
    token, pulls = school.token_file.read_text().strip(), f"/repos/{school.full_name}/pulls"
    wanted = {"title": "Another", "head": "another", "base": "main"}
    for _ in range(30):
        made = school.hub.call("POST", pulls, token, json=wanted)
        link = f"{pulls}/{made.json()['number']}"
        assert school.hub.call("PATCH", link, token, json={"state": "closed"}).ok
    found = school.server().proposals.list_proposals().proposals
    assert [one.number for one in found] == [*range(31, 21, -1), 1]
    assert [one.number for one in found if one.state == "open"] == [1]


def test_revision_when_restored_then_that_waits_too(school: GitHubSchool) -> None:
    server = school.server()
    end = saved(server, planned(server, change(*MATHS)))
    assert end.receipt.undo and end.receipt.undo.body["revision"] == 1
    back = PackageRestoreRequest.model_validate(end.receipt.undo.body)
    done = server.revisions.restore(back, author="bob")
    assert done.proposal and school.pip != PIP
    assert merged(server, done).revision.summary == "As in r1"
    assert school.pip == PIP


# -- somebody else


def test_same_change_when_proposed_twice_then_the_second_hears_of_the_first(
    school: GitHubSchool,
) -> None:
    first = waiting(school)
    with pytest.raises(Conflict, match="proposed already: pull request #1") as told:
        waiting(school, "bob")
    assert first.proposal and told.value.context["link"] == first.proposal.link


def test_proposal_when_its_branch_is_pushed_to_meanwhile_then_it_is_not_merged(
    school: GitHubSchool,
) -> None:
    done, server = waiting(school), school.server()
    assert done.proposal
    school.push({"packages/pip.txt": PIP + "ghost==1\n"}, done.proposal.branch)
    with pytest.raises(Conflict, match="branch of pull request #1 was changed"):
        merged(server, done)
    assert school.pip == PIP
    seen = server.proposals.get_proposal(1)
    assert "+ghost==1" in seen.files[0].unified
    asked = MergeRequest(commit=seen.proposal.commit)
    assert server.proposals.merge(1, asked, author="bob").revision.number >= 2


def test_proposal_when_pushed_to_between_look_and_merge_then_github_refuses_it(
    school: GitHubSchool,
) -> None:
    done, server = waiting(school), school.server()
    assert done.proposal
    school.hub.fault("slow", method="PUT", path="/merge$")
    with ThreadPoolExecutor(1) as pool:
        end = pool.submit(merged, server, done)
        wait_until(lambda: school.hub.control("GET", "faults")[-1]["met"])
        school.push({"packages/pip.txt": PIP + "ghost==1\n"}, done.proposal.branch)
        with pytest.raises(Conflict, match="changed meanwhile"):
            end.result()
    assert school.pip == PIP


def test_proposal_when_the_lists_were_changed_since_then_it_is_refused_with_what_to_do(
    school: GitHubSchool,
) -> None:
    done, server = waiting(school), school.server()
    school.push({"packages/apt.txt": "git\nvim\n"})
    with pytest.raises(Conflict, match="changed since pull request #1") as told:
        merged(server, done)
    assert "Withdraw it" in told.value.hint
    assert server.proposals.get_proposal(1).problem == told.value.detail
    assert school.pip == PIP


def test_proposal_when_another_file_was_changed_since_then_it_is_merged(
    school: GitHubSchool,
) -> None:
    done = waiting(school)
    school.push({"README.md": "about us\n"})
    assert merged(school.server(), done).revision.number == 3


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"start/quicker.py": "import os\n"}, "changes 1 file that is not shown here: start/quick"),
        ({"README.md": None, "packages/new.txt": "about us\n"}, "changes 2 files that are not"),
        ({f"smoke/{n}.py": "" for n in range(301)}, "are not shown here: .* and more"),
    ],
)
def test_proposal_when_it_brings_a_file_that_is_not_shown_then_it_is_not_merged_here(
    school: GitHubSchool, other: dict[str, str | None], said: str
) -> None:
    school.push({"README.md": "about us\n"})
    number = from_a_fork(school, {"packages/pip.txt": PIP + "maths==2.1\n", **other})
    server = school.server()
    seen = server.proposals.get_proposal(number)
    assert [file.path for file in seen.files] == ["packages/pip.txt"]
    assert re.search(said, seen.problem) and seen.proposal.link in seen.hint
    asked = MergeRequest(commit=seen.proposal.commit)
    with pytest.raises(Conflict, match=said):
        server.proposals.merge(number, asked, author="bob")
    assert school.pip == PIP and not school.hub.count("PUT", "/merge$")


@pytest.mark.parametrize("method", ["merge", "rebase", "squash"])
def test_proposal_when_made_in_a_fork_then_its_author_is_who_opened_it(
    school: GitHubSchool, method: str
) -> None:
    forged = "for all\n\nGrowth-Author: ana\nGrowth-In-Spite-Of-Errors: I say so"
    number = from_a_fork(school, {"packages/pip.txt": PIP + "maths==2.1\n"}, forged)
    server = school.server(merge_method=method)
    [found] = server.proposals.list_proposals().proposals
    assert (found.author, found.reason, found.is_made_here) == ("eve", "for all", False)
    asked = MergeRequest(commit=found.commit)
    done = server.proposals.merge(number, asked, author="bob").revision
    assert (done.number, done.author, done.override_reason) == (2, "eve", "")
    assert school.pip == PIP + "maths==2.1\n"


def test_proposal_when_it_is_for_another_branch_then_it_is_none_of_ours(
    school: GitHubSchool,
) -> None:
    school.push({"packages/pip.txt": PIP + "ghost==1\n"}, "other")
    number = from_a_fork(school, {"packages/pip.txt": PIP}, base="other")
    with pytest.raises(NotFound, match="is for the branch other"):
        school.server().proposals.get_proposal(number)
    with pytest.raises(NotFound):
        school.server().proposals.merge(number, MergeRequest(commit="0" * 40), author="bob")


def test_plan_when_another_was_merged_meanwhile_then_it_is_stale(school: GitHubSchool) -> None:
    server = school.server()
    plan = planned(server, change(*MATHS))
    school.push({"packages/pip.txt": PIP + "maths==1.5\n"})
    with pytest.raises((StalePlan, InvalidInput)):
        proposed(server, plan)
    assert not server.proposals.list_proposals().proposals


def test_merge_when_the_branch_asks_for_a_review_then_github_s_words_are_told(
    school: GitHubSchool,
) -> None:
    done = waiting(school)
    school.rules(needs_review=True)
    with pytest.raises(Conflict, match="At least 1 approving review is required"):
        merged(school.server(), done)
    school.rules(needs_review=False, methods=["merge"])
    with pytest.raises(Conflict, match="Squash merges are not allowed"):
        merged(school.server(), done)


# -- what can go wrong


@pytest.mark.parametrize(
    ("permissions", "lacking"),
    [
        ({}, "repository permission Contents: read-only"),
        ({"contents": "read", "pull_requests": "write"}, "permission Contents: read and write"),
        ({"contents": "write"}, "repository permission Pull requests"),
    ],
)
def test_token_when_it_may_not_then_the_permission_that_lacks_is_named(
    school: GitHubSchool, permissions: dict[str, str], lacking: str
) -> None:
    school.token_file.write_text(school.hub.fine_grained(permissions))
    with pytest.raises(GitHubRefused) as told:
        waiting(school)
    assert lacking in told.value.hint
    assert "github_pat_" not in f"{told.value.detail}{told.value.hint}{told.value.context}"


def test_app_when_installed_with_the_permissions_then_it_does_all_of_it(
    school: GitHubSchool, tmp_path: Path
) -> None:
    app = school.hub.app({"contents": "write", "pull_requests": "write"}, f"A{id(school)}")
    key = tmp_path / "key.pem"
    key.touch(mode=0o600)
    key.write_text(app.private_key)
    config = school.config()
    config.GitHub.app_id, config.GitHub.app_key_file = str(app.id), str(key)
    server = build_packages(Paths(tmp_path / "admin", tmp_path / "nfs"), config=config)
    end = saved(server, planned(server, change(*MATHS)))
    assert end.revision.author == "ada"


@pytest.mark.parametrize(
    "where",
    ["POST /git/trees", "POST /git/commits", "POST /git/refs", "POST /pulls", "PUT /merge"],
)
def test_change_when_an_answer_is_lost_then_it_is_done_once(
    school: GitHubSchool, where: str
) -> None:
    method, path = where.split()
    school.hub.fault("cut_after", method=method, path=f"{path}$")
    end = merged(school.server(), waiting(school))
    assert end.revision.number == 2
    server = school.server()
    assert len(server.proposals.list_proposals().proposals) == 1
    assert school.pip == PIP + "maths==2.1\n"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("secondary", RateLimited), ("primary", RateLimited), ("outage", GitHubUnavailable),
        ("unauthorized", GitHubRefused), ("cut_before", GitHubUnavailable),
    ],
)  # fmt: skip
def test_change_when_github_fails_before_anything_is_done_then_the_same_plan_goes_later(
    school: GitHubSchool, fault: str, error: type[GrowthError]
) -> None:
    server = school.server()
    plan = planned(server, change(*MATHS))
    school.hub.fault(fault, method="POST", path=PULLS)
    with pytest.raises(error):
        proposed(server, plan)
    school.hub.clear()
    assert proposed(server, plan).proposal, "the branch that was left is used"


def test_lists_when_github_is_away_then_that_is_said(school: GitHubSchool) -> None:
    school.hub.fault("outage", times=0)
    with pytest.raises(GitHubUnavailable):
        school.server().lists.get_lists()


@pytest.mark.parametrize(
    ("settings", "error", "said"),
    [
        ({"branch": "no-such"}, NotConfigured, "has no branch no-such"),
        ({"repository": "nobody/nothing"}, GitHubRefused, "not there, or the credential"),
    ],
)
def test_repository_when_it_is_not_there_then_what_to_do_is_said(
    school: GitHubSchool, settings: dict[str, str], error: type[GrowthError], said: str
) -> None:
    with pytest.raises(error, match=said):
        school.server(**settings).lists.get_lists()


def test_repository_when_it_has_no_image_then_what_to_do_is_said(school: GitHubSchool) -> None:
    other = replace(school, repository="empty")
    school.hub.control("PUT", f"repositories/{other.full_name}", texts={})
    with pytest.raises(NotConfigured, match="nothing in it"):
        other.server().lists.get_lists()
    other.push({"README.md": "x"})
    with pytest.raises(NotConfigured, match="no Dockerfile"):
        other.server().lists.get_lists()


def test_repository_when_no_credential_is_there_then_nothing_is_asked(
    school: GitHubSchool,
) -> None:
    server = school.server()
    server.lists.require_configured()
    school.token_file.unlink()
    config = school.config()
    config.GitHub.token_file = ""
    bare = build_packages(Paths(school.folder / "admin", school.folder / "nfs"), config=config)
    with pytest.raises(NotConfigured, match="no credential for GitHub"):
        bare.lists.require_configured()


def test_proposal_when_there_is_none_then_not_found(school: GitHubSchool) -> None:
    with pytest.raises(NotFound):
        school.server().proposals.get_proposal(99)


@pytest.mark.parametrize("wrong", ["image", "https://github.com/school/image", "a/b/c", "-x/y"])
def test_repository_when_the_setting_is_no_name_then_it_is_refused(wrong: str) -> None:
    with pytest.raises(TraitError, match="write it as school/image"):
        ImageSource(repository=wrong)
    assert ImageSource(repository=" school/image.git ").repository == "school/image"


KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from growth_admin.core.github import sender
from tests.images.package_index import Index
from growth_admin.rooms import build_rooms
from growth_admin.settings import Settings
from tests import github
from tests.images.schools import *

class There:
    api_url, organization = sys.argv[4], sys.argv[5]

send = sender.Sender.send
def dying(self, auth, method, path, *more, **how):
    reply = send(self, auth, method, path, *more, **how)
    if method == "POST" and path.endswith(sys.argv[6]):
        os.kill(os.getpid(), signal.SIGKILL)
    return reply
sender.Sender.send = dying
school = GitHubSchool(Path(sys.argv[2]), Index(url=sys.argv[3]), There())
server = school.server()
proposed(server, planned(server, change("add", "maths", "2.1")))
"""


@pytest.mark.parametrize("after", ["/git/commits", "/git/refs", "/pulls"])
def test_server_when_killed_while_it_proposes_then_the_next_try_finds_what_is_there(
    school: GitHubSchool, after: str
) -> None:
    assert school.token_file.exists()
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(Path(__file__).parents[2]), str(school.folder),
         school.index.url, school.hub.api_url, school.hub.organization, after],
        capture_output=True,
        text=True,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr
    server = school.server()
    if after == "/pulls":
        with pytest.raises(Conflict, match="proposed already"):
            waiting(school)
    else:
        waiting(school)
    [found] = server.proposals.list_proposals().proposals
    server.proposals.merge(found.number, MergeRequest(commit=found.commit), author="bob")
    assert school.pip == PIP + "maths==2.1\n"


# -- words


def test_message_when_written_and_read_then_nothing_is_lost() -> None:
    message = Message("Add x", "because\n\nof y", "ada", "p1", "mended\ntomorrow")
    found = read_commit(message.text)
    assert found == replace(message, override_reason="mended tomorrow")
    merge = f"Merge pull request #3 from school/growth/x\n\n{message.text}"
    assert read_commit(merge).title == "Add x"
    assert read_commit("Add x (#3)\n\n" + message.body).title == "Add x"
    assert read_commit("Fix").author == ""


# -- readiness


def test_repository_when_looked_at_then_each_right_and_the_workflow_are_told(
    school: GitHubSchool, published: Description
) -> None:
    place = school.server().parts.github
    assert place
    found = check_repository(place, "image.yml")
    assert [one.is_good for one in found] == [True] * 5, found
    assert school.pip == PIP and published.sent_problems(school.hub.requests()) == []
    assert not check_repository(place, "other.yml")[-1].is_good


@pytest.mark.parametrize(
    ("permissions", "lacking"),
    [
        ({"pull_requests": "write", "actions": "write", "contents": "read"}, "Contents"),
        ({"contents": "write", "actions": "write"}, "Pull requests"),
        ({"contents": "write", "pull_requests": "write", "actions": "read"}, "Actions"),
    ],
)
def test_repository_when_a_right_is_missing_then_that_one_is_named(
    school: GitHubSchool, permissions: dict[str, str], lacking: str
) -> None:
    school.token_file.write_text(school.hub.fine_grained(permissions))
    place = school.server().parts.github
    assert place
    bad = [one for one in check_repository(place, "image.yml") if not one.is_good]
    assert [one.what for one in bad] == [f"permission {lacking}: read and write"]
    assert f"{lacking}: read and write" in bad[0].hint


def test_doctor_when_the_source_is_at_github_then_it_tells_of_the_repository(
    school: GitHubSchool,
) -> None:
    rooms = build_rooms(
        Settings(
            school.folder / "admin", school.folder / "nfs", "ada", areas=("images",),
            config=school.config(),
        )
    )  # fmt: skip
    told = {one.name: one.finding for one in examine(rooms) if "repository" in one.name}
    assert told["image's repository: repository"] == f"{school.full_name}, branch main"
    assert len(told) == 5
