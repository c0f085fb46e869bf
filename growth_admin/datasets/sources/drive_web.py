"""Google Drive without a credential: what anyone with the link may download.

First request: ``usercontent .../download?id=&export=download&confirm=t``, which gives the file at
once; when a virus-scan page comes all the same, its form is sent with all its hidden inputs. Only
a reply marked as an attachment is a file (a page never is).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from typing import Final
from urllib.parse import quote, urlencode, urljoin, urlsplit

from growth_admin.core.errors import InvalidInput
from growth_admin.datasets.express.plain import PlainRequest
from growth_admin.datasets.facts import RemoteFile, SourceProblem
from growth_admin.datasets.sources.addresses import place_of
from growth_admin.datasets.sources.answer import Answer
from growth_admin.datasets.sources.checksums import checksum_of
from growth_admin.datasets.sources.drive_pages import Page, client_quota, problem_of_page, trouble
from growth_admin.datasets.sources.drive_tree import EXPORTS, Entry
from growth_admin.datasets.sources.links import (
    DRIVE_HOSTS,
    DriveLink,
    parse_drive_link,
    read_drive_link,
)
from growth_admin.datasets.sources.names import disposition_name, is_attachment
from growth_admin.datasets.sources.ranges import OpenedBody, open_at, total_of, validator_of
from growth_admin.datasets.sources.transport import Transport

ENGLISH: Final = {"Accept-Language": "en-US,en;q=0.9"}
"""Refusals are known by their words, which Google otherwise picks by where the hub stands."""
PROBE: Final = {"Range": "bytes=0-0"}


class DriveWeb:
    """The web pages of Drive, at these base addresses."""

    def __init__(
        self, transport: Transport, *, web_url: str, docs_url: str, download_url: str
    ) -> None:
        self._transport = transport
        self._web_url = web_url.rstrip("/")
        self._docs_url = docs_url.rstrip("/")
        self._download_url = download_url.rstrip("/")

    @property
    def hosts(self) -> list[str]:
        """The hosts of the base addresses, with ports where they have one."""
        return [urlsplit(u).netloc for u in (self._web_url, self._docs_url, self._download_url)]

    def look(self, link: DriveLink) -> Entry:
        """Return what a link names. Raises ``SourceProblem``."""
        if link.kind == "folder":
            return Entry("folder", link.id, "", link.resource_key)
        if link.kind in EXPORTS:
            return self._look_at_document(link)
        try:
            return self._look_at_file(link)
        except SourceProblem as problem:
            if problem.code not in ("not_found_or_key", "unreachable", "web_page"):
                raise
            found = self._resolve(link)
            if found is None:
                raise
        return self.look(found)

    def children(self, folder: Entry) -> Sequence[Entry]:
        """Return what a folder holds. Raises ``SourceProblem``."""
        return self.read_folder(folder)[1]

    def read_folder(self, folder: Entry) -> tuple[str, list[Entry]]:
        """Return a folder's name and what it holds. Raises ``SourceProblem``."""
        words = {"id": folder.id} | ({"resourcekey": folder.key} if folder.key else {})
        answer = self._get(f"{self._web_url}/embeddedfolderview?{urlencode(words)}")
        text = answer.read().decode("utf-8", "replace")
        page = Page(text)
        if answer.status != 200 or not page.is_folder_view:
            raise problem_of_page(answer, text, f"the folder {folder.name or folder.id}")
        hosts = DRIVE_HOSTS | {host.lower() for host in self.hosts}
        found = [_entry(item.address, item.name, hosts) for item in page.entries if item.name]
        return page.title, [entry for entry in found if entry is not None]

    def open(self, file: RemoteFile, *, start: int, end: int | None, validator: str) -> OpenedBody:
        """See ``Source.open``."""
        place = file.locator

        def ask(headers: dict[str, str]) -> Answer:
            if place.get("document"):
                return self._ask_document(
                    place["document"], place["id"], place["format"], headers, file.path
                )
            return self._ask_file(place["id"], place.get("key", ""), headers, file.path)

        return open_at(ask, start=start, end=end, validator=validator, name=file.path)

    def plain_request(self, file: RemoteFile) -> PlainRequest | None:
        """See ``PlainSource``. Exports are made on demand, and say no length."""
        place = file.locator
        if place.get("document"):
            return None
        url = self._file_url(place["id"], place.get("key", ""))
        return self._transport.plain_request(url, ENGLISH, is_attachment=True)

    def _file_url(self, item_id: str, key: str) -> str:
        url = f"{self._download_url}/download?id={quote(item_id)}&export=download&confirm=t"
        return f"{url}&resourcekey={quote(key)}" if key else url

    def _get(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self._transport.send("GET", url, headers={**ENGLISH, **(headers or {})})

    def _look_at_file(self, link: DriveLink) -> Entry:
        answer = self._ask_file(link.id, link.resource_key, PROBE, f"the file {link.id}")
        answer.close()
        headers = answer.headers
        return Entry(
            "file",
            link.id,
            disposition_name(headers.get("Content-Disposition", "")) or link.id,
            link.resource_key,
            size_bytes=0 if answer.status == 416 else total_of(answer),
            checksum=checksum_of(headers, is_whole=answer.status == 200),
            validator=validator_of(headers),
            modified=headers.get("Last-Modified", ""),
        )

    def _look_at_document(self, link: DriveLink) -> Entry:
        wanted = link.export_format or EXPORTS[link.kind][0]
        answer = self._ask_document(link.kind, link.id, wanted, {}, f"the document {link.id}")
        answer.close()
        name = disposition_name(answer.headers.get("Content-Disposition", ""))
        return Entry(
            link.kind,
            link.id,
            name.removesuffix(f".{wanted}") or link.id,
            link.resource_key,
            export_format=wanted,
        )

    def _ask_file(self, item_id: str, key: str, headers: Mapping[str, str], what: str) -> Answer:
        """Return the reply that carries the file. Raises ``SourceProblem`` for any other."""
        answer = self._get(self._file_url(item_id, key), headers)
        if _is_file(answer):
            return answer
        text = _text(answer, what)
        form = Page(text).download_form()
        if form is None:
            raise problem_of_page(answer, text, what)
        target = urljoin(answer.url, form.action)
        join = "&" if urlsplit(target).query else "?"
        answer = self._get(f"{target}{join}{urlencode(form.inputs)}", headers)
        if _is_file(answer):
            return answer
        raise problem_of_page(answer, _text(answer, what), what)

    def _ask_document(
        self, kind: str, item_id: str, wanted: str, headers: Mapping[str, str], what: str
    ) -> Answer:
        url = f"{self._docs_url}/{kind}/d/{item_id}/export?{urlencode({'format': wanted})}"
        answer = self._get(url, headers)
        if _is_file(answer):
            return answer
        text = _text(answer, what)
        if answer.status == 400:
            raise SourceProblem(
                "native_doc",
                f"Google does not export {what} to {wanted!r}.",
                hint=f"Use a link with export?format=, one of {', '.join(EXPORTS[kind])}.",
            )
        raise problem_of_page(answer, text, what)

    def _resolve(self, link: DriveLink) -> DriveLink | None:
        """Return where the page of an item leads: shortcuts, folders, documents."""
        words = {"id": link.id} | ({"resourcekey": link.resource_key} if link.resource_key else {})
        answer = self._get(f"{self._web_url}/open?{urlencode(words)}")
        answer.close()
        try:
            found = parse_drive_link(answer.url, self.hosts)
        except InvalidInput:
            return None
        if answer.status != 200 or found is None:
            return None
        if found.kind != "any" and (found.id, found.kind) != (link.id, link.kind):
            return found
        folder = Entry("folder", link.id, "", link.resource_key)
        try:
            self.read_folder(folder)
        except SourceProblem:
            return None
        return replace(link, kind="folder")


def _entry(address: str, name: str, hosts: Set[str]) -> Entry | None:
    """Return what an entry of a folder's view names, nothing if it leads out of Drive."""
    try:
        link = read_drive_link(address, hosts)
    except InvalidInput:
        return Entry("other", "", name, why_not="Google does not export this kind")
    if link is None:
        return None
    kind = "file" if link.kind == "any" else link.kind
    return Entry(kind, link.id, name, link.resource_key)


def _is_file(answer: Answer) -> bool:
    """Return whether a reply carries what was asked for, or a range of it that does not exist."""
    if answer.status == 416:
        return not answer.is_web_page
    offered = is_attachment(answer.headers.get("Content-Disposition", ""))
    return answer.status in (200, 206) and offered


def _text(answer: Answer, what: str) -> str:
    """Return the page that came in place of a file. Raises ``SourceProblem`` if it is none."""
    if answer.is_web_page or answer.status >= 400:
        return answer.read().decode("utf-8", "replace")
    answer.close()
    if answer.status >= 500:
        raise trouble(what, answer.status)
    if answer.status == 429:
        raise client_quota(answer)
    raise SourceProblem(
        "web_page",
        f"{place_of(answer.url)[0]} answered with something in place of {what} that is not marked "
        "as a file.",
        hint="Open the link in a private window of your browser to see it.",
    )
