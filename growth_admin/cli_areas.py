"""The commands of each area: ``growth-admin <area> <verb>``."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from growth_admin.core.errors import InvalidInput
from growth_admin.core.permissions import AREAS
from growth_admin.core.schema import Model

if TYPE_CHECKING:
    from growth_admin.rooms import Rooms

Subparsers = Any  # argparse keeps its type private


def add_commands(areas: Subparsers) -> None:
    """Add every area with its verbs."""
    from growth_admin.cli_datasets import add_datasets
    from growth_admin.cli_deploy import add_deploy
    from growth_admin.cli_images import add_images
    from growth_admin.cli_jobs import add_jobs
    from growth_admin.cli_notices import add_notices
    from growth_admin.cli_roster import add_roster
    from growth_admin.cli_servers import add_servers

    _add_startup(verbs_of(areas, "startup", "start scripts"))
    add_datasets(verbs_of(areas, "datasets", "data for everybody"))
    add_roster(verbs_of(areas, "roster", "people in and out of the school's teams"))
    add_jobs(verbs_of(areas, "jobs", "long work"))
    audit = verbs_of(areas, "audit", "who changed what")
    verb = add_verb(audit, "list", "list the newest changes", _audit_list)
    verb.add_argument("--user", default="")
    verb.add_argument("--limit", type=int, default=50)
    add_servers(verbs_of(areas, "servers", "users' servers"))
    add_notices(verbs_of(areas, "notices", "tell students something inside their Lab"))
    add_images(verbs_of(areas, "images", "the image that students' servers start with"))
    add_deploy(verbs_of(areas, "deploy", "a school on Kubernetes, from a few answers"))
    doctor = areas.add_parser("doctor", help="check what this school has and lacks")
    doctor.add_argument("--json", action="store_true")
    doctor.add_argument("--config", default="", metavar="FILE")
    doctor.set_defaults(run=_doctor)


def verbs_of(areas: Subparsers, name: str, help_text: str) -> Subparsers:
    return areas.add_parser(name, help=help_text).add_subparsers(metavar="VERB", required=True)


def add_verb(verbs: Subparsers, name: str, help_text: str, run: Any) -> argparse.ArgumentParser:
    verb: argparse.ArgumentParser = verbs.add_parser(name, help=help_text, description=help_text)
    verb.add_argument("--json", action="store_true", help="print JSON")
    verb.add_argument("--config", default="", metavar="FILE", help="a configuration file")
    verb.set_defaults(run=run)
    return verb


def rooms_of(asked: argparse.Namespace) -> Rooms:
    """Return the rooms, with the settings of the command line and of Jupyter's files."""
    from growth_admin.configuration import read_configuration, value_of
    from growth_admin.rooms import build_rooms
    from growth_admin.settings import settings_from_environment

    config = read_configuration(asked.options, file=asked.config)
    known = settings_from_environment(config=config)
    changed = {
        name: value_of(config, "GrowthAdmin", name, getattr(known, name))
        for name in ("admin_root", "shared_root", "start_limit_s", "lease_s")
    }
    return build_rooms(replace(known, **changed))


def show(result: Model, asked: argparse.Namespace, lines: list[str]) -> int:
    print(json.dumps(result.as_json(), indent=1) if asked.json else "\n".join(lines))
    return 0


# -- startup


def _add_startup(verbs: Subparsers) -> None:
    verb = add_verb(verbs, "lint", "check a start script; exit 1 if there is an error", _lint)
    verb.add_argument("file", type=Path)
    add_verb(verbs, "list", "say how both scripts stand", _scripts)
    verb = add_verb(verbs, "history", "list the revisions of a script", _history)
    verb.add_argument("script")
    verb = add_verb(verbs, "diff", "compare two revisions", _diff)
    verb.add_argument("script")
    verb.add_argument("before", type=int)
    verb.add_argument("after", type=int)
    verb = add_verb(verbs, "save", "save a file as a new revision; nothing goes live", _save)
    verb.add_argument("script")
    verb.add_argument("file", type=Path)
    verb.add_argument("--reason", required=True)
    verb.add_argument("--override", default="", metavar="WHY", help="save in spite of errors")
    verb = add_verb(verbs, "publish", "make a revision live", _publish)
    verb.add_argument("script")
    verb.add_argument("revision", type=int)
    verb.add_argument("--reason", required=True)
    verb.add_argument("--skip", default="", metavar="WHY", help="why steps were skipped")
    verb = add_verb(verbs, "restore", "make an old revision live again", _restore)
    verb.add_argument("script")
    verb.add_argument("revision", type=int)
    verb.add_argument("--reason", required=True)
    add_verb(verbs, "starts", "say what the last start of every server did", _starts)
    verb = add_verb(verbs, "log", "print the last log of a user", _log)
    verb.add_argument("user")
    verb.add_argument("script", nargs="?", default="as-user.sh")
    verb = add_verb(verbs, "install", "put the start chain into this image (as root)", _install)
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
    listed = rooms_of(asked).startup.scripts.list_scripts()
    lines = [
        f"{s.name:<12} live r{s.live_revision or '-'} newest r{s.head_revision or '-'} {s.problem}"
        for s in listed.scripts
    ]
    return show(listed, asked, lines)


