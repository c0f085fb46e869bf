"""Google Drive through its API v3, with the hub's credential: sizes, checksums, private files.

Source: the discovery document ``drive.v3`` and "Resolve errors" of its guide. ``size`` is a string;
checksums exist for stored files only; what lies in shared drives is seen only with
``supportsAllDrives``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from growth_admin.datasets.express.plain import PlainRequest
from growth_admin.datasets.facts import (
    DIGEST_LENGTHS,
    Checksum,
    Control,
    RemoteFile,
    SourceProblem,
)
from growth_admin.datasets.sources.answer import Answer
from growth_admin.datasets.sources.credentials import Credential
from growth_admin.datasets.sources.drive_errors import problem_of_reply
from growth_admin.datasets.sources.drive_tree import EXPORTS, Entry
from growth_admin.datasets.sources.links import DriveLink
from growth_admin.datasets.sources.patience import patiently
from growth_admin.datasets.sources.ranges import OpenedBody, open_at
from growth_admin.datasets.sources.transport import Transport

FIELDS: Final = (
    "id,name,mimeType,size,md5Checksum,sha1Checksum,sha256Checksum,headRevisionId,modifiedTime,"
    "resourceKey,shortcutDetails(targetId,targetMimeType,targetResourceKey),"
    "capabilities(canDownload),trashed"
)
MEDIA_WORDS: Final = {"alt": "media", "supportsAllDrives": "true"}
PAGE_SIZE: Final = 1000
MEDIA_PREFIX: Final = "drive:"
"""Marks a validator of the API (a revision, a checksum) apart from an ETag."""
_NATIVE: Final = "application/vnd.google-apps."
_FOLDER: Final = _NATIVE + "folder"
_SHORTCUT: Final = _NATIVE + "shortcut"
_KINDS: Final = {
    "document": "document",
    "spreadsheet": "spreadsheets",
    "presentation": "presentation",
    "drawing": "drawings",
}
EXPORT_TYPES: Final = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/x-vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "txt": "text/plain",
    "md": "text/markdown",
    "rtf": "application/rtf",
    "html": "text/html",
    "epub": "application/epub+zip",
    "zip": "application/zip",
    "png": "image/png",
    "jpg": "image/jpeg",
    "svg": "image/svg+xml",
}
_SHORTCUT_HOPS: Final = 3


class DriveApi:
    """The API at a base address, with a credential."""

    def __init__(self, transport: Transport, api_url: str, credential: Credential) -> None:
        self._transport = transport
        self._url = f"{api_url.rstrip('/')}/drive/v3/files"
        self.credential = credential

    def look(self, link: DriveLink) -> Entry:
        """Return what a link names; a shortcut stands for its target. Raises ``SourceProblem``."""
        return self._target(self._get(link.id, link.resource_key), link.export_format)

    def children(self, folder: Entry, *, limit_s: float, control: Control) -> Sequence[Entry]:
        """Return what a folder holds. Raises ``SourceProblem``."""
        found: list[dict[str, Any]] = []
        token = ""
        while True:
            ask = partial(self._page, folder, token)
            page = patiently(ask, limit_s=limit_s, control=control)
            found += page.get("files", [])
            token = str(page.get("nextPageToken") or "")
            if not token:
                return [self._child(facts) for facts in found]

    def _page(self, folder: Entry, token: str) -> dict[str, Any]:
        """Return the page of a folder's listing that the token stands for."""
        words = {
            "q": f"'{folder.id}' in parents and trashed=false",
            "fields": f"nextPageToken,files({FIELDS})",
            "pageSize": str(PAGE_SIZE),
            "supportsAllDrives": "true",
            "includeItemsFromAllDrives": "true",
        }
        words |= {"pageToken": token} if token else {}
        what = f"the folder {folder.name or folder.id}"
        return self._json(words, _keys(folder.id, folder.key), what)

    def open(self, file: RemoteFile, *, start: int, end: int | None, validator: str) -> OpenedBody:
        """See ``Source.open``. A validator that is a revision is compared before bytes are asked.

        Ranges cost a request's price each, so the fetcher should not ask for tiny ones.
        """
        place, known = file.locator, file.validator
        if validator.startswith(MEDIA_PREFIX) and (start or end is not None):
            known = _entry(self._get(place["id"], place.get("key", ""))).validator
            if MEDIA_PREFIX + known != validator:
                start, end = 0, None
            validator = ""
        keys = _keys(place["id"], place.get("key", ""))
        url = self._media_url(place["id"])
        if place.get("document"):
            url = f"{self._url}/{place['id']}/export?{urlencode(_export_words(place['format']))}"

        def ask(headers: dict[str, str]) -> Answer:
            answer = self._send(url, {**keys, **headers})
            if answer.status not in (200, 206, 416):
                raise problem_of_reply(answer, file.path, self.credential)
            return answer

        opened = open_at(ask, start=start, end=end, validator=validator, name=file.path)
        if not opened.validator and known and opened.total_bytes is not None:
            opened.validator = MEDIA_PREFIX + known
        return opened

    def plain_request(self, file: RemoteFile) -> PlainRequest | None:
        """See ``PlainSource``."""
        place = file.locator
        if place.get("document"):
            return None
        headers = {**_keys(place["id"], place.get("key", "")), **self.credential.headers()}
        return self._transport.plain_request(self._media_url(place["id"]), headers)

    def _media_url(self, item_id: str) -> str:
        return f"{self._url}/{item_id}?{urlencode(MEDIA_WORDS)}"

    def _child(self, facts: Mapping[str, Any]) -> Entry:
        """Return an entry of a folder; a shortcut is asked for its target, and keeps its name."""
        entry = _entry(facts)
        if facts.get("mimeType") != _SHORTCUT:
            return entry
        try:
            target = self._target(facts, "")
        except SourceProblem as problem:
            if problem.is_retryable or problem.is_waiting:
                raise
            return Entry("other", entry.id, entry.name, why_not=f"a shortcut; {problem.detail}")
        return _renamed(target, entry.name)

    def _target(self, facts: Mapping[str, Any], export_format: str) -> Entry:
        """Return what the facts speak of, at the end of its shortcuts."""
        for _ in range(_SHORTCUT_HOPS):
            if facts.get("mimeType") != _SHORTCUT:
                entry = _entry(facts)
                return _with_format(entry, export_format) if export_format else entry
            details = facts.get("shortcutDetails", {})
            target_id, key = details.get("targetId", ""), details.get("targetResourceKey", "")
            facts = self._get(target_id, key)
        raise SourceProblem(
            "not_found", f"{facts.get('name', 'This')} is a shortcut to a shortcut to a shortcut."
        )

    def _get(self, item_id: str, key: str) -> dict[str, Any]:
        words = {"fields": FIELDS, "supportsAllDrives": "true"}
        return self._json(words, _keys(item_id, key), item_id, path=f"/{item_id}")

    def _json(
        self, words: Mapping[str, str], keys: Mapping[str, str], what: str, *, path: str = ""
    ) -> dict[str, Any]:
        answer = self._send(f"{self._url}{path}?{urlencode(words)}", keys)
        if answer.status != 200:
            raise problem_of_reply(answer, what, self.credential)
        try:
            found = json.loads(answer.read())
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise SourceProblem(
                "unreachable", "Google's API gave no JSON.", is_retryable=True
            ) from None
        return found

    def _send(self, url: str, headers: Mapping[str, str]) -> Answer:
        """Return the reply; a token that is no longer good is fetched anew, once."""
        answer = self._transport.send(
            "GET", url, headers=headers, secrets=self.credential.headers()
        )
        if answer.status != 401:
            return answer
        answer.close()
        secrets = self.credential.headers(is_stale=True)
        return self._transport.send("GET", url, headers=headers, secrets=secrets)


