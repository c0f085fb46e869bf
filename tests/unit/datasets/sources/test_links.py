"""Links as people paste them."""

from __future__ import annotations

import pytest

from growth_admin.core.errors import InvalidInput
from growth_admin.datasets.sources.drive import DriveSource
from growth_admin.datasets.sources.http import HttpSource
from growth_admin.datasets.sources.links import (
    DriveLink,
    clean_link,
    has_secret,
    parse_drive_link,
    shown_url,
)
from growth_admin.datasets.sources.registry import Sources

ID = "1a2B3c4D5e6F7g8H9i0JkLmNoPqRsTuV-"


@pytest.mark.parametrize(
    ("link", "kind"),
    [
        (f"https://drive.google.com/file/d/{ID}/view?usp=sharing", "file"),
        (f"https://drive.google.com/file/d/{ID}/edit", "file"),
        (f"https://drive.google.com/file/d/{ID}/preview", "file"),
        (f"https://drive.google.com/file/d/{ID}", "file"),
        (f"https://drive.google.com/file/u/2/d/{ID}/view", "file"),
        (f"https://drive.google.com/a/school.example/file/d/{ID}/view", "file"),
        (f"https://docs.google.com/file/d/{ID}/edit", "file"),
        (f"https://drive.google.com/open?id={ID}&usp=drive_copy", "any"),
        (f"https://drive.google.com/uc?id={ID}", "file"),
        (f"https://drive.google.com/uc?export=download&id={ID}", "file"),
        (f"https://docs.google.com/uc?export=download&id={ID}", "file"),
        (f"https://drive.google.com/u/0/uc?id={ID}&export=download", "file"),
        (
            f"https://drive.usercontent.google.com/download?id={ID}&export=download&authuser=0",
            "file",
        ),
        (f"https://drive.usercontent.google.com/u/0/uc?id={ID}&export=download", "file"),
        (f"https://drive.google.com/drive/folders/{ID}", "folder"),
        (f"https://drive.google.com/drive/u/1/folders/{ID}?usp=drive_link", "folder"),
        (f"https://drive.google.com/drive/mobile/folders/{ID}", "folder"),
        (f"https://drive.google.com/folderview?id={ID}", "folder"),
        (f"https://drive.google.com/embeddedfolderview?id={ID}#list", "folder"),
        (f"https://docs.google.com/document/d/{ID}/edit?tab=t.0", "document"),
        (f"https://docs.google.com/document/u/1/d/{ID}/edit", "document"),
        (f"https://docs.google.com/spreadsheets/d/{ID}/edit#gid=0", "spreadsheets"),
        (f"https://docs.google.com/presentation/d/{ID}/preview", "presentation"),
        (f"https://www.googleapis.com/drive/v3/files/{ID}?alt=media", "any"),
        (f"drive.google.com/file/d/{ID}/view", "file"),
        (f"  <https://drive.google.com/file/d/{ID}/view>  ", "file"),
        (f'"https://drive.google.com/file/d/{ID}/view"', "file"),
        (f"The data: https://drive.google.com/file/d/{ID}/view, thanks", "file"),
        (f"[data](https://drive.google.com/file/d/{ID}/view)", "file"),
        (f"https://drive.google.com/file/d/\n {ID}/view", "file"),
        (f"https://drive.google.com/open?id= {ID}", "any"),
        (f"\u200bhttps://drive.google.com/drive/folders/{ID}\u200b", "folder"),
        (f"HTTPS://Drive.Google.com/file/d/{ID}/view", "file"),
        (f"https://www.google.com/url?q=https://drive.google.com/file/d/{ID}/view&sa=D", "file"),
        (
            "https://eur01.safelinks.protection.outlook.com/?url="
            f"https%3A%2F%2Fdrive.google.com%2Ffile%2Fd%2F{ID}%2Fview&data=05",
            "file",
        ),
    ],
)
def test_drive_link_when_in_any_form_then_its_id_and_kind_are_read(link: str, kind: str) -> None:
    found = parse_drive_link(link)
    assert found is not None
    assert (found.kind, found.id) == (kind, ID)


