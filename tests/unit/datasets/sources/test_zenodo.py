"""Zenodo's records and files."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from growth_admin.datasets.facts import SourceProblem
from growth_admin.datasets.sources.http import HttpSource
from growth_admin.datasets.sources.zenodo import ZenodoSource

from .plain_server import PlainServer, Reply
from .reading import fetch, look

FILES = {"a b.csv": b"1,2,3\n" * 100, "img/b.fits": b"SIMPLE" * 50}


def entry(name: str, data: bytes) -> dict[str, Any]:
    """Return a file as a record lists it."""
    return {
        "id": "39922d36-4a0f-4650-9a07-53c703528e62",
        "key": name,
        "size": len(data),
        "checksum": f"md5:{hashlib.md5(data).hexdigest()}",
        "links": {"self": "https://zenodo.org/api/records/77/files/bogus"},
    }


def record(*, is_new: bool = False, **facts: Any) -> dict[str, Any]:
    """Return a record, in the present form or in InvenioRDM's own."""
    entries = {name: entry(name, data) for name, data in FILES.items()}
    files: Any = {"enabled": True, "entries": entries} if is_new else list(entries.values())
    return {
        "id": "77" if is_new else 77,
        "modified": "2026-09-01T10:00:00.000000+00:00",
        "metadata": {"title": "Light curves", "access_right": "open"},
        "files": files,
    } | facts


@pytest.fixture
def zenodo(server: PlainServer) -> ZenodoSource:
    """A source of a server that plays Zenodo with record 77."""
    publish(server, record())
    server.file("/api/records/77/files/a%20b.csv/content", FILES["a b.csv"])
    server.file("/api/records/77/files/img%2Fb.fits/content", FILES["img/b.fits"])
    server.on("/api/records/76", Reply(301, {"Location": "/api/records/77"}))
    return ZenodoSource(zenodo_url=server.url)


def publish(server: PlainServer, facts: dict[str, Any]) -> None:
    """Let the server have this record 77."""
    body = json.dumps(facts).encode()
    server.on("/api/records/77", Reply(200, {"Content-Type": "application/json"}, body))


@pytest.mark.parametrize(
    "link",
    [
        "https://zenodo.org/records/77",
        "https://zenodo.org/record/77?download=1#x",
        "https://www.zenodo.org/records/77/",
        "https://zenodo.org/api/records/77",
        "https://doi.org/10.5281/zenodo.77",
        "http://dx.doi.org/10.5281/Zenodo.77",
        "https://zenodo.org/doi/10.5281/zenodo.77",
        "10.5281/zenodo.77",
        "doi:10.5281/zenodo.77",
        "zenodo.org/records/77",
    ],
)
def test_record_link_when_in_any_form_then_all_files_come_with_their_md5(
    zenodo: ZenodoSource, link: str
) -> None:
    listing = look(zenodo, link)
    assert zenodo.recognises(link)
    assert (listing.name, listing.is_folder) == ("Light curves", True)
    assert [file.path for file in listing.files] == ["a b.csv", "img_b.fits"]
    for file in listing.files:
        data = FILES[file.locator["file"]]
        assert file.checksum == ("md5", hashlib.md5(data).hexdigest())
        assert file.size_bytes == len(data)
        assert fetch(zenodo, file) == data


@pytest.mark.parametrize(
    "tail", ["records/77/files/a%20b.csv?download=1", "api/records/77/files/a%20b.csv/content"]
)
def test_file_link_when_of_a_record_then_that_file_comes_with_its_md5(
    zenodo: ZenodoSource, tail: str
) -> None:
    listing = look(zenodo, f"https://zenodo.org/{tail}")
    (file,) = listing.files
    assert (listing.is_folder, file.path) == (False, "a b.csv")
    assert file.checksum is not None
    assert fetch(zenodo, file, start=6, end=12) == b"1,2,3\n"


def test_record_when_in_the_newer_form_then_it_is_read_too(
    server: PlainServer, zenodo: ZenodoSource
) -> None:
    publish(server, record(is_new=True))
    assert len(look(zenodo, "10.5281/zenodo.77").files) == 2


def test_doi_of_all_versions_when_given_then_the_newest_record_is_taken(
    zenodo: ZenodoSource,
) -> None:
    listing = look(zenodo, "10.5281/zenodo.76")
    assert listing.link.endswith("/records/77")
    assert listing.files[0].locator["record"] == "77"


@pytest.mark.parametrize(
    ("status", "code"), [(404, "not_found"), (410, "not_found"), (403, "not_shared")]
)
def test_record_when_zenodo_refuses_then_it_is_said(
    server: PlainServer, zenodo: ZenodoSource, status: int, code: str
) -> None:
    server.on("/api/records/77", Reply(status))
    with pytest.raises(SourceProblem) as refused:
        look(zenodo, "10.5281/zenodo.77")
    assert refused.value.code == code
    assert "77" in refused.value.detail


def test_record_when_zenodo_is_busy_then_it_is_asked_again(
    server: PlainServer, zenodo: ZenodoSource
) -> None:
    replies = [Reply(503), Reply(200, {}, json.dumps(record()).encode())]
    server.on("/api/records/77", lambda _: replies.pop(0))
    assert len(look(zenodo, "10.5281/zenodo.77").files) == 2


@pytest.mark.parametrize("rights", ["restricted", "embargoed"])
def test_record_when_its_files_are_not_public_then_it_is_said(
    server: PlainServer, zenodo: ZenodoSource, rights: str
) -> None:
    publish(server, record(files=[], metadata={"title": "x", "access_right": rights}))
    with pytest.raises(SourceProblem) as refused:
        look(zenodo, "10.5281/zenodo.77")
    assert refused.value.code == "not_shared"


def test_file_link_when_the_record_has_no_such_file_then_it_is_said(zenodo: ZenodoSource) -> None:
    with pytest.raises(SourceProblem) as refused:
        look(zenodo, "https://zenodo.org/records/77/files/none.zip")
    assert refused.value.code == "not_found"


@pytest.mark.parametrize(
    "link",
    [
        "https://zenodo.org/communities/x",
        "https://doi.org/10.1000/182",
        "https://example.org/records/7",
    ],
)
def test_link_when_it_is_no_record_then_zenodo_leaves_it(link: str) -> None:
    assert not ZenodoSource(http=HttpSource()).recognises(link)
