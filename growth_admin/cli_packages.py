"""``growth-admin images packages``: the image's lists of packages from a terminal."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from growth_admin.cli_areas import add_verb, rooms_of, show, verbs_of
from growth_admin.cli_images import images_of
from growth_admin.core.errors import InvalidInput, NotFound
from growth_admin.core.words import count
from growth_admin.images.packages.models import (
    FILES,
    LISTS,
    WRONG,
    FileKey,
    PackageChange,
    PackageCheck,
    PackageCheckRequest,
    PackagePlan,
    PackagePlanRequest,
    PackageRestoreRequest,
    PackageSaveRequest,
    PackagesSaved,
    Resolution,
    SourceFinding,
    require_change,
)

if TYPE_CHECKING:
    from growth_admin.images.packages.room import PackageRoom
    from growth_admin.rooms import Rooms

WORDS: Final = {
    "add": "add packages to a list; without a version the newest that fits",
    "remove": "take packages off a list",
    "pin": "give packages another version; without one the newest that fits",
}


def add_packages(verbs: Any) -> None:
    """Add the verbs below ``images packages``."""
    from growth_admin.cli_proposals import add_proposals

    inner = verbs_of(verbs, "packages", "what the image is made of")
    add_verb(inner, "list", "list the packages of the image's source", _list)
    add_verb(inner, "check", "ask the indexes, try an installation, lint; exit 1 if a build would "
             "fail", _check)  # fmt: skip
    verb = add_verb(inner, "versions", "list the versions of a package that fit", _versions)
    verb.add_argument("name")
    verb.add_argument("--list", choices=LISTS, default="pip")
    for name, text in WORDS.items():
        verb = add_verb(inner, name, text, _change)
        verb.set_defaults(verb=name)
        verb.add_argument("packages", nargs="+", metavar="NAME[=VERSION]")
        verb.add_argument("--list", choices=LISTS, default="pip")
        _add_reasons(verb)
    verb = add_verb(inner, "write", "replace a whole file of the image's source", _write)
    verb.add_argument("which", choices=tuple(FILES))
    verb.add_argument("file", type=Path, help="file with the new text; - is the standard input")
    _add_reasons(verb)
    add_verb(inner, "history", "list the revisions of the image's source", _history)
    verb = add_verb(inner, "show", "print what a revision changed", _show)
    verb.add_argument("revision", type=int)
    add_proposals(inner)
    verb = add_verb(inner, "restore", "bring the lists back to an earlier revision", _restore)
    verb.add_argument("revision", type=int)
    verb.add_argument("--reason", required=True, help="why; stays in the history")


def _add_reasons(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--reason", default="", help="why; stays in the history")
    verb.add_argument("--override", default="", metavar="WHY", help="save in spite of errors")
    verb.add_argument("--plan", action="store_true", help="show the plan and stop")


def packages_of(rooms: Rooms) -> PackageRoom:
    return images_of(rooms).packages


# -- look


def _list(asked: argparse.Namespace) -> int:
    found = packages_of(rooms_of(asked)).lists.get_lists()
    tell(found.notes)
    at = f" ({found.commit[:7]})" if found.commit else ""
    lines = [f"{found.folder}, r{found.revision}{at}, Python {found.python_version}"]
    lines += [f"{one.list:<6} {one.name} {one.spec}".rstrip() for one in found.packages]
    return show(found, asked, [*lines, *_findings(found.findings)])


def _check(asked: argparse.Namespace) -> int:
    report = packages_of(rooms_of(asked)).lists.check(PackageCheckRequest())
    tell(report.notes)
    lines = [_row(one) for one in report.packages]
    lines += [line for one in report.resolutions for line in _resolution(one)]
    lines += _findings(report.findings)
    lines.append("A build may begin." if report.is_buildable else "A build would fail.")
    show(report, asked, lines)
    return 0 if report.is_buildable else 1


def _versions(asked: argparse.Namespace) -> int:
    found = packages_of(rooms_of(asked)).lists.list_versions(asked.list, asked.name)
    lines = [f"{found.name}: {found.summary or found.detail}".rstrip(": "), *found.versions]
    if found.left_out:
        lines.append(f"and {count(found.left_out, 'version')} that are older or do not fit")
    return show(found, asked, lines)


def _history(asked: argparse.Namespace) -> int:
    found = packages_of(rooms_of(asked)).revisions.get_history()
    lines = [
        f"r{one.number:<4} {one.time:%Y-%m-%d %H:%M} {one.author or 'somebody':<12} "
        f"{one.origin:<8} {one.summary}: {one.reason}"
        + (f" IN SPITE OF ERRORS: {one.override_reason}" if one.override_reason else "")
        for one in found.revisions
    ]
    return show(found, asked, lines)


def _show(asked: argparse.Namespace) -> int:
    found = packages_of(rooms_of(asked)).revisions.get_revision(asked.revision)
    return show(found, asked, [file.unified.rstrip("\n") for file in found.files])


def _row(check: PackageCheck) -> str:
    mark = "!" if check.state in WRONG else " "
    named = f"{check.name} {check.version}".strip()
    return f"{mark} {check.list:<6} {named:<32} {check.state:<16} {check.detail}".rstrip()


def _resolution(one: Resolution) -> list[str]:
    return [one.sentence, *(f"  {line}" for line in one.detail.splitlines())]


def _findings(findings: tuple[SourceFinding, ...]) -> list[str]:
    return [f"{FILES[f.file]}:{f.line}: {f.severity}: {f.message} [{f.code}]" for f in findings]


def tell(notes: tuple[str, ...]) -> None:
    for note in notes:
        print(f"note: {note}", file=sys.stderr)


# -- change


def _change(asked: argparse.Namespace) -> int:
    changes = []
    for text in asked.packages:
        name, _, version = text.partition("=")
        changes.append(
            PackageChange(
                verb=asked.verb, list=asked.list, name=name, version=version.removeprefix("=")
            )
        )
    return _save(asked, PackagePlanRequest(changes=tuple(changes)))


def _write(asked: argparse.Namespace) -> int:
    try:
        is_input = str(asked.file) == "-"
        text = sys.stdin.read() if is_input else asked.file.read_text(encoding="utf-8")
    except OSError as e:
        raise NotFound(f"{asked.file} cannot be read: {e.strerror}.") from e
    except UnicodeDecodeError as e:
        raise InvalidInput(f"{asked.file} is not UTF-8 text.") from e
    which: FileKey = asked.which
    return _save(asked, PackagePlanRequest(texts={which: text}))


def _save(asked: argparse.Namespace, request: PackagePlanRequest) -> int:
    rooms = rooms_of(asked)
    packages = packages_of(rooms)
    plan = packages.lists.plan(request)
    tell(plan.notes)
    if asked.plan:
        return show(plan, asked, _plan(plan))
    _require_reason(asked)
    require_change(plan)
    for line in _plan(plan):
        print(line, file=sys.stderr)
    wanted = PackageSaveRequest(
        plan_id=plan.id, texts=plan.texts, reason=asked.reason, override_reason=asked.override
    )
    saved = packages.lists.save(wanted, author=rooms.settings.user)
    return show_saved(rooms, saved, asked)


def _require_reason(asked: argparse.Namespace) -> None:
    if not asked.reason.strip():
        raise InvalidInput("A change needs a reason.", hint="Give --reason; it stays.")


def _plan(plan: PackagePlan) -> list[str]:
    lines = [plan.title, *(f"warning: {said}" for said in plan.warnings)]
    lines += [line for one in plan.resolutions for line in _resolution(one)]
    return [*lines, *(file.unified.rstrip("\n") for file in plan.files)]


def _restore(asked: argparse.Namespace) -> int:
    _require_reason(asked)
    rooms = rooms_of(asked)
    request = PackageRestoreRequest(revision=asked.revision, reason=asked.reason)
    saved = packages_of(rooms).revisions.restore(request, author=rooms.settings.user)
    return show_saved(rooms, saved, asked)


def show_saved(rooms: Rooms, saved: PackagesSaved, asked: argparse.Namespace) -> int:
    revision, undo, proposal = saved.revision, saved.receipt.undo, saved.proposal
    rooms.audit.record(
        user=rooms.settings.user,
        permission="images.packages:write",
        area="images",
        action="growth-admin images packages (terminal)",
        target="image's lists of packages",
        after=f"{revision.called}: {revision.summary}",
        result="done",
        detail=revision.reason,
        plan_id=saved.receipt.plan_id,
        undo=undo,
    )
    lines = [saved.receipt.title]
    verbs = "growth-admin images packages"
    if proposal and proposal.state == "open":
        lines += [proposal.link, f"to merge it: {verbs} merge {proposal.number}"]
        lines.append(f"to take it back: {verbs} withdraw {proposal.number} --reason WHY")
    elif undo:
        lines.append(f"to take it back: {verbs} restore {undo.body['revision']} --reason WHY")
    return show(saved, asked, lines)
