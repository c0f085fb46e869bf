"""Calls about workflows and their runs, and where their logs and artifacts are fetched."""

import secrets
from base64 import b64decode
from typing import Any
from urllib.parse import unquote

import yaml
from tornado import web

from growth_admin.deploy.standins.github import runner
from growth_admin.deploy.standins.github.refusals import Refused, not_found
from growth_admin.deploy.standins.github.repositories import Run
from growth_admin.deploy.standins.github.rest_repositories import REPO, RepositoryCall
from growth_admin.deploy.standins.github.shapes import Reply
from growth_admin.deploy.standins.github.shapes_actions import ActionShapes
from growth_admin.deploy.standins.github.weather import Sky
from growth_admin.deploy.standins.github.world import World

FOLDER = ".github/workflows"
NO_DISPATCH = "Workflow does not have 'workflow_dispatch' trigger"
BOM = "\ufeff"  # what logs begin with
ADDRESSES: dict[str, tuple[int, int, str]] = {}
"""Addresses that are good once: repository, run, and log or report."""


class ActionsCall(RepositoryCall):
    """A call about Actions."""

    def workflow(self, name: str) -> tuple[int, str, dict[str, Any]]:
        """A workflow of the default branch by number or file: number, path, content. 404."""
        name = unquote(name)
        for path, number in self._workflows():
            if name in (str(number), path.rpartition("/")[2]):
                return number, path, self.content(path, self.repository.default_branch)
        raise not_found()

    def _workflows(self) -> list[tuple[str, int]]:
        head = self.git.head(self.repository.default_branch)
        found = self.git.entries(head, is_recursive=True) if head else []
        paths = [one.path for one in found if one.path.startswith(f"{FOLDER}/")]
        known = self.repository.workflows
        for path in paths:
            if path.endswith((".yml", ".yaml")) and path not in known:
                known[path] = self.world.new_id()
                self.world.changed()
        return [(path, known[path]) for path in paths if path in known]

    def content(self, path: str, ref: str) -> dict[str, Any]:
        """A workflow's file as a branch has it; empty if it has none."""
        found = self.git.entry(self.git.head(ref), path) if self.git.head(ref) else None
        if found is None:
            return {}
        loaded = yaml.safe_load(self.git.blob(found.sha))
        return loaded if isinstance(loaded, dict) else {}

    def run_shape(self, one: Run) -> Reply:
        """`workflow-run`."""
        name = str(self.content(one.path, self.repository.default_branch).get("name", one.path))
        return ActionShapes(self.made).run(
            one, name, self.account(one.actor), self.git.commit(one.sha)
        )

    def found_run(self, owner: str, name: str, number: str, level: str = "read") -> Run:
        """The run."""
        return self.open(owner, name, "actions", level).run(number)

    def send_on(self, run: Run, kind: str) -> None:
        """302 to an address of another kind, which is good once and needs no credential.

        Where the caller found us: from a container that is not the address of our pages.
        """
        text = secrets.token_urlsafe(24)
        ADDRESSES[text] = (self.repository.id, run.id, kind)
        asked = self.request
        self.redirect(f"{asked.protocol}://{asked.host}/_actions/{text}", status=302)


class Workflows(ActionsCall):
    """GET /repos/O/R/actions/workflows."""

    def get(self, owner: str, name: str) -> None:
        self.open(owner, name, "actions")
        found = [self.shape(str(number)) for _, number in self._workflows()]
        self.answer({"total_count": len(found), "workflows": found})

    def shape(self, which: str) -> Reply:
        """`workflow`."""
        number, path, content = self.workflow(which)
        return ActionShapes(self.made).workflow(number, str(content.get("name", path)), path)


class Workflow(Workflows):
    """GET /repos/O/R/actions/workflows/W."""

    def get(self, owner: str, name: str, which: str = "") -> None:
        self.open(owner, name, "actions")
        self.answer(self.shape(which))


class Dispatches(ActionsCall):
    """POST /repos/O/R/actions/workflows/W/dispatches."""

    def post(self, owner: str, name: str, which: str) -> None:
        self.open(owner, name, "actions", "write")
        number, path, _ = self.workflow(which)
        given = self.given()
        ref = str(given.get("ref", "")).removeprefix("refs/heads/")
        sha = self.git.head(ref)
        if not sha:
            raise Refused(422, f"No ref found for: {ref}")
        content = self.content(path, ref)
        # YAML 1.1 reads `on` as true
        wanted = dict[Any, Any](content).get(True) or content.get("on") or {}
        if not isinstance(wanted, dict) or "workflow_dispatch" not in wanted:
            raise Refused(422, NO_DISPATCH)
        inputs = {str(k): str(v) for k, v in (given.get("inputs") or {}).items()}
        known = ((wanted["workflow_dispatch"] or {}).get("inputs") or {}).keys()
        if unknown := [one for one in inputs if one not in known]:
            raise Refused(422, f"Unexpected inputs provided: {unknown}")
        if not self.repository.rules.actions:
            raise Refused(422, "Actions has been disabled for this repository.")
        run = self._begin(number, path, ref, sha, inputs, str(content.get("run-name", "")))
        if not given.get("return_run_details"):
            self.set_status(204)
            return
        made = self.run_shape(run)
        found = {"workflow_run_id": run.id, "run_url": made["url"], "html_url": made["html_url"]}
        self.answer(found)

    def _begin(
        self, workflow: int, path: str, ref: str, sha: str, inputs: dict[str, str], name: str
    ) -> Run:
        now, repository = self.world.clock.timestamp(), self.repository
        self.world.next_id += 2  # its job and its artifact have the numbers after its own
        number = self.world.new_id() - 2
        title = runner.title_of(name, ref, inputs) or path
        run = Run(
            number, len(repository.runs) + 1, title, "workflow_dispatch", ref, sha, path, workflow,
            self.actor(), now, now, inputs,
        )  # fmt: skip
        repository.runs[run.id] = run
        self.world.changed()
        runner.begin(self.world, repository, run)
        return run


