"""Lints one start script: the file, its text, and what it does to homes and to the start."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from growth_admin.core.fsops import read_bytes
from growth_admin.startup.lint.findings import Finding, LintReport
from growth_admin.startup.lint.model import Script
from growth_admin.startup.lint.rules import (
    asking,
    copying,
    deleting,
    overwriting,
    python_code,
    repeating,
    secrets,
    settings,
    status,
    textual,
    waiting,
)
from growth_admin.startup.lint.shellcheck import ask_shellcheck
from growth_admin.startup.lint.walk import Walker

_LIMIT_BYTES = 1024 * 1024
_FOLLOWED_BYTES = 128 * 1024
"""What is followed within seconds; a request waits no longer, and every look lints a new text."""
_RULES = (
    deleting.check,
    overwriting.check,
    repeating.check,
    copying.check,
    waiting.check,
    asking.check,
    status.check,
    settings.check,
    secrets.check,
    python_code.check,
)
_ORDER = {"error": 0, "warning": 1, "info": 2}
_SOURCED = re.compile(
    r"(before-notebook|start-notebook)\.d/[\w.-]+\.sh\b|\b(is|gets|be|are|file) sourced\b"
    r"|\bsourced (by|from|into|in) ",
    re.IGNORECASE,
)


def lint_text(
    text: bytes,
    *,
    name: str = "as-user.sh",
    mode: int | None = None,
    home_size_bytes: int | None = None,
    shared_root: str = "/nfs",
) -> LintReport:
    """Return the findings for a script's text, in the order of the lines.

    ``name`` is the file's name or path: files of a hook folder that end in ``.sh`` are sourced,
    and as-root.sh runs as root. With ``mode`` the execute bit is looked at. ``home_size_bytes``
    is what a home holds, for the cost of copies.
    """
    plain = text.removeprefix(textual.BOM).replace(b"\r\n", b"\n").decode("utf-8", "replace")
    is_sourced = _is_sourced(name, plain)
    found = list(textual.check_bytes(text, mode=mode, is_sourced=is_sourced))
    if not plain.strip() or b"\0" in text:
        return LintReport(findings=tuple(found))
    found += textual.check_shebang(plain, is_sourced=is_sourced)
    interpreter = _interpreter(plain)
    script = Script(
        text=plain,
        name=name,
        lines=plain.splitlines(),
        interpreter=interpreter,
        is_sourced=is_sourced,
        is_root="root" in PurePosixPath(name).name,
        shared_root=shared_root.rstrip("/") or "/",
        home_size_bytes=home_size_bytes,
    )
    if len(text) > _FOLLOWED_BYTES:
        found += [_too_large(len(text)), *secrets.check(script)]
    elif interpreter.startswith("python"):
        found += python_code.check_python(plain, 1, script.shared_root)
        found += secrets.check(script)
    else:
        options = {"errexit"} if re.match(r"^#!.*\s-\w*e", plain) else set()
        try:
            Walker(script).run(plain, frozenset(options))
        except RecursionError:
            found.append(_too_deep())
        for rule in _RULES:
            found += rule(script)
        found += ask_shellcheck(plain.encode(), shell=interpreter)
    return LintReport(findings=_settled(found))


def lint_file(
    path: Path, *, home_size_bytes: int | None = None, shared_root: str = "/nfs"
) -> LintReport:
    """Return the findings for a file, its execute bit included.

    Raises ``NotFound`` or ``StorageUnavailable`` as ``core.fsops.read_bytes`` does.
    """
    text = read_bytes(path, limit_bytes=_LIMIT_BYTES)
    mode = stat.S_IMODE(path.stat().st_mode)
    return lint_text(
        text,
        name=str(path.absolute()),
        mode=mode if _carries_modes(path, mode) else None,
        home_size_bytes=home_size_bytes,
        shared_root=shared_root,
    )


def _too_large(size_bytes: int) -> Finding:
    return Finding(
        line=1,
        severity="warning",
        rule="too-large",
        message=f"The script has {size_bytes // 1024} KiB, so only its first line and secrets in "
        "the text were looked at.",
        hint="A start script should be short: put data into a dataset and programs into the image.",
    )


def _too_deep() -> Finding:
    return Finding(
        line=1,
        severity="warning",
        rule="too-deep",
        message="The script is nested too deeply to be followed, so only a part was checked.",
        hint="Put the inner parts into functions or files of their own.",
    )


def _carries_modes(path: Path, mode: int) -> bool:
    """Return whether the file's execute bit says anything.

    In a folder of several scripts of which none is executable (unpacked from a download, say) the
    missing bit is the folder's habit, not a script's fault; as-root.sh and as-user.sh always count.
    """
    if mode & 0o111 or path.name in {"as-root.sh", "as-user.sh"}:
        return True
    others = [other for other in path.parent.glob("*.sh") if other != path]
    return not others or any(other.stat().st_mode & 0o111 for other in others)


def _interpreter(text: str) -> str:
    """Return the shell of the first line; bash where there is none (that is a finding already)."""
    match = re.match(r"^#!\s*(?:\S*/)?(?:env\s+(?:-\S+\s+)*)?([\w.+-]+)", text)
    return match.group(1) if match else "bash"


def _is_sourced(name: str, text: str) -> bool:
    """Return whether the start chain sources the file: by its place, else by what it says."""
    path = PurePosixPath(name)
    if path.name in {"as-root.sh", "as-user.sh"}:
        return False
    if path.parent.name in {"before-notebook.d", "start-notebook.d", "profile.d"}:
        return path.suffix == ".sh"
    if re.search(r"(^|[-_.])(hook|sourced)([-_.]|$)|^start-scripts\.sh$", path.name):
        return True
    head = [line for line in text.splitlines()[:12] if line.startswith("#")]
    return any(_SOURCED.search(line) and " not " not in line for line in head)


def _settled(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings by line, each rule once per line, plain information only where alone."""
    ordered = sorted(found, key=lambda f: (f.line, _ORDER[f.severity], f.column or 0))
    kept: dict[tuple[int, str], Finding] = {}
    for one in ordered:
        kept.setdefault((one.line, one.rule), one)
    return tuple(kept.values())
