"""Data copied from the shared folder into each home, and copies that are never renewed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from growth_admin.startup.lint.findings import Finding
from growth_admin.startup.lint.measure import measure_bytes, spoken_size
from growth_admin.startup.lint.model import Call, Script
from growth_admin.startup.lint.places import (
    UNKNOWN,
    is_hidden,
    is_home,
    is_under,
    normal,
    spoken,
)
from growth_admin.startup.lint.rules.deleting import git_command
from growth_admin.startup.lint.rules.found import finding, is_only_if_absent, paths_in

_SMALL = re.compile(
    r"\.(desktop|json|ya?ml|toml|cfg|conf|ini|ipynb|py|sh|md|txt|html|css|js|png|svg|ico|rc|bib"
    r"|tex|r|jl|lua|vim|url|env|template)$|(^|/)[A-Za-z_.-]*(rc|config|profile|LICENSE|README)$",
    re.IGNORECASE,
)
_SMALL_BYTES = 5_000_000
_MEASURE_S = 2.0
_MEASURE_FILES = 50_000


def check(script: Script) -> Iterator[Finding]:
    """Yield copies from the shared folder into homes."""
    for call in script.calls:
        copy = _copy_of(call)
        if copy is not None:
            yield from _judge(call, *copy, script)
        elif call.name == "git":
            yield from _clone_once(call, script)


def _copy_of(call: Call) -> tuple[list[str], list[str], bool, bool] | None:
    """Return sources, targets, whether whole trees are copied, and whether only absent ones."""
    if call.name in {"cp", "rsync", "scp", "install", "rclone"}:
        if call.has("s", "l", "--symbolic-link", "--link") and call.name == "cp":
            return None
        folder = call.option("-t", "--target-directory") if call.name != "rsync" else None
        words = call.operands if folder else call.operands[:-1]
        targets = [normal(folder, call.cwd)] if folder else paths_in(call.operands[-1:], call)
        is_tree = call.name in {"rsync", "rclone"} or call.has(
            "r", "R", "a", "--recursive", "--archive"
        )
        is_once = (call.name == "cp" and call.has("n", "--no-clobber")) or call.has(
            "--ignore-existing"
        )
        is_once = is_once or "--update=none" in call.values
        return paths_in(words, call), targets, is_tree, is_once
    if call.name in {"tar", "unzip", "bsdtar"}:
        first = call.values[0] if call.values else ""
        is_extract = call.has("x", "--extract", "--get") or re.match(r"^[a-zA-Z]*x", first)
        if call.name != "unzip" and not is_extract:
            return None
        folder = call.option("-d") if call.name == "unzip" else call.option("-C", "--directory")
        sources = paths_in(call.operands, call) + [normal(value, "/") for value in call.feed]
        is_once = call.has("--skip-old-files", "k") or (call.name == "unzip" and call.has("n"))
        return sources, [normal(folder, call.cwd) if folder else call.cwd], True, is_once
    return None


def _judge(
    call: Call,
    sources: list[str],
    targets: list[str],
    is_tree: bool,
    is_once: bool,
    script: Script,
) -> Iterator[Finding]:
    shared = [path for path in sources if is_under(path, script.shared_root)]
    homes = [path for path in targets if is_home(path) and not is_hidden(path)]
    unknown = any(path.startswith(UNKNOWN) for path in sources)
    if not homes or not (shared or unknown):
        return
    children = [f"{home}/{path.rsplit('/', 1)[-1]}" for home in homes for path in sources]
    if shared and (is_once or is_only_if_absent(call, homes + children)):
        yield finding(
            call,
            "warning",
            "copy-only-if-absent",
            f"Copies {spoken(shared[0])} only while {spoken(homes[0])} does not have it: when you"
            " correct the file, students who started before keep the old one, and a copy that was"
            " cut short stays cut short.",
            "Link instead (ln -sfn), or compare and keep edits: rsync -a --update --backup.",
        )
    is_light = not is_tree and all(_SMALL.search(path) for path in shared)
    if shared and not is_light:
        yield from _costly(call, shared[0], homes[0], script)


def _costly(call: Call, source: str, target: str, script: Script) -> Iterator[Finding]:
    plain = source.split("*", 1)[0].rstrip("/")
    is_local = UNKNOWN not in plain and "\ue003" not in plain
    measured = (
        measure_bytes(plain, limit_s=_MEASURE_S, limit_files=_MEASURE_FILES) if is_local else None
    )
    hint = (
        f"Link it: ln -sfn {spoken(plain)} {spoken(target)}. Data that notebooks must change can"
        " be copied by the notebook that changes it."
    )
    what = f"Copies {spoken(source)} into every home"
    if measured is None:
        yield finding(
            call,
            "warning",
            "copy-from-shared",
            f"{what}: the space needed is its size times the number of students, each start waits"
            " for the copy, and full homes stop servers from starting.",
            hint,
        )
        return
    size_bytes, is_whole = measured
    size = ("" if is_whole else "more than ") + spoken_size(size_bytes)
    home_bytes = script.home_size_bytes
    if home_bytes is not None and size_bytes > home_bytes:
        message = f"{what}: {size}, but a home holds {spoken_size(home_bytes)}. Homes fill up."
        yield finding(call, "error", "copy-from-shared", message, hint)
    elif size_bytes > _SMALL_BYTES:
        share = "" if home_bytes is None else f" of a home of {spoken_size(home_bytes)}"
        message = (
            f"{what}: {size}{share}, so 100 students need {spoken_size(100 * size_bytes)},"
            " and each start waits for the copy."
        )
        yield finding(call, "warning", "copy-from-shared", message, hint)
    else:
        message = f"{what}: {size} each, which is small."
        yield finding(call, "info", "copy-from-shared", message, hint)


def _clone_once(call: Call, script: Script) -> Iterator[Finding]:
    subcommand, rest, folder = git_command(call)
    operands = [value for value in rest if not value.startswith("-")]
    if subcommand != "clone" or len(operands) < 1:
        return
    name = operands[-1].rstrip("/").rsplit("/", 1)[-1].removesuffix(".git")
    target = normal(operands[-1] if "://" not in operands[-1] else name, folder)
    if not is_home(target) or is_hidden(target) or not is_only_if_absent(call, [target]):
        return
    renewing = {"pull", "fetch", "merge", "rebase"}
    if any(c.name == "git" and git_command(c)[0] in renewing for c in script.calls):
        return
    if any(c.name == "gitpuller" or "nbgitpuller" in c.values for c in script.calls):
        return
    yield finding(
        call,
        "warning",
        "copy-only-if-absent",
        f"Clones into {spoken(target)} only while it does not exist: what you push later never"
        " reaches students who started before.",
        "Use gitpuller at each start, or add: else timeout 60 git -C DIR pull --ff-only",
    )
