"""Trying a revision before the class meets it: in a throw-away root, and on a canary."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from growth_admin.core.errors import GrowthError, LeaseLost, NotConfigured, NotFound
from growth_admin.core.fsops import read_bytes, write_atomic
from growth_admin.core.paths import Paths
from growth_admin.core.plan import digest_of
from growth_admin.core.schema import now
from growth_admin.jobs.canaries import require_free_canary
from growth_admin.jobs.engine import JobContext, JobEngine, JobInterrupted, Runner
from growth_admin.jobs.models import Job
from growth_admin.startup.manager import ScriptManager
from growth_admin.startup.models import SCRIPTS, Evidence, Step
from growth_admin.startup.rehearsal import RehearsalReport, rehearse

RECORD_WAIT_S = 20.0


class CanaryEvent(Protocol):
    """A line of the spawn's progress; ``progress`` is 0 to 100."""

    @property
    def progress(self) -> int: ...

    @property
    def message(self) -> str: ...

    @property
    def is_ready(self) -> bool: ...

    @property
    def is_failed(self) -> bool: ...


class Canary(Protocol):
    """The named server that the hub starts with candidate scripts."""

    def start(self, options: Mapping[str, str]) -> None:
        """Ask the hub to start it."""

    def progress(self) -> Iterable[CanaryEvent]:
        """Follow the start until it is ready or has failed."""

    def stop(self) -> None:
        """Stop and remove it, and wait until it is gone."""


class TrialManager:
    """Rehearsals and canaries, as jobs whose result stays with the text as evidence."""

    def __init__(
        self,
        paths: Paths,
        scripts: ScriptManager,
        engine: JobEngine,
        canary: Canary | None,
        *,
        limit_s: float,
    ) -> None:
        self._paths = paths
        self._scripts = scripts
        self._engine = engine
        self._canary = canary
        self._limit_s = limit_s
        engine.register(Runner("startup.rehearsal", "startup.scripts:rehearse", self._rehearse))
        engine.register(
            Runner(
                "startup.canary",
                "startup.scripts:canary",
                self._run_canary,
                is_resumable=True,
                is_personal=True,
            )
        )

    def start_rehearsal(self, script: str, number: int, *, user: str) -> Job:
        """Begin to run a revision twice in a throw-away root; return the job."""
        revision = self._scripts.store(script).get_revision(number)
        return self._engine.start_job(
            "startup.rehearsal",
            title=f"Rehearse r{number} of {script}",
            subject=_path_of(script, number),
            params={"script": script, "revision": number, "sha256": revision.sha256},
            user=user,
        )

    def start_canary(self, script: str, number: int, *, user: str) -> Job:
        """Begin to start one's own canary with a revision; return the job.

        Raises ``NotConfigured`` outside a hub, and ``Conflict`` while the canary is in use.
        """
        if self._canary is None:
            raise NotConfigured(
                "There is no hub here that could start a canary.",
                hint="Run the console on a server that a JupyterHub started.",
            )
        revision = self._scripts.store(script).get_revision(number)
        require_free_canary(self._engine, user)
        return self._engine.start_job(
            "startup.canary",
            title=f"Try r{number} of {script} on {user}/canary",
            subject=_path_of(script, number),
            params={"script": script, "revision": number, "sha256": revision.sha256},
            user=user,
        )

    # -- rehearsal

    def _rehearse(self, context: JobContext) -> dict[str, Any]:
        script, digest = context.params["script"], context.params["sha256"]
        text = self._scripts.store(script).get_text(digest)
        context.progress(0, message="running the script twice in a throw-away root")
        report: RehearsalReport = rehearse(
            {script: text},
            shared_root=self._paths.shared_root,
            admin_root=self._paths.admin_root,
            limit_s=self._limit_s,
            on_line=context.log,
            is_cancelled=context.is_cancelled,
        )
        context.check()
        is_passed = not report.has_errors
        summary = "; ".join(line.text for line in report.conclusions)
        self._keep(context, "rehearsal", is_passed, summary)
        return {"title": summary, "is_passed": is_passed, "report": report.as_json()}

    # -- canary

    def _run_canary(self, context: JobContext) -> dict[str, Any]:
        canary = self._canary
        assert canary is not None  # start_canary refuses otherwise
        if not context.checkpoint:
            require_free_canary(self._engine, context.job.created_by, job=context.job)
        try:
            bundle, known = self._begin_canary(context, canary)
            is_up, last_message = self._follow(context, canary)
            wait_s = RECORD_WAIT_S if is_up else 2
            record = self._wait_for_record(context, bundle, known, wait_s=wait_s)
        except (JobInterrupted, LeaseLost):
            raise  # the canary belongs to the server that goes on with this job
        except BaseException:
            canary.stop()
            raise
        canary.stop()
        is_passed = is_up and record is not None and record.get("state") == "ok"
        summary = _canary_summary(is_up, last_message, record)
        context.log(summary)
        self._keep(context, "canary", is_passed, summary)
        return {"title": summary, "is_passed": is_passed, "record": record}

    def _begin_canary(self, context: JobContext, canary: Canary) -> tuple[str, list[str]]:
        """Start the canary, unless an earlier run of this job has; return its bundle.

        Also return the ids of the records that this bundle had left before.
        """
        begun = context.checkpoint
        if begun.get("step") == "started":
            return str(begun["bundle"]), list(begun["known"])
        bundle = self._make_candidate(context.params["script"], context.params["sha256"])
        known = [record_id(found) for found in find_records(self._paths.records, bundle)]
        context.check()
        canary.stop()
        canary.start({"scripts_revision": bundle})
        context.save_checkpoint({"step": "started", "bundle": bundle, "known": known})
        return bundle, known

    def _make_candidate(self, script: str, digest: str) -> str:
        """Put both scripts where the chain looks for a candidate; return the folder's name."""
        texts = {name: self._candidate_text(name, script, digest) for name in SCRIPTS}
        bundle = digest_of(script, digest, {n: t.hex() for n, t in texts.items()})[:16]
        for name, text in texts.items():
            if text:
                path = self._paths.candidates / bundle / name
                write_atomic(path, text, mode=0o750, is_private=True)
        return bundle

    def _candidate_text(self, name: str, script: str, digest: str) -> bytes:
        if name == script:
            return self._scripts.store(name).get_text(digest)
        try:
            return read_bytes(self._paths.scripts / name)
        except NotFound:
            return b""

    def _follow(self, context: JobContext, canary: Canary) -> tuple[bool, str]:
        message = "the hub said nothing"
        for event in canary.progress():
            context.check()
            message = event.message or message
            context.log(message)
            context.progress(event.progress, 100, unit="%", message=message)
            if event.is_failed:
                return False, message
            if event.is_ready:
                return True, message
        return False, message

    def _wait_for_record(
        self, context: JobContext, bundle: str, known: list[str], *, wait_s: float
    ) -> dict[str, Any] | None:
        """Return what the chain wrote about this start: not about an earlier one, nor another's."""
        user, end_s = context.job.created_by, time.monotonic() + wait_s
        while True:
            found = [
                record
                for record in find_records(self._paths.records, bundle)
                if record_id(record) not in known and record.get("hub_user", user) == user
            ]
            if found or time.monotonic() > end_s:
                return found[0] if found else None
            context.check()
            time.sleep(0.3)

    def _keep(self, context: JobContext, step: Step, is_passed: bool, summary: str) -> None:
        self._scripts.store(context.params["script"]).add_evidence(
            Evidence(
                step=step,
                sha256=context.params["sha256"],
                is_passed=is_passed,
                summary=summary[:2000],
                job_id=context.job.id,
                time=now(),
                author=context.job.created_by,
            )
        )


