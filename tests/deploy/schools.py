"""Answers of schools that tests share."""

from __future__ import annotations

from typing import Any

from growth_admin.deploy.kubernetes.answers import Answers, make_answers

SMALL: dict[str, Any] = {
    "domain": "hub.school.org",
    "contact_email": "it@school.org",
    "organization": "Growth-School",
    "oauth_client_id": "Ov23liABCDEFGHIJ0001",
    "image": "registry.school.org/school/notebook:2026.11",
    "nfs_server": "10.0.0.5",
    "nfs_admin_path": "/export/admin",
    "nfs_shared_path": "/export/nfs",
    "students": 50,
}
LARGE: dict[str, Any] = {
    **SMALL,
    "name": "summer-2026",
    "https": "offload",
    "contact_email": "",
    "image": f"registry.school.org:5000/school/notebook@sha256:{'0123456789abcdef' * 4}",
    "image_pull_secret": "registry-login",
    "storage_class": "premium-rwo",
    "home_size": "50Gi",
    "memory_guarantee": "1536Mi",
    "memory_limit": "4Gi",
    "cpu_limit": 4,
    "students": 1000,
    "idle_hours": 1.5,
    "reachable": ("10.20.0.0/16:443", "192.168.7.9/32:5432"),
    "ta_restarts": True,
    "github_app_id": "123456",
}
ODD: dict[str, Any] = {
    **SMALL,
    "name": "x",
    "domain": "xn--schn-7qa.xn--p1ai.example",
    "https": "secret",
    "organization": "A-1",
    "admins_team": "no-org-no-life",
    "tas_team": "0",
    "students_team": "year_2026-" + "x" * 80,
    "image": "localhost:5000/a__b/c.d-e:TAG_1.2-3",
    "nfs_server": "fd12::5",
    "nfs_admin_path": "/x/admin",
    "nfs_shared_path": "/nfs@export+1",
    "nfs_options": (),
    "home_size": "1.5Gi",
    "bot": "the_school_bot",
}

MOVED: dict[str, Any] = {**SMALL, "home_claims": "claim-{escaped_username}"}

SCHOOLS = {"small": SMALL, "large": LARGE, "odd": ODD, "moved": MOVED}


def answers_of(name: str, **changes: Any) -> Answers:
    """Return a school's answers, with changes."""
    return make_answers({**SCHOOLS[name], **changes})
