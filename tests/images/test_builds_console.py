"""Builds over HTTP where nothing builds, and a command that is followed to its end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from growth_admin.cli import main
from growth_admin.core.errors import InvalidInput, NotConfigured, NotFound
from growth_admin.core.schema import now
from growth_admin.images.builds.context import copied, digest_of
from growth_admin.images.builds.engine import steps_of
from growth_admin.images.builds.following import follow
from growth_admin.images.builds.manager import built_image, differences
from growth_admin.images.builds.models import BuildEnd, Contents, InstalledPackage
from growth_admin.images.builds.store import BuildStore
from tests.console import Console, running_console


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    root = tmp_path_factory.mktemp("console")
    settings = ("--ImageBuilder.program=none", "--ImageRegistry.image=registry.test/school/lab")
    with running_console(root, "--GrowthAdmin.standalone=True", *settings) as started:
        yield started


def test_build_when_nothing_builds_here_then_the_list_and_the_request_say_what_to_do(
    console: Console,
) -> None:
    builds = console.client.images.builds
    found = builds.list_builds()
    assert found.builds == () and found.builder == ""
    assert "none" in found.problem and "promote" in found.hint
    with pytest.raises(NotConfigured):
        builds.start_build(reason="for Tuesday")
    with pytest.raises(NotFound):
        builds.get_build(7)
    with pytest.raises(NotFound):
        builds.get_sbom(7)
    assert console.ask("GET", "images/builds/x").status_code == 400
    assert InvalidInput.kind in console.ask("GET", "images/builds/x").text


@pytest.mark.parametrize("reason", ["", "  ", " \n\t"])
def test_reason_when_it_is_only_spaces_then_http_and_the_terminal_refuse_it(
    console: Console,
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    bodies = {
        "images/builds": {"reason": reason},
        "images/packages/revisions": {"plan_id": "x", "texts": {"pip": ""}, "reason": reason},
        "images/packages/restorations": {"revision": 1, "reason": reason},
    }
    for path, body in bodies.items():
        refused = console.ask("POST", path, json=body)
        assert refused.status_code == 400 and "reason" in refused.text, path
    monkeypatch.setenv("GROWTH_ADMIN_ROOT", str(console.root / "admin"))
    monkeypatch.setenv("GROWTH_SHARED_ROOT", str(console.root / "nfs"))
    assert main(["images", "build", "--reason", reason]) == 1
    assert "A build needs a reason" in capsys.readouterr().err


# -- a command and its log


def run(code: str, **options: object) -> tuple[int, list[str], bool]:
    lines: list[str] = []
    done = follow(
        [sys.executable, "-u", "-c", code],
        on_lines=lines.extend,
        is_cancelled=lambda: bool(options.get("is_cancelled")),
        timeout_s=float(str(options.get("timeout_s", 30))),
        env=os.environ,
    )
    return done.exit_code, lines, done.is_timed_out


def test_log_when_it_is_long_and_odd_then_no_line_is_lost_or_mixed_up() -> None:
    code = """
import os, sys
for number in range(20000):
    os.write(1 + number % 2, b"line %d\\n" % number)
os.write(1, b"\\x1b[31mred\\x1b[0m \\xff\\n")
os.write(1, b"10 %\\r20 %\\r30 %\\n")
os.write(1, b"no end")
"""
    code_, lines, _ = run(code)
    assert code_ == 0
    assert lines[:20000] == [f"line {number}" for number in range(20000)]
    assert lines[20000:] == ["red �", "30 %", "no end"]


def test_log_when_a_line_has_no_end_then_it_comes_in_parts() -> None:
    code_, lines, _ = run("import os\nfor _ in range(9): os.write(1, b'x' * 1024 ** 2)")
    assert code_ == 0 and len(lines) > 1


@pytest.mark.parametrize(
    ("code", "expected"),
    [("raise SystemExit(3)", 3), ("import os; os.kill(os.getpid(), 9)", 137)],
)
def test_command_when_it_fails_or_is_killed_then_its_end_is_told(code: str, expected: int) -> None:
    assert run(code)[0] == expected


def test_command_when_it_takes_too_long_then_it_is_ended_with_what_it_started() -> None:
    begun = time.monotonic()
    code = "import subprocess; subprocess.run(['sleep', '97531'])"
    _, _, is_late = run(code, timeout_s=1)
    assert is_late and time.monotonic() - begun < 15
    assert subprocess.run(["pgrep", "-f", "sleep 97531"], capture_output=True).returncode == 1


# -- what is kept


def test_source_when_copied_then_its_digest_tells_content_and_mode(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "packages").mkdir(parents=True)
    (source / ".git").mkdir()
    (source / "packages" / "pip.txt").write_text("stars==1\n")
    (source / "link").symlink_to("/etc/passwd")
    with copied(source, str(tmp_path), "x") as copy:
        first = digest_of(copy)
        assert not (copy / ".git").exists()
        assert (copy / "link").is_symlink()
        (copy / "packages" / "pip.txt").chmod(0o755)
        assert digest_of(copy) != first
    assert not list(tmp_path.glob("growth-build-*"))


def test_builds_when_begun_by_many_then_no_two_have_one_tag(tmp_path: Path) -> None:
    stores = [BuildStore(tmp_path) for _ in range(3)]
    tags = [store.claim(4, author="ada", reason="x").tag for store in stores * 3]
    assert tags == [f"r4-b{number}" for number in range(1, 10)]


def test_newest_image_when_an_older_record_is_damaged_then_it_is_known_all_the_same(
    tmp_path: Path,
) -> None:
    store = BuildStore(tmp_path)
    for _ in range(2):
        number = store.claim(4, author="ada", reason="x").number
        store.keep_contents(number, Contents(python_version=f"3.1{number}.0"))
        store.end(number, BuildEnd(state="succeeded", time=now()))
    (tmp_path / "000001.json").write_text("damaged")
    assert built_image(store).python_version == "3.12.0"


def test_packages_when_compared_then_new_gone_and_changed_ones_are_told() -> None:
    def of(**versions: str) -> list[InstalledPackage]:
        return [
            InstalledPackage(kind="pip", name=name, version=version)
            for name, version in versions.items()
        ]

    found = differences(of(a="1", b="1", c="1"), of(a="1", b="2", d="1"))
    assert [(one.name, one.before, one.after) for one in found] == [
        ("b", "1", "2"), ("c", "1", ""), ("d", "", "1"),
    ]  # fmt: skip


def test_steps_when_the_builder_counts_them_then_the_last_one_is_told() -> None:
    assert steps_of(["STEP 1/9: FROM x", "more", "STEP 2/9: RUN y"]) == (2, 9)
    assert steps_of(["nothing"]) is None