def _history(asked: argparse.Namespace) -> int:
    history = rooms_of(asked).startup.scripts.get_history(asked.script)
    lines = [
        f"r{r.number:<4} {r.time:%Y-%m-%d %H:%M} {r.author:<20} {r.origin:<9} {r.reason}"
        for r in history.revisions
    ]
    return show(history, asked, lines)


def _diff(asked: argparse.Namespace) -> int:
    found = rooms_of(asked).startup.scripts.get_difference(asked.script, asked.before, asked.after)
    return show(found, asked, [found.unified.rstrip("\n")])


def _save(asked: argparse.Namespace) -> int:
    from growth_admin.startup.models import SaveRequest

    rooms = rooms_of(asked)
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
    return show(saved, asked, [f"saved as r{saved.revision.number}; not live yet"])


def _read_script(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as e:
        raise InvalidInput(f"{path} cannot be read as text: {e}.") from None


def _publish(asked: argparse.Namespace) -> int:
    from growth_admin.startup.models import PublishRequest

    rooms = rooms_of(asked)
    scripts = rooms.startup.scripts
    request = PublishRequest(
        revision=asked.revision,
        expected_live_sha256=scripts.get_script(asked.script).live_sha256,
        reason=asked.reason,
        skip_reason=asked.skip,
    )
    done = scripts.publish(asked.script, request, author=rooms.settings.user)
    _record(rooms, "publish", asked, after=f"r{asked.revision}")
    return show(done, asked, [done.receipt.title])


def _restore(asked: argparse.Namespace) -> int:
    from growth_admin.startup.models import RestoreRequest

    rooms = rooms_of(asked)
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
    listed = rooms_of(asked).startup.starts.list_starts()
    summary = ", ".join(f"{count} {state}" for state, count in listed.counts.items() if count)
    lines = [f"{row.user:<40} {row.state:<14} {row.error}" for row in listed.rows]
    return show(listed, asked, [*lines, summary])


def _log(asked: argparse.Namespace) -> int:
    found = rooms_of(asked).startup.starts.get_log(asked.user, asked.script)
    return show(found, asked, [found.text.rstrip("\n")])


def _install(asked: argparse.Namespace) -> int:
    from growth_admin.deploy.install import install_chain

    placed = install_chain(hooks=asked.hooks, lib=asked.lib)
    print(json.dumps([str(p) for p in placed]) if asked.json else "\n".join(map(str, placed)))
    return 0


# -- the rest


def _audit_list(asked: argparse.Namespace) -> int:
    areas = (*AREAS, "jobs")
    listed = rooms_of(asked).audit.list_entries(areas=areas, user=asked.user, limit=asked.limit)
    lines = [
        f"{e.time:%Y-%m-%d %H:%M} {e.user:<20} {e.result:<8} {e.action} {e.target} {e.after}"
        for e in listed.entries
    ]
    return show(listed, asked, lines)


def _doctor(asked: argparse.Namespace) -> int:
    from growth_admin.deploy.doctor import examine

    checks = examine(rooms_of(asked))
    if asked.json:
        print(json.dumps([check.as_json() for check in checks], indent=1))
    else:
        for check in checks:
            known = {"warning": "warn", "unknown": "?   "}
            mark = known.get(check.state, "ok  ") if check.is_good else "FAIL"
            print(
                f"{mark} {check.name}: {check.finding}{'  -> ' + check.hint if check.hint else ''}"
            )
    bad = [check for check in checks if not check.is_good]
    if bad:
        print(f"growth-admin: {len(bad)} of {len(checks)} checks failed.", file=sys.stderr)
    return 1 if bad else 0
