"""What does the work of a workflow run: a command of this machine, or whoever moves it by control.

A run begins as queued. With a hook (``Rules.hook``) the command is run in a folder with the files
of the commit; its lines are the job's log. It is told REVISION, REASON and REPORT (a folder whose
files become the artifact ``report``) by its environment. A line ``##[step]NAME`` begins a step.
"""

import asyncio
import base64
import io
import os
import re
import signal
import tempfile
import zipfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from growth_admin.deploy.standins.github.repositories import Repository, Run, Step

if TYPE_CHECKING:
    from growth_admin.deploy.standins.github.world import World

STEP = "##[step]"
OPTIONAL = re.compile(r"\$\{\{ inputs\.(\w+) && format\('([^']*)', inputs\.\w+\) \}\}")
"""What is in a run's name only if an input is there."""
PROCESSES: dict[int, int] = {}
"""Process groups of hooks by run."""
TASKS: set["asyncio.Task[None]"] = set()


def title_of(name: str, ref: str, inputs: dict[str, str]) -> str:
    """A run's name as the shipped workflow builds it: the branch, the reason, the request."""
    text = name.replace("${{ github.ref_name }}", ref)

    def filled(found: re.Match[str]) -> str:
        return found[2].format(inputs[found[1]]) if inputs.get(found[1]) else ""

    return OPTIONAL.sub(filled, text)


def begin(world: "World", repository: Repository, run: Run) -> None:
    """Let the hook work, if there is one."""
    if not repository.rules.hook:
        return
    task = asyncio.get_running_loop().create_task(_work(world, repository, run))
    TASKS.add(task)
    task.add_done_callback(TASKS.discard)


def cancel(world: "World", repository: Repository, run: Run) -> None:
    """End it: the hook is killed; one that waits ends at once."""
    group = PROCESSES.get(run.id)
    if group:
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGTERM)
    else:
        end(world, run, "cancelled")


def end(world: "World", run: Run, conclusion: str) -> None:
    """The run is over."""
    now = world.clock.timestamp()
    for step in run.steps:
        if step.status != "completed":
            is_reached = step.status == "in_progress"
            step.status, step.completed_at = "completed", now
            step.conclusion = conclusion if is_reached else "skipped"
    run.status, run.conclusion, run.updated_at = "completed", conclusion, now
    world.changed()


def enter(world: "World", run: Run, name: str) -> None:
    """A step begins, and so the one before has succeeded."""
    now = world.clock.timestamp()
    for step in run.steps:
        if step.status == "in_progress":
            step.status, step.conclusion, step.completed_at = "completed", "success", now
    run.steps.append(Step(name, len(run.steps) + 1, "in_progress", started_at=now))
    run.status, run.started_at, run.updated_at = "in_progress", run.started_at or now, now
    world.changed()


def add_line(run: Run, line: str) -> None:
    """A line of the log, with its time, as GitHub has them."""
    run.log += f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}0Z {line}\n"


async def _work(world: "World", repository: Repository, run: Run) -> None:
    code = 1
    try:
        with tempfile.TemporaryDirectory(prefix="growth-run-") as name:
            files, report = _folders(Path(name))
            wanted = run.inputs.get("revision") or run.sha
            world.git_of(repository).archive(wanted, files)
            enter(world, run, "Set up job")
            code = await _run_hook(world, repository, run, files, report)
            for step in run.steps:
                if step.status == "in_progress" and code == 0:
                    step.status, step.conclusion = "completed", "success"
                    step.completed_at = world.clock.timestamp()
            run.report = _packed(report)
    finally:  # nobody waits for ever for a run that could not begin, or whose stand-in ends
        is_cancelled = run.is_cancel_asked
        end(world, run, "cancelled" if is_cancelled else "success" if code == 0 else "failure")
        world.keep()


async def _run_hook(
    world: "World", repository: Repository, run: Run, files: Path, report: Path
) -> int:
    rules = repository.rules
    known = {
        **os.environ,
        **rules.environment,
        "REVISION": run.inputs.get("revision") or run.sha,
        "REASON": run.inputs.get("reason", ""),
        "REPORT": str(report),
    }
    process = await asyncio.create_subprocess_exec(
        *rules.hook,
        cwd=files,
        env=known,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    PROCESSES[run.id] = process.pid
    try:
        if run.is_cancel_asked:  # while it was being started
            return -signal.SIGTERM
        assert process.stdout
        async for raw in process.stdout:
            line = raw.decode(errors="replace").rstrip("\n")
            if line.startswith(STEP):
                enter(world, run, line.removeprefix(STEP).strip())
                world.keep()
                continue
            add_line(run, line)
        return await process.wait()
    finally:
        PROCESSES.pop(run.id, None)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _folders(place: Path) -> tuple[Path, Path]:
    files, report = place / "files", place / "report"
    files.mkdir()
    report.mkdir()
    return files, report


def _packed(folder: Path) -> str:
    """The files of a folder as a ZIP in base64; empty for none."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.write(path, path.relative_to(folder))
    return base64.b64encode(packed.getvalue()).decode() if files else ""
