"""A school's answers: what is refused, with which sentence, and how they are asked for."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from growth_admin.core.errors import InvalidInput, NotFound
from growth_admin.deploy.kubernetes.answers import Answers, as_text, make_answers, read_answers
from growth_admin.deploy.kubernetes.asking import ask_for_answers
from tests.deploy.schools import SCHOOLS, SMALL, answers_of

WRONG: list[tuple[str, Any, str]] = [
    ("domain", "https://hub.school.org", "without https://"),
    ("domain", "hub", "not the name of a host"),
    ("domain", "10.0.0.1", "not an address"),
    ("contact_email", "it", "e-mail"),
    ("organization", "my school", "as in its address"),
    ("tas_team", "Teaching Assistants", "slug"),
    ("oauth_client_id", "0123456789abcdef0123456789abcdef01234567", "looks like a secret"),
    ("oauth_client_id", "ghp_abc", "looks like a secret"),
    ("image", "registry.school.org/school/notebook", "Say which"),
    ("image", "registry.school.org/School/notebook:1", "not the name of an image"),
    ("image", f"a/b:1@sha256:{'0' * 64}", "not both"),
    ("nfs_server", "nfs server", "name or the address"),
    ("nfs_admin_path", "export", "begins with a slash"),
    ("nfs_admin_path", "/export/../etc", "begins with a slash"),
    ("home_size", "ten", "10Gi"),
    ("home_size", "10", "a megabyte at least"),
    ("home_claims", "claim-{username}{servername}", "claim-{escaped_username}"),
    ("home_claims", "claim-home", "claim-{user_server}"),
    ("students", 0, "greater than or equal to 1"),
    ("students", "many", "whole number"),
    ("students", True, "not yes or no"),
    ("idle_hours", True, "not yes or no"),
    ("ta_restarts", "maybe", "yes or no"),
    ("moved", "maybe", "yes or no"),
    ("cpu_limit", "500m", "number, such as 0.5"),
    ("nfs_sever", "10.0.0.5", "Is nfs_server meant?"),
    ("memory_guarantee", "4Gi", "more than memory_limit"),
    ("cpu_guarantee", 8, "more than cpu_limit"),
    ("tas_team", "admins", "must be three"),
    ("nfs_shared_path", "/export/admin/nfs", "must be apart"),
    ("https", "yes", "letsencrypt"),
    ("reachable", ("10.0.0.0/8",), "Write network and port"),
    ("reachable", ("10.0.0.1/8:443",), "with zeros"),
    ("reachable", ("169.254.0.0/16:80",), "metadata"),
    ("reachable", ("0.0.0.0/0:80",), "metadata"),
    ("bot", "bot", "two underscores"),
    ("name", "My_School", "small letters"),
    ("oauth_client_secret", "x", "no answer that is asked for"),
]


@pytest.mark.parametrize(("name", "value", "said"), WRONG, ids=lambda v: str(v)[:30])
def test_answer_when_wrong_then_one_sentence_says_why(name: str, value: Any, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        make_answers({**SMALL, name: value})
    assert said in refused.value.detail
    assert len(refused.value.fields) == 1


def test_answers_when_several_are_wrong_then_all_are_told_at_once() -> None:
    with pytest.raises(InvalidInput) as refused:
        make_answers({"domain": "x y", "students": -1})
    told = dict(refused.value.fields)
    assert "\n  students: " in refused.value.detail, "each on a line of its own"
    assert {"domain", "students", "organization", "image", "nfs_server"} <= set(told)
    assert told["image"] == "This answer is missing."


def test_lets_encrypt_when_nobody_is_to_be_written_to_then_refused() -> None:
    with pytest.raises(InvalidInput, match="contact_email"):
        make_answers({**SMALL, "contact_email": ""})
    assert make_answers({**SMALL, "contact_email": "", "https": "offload"})


@pytest.mark.parametrize("school", sorted(SCHOOLS))
def test_answers_when_written_then_read_again_the_same(tmp_path: Path, school: str) -> None:
    path = tmp_path / "school.yaml"
    path.write_text(as_text(answers_of(school)))
    assert read_answers(path) == answers_of(school)


@pytest.mark.parametrize(
    ("line", "claims", "is_moved"),
    [
        ("", "claim-{user_server}", False),
        ("", "claim-{escaped_username}", True),
        ("moved: null", "claim-{escaped_username}", True),
        ("moved: yes", "claim-{user_server}", True),
        ("moved: no", "claim-{escaped_username}", False),
    ],
)
def test_move_when_the_file_says_it_then_that_counts_and_else_how_claims_are_named(
    tmp_path: Path, line: str, claims: str, is_moved: bool
) -> None:
    path = tmp_path / "school.yaml"
    path.write_text(yaml.safe_dump({**SMALL, "home_claims": claims}) + line)
    found = read_answers(path)
    path.write_text(as_text(found))  # as `deploy new` and the next command hand it on
    assert (found.is_moved, read_answers(path).is_moved) == (is_moved, is_moved)


def test_answers_when_in_toml_then_read_as_well(tmp_path: Path) -> None:
    rows = [f"{k} = {v}" if isinstance(v, int) else f'{k} = "{v}"' for k, v in SMALL.items()]
    (tmp_path / "school.toml").write_text("\n".join([*rows, 'reachable = "10.2.0.0/16:443"']))
    found = read_answers(tmp_path / "school.toml")
    assert found == answers_of("small", reachable=("10.2.0.0/16:443",))


@pytest.mark.parametrize("text", ["- a\n", "a: [", "\x00", "1: 2"])
def test_answers_when_the_file_is_no_list_of_answers_then_refused(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / "school.yaml").write_text(text)
    with pytest.raises(InvalidInput):
        read_answers(tmp_path / "school.yaml")


def test_questions_when_an_answer_is_wrong_then_it_is_asked_again() -> None:
    told: list[str] = []
    asked: list[str] = []
    answers = {**SMALL, "tas_team": "tutors"}
    wrong = {"domain": ["", "https://x"], "students": ["many"]}

    def ask(question: str) -> str:
        names = {f.description: n for n, f in Answers.model_fields.items()}
        name = names[question.removesuffix(": ").partition(" [")[0]]
        asked.append(name)
        return (wrong.get(name) or [str(answers.get(name, ""))]).pop(0)

    assert ask_for_answers({}, ask, told.append) == answers_of("small", tas_team="tutors")
    assert [asked.count(name) for name in ("domain", "students", "name")] == [3, 2, 1]
    assert len(told) == 3 and "without https://" in told[1]


def test_questions_when_the_answer_is_one_of_a_few_then_it_is_judged_like_every_other() -> None:
    typed = {"https": ["on", "offload"], "ta_restarts": ["maybe", "yes"]}
    told: list[str] = []

    def ask(question: str) -> str:
        (name,) = [
            n for n, f in Answers.model_fields.items() if question.startswith(str(f.description))
        ]
        return typed[name].pop(0) if name in typed else str(SMALL.get(name, ""))

    found = ask_for_answers({}, ask, told.append)
    assert (found.https, found.ta_restarts) == ("offload", True)
    assert len(told) == 2 and "letsencrypt" in told[0] and told[1] == "Write yes or no."


def test_questions_when_an_answer_contradicts_an_earlier_one_then_it_is_asked_again_at_once() -> (
    None
):
    typed = {
        "tas_team": ["admins", "tutors"],
        "nfs_shared_path": ["/export/admin/nfs/", "/export/nfs"],
        "memory_guarantee": ["4G"],
        "memory_limit": ["", "8G"],  # the default is less than what was guaranteed
        "cpu_guarantee": ["3"],
        "cpu_limit": ["2", "4"],
        "students_team": ["admins", "students"],
    }
    told: list[str] = []

    def ask(question: str) -> str:
        by_length = sorted(
            Answers.model_fields.items(), key=lambda row: -len(str(row[1].description))
        )
        name = next(n for n, f in by_length if question.startswith(str(f.description)))
        return typed[name].pop(0) if name in typed else str(SMALL.get(name, ""))

    found = ask_for_answers({}, ask, told.append)
    assert (found.memory_limit, found.cpu_limit, found.nfs_shared_path) == ("8G", 4, "/export/nfs")
    assert not any(typed["memory_limit"] + typed["cpu_limit"] + typed["nfs_shared_path"])
    assert [said.split()[0] for said in told][-3:] == [
        "nfs_admin_path",
        "memory_guarantee",
        "cpu_guarantee",
    ]


def test_answers_when_the_file_is_not_there_then_told_what_makes_one(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as refused:
        read_answers(tmp_path / "school.yaml")
    assert "school.yaml does not exist" in refused.value.detail
    assert "growth-admin deploy new" in refused.value.hint


def test_answers_when_as_the_readme_has_them_then_nothing_else_is_needed() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    (example,) = re.findall(r"```yaml\n(domain:.*?)```", readme, re.DOTALL)
    given = yaml.safe_load(example)
    assert make_answers(given).is_moved is False
    required = {name for name, field in Answers.model_fields.items() if field.is_required()}
    assert set(given) == required | {"contact_email"}


def new(path: Path, *lines: str) -> subprocess.CompletedProcess[str]:
    """The command, with these lines typed."""
    command = [sys.executable, "-m", "growth_admin.cli", "deploy", "new", "--output", str(path)]
    typed = "".join(f"{line}\n" for line in lines)
    return subprocess.run(command, input=typed, capture_output=True, text=True, timeout=60)


def test_new_when_answers_are_typed_then_the_file_is_written_and_not_overwritten(
    tmp_path: Path,
) -> None:
    order = ["", SMALL["domain"], "", SMALL["contact_email"], SMALL["organization"], "", "", ""]
    order += [SMALL["oauth_client_id"], SMALL["image"], "", SMALL["nfs_server"]]
    order += [SMALL["nfs_admin_path"], SMALL["nfs_shared_path"], "", "", "", "50", *[""] * 10]
    path = tmp_path / "school.yaml"
    done = new(path, *order)
    assert done.returncode == 0, done.stderr
    assert read_answers(path) == answers_of("small") and "Next: " in done.stdout
    again = new(path)
    assert again.returncode == 1 and "is there already" in again.stderr


def test_new_when_interrupted_at_a_question_then_one_line_says_so(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "growth_admin.cli", "deploy", "new"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=tmp_path, stdin=pipe, stdout=pipe, stderr=pipe) as running:
        assert running.stderr
        shown = b""
        while not shown.endswith(b": ") and (byte := running.stderr.read(1)):
            shown += byte  # up to where it waits
        running.send_signal(signal.SIGINT)
        said = running.stderr.read().decode()
    assert running.returncode == 1 and list(tmp_path.iterdir()) == []
    assert "before name was answered; nothing is written" in said and "Traceback" not in said


def test_new_when_the_typing_ends_early_then_nothing_is_written(tmp_path: Path) -> None:
    done = new(tmp_path / "school.yaml", "", "hub.school.org")
    assert done.returncode == 1 and "before https was answered" in done.stderr
    assert list(tmp_path.iterdir()) == []
