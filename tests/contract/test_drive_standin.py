"""The stand-in for Drive against Google's own description and Google's own client."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from google.auth.exceptions import RefreshError
from google.oauth2 import service_account
from googleapiclient import errors
from googleapiclient.discovery import build_from_document
from googleapiclient.http import MediaIoBaseDownload

from growth_admin.deploy.standins.drive.content import MadeContent
from growth_admin.deploy.standins.drive.standin import DriveStandin
from growth_admin.deploy.standins.drive.world import Item
from tests.contract.drive_description import Description, document

READ_ONLY = "https://www.googleapis.com/auth/drive.readonly"
KEY = "0-Xk3yR7nB2mQwErTyUiOpAs"
MANY = 2345


@dataclass
class School:
    """A running stand-in with one of everything."""

    drive: DriveStandin
    items: dict[str, Item]
    key: str
    account_file: Path

    def call(self, path: str, **query: str) -> requests.Response:
        """A call with the API key."""
        with requests.Session() as session:
            session.trust_env = False
            url = f"{self.drive.api_url}/drive/v3/{path}"
            return session.get(url, params={"key": self.key, **query}, timeout=20)


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    with DriveStandin() as drive:
        account_file = tmp_path_factory.mktemp("keys") / "account.json"
        email = drive.write_key_file(account_file)
        folder = drive.add_folder("Variable stars")
        file = drive.add_file("Mira é.csv", b"time,magnitude\n" * 5000, folder)
        items = {
            "folder": folder,
            "file": file,
            "empty": drive.add_file("empty", b"", folder),
            "twin": drive.add_file("Mira é.csv", b"another", folder),
            "below": drive.add_folder("light curves", folder),
            "keyed": drive.add_file("old.dat", b"old", folder, resource_key=KEY),
            "private": drive.add_file(
                "p.csv", b"private", folder, is_shared=False, readers=[email]
            ),
            "sheet": drive.add_document("Observers", "spreadsheet", {"csv": b"a,b\r\n"}, folder),
            "big": drive.add_file("big.fits", MadeContent(7_000_000, "big"), folder),
            "many": drive.add_folder("many"),
            "shared drive": drive.add_folder("Survey", drive_id="0APHkUk9PVA"),
        }
        items["shortcut"] = drive.add_shortcut("to Mira", file, folder)
        items["keyed shortcut"] = drive.add_shortcut("to old", items["keyed"], folder)
        items["driven"] = drive.add_file("plate.dat", b"plate", items["shared drive"])
        drive.world.add_made_files(MANY, 100, items["many"])
        yield School(drive, items, drive.add_api_key(), account_file)


@pytest.fixture
def fair(school: School) -> Iterator[School]:
    yield school
    school.drive.faults.clear()


@pytest.fixture(scope="module")
def published() -> Description:
    return Description()


def client(school: School, *, is_service: bool) -> Any:
    """Google's own client, told that the API lives elsewhere."""
    described = document()
    described["rootUrl"] = described["baseUrl"] = f"{school.drive.api_url}/"
    if not is_service:
        return build_from_document(described, developerKey=school.key)
    return build_from_document(described, credentials=credentials_of(school.account_file))


def credentials_of(path: Path) -> Any:
    """What google-auth makes of a key file."""
    kind: Any = service_account.Credentials
    return kind.from_service_account_file(path, scopes=[READ_ONLY])


# ---- replies against the published description


WHOLE = [
    *("folder", "file", "empty", "twin", "sheet", "big", "many", "shortcut", "keyed shortcut"),
]


@pytest.mark.parametrize("name", WHOLE)
def test_metadata_when_all_fields_are_asked_for_then_as_google_describes_it(
    school: School, published: Description, name: str
) -> None:
    reply = school.call(f"files/{school.items[name].id}", fields="*")
    assert reply.status_code == 200, reply.text
    assert published.problems("File", reply.json()) == []
    assert reply.json()["name"] == school.items[name].name


def test_metadata_when_a_field_is_wrong_then_the_description_notices(
    school: School, published: Description
) -> None:
    body = school.call(f"files/{school.items['file'].id}", fields="*").json()
    assert published.problems("File", {**body, "size": 75000})
    assert published.problems("File", {**body, "colour": "red"})
    assert published.problems("File", {**body, "shortcutDetails": {"target": "x"}})


def test_metadata_when_no_fields_are_asked_for_then_googles_four(school: School) -> None:
    body = school.call(f"files/{school.items['file'].id}").json()
    assert set(body) == {"kind", "id", "name", "mimeType"}


