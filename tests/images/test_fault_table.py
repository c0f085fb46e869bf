"""The faults of the issue, each once from end to end: what an organiser reads, and what is live.

The details of each are in test_faults.py, test_build_ends.py, test_build_log.py and, with real
containers, tests/container/test_builds.py.
"""

from __future__ import annotations

import shutil
import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from growth_admin.client import GrowthClient
from growth_admin.core.audit import AuditTrail
from growth_admin.core.errors import GrowthError
from growth_admin.images.models import PromoteRequest, RollBackRequest
from growth_admin.jobs.engine import JobEngine
from growth_admin.jobs.store import JobStore
from tests.conftest import fill
from tests.console import running_console
from tests.images.conftest import Desk
from tests.images.registry import proxy_before, running_proxy, running_registry
from tests.images.test_build_ends import Yard
from tests.images.test_build_log import BUILDER, SAID, numbered

LIVE = "/manifests/deploy"
SECRET = "pass-phrase-5b1f"
WIDTH = 100


@dataclass
class Case:
    """One school: ``old`` is live, ``new`` may be promoted; ``before`` was live before ``old``."""

    folder: Path
    desk: Desk
    small_disk: Path
    stack: ExitStack
    old: str = ""
    new: str = ""
    before: str = ""
    reads: list[str] = field(default_factory=list)

    def prepare(self) -> None:
        self.before = self.desk.registry.push("deploy", "zero")
        self.old = self.desk.registry.push("git-1", "one")
        self.new = self.desk.registry.push("git-2", "two")
        for digest in (self.old, self.new):
            self.desk.check(digest)
        self.desk.promote("git-1")

    def told(self, work: Callable[[], object]) -> str:
        """Do something that must be refused; return what the organiser reads."""
        try:
            work()
        except GrowthError as e:
            assert e.detail and e.hint, f"it says not what to do next: {e!r}"
            self.reads.append(f"{e.title}: {e.detail} [{e.hint}]")
        else:
            self.reads.append("NOTHING WAS REFUSED")
        return self.reads[-1]

    def promote(self) -> str:
        return self.told(lambda: self.desk.promote("git-2"))

    def roll_back(self) -> str:
        return self.told(self.desk.roll_back)

    def build(self, **builder: str) -> str:
        """Let a build fail; return what its job says."""
        audit = AuditTrail(self.folder / "audit", writer="ada")
        store = JobStore(self.folder / "jobs")
        jobs = JobEngine(store, user="ada", server="ada/", audit=audit)
        jobs.open()
        self.stack.callback(jobs.close)
        yard = Yard(self.folder / "yard", jobs)
        yard.folder.mkdir()
        packages = """echo '{"packages": []}'"""
        job = yard.until(yard.start(**{"run": packages, **builder}))
        assert job.state == "failed" and job.problem is not None and job.problem.hint
        self.reads.append(f"{job.problem.title}: {job.problem.detail} [{job.problem.hint}]")
        return self.reads[-1]


def registry_down_look(case: Case) -> str:
    case.desk.proxy.fail("", "", is_cut=True)
    return case.told(case.desk.server_of("ada").list_images)


def registry_down_promote(case: Case) -> str:
    case.desk.proxy.fail("PUT", LIVE, is_cut=True)
    return case.promote()


def registry_down_roll_back(case: Case) -> str:
    case.desk.proxy.fail("", "", is_cut=True)
    return case.roll_back()


def registry_down_build(case: Case) -> str:
    return case.build(push="echo 'dial tcp: connect: connection refused'; exit 125")


def manifest_missing_promote(case: Case) -> str:
    server = case.desk.server_of("ada")
    plan = server.plan("git-2")
    case.desk.registry.delete_manifest(case.new)
    asked = PromoteRequest(plan_id=plan.id, digest=plan.to_digest, reason="new term")
    return case.told(lambda: server.promote(asked, author="ada"))


def manifest_missing_roll_back(case: Case) -> str:
    case.desk.registry.delete_manifest(case.before)
    return case.roll_back()


def layer_missing_promote(case: Case) -> str:
    case.desk.registry.lose_blob(case.desk.registry.manifest("git-2")["layers"][1]["digest"])
    return case.promote()


def layer_missing_roll_back(case: Case) -> str:
    lost = case.desk.registry.manifest(case.before)["layers"][0]["digest"]
    case.desk.registry.lose_blob(lost)
    return case.roll_back()


