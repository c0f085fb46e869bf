"""Students' work deleted at a start, which is the worst that a start script has ever done."""

from __future__ import annotations

import re
from collections.abc import Iterator

from growth_admin.startup.lint.findings import Finding
from growth_admin.startup.lint.model import Call, Script, Word
from growth_admin.startup.lint.outputs import found_by
from growth_admin.startup.lint.places import (
    HOME,
    UNKNOWN,
    is_home,
    is_regenerated,
    is_temporary,
    is_under,
    is_work,
    normal,
    spoken,
)
from growth_admin.startup.lint.rules.found import (
    finding,
    made_before,
    paths_in,
    tested_links,
)

_HINT = (
    "A start happens several times a day. Leave what is in the home alone: bring new material"
    " with gitpuller (it keeps edits), into a new folder, or move the old aside under a dated name."
)
_DELETERS = frozenset(("rm", "unlink", "shred", "wipe", "srm", "trash", "trash-put", "send2trash"))
_HELPER = re.compile(
    r"^(delete|remove|purge|wipe|erase|reset|clear|clean(up)?|rm|nuke)[-_].*"
    r"|.*[-_](delete|purge|wipe|eraser?|reset|cleanup|cleaner)(\.(py|sh|pl|rb))?$",
    re.IGNORECASE,
)
_HARMLESS_HELPER = re.compile(
    r"cache|tmp|temp|trash|log|pyc|checkpoint|lock|link|stale|kernel|env|var|dns|screen|session",
    re.IGNORECASE,
)
_INTERPRETER = re.compile(r"^(python[0-9.]*|pypy3?|bash|sh|dash|perl|ruby|Rscript|\.|source)$")


def check(script: Script) -> Iterator[Finding]:
    """Yield what is deleted from homes, from the shared folder, and by helpers named so."""
    for call in script.calls:
        if call.name in _DELETERS:
            yield from _deleted(call, call.operands, script)
        elif call.name == "find" and "-delete" in call.values:
            yield from _deleted(call, (Word("", found_by(call), call.line, call.column),), script)
        elif call.name == "rsync" and call.has(
            "--delete",
            "--delete-after",
            "--delete-before",
            "--delete-during",
            "--delete-excluded",
            "--remove-source-files",
            "--del",
        ):
            yield from _mirrored(call, script)
        elif call.name == "git":
            yield from _git(call)
        yield from _helper(call)


def _deleted(call: Call, words: tuple[Word, ...], script: Script) -> Iterator[Finding]:
    own = made_before(call, script)
    links = set(tested_links(call))
    for word in words:
        for value in word.values:
            path = normal(value, call.cwd)
            if not value or path in own or path in links or path.startswith(UNKNOWN):
                continue
            if is_work(path):
                yield finding(
                    call,
                    "error",
                    "delete-in-home",
                    f"Deletes {spoken(path)} in the student's home at every start;"
                    " what was written there is gone.",
                    _HINT,
                )
                break
            if _is_schools(path, script) and not is_regenerated(HOME + "/" + path):
                yield finding(
                    call,
                    "error",
                    "delete-shared",
                    f"Deletes {spoken(path)}, which all servers share,"
                    " each time anybody's server starts.",
                    "Take it out of the start script and delete it once, by hand.",
                )
                break


def _is_schools(path: str, script: Script) -> bool:
    return is_under(path, script.shared_root) or is_under(path, "/home/admin")


def _mirrored(call: Call, script: Script) -> Iterator[Finding]:
    targets = paths_in(call.operands[-1:], call)
    if call.has("--remove-source-files"):
        targets += paths_in(call.operands[:-1], call)
    if any(is_work(path) for path in targets):
        yield finding(
            call,
            "error",
            "delete-in-home",
            "rsync --delete removes from the home whatever the source does not have:"
            " each notebook that a student made there.",
            "Leave out --delete, and add --update so that a student's newer file stays.",
        )
    elif any(_is_schools(path, script) for path in targets):
        yield finding(
            call,
            "error",
            "delete-shared",
            "Deletes in a folder that all servers share, each time anybody's server starts.",
            "Take it out of the start script and do it once, by hand.",
        )


def git_command(call: Call) -> tuple[str, tuple[str, ...], str]:
    """Return a git call's subcommand, the words after it, and the folder it works in."""
    folder, index, values = call.cwd, 0, call.values
    while index < len(values) and values[index].startswith("-"):
        if values[index] == "-C" and index + 1 < len(values):
            folder = normal(values[index + 1], call.cwd)
        if values[index] in {"-C", "-c", "--git-dir", "--work-tree"}:
            index += 1
        index += 1
    return (values[index] if index < len(values) else ""), values[index + 1 :], folder


def _git(call: Call) -> Iterator[Finding]:
    subcommand, rest, folder = git_command(call)
    if is_temporary(folder) or (is_home(folder) and not is_work(folder) and folder != HOME):
        return
    if not is_home(folder) and not folder.startswith(UNKNOWN):
        return
    given = set(rest)
    loses = {
        "reset": "--hard" in given or "--merge" in given,
        "clean": any(re.match(r"^(--force|-[a-zA-Z]*f)", value) for value in rest)
        and not any(re.match(r"^(--dry-run|-[a-zA-Z]*n)", value) for value in rest),
        "checkout": bool(given & {".", "-f", "--force", "--", ":/"})
        or any(value.endswith((".ipynb", ".py", "/.")) for value in rest),
        "restore": "--staged" not in given or "--worktree" in given,
        "switch": bool(given & {"-f", "--force", "--discard-changes"}),
        "stash": not given & {"list", "show", "pop", "apply"},
        "pull": any("theirs" in value for value in rest),
        "merge": any("theirs" in value for value in rest),
        "rm": "--cached" not in given,
    }
    if loses.get(subcommand, False):
        yield finding(
            call,
            "error",
            "git-discards-work",
            f"git {subcommand} in {spoken(folder)} throws away what the student changed there.",
            "Use gitpuller (nbgitpuller), which keeps a student's edits,"
            " or: git pull --ff-only || echo 'kept local edits'.",
        )


def _helper(call: Call) -> Iterator[Finding]:
    """Yield a finding for a helper whose name says that it deletes."""
    name = call.name
    if _INTERPRETER.match(name):
        scripts = [w for w in call.operands if re.search(r"\.(py|sh|pl|rb|R)$", w.value)]
        name = scripts[0].value.rsplit("/", 1)[-1] if scripts else ""
    elif "." not in name and "/" not in call.program.value:
        return
    if not name or not _HELPER.match(name) or _HARMLESS_HELPER.search(name):
        return
    yield finding(
        call,
        "error",
        "delete-in-home",
        f"Runs {name}, a helper that by its name deletes or resets files at every start.",
        "Read what it deletes. " + _HINT,
    )
