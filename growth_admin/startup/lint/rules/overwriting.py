"""Students' work overwritten or taken away at a start."""

from __future__ import annotations

import re
from collections.abc import Iterator

from growth_admin.startup.lint.findings import Finding
from growth_admin.startup.lint.model import Call, Redirect, Script
from growth_admin.startup.lint.places import (
    UNKNOWN,
    is_announcement,
    is_hidden,
    is_home,
    is_personal_file,
    is_temporary,
    is_work,
    normal,
    spoken,
)
from growth_admin.startup.lint.rules.found import (
    finding,
    is_only_if_absent,
    looks_into,
    made_before,
    paths_in,
    paths_of,
    tested_absent,
)

_HINT = (
    "Write under a new name, keep the student's version (cp --backup=numbered, cp -u,"
    " rsync --update), or bring material with gitpuller, which keeps edits."
)
_WORKS = re.compile(
    r"\.(ipynb|py|r|rmd|jl|md|txt|tex|csv|tsv|c|cpp|m|f90|xlsx|docx|qmd)$"
    r"|notebook|exercis|homework|tutorial|assignment|lesson|course|material|lecture|workshop"
    r"|project|solution|session|work\b|week|day\d",
    re.IGNORECASE,
)
_KEEPS = (
    "n",
    "-n",
    "--no-clobber",
    "u",
    "-u",
    "--update",
    "b",
    "--backup",
    "--ignore-existing",
    "--suffix",
    "-S",
    "-s",
    "--symbolic-link",
)


def check(script: Script) -> Iterator[Finding]:
    """Yield what a start writes over, or moves out of, a home."""
    for call in script.calls:
        yield from _redirected(call, script)
        if call.name in {"cp", "install", "rsync"}:
            yield from _copied(call, script)
        elif call.name == "mv":
            yield from _moved(call, script)
        elif call.name in {"tar", "bsdtar", "unzip", "7z"}:
            yield from _unpacked(call)
        elif call.name in {
            "sed",
            "perl",
            "gsed",
            "nbstripout",
            "jupyter",
            "jupytext",
            "black",
            "dd",
            "truncate",
            "tee",
            "sponge",
            "curl",
            "wget",
            "ex",
            "ed",
        }:
            yield from _in_place(call, script)


def _overwrites(call: Call, path: str, how: str) -> Finding:
    return finding(
        call,
        "error",
        "overwrite-in-home",
        f"{how} {spoken(path)} in the student's home at every start; edits made there are lost.",
        _HINT,
    )


def _is_protected(call: Call, path: str, script: Script) -> bool:
    """Return whether the file is the script's own, or written only while it is absent."""
    if path in made_before(call, script) or is_only_if_absent(call, [path]):
        return True
    return any(looks_into(guard, path, script) for guard in call.guards)


def _redirected(call: Call, script: Script) -> Iterator[Finding]:
    for redirect in _own_writes(call):
        assert redirect.target is not None
        for path in paths_of(redirect.target, call):
            if not is_work(path) or is_announcement(path):
                continue
            if is_hidden(path) and not is_personal_file(path):
                continue
            if is_only_if_absent(call, [path]) or any(
                looks_into(guard, path, script) for guard in call.guards
            ):
                continue
            yield finding(
                redirect.line or call.line,
                "error",
                "overwrite-in-home",
                f"'>' empties {spoken(path)} in the student's home at every start"
                " before writing; what was in it is lost.",
                _HINT,
            )
            break


def _own_writes(call: Call) -> list[Redirect]:
    return [r for r in call.redirects if r.is_write and not r.is_append and r.target is not None]


def _copied(call: Call, script: Script) -> Iterator[Finding]:
    target = call.option("-t", "--target-directory")
    words = call.operands
    if call.name == "install" and call.has("d", "--directory"):
        return
    targets = [normal(target, call.cwd)] if target else paths_in(words[-1:], call)
    sources = words if target else words[:-1]
    if any(is_home(path) for path in paths_in(sources, call)) and call.name == "cp":
        sources = tuple(w for w in sources if not any(is_home(p) for p in paths_of(w, call)))
        if not sources:
            return
    if call.has(*_KEEPS) or "--link-dest" in call.flags:
        return
    names = " ".join(value for word in sources for value in word.values)
    for path in targets:
        whole = f"{path} {names}"
        is_forced = call.has("f", "--force") and call.name == "cp"
        is_single = bool(re.search(r"\.\w+$", path))
        if not is_work(path) or _is_protected(call, path, script):
            continue
        if is_single and is_announcement(path):
            continue
        if names and all(is_announcement(value) for value in names.split()):
            continue
        if is_hidden(path):
            if is_personal_file(path):
                yield _overwrites(call, path, f"{call.name} writes over")
            continue
        if is_forced or _WORKS.search(whole.replace("/nfs", "")):
            yield _overwrites(call, path, f"{call.name} writes over")
            return


