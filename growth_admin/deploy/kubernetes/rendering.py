"""Writes what the chart needs into a folder, and never over what somebody changed there."""

from __future__ import annotations

import difflib
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from growth_admin.core.errors import Conflict, NotFound
from growth_admin.core.fsops import make_folder, read_bytes, write_atomic
from growth_admin.deploy import hub_config_path
from growth_admin.deploy.kubernetes import cluster, values
from growth_admin.deploy.kubernetes.answers import Answers

MOVING: Final = Path(__file__).with_name("MOVING.md")
RECORD: Final = ".rendered.json"
SCHOOL: Final = "school"
"""Key of the record with whose files these are; the others are names of files."""
_RECORD: Final = TypeAdapter(dict[str, list[str]])
CHART_VERSION: Final = "4.4.0"
CHART_REPOSITORY: Final = "https://hub.jupyter.org/helm-chart/"
DIFF_LINES: Final = 60


@dataclass(frozen=True)
class Rendered:
    """What was done: files by name that were written, and those that were so already."""

    folder: Path
    written: tuple[str, ...]
    kept: tuple[str, ...]


def render(answers: Answers) -> dict[str, str]:
    """Return every file by its name. The same answers give the same files."""
    return {
        **(_move(answers) if answers.is_moved else {}),
        "cluster.yaml": cluster.as_yaml(cluster.build_manifests(answers)),
        "values.yaml": values.as_yaml(values.build_values(answers)),
        "hub_config.py": hub_config_path().read_text(encoding="utf-8"),
        "COMMANDS.md": commands(answers),
    }


def _move(answers: Answers) -> dict[str, str]:
    """Return what only a school needs that was there before: the way, with its own names in it."""
    way = MOVING.read_text(encoding="utf-8")
    return {
        "MOVING.md": way.replace("NAMESPACE", answers.name).replace("RELEASE", answers.name),
        "move.yaml": cluster.as_yaml([cluster.build_move_pod(answers)]),
    }


def three_commands(answers: Answers) -> list[str]:
    """Return what puts the school on a cluster, in order, to be run in the rendered folder."""
    secret = values.oauth_secret(answers)
    return [
        "kubectl apply -f cluster.yaml",
        cluster.fill_secret(answers, secret, "client-secret", "client-secret.txt"),
        f"helm upgrade --install {answers.name} jupyterhub --namespace {answers.name} "
        f"--repo {CHART_REPOSITORY} --version {CHART_VERSION} --values values.yaml "
        f"--set-file hub.extraConfig.{values.CONFIG_KEY}=hub_config.py --timeout 30m",
    ]


def commands(answers: Answers) -> str:
    """Return the page with the commands and what each is for."""
    apply, secret, helm = three_commands(answers)
    key, file = (
        ("github-app.pem", "github-app.pem")
        if answers.github_app_id
        else ("github-token", "github-token.txt")
    )
    credentials = cluster.fill_secret(answers, values.credentials_secret(answers), key, file)
    name = answers.name
    return f"""# {answers.domain} on Kubernetes

Run in this folder. Each command may be repeated; after a change of the answers render again and run
1 and 3.

1. {_first(answers)}

   ```
   {apply}
   ```

   {_then(answers)}

2. The OAuth app's client secret, saved here as `client-secret.txt` (delete it afterwards):

   ```
   {secret}
   ```

3. The hub (first `growth-admin deploy check ANSWERS`; the chart's pre-puller fetches the image onto
   every node before the hub starts):

   ```
   {helm}
   ```

   Then the address: `kubectl -n {name} get service proxy-public` shows it; let {answers.domain}
   point there. Log in as a member of the team {answers.admins_team}, open a terminal, and run
   `growth-admin doctor`.

Later, for the roster (organisers' servers only get it; they see it after their next start):

```
{credentials}
```
{_more(answers)}
To try a release without changing anything, put `--dry-run=server` behind the third command. To take
a change back: `helm -n {name} rollback {name}`. Homes, volumes and secrets outlive
`helm uninstall`; `kubectl delete -f cluster.yaml` deletes the namespace with every home in it.
"""


def _first(answers: Answers) -> str:
    return (
        "Namespace, shared folders, places for secrets (MOVING.md: it changes nothing of the old "
        "school):"
        if answers.is_moved
        else "Namespace, shared folders, places for secrets, and a job that makes the folders and "
        "tries the\n   storage out:"
    )