def _keys(item_id: str, key: str) -> dict[str, str]:
    return {"X-Goog-Drive-Resource-Keys": f"{item_id}/{key}"} if key else {}


def _export_words(wanted: str) -> dict[str, str]:
    return {"mimeType": EXPORT_TYPES[wanted]}


def _entry(facts: Mapping[str, Any]) -> Entry:
    """Return what the API's facts of an item say."""
    mime, key = str(facts.get("mimeType", "")), str(facts.get("resourceKey") or "")
    item_id, name = str(facts.get("id", "")), str(facts.get("name", ""))
    modified = str(facts.get("modifiedTime", ""))
    if mime == _FOLDER:
        return Entry("folder", item_id, name, key, modified=modified)
    if mime.startswith(_NATIVE):
        kind = _KINDS.get(mime.removeprefix(_NATIVE), "other")
        why = "" if kind in EXPORTS else "Google does not export this kind"
        return Entry(kind, item_id, name, key, modified=modified, why_not=why)
    checksum = _checksum(facts)
    may_download = facts.get("capabilities", {}).get("canDownload", True)
    revision = str(facts.get("headRevisionId") or checksum or modified)
    return Entry(
        "file",
        item_id,
        name,
        key,
        size_bytes=int(facts["size"]) if str(facts.get("size", "")).isdecimal() else None,
        checksum=checksum,
        validator=revision,
        modified=modified,
        why_not="" if may_download else "its owner has switched downloads off",
    )


def _checksum(facts: Mapping[str, Any]) -> Checksum | None:
    for algorithm in ("sha256", "sha1", "md5"):
        digits = str(facts.get(f"{algorithm}Checksum") or "").lower()
        if len(digits) == DIGEST_LENGTHS[algorithm]:
            return Checksum(algorithm, digits)
    return None


def _renamed(entry: Entry, name: str) -> Entry:
    return replace(entry, name=name or entry.name)


def _with_format(entry: Entry, wanted: str) -> Entry:
    return replace(entry, export_format=wanted if entry.kind in EXPORTS else "")
