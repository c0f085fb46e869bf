"""The GitHub Actions workflow of image/: valid, safe, and its steps do what their comments say."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

WORKFLOW = Path(__file__).parents[2] / "image" / ".github" / "workflows" / "image.yml"
BIN = Path(sys.executable).parent
DIGEST = "sha256:" + "a" * 64
DOCKER = f"""#!/bin/bash
# Stands in for docker: writes down how it was called, knows the tags named in $TAGS.
echo "$*" >>"$CALLS"
case "$*" in
    *Manifest.Digest*) echo {DIGEST} ;;
    "buildx imagetools inspect"*) [[ " $TAGS " == *" $4 "* ]] ;;
    *growth-smoke*) echo '{{"passed": 3, "failed": 1}}'; exit "$SMOKE" ;;
esac
"""


def steps() -> dict[str, dict[str, Any]]:
    """The steps with a script, by name."""
    found = yaml.safe_load(WORKFLOW.read_text())["jobs"]["image"]["steps"]
    return {step["name"]: step for step in found if "run" in step}


class Runner:
    """Runs a step's script as GitHub's runner does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        docker = folder / "bin" / "docker"
        docker.parent.mkdir()
        docker.write_text(DOCKER)
        docker.chmod(0o755)

    def run(self, name: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a step; the options of bash are those of `shell: bash`."""
        script = self.folder / "step.sh"
        script.write_text(steps()[name]["run"])
        known = {
            "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "GITHUB_ENV": str(self.folder / "env"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "CALLS": str(self.folder / "calls"),
            "TAGS": "",
            "SMOKE": "0",
            "IMAGE": "ghcr.io/school/notebook",
            "REFERENCE": "ghcr.io/school/notebook:git-0123456789ab",
            "TESTED": f"ghcr.io/school/notebook@{DIGEST}",
        }
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            env={**known, "REVISION": "0" * 40, "SOURCE": "s", "CREATED": "now", **environ},
            cwd=self.folder,
            capture_output=True,
            text=True,
        )

    def calls(self) -> str:
        """What docker was asked."""
        return (self.folder / "calls").read_text()


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """A runner with a stand-in for docker."""
    return Runner(tmp_path)


def test_workflow_when_checked_then_its_form_is_githubs_and_nothing_is_unsafe() -> None:
    form = [BIN / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", WORKFLOW]
    assert subprocess.run(form, capture_output=True).returncode == 0
    audit = subprocess.run(
        [BIN / "zizmor", "--offline", "--no-progress", WORKFLOW], capture_output=True, text=True
    )
    assert audit.returncode == 0, audit.stdout + audit.stderr


@pytest.mark.parametrize("name", steps())
def test_workflow_when_a_step_is_read_by_shellcheck_then_it_finds_nothing(name: str) -> None:
    checked = subprocess.run(
        [BIN / "shellcheck", "--shell=bash", "-"],
        input=steps()[name]["run"],
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout


def test_workflow_when_its_scripts_are_run_then_by_a_bash_that_minds_pipes() -> None:
    assert yaml.safe_load(WORKFLOW.read_text())["defaults"]["run"]["shell"] == "bash"


def test_push_when_the_revision_has_no_tag_yet_then_built_with_sbom_and_labels(
    runner: Runner,
) -> None:
    done = runner.run("Build and push")
    assert done.returncode == 0, done.stderr
    (built,) = [line for line in runner.calls().splitlines() if line.startswith("buildx build")]
    assert "--push" in built and "--sbom=true" in built and f"REVISION={'0' * 40}" in built
    told = (runner.folder / "env").read_text()
    assert told == f"TESTED=ghcr.io/school/notebook@{DIGEST}\n"


def test_push_when_the_revision_has_its_tag_then_the_tag_is_not_moved(runner: Runner) -> None:
    done = runner.run("Build and push", TAGS="ghcr.io/school/notebook:git-0123456789ab")
    assert done.returncode == 0, done.stderr
    assert "buildx build" not in runner.calls()
    assert DIGEST in (runner.folder / "env").read_text()


def test_smoke_when_a_check_fails_then_the_run_fails_and_the_lines_are_kept(
    runner: Runner,
) -> None:
    assert runner.run("Smoke checks", SMOKE="1").returncode == 1
    assert '"failed": 1' in (runner.folder / "report" / "smoke.jsonl").read_text()
    assert runner.run("Smoke checks").returncode == 0
