"""Zero to JupyterHub's chart, as far as our values meet it: defaults, schema, its hub's version.

The schema demands keys that only the defaults set, so what is judged is our values merged over
the defaults, as helm merges them (maps by key, everything else replaced, null removes).
"""

from __future__ import annotations

import io
import json
import re
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml
from jsonschema import Draft7Validator

from growth_admin.core.errors import InvalidInput
from growth_admin.core.fsops import read_bytes

SHIPPED: Final = Path(__file__).with_name("chart")
LARGEST_BYTES: Final = 32 * 1024 * 1024
FILES: Final = ("Chart.yaml", "values.yaml", "values.schema.yaml", "values.schema.json")


@dataclass(frozen=True)
class Chart:
    """What is known of a chart."""

    title: str
    jupyterhub: str
    defaults: dict[str, Any]
    schema: dict[str, Any]

    def merge(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values as the chart's templates see them."""
        return _merged(self.defaults, values)

    def problems(self, values: Mapping[str, Any]) -> list[str]:
        """Return what the schema has against the values, by their place in them."""
        errors = Draft7Validator(self.schema).iter_errors(self.merge(values))
        return sorted(f"{'.'.join(map(str, e.absolute_path))}: {_short(e.message)}" for e in errors)


def shipped_hub() -> str:
    """Return the version of the shipped chart's hub, without reading the chart."""
    return str(_facts()["jupyterhub"])


def _facts() -> dict[str, str]:
    found: dict[str, str] = json.loads((SHIPPED / "facts.json").read_text())
    return found


def shipped_chart() -> Chart:
    """Return the chart whose data come with growth-admin."""
    texts = {name: (SHIPPED / name).read_text() for name in ("values.yaml", "values.schema.yaml")}
    facts = _facts()
    return _chart(texts, facts["name"], facts["version"], facts["jupyterhub"])


def read_chart(path: Path) -> Chart:
    """Return the chart in a folder or a ``.tgz`` of ``helm pull``. Raises ``InvalidInput``."""
    try:
        texts = _of_folder(path) if path.is_dir() else _of_archive(path)
        facts = yaml.safe_load(texts["Chart.yaml"])
        name, version = str(facts["name"]), str(facts["version"])
        return _chart(texts, name, version, str(facts.get("appVersion", "")))
    except (KeyError, TypeError, ValueError, tarfile.TarError, yaml.YAMLError) as e:
        raise InvalidInput(
            f"{path} is not a Helm chart with values and a schema: {e}.",
            hint="helm pull jupyterhub --repo https://hub.jupyter.org/helm-chart/",
        ) from None


def _chart(texts: Mapping[str, str], name: str, version: str, jupyterhub: str) -> Chart:
    schema = texts.get("values.schema.json") or texts["values.schema.yaml"]
    return Chart(
        title=f"{name} {version}",
        jupyterhub=jupyterhub.lstrip("v"),
        defaults=yaml.safe_load(texts["values.yaml"]),
        schema=yaml.safe_load(schema),
    )


def _of_folder(folder: Path) -> dict[str, str]:
    present = [name for name in FILES if (folder / name).is_file()]
    return {name: read_bytes(folder / name, limit_bytes=LARGEST_BYTES).decode() for name in present}


def _of_archive(path: Path) -> dict[str, str]:
    found = {}
    with tarfile.open(fileobj=io.BytesIO(read_bytes(path, limit_bytes=LARGEST_BYTES))) as archive:
        for member in archive:
            top, _, name = member.name.partition("/")
            if top and name in FILES and member.isfile() and member.size < LARGEST_BYTES:
                file = archive.extractfile(member)
                found[name] = file.read().decode() if file else ""
    return found


def _merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Merge as helm does, but a null stays: the schema then says whether it may be one."""
    merged = dict(under)
    for key, value in over.items():
        old = merged.get(key)
        is_deep = isinstance(old, Mapping) and isinstance(value, Mapping)
        merged[key] = _merged(old or {}, value) if is_deep else value
    return merged


def _short(message: str) -> str:
    """Return a message without the long value that it may begin with."""
    return re.sub(r"^(.{80}).*?(.{100})$", r"\1 ... \2", message, flags=re.DOTALL)