def find_records(folder: Path, bundle: str) -> list[dict[str, Any]]:
    """Return the start records of canaries that ran this candidate, newest first."""
    return [one for one in canary_records(folder) if one.get("scripts_revision") == bundle]


def canary_records(folder: Path) -> list[dict[str, Any]]:
    """Return the start records of all canaries, newest first."""
    found = [record for path in folder.glob("*--canary.jsonl") for record in _records(path)]
    return sorted(found, key=lambda record: str(record["started"]), reverse=True)


def record_id(record: dict[str, Any]) -> str:
    """Return what tells a record from every other."""
    return str(record.get("id") or record["started"])


def _records(path: Path) -> Iterator[dict[str, Any]]:
    try:
        lines = read_bytes(path).splitlines()
    except GrowthError:
        return
    for line in lines:
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict) and "started" in record:
            yield record


def _path_of(script: str, number: int) -> str:
    return f"startup/scripts/{script}/revisions/{number}"


def _canary_summary(is_up: bool, message: str, record: dict[str, Any] | None) -> str:
    if not is_up:
        return f"The canary did not start: {message}"
    if record is None:
        return (
            "The canary started, but the chain left no record. The image may lack the chain's "
            "hook, or the logs folder may not be writable."
        )
    bad = say_bad_scripts(record)
    if not bad:
        took_s = float(record.get("duration_s") or 0)
        spelled = f"{took_s:.1f} s" if took_s >= 0.1 else "under 0.1 s"
        return f"The canary started; both scripts ended well, in {spelled}."
    return f"The canary started, but {bad}"


def say_bad_scripts(record: dict[str, Any]) -> str:
    """Return which scripts of a start did not end well and how; empty if all did."""
    bad = [s for s in record.get("scripts", ()) if s.get("state") != "ok"]
    return "; ".join(_say_script(script) for script in bad)


def _say_script(script: dict[str, Any]) -> str:
    code = script.get("exit_code")
    ending = f" with exit code {code}" if code else ""
    error = f": {script['error']}" if script.get("error") else ""
    return f"{script.get('name')} {script.get('state')}{ending}{error}"
