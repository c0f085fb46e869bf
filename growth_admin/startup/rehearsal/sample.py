"""The made-up student: a home with edited work, a shared folder, and the files a script names.

A script that deletes ``module1/fit.ipynb`` can only be caught if that file exists: so each
notebook and folder that the script (or a helper of the shared folder that it calls) names in a
home is put there first, as a student's edited work.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath

from growth_admin.startup.lint.model import Script
from growth_admin.startup.lint.places import HOME, inside, is_hidden, is_home, normal
from growth_admin.startup.lint.walk import Walker

STUDENT = "sample-student"
STUDENT_ID = 64123
"""An id that no login has, so that a run as root cannot meet anybody's processes or files."""

_FILES = re.compile(r"\.(ipynb|py|csv|fits|md|txt|R|jl)$")
_NAMES = re.compile(r"[\w./ -]+\.ipynb\b")
_LIMIT = 80
_HELPER_LIMIT_BYTES = 256 * 1024


def make_home(home: Path, scripts: Mapping[str, bytes], shared_root: Path) -> None:
    """Fill ``home`` with a student's week of work. Raises ``OSError``."""
    files = {
        "work.ipynb": _notebook("my own analysis"),
        "course/intro.ipynb": _notebook("my answer to question 3"),
        "course/README.md": "# Course\n",
        "data/results.csv": "star,magnitude\nvega,0.03\n",
        "projects/fit.py": "def fit(x):\n    return x\n",
        ".bashrc": "# ~/.bashrc\nalias ll='ls -l'\nexport EDITOR=nano\n",
        ".profile": "# ~/.profile\n[ -f ~/.bashrc ] && . ~/.bashrc\n",
        ".gitconfig": "[user]\n\tname = Sample Student\n\temail = sample@example.org\n",
        ".jupyter/lab/user-settings/theme.json": '{"theme": "JupyterLab Dark"}\n',
    }
    for name in named_files(scripts, shared_root):
        files.setdefault(name, _notebook("mine") if name.endswith(".ipynb") else "my own work\n")
    for name, text in files.items():
        path = home / name
        with suppress(FileExistsError, NotADirectoryError, IsADirectoryError):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    for folder in ("course", *named_clones(scripts)):
        _make_clone(home / folder)


def make_shared(folder: Path) -> None:
    """Fill ``folder`` as a small shared folder, for a machine that has none."""
    files = {
        "data/photometry/catalogue.csv": "star,magnitude\nvega,0.03\n",
        "misc/DS9.desktop": "[Desktop Entry]\nType=Application\nName=DS9\nExec=ds9\n",
        "bin/README": "Helpers for everybody.\n",
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def named_files(scripts: Mapping[str, bytes], shared_root: Path) -> list[str]:
    """Return the files in a home that the scripts or their helpers name, relative to the home."""
    found: dict[str, None] = {}
    for text in scripts.values():
        script = walked(text)
        folders = _folders(script)
        for path in _paths(script):
            if "*" in path or "?" in path or not is_home(path) or is_hidden(path):
                continue
            if _FILES.search(path):
                found[inside(path)] = None
            elif inside(path) and _is_deleted(path, script):
                found[inside(path) + "/my-notes.ipynb"] = None
        texts = [code.text for code in script.codes]
        texts += [*_helpers(script, shared_root), text.decode("utf-8", "replace")]
        for name in (n.strip() for t in texts for n in _NAMES.findall(t)):
            if not name.startswith(("/", ".", "-")) and ".." not in name and "/." not in name:
                for folder in folders:
                    found[inside(f"{folder}/{name}")] = None
    safe = [name for name in found if name and not PurePosixPath(name).is_absolute()]
    return [name for name in safe if ".." not in name.split("/") and "\ue001" not in name][:_LIMIT]


def named_clones(scripts: Mapping[str, bytes]) -> list[str]:
    """Return the folders in a home in which the scripts call git, relative to the home."""
    found: dict[str, None] = {}
    for text in scripts.values():
        for call in walked(text).calls:
            if call.name != "git" or "clone" in call.values:
                continue
            folder = normal(call.option("-C") or ".", call.cwd)
            name = inside(folder)
            if is_home(folder) and name and ".." not in name.split("/") and "*" not in name:
                found[name] = None
    return list(found)[:5]


def walked(text: bytes) -> Script:
    """Return the script as the lint reads it."""
    plain = text.replace(b"\r\n", b"\n").decode("utf-8", "replace")
    script = Script(
        text=plain,
        name="as-user.sh",
        lines=plain.splitlines(),
        interpreter="bash",
        is_sourced=False,
        is_root=False,
        shared_root="/nfs",
    )
    with suppress(RecursionError):
        Walker(script).run(plain)
    return script


def _paths(script: Script) -> Iterable[str]:
    for call in script.calls:
        for word in call.args:
            for value in word.values:
                yield normal(value, call.cwd)


def _folders(script: Script) -> list[str]:
    """Return the folders of the home in which the script may mean its notebooks to be."""
    found = {HOME: None} | {call.cwd: None for call in script.calls if is_home(call.cwd)}
    for call in script.calls:
        if call.name not in {"gitpuller", "git", "mkdir", "cp", "rsync", "ls", "find"}:
            continue
        for word in call.operands:
            path = normal(word.value, call.cwd)
            is_folder = is_home(path) and not re.search(r"[*?\ue001]|\.\w+$|://", path)
            if is_folder and not is_hidden(path):
                found[path] = None
    return list(found)[:8]


def _is_deleted(path: str, script: Script) -> bool:
    return any(
        path == normal(value, call.cwd)
        for call in script.calls
        if call.name in {"rm", "mv", "rsync"}
        for word in call.operands
        for value in word.values
    )


def _helpers(script: Script, shared_root: Path) -> Iterable[str]:
    """Yield the text of each helper of the shared folder that the script runs."""
    for call in script.calls:
        for value in (call.program.value, *call.values):
            name = value.removeprefix("/nfs/") if value.startswith("/nfs/") else ""
            if value.startswith(f"{shared_root}/"):
                name = value.removeprefix(f"{shared_root}/")
            path = shared_root / name
            if name and ".." not in name.split("/") and path.suffix in {".py", ".sh", ""}:
                with suppress(OSError):
                    if path.is_file() and path.stat().st_size < _HELPER_LIMIT_BYTES:
                        yield path.read_text(errors="replace")


def _notebook(text: str) -> str:
    cell = {
        "cell_type": "code",
        "source": [f"# {text}\n", "x = 1\n"],
        "metadata": {},
        "outputs": [],
        "execution_count": 1,
    }
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}) + "\n"


def _make_clone(folder: Path) -> None:
    """Make the folder a git clone with one commit and one edit that is not committed."""
    git = shutil.which("git")
    folder.mkdir(parents=True, exist_ok=True)
    if git is None or (folder / ".git").exists():
        return
    notebook = folder / "intro.ipynb"
    notebook.write_text(_notebook("as handed out"))
    base = [git, "-c", "user.name=Course", "-c", "user.email=course@example.org", "-C", str(folder)]
    env = {"PATH": "/usr/bin:/bin:/usr/local/bin", "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "Course"]):
        subprocess.run([*base, *words], env=env, check=False, capture_output=True, timeout=10)
    notebook.write_text(_notebook("my answer to question 3"))
