"""Runs inside an image, on its Python's standard input: prints what is installed, as JSON.

Nothing but the standard library, and nothing newer than Python 3.9 has.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

LICENSE_CHARS = 100


def license_of(facts: metadata.PackageMetadata) -> str:
    """Return what a Python package says of its licence, in few words."""
    for name in ("License-Expression", "License"):
        said = str(facts[name] or "").strip() if name in facts else ""
        if said and said != "UNKNOWN" and "\n" not in said and len(said) <= LICENSE_CHARS:
            return said
    classifiers = facts.get_all("Classifier") or []
    found = [str(c).rpartition("::")[2].strip() for c in classifiers if c.startswith("License ::")]
    return ", ".join(found)[:LICENSE_CHARS]


def python_packages() -> Iterator[dict[str, str]]:
    """Yield Python packages that conda did not bring."""
    seen = set()
    for dist in metadata.distributions():
        name = str(dist.metadata["Name"] or "")
        key = re.sub(r"[-_.]+", "-", name).lower()
        is_condas = (dist.read_text("INSTALLER") or "").strip() == "conda"
        if not name or key in seen or is_condas:
            continue
        seen.add(key)
        yield {
            "kind": "pip", "name": name, "version": str(dist.metadata["Version"] or ""),
            "license": license_of(dist.metadata),
        }  # fmt: skip


def conda_packages() -> Iterator[dict[str, str]]:
    """Yield what conda brought (its own records in conda-meta)."""
    prefix = Path(os.environ.get("CONDA_DIR") or os.environ.get("CONDA_PREFIX") or sys.prefix)
    for path in sorted(prefix.glob("conda-meta/*.json")):
        facts = json.loads(path.read_text(encoding="utf-8"))
        yield {
            "kind": "conda", "name": facts["name"], "version": facts["version"],
            "license": str(facts.get("license") or "")[:LICENSE_CHARS],
        }  # fmt: skip


def debian_packages() -> Iterator[dict[str, str]]:
    """Yield packages of the distribution (dpkg-query(1)); it keeps no licence beside them."""
    if not shutil.which("dpkg-query"):
        return
    asked = ["dpkg-query", "-W", "-f", "${db:Status-Status}\t${Package}\t${Version}\n"]
    for line in subprocess.run(asked, capture_output=True, text=True).stdout.splitlines():
        state, name, version = line.split("\t")
        if state == "installed":
            yield {"kind": "apt", "name": name, "version": version}


if __name__ == "__main__":
    found = [*python_packages(), *conda_packages(), *debian_packages()]
    version = ".".join(map(str, sys.version_info[:3]))
    sys.stdout.write(json.dumps({"python_version": version, "packages": found}) + "\n")
