"""What each answer must look like, and the sentence that says what is wrong with it."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from growth_admin.deploy.kubernetes.answers import Answers

_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_SIZE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)(K|M|G|T|Ki|Mi|Gi|Ti)?")
_FACTORS: Final = {
    **{unit: 1000**power for power, unit in enumerate("KMGT", 1)},
    **{f"{unit}i": 1024**power for power, unit in enumerate("KMGT", 1)},
}
_PART: Final = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_IMAGE: Final = re.compile(
    rf"((?:[A-Za-z0-9.-]+(?::[0-9]+)?/)?{_PART}(?:/{_PART})*)"
    r"(?::([A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?"
)
LONGEST_DOMAIN: Final = 253


def _require(is_right: object, sentence: str) -> None:
    if not is_right:
        raise ValueError(sentence)


def release_name(value: str) -> str:
    """Return a name for namespace and release (RFC 1123 label; Helm allows 53 characters)."""
    _require(
        re.fullmatch(rf"(?=[a-z]){_LABEL}", value) and len(value) <= 40,
        "Use up to 40 small letters, digits and hyphens, and begin with a letter.",
    )
    return value


def object_name(value: str) -> str:
    """Return the name of an object in Kubernetes (RFC 1123 subdomain)."""
    _require(
        re.fullmatch(rf"{_LABEL}(?:\.{_LABEL})*", value) and len(value) <= LONGEST_DOMAIN,
        "Use small letters, digits, hyphens and dots, as Kubernetes names its objects.",
    )
    return value


def domain(value: str) -> str:
    """Return the hub's address: a name without scheme, port and path."""
    value = value.strip().lower().rstrip(".")
    _require(
        "/" not in value and ":" not in value,
        f"Write the name only, without https:// and path: {value[:80]!r} has more.",
    )
    _require(
        re.fullmatch(rf"(?:{_LABEL}\.)+{_LABEL}", value) and len(value) <= LONGEST_DOMAIN,
        "This is not the name of a host, such as hub.school.org.",
    )
    _require(not _address(value), "GitHub and Let's Encrypt need a name, not an address.")
    return value


def email(value: str) -> str:
    """Return an e-mail address."""
    _require(
        re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value),
        "This is not an e-mail address.",
    )
    return value


def organization(value: str) -> str:
    """Return the login of a GitHub organization."""
    _require(
        re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})", value),
        "Write the organization as in its address at GitHub: https://github.com/ORGANIZATION.",
    )
    return value


def team(value: str) -> str:
    """Return a team's slug, which is not always its name."""
    _require(
        re.fullmatch(r"[a-z0-9](?:[a-z0-9_-]{0,98}[a-z0-9_])?", value),
        "Write the team's slug, the last word of its address at GitHub: small letters, digits "
        f"and hyphens. {value[:60]!r} is none.",
    )
    return value


def client_id(value: str) -> str:
    """Return the client id of an OAuth app; its secret is refused."""
    _require(
        not re.fullmatch(r"[0-9a-f]{40}|gh[a-z]_\w+|github_pat_\w+", value),
        "This looks like a secret. The client id is the shorter one, above it; take the secret "
        "out of this file, and make a new one if others could read it.",
    )
    _require(
        re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{4,39}", value),
        "This is not a client id; GitHub shows it on the OAuth app's page.",
    )
    return value


def split_image(value: str) -> tuple[str, str, str]:
    """Return name, tag and digest of an image; what is not there is empty."""
    found = _IMAGE.fullmatch(value)
    return (found[1], found[2] or "", found[3] or "") if found else (value, "", "")


def image(value: str) -> str:
    """Return an image with a tag or a digest (OCI distribution specification)."""
    value = value.strip()
    _, tag, digest = split_image(value)
    _require(_IMAGE.fullmatch(value), "This is not the name of an image, such as host/name:tag.")
    _require(tag or digest, "Say which: name:tag or name@sha256:digest.")
    _require(not (tag and digest), "Give the tag or the digest, not both.")
    return value


def host(value: str) -> str:
    """Return a host's name or address."""
    value = value.strip()
    _require(
        _address(value) or re.fullmatch(rf"{_LABEL}(?:\.{_LABEL})*", value.lower()),
        "This is not the name or the address of a host.",
    )
    return value


