"""Google Drive with the hub's credential."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from growth_admin.core.errors import GrowthError, NotConfigured
from growth_admin.datasets.facts import SourceProblem
from growth_admin.datasets.sources.drive import DriveSource
from growth_admin.deploy.standins.drive.standin import DriveStandin

from .reading import Watch, drain, fetch, look
from .test_drive_web import public

DATA = b"0123456789" * 20_000
SHA256 = hashlib.sha256(DATA).hexdigest()
KEY = "AIzaTestKeyThatMustNeverBeShown0123456"


def keyed(drive: DriveStandin, folder: Path, *, key: str = KEY) -> DriveSource:
    """Return a source with an API key."""
    drive.add_api_key(KEY)
    path = folder / "api-key"
    path.write_text(f"{key}\n")
    return source_of(drive, api_key_file=str(path))


def serviced(drive: DriveStandin, folder: Path) -> tuple[DriveSource, str]:
    """Return a source with a service account, and the account's address."""
    email = drive.write_key_file(folder / "account.json")
    return source_of(drive, service_account_file=str(folder / "account.json")), email


def source_of(drive: DriveStandin, **settings: Any) -> DriveSource:
    return DriveSource(
        web_url=drive.web_url,
        docs_url=drive.docs_url,
        download_url=drive.download_url,
        api_url=drive.api_url,
        timeout_s=5.0,
        **settings,
    )


def test_file_when_asked_with_a_key_then_size_and_checksum_are_known(
    drive: DriveStandin, tmp_path: Path
) -> None:
    item = drive.add_file("a.bin", DATA)
    source = keyed(drive, tmp_path)
    listing = look(source, drive.link(item))
    (file,) = listing.files
    assert listing.credential == "api_key"
    assert (file.size_bytes, file.checksum) == (len(DATA), ("sha256", SHA256))
    assert fetch(source, file) == DATA
    assert fetch(source, file, start=5, end=9) == DATA[5:9]
    assert listing.warnings == ()


def test_key_when_used_then_it_is_in_no_address_no_locator_and_no_message(
    drive: DriveStandin, tmp_path: Path
) -> None:
    item = drive.add_file("a.bin", DATA)
    source = keyed(drive, tmp_path)
    listing = look(source, drive.link(item))
    drive.fault("api_error", reason="fileNotDownloadable", status=403)
    with pytest.raises(SourceProblem) as refused:
        source.open(listing.files[0])
    told = [repr(listing), refused.value.detail, refused.value.hint, repr(drive.requests())]
    assert not [text for text in told if KEY in text]


@pytest.mark.parametrize("kept", ["md5Checksum", "sha1Checksum", ""])
def test_checksum_when_google_has_no_sha256_then_the_next_best_counts(
    drive: DriveStandin, tmp_path: Path, kept: str
) -> None:
    item = drive.add_file("a.bin", DATA)
    drive.fault("no_checksums", reason=kept)
    listing = look(keyed(drive, tmp_path), drive.link(item))
    checksum = listing.files[0].checksum
    if not kept:
        assert checksum is None
        assert "unverified" in listing.warnings[0]
        return
    algorithm = kept.removesuffix("Checksum")
    assert checksum == (algorithm, hashlib.new(algorithm, DATA).hexdigest())


def test_private_file_when_shared_with_the_account_then_it_comes(
    drive: DriveStandin, tmp_path: Path
) -> None:
    source, email = serviced(drive, tmp_path)
    item = drive.add_file("private.bin", DATA, is_shared=False, readers=[email])
    listing = look(source, drive.link(item))
    assert listing.credential == "service_account"
    assert fetch(source, listing.files[0]) == DATA


def test_private_file_when_not_shared_with_the_account_then_the_account_is_named(
    drive: DriveStandin, tmp_path: Path
) -> None:
    source, email = serviced(drive, tmp_path)
    item = drive.add_file("private.bin", DATA, is_shared=False)
    with pytest.raises(SourceProblem) as refused:
        look(source, drive.link(item))
    assert refused.value.code == "not_found_or_key"
    assert email in refused.value.detail
    assert email in refused.value.hint


def test_token_when_it_is_no_longer_good_then_another_is_fetched(
    drive: DriveStandin, tmp_path: Path
) -> None:
    source, email = serviced(drive, tmp_path)
    item = drive.add_file("a.bin", DATA, is_shared=False, readers=[email])
    (file,) = look(source, drive.link(item)).files
    drive.accounts.expire_tokens()
    assert fetch(source, file) == DATA
    assert len(drive.requests("token")) == 2