def test_list_when_long_then_pages_as_google_describes_them(
    school: School, published: Description
) -> None:
    query = {"q": f"'{school.items['many'].id}' in parents and trashed=false", "pageSize": "1000"}
    query["fields"] = "nextPageToken,files(id,name,size,sha256Checksum)"
    names, sizes = [], []
    while True:
        body = school.call("files", **query).json()
        assert published.problems("FileList", body) == []
        names += [file["name"] for file in body["files"]]
        sizes.append(len(body["files"]))
        if "nextPageToken" not in body:
            break
        query["pageToken"] = body["nextPageToken"]
    assert (sizes, len(set(names))) == ([1000, 1000, 345], MANY)


@pytest.mark.parametrize("fields", ["*", "", "files", "kind,files(id,capabilities/canDownload)"])
def test_list_when_fields_are_selected_then_as_google_describes_it(
    school: School, published: Description, fields: str
) -> None:
    query = {"q": f"'{school.items['folder'].id}' in parents", "pageSize": "3"}
    body = school.call("files", **query, **({"fields": fields} if fields else {})).json()
    assert published.problems("FileList", body) == []
    assert len(body["files"]) == 3


ERRORS = [
    ("files/1NoSuchFileAnywhere", {}, 404, "notFound"),
    ("files/{private}", {}, 404, "notFound"),
    ("files/{keyed}", {}, 404, "notFound"),
    ("files/{driven}", {}, 404, "notFound"),
    ("files/{file}", {"fields": "colour"}, 400, "invalidParameter"),
    ("files/{file}", {"fields": "id,(name"}, 400, "invalidParameter"),
    ("files/{sheet}", {"alt": "media"}, 403, "fileNotDownloadable"),
    ("files/{shortcut}", {"alt": "media"}, 403, "fileNotDownloadable"),
    ("files/{file}/export", {"mimeType": "text/csv"}, 403, "fileNotExportable"),
    ("files/{sheet}/export", {"mimeType": "text/rtf"}, 400, "badRequest"),
    ("files", {"q": "'{private}' in parents"}, 404, "notFound"),
    ("files", {"q": "colour = 'red'"}, 400, "invalid"),
    ("files", {"pageSize": "1001"}, 400, "invalid"),
    ("files", {"pageToken": "no such page"}, 400, "invalid"),
    ("files/{file}", {"key": "AIzaWrong"}, 400, "badRequest"),
    ("files/{file}", {"key": ""}, 403, "dailyLimitExceededUnreg"),
]


@pytest.mark.parametrize(("path", "query", "status", "reason"), ERRORS)
def test_error_when_refused_then_status_and_reason_are_googles(
    school: School,
    published: Description,
    path: str,
    query: dict[str, str],
    status: int,
    reason: str,
) -> None:
    ids = {name: item.id for name, item in school.items.items()}
    query = {name: value.format(**ids) for name, value in query.items()}
    reply = school.call(path.format(**ids), **query)
    assert (reply.status_code, published.problems("error", reply.json())) == (status, [])
    assert reply.json()["error"]["errors"][0]["reason"] == reason
    assert reply.json()["error"]["code"] == status


def test_token_when_unknown_then_invalid_credentials(school: School) -> None:
    url = f"{school.drive.api_url}/drive/v3/files/{school.items['file'].id}"
    reply = requests.get(url, headers={"Authorization": "Bearer ya29.old"}, timeout=20)
    assert reply.status_code == 401
    assert reply.json()["error"]["errors"][0]["reason"] == "authError"


API_FAULTS = [
    ("quota", "media", 403, "downloadQuotaExceeded"),
    ("abusive", "media", 403, "cannotDownloadAbusiveFile"),
    ("sorry", "metadata", 403, "rateLimitExceeded"),
    ("gone", "metadata", 404, "notFound"),
    ("status", "list", 503, "backendError"),
]


@pytest.mark.parametrize(("kind", "where", "status", "reason"), API_FAULTS)
def test_fault_when_on_then_the_api_answers_as_google_would(
    fair: School, published: Description, kind: str, where: str, status: int, reason: str
) -> None:
    file, folder = fair.items["file"], fair.items["folder"]
    fair.drive.fault(kind, where=where, times=1)
    path = "files" if where == "list" else f"files/{file.id}"
    query = {"alt": "media"} if where == "media" else {}
    if where == "list":
        query["q"] = f"'{folder.id}' in parents"
    refused, fine = fair.call(path, **query), fair.call(path, **query)
    assert (refused.status_code, fine.status_code) == (status, 200)
    assert published.problems("error", refused.json()) == []
    assert refused.json()["error"]["errors"][0]["reason"] == reason


@pytest.mark.parametrize("reason", ["userRateLimitExceeded", "rateLimitExceeded", "internalError"])
def test_fault_when_it_names_a_reason_then_that_is_the_error(fair: School, reason: str) -> None:
    fair.drive.fault("api_error", reason=reason, status=429, times=1)
    reply = fair.call(f"files/{fair.items['file'].id}")
    assert reply.status_code == 429
    assert reply.json()["error"]["errors"][0]["reason"] == reason


