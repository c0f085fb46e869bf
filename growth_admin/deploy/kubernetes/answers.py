"""What a school decides before it stands on Kubernetes; everything else follows from it.

The answers are a flat file in YAML (or TOML). It holds no secret: those go from their own files
into the cluster by the commands that ``rendering`` writes.
"""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

import yaml
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from growth_admin.core.errors import InvalidInput, NotFound
from growth_admin.core.fsops import read_bytes, write_atomic
from growth_admin.core.schema import Model
from growth_admin.deploy.kubernetes import wording

LIMIT_BYTES: Final = 256 * 1024
_KINDS: Final = {
    "bool_parsing": "Write yes or no.",
    "bool_type": "Write yes or no.",
    "float_parsing": "Write a number, such as 0.5.",
    "float_type": "Write a number, such as 0.5.",
    "int_from_float": "Write a whole number.",
    "int_parsing": "Write a whole number.",
    "int_type": "Write a whole number.",
    "string_type": "Write one text, in quotes if need be.",
}
"""Sentences in the place of pydantic's own, by its type of error."""


def _as_text(value: Any) -> Any:
    """Take a number for text where people write one (``storage_class: 1``)."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _no_bool(value: Any) -> Any:
    """Refuse ``yes``, which YAML reads as true, and Python counts as 1."""
    if isinstance(value, bool):
        raise ValueError("Write a number, not yes or no.")
    return value


def _if_any(check: Callable[[str], str]) -> AfterValidator:
    """Judge an answer that may also be empty."""
    return AfterValidator(lambda value: check(value) if value else "")


Name = Annotated[str, BeforeValidator(_as_text), AfterValidator(wording.release_name)]
Domain = Annotated[str, AfterValidator(wording.domain)]
Email = Annotated[str, _if_any(wording.email)]
Organization = Annotated[str, BeforeValidator(_as_text), AfterValidator(wording.organization)]
Team = Annotated[str, BeforeValidator(_as_text), AfterValidator(wording.team)]
ClientId = Annotated[str, BeforeValidator(_as_text), AfterValidator(wording.client_id)]
Image = Annotated[str, AfterValidator(wording.image)]
Host = Annotated[str, AfterValidator(wording.host)]
Folder = Annotated[str, AfterValidator(wording.folder)]
ObjectName = Annotated[str, BeforeValidator(_as_text), _if_any(wording.object_name)]
Size = Annotated[str, BeforeValidator(_as_text), AfterValidator(wording.size)]
ClaimTemplate = Annotated[str, AfterValidator(wording.claim_template)]
NEW_CLAIMS: Final = "claim-{user_server}"
Whole = Annotated[int, BeforeValidator(_no_bool)]
Decimal = Annotated[float, BeforeValidator(_no_bool)]
Network = Annotated[str, AfterValidator(wording.network)]
Bot = Annotated[str, _if_any(wording.bot)]


class Answers(Model):
    """A school's answers. The descriptions are the questions that ``deploy new`` asks."""

    name: Name = Field("school", description="Short name: the namespace and the release in it")
    domain: Domain = Field(description="Address of the hub, for example hub.school.org")
    https: Literal["letsencrypt", "secret", "offload"] = Field(
        "letsencrypt",
        description="Certificate: letsencrypt, secret (a TLS secret of yours) or offload (a load "
        "balancer in front does it)",
    )
    contact_email: Email = Field(
        "", description="Whom Let's Encrypt writes to when a certificate runs out"
    )
    organization: Organization = Field(description="GitHub organization")
    admins_team: Team = Field("admins", description="Team of the organisers (its slug)")
    tas_team: Team = Field("tas", description="Team of the teaching assistants (its slug)")
    students_team: Team = Field("students", description="Team of the students (its slug)")
    oauth_client_id: ClientId = Field(
        description="Client id of the GitHub OAuth app (its callback is "
        "https://DOMAIN/hub/oauth_callback)"
    )
    image: Image = Field(
        description="Notebook image with the tag that students get, which promotions move, for "
        "example registry.example.org/school/notebook:deploy"
    )
    image_pull_secret: ObjectName = Field(
        "", description="Name of the secret with the registry's login; empty if anybody may pull"
    )
    nfs_server: Host = Field(description="NFS server (name or address)")
    nfs_admin_path: Folder = Field(description="Its export that becomes /home/admin")
    nfs_shared_path: Folder = Field(description="Its export that becomes /nfs")
    nfs_options: tuple[str, ...] = Field(
        ("nfsvers=4.1", "hard", "noatime"), description="Mount options of both, with commas"
    )
    home_size: Size = Field("10Gi", description="Size of each home")
    storage_class: ObjectName = Field(
        "", description="Storage class of homes; empty for the cluster's default"
    )
    home_claims: ClaimTemplate = Field(
        NEW_CLAIMS,
        description="How the claims of homes are named; of a school that was there before as its "
        "own are (MOVING.md)",
    )
    moved: bool | None = Field(
        None,
        description="Was a school there before, whose homes and folders stay? yes or no; null for "
        f"yes if home_claims is not {NEW_CLAIMS}",
    )
    students: Whole = Field(description="Number of students", ge=1, le=10_000)
    memory_guarantee: Size = Field("1G", description="Memory that each server surely has")
    memory_limit: Size = Field("2G", description="Memory above which a server's process is killed")
    cpu_guarantee: Decimal = Field(0.1, description="CPUs that each server surely has", gt=0, le=64)
    cpu_limit: Decimal = Field(2.0, description="CPUs that a server may use", gt=0, le=64)
    idle_hours: Decimal = Field(
        2.0, description="Hours without activity after which a server is stopped", gt=0, le=168
    )
    reachable: tuple[Network, ...] = Field(
        (),
        description="Private networks that servers may reach, as 10.2.0.0/16:443, with commas; "
        "empty for none",
    )
    ta_restarts: bool = Field(
        False, description="May teaching assistants restart students' servers?"
    )
    bot: Bot = Field(
        "", description="Name of the bot student, with two underscores; empty for none"
    )
    github_app_id: Annotated[str, BeforeValidator(_as_text)] = Field(
        "", description="Number of the GitHub App for the roster; empty to use a token, or later"
    )

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        for _, is_wrong, sentence in wording.contradictions(self):
            if is_wrong:
                raise ValueError(sentence)
        return self

    @property
    def is_moved(self) -> bool:
        """Whether there was a school before, whose homes and shared folders are kept."""
        return self.home_claims != NEW_CLAIMS if self.moved is None else self.moved

    @property
    def image_name(self) -> str:
        """The image's name without tag and digest."""
        return wording.split_image(self.image)[0]

    @property
    def image_tag(self) -> str:
        """The image's tag, empty for one by digest."""
        return wording.split_image(self.image)[1]

    @property
    def image_digest(self) -> str:
        """The image's digest, empty for one by tag."""
        return wording.split_image(self.image)[2]