def test_drive_link_when_it_has_a_resource_key_then_the_key_is_kept() -> None:
    found = parse_drive_link(f"https://drive.google.com/file/d/{ID}/view?resourcekey=0-abc_D&x=1")
    assert found == DriveLink("file", ID, "0-abc_D")
    assert found.plain == f"https://drive.google.com/file/d/{ID}/view?resourcekey=0-abc_D"


@pytest.mark.parametrize(
    ("tail", "wanted"),
    [("/export?format=csv", "csv"), ("/export/pdf", "pdf"), ("/edit", ""), ("/export", "")],
)
def test_document_link_when_it_names_a_format_then_the_format_is_kept(
    tail: str, wanted: str
) -> None:
    found = parse_drive_link(f"https://docs.google.com/spreadsheets/d/{ID}{tail}")
    assert found == DriveLink("spreadsheets", ID, export_format=wanted)


@pytest.mark.parametrize(
    "link",
    [
        "https://drive.google.com/drive/my-drive",
        "https://drive.google.com/",
        "https://docs.google.com/forms/d/e/1FAIpQLSd/viewform",
        "https://docs.google.com/document/d/e/2PACX-1vQ/pub",
        "https://drive.google.com/file/d/../../etc/passwd",
    ],
)
def test_drive_link_when_it_names_no_file_then_it_is_refused_with_a_hint(link: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_drive_link(link)
    assert refused.value.hint
    assert DriveSource().recognises(link)


@pytest.mark.parametrize(
    "link",
    [
        "https://example.org/file/d/1234567890abc/view",
        "https://drive.google.com.evil.example/file/d/1234567890abc/view",
        "/nfs/data/drive.google.com",
        "hello",
        "",
    ],
)
def test_link_when_it_is_not_of_drive_then_drive_leaves_it(link: str) -> None:
    assert parse_drive_link(link) is None


def test_drive_link_when_the_host_is_configured_then_it_counts_as_drive() -> None:
    link = f"http://127.0.0.1:8099/file/d/{ID}/view"
    assert parse_drive_link(link) is None
    assert parse_drive_link(link, ["127.0.0.1:8099"]) == DriveLink("file", ID)
    assert parse_drive_link("http://127.0.0.1:8099/other.zip", ["127.0.0.1:8099"]) is None


def test_clean_link_when_it_is_a_path_or_plain_words_then_it_stays() -> None:
    assert clean_link(" /nfs/a b/c.zip ") == "/nfs/a b/c.zip"
    assert clean_link("upload:abc") == "upload:abc"
    assert clean_link("10.5281/zenodo.12") == "10.5281/zenodo.12"
    assert clean_link("example.org/data.zip") == "https://example.org/data.zip"
    assert clean_link("https://en.example.org/wiki/A_(b)") == "https://en.example.org/wiki/A_(b)"


@pytest.mark.parametrize(
    "link",
    [
        "hello world",
        "",
        "1a2B3c4D5e6F7g8H9i0JkLmNoPqRsTuVw",
        "ftp://example.org/a",
        "http://[x/a",
        "http://x:99999/",
    ],
)
def test_sources_when_nobody_knows_the_link_then_the_hint_says_what_to_paste(link: str) -> None:
    sources = Sources([DriveSource(), HttpSource()])
    with pytest.raises(InvalidInput) as refused:
        sources.of(link)
    assert "https://" in refused.value.hint


def test_shown_url_when_it_holds_secrets_then_they_are_hidden() -> None:
    url = "https://me:pass@s3.example.org/a.zip?X-Amz-Signature=abc&part=2&token=t0k#frag"
    shown = shown_url(url)
    assert shown == "https://s3.example.org/a.zip?X-Amz-Signature=...&part=2&token=..."
    assert has_secret(url)
    assert not has_secret("https://example.org/a.zip?download=1")