def _moved(call: Call, script: Script) -> Iterator[Finding]:
    target = call.option("-t", "--target-directory")
    sources = call.operands if target else call.operands[:-1]
    targets = [normal(target, call.cwd)] if target else paths_in(call.operands[-1:], call)
    if not targets:
        return
    from_home = [p for p in paths_in(sources, call) if is_work(p)]
    own = made_before(call, script)
    aim = targets[0]
    if from_home and not is_home(aim) and not aim.startswith(UNKNOWN):
        lost = [p for p in from_home if p not in own]
        if lost:
            yield finding(
                call,
                "error",
                "delete-in-home",
                f"Moves {spoken(lost[0])} out of the student's home to {spoken(aim)};"
                " there it is lost with the container, or lies where the student cannot see it.",
                "Leave it where it is, or copy it.",
            )
        return
    if call.has("n", "--no-clobber", "b", "--backup", "u", "--update"):
        return
    incoming = [p for p in paths_in(sources, call) if not is_home(p)]
    if not is_work(aim) or is_hidden(aim) or is_only_if_absent(call, [aim]):
        return
    is_known = bool(incoming) and not is_announcement(aim)
    is_notebook = aim.endswith((".ipynb", ".py", ".md", ".csv"))
    if (is_known or is_notebook) and aim not in own and not _has_date(call):
        if not incoming and any(is_same_folder_backup(p, aim) for p in from_home):
            return
        yield _overwrites(call, aim, "mv writes over")


def is_same_folder_backup(source: str, target: str) -> bool:
    """Return whether a move only puts a file aside under a longer name."""
    return target.startswith(source) and target != source


def _has_date(call: Call) -> bool:
    return any("$(date" in word.raw or "%" in word.raw for word in call.operands[-1:])


def _unpacked(call: Call) -> Iterator[Finding]:
    first = call.values[0] if call.values else ""
    if call.name in {"tar", "bsdtar"}:
        is_extract: object = call.has("x", "--extract", "--get") or re.match(r"^[a-zA-Z]*x", first)
        keeps = call.has("k", "--keep-old-files", "--skip-old-files", "--keep-newer-files")
        folder = call.option("-C", "--directory")
    elif call.name == "unzip":
        is_extract, keeps = not call.has("l", "p", "t", "Z"), not call.has("o")
        folder = call.option("-d")
    else:
        is_extract, keeps, folder = first in {"x", "e"}, call.has("-aos", "-aou"), None
    path = normal(folder, call.cwd) if folder else call.cwd
    if is_extract and not keeps and is_work(path) and not list(tested_absent(call)):
        yield _overwrites(call, path, f"{call.name} unpacks over the files of")


def _in_place(call: Call, script: Script) -> Iterator[Finding]:
    name, values = call.name, call.values
    if name in {"sed", "gsed", "perl"}:
        is_place = any(re.match(r"^(-[a-zA-Z]*i|--in-place)", value) for value in values)
        words = call.operands[0 if call.has("e", "f", "--expression") else 1 :]
        how = f"{name} -i rewrites"
    elif name == "jupyter":
        is_place = "--inplace" in values and "nbconvert" in values
        words, how = call.operands[1:], "nbconvert --inplace rewrites"
    elif name in {"nbstripout", "sponge", "ex", "ed"}:
        is_place, words, how = True, call.operands, f"{name} rewrites"
    elif name == "truncate":
        is_place, words, how = True, call.operands, "truncate cuts"
    elif name == "tee":
        is_place, words, how = not call.has("a", "--append"), call.operands, "tee empties"
    elif name == "dd":
        words = tuple(w for w in call.args if w.value.startswith("of="))
        paths = [normal(w.value[3:], call.cwd) for w in words]
        if any(is_work(path) for path in paths):
            yield _overwrites(call, paths[0], "dd writes over")
        return
    elif name in {"curl", "wget"}:
        output = call.option("-o", "-O", "--output", "--output-document")
        path = normal(output or "", call.cwd)
        is_loss = path.endswith((".ipynb", ".py")) and is_work(path)
        if is_loss and not is_only_if_absent(call, [path]):
            yield _overwrites(call, path, f"{name} writes over")
        return
    else:
        return
    if not is_place:
        return
    for path in paths_in(words, call):
        is_settings = is_hidden(path) and name in {"sed", "gsed", "perl", "ex", "ed"}
        is_loss = is_work(path) and not is_settings and not is_announcement(path)
        if is_loss and not is_temporary(path) and not _is_protected(call, path, script):
            yield _overwrites(call, path, how)
            return
