"""GitHub's replies about workflows and their runs, field by field as in `shapes`."""

from urllib.parse import quote

from growth_admin.deploy.standins.github.git import CommitFacts
from growth_admin.deploy.standins.github.repositories import Run, Step
from growth_admin.deploy.standins.github.shapes import Reply
from growth_admin.deploy.standins.github.shapes_repositories import RepositoryShapes, node, utc


class ActionShapes:
    """Makes replies about one repository's workflows."""

    def __init__(self, about: RepositoryShapes) -> None:
        self.about, self.repository = about, about.repository
        self.url, self.page = about.url, about.page

    def workflow(self, number: int, name: str, path: str) -> Reply:
        """`workflow`."""
        return {
            "id": number,
            "node_id": node("Workflow", number),
            "name": name,
            "path": path,
            "state": "active",
            "created_at": self.repository.created_at,
            "updated_at": self.repository.updated_at,
            "url": f"{self.url}/actions/workflows/{number}",
            "html_url": f"{self.page}/blob/{self.repository.default_branch}/{path}",
            "badge_url": f"{self.page}/workflows/{quote(name)}/badge.svg",
        }

    def run(self, one: Run, name: str, actor: Reply, commit: CommitFacts) -> Reply:
        """`workflow-run`."""
        url = f"{self.url}/actions/runs/{one.id}"
        return {
            "id": one.id,
            "node_id": node("WorkflowRun", one.id),
            "name": name,
            "display_title": one.title,
            "head_branch": one.branch,
            "head_sha": one.sha,
            "path": one.path,
            "run_number": one.number,
            "run_attempt": 1,
            "event": one.event,
            "status": one.status,
            "conclusion": one.conclusion or None,
            "workflow_id": one.workflow,
            "check_suite_id": one.id,
            "check_suite_node_id": node("CheckSuite", one.id),
            "pull_requests": [],
            "created_at": one.created_at,
            "updated_at": one.updated_at,
            "run_started_at": one.created_at,
            "actor": actor,
            "triggering_actor": actor,
            "url": url,
            "html_url": f"{self.page}/actions/runs/{one.id}",
            "jobs_url": f"{url}/jobs",
            "logs_url": f"{url}/logs",
            "check_suite_url": f"{self.url}/check-suites/{one.id}",
            "artifacts_url": f"{url}/artifacts",
            "cancel_url": f"{url}/cancel",
            "rerun_url": f"{url}/rerun",
            "previous_attempt_url": None,
            "workflow_url": f"{self.url}/actions/workflows/{one.workflow}",
            "head_commit": {
                "id": commit.sha,
                "tree_id": commit.tree,
                "message": commit.message,
                "timestamp": utc(commit.committer.date),
                "author": {"name": commit.author.name, "email": commit.author.email},
                "committer": {"name": commit.committer.name, "email": commit.committer.email},
            },
            "repository": self.about.minimal(),
            "head_repository": self.about.minimal(),
        }

    def job(self, one: Run, workflow: str) -> Reply:
        """`job`."""
        is_done = one.status == "completed"
        return {
            "id": one.job,
            "run_id": one.id,
            "run_url": f"{self.url}/actions/runs/{one.id}",
            "run_attempt": 1,
            "node_id": node("CheckRun", one.job),
            "head_sha": one.sha,
            "head_branch": one.branch,
            "workflow_name": workflow,
            "name": "image",
            "url": f"{self.url}/actions/jobs/{one.job}",
            "html_url": f"{self.page}/actions/runs/{one.id}/job/{one.job}",
            "status": one.status,
            "conclusion": one.conclusion or None,
            "created_at": one.created_at,
            "started_at": one.started_at or one.created_at,
            "completed_at": one.updated_at if is_done else None,
            "steps": [_step(step) for step in one.steps],
            "check_run_url": f"{self.url}/check-runs/{one.job}",
            "labels": ["ubuntu-latest"],
            "runner_id": 1 if one.started_at else None,
            "runner_name": "GitHub Actions 1" if one.started_at else None,
            "runner_group_id": 0 if one.started_at else None,
            "runner_group_name": "GitHub Actions" if one.started_at else None,
        }

    def artifact(self, one: Run, size: int) -> Reply:
        """`artifact`."""
        url = f"{self.url}/actions/artifacts/{one.artifact}"
        return {
            "id": one.artifact,
            "node_id": node("Artifact", one.artifact),
            "name": "report",
            "size_in_bytes": size,
            "url": url,
            "archive_download_url": f"{url}/zip",
            "expired": False,
            "created_at": one.updated_at,
            "updated_at": one.updated_at,
            "expires_at": one.updated_at,
        }


def _step(one: Step) -> Reply:
    return {
        "name": one.name,
        "number": one.number,
        "status": one.status,
        "conclusion": one.conclusion or None,
        "started_at": one.started_at or None,
        "completed_at": one.completed_at or None,
    }