def make_answers(given: Mapping[str, Any]) -> Answers:
    """Return the answers. Raises ``InvalidInput`` with one sentence for each that is wrong."""
    try:
        return Answers.model_validate(dict(given))
    except ValidationError as e:
        fields = [(".".join(map(str, row["loc"])), _sentence(row)) for row in e.errors()]
        said = [f"{name}: {said}" if name else said for name, said in fields]
        raise InvalidInput(
            said[0]
            if len(said) == 1
            else "\n  ".join(["several answers are wrong:", *said]) + "\n",
            hint="Correct the answers' file, or ask anew with `growth-admin deploy new`.",
            fields=fields,
        ) from None


def sentence_for(name: str, value: Any) -> str:
    """Return what is wrong with one answer by itself, empty if nothing is."""
    if name not in Answers.model_fields:
        return _unasked(name)
    try:
        _validated(name, value)
    except ValidationError as e:
        return _sentence(e.errors()[0])
    return ""


def clash_with(name: str, answered: Mapping[str, Any]) -> str:
    """Return how the answer to ``name`` contradicts those to earlier questions, empty if it does
    not. ``answered`` holds valid answers; what is not in it is the default."""
    # of later questions only something of their type is needed: what concerns them is left out
    stand_in = {n: "-" for n, field in Answers.model_fields.items() if field.is_required()}
    known = {n: _validated(n, value) for n, value in answered.items()}
    order = list(Answers.model_fields)
    for names, is_wrong, sentence in wording.contradictions(
        Answers.model_construct(None, **{**stand_in, **known})
    ):
        if is_wrong and max(names, key=order.index) == name:
            return sentence
    return ""


