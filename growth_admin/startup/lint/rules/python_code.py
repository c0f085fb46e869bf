"""Python inside a start script: what it deletes, overwrites, appends, copies and fetches."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from growth_admin.startup.lint.findings import Finding
from growth_admin.startup.lint.model import Script
from growth_admin.startup.lint.rules.found import finding

_DELETES = re.compile(
    r"^(os\.(remove|unlink|removedirs|truncate)|shutil\.rmtree|remove|unlink|rmtree|send2trash)$"
    r"|\.(unlink|rmtree)$"
)
_COPIES = re.compile(r"^(shutil\.)?(copytree|copy|copy2|copyfile|copy_tree|move)$")
_FETCHES = re.compile(
    r"^(requests|httpx)\.(get|post|put|head|request)$|(^|\.)(urlopen|urlretrieve)$|^wget\.download$"
)
_ELSEWHERE = re.compile(r"tempfile|mkdtemp|/tmp|\.cache|__pycache__|checkpoints|\.pyc|is_symlink")
_HOME = re.compile(r"expanduser|Path\.home|HOME|/home|\.ipynb|~|getcwd|glob|\.cwd\(")


def check(script: Script) -> Iterator[Finding]:
    """Yield the faults of each piece of Python in the script."""
    for code in script.codes:
        if re.match(r"^(python|pypy|ipython)", code.language):
            yield from check_python(code.text, code.line, script.shared_root)


def check_python(text: str, first_line: int, shared_root: str) -> Iterator[Finding]:
    """Yield the faults of a Python text whose first line is ``first_line`` of the script."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    lines = text.splitlines()
    is_once = (
        re.search(
            r"not\s+[\w.]*(exists|isfile|isdir|is_file|is_dir)\s*\(|if\s+\S+\.exists\(\)"
            r":\s*\n\s*(continue|return)",
            text,
        )
        is not None
    )
    is_home = _HOME.search(text) is not None or not re.search(r"[\"']/", text)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        line = first_line + node.lineno - 1
        source = lines[node.lineno - 1] if node.lineno <= len(lines) else ""
        if _DELETES.search(name) and is_home and not _ELSEWHERE.search(source):
            yield finding(
                line,
                "error",
                "delete-in-home",
                f"{name} deletes files of the student's home at every start.",
                "Leave what is in the home alone; bring new material with gitpuller.",
            )
        elif _COPIES.match(name) and shared_root in text and is_home:
            yield from _copied(line, name, is_once=is_once, shared_root=shared_root)
        elif _FETCHES.search(name) and not any(k.arg == "timeout" for k in node.keywords):
            if "urlopen" not in name or len(node.args) < 3:
                yield finding(
                    line,
                    "warning",
                    "no-timeout",
                    f"{name} has no time limit: when the other side is slow, every start waits.",
                    "Add timeout=20, or put timeout 60 before python.",
                )
        elif name in {"os.system", "subprocess.run", "subprocess.call", "subprocess.check_call"}:
            if re.search(r"\brm\b.{0,12}-?\w*[rf]?\b", source) and not _ELSEWHERE.search(source):
                yield finding(
                    line,
                    "error",
                    "delete-in-home",
                    "Deletes files by way of rm at every start.",
                    "Leave what is in the home alone; bring new material with gitpuller.",
                )
        elif name.rsplit(".", 1)[-1] in {"open", "write_text", "write_bytes"}:
            yield from _opened(node, name, line, text, is_home=is_home)


def _copied(line: int, name: str, *, is_once: bool, shared_root: str) -> Iterator[Finding]:
    if is_once:
        yield finding(
            line,
            "warning",
            "copy-only-if-absent",
            f"{name} copies only what the home does not have yet: what you correct later never"
            " reaches students who started before.",
            "Link instead of copying, or compare checksums and keep edited files.",
        )
    if name.endswith(("copytree", "copy_tree")):
        yield finding(
            line,
            "warning",
            "copy-from-shared",
            f"{name} copies from {shared_root} into every home: size times the number of students,"
            " and each start waits for it.",
            "Link instead: os.symlink, or ln -sfn in the shell.",
        )


def _opened(node: ast.Call, name: str, line: int, text: str, *, is_home: bool) -> Iterator[Finding]:
    mode = ""
    position = 0 if name != "open" and name.endswith(".open") else 1
    if name.endswith("open"):
        given = node.args[position : position + 1] or [
            k.value for k in node.keywords if k.arg == "mode"
        ]
        if given and isinstance(given[0], ast.Constant):
            mode = str(given[0].value)
    source = ast.unparse(node)
    if mode.startswith("a") and is_home and not re.search(r"\bin\s+\w+|\.read|log", text):
        yield finding(
            line,
            "warning",
            "grows-each-start",
            "Appends to a file at every start, without looking whether the line is there.",
            "Read the file first and write only what is missing.",
        )
    is_write = mode.startswith("w") or not name.endswith("open")
    if is_write and is_home and re.search(r"\.ipynb|\.py\b", source):
        yield finding(
            line,
            "error",
            "overwrite-in-home",
            "Writes over a notebook or program in the student's home at every start.",
            "Write under a new name, or only while the file is absent.",
        )
