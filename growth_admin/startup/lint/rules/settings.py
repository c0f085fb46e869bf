"""Paths, rights, signals, and what leaks out of a script that is sourced into the start."""

from __future__ import annotations

import re
from collections.abc import Iterator

from growth_admin.startup.lint.findings import Finding
from growth_admin.startup.lint.model import Call, Script, Word
from growth_admin.startup.lint.places import is_temporary, is_under, normal
from growth_admin.startup.lint.rules.found import finding, paths_in

_PATH_LINE = re.compile(r"\bPATH=[\"']?([^\"'\n;]*)")
_SOMEBODY = re.compile(r"/home/(?!admin\b|linuxbrew\b|shared\b)([a-z][a-z0-9_-]*)(?=$|[/\"'\s:;)])")
_ROOT_ONLY = frozenset(("shutdown", "reboot", "poweroff", "halt"))


def check(script: Script) -> Iterator[Finding]:
    """Yield harmful settings."""
    yield from _shared_first(script)
    yield from _fixed_homes(script)
    for call in script.calls:
        yield from _opened(call)
        yield from _killed(call)
        if script.interpreter in {"sh", "dash"} and call.name == "set":
            yield from _unknown_option(call)
        if script.is_sourced:
            yield from _leaks(call)


# -- PATH ---------------------------------------------------------------------------------------


def _shared_first(script: Script) -> Iterator[Finding]:
    told: set[int] = set()
    for line, value in _path_values(script):
        if line in told or not _is_shared_first(value, script.shared_root):
            continue
        told.add(line)
        yield finding(
            line,
            "warning",
            "path-shared-first",
            f"Puts {script.shared_root} before the system's folders on PATH: each command then"
            " asks the network drive first, and when that is slow, everything is.",
            f'Put it last: export PATH="$PATH:{script.shared_root}/bin"',
        )


def _path_values(script: Script) -> Iterator[tuple[int, str]]:
    for assignment in script.assignments:
        if assignment.name == "PATH":
            for value in assignment.values:
                raw = assignment.raw.strip("\"'")
                yield assignment.line, value if "\ue001" in value else raw
    for call in script.calls:
        if call.name in {"echo", "printf", "sed", "grep"}:
            for word in call.args:
                for match in _PATH_LINE.finditer(word.value + " " + word.raw):
                    yield word.line, match.group(1)
    for heredoc in script.heredocs:
        for offset, text in enumerate((heredoc.text or "").splitlines()):
            for match in _PATH_LINE.finditer(text):
                yield heredoc.line + offset, match.group(1)


def _is_shared_first(value: str, shared_root: str) -> bool:
    for part in re.split(r":(?![-=+?])", value.strip()):
        plain = part.strip("\\\"' ")
        if plain in {"$PATH", "${PATH}", "\ue001"} or plain.startswith(("${PATH", "/usr", "/bin")):
            return False
        if is_under(plain, shared_root):
            return True
    return False


# -- homes named outright -----------------------------------------------------------------------


def _fixed_homes(script: Script) -> Iterator[Finding]:
    told: set[int] = set()
    for word in _words(script):
        raw = re.sub(r"\$\{\w+:?[-=][^}]*\}", "", word.raw)
        match = _SOMEBODY.search(raw)
        if match is None or word.line in told:
            continue
        told.add(word.line)
        yield finding(
            word,
            "warning",
            "fixed-home",
            f"Names {match.group(0)} outright; a student's home has the student's name, so this"
            " is the wrong place (or nobody's).",
            'Write "$HOME" (in as-user.sh) or "/home/$NB_USER" (in as-root.sh).',
        )


def _words(script: Script) -> Iterator[Word]:
    for call in script.calls:
        if call.name in {"[", "sed", "gsed", "perl", "grep", "echo", "printf", "usermod", "awk"}:
            words: tuple[Word, ...] = ()
        else:
            words = (call.program, *call.args)
        yield from words
        yield from (r.target for r in call.redirects if r.target is not None)
    for assignment in script.assignments:
        yield Word(assignment.raw, assignment.values, assignment.line)
    for heredoc in script.heredocs:
        for offset, text in enumerate((heredoc.text or "").splitlines()):
            yield Word(text, (text,), heredoc.line + offset)


# -- rights and signals -------------------------------------------------------------------------