def folder(value: str) -> str:
    """Return an absolute path without a slash at its end."""
    _require(
        re.fullmatch(r"/[A-Za-z0-9._/@+-]*", value) and ".." not in value.split("/"),
        "Write the whole path, which begins with a slash, without '..', blanks and odd characters.",
    )
    return value.rstrip("/") or "/"


def size_bytes(value: str) -> float:
    """Return how many bytes a size of Kubernetes is (``1G``, ``512Mi``)."""
    found = _SIZE.fullmatch(value)
    return float(found[1]) * _FACTORS.get(found[2] or "", 1) if found else 0.0


def size(value: str) -> str:
    """Return a size as Kubernetes and KubeSpawner both read it."""
    _require(
        size_bytes(value) >= 1_000_000,
        "Write a size such as 10Gi, 512M or 1G, of a megabyte at least.",
    )
    return value


def claim_template(value: str) -> str:
    """Return how claims of homes are named: KubeSpawner's field for the user, and words around."""
    _require(
        re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,20})\{(?:user_server|escaped_username)\}", value),
        "Write claim-{user_server}, or claim-{escaped_username} for a school whose claims were "
        "made by KubeSpawner before 7 (claim-{username}{servername} was its name for that).",
    )
    return value


def network(value: str) -> str:
    """Return a network and a port, as 10.2.0.0/16:443."""
    block, _, port = value.rpartition(":")
    try:
        found = ipaddress.ip_network(block)
        is_right = 0 < int(port) < 65_536
    except ValueError:
        is_right, found = False, None
    _require(
        is_right and found,
        f"Write network and port as 10.2.0.0/16:443, with zeros after the network: {value[:60]!r}.",
    )
    is_metadata = found is not None and found.overlaps(_metadata(found.version))
    _require(not is_metadata, "This holds the cloud's metadata, which no server may reach.")
    return value


def bot(value: str) -> str:
    """Return a name that nobody at GitHub can have, as ``hub_config.py`` demands."""
    _require(
        re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,31}", value) and value.count("_") >= 2,
        "Use up to 32 small letters and digits with two underscores, such as the_school_bot, so "
        "that nobody at GitHub can have the name.",
    )
    return value


def _metadata(version: int) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """Where clouds keep what a machine may know of itself."""
    return ipaddress.ip_network("169.254.0.0/16" if version == 4 else "fd00:ec2::254/128")


def _address(value: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(value)
    except ValueError:
        return None


def _is_inside(inner: str, outer: str) -> bool:
    return inner == outer or inner.startswith(f"{outer.rstrip('/')}/")


def contradictions(answers: Answers) -> list[tuple[tuple[str, ...], bool, str]]:
    """Return what cannot be together: which answers, whether it is so, and the sentence for it."""
    admins, tas, students = answers.admins_team, answers.tas_team, answers.students_team
    three = "The three teams must be three: who is in one gets what it may."
    admin, shared = answers.nfs_admin_path, answers.nfs_shared_path
    guaranteed, most = size_bytes(answers.memory_guarantee), size_bytes(answers.memory_limit)
    return [
        (("admins_team", "tas_team"), admins == tas, three),
        (("admins_team", "tas_team", "students_team"), students in (admins, tas), three),
        (
            ("nfs_admin_path", "nfs_shared_path"),
            _is_inside(admin, shared) or _is_inside(shared, admin),
            "nfs_admin_path and nfs_shared_path must be apart: one inside the other would open "
            "what only organisers may see.",
        ),
        (
            ("memory_guarantee", "memory_limit"),
            guaranteed > most,
            f"memory_guarantee {answers.memory_guarantee} is more than memory_limit "
            f"{answers.memory_limit}.",
        ),
        (
            ("cpu_guarantee", "cpu_limit"),
            answers.cpu_guarantee > answers.cpu_limit,
            f"cpu_guarantee {answers.cpu_guarantee:g} is more than cpu_limit "
            f"{answers.cpu_limit:g}.",
        ),
        (
            ("https", "contact_email"),
            answers.https == "letsencrypt" and not answers.contact_email,
            "Let's Encrypt wants a contact_email (or choose another `https`).",
        ),
    ]
