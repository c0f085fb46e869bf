"""Whose home each claim of an old cluster is, and whether its owner gets it again.

Reads what ``kubectl get pvc -o json`` printed. KubeSpawner writes the hub name beside each claim
(annotation ``hub.jupyter.org/username``); the new hub finds a home by the claim's name only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from growth_admin.core.errors import InvalidInput
from growth_admin.core.fsops import read_bytes
from growth_admin.core.schema import Model
from growth_admin.deploy.kubernetes.answers import Answers
from growth_admin.roster.names import container_name, escape_slug, safe_server_slug

USER: Final = "hub.jupyter.org/username"
SERVER: Final = "hub.jupyter.org/servername"
LIMIT_BYTES: Final = 256 * 1024**2


class Home(Model):
    """One claim."""

    claim: str
    person: str
    """Name at the hub; empty if the claim does not say it."""
    account: str = ""
    """Name in the container: the home is /home/ACCOUNT there."""
    problem: str = ""


def read_homes(path: Path, answers: Answers) -> list[Home]:
    """Return the claims of homes, those with a problem first. Raises ``InvalidInput``."""
    try:
        listed = json.loads(read_bytes(path, limit_bytes=LIMIT_BYTES))["items"]
        found = [home for item in listed if (home := _home(item, answers))]
    except (ValueError, KeyError, TypeError, AttributeError) as e:
        raise InvalidInput(
            f"{path} is not what kubectl prints for claims ({type(e).__name__}: {e}).",
            hint=f"Make it anew: kubectl -n {answers.name} get pvc -o json > {path.name}",
        ) from None
    return sorted(found, key=lambda home: (not home.problem, home.person, home.claim))


def claim_of(person: str, template: str) -> str:
    """Return the claim that the new hub looks for."""
    fields = {"escaped_username": escape_slug(person), "user_server": safe_server_slug(person)}
    return template.format(**fields)


def _home(item: Mapping[str, Any], answers: Answers) -> Home | None:
    metadata = item["metadata"]
    claim, notes = str(metadata["name"]), metadata.get("annotations") or {}
    labels = metadata.get("labels") or {}
    person, server = str(notes.get(USER, "")), str(notes.get(SERVER, ""))
    begins = answers.home_claims.partition("{")[0]
    if not person:
        is_home = labels.get("component") == "singleuser-storage" or claim.startswith(begins)
        said = "It does not say whose it is; nobody gets it, and it is kept."
        return Home(claim=claim, person="", problem=said) if is_home else None
    wanted, problem = claim_of(person, answers.home_claims), ""
    if server:
        problem = f"It is of the named server {server}: nobody gets it, and it is kept."
    elif claim != wanted:
        problem = (
            f"The new hub would make {wanted}, and the home would be empty: see home_claims in "
            "the answers."
        )
    elif item["status"]["phase"] != "Bound":
        problem = f"It is {item['status']['phase']}: no server could start with it."
    return Home(claim=claim, person=person, account=container_name(person), problem=problem)