def moved_meanwhile_promote(case: Case) -> str:
    server = case.desk.server_of("ada")
    plan = server.plan("git-2")
    case.old = case.desk.registry.push("deploy", "by somebody else")
    asked = PromoteRequest(plan_id=plan.id, digest=plan.to_digest, reason="new term")
    return case.told(lambda: server.promote(asked, author="ada"))


def moved_meanwhile_roll_back(case: Case) -> str:
    seen = case.old
    case.old = case.desk.registry.push("deploy", "by somebody else")
    asked = RollBackRequest(expected_digest=seen, reason="it broke")
    return case.told(lambda: case.desk.server_of("ada").roll_back(asked, author="ada"))


def moved_in_between(case: Case) -> str:
    third = case.desk.registry.push("git-3", "by somebody else")
    case.desk.proxy.fail("PUT", f"{LIVE}-", times=1)
    case.desk.proxy.fail("PUT", LIVE, after=lambda: case.desk.registry.tag("deploy", third))
    said = case.promote()
    case.old = third
    return said


def build_killed(case: Case) -> str:
    return case.build(build="kill -9 $$")


def builders_disk_full(case: Case) -> str:
    return case.build(build="echo 'write /layer.tar: no space left on device'; exit 125")


def admins_disk_full(case: Case) -> str:
    shutil.copytree(case.desk.state, case.small_disk / ".growth-admin")
    shutil.rmtree(case.desk.folder / "admin")
    (case.desk.folder / "admin").symlink_to(case.small_disk)
    fill(case.small_disk)
    return case.promote()


def login_refused_look(case: Case) -> str:
    case.desk.proxy.fail("", "", status=401, headers={"WWW-Authenticate": 'Basic realm="x"'})
    login = case.folder / "login"
    login.write_text(f"robot:{SECRET}\n")
    login.chmod(0o600)
    server = case.desk.server_of("ada", ImageRegistry__credential_file=str(login))
    return case.told(server.list_images)


def login_refused_promote(case: Case) -> str:
    case.desk.proxy.fail("PUT", LIVE, status=403)
    return case.promote()


def login_refused_build(case: Case) -> str:
    login = case.folder / "login"
    login.write_text(f"robot:{SECRET}\n")
    login.chmod(0o600)
    said = f"echo 'robot:{SECRET}: unauthorized: authentication required'; exit 125"
    return case.build(push=said, login=str(login))


def login_open_to_all(case: Case) -> str:
    login = case.folder / "login"
    login.write_text(f"robot:{SECRET}\n")
    login.chmod(0o644)
    server = case.desk.server_of("ada", ImageRegistry__credential_file=str(login))
    return case.told(server.require_configured)


