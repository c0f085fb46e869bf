"""Google Drive without a credential."""

from __future__ import annotations

import time

import pytest

from growth_admin.core.errors import InvalidInput
from growth_admin.datasets.facts import SourceProblem
from growth_admin.datasets.sources.drive import DriveSource
from growth_admin.deploy.standins.drive.standin import DriveStandin

from .plain_server import PlainServer, Reply
from .reading import Watch, drain, fetch, look

DATA = b"0123456789" * 20_000


def public(drive: DriveStandin) -> DriveSource:
    """Return a source of the stand-in without a credential."""
    return DriveSource(
        web_url=drive.web_url,
        docs_url=drive.docs_url,
        download_url=drive.download_url,
        api_url=drive.api_url,
        timeout_s=5.0,
    )


def test_file_when_public_then_it_is_told_and_fetched_with_one_request_each(
    drive: DriveStandin,
) -> None:
    item = drive.add_file("Größe & Co.bin", DATA)
    source = public(drive)
    listing = look(source, drive.link(item))
    (file,) = listing.files
    assert (listing.kind, listing.credential, listing.is_folder) == ("drive", "none", False)
    assert (file.path, file.size_bytes, file.checksum) == ("Größe & Co.bin", len(DATA), None)
    assert any("unverified" in warning for warning in listing.warnings)
    assert fetch(source, file) == DATA
    assert len(drive.requests()) == 2


@pytest.mark.parametrize("fault", ["virus_always", "virus_strict"])
def test_file_when_a_virus_page_comes_then_its_form_is_sent(
    drive: DriveStandin, fault: str
) -> None:
    item = drive.add_file("big.bin", DATA)
    drive.fault(fault)
    source = public(drive)
    (file,) = look(source, drive.link(item)).files
    assert fetch(source, file) == DATA
    assert fetch(source, file, start=100) == DATA[100:]


@pytest.mark.parametrize(
    ("fault", "code", "says"),
    [
        ("virus_unparsable", "virus_page_unparsed", "api_key_file"),
        ("quota", "quota_file", "Make a copy"),
        ("sorry", "quota_client", "Google allows far more"),
        ("sign_in", "not_shared", "Anyone with the link"),
        ("need_access", "not_shared", "Anyone with the link"),
        ("abusive", "abusive_file", "owner"),
        ("gone", "not_found_or_key", "resourcekey"),
        ("no_disposition", "web_page", "private window"),
    ],
)
def test_open_when_google_shows_something_else_then_it_has_its_word_and_a_hint(
    drive: DriveStandin, fault: str, code: str, says: str
) -> None:
    item = drive.add_file("a.bin", DATA)
    source = public(drive)
    (file,) = look(source, drive.link(item)).files
    drive.fault(fault)
    with pytest.raises(SourceProblem) as refused:
        source.open(file)
    assert refused.value.code == code
    assert says in refused.value.hint
    assert refused.value.is_waiting == (code in ("quota_file", "quota_client"))


def test_look_when_not_shared_then_it_is_said(drive: DriveStandin) -> None:
    for refusal in ("sign_in", "need_access"):
        item = drive.add_file(f"{refusal}.bin", DATA, is_shared=False, refusal=refusal)
        with pytest.raises(SourceProblem) as refused:
            look(public(drive), drive.link(item))
        assert refused.value.code == "not_shared"


def test_look_when_the_resource_key_is_missing_then_it_is_said_and_with_it_the_file_comes(
    drive: DriveStandin,
) -> None:
    item = drive.add_file("old.bin", DATA, resource_key="0-abcdef")
    source = public(drive)
    with pytest.raises(SourceProblem) as refused:
        look(source, f"{drive.web_url}/file/d/{item.id}/view")
    assert refused.value.code == "not_found_or_key"
    (file,) = look(source, drive.link(item)).files
    assert fetch(source, file) == DATA


def test_look_when_google_is_in_trouble_for_a_moment_then_it_is_asked_again(
    drive: DriveStandin,
) -> None:
    item = drive.add_file("a.bin", DATA)
    drive.fault("status", status=503, times=1)
    watch = Watch()
    listing = public(drive).list_files(drive.link(item), limit_s=30, control=watch)
    assert listing.name == "a.bin"


@pytest.mark.parametrize("form", ["open?id={}", "uc?id={}&export=download", "file/u/1/d/{}/view"])
def test_link_when_in_another_form_then_the_same_file_comes(drive: DriveStandin, form: str) -> None:
    item = drive.add_file("a.bin", DATA)
    source = public(drive)
    (file,) = look(source, f"{drive.web_url}/{form.format(item.id)}").files
    assert fetch(source, file) == DATA


