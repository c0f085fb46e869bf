"""The stand-in's repositories: each call against GitHub's description, and PyGithub as a client."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import github as pygithub
import psutil
import pytest
import requests

from tests import github
from tests.conftest import wait_until
from tests.contract.github_api import Api
from tests.contract.github_description import Description
from tests.contract.test_github_standin import served
from tests.contract.test_github_standin_clients import client

REPO = "/repos/{owner}/{repo}"
NAME = "image"
WORKFLOW = Path(__file__).parents[2] / "image" / ".github" / "workflows" / "image.yml"
FILES = {"Dockerfile": "FROM debian:12\n", ".github/workflows/image.yml": WORKFLOW.read_text()}


class Desk:
    """A repository of the test's own, and checked calls of it."""

    def __init__(self, api: Api) -> None:
        self.hub, self.api = api.hub, api
        self.made = self.hub.control("PUT", self.place("repositories"), texts=FILES)
        self.token = self.hub.token("", "repo", "workflow")

    def place(self, what: str, *more: object) -> str:
        return "/".join([what, self.hub.organization, NAME, *map(str, more)])

    def __call__(self, call: str, status: int = 200, token: str = "", **values: Any) -> Any:
        method, _, path = call.partition(" ")
        known = {"owner": self.hub.organization, "repo": NAME}
        reply = self.api(f"{method} {REPO}{path}", token or self.token, status, **known, **values)
        return reply.json() if reply.content else None

    def commit(self, text: str, base: str = "") -> str:
        """A commit upon main with another Dockerfile, that no branch names."""
        base = base or self.made["head"]
        tree = self("GET /git/commits/{commit_sha}", commit_sha=base)["tree"]["sha"]
        entry = {"path": "Dockerfile", "mode": "100644", "type": "blob", "content": text}
        fresh = self("POST /git/trees", 201, base_tree=tree, tree=[entry])["sha"]
        made = self("POST /git/commits", 201, message="Other\n\nwhy", tree=fresh, parents=[base])
        return str(made["sha"])

    def pull(self, branch: str, text: str = "FROM debian:13\n") -> Any:
        """A pull request with that text."""
        self("POST /git/refs", 201, ref=f"refs/heads/{branch}", sha=self.commit(text))
        return self("POST /pulls", 201, title="Newer", head=branch, base="main", body="why")


@pytest.fixture
def desk(api: Api) -> Desk:
    return Desk(api)


def test_repository_when_read_then_replies_are_as_github_describes_them(desk: Desk) -> None:
    found = desk("GET ")
    assert (found["default_branch"], found["private"]) == ("main", True)
    head = desk("GET /git/ref/{ref}", ref="heads/main")["object"]["sha"]
    assert head == desk("GET /branches/{branch}", branch="main")["commit"]["sha"]
    [one] = desk("GET /commits?sha=main")
    assert one["sha"] == head and one["author"]["login"] == desk.hub.owner
    assert desk("GET /commits/{ref}", ref="main")["sha"] == head
    file = desk(f"GET /contents/{{path}}?ref={head}", path="Dockerfile")
    assert file["encoding"] == "base64"
    desk("GET /contents/{path}", 404, path="nothing")
    tree = desk("GET /git/trees/{tree_sha}?recursive=1", tree_sha=head)
    assert {line["path"] for line in tree["tree"] if line["type"] == "blob"} == set(FILES)
    desk("POST /git/blobs", 201, content="text")


def test_change_when_proposed_and_merged_then_every_reply_is_described(desk: Desk) -> None:
    pull = desk.pull("growth/one")
    assert pull["mergeable"] is True and pull["changed_files"] == 1
    other = desk.pull("growth/two", "FROM debian:14\n")
    [found] = desk("GET /pulls?state=open&base=main&per_page=30&head="
                   f"{desk.hub.organization}:growth/one")  # fmt: skip
    assert found["number"] == pull["number"]
    compared = desk("GET /compare/{basehead}", basehead=f"main...{pull['head']['sha']}")
    assert (compared["status"], compared["ahead_by"]) == ("ahead", 1)
    assert [(one["filename"], one["status"]) for one in compared["files"]] == [
        ("Dockerfile", "modified")
    ]
    desk("PUT /pulls/{pull_number}/merge", 409, pull_number=pull["number"], sha="0" * 40)
    done = desk("PUT /pulls/{pull_number}/merge", pull_number=pull["number"],
                sha=pull["head"]["sha"], merge_method="squash")  # fmt: skip
    assert desk("GET /git/ref/{ref}", ref="heads/main")["object"]["sha"] == done["sha"]
    merged = desk("GET /pulls/{pull_number}", pull_number=pull["number"])
    assert merged["merged"] and merged["merged_by"]["login"] == desk.hub.owner
    assert desk("GET /pulls/{pull_number}", pull_number=other["number"])["mergeable"] is False
    desk("PUT /pulls/{pull_number}/merge", 405, pull_number=other["number"])
    closed = desk("PATCH /pulls/{pull_number}", pull_number=other["number"], state="closed")
    assert closed["state"] == "closed"
    desk("DELETE /git/refs/{ref}", 204, ref="heads/growth/two")
    desk("DELETE /git/refs/{ref}", 422, ref="heads/growth/two")
    desk("GET /git/ref/{ref}", 404, ref="heads/growth/two")
    moved = desk.commit("FROM debian:15\n", done["sha"])
    desk("PATCH /git/refs/{ref}", 200, ref="heads/growth/one", sha=moved, force=True)
    desk("POST /git/refs", 422, ref="refs/heads/growth/one", sha=moved)