def test_account_when_google_refuses_it_then_the_public_way_is_tried_and_it_is_said(
    drive: DriveStandin, tmp_path: Path
) -> None:
    source, email = serviced(drive, tmp_path)
    del drive.accounts.services[email]
    listing = look(source, drive.link(drive.add_file("a.bin", DATA)))
    assert listing.credential == "none"
    assert email in listing.warnings[0]
    assert fetch(source, listing.files[0]) == DATA


def test_key_when_google_refuses_it_then_the_public_way_is_tried_and_it_is_said(
    drive: DriveStandin, tmp_path: Path
) -> None:
    source = keyed(drive, tmp_path, key="AIzaAnotherKey")
    listing = look(source, drive.link(drive.add_file("a.bin", DATA)))
    assert listing.credential == "none"
    assert "API key" in listing.warnings[0]
    assert "AIzaAnotherKey" not in repr(listing)


def test_key_file_when_it_cannot_be_used_then_the_public_way_is_tried_and_it_is_said(
    drive: DriveStandin, tmp_path: Path
) -> None:
    link = drive.link(drive.add_file("a.bin", DATA))
    (tmp_path / "junk").write_text("two words\nof nonsense")
    for settings in (
        {"api_key_file": str(tmp_path / "missing")},
        {"api_key_file": str(tmp_path / "junk")},
        {"service_account_file": str(tmp_path / "junk")},
        {"service_account_file": str(tmp_path)},
    ):
        listing = look(source_of(drive, **settings), link)
        assert listing.credential == "none"
        assert str(tmp_path) in listing.warnings[0]
        assert "nonsense" not in listing.warnings[0]


def test_account_file_when_its_key_is_broken_then_nothing_of_it_is_told(
    drive: DriveStandin, tmp_path: Path
) -> None:
    source, _ = serviced(drive, tmp_path)
    facts = json.loads((tmp_path / "account.json").read_text())
    facts["private_key"] = facts["private_key"].replace("\n", " ")[:900]
    (tmp_path / "account.json").write_text(json.dumps(facts))
    listing = look(source, drive.link(drive.add_file("a.bin", DATA)))
    assert listing.credential == "none"
    assert "BEGIN" not in repr(listing)


def test_private_file_when_the_key_file_cannot_be_read_then_the_refusal_says_that_too(
    drive: DriveStandin, tmp_path: Path
) -> None:
    item = drive.add_file("a.bin", DATA, is_shared=False)
    source = source_of(drive, service_account_file=str(tmp_path / "missing.json"))
    with pytest.raises(SourceProblem) as refused:
        look(source, drive.link(item))
    assert "missing.json" in refused.value.hint


@pytest.mark.parametrize(
    ("reason", "code", "is_retryable", "is_waiting"),
    [
        ("userRateLimitExceeded", "quota_client", True, True),
        ("rateLimitExceeded", "quota_client", True, True),
        ("downloadQuotaExceeded", "quota_file", False, True),
        ("cannotDownloadAbusiveFile", "abusive_file", False, False),
        ("fileNotDownloadable", "native_doc", False, False),
        ("notFound", "not_found_or_key", False, False),
        ("insufficientFilePermissions", "refused", False, False),
        ("backendError", "unreachable", True, False),
        ("internalError", "unreachable", True, False),
    ],
)
def test_open_when_the_api_refuses_then_the_reason_has_its_word(
    drive: DriveStandin,
    tmp_path: Path,
    reason: str,
    code: str,
    is_retryable: bool,
    is_waiting: bool,
) -> None:
    source = keyed(drive, tmp_path)
    (file,) = look(source, drive.link(drive.add_file("a.bin", DATA))).files
    drive.fault("api_error", reason=reason)
    with pytest.raises(SourceProblem) as refused:
        source.open(file)
    problem = refused.value
    assert (problem.code, problem.is_retryable, problem.is_waiting) == (
        *(code, is_retryable, is_waiting),
    )
    assert problem.hint


def test_listing_when_the_api_is_busy_then_it_waits_and_asks_again(
    drive: DriveStandin, tmp_path: Path
) -> None:
    folder = drive.add_folder("Data")
    drive.add_file("a.bin", DATA, folder)
    drive.fault("api_error", reason="userRateLimitExceeded", where="list", times=2)
    watch = Watch()
    listing = keyed(drive, tmp_path).list_files(drive.link(folder), limit_s=30, control=watch)
    assert len(listing.files) == 1
    assert len(watch.lines) == 2