def test_checksums_when_switched_off_then_missing(fair: School, published: Description) -> None:
    path, fields = f"files/{fair.items['file'].id}", "id,md5Checksum,sha256Checksum,sha1Checksum"
    assert len(fair.call(path, fields=fields).json()) == 4
    fair.drive.fault("no_checksums", reason="md5Checksum")
    body = fair.call(path, fields=fields).json()
    assert set(body) == {"id", "md5Checksum"}
    assert published.problems("File", body) == []


# ---- Google's own client


@pytest.mark.parametrize("is_service", [False, True], ids=["key", "service account"])
def test_googles_client_when_used_then_lists_and_downloads_the_same_bytes(
    school: School, published: Description, is_service: bool
) -> None:
    school.drive.faults.requests.clear()
    with client(school, is_service=is_service) as drive:
        file = school.items["big"]
        facts = drive.files().get(fileId=file.id, fields="name,size,md5Checksum").execute()
        assert facts == {
            "name": "big.fits",
            "size": "7000000",
            "md5Checksum": file.checksum("md5"),
        }
        listed = drive.files().list(
            q=f"'{school.items['folder'].id}' in parents and trashed=false", pageSize=1000
        )
        names = [entry["name"] for entry in listed.execute()["files"]]
        assert names.count("Mira é.csv") == 2 and ("p.csv" in names) == is_service
        out = io.BytesIO()
        download = MediaIoBaseDownload(out, drive.files().get_media(fileId=file.id), 1_000_000)
        chunks = 0
        while not download.next_chunk()[1]:
            chunks += 1
        assert chunks == 6 and out.getvalue() == file.content.read(0, file.content.size)
        exported = drive.files().export(fileId=school.items["sheet"].id, mimeType="text/csv")
        assert exported.execute() == b"a,b\r\n"
    for request in school.drive.requests("metadata", "list", "media", "export"):
        assert published.request_problems(request["method"], request["path"]) == []
        assert request["credential"] == ("token" if is_service else "key")


def test_googles_client_when_an_account_may_read_then_gets_what_others_do_not(
    school: School,
) -> None:
    private = school.items["private"].id
    with client(school, is_service=True) as drive:
        assert drive.files().get_media(fileId=private).execute() == b"private"
    with client(school, is_service=False) as drive, pytest.raises(errors.HttpError) as refused:
        drive.files().get_media(fileId=private).execute()
    assert refused.value.status_code == 404


def test_googles_client_when_a_shortcut_leads_to_a_keyed_file_then_the_key_opens_it(
    school: School,
) -> None:
    shortcut = school.items["keyed shortcut"].id
    with client(school, is_service=False) as drive:
        details = drive.files().get(fileId=shortcut, fields="shortcutDetails").execute()
        found = details["shortcutDetails"]
        assert found["targetResourceKey"] == KEY
        request = drive.files().get_media(fileId=found["targetId"])
        request.headers["X-Goog-Drive-Resource-Keys"] = f"{found['targetId']}/{KEY}"
        assert request.execute() == b"old"


def test_googles_client_when_in_a_shared_drive_then_must_say_so(school: School) -> None:
    driven, folder = school.items["driven"].id, school.items["shared drive"].id
    with client(school, is_service=False) as drive:
        found = drive.files().get(fileId=driven, supportsAllDrives=True).execute()
        assert found["name"] == "plate.dat"
        both = {"supportsAllDrives": True, "includeItemsFromAllDrives": True}
        listed = drive.files().list(q=f"'{folder}' in parents", **both).execute()
        assert [file["id"] for file in listed["files"]] == [driven]


def test_token_when_the_signature_is_another_keys_then_no_token(
    school: School, tmp_path: Path
) -> None:
    with DriveStandin() as other:
        other.write_key_file(tmp_path / "forged.json")
    forged = json.loads((tmp_path / "forged.json").read_text())
    forged["token_uri"] = school.drive.token_url
    (tmp_path / "forged.json").write_text(json.dumps(forged))
    described = document()
    described["rootUrl"] = described["baseUrl"] = f"{school.drive.api_url}/"
    credentials = credentials_of(tmp_path / "forged.json")
    drive = build_from_document(described, credentials=credentials)
    with pytest.raises(RefreshError, match="invalid_grant"):
        drive.files().get(fileId=school.items["file"].id).execute()


def test_description_when_a_query_is_wrong_then_it_notices(published: Description) -> None:
    for target in (
        "/drive/v3/files?q=x&limit=3",
        "/drive/v3/files?pageSize=5000",
        "/drive/v3/files/X?supportsAllDrives=yes",
        "/drive/v3/files/X?alt=bytes",
        "/drive/v3/files/X?fields=id,colour",
        "/drive/v3/files?fields=files(id,shortcutDetails/target)",
        "/drive/v2/files",
    ):
        assert published.request_problems("GET", target), target