def test_open_link_when_it_names_a_folder_or_a_document_then_that_is_found(
    drive: DriveStandin,
) -> None:
    folder = drive.add_folder("Data")
    drive.add_file("a.bin", DATA, folder)
    text = drive.add_document("Notes", "document", {"pdf": b"%PDF-1"})
    source = public(drive)
    assert look(source, f"{drive.web_url}/open?id={folder.id}").is_folder
    assert look(source, f"{drive.web_url}/open?id={text.id}").files[0].path == "Notes.pdf"


def test_shortcut_when_linked_then_its_target_comes(drive: DriveStandin) -> None:
    folder = drive.add_folder("Data")
    item = drive.add_file("a.bin", DATA, folder, resource_key="0-key")
    source = public(drive)
    for target in (item, folder):
        listing = look(source, drive.link(drive.add_shortcut("Short", target)))
        assert fetch(source, listing.files[0]) == DATA


def test_folder_when_deep_then_all_files_come_under_distinct_safe_names(
    drive: DriveStandin,
) -> None:
    top = drive.add_folder("Variable stars")
    inner = drive.add_folder("a/b", top)
    drive.add_file("same.txt", b"one", inner)
    drive.add_file("same.txt", b"two", inner)
    drive.add_file("SAME.txt", b"three", inner)
    drive.add_file("../../evil.txt", b"four", top)
    drive.add_file(".growth-stage-1", b"five", top)
    drive.add_folder("empty", top)
    source = public(drive)
    listing = look(source, drive.link(top))
    assert (listing.name, listing.is_folder, listing.is_complete) == ("Variable stars", True, True)
    paths = [file.path for file in listing.files]
    assert paths == sorted(paths)
    assert len({path.casefold() for path in paths}) == 5
    assert {".._.._evil.txt", "_.growth-stage-1"} < set(paths)
    assert {fetch(source, file) for file in listing.files} == {
        *(b"one", b"two", b"three", b"four", b"five")
    }
    again = look(source, drive.link(top))
    assert again.files == listing.files


def test_folder_when_a_shortcut_leads_back_then_the_walk_ends(drive: DriveStandin) -> None:
    top = drive.add_folder("Data")
    inner = drive.add_folder("inner", top)
    drive.add_file("a.bin", DATA, inner)
    drive.add_shortcut("back", top, inner)
    listing = look(public(drive), drive.link(top))
    assert [file.path for file in listing.files] == ["inner/a.bin"]
    assert any("leads back" in warning for warning in listing.warnings)


def test_folder_when_time_is_up_then_the_listing_is_incomplete(drive: DriveStandin) -> None:
    top = drive.add_folder("Data")
    for number in range(30):
        drive.add_file("a.bin", DATA, drive.add_folder(f"f{number}", top))
    drive.fault("delay", where="folder", delay_s=0.1)
    begun = time.monotonic()
    listing = look(public(drive), drive.link(top), limit_s=0.4)
    assert not listing.is_complete
    assert time.monotonic() - begun < 3


def test_folder_when_the_job_ends_then_the_walk_ends_too(drive: DriveStandin) -> None:
    watch = Watch()
    watch.end = RuntimeError("cancelled")
    with pytest.raises(RuntimeError):
        public(drive).list_files(drive.link(drive.add_folder("Data")), limit_s=30, control=watch)


def test_folder_when_empty_or_not_shared_then_it_is_said(drive: DriveStandin) -> None:
    source = public(drive)
    with pytest.raises(SourceProblem) as refused:
        look(source, drive.link(drive.add_folder("Empty")))
    assert refused.value.code == "not_found"
    with pytest.raises(SourceProblem) as refused:
        look(source, drive.link(drive.add_folder("Mine", is_shared=False)))
    assert refused.value.code == "not_found_or_key"  # the view of a folder tells no more
    assert "Anyone with the link" in refused.value.hint


def test_folder_of_a_thousand_files_when_listed_and_fetched_then_connections_are_kept(
    drive: DriveStandin,
) -> None:
    top = drive.add_folder("Many")
    drive.world.add_made_files(1000, 200, top)
    source = public(drive)
    listing = look(source, drive.link(top))
    assert len(listing.files) == 1000
    assert all(len(fetch(source, file)) == 200 for file in listing.files[:50])
    assert len(drive.requests("download")) == 50


