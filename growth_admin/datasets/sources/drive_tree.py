"""Folders of Drive, walked: several at a time, no name twice, no end in circles."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any, Final

from growth_admin.datasets.facts import Checksum, Control, RemoteFile, SourceProblem
from growth_admin.datasets.sources.names import distinct_names

PARALLEL_FOLDERS: Final = 4
FOLDER_LIMIT: Final = 20_000
WARNING_LIMIT: Final = 20
EXPORTS: Final = {
    "document": ("pdf", "docx", "odt", "rtf", "txt", "html", "epub", "md", "zip"),
    "spreadsheets": ("xlsx", "csv", "ods", "tsv", "pdf", "zip"),
    "presentation": ("pdf", "pptx", "odp", "txt"),
    "drawings": ("pdf", "png", "svg", "jpg"),
}
"""Formats that Google's own kinds can be had in; the first is taken unless the link names one.

A document is for reading, so PDF, which JupyterLab shows; a table is for computing, with all its
sheets, so XLSX (CSV holds the first sheet only).
"""


@dataclass(frozen=True)
class Entry:
    """Something in Drive. ``kind``: file, folder, one of ``EXPORTS``, or other (no bytes at all).

    ``why_not`` says in words why it cannot be had.
    """

    kind: str
    id: str
    name: str
    key: str = ""
    size_bytes: int | None = None
    checksum: Checksum | None = None
    validator: str = ""
    modified: str = ""
    why_not: str = ""
    export_format: str = ""

    @property
    def file_name(self) -> str:
        """The name of the file that comes of it."""
        if self.kind in EXPORTS and not self.name.lower().endswith(f".{self.format}"):
            return f"{self.name}.{self.format}"
        return self.name

    @property
    def format(self) -> str:
        """The format that a document of Google is exported to; empty for a file."""
        if self.kind not in EXPORTS:
            return ""
        return self.export_format or EXPORTS[self.kind][0]

    def locator(self, via: str) -> dict[str, Any]:
        """Return what opens it again."""
        found = {"via": via, "id": self.id}
        if self.key:
            found["key"] = self.key
        if self.format:
            found |= {"document": self.kind, "format": self.format}
        return found


@dataclass
class Tree:
    """What a walk found."""

    files: list[RemoteFile] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    is_complete: bool = True

    def warn(self, text: str) -> None:
        """Keep a warning, unless there are many."""
        if len(self.warnings) < WARNING_LIMIT:
            self.warnings.append(text)


@dataclass(frozen=True)
class _Task:
    folder: Entry
    path: str
    ancestors: tuple[str, ...]


def walk(
    root: Entry,
    children: Callable[[Entry], Sequence[Entry]],
    *,
    via: str,
    limit_s: float,
    control: Control,
) -> Tree:
    """Return all files below a folder, in the order of their paths.

    ``children`` lists one folder; it is called from several threads. A walk that takes longer than
    ``limit_s`` ends early, incomplete. Raises what ``children`` raises, and ``SourceProblem``
    (``too_large``).
    """
    tree, until = Tree(), time.monotonic() + limit_s
    waiting = [_Task(root, "", (root.id,))]
    running: dict[Future[Sequence[Entry]], _Task] = {}
    folders = documents = 0
    with ThreadPoolExecutor(PARALLEL_FOLDERS, thread_name_prefix="drive-list") as pool:
        try:
            while waiting or running:
                control.check()
                if time.monotonic() > until:
                    tree.is_complete = False
                    break
                while waiting and len(running) < PARALLEL_FOLDERS:
                    task = waiting.pop()
                    running[pool.submit(children, task.folder)] = task
                for done in wait(running, timeout=0.5, return_when=FIRST_COMPLETED).done:
                    task = running.pop(done)
                    found = _listed(done, task, tree)
                    waiting += _sort_in(task, found, tree, via)
                    documents += sum(entry.kind in EXPORTS for entry in found)
                    folders += 1
                control.progress(len(tree.files), unit="files", message=f"{folders} folders listed")
                if folders + len(waiting) > FOLDER_LIMIT:
                    raise SourceProblem(
                        "too_large",
                        f"The Drive folder holds more than {FOLDER_LIMIT:,} folders.",
                        hint="Pack it into an archive, or publish its parts one by one.",
                    )
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    if documents:
        tree.warn(export_warning(documents))
    tree.files.sort(key=lambda file: file.path)
    return tree


def _listed(done: Future[Sequence[Entry]], task: _Task, tree: Tree) -> Sequence[Entry]:
    """Return what a folder holds; a folder inside that may not be seen becomes a warning."""
    try:
        return done.result()
    except SourceProblem as problem:
        if not task.path or problem.code not in ("not_shared", "not_found_or_key"):
            raise
        tree.warn(f"Left out: the folder {task.path} ({problem.detail})")
        return ()


def _sort_in(task: _Task, found: Sequence[Entry], tree: Tree, via: str) -> list[_Task]:
    """Take the files of a folder; return the folders to list next."""
    able = []
    for entry in found:
        if entry.kind == "other" or (entry.why_not and entry.kind != "file"):
            tree.warn(f"Left out: {task.path}{entry.name} ({entry.why_not})")
        else:
            able.append(entry)
    names = distinct_names([(e.file_name, e.id) for e in able], is_top=not task.path)
    tasks = []
    for entry, name in zip(able, names, strict=True):
        path = task.path + name
        if entry.kind != "folder":
            if entry.why_not:
                tree.warn(f"Will fail: {path} ({entry.why_not})")
            tree.files.append(remote_file(entry, path, via))
        elif entry.id in task.ancestors:
            tree.warn(f"Left out: the folder {path} leads back to a folder that holds it.")
        else:
            tasks.append(_Task(entry, f"{path}/", (*task.ancestors, entry.id)))
    return tasks


def remote_file(entry: Entry, path: str, via: str) -> RemoteFile:
    """Return the file that an entry stands for."""
    return RemoteFile(
        path=path,
        locator=entry.locator(via),
        size_bytes=entry.size_bytes,
        checksum=entry.checksum,
        validator=entry.validator,
    )


def export_warning(count: int) -> str:
    """Return what must be known of Google's own documents."""
    what = "1 Google document is" if count == 1 else f"{count:,} Google documents are"
    return (
        f"{what} exported (documents and slides as PDF, tables as XLSX, unless the link names "
        "another format): an export has no checksum and no size before it is made."
    )


def require_format(kind: str, wanted: str) -> None:
    """Return if Google exports that kind to that format. Raises ``SourceProblem``."""
    if wanted and wanted not in EXPORTS.get(kind, ()):
        raise SourceProblem(
            "native_doc",
            f"Google does not export this kind ({kind}) to {wanted[:20]!r}.",
            hint=f"Formats are {', '.join(EXPORTS.get(kind, ()))}; or use the plain link.",
        )


class CredentialProblem(SourceProblem):
    """Google refuses the hub's credential, whatever is asked for."""
