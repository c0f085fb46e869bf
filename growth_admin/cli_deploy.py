"""``growth-admin deploy``: a school on Kubernetes, from a few answers."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from growth_admin.cli_areas import add_verb
from growth_admin.cli_moving import add_moving
from growth_admin.core.errors import Conflict
from growth_admin.deploy.doctor import Check


def add_deploy(verbs: Any) -> None:
    """Add the verbs of this area."""
    verb = add_verb(verbs, "new", "ask for a school's answers and write them to a file", _new)
    verb.add_argument("--answers", type=Path, metavar="FILE", help="take them from it, ask nothing")
    verb.add_argument("--output", type=Path, default=Path("school.yaml"), metavar="FILE")
    verb.add_argument("--force", action="store_true", help="replace a file that is there")
    verb = add_verb(verbs, "render", "write the chart's values and the cluster's objects", _render)
    verb.add_argument("answers", type=Path)
    verb.add_argument("--output", type=Path, default=Path("kubernetes"), metavar="FOLDER")
    verb.add_argument("--force", action="store_true", help="overwrite what was changed by hand")
    verb = add_verb(verbs, "check", "say what would not work; exit 1 if something", _check)
    verb.add_argument("answers", type=Path)
    verb.add_argument("--output", type=Path, metavar="FOLDER", help="where it was rendered")
    verb.add_argument("--chart", type=Path, metavar="PATH", help="folder or .tgz of the chart")
    verb.add_argument("--client-secret-file", type=Path, metavar="FILE")
    verb.add_argument("--image-jupyterhub", default="", metavar="VERSION")
    verb.add_argument("--offline", action="store_true", help="ask neither GitHub nor registry")
    verb.add_argument("--storage", action="store_true", help="try the exports, which are here")
    verb = add_verb(
        verbs, "folders", "try the shared folders out, as the chain uses them", _folders
    )
    verb.add_argument("--prepare", action="store_true", help="as root: make what is missing")
    verb.add_argument("--admin-gid", type=int, default=3001)
    verb.add_argument("--data-gid", type=int, default=3000)
    add_moving(verbs, _shares)


def _new(asked: argparse.Namespace) -> int:
    from growth_admin.deploy.kubernetes.answers import make_answers, read_given, write_answers
    from growth_admin.deploy.kubernetes.asking import ask_for_answers

    given = read_given(asked.answers) if asked.answers else {}
    if asked.output.exists() and not asked.force:
        raise Conflict(
            f"{asked.output} is there already.", hint="Give another --output, or --force."
        )
    if asked.answers:
        answers = make_answers(given)
    else:
        print("Return takes what stands in brackets. No secret is asked for.", file=sys.stderr)
        answers = ask_for_answers({}, _ask, lambda said: print(f"  {said}", file=sys.stderr))
    write_answers(asked.output, answers)
    following = f"growth-admin deploy render {asked.output}"
    print(
        json.dumps(answers.as_json(), indent=1)
        if asked.json
        else f"{asked.output} is written. Next: {following}"
    )
    return 0


def _ask(question: str) -> str:
    """Ask beside the output, which may be JSON for somebody else."""
    print(question, end="", file=sys.stderr, flush=True)
    return input()


def _render(asked: argparse.Namespace) -> int:
    from growth_admin.deploy.kubernetes.answers import read_answers
    from growth_admin.deploy.kubernetes.commands import before_them, three_commands
    from growth_admin.deploy.kubernetes.rendering import write

    answers = read_answers(asked.answers)
    done = write(answers, asked.output, is_forced=asked.force)
    commands = three_commands(answers)
    if asked.json:
        print(json.dumps({"written": done.written, "kept": done.kept, "commands": commands}))
        return 0
    print(
        f"Written to {done.folder}: {', '.join(done.written)}"
        if done.written
        else f"Nothing changed in {done.folder}."
    )
    before = before_them(answers)
    print(f"Next, in that folder ({done.folder}/COMMANDS.md says what each does):")
    print("\n".join(f"  {line}" for line in [before, *commands] if line))
    return 0


def _check(asked: argparse.Namespace) -> int:
    from growth_admin.configuration import read_configuration
    from growth_admin.deploy.kubernetes.answers import read_answers
    from growth_admin.deploy.kubernetes.chart import read_chart, shipped_chart
    from growth_admin.deploy.kubernetes.checks import Scene, examine

    scene = Scene(
        chart=read_chart(asked.chart) if asked.chart else shipped_chart(),
        config=read_configuration(asked.options, file=asked.config),
        folder=asked.output,
        client_secret_file=asked.client_secret_file,
        image_jupyterhub=asked.image_jupyterhub,
        shares=_shares(asked) if asked.storage else None,
        is_offline=asked.offline,
    )
    return _told(examine(read_answers(asked.answers), scene), asked)


def _folders(asked: argparse.Namespace) -> int:
    from growth_admin.deploy.kubernetes.cluster import HUB_VARIABLE
    from growth_admin.deploy.kubernetes.folders import check_folders, prepare
    from growth_admin.deploy.kubernetes.versions import compare, jupyterhub_here

    shares = _shares(asked)
    made = prepare(shares) if asked.prepare else []
    hub = os.environ.get(HUB_VARIABLE, "")  # of the job that runs in the school's image
    versions = [compare(hub, jupyterhub_here())] if hub else []
    # told here and failed by `deploy check`: the folders are as they should be all the same
    versions = [
        one if one.is_good else one.model_copy(update={"is_good": True, "state": "warning"})
        for one in versions
    ]
    return _told([*made, *check_folders(shares), *versions], asked)


def _shares(asked: argparse.Namespace) -> Any:
    from growth_admin.configuration import read_configuration, value_of
    from growth_admin.deploy.kubernetes.folders import Shares

    config = read_configuration(asked.options, file=asked.config)
    numbers = {k: getattr(asked, k) for k in ("admin_gid", "data_gid") if hasattr(asked, k)}
    return Shares(
        Path(value_of(config, "GrowthAdmin", "admin_root", "/home/admin")),
        Path(value_of(config, "GrowthAdmin", "shared_root", "/nfs")),
        **numbers,
    )


def _told(checks: list[Check], asked: argparse.Namespace) -> int:
    """Print the findings and return the exit code."""
    if asked.json:
        print(json.dumps([check.as_json() for check in checks], indent=1))
    else:
        for check in checks:
            known = {"warning": "warn", "unknown": "?   "}
            mark = known.get(check.state, "ok  ") if check.is_good else "FAIL"
            hint = f"  -> {check.hint}" if check.hint else ""
            print(f"{mark} {check.name}: {check.finding}{hint}")
    bad = [check for check in checks if not check.is_good]
    if bad:
        print(f"growth-admin: {len(bad)} of {len(checks)} checks failed.", file=sys.stderr)
    return 1 if bad else 0
