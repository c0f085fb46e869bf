"""What runs in a built image to check it reaches no network, whatever tool and isolation."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from growth_admin.images.builds.engine import OPEN, ContainerEngine, Watcher
from growth_admin.images.builds.settings import ImageBuilder
from tests.container import images
from tests.container.engine import REPOSITORY, Engine

CALL = """
import json, socket
own = socket.create_server(("127.0.0.1", 0))
socket.create_connection(own.getsockname(), 5).close()  # a check may speak with itself
try:
    socket.create_connection(("127.0.0.1", {port}), 5).close()
    reached = ["this machine"]
except OSError:
    reached = []
reached += [name for _, name in socket.if_nameindex() if name == "eth0"]
print(json.dumps({{"reached": reached}}))
"""
WITHOUT_RIGHTS = """
import sys
from growth_admin.images.builds.engine import ContainerEngine, Watcher
from growth_admin.images.builds.settings import ImageBuilder
settings = ImageBuilder(program=sys.argv[1], run_options=["--isolation=chroot"])
ContainerEngine(settings).run("x", ["true"], Watcher(lambda lines: print(*lines), lambda: False))
"""
TOOL = '#!/bin/sh\ncase "$*" in unshare*) exit 1;; run*) echo ran;; esac\n'


@pytest.fixture
def port() -> Iterator[int]:
    """A server of this machine, as a hub or a registry beside an organiser's server."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@pytest.mark.parametrize(
    ("program", "options", "is_reached"),
    [
        ("buildah", [], False),
        ("buildah", ["--isolation=chroot"], False),
        ("buildah", ["--isolation", "chroot", "--network=host"], True),
        ("podman", [], False),
    ],
)
def test_network_when_an_image_is_checked_then_only_settings_that_give_it_let_it_be_reached(
    engine: Engine,
    port: int,
    monkeypatch: pytest.MonkeyPatch,
    program: str,
    options: list[str],
    is_reached: bool,
) -> None:
    image = images.debian(engine)
    for name, value in engine.environ.items():
        monkeypatch.setenv(name, value)
    settings = ImageBuilder(program=program, options=engine.options, run_options=options)
    builder = ContainerEngine(settings)
    script = CALL.format(port=port)
    found = builder.inspect(image, script)["reached"]
    assert isinstance(found, list)
    assert ("this machine" in found) is is_reached
    assert is_reached or found == [], "no network that leads out either"
    said: list[str] = []
    done = builder.run(image, ["python3", "-c", script], Watcher(said.extend, lambda: False))
    assert (done.exit_code, OPEN in said) == (0, False), said
    assert json.loads("".join(said)) == {"reached": found}


def test_network_when_this_server_may_not_take_it_away_then_the_log_says_so(
    tmp_path: Path,
) -> None:
    assert shutil.which("setpriv"), "of util-linux"
    tool = tmp_path / "buildah"
    tool.write_text(TOOL)
    tool.chmod(0o755)
    done = subprocess.run(
        ["setpriv", "--bounding-set=-sys_admin", sys.executable, "-c", WITHOUT_RIGHTS, str(tool)],
        cwd=REPOSITORY, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.split("\n") == [OPEN, "ran", ""], done.stderr
