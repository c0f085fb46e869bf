"""What a rehearsal tells about scripts, with a real bash in a real throw-away root."""

from __future__ import annotations

from pathlib import Path

from growth_admin.startup.rehearsal import RehearsalReport, find_sandbox

from .conftest import Run, School

LINT_SETS = Path(__file__).parents[1] / "lint"
STARTUP = Path(__file__).parents[4] / "startup"
SHEBANG = "#!/bin/bash\n"


def texts(report: RehearsalReport, severity: str = "error") -> list[str]:
    return [line.text for line in report.conclusions if line.severity == severity]


def test_rehearse_when_script_is_the_origins_then_deletion_and_growth_are_told(run: Run) -> None:
    report = run((LINT_SETS / "bad/origin-all-in-one.sh").read_text())
    errors = texts(report)
    assert "deletes a student's notebook: school/module1/photometry.ipynb" in errors
    assert any(text.startswith(".bashrc grows on each start (+") for text in errors)
    assert report.has_errors


def test_rehearse_when_a_glob_deletes_then_each_notebook_is_named(run: Run) -> None:
    report = run(SHEBANG + 'rm -f "$HOME"/*.ipynb\n')
    assert "deletes a student's notebook: work.ipynb" in texts(report)


def test_rehearse_when_script_names_its_victims_then_they_exist_beforehand(run: Run) -> None:
    report = run(SHEBANG + 'cd "$HOME/week2" && for n in a b; do rm -f "$n.ipynb"; done\n')
    assert {
        "deletes a student's notebook: week2/a.ipynb",
        "deletes a student's notebook: week2/b.ipynb",
    } <= set(texts(report))


def test_rehearse_when_git_resets_then_the_edit_is_missed(run: Run) -> None:
    report = run(SHEBANG + 'git -C "$HOME/course" reset -q --hard\n')
    assert "overwrites a student's notebook: course/intro.ipynb" in texts(report)


def test_rehearse_when_script_is_sound_then_no_error_and_second_run_is_quiet(run: Run) -> None:
    report = run(SHEBANG + 'set -eu\nln -sfn /nfs/data "$HOME/nfs-data"\ncat /nfs/data/*/*.csv\n')
    assert not report.has_errors
    assert "changes nothing on the second run" in texts(report, "info")
    assert [run.exit_code for run in report.runs] == [0, 0]
    assert report.runs[0].stdout == "star,magnitude\n"
    assert [(c.path, c.kind) for c in report.runs[0].changes] == [("~/nfs-data", "created")]


def test_rehearse_when_the_shipped_script_brings_datasets_then_its_program_is_there(
    run: Run, monkeypatch: object
) -> None:
    monkeypatch.setenv("GROWTH_CHAIN_LIB", str(STARTUP / "lib"))  # type: ignore[attr-defined]
    report = run((STARTUP / "as-user.sh").read_text())
    assert not report.has_errors
    assert [run.exit_code for run in report.runs] == [0, 0]
    assert "photometry: link, current" in report.runs[0].stdout


def test_rehearse_when_scripts_fail_then_code_signal_and_last_line_are_told(run: Run) -> None:
    report = run(SHEBANG + "echo no catalogue >&2\nexit 3\n", as_root=SHEBANG + "kill -9 $$\n")
    root, user = report.runs[:2]
    assert (root.script, root.signal, user.script, user.exit_code) == (
        "as-root.sh",
        9,
        "as-user.sh",
        3,
    )
    assert "as-user.sh on the first run fails (3): no catalogue" in texts(report)


def test_rehearse_when_only_the_second_run_fails_then_it_says_so(run: Run) -> None:
    report = run(SHEBANG + 'mkdir "$HOME/once"; exit $?\n')
    assert [run.exit_code for run in report.runs] == [0, 1]
    assert any("though the first went well" in text for text in texts(report)) or report.has_errors


def test_rehearse_when_roles_differ_then_root_and_an_unprivileged_id_run(
    run: Run, is_root: bool
) -> None:
    report = run(SHEBANG + "id -u; id -un\n", as_root=SHEBANG + "id -u; id -un\n")
    root, user = report.runs[:2]
    assert root.stdout.split() == ["0", "root"]
    assert user.stdout.split() == ["64123", "sample-student"]


def test_rehearse_when_as_root_adds_a_group_then_as_user_sees_it(run: Run) -> None:
    report = run(
        SHEBANG + "getent group growth-data\n",
        as_root=SHEBANG + "groupadd -g 2000 growth-data && echo made\n",
    )
    assert report.runs[0].stdout == "made\n"
    assert report.runs[1].stdout.startswith("growth-data:x:2000:")


def test_rehearse_when_network_is_needed_then_it_says_that_there_is_none(run: Run) -> None:
    report = run(SHEBANG + "curl -sS --max-time 5 https://example.org/\n")
    assert not report.has_network
    assert any("no network" in text for text in texts(report, "warning"))
    assert not report.has_errors


def test_rehearse_when_environment_holds_tokens_then_the_script_sees_none(
    run: Run, monkeypatch: object
) -> None:
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "secret-of-the-admin")  # type: ignore[attr-defined]
    report = run(SHEBANG + "env; cat /proc/1/environ | tr '\\0' '\\n'\n")
    assert "secret-of-the-admin" not in report.model_dump_json()


def test_rehearse_when_lines_come_then_each_is_handed_on(run: Run) -> None:
    lines: list[str] = []
    run(SHEBANG + "echo one\necho two >&2\n", on_line=lines.append)
    assert sorted(lines) == ["one", "one", "two", "two"]


def test_rehearse_when_cancelled_then_it_stops_soon(run: Run) -> None:
    asked: list[int] = []

    def is_cancelled() -> bool:
        asked.append(1)
        return len(asked) > 5

    report = run(SHEBANG + "sleep 60\n", limit_s=60, is_cancelled=is_cancelled)
    assert report.is_cancelled
    assert len(report.runs) == 1
    assert report.runs[0].duration_s < 10


def test_rehearse_when_file_has_crlf_then_it_fails_as_at_a_start(run: Run) -> None:
    report = run("#!/bin/bash\r\necho hi\r\n")
    assert report.runs[0].exit_code in {126, 127}


def test_rehearse_when_folders_are_missing_then_a_sample_is_shown(
    run: Run, school: School, tmp_path: Path
) -> None:
    from growth_admin.startup.rehearsal import rehearse

    report = rehearse(
        {"as-user.sh": b"#!/bin/bash\nls /nfs /home/admin\n"},
        shared_root=tmp_path / "gone",
        admin_root=tmp_path / "gone-too",
    )
    assert not report.has_errors
    assert "data" in report.runs[0].stdout


def test_find_sandbox_when_asked_then_it_says_which(run: Run) -> None:
    report = run(SHEBANG + "true\n")
    print(f"| rehearsal | isolation used here | {report.isolation} | {report.isolation_note} |")
    assert report.isolation == find_sandbox().kind