def test_folder_when_large_then_its_pages_are_all_read(drive: DriveStandin, tmp_path: Path) -> None:
    folder = drive.add_folder("Many")
    drive.world.add_made_files(2300, 10, folder)
    listing = look(keyed(drive, tmp_path), drive.link(folder))
    assert len(listing.files) == 2300
    assert listing.size_bytes == 23_000
    assert all(file.checksum for file in listing.files)
    assert len(drive.requests("list")) == 3


def test_folder_when_listed_both_ways_then_the_paths_are_the_same(
    drive: DriveStandin, tmp_path: Path
) -> None:
    top = drive.add_folder("Data")
    inner = drive.add_folder("inner", top)
    item = drive.add_file("same.txt", b"1", inner)
    drive.add_file("same.txt", b"2", inner)
    drive.add_document("Notes", "document", {"pdf": b"%PDF"}, top)
    drive.add_shortcut("short.txt", item, top)
    drive.add_shortcut("folder", inner, top)
    by_api = look(keyed(drive, tmp_path), drive.link(top))
    by_web = look(public(drive), drive.link(top))
    assert [file.path for file in by_api.files] == [file.path for file in by_web.files]
    ids = [[file.locator["id"] for file in listing.files] for listing in (by_api, by_web)]
    assert ids[0] == ids[1]


def test_shared_drive_when_its_folder_is_linked_then_its_files_come(
    drive: DriveStandin, tmp_path: Path
) -> None:
    source, email = serviced(drive, tmp_path)
    top = drive.add_folder("Team", is_shared=False, readers=[email], drive_id="0ADrive")
    drive.add_file("a.bin", DATA, top)
    listing = look(source, drive.link(top))
    assert fetch(source, listing.files[0]) == DATA


def test_resource_key_when_needed_then_it_is_sent_and_kept(
    drive: DriveStandin, tmp_path: Path
) -> None:
    item = drive.add_file("old.bin", DATA, resource_key="0-abc")
    source = keyed(drive, tmp_path)
    with pytest.raises(SourceProblem) as refused:
        look(source, f"{drive.web_url}/file/d/{item.id}/view")
    assert refused.value.code == "not_found_or_key"
    for link in (drive.link(item), drive.link(drive.add_shortcut("to old", item))):
        assert fetch(source, look(source, link).files[0]) == DATA


def test_shortcut_when_its_target_is_not_shared_then_the_rest_comes_and_it_is_said(
    drive: DriveStandin, tmp_path: Path
) -> None:
    top = drive.add_folder("Data")
    drive.add_file("a.bin", DATA, top)
    drive.add_shortcut("hidden", drive.add_file("x", b"x", is_shared=False), top)
    listing = look(keyed(drive, tmp_path), drive.link(top))
    assert [file.path for file in listing.files] == ["a.bin"]
    assert any("hidden" in warning for warning in listing.warnings)


def test_document_when_exported_by_the_api_then_it_comes(
    drive: DriveStandin, tmp_path: Path
) -> None:
    item = drive.add_document("Sheet", "spreadsheet", {"xlsx": b"PK", "csv": b"a,b"})
    source = keyed(drive, tmp_path)
    listing = look(source, drive.link(item))
    assert listing.files[0].path == "Sheet.xlsx"
    assert fetch(source, listing.files[0]) == b"PK"
    csv = look(source, f"{drive.docs_url}/spreadsheets/d/{item.id}/export?format=csv")
    assert fetch(source, csv.files[0]) == b"a,b"


def test_resume_when_the_reply_has_no_etag_then_the_revision_is_the_validator(
    drive: DriveStandin, tmp_path: Path
) -> None:
    item = drive.add_file("a.bin", DATA)
    source = keyed(drive, tmp_path)
    (file,) = look(source, drive.link(item)).files
    drive.fault("no_validator")
    opened = source.open(file)
    opened.close()
    assert opened.validator.startswith("drive:")
    rest = source.open(file, start=100, validator=opened.validator)
    assert (rest.start, rest.validator) == (100, opened.validator)
    assert drain(rest) == DATA[100:]
    drive.world.change(item)
    again = source.open(file, start=100, validator=opened.validator)
    again.close()
    assert again.start == 0
    assert again.validator != opened.validator


def test_open_when_the_credential_is_gone_then_it_says_so(
    drive: DriveStandin, tmp_path: Path
) -> None:
    (file,) = look(keyed(drive, tmp_path), drive.link(drive.add_file("a.bin", DATA))).files
    with pytest.raises(NotConfigured) as refused:
        public(drive).open(file)
    assert isinstance(refused.value, GrowthError)
    assert "api_key_file" in refused.value.hint
