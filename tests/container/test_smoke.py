"""The smoke checks in the built image: all pass, and what is broken makes them fail, said why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.container.engine import Engine, Ran, as_json

SITE = '"$(python -c "import sysconfig; print(sysconfig.get_path(\'purelib\'))")"'
BREAKAGES = {
    "a package that does not import": (
        f"echo 'raise ImportError(\"spoilt\")' >>{SITE}/astropy/io/fits/__init__.py",
        "import astropy.io.fits",
        "ImportError: spoilt",
    ),
    "a program that is gone": ("rm /usr/bin/git", "run git", "No such file"),
    "packages that do not fit": (
        f"sed -i 's/^Requires-Dist: numpy.*/Requires-Dist: numpy<1/' {SITE}/scipy-*/METADATA",
        "check consistent",
        "numpy<1",
    ),
    "an extension that does not load": (
        'echo \'{"ServerApp": {"jpserver_extensions": {"no_such_extension": true}}}\' '
        ">/opt/conda/etc/jupyter/jupyter_server_config.d/spoilt.json",
        "check server",
        "no_such_extension",
    ),
    "no start chain": (
        "rm /usr/local/bin/before-notebook.d/50-growth.sh",
        "check chain",
        "exit code",
    ),
    "a runner without bytecode": (
        "find /usr/local/lib/growth-admin -name '*.pyc' -delete",
        "check chain",
        "not compiled",
    ),
}
"""What is done to a container of the image, the check that must fail, and what it must say."""


def lines(ran: Ran) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """The checks by name, and the sum."""
    found = as_json(ran.out)
    return {str(line["check"]): line for line in found[:-1]}, found[-1]


def test_smoke_when_the_image_is_as_built_then_all_pass_and_what_is_left_out_is_said(
    engine: Engine, image: str
) -> None:
    ran = engine.run(image, "growth-smoke")
    checks, total = lines(ran)
    assert (ran.code, total["failed"]) == (0, 0), ran.text
    assert total["passed"] == len(checks) - 1 >= 10
    assert {name for name, line in checks.items() if line["state"] == "left-out"} == {
        "run source-extractor"  # of conda.txt, whose channel tests do not reach
    }


@pytest.mark.parametrize("what", BREAKAGES)
def test_smoke_when_something_is_broken_then_that_check_fails_and_says_why(
    engine: Engine, image: str, what: str
) -> None:
    order, name, reason = BREAKAGES[what]
    # not through the chain: root breaks it, then the image's own user checks
    become = "setpriv --reuid=1000 --regid=100 --init-groups"
    command = f"set -e; {order}; exec {become} growth-smoke --only '{name}'"
    options = ["--user=root", "--entrypoint=bash"]
    ran = engine.run(image, "-c", command, options=options)
    checks, total = lines(ran)
    assert (ran.code, total["failed"]) == (1, 1), ran.text
    assert checks[name]["state"] == "failed" and reason in checks[name]["detail"], checks


def test_smoke_when_a_school_adds_its_own_then_these_run_too(
    engine: Engine, image: str, tmp_path: Path
) -> None:
    folder = tmp_path / "smoke"
    (folder / "checks").mkdir(parents=True)
    (folder / "imports.txt").write_text("json  # always there\nconda: not_built\n")
    (folder / "checks" / "lecture.py").write_text("raise SystemExit('magnitude 17.2, not 17.1')")
    (folder / "checks" / "stuck.sh").write_text("sleep 600")
    (folder / "checks" / "fine.sh").write_text("exit 0")
    options = [f"--volume={folder}:/smoke:ro"]
    ran = engine.run(image, "growth-smoke", "--folder=/smoke", "--limit=2", options=options)
    checks, total = lines(ran)
    assert (ran.code, total["passed"], total["failed"], total["left_out"]) == (1, 2, 2, 1)
    assert "magnitude 17.2, not 17.1" in checks["check lecture"]["detail"]
    assert checks["check stuck"]["detail"] == "no end after 2 s"


def test_smoke_when_there_is_nothing_to_check_then_that_is_no_success(
    engine: Engine, image: str, tmp_path: Path
) -> None:
    folder = tmp_path / "smoke"
    folder.mkdir(mode=0o755)
    options = [f"--volume={folder}:/smoke:ro"]
    ran = engine.run(image, "growth-smoke", "--folder=/smoke", options=options)
    assert (ran.code, lines(ran)[1]["passed"]) == (1, 0), ran.text
