"""Putting the chain, and the command for students, into an image."""

from __future__ import annotations

import subprocess
from pathlib import Path

from growth_admin.deploy.install import install_chain


def test_install_when_lib_stands_in_a_prefix_then_students_can_type_the_command(
    tmp_path: Path,
) -> None:
    lib = tmp_path / "usr" / "lib" / "growth-admin"
    for _ in range(2):  # an image may be built on one that has it already
        placed = install_chain(hooks=tmp_path / "hooks", lib=lib)
    command = tmp_path / "usr" / "bin" / "growth-data"
    assert command in placed
    (tmp_path / "data").mkdir()
    (tmp_path / "home").mkdir()
    done = subprocess.run(
        [str(command), "status"],
        env={
            "HOME": str(tmp_path / "home"),
            "GROWTH_SHARED_ROOT": str(tmp_path),
            "PATH": "/usr/local/bin:/usr/bin:/bin",
        },
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"no datasets in {tmp_path / 'data'}\n"
    assert (lib / "growth-data").stat().st_mode & 0o777 == 0o755


def test_install_when_lib_is_a_folder_of_its_own_then_nothing_is_placed_outside(
    tmp_path: Path,
) -> None:
    placed = install_chain(hooks=tmp_path / "a" / "hooks", lib=tmp_path / "a" / "chain")
    assert all(path.is_relative_to(tmp_path / "a") for path in placed)
