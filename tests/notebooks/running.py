"""Runs a runbook as its reader would: target set, cells from top to bottom, in a real kernel."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from tests.console import Console

RUNBOOKS = Path(__file__).parents[2] / "admin-notebooks"
FROM_SERVER = ("JUPYTERHUB_API_TOKEN", "JUPYTERHUB_SERVICE_URL", "JUPYTERHUB_SERVICE_PREFIX")


def run(runbook: str, environment: dict[str, str], /, **parameters: Any) -> str:
    """Execute a runbook with these parameters and return all that it printed.

    `undo=True` sets the switch of the last cell.
    """
    notebook = nbformat.read(RUNBOOKS / runbook, as_version=4)
    target = next(c for c in notebook.cells if "parameters" in c.metadata.get("tags", ()))
    if parameters.pop("undo", False):
        notebook.cells[-1].source = notebook.cells[-1].source.replace("undo = False", "undo = True")
    target.source += "\n" + "\n".join(f"{key} = {value!r}" for key, value in parameters.items())
    NotebookClient(notebook, timeout=240, kernel_name="python3").execute(env=environment)
    outputs = (out for cell in notebook.cells for out in cell.get("outputs", ()))
    return "".join(out.get("text", "") or str(out.get("data", {})) for out in outputs)


def beside(console: Console) -> dict[str, str]:
    """The environment of a kernel that finds this server, where there is no hub."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTERHUB_")}
    return kept | {"JUPYTER_RUNTIME_DIR": str(console.root / "runtime")}
