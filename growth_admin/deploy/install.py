"""Puts the start chain into a notebook image."""

from __future__ import annotations

from pathlib import Path

from growth_admin.core.errors import NotFound
from growth_admin.core.fsops import write_atomic
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

    Raises ``StorageUnavailable`` when the folders cannot be written.
    """
    source = chain_source()
    pairs = [(path, hooks / path.name) for path in (source / "before-notebook.d").iterdir()]
    pairs += [
        (path, lib / path.relative_to(source / "lib"))
        for path in sorted((source / "lib").rglob("*.py"))
    ]
    for path, target in pairs:
        write_atomic(target, path.read_bytes(), mode=0o755 if path.suffix == ".sh" else 0o644)
    # bytecode halves what the runner adds to each start; the hook runs the python3 of the PATH
    run_bounded(["python3", "-m", "compileall", "-q", str(lib)], timeout_s=60)
    return [target for _, target in pairs]
