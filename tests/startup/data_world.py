"""A shelf with datasets and one student's home, for growth-data."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chain_world import STARTUP

COMMAND = STARTUP / "lib" / "growth-data"
PATIENCE_S = 60
Files = dict[str, str]


@dataclass
class Ran:
    """What one run of the command said."""

    code: int
    out: str
    err: str


class DataWorld:
    """Publish, run the command, look at the home."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.data = root / "nfs" / "data"
        self.home = root / "home"
        self.data.mkdir(parents=True)
        self.home.mkdir()
        self.environ: dict[str, str] = {}

    @property
    def state(self) -> Path:
        """What the command remembers."""
        return self.home / ".local" / "share" / "growth-admin"

    def publish(self, name: str, version: str, files: Files, delivery: str = "copy") -> Path:
        """Publish a version as the library does and make it current; returns its folder."""
        folder = self.data / ".versions" / name / version
        folder.mkdir(parents=True)
        listed = []
        for path, text in files.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            file.chmod(0o444)
            content = text.encode()
            sha256 = hashlib.sha256(content).hexdigest()
            listed.append({"path": path, "size_bytes": len(content), "sha256": sha256})
        record = {"name": name, "version": version, "delivery": delivery}
        (folder / "MANIFEST.json").write_text(json.dumps({**record, "files": listed}))
        stored = {**record, "manifest": "MANIFEST.json"}
        (folder.parent / f"{version}.json").write_text(json.dumps(stored))
        self.make_current(name, version)
        return folder

    def make_current(self, name: str, version: str) -> None:
        """Swap the link."""
        staged = self.data / ".swap"
        staged.symlink_to(f".versions/{name}/{version}")
        staged.replace(self.data / name)

    def withdraw(self, name: str) -> None:
        """Delete the whole dataset."""
        (self.data / name).unlink()
        shutil.rmtree(self.data / ".versions" / name)

    def start(self, *arguments: str, prepare: Callable[[], None] | None = None) -> Any:
        """Begin a run; returns the process."""
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(COMMAND), *arguments],
            env={
                "HOME": str(self.home),
                "NB_USER": "jane-doe",
                "GROWTH_SHARED_ROOT": str(self.root / "nfs"),
                "GROWTH_DATA_RESERVE_MIB": "0",
                **self.environ,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=prepare,
        )

    def run(self, *arguments: str, prepare: Callable[[], None] | None = None) -> Ran:
        """Run the command to its end."""
        process = self.start(*arguments, prepare=prepare)
        out, err = process.communicate(timeout=PATIENCE_S)
        return Ran(process.returncode, out, err)

    def bring(self) -> dict[str, Any]:
        """Run it; nothing may go wrong. Returns the entries of the receipt by name."""
        ran = self.run()
        assert (ran.code, ran.err) == (0, "")
        return self.entries()

    def entries(self) -> dict[str, Any]:
        """The entries of the receipt by name."""
        receipt = json.loads((self.state / "datasets.json").read_text())
        return {entry["name"]: entry for entry in receipt["datasets"]}

    def has(self, name: str) -> Files:
        """Every file that the student has of a dataset."""
        folder = self.home / "data" / name
        return {
            str(path.relative_to(folder)): path.read_text()
            for path in folder.rglob("*")
            if path.is_file()
        }

    def edit(self, path: str, text: str) -> None:
        """The student writes a file below ~/data."""
        file = self.home / "data" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def unfinished(self) -> list[str]:
        """Parts that lie about."""
        return [path.name for path in (self.home / "data" / ".growth-data").glob("*")]


def summary(entry: dict[str, Any]) -> tuple[str, str, str, int]:
    """An entry in short: delivery, version, state, edited files."""
    return entry["delivery"], entry["version"], entry["state"], entry["edited_files"]