def test_change_when_proposed_from_a_fork_then_every_reply_is_described(desk: Desk) -> None:
    desk.hub.person("forker")
    texts = {"Dockerfile": None, "Containerfile": FILES["Dockerfile"], "new": "x\n"}
    made = desk.hub.control("POST", desk.place("pulls") + "/forker", texts=texts, branch="main")
    pull = desk("GET /pulls/{pull_number}", pull_number=made["number"])
    assert (pull["user"]["login"], pull["head"]["label"]) == ("forker", "forker:main")
    assert pull["head"]["repo"]["full_name"] == f"forker/{NAME}" and pull["changed_files"] == 2
    [listed] = desk("GET /pulls?state=open&head=forker:main")
    assert listed["number"] == made["number"]
    assert desk(f"GET /pulls?head={desk.hub.organization}:main") == []
    compared = desk("GET /compare/{basehead}", basehead=f"main...{made['sha']}")
    told = [(one["filename"], one["status"], one.get("previous_filename"))
            for one in compared["files"]]  # fmt: skip
    assert told == [("Containerfile", "renamed", "Dockerfile"), ("new", "added", None)]
    desk("PUT /pulls/{pull_number}/merge", pull_number=made["number"], sha=made["sha"])
    assert desk("GET /contents/{path}", path="new")["size"] == 2


def test_run_when_dispatched_moved_and_cancelled_then_every_reply_is_described(
    desk: Desk,
) -> None:
    assert desk("GET /actions/workflows")["total_count"] == 1
    assert desk("GET /actions/workflows/{workflow_id}", workflow_id="image.yml")["name"] == "Image"
    dispatches = "POST /actions/workflows/{workflow_id}/dispatches"
    named = {"workflow_id": "image.yml"}
    place = f"/repos/{desk.hub.organization}/{NAME}/actions/workflows/image.yml/dispatches"
    for wrong in ({"ref": "no-such-branch"}, {"ref": "main", "inputs": {"nothing": "x"}}):
        # the description has no refusals of this call; GitHub answers so what it cannot use
        assert desk.hub.call("POST", place, desk.token, json=wrong).status_code == 422
    desk(dispatches, 204, **named, ref="main")
    inputs = {"reason": "new term", "request": "a1b2", "revision": desk.made["head"]}
    told = desk(dispatches, **named, ref="main", inputs=inputs, return_run_details=True)
    number = told["workflow_run_id"]
    query = "event=workflow_dispatch&per_page=30&created=>=2026-01-01"
    listed = desk(f"GET /actions/workflows/{{workflow_id}}/runs?{query}", **named)
    assert listed["workflow_runs"][0]["display_title"] == "Image of main (new term) [a1b2]"
    run, jobs = {"run_id": number}, "GET /actions/runs/{run_id}/jobs"
    assert desk("GET /actions/runs/{run_id}", **run)["status"] == "queued"
    [job] = desk(jobs, **run)["jobs"]
    desk("GET /actions/jobs/{job_id}/logs", 404, job_id=job["id"])
    moves = desk.place("runs", number)
    desk.hub.control("PATCH", moves, step="Build and push", lines=["STEP 1/2"])
    assert desk(jobs, **run)["jobs"][0]["steps"][0]["status"] == "in_progress"
    desk.hub.control("PATCH", moves, conclusion="success", report={"image.txt": "x"})
    assert desk("GET /actions/runs/{run_id}", **run)["conclusion"] == "success"
    desk("POST /actions/runs/{run_id}/cancel", 409, **run)
    address = desk.api(f"GET {REPO}/actions/jobs/{{job_id}}/logs", desk.token, 302,
                       owner=desk.hub.organization, repo=NAME, job_id=job["id"])  # fmt: skip
    text = requests.get(address.headers["Location"], timeout=10).text
    assert text.endswith("STEP 1/2\n")
    [artifact] = desk("GET /actions/runs/{run_id}/artifacts?name=report", **run)["artifacts"]
    desk("GET /actions/artifacts/{artifact_id}/{archive_format}", 302,
         artifact_id=artifact["id"], archive_format="zip")  # fmt: skip
    first = desk("GET /actions/runs")["workflow_runs"][-1]["id"]
    desk("POST /actions/runs/{run_id}/cancel", 202, run_id=first)
    assert desk("GET /actions/runs/{run_id}", run_id=first)["conclusion"] == "cancelled"
    desk("GET /actions/runs/{run_id}", 404, run_id=1)