@pytest.mark.parametrize(
    ("kind", "path", "wanted", "name"),
    [
        ("document", "document", "", "Plan.pdf"),
        ("document", "document", "docx", "Plan.docx"),
        ("spreadsheet", "spreadsheets", "", "Plan.xlsx"),
        ("spreadsheet", "spreadsheets", "csv", "Plan.csv"),
        ("presentation", "presentation", "pptx", "Plan.pptx"),
    ],
)
def test_document_when_linked_then_it_is_exported_and_said_to_have_no_checksum(
    drive: DriveStandin, kind: str, path: str, wanted: str, name: str
) -> None:
    export = name.partition(".")[2]
    item = drive.add_document("Plan", kind, {export: b"exported"})
    source = public(drive)
    tail = f"export?format={wanted}" if wanted else "edit"
    listing = look(source, f"{drive.docs_url}/{path}/d/{item.id}/{tail}")
    (file,) = listing.files
    assert (file.path, file.size_bytes, file.checksum) == (name, None, None)
    assert any("no checksum" in warning for warning in listing.warnings)
    assert fetch(source, file) == b"exported"


def test_document_when_the_format_does_not_exist_then_it_is_said(drive: DriveStandin) -> None:
    item = drive.add_document("Plan", "document", {"pdf": b"x"})
    with pytest.raises(SourceProblem) as refused:
        look(public(drive), f"{drive.docs_url}/document/d/{item.id}/export?format=xlsx")
    assert refused.value.code == "native_doc"
    assert "docx" in refused.value.hint


def test_open_when_cut_then_the_rest_comes_with_the_validator(drive: DriveStandin) -> None:
    item = drive.add_file("a.bin", DATA)
    source = public(drive)
    (file,) = look(source, drive.link(item)).files
    drive.fault("cut", at_byte=70_000, times=1)
    opened = source.open(file)
    got = bytearray()
    buffer = memoryview(bytearray(8192))
    with pytest.raises(SourceProblem) as cut:
        while count := opened.readinto(buffer):
            got += buffer[:count]
    opened.close()
    assert cut.value.is_retryable
    rest = source.open(file, start=len(got), validator=opened.validator)
    assert rest.start == len(got)
    assert bytes(got) + drain(rest) == DATA


def test_open_when_the_file_changed_midway_then_it_begins_at_zero(drive: DriveStandin) -> None:
    item = drive.add_file("a.bin", DATA)
    source = public(drive)
    (file,) = look(source, drive.link(item)).files
    opened = source.open(file)
    opened.close()
    drive.world.change(item)
    again = source.open(file, start=10, validator=opened.validator)
    again.close()
    assert again.start == 0
    assert again.validator != opened.validator


def test_open_when_the_range_is_wrong_then_it_is_a_problem(drive: DriveStandin) -> None:
    item = drive.add_file("a.bin", DATA)
    source = public(drive)
    (file,) = look(source, drive.link(item)).files
    drive.fault("wrong_range")
    with pytest.raises(SourceProblem) as refused:
        source.open(file, start=10)
    assert refused.value.code == "wrong_range"


def test_drive_when_it_redirects_into_the_network_then_it_is_refused(drive: DriveStandin) -> None:
    item = drive.add_file("a.bin", DATA)
    drive.fault("redirect", location="http://169.254.169.254/latest/meta-data/")
    with pytest.raises(SourceProblem) as refused:
        look(public(drive), drive.link(item))
    assert refused.value.code == "address_refused"


def test_page_when_its_words_are_not_known_then_they_are_told(
    drive: DriveStandin, server: PlainServer
) -> None:
    body = b"""<html><head><title>Google Drive</title></head>
        <p class="uc-error-caption">Etwas Neues &amp; Anderes</p></html>"""
    server.on("/download", Reply(200, {"Content-Type": "text/html"}, body))
    source = DriveSource(
        web_url=drive.web_url, docs_url=drive.docs_url, download_url=server.url, timeout_s=5.0
    )
    with pytest.raises(SourceProblem) as refused:
        look(source, f"{drive.web_url}/file/d/1abcdefghijklmnop/view")
    assert refused.value.code == "web_page"
    assert "Etwas Neues & Anderes" in refused.value.detail
    assert server.seen[0][2]["Accept-Language"].startswith("en")


def test_drive_link_when_it_names_nothing_then_it_is_invalid(drive: DriveStandin) -> None:
    with pytest.raises(InvalidInput):
        look(public(drive), f"{drive.web_url}/file/d/x/view")
