"""What the lint does beside its sets of scripts: files, figures, secrets, strange input."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from growth_admin.core.errors import NotFound
from growth_admin.startup.lint import lint_file, lint_text

TOKEN = "ghp_" + "a1B2" * 9


def rules(text: str, **options: object) -> set[str]:
    report = lint_text(text.encode(), **options)  # type: ignore[arg-type]  # options of the test
    return {f.rule for f in report.findings if f.severity != "info"}


def test_report_when_dumped_then_it_has_the_published_fields() -> None:
    report = lint_text(b"#!/bin/bash\nrm -f ~/a.ipynb\n")
    finding = report.as_json()["findings"][0]
    assert {"line", "severity", "rule", "message", "hint"} <= finding.keys()
    assert report.has_errors
    assert (finding["line"], finding["severity"]) == (2, "error")
    assert "~/a.ipynb" in finding["message"]


def test_lint_when_a_secret_is_found_then_no_message_repeats_it() -> None:
    report = lint_text(f"#!/bin/bash\nexport GITHUB_TOKEN={TOKEN}\necho {TOKEN}\n".encode())
    assert {f.line for f in report.findings if f.rule == "secret"} == {2, 3}
    assert TOKEN not in report.model_dump_json()


def test_lint_file_when_the_execute_bit_is_lost_then_error(tmp_path: Path) -> None:
    script = tmp_path / "as-user.sh"
    script.write_text("#!/bin/bash\nmkdir -p ~/work\n")
    script.chmod(0o644)
    assert [f.rule for f in lint_file(script).findings] == ["not-executable"]
    script.chmod(0o755)
    assert lint_file(script).findings == ()


def test_lint_file_when_no_script_of_a_folder_is_executable_then_the_bit_says_nothing(
    tmp_path: Path,
) -> None:
    for name in ("one.sh", "two.sh"):
        (tmp_path / name).write_text("#!/bin/bash\nmkdir -p ~/work\n")
        (tmp_path / name).chmod(0o644)
    assert not lint_file(tmp_path / "one.sh").has_alarms


def test_lint_file_when_there_is_no_file_then_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        lint_file(tmp_path / "as-user.sh")


def test_lint_when_hook_folder_is_in_the_name_then_exit_is_an_error() -> None:
    text = "#!/bin/bash\nexit 0\n"
    assert rules(text, name="/usr/local/bin/before-notebook.d/50-x.sh") == {"exit-in-sourced"}
    assert rules(text, name="as-user.sh") == set()


def test_copy_when_the_source_can_be_measured_then_the_figures_are_said(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "images.fits").write_bytes(b"x" * 12_000_000)
    text = f"#!/bin/bash\nset -e\ncp -r {tmp_path}/data ~/data\n".encode()
    report = lint_text(text, shared_root=str(tmp_path), home_size_bytes=10_000_000_000)
    (finding,) = [f for f in report.findings if f.rule == "copy-from-shared"]
    assert finding.severity == "warning"
    assert "12.0 MB of a home of 10.0 GB" in finding.message
    assert "1.2 GB" in finding.message
    report = lint_text(text, shared_root=str(tmp_path), home_size_bytes=5_000_000)
    assert [f.severity for f in report.findings if f.rule == "copy-from-shared"] == ["error"]


def test_copy_when_the_source_is_small_then_no_alarm(tmp_path: Path) -> None:
    (tmp_path / "icons").mkdir()
    (tmp_path / "icons" / "a.svg").write_text("<svg/>")
    text = f"#!/bin/bash\nset -e\ncp -r {tmp_path}/icons ~/icons\n"
    assert rules(text, shared_root=str(tmp_path)) == set()


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\n\n",
        b"#!/bin/bash",
        b"\xff\xfe\x00r\x00m",
        b"#!/bin/bash\n" + b"(" * 300,
        b"#!/bin/bash\n" + b"(" * 3000 + b"true" + b")" * 3000,
        b"#!/bin/bash\n" + b"$(" * 500,
        b"#!/bin/bash\nf() { f; }; f\n",
        b"#!/bin/bash\ncat <<EOF\nnever closed",
        b"#!/bin/bash\n" + b'eval "' * 50,
        b"#!/bin/bash\n# \xe9\xe8 latin-1\nmkdir -p ~/\xe9\n",
        b"#!/bin/bash\n>\n|\n&&\n;;\nfi\n",
    ],
)
def test_lint_when_text_is_strange_then_it_answers_within_seconds(text: bytes) -> None:
    started = time.monotonic()
    lint_text(text)
    assert time.monotonic() - started < 10


def test_lint_when_many_words_multiply_then_it_answers_within_seconds() -> None:
    names = " ".join(f"n{i}" for i in range(200))
    body = "".join(f"for v{i} in {names}; do\n" for i in range(6))
    body += 'rm -f "$HOME/$v0$v1$v2$v3$v4$v5"\n' + "done\n" * 6
    started = time.monotonic()
    assert "delete-in-home" in rules("#!/bin/bash\n" + body)
    assert time.monotonic() - started < 10


def test_lint_when_the_script_is_large_then_it_says_so_at_once_and_still_finds_secrets() -> None:
    secret = b"export GITHUB_TOKEN=ghp_" + b"a1B2" * 9 + b"\n"
    text = b"#!/bin/bash\n" + secret + b"echo hello world\n" * 60_000
    began_s = time.monotonic()
    report = lint_text(text, mode=0o755)
    assert time.monotonic() - began_s < 10
    rules = {finding.rule for finding in report.findings}
    assert "too-large" in rules
    assert any("secret" in rule for rule in rules)
    assert all(f.rule != "too-large" for f in lint_text(text[:20_000]).findings)
