"""The commands of each area: ``growth-admin <area> <verb>``."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from growth_admin.core.errors import ConfirmationNeeded, InvalidInput
from growth_admin.core.permissions import AREAS
from growth_admin.core.schema import Model

if TYPE_CHECKING:
    from growth_admin.rooms import Rooms

Subparsers = Any  # argparse keeps its type private


def add_commands(areas: Subparsers) -> None:
    """Add every area with its verbs."""
    _add_startup(_verbs(areas, "startup", "start scripts"))
    _add_jobs(_verbs(areas, "jobs", "long work"))
    audit = _verbs(areas, "audit", "who changed what")
    verb = _verb(audit, "list", "list the newest changes", _audit_list)
    verb.add_argument("--user", default="")
    verb.add_argument("--limit", type=int, default=50)
    servers = _verbs(areas, "servers", "users' servers")
    verb = _verb(servers, "list", "list users and their servers", _servers_list)
    verb.add_argument("--filter", default="")
    doctor = areas.add_parser("doctor", help="check what this school has and lacks")
    doctor.add_argument("--json", action="store_true")
    doctor.set_defaults(run=_doctor)


def _verbs(areas: Subparsers, name: str, help_text: str) -> Subparsers:
    return areas.add_parser(name, help=help_text).add_subparsers(metavar="VERB", required=True)


def _verb(verbs: Subparsers, name: str, help_text: str, run: Any) -> argparse.ArgumentParser:
    verb: argparse.ArgumentParser = verbs.add_parser(name, help=help_text, description=help_text)
    verb.add_argument("--json", action="store_true", help="print JSON")
    verb.set_defaults(run=run)
    return verb


def _rooms() -> Rooms:
    from growth_admin.rooms import build_rooms, settings_from_environment

    return build_rooms(settings_from_environment())


def _print(result: Model, asked: argparse.Namespace, lines: list[str]) -> int:
    print(json.dumps(result.as_json(), indent=1) if asked.json else "\n".join(lines))
    return 0


# -- startup


def _add_startup(verbs: Subparsers) -> None:
    verb = _verb(verbs, "lint", "check a start script; exit 1 if there is an error", _lint)
    verb.add_argument("file", type=Path)
    _verb(verbs, "list", "say how both scripts stand", _scripts)
    verb = _verb(verbs, "history", "list the revisions of a script", _history)
    verb.add_argument("script")
    verb = _verb(verbs, "diff", "compare two revisions", _diff)
    verb.add_argument("script")
    verb.add_argument("before", type=int)
    verb.add_argument("after", type=int)
    verb = _verb(verbs, "save", "save a file as a new revision; nothing goes live", _save)
    verb.add_argument("script")
    verb.add_argument("file", type=Path)
    verb.add_argument("--reason", required=True)
    verb.add_argument("--override", default="", metavar="WHY", help="save in spite of errors")
    verb = _verb(verbs, "publish", "make a revision live", _publish)
    verb.add_argument("script")
    verb.add_argument("revision", type=int)
    verb.add_argument("--reason", required=True)
    verb.add_argument("--skip", default="", metavar="WHY", help="why steps were skipped")
    verb = _verb(verbs, "restore", "make an old revision live again", _restore)
    verb.add_argument("script")
    verb.add_argument("revision", type=int)
    verb.add_argument("--reason", required=True)
    _verb(verbs, "starts", "say what the last start of every server did", _starts)
    verb = _verb(verbs, "log", "print the last log of a user", _log)
    verb.add_argument("user")
    verb.add_argument("script", nargs="?", default="as-user.sh")
    verb = _verb(verbs, "install", "put the start chain into this image (as root)", _install)
    verb.add_argument("--hooks", type=Path, default=Path("/usr/local/bin/before-notebook.d"))
    verb.add_argument("--lib", type=Path, default=Path("/usr/local/lib/growth-admin"))


def _lint(asked: argparse.Namespace) -> int:
    from growth_admin.startup.lint import lint_file

    report = lint_file(asked.file)
    if asked.json:
        print(json.dumps({"findings": [finding.as_json() for finding in report.findings]}))
    else:
        for finding in report.findings:
            print(f"{asked.file}:{finding.line}: {finding.severity} [{finding.rule}]")
            print(f"    {finding.message}\n    -> {finding.hint}")
        print(f"{len(report.findings)} findings")
    return 1 if report.has_errors else 0


def _scripts(asked: argparse.Namespace) -> int:
    listed = _rooms().startup.scripts.list_scripts()
    lines = [
        f"{s.name:<12} live r{s.live_revision or '-'} newest r{s.head_revision or '-'} {s.problem}"
        for s in listed.scripts
    ]
    return _print(listed, asked, lines)


def _history(asked: argparse.Namespace) -> int:
    history = _rooms().startup.scripts.get_history(asked.script)
    lines = [
        f"r{r.number:<4} {r.time:%Y-%m-%d %H:%M} {r.author:<20} {r.origin:<9} {r.reason}"
        for r in history.revisions
    ]
    return _print(history, asked, lines)


def _diff(asked: argparse.Namespace) -> int:
    found = _rooms().startup.scripts.get_difference(asked.script, asked.before, asked.after)
    return _print(found, asked, [found.unified.rstrip("\n")])


def _save(asked: argparse.Namespace) -> int:
    from growth_admin.startup.models import SaveRequest

    rooms = _rooms()
    rooms.startup.scripts.notice(asked.script)  # what was changed by hand is no conflict here
    head = rooms.startup.scripts.store(asked.script).head()
    saved = rooms.startup.scripts.save(
        asked.script,
        SaveRequest(
            text=_read_script(asked.file),
            reason=asked.reason,
            base_sha256=head.sha256 if head else "",
            override_reason=asked.override,
        ),
        author=rooms.settings.user,
    )
    _record(rooms, "save", asked, after=f"r{saved.revision.number}")
    return _print(saved, asked, [f"saved as r{saved.revision.number}; not live yet"])


def _read_script(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as e:
        raise InvalidInput(f"{path} cannot be read as text: {e}.") from None


def _publish(asked: argparse.Namespace) -> int:
    from growth_admin.startup.models import PublishRequest

    rooms = _rooms()
    scripts = rooms.startup.scripts
    request = PublishRequest(
        revision=asked.revision,
        expected_live_sha256=scripts.get_script(asked.script).live_sha256,
        reason=asked.reason,
        skip_reason=asked.skip,
    )
    done = scripts.publish(asked.script, request, author=rooms.settings.user)
    _record(rooms, "publish", asked, after=f"r{asked.revision}")
    return _print(done, asked, [done.receipt.title])


def _restore(asked: argparse.Namespace) -> int:
    from growth_admin.startup.models import RestoreRequest

    rooms = _rooms()
    request = RestoreRequest(revision=asked.revision, reason=asked.reason)
    saved = rooms.startup.scripts.restore(asked.script, request, author=rooms.settings.user)
    _record(rooms, "save", asked, after=f"r{saved.revision.number}")
    asked.revision, asked.skip = saved.revision.number, "restored from the terminal"
    return _publish(asked)


def _record(rooms: Rooms, verb: str, asked: argparse.Namespace, *, after: str) -> None:
    rooms.audit.record(
        user=rooms.settings.user,
        permission=f"startup.scripts:{verb}",
        area="startup",
        action=f"growth-admin startup {verb} (terminal)",
        target=asked.script,
        after=after,
        result="done",
        detail=asked.reason,
    )


def _starts(asked: argparse.Namespace) -> int:
    listed = _rooms().startup.starts.list_starts()
    summary = ", ".join(f"{count} {state}" for state, count in listed.counts.items() if count)
    lines = [f"{row.user:<40} {row.state:<14} {row.error}" for row in listed.rows]
    return _print(listed, asked, [*lines, summary])


def _log(asked: argparse.Namespace) -> int:
    found = _rooms().startup.starts.get_log(asked.user, asked.script)
    return _print(found, asked, [found.text.rstrip("\n")])


def _install(asked: argparse.Namespace) -> int:
    from growth_admin.deploy.install import install_chain

    placed = install_chain(hooks=asked.hooks, lib=asked.lib)
    print(json.dumps([str(p) for p in placed]) if asked.json else "\n".join(map(str, placed)))
    return 0


# -- the rest


def _add_jobs(verbs: Subparsers) -> None:
    _verb(verbs, "list", "list the newest jobs", _jobs_list)
    verb = _verb(verbs, "cancel", "ask a job to end", _jobs_cancel)
    verb.add_argument("job")


def _jobs_list(asked: argparse.Namespace) -> int:
    listed = _rooms().jobs.list_jobs(AREAS)
    return _print(listed, asked, [f"{j.id}  {j.state:<10} {j.title}" for j in listed.jobs])


def _jobs_cancel(asked: argparse.Namespace) -> int:
    rooms = _rooms()
    job = rooms.jobs.cancel_job(asked.job, AREAS, rooms.settings.user)
    return _print(job, asked, [f"{job.title}: asked to end"])


def _audit_list(asked: argparse.Namespace) -> int:
    areas = (*AREAS, "jobs")
    listed = _rooms().audit.list_entries(areas=areas, user=asked.user, limit=asked.limit)
    lines = [
        f"{e.time:%Y-%m-%d %H:%M} {e.user:<20} {e.result:<8} {e.action} {e.target} {e.after}"
        for e in listed.entries
    ]
    return _print(listed, asked, lines)


def _servers_list(asked: argparse.Namespace) -> int:
    servers = _rooms().servers
    if servers is None:
        raise ConfirmationNeeded(
            "This terminal does not belong to a server of a JupyterHub.",
            hint="Open a terminal in your own JupyterLab.",
        )
    listed = servers.list_servers(asked.filter)
    lines = [f"{s.user:<40} {s.server_name:<8} {s.state}" for s in listed.servers]
    return _print(listed, asked, lines)


def _doctor(asked: argparse.Namespace) -> int:
    from growth_admin.deploy.doctor import examine

    checks = examine(_rooms())
    if asked.json:
        print(json.dumps([check.as_json() for check in checks], indent=1))
    else:
        for check in checks:
            mark = "ok  " if check.is_good else "FAIL"
            print(
                f"{mark} {check.name}: {check.finding}{'  -> ' + check.hint if check.hint else ''}"
            )
    bad = [check for check in checks if not check.is_good]
    if bad:
        print(f"growth-admin: {len(bad)} of {len(checks)} checks failed.", file=sys.stderr)
    return 1 if bad else 0