def test_run_when_its_work_cannot_begin_or_its_stand_in_ends_then_it_has_failed(
    tmp_path: Path, published: Description
) -> None:
    mark = tmp_path / "still-there"
    with github.running(tmp_path) as hub:
        desk = Desk(Api(hub, published))
        hook = ["sh", "-c", f"echo '##[step]Build'; sleep 600; touch {mark}"]
        hub.control("PUT", desk.place("repositories"), hook=hook)

        def last() -> dict[str, Any]:
            found: dict[str, Any] = hub.control("GET", desk.place("runs"))[-1]
            return found

        begin, named = "POST /actions/workflows/{workflow_id}/dispatches", "image.yml"
        desk(begin, 204, workflow_id=named, ref="main", inputs={"revision": "0" * 40})
        wait_until(lambda: last()["conclusion"] == "failure")
        desk(begin, 204, workflow_id=named, ref="main")
        wait_until(lambda: last()["steps"] and last()["steps"][-1]["name"] == "Build")
        assert hub.stop() == 0
        assert not [one for one in psutil.process_iter(["cmdline"])
                    if str(mark) in " ".join(one.info["cmdline"] or ())]  # fmt: skip
        hub.start()
        assert last()["conclusion"] == "failure"


@pytest.mark.parametrize(
    ("permissions", "call", "lacking"),
    [
        ({}, "GET /git/ref/{ref}", "contents=read"),
        ({"contents": "read"}, "POST /git/refs", "contents=write"),
        ({"contents": "write"}, "POST /pulls", "pull_requests=write"),
        ({"actions": "read"}, "POST /actions/workflows/{workflow_id}/dispatches", "actions=write"),
    ],
)
def test_call_when_a_permission_is_missing_then_403_names_it(
    desk: Desk, permissions: dict[str, str], call: str, lacking: str
) -> None:
    token = desk.hub.fine_grained(permissions)
    method, path = call.split(" ")
    known = {"owner": desk.hub.organization, "repo": NAME, "workflow_id": "image.yml",
             "ref": "heads/main"}  # fmt: skip
    reply = desk.api(f"{method} {REPO}{path}", token, 403, **known)
    assert reply.headers["X-Accepted-GitHub-Permissions"] == lacking
    desk("GET ", 404, token=desk.hub.token("", "admin:org"))  # a private one, without repo


def test_pygithub_when_it_proposes_merges_and_builds_then_it_finds_all_of_it(
    desk: Desk, published: Description
) -> None:
    hub = desk.hub
    who = client(hub, pygithub.Auth.Token(desk.token))
    hub.forget_requests()
    repository = who.get_repo(f"{hub.organization}/{NAME}")
    head = repository.get_git_ref("heads/main").object.sha
    base = repository.get_git_commit(head)
    element = pygithub.InputGitTreeElement("Dockerfile", "100644", "blob", "FROM debian:13\n")
    tree = repository.create_git_tree([element], base.tree)
    commit = repository.create_git_commit("Newer", tree, [base])
    repository.create_git_ref("refs/heads/growth/x", commit.sha)
    pull = repository.create_pull("main", "growth/x", title="Newer", body="why")
    assert pull.mergeable and [one.number for one in repository.get_pulls()] == [pull.number]
    done = pull.merge(merge_method="merge", sha=commit.sha)
    assert done.merged and repository.get_branch("main").commit.sha == done.sha
    merge = repository.get_commits(sha="main")[0].commit.message
    assert merge.startswith(f"Merge pull request #{pull.number} from {hub.organization}/growth/x")
    repository.get_git_ref("heads/growth/x").delete()
    workflow = repository.get_workflow("image.yml")
    assert workflow.create_dispatch("main", {"reason": "new term"})
    [run] = workflow.get_runs(event="workflow_dispatch")
    assert run.status == "queued" and run.cancel()
    assert repository.get_workflow_run(run.id).conclusion == "cancelled"
    assert published.sent_problems(hub.requests()) == []
    with pytest.raises(pygithub.GithubException) as gone:
        repository.create_git_ref("refs/heads/main", commit.sha)
    assert gone.value.status == 422


def test_repository_when_the_stand_in_is_killed_then_all_of_it_is_there_again(
    tmp_path: Path, published: Description
) -> None:
    with github.running(tmp_path) as hub:
        desk = Desk(Api(hub, published))
        pull = desk.pull("growth/one")
        hub.kill()
        hub.start()
        desk.token = hub.token("", "repo")
        assert desk("GET /pulls/{pull_number}", pull_number=pull["number"])["state"] == "open"
        assert desk("GET /git/ref/{ref}", ref="heads/growth/one")["object"]["type"] == "commit"


def test_calls_of_repositories_when_served_then_github_has_them(published: Description) -> None:
    calls = {call for call in served(published) if "/repos/" in call}
    operations = [published.operation(*call.split(" ")) for call in sorted(calls)]
    assert [wrong for wrong in operations if isinstance(wrong, str)] == []