def _then(answers: Answers) -> str:
    """Return how the shared folders come to be as they must."""
    name, job, pod = answers.name, cluster.job_name(answers), cluster.MOVE_POD
    if answers.is_moved:
        return (
            f"Then the move of the folders (MOVING.md): `kubectl apply -f move.yaml`, and\n"
            f"   `kubectl -n {name} exec -it {pod} -- growth-admin deploy move`."
        )
    logs = f"kubectl -n {name} logs --follow --pod-running-timeout=10m job/{job}"
    return (
        f"What the job found: `{logs}`.\n   Every line should begin with `ok`; the others say what "
        "to do. Where no start scripts were, it\n   put those that come with growth-admin."
    )


def _more(answers: Answers) -> str:
    """Return the commands for secrets that only some schools have."""
    name, lines = answers.name, []
    if answers.image_pull_secret:
        lines += [
            "\nBefore 1, the registry's login, as `docker login` wrote it down:\n",
            f"```\nkubectl create namespace {name} --dry-run=client -o yaml | kubectl apply -f -\n"
            f"kubectl -n {name} create secret generic {answers.image_pull_secret} "
            "--type=kubernetes.io/dockerconfigjson "
            "--from-file=.dockerconfigjson=$HOME/.docker/config.json\n```",
        ]
    if answers.https == "secret":
        lines += [
            "\nBefore 3, the certificate:\n",
            f"```\nkubectl -n {name} create secret tls {values.tls_secret(answers)} "
            "--cert=fullchain.pem --key=key.pem\n```",
        ]
    return "\n".join([*lines, ""])


def write(answers: Answers, folder: Path, *, is_forced: bool = False) -> Rendered:
    """Write all files, each in one step.

    Raises ``Conflict`` with the difference, before anything is written, when a file is there that
    was not left so by the last rendering, or when another school is, unless ``is_forced``.
    """
    new = render(answers)
    old = {name: text for name in new if (text := _text_of(folder / name)) is not None}
    changed = [name for name, text in new.items() if old.get(name) != text]
    record = _read_record(folder)
    there = record.get(SCHOOL, [answers.name])
    if there != [answers.name] and not is_forced:
        raise Conflict(
            f"{folder} holds the school {there[0]}, and this is {answers.name}.",
            hint="Give each school a folder of its own (--output), or --force to replace it.",
        )
    edited = [n for n in changed if n in old and _hash(old[n]) not in record.get(n, ())]
    if edited and not is_forced:
        raise Conflict(
            f"{', '.join(edited)} in {folder} was changed by hand since it was rendered:\n"
            + "".join(difference(name, old[name], new[name]) for name in edited),
            hint="Put the change into the answers, or render with --force to lose it.",
        )
    make_folder(folder)
    after = {SCHOOL: [answers.name], **{name: [_hash(text)] for name, text in new.items()}}
    if changed:  # whoever is killed from here on leaves files that are known as ours all the same
        both = {name: [*after[name], *record.get(name, ())] for name in new}
        _write_record(folder, {SCHOOL: [answers.name], **both})
    for name in changed:
        write_atomic(folder / name, new[name].encode())
    if changed or record != after:
        _write_record(folder, after)
    return Rendered(folder, tuple(changed), tuple(name for name in new if name not in changed))


def difference(name: str, old: str, new: str) -> str:
    """Return how the file on the disk differs from the one that would be written."""
    lines = list(
        difflib.unified_diff(
            old.splitlines(), new.splitlines(), f"{name} (there)", f"{name} (new)", lineterm="", n=1
        )
    )
    more = len(lines) - DIFF_LINES
    return "\n".join(lines[:DIFF_LINES] + [f"... and {more} more lines"] * (more > 0)) + "\n"


def _text_of(path: Path) -> str | None:
    try:
        return read_bytes(path).decode("utf-8", "replace")
    except NotFound:
        return None


def _read_record(folder: Path) -> dict[str, list[str]]:
    """Return the hashes that renderings may have left of each file; none if that is not known."""
    try:
        return _RECORD.validate_json(_text_of(folder / RECORD) or "{}")
    except ValueError:
        return {}


def _write_record(folder: Path, record: dict[str, list[str]]) -> None:
    write_atomic(folder / RECORD, json.dumps(record, indent=1).encode())


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
