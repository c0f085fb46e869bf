"""What is asked of Google's API, held against its discovery document; pages as they were seen."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import googleapiclient
import pytest

from growth_admin.datasets.sources.drive_api import EXPORT_TYPES, FIELDS
from growth_admin.datasets.sources.drive_pages import Page
from growth_admin.datasets.sources.drive_tree import EXPORTS
from growth_admin.deploy.standins.drive.standin import DriveStandin

from .reading import fetch, look
from .test_drive_api import DATA, keyed


@pytest.fixture(scope="module")
def discovery() -> dict[str, Any]:
    """Google's description of the Drive API v3."""
    folder = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"
    found: dict[str, Any] = json.loads((folder / "drive.v3.json").read_text())
    return found


def test_fields_when_asked_for_then_google_knows_each(discovery: dict[str, Any]) -> None:
    schema = discovery["schemas"]["File"]["properties"]
    names = re.findall(r"(\w+)(?:\(([\w,]+)\))?", FIELDS)
    assert len(names) > 10
    for name, inner in names:
        assert name in schema
        for field in inner.split(",") if inner else ():
            assert field in schema[name]["properties"]


def test_requests_when_sent_then_google_knows_path_and_parameters(
    discovery: dict[str, Any], drive: DriveStandin, tmp_path: Path
) -> None:
    source = keyed(drive, tmp_path)
    folder = drive.add_folder("Data")
    drive.add_file("a.bin", DATA, folder)
    drive.add_document("Plan", "document", {"pdf": b"%PDF"}, folder)
    for file in look(source, drive.link(folder)).files:
        fetch(source, file)
    methods = discovery["resources"]["files"]["methods"]
    shared = set(discovery["parameters"])
    seen = set()
    for request in drive.requests("metadata", "list", "media", "export"):
        target = urlsplit(request["target"] if "target" in request else request["path"])
        method = method_of(target.path)
        seen.add(method)
        given = {key for key, _ in parse_qsl(target.query)} or set(request.get("query", {}))
        assert given
        assert given <= set(methods[method]["parameters"]) | shared
        assert "key" not in given
    assert seen == {"get", "list", "export"}


def method_of(path: str) -> str:
    """Return the method of the discovery document that a path is of."""
    if path == "/drive/v3/files":
        return "list"
    return "export" if path.endswith("/export") else "get"


def test_formats_when_exported_then_each_has_a_media_type() -> None:
    assert {name for names in EXPORTS.values() for name in names} <= set(EXPORT_TYPES)


@pytest.mark.parametrize("form_id", ["download-form", "downloadForm", ""])
def test_virus_page_when_in_a_form_seen_then_all_hidden_inputs_are_read(form_id: str) -> None:
    page = Page(
        f'<form id="{form_id}" action="https://drive.usercontent.google.com/download?x=1">'
        '<input type="submit" value="Download anyway"/><input type="hidden" name="id" value="1a">'
        '<input type="hidden" name="at" value="a&amp;b:1"/><INPUT TYPE="HIDDEN" NAME="uuid" '
        'VALUE="u-1"></form>'
    )
    form = page.download_form()
    assert form is not None
    assert form.inputs == {"id": "1a", "at": "a&b:1", "uuid": "u-1"}


def test_page_when_its_form_is_another_then_it_is_not_sent() -> None:
    page = Page('<form action="/signin/challenge"><input type="hidden" name="id" value="1"></form>')
    assert page.download_form() is None
