"""Zenodo: records and their files, with the MD5 that Zenodo publishes.

Link forms: ``zenodo.org/records/N``, ``/record/N``, ``/records/N/files/NAME``, ``/api/records/N``,
``doi.org/10.5281/zenodo.N``, ``zenodo.org/doi/10.5281/zenodo.N`` and the bare DOI. The record is
read from ``/api/records/N``, in its present form (``files`` is a list) and in InvenioRDM's own
(``files.entries``). The DOI of all versions leads to the newest record.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, unquote, urlsplit

from traitlets import Instance, Unicode
from traitlets.config import LoggingConfigurable

from growth_admin.core.errors import InvalidInput
from growth_admin.datasets.facts import Checksum, Control, Listing, RemoteFile, SourceProblem
from growth_admin.datasets.facts import parse_checksum as parse
from growth_admin.datasets.sources.answer import Answer
from growth_admin.datasets.sources.http import HttpSource
from growth_admin.datasets.sources.links import clean_link, split_url
from growth_admin.datasets.sources.names import distinct_names, safe_top_name
from growth_admin.datasets.sources.patience import patiently
from growth_admin.datasets.sources.ranges import OpenedBody, open_at
from growth_admin.datasets.sources.replies import problem_of, require_file

ZENODO_URL: Final = "https://zenodo.org"
HOSTS: Final = ("zenodo.org", "www.zenodo.org")
DOI_HOSTS: Final = ("doi.org", "dx.doi.org", "www.doi.org")
_RECORD: Final = re.compile(r"(?:/api)?/records?/(\d+)(?:/files/(.+?)(?:/content)?)?/?")
_DOI: Final = re.compile(r"(?:/doi)?/?(?:doi:)?\s*10\.5281/zenodo\.(\d+)/?", re.IGNORECASE)


@dataclass(frozen=True)
class _Wanted:
    record: str
    file: str = ""


class ZenodoSource(LoggingConfigurable):
    """Records of Zenodo, or single files of them."""

    kind = "zenodo"

    zenodo_url = Unicode(
        ZENODO_URL,
        help="Where Zenodo is; another address for its sandbox (https://sandbox.zenodo.org), for "
        "another InvenioRDM, and for tests.",
    ).tag(config=True)
    http = Instance(HttpSource, args=(), help="Whose proxy, user agent and time limit are used.")

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._url = self.zenodo_url.rstrip("/")
        named = [self._url] if self._url != ZENODO_URL else []
        self._transport = self.http.transport(named)

    def recognises(self, link: str) -> bool:
        """Return whether the link names a record of Zenodo."""
        return self._parse(link) is not None

    def list_files(self, link: str, *, limit_s: float, control: Control) -> Listing:
        """Return the files of a record, or the one that the link names."""
        wanted = self._parse(link)
        if wanted is None:
            raise InvalidInput("This is no link of a Zenodo record.", fields=[("link", "unknown")])
        record = patiently(
            lambda: self._read_record(wanted.record), limit_s=limit_s, control=control
        )
        files = tuple(self._files(record))
        if wanted.file:
            files = tuple(file for file in files if file.locator["file"] == wanted.file)
        if not files:
            raise _without_files(record, wanted)
        number = str(record.get("id", wanted.record))
        title = _title(record) or f"Zenodo record {number}"
        plain = f"{self._url}/records/{number}"
        if wanted.file:
            plain += f"/files/{quote(wanted.file)}"
        return Listing(
            self.kind,
            f"{wanted.file or title} (Zenodo record {number})",
            safe_top_name(wanted.file or title),
            plain,
            files,
            is_folder=not wanted.file and len(files) > 1,
            modified=str(record.get("modified") or record.get("updated") or ""),
        )

    def open(
        self, file: RemoteFile, *, start: int = 0, end: int | None = None, validator: str = ""
    ) -> OpenedBody:
        """See ``Source.open``."""
        name = quote(str(file.locator["file"]), safe="")
        url = f"{self._url}/api/records/{file.locator['record']}/files/{name}/content"

        def ask(headers: dict[str, str]) -> Answer:
            answer = self._transport.send("GET", url, headers=headers)
            if answer.status != 416:
                require_file(answer)
            return answer

        return open_at(ask, start=start, end=end, validator=validator, name=file.path)

    def _parse(self, link: str) -> _Wanted | None:
        text = clean_link(link)
        if doi := _DOI.fullmatch(text):
            return _Wanted(doi[1])
        parts = split_url(text)
        host = parts.netloc.lower()
        is_zenodo = host in HOSTS or host == urlsplit(self._url).netloc
        doi = _DOI.fullmatch(parts.path) if is_zenodo or host in DOI_HOSTS else None
        record = _RECORD.fullmatch(parts.path) if is_zenodo else None
        if doi:
            return _Wanted(doi[1])
        return _Wanted(record[1], unquote(record[2] or "")) if record else None

    def _read_record(self, number: str) -> dict[str, Any]:
        answer = self._transport.send(
            "GET", f"{self._url}/api/records/{number}", headers={"Accept": "application/json"}
        )
        if answer.status != 200:
            answer.close()
            if answer.status in (401, 403):
                raise _restricted(number)
            problem = problem_of(answer)
            if problem.code == "not_found":
                problem.detail = f"Zenodo has no record {number} ({answer.status})."
            raise problem
        try:
            found = json.loads(answer.read())
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise SourceProblem("unreachable", "Zenodo gave no JSON.", is_retryable=True)
        return found

    def _files(self, record: Mapping[str, Any]) -> Iterator[RemoteFile]:
        number = str(record.get("id", ""))
        given = record.get("files") or ()
        rows = given.get("entries", {}).values() if isinstance(given, dict) else given
        rows = [row for row in rows if row.get("key")]
        names = distinct_names([(row["key"], row["key"]) for row in rows], is_top=True)
        for row, name in zip(rows, names, strict=True):
            checksum = _checksum(str(row.get("checksum") or ""))
            yield RemoteFile(
                path=name,
                locator={"record": number, "file": row["key"]},
                size_bytes=row.get("size"),
                checksum=checksum,
                validator=str(checksum or ""),
            )


def _checksum(text: str) -> Checksum | None:
    try:
        return parse(text)
    except InvalidInput:
        return None


def _title(record: Mapping[str, Any]) -> str:
    metadata = record.get("metadata") or {}
    return str(record.get("title") or metadata.get("title") or "")[:200]


def _restricted(number: str) -> SourceProblem:
    return SourceProblem(
        "not_shared",
        f"The files of Zenodo record {number} are not public.",
        hint="Ask the authors for access, download the files, and upload them here.",
    )


def _without_files(record: Mapping[str, Any], wanted: _Wanted) -> SourceProblem:
    access = record.get("access") or {}
    rights = str((record.get("metadata") or {}).get("access_right", ""))
    if access.get("files") == "restricted" or rights in ("restricted", "closed", "embargoed"):
        return _restricted(wanted.record)
    what = f"no file {wanted.file!r}" if wanted.file else "no files"
    return SourceProblem(
        "not_found",
        f"Zenodo record {wanted.record} has {what}.",
        hint="Open the record in a browser: a newer version may hold the files.",
    )