def two_at_once(case: Case, *works: Callable[[], object]) -> str:
    """Let two do something at the same moment; return what the one reads who comes too late."""
    case.desk.proxy.fail("PUT", LIVE, wait_s=0.5)
    ends: list[GrowthError | None] = []
    gate = threading.Barrier(len(works))

    def do(work: Callable[[], object]) -> None:
        gate.wait()
        try:
            work()
            ends.append(None)
        except GrowthError as e:
            ends.append(e)

    threads = [threading.Thread(target=do, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refused = [end for end in ends if end is not None]
    assert len(refused) == 1, ends

    def again() -> None:
        raise refused[0]

    case.old = case.desk.registry.digest("deploy")
    return case.told(again)


def two_promote(case: Case) -> str:
    case.desk.check(case.desk.registry.push("git-3", "three"))
    return two_at_once(
        case,
        lambda: case.desk.promote("git-2", user="ada"),
        lambda: case.desk.promote("git-3", user="marek"),
    )


def one_promotes_one_rolls_back(case: Case) -> str:
    return two_at_once(
        case,
        lambda: case.desk.promote("git-2", user="ada"),
        lambda: case.desk.roll_back(user="marek"),
    )


def log_cut(case: Case, *, for_good: bool) -> str:
    program = case.folder / "buildah"
    program.write_text(BUILDER)
    program.chmod(0o755)
    root = case.folder / "console"
    (root / "admin" / "image").mkdir(parents=True)
    (root / "admin" / "image" / "Dockerfile").write_text("FROM debian:12\n")
    options = (f"--ImageBuilder.program={program}", "--ImageRegistry.image=registry.test/a/lab")
    console = case.stack.enter_context(
        running_console(root, "--GrowthAdmin.standalone=True", *options)
    )
    address = urlsplit(console.url)
    proxy = case.stack.enter_context(proxy_before(address.port or 0))
    client = GrowthClient(f"http://127.0.0.1:{proxy.port}{address.path}", console.token)
    job = client.images.builds.start_build(reason="for Tuesday")
    log = client.jobs.follow_log(job, every_s=0.05, retry_limit_s=0.5 if for_good else 30)
    text = next(log)
    proxy.fail("GET", "/log", is_cut_halfway=True, times=-1 if for_good else 3)
    if for_good:
        said = case.told(lambda: [*log])
    else:
        text += "".join(log)
        assert numbered(text) == SAID
        said = f"every line once: {len(SAID)} lines although it was cut 3 times"
        case.reads.append(said)
    # whoever looks again later has all of it
    assert numbered("".join(console.client.jobs.follow_log(job, every_s=0.05))) == SAID
    return said


FAULTS: tuple[tuple[str, Callable[[Case], str], str], ...] = (
    ("registry down: look at the list", registry_down_look, "gave no usable answer"),
    ("registry down: promote", registry_down_promote, "was not moved"),
    ("registry down: roll back", registry_down_roll_back, "gave no usable answer"),
    ("registry down: push what was built", registry_down_build, "could not be pushed"),
    ("manifest missing: promote", manifest_missing_promote, "at the registry"),
    ("manifest missing: roll back", manifest_missing_roll_back, "at the registry"),
    ("layer missing: promote", layer_missing_promote, "could not start with it"),
    ("layer missing: roll back", layer_missing_roll_back, "could not start with it"),
    ("tag moved meanwhile: promote", moved_meanwhile_promote, "has changed"),
    ("tag moved meanwhile: roll back", moved_meanwhile_roll_back, "names"),
    ("tag moved at the same moment", moved_in_between, "at the same time"),
    ("build killed", build_killed, "was killed (signal 9)"),
    ("disk full: the builder's", builders_disk_full, "builder's disk is full"),
    ("disk full: the organisers', promote", admins_disk_full, "disk is full"),
    ("log stream cut for a moment", lambda case: log_cut(case, for_good=False), "every line once"),
    ("log stream cut for good", lambda case: log_cut(case, for_good=True), ""),
    ("credentials wrong: look at the list", login_refused_look, "does not take our login"),
    ("credentials wrong: promote", login_refused_promote, "does not let us change"),
    ("credentials wrong: push what was built", login_refused_build, "must be allowed to push"),
    ("credentials readable by everybody", login_open_to_all, "open to everybody"),
    ("two admins promote at once", two_promote, ""),
    ("one promotes, another rolls back", one_promotes_one_rolls_back, ""),
)


@pytest.fixture
def case(tmp_path: Path, small_disk: Path) -> Iterator[Callable[[int], Case]]:
    with ExitStack() as stack:

        def open_case(number: int) -> Case:
            folder = tmp_path / f"case-{number}"
            folder.mkdir()
            registry = stack.enter_context(running_registry(folder / "registry"))
            proxy = stack.enter_context(running_proxy(registry))
            made = Case(folder, Desk(folder, registry, proxy), small_disk, stack)
            made.prepare()
            return made

        yield open_case


def test_faults_when_each_is_met_then_the_organiser_reads_what_happened_and_what_to_do(
    case: Callable[[int], Case], say_at_the_end: Callable[[str], None]
) -> None:
    rows, bad = [], []
    for number, (name, meet, words) in enumerate(FAULTS):
        met = case(number)
        said = meet(met)
        live = met.desk.registry.digest("deploy")
        is_as_meant = words in said and said.startswith("NOTHING") is False and live == met.old
        is_as_meant = is_as_meant and SECRET not in said
        if not is_as_meant:
            bad.append(f"{name}: {said} (live {live[:19]}, expected {met.old[:19]})")
        shown = textwrap.wrap(said, WIDTH, initial_indent="    ", subsequent_indent="    ")
        rows += [f"  {name}{'' if is_as_meant else '  NOT AS MEANT'}", *shown]
    head = f"images: {len(FAULTS)} faults, and what the organiser reads [what to do]; live after "
    head += f"each: what was before. Not as meant: {len(bad)}"
    say_at_the_end("\n".join((head, *rows)))
    assert bad == []
