"""The demo's repository: the shipped source at the stand-in, whose runs end with a tag."""

from __future__ import annotations

from pathlib import Path

from traitlets.config import Config

from growth_admin.core.audit import AuditTrail
from growth_admin.core.paths import Paths
from growth_admin.deploy.demo import people
from growth_admin.deploy.demo.registry import NAME
from growth_admin.deploy.demo.repository import repository_seed, repository_settings
from growth_admin.images.builds.models import BuildRequest
from growth_admin.images.room import build_room
from growth_admin.jobs.engine import JobEngine
from growth_admin.jobs.models import ENDED
from growth_admin.jobs.store import JobStore
from tests import github
from tests.conftest import wait_until
from tests.images.registry import running_registry

IMAGE = Path(__file__).parents[2] / "image"


def test_image_when_built_in_a_demo_at_github_then_its_tag_is_at_the_demo_s_registry(
    tmp_path: Path,
) -> None:
    token = tmp_path / "token"
    token.touch(mode=0o600)
    token.write_text(f"ghp_{'a' * 36}\n")
    with running_registry(tmp_path / "registry") as registry:
        seed = people.seed("secret", "http://127.0.0.1:1/cb", token.read_text().strip())
        seed["repositories"] = repository_seed(IMAGE, registry.port)
        with github.running(tmp_path, seed, people.ORGANIZATION) as hub:
            config = Config(repository_settings())
            config.GitHub.api_url, config.GitHub.organization = hub.api_url, people.ORGANIZATION
            config.GitHub.token_file = str(token)
            config.ImageRegistry.image = f"127.0.0.1:{registry.port}/{NAME}"
            paths = Paths(tmp_path / "admin", tmp_path / "nfs")
            jobs = JobEngine(
                JobStore(paths.admin_state / "jobs"), user="ada", server="ada/",
                audit=AuditTrail(paths.admin_state / "audit", writer="ada"),
            )  # fmt: skip
            room = build_room(paths, user="ada", running=None, config=config, jobs=jobs)
            jobs.open()
            try:
                assert room.packages.lists.get_lists().packages
                job = room.builds.start_build(BuildRequest(reason="first"), user="ada")
                area = {"images"}
                wait_until(lambda: jobs.get_job(job.id, area).state in ENDED, timeout_s=120)
                ended = jobs.get_job(job.id, area)
            finally:
                jobs.close()
    assert ended.state == "succeeded" and ended.receipt, ended.problem
    assert ended.receipt["tag"].startswith("git-")