def _opened(call: Call) -> Iterator[Finding]:
    if call.name == "umask" and call.operands and re.fullmatch(r"0+", call.operands[0].value):
        yield finding(
            call,
            "warning",
            "world-writable",
            "umask 000 makes every new file writable by every student.",
            "Use umask 022.",
        )
    if call.name not in {"chmod", "install", "mkdir"}:
        return
    mode = call.option("-m", "--mode") if call.name != "chmod" else None
    if call.name == "chmod" and call.operands:
        mode = call.operands[0].value
    if mode is None or not re.search(
        r"^0?[0-7]?[0-7][2367]$|(^|,)[ugoa]*[oa][ugoa]*[+=][rxXst]*w|^a?\+rwx", mode
    ):
        return
    if re.match(r"^0?1[0-7]{3}$|^\+t", mode):
        return
    paths = paths_in(call.operands[1:] if call.name == "chmod" else call.operands, call)
    if paths and all(is_temporary(path) for path in paths):
        return
    yield finding(
        call,
        "warning",
        "world-writable",
        f"Mode {mode} lets every student change or replace the file, also what others run.",
        "Use 755 for folders and programs, 644 for files, a group for what some must write.",
    )


def _killed(call: Call) -> Iterator[Finding]:
    targets = {word.value for word in call.operands}
    raws = {word.raw.strip('"') for word in call.args}
    if call.name == "kill" and not call.has("0", "-0", "l"):
        is_self = bool(raws & {"$$", "$PPID", "${PPID}", "-1", "0", "1", "-$$"})
        if len(call.args) > 1 or targets:
            signals = {"-1"} if call.values[:1] == ("-1",) and len(call.args) > 1 else set()
            is_self = bool((raws - signals) & {"$$", "$PPID", "${PPID}", "-1", "0", "1", "-$$"})
        if is_self:
            yield finding(
                call,
                "error",
                "kills-start",
                "This kill can hit the start itself; the student's server then never comes up.",
                "Kill only the process id that you started and kept (pid=$!).",
            )
    if call.name in _ROOT_ONLY or (call.name == "init" and targets & {"0", "6"}):
        yield finding(
            call, "error", "kills-start", f"{call.name} ends the container.", "Take it out."
        )
    is_broad = call.name == "killall" or (call.name == "pkill")
    if is_broad and any(re.search(r"jupyter|python|tini|start", v) for v in call.values):
        yield finding(
            call,
            "error",
            "kills-start",
            f"{call.name} by name hits the student's own server and kernels.",
            "Kill only the process id that you started and kept (pid=$!).",
        )


def _unknown_option(call: Call) -> Iterator[Finding]:
    """Yield ``set -o pipefail`` where sh is dash, as on Debian 12 and Ubuntu 24.04."""
    if "pipefail" in call.values:
        yield finding(
            call,
            "error",
            "bash-in-sh",
            "The first line says sh, which on these images does not know pipefail and stops here.",
            "Make the very first line: #!/bin/bash",
        )


# -- leaks of a sourced hook --------------------------------------------------------------------


def _leaks(call: Call) -> Iterator[Finding]:
    if call.is_subshell:
        return
    if call.name == "exit":
        yield finding(
            call,
            "error",
            "exit-in-sourced",
            "This file is sourced, so exit ends the whole start and the student's server never"
            " comes up.",
            "Use return, or put the body into a subshell: ( ... ) || :",
        )
    if call.name == "set" and call.values:
        options = {v for v in call.values if v.startswith("-") and v != "--"}
        named = {"errexit", "nounset", "pipefail", "xtrace", "noglob", "noexec"} & set(call.values)
        if options and (named or any(re.search(r"[euxfn]", v) for v in options)):
            yield finding(
                call,
                "error",
                "option-leak",
                "This file is sourced, so the option stays on in the start script itself and"
                " makes its next small failure fatal.",
                "Put the body into a subshell: ( set -eu; ... ) || :",
            )
    if call.name == "exec":
        yield finding(
            call,
            "error",
            "exec-in-sourced",
            "This file is sourced: exec replaces, or silences, the start itself.",
            "Put it into a subshell: ( exec ... ) || :",
        )
    if call.name == "trap" and len(call.args) > 1:
        yield finding(
            call,
            "warning",
            "option-leak",
            "This file is sourced, so the trap stays set in the start (ignored signals even"
            " reach the student's server).",
            "Put the body into a subshell: ( trap ...; ... ) || :",
        )
    if call.name in {"cd", "pushd"} and not call.is_substitution:
        folder = normal(call.operands[0].value, call.cwd) if call.operands else ""
        if folder:
            yield finding(
                call,
                "warning",
                "option-leak",
                "This file is sourced, so the student's server will start in this folder.",
                "Put it into a subshell: ( cd ... && ... )",
            )
