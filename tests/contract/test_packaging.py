"""The wheel is all that an image needs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from growth_admin import __version__
from growth_admin.deploy import settings_page

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as a release would build it, from the labextension that was built already."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return next(folder.glob("*.whl"))


def test_wheel_when_built_then_carries_labextension_configuration_and_chain(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    data = f"growth_admin-{__version__}.data/data/"
    assert data + "share/jupyter/labextensions/growth-admin/package.json" in names
    assert any(re.search(r"labextensions/growth-admin/static/remoteEntry.*\.js$", n) for n in names)
    assert data + "etc/jupyter/jupyter_server_config.d/growth_admin.json" in names
    assert "growth_admin/deploy/startup/before-notebook.d/50-growth.sh" in names
    assert "growth_admin/deploy/startup/lib/runner.py" in names
    assert "growth_admin/deploy/admin-notebooks/O01-change-a-start-script.ipynb" in names
    assert "growth_admin/deploy/hub_config.py" in names
    assert not [name for name in names if "node_modules" in name or name.endswith((".pyc", ".map"))]


def test_chain_when_installed_from_the_wheel_then_lies_in_the_image(
    wheel: Path, tmp_path: Path
) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    hooks, lib = tmp_path / "hooks", tmp_path / "lib"
    command = [sys.executable, "-m", "growth_admin.cli", "startup", "install", "--json"]
    done = subprocess.run(
        [*command, "--hooks", str(hooks), "--lib", str(lib)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site"), "PYTHONSAFEPATH": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    placed = json.loads(done.stdout)
    hook = hooks / "50-growth.sh"
    assert str(hook) in placed
    assert hook.stat().st_mode & 0o777 == 0o755
    assert (lib / "runner.py").is_file()


def test_version_when_stated_on_both_sides_then_is_the_same() -> None:
    package = json.loads((REPOSITORY / "labextension" / "package.json").read_text())
    tokens = (REPOSITORY / "labextension" / "src" / "tokens.ts").read_text()
    assert package["version"] == __version__
    assert f"VERSION = '{__version__}'" in tokens


def test_settings_page_when_compared_then_is_what_the_settings_say() -> None:
    page = REPOSITORY / "growth_admin" / "deploy" / "SETTINGS.md"
    assert page.read_text() == settings_page.render(), (
        "run: python -m growth_admin.deploy.settings_page > growth_admin/deploy/SETTINGS.md"
    )
