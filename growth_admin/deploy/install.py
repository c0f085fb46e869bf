"""Puts the start chain into a notebook image."""

from __future__ import annotations

from pathlib import Path

from growth_admin.core.errors import NotFound
from growth_admin.core.fsops import storage_errors, write_atomic
from growth_admin.core.process import run_bounded


def chain_source() -> Path:
    """Return the folder of the start chain: in the wheel, or in a checkout of the sources."""
    here = Path(__file__).resolve().parent
    for folder in (here / "startup", here.parents[1] / "startup"):
        if (folder / "before-notebook.d").is_dir():
            return folder
    raise NotFound("The start chain is not in this installation.", hint="Install the wheel again.")


def install_chain(*, hooks: Path, lib: Path) -> list[Path]:
    """Copy the hook to ``hooks`` and the runner to ``lib``; return what was placed.

    If ``lib`` is ``<prefix>/lib/<name>``, a link in ``<prefix>/bin`` lets students type
    ``growth-data``. Raises ``StorageUnavailable`` when the folders cannot be written.
    """
    source = chain_source()
    command = lib / "growth-data"
    pairs = [(path, hooks / path.name) for path in (source / "before-notebook.d").iterdir()]
    pairs += [
        (path, lib / path.relative_to(source / "lib"))
        for path in sorted((source / "lib").rglob("*.py"))
    ]
    pairs.append((source / "lib" / command.name, command))
    for path, target in pairs:
        write_atomic(target, path.read_bytes(), mode=0o644 if path.suffix == ".py" else 0o755)
    # bytecode halves what the runner adds to each start; the hook runs the python3 of the PATH
    run_bounded(["python3", "-m", "compileall", "-q", str(lib)], timeout_s=60)
    placed = [target for _, target in pairs]
    if lib.parent.name == "lib":
        placed.append(_link(lib.parents[1] / "bin" / command.name, command))
    return placed


def _link(link: Path, target: Path) -> Path:
    """Put a link to ``target`` at ``link``, over an older one; return where."""
    with storage_errors(link):
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(target)
    return link