class Runs(ActionsCall):
    """GET /repos/O/R/actions/runs, and of one workflow."""

    def get(self, owner: str, name: str, which: str = "") -> None:
        repository = self.open(owner, name, "actions")
        number = self.workflow(which)[0] if which else 0
        found = [one for one in repository.runs.values() if number in (0, one.workflow)]
        for field, have in (
            ("event", "event"), ("branch", "branch"), ("head_sha", "sha"), ("status", "status"),
        ):  # fmt: skip
            value = self.get_query_argument(field, "")
            found = [one for one in found if value in ("", getattr(one, have))]
        since = self.get_query_argument("created", "").removeprefix(">=")
        found = [one for one in found if one.created_at >= since][::-1]
        size = self._number("per_page", 30)
        page = found[(self._number("page", 1) - 1) * size :][:size]
        self.answer(
            {"total_count": len(found), "workflow_runs": [self.run_shape(one) for one in page]}
        )


class OneRun(ActionsCall):
    """GET /repos/O/R/actions/runs/N."""

    def get(self, owner: str, name: str, number: str) -> None:
        self.answer(self.run_shape(self.found_run(owner, name, number)))


class Jobs(ActionsCall):
    """GET /repos/O/R/actions/runs/N/jobs."""

    def get(self, owner: str, name: str, number: str) -> None:
        run = self.found_run(owner, name, number)
        workflow = str(self.content(run.path, run.branch).get("name", run.path))
        found = [ActionShapes(self.made).job(run, workflow)] if run.status != "pending" else []
        self.answer({"total_count": len(found), "jobs": found})


class JobLogs(ActionsCall):
    """GET /repos/O/R/actions/jobs/N/logs: 404 until the job has ended."""

    def get(self, owner: str, name: str, number: str) -> None:
        run = self.open(owner, name, "actions").run_of_job(number)
        if run.status != "completed":
            raise not_found()
        self.send_on(run, "log")


class Cancel(ActionsCall):
    """POST /repos/O/R/actions/runs/N/cancel."""

    def post(self, owner: str, name: str, number: str) -> None:
        run = self.found_run(owner, name, number, "write")
        if run.status == "completed":
            raise Refused(409, "Cannot cancel a workflow run that is completed.")
        run.is_cancel_asked = True
        runner.cancel(self.world, self.repository, run)
        self.answer({}, 202)


class Artifacts(ActionsCall):
    """GET /repos/O/R/actions/runs/N/artifacts?name=."""

    def get(self, owner: str, name: str, number: str) -> None:
        run = self.found_run(owner, name, number)
        wanted = self.get_query_argument("name", "report")
        has_one = bool(run.report) and wanted == "report"
        found = (
            [ActionShapes(self.made).artifact(run, len(b64decode(run.report)))] if has_one else []
        )
        self.answer({"total_count": len(found), "artifacts": found})


class ArtifactArchive(ActionsCall):
    """GET /repos/O/R/actions/artifacts/N/zip."""

    def get(self, owner: str, name: str, number: str) -> None:
        run = self.open(owner, name, "actions").run(str(int(number) - 2))
        if not run.report:
            raise Refused(410, "Artifact has expired")
        self.send_on(run, "report")


class Elsewhere(web.RequestHandler):
    """What GitHub keeps at another place: logs and artifacts, by an address that is good once."""

    def initialize(self, world: World, sky: Sky, site: str) -> None:
        """Taken by tornado from the route."""
        self.world, self.sky = world, sky

    async def get(self, text: str) -> None:
        kept = ADDRESSES.pop(text, None)
        fault = await self.sky.fault_for("GET", self.request.path, "")
        repository = self.world.repositories.get(kept[0]) if kept else None
        if "Authorization" in self.request.headers or not kept or not repository:
            self.set_status(403)
            return
        run = repository.runs[kept[1]]
        data = f"{BOM}{run.log}".encode() if kept[2] == "log" else b64decode(run.report)
        if fault and fault.is_cut:
            self.set_header("Content-Length", str(len(data)))
            self.write(data[: len(data) // 2])
            await self.flush()
            if self.request.connection:
                self.detach().close()
            return
        if fault and fault.status:
            self.set_status(fault.status)
            return
        is_log = kept[2] == "log"
        self.set_header("Content-Type", "text/plain" if is_log else "application/zip")
        self.finish(data)


ROUTES = [
    (REPO + r"/actions/workflows", Workflows),
    (REPO + r"/actions/workflows/([^/]+)", Workflow),
    (REPO + r"/actions/workflows/([^/]+)/dispatches", Dispatches),
    (REPO + r"/actions/workflows/([^/]+)/runs", Runs),
    (REPO + r"/actions/runs", Runs),
    (REPO + r"/actions/runs/(\d+)", OneRun),
    (REPO + r"/actions/runs/(\d+)/jobs", Jobs),
    (REPO + r"/actions/runs/(\d+)/cancel", Cancel),
    (REPO + r"/actions/runs/(\d+)/artifacts", Artifacts),
    (REPO + r"/actions/jobs/(\d+)/logs", JobLogs),
    (REPO + r"/actions/artifacts/(\d+)/zip", ArtifactArchive),
    (r"/_actions/([\w-]+)", Elsewhere),
]