def _validated(name: str, value: Any) -> Any:
    field = Answers.model_fields[name]
    kind: Any = field.annotation
    if field.metadata:  # the type with its limits
        kind = Annotated[field.annotation, *field.metadata]
    return TypeAdapter(kind).validate_python(value)


def _sentence(row: Mapping[str, Any]) -> str:
    if row["type"] == "missing":
        return "This answer is missing."
    if row["type"] == "extra_forbidden":
        return _unasked(str(row["loc"][-1]))
    if row["type"] == "value_error":
        return str(row["ctx"]["error"])
    said = _KINDS.get(row["type"]) or str(row["msg"])
    return said if said.endswith(".") else f"{said}."


def _unasked(name: str) -> str:
    near = difflib.get_close_matches(name, Answers.model_fields, n=1)
    return "This is no answer that is asked for." + (f" Is {near[0]} meant?" if near else "")


def read_answers(path: Path) -> Answers:
    """Return the answers in a file. Raises ``InvalidInput`` or ``NotFound``."""
    return make_answers(read_given(path))


def read_given(path: Path) -> dict[str, Any]:
    """Return what a file says, unjudged. Raises ``InvalidInput`` for what is neither format."""
    try:
        text = read_bytes(path, limit_bytes=LIMIT_BYTES).decode()
    except NotFound as e:
        raise NotFound(
            e.detail,
            hint="`growth-admin deploy new` makes such a file; or go to the folder where it is.",
        ) from None
    except UnicodeDecodeError as e:
        raise InvalidInput(f"{path} is not text in UTF-8: {e.reason}.") from None
    try:
        found = tomllib.loads(text) if path.suffix == ".toml" else yaml.safe_load(text)
    except (tomllib.TOMLDecodeError, yaml.YAMLError) as e:
        where = " ".join(str(e).replace(' in "<unicode string>"', "").split())[:200]
        raise InvalidInput(
            f"{path} cannot be read: {where}.",
            hint="Each answer is a line of its own, `name: value`, without tabs.",
        ) from None
    if found is None:
        return {}
    if not isinstance(found, dict) or not all(isinstance(key, str) for key in found):
        raise InvalidInput(f"{path} is not a list of answers, each as `name: value`.")
    return {key: as_given(key, value) for key, value in found.items()}


def as_given(name: str, value: Any) -> Any:
    """Return a value as the models take it: lists may be written with commas."""
    is_listed = name in ("nfs_options", "reachable")
    if is_listed and isinstance(value, str):
        return tuple(re.split(r"[\s,]+", value.strip())) if value.strip() else ()
    return tuple(value) if is_listed and isinstance(value, list) else value


def as_text(answers: Answers) -> str:
    """Return the answers' file: each with its question above it. A valid YAML document."""
    lines = [
        "# A school on Kubernetes. No secret belongs here.",
        "# growth-admin deploy render reads it, growth-admin deploy check judges it.",
    ]
    for name, value in answers.as_json().items():
        question = Answers.model_fields[name].description
        lines += ["", f"# {question}", f"{name}: {json.dumps(value, ensure_ascii=False)}"]
    return "\n".join(lines) + "\n"


def write_answers(path: Path, answers: Answers) -> None:
    """Write the answers' file in one step. Raises ``StorageUnavailable``."""
    write_atomic(path, as_text(answers).encode())
